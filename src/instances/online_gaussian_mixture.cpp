#include <corymb/mixture/detail/online_fit.hpp>

CORYMB_BEGIN

CORYMB_ONLINE_MIXTURE_INSTANCES(template, float);
CORYMB_ONLINE_MIXTURE_INSTANCES(template, double);

CORYMB_END
