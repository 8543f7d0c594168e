#pragma once

#include <corymb/core/detail/concurrent_union_find.hpp>
#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/density/detail/dbscan/density_state.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// DBSCAN on a kd-tree: whole leaves look for what is within eps of them. Nodes that are within eps as a whole are
/// counted and joined as a whole, and nodes that are in one cluster already are not searched for more of it.
template <class T>
class TreeDbscan {
 public:
  /// @param limit  the largest value within eps
  TreeDbscan(const DbscanSettings& settings, const Points<T>& X, PairValue kind, T limit)
      : settings_(settings),
        weights_(settings.weights),
        kind_(kind),
        limit_(limit),
        tree_(X, settings.threads),
        density_(static_cast<std::size_t>(X.rows()), Density::sparse),
        node_(static_cast<std::size_t>(tree_.nodes())),
        sets_(X.rows()) {
    workers_.reserve(static_cast<std::size_t>(settings.threads));
    for (int w = 0; w < settings.threads; ++w) workers_.emplace_back(tree_, kind_);
    sum_weights();
  }

  static double memory(Index n, Index d) {
    const double state = sizeof(Density) + 2 * sizeof(std::int32_t);
    return KdTree<T>::memory(n, d) + static_cast<double>(n) * (state + sizeof(Node) / 8.0);
  }

  DbscanResult run() {
    for_leaves("cores", [&](Index leaf, Worker& worker) { find_cores(leaf, worker); });
    join_dense_nodes();
    for_leaves("clusters", [&](Index leaf, Worker& worker) { join_leaf(leaf, worker); });
    note_joined_nodes();
    for_leaves("clusters", [&](Index leaf, Worker& worker) { join_others(leaf, worker); });
    DbscanResult result = number_clusters(tree_.rows(), sets_, [&](Index row) { return is_core(row); });
    for_leaves("borders", [&](Index leaf, Worker& worker) { reach(leaf, worker, result.labels); });
    return result;
  }

 private:
  using Count = PointWeights::Count;

  struct Node {
    Count weight = 0;
    std::int32_t core = -1;  // one of its core rows; −1 = it has none
    bool is_joined = false;  // all its core rows are in one set
  };

  /// Memory of one worker.
  struct Worker {
    Worker(const KdTree<T>& tree, PairValue kind)
        : search(tree, tree, kind),
          limit(static_cast<std::size_t>(leaf_places)),
          count(limit.size()),
          lowest(limit.size()) {}
    LeafSearch<T> search;
    std::vector<T> limit;  // by place; −1 = not looking
    std::vector<Count> count;
    std::vector<std::int32_t> lowest;
  };

  template <class Use>
  void for_leaves(std::string_view stage, const Use& use) {
    constexpr Index block = 16;
    reported_tasks(settings_.function, stage, settings_.progress, settings_.threads,
                   (tree_.leaves() + block - 1) / block, [&](Index task, int worker) {
                     for (Index leaf = task * block; leaf < std::min((task + 1) * block, tree_.leaves()); ++leaf)
                       use(leaf, workers_[static_cast<std::size_t>(worker)]);
                   });
  }

  Density& density(Index row) { return density_[static_cast<std::size_t>(row)]; }
  bool is_core(Index row) const { return density_[static_cast<std::size_t>(row)] == Density::core; }
  Node& node(Index number) { return node_[static_cast<std::size_t>(number)]; }
  Index row(Index leaf, Index place) const { return tree_.row(tree_.leaf_begin(leaf) + place); }
  const T* box(Index number) const { return tree_.box(number); }
  Index node_of(Index leaf) const { return tree_.first_leaf() + leaf; }

  /// Whether all rows of two nodes are within eps of each other.
  bool are_within(Index a, Index b) const {
    return kernels::highest_value(kind_, box(a), box(b), tree_.cols()) <= limit_;
  }

  void sum_weights() {
    for (Index leaf = 0; leaf < tree_.leaves(); ++leaf)
      for (Index place = 0; place < tree_.leaf_size(leaf); ++place)
        node(node_of(leaf)).weight += weights_(row(leaf, place));
    for (Index number = tree_.first_leaf() - 1; number >= 0; --number)
      node(number).weight = node(2 * number + 1).weight + node(2 * number + 2).weight;
  }

  // ---- cores ----

  void find_cores(Index leaf, Worker& worker) {
    const Index size = tree_.leaf_size(leaf), own = node_of(leaf);
    std::fill(worker.limit.begin(), worker.limit.end(), limit_);
    std::fill(worker.count.begin(), worker.count.end(), Count{0});
    Index open = size;
    const auto add = [&](std::size_t place, Count weight) {
      worker.count[place] += weight;
      if (worker.count[place] < weights_.needed() || worker.limit[place] < 0) return;
      worker.limit[place] = -1;
      --open;
    };
    worker.search.run(
        leaf, -1, worker.limit.data(),
        [&](T value, Index number) {
          if (open == 0 || value > limit_) return false;
          if (!are_within(own, number)) return true;
          for (std::size_t place = 0; place < static_cast<std::size_t>(size); ++place) add(place, node(number).weight);
          return false;
        },
        [&](const LeafPair<T>& pair, Index other) {
          add(static_cast<std::size_t>(pair.query), weights_(row(other, pair.place)));
        });
    for (Index place = 0; place < size; ++place) {
      const Index of = row(leaf, place);
      density(of) = density_of(worker.count[static_cast<std::size_t>(place)] >= weights_.needed(), weights_(of) > 0);
    }
  }

  // ---- clusters ----

  // Joins the core rows of nodes that are within eps of themselves.
  void join_dense_nodes() {
    for (Index leaf = 0; leaf < tree_.leaves(); ++leaf) {
      Node& of = node(node_of(leaf));
      for (Index place = 0; place < tree_.leaf_size(leaf); ++place) {
        const Index core = row(leaf, place);
        if (!is_core(core)) continue;
        if (of.core < 0)
          of.core = static_cast<std::int32_t>(core);
        else if (are_within(node_of(leaf), node_of(leaf)))
          sets_.unite(of.core, core);
      }
    }
    for (Index number = tree_.first_leaf() - 1; number >= 0; --number) {
      const std::int32_t left = node(2 * number + 1).core, right = node(2 * number + 2).core;
      node(number).core = std::max(left, right);
      if (left >= 0 && right >= 0 && are_within(2 * number + 1, 2 * number + 2)) sets_.unite(left, right);
    }
  }

  void join_leaf(Index leaf, Worker& worker) {
    if (node(node_of(leaf)).core < 0) return;
    std::fill(worker.limit.begin(), worker.limit.end(), limit_);
    worker.search.run(
        leaf, leaf, worker.limit.data(), [](T, Index) { return false; },
        [&](const LeafPair<T>& pair, Index) { unite_cores(row(leaf, pair.query), row(leaf, pair.place)); });
  }

  void unite_cores(Index a, Index b) {
    if (is_core(a) && is_core(b)) sets_.unite(a, b);
  }

  void note_joined_nodes() {
    for (Index leaf = 0; leaf < tree_.leaves(); ++leaf) {
      Node& of = node(node_of(leaf));
      of.is_joined = of.core >= 0;
      for (Index place = 0; place < tree_.leaf_size(leaf) && of.is_joined; ++place)
        of.is_joined = !is_core(row(leaf, place)) || sets_.same(of.core, row(leaf, place));
    }
    for (Index number = tree_.first_leaf() - 1; number >= 0; --number) {
      const Node &left = node(2 * number + 1), &right = node(2 * number + 2);
      node(number).is_joined = left.core < 0 ? right.is_joined
                               : right.core < 0
                                   ? left.is_joined
                                   : left.is_joined && right.is_joined && sets_.same(left.core, right.core);
    }
  }

  void join_others(Index leaf, Worker& worker) {
    const Index size = tree_.leaf_size(leaf);
    const Node& own = node(node_of(leaf));
    if (own.core < 0) return;
    for (Index place = 0; place < leaf_places; ++place)
      worker.limit[static_cast<std::size_t>(place)] = place < size && is_core(row(leaf, place)) ? limit_ : T(-1);
    worker.search.run(
        leaf, -1, worker.limit.data(),
        [&](T value, Index number) {
          const Node& other = node(number);
          if (value > limit_ || other.core < 0) return false;
          if (!other.is_joined || !own.is_joined) return true;
          if (sets_.same(own.core, other.core)) return false;
          if (!are_within(node_of(leaf), number)) return true;
          sets_.unite(own.core, other.core);
          return false;
        },
        [&](const LeafPair<T>& pair, Index other) { unite_cores(row(leaf, pair.query), row(other, pair.place)); });
  }

  // ---- borders ----

  void reach(Index leaf, Worker& worker, Labels& labels) {
    const Index size = tree_.leaf_size(leaf);
    std::fill(worker.limit.begin(), worker.limit.end(), T(-1));
    std::fill(worker.lowest.begin(), worker.lowest.end(), noise);
    bool is_any = false;
    for (Index place = 0; place < size; ++place)
      if (may_be_reached(density(row(leaf, place)), settings_.border)) {
        worker.limit[static_cast<std::size_t>(place)] = limit_;
        is_any = true;
      }
    if (!is_any) return;
    worker.search.run(
        leaf, -1, worker.limit.data(), [&](T value, Index number) { return value <= limit_ && node(number).core >= 0; },
        [&](const LeafPair<T>& pair, Index other) {
          const Index core = row(other, pair.place);
          if (is_core(core)) reach_by(labels[core], worker.lowest[static_cast<std::size_t>(pair.query)]);
        });
    for (Index place = 0; place < size; ++place)
      if (worker.limit[static_cast<std::size_t>(place)] >= 0)
        labels[row(leaf, place)] = worker.lowest[static_cast<std::size_t>(place)];
  }

  const DbscanSettings& settings_;
  const PointWeights& weights_;
  PairValue kind_;
  T limit_;
  KdTree<T> tree_;
  std::vector<Density> density_;  // by row
  std::vector<Node> node_;
  ConcurrentUnionFind sets_;  // of rows
  std::vector<Worker> workers_;
};

}  // namespace detail
CORYMB_END
