#include <corymb/neighbors/nearest_neighbors.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_METRIC_INSTANCES(template, float);
CORYMB_METRIC_INSTANCES(template, double);
CORYMB_NEIGHBORS_INSTANCES(template, float);
CORYMB_NEIGHBORS_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
