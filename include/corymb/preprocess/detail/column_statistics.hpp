#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What is known of each column. Every entry is looked at as (x − shift) − offset: shift lies within the range of the
/// column, so the first difference costs no digit however far from zero the column is, and offset is the mean of those
/// differences. Sums are formed in multiples of `unit`, a power of two just above the largest difference, so that they
/// neither overflow nor vanish.
struct ColumnStatistics {
  Vector shift;
  Vector offset;
  Vector unit;                 ///< 1 for constant columns
  Vector squares;              ///< Σ w (((x − shift) − offset) / unit)²; exactly 0 for constant columns
  std::vector<bool> constant;  ///< all present entries are equal
  double weight = 0;           ///< Σ w, without weights n
  Vector means;                ///< shift + offset; the very entry for constant columns

  /// Of the columns; may overflow.
  Vector variances() const { return squares.array() / weight * unit.array().square(); }
};

/// The chunks of the rows for partial results of `size` doubles each.
/// @param grain  rows of a chunk at least
inline Chunks chunks_of_rows(Index n, Index size, Index grain = 1024) {
  constexpr Index budget = Index{1} << 22;  // doubles in all partial results together: 32 MiB
  return Chunks(n, grain, std::clamp<Index>(budget / std::max<Index>(size, 1), 1, 64));
}

/// For each column j, Σ w f(x, j) over the rows of positive weight, in double.
template <class T, class F>
Vector column_sums(const Points<T>& X, const double* weight, int threads, F f) {
  const Index d = X.cols();
  const Chunks chunks = chunks_of_rows(X.rows(), d);
  RowMatrix<double> partial = RowMatrix<double>::Zero(chunks.count(), d);
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    double* sum = partial.data() + chunk * d;
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      const double w = weight != nullptr ? weight[i] : 1.0;
      if (w == 0) continue;
      const T* x = X.row(i);
      for (Index j = 0; j < d; ++j) sum[j] += w * f(static_cast<double>(x[j]), j);
    }
  });
  Vector total = Vector::Zero(d);
  for (Index chunk = 0; chunk < chunks.count(); ++chunk) total += partial.row(chunk).transpose();
  return total;
}

/// The statistics of finite data with at least one row of positive weight; weight null = all one.
template <class T>
ColumnStatistics column_statistics(const Points<T>& X, const double* weight, int threads) {
  const Index n = X.rows(), d = X.cols();
  const Chunks chunks = chunks_of_rows(n, 2 * d);
  RowMatrix<T> low = RowMatrix<T>::Constant(chunks.count(), d, std::numeric_limits<T>::infinity());
  RowMatrix<T> high = -low;
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    T *lowest = low.data() + chunk * d, *highest = high.data() + chunk * d;
    for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
      if (weight != nullptr && weight[i] == 0) continue;
      const T* x = X.row(i);
      for (Index j = 0; j < d; ++j) {
        lowest[j] = std::min(lowest[j], x[j]);
        highest[j] = std::max(highest[j], x[j]);
      }
    }
  });

  ColumnStatistics result;
  result.shift.resize(d);
  result.unit.resize(d);
  result.constant.resize(static_cast<std::size_t>(d));
  Vector inverse(d);
  for (Index j = 0; j < d; ++j) {
    T lowest = low(0, j), highest = high(0, j);
    for (Index chunk = 1; chunk < chunks.count(); ++chunk) {
      lowest = std::min(lowest, low(chunk, j));
      highest = std::max(highest, high(chunk, j));
    }
    const auto least = static_cast<double>(lowest), most = static_cast<double>(highest);
    const bool constant = least == most;
    result.constant[static_cast<std::size_t>(j)] = constant;
    result.shift[j] = constant ? least : least / 2 + most / 2;
    int exponent = 0;
    if (!constant) std::frexp(std::max(most - result.shift[j], result.shift[j] - least), &exponent);
    exponent = std::clamp(exponent, -1021, 1022);  // so that the inverse is a normal number as well
    result.unit[j] = std::ldexp(1.0, exponent);
    inverse[j] = std::ldexp(1.0, -exponent);
  }

  result.weight = static_cast<double>(n);
  if (weight != nullptr) {
    result.weight = 0;
    for (Index i = 0; i < n; ++i) result.weight += weight[i];
  }
  const double *shift = result.shift.data(), *inverse_unit = inverse.data();
  const Vector sums =
      column_sums(X, weight, threads, [=](double x, Index j) { return (x - shift[j]) * inverse_unit[j]; });
  result.offset = (sums.array() / result.weight * result.unit.array()).matrix();
  result.means = result.shift + result.offset;
  const double* offset = result.offset.data();
  result.squares = column_sums(X, weight, threads, [=](double x, Index j) {
    const double difference = ((x - shift[j]) - offset[j]) * inverse_unit[j];
    return difference * difference;
  });
  return result;
}

}  // namespace detail
CORYMB_END
