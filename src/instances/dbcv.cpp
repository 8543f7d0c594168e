#include <corymb/validity/dbcv.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_DBCV_INSTANCES(template, float);
CORYMB_DBCV_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
