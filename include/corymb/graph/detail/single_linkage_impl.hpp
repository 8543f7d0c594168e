#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/graph/single_linkage.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

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
  explicit SingleLinkageBuilder(Index n)
      : sets_(n), lowest_(static_cast<std::size_t>(n)), node_(lowest_.size()), is_listed_(lowest_.size()) {
    tree_.rows = n;
    tree_.parent.reserve(2 * lowest_.size());
    tree_.parent.assign(lowest_.size(), -1);
    std::iota(lowest_.begin(), lowest_.end(), 0);
    std::iota(node_.begin(), node_.end(), 0);
  }

  void add(std::span<const Edge> edges, double weight) {
    list_old_sets(edges);
    if (old_.empty()) return;
    for (const Edge& edge : edges) join(edge.a, edge.b);
    make_nodes(weight);
  }

  SingleLinkage finish() { return std::move(tree_); }

 private:
  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }

  // The sets that edges join, by their representatives.
  void list_old_sets(std::span<const Edge> edges) {
    old_.clear();
    for (const Edge& edge : edges) {
      const Index a = sets_.find(edge.a), b = sets_.find(edge.b);
      if (a == b) continue;
      for (const Index set : {a, b})
        if (!is_listed_[at(set)]) {
          is_listed_[at(set)] = true;
          old_.push_back({set, node_[at(set)]});
        }
    }
    for (const Old& old : old_) is_listed_[at(old.set)] = false;
  }

  void join(Index a, Index b) {
    const Index set = sets_.find(a), other = sets_.find(b);
    const std::int32_t lowest = std::min(lowest_[at(set)], lowest_[at(other)]);
    sets_.unite(set, other);
    lowest_[at(sets_.find(set))] = lowest;
  }

  void make_nodes(double weight) {
    made_.clear();
    for (const Old& old : old_) {
      const Index set = sets_.find(old.set);
      if (is_listed_[at(set)]) continue;
      is_listed_[at(set)] = true;
      made_.push_back(set);
    }
    std::sort(made_.begin(), made_.end(), [&](Index x, Index y) { return lowest_[at(x)] < lowest_[at(y)]; });
    for (const Index set : made_) {
      is_listed_[at(set)] = false;
      node_[at(set)] = static_cast<std::int32_t>(tree_.nodes());
      tree_.parent.push_back(-1);
      tree_.height.push_back(weight);
      tree_.size.push_back(static_cast<std::int32_t>(sets_.set_size(set)));
    }
    for (const Old& old : old_) tree_.parent[at(old.node)] = node_[at(sets_.find(old.set))];
  }

  struct Old {
    Index set;
    std::int32_t node;
  };

  SingleLinkage tree_;
  UnionFind sets_;
  std::vector<std::int32_t> lowest_;  // by representative: the lowest row of its set
  std::vector<std::int32_t> node_;    // by representative: the node of its set
  std::vector<char> is_listed_;
  std::vector<Old> old_;
  std::vector<Index> made_;
};

}  // namespace detail

inline SingleLinkage single_linkage(Index n, std::span<const Edge> edges) {
  detail::check_edges("single_linkage", n, edges);
  detail::SingleLinkageBuilder builder(n);
  for (std::size_t first = 0, last = 0; first < edges.size(); first = last) {
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
