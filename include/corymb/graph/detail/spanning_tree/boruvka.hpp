#pragma once

#include <corymb/core/detail/concurrent_union_find.hpp>
#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/graph/detail/spanning_tree/reachability.hpp>
#include <corymb/graph/detail/spanning_tree/tree_edge.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The nearest other rows of every row of a tree, nearest first, by positions.
template <class T>
struct NeighborLists {
  Index k = 0;
  std::vector<std::int32_t> position;  // n × k
  std::vector<T> value;                // n × k
};

/// The minimum spanning tree of rows by rounds (Borůvka): every component joins along its lightest edge to another one.
///
/// A row's lightest edge to another component only becomes heavier as components grow. So what a row found is right
/// until its partner joins its component, and a lower bound from then on; a row looks again only where that bound does
/// not exceed the lightest edge that its component knows. The lists of neighbours answer the first rounds.
template <class T>
class Boruvka {
 public:
  /// @param lists  of each row's nearest others; k = 0: none
  Boruvka(std::string_view function, const KdTree<T>& tree, PairValue kind, const Reachability<T>& reachability,
          const NeighborLists<T>& lists, int threads, const ProgressReporter& progress)
      : function_(function),
        tree_(tree),
        reachability_(reachability),
        lists_(lists),
        threads_(threads),
        progress_(progress),
        sets_(tree.rows()),
        component_(static_cast<std::size_t>(tree.rows())),
        partner_(component_.size(), -1),
        value_(component_.size()),
        bound_(component_.size()),
        limit_(new std::atomic<T>[component_.size()]),
        lightest_(new std::atomic<std::int32_t>[component_.size()]),
        node_component_(static_cast<std::size_t>(tree.nodes())) {
    workers_.reserve(static_cast<std::size_t>(threads_));
    for (int w = 0; w < threads_; ++w) workers_.emplace_back(tree_, kind);
    if (reachability_.has_cores()) find_node_cores();
    for_positions([&](Index p) { bound_[at(p)] = core_value(p); });
  }

  /// Bytes beyond tree and lists.
  static double memory(Index n) {
    return static_cast<double>(n) * (4 * sizeof(std::int32_t) + 3 * sizeof(T) + sizeof(TreeEdge<T>));
  }

  std::vector<TreeEdge<T>> run() {
    std::vector<TreeEdge<T>> edges;
    const Index needed = tree_.rows() - 1;
    edges.reserve(static_cast<std::size_t>(std::max<Index>(needed, 0)));
    while (static_cast<Index>(edges.size()) < needed) {
      note_components();
      for_positions([&](Index p) { recall(p); });
      look_for_edges(static_cast<Index>(edges.size()));
      for_positions([&](Index p) { propose(p); });
      join(edges);
    }
    return edges;
  }

 private:
  static constexpr T infinity = std::numeric_limits<T>::infinity();

  /// Memory of one worker.
  struct Worker {
    Worker(const KdTree<T>& tree, PairValue kind)
        : search(tree, tree, kind), limit(static_cast<std::size_t>(leaf_places)), known(limit.size()) {}
    LeafSearch<T> search;
    std::vector<T> limit;  // by place: the largest value that counts; −1 = not looking
    std::vector<T> known;  // by place: the largest weight that counts
  };

  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }
  std::int32_t component(Index p) const { return component_[at(p)]; }
  bool is_foreign(Index p, Index q) const { return component(p) != component(q); }
  std::atomic<T>& limit(Index component) const { return limit_[at(component)]; }
  T core_value(Index p) const { return reachability_.core_value(tree_.row(p)); }
  double core(Index p) const { return reachability_.core(tree_.row(p)); }
  EdgeKey<T> key(Index p, Index q, T value) const { return reachability_.key(tree_.row(p), tree_.row(q), value); }
  T weight(Index p, Index q, T value) const { return reachability_.weight(tree_.row(p), tree_.row(q), value); }

  template <class Use>
  void for_positions(const Use& use) {
    const Chunks chunks(tree_.rows());
    parallel_for(threads_, chunks.count(), [&](Index chunk) {
      for (Index p = chunks.begin(chunk); p < chunks.end(chunk); ++p) use(p);
    });
  }

  // Reports how many edges there are while leaves look for more.
  void look_for_edges(Index found) {
    constexpr Index block = 16;
    const Index tasks = (tree_.leaves() + block - 1) / block;
    const Index slices = progress_.is_heard() ? std::min<Index>(tasks, 16) : 1;
    for (Index slice = 0; slice < slices; ++slice) {
      const Index first = tasks * slice / slices, last = tasks * (slice + 1) / slices;
      parallel_for(threads_, last - first, [&](Index task, int worker) {
        const Index begin = (first + task) * block;
        for (Index leaf = begin; leaf < std::min(begin + block, tree_.leaves()); ++leaf)
          look(leaf, workers_[static_cast<std::size_t>(worker)]);
      });
      report_or_cancel(function_, "edges", progress_, found, tree_.rows() - 1);
    }
  }

  void find_node_cores() {
    node_core_.assign(at(tree_.nodes()), infinity);
    for (Index leaf = 0; leaf < tree_.leaves(); ++leaf)
      for (Index p = tree_.leaf_begin(leaf); p < tree_.leaf_end(leaf); ++p) {
        T& lowest = node_core_[at(tree_.first_leaf() + leaf)];
        lowest = std::min(lowest, core_value(p));
      }
    for (Index node = tree_.first_leaf() - 1; node >= 0; --node)
      node_core_[at(node)] = std::min(node_core_[at(2 * node + 1)], node_core_[at(2 * node + 2)]);
  }

  T lowest_core(Index node) const { return node_core_.empty() ? T(0) : node_core_[at(node)]; }

  // ---- a round ----

  static constexpr std::int32_t mixed = -1, nobody = -2;  // of a node: rows of several components, or none

  void note_components() {
    for_positions([&](Index p) {
      component_[at(p)] = static_cast<std::int32_t>(sets_.find(p));
      limit(p).store(infinity, std::memory_order_relaxed);
      lightest_[at(p)].store(-1, std::memory_order_relaxed);
    });
    const Chunks leaves(tree_.leaves());
    parallel_for(threads_, leaves.count(), [&](Index chunk) {
      for (Index leaf = leaves.begin(chunk); leaf < leaves.end(chunk); ++leaf) {
        std::int32_t of = nobody;
        for (Index p = tree_.leaf_begin(leaf); p < tree_.leaf_end(leaf); ++p) of = together(of, component(p));
        node_component_[at(tree_.first_leaf() + leaf)] = of;
      }
    });
    for (Index node = tree_.first_leaf() - 1; node >= 0; --node)
      node_component_[at(node)] = together(node_component_[at(2 * node + 1)], node_component_[at(2 * node + 2)]);
  }

  static std::int32_t together(std::int32_t a, std::int32_t b) {
    return a == b || b == nobody ? a : a == nobody ? b : mixed;
  }

  void lower_limit(Index p, T weight) {
    std::atomic<T>& of = limit(component(p));
    T seen = of.load(std::memory_order_relaxed);
    while (weight < seen && !of.compare_exchange_weak(seen, weight, std::memory_order_relaxed)) {
    }
  }

  /// Whether the edge to p's partner is known to be its lightest one.
  bool is_settled(Index p) const { return partner_[at(p)] >= 0 && bound_[at(p)] > partner_weight(p); }
  void settle(Index p) { bound_[at(p)] = std::nextafter(partner_weight(p), infinity); }

  T partner_weight(Index p) const { return weight(p, partner_[at(p)], value_[at(p)]); }

  // What p knows of edges to other components: its partner, or what its list says.
  void recall(Index p) {
    if (partner_[at(p)] >= 0 && !is_foreign(p, partner_[at(p)])) {
      if (is_settled(p)) bound_[at(p)] = partner_weight(p);
      partner_[at(p)] = -1;
    }
    if (partner_[at(p)] < 0 && lists_.k > 0) read_list(p);
    if (partner_[at(p)] >= 0) lower_limit(p, partner_weight(p));
  }

  void read_list(Index p) {
    const std::int32_t* position = lists_.position.data() + p * lists_.k;
    const T* value = lists_.value.data() + p * lists_.k;
    const T own = core_value(p), beyond = std::max(own, value[lists_.k - 1]);  // no row outside the list weighs less
    if (bound_[at(p)] > beyond) return;
    bound_[at(p)] = beyond;
    EdgeKey<T> best{};
    for (Index c = 0; c < lists_.k && (partner_[at(p)] < 0 || value[c] <= best.weight); ++c) {
      if (!is_foreign(p, position[c])) continue;
      const EdgeKey<T> found = key(p, position[c], value[c]);
      if (partner_[at(p)] >= 0 && !(found < best)) continue;
      best = found;
      partner_[at(p)] = position[c];
      value_[at(p)] = value[c];
    }
    if (partner_[at(p)] < 0 || best.weight > beyond) return;
    // Of equal weights, rows outside the list have values as large; only a smaller core distance could come before.
    if (best.weight < beyond || beyond > own || best.value == best.weight || best.core <= core(p)) settle(p);
  }

  // Lets the rows of a leaf look for lighter edges than their components know.
  void look(Index leaf, Worker& worker) {
    const Index begin = tree_.leaf_begin(leaf), size = tree_.leaf_size(leaf);
    std::int32_t looking = nobody;  // the component of all that look
    std::fill(worker.limit.begin(), worker.limit.end(), T(-1));
    for (Index place = 0; place < size; ++place) {
      const Index p = begin + place;
      if (is_settled(p)) continue;
      const T known = limit(component(p)).load(std::memory_order_relaxed);
      if (bound_[at(p)] > known) continue;
      worker.known[at(place)] = worker.limit[at(place)] = std::min(known, std::numeric_limits<T>::max());
      looking = together(looking, component(p));
    }
    if (looking == nobody) return;
    T most = std::numeric_limits<T>::max();
    worker.search.run(
        leaf, leaf, worker.limit.data(),
        [&](T value, Index node) {
          const T least = std::max(value, lowest_core(node));
          if (least > most || (looking >= 0 && node_component_[at(node)] == looking)) return false;
          if (tree_.is_leaf(node)) most = tighten(begin, size, worker);
          return may_hold_lighter(begin, size, worker, least, value, node);
        },
        [&](const LeafPair<T>& pair, Index other) {
          const Index p = begin + pair.query, q = tree_.leaf_begin(other) + pair.place;
          if (is_foreign(p, q)) improve(p, q, pair.value, worker.known[at(pair.query)], worker.limit[at(pair.query)]);
        });
    for (Index place = 0; place < size; ++place)
      if (worker.limit[at(place)] >= 0) conclude(begin + place, worker.known[at(place)]);
  }

  // Takes over what others found for the components of the rows that look; returns the largest weight that counts.
  T tighten(Index begin, Index size, Worker& worker) const {
    T most = -1;
    for (Index place = 0; place < size; ++place) {
      T& value_limit = worker.limit[at(place)];
      if (value_limit < 0) continue;
      T& known = worker.known[at(place)];
      known = std::min(known, limit(component(begin + place)).load(std::memory_order_relaxed));
      value_limit = std::min(value_limit, known);
      most = std::max(most, known);
    }
    return most;
  }

  // Whether rows of a node, none of them nearer than a value or of a lower weight than `least`, may come before what
  // some row of a leaf knows.
  bool may_hold_lighter(Index begin, Index size, const Worker& worker, T least, T value, Index node) const {
    for (Index place = 0; place < size; ++place) {
      const Index p = begin + place;
      const T value_limit = worker.limit[at(place)];
      if (value > value_limit || std::max(least, core_value(p)) > worker.known[at(place)]) continue;
      if (node_component_[at(node)] == component(p)) continue;
      const bool is_as_near = partner_[at(p)] >= 0 && value == value_limit && value == value_[at(p)];
      if (is_as_near && tree_.lowest_row(node) > tree_.row(partner_[at(p)])) continue;
      return true;
    }
    return false;
  }

  /// @param known        the largest weight that counts for p
  /// @param value_limit  the largest value that does
  void improve(Index p, Index q, T value, T& known, T& value_limit) {
    const EdgeKey<T> found = key(p, q, value);
    if (found.weight > known) return;
    if (partner_[at(p)] >= 0 && !(found < key(p, partner_[at(p)], value_[at(p)]))) return;
    partner_[at(p)] = static_cast<std::int32_t>(q);
    value_[at(p)] = value;
    known = found.weight;
    // No edge of p weighs less than its own core distance: then only nearer rows count.
    const bool is_least = found.weight == core_value(p) && found.core <= core(p);
    value_limit = std::min(value_limit, is_least ? value : known);
    lower_limit(p, known);
  }

  // All edges of p up to a weight have been seen.
  void conclude(Index p, T known) {
    if (partner_[at(p)] >= 0 && partner_weight(p) <= known)
      settle(p);
    else
      bound_[at(p)] = std::max(bound_[at(p)], std::nextafter(known, infinity));
  }

  // Keeps the first of the edges that are as light as any of a component.
  void propose(Index p) {
    if (partner_[at(p)] < 0 || partner_weight(p) > limit(component(p)).load(std::memory_order_relaxed)) return;
    const EdgeKey<T> own = key(p, partner_[at(p)], value_[at(p)]);
    std::atomic<std::int32_t>& first = lightest_[at(component(p))];
    std::int32_t seen = first.load(std::memory_order_relaxed);
    while (seen < 0 || own < key(seen, partner_[at(seen)], value_[at(seen)]))
      if (first.compare_exchange_weak(seen, static_cast<std::int32_t>(p), std::memory_order_relaxed)) return;
  }

  void join(std::vector<TreeEdge<T>>& edges) {
    for (Index p = 0; p < tree_.rows(); ++p) {
      const std::int32_t from = lightest_[at(p)].load(std::memory_order_relaxed);
      if (from < 0 || sets_.same(from, partner_[at(from)])) continue;  // also its partner's lightest edge
      sets_.unite(from, partner_[at(from)]);
      edges.push_back({tree_.row(from), tree_.row(partner_[at(from)]), value_[at(from)]});
    }
  }

  std::string_view function_;
  const KdTree<T>& tree_;
  const Reachability<T>& reachability_;
  const NeighborLists<T>& lists_;
  int threads_;
  const ProgressReporter& progress_;
  ConcurrentUnionFind sets_;  // of positions, as all that follows
  std::vector<std::int32_t> component_;
  std::vector<std::int32_t> partner_;  // the other end of the lightest known edge to another component; −1 = none
  std::vector<T> value_;               // of the distance to the partner
  std::vector<T> bound_;               // no edge to another component but the partner's weighs less
  std::unique_ptr<std::atomic<T>[]> limit_;                // by component: the lightest weight that is known
  std::unique_ptr<std::atomic<std::int32_t>[]> lightest_;  // by component: whose edge is the lightest; −1 = none yet
  std::vector<std::int32_t> node_component_;
  std::vector<T> node_core_;
  std::vector<Worker> workers_;
};

}  // namespace detail
CORYMB_END
