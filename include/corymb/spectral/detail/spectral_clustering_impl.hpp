#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/spectral/detail/spectral_embedding_impl.hpp>
#include <corymb/spectral/spectral_clustering.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Numbers labels by their first row; negative ones stay.
inline void number_by_first_row(Labels& labels, Index k) {
  std::vector<std::int32_t> number(static_cast<std::size_t>(k), -1);
  std::int32_t next = 0;
  for (std::int32_t& label : labels) {
    if (label < 0) continue;
    std::int32_t& to = number[static_cast<std::size_t>(label)];
    if (to < 0) to = next++;
    label = to;
  }
}

/// The clusters of an embedding; rows put aside get −1.
inline SpectralClustering cluster(std::string_view function, SpectralEmbedding embedded, Index k,
                                  const SpectralOptions& options) {
  const Index n = embedded.component.size();
  SpectralClustering result;
  result.k = k;
  result.eigenvalues = std::move(embedded.eigenvalues);
  result.residuals = std::move(embedded.residuals);
  result.component = std::move(embedded.component);
  result.components = embedded.components;
  result.status = embedded.status;
  result.iterations = embedded.iterations;
  result.laplacian = options.laplacian;
  result.embedding = std::move(embedded.eigenvectors);
  result.row_scales = Vector::Ones(n);
  if (options.laplacian == Laplacian::symmetric)
    for (Index i = 0; i < n; ++i) {
      const double norm = result.embedding.row(i).norm();
      if (!(norm > 0)) continue;
      result.embedding.row(i) /= norm;
      // New rows are averaged from eigenvectors of the random walk.
      result.row_scales[i] = (embedded.degrees[i] > 0 ? std::sqrt(embedded.degrees[i]) : 1) / norm;
    }

  std::vector<Index> kept;
  for (Index i = 0; i < n; ++i)
    if (result.component[i] >= 0) kept.push_back(i);
  if (result.components >= k) {  // as many clusters as components: there is nothing to find
    result.labels = result.component;
  } else {
    const bool all = static_cast<Index>(kept.size()) == n;
    const Labels of_kept = cluster_embedding(
        function, all ? result.embedding : gather_rows(Points<double>(result.embedding), kept), k, options);
    result.labels = Labels::Constant(n, -1);
    for (std::size_t i = 0; i < kept.size(); ++i) result.labels[kept[i]] = of_kept[static_cast<Index>(i)];
  }
  number_by_first_row(result.labels, k);

  result.centroids = RowMatrix<double>::Zero(k, k);
  Vector sizes = Vector::Zero(k);
  for (const Index i : kept) {
    result.centroids.row(result.labels[i]) += result.embedding.row(i);
    ++sizes[result.labels[i]];
  }
  for (Index c = 0; c < k; ++c)
    if (sizes[c] > 0) result.centroids.row(c) /= sizes[c];
  return result;
}

/// Gives rows put aside the label of the nearest row that is not.
template <class T>
void label_rows_aside(SpectralClustering& result, const Points<T>& X, const PointAffinity& chosen,
                      const Execution& execution) {
  std::vector<Index> kept, aside;
  for (Index i = 0; i < X.rows(); ++i) (result.labels[i] >= 0 ? kept : aside).push_back(i);
  if (aside.empty()) return;
  const Metric metric = chosen.affinity == Affinity::cosine ? Metric::cosine : chosen.metric;
  const auto near = nearest_neighbors(gather_rows(X, kept), gather_rows(X, aside), 1,
                                      {.metric = metric, .execution = {.threads = execution.threads}});
  for (std::size_t i = 0; i < aside.size(); ++i)
    result.labels[aside[i]] = result.labels[kept[static_cast<std::size_t>(near.indices(static_cast<Index>(i), 0))]];
  number_by_first_row(result.labels, result.k);
}

inline void remember(SpectralClustering& result, const PointAffinity& chosen, const SpectralOptions& options) {
  result.of_points = true;
  result.affinity = chosen.affinity;
  result.metric = options.metric;
  result.gamma = chosen.gamma;
  result.neighbors = chosen.neighbors;
  result.edges = chosen.edges;
}

template <class T>
SpectralClustering cluster_points(std::string_view function, const Points<T>& X, Index k,
                                  const SpectralOptions& options) {
  const ProgressReporter progress(options.execution.on_progress);
  return with_checked_points(
      function, X, "k", k, options, progress, [&](const AffinityOperator& affinity, const PointAffinity& chosen) {
        SpectralClustering result = cluster(function, embed(function, affinity, k, options, progress), k, options);
        label_rows_aside(result, X, chosen, options.execution);
        remember(result, chosen, options);
        return result;
      });
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_SPECTRAL_CLUSTERING_INSTANCES(Template, T) \
  Template SpectralClustering cluster_points(std::string_view, const Points<T>&, Index, const SpectralOptions&)
CORYMB_SPECTRAL_CLUSTERING_INSTANCES(extern template, float);
CORYMB_SPECTRAL_CLUSTERING_INSTANCES(extern template, double);
#endif

// ---- choosing k ----

inline void check_range(std::string_view function, Index n, KRange range) {
  if (range.first < 1 || range.last < range.first || range.last >= n)
    reject(function, "range = [" + to_text(range.first) + ", " + to_text(range.last) +
                         "] must be within [1, n − 1 = " + to_text(n - 1) + "], its first not above its last");
}

/// @param others  what is done with the clustering, such as label_rows_aside
template <class Others>
SpectralSelection select_by_gap(std::string_view function, const AffinityOperator& affinity, KRange range,
                                const SpectralOptions& options, const ProgressReporter& progress,
                                const Others& others) {
  SpectralEmbedding embedded = embed(function, affinity, range.last + 1, options, progress);
  SpectralSelection selection;
  selection.eigenvalues = embedded.eigenvalues;
  selection.k = range.first;
  const auto gap = [&](Index k) { return embedded.eigenvalues[k] - embedded.eigenvalues[k - 1]; };
  for (Index k = range.first + 1; k <= range.last; ++k)
    if (gap(k) > gap(selection.k)) selection.k = k;
  const Index k = selection.k;
  if (embedded.components > k) embedded = embed(function, affinity, k, options, progress);  // which are the largest
  embedded.eigenvalues.conservativeResize(k);
  embedded.residuals.conservativeResize(k);
  embedded.eigenvectors = embedded.eigenvectors.leftCols(k).eval();
  selection.best = cluster(function, std::move(embedded), k, options);
  others(selection.best);
  return selection;
}

// ---- prediction ----

/// Embedded rows of points from their affinities to rows of the fit.
class Extension {
 public:
  explicit Extension(const SpectralClustering& result) : result_(result) {}

  Eigen::RowVectorXd zero() const { return Eigen::RowVectorXd::Zero(result_.k); }

  /// What row j of the fit adds per affinity: the eigenvectors of the random walk; nothing where it was put aside.
  bool counts(Index j) const { return result_.component[j] >= 0; }
  void add(Index j, double affinity, Eigen::RowVectorXd& sum) const {
    sum += affinity / result_.row_scales[j] * result_.embedding.row(j);
  }

  /// The cluster of a point.
  /// @param sum     Σ of what was added
  /// @param degree  Σ of the affinities that were, > 0
  std::int32_t label(Eigen::RowVectorXd sum, double degree) const {
    for (Index c = 0; c < result_.k; ++c) {
      const double value = result_.eigenvalues[c];
      const double rest = result_.laplacian == Laplacian::unnormalized ? degree - value : degree * (1 - value);
      // Beyond, the equation has no solution that is an average.
      sum[c] /= rest > 1e-6 * degree ? rest : degree;
    }
    if (result_.laplacian == Laplacian::symmetric && sum.norm() > 0) sum /= sum.norm();
    Index best = 0;
    (result_.centroids.rowwise() - sum).rowwise().squaredNorm().minCoeff(&best);
    return static_cast<std::int32_t>(best);
  }

 private:
  const SpectralClustering& result_;
};

/// Labels new rows by their affinities to rows of the fit.
class RowPrediction {
 public:
  RowPrediction(const SpectralClustering& result, const std::vector<bool>& settled, Labels& labels)
      : extension_(result), settled_(settled), labels_(labels) {}

  /// @param affinities  affinities(use) calls use(j, affinity) for the rows of the fit
  template <class Affinities>
  void operator()(Index i, const Affinities& affinities) const {
    if (settled_[static_cast<std::size_t>(i)]) return;
    Eigen::RowVectorXd sum = extension_.zero();
    double degree = 0;
    affinities([&](Index j, double affinity) {
      if (!(affinity > 0) || !extension_.counts(j)) return;
      extension_.add(j, affinity, sum);
      degree += affinity;
    });
    if (degree > 0) labels_[i] = extension_.label(sum, degree);
  }

 private:
  Extension extension_;
  const std::vector<bool>& settled_;
  Labels& labels_;
};

template <class T>
void predict_by_all(std::string_view function, const Points<T>& X, const Points<T>& Q, const PointAffinity& chosen,
                    const Vector& x_factors, const Vector& q_factors, int threads, const RowPrediction& label) {
  struct Worker {
    Scratch<T> values;
    Scratch<double> sums;
    ValuesScratch scratch;
  };
  std::vector<Worker> workers(static_cast<std::size_t>(threads));
  const Index n = X.rows(), grain = rows_per_block(n), tasks = (Q.rows() + grain - 1) / grain;
  with_affinity_values(function, Q, X, "X_new", "X_train", chosen, q_factors, x_factors, threads,
                       [&](const auto& affinities) {
                         parallel_for(threads, tasks, [&](Index task, int w) {
                           Worker& worker = workers[static_cast<std::size_t>(w)];
                           const Index first = task * grain, last = std::min(first + grain, Q.rows());
                           T* values = worker.values.reserve(grain * n);
                           affinities(first, last, values, worker.sums.reserve(grain), worker.scratch);
                           for (Index i = first; i < last; ++i)
                             label(i, [&](const auto& use) {
                               for (Index j = 0; j < n; ++j) use(j, static_cast<double>(values[(i - first) * n + j]));
                             });
                         });
                       });
}

/// @param x_near  the neighbours that the rows of the fit have among themselves
template <class T>
void predict_by_neighbors(const NearestManyResult<T>& x_near, const NearestManyResult<T>& q_near,
                          const PointAffinity& chosen, int threads, const RowPrediction& label) {
  const bool scaled = chosen.edges == EdgeAffinity::self_tuning;
  const Vector x_factors = scaled ? per_scale(x_near.distances) : Vector();
  const Vector q_factors = scaled ? per_scale(q_near.distances) : Vector();
  const Index last = x_near.distances.cols() - 1;
  const Chunks chunks(q_near.indices.rows());
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
      label(i, [&](const auto& use) {
        for (Index c = 0; c < q_near.indices.cols(); ++c) {
          const Index j = q_near.indices(i, c);
          const double distance = static_cast<double>(q_near.distances(i, c));
          const bool mutual = q_near.distances(i, c) <= x_near.distances(j, last);
          const double share = mutual ? 1 : chosen.affinity == Affinity::knn ? 0.5 : 0;
          use(j, scaled ? share * std::exp(-distance * distance * q_factors[i] * x_factors[j]) : share);
        }
      });
  });
}

}  // namespace detail

template <class Derived>
SpectralClustering spectral_clustering(const Eigen::DenseBase<Derived>& X, Index k, const SpectralOptions& options) {
  constexpr std::string_view function = "spectral_clustering";
  return detail::cluster_points(function, detail::points_of(function, X, options.execution), k, options);
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    SpectralClustering spectral_clustering(const Eigen::DenseBase<Derived>& X, Index k, const Callable& f,
                                           const SpectralOptions& options) {
  constexpr std::string_view function = "spectral_clustering";
  const detail::ProgressReporter progress(options.execution.on_progress);
  return detail::with_checked_callable(
      function, detail::points_of(function, X, options.execution), f, "k", k, options, progress,
      [&](const detail::AffinityOperator& affinity) {
        return detail::cluster(function, detail::embed(function, affinity, k, options, progress), k, options);
      });
}

template <class T>
SpectralClustering spectral_clustering(const AffinityMatrix<T>& W, Index k, const SpectralOptions& options) {
  constexpr std::string_view function = "spectral_clustering";
  const detail::ProgressReporter progress(options.execution.on_progress);
  return detail::with_matrix_operator(function, W, "k", k, options, [&](const detail::AffinityOperator& affinity) {
    return detail::cluster(function, detail::embed(function, affinity, k, options, progress), k, options);
  });
}

template <class T, class StorageIndex>
SpectralClustering spectral_clustering(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W, Index k,
                                       const SpectralOptions& options) {
  constexpr std::string_view function = "spectral_clustering";
  const detail::ProgressReporter progress(options.execution.on_progress);
  return detail::with_graph_operator(function, W, "k", k, options, [&](const detail::AffinityOperator& affinity) {
    return detail::cluster(function, detail::embed(function, affinity, k, options, progress), k, options);
  });
}

template <class Derived>
SpectralSelection select_spectral_clustering(const Eigen::DenseBase<Derived>& X, KRange range,
                                             const SpectralOptions& options) {
  constexpr std::string_view function = "select_spectral_clustering";
  const detail::ProgressReporter progress(options.execution.on_progress);
  detail::check_range(function, X.rows(), range);
  const auto points = detail::points_of(function, X, options.execution);
  return detail::with_checked_points(
      function, points, "range.last + 1", range.last + 1, options, progress,
      [&](const detail::AffinityOperator& affinity, const detail::PointAffinity& chosen) {
        return detail::select_by_gap(function, affinity, range, options, progress, [&](SpectralClustering& result) {
          detail::label_rows_aside(result, points, chosen, options.execution);
          detail::remember(result, chosen, options);
        });
      });
}

template <class T>
SpectralSelection select_spectral_clustering(const AffinityMatrix<T>& W, KRange range, const SpectralOptions& options) {
  constexpr std::string_view function = "select_spectral_clustering";
  const detail::ProgressReporter progress(options.execution.on_progress);
  detail::check_range(function, W.size(), range);
  return detail::with_matrix_operator(
      function, W, "range.last + 1", range.last + 1, options, [&](const detail::AffinityOperator& affinity) {
        return detail::select_by_gap(function, affinity, range, options, progress, [](SpectralClustering&) {});
      });
}

template <class T, class StorageIndex>
SpectralSelection select_spectral_clustering(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W,
                                             KRange range, const SpectralOptions& options) {
  constexpr std::string_view function = "select_spectral_clustering";
  const detail::ProgressReporter progress(options.execution.on_progress);
  detail::check_range(function, W.rows(), range);
  return detail::with_graph_operator(
      function, W, "range.last + 1", range.last + 1, options, [&](const detail::AffinityOperator& affinity) {
        return detail::select_by_gap(function, affinity, range, options, progress, [](SpectralClustering&) {});
      });
}

template <class DerivedX, class DerivedQ>
Labels predict(const SpectralClustering& result, const Eigen::DenseBase<DerivedX>& X_train,
               const Eigen::DenseBase<DerivedQ>& X_new, const Execution& execution) {
  using T = typename DerivedX::Scalar;
  constexpr std::string_view function = "predict";
  const Points<T> X = detail::points_of(function, X_train, execution),
                  Q = detail::points_of(function, X_new, execution);
  detail::check_two(function, X, "X_train", Q, "X_new", execution);
  if (X.rows() != result.labels.size())
    detail::reject(function, "X_train has " + detail::to_text(X.rows()) + " rows, the fit had " +
                                 detail::to_text(result.labels.size()));
  if (!result.of_points)
    detail::reject(function, "result is of affinities that were given; only those of points are known for new rows");
  Labels labels(Q.rows());
  if (Q.rows() == 0) return labels;
  const int threads = resolve_threads(execution.threads);
  const detail::PointAffinity chosen{result.affinity, result.metric.value_or(Metric::euclidean), result.gamma,
                                     result.neighbors, result.edges};
  const Metric metric = chosen.affinity == Affinity::cosine ? Metric::cosine : chosen.metric;
  const bool has_neighbors = detail::uses_neighbors(chosen.affinity);
  const auto near = nearest_neighbors(X_train, X_new, has_neighbors ? chosen.neighbors : 1,
                                      {.metric = metric, .execution = execution});
  const NearestManyResult<T> x_near =
      has_neighbors ? detail::neighbors_of(X, chosen, execution) : NearestManyResult<T>();
  std::vector<bool> settled(static_cast<std::size_t>(Q.rows()), false);  // it equals a row of the fit, the lowest such
  for (Index i = 0; i < Q.rows(); ++i) {
    const Index j = near.indices(i, 0);
    labels[i] = result.labels[j];  // also where there is no affinity
    settled[static_cast<std::size_t>(i)] = std::equal(Q.row(i), Q.row(i) + Q.cols(), X.row(j));
  }
  const detail::RowPrediction label(result, settled, labels);
  if (detail::is_sparse(chosen.affinity)) {
    detail::predict_by_neighbors(x_near, near, chosen, threads, label);
  } else {
    const bool scaled = chosen.affinity == Affinity::self_tuning;
    detail::predict_by_all(function, X, Q, chosen, scaled ? detail::per_scale(x_near.distances) : Vector(),
                           scaled ? detail::per_scale(near.distances) : Vector(), threads, label);
  }
  return labels;
}

CORYMB_END
