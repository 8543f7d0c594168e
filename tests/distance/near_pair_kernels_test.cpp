#include <corymb/distance/detail/kernels.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/distance_oracle.hpp"
#include "support/guarded_array.hpp"
#include "support/instruction_sets.hpp"
#include "support/kernel_shapes.hpp"
#include "support/matrices.hpp"
#include "support/near_pairs.hpp"

// The pairs that may be within limits, and the defined values of pairs. That the bounds hold for data made to break
// them is tested in rounding_bound.cpp.

namespace near_pair_kernels_test {
namespace {

using namespace corymb_test;
namespace kernels = corymb::detail::kernels;
namespace compiled = corymb::compiled;

template <class T>
ColumnVector<T> mean_of(const RowMatrix<T>& C) {
  return C.template cast<double>().colwise().mean().transpose().template cast<T>();
}

TEST(NearPairs, NoneIsMissing) {
  on_every_instruction_set([] {
    for_each_scalar([](auto scalar) {
      using T = decltype(scalar);
      std::uint64_t seed = 0;
      for (const Shape& shape : kernel_shapes()) {
        if (shape.n == 0 || shape.n > 200) continue;
        SCOPED_TRACE(::testing::Message() << shape);
        Random random(++seed);
        const bool grid = seed % 3 == 0;
        RowMatrix<T> X =
            grid ? grid_matrix<T>(random, shape.n, shape.d, 2) : normal_matrix<T>(random, shape.n, shape.d);
        RowMatrix<T> C =
            grid ? grid_matrix<T>(random, shape.k, shape.d, 2) : normal_matrix<T>(random, shape.k, shape.d);
        if (seed % 5 == 0) {
          X.array() += T(1e6);
          C.array() += T(1e6);
        }
        const RowMatrix<T> values = all_deciding_values(Metric::euclidean, X, C);
        const auto limit = draw_limits(random, values, false), point_limit = draw_limits(random, values, true);
        const auto centre = mean_of(C);
        check_near_pairs(X, C, centre.data(), values, limit, {});
        check_near_pairs(X, C, centre.data(), values, limit, point_limit);
        if (::testing::Test::HasFailure()) return;
      }
    });
  });
}

TEST(NearPairs, FewAreInDoubt) {
  on_every_instruction_set([] {
    for_each_scalar([](auto scalar) {
      using T = decltype(scalar);
      for (const double offset : {0.0, 1e6}) {
        Random random(7);
        RowMatrix<T> X = normal_matrix<T>(random, 60, 40), C = normal_matrix<T>(random, 100, 40);
        C.row(17) *= T(1e5);  // far from the centre: its own pairs alone are in doubt
        X.row(5) *= T(1e5);
        X.array() += static_cast<T>(offset);
        C.array() += static_cast<T>(offset);
        const RowMatrix<T> values = all_deciding_values(Metric::euclidean, X, C);
        std::vector<T> limit(60);
        for (std::size_t i = 0; i < 60; ++i) limit[i] = T(i % 2 == 0 ? 72.5 : -1);
        const ColumnVector<T> centre = ColumnVector<T>::Constant(40, static_cast<T>(offset));
        const NearPairsSaid said = check_near_pairs(X, C, centre.data(), values, limit, {});
        EXPECT_GT(said.listed, 500);
        EXPECT_LT(said.doubts, 10);
        EXPECT_LT(said.beyond, 10);
        const NearPairsSaid both = check_near_pairs(X, C, centre.data(), values, limit, std::vector<T>(100, T(72.5)));
        EXPECT_GT(both.listed, said.listed);
        EXPECT_LT(both.beyond, 20);
      }
    });
  });
}

TEST(NearPairs, AllAreListedWhereNoBoundHolds) {
  on_every_instruction_set([] {
    const RowMatrix<float> X = RowMatrix<float>::Constant(2, 2, 1e19f), C = -RowMatrix<float>::Constant(7, 2, 1e19f);
    const std::vector<float> none(2, -1.0f), centre(2, 0.0f);
    const RowMatrix<float> values = all_deciding_values(Metric::euclidean, X, C);
    EXPECT_EQ(check_near_pairs(X, C, centre.data(), values, none, {}).listed, 14);
    EXPECT_EQ(check_near_pairs(X, C, centre.data(), values, none, std::vector<float>(7, 0.0f)).listed, 14);
  });
}

TEST(DefinedPairs, AreTheDefinedValues) {
  on_every_instruction_set([] {
    for_each_scalar([](auto scalar) {
      using T = decltype(scalar);
      for (const Index d : edge_dimensions()) {
        for (const Index count : {1, 2, 7, 8, 9, 15, 16, 17, 40}) {
          SCOPED_TRACE(::testing::Message() << "d = " << d << ", count = " << count);
          Random random(static_cast<std::uint64_t>(d), {static_cast<std::uint64_t>(count)});
          const Index n = 5, k = 9;
          const GuardedArray<T> x(static_cast<std::size_t>((n - 1) * (d + 3) + d));
          const GuardedArray<T> c(static_cast<std::size_t>(k * d));
          for (Index i = 0; i < (n - 1) * (d + 3) + d; ++i) x.data()[i] = static_cast<T>(random.normal());
          for (Index i = 0; i < k * d; ++i) c.data()[i] = static_cast<T>(random.normal());
          const GuardedArray<std::int32_t> row(static_cast<std::size_t>(count)), point(static_cast<std::size_t>(count));
          const GuardedArray<T> value(static_cast<std::size_t>(count));
          std::vector<T> expected;
          for (Index p = 0; p < count; ++p) {
            row.data()[p] = static_cast<std::int32_t>(random.below(n));
            point.data()[p] = static_cast<std::int32_t>(random.below(k));
            expected.push_back(
                squared_distance<T>(x.data() + row.data()[p] * (d + 3), c.data() + point.data()[p] * d, d));
          }
          kernels::defined_pairs(compiled::PairsTask<T>{
              {x.data(), n, d, d + 3}, {c.data(), k, d, d}, row.data(), point.data(), count, value.data()});
          ASSERT_TRUE(same_bits<T>(value.data(), expected.data(), count));
        }
      }
    });
  });
}

}  // namespace
}  // namespace near_pair_kernels_test
