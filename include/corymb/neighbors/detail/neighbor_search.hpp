#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/neighbors/detail/tree_spaces.hpp>
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

/// Whether a kd-tree takes rows of a type under a metric: as they are, or on the unit sphere.
template <class T>
bool takes_kd_tree(Metric metric) {
  return tree_value_of(metric).has_value() || (metric == Metric::haversine && std::is_same_v<T, double>);
}

/// Whether the values of a metric obey the triangle inequality themselves.
inline bool takes_ball_tree(Metric metric) {
  switch (metric.kind()) {
    case Metric::Kind::manhattan:
    case Metric::Kind::chebyshev:
    case Metric::Kind::minkowski:
    case Metric::Kind::canberra:
    case Metric::Kind::hamming:
    case Metric::Kind::jaccard: return true;
    default: return false;
  }
}

/// @param setting  what asks for the tree
inline void require_kd_tree(std::string_view function, std::string_view setting, bool is_taken) {
  if (!is_taken)
    reject(function, std::string(setting) +
                         " needs the metric euclidean, manhattan or chebyshev, or haversine on data in double");
}
inline void require_ball_tree(std::string_view function, std::string_view setting, bool is_taken) {
  if (!is_taken)
    reject(function, std::string(setting) +
                         " needs the metric manhattan, chebyshev, minkowski, canberra, hamming or jaccard, or a "
                         "callable that is a metric");
}

/// Whether a kd-tree is likely to take less time than all values.
inline bool kd_tree_pays(Index n, Index d) { return d <= 16 && n >= 256; }

/// Whether a tree of balls is likely to take less time than all values of a metric.
inline bool ball_tree_pays(Index n, Index d) { return d <= 8 && n >= 2048; }

/// What rows are looked for by.
enum class SearchTree { none, boxes, balls };

/// @param n, d  rows and coordinates that are searched
/// @throws InvalidArgument  a tree is asked for and cannot be used
template <class T>
SearchTree search_tree_of(std::string_view function, Index n, Index d, Metric metric, NeighborSearch search) {
  const bool boxes = takes_kd_tree<T>(metric), balls = takes_ball_tree(metric);
  if (search == NeighborSearch::kd_tree) require_kd_tree(function, "search = kd_tree", boxes);
  if (search == NeighborSearch::ball_tree) require_ball_tree(function, "search = ball_tree", balls);
  switch (search) {
    case NeighborSearch::kd_tree: return SearchTree::boxes;
    case NeighborSearch::ball_tree: return SearchTree::balls;
    case NeighborSearch::brute_force: return SearchTree::none;
    case NeighborSearch::automatic: break;
  }
  if (boxes) return kd_tree_pays(n, d) ? SearchTree::boxes : SearchTree::none;
  return balls && ball_tree_pays(n, d) ? SearchTree::balls : SearchTree::none;
}

/// Row numbers of neighbours are 32-bit.
inline void check_countable_rows(std::string_view function, std::string_view name, Index n) {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  if (n > most) reject(function, std::string(name) + " has " + to_text(n) + " rows; at most " + to_text(most));
}

/// Bytes that a search takes: its trees, or values by brute force.
template <class T, class Trees>
double search_memory(const NeighborSides<T>& sides, const Trees& trees, int threads) {
  if constexpr (Trees::exist)
    return trees.memory(sides);
  else
    return matrix_bytes<T>(rows_per_block(sides.X.rows()), sides.X.rows()) * threads;
}

}  // namespace detail
CORYMB_END
