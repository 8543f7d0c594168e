#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/partition/detail/nearest_finder.hpp>

#include <algorithm>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Elkan's k-means: a lower bound of the distance of every row to every centroid, and the distances between centroids.
/// Elkan (2003), Using the triangle inequality to accelerate k-means, ICML, 147–153.
template <class T>
class Elkan : public NearestFinder<T> {
 public:
  Elkan(const Points<T>& X, Index k, int threads)
      : X_(X),
        k_(k),
        threads_(threads),
        arithmetic_(X.cols()),
        upper_(static_cast<std::size_t>(X.rows())),
        lower_(static_cast<std::size_t>(X.rows() * k)),
        half_(static_cast<std::size_t>(k * k)),
        nearest_half_(static_cast<std::size_t>(k)),
        workers_(static_cast<std::size_t>(threads)) {}

  static double memory(Index n, Index k) {
    return (static_cast<double>(n + k) * static_cast<double>(k + 1)) * sizeof(T);
  }

  void find(const RowMatrix<T>& centroids, std::int32_t* label) override {
    const bool starts = before_.rows() == 0;
    if (!starts) {
      moved_ = movements(before_, centroids);
      halve_distances(centroids);
    }
    before_ = centroids;
    for (Worker& worker : workers_) worker.pairs = 0;
    parallel_for(threads_, (X_.rows() + rows_per_block - 1) / rows_per_block, [&](Index task, int w) {
      const Index first = task * rows_per_block, last = std::min(first + rows_per_block, X_.rows());
      Worker& worker = workers_[static_cast<std::size_t>(w)];
      if (starts)
        start(first, last, label + first, worker);
      else
        search(first, last, label + first, worker);
    });
    double pairs = 0;
    for (const Worker& worker : workers_) pairs += worker.pairs;
    work_ = pair_cost * pairs / (static_cast<double>(X_.rows()) * static_cast<double>(k_));
  }

  void forget() override { before_.resize(0, before_.cols()); }

  double work() const override { return work_; }

 private:
  struct Worker {
    std::vector<std::int32_t> row, centroid;
    std::vector<T> value, nearest, second;
    std::vector<Index> unsettled;
    Scratch<T> scratch;
    double pairs = 0;
  };

  static constexpr Index rows_per_block = 256;
  static constexpr double pair_cost = 6;  // a pair alone, in the time of one in the dense kernel

  T* lower(Index row) { return &lower_[static_cast<std::size_t>(row * k_)]; }
  T& upper(Index row) { return upper_[static_cast<std::size_t>(row)]; }

  /// half(a, c) ≤ half the distance of the centroids a and c: a row nearer to a than this is not nearer to c.
  void halve_distances(const RowMatrix<T>& centroids) {
    constexpr Index block = 32;
    parallel_for(threads_, (k_ + block - 1) / block, [&](Index task) {
      const Index first = task * block, last = std::min(first + block, k_);
      Scratch<T> scratch(kernels::defined_scratch_size(T(), X_.cols()));
      T* half = &half_[static_cast<std::size_t>(first * k_)];
      const RowsView<T> all = rows_view(centroids);
      kernels::distances(compiled::DistancesTask<T>{PairValue::squared_euclidean,
                                                    {all.data + first * all.stride, last - first, all.d, all.stride},
                                                    all,
                                                    nullptr,
                                                    half,
                                                    k_,
                                                    scratch.data()});
      for (Index p = 0; p < (last - first) * k_; ++p) half[p] = std::max(arithmetic_.squared_below(half[p]), T(0));
      kernels::square_roots(half, (last - first) * k_);
      for (Index a = first; a < last; ++a) {
        T nearest = std::numeric_limits<T>::infinity();
        T* row = half + (a - first) * k_;
        for (Index c = 0; c < k_; ++c) {
          row[c] = arithmetic_.below(row[c] / 2);
          if (c != a) nearest = std::min(nearest, row[c]);
        }
        nearest_half_[static_cast<std::size_t>(a)] = nearest;
      }
    });
  }

  /// All distances, by the defined value: bounds and labels at once.
  void start(Index first, Index last, std::int32_t* label, Worker& worker) {
    kernels::distances(compiled::DistancesTask<T>{
        PairValue::squared_euclidean, rows_view(X_, first, last), rows_view(before_), nullptr, lower(first), k_,
        worker.scratch.reserve(kernels::defined_scratch_size(T(), X_.cols()))});
    for (Index row = first; row < last; ++row) {
      T* value = lower(row);
      const auto nearest = std::min_element(value, value + k_);  // the lower one on ties
      label[row - first] = static_cast<std::int32_t>(nearest - value);
      upper(row) = arithmetic_.squared_above(*nearest);
      for (Index c = 0; c < k_; ++c) value[c] = std::max(arithmetic_.squared_below(value[c]), T(0));
    }
    kernels::square_roots(&upper(first), last - first);
    for (Index row = first; row < last; ++row) upper(row) = arithmetic_.above(upper(row));
    kernels::square_roots(lower(first), (last - first) * k_);
    for (T *bound = lower(first), *end = lower(first) + (last - first) * k_; bound != end; ++bound)
      *bound = arithmetic_.below(*bound);
    worker.pairs += static_cast<double>((last - first) * k_) / pair_cost;
  }

  void search(Index first, Index last, std::int32_t* label, Worker& worker) {
    const auto size = static_cast<std::size_t>(last - first);
    for (auto* list : {&worker.row, &worker.centroid}) list->resize(size * static_cast<std::size_t>(k_));
    worker.value.resize(size * static_cast<std::size_t>(k_));
    for (auto* list : {&worker.nearest, &worker.second}) list->resize(size);
    worker.unsettled.clear();
    const RowsView<T> x = rows_view(X_, first, last), c = rows_view(before_);
    // Rows for which some centroid is within reach of the loose upper bound: their distance to the own centroid.
    Index open = 0;
    for (Index i = 0; i < last - first; ++i) {
      T* bound = lower(first + i);
      const std::int32_t own = label[i];
      upper(first + i) = arithmetic_.above(upper(first + i) + moved_[static_cast<std::size_t>(own)]);
      const T reach = arithmetic_.reach(upper(first + i));
      int within = 0;
      for (Index j = 0; j < k_; ++j) {
        bound[j] = arithmetic_.below(bound[j] - moved_[static_cast<std::size_t>(j)]);
        within += bound[j] <= reach ? 1 : 0;
      }
      if (nearest_half_[static_cast<std::size_t>(own)] > reach || within - (bound[own] <= reach ? 1 : 0) == 0) continue;
      worker.row[static_cast<std::size_t>(open)] = static_cast<std::int32_t>(i);
      worker.centroid[static_cast<std::size_t>(open++)] = own;
    }
    kernels::pair_values(
        compiled::PairsTask<T>{x, c, worker.row.data(), worker.centroid.data(), open, worker.value.data()});
    const std::vector<std::int32_t> rows(worker.row.begin(), worker.row.begin() + open);
    for (std::size_t p = 0; p < rows.size(); ++p) worker.nearest[static_cast<std::size_t>(rows[p])] = worker.value[p];
    Index pairs = 0;
    for (const std::int32_t i : rows) {
      const auto position = static_cast<std::size_t>(i);
      worker.second[position] = std::numeric_limits<T>::infinity();
      upper(first + i) = arithmetic_.above(std::sqrt(arithmetic_.squared_above(worker.nearest[position])));
      T* bound = lower(first + i);
      const std::int32_t own = label[i];
      bound[own] = arithmetic_.below(std::sqrt(std::max(arithmetic_.squared_below(worker.nearest[position]), T(0))));
      const T reach = arithmetic_.reach(upper(first + i));
      const T* half = &half_[static_cast<std::size_t>(own * k_)];
      for (Index j = 0; j < k_; ++j) {
        if (j == own || bound[j] > reach || half[j] > reach) continue;
        worker.row[static_cast<std::size_t>(pairs)] = i;
        worker.centroid[static_cast<std::size_t>(pairs++)] = static_cast<std::int32_t>(j);
      }
    }
    kernels::pair_values(
        compiled::PairsTask<T>{x, c, worker.row.data(), worker.centroid.data(), pairs, worker.value.data()});
    for (std::size_t p = 0; p < static_cast<std::size_t>(pairs); ++p) {
      const auto i = static_cast<std::size_t>(worker.row[p]);
      const T value = worker.value[p];
      lower(first + worker.row[p])[worker.centroid[p]] =
          arithmetic_.below(std::sqrt(std::max(arithmetic_.squared_below(value), T(0))));
      if (value < worker.nearest[i]) {
        worker.second[i] = worker.nearest[i];
        worker.nearest[i] = value;
        label[i] = worker.centroid[p];
      } else {
        worker.second[i] = std::min(worker.second[i], value);
      }
    }
    worker.pairs += static_cast<double>(pairs + open);
    for (const std::int32_t i : rows) {
      const auto position = static_cast<std::size_t>(i);
      upper(first + i) = arithmetic_.above(std::sqrt(arithmetic_.squared_above(worker.nearest[position])));
      if (!(worker.second[position] > arithmetic_.squared_reach(worker.nearest[position])))
        worker.unsettled.push_back(i);
    }
    if (worker.unsettled.empty()) return;
    kernels::nearest_defined(compiled::NearestTask<T>{
        PairValue::squared_euclidean, x, worker.unsettled.data(), static_cast<Index>(worker.unsettled.size()), c, label,
        worker.value.data(), worker.scratch.reserve(kernels::defined_scratch_size(T(), X_.cols()))});
    for (const Index i : worker.unsettled)
      upper(first + i) =
          arithmetic_.above(std::sqrt(arithmetic_.squared_above(worker.value[static_cast<std::size_t>(i)])));
  }

  const Points<T>& X_;
  Index k_;
  int threads_;
  BoundArithmetic<T> arithmetic_;
  std::vector<T> upper_;         // by row: ≥ the distance to the own centroid
  std::vector<T> lower_;         // by row and centroid: ≤ their distance
  std::vector<T> half_;          // by two centroids: ≤ half their distance
  std::vector<T> nearest_half_;  // by centroid: the smallest of them
  RowMatrix<T> before_;          // centroids that the bounds are about
  std::vector<T> moved_;         // in the last step, at most
  std::vector<Worker> workers_;
  double work_ = 1;
};

}  // namespace detail
CORYMB_END
