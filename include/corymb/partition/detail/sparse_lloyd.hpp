#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/partition/detail/clusters.hpp>
#include <corymb/partition/detail/sparse_nearest.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// sums[j] += weight · x_ij for the stored entries, each product rounded before it is added: what is left out adds 0,
/// so the sums are those of the dense row. A row of weight 0 is skipped.
template <class T, class S>
void add_sparse_row(const SparseRows<T, S>& X, Index i, const double* weight, double* sums, double* total_weight) {
  if (weight == nullptr) {
    *total_weight += 1;
    X.for_each(i, [&](Index j, T value) { sums[j] += static_cast<double>(value); });
    return;
  }
  const double w = weight[i];
  if (w == 0) return;
  *total_weight += w;
  X.for_each(i, [&](Index j, T value) {
    const volatile double product = static_cast<double>(value) * w;  // never fused into the addition
    sums[j] += product;
  });
}

/// The sums of sum_clusters, bit for bit, of sparse rows. label: null = all 0 (k = 1).
template <class T, class S>
void sum_sparse_clusters(const SparseRows<T, S>& X, const std::int32_t* label, const double* weight, int threads,
                         const SumsPlan& plan, ClusterSums& total) {
  const Index d = X.cols(), k = total.weights.size();
  if (plan.grouped()) {
    const std::vector<std::int32_t> zeros(label == nullptr ? static_cast<std::size_t>(X.rows()) : 0, 0);
    const RowsByLabel groups(label != nullptr ? label : zeros.data(), X.rows(), k, threads);
    total.sums.setZero();
    total.weights.setZero();
    parallel_for(threads, k, [&](Index c) {
      for (Index p = groups.begin[static_cast<std::size_t>(c)]; p < groups.begin[static_cast<std::size_t>(c) + 1]; ++p)
        add_sparse_row(X, groups.rows[static_cast<std::size_t>(p)], weight, total.sums.data() + c * d,
                       total.weights.data() + c);
    });
    return;
  }
  PartialSums partial(plan);
  const Chunks& chunks = plan.chunks();
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    partial.clear(chunk);
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      const Index c = label != nullptr ? label[i] : 0;
      add_sparse_row(X, i, weight, partial.sums(chunk) + c * d, partial.weights(chunk) + c);
    }
  });
  partial.combine(chunks.count(), threads, total);
}

/// Mean over the columns of their (weighted) variance. Entries that are not stored are counted by the weight that they
/// have together, so an offset of the data does not cancel the variance away.
template <class T, class S>
double mean_column_variance(const SparseRows<T, S>& X, const double* weight, int threads) {
  const Index d = X.cols();
  ClusterSums total{RowMatrix<double>::Zero(1, d), Vector::Zero(1)};
  sum_sparse_clusters(X, nullptr, weight, threads, SumsPlan(X.rows(), d, 1), total);
  const Vector mean = total.sums.row(0).transpose() / total.weights[0];
  Vector stored = Vector::Zero(d);  // weight of the entries that are stored, by column
  double squares = 0;
  for (Index i = 0; i < X.rows(); ++i) {
    const double w = weight != nullptr ? weight[i] : 1.0;
    X.for_each(i, [&](Index j, T value) {
      const double difference = static_cast<double>(value) - mean[j];
      squares += w * (difference * difference);
      stored[j] += w;
    });
  }
  for (Index j = 0; j < d; ++j) squares += std::max(total.weights[0] - stored[j], 0.0) * (mean[j] * mean[j]);
  return squares / total.weights[0] / static_cast<double>(d);
}

/// One run of Lloyd's algorithm on sparse rows, with the stages of Lloyd and, bit for bit, its labels, sums and
/// centroids: sums are updated by the rows that moved, or formed anew, by the same rule and in the same order.
template <class T, class S>
class SparseLloyd {
 public:
  SparseLloyd(const SparseRows<T, S>& X, RowMatrix<T> centroids, const double* weight, double largest_row, int threads)
      : X_(X),
        weight_(weight),
        largest_row_(largest_row),
        threads_(threads),
        plan_(X.rows(), X.cols(), centroids.rows()),
        centroids_(std::move(centroids)),
        labels_(Labels::Constant(X.rows(), -1)),
        changed_(X.rows()),
        sums_{RowMatrix<double>::Zero(centroids_.rows(), X.cols()), Vector::Zero(centroids_.rows())},
        workspace_(static_cast<std::size_t>(threads)) {}

  Index assign_and_sum() {
    const bool whole = SumsRule::sum_all(changed_, X_.rows(), since_whole_);
    const Labels before = labels_;
    assign();
    std::vector<Index> moved;
    for (Index i = 0; i < X_.rows(); ++i)
      if (before[i] != labels_[i]) moved.push_back(i);
    changed_ = static_cast<Index>(moved.size());
    if (whole) {
      sum_all();
    } else if (changed_ > 0) {
      update_sums(before, moved);
      ++since_whole_;
    }
    return changed_;
  }

  Index refresh() {
    if (since_whole_ == 0) return 0;
    sum_all();
    move();
    return assign_and_sum();
  }

  void assign() { assign_sparse(X_, centroids_, largest_row_, threads_, workspace_, labels_.data()); }

  /// Σ w_i ‖x_i − centroid of its label‖² in double.
  double inertia() const {
    const std::vector<double> norms = centroid_norms();
    return parallel_sum(threads_, Chunks(X_.rows()), 0.0, [&](Index begin, Index end) {
      double sum = 0;
      for (Index i = begin; i < end; ++i) sum += weight_of(i) * squared(i, norms);
      return sum;
    });
  }

  /// As Lloyd does. The rows that may be among the farthest are found in double; the defined values of these decide.
  void relocate_empty() {
    const std::vector<Index> empty = empty_clusters(sums_.weights);
    if (empty.empty()) return;
    const std::vector<Index> rows = rows_that_may_be_far(empty.size() + static_cast<std::size_t>(k()));
    std::vector<T> value(rows.size());
    parallel_for(threads_, static_cast<Index>(rows.size()), [&](Index r, int worker) {
      const Index row = rows[static_cast<std::size_t>(r)];
      DenseRow<T, S>(X_, row, workspace_[static_cast<std::size_t>(worker)].dense)
          .squared(centroids_, labels_.data() + row, 1, &value[static_cast<std::size_t>(r)]);
    });
    const auto squared = [&](Index row) {
      return value[static_cast<std::size_t>(std::lower_bound(rows.begin(), rows.end(), row) - rows.begin())];
    };
    const std::vector<Index> far = farthest_of(rows, empty.size() + static_cast<std::size_t>(k()), squared);
    const std::vector<Index> donors = choose_donors(empty, far, weight_, labels_, sums_.weights);
    for (std::size_t m = 0; m < donors.size(); ++m) {
      sums_.sums.row(empty[m]).setZero();
      X_.for_each(donors[m], [&](Index j, T entry) {
        const double moved = weight_of(donors[m]) * static_cast<double>(entry);
        sums_.sums(labels_[donors[m]], j) -= moved;
        sums_.sums(empty[m], j) = moved;
      });
    }
    if (!donors.empty()) since_whole_ = SumsRule::most_updates;  // the sums are no longer those of the labels
  }

  double move() { return move_to_means(sums_, centroids_); }

  Vector sizes() const { return cluster_sizes(labels_, weight_, k()); }

  Index k() const { return centroids_.rows(); }
  Labels& labels() { return labels_; }
  RowMatrix<T>& centroids() { return centroids_; }

 private:
  double weight_of(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  void sum_all() {
    sum_sparse_clusters(X_, labels_.data(), weight_, threads_, plan_, sums_);
    since_whole_ = 0;
  }

  /// What left a cluster is summed, what came is, then the one is subtracted and the other added: as MovedRows does.
  void update_sums(const Labels& before, const std::vector<Index>& moved) {
    std::vector<std::int32_t> from, to;
    for (const Index row : moved) {
      from.push_back(before[row]);
      to.push_back(labels_[row]);
    }
    const RowsByLabel left(from.data(), changed_, k(), threads_), came(to.data(), changed_, k(), threads_);
    parallel_for(threads_, k(), [&](Index c) {
      const auto sum = [&](const RowsByLabel& side) {
        Vector part = Vector::Zero(X_.cols() + 1);  // the sums, then the weight
        for (Index p = side.begin[static_cast<std::size_t>(c)]; p < side.begin[static_cast<std::size_t>(c) + 1]; ++p)
          add_sparse_row(X_, moved[static_cast<std::size_t>(side.rows[static_cast<std::size_t>(p)])], weight_,
                         part.data(), part.data() + X_.cols());
        return part;
      };
      const auto moves = [&](const RowsByLabel& side) {
        return side.begin[static_cast<std::size_t>(c) + 1] > side.begin[static_cast<std::size_t>(c)];
      };
      if (!moves(left) && !moves(came)) return;
      const Vector less = sum(left), more = sum(came);
      const Index d = X_.cols();
      sums_.sums.row(c) = (sums_.sums.row(c) - less.head(d).transpose()) + more.head(d).transpose();
      sums_.weights[c] = (sums_.weights[c] - less[d]) + more[d];
    });
    if (weight_ != nullptr) weigh_clusters(labels_, weight_, threads_, sums_.weights);
  }

  std::vector<double> centroid_norms() const {
    std::vector<double> norms(static_cast<std::size_t>(k()), 0.0);
    parallel_for(threads_, k(), [&](Index c) {
      double sum = 0;
      for (Index j = 0; j < X_.cols(); ++j) sum += square(centroids_(c, j));
      norms[static_cast<std::size_t>(c)] = sum;
    });
    return norms;
  }

  static double square(T value) { return static_cast<double>(value) * static_cast<double>(value); }

  /// ‖x_i − its centroid‖²: over the stored entries, and what the centroid has elsewhere, unless that is within the
  /// rounding of its norm. Exactly 0 for equal rows.
  double squared(Index i, const std::vector<double>& norms) const {
    const Index c = labels_[i];
    double near = 0, own = 0;
    X_.for_each(i, [&](Index j, T value) {
      const double difference = static_cast<double>(value) - static_cast<double>(centroids_(c, j));
      near += difference * difference;
      own += square(centroids_(c, j));
    });
    const double norm = norms[static_cast<std::size_t>(c)], elsewhere = norm - own;
    const double rounding = static_cast<double>(X_.cols()) * (std::numeric_limits<double>::epsilon() / 2) * norm;
    return elsewhere > rounding ? near + elsewhere : near;
  }

  /// At least all rows of positive weight whose defined squared distance is among the `wanted` largest.
  std::vector<Index> rows_that_may_be_far(std::size_t wanted) const {
    const DefinedValueBound<T> bound(centroids_, largest_row_, threads_);
    const auto n = static_cast<std::size_t>(X_.rows());
    std::vector<double> below(n, -1.0), above(n, -1.0);
    parallel_for(threads_, Chunks(X_.rows()).count(), [&](Index chunk) {
      const Chunks chunks(X_.rows());
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
        if (!(weight_of(i) > 0)) continue;
        const Index entries = X_.end(i) - X_.begin(i);
        const double value = squared(i, bound.norms());
        const double error = 2 * bound.expanded_error(X_.squared_norm(i) + value, entries);
        above[static_cast<std::size_t>(i)] = bound.upper(value + error, entries);
        below[static_cast<std::size_t>(i)] =
            std::max(bound.lower(value - error, above[static_cast<std::size_t>(i)], entries), 0.0);
      }
    });
    double limit = 0;
    if (wanted < n) {
      std::vector<double> sorted = below;
      std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(wanted) - 1, sorted.end(),
                       std::greater<double>());
      limit = std::max(sorted[wanted - 1], 0.0);
    }
    std::vector<Index> rows;
    for (std::size_t i = 0; i < n; ++i)
      if (above[i] >= limit) rows.push_back(static_cast<Index>(i));
    return rows;
  }

  const SparseRows<T, S>& X_;
  const double* weight_;
  double largest_row_;  // the largest ‖x‖²
  int threads_;
  SumsPlan plan_;
  RowMatrix<T> centroids_;
  Labels labels_;
  Index changed_;        // labels in the last assignment
  int since_whole_ = 0;  // updates by moved rows since all rows were summed
  ClusterSums sums_;
  std::vector<SparseWorkspace<T>> workspace_;
};

}  // namespace detail
CORYMB_END
