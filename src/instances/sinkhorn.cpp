#include <corymb/transport/sinkhorn.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_SINKHORN_INSTANCES(template, float);
CORYMB_SINKHORN_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
