#pragma once

#include <corymb/distance/detail/kernels.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/matrices.hpp"

// What the kernel near_pairs must satisfy, checked from the defined values of all pairs.
namespace corymb_test {

/// What it said of the pairs of some rows and points.
struct NearPairsSaid {
  Index listed = 0;
  Index beyond = 0;  // of these, outside all limits
  Index doubts = 0;  // and those for which the bounds do not decide about the limit of the row
};

/// Lists the pairs of rows of X and C, panel after panel, in memory that ends where it may be read.
/// @param values       n × k, the defined values
/// @param limit        by row; negative = none
/// @param point_limit  by point; empty = none
template <class T>
NearPairsSaid check_near_pairs(const RowMatrix<T>& X, const RowMatrix<T>& C, const T* centre,
                               const RowMatrix<T>& values, const std::vector<T>& limit,
                               const std::vector<T>& point_limit) {
  namespace kernels = corymb::detail::kernels;
  namespace compiled = corymb::compiled;
  const auto size = [](Index count) { return static_cast<std::size_t>(count); };
  const Index n = X.rows(), k = C.rows(), d = X.cols(), most = kernels::panel_rows(T());
  NearPairsSaid said;
  const GuardedArray<T> packed(size(kernels::packed_size(T(), k, d)));
  const double largest = kernels::pack_near_points(corymb::detail::rows_view(C), centre, packed.data());
  const GuardedArray<T> panel(size(kernels::near_panel_size(T(), d))), of_points(point_limit.size());
  const GuardedArray<T> scratch(size(kernels::near_scratch_size(T(), d)));
  std::copy(point_limit.begin(), point_limit.end(), of_points.data());
  for (Index first = 0; first < n; first += most) {
    const Index rows = std::min(most, n - first);
    kernels::pack_near_rows(
        compiled::NearRowsTask<T>{corymb::detail::rows_view(X), nullptr, rows, centre, panel.data()});
    if (first > 0) {  // the same by a list
      std::vector<std::ptrdiff_t> index(size(rows));
      for (Index i = 0; i < rows; ++i) index[size(i)] = first + i;
      kernels::pack_near_rows(
          compiled::NearRowsTask<T>{corymb::detail::rows_view(X), index.data(), rows, centre, panel.data()});
    }
    const GuardedArray<T> of_rows(size(rows));
    std::copy_n(limit.data() + first, rows, of_rows.data());
    const GuardedArray<compiled::NearPair<T>> pair(size(rows * k));
    const Index count = kernels::near_pairs(
        compiled::NearPairsTask<T>{d, panel.data(), rows, packed.data(), k, largest, of_rows.data(),
                                   point_limit.empty() ? nullptr : of_points.data(), pair.data(), scratch.data()});
    std::vector<bool> listed(size(rows * k), false);
    for (Index p = 0; p < count; ++p) {
      const auto& found = pair.data()[p];
      if (found.row < 0 || found.row >= rows || found.point < 0 || found.point >= k) {
        ADD_FAILURE() << "pair " << p << " is (" << found.row << ", " << found.point << ")";
        return said;
      }
      const Index row = first + found.row;
      EXPECT_FALSE(listed[size(found.row * k + found.point)]) << "row " << row << ", point " << found.point;
      listed[size(found.row * k + found.point)] = true;
      const T value = values(row, found.point);
      EXPECT_TRUE(found.least <= value && value <= found.most)
          << "row " << row << ", point " << found.point << ": " << exact_text(value) << " is not within "
          << exact_text(found.least) << " and " << exact_text(found.most);
      const bool by_row = value <= limit[size(row)];
      const bool by_point = !point_limit.empty() && value <= point_limit[size(found.point)];
      ++said.listed;
      said.beyond += by_row || by_point ? 0 : 1;
      said.doubts += found.least <= limit[size(row)] && found.most > limit[size(row)] ? 1 : 0;
    }
    for (Index i = 0; i < rows; ++i)
      for (Index j = 0; j < k; ++j) {
        const T value = values(first + i, j);
        if (value <= limit[size(first + i)] || (!point_limit.empty() && value <= point_limit[size(j)])) {
          EXPECT_TRUE(listed[size(i * k + j)]) << "row " << first + i << ", point " << j << " is missing";
        }
        if (::testing::Test::HasFailure()) return said;
      }
  }
  return said;
}

/// Limits that are often exactly a value that occurs, and sometimes none, 0 or everything.
template <class T>
std::vector<T> draw_limits(Random& random, const RowMatrix<T>& values, bool of_points) {
  const Index count = of_points ? values.cols() : values.rows();
  std::vector<T> limit(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) {
    const T value = of_points ? values(random.below(values.rows()), i) : values(i, random.below(values.cols()));
    const Index kind = random.below(12);
    limit[static_cast<std::size_t>(i)] = kind == 0   ? T(-1)
                                         : kind == 1 ? T(0)
                                         : kind == 2 ? std::numeric_limits<T>::max()
                                                     : value;
  }
  return limit;
}

}  // namespace corymb_test
