#include <corymb/mixture/detail/variational_fit.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_VARIATIONAL_INSTANCES(template, float);
CORYMB_VARIATIONAL_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
