#include <corymb/preprocess/pca.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_PCA_INSTANCES(template, float);
CORYMB_PCA_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
