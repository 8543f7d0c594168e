#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/partition/detail/moved_rows.hpp>
#include <corymb/partition/detail/nearest_finder.hpp>
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// One run of Lloyd's algorithm, as its stages: assign, inertia, relocate, move. Holds the labels, the centroids and
/// the sums of the current assignment. The nearest centroids may be found by any NearestFinder: the labels are the
/// same.
///
/// Once few rows change their cluster, the sums change by those rows alone. That costs roundings, so all rows are
/// summed again after some iterations, and before a run may end (refresh). Which of the two is done depends on
/// the labels only: every way of finding them gets the same sums.
template <class T>
class Lloyd {
 public:
  Lloyd(const Points<T>& X, RowMatrix<T> centroids, const double* weight, int threads)
      : X_(X),
        weight_(weight),
        threads_(threads),
        plan_(X.rows(), X.cols(), centroids.rows()),
        centroids_(std::move(centroids)),
        labels_(Labels::Constant(X.rows(), -1)),
        changed_(X.rows()),
        sums_{RowMatrix<double>::Zero(centroids_.rows(), X.cols()), Vector::Zero(centroids_.rows())},
        partial_(plan_.grouped() ? SumsPlan(0, 1, 1) : plan_),
        workspace_(static_cast<std::size_t>(threads)) {}

  /// How nearest centroids are found from now on; null = by computing all distances.
  void use(std::unique_ptr<NearestFinder<T>> finder) { finder_ = std::move(finder); }
  const NearestFinder<T>* finder() const { return finder_.get(); }

  /// Labels every row with its nearest centroid and brings the sums up to date. Returns how many labels changed.
  Index assign_and_sum() {
    const bool whole = changed_ > X_.rows() / most_moved || since_whole_ >= most_updates;
    if (whole && finder_ == nullptr && !plan_.grouped()) {
      changed_ = assign_and_sum_at_once();
      since_whole_ = 0;
      return changed_;
    }
    const Labels before = labels_;
    assign();
    MovedRows moved(before, labels_, threads_);
    changed_ = moved.count();
    if (whole) {
      sum_all();
    } else if (changed_ > 0) {
      moved.update(X_, weight_, k(), threads_, sums_);
      ++since_whole_;
    }
    return changed_;
  }

  /// To be called when no label changed: moves the centroids to the means of all rows of their clusters, summed anew,
  /// where the last move stood on updated sums. Returns how many labels that changes.
  Index refresh() {
    if (since_whole_ == 0) return 0;
    sum_all();
    move();
    return assign_and_sum();
  }

  /// To be called when the labels were changed from outside: moves the centroids to the means of their clusters.
  void follow_labels() {
    sum_all();
    move();
    changed_ = X_.rows();
    if (finder_ != nullptr) finder_->forget();
  }

  /// Labels every row with its nearest centroid; the sums are not brought up to date.
  void assign() {
    if (finder_ != nullptr) return finder_->find(centroids_, labels_.data());
    const PackedCentroids<T> packed(rows_view(centroids_));
    parallel_for(threads_, (X_.rows() + rows_per_task - 1) / rows_per_task, [&](Index task, int worker) {
      const Index first = task * rows_per_task, last = std::min(first + rows_per_task, X_.rows());
      assign_nearest(rows_view(X_, first, last), packed, labels_.data() + first,
                     workspace_[static_cast<std::size_t>(worker)]);
    });
  }

  /// Σ w_i ‖x_i − centroid of its label‖², from the defined values.
  double inertia() const {
    return parallel_sum(threads_, Chunks(X_.rows()), 0.0, [&](Index begin, Index end) {
      T squared[256];
      double sum = 0;
      for (Index first = begin; first < end; first += 256) {
        const Index last = std::min<Index>(first + 256, end);
        kernels::squared_to_assigned(rows_view(X_, first, last), rows_view(centroids_), labels_.data() + first,
                                     squared);
        for (Index i = first; i < last; ++i)
          sum += (weight_ != nullptr ? weight_[i] : 1.0) * static_cast<double>(squared[i - first]);
      }
      return sum;
    });
  }

  /// Gives every empty cluster the row farthest from its centroid, a different one each (the lower row on ties): moves
  /// the row from the sum of its cluster into an own one. Rows at distance 0 would make an equal centroid and stay, as
  /// does the only row of a cluster.
  void relocate_empty() {
    std::vector<Index> empty;
    for (Index c = 0; c < k(); ++c)
      if (!(sums_.weights[c] > 0)) empty.push_back(c);
    if (empty.empty()) return;
    std::vector<T> squared(static_cast<std::size_t>(X_.rows()));
    parallel_for(threads_, (X_.rows() + rows_per_task - 1) / rows_per_task, [&](Index task) {
      const Index first = task * rows_per_task, last = std::min(first + rows_per_task, X_.rows());
      kernels::squared_to_assigned(rows_view(X_, first, last), rows_view(centroids_), labels_.data() + first,
                                   &squared[static_cast<std::size_t>(first)]);
    });
    const auto distance = [&](Index row) { return squared[static_cast<std::size_t>(row)]; };
    std::vector<Index> far;
    for (Index i = 0; i < X_.rows(); ++i)
      if (distance(i) > T(0) && (weight_ == nullptr || weight_[i] > 0)) far.push_back(i);
    const auto farther = [&](Index a, Index b) {
      return distance(a) != distance(b) ? distance(a) > distance(b) : a < b;
    };
    // A donor that would empty its own cluster is passed over: at most one for each cluster.
    const auto wanted = std::min(far.size(), empty.size() + static_cast<std::size_t>(k()));
    std::partial_sort(far.begin(), far.begin() + static_cast<std::ptrdiff_t>(wanted), far.end(), farther);
    std::size_t next = 0;
    for (const Index c : empty) {
      while (next < wanted && !(sums_.weights[labels_[far[next]]] > weight_of(far[next]))) ++next;
      if (next == wanted) return;
      const Index row = far[next++];
      const Index donor = labels_[row];
      for (Index j = 0; j < X_.cols(); ++j) {
        const double moved = weight_of(row) * static_cast<double>(X_(row, j));
        sums_.sums(donor, j) -= moved;
        sums_.sums(c, j) = moved;
      }
      sums_.weights[donor] -= weight_of(row);
      sums_.weights[c] = weight_of(row);
      since_whole_ = most_updates;  // the sums are no longer those of the labels
    }
  }

  /// Moves every centroid to the mean of its cluster; an empty one stays. Returns Σ ‖movement‖².
  double move() {
    double moved = 0;
    for (Index c = 0; c < k(); ++c) {
      if (!(sums_.weights[c] > 0)) continue;
      for (Index j = 0; j < X_.cols(); ++j) {
        const T mean = static_cast<T>(sums_.sums(c, j) / sums_.weights[c]);
        const double step = static_cast<double>(mean) - static_cast<double>(centroids_(c, j));
        moved += step * step;
        centroids_(c, j) = mean;
      }
    }
    return moved;
  }

  /// The weight of each cluster under the current labels.
  Vector sizes() const {
    Vector result = Vector::Zero(k());
    for (Index i = 0; i < X_.rows(); ++i) result[labels_[i]] += weight_of(i);
    return result;
  }

  Index k() const { return centroids_.rows(); }
  Labels& labels() { return labels_; }
  RowMatrix<T>& centroids() { return centroids_; }

 private:
  /// Sums all rows anew.
  void sum_all() {
    sum_clusters(X_, labels_.data(), weight_, threads_, plan_, sums_);
    since_whole_ = 0;
  }

  double weight_of(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  /// Sums the rows of each cluster while they are in the cache.
  Index assign_and_sum_at_once() {
    const PackedCentroids<T> packed(rows_view(centroids_));
    const Chunks& chunks = plan_.chunks();
    std::vector<Index> changed(static_cast<std::size_t>(chunks.count()), 0);
    parallel_for(threads_, chunks.count(), [&](Index chunk, int worker) {
      partial_.clear(chunk);
      std::int32_t fresh[rows_per_task];
      for (Index first = chunks.begin(chunk); first < chunks.end(chunk); first += rows_per_task) {
        const Index last = std::min(first + rows_per_task, chunks.end(chunk));
        assign_nearest(rows_view(X_, first, last), packed, fresh, workspace_[static_cast<std::size_t>(worker)]);
        for (Index i = first; i < last; ++i) changed[static_cast<std::size_t>(chunk)] += fresh[i - first] != labels_[i];
        std::copy(fresh, fresh + (last - first), labels_.data() + first);
        kernels::add_to_sums(compiled::SumsTask<T>{
            rows_view(X_, first, last), nullptr, last - first, labels_.data() + first,
            weight_ != nullptr ? weight_ + first : nullptr, partial_.sums(chunk), partial_.weights(chunk)});
      }
    });
    partial_.combine(chunks.count(), threads_, sums_);
    return std::accumulate(changed.begin(), changed.end(), Index{0});
  }

  static constexpr Index most_moved = 8;   // beyond one row in so many, summing all is quicker
  static constexpr int most_updates = 16;  // of sums by moved rows, one after the other

  const Points<T>& X_;
  const double* weight_;
  int threads_;
  SumsPlan plan_;
  RowMatrix<T> centroids_;
  Labels labels_;
  std::unique_ptr<NearestFinder<T>> finder_;
  Index changed_;        // labels in the last assignment
  int since_whole_ = 0;  // updates by moved rows since all rows were summed
  ClusterSums sums_;
  PartialSums partial_;
  std::vector<NearestWorkspace<T>> workspace_;
};

}  // namespace detail
CORYMB_END
