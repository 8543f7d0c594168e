#pragma once

#include <corymb/distance/nearest.hpp>
#include <corymb/spectral/detail/landmark_rows.hpp>
#include <corymb/spectral/detail/spectral_clustering_impl.hpp>
#include <corymb/spectral/landmark_spectral_clustering.hpp>

#include <string_view>

CORYMB_BEGIN
namespace detail {

/// In landmark_fit.hpp.
template <class T>
LandmarkSpectralClustering<T> cluster_by_landmarks(std::string_view function, const Points<T>& X, Index k,
                                                   const LandmarkSpectralOptions& options);

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_LANDMARK_INSTANCES(Template, T)                                                           \
  Template LandmarkSpectralClustering<T> cluster_by_landmarks(std::string_view, const Points<T>&, Index, \
                                                              const LandmarkSpectralOptions&)
CORYMB_LANDMARK_INSTANCES(extern template, float);
CORYMB_LANDMARK_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class Derived>
LandmarkSpectralClustering<typename Derived::Scalar> landmark_spectral_clustering(
    const Eigen::DenseBase<Derived>& X, Index k, const LandmarkSpectralOptions& options) {
  constexpr std::string_view function = "landmark_spectral_clustering";
  return detail::cluster_by_landmarks(function, detail::points_of(function, X, options.execution), k, options);
}

template <class T, class Derived>
RowMatrix<double> transform(const LandmarkSpectralClustering<T>& model, const Eigen::DenseBase<Derived>& X_new,
                            const Execution& execution) {
  constexpr std::string_view function = "transform";
  const Points<T> X = detail::points_of(function, X_new, execution);
  detail::check_two(function, X, "X_new", Points<T>(model.landmarks), "landmarks", execution);
  return detail::embed_by_landmarks(function, model, X, static_cast<const detail::AnchorWeights*>(nullptr),
                                    resolve_threads(execution.threads),
                                    detail::ProgressReporter(execution.on_progress));
}

template <class T, class Derived>
Labels predict(const LandmarkSpectralClustering<T>& model, const Eigen::DenseBase<Derived>& X_new,
               const Execution& execution) {
  return nearest(transform(model, X_new, execution), model.centroids, Metric::euclidean, {.threads = execution.threads})
      .labels;
}

CORYMB_END

// A source with the instances elsewhere need not read how they are made.
#if !defined(CORYMB_EXTERN_TEMPLATES)
#include <corymb/spectral/detail/landmark_fit.hpp>
#endif
