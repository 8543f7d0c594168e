#pragma once

#include <corymb/core/detail/chunk_pieces.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/partition/detail/clusters.hpp>
#include <corymb/partition/detail/moved_rows.hpp>
#include <corymb/partition/detail/nearest_finder.hpp>
#include <corymb/partition/detail/row_passes.hpp>
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// One run of Lloyd's algorithm, as its stages: assign, inertia, relocate, move. Holds the labels, the centroids and
/// the sums of the current assignment. Every stage that needs the rows is one pass over them, in slabs, and gives the
/// same bits for any slabs. The nearest centroids of rows in memory may be found by any NearestFinder: the labels are
/// the same.
///
/// Once few rows change their cluster, the sums change by those rows alone. That costs roundings, so all rows are
/// summed again after some iterations, and before a run may end (refresh). Which of the two is done depends on
/// the labels only: every way of finding them gets the same sums.
template <class T>
class Lloyd {
 public:
  Lloyd(RowPasses<T>& rows, RowMatrix<T> centroids, const double* weight, int threads)
      : rows_(rows),
        weight_(weight),
        threads_(threads),
        centroids_(std::move(centroids)),
        labels_(Labels::Constant(rows.rows(), -1)),
        changed_(rows.rows()),
        sums_{RowMatrix<double>::Zero(centroids_.rows(), rows.cols()), Vector::Zero(centroids_.rows())},
        slab_sums_(SumsPlan(rows.rows(), rows.cols(), centroids_.rows())),
        workspace_(static_cast<std::size_t>(threads)) {}

  /// How nearest centroids are found from now on, in memory; null = by computing all distances.
  void use(std::unique_ptr<NearestFinder<T>> finder) { finder_ = std::move(finder); }
  const NearestFinder<T>* finder() const { return finder_.get(); }

  /// Labels every row with its nearest centroid and brings the sums up to date. Returns how many labels changed.
  Index assign_and_sum() {
    const bool whole = SumsRule::sum_all(changed_, rows_.rows(), since_whole_);
    changed_ = 0;
    const std::optional<PackedCentroids<T>> packed = pack();
    MovedRows moved(rows_.cols(), k());
    std::vector<std::int32_t> before;
    if (whole) slab_sums_.begin(sums_);
    rows_.for_each([&](const Points<T>& slab, Index first) {
      if (whole && finder_ == nullptr && !slab_sums_.plan().grouped()) {
        changed_ += assign_and_sum_at_once(slab, first, *packed);
        return;
      }
      std::int32_t* label = labels_.data() + first;
      before.assign(label, label + slab.rows());
      assign(slab, first, packed);
      if (whole) {
        changed_ += count_moved(before.data(), label, slab.rows(), threads_);
        slab_sums_.add(slab, first, label, weights_from(first), threads_, sums_);
      } else {
        moved.add(slab, before.data(), label, weights_from(first), threads_);
      }
    });
    if (whole) {
      slab_sums_.end(threads_, sums_);
      since_whole_ = 0;
    } else if (moved.count() > 0) {
      changed_ = moved.count();
      moved.update(labels_, weight_, threads_, sums_);
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
    changed_ = rows_.rows();
    if (finder_ != nullptr) finder_->forget();
  }

  /// Labels every row with its nearest centroid; the sums are not brought up to date.
  void assign() {
    const std::optional<PackedCentroids<T>> packed = pack();
    rows_.for_each([&](const Points<T>& slab, Index first) { assign(slab, first, packed); });
  }

  /// Σ w_i ‖x_i − centroid of its label‖², from the defined values.
  double inertia() {
    SlabSum sum(rows_.rows());
    rows_.for_each([&](const Points<T>& slab, Index first) {
      sum.add(first, slab.rows(), threads_, [&](Index begin, Index end, double* value) {
        T squared[SlabSum::block];
        squared_to_assigned(slab, first, begin, end, squared);
        for (Index i = begin; i < end; ++i)
          value[i - begin] = weight_of(first + i) * static_cast<double>(squared[i - begin]);
      });
    });
    return sum.total();
  }

  /// Gives every empty cluster the row farthest from its centroid, a different one each (the lower row on ties): moves
  /// the row from the sum of its cluster into an own one. Rows at distance 0 would make an equal centroid and stay, as
  /// does the only row of a cluster.
  void relocate_empty() {
    const std::vector<Index> empty = empty_clusters(sums_.weights);
    if (empty.empty()) return;
    const std::vector<Index> far = farthest_rows(empty.size() + static_cast<std::size_t>(k()));
    const std::vector<Index> donors = choose_donors(empty, far, weight_, labels_, sums_.weights);
    if (donors.empty()) return;
    const RowMatrix<T> moving = rows_.gather(donors);
    for (Index m = 0; m < moving.rows(); ++m) {
      const Index row = donors[static_cast<std::size_t>(m)];
      for (Index j = 0; j < moving.cols(); ++j) {
        const double moved = weight_of(row) * static_cast<double>(moving(m, j));
        sums_.sums(labels_[row], j) -= moved;
        sums_.sums(empty[static_cast<std::size_t>(m)], j) = moved;
      }
    }
    since_whole_ = SumsRule::most_updates;  // the sums are no longer those of the labels
  }

  /// Moves every centroid to the mean of its cluster; an empty one stays. Returns Σ ‖movement‖².
  double move() { return move_to_means(sums_, centroids_); }

  /// The weight of each cluster under the current labels.
  Vector sizes() const { return cluster_sizes(labels_, weight_, k()); }

  Index k() const { return centroids_.rows(); }
  Labels& labels() { return labels_; }
  RowMatrix<T>& centroids() { return centroids_; }

 private:
  /// Nothing where a finder needs none.
  std::optional<PackedCentroids<T>> pack() const {
    if (finder_ != nullptr) return std::nullopt;
    return PackedCentroids<T>(rows_view(centroids_));
  }

  /// Sums all rows anew.
  void sum_all() {
    slab_sums_.begin(sums_);
    rows_.for_each([&](const Points<T>& slab, Index first) {
      slab_sums_.add(slab, first, labels_.data() + first, weights_from(first), threads_, sums_);
    });
    slab_sums_.end(threads_, sums_);
    since_whole_ = 0;
  }

  double weight_of(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }
  const double* weights_from(Index first) const { return weight_ != nullptr ? weight_ + first : nullptr; }

  void assign(const Points<T>& slab, Index first, const std::optional<PackedCentroids<T>>& packed) {
    if (finder_ != nullptr) return finder_->find(centroids_, labels_.data());
    parallel_for(threads_, (slab.rows() + rows_per_task - 1) / rows_per_task, [&](Index task, int worker) {
      const Index begin = task * rows_per_task, end = std::min(begin + rows_per_task, slab.rows());
      assign_nearest(rows_view(slab, begin, end), *packed, labels_.data() + first + begin,
                     workspace_[static_cast<std::size_t>(worker)]);
    });
  }

  /// Sums the rows of each cluster while they are in the cache.
  Index assign_and_sum_at_once(const Points<T>& slab, Index first, const PackedCentroids<T>& packed) {
    const ChunkPieces pieces(slab_sums_.plan().chunks(), first, slab.rows());
    std::vector<Index> changed;  // per piece, or part of one
    const auto assign_part = [&](Index part, Index begin, Index end, int worker) {
      std::int32_t fresh[rows_per_task];
      std::int32_t* label = labels_.data() + first + begin;
      assign_nearest(rows_view(slab, begin, end), packed, fresh, workspace_[static_cast<std::size_t>(worker)]);
      for (Index i = 0; i < end - begin; ++i) changed[static_cast<std::size_t>(part)] += fresh[i] != label[i];
      std::copy(fresh, fresh + (end - begin), label);
    };
    const auto sum = [&](const ChunkPieces::Piece& piece, Index begin, Index end) {
      slab_sums_.add_rows(piece, rows_view(slab, begin, end), labels_.data() + first + begin,
                          weights_from(first + begin));
    };
    if (pieces.enough_for(threads_)) {
      changed.resize(static_cast<std::size_t>(pieces.count()), 0);
      parallel_for(threads_, pieces.count(), [&](Index p, int worker) {
        slab_sums_.begin_piece(pieces[p]);
        for (Index begin = pieces[p].begin; begin < pieces[p].end; begin += rows_per_task) {
          const Index end = std::min(begin + rows_per_task, pieces[p].end);
          assign_part(p, begin, end, worker);
          sum(pieces[p], begin, end);
        }
      });
    } else {  // the sums of a chunk want its rows in their order
      struct Part {
        Index piece, begin, end;
      };
      std::vector<Part> parts;
      for (Index p = 0; p < pieces.count(); ++p) {
        slab_sums_.begin_piece(pieces[p]);
        for (Index begin = pieces[p].begin; begin < pieces[p].end; begin += rows_per_task)
          parts.push_back({p, begin, std::min(begin + rows_per_task, pieces[p].end)});
      }
      changed.resize(parts.size(), 0);
      const auto part = [&](Index i) { return parts[static_cast<std::size_t>(i)]; };
      parallel_then_in_order(
          threads_, static_cast<Index>(parts.size()),
          [&](Index i, int worker) { assign_part(i, part(i).begin, part(i).end, worker); },
          [&](Index i) { sum(pieces[part(i).piece], part(i).begin, part(i).end); });
    }
    return std::accumulate(changed.begin(), changed.end(), Index{0});
  }

  /// Of the rows from `begin` to `end` of a slab.
  void squared_to_assigned(const Points<T>& slab, Index first, Index begin, Index end, T* squared) const {
    kernels::squared_to_assigned(rows_view(slab, begin, end), rows_view(centroids_), labels_.data() + first + begin,
                                 squared);
  }

  /// The rows farthest from their centroids, at most `most` of them, the farthest first and the lower one on ties.
  /// Those at distance 0 and those without weight are left out.
  std::vector<Index> farthest_rows(std::size_t most) {
    struct Far {
      T squared;
      Index row;
    };
    const auto farther = [](const Far& a, const Far& b) {
      return a.squared != b.squared ? a.squared > b.squared : a.row < b.row;
    };
    const auto middle = [&](std::vector<Far>& far) { return far.begin() + static_cast<std::ptrdiff_t>(most); };
    std::vector<Far> far;  // fewer than 2 · most at a time, those of `most` that are farthest always
    std::vector<T> squared;
    rows_.for_each([&](const Points<T>& slab, Index first) {
      squared.resize(static_cast<std::size_t>(slab.rows()));
      parallel_for(threads_, (slab.rows() + rows_per_task - 1) / rows_per_task, [&](Index task) {
        const Index begin = task * rows_per_task, end = std::min(begin + rows_per_task, slab.rows());
        squared_to_assigned(slab, first, begin, end, &squared[static_cast<std::size_t>(begin)]);
      });
      for (Index i = 0; i < slab.rows(); ++i) {
        const T distance = squared[static_cast<std::size_t>(i)];
        if (!(distance > T(0)) || !(weight_of(first + i) > 0)) continue;
        far.push_back({distance, first + i});
        if (far.size() < 2 * most) continue;
        std::nth_element(far.begin(), middle(far), far.end(), farther);
        far.resize(most);
      }
    });
    std::sort(far.begin(), far.end(), farther);
    std::vector<Index> rows;
    for (std::size_t i = 0; i < std::min(most, far.size()); ++i) rows.push_back(far[i].row);
    return rows;
  }

  RowPasses<T>& rows_;
  const double* weight_;
  int threads_;
  RowMatrix<T> centroids_;
  Labels labels_;
  std::unique_ptr<NearestFinder<T>> finder_;
  Index changed_;        // labels in the last assignment
  int since_whole_ = 0;  // updates by moved rows since all rows were summed
  ClusterSums sums_;
  SlabSums slab_sums_;
  std::vector<NearestWorkspace<T>> workspace_;
};

}  // namespace detail
CORYMB_END
