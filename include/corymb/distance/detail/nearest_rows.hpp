#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Centroids made ready for the expanded score. The centre is their mean: any centre gives the same labels, and a good
/// one leaves few rows to be settled, whatever offset the data have.
template <class T>
class PackedCentroids {
 public:
  explicit PackedCentroids(const RowsView<T>& centroids)
      : rows_(centroids),
        centre_(static_cast<std::size_t>(centroids.d)),
        packed_(kernels::packed_size(T(), centroids.n, centroids.d)) {
    std::vector<double> mean(centre_.size(), 0.0);
    for (Index i = 0; i < centroids.n; ++i)
      for (Index j = 0; j < centroids.d; ++j)
        mean[static_cast<std::size_t>(j)] += static_cast<double>(centroids.data[i * centroids.stride + j]);
    for (std::size_t j = 0; j < mean.size(); ++j)
      centre_[j] = static_cast<T>(mean[j] / static_cast<double>(centroids.n));
    largest_norm_ = kernels::pack_centroids(centroids, centre_.data(), packed_.data());
  }

  /// With a given centre.
  PackedCentroids(const RowsView<T>& centroids, std::vector<T> centre)
      : rows_(centroids), centre_(std::move(centre)), packed_(kernels::packed_size(T(), centroids.n, centroids.d)) {
    largest_norm_ = kernels::pack_centroids(centroids, centre_.data(), packed_.data());
  }

  const RowsView<T>& rows() const { return rows_; }
  const T* centre() const { return centre_.data(); }
  const T* packed() const { return packed_.data(); }
  double largest_norm() const { return largest_norm_; }

 private:
  RowsView<T> rows_;
  std::vector<T> centre_;
  Scratch<T> packed_;
  double largest_norm_ = 0;
};

/// What one worker needs to assign rows.
template <class T>
struct NearestWorkspace {
  Scratch<T> scratch;
  std::vector<Index> unsettled;
};

/// label[i] = number of the centroid nearest to row i of x by the squared Euclidean distance, the lower one on ties:
/// the fast score where it is certain, the defined value where it is not.
template <class T>
void assign_nearest(const RowsView<T>& x, const PackedCentroids<T>& centroids, std::int32_t* label,
                    NearestWorkspace<T>& workspace) {
  workspace.unsettled.resize(static_cast<std::size_t>(x.n));
  T* scratch = workspace.scratch.reserve(
      std::max(kernels::expanded_scratch_size(T(), x.d), kernels::defined_scratch_size(T(), x.d)));
  const Index unsettled = kernels::nearest_expanded(
      compiled::ExpandedTask<T>{x, centroids.rows().n, centroids.centre(), centroids.packed(), centroids.largest_norm(),
                                label, workspace.unsettled.data(), scratch});
  if (unsettled > 0)
    kernels::nearest_defined(compiled::NearestTask<T>{PairValue::squared_euclidean, x, workspace.unsettled.data(),
                                                      unsettled, centroids.rows(), label, nullptr, scratch});
}

/// Rows per task of an assignment: enough to forget the cost of a task, few enough to balance the threads.
inline constexpr Index rows_per_task = 2048;

/// assign_nearest for all rows of X; where `squared` is given, also the defined squared distance to the nearest.
template <class T>
void assign_all(const Points<T>& X, const RowsView<T>& centroids, int threads, std::int32_t* label, T* squared) {
  const PackedCentroids<T> packed(centroids);
  std::vector<NearestWorkspace<T>> workspace(static_cast<std::size_t>(threads));
  const Index tasks = (X.rows() + rows_per_task - 1) / rows_per_task;
  parallel_for(threads, tasks, [&](Index task, int worker) {
    const Index first = task * rows_per_task, last = std::min(first + rows_per_task, X.rows());
    const auto rows = rows_view(X, first, last);
    assign_nearest(rows, packed, label + first, workspace[static_cast<std::size_t>(worker)]);
    if (squared != nullptr) kernels::squared_to_assigned(rows, centroids, label + first, squared + first);
  });
}

}  // namespace detail
CORYMB_END
