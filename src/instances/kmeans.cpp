#include <corymb/partition/kmeans.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_KMEANS_INSTANCES(template, float);
CORYMB_KMEANS_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
