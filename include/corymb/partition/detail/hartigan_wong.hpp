#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Moves single points to other clusters while that lowers the inertia: what is left for a partition that Lloyd's
/// algorithm no longer changes.
///
/// Moving a point x of weight w from cluster a to b, centroids included, changes the inertia by
///   w · (W_b / (W_b + w) · ‖x − c_b‖² − W_a / (W_a − w) · ‖x − c_a‖²),
/// called target cost − own cost below. Both factors favour leaving, so points leave that are nearest to their own
/// centroid; and where no point moves any more, every point is nearest to its own centroid.
///
/// A pass finds, in parallel and for fixed centroids, the rows that would gain; then moves them one after the other, in
/// the order of the rows, each if it still gains. All in double and relative to the mean of all rows, so that neither
/// float nor an offset of the data blurs a decision: the same moves for any number of threads. A pass looks only where
/// an answer can be new: at the rows of clusters that changed, and at clusters that changed for the other rows; and not
/// at rows so near to their own centroid that the triangle inequality rules a gain out.
/// @see Hartigan and Wong (1979), Algorithm AS 136, Applied Statistics 28, 100–108, doi:10.2307/2346830; Telgarsky and
///      Vattani (2010), Hartigan's method: k-means clustering without Voronoi, AISTATS, 820–827.
template <class T>
class SinglePointMoves {
 public:
  /// `labels`, in [0, k), are changed by passes. `weight`: null = all one; rows of weight 0 never move.
  SinglePointMoves(const Points<T>& X, Index k, const double* weight, int threads, Labels& labels)
      : X_(X),
        k_(k),
        weight_(weight),
        threads_(threads),
        labels_(labels),
        heaviest_(weight != nullptr ? *std::max_element(weight, weight + X.rows()) : 1.0),
        sums_(RowMatrix<double>::Zero(k, X.cols())),
        centroids_(k, X.cols()),
        weights_(Vector::Zero(k)),
        members_(static_cast<std::size_t>(k), 0),
        changed_(static_cast<std::size_t>(k), true),
        own_(static_cast<std::size_t>(X.rows())),
        open_(static_cast<std::size_t>(X.rows()), false),
        reach_(static_cast<std::size_t>(k)),
        workspace_(static_cast<std::size_t>(threads)) {
    find_mean();
  }

  /// One pass. Returns how many points moved; 0: no single move lowers the inertia.
  Index pass() {
    sum_changed();
    find_changed();
    find_reach();
    const Chunks chunks(X_.rows());
    std::vector<std::vector<Move>> found(to_size(chunks.count()));
    parallel_for(threads_, chunks.count(), [&](Index chunk, int worker) {
      find_moves(chunks.begin(chunk), chunks.end(chunk), workspace_[to_size(worker)], found[to_size(chunk)]);
    });
    std::fill(changed_.begin(), changed_.end(), false);
    Index moved = 0;
    for (auto& moves : found) {
      // Batches of two kinds are evaluated in turns.
      std::sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) { return a.row < b.row; });
      for (const Move& move : moves) {
        const bool gains = move_if_it_gains(move);
        open_[to_size(move.row)] = !gains;
        moved += gains ? 1 : 0;
      }
    }
    return moved;
  }

 private:
  struct Move {
    Index row;
    std::int32_t target;
  };

  // Rows about the mean that wait for their distances to a set of centroids.
  struct Batch {
    RowMatrix<double> points;
    std::vector<Index> rows;
  };

  struct Workspace {
    Batch all;      // rows to be compared with all centroids
    Batch changed;  // with those that changed
    RowMatrix<double> points;
    std::vector<Index> rows;
    std::vector<std::int32_t> label;
    std::vector<double> squared;
    std::vector<double> factor;
    double factor_weight = -1;  // of which factor holds the factors
    RowMatrix<double> distances;
    Scratch<double> scratch;
  };

  // A gain must exceed rounding, or moves could go round in circles. A coordinate of a row or centroid about the mean
  // is off by some units in its last place, ε ‖x‖ in all; that shifts a squared distance r² by 2 r ε ‖x‖ at most, which
  // is below margin · r² + ε² / margin · ‖x‖².
  static constexpr double margin = 1e-10;
  static constexpr double rounding = 16 * std::numeric_limits<double>::epsilon() / 2;
  static constexpr double rounding_share = rounding * rounding / margin;

  static std::size_t to_size(Index i) { return static_cast<std::size_t>(i); }

  double weight(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  Index batch_size() const { return std::clamp<Index>((Index{1} << 17) / std::max(X_.cols(), k_), 32, 256); }

  void about_mean(Index row, double* out) const {
    const T* x = X_.row(row);
    for (Index j = 0; j < X_.cols(); ++j) out[j] = static_cast<double>(x[j]) - mean_[j];
  }

  void find_mean() {
    ClusterSums total{RowMatrix<double>::Zero(1, X_.cols()), Vector::Zero(1)};
    sum_clusters(X_, nullptr, weight_, threads_, SumsPlan(X_.rows(), X_.cols(), 1), total);
    mean_ = total.sums.row(0).transpose() / total.weights[0];
  }

  // The sums of the clusters that changed, anew: the roundings of one pass do not live on in the next.
  void sum_changed() {
    std::vector<std::int32_t> label(to_size(X_.rows()));
    for (Index i = 0; i < X_.rows(); ++i)
      label[to_size(i)] = changed_[to_size(labels_[i])] && weight(i) > 0 ? labels_[i] : -1;
    const RowsByLabel groups(label.data(), X_.rows(), k_, threads_);
    parallel_for(threads_, k_, [&](Index c) {
      if (!changed_[to_size(c)]) return;
      const Index first = groups.begin[to_size(c)], last = groups.begin[to_size(c) + 1];
      sums_.row(c).setZero();
      weights_[c] = 0;
      members_[to_size(c)] = last - first;
      for (Index g = first; g < last; ++g) {
        const Index row = groups.rows[to_size(g)];
        const double w = weight(row);
        const T* x = X_.row(row);
        double* sum = sums_.data() + c * X_.cols();
        for (Index j = 0; j < X_.cols(); ++j) sum[j] += w * (static_cast<double>(x[j]) - mean_[j]);
        weights_[c] += w;
      }
      place_centroid(c);
    });
  }

  // That of an empty cluster is the mean of all rows, and never looked at.
  void place_centroid(Index c) {
    const double scale = weights_[c] > 0 ? 1 / weights_[c] : 0.0;
    for (Index j = 0; j < X_.cols(); ++j) centroids_(c, j) = sums_(c, j) * scale;
  }

  // The only point of a cluster stays, and so does one beside which the others weigh next to nothing.
  bool can_leave(Index a, double w) const { return members_[to_size(a)] > 1 && weights_[a] - w > 1e-10 * weights_[a]; }

  bool is_empty(Index c) const { return members_[to_size(c)] == 0; }

  void find_changed() {
    changed_list_.clear();
    for (Index c = 0; c < k_; ++c)
      if (changed_[to_size(c)] && !is_empty(c)) changed_list_.push_back(static_cast<std::int32_t>(c));
    changed_centroids_.resize(static_cast<Index>(changed_list_.size()), X_.cols());
    for (std::size_t c = 0; c < changed_list_.size(); ++c)
      changed_centroids_.row(static_cast<Index>(c)) = centroids_.row(changed_list_[c]);
    for (Workspace& workspace : workspace_) workspace.factor_weight = -1;
  }

  // Squared distances of a to b, all pairs.
  static void distances(const RowsView<double>& a, const RowsView<double>& b, RowMatrix<double>& out,
                        Scratch<double>& scratch) {
    out.resize(a.n, b.n);
    kernels::distances(compiled::DistancesTask<double>{PairValue::squared_euclidean, a, b, nullptr, out.data(), b.n,
                                                       scratch.reserve(kernels::defined_scratch_size(double(), a.d))});
  }

  // reach_[a]: no row of cluster a up to this squared distance from its centroid gains by a move to a cluster that is
  // to be looked at. With s = ‖c_a − c_b‖ a row at distance r from c_a is at least s − r away from c_b; so it can gain
  // only if √f_b (s − r) < √f_a r, f the factors of target and own cost. These are taken for the heaviest row: for
  // lighter ones f_a is smaller and f_b larger.
  void find_reach() {
    std::fill(reach_.begin(), reach_.end(), std::numeric_limits<double>::infinity());
    target_root_.resize(to_size(k_));
    for (Index b = 0; b < k_; ++b) target_root_[to_size(b)] = std::sqrt(weights_[b] / (weights_[b] + heaviest_));
    const Index changed = changed_centroids_.rows();
    find_reach(
        changed, changed_centroids_, centroids_, [&](Index r) { return changed_list_[to_size(r)]; },
        [](Index c) { return c; });
    if (changed == k_) return;
    find_reach(
        k_, centroids_, changed_centroids_, [&](Index r) { return changed_[to_size(r)] ? -1 : r; },
        [&](Index c) { return changed_list_[to_size(c)]; });
  }

  // For the clusters of the rows of `a` (own(row), −1 = not this one), to the clusters of the rows of `b`.
  template <class Own, class Other>
  void find_reach(Index count, const RowMatrix<double>& a, const RowMatrix<double>& b, const Own& own,
                  const Other& other) {
    const Index group = batch_size();
    parallel_for(threads_, (count + group - 1) / group, [&](Index task, int worker) {
      Workspace& workspace = workspace_[to_size(worker)];
      const Index first = task * group, last = std::min(first + group, count);
      distances({a.data() + first * a.cols(), last - first, a.cols(), a.cols()}, rows_view(b), workspace.distances,
                workspace.scratch);
      for (Index r = first; r < last; ++r) {
        const Index c = own(r);
        if (c < 0 || members_[to_size(c)] < 2) continue;
        double& reach = reach_[to_size(c)];
        if (!(weights_[c] > heaviest_)) {
          reach = -1;
          continue;
        }
        const double own_root = std::sqrt(weights_[c] / (weights_[c] - heaviest_));
        for (Index s = 0; s < b.rows(); ++s) {
          const Index target = other(s);
          if (target == c || is_empty(target)) continue;
          const double target_root = target_root_[to_size(target)];
          reach =
              std::min(reach, std::sqrt(workspace.distances(r - first, s)) * target_root / (own_root + target_root));
        }
        reach *= reach * (1 - 1e-6);  // so that rounding rules nothing out
      }
    });
  }

  // The rows of [first, last) that would gain by a move, and their best targets.
  void find_moves(Index first, Index last, Workspace& workspace, std::vector<Move>& moves) {
    const Index size = batch_size();
    for (Index begin = first; begin < last; begin += size) {
      const Index end = std::min(begin + size, last);
      refresh_own_distances(begin, end, workspace);
      for (Index i = begin; i < end; ++i) {
        const Index a = labels_[i];
        if (!(weight(i) > 0) || !can_leave(a, weight(i))) continue;
        const bool open = open_[to_size(i)];
        if (!open && !(own_[to_size(i)] > reach_[to_size(a)])) continue;
        const bool look_at_all = open || changed_[to_size(a)];
        open_[to_size(i)] = false;
        add(i, look_at_all, look_at_all ? workspace.all : workspace.changed, workspace, moves);
      }
    }
    compare(true, workspace.all, workspace, moves);
    compare(false, workspace.changed, workspace, moves);
  }

  // own_ of the rows whose centroid changed.
  void refresh_own_distances(Index begin, Index end, Workspace& workspace) {
    workspace.rows.clear();
    workspace.label.clear();
    for (Index i = begin; i < end; ++i)
      if (changed_[to_size(labels_[i])] && weight(i) > 0) {
        workspace.rows.push_back(i);
        workspace.label.push_back(labels_[i]);
      }
    const auto count = static_cast<Index>(workspace.rows.size());
    if (count == 0) return;
    workspace.points.resize(batch_size(), X_.cols());
    for (Index r = 0; r < count; ++r) about_mean(workspace.rows[to_size(r)], workspace.points.data() + r * X_.cols());
    workspace.squared.resize(to_size(count));
    kernels::squared_to_assigned({workspace.points.data(), count, X_.cols(), X_.cols()}, rows_view(centroids_),
                                 workspace.label.data(), workspace.squared.data());
    for (std::size_t r = 0; r < workspace.rows.size(); ++r)
      own_[static_cast<std::size_t>(workspace.rows[r])] = workspace.squared[r];
  }

  void add(Index row, bool look_at_all, Batch& batch, Workspace& workspace, std::vector<Move>& moves) {
    batch.points.resize(batch_size(), X_.cols());
    about_mean(row, batch.points.data() + static_cast<Index>(batch.rows.size()) * X_.cols());
    batch.rows.push_back(row);
    if (static_cast<Index>(batch.rows.size()) == batch_size()) compare(look_at_all, batch, workspace, moves);
  }

  // Empties the batch.
  void compare(bool with_all, Batch& batch, Workspace& workspace, std::vector<Move>& moves) {
    const RowsView<double> centroids = rows_view(with_all ? centroids_ : changed_centroids_);
    if (!batch.rows.empty() && centroids.n > 0) {
      const auto count = static_cast<Index>(batch.rows.size());
      distances({batch.points.data(), count, X_.cols(), X_.cols()}, centroids, workspace.distances, workspace.scratch);
      for (Index r = 0; r < count; ++r) {
        const Index row = batch.rows[to_size(r)];
        const Index a = labels_[row];
        set_factors(weight(row), workspace);
        double least = certain_own_cost(a, weight(row), own_[to_size(row)], batch.points.data() + r * X_.cols());
        std::int32_t target = -1;
        const double* squared = workspace.distances.data() + r * centroids.n;
        for (Index c = 0; c < centroids.n; ++c) {
          const std::int32_t b = with_all ? static_cast<std::int32_t>(c) : changed_list_[to_size(c)];
          const double cost = squared[c] * workspace.factor[to_size(b)];
          if (cost < least && b != a) {
            least = cost;
            target = b;
          }
        }
        if (target >= 0) moves.push_back({row, target});
      }
    }
    batch.rows.clear();
  }

  // The own cost of a row at that squared distance from c_a, less what rounding may have added. `point` is the row
  // about the mean.
  double certain_own_cost(Index a, double w, double squared, const double* point) const {
    double norm = 0;
    for (Index j = 0; j < X_.cols(); ++j) norm += point[j] * point[j];
    return weights_[a] / (weights_[a] - w) * (squared * (1 - margin) - rounding_share * norm);
  }

  // W_b / (W_b + w) of every cluster; an empty one takes no points.
  void set_factors(double w, Workspace& workspace) const {
    if (workspace.factor_weight == w) return;
    workspace.factor_weight = w;
    workspace.factor.resize(to_size(k_));
    for (Index b = 0; b < k_; ++b)
      workspace.factor[to_size(b)] =
          is_empty(b) ? std::numeric_limits<double>::infinity() : weights_[b] / (weights_[b] + w);
  }

  // With the centroids as they are now.
  bool move_if_it_gains(const Move& move) {
    const Index a = labels_[move.row], b = move.target, d = X_.cols();
    const double w = weight(move.row);
    if (!can_leave(a, w)) return false;
    point_.resize(to_size(d));
    about_mean(move.row, point_.data());
    const auto squared = [&](Index c) {
      double sum = 0;
      for (Index j = 0; j < d; ++j) {
        const double difference = point_[to_size(j)] - centroids_(c, j);
        sum += difference * difference;
      }
      return sum;
    };
    const double target_cost = weights_[b] / (weights_[b] + w) * squared(b);
    if (!(target_cost < certain_own_cost(a, w, squared(a), point_.data()))) return false;
    for (Index j = 0; j < d; ++j) {
      sums_(a, j) -= w * point_[to_size(j)];
      sums_(b, j) += w * point_[to_size(j)];
    }
    weights_[a] -= w;
    weights_[b] += w;
    --members_[to_size(a)];
    ++members_[to_size(b)];
    for (const Index c : {a, b}) {
      place_centroid(c);
      changed_[to_size(c)] = true;
    }
    labels_[move.row] = move.target;
    return true;
  }

  const Points<T>& X_;
  Index k_;
  const double* weight_;
  int threads_;
  Labels& labels_;
  double heaviest_;                         // the largest weight of a row
  Vector mean_;                             // of all rows; sums_ and centroids_ are relative to it
  RowMatrix<double> sums_;                  // k × d, Σ w (x − mean)
  RowMatrix<double> centroids_;             // k × d
  Vector weights_;                          // k, Σ w
  std::vector<Index> members_;              // k, rows of positive weight
  std::vector<char> changed_;               // by cluster: a point came or left in the last pass
  std::vector<double> own_;                 // by row: squared distance to its own centroid, where that did not change
  std::vector<char> open_;                  // by row: would have gained at the start of the last pass, yet did not move
  std::vector<double> reach_;               // by cluster, see find_reach
  std::vector<double> target_root_;         // by cluster: √(W / (W + weight of the heaviest row))
  std::vector<std::int32_t> changed_list_;  // the clusters that changed and are not empty
  RowMatrix<double> changed_centroids_;     // their centroids
  std::vector<double> point_;
  std::vector<Workspace> workspace_;
};

/// Bytes that move_single_points needs.
inline double single_moves_memory(Index n, Index d, Index k) {
  const double by_row = 2 * sizeof(double) + sizeof(Index) + sizeof(std::int32_t);
  return static_cast<double>(n) * by_row + 4 * static_cast<double>(k) * static_cast<double>(d + 4) * sizeof(double);
}

/// Moves single points to other clusters while that lowers the inertia: a polish for the labels of a partition that
/// Lloyd's algorithm no longer changes. Ends when no single move lowers the inertia, after max_passes (≥ 1) passes over
/// the rows, or when go_on(), called before each pass, returns false. Rows of weight 0 keep their label, which the next
/// assignment corrects; empty clusters stay empty and no cluster becomes so. `weight`: null = all one. Returns the
/// number of moves; centroids and sums are the caller's to recompute.
///
/// Time: at most O(n k d) per pass, later passes much less. Memory: see single_moves_memory.
template <class T>
Index move_single_points(const Points<T>& X, Index k, const double* weight, int threads, int max_passes,
                         const std::function<bool()>& go_on, Labels& labels) {
  SinglePointMoves<T> moves(X, k, weight, threads, labels);
  Index total = 0;
  for (int pass = 0; pass < max_passes && go_on(); ++pass) {
    const Index moved = moves.pass();
    if (moved == 0) break;
    total += moved;
  }
  return total;
}

}  // namespace detail
CORYMB_END
