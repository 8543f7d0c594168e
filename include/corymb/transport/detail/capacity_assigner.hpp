#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/transport/cost_matrix.hpp>
#include <corymb/transport/detail/candidate_moves.hpp>
#include <corymb/transport/detail/check_costs.hpp>
#include <corymb/transport/detail/size_bounds.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The constant that, added to all prices, makes them best for the bounds: the assignment to the least cost − price
/// does not see it, only the part Σ_j (g_j > 0 ? min_j g_j : max_j g_j) − n · constant does. That is concave with its
/// kinks where a price becomes 0.
inline double best_price_shift(const double* prices, Index n, const SizeBounds& bounds) {
  std::vector<std::size_t> order(bounds.min.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return prices[a] > prices[b]; });
  Index slope = std::accumulate(bounds.max.begin(), bounds.max.end(), -n);  // while all prices are negative
  for (const std::size_t j : order) {
    slope -= bounds.max[j] - bounds.min[j];
    if (slope <= 0) return -prices[j];
  }
  return 0;
}

/// The assignment of each row to one column, the sizes of the columns within bounds, at minimal total cost, for many
/// rows and few columns. A flow problem on a small graph: its nodes are the k columns and a sink, to which column j
/// sends between min_j and max_j units of the n.
///
/// Prices g of the columns, and g_sink, are the potentials. By LP duality an assignment and prices are optimal if
///   every row is where cost − price is least, and
///   g_j > g_sink: column j sends min_j;  g_j < g_sink: it sends max_j;  else anything between,
///   every column sends as much as it has rows, and the sink receives n.
/// The first two hold from the start, for any prices, and always; the third is what is repaired. A node has an excess
/// (rows minus what is sent; received minus n), which moves along a shortest path to a node that lacks something:
///   j -> l     the row i of j moves for which cost(i, l) − cost(i, j) is least; at reduced cost that + g_j − g_l,
///   j -> sink  column j sends one more, if it may; at g_j − g_sink,
///   sink -> j  one less; at g_sink − g_j.
/// Reduced costs are ≥ 0 by the first two conditions (beyond rounding, and are held there), so that Dijkstra's search
/// finds the path; the distances become prices that keep both conditions. Every path lowers the total excess by at
/// least one (Ahuja, Magnanti and Orlin 1993, Network Flows, section 9.7: successive shortest paths).
template <class T>
class CapacityAssigner {
 public:
  /// Called now and then with the units that were moved and all there are; false stops.
  using Step = std::function<bool(Index done, Index total)>;
  enum class Outcome { assigned, infeasible, cancelled, far };

  /// Works on rows 0, stride, 2 stride … of the costs, `rows` of them. Costs and bounds must outlive this.
  CapacityAssigner(const CostMatrix<T>& cost, Index rows, Index stride, const SizeBounds& bounds, int threads)
      : cost_(cost),
        n_(rows),
        k_(cost.cols()),
        stride_(stride),
        bounds_(bounds),
        threads_(threads),
        prices_(static_cast<std::size_t>(k_) + 1, 0.0) {}

  /// Prices to start from, k of them; without this 0.
  void set_prices(const double* prices) {
    const double shift = best_price_shift(prices, n_, bounds_);
    for (Index j = 0; j < k_; ++j) at(prices_, j) = prices[j] + shift;
  }

  /// Gives up at once (far) if more than `most` units are where they should not be.
  Outcome run(const Step& step, Index most = std::numeric_limits<Index>::max()) {
    if (!assign_all()) return Outcome::infeasible;
    const Index total = balance();
    if (total > most) return Outcome::far;
    if (total > 0) list_members(total);
    if (total > k_) fill_moves();
    Index done = 0, reported = 0;
    const auto go_on = [&](Index moved) {
      done += moved;
      if (done - reported < units_per_step && done < total) return true;
      reported = done;
      return step(done, total);
    };
    for (Index paths = few_paths; paths >= few_paths && done < total;) {
      Index moved = 0;
      paths = augment_everywhere(moved);
      if (!go_on(moved)) return Outcome::cancelled;
    }
    for (Index source = 0; source <= k_; ++source)
      while (at(excess_, source) > 0) {
        const Index moved = augment(source);
        if (moved == 0) {
          unplaced_ += at(excess_, source);
          break;
        }
        if (!go_on(moved)) return Outcome::cancelled;
      }
    const double sink = at(prices_, k_);
    for (double& price : prices_) price -= sink;
    return unplaced_ > 0 ? Outcome::infeasible : Outcome::assigned;
  }

  Labels& labels() { return labels_; }
  Vector prices() const { return Eigen::Map<const Vector>(prices_.data(), k_); }
  /// The rows of each column.
  std::vector<Index> counts() const {
    std::vector<Index> counts(static_cast<std::size_t>(k_), 0);
    for (const std::int32_t label : labels_) ++at(counts, label);
    return counts;
  }
  /// The total cost; the same bits for any number of threads.
  double total_cost() const {
    return parallel_sum(1, Chunks(n_), 0.0, [&](Index begin, Index end) {
      return std::accumulate(own_cost_.begin() + begin, own_cost_.begin() + end, 0.0);
    });
  }
  /// Where it is infeasible: the first row without an allowed column, or −1.
  Index lost_row() const { return lost_row_; }
  /// Where it is infeasible otherwise: by how many rows the bounds are missed at least.
  Index unplaced() const { return unplaced_; }

  /// Bytes beside the result.
  static double memory(Index n, Index k) {
    return static_cast<double>(n) * (sizeof(std::int32_t) + sizeof(double) + 2 * sizeof(Index) + 1) +
           CandidateMoves::memory(n, k) + 64.0 * static_cast<double>(k) * sizeof(T);
  }

 private:
  static constexpr Index units_per_step = 256;
  static constexpr Index few_paths = 4;  // of one search from everywhere; searches that begin at one node are short
  static constexpr double infinity = std::numeric_limits<double>::infinity();

  template <class V>
  static decltype(auto) at(V& values, Index i) {
    return values[static_cast<std::size_t>(i)];
  }

  /// The costs of a row to all columns, in `buffer` where they are not stored.
  const T* costs_of(Index row, std::vector<T>& buffer) const {
    if (cost_.stored() != nullptr) return cost_.stored()->row(row * stride_);
    buffer.resize(static_cast<std::size_t>(k_));
    cost_.block(row * stride_, 1, 0, k_, buffer.data());
    return buffer.data();
  }

  /// Puts every row where cost − price is least; of several such columns into the first with room. False if a row has
  /// no allowed column.
  bool assign_all() {
    labels_.resize(n_);
    own_cost_.resize(static_cast<std::size_t>(n_));
    std::vector<char> tied(static_cast<std::size_t>(n_), 0);
    const Chunks chunks(n_, 256);
    std::vector<Index> lost(static_cast<std::size_t>(chunks.count()), -1);
    parallel_for(threads_, chunks.count(), [&](Index chunk) {
      std::vector<T> buffer;
      const auto use = [&](Index first, Index count, const T* costs, Index cost_stride) {
        for (Index i = 0; i < count; ++i) {
          const T* row = costs + i * cost_stride;
          Index best = 0;
          double least = static_cast<double>(row[0]) - prices_[0];
          bool again = false;
          for (Index j = 1; j < k_; ++j) {
            const double value = static_cast<double>(row[j]) - at(prices_, j);
            if (value > least) continue;
            again = value == least;
            if (again) continue;
            least = value;
            best = j;
          }
          labels_[first + i] = static_cast<std::int32_t>(best);
          at(own_cost_, first + i) = static_cast<double>(row[best]);
          at(tied, first + i) = again;
          if (!(least < infinity) && at(lost, chunk) < 0) at(lost, chunk) = first + i;
        }
      };
      if (stride_ == 1)
        for_each_cost_block(cost_, chunks.begin(chunk), chunks.end(chunk), buffer, use);
      else
        for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) use(i, 1, costs_of(i, buffer), k_);
    });
    for (const Index row : lost)
      if (row >= 0) {
        lost_row_ = row * stride_;
        return false;
      }
    place_tied(tied);
    return true;
  }

  /// Equal costs (equal points, equal columns, small whole numbers) would otherwise all meet in one column, to be moved
  /// away one by one.
  void place_tied(const std::vector<char>& tied) {
    std::vector<Index> count(static_cast<std::size_t>(k_), 0);
    for (Index i = 0; i < n_; ++i)
      if (!at(tied, i)) ++at(count, labels_[i]);
    std::vector<T> buffer;
    for (Index i = 0; i < n_; ++i) {
      if (!at(tied, i)) continue;
      const T* row = costs_of(i, buffer);
      const double least = at(own_cost_, i) - at(prices_, labels_[i]);
      Index place = -1;
      for (Index j = labels_[i]; j < k_; ++j) {
        if (static_cast<double>(row[j]) - at(prices_, j) != least) continue;
        if (at(count, j) < at(bounds_.min, j)) {
          place = j;
          break;
        }
        if (place < 0 && at(prices_, j) <= 0 && at(count, j) < at(bounds_.max, j)) place = j;
      }
      if (place < 0) place = labels_[i];
      labels_[i] = static_cast<std::int32_t>(place);
      at(own_cost_, i) = static_cast<double>(row[place]);
      ++at(count, place);
    }
  }

  /// What every column sends, and the excesses that leaves. Returns their positive sum.
  Index balance() {
    const std::vector<Index> count = counts();
    sent_.resize(count.size());
    excess_.assign(count.size() + 1, 0);
    at(excess_, k_) = -n_;
    for (Index j = 0; j < k_; ++j) {
      const Index min = at(bounds_.min, j), max = at(bounds_.max, j);
      const double price = at(prices_, j);
      at(sent_, j) = price > 0 ? min : price < 0 ? max : std::clamp(at(count, j), min, max);
      at(excess_, j) = at(count, j) - at(sent_, j);
      at(excess_, k_) += at(sent_, j);
    }
    Index total = 0;
    for (const Index excess : excess_) total += std::max<Index>(excess, 0);
    return total;
  }

  void list_members(Index units) {
    members_.assign(static_cast<std::size_t>(k_), {});
    position_.resize(static_cast<std::size_t>(n_));
    for (Index i = 0; i < n_; ++i) {
      std::vector<Index>& column = at(members_, labels_[i]);
      at(position_, i) = static_cast<Index>(column.size());
      column.push_back(i);
    }
    moves_ = CandidateMoves(n_, k_, units);
    distance_.resize(static_cast<std::size_t>(k_) + 1);
    came_from_.resize(distance_.size());
    moved_row_.resize(distance_.size());
    is_settled_.resize(distance_.size());
  }

  /// Finds the best moves of all columns: where many are needed, this is the part that threads can do.
  void fill_moves() {
    std::vector<RefillScratch> scratch(static_cast<std::size_t>(std::max(threads_, 1)));
    parallel_for(threads_, k_, [&](Index from, int worker) { refill(from, at(scratch, worker)); });
  }

  struct RefillScratch {
    std::vector<T> costs;
    std::vector<Index> short_lists;
  };

  void refill(Index from, RefillScratch& scratch) {
    moves_.begin_refill(from, labels_, scratch.short_lists);
    for (const Index row : at(members_, from))
      moves_.offer(from, row, costs_of(row, scratch.costs), scratch.short_lists);
    moves_.end_refill(from, scratch.short_lists);
  }

  void begin_search(bool ends_at_first) {
    ends_at_first_ = ends_at_first;
    reach_ = infinity;
    std::fill(distance_.begin(), distance_.end(), infinity);
    std::fill(is_settled_.begin(), is_settled_.end(), char{0});
    settled_.clear();
  }

  void settle(Index node) {
    at(is_settled_, node) = 1;
    settled_.push_back(node);
    node == k_ ? relax_sink() : relax(node);
  }

  /// Turns distances into prices, after which the paths to all settled nodes have reduced cost 0.
  void lower_prices(double travelled) {
    for (const Index u : settled_) at(prices_, u) -= travelled - at(distance_, u);
  }

  /// Moves what one shortest path from `source` can carry. Returns how many units; 0 if there is no path.
  Index augment(Index source) {
    begin_search(true);
    at(distance_, source) = 0;
    at(came_from_, source) = -1;
    Index node = source;
    do {
      settle(node);
      node = nearest_open();
      if (node < 0) return 0;
    } while (at(excess_, node) >= 0);
    lower_prices(at(distance_, node));
    return carry(node);
  }

  /// The same for shortest paths from all nodes with an excess to all that lack something, as far as they do not get
  /// into each other's way: one search serves many paths while there is much to move. Returns how many.
  Index augment_everywhere(Index& moved) {
    begin_search(false);
    Index lacking = 0;
    for (Index u = 0; u <= k_; ++u) {
      if (at(excess_, u) > 0) {
        at(distance_, u) = 0;
        at(came_from_, u) = -1;
      }
      lacking += at(excess_, u) < 0;
    }
    double travelled = 0;
    for (Index node = nearest_open(); node >= 0 && lacking > 0; node = nearest_open()) {
      travelled = at(distance_, node);
      lacking -= at(excess_, node) < 0;
      settle(node);
    }
    lower_prices(travelled);
    Index paths = 0;
    for (const Index node : settled_) {
      if (at(excess_, node) >= 0) continue;
      const Index amount = carry(node);
      moved += amount;
      paths += amount > 0;
    }
    return paths;
  }

  /// The node nearest to the source that is not settled; of several one that ends the search, then the lowest.
  Index nearest_open() const {
    Index nearest = -1;
    double shortest = infinity;
    for (Index u = 0; u <= k_; ++u) {
      if (at(is_settled_, u)) continue;
      const double distance = at(distance_, u);
      if (distance < shortest ||
          (distance == shortest && nearest >= 0 && at(excess_, u) < 0 && at(excess_, nearest) >= 0)) {
        shortest = distance;
        nearest = u;
      }
    }
    return nearest;
  }

  void reached(Index node, double distance, Index from, Index row) {
    if (!(distance < at(distance_, node))) return;
    at(distance_, node) = distance;
    at(came_from_, node) = from;
    at(moved_row_, node) = row;
    if (ends_at_first_ && at(excess_, node) < 0) reach_ = std::min(reach_, distance);
  }

  void relax(Index from) {
    const double here = at(distance_, from), price = at(prices_, from);
    const auto through = [&](double change, Index to) {
      return here + std::max(0.0, change + price - at(prices_, to));
    };
    const double* change = moves_.best_changes(from);
    const Index* row = moves_.best_rows(from);
    for (Index to = 0; to < k_; ++to) {
      if (!(through(change[to], to) < std::min(at(distance_, to), reach_)) || at(is_settled_, to)) continue;
      if (row[to] < 0) {  // it could be of use, so now the rows of the column must be gone through
        refill(from, scratch_);
        if (!(through(change[to], to) < std::min(at(distance_, to), reach_))) continue;
      }
      reached(to, through(change[to], to), from, row[to]);
    }
    if (!at(is_settled_, k_) && at(sent_, from) < at(bounds_.max, from)) reached(k_, through(0, k_), from, -1);
  }

  void relax_sink() {
    for (Index to = 0; to < k_; ++to)
      if (!at(is_settled_, to) && at(sent_, to) > at(bounds_.min, to))
        reached(to, at(distance_, k_) + std::max(0.0, at(prices_, k_) - at(prices_, to)), k_, -1);
  }

  /// Moves what the path that was found to `target` can carry: 0 where other paths have used it up.
  Index carry(Index target) {
    // One row moves at a time; what columns send changes by as much as all of the path allows.
    Index amount = -at(excess_, target), source = target;
    for (Index from; (from = at(came_from_, source)) >= 0; source = from) {
      if (source == k_)
        amount = std::min(amount, at(bounds_.max, from) - at(sent_, from));
      else if (from == k_)
        amount = std::min(amount, at(sent_, source) - at(bounds_.min, source));
      else
        amount = std::min<Index>(amount, moves_.best_rows(from)[source] == at(moved_row_, source));
    }
    amount = std::min(amount, at(excess_, source));
    if (amount <= 0) return 0;
    for (Index to = target; to != source; to = at(came_from_, to)) {
      const Index from = at(came_from_, to);
      if (to == k_)
        at(sent_, from) += amount;
      else if (from == k_)
        at(sent_, to) -= amount;
      else
        move_row(at(moved_row_, to), from, to);
    }
    at(excess_, source) -= amount;
    at(excess_, target) += amount;
    return amount;
  }

  void move_row(Index row, Index from, Index to) {
    std::vector<Index>& left = at(members_, from);
    const Index place = at(position_, row), last = left.back();
    at(left, place) = last;
    at(position_, last) = place;
    left.pop_back();
    std::vector<Index>& joined = at(members_, to);
    at(position_, row) = static_cast<Index>(joined.size());
    joined.push_back(row);
    labels_[row] = static_cast<std::int32_t>(to);
    const T* costs = costs_of(row, scratch_.costs);
    at(own_cost_, row) = static_cast<double>(costs[to]);
    moves_.remove(from, row, labels_);
    moves_.add(to, row, costs);
  }

  const CostMatrix<T>& cost_;
  Index n_;
  Index k_;
  Index stride_;
  const SizeBounds& bounds_;
  int threads_;
  std::vector<double> prices_;  // of the columns, then of the sink
  Labels labels_;
  std::vector<double> own_cost_;             // by row: of its column
  std::vector<std::vector<Index>> members_;  // by column: its rows, in any order
  std::vector<Index> position_;              // by row: where it stands among the members of its column
  std::vector<Index> sent_;                  // by column: units that it sends to the sink
  std::vector<Index> excess_;                // by node
  CandidateMoves moves_;
  RefillScratch scratch_;
  // Of one search:
  bool ends_at_first_ = false;  // node that lacks something
  double reach_ = 0;            // the distance of the nearest such node so far, beyond which nothing matters
  // and by node:
  std::vector<double> distance_;
  std::vector<Index> came_from_;  // −1 where the search began
  std::vector<Index> moved_row_;  // that goes from there to here; −1 next to the sink
  std::vector<char> is_settled_;
  std::vector<Index> settled_;  // these nodes
  Index lost_row_ = -1;
  Index unplaced_ = 0;
};

}  // namespace detail
CORYMB_END
