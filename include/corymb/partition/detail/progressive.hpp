#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/shortened_rows.hpp>
#include <corymb/partition/detail/contested_rows.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The axes and all rows in their coordinates: what does not change from run to run.
template <class T>
struct PrincipalCoordinates {
  PrincipalProjection<T> projection;
  ShortenedRows<T> rows;

  PrincipalCoordinates(PrincipalProjection<T> axes, const Points<T>& X, int threads)
      : projection(std::move(axes)), rows(projection, X, threads) {}
};

/// What a search with `level` coordinates costs and what it saves, estimated on samples.
struct LevelEstimate {
  Index level = 0;
  double work = 1;  // time of a search, in that of computing all distances
};

/// For large d: a lower bound of every distance from few principal coordinates, by the dense kernel; the whole distance
/// only for the centroids within reach of the row's distance to its centroid of the iteration before. Exact: the bound
/// keeps a margin for all roundings, and what is left is decided like everywhere else.
template <class T>
class Progressive : public NearestFinder<T> {
 public:
  static constexpr std::array<Index, 8> levels = {8, 16, 24, 32, 48, 64, 96, 120};
  static_assert(levels.back() + 1 <= compiled::most_coordinates_within_reach);

  static bool possible(Index d) { return d > levels.front() && BoundArithmetic<T>::holds_for(d); }
  static Index most_axes(Index d) { return std::min(levels.back(), d - 1); }
  /// Of the shortened rows, and of the sample that the axes come from, twice.
  static double memory(Index n, Index d, Index axes) {
    const double sample = 2 * 1024.0 * static_cast<double>(d) * sizeof(double);
    return ShortenedRows<T>::memory(n, axes) + sample;
  }

  Progressive(const Points<T>& X, std::shared_ptr<PrincipalCoordinates<T>> coordinates, int threads)
      : X_(X),
        threads_(threads),
        arithmetic_(X.cols()),
        coordinates_(std::move(coordinates)),
        projection_(coordinates_->projection),
        rows_(coordinates_->rows),
        workers_(static_cast<std::size_t>(threads)) {}

  void find(const RowMatrix<T>& centroids, std::int32_t* label) override {
    const bool starts = calls_ == 0;
    if (calls_ == next_estimate_) {
      estimate_ = estimate(X_, centroids, projection_, starts ? nullptr : label, threads_);
      next_estimate_ = std::max(calls_ + 1, 2 * calls_);
    }
    ++calls_;
    if (estimate_.work > 1)  // first centroids may be far from everything
      return assign_all<T>(X_, rows_view(centroids), threads_, label, nullptr);
    rows_.set_level(estimate_.level, threads_);
    ShortenedRows<T> shortened(projection_, Points<T>(centroids), threads_);
    shortened.set_level(rows_.level(), threads_);
    const PackedCentroids<T> packed(shortened.view(),
                                    std::vector<T>(static_cast<std::size_t>(rows_.level() + 1), T(0)));
    parallel_for(threads_, (X_.rows() + rows_per_task - 1) / rows_per_task, [&](Index task, int w) {
      const Index first = task * rows_per_task, last = std::min(first + rows_per_task, X_.rows());
      Worker& worker = workers_[static_cast<std::size_t>(w)];
      if (starts) guess(first, last, packed, label + first, worker);
      find_in_task(first, last, packed, centroids, label + first, worker);
    });
  }

  void forget() override {}  // any labels will do

  /// The best level for the given centroids, on samples of rows and centroids.
  /// @param label  of every row, from the iteration before; null = the nearest are looked for.
  static LevelEstimate estimate(const Points<T>& X, const RowMatrix<T>& centroids,
                                const PrincipalProjection<T>& projection, const std::int32_t* label, int threads) {
    const Index n = X.rows(), k = centroids.rows(), d = X.cols();
    const Index sampled = std::min<Index>(n, 256), tried = std::min<Index>(k, 512);
    RowMatrix<T> rows(sampled, d), some(tried, d);
    std::vector<std::int32_t> own(static_cast<std::size_t>(sampled));
    for (Index s = 0; s < sampled; ++s) std::copy_n(X.row(s * n / sampled), d, rows.data() + s * d);
    for (Index c = 0; c < tried; ++c) some.row(c) = centroids.row(c * k / tried);
    std::vector<T> reach(own.size());
    const Points<T> points(rows);
    if (label == nullptr) {
      assign_all<T>(points, rows_view(centroids), threads, own.data(), reach.data());
    } else {
      for (Index s = 0; s < sampled; ++s) own[static_cast<std::size_t>(s)] = label[s * n / sampled];
      kernels::squared_to_assigned(rows_view(rows), rows_view(centroids), own.data(), reach.data());
    }
    ShortenedRows<T> x(projection, points, threads), c(projection, Points<T>(some), threads);
    LevelEstimate best{std::min(levels.front(), projection.axes()), std::numeric_limits<double>::infinity()};
    for (Index level : levels) {
      level = std::min(level, projection.axes());
      x.set_level(level, threads);
      c.set_level(level, threads);
      const std::vector<T> bounds = all_squared(x.view(), c.view(), threads);
      double pairs = 0;
      for (Index s = 0; s < sampled; ++s)
        for (Index i = 0; i < tried; ++i)
          pairs += bounds[static_cast<std::size_t>(s * tried + i)] <= reach[static_cast<std::size_t>(s)] ? 1 : 0;
      const double work = relative_work(level, d, pairs / static_cast<double>(sampled * tried), k);
      if (work < best.work) best = {level, work};
      if (level == projection.axes()) break;
    }
    return best;
  }

 private:
  struct Worker {
    ContestedRows<T> contested;
    std::vector<std::int32_t> row;  // of the task: 0, 1, …
    std::vector<T> reach;           // by row of the task
    std::vector<Index> unsettled;   // of the guess, which need not be right
    Scratch<T> scratch;
  };

  static std::vector<T> all_squared(const RowsView<T>& a, const RowsView<T>& b, int threads) {
    std::vector<T> result(static_cast<std::size_t>(a.n * b.n));
    constexpr Index block = 32;
    parallel_for(threads, (a.n + block - 1) / block, [&](Index task) {
      const Index first = task * block, count = std::min(block, a.n - first);
      Scratch<T> scratch(kernels::defined_scratch_size(T(), a.d));
      kernels::distances(compiled::DistancesTask<T>{PairValue::squared_euclidean,
                                                    {a.data + first * a.stride, count, a.d, a.stride},
                                                    b,
                                                    nullptr,
                                                    &result[static_cast<std::size_t>(first * b.n)],
                                                    b.n,
                                                    scratch.data()});
    });
    return result;
  }

  /// The bounds run at the speed of the dense kernel; a pair alone takes about six times as long per coordinate, and
  /// every row has at least the pair with its own centroid.
  static double relative_work(Index level, Index d, double share_of_pairs, Index k) {
    return static_cast<double>(level + 4) / static_cast<double>(d) +
           6 * (share_of_pairs + 1.0 / static_cast<double>(k));
  }

  /// Labels to begin with: the least bound.
  void guess(Index first, Index last, const PackedCentroids<T>& packed, std::int32_t* label, Worker& worker) const {
    worker.unsettled.resize(static_cast<std::size_t>(last - first));
    kernels::nearest_expanded(compiled::ExpandedTask<T>{
        rows_.view(first, last), packed.rows().n, packed.centre(), packed.packed(), packed.largest_norm(), label,
        worker.unsettled.data(), worker.scratch.reserve(kernels::expanded_scratch_size(T(), rows_.level() + 1))});
  }

  void find_in_task(Index first, Index last, const PackedCentroids<T>& packed, const RowMatrix<T>& centroids,
                    std::int32_t* label, Worker& worker) {
    const Index count = last - first, k = centroids.rows(), panel = kernels::panel_rows(T());
    const RowsView<T> x = rows_view(X_, first, last), c = rows_view(centroids);
    worker.row.resize(static_cast<std::size_t>(count));
    std::iota(worker.row.begin(), worker.row.end(), 0);
    worker.reach.resize(static_cast<std::size_t>(count));
    kernels::pair_values(compiled::PairsTask<T>{x, c, worker.row.data(), label, count, worker.reach.data()});
    for (T& reach : worker.reach) reach = arithmetic_.squared_above(reach);
    kernels::square_roots(worker.reach.data(), count);
    for (T& reach : worker.reach) reach = arithmetic_.reach(arithmetic_.above(reach));

    worker.contested.reserve(panel, panel * k);
    T* scratch = worker.scratch.reserve(
        std::max(kernels::expanded_scratch_size(T(), packed.rows().d), kernels::defined_scratch_size(T(), X_.cols())));
    for (Index begin = 0; begin < count; begin += panel) {
      const Index end = std::min(begin + panel, count);
      Index pairs = kernels::within_reach(
          compiled::WithinReachTask<T>{rows_.view(first + begin, first + end), k, packed.centre(), packed.packed(),
                                       packed.largest_norm(), worker.reach.data() + begin, projection_.slack(),
                                       worker.contested.row.data(), worker.contested.centroid.data(), scratch});
      pairs = leave_out_own(pairs, label + begin, worker.contested);
      worker.contested.settle(rows_view(X_, first + begin, first + end), c, pairs, true, arithmetic_, label + begin);
    }
  }

  static Index leave_out_own(Index pairs, const std::int32_t* label, ContestedRows<T>& contested) {
    std::size_t left = 0;
    for (std::size_t p = 0; p < static_cast<std::size_t>(pairs); ++p) {
      const std::int32_t row = contested.row[p], c = contested.centroid[p];
      contested.row[left] = row;
      contested.centroid[left] = c;
      left += c != label[row] ? 1U : 0U;
    }
    return static_cast<Index>(left);
  }

  const Points<T>& X_;
  int threads_;
  BoundArithmetic<T> arithmetic_;
  std::shared_ptr<PrincipalCoordinates<T>> coordinates_;
  const PrincipalProjection<T>& projection_;
  ShortenedRows<T>& rows_;
  std::int64_t calls_ = 0;
  std::int64_t next_estimate_ = 0;
  LevelEstimate estimate_;
  std::vector<Worker> workers_;
};

}  // namespace detail
CORYMB_END
