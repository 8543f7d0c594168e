#include <corymb/partition/kmedoids.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_KMEDOIDS_INSTANCES(template, float);
CORYMB_KMEDOIDS_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
