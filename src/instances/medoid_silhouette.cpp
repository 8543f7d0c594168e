#include <corymb/partition/medoid_silhouette.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_MEDOID_SILHOUETTE_INSTANCES(template, float);
CORYMB_MEDOID_SILHOUETTE_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
