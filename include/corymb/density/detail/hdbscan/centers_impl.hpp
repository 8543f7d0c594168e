#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/density/detail/hdbscan/distance_forms.hpp>
#include <corymb/density/hdbscan.hpp>
#include <corymb/neighbors/detail/brute_rows.hpp>

#include <span>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view medoids_name = "medoids";

/// By label, its rows.
inline std::vector<std::vector<Index>> rows_by_label(const HdbscanResult& result) {
  std::vector<std::vector<Index>> rows(static_cast<std::size_t>(result.clusters));
  for (Index row = 0; row < result.labels.size(); ++row)
    if (result.labels[row] != noise) rows[static_cast<std::size_t>(result.labels[row])].push_back(row);
  return rows;
}

inline void check_medoids(const HdbscanResult& result, Index n, std::string_view name, const Execution& execution) {
  require_threads(medoids_name, execution.threads);
  if (result.labels.size() != n)
    reject(medoids_name,
           std::string(name) + " has " + to_text(n) + " rows; the result is of " + to_text(result.labels.size()));
}

/// @param form  see distance_forms.hpp
template <class Form>
std::vector<Index> find_medoids(const HdbscanResult& result, const Form& form, const Execution& execution) {
  using T = typename Form::T;
  const int threads = resolve_threads(execution.threads);
  const ProgressReporter progress(execution.on_progress);
  std::vector<Index> medoids;
  for (const std::vector<Index>& rows : rows_by_label(result)) {
    const Vector probability = result.probabilities(rows);
    const auto size = static_cast<Index>(rows.size());
    Vector sum(size);
    form.part(rows, [&](const auto& sides, const auto& values, const auto&, const auto&) {
      std::vector<std::vector<T>> distance(static_cast<std::size_t>(threads), std::vector<T>(rows.size()));
      for_rows_of_values<T>(medoids_name, "medoids", progress, threads, size, sides.X.rows(), values,
                            [&](Index i, const T* value, int worker) {
                              std::vector<T>& of_row = distance[static_cast<std::size_t>(worker)];
                              std::copy(value, value + size, of_row.begin());
                              values.finish(of_row.data(), size);
                              of_row[static_cast<std::size_t>(i)] = 0;
                              double total = 0;
                              for (Index j = 0; j < size; ++j)
                                total += probability[j] * static_cast<double>(of_row[static_cast<std::size_t>(j)]);
                              sum[i] = total;
                            });
    });
    Index best = 0;
    for (Index i = 1; i < size; ++i)
      if (sum[i] < sum[best]) best = i;
    medoids.push_back(rows[static_cast<std::size_t>(best)]);
  }
  return medoids;
}

}  // namespace detail

inline std::vector<std::vector<Index>> exemplars(const HdbscanResult& result) {
  const CondensedTree& tree = result.condensed_tree;
  std::vector<bool> is_leaf(tree.parent.size(), true);
  for (const std::int32_t above : tree.parent)
    if (above >= 0) is_leaf[static_cast<std::size_t>(above)] = false;
  std::vector<std::vector<Index>> rows(static_cast<std::size_t>(result.clusters));
  for (Index row = 0; row < tree.rows; ++row) {
    if (result.labels[row] == noise) continue;
    const auto cluster = static_cast<std::size_t>(tree.row_cluster[static_cast<std::size_t>(row)]);
    if (is_leaf[cluster] && tree.row_lambda[static_cast<std::size_t>(row)] == tree.death[cluster])
      rows[static_cast<std::size_t>(result.labels[row])].push_back(row);
  }
  return rows;
}

template <class Derived>
std::vector<Index> medoids(const HdbscanResult& result, const Eigen::DenseBase<Derived>& X,
                           const Execution& execution) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::medoids_name;
  if (!result.metric) detail::reject(function, "the result has no metric: its distances were given");
  detail::check_medoids(result, X.rows(), "X", execution);
  detail::require_columns(function, X.cols());
  const Points<T> points = detail::points_of(function, X, execution);
  detail::check_points_with_missing(function, points, resolve_threads(execution.threads));
  return detail::find_medoids(
      result, detail::MetricForm<T>(function, points, result.metric, SpanningTreeAlgorithm::prim, execution),
      execution);
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    std::vector<Index> medoids(const HdbscanResult& result, const Eigen::DenseBase<Derived>& X, const Callable& f,
                               const Execution& execution) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::medoids_name;
  detail::check_medoids(result, X.rows(), "X", execution);
  const Points<T> points = detail::points_of(function, X, execution);
  detail::check_points_with_missing(function, points, resolve_threads(execution.threads));
  return detail::find_medoids(
      result, detail::CallableForm<T, Callable>(function, points, f, SpanningTreeAlgorithm::prim, execution),
      execution);
}

template <class T>
std::vector<Index> medoids(const HdbscanResult& result, const DistanceMatrix<T>& D, const Execution& execution) {
  detail::check_medoids(result, D.size(), "D", execution);
  const auto objects = detail::objects_of(D);
  return medoids(result, objects, execution);
}

template <class F>
std::vector<Index> medoids(const HdbscanResult& result, const Dissimilarity<F>& D, const Execution& execution) {
  constexpr auto function = detail::medoids_name;
  detail::check_medoids(result, D.size, "D", execution);
  return detail::find_medoids(
      result, detail::ObjectForm(function, D, SpanningTreeAlgorithm::prim, NeighborSearch::brute_force, execution),
      execution);
}

CORYMB_END
