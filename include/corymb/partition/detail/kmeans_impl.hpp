#pragma once

#include <corymb/core/detail/chunk_pieces.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/detail/best_of_restarts.hpp>
#include <corymb/partition/detail/check_options.hpp>
#include <corymb/partition/detail/finder_choice.hpp>
#include <corymb/partition/detail/hartigan_wong.hpp>
#include <corymb/partition/detail/lloyd.hpp>
#include <corymb/partition/detail/row_passes.hpp>
#include <corymb/partition/detail/seeding.hpp>
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

CORYMB_BEGIN
namespace detail {

inline constexpr int most_polishes = 20;       // times that single moves and Lloyd's iterations take turns
inline constexpr int single_move_passes = 20;  // over the rows, before Lloyd's turn

inline void check_kmeans_options(std::string_view function, Index n, Index k, bool start_is_given,
                                 const KMeansOptions& options) {
  require_threads(function, options.execution.threads);
  check_restarts(function, options.restarts, start_is_given);
  check_max_iterations(function, options.max_iterations);
  if (!(options.tolerance >= 0) || std::isinf(options.tolerance))
    reject(function, "tolerance = " + to_text(options.tolerance) + " must be finite and ≥ 0");
  if (options.seeding_rounds < 1)
    reject(function, "seeding_rounds = " + to_text(options.seeding_rounds) + " must be ≥ 1");
  if (!(options.oversampling > 0) || std::isinf(options.oversampling))
    reject(function, "oversampling = " + to_text(options.oversampling) + " must be finite and > 0");
  if (options.chain_length < 1) reject(function, "chain_length = " + to_text(options.chain_length) + " must be ≥ 1");
  check_k(function, "rows", n, k, options.weights);
  check_numbers(function, "initial_rows", "row", options.initial_rows, n, k);
}

/// Mean over the columns of their (weighted) variance: what the tolerance is relative to. In two passes, so that an
/// offset of the data does not cancel the variance away.
/// @param see  called with each slab, and the number of its first row, before the slab is used for the first time.
template <class T, class See>
double mean_column_variance(RowPasses<T>& rows, const double* weight, int threads, const See& see) {
  const Index d = rows.cols();
  const auto weights_from = [&](Index first) { return weight != nullptr ? weight + first : nullptr; };
  SlabSums sums(SumsPlan(rows.rows(), d, 1));
  ClusterSums total{RowMatrix<double>::Zero(1, d), Vector::Zero(1)};
  sums.begin(total);
  rows.for_each([&](const Points<T>& slab, Index first) {
    see(slab, first);
    sums.add(slab, first, nullptr, weights_from(first), threads, total);
  });
  sums.end(threads, total);
  const Vector mean = total.sums.row(0).transpose() / total.weights[0];
  SlabSum squares(rows.rows());
  rows.for_each([&](const Points<T>& slab, Index first) {
    const double* slab_weight = weights_from(first);
    squares.add(first, slab.rows(), threads, [&](Index begin, Index end, double* value) {
      for (Index i = begin; i < end; ++i) {
        double row = 0;
        for (Index j = 0; j < d; ++j) {
          const double difference = static_cast<double>(slab(i, j)) - mean[j];
          row += difference * difference;
        }
        value[i - begin] = (slab_weight != nullptr ? slab_weight[i] : 1.0) * row;
      }
    });
  });
  return squares.total() / total.weights[0] / static_cast<double>(d);
}

template <class T>
double mean_column_variance(const Points<T>& X, const double* weight, int threads) {
  RowPasses<T> rows(X);
  return mean_column_variance(rows, weight, threads, [](const Points<T>&, Index) {});
}

/// The iterations of a run, by what `choice` finds nearest centroids with (null: all distances are computed; not null
/// needs rows in memory), and the single moves.
template <class T>
KMeansResult<T> run_lloyd(Lloyd<T>& lloyd, RowPasses<T>& rows, const double* weight, double allowed_movement,
                          int threads, const KMeansOptions& options, FinderChoice<T>* choice,
                          const ProgressReporter& progress) {
  if (choice != nullptr) choice->begin_run(lloyd);
  int polished = 0;
  bool cancelled = false;
  const auto polish = [&] {
    if (!options.single_moves || rows.points() == nullptr || polished++ == most_polishes) return false;
    const auto go_on = [&] {
      return !(cancelled = cancelled || !progress("single moves", polished, most_polishes, not_a_number));
    };
    if (move_single_points(*rows.points(), lloyd.k(), weight, threads, single_move_passes, go_on, lloyd.labels()) == 0)
      return false;
    lloyd.follow_labels();
    if (cancelled) lloyd.assign();
    return !cancelled;
  };
  const auto between = [&](Index changed) {
    if (choice != nullptr) choice->reconsider(lloyd, changed);
  };
  KMeansResult<T> result = iterate<T>(lloyd, allowed_movement, options, progress, between, polish);
  if (cancelled) result.status = Status::cancelled;
  return result;
}

/// Bytes that a fit needs beyond the data, without what `automatic` may take in addition.
template <class T>
double kmeans_memory(Index n, Index d, Index k, const KMeansOptions& options) {
  const double labels = 2.0 * static_cast<double>(n) * sizeof(std::int32_t);
  const double centroids = 4 * static_cast<double>(k) * static_cast<double>(d + 2) * sizeof(double);
  const double finder =
      options.algorithm == KMeansAlgorithm::automatic ? 0.0 : FinderChoice<T>::memory(n, d, k, options.algorithm);
  const double moves = options.single_moves ? single_moves_memory(n, d, k) : 0.0;
  return labels + centroids + std::max(seeding_memory<T>(n, d, k, options), SumsPlan::memory(n, d, k) + finder + moves);
}

/// Bytes that a fit needs where the rows are not in memory: the labels of two runs, or of one and what seeding needs,
/// the sums, and the slabs with what is known of their rows.
template <class T>
double streamed_kmeans_memory(Index n, Index d, Index k, Index slab_rows, double slabs, const KMeansOptions& options) {
  const double rows = static_cast<double>(n);
  const double labels = (options.restarts > 1 ? 2.0 : 1.0) * rows * sizeof(std::int32_t);
  const double centroids = 6 * static_cast<double>(k) * static_cast<double>(d + 2) * sizeof(double);
  const bool seeds = options.initial_rows.empty();
  const SumsPlan plan(n, d, k);
  const double partial = plan.grouped() ? 0.0 : SumsPlan::memory(n, d, k);
  const double of_slab = static_cast<double>(std::min(slab_rows, n)) * (sizeof(Index) + 2 * sizeof(double));
  return labels + centroids + slabs + std::max(seeds ? seeding_memory<T>(n, d, k, options) : 0.0, partial + of_slab);
}

/// All restarts. `given`: centroids to start from, or null. `see` as for mean_column_variance.
template <class T, class See>
KMeansResult<T> kmeans_rows(RowPasses<T>& rows, Index k, const RowMatrix<T>* given, const KMeansOptions& options,
                            const See& see) {
  const int threads = resolve_threads(options.execution.threads);
  const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
  double allowed_movement = 0;
  if (options.tolerance > 0)
    allowed_movement = options.tolerance * mean_column_variance(rows, weight, threads, see);
  else
    rows.for_each(see);

  std::optional<FinderChoice<T>> choice;
  if (rows.points() != nullptr) {
    const double taken =
        kmeans_memory<T>(rows.rows(), rows.cols(), k, options) + matrix_bytes<T>(rows.rows(), rows.cols());
    choice.emplace(*rows.points(), k, options, threads, taken);
  }
  const auto gather = [&](const std::vector<Index>& numbers) { return rows.gather(numbers); };
  const auto seed = [&](Random& random, const std::function<bool(Index)>& step) {
    return seed_rows(rows, k, options, weight, threads, random, step);
  };
  const auto begin = [&](RowMatrix<T> centroids) { return Lloyd<T>(rows, std::move(centroids), weight, threads); };
  const auto carry_out = [&](Lloyd<T>& lloyd, const ProgressReporter& progress) {
    return run_lloyd(lloyd, rows, weight, allowed_movement, threads, options, choice ? &*choice : nullptr, progress);
  };
  return best_of_restarts<T>(rows.rows(), k, given, options, FitParts{gather, seed, begin, carry_out});
}

/// The same for rows in memory, which are checked already.
template <class T>
KMeansResult<T> kmeans_points(const Points<T>& X, Index k, const RowMatrix<T>* given, const KMeansOptions& options) {
  RowPasses<T> rows(X);
  return kmeans_rows(rows, k, given, options, [](const Points<T>&, Index) {});
}

/// The same for rows in slabs of `slab_rows`, which their first pass checks; everything else is checked before.
template <class T>
KMeansResult<T> kmeans_streamed(const RowSource<T>& source, Index k, const RowMatrix<T>* given, Index slab_rows,
                                const KMeansOptions& options) {
  constexpr std::string_view function = "kmeans";
  require_columns(function, source.cols(), "rows");
  check_kmeans_options(function, source.rows(), k, given != nullptr || !options.initial_rows.empty(), options);
  if (options.algorithm != KMeansAlgorithm::automatic && options.algorithm != KMeansAlgorithm::lloyd)
    reject(function,
           "algorithm must be automatic or lloyd for a RowSource; the others need all rows in memory, as a matrix");
  if (options.single_moves)
    reject(function, "single_moves must be false for a RowSource; it needs all rows in memory, as a matrix");
  RowPasses<T> rows(source, slab_rows);
  require_memory(function, streamed_kmeans_memory<T>(source.rows(), source.cols(), k, slab_rows, rows.bytes(), options),
                 options.execution.memory_limit, "use KMeansInit::random, fewer restarts or fewer clusters");
  const int threads = resolve_threads(options.execution.threads);
  return kmeans_rows(rows, k, given, options,
                     [&](const Points<T>& slab, Index first) { check_points(function, slab, threads, "rows", first); });
}

// A program of many sources need not compile the fits in each of them: with CORYMB_EXTERN_TEMPLATES it has one source
// that instantiates them (src/instances/kmeans.cpp).
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_KMEANS_INSTANCES(Template, T)                                                                  \
  Template KMeansResult<T> kmeans_points(const Points<T>&, Index, const RowMatrix<T>*, const KMeansOptions&); \
  Template KMeansResult<T> kmeans_streamed(const RowSource<T>&, Index, const RowMatrix<T>*, Index, const KMeansOptions&)
CORYMB_KMEANS_INSTANCES(extern template, float);
CORYMB_KMEANS_INSTANCES(extern template, double);
#endif

/// Centroids that a user gives as a start, checked.
template <class T, class DerivedC>
RowMatrix<T> check_initial_centroids(const Eigen::DenseBase<DerivedC>& initial_centroids, std::string_view data,
                                     Index cols, const KMeansOptions& options) {
  const Points<T> start(initial_centroids);
  if (!options.initial_rows.empty())
    reject("kmeans", "initial_rows and initial_centroids are both given; one start is needed");
  require_same_columns("kmeans", "initial_centroids", start.cols(), data, cols);
  check_points("kmeans", start, 1, "initial_centroids");
  return initial_centroids;
}

/// Checks everything, what is cheap first, and returns the view of X.
template <class Derived>
Points<typename Derived::Scalar> check_kmeans(const Eigen::DenseBase<Derived>& X, Index k, bool start_is_given,
                                              const KMeansOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "kmeans";
  require_columns(function, X.cols());
  check_kmeans_options(function, X.rows(), k, start_is_given, options);
  require_memory(function, packed_bytes(X) + kmeans_memory<T>(X.rows(), X.cols(), k, options),
                 options.execution.memory_limit,
                 "use KMeansAlgorithm::lloyd, fewer clusters, float instead of double, or row-major data");
  Points<T> points(X);
  check_points(function, points, resolve_threads(options.execution.threads));
  return points;
}

template <class T, class Derived>
Points<T> check_model(std::string_view function, const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                      const Execution& execution) {
  if (model.centroids.rows() < 1) reject(function, "the model has no centroids");
  Points<T> X = points_of(function, X_new, execution);
  require_same_columns(function, "X_new", X.cols(), "the model", model.centroids.cols());
  return X;
}

}  // namespace detail

template <class Derived>
KMeansResult<typename Derived::Scalar> kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                              const KMeansOptions& options) {
  using T = typename Derived::Scalar;
  const Points<T> points = detail::check_kmeans(X, k, !options.initial_rows.empty(), options);
  return detail::kmeans_points<T>(points, k, nullptr, options);
}

template <class Derived, class DerivedC>
KMeansResult<typename Derived::Scalar> kmeans(const Eigen::DenseBase<Derived>& X,
                                              const Eigen::DenseBase<DerivedC>& initial_centroids,
                                              const KMeansOptions& options) {
  using T = typename Derived::Scalar;
  const Points<T> points = detail::check_kmeans(X, initial_centroids.rows(), true, options);
  const RowMatrix<T> centroids = detail::check_initial_centroids<T>(initial_centroids, "X", points.cols(), options);
  return detail::kmeans_points<T>(points, centroids.rows(), &centroids, options);
}

template <class T>
KMeansResult<T> kmeans(const RowSource<T>& rows, Index k, const KMeansOptions& options) {
  return detail::kmeans_streamed<T>(rows, k, nullptr, detail::slab_rows<T>(rows.cols()), options);
}

template <class T, class DerivedC>
KMeansResult<T> kmeans(const RowSource<T>& rows, const Eigen::DenseBase<DerivedC>& initial_centroids,
                       const KMeansOptions& options) {
  const RowMatrix<T> centroids = detail::check_initial_centroids<T>(initial_centroids, "rows", rows.cols(), options);
  return detail::kmeans_streamed<T>(rows, centroids.rows(), &centroids, detail::slab_rows<T>(rows.cols()), options);
}

template <class T, class Derived>
Labels predict(const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new, const Execution& execution) {
  const Points<T> X = detail::check_model("predict", model, X_new, execution);
  detail::require_threads("predict", execution.threads);
  const int threads = resolve_threads(execution.threads);
  detail::check_points("predict", X, threads, "X_new");
  Labels labels(X.rows());
  detail::assign_all<T>(X, detail::rows_view(model.centroids), threads, labels.data(), nullptr);
  return labels;
}

template <class T, class Derived>
RowMatrix<T> transform(const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                       const Execution& execution) {
  const Points<T> X = detail::check_model("transform", model, X_new, execution);
  return detail::pairwise_by_metric("transform", X, Points<T>(model.centroids), Metric::euclidean, execution);
}

template <class T, class Derived>
NearestManyResult<T> nearest_centroids(const KMeansResult<T>& model, const Eigen::DenseBase<Derived>& X_new,
                                       Index count, const Execution& execution) {
  const Points<T> X = detail::check_model("nearest_centroids", model, X_new, execution);
  const Points<T> centroids(model.centroids);
  return detail::nearest_many_by_metric("nearest_centroids", X, centroids, count, Metric::euclidean, execution);
}

CORYMB_END
