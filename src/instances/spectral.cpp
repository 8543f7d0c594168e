#include <corymb/spectral/spectral_clustering.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_EIGENPAIRS_INSTANCES(template);
CORYMB_SPECTRAL_EMBEDDING_INSTANCES(template, float);
CORYMB_SPECTRAL_EMBEDDING_INSTANCES(template, double);
CORYMB_SPECTRAL_CLUSTERING_INSTANCES(template, float);
CORYMB_SPECTRAL_CLUSTERING_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
