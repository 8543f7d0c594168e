#pragma once

#include <corymb/core/random.hpp>

#include <cstdint>

#include "support/matrices.hpp"

// Rows of many columns on which an expanded score is often in doubt, for searches that go by it.
namespace corymb_test {

inline constexpr std::uint64_t kinds_of_rows = 8;

/// Small whole numbers with many equal distances, duplicates, offsets, outliers, and the ends of the range among them.
template <class T>
RowMatrix<T> rows_of_kind(std::uint64_t kind, Random& random, Index n, Index d) {
  RowMatrix<T> X = kind % kinds_of_rows == 1 ? grid_matrix<T>(random, n, d, 1) : normal_matrix<T>(random, n, d);
  switch (kind % kinds_of_rows) {
    case 2:
      for (Index i = 0; i < n; ++i) X.row(i).array() += static_cast<T>(3 * (i % 5));
      break;
    case 3:
      X.bottomRows(n / 3) = X.topRows(n / 3);
      X.array() += T(1e6);
      break;
    case 4: X.setConstant(T(0.7)); break;
    case 5: X.row(n / 2) *= T(1e8); break;
    case 6: X *= T(1e-22); break;
    case 7:
      X.setZero();
      for (Index i = 0; i < n; ++i) X(i, random.below(d)) = T(0.3);  // distances of two values
      break;
    default: break;
  }
  return X;
}

}  // namespace corymb_test
