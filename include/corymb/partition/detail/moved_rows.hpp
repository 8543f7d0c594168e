#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The rows whose label changed between two assignments.
class MovedRows {
 public:
  MovedRows(const Labels& before, const Labels& now, int threads) {
    const Chunks chunks(now.size(), 16384);
    std::vector<std::vector<Index>> found(static_cast<std::size_t>(chunks.count()));
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
        if (before[i] != now[i]) found[static_cast<std::size_t>(chunk)].push_back(i);
    });
    for (const auto& part : found) rows_.insert(rows_.end(), part.begin(), part.end());
    for (const Index row : rows_) {
      from_.push_back(before[row]);
      to_.push_back(now[row]);
    }
    labels_ = &now;
  }

  Index count() const { return static_cast<Index>(rows_.size()); }

  /// Sums of the clusters before become those of now: what left a cluster is summed, what came is, each in the order of
  /// the rows, then the one is subtracted and the other added.
  template <class T>
  void update(const Points<T>& X, const double* weight, Index k, int threads, ClusterSums& total) const {
    RowsByLabel left(from_.data(), count(), k, threads), came(to_.data(), count(), k, threads);
    for (Index& position : left.rows) position = rows_[static_cast<std::size_t>(position)];
    for (Index& position : came.rows) position = rows_[static_cast<std::size_t>(position)];
    parallel_for(threads, k, [&](Index c) {
      const auto sum = [&](const RowsByLabel& moved) {
        ClusterSums part{RowMatrix<double>::Zero(1, X.cols()), Vector::Zero(1)};
        const Index first = moved.begin[static_cast<std::size_t>(c)];
        kernels::add_to_sums(compiled::SumsTask<T>{rows_view(X), moved.rows.data() + first,
                                                   moved.begin[static_cast<std::size_t>(c) + 1] - first, nullptr,
                                                   weight, part.sums.data(), part.weights.data()});
        return part;
      };
      const auto moves = [&](const RowsByLabel& moved) {
        return moved.begin[static_cast<std::size_t>(c) + 1] > moved.begin[static_cast<std::size_t>(c)];
      };
      if (!moves(left) && !moves(came)) return;
      const ClusterSums less = sum(left), more = sum(came);
      total.sums.row(c) = (total.sums.row(c) - less.sums.row(0)) + more.sums.row(0);
      total.weights[c] = (total.weights[c] - less.weights[0]) + more.weights[0];
    });
    if (weight != nullptr) weigh(weight, k, threads, total.weights);
  }

 private:
  /// Weights that are no whole numbers leave roundings behind, and an empty cluster must weigh exactly nothing.
  void weigh(const double* weight, Index k, int threads, Vector& total) const {
    const Labels& label = *labels_;
    const Chunks chunks(label.size(), std::max<Index>(16384, k));
    total = parallel_sum(threads, chunks, Vector(Vector::Zero(k)), [&](Index begin, Index end) -> Vector {
      Vector part = Vector::Zero(k);
      for (Index i = begin; i < end; ++i) part[label[i]] += weight[i];
      return part;
    });
  }

  std::vector<Index> rows_;
  std::vector<std::int32_t> from_, to_;
  const Labels* labels_;
};

}  // namespace detail
CORYMB_END
