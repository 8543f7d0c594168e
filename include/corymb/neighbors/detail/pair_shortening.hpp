#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/distance/detail/shortened_rows.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Rows that look for others and these, shortened to few principal coordinates: where the variance is in few
/// directions, most pairs are seen to be too far apart by those.
template <class T>
class PairShortening {
 public:
  static constexpr std::array<Index, 6> levels = {16, 32, 48, 64, 96, 128};

  PairShortening(const PrincipalProjection<T>& projection, const Points<T>& points, const Points<T>& queries,
                 int threads)
      : rounding_(static_cast<T>(points.cols() + 16) * std::numeric_limits<T>::epsilon()),
        slack_(projection.slack() * T(1.01)),
        points_(projection, points, threads) {
    if (&queries != &points) queries_.emplace(projection, queries, threads);
  }

  /// Nothing where all coordinates are as fast.
  /// @param limit_of  limit_of(values): a squared distance up to which pairs of a row count that has these to others,
  ///                  evenly spread over the points; it may reorder them
  template <class LimitOf>
  static std::unique_ptr<const PairShortening> for_rows(const Points<T>& points, const Points<T>& queries, int threads,
                                                        double memory_left, const LimitOf& limit_of) {
    const double pairs = static_cast<double>(points.rows()) * static_cast<double>(queries.rows());
    const Index d = points.cols(), most = std::min(levels.back(), d / 3);
    const bool is_worth_it = most >= levels.front() && pairs * static_cast<double>(d) >= least_work;
    const bool is_sure = static_cast<double>(d + 4) * static_cast<double>(std::numeric_limits<T>::epsilon()) < 1.0 / 32;
    const double bytes = ShortenedRows<T>::memory(points.rows() + queries.rows(), most) +
                         3 * 1024.0 * static_cast<double>(d) * sizeof(double);
    if (!is_worth_it || !is_sure || bytes > memory_left) return nullptr;
    PrincipalProjection<T> projection(points, most, threads);
    const Index level = best_level(points, queries, projection, limit_of);
    if (level == 0) return nullptr;
    projection.keep(level);
    return std::make_unique<const PairShortening>(projection, points, queries, threads);
  }

  RowsView<T> points(Index first, Index last) const { return points_.view(first, last); }
  RowsView<T> queries(Index first, Index last) const {
    return queries_ ? queries_->view(first, last) : points(first, last);
  }
  Index cols() const { return points_.level() + 1; }

  /// No norm of some shortened rows is larger.
  T largest_norm(const RowsView<T>& rows) const {
    T largest = 0;
    for (Index i = 0; i < rows.n; ++i) {
      T squares = 0;
      for (Index j = 0; j < rows.d; ++j) squares += rows.data[i * rows.stride + j] * rows.data[i * rows.stride + j];
      largest = std::max(largest, squares);
    }
    return std::sqrt(largest) * (1 + rounding_);
  }

  /// Turns limits of defined squared distances into limits of shortened rows whose norms together are at most `norms`.
  /// Negative ones stay so.
  void reach(T* limit, Index count, T norms) const {
    const T apart = slack_ * norms + smallest_distance;
    T root[64];
    for (Index first = 0; first < count; first += 64) {
      const Index here = std::min<Index>(64, count - first);
      for (Index i = 0; i < here; ++i) root[i] = std::max(limit[first + i], T(0));
      kernels::square_roots(root, here);
      for (Index i = 0; i < here; ++i) {
        const T distance = root[i] * (1 + rounding_) + apart;
        const T squared = std::min(distance * distance * (1 + rounding_), std::numeric_limits<T>::max());
        limit[first + i] = limit[first + i] < 0 ? T(-1) : squared;
      }
    }
  }

  /// The least defined squared distance of two rows whose shortened ones have at least this one.
  T least(T squared, T norms) const {
    const T distance = std::sqrt(squared) * (1 - rounding_) - (slack_ * norms + smallest_distance);
    return distance > 0 ? distance * distance * (1 - rounding_) : T(0);
  }

 private:
  // Operations of the products of all coordinates: below that, finding axes takes longer than it saves.
  static constexpr double least_work = 1e11;
  // What a pair costs that is left to its defined value, in products of a pair.
  static constexpr double cost_of_pair = 12;
  // Squares of smaller numbers underflow.
  static constexpr T smallest_distance = sizeof(T) == 4 ? T(1e-18) : T(1e-150);

  template <class LimitOf>
  static Index best_level(const Points<T>& points, const Points<T>& queries, const PrincipalProjection<T>& projection,
                          const LimitOf& limit_of) {
    const RowMatrix<T> some = sample(queries, 64), others = sample(points, 1024);
    const Index d = points.cols(), count = others.rows();
    RowMatrix<T> values(some.rows(), count);
    Scratch<T> scratch(kernels::defined_scratch_size(T(), d));
    kernels::distances(compiled::DistancesTask<T>{PairValue::squared_euclidean, rows_view(some), rows_view(others),
                                                  nullptr, values.data(), count, scratch.data()});
    std::vector<T> limit(static_cast<std::size_t>(some.rows()));
    for (Index i = 0; i < some.rows(); ++i)
      limit[static_cast<std::size_t>(i)] = limit_of(values.data() + i * count, count);
    ShortenedRows<T> shortened(projection, Points<T>(some), 1), short_points(projection, Points<T>(others), 1);
    Index best = 0;
    double least = 0.85;  // of the work that all coordinates take
    for (const Index level : levels) {
      if (level > projection.axes()) break;
      shortened.set_level(level, 1);
      short_points.set_level(level, 1);
      kernels::distances(compiled::DistancesTask<T>{PairValue::squared_euclidean, shortened.view(), short_points.view(),
                                                    nullptr, values.data(), count, scratch.data()});
      double left = 0;
      for (Index i = 0; i < some.rows(); ++i)
        left += static_cast<double>((values.row(i).array() <= limit[static_cast<std::size_t>(i)]).count());
      const double work = static_cast<double>(level + 1) / static_cast<double>(d) +
                          cost_of_pair * left / static_cast<double>(values.size());
      if (work >= least) continue;
      least = work;
      best = level;
    }
    return best;
  }

  static RowMatrix<T> sample(const Points<T>& X, Index most) {
    std::vector<Index> rows(static_cast<std::size_t>(std::min(X.rows(), most)));
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i] = X.rows() * static_cast<Index>(i) / static_cast<Index>(rows.size());
    return gather_rows<T>(X, rows);
  }

  T rounding_;  // more than what rounding does to distances and to their squares, as a part of them
  T slack_;
  ShortenedRows<T> points_;
  std::optional<ShortenedRows<T>> queries_;  // empty = the points
};

}  // namespace detail
CORYMB_END
