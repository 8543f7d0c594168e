#include <corymb/spectral/landmark_spectral_clustering.hpp>
#include <corymb/spectral/spectral_clustering.hpp>

#include <corymb/spectral/detail/embed.hpp>
#include <corymb/spectral/detail/landmark_fit.hpp>
#include <corymb/spectral/detail/spectral_labels.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_EIGENPAIRS_INSTANCES(template);
CORYMB_SPECTRAL_EMBEDDING_INSTANCES(template, float);
CORYMB_SPECTRAL_EMBEDDING_INSTANCES(template, double);
CORYMB_SPECTRAL_CLUSTERING_INSTANCES(template, float);
CORYMB_SPECTRAL_CLUSTERING_INSTANCES(template, double);
CORYMB_LANDMARK_INSTANCES(template, float);
CORYMB_LANDMARK_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
