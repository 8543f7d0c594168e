#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/density/detail/hdbscan/attachment.hpp>
#include <corymb/density/detail/point_weights.hpp>
#include <corymb/density/hdbscan_predict.hpp>
#include <corymb/distance/detail/missing_rows.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>

#include <cmath>
#include <span>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view place_name = "place";

/// What every form of the call has.
struct PlaceCall {
  const HdbscanResult& result;
  const HdbscanPredictOptions& options;

  void check(Index n) const {
    require_threads(place_name, options.execution.threads);
    if (result.labels.size() != n)
      reject(place_name, "X_train has " + to_text(n) + " rows; the result is of " + to_text(result.labels.size()));
    check_weights(place_name, options.weights, n);
  }

  /// The rows of the fit that were present; none if there were too few for any of them to be dense.
  std::vector<Index> present_rows() const {
    std::vector<Index> rows;
    for (Index i = 0; i < result.core_distances.size(); ++i)
      if (std::isfinite(result.core_distances[i])) rows.push_back(i);
    return rows;
  }

  /// Of m rows that could not be looked at.
  HdbscanPlaces nowhere(Index m) const {
    HdbscanPlaces places;
    places.cluster.assign(static_cast<std::size_t>(m), -1);
    places.lambda.assign(static_cast<std::size_t>(m), 0);
    return places;
  }

  /// Attaches the queries of some sides.
  /// @param rows  what the rows of X are
  /// @param of    what the queries are
  template <class T, class Values, class Trees>
  void attach_all(const NeighborSides<T>& sides, const Values& values, const Trees& trees,
                  const std::vector<Index>& rows, const std::vector<Index>& of, HdbscanPlaces& places) const {
    const AttachmentCall call{place_name, result.alpha, options.execution};
    const Vector core = result.core_distances(rows);
    const PointWeights weights(options.weights.size() > 0 ? Vector(options.weights(rows)) : Vector(),
                               result.min_samples);
    const Vector core_of_new = core_distances_of(call, sides, values, trees, weights, result.min_samples);
    const auto attached = attach(call, sides, values, trees, core, core_of_new);
    for (std::size_t i = 0; i < attached.size(); ++i) {
      const TreePlace place =
          place_beside(result.condensed_tree, rows[static_cast<std::size_t>(attached[i].row)], attached[i].distance);
      places.cluster[static_cast<std::size_t>(of[i])] = place.cluster;
      places.lambda[static_cast<std::size_t>(of[i])] = place.lambda;
    }
  }

  /// What follows from the places.
  void describe(HdbscanPlaces& places) const {
    const auto m = static_cast<Index>(places.cluster.size());
    const Selection selection(result.condensed_tree, result.selected, result.selection.epsilon);
    places.labels.resize(m);
    places.probabilities.resize(m);
    for (Index q = 0; q < m; ++q) {
      const double lambda = places.lambda[static_cast<std::size_t>(q)];
      places.labels[q] = selection.label(places.cluster[static_cast<std::size_t>(q)], lambda);
      places.probabilities[q] = selection.probability(places.labels[q], lambda);
    }
    places.outlier_scores = scores_at(result.condensed_tree, places.cluster, places.lambda);
  }
};

/// The rows of the fit that were present may not have become others since.
template <class T>
void check_training_rows(const Points<T>& X, const std::vector<Index>& present, bool has_callable) {
  for (const Index i : present)
    for (Index j = 0; j < X.cols() && !has_callable; ++j)
      if (std::isnan(X(i, j)))
        reject(place_name, "X_train(" + to_text(i) + ", " + to_text(j) + ") = nan must be finite");
}

/// @param find  find(sides, run): calls run(sides, values, trees)
template <class Callable, class DerivedX, class DerivedQ, class Find>
HdbscanPlaces place_rows(const PlaceCall& call, const Eigen::DenseBase<DerivedX>& X_train,
                         const Eigen::DenseBase<DerivedQ>& X_new, const Find& find) {
  using T = typename DerivedX::Scalar;
  constexpr std::string_view function = place_name;
  const Execution& execution = call.options.execution;
  call.check(X_train.rows());
  require_columns(function, X_train.cols(), "X_train");
  require_same_columns(function, "X_train", X_train.cols(), "X_new", X_new.cols());
  const Points<T> x = points_of(function, X_train, execution), q = points_of(function, X_new, execution);
  check_countable_rows(function, "X_new", q.rows());
  const std::vector<Index> present = call.present_rows();
  check_points_with_missing(function, x, resolve_threads(execution.threads), "X_train");
  check_training_rows(x, present, accepts_missing<Callable>);
  const std::vector<Index> complete =
      other_rows(q.rows(), missing_rows<Callable>(function, q, call.options.missing_as_noise, execution, "X_new"));

  HdbscanPlaces places = call.nowhere(q.rows());
  if (present.empty()) {
    // Those of the fit are in the root only, if there is one.
    for (const Index i : complete)
      places.cluster[static_cast<std::size_t>(i)] = call.result.condensed_tree.clusters() > 0 ? 0 : -1;
  } else if (!complete.empty()) {
    const bool is_whole = static_cast<Index>(present.size()) == x.rows();
    const bool is_all_new = static_cast<Index>(complete.size()) == q.rows();
    require_memory(function,
                   matrix_bytes<T>(is_whole ? 0 : static_cast<Index>(present.size()), x.cols()) +
                       matrix_bytes<T>(is_all_new ? 0 : static_cast<Index>(complete.size()), x.cols()),
                   execution.memory_limit, "leave out rows with missing values");
    const RowMatrix<T> some_x = is_whole ? RowMatrix<T>() : gather_rows<T>(x, present);
    const RowMatrix<T> some_q = is_all_new ? RowMatrix<T>() : gather_rows<T>(q, complete);
    const Points<T> of_x(some_x), of_q(some_q);
    const NeighborSides<T> sides{is_whole ? x : of_x, is_all_new ? q : of_q, false, "X_train", "X_new"};
    find(sides, [&](const auto& found_sides, const auto& values, const auto& trees) {
      call.attach_all(found_sides, values, trees, present, complete, places);
    });
  }
  call.describe(places);
  return places;
}

/// Few rows are not worth a tree of those that they are joined to.
inline NeighborSearch place_search(NeighborSearch search, Index m) {
  constexpr Index few_rows = 256;
  return search == NeighborSearch::automatic && m < few_rows ? NeighborSearch::brute_force : search;
}

}  // namespace detail

template <class DerivedX, class DerivedQ>
HdbscanPlaces place(const HdbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
                    const Eigen::DenseBase<DerivedQ>& X_new, const HdbscanPredictOptions& options) {
  if (!result.metric) detail::reject("place", "the result has no metric: its distances were given");
  const NeighborOptions search{.metric = result.metric,
                               .search = detail::place_search(options.search, X_new.rows()),
                               .execution = options.execution};
  return detail::place_rows<void>(
      detail::PlaceCall{result, options}, X_train, X_new,
      [&](const auto& sides, const auto& run) { detail::with_metric(detail::place_name, sides, search, run); });
}

template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    HdbscanPlaces place(const HdbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
                        const Eigen::DenseBase<DerivedQ>& X_new, const Callable& f,
                        const HdbscanPredictOptions& options) {
  const NeighborOptions search{.search = options.search, .execution = options.execution};
  detail::require_no_metric(detail::place_name, search, "callable");
  return detail::place_rows<Callable>(
      detail::PlaceCall{result, options}, X_train, X_new,
      [&](const auto& sides, const auto& run) { detail::with_callable(detail::place_name, sides, f, search, run); });
}

template <class DerivedX, class DerivedQ>
Labels predict(const HdbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
               const Eigen::DenseBase<DerivedQ>& X_new, const HdbscanPredictOptions& options) {
  return place(result, X_train, X_new, options).labels;
}

template <class DerivedX, class DerivedQ, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    Labels predict(const HdbscanResult& result, const Eigen::DenseBase<DerivedX>& X_train,
                   const Eigen::DenseBase<DerivedQ>& X_new, const Callable& f, const HdbscanPredictOptions& options) {
  return place(result, X_train, X_new, f, options).labels;
}

CORYMB_END
