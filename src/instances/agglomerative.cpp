#include <corymb/hierarchy/agglomerative.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_AGGLOMERATIVE_INSTANCES(template, float);
CORYMB_AGGLOMERATIVE_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
