#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <atomic>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// One run of Lloyd's algorithm, as its stages: assign, inertia, relocate, move. Holds the labels, the centroids and
/// the sums of the current assignment.
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
        sums_{RowMatrix<double>::Zero(centroids_.rows(), X.cols()), Vector::Zero(centroids_.rows())},
        partial_(plan_.grouped() ? SumsPlan(0, 1, 1) : plan_),
        workspace_(static_cast<std::size_t>(threads)) {}

  /// Labels every row with its nearest centroid and sums the rows of each cluster while they are in the cache.
  /// Returns whether a label changed.
  bool assign_and_sum() {
    const PackedCentroids<T> packed(rows_view(centroids_));
    if (plan_.grouped()) {
      const bool changed = assign(packed);
      sum_grouped(X_, labels_.data(), weight_, threads_, sums_);
      return changed;
    }
    std::atomic<bool> changed{false};
    const Chunks& chunks = plan_.chunks();
    parallel_for(threads_, chunks.count(), [&](Index chunk, int worker) {
      partial_.clear(chunk);
      for (Index first = chunks.begin(chunk); first < chunks.end(chunk); first += rows_per_task) {
        const Index last = std::min(first + rows_per_task, chunks.end(chunk));
        if (assign_rows(packed, first, last, worker)) changed.store(true, std::memory_order_relaxed);
        kernels::add_to_sums(compiled::SumsTask<T>{
            rows_view(X_, first, last), nullptr, last - first, labels_.data() + first,
            weight_ != nullptr ? weight_ + first : nullptr, partial_.sums(chunk), partial_.weights(chunk)});
      }
    });
    partial_.combine(chunks.count(), threads_, sums_);
    return changed;
  }

  /// Labels every row with its nearest centroid; the sums are not brought up to date.
  bool assign() { return assign(PackedCentroids<T>(rows_view(centroids_))); }

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
  double weight_of(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  bool assign(const PackedCentroids<T>& packed) {
    std::atomic<bool> changed{false};
    parallel_for(threads_, (X_.rows() + rows_per_task - 1) / rows_per_task, [&](Index task, int worker) {
      const Index first = task * rows_per_task, last = std::min(first + rows_per_task, X_.rows());
      if (assign_rows(packed, first, last, worker)) changed.store(true, std::memory_order_relaxed);
    });
    return changed;
  }

  bool assign_rows(const PackedCentroids<T>& packed, Index first, Index last, int worker) {
    std::int32_t fresh[rows_per_task];
    assign_nearest(rows_view(X_, first, last), packed, fresh, workspace_[static_cast<std::size_t>(worker)]);
    const bool changed = !std::equal(fresh, fresh + (last - first), labels_.data() + first);
    std::copy(fresh, fresh + (last - first), labels_.data() + first);
    return changed;
  }

  const Points<T>& X_;
  const double* weight_;
  int threads_;
  SumsPlan plan_;
  RowMatrix<T> centroids_;
  Labels labels_;
  ClusterSums sums_;
  PartialSums partial_;
  std::vector<NearestWorkspace<T>> workspace_;
};

}  // namespace detail
CORYMB_END
