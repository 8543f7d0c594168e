#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Masses of the rows and columns of a transport problem, in units that make them whole numbers of equal sums: flows
/// are then exact, and a flow is 0 or it is not. Each mass is at least one unit.
struct WholeMasses {
  std::vector<std::int64_t> row;
  std::vector<std::int64_t> column;
};

/// A transport problem by the network simplex method. Row i sends to column j at cost(i, j), which is
/// `costs[i * stride + j]`; +infinity forbids the arc.
///
/// The basis is a spanning tree of the rows, the columns and a root. Every node but the root knows its parent and the
/// flow of the arc to it; arcs lead from rows to columns, so that of a row leads up and that of a column leads down.
/// The root stands in for what rows and columns could not do with each other: it takes from rows and gives to columns,
/// at a cost above that of all arcs, and the arcs to it that leave the tree never come back.
///
/// Tree arcs have f_i + g_j = cost. An arc of f_i + g_j > cost enters, flow goes round the cycle that it closes, and
/// the arc leaves whose flow reaches 0 first: the last such arc of the cycle, from its topmost node on in the direction
/// of the flow. So every arc of flow 0 leads up (the tree is strongly feasible), and no tree is met twice, however many
/// pivots move no flow (Cunningham 1976; Ahuja, Magnanti and Orlin 1993, section 11.6).
template <class T>
class NetworkSimplex {
 public:
  /// @param lowest   of the finite costs: reduced costs are computed from it, so that an offset costs no digits
  /// @param highest  likewise
  /// @param rows     numbers of the rows that have mass, ascending; columns likewise
  NetworkSimplex(const T* costs, Index stride, double lowest, double highest, bool some_forbidden,
                 std::vector<Index> rows, std::vector<Index> columns, const WholeMasses& mass)
      : costs_(costs),
        stride_(stride),
        lowest_(lowest),
        row_number_(std::move(rows)),
        column_number_(std::move(columns)),
        n_(static_cast<Index>(row_number_.size())),
        k_(static_cast<Index>(column_number_.size())),
        root_(n_ + k_),
        nodes_(static_cast<std::size_t>(n_ + k_ + 1)),
        all_columns_(k_ == 0 || column_number_.back() == k_ - 1) {
    const double range = std::max(highest - lowest, std::numeric_limits<double>::min());
    // Dearer than any way round: over one arc, or where some are forbidden over as many as there may be.
    root_cost_ = some_forbidden ? range * static_cast<double>(std::min(n_, k_) + 1) : range;
    // Potentials are sums of costs along the tree: what lies beyond their rounding is worth a pivot.
    tolerance_ = 0x1p-46 * root_cost_;
    for (const std::int64_t units : mass.row) all_units_ += static_cast<double>(units);
    begin(mass);
  }

  /// Pivots until no arc may enter. step(pivots, cost) is called now and then; false stops, and is returned then.
  template <class Step>
  bool run(const Step& step) {
    for (;;) {
      Index row = 0, column = 0;
      double reduced = 0;
      if (!find_entering(row, column, reduced)) {
        // Potentials were changed again and again: nothing counts but those of the tree as it is. (Not for ever: each
        // time they might differ in their last digits.)
        compute_potentials();
        if (++renewals_ > most_renewals || !find_entering(row, column, reduced)) return true;
      }
      pivot(row, column, reduced);
      if (++pivots_ % pivots_per_step == 0 && !step(pivots_, cost_ + lowest_ * all_units_)) {
        compute_potentials();
        return false;
      }
    }
  }

  std::int64_t pivots() const { return pivots_; }

  /// Units that the rows could not send.
  std::int64_t unsent() const {
    std::int64_t units = 0;
    for (Index i = 0; i < n_; ++i)
      if (at(i).parent == root_) units += at(i).flow;
    return units;
  }

  /// f(row, column, units) for every pair of positive flow, in no order.
  template <class F>
  void for_each_flow(const F& f) const {
    for (Index u = 0; u < root_; ++u) {
      const Node& node = at(u);
      if (node.parent == root_ || node.flow == 0) continue;
      const Index i = u < n_ ? u : node.parent, j = u < n_ ? node.parent : u;
      f(number(i), number(j), node.flow);
    }
  }

  /// g of the columns that have mass, at their numbers; the costs are those above `lowest`.
  void write_column_potentials(Vector& potential) const {
    for (Index j = n_; j < root_; ++j) potential[number(j)] = at(j).potential;
  }

  static double memory(Index n, Index k) {
    return static_cast<double>(n + k + 1) * (sizeof(Node) + 20 * sizeof(Index)) +
           static_cast<double>(k) * sizeof(double);
  }

 private:
  static constexpr Index none = -1;
  static constexpr std::int64_t pivots_per_step = 1024;
  static constexpr int most_renewals = 20;

  struct Node {
    Index parent = none;
    Index first_child = none;
    Index next = none;  // of the same parent
    Index previous = none;
    Index size = 1;         // nodes of the subtree
    std::int64_t flow = 0;  // of the arc to the parent
    double potential = 0;   // f of a row, g of a column; the root counts as a column
  };

  Node& at(Index u) { return nodes_[static_cast<std::size_t>(u)]; }
  const Node& at(Index u) const { return nodes_[static_cast<std::size_t>(u)]; }
  bool is_row(Index u) const { return u < n_; }

  /// As the costs count rows and columns.
  Index number(Index u) const {
    return u < n_ ? row_number_[static_cast<std::size_t>(u)] : column_number_[static_cast<std::size_t>(u - n_)];
  }

  double cost(Index i, Index j) const { return static_cast<double>(costs_[number(i) * stride_ + number(j)]) - lowest_; }

  void add_child(Index parent, Index child) {
    Node& node = at(child);
    node.parent = parent;
    node.previous = none;
    node.next = at(parent).first_child;
    if (node.next != none) at(node.next).previous = child;
    at(parent).first_child = child;
  }

  void remove_child(Index child) {
    const Node& node = at(child);
    if (node.previous != none)
      at(node.previous).next = node.next;
    else
      at(node.parent).first_child = node.next;
    if (node.next != none) at(node.next).previous = node.previous;
  }

  // --- the first tree ---

  /// One after the other, every row sends to the cheapest columns that have room, or where there are more columns every
  /// column takes from the cheapest rows; the lower one on ties. Each arc uses up a row or a column, so the arcs make
  /// trees, each with at most one node that is not used up: there, or at any row, it hangs on the root.
  void begin(const WholeMasses& mass) {
    std::vector<std::int64_t> row_left = mass.row, column_left = mass.column;
    struct Arc {
      Index row, column;
      std::int64_t flow;
    };
    std::vector<Arc> arcs;
    arcs.reserve(nodes_.size());
    const bool by_columns = k_ > n_;
    std::vector<std::int64_t>& outer_left = by_columns ? column_left : row_left;
    std::vector<std::int64_t>& inner_left = by_columns ? row_left : column_left;
    std::vector<Index> open(inner_left.size());  // of those with room, ascending
    std::iota(open.begin(), open.end(), Index{0});
    for (Index outer = 0; outer < static_cast<Index>(outer_left.size()); ++outer) {
      std::int64_t& left = outer_left[static_cast<std::size_t>(outer)];
      while (left > 0) {
        double least = std::numeric_limits<double>::infinity();
        auto cheapest = open.end();
        for (auto inner = open.begin(); inner != open.end(); ++inner) {
          const double value = by_columns ? cost(*inner, n_ + outer) : cost(outer, n_ + *inner);
          if (!(value < least)) continue;
          least = value;
          cheapest = inner;
        }
        if (cheapest == open.end()) break;
        std::int64_t& room = inner_left[static_cast<std::size_t>(*cheapest)];
        const std::int64_t flow = std::min(left, room);
        arcs.push_back({by_columns ? *cheapest : outer, n_ + (by_columns ? outer : *cheapest), flow});
        cost_ += static_cast<double>(flow) * least;
        left -= flow;
        room -= flow;
        if (room == 0) open.erase(cheapest);
      }
      cost_ += 2 * root_cost_ * static_cast<double>(left);  // by way of the root
    }
    // Neighbours of each node, then the trees from the nodes that hang on the root.
    std::vector<std::vector<Index>> arcs_of(static_cast<std::size_t>(root_));
    for (std::size_t a = 0; a < arcs.size(); ++a) {
      arcs_of[static_cast<std::size_t>(arcs[a].row)].push_back(static_cast<Index>(a));
      arcs_of[static_cast<std::size_t>(arcs[a].column)].push_back(static_cast<Index>(a));
    }
    std::vector<char> is_reached(static_cast<std::size_t>(root_), 0);
    std::vector<Index> order;
    const auto hang = [&](Index top, std::int64_t flow) {
      add_child(root_, top);
      at(top).flow = flow;
      is_reached[static_cast<std::size_t>(top)] = 1;
      const std::size_t first = order.size();
      order.push_back(top);
      for (std::size_t next = first; next < order.size(); ++next) {
        const Index u = order[next];
        for (const Index a : arcs_of[static_cast<std::size_t>(u)]) {
          const Arc& arc = arcs[static_cast<std::size_t>(a)];
          const Index v = is_row(u) ? arc.column : arc.row;
          if (is_reached[static_cast<std::size_t>(v)]) continue;
          is_reached[static_cast<std::size_t>(v)] = 1;
          add_child(u, v);
          at(v).flow = arc.flow;
          order.push_back(v);
        }
      }
    };
    for (Index i = 0; i < n_; ++i)
      if (row_left[static_cast<std::size_t>(i)] > 0) hang(i, row_left[static_cast<std::size_t>(i)]);
    for (Index j = 0; j < k_; ++j)
      if (column_left[static_cast<std::size_t>(j)] > 0) hang(n_ + j, column_left[static_cast<std::size_t>(j)]);
    for (Index i = 0; i < n_; ++i)
      if (!is_reached[static_cast<std::size_t>(i)]) hang(i, 0);
    for (auto u = order.rbegin(); u != order.rend(); ++u) at(at(*u).parent).size += at(*u).size;
    column_potential_.resize(static_cast<std::size_t>(k_));
    compute_potentials();
  }

  // --- potentials ---

  /// f(node) for the subtree of `top`, without that of `skipped`, parents first.
  template <class F>
  void for_each_below(Index top, Index skipped, const F& f) {
    Index u = top;
    for (;;) {
      if (u != skipped) {
        f(u);
        if (at(u).first_child != none) {
          u = at(u).first_child;
          continue;
        }
      }
      while (u != top && at(u).next == none) u = at(u).parent;
      if (u == top) return;
      u = at(u).next;
    }
  }

  void set_potential(Index u, double value) {
    at(u).potential = value;
    if (u >= n_ && u < root_) column_potential_[static_cast<std::size_t>(u - n_)] = value;
  }

  /// From the root down, whose potential is 0.
  void compute_potentials() {
    at(root_).potential = 0;
    for_each_below(root_, none, [&](Index u) {
      if (u == root_) return;
      const Index parent = at(u).parent;
      if (parent == root_)
        set_potential(u, root_cost_);
      else
        set_potential(u, (is_row(u) ? cost(u, parent) : cost(parent, u)) - at(parent).potential);
    });
  }

  // --- pivots ---

  /// The arc of the least reduced cost among the next ones in the order of rows and columns, beyond where the last one
  /// was found. About √(n k) are looked at, and more until one may enter (block search).
  bool find_entering(Index& row, Index& column, double& reduced) {
    const auto enough =
        std::max<Index>(static_cast<Index>(std::sqrt(static_cast<double>(n_) * static_cast<double>(k_))), 16);
    Index in_block = 0;
    for (Index seen = 0; seen < n_ * k_;) {
      const Index end = std::min({next_column_ + enough - in_block, k_, next_column_ + n_ * k_ - seen});
      const double limit = -tolerance_;
      const Index found = least_in_row(next_row_, next_column_, end, std::min(limit, reduced));
      if (found != none) {
        row = next_row_;
        column = n_ + found;
        reduced = cost(row, column) - at(row).potential - at(column).potential;
      }
      seen += end - next_column_;
      in_block += end - next_column_;
      next_column_ = end;
      if (next_column_ == k_) {
        next_column_ = 0;
        if (++next_row_ == n_) next_row_ = 0;
      }
      if (in_block < enough) continue;
      if (reduced < 0) return true;
      in_block = 0;
    }
    return reduced < 0;
  }

  /// The first of the columns from `begin` to `end` − 1 of the least reduced cost, if that is below `limit`.
  Index least_in_row(Index i, Index begin, Index end, double limit) const {
    const T* costs = costs_ + number(i) * stride_;
    const double* g = column_potential_.data();
    const double f = at(i).potential, lowest = lowest_;
    Index found = none;
    const auto look = [&](Index j, T value) {
      const double reduced = (static_cast<double>(value) - lowest) - f - g[j];
      if (!(reduced < limit)) return;
      limit = reduced;
      found = j;
    };
    if (all_columns_)
      for (Index j = begin; j < end; ++j) look(j, costs[j]);
    else
      for (Index j = begin; j < end; ++j) look(j, costs[column_number_[static_cast<std::size_t>(j)]]);
    return found;
  }

  void pivot(Index row, Index column, double reduced) {
    Index top = row;
    for (Index other = column; top != other;) {
      Index& lower = at(top).size < at(other).size ? top : other;
      lower = at(lower).parent;
    }
    // The flow goes from the topmost node down to the row, over the entering arc and up again.
    std::int64_t flow = std::numeric_limits<std::int64_t>::max();
    Index leaving = none;  // below the arc that leaves
    bool leaves_above_row = false;
    for (Index u = row; u != top; u = at(u).parent)
      if (is_row(u) && at(u).flow < flow) {
        flow = at(u).flow;
        leaving = u;
        leaves_above_row = true;
      }
    for (Index u = column; u != top; u = at(u).parent)
      if (!is_row(u) && at(u).flow <= flow) {
        flow = at(u).flow;
        leaving = u;
        leaves_above_row = false;
      }
    if (flow > 0) {
      for (Index u = row; u != top; u = at(u).parent) at(u).flow += is_row(u) ? -flow : flow;
      for (Index u = column; u != top; u = at(u).parent) at(u).flow += is_row(u) ? flow : -flow;
      cost_ += reduced * static_cast<double>(flow);
    }
    const Index inside = leaves_above_row ? row : column;   // of the subtree that is cut off
    const Index outside = leaves_above_row ? column : row;  // where it is put
    move_subtree(leaving, inside, outside, top, flow);
    // The entering arc is now in the tree: one side of it changes, and it does not matter which.
    const double change = is_row(inside) ? reduced : -reduced;  // of f, while g changes by as much the other way
    const bool below = 2 * at(inside).size <= root_ + 1;
    const double shift = below ? change : -change;
    for_each_below(below ? inside : root_, below ? none : inside,
                   [&](Index u) { set_potential(u, at(u).potential + (is_row(u) ? shift : -shift)); });
  }

  /// Takes the subtree of `leaving` away, turns it so that `inside` is on top, and puts it below `outside`.
  /// @param top   an ancestor of both, above which sizes stay
  /// @param flow  of the new arc
  void move_subtree(Index leaving, Index inside, Index outside, Index top, std::int64_t flow) {
    const Index size = at(leaving).size;
    for (Index u = at(leaving).parent; u != top; u = at(u).parent) at(u).size -= size;
    for (Index u = outside; u != top; u = at(u).parent) at(u).size += size;
    Index u = inside, parent = outside, below = 0;  // size of the subtree that was the last one's
    for (;;) {
      const Index old_parent = at(u).parent, old_size = at(u).size;
      const std::int64_t old_flow = at(u).flow;
      remove_child(u);
      add_child(parent, u);
      at(u).flow = flow;
      at(u).size = size - below;
      if (u == leaving) return;
      below = old_size;
      flow = old_flow;
      parent = u;
      u = old_parent;
    }
  }

  const T* costs_;
  Index stride_;
  double lowest_;
  std::vector<Index> row_number_;
  std::vector<Index> column_number_;
  Index n_;
  Index k_;
  Index root_;
  std::vector<Node> nodes_;               // rows, columns, root
  bool all_columns_;                      // column j is number j
  std::vector<double> column_potential_;  // of the nodes again, side by side
  double root_cost_ = 0;
  double tolerance_ = 0;
  double cost_ = 0;  // of the present flow, in units, above `lowest`
  double all_units_ = 0;
  int renewals_ = 0;  // of all potentials
  std::int64_t pivots_ = 0;
  Index next_row_ = 0;  // where the search for the next arc goes on
  Index next_column_ = 0;
};

}  // namespace detail
CORYMB_END
