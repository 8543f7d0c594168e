#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/neighbors/detail/kd_tree.hpp>
#include <corymb/neighbors/options.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

CORYMB_BEGIN
namespace detail {

/// What a kd-tree compares under a metric; nothing where it cannot be used.
inline std::optional<PairValue> tree_value_of(Metric metric) {
  switch (metric.kind()) {
    case Metric::Kind::euclidean: return PairValue::squared_euclidean;
    case Metric::Kind::manhattan: return PairValue::manhattan;
    case Metric::Kind::chebyshev: return PairValue::chebyshev;
    default: return std::nullopt;
  }
}

inline constexpr std::string_view tree_metrics = "euclidean, manhattan or chebyshev, or haversine on data in double";

/// Whether a kd-tree takes rows of a type under a metric: as they are, or on the unit sphere.
template <class T>
bool takes_tree(Metric metric) {
  return tree_value_of(metric).has_value() || (metric == Metric::haversine && std::is_same_v<T, double>);
}

/// @param setting  what asks for a kd-tree
inline void require_tree(std::string_view function, std::string_view setting, bool takes_tree) {
  if (!takes_tree) reject(function, std::string(setting) + " needs the metric " + std::string(tree_metrics));
}

/// Whether a kd-tree over n rows of d coordinates is to be used.
/// @throws InvalidArgument  it is asked for and cannot be
inline bool uses_tree(std::string_view function, Index n, Index d, bool takes_tree, NeighborSearch search) {
  if (search == NeighborSearch::kd_tree) require_tree(function, "search = kd_tree", takes_tree);
  return search == NeighborSearch::automatic ? takes_tree && d <= 16 && n >= 256 : search == NeighborSearch::kd_tree;
}

/// Row numbers of neighbours are 32-bit.
inline void check_countable_rows(std::string_view function, std::string_view name, Index n) {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  if (n > most) reject(function, std::string(name) + " has " + to_text(n) + " rows; at most " + to_text(most));
}

/// Where neighbours are looked for, and the rows that look for them: other rows, or the same ones.
template <class T>
struct NeighborSides {
  const Points<T>& X;
  const Points<T>& Q;
  bool others;  // Q is X, and a row is not its own neighbour
  std::string_view x_name = "X";
  std::string_view q_name = others ? x_name : "Q";
};

/// Bytes that a search takes: its trees, or values by brute force.
template <class T>
double search_memory(const NeighborSides<T>& sides, bool by_tree, int threads) {
  if (!by_tree) return matrix_bytes<T>(rows_per_block(sides.X.rows()), sides.X.rows()) * threads;
  return KdTree<T>::memory(sides.X.rows(), sides.X.cols()) +
         (sides.others ? 0 : KdTree<T>::memory(sides.Q.rows(), sides.Q.cols()));
}

}  // namespace detail
CORYMB_END
