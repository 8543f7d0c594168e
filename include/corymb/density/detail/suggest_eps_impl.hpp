#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/density/detail/knee.hpp>
#include <corymb/density/suggest_eps.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_matrix_impl.hpp>
#include <corymb/neighbors/detail/kth_distances.hpp>
#include <corymb/neighbors/detail/matrix_values.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view suggest_eps_name = "suggest_eps";

/// What every form of the call must satisfy.
inline void check_suggest_eps(std::string_view name, Index n, Index min_points, const NeighborOptions& options) {
  require_threads(suggest_eps_name, options.execution.threads);
  if (n < 1) reject(suggest_eps_name, std::string(name) + " has 0 rows; at least 1 is needed");
  check_countable_rows(suggest_eps_name, name, n);
  if (min_points < 1 || min_points > n)
    reject(suggest_eps_name, "min_points = " + to_text(min_points) + " must be in [1, n = " + to_text(n) + "]");
}

/// @param distances  by row, at which it becomes core
template <class T>
EpsSuggestion suggestion_of(std::vector<T> distances) {
  std::sort(distances.begin(), distances.end());
  EpsSuggestion result;
  result.curve =
      Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(distances.data(), static_cast<Index>(distances.size()))
          .template cast<double>();
  result.knee = knee_of(result.curve);
  result.eps = result.curve[result.knee];
  return result;
}

}  // namespace detail

template <class Derived>
EpsSuggestion suggest_eps(const Eigen::DenseBase<Derived>& X, Index min_points, const NeighborOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::suggest_eps_name;
  detail::require_columns(function, X.cols());
  detail::check_suggest_eps("X", X.rows(), min_points, options);
  const Points<T> points = detail::points_of(function, X, options.execution);
  detail::check_points(function, points, resolve_threads(options.execution.threads));
  return detail::suggestion_of(detail::kth_distances_by_metric(function, points, min_points - 1, options));
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    EpsSuggestion suggest_eps(const Eigen::DenseBase<Derived>& X, Index min_points, const Callable& f,
                              const NeighborOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::suggest_eps_name;
  detail::require_columns(function, X.cols());
  detail::check_suggest_eps("X", X.rows(), min_points, options);
  detail::require_no_tree(function, options, "callable");
  detail::require_brute_kth_memory<T>(function, X.rows(), min_points - 1, options.execution);
  const Points<T> points = detail::points_of(function, X, options.execution);
  detail::check_points_of<Callable>(function, points, resolve_threads(options.execution.threads));
  const detail::CallableValues<T, Callable> values(function, points, points, f);
  return detail::suggestion_of(
      detail::brute_kth_distances<T>(function, points.rows(), min_points - 1, values, options.execution));
}

template <class T>
EpsSuggestion suggest_eps(const DistanceMatrix<T>& D, Index min_points, const NeighborOptions& options) {
  constexpr auto function = detail::suggest_eps_name;
  detail::check_suggest_eps("D", D.size(), min_points, options);
  detail::require_no_tree(function, options, "matrix");
  detail::require_brute_kth_memory<T>(function, D.size(), min_points - 1, options.execution);
  detail::check_distances(function, D, resolve_threads(options.execution.threads));
  return detail::suggestion_of(detail::brute_kth_distances<T>(function, D.size(), min_points - 1,
                                                              detail::MatrixValues<T>(D), options.execution));
}

CORYMB_END
