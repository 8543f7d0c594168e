#pragma once

#include <corymb/core/detail/concurrent_union_find.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/graph/detail/spanning_tree/reachability.hpp>
#include <corymb/graph/detail/spanning_tree/tree_edge.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The nearest other rows of every row, nearest first, by positions.
template <class T>
struct NeighborLists {
  Index k = 0;
  std::vector<std::int32_t> position;  // n × k
  std::vector<T> value;                // n × k
  bool has_lower_rows = true;          // of rows equally near as the last of a list, it has the lower ones
};

/// What is known of edges while a minimum spanning tree of rows is found by rounds (Borůvka): every component but the
/// largest joins along its lightest edge to another one. Rows stand at positions.
///
/// A row's lightest edge to another component only becomes heavier as components grow. So what a row found is right
/// until its partner joins its component, and a lower bound from then on; a row looks again only where that bound does
/// not exceed the lightest edge that its component knows. The lists of neighbours answer the first rounds.
template <class T>
class BoruvkaRounds {
 public:
  /// @param order         by position: the row
  /// @param reachability  of rows in this order
  /// @param lists         of each row's nearest others; k = 0: none. Kept by reference, as the other parameters
  BoruvkaRounds(const std::vector<std::int32_t>& order, const Reachability<T>& reachability,
                const NeighborLists<T>& lists, int threads)
      : order_(order),
        reachability_(reachability),
        lists_(lists),
        threads_(threads),
        sets_(rows()),
        component_(order.size()),
        components_(order.size()),
        size_(order.size(), 1),
        partner_(order.size(), -1),
        value_(order.size()),
        bound_(order.size()),
        limit_(new std::atomic<T>[order.size()]),
        lightest_(new std::atomic<std::int32_t>[order.size()]) {
    std::iota(component_.begin(), component_.end(), 0);
    std::iota(components_.begin(), components_.end(), 0);
    for_positions([&](Index p) { bound_[at(p)] = core_value(p); });
  }

  /// Bytes, with those of the reachability.
  static double memory(Index n) {
    return static_cast<double>(n) * (6 * sizeof(std::int32_t) + 4 * sizeof(T) + sizeof(double) + sizeof(TreeEdge<T>));
  }

  Index rows() const { return static_cast<Index>(order_.size()); }
  std::int32_t row(Index p) const { return order_[at(p)]; }
  std::int32_t component(Index p) const { return component_[at(p)]; }
  bool is_foreign(Index p, Index q) const { return component(p) != component(q); }
  /// Whether a row belongs to the component that the others are left to join.
  bool is_in_largest(Index p) const { return component(p) == largest_; }
  T core_value(Index p) const { return reachability_.core_value(p); }
  /// The other end of the lightest known edge to another component; −1 = none.
  std::int32_t partner(Index p) const { return partner_[at(p)]; }
  /// Of the distance to the partner.
  T partner_value(Index p) const { return value_[at(p)]; }
  /// The lightest weight that the component of a row knows.
  T known_weight(Index p) const { return limit_[at(component(p))].load(std::memory_order_relaxed); }

  /// Begins a round with what rows know already.
  void begin() {
    std::erase_if(components_, [&](std::int32_t of) { return sets_.find(of) != of; });
    largest_ = *std::max_element(components_.begin(), components_.end(),
                                 [&](std::int32_t a, std::int32_t b) { return size_[at(a)] < size_[at(b)]; });
    for (const std::int32_t of : components_) {
      limit_[at(of)].store(std::numeric_limits<T>::infinity(), std::memory_order_relaxed);
      lightest_[at(of)].store(-1, std::memory_order_relaxed);
    }
    for_positions([&](Index p) { component_[at(p)] = static_cast<std::int32_t>(sets_.find(component(p))); });
    for_positions([&](Index p) {
      if (!is_in_largest(p)) recall(p);
    });
  }

  /// Whether a row may find a lighter edge than its component knows.
  bool must_look(Index p) const { return !is_in_largest(p) && !is_settled(p) && bound_[at(p)] <= known_weight(p); }

  /// Keeps an edge of p to another component if it is lighter than what p knows.
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

  /// All edges of p up to a weight have been seen.
  /// @param beyond  no edge that has not been seen weighs less
  void conclude(Index p, T known, T beyond) {
    if (partner_[at(p)] >= 0 && partner_weight(p) <= known)
      settle(p);
    else
      bound_[at(p)] = std::max({bound_[at(p)], std::nextafter(known, infinity), beyond});
  }

  /// Ends a round: components join along their lightest edges, which are added.
  void join(std::vector<TreeEdge<T>>& edges) {
    for_positions([&](Index p) {
      if (!is_in_largest(p)) propose(p);
    });
    for (const std::int32_t of : components_) {
      const std::int32_t from = lightest_[at(of)].load(std::memory_order_relaxed);
      if (from < 0) continue;
      const Index a = sets_.find(from), b = sets_.find(partner_[at(from)]);
      if (a == b) continue;  // it is also its partner's lightest edge
      const std::int32_t size = size_[at(a)] + size_[at(b)];
      sets_.unite(a, b);
      size_[at(sets_.find(a))] = size;
      edges.push_back({row(from), row(partner_[at(from)]), value_[at(from)]});
    }
  }

 private:
  static constexpr T infinity = std::numeric_limits<T>::infinity();
  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }
  double core(Index p) const { return reachability_.core(p); }
  EdgeKey<T> key(Index p, Index q, T value) const { return reachability_.key(p, q, value); }
  T weight(Index p, Index q, T value) const { return reachability_.weight(p, q, value); }

  template <class Use>
  void for_positions(const Use& use) {
    const Chunks chunks(rows());
    parallel_for(threads_, chunks.count(), [&](Index chunk) {
      for (Index p = chunks.begin(chunk); p < chunks.end(chunk); ++p) use(p);
    });
  }

  void lower_limit(Index p, T weight) {
    std::atomic<T>& of = limit_[at(component(p))];
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
    // Of equal weights, rows outside the list have values as large: only a smaller core distance could come before, or
    // a lower row.
    const bool is_least = beyond > own || best.value == best.weight || best.core <= core(p);
    const bool is_first = lists_.has_lower_rows || best.value < value[lists_.k - 1];
    if (best.weight < beyond || (is_least && is_first)) settle(p);
  }

  // Keeps the first of the edges that are as light as any of a component.
  void propose(Index p) {
    if (partner_[at(p)] < 0 || partner_weight(p) > known_weight(p)) return;
    const EdgeKey<T> own = key(p, partner_[at(p)], value_[at(p)]);
    std::atomic<std::int32_t>& first = lightest_[at(component(p))];
    std::int32_t seen = first.load(std::memory_order_relaxed);
    while (seen < 0 || own < key(seen, partner_[at(seen)], value_[at(seen)]))
      if (first.compare_exchange_weak(seen, static_cast<std::int32_t>(p), std::memory_order_relaxed)) return;
  }

  const std::vector<std::int32_t>& order_;
  const Reachability<T>& reachability_;
  const NeighborLists<T>& lists_;
  int threads_;
  ConcurrentUnionFind sets_;              // of positions, as all that follows
  std::vector<std::int32_t> component_;   // by position: a position of it
  std::vector<std::int32_t> components_;  // all there are
  std::vector<std::int32_t> size_;        // by component
  std::int32_t largest_ = 0;              // component
  std::vector<std::int32_t> partner_;
  std::vector<T> value_;
  std::vector<T> bound_;                                   // no edge to another component but the partner's weighs less
  std::unique_ptr<std::atomic<T>[]> limit_;                // by component: the lightest weight that is known
  std::unique_ptr<std::atomic<std::int32_t>[]> lightest_;  // by component: whose edge is the lightest; −1 = none yet
};

}  // namespace detail
CORYMB_END
