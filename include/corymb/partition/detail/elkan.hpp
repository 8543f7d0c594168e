#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/partition/detail/nearest_finder.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Elkan's k-means without the distances between centroids: an upper bound of the distance of every row to its own
/// centroid and a lower bound of its distance to every other. By the triangle inequality they stay valid when they
/// shrink by the movements; a distance is computed only if its bound is within reach.
///
/// Lower bounds are whole numbers of steps in one byte, those of 64 rows to one centroid side by side: a pass over them
/// is little more than reading n k bytes. The step is a small part of the usual distance to the own centroid, and what
/// is farther than 254 steps counts as 254.
///
/// Elkan (2003), Using the triangle inequality to accelerate k-means, ICML, 147–153; Newling and Fleuret (2016), Fast
/// k-means with accurate bounds, ICML, 936–944, for the simplification.
template <class T>
class Elkan : public NearestFinder<T> {
 public:
  Elkan(const Points<T>& X, Index k, int threads)
      : X_(X),
        k_(k),
        threads_(threads),
        arithmetic_(X.cols()),
        upper_(static_cast<std::size_t>(X.rows())),
        lower_(static_cast<std::size_t>(blocks() * k * block)),
        travelled_(static_cast<std::size_t>(k)),
        steps_(static_cast<std::size_t>(k)),
        workers_(static_cast<std::size_t>(threads)) {}

  static double memory(Index n, Index k) {
    return static_cast<double>(n + block) * (static_cast<double>(k) + sizeof(T));
  }

  void find(const RowMatrix<T>& centroids, std::int32_t* label) override {
    const bool starts = before_.rows() == 0;
    if (starts)
      choose_step(centroids);
    else
      take_in_movements(centroids);
    before_ = centroids;
    const PackedCentroids<T> packed(rows_view(before_));
    constexpr Index blocks_per_task = 16;
    parallel_for(threads_, (blocks() + blocks_per_task - 1) / blocks_per_task, [&](Index task, int w) {
      Worker& worker = workers_[static_cast<std::size_t>(w)];
      reserve(worker);
      for (Index b = task * blocks_per_task; b < std::min((task + 1) * blocks_per_task, blocks()); ++b) {
        const Index first = b * block, last = std::min(first + block, X_.rows());
        if (starts)
          start(first, last, packed, label + first, worker);
        else
          search(first, last, label + first, worker);
      }
    });
  }

  void forget() override { before_.resize(0, before_.cols()); }

 private:
  static constexpr Index block = compiled::byte_rows;
  static constexpr std::uint8_t own_byte = 255;

  struct Worker {
    std::vector<std::int32_t> row, centroid;  // pairs
    std::vector<T> value;                     // of each pair
    std::int32_t own[block];
    std::uint8_t limit[block];
    T nearest[block], second[block];  // squared distances
    std::vector<Index> unsettled;
    Scratch<T> scratch;
  };

  Index blocks() const { return (X_.rows() + block - 1) / block; }
  std::uint8_t* lower(Index first) { return &lower_[static_cast<std::size_t>(first * k_)]; }
  T& upper(Index row) { return upper_[static_cast<std::size_t>(row)]; }

  void reserve(Worker& worker) const {
    const auto room = static_cast<std::size_t>(block * k_);
    for (auto* list : {&worker.row, &worker.centroid}) list->resize(room);
    worker.value.resize(room);
    worker.scratch.reserve(
        std::max(kernels::expanded_scratch_size(T(), X_.cols()), kernels::defined_scratch_size(T(), X_.cols())));
  }

  /// 60 steps to the own centroid of the usual row, from a sample: others count up to four times as far.
  void choose_step(const RowMatrix<T>& centroids) {
    const Index sampled = std::min<Index>(X_.rows(), 512);
    RowMatrix<T> rows(sampled, X_.cols());
    for (Index s = 0; s < sampled; ++s)
      std::copy_n(X_.row(s * X_.rows() / sampled), X_.cols(), rows.data() + s * X_.cols());
    std::vector<std::int32_t> label(static_cast<std::size_t>(sampled));
    std::vector<T> squared(label.size());
    assign_all<T>(Points<T>(rows), rows_view(centroids), threads_, label.data(), squared.data());
    std::nth_element(squared.begin(), squared.begin() + sampled / 2, squared.end());
    step_ = std::sqrt(static_cast<double>(squared[static_cast<std::size_t>(sampled / 2)])) / 60;
    if (!(step_ > static_cast<double>(std::numeric_limits<T>::min()) * 1e6)) step_ = 1;  // most rows are centroids
    std::fill(travelled_.begin(), travelled_.end(), 0.0);
  }

  /// A centroid has travelled whole steps, rounded up: between two iterations it moves at most one step more than their
  /// difference says, and bounds are set one step lower for that.
  void take_in_movements(const RowMatrix<T>& centroids) {
    moved_ = movements(before_, centroids);
    for (std::size_t c = 0; c < moved_.size(); ++c) {
      const double before = std::ceil(travelled_[c] / step_);
      travelled_[c] = (travelled_[c] + static_cast<double>(moved_[c])) * (1 + 1e-12);
      steps_[c] = static_cast<std::uint8_t>(std::min(std::ceil(travelled_[c] / step_) - before, 255.0));
    }
  }

  /// The smallest bound that is not within reach of a distance.
  std::uint8_t limit(T distance) const {
    const double steps = static_cast<double>(arithmetic_.reach(distance)) / step_ * (1 + 1e-6);
    return static_cast<std::uint8_t>(steps < 254 ? std::floor(steps) + 1 : 255);
  }

  /// The bound of a pair whose squared distance was computed.
  std::uint8_t bound(T squared) const {
    const double distance = std::sqrt(static_cast<double>(std::max(arithmetic_.squared_below(squared), T(0))));
    return static_cast<std::uint8_t>(std::clamp(std::floor(distance / step_ * (1 - 1e-6)) - 1, 0.0, 254.0));
  }

  T distance_above(T squared) const { return arithmetic_.above(std::sqrt(arithmetic_.squared_above(squared))); }

  void start(Index first, Index last, const PackedCentroids<T>& packed, std::int32_t* label, Worker& worker) {
    const RowsView<T> x = rows_view(X_, first, last);
    worker.unsettled.resize(static_cast<std::size_t>(block));
    const Index unsettled = kernels::nearest_and_bytes(
        compiled::NearestAndBytesTask<T>{{x, k_, packed.centre(), packed.packed(), packed.largest_norm(), label,
                                          worker.unsettled.data(), worker.scratch.data()},
                                         lower(first),
                                         static_cast<T>(1 / step_)});
    decide(x, unsettled, label, worker);
    kernels::squared_to_assigned(x, rows_view(before_), label, worker.nearest);
    for (Index i = 0; i < last - first; ++i) upper(first + i) = distance_above(worker.nearest[i]);
  }

  /// The rows in worker.unsettled, by the defined value.
  void decide(const RowsView<T>& x, Index unsettled, std::int32_t* label, Worker& worker) {
    if (unsettled > 0)
      kernels::nearest_defined(compiled::NearestTask<T>{PairValue::squared_euclidean, x, worker.unsettled.data(),
                                                        unsettled, rows_view(before_), label, nullptr,
                                                        worker.scratch.data()});
  }

  void search(Index first, Index last, std::int32_t* label, Worker& worker) {
    const RowsView<T> x = rows_view(X_, first, last), c = rows_view(before_);
    std::uint8_t* bytes = lower(first);
    const Index rows = last - first;
    for (Index i = 0; i < block; ++i) {
      worker.own[i] = i < rows ? label[i] : -1;
      worker.limit[i] = 0;
      if (i >= rows) continue;
      upper(first + i) = arithmetic_.above(upper(first + i) + moved_[static_cast<std::size_t>(label[i])]);
      worker.limit[i] = limit(upper(first + i));
      bytes[label[i] * block + i] = own_byte;
    }
    std::uint64_t open = kernels::shrink_bytes(compiled::ShrinkBytesTask{k_, bytes, steps_.data(), worker.limit});
    if (open == 0) return;
    // The distance to the own centroid, then the pairs within reach of that.
    Index pairs = 0;
    for (Index i = 0; i < rows; ++i) {
      if ((open >> i & 1) == 0) {
        worker.limit[i] = 0;
        continue;
      }
      worker.row[static_cast<std::size_t>(pairs)] = static_cast<std::int32_t>(i);
      worker.centroid[static_cast<std::size_t>(pairs++)] = label[i];
    }
    compute_values(x, c, pairs, worker);
    for (std::size_t p = 0; p < static_cast<std::size_t>(pairs); ++p) {
      const Index i = worker.row[p];
      worker.nearest[i] = worker.value[p];
      worker.second[i] = std::numeric_limits<T>::infinity();
      upper(first + i) = distance_above(worker.value[p]);
      worker.limit[i] = limit(upper(first + i));
    }
    pairs = kernels::list_bytes(
        compiled::ListBytesTask{k_, bytes, worker.limit, worker.own, worker.row.data(), worker.centroid.data()});
    if (pairs == 0) return;
    compute_values(x, c, pairs, worker);
    for (std::size_t p = 0; p < static_cast<std::size_t>(pairs); ++p) {
      const Index i = worker.row[p];
      const T value = worker.value[p];
      bytes[worker.centroid[p] * block + i] = bound(value);
      if (value < worker.nearest[i]) {
        bytes[label[i] * block + i] = bound(worker.nearest[i]);
        worker.second[i] = worker.nearest[i];
        worker.nearest[i] = value;
        label[i] = worker.centroid[p];
      } else {
        worker.second[i] = std::min(worker.second[i], value);
      }
    }
    settle(x, first, label, open, worker);
  }

  void compute_values(const RowsView<T>& x, const RowsView<T>& c, Index pairs, Worker& worker) const {
    kernels::pair_values(
        compiled::PairsTask<T>{x, c, worker.row.data(), worker.centroid.data(), pairs, worker.value.data()});
  }

  /// Upper bounds of the rows that were looked at; where two centroids are too close to tell, the defined value
  /// decides.
  void settle(const RowsView<T>& x, Index first, std::int32_t* label, std::uint64_t open, Worker& worker) {
    worker.unsettled.clear();
    for (Index i = 0; i < x.n; ++i) {
      if ((open >> i & 1) == 0) continue;
      upper(first + i) = distance_above(worker.nearest[i]);
      if (worker.second[i] > arithmetic_.squared_reach(worker.nearest[i])) continue;
      worker.unsettled.push_back(i);
      // Whichever it will be: all that are this close have a bound, and the upper bound holds for each of them.
      lower(first)[label[i] * block + i] = bound(worker.nearest[i]);
      upper(first + i) = arithmetic_.reach(arithmetic_.reach(upper(first + i)));
    }
    decide(x, static_cast<Index>(worker.unsettled.size()), label, worker);
  }

  const Points<T>& X_;
  Index k_;
  int threads_;
  BoundArithmetic<T> arithmetic_;
  std::vector<T> upper_;             // by row: ≥ the distance to the own centroid
  std::vector<std::uint8_t> lower_;  // by block of rows, centroid, row: steps ≤ their distance, or own_byte
  double step_ = 1;
  std::vector<double> travelled_;    // by centroid: the length of its way, at least
  std::vector<std::uint8_t> steps_;  // by centroid: whole steps in the last iteration
  std::vector<T> moved_;             // by centroid: in the last iteration, at most
  RowMatrix<T> before_;              // centroids that the bounds are about
  std::vector<Worker> workers_;
};

}  // namespace detail
CORYMB_END
