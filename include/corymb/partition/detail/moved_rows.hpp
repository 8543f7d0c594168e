#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/cluster_sums_impl.hpp>
#include <corymb/partition/detail/clusters.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// How many of n labels differ.
inline Index count_moved(const std::int32_t* before, const std::int32_t* now, Index n, int threads) {
  return parallel_sum(n <= few_labels ? 1 : threads, Chunks(n, 16384), Index{0}, [&](Index begin, Index end) {
    Index count = 0;
    for (Index i = begin; i < end; ++i) count += before[i] != now[i];
    return count;
  });
}

/// What changed labels change in the sums of the clusters: what left a cluster is summed, what came is, each in the
/// order of the rows, then the one is subtracted and the other added. The rows come in slabs, one after the other.
class MovedRows {
 public:
  MovedRows(Index d, Index k) : d_(d), place_(static_cast<std::size_t>(k), -1) {}

  /// The labels of the rows of the next slab, before and now.
  template <class T>
  void add(const Points<T>& slab, const std::int32_t* before, const std::int32_t* now, const double* weight,
           int threads) {
    const std::vector<Index> rows = find(before, now, slab.rows(), threads);
    if (rows.empty()) return;
    count_ += static_cast<Index>(rows.size());
    const RowsByLabel groups[] = {by_label(rows, before, threads), by_label(rows, now, threads)};
    const Index k = static_cast<Index>(place_.size());
    for (Index c = 0; c < k; ++c)
      if (groups[left].count(c) + groups[came].count(c) > 0 && place_[static_cast<std::size_t>(c)] < 0)
        place_[static_cast<std::size_t>(c)] = places_++;
    sums_.resize(static_cast<std::size_t>(places_ * place_size()), 0.0);
    const bool are_few = static_cast<Index>(rows.size()) * d_ <= few_entries;
    parallel_for(are_few ? 1 : threads, k, [&](Index c) {
      for (const Side side : {left, came}) {
        const Index count = groups[side].count(c);
        if (count == 0) continue;
        double* sum = sums(place_[static_cast<std::size_t>(c)], side);
        kernels::add_to_sums(compiled::SumsTask<T>{
            rows_view(slab), groups[side].rows.data() + groups[side].begin[static_cast<std::size_t>(c)], count, nullptr,
            weight, sum, sum + d_});
      }
    });
  }

  /// Of the rows of all slabs.
  Index count() const { return count_; }

  /// Sums of the clusters before become those of now. `labels` and `weight` (null = all 1) are those of all rows.
  void update(const Labels& labels, const double* weight, int threads, ClusterSums& total) const {
    const Index k = static_cast<Index>(place_.size());
    parallel_for(threads, k, [&](Index c) {
      const Index place = place_[static_cast<std::size_t>(c)];
      if (place < 0) return;
      using Row = Eigen::Map<const Eigen::RowVectorXd>;
      total.sums.row(c) = (total.sums.row(c) - Row(sums(place, left), d_)) + Row(sums(place, came), d_);
      total.weights[c] = (total.weights[c] - sums(place, left)[d_]) + sums(place, came)[d_];
    });
    if (weight != nullptr) weigh_clusters(labels, weight, threads, total.weights);
  }

 private:
  enum Side { left, came };

  static constexpr Index few_entries = Index{1} << 18;  // of rows, that one thread sums before another has started

  static std::vector<Index> find(const std::int32_t* before, const std::int32_t* now, Index n, int threads) {
    const Chunks chunks(n, 16384);
    std::vector<std::vector<Index>> found(static_cast<std::size_t>(chunks.count()));
    parallel_for(n <= few_labels ? 1 : threads, chunks.count(), [&](Index chunk) {
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
        if (before[i] != now[i]) found[static_cast<std::size_t>(chunk)].push_back(i);
    });
    std::vector<Index> rows;
    for (const auto& part : found) rows.insert(rows.end(), part.begin(), part.end());
    return rows;
  }

  RowsByLabel by_label(const std::vector<Index>& rows, const std::int32_t* label, int threads) const {
    std::vector<std::int32_t> labels;
    for (const Index row : rows) labels.push_back(label[row]);
    RowsByLabel groups(labels.data(), static_cast<Index>(rows.size()), static_cast<Index>(place_.size()), threads);
    for (Index& position : groups.rows) position = rows[static_cast<std::size_t>(position)];
    return groups;
  }

  Index place_size() const { return 2 * (d_ + 1); }
  double* sums(Index place, Side side) { return sums_.data() + place * place_size() + side * (d_ + 1); }
  const double* sums(Index place, Side side) const { return sums_.data() + place * place_size() + side * (d_ + 1); }

  Index d_;
  Index count_ = 0;
  Index places_ = 0;          // clusters that a row has left or come to
  std::vector<Index> place_;  // of each cluster among them; -1 = none
  std::vector<double> sums_;  // per place: what left, what came, each the sums and then the weight
};

}  // namespace detail
CORYMB_END
