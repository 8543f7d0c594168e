#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/graph/detail/spanning_tree/boruvka_rounds.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The minimum spanning tree of rows by rounds, whose leaves look for edges in a tree.
template <class Geometry>
class TreeBoruvka {
 public:
  using T = typename Geometry::Scalar;

  /// @param geometry  of rows against themselves
  /// @param lists     of each row's nearest others, by positions. Kept by reference, as reachability and progress
  TreeBoruvka(std::string_view function, const Geometry& geometry, const Reachability<T>& reachability,
              const NeighborLists<T>& lists, int threads, const ProgressReporter& progress)
      : function_(function),
        tree_(geometry.points()),
        threads_(threads),
        progress_(progress),
        rounds_(tree_.order(), reachability, lists, threads),
        node_component_(static_cast<std::size_t>(tree_.nodes())) {
    workers_.reserve(static_cast<std::size_t>(threads_));
    for (int w = 0; w < threads_; ++w) workers_.emplace_back(geometry);
    if (reachability.has_cores()) find_node_cores();
  }

  std::vector<TreeEdge<T>> run() {
    std::vector<TreeEdge<T>> edges;
    const Index needed = tree_.rows() - 1;
    edges.reserve(static_cast<std::size_t>(std::max<Index>(needed, 0)));
    while (static_cast<Index>(edges.size()) < needed) {
      rounds_.begin();
      note_components();
      look_for_edges(static_cast<Index>(edges.size()));
      rounds_.join(edges);
    }
    return edges;
  }

 private:
  /// Memory of one worker.
  struct Worker {
    explicit Worker(const Geometry& geometry)
        : search(geometry), limit(static_cast<std::size_t>(leaf_places)), known(limit.size()) {}
    LeafSearch<Geometry> search;
    std::vector<T> limit;  // by place: the largest value that counts; −1 = not looking
    std::vector<T> known;  // by place: the largest weight that counts
  };

  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }

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
    node_core_.assign(at(tree_.nodes()), std::numeric_limits<T>::infinity());
    for (Index leaf = 0; leaf < tree_.leaves(); ++leaf)
      for (Index p = tree_.leaf_begin(leaf); p < tree_.leaf_end(leaf); ++p) {
        T& lowest = node_core_[at(tree_.first_leaf() + leaf)];
        lowest = std::min(lowest, rounds_.core_value(p));
      }
    for (Index node = tree_.first_leaf() - 1; node >= 0; --node)
      node_core_[at(node)] = std::min(node_core_[at(2 * node + 1)], node_core_[at(2 * node + 2)]);
  }

  T lowest_core(Index node) const { return node_core_.empty() ? T(0) : node_core_[at(node)]; }

  static constexpr std::int32_t mixed = -1, nobody = -2;  // of a node: rows of several components, or none

  static std::int32_t together(std::int32_t a, std::int32_t b) {
    return a == b || b == nobody ? a : a == nobody ? b : mixed;
  }

  void note_components() {
    const Chunks leaves(tree_.leaves());
    parallel_for(threads_, leaves.count(), [&](Index chunk) {
      for (Index leaf = leaves.begin(chunk); leaf < leaves.end(chunk); ++leaf) {
        std::int32_t of = nobody;
        for (Index p = tree_.leaf_begin(leaf); p < tree_.leaf_end(leaf); ++p) of = together(of, rounds_.component(p));
        node_component_[at(tree_.first_leaf() + leaf)] = of;
      }
    });
    for (Index node = tree_.first_leaf() - 1; node >= 0; --node)
      node_component_[at(node)] = together(node_component_[at(2 * node + 1)], node_component_[at(2 * node + 2)]);
  }

  // Lets the rows of a leaf look for lighter edges than their components know.
  void look(Index leaf, Worker& worker) {
    const Index begin = tree_.leaf_begin(leaf), size = tree_.leaf_size(leaf);
    std::int32_t looking = nobody;  // the component of all that look
    std::fill(worker.limit.begin(), worker.limit.end(), T(-1));
    for (Index place = 0; place < size; ++place) {
      const Index p = begin + place;
      if (!rounds_.must_look(p)) continue;
      worker.known[at(place)] = worker.limit[at(place)] =
          std::min(rounds_.known_weight(p), std::numeric_limits<T>::max());
      looking = together(looking, rounds_.component(p));
    }
    if (looking == nobody) return;
    T most = std::numeric_limits<T>::max();
    T beyond = std::numeric_limits<T>::infinity();  // no row that is not looked at weighs less; 0 = some were looked at
    const Index own = tree_.first_leaf() + leaf;
    if (looking < 0 || node_component_[at(own)] != looking) beyond = 0;
    worker.search.run(
        leaf, leaf, worker.limit.data(),
        [&](T value, Index node) {
          if (looking >= 0 && node_component_[at(node)] == looking) return false;
          const T least = std::max(value, lowest_core(node));
          if (least <= most) {
            const bool is_leaf = tree_.is_leaf(node);
            if (!is_leaf && least < most) return true;
            if (is_leaf) most = tighten(begin, size, worker);
            if (may_hold_lighter(begin, size, worker, least, value, node)) {
              if (is_leaf && node != own) beyond = 0;
              return true;
            }
          }
          beyond = std::min(beyond, least);
          return false;
        },
        [&](const LeafPair<T>& pair, Index other) {
          const Index p = begin + pair.query, q = tree_.leaf_begin(other) + pair.place;
          if (rounds_.is_foreign(p, q))
            rounds_.improve(p, q, pair.value, worker.known[at(pair.query)], worker.limit[at(pair.query)]);
        });
    for (Index place = 0; place < size; ++place)
      if (worker.limit[at(place)] >= 0) rounds_.conclude(begin + place, worker.known[at(place)], beyond);
  }

  // Takes over what others found for the components of the rows that look; returns the largest weight that counts.
  T tighten(Index begin, Index size, Worker& worker) const {
    T most = -1;
    for (Index place = 0; place < size; ++place) {
      T& value_limit = worker.limit[at(place)];
      if (value_limit < 0) continue;
      T& known = worker.known[at(place)];
      known = std::min(known, rounds_.known_weight(begin + place));
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
      if (value > value_limit || std::max(least, rounds_.core_value(p)) > worker.known[at(place)]) continue;
      if (node_component_[at(node)] == rounds_.component(p)) continue;
      const bool is_as_near = rounds_.partner(p) >= 0 && value == value_limit && value == rounds_.partner_value(p);
      if (is_as_near && tree_.lowest_row(node) > rounds_.row(rounds_.partner(p))) continue;
      return true;
    }
    return false;
  }

  std::string_view function_;
  const typename Geometry::Tree& tree_;
  int threads_;
  const ProgressReporter& progress_;
  BoruvkaRounds<T> rounds_;
  std::vector<std::int32_t> node_component_;
  std::vector<T> node_core_;
  std::vector<Worker> workers_;
};

}  // namespace detail
CORYMB_END
