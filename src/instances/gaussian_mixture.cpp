#include <corymb/mixture/detail/mixture_fit.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_MIXTURE_INSTANCES(template, float);
CORYMB_MIXTURE_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
