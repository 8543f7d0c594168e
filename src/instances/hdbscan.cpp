#include <corymb/density/hdbscan.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_HDBSCAN_INSTANCES(template, float);
CORYMB_HDBSCAN_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
