#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Memory that one worker keeps between blocks of rows; each part holds numbers of the type its user asks for.
struct ValuesScratch {
  Scratch<std::byte> kernel;   // what kernels ask for
  Scratch<std::byte> rows;     // embedded rows
  Scratch<std::byte> numbers;  // what is kept per row
  Scratch<std::byte> values;   // values in another type than the result's
};

template <class U>
U* room_for(Scratch<std::byte>& memory, Index count) {
  return reinterpret_cast<U*>(memory.reserve(count * static_cast<Index>(sizeof(U))));
}

// "Values" decide between the rows of C. values(first, last, out, scratch) writes those of rows [first, last) of X to
// out[(i − first) · C.rows() + j]; values.finish(numbers, count) turns them into distances, in place.

/// What a callable of the user's gave as a distance.
/// @param what  what i and j are: rows, or objects
template <class T>
T checked_distance(std::string_view function, std::string_view what, Index i, Index j, T distance) {
  if (!(distance >= T(0)) || std::isinf(distance))
    reject(function, "the distance of " + std::string(what) + " " + to_text(i) + " and " + to_text(j) + " is " +
                         to_text(distance) + "; it must be finite and ≥ 0");
  return distance;
}

/// The distances of a callable.
template <class T, class Callable>
class CallableValues {
 public:
  CallableValues(std::string_view function, const Points<T>& X, const Points<T>& C, const Callable& f)
      : function_(function), X_(X), C_(C), f_(f) {}

  void operator()(Index first, Index last, T* out, ValuesScratch&) const {
    for (Index i = first; i < last; ++i)
      for (Index j = 0; j < C_.rows(); ++j)
        *out++ = checked_distance(function_, "rows", i, j, static_cast<T>(f_(X_[i], C_[j])));
  }

  void finish(T*, Index) const {}

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
  std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
  std::vector<Scratch<T>> buffer(static_cast<std::size_t>(threads));
  parallel_for(threads, blocks, [&](Index task, int worker) {
    const auto w = static_cast<std::size_t>(worker);
    const Index first = task * block, last = std::min(first + block, X.rows());
    T* out = buffer[w].reserve(block * k);
    values(first, last, out, scratch[w]);
    for (Index i = first; i < last; ++i) use(i, std::span<T>(out + (i - first) * k, static_cast<std::size_t>(k)));
  });
}

/// What every function of two matrices checks first.
/// @tparam Callable  the distance of the caller's own, if there is one
template <class Callable = void, class T>
void check_two(std::string_view function, const Points<T>& X, std::string_view x_name, const Points<T>& C,
               std::string_view c_name, const Execution& execution) {
  require_threads(function, execution.threads);
  require_columns(function, X.cols(), x_name);
  require_same_columns(function, x_name, X.cols(), c_name, C.cols());
  check_points_of<Callable>(function, X, resolve_threads(execution.threads), x_name);
  check_points_of<Callable>(function, C, resolve_threads(execution.threads), c_name);
}

}  // namespace detail
CORYMB_END
