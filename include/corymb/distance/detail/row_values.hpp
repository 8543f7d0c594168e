#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/distance/metric.hpp>

#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// √(x·x) of every row as a number near 1 and a power of two, so that products of lengths neither overflow nor
/// underflow.
struct ScaledLength {
  double square;  // x·x / 4^exponent, in [1, 4)
  int exponent;
};

/// x·x by the same defined value as x·y, so that a row has cosine distance 0 to itself.
template <class T>
std::vector<ScaledLength> scaled_lengths(std::string_view function, const Points<T>& X, std::string_view name,
                                         int threads) {
  std::vector<ScaledLength> lengths(static_cast<std::size_t>(X.rows()));
  const std::vector<T> zeros(static_cast<std::size_t>(X.cols()), T(0));
  constexpr Index block = 256;
  parallel_for(threads, (X.rows() + block - 1) / block, [&](Index task) {
    const Index first = task * block, last = std::min(first + block, X.rows());
    const std::int32_t label[block] = {};
    T square[block];
    kernels::squared_to_assigned(rows_view(X, first, last), RowsView<T>{zeros.data(), 1, X.cols(), X.cols()}, label,
                                 square);
    for (Index i = first; i < last; ++i) {
      const T value = square[i - first];
      if (value < std::numeric_limits<T>::min())
        reject(function, std::string(name) + "(" + to_text(i) +
                             ", …) is all 0, or so small that its length underflows; its cosine distance is undefined");
      const int exponent = std::ilogb(value) / 2 - (std::ilogb(value) < 0 && std::ilogb(value) % 2 != 0);
      lengths[static_cast<std::size_t>(i)] = {std::ldexp(static_cast<double>(value), -2 * exponent), exponent};
    }
  });
  return lengths;
}

/// The values that decide between the rows of C for blocks of rows of X: squared distances for the Euclidean metric,
/// distances otherwise. finish() turns a value into the distance.
template <class T>
class MetricValues {
 public:
  MetricValues(std::string_view function, const Points<T>& X, const Points<T>& C, Metric metric,
               std::string_view x_name, std::string_view c_name, int threads)
      : X_(X), C_(C), metric_(metric) {
    if (metric == Metric::cosine) {
      x_lengths_ = scaled_lengths(function, X, x_name, threads);
      c_lengths_ = scaled_lengths(function, C, c_name, threads);
    }
  }

  /// out[(i − first) · C.rows() + j] for rows i in [first, last).
  void operator()(Index first, Index last, T* out, Scratch<T>& scratch) const {
    const Index k = C_.rows();
    kernels::distances(compiled::DistancesTask<T>{kind(), rows_view(X_, first, last), rows_view(C_), nullptr, out, k,
                                                  scratch.reserve(kernels::defined_scratch_size(T(), X_.cols()))});
    if (metric_ != Metric::cosine) return;
    for (Index i = first; i < last; ++i)
      for (Index j = 0; j < k; ++j) {
        T& value = out[(i - first) * k + j];
        value =
            cosine_distance(value, x_lengths_[static_cast<std::size_t>(i)], c_lengths_[static_cast<std::size_t>(j)]);
      }
  }

  T finish(T value) const { return metric_ == Metric::euclidean ? std::sqrt(value) : value; }

 private:
  PairValue kind() const {
    switch (metric_.kind()) {
      case Metric::Kind::euclidean: return PairValue::squared_euclidean;
      case Metric::Kind::manhattan: return PairValue::manhattan;
      case Metric::Kind::chebyshev: return PairValue::chebyshev;
      case Metric::Kind::cosine: break;
    }
    return PairValue::dot_product;
  }

  // The root of the product, not the product of the roots: exactly 0 for equal rows. Scaling by powers of two is exact.
  static T cosine_distance(T dot, const ScaledLength& x, const ScaledLength& c) {
    const double scaled = std::ldexp(std::ldexp(static_cast<double>(dot), -x.exponent), -c.exponent);
    const double cosine = scaled / std::sqrt(x.square * c.square);
    return static_cast<T>(1 - std::min(1.0, std::max(-1.0, cosine)));
  }

  const Points<T>& X_;
  const Points<T>& C_;
  Metric metric_;
  std::vector<ScaledLength> x_lengths_;
  std::vector<ScaledLength> c_lengths_;
};

/// The same for a callable.
template <class T, class Callable>
class CallableValues {
 public:
  CallableValues(std::string_view function, const Points<T>& X, const Points<T>& C, const Callable& f)
      : function_(function), X_(X), C_(C), f_(f) {}

  void operator()(Index first, Index last, T* out, Scratch<T>&) const {
    for (Index i = first; i < last; ++i)
      for (Index j = 0; j < C_.rows(); ++j) {
        const T value = static_cast<T>(f_(X_[i], C_[j]));
        if (!(value >= T(0)) || std::isinf(value))
          reject(function_, "the distance of rows " + to_text(i) + " and " + to_text(j) + " is " + to_text(value) +
                                "; it must be finite and ≥ 0");
        *out++ = value;
      }
  }

  T finish(T value) const { return value; }

 private:
  std::string_view function_;
  const Points<T>& X_;
  const Points<T>& C_;
  const Callable& f_;
};

/// Rows of X that are handled at once when all k values of a row are needed: a few hundred KiB of values.
inline Index rows_per_block(Index k) { return std::clamp<Index>(65536 / std::max<Index>(k, 1), 8, 256); }

/// Calls use(i, values of row i against all rows of C) for all rows of X, in parallel.
template <class T, class Values, class Use>
void for_each_row_of_values(const Points<T>& X, Index k, const Values& values, int threads, const Use& use) {
  const Index block = rows_per_block(k);
  const Index blocks = (X.rows() + block - 1) / block;
  std::vector<Scratch<T>> scratch(static_cast<std::size_t>(threads)), buffer(static_cast<std::size_t>(threads));
  parallel_for(threads, blocks, [&](Index task, int worker) {
    const auto w = static_cast<std::size_t>(worker);
    const Index first = task * block, last = std::min(first + block, X.rows());
    T* out = buffer[w].reserve(block * k);
    values(first, last, out, scratch[w]);
    for (Index i = first; i < last; ++i) use(i, std::span<T>(out + (i - first) * k, static_cast<std::size_t>(k)));
  });
}

/// What every function of two matrices checks first.
template <class T>
void check_two(std::string_view function, const Points<T>& X, std::string_view x_name, const Points<T>& C,
               std::string_view c_name, const Execution& execution) {
  require_threads(function, execution.threads);
  require_columns(function, X.cols(), x_name);
  require_same_columns(function, x_name, X.cols(), c_name, C.cols());
  check_points(function, X, resolve_threads(execution.threads), x_name);
  check_points(function, C, resolve_threads(execution.threads), c_name);
}

}  // namespace detail
CORYMB_END
