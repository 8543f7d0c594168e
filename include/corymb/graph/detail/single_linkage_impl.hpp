#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/graph/single_linkage.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline void check_edges(std::string_view function, Index n, std::span<const Edge> edges) {
  constexpr Index most = Index{1} << 30;  // rows and sets are numbered in 32 bits
  if (n < 0 || n >= most) reject(function, "n = " + to_text(n) + " must be in [0, 2^30)");
  for (std::size_t e = 0; e < edges.size(); ++e) {
    const Edge& edge = edges[e];
    const std::string name = "edges[" + to_text(e) + "]";
    if (edge.a < 0 || edge.a >= n || edge.b < 0 || edge.b >= n)
      reject(function, name + " joins " + to_text(edge.a) + " and " + to_text(edge.b) +
                           "; rows are in [0, n = " + to_text(n) + ")");
    if (std::isnan(edge.weight)) reject(function, name + ".weight is not a number");
    if (e > 0 && edge.weight < edges[e - 1].weight)
      reject(function, name + ".weight = " + to_text(edge.weight) + " is below that of the edge before it, " +
                           to_text(edges[e - 1].weight) + "; weights must be ascending");
  }
}

/// Adds edges of one weight after the other.
class SingleLinkageBuilder {
 public:
  explicit SingleLinkageBuilder(Index n) : sets_(static_cast<std::size_t>(n)) {
    tree_.rows = n;
    tree_.parent.reserve(2 * sets_.size());
    tree_.parent.assign(sets_.size(), -1);
    for (std::int32_t row = 0; row < static_cast<std::int32_t>(n); ++row)
      sets_[at(row)] = {.above = row, .size = 1, .lowest = row, .node = row};
  }

  void add(std::span<const Edge> edges, double weight) {
    if (edges.size() == 1) return join_two(edges[0], weight);
    list_old_sets(edges);
    if (old_.empty()) return;
    for (const Edge& edge : edges) {
      const std::int32_t a = find(edge.a), b = find(edge.b);
      if (a != b) unite(a, b);
    }
    make_nodes(weight);
  }

  /// Begins to read what adding an edge will need.
  void expect(std::span<const Edge> edges, std::size_t edge) const {
#if defined(__GNUC__)
    if (edge >= edges.size()) return;
    __builtin_prefetch(&sets_[at(edges[edge].a)]);
    __builtin_prefetch(&sets_[at(edges[edge].b)]);
#endif
  }

  SingleLinkage finish() { return std::move(tree_); }

 private:
  // What is known of a set stands with its representative. All of it together, because sets are met in no order.
  struct Set {
    std::int32_t above;   // a row that is nearer to the representative; the representative's is itself
    std::int32_t size;    // by representative, like what follows
    std::int32_t lowest;  // row
    std::int32_t node;    // of the tree; that of a set that is listed is ~node
  };

  static std::size_t at(std::int32_t number) { return static_cast<std::size_t>(number); }

  std::int32_t find(std::int32_t row) {
    while (sets_[at(row)].above != row) {
      std::int32_t& above = sets_[at(row)].above;
      above = sets_[at(above)].above;
      row = above;
    }
    return row;
  }

  // Returns the representative of both.
  std::int32_t unite(std::int32_t a, std::int32_t b) {
    if (sets_[at(a)].size < sets_[at(b)].size) std::swap(a, b);
    Set &large = sets_[at(a)], &small = sets_[at(b)];
    small.above = a;
    large.size += small.size;
    large.lowest = std::min(large.lowest, small.lowest);
    return a;
  }

  void join_two(const Edge& edge, double weight) {
    const std::int32_t a = find(edge.a), b = find(edge.b);
    if (a == b) return;
    const auto made = static_cast<std::int32_t>(tree_.nodes());
    tree_.parent[at(sets_[at(a)].node)] = tree_.parent[at(sets_[at(b)].node)] = made;
    add_node(unite(a, b), weight);
  }

  void add_node(std::int32_t set, double weight) {
    sets_[at(set)].node = static_cast<std::int32_t>(tree_.nodes());
    tree_.parent.push_back(-1);
    tree_.height.push_back(weight);
    tree_.size.push_back(sets_[at(set)].size);
  }

  // The sets that edges join, by their representatives.
  void list_old_sets(std::span<const Edge> edges) {
    old_.clear();
    for (const Edge& edge : edges) {
      const std::int32_t a = find(edge.a), b = find(edge.b);
      if (a == b) continue;
      for (const std::int32_t set : {a, b}) {
        std::int32_t& node = sets_[at(set)].node;
        if (node < 0) continue;
        old_.push_back({set, node});
        node = ~node;
      }
    }
  }

  void make_nodes(double weight) {
    made_.clear();
    for (const Old& old : old_) {
      std::int32_t& node = sets_[at(find(old.set))].node;
      if (node >= 0) continue;  // listed sets of which some were joined: this one is known
      node = ~node;
      made_.push_back(find(old.set));
    }
    std::sort(made_.begin(), made_.end(),
              [&](std::int32_t x, std::int32_t y) { return sets_[at(x)].lowest < sets_[at(y)].lowest; });
    for (const std::int32_t set : made_) add_node(set, weight);
    for (const Old& old : old_) tree_.parent[at(old.node)] = sets_[at(find(old.set))].node;
  }

  struct Old {
    std::int32_t set;
    std::int32_t node;
  };

  SingleLinkage tree_;
  std::vector<Set> sets_;  // by row
  std::vector<Old> old_;
  std::vector<std::int32_t> made_;
};

}  // namespace detail

inline SingleLinkage single_linkage(Index n, std::span<const Edge> edges) {
  detail::check_edges("single_linkage", n, edges);
  detail::SingleLinkageBuilder builder(n);
  for (std::size_t first = 0, last = 0; first < edges.size(); first = last) {
    builder.expect(edges, first + 16);
    while (last < edges.size() && edges[last].weight == edges[first].weight) ++last;
    builder.add(edges.subspan(first, last - first), edges[first].weight);
  }
  return builder.finish();
}

inline Labels cut(const SingleLinkage& tree, double height) {
  if (std::isnan(height)) detail::reject("cut", "height is not a number");
  std::vector<std::int32_t> top(static_cast<std::size_t>(tree.nodes()));  // the highest set that is not too high
  for (Index node = tree.nodes() - 1; node >= 0; --node) {
    const std::int32_t parent = tree.parent[static_cast<std::size_t>(node)];
    const bool is_top = parent < 0 || tree.height[static_cast<std::size_t>(parent - tree.rows)] > height;
    top[static_cast<std::size_t>(node)] =
        is_top ? static_cast<std::int32_t>(node) : top[static_cast<std::size_t>(parent)];
  }
  Labels labels(tree.rows);
  std::vector<std::int32_t> number(top.size(), -1);
  std::int32_t next = 0;
  for (Index row = 0; row < tree.rows; ++row) {
    std::int32_t& of = number[static_cast<std::size_t>(top[static_cast<std::size_t>(row)])];
    if (of < 0) of = next++;
    labels[row] = of;
  }
  return labels;
}

CORYMB_END
