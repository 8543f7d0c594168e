#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/density/detail/knee.hpp>
#include <corymb/density/suggest_eps.hpp>
#include <corymb/neighbors/detail/kth_distances.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view suggest_eps_name = "suggest_eps";

inline void check_min_points(Index n, std::string_view name, Index min_points) {
  if (n < 1) reject(suggest_eps_name, std::string(name) + " has 0 rows; at least 1 is needed");
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

/// What is called with sides, values and trees, see neighbor_calls.hpp.
inline auto eps_finder(Index min_points, const NeighborOptions& options) {
  return [min_points, &options](const auto& sides, const auto& values, const auto& trees) {
    return suggestion_of(kth_distances(suggest_eps_name, sides, min_points - 1, values, trees, options.execution));
  };
}

}  // namespace detail

template <class Derived>
EpsSuggestion suggest_eps(const Eigen::DenseBase<Derived>& X, Index min_points, const NeighborOptions& options) {
  detail::check_min_points(X.rows(), "X", min_points);
  return detail::with_metric_sides(detail::suggest_eps_name, X, options, detail::eps_finder(min_points, options));
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    EpsSuggestion suggest_eps(const Eigen::DenseBase<Derived>& X, Index min_points, const Callable& f,
                              const NeighborOptions& options) {
  detail::check_min_points(X.rows(), "X", min_points);
  return detail::with_callable_sides(detail::suggest_eps_name, X, f, options, detail::eps_finder(min_points, options));
}

template <class T>
EpsSuggestion suggest_eps(const DistanceMatrix<T>& D, Index min_points, const NeighborOptions& options) {
  detail::check_min_points(D.size(), "D", min_points);
  return detail::with_matrix_sides(detail::suggest_eps_name, D, options, detail::eps_finder(min_points, options));
}

template <class F>
EpsSuggestion suggest_eps(const Dissimilarity<F>& D, Index min_points, const NeighborOptions& options) {
  detail::check_min_points(D.size, "D", min_points);
  return detail::with_object_sides(detail::suggest_eps_name, D, options, detail::eps_finder(min_points, options));
}

CORYMB_END
