#include <corymb/density/dbscan.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_DBSCAN_INSTANCES(template, float);
CORYMB_DBSCAN_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
