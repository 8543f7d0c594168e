#pragma once

#include <corymb/core/detail/matrix_view.hpp>
#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/spectral/detail/affinity_values.hpp>
#include <corymb/spectral/landmark_spectral_clustering.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Affinities of points to their nearest landmarks: weights that add up to one.
struct AnchorWeights {
  RowMatrix<std::int32_t> landmark;  ///< n × nearest
  RowMatrix<double> weight;          ///< n × nearest
};

/// @param gamma  empty: it is chosen by the mean distance, and given back
template <class T>
AnchorWeights anchor_weights(const Points<T>& X, const RowMatrix<T>& landmarks, Index nearest,
                             std::optional<double>& gamma, int threads) {
  NearestManyResult<T> near = nearest_many(matrix_view(X), landmarks, nearest, Metric::euclidean, {.threads = threads});
  const Index n = X.rows();
  const Chunks chunks(n);
  if (!gamma) {
    const double sum = parallel_sum(threads, chunks, 0.0, [&](Index begin, Index end) {
      return near.distances.middleRows(begin, end - begin).template cast<double>().sum();
    });
    const double mean = sum / static_cast<double>(n * nearest);
    gamma = mean > 0 ? 1 / (2 * mean * mean) : 1;
  }
  AnchorWeights result{std::move(near.indices), RowMatrix<double>(n, nearest)};
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      // Relative to the nearest one, so that a point far from all landmarks has weights too.
      const double least = static_cast<double>(near.distances(i, 0));
      double sum = 0;
      for (Index c = 0; c < nearest; ++c) {
        const double distance = static_cast<double>(near.distances(i, c));
        result.weight(i, c) = std::exp(-*gamma * (distance - least) * (distance + least));
        sum += result.weight(i, c);
      }
      result.weight.row(i) /= sum;
    }
  });
  return result;
}

/// Calls use(first, last, affinities, worker) for blocks of rows: their rbf affinities to all landmarks, in double.
template <class T, class Use>
void for_nystrom_rows(std::string_view function, const Points<T>& X, const RowMatrix<T>& landmarks, double gamma,
                      int threads, Index grain, const ProgressReporter& progress, const Use& use) {
  const Points<T> L(landmarks);
  const Index m = L.rows(), tasks = (X.rows() + grain - 1) / grain;
  const GaussianAffinities<T> affinities(MetricValues<T>(function, X, L, Metric::euclidean, "X", "landmarks", threads),
                                         true, Vector::Constant(X.rows(), gamma), Vector::Ones(m));
  struct Worker {
    Scratch<T> values;
    Scratch<double> wide;
    Scratch<double> sums;
    ValuesScratch scratch;
  };
  std::vector<Worker> workers(static_cast<std::size_t>(threads));
  reported_tasks(function, "landmarks", progress, threads, tasks, [&](Index task, int w) {
    Worker& worker = workers[static_cast<std::size_t>(w)];
    const Index first = task * grain, last = std::min(first + grain, X.rows());
    T* values = worker.values.reserve(grain * m);
    affinities(first, last, values, worker.sums.reserve(grain), worker.scratch);
    double* wide = worker.wide.reserve(grain * m);
    std::copy_n(values, (last - first) * m, wide);
    use(first, last, Eigen::Map<const RowMatrix<double>>(wide, last - first, m), w);
  });
}

/// The embedding of points, see LandmarkSpectralClustering::projection.
template <class T>
RowMatrix<double> embed_by_landmarks(std::string_view function, const LandmarkSpectralClustering<T>& model,
                                     const Points<T>& X, const AnchorWeights* known_weights, int threads,
                                     const ProgressReporter& progress) {
  const Index n = X.rows(), k = model.projection.cols();
  RowMatrix<double> result(n, k);
  if (n == 0) return result;
  if (model.method == LandmarkMethod::anchor_graph) {
    std::optional<double> gamma = model.gamma;
    AnchorWeights found;
    if (known_weights == nullptr) found = anchor_weights(X, model.landmarks, model.nearest, gamma, threads);
    const AnchorWeights& weights = known_weights != nullptr ? *known_weights : found;
    const Chunks chunks(n);
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
        result.row(i).setZero();
        for (Index c = 0; c < weights.weight.cols(); ++c)
          result.row(i) += weights.weight(i, c) * model.projection.row(weights.landmark(i, c));
      }
    });
    return result;
  }
  // Of a point too far from all landmarks: that of the nearest one.
  const auto nearest_affinities = [&](Index i) {
    const NearestResult<T> near = nearest(Eigen::Map<const RowMatrix<T>>(X.row(i), 1, X.cols()), model.landmarks,
                                          Metric::euclidean, {.threads = 1});
    const auto landmark = model.landmarks.row(near.labels[0]);
    return Eigen::RowVectorXd(
        (-model.gamma * (model.landmarks.rowwise() - landmark).template cast<double>().rowwise().squaredNorm().array())
            .exp()
            .matrix()
            .transpose());
  };
  for_nystrom_rows(function, X, model.landmarks, model.gamma, threads, 64, progress,
                   [&](Index first, Index last, const auto& affinities, int) {
                     one_thread([&] {
                       result.middleRows(first, last - first).noalias() = affinities * model.projection;
                       const Vector degrees = affinities * model.degree_weights;
                       for (Index i = first; i < last; ++i) {
                         const double degree = degrees[i - first];
                         if (degree > 1e-9 * affinities.row(i - first).sum() && degree > 0) {
                           result.row(i) /= degree;
                         } else {
                           const Eigen::RowVectorXd of_nearest = nearest_affinities(i);
                           result.row(i) = of_nearest * model.projection;
                           result.row(i) /= of_nearest.dot(model.degree_weights.transpose());
                         }
                       }
                     });
                   });
  return result;
}

}  // namespace detail
CORYMB_END
