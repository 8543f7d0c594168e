#pragma once

#include <corymb/core/detail/concurrent_union_find.hpp>
#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/density/detail/dbscan/density_state.hpp>
#include <corymb/density/detail/dbscan/point_weights.hpp>
#include <corymb/distance/detail/row_values.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// DBSCAN by the values of all pairs, three times: to count, to join, and to reach what is not core.
/// @tparam Values  see row_values.hpp; of all rows against all
template <class T, class Values>
class BruteDbscan {
 public:
  BruteDbscan(std::string_view function, Index n, const Values& values, T limit, const PointWeights& weights,
              BorderPoints border, const Execution& execution)
      : function_(function),
        n_(n),
        values_(values),
        limit_(limit),
        weights_(weights),
        border_(border),
        threads_(resolve_threads(execution.threads)),
        progress_(execution.on_progress),
        density_(static_cast<std::size_t>(n)),
        scratch_(static_cast<std::size_t>(threads_)),
        buffer_(scratch_.size()) {}

  static double memory(Index n, int threads) {
    const double state = sizeof(Density) + 3 * sizeof(std::int32_t);
    return static_cast<double>(n) * (state + static_cast<double>(rows_per_block(n)) * threads * sizeof(T));
  }

  DbscanResult run() {
    for_rows("cores", [&](Index i, const T* value) { count(i, value); });
    ConcurrentUnionFind sets(n_);
    for_rows("clusters", [&](Index i, const T* value) {
      if (!is_core(i)) return;
      for (Index j = 0; j < n_; ++j)
        if (value[j] <= limit_ && is_core(j)) sets.unite(i, j);
    });
    DbscanResult result = number_clusters(n_, sets, [&](Index i) { return is_core(i); });
    for_rows("borders", [&](Index i, const T* value) {
      if (!may_be_reached(density_[static_cast<std::size_t>(i)], border_)) return;
      std::int32_t lowest = noise;
      for (Index j = 0; j < n_; ++j)
        if (value[j] <= limit_ && is_core(j)) reach_by(result.labels[j], lowest);
      result.labels[i] = lowest;
    });
    return result;
  }

 private:
  bool is_core(Index i) const { return density_[static_cast<std::size_t>(i)] == Density::core; }

  void count(Index i, const T* value) {
    PointWeights::Count sum = 0;
    if (weights_.is_weighted()) {
      for (Index j = 0; j < n_; ++j) sum += value[j] <= limit_ ? weights_(j) : 0;
    } else {
      for (Index j = 0; j < n_; ++j) sum += value[j] <= limit_ ? 1 : 0;
    }
    density_[static_cast<std::size_t>(i)] = density_of(sum >= weights_.needed(), weights_(i) > 0);
  }

  /// Calls use(i, values of row i against all) for all rows.
  template <class Use>
  void for_rows(std::string_view stage, const Use& use) {
    const Index block = rows_per_block(n_);
    reported_tasks(function_, stage, progress_, threads_, (n_ + block - 1) / block, [&](Index task, int worker) {
      const auto w = static_cast<std::size_t>(worker);
      const Index first = task * block, last = std::min(first + block, n_);
      T* value = buffer_[w].reserve(block * n_);
      values_(first, last, value, scratch_[w]);
      for (Index i = first; i < last; ++i, value += n_) use(i, value);
    });
  }

  std::string_view function_;
  Index n_;
  const Values& values_;
  T limit_;
  const PointWeights& weights_;
  BorderPoints border_;
  int threads_;
  ProgressReporter progress_;
  std::vector<Density> density_;
  std::vector<ValuesScratch> scratch_;
  std::vector<Scratch<T>> buffer_;
};

}  // namespace detail
CORYMB_END
