#pragma once

#include <gtest/gtest.h>
#include <corymb/core/random.hpp>
#include <corymb/core/types.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <numeric>
#include <ostream>
#include <string>
#include <type_traits>
#include <vector>

#include "support/slow_tests.hpp"

// Matrices for tests: random ones, the same one in every layout of memory, and comparison by bits.
namespace corymb_test {

using corymb::Index;
using corymb::Labels;
using corymb::Random;
using corymb::RowMatrix;

template <class T>
using ColumnVector = Eigen::Matrix<T, Eigen::Dynamic, 1>;

/// Random instances of a property.
inline const std::uint64_t instances = slow_tests() ? 5000 : 200;

/// The number of rows, rows of the other side, and columns of a case.
struct Shape {
  Index n;
  Index k;
  Index d;
};

inline std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << "n = " << shape.n << ", k = " << shape.k << ", d = " << shape.d;
}

/// Calls f(T()) for float and double. One lambda instead of typed tests, which take long to compile.
template <class F>
void for_each_scalar(const F& f) {
  {
    SCOPED_TRACE("float");
    f(float());
  }
  {
    SCOPED_TRACE("double");
    f(double());
  }
}

template <class T>
RowMatrix<T> normal_matrix(Random& random, Index n, Index d) {
  RowMatrix<T> result(n, d);
  for (Index i = 0; i < result.size(); ++i) result.data()[i] = static_cast<T>(random.normal());
  return result;
}

/// Multiples of `step` (a power of two) in [−most · step, most · step].
template <class T>
RowMatrix<T> grid_matrix(Random& random, Index n, Index d, std::int64_t most, double step = 1) {
  RowMatrix<T> result(n, d);
  for (Index i = 0; i < result.size(); ++i)
    result.data()[i] = static_cast<T>(step * static_cast<double>(random.below(2 * most + 1) - most));
  return result;
}

/// Rows with ties, duplicates, an offset or a tiny scale, as the seed has it.
template <class T>
RowMatrix<T> random_rows(Random& random, std::uint64_t seed, Index n, Index d) {
  RowMatrix<T> X = seed % 2 == 0 ? grid_matrix<T>(random, n, d, 1 + random.below(4)) : normal_matrix<T>(random, n, d);
  if (seed % 5 == 0) X.bottomRows(n / 2) = X.topRows(n / 2);
  if (seed % 7 == 0) X.array() += T(1e6);
  if (seed % 11 == 0) X *= T(1e-15);
  return X;
}

/// Such rows in groups of their own place and density.
template <class T>
RowMatrix<T> grouped_rows(Random& random, std::uint64_t seed, Index n, Index d) {
  RowMatrix<T> X = random_rows<T>(random, seed, n, d);
  if (seed % 3 == 0) X.topRows(n / 2).array() += T(5);
  if (seed % 4 == 0) X.middleRows(n / 3, n / 3) *= T(0.25);
  return X;
}

/// A random permutation of 0 … n − 1.
inline std::vector<Index> permutation(Random& random, Index n) {
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), Index{0});
  for (Index i = n - 1; i > 0; --i)
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(random.below(i + 1))]);
  return order;
}

/// A number with all its digits.
template <class T>
std::string exact_text(T value) {
  char text[80];
  std::snprintf(text, sizeof(text), "%.17g (%a)", static_cast<double>(value), static_cast<double>(value));
  return text;
}

/// Whether two arrays hold the same bits; the message names the first place where they do not.
template <class T>
::testing::AssertionResult same_bits(const T* actual, const T* expected, Index n) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  for (Index i = 0; i < n; ++i)
    if (std::bit_cast<Bits>(actual[i]) != std::bit_cast<Bits>(expected[i]))
      return ::testing::AssertionFailure() << "entry " << i << " of " << n << " is " << exact_text(actual[i])
                                           << ", expected " << exact_text(expected[i]);
  return ::testing::AssertionSuccess();
}

/// The same for two Eigen matrices of one type, sizes included.
template <class Matrix>
::testing::AssertionResult same_matrix(const Matrix& actual, const Matrix& expected) {
  if (actual.rows() != expected.rows() || actual.cols() != expected.cols())
    return ::testing::AssertionFailure() << actual.rows() << " x " << actual.cols() << " instead of " << expected.rows()
                                         << " x " << expected.cols();
  return same_bits(actual.data(), expected.data(), actual.size());
}

/// Calls f with the values of X in every kind of matrix that the library accepts.
template <class T, class F>
void for_each_layout(const RowMatrix<T>& X, const F& f) {
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  using Stride = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  const Index n = X.rows(), d = X.cols();
  {
    SCOPED_TRACE("row-major");
    f(X);
  }
  {
    SCOPED_TRACE("column-major");
    f(Matrix(X));
  }
  {
    SCOPED_TRACE("map at an odd element");
    std::vector<T> memory(static_cast<std::size_t>(n * d) + 1);
    std::copy_n(X.data(), X.size(), memory.data() + 1);
    f(Eigen::Map<const RowMatrix<T>>(memory.data() + 1, n, d));
  }
  {
    SCOPED_TRACE("rows further apart than they are long");
    RowMatrix<T> wide = RowMatrix<T>::Constant(n, d + 3, std::numeric_limits<T>::quiet_NaN());
    wide.middleCols(1, d) = X;
    f(wide.middleCols(1, d));
  }
  {
    SCOPED_TRACE("every second element");
    std::vector<T> memory(static_cast<std::size_t>(2 * n * d) + 1, std::numeric_limits<T>::quiet_NaN());
    Eigen::Map<RowMatrix<T>, 0, Stride> map(memory.data(), n, d, Stride(2 * d, 2));
    map = X;
    f(map);
  }
  {
    SCOPED_TRACE("block of a column-major matrix");
    Matrix tall = Matrix::Constant(n + 5, d, std::numeric_limits<T>::quiet_NaN());
    tall.middleRows(2, n) = X;
    f(tall.middleRows(2, n));
  }
  {
    SCOPED_TRACE("expression");
    f(X.reverse().reverse());
  }
  {
    SCOPED_TRACE("array expression");
    const Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic> half = X.array() / 2;
    f(half * T(2));
  }
}

}  // namespace corymb_test
