#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/spectral/detail/spectral_kernels.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

CORYMB_BEGIN
namespace detail {

// "Affinities" of rows of X to rows of C. affinities(first, last, out, sums, scratch) writes those of rows
// [first, last) of X to out[(i − first) · C.rows() + j]; sums[i − first] is their sum.

/// exp(−distance² · row factor · column factor).
template <class T>
class GaussianAffinities {
 public:
  /// @param values_are_squares  as they decide; else they are distances once finished
  GaussianAffinities(MetricValues<T> values, bool values_are_squares, Vector row_factors, Vector column_factors)
      : values_(std::move(values)),
        values_are_squares_(values_are_squares),
        row_factors_(std::move(row_factors)),
        column_factors_(std::move(column_factors)) {}

  Index columns() const { return column_factors_.size(); }

  void operator()(Index first, Index last, T* out, double* sums, ValuesScratch& scratch) const {
    const Index count = (last - first) * columns();
    values_(first, last, out, scratch);
    if (!values_are_squares_) {
      values_.finish(out, count);
      for (Index at = 0; at < count; ++at) out[at] *= out[at];
    }
    spectral_kernels::gaussian(compiled::spectral::GaussianTask<T>{
        out, last - first, columns(), row_factors_.data() + first, column_factors_.data(), sums});
  }

 private:
  MetricValues<T> values_;
  bool values_are_squares_;
  Vector row_factors_;
  Vector column_factors_;
};

/// The cosine, 0 beyond a right angle.
template <class T>
class CosineAffinities {
 public:
  /// @param values  cosine distances
  CosineAffinities(MetricValues<T> values, Index columns) : values_(std::move(values)), columns_(columns) {}

  Index columns() const { return columns_; }

  void operator()(Index first, Index last, T* out, double* sums, ValuesScratch& scratch) const {
    values_(first, last, out, scratch);
    values_.finish(out, (last - first) * columns_);
    for (Index i = 0; i < last - first; ++i) {
      double sum = 0;
      for (T *value = out + i * columns_, *end = value + columns_; value < end; ++value)
        sum += static_cast<double>(*value = std::max(T(1) - *value, T(0)));
      sums[i] = sum;
    }
  }

 private:
  MetricValues<T> values_;
  Index columns_;
};

/// The affinities of a callable.
template <class T, class Callable>
class CallableAffinities {
 public:
  CallableAffinities(std::string_view function, const Points<T>& X, const Points<T>& C, const Callable& f)
      : function_(function), X_(X), C_(C), f_(f) {}

  Index columns() const { return C_.rows(); }

  void operator()(Index first, Index last, T* out, double* sums, ValuesScratch&) const {
    for (Index i = first; i < last; ++i) {
      double sum = 0;
      for (Index j = 0; j < C_.rows(); ++j) {
        const T value = static_cast<T>(f_(X_[i], C_[j]));
        if (!(value >= T(0)) || std::isinf(value))
          reject(function_, "the affinity of rows " + to_text(i) + " and " + to_text(j) + " is " + to_text(value) +
                                "; it must be finite and ≥ 0");
        sum += static_cast<double>(*out++ = value);
      }
      sums[i - first] = sum;
    }
  }

 private:
  std::string_view function_;
  const Points<T>& X_;
  const Points<T>& C_;
  const Callable& f_;
};

}  // namespace detail
CORYMB_END
