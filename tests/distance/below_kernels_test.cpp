#include <corymb/distance/detail/kernels.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/guarded_array.hpp"
#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// Values against limits of their own, on arrays that end where readable memory ends.

namespace below_kernels_test {
namespace {

using namespace corymb_test;
namespace kernels = corymb::detail::kernels;
namespace compiled = corymb::compiled;
using corymb::Random;

template <class T>
struct Arrays {
  GuardedArray<T> value, limit;
  std::vector<compiled::PlaceOf<T>> expected;

  Arrays(Index n, double share, std::uint64_t seed)
      : value(static_cast<std::size_t>(n)), limit(static_cast<std::size_t>(n)) {
    Random random(seed);
    for (Index i = 0; i < n; ++i) {
      value.data()[i] = static_cast<T>(random.below(100));
      limit.data()[i] = random.uniform() < share ? value.data()[i] + static_cast<T>(random.below(3))
                                                 : value.data()[i] - static_cast<T>(random.below(3));
      if (value.data()[i] < limit.data()[i]) expected.push_back(static_cast<compiled::PlaceOf<T>>(i));
    }
  }
};

template <class T>
void check_list(Index n, double share) {
  const Arrays<T> arrays(n, share, static_cast<std::uint64_t>(n) * 7 + static_cast<std::uint64_t>(share * 100));
  const auto room = static_cast<std::size_t>(n + compiled::below_slack);
  GuardedArray<T> below(room);
  GuardedArray<compiled::PlaceOf<T>> place(room);
  const std::ptrdiff_t count = kernels::list_below(
      compiled::ListBelowTask<T>{arrays.value.data(), arrays.limit.data(), n, place.data(), below.data()});
  ASSERT_EQ(count, static_cast<std::ptrdiff_t>(arrays.expected.size()));
  for (std::ptrdiff_t h = 0; h < count; ++h) {
    ASSERT_EQ(place.data()[h], arrays.expected[static_cast<std::size_t>(h)]);
    ASSERT_EQ(below.data()[h], arrays.value.data()[place.data()[h]]);
  }
}

TEST(ListBelow, FindsEveryPlaceInOrder) {
  on_every_instruction_set([] {
    for_each_scalar([](auto scalar) {
      using T = decltype(scalar);
      for (const double share : {0.0, 0.02, 0.5, 1.0}) {
        for (Index n = 0; n <= 70; ++n) check_list<T>(n, share);
        for (const Index n : {1000, 4095, 4096, 4097}) check_list<T>(n, share);
      }
    });
  });
}

TEST(ListBelow, InfiniteLimitsAndEqualValues) {
  on_every_instruction_set([] {
    const float value[3] = {1, 2, 3}, limit[3] = {1, std::numeric_limits<float>::infinity(), -1};
    std::int32_t place[3 + compiled::below_slack];
    float below[3 + compiled::below_slack];
    ASSERT_EQ(kernels::list_below(compiled::ListBelowTask<float>{value, limit, 3, place, below}), 1);
    EXPECT_EQ(place[0], 1);
    EXPECT_EQ(below[0], 2);
  });
}

TEST(SumBelow, IsWithinItsStatedRounding) {
  on_every_instruction_set([] {
    for_each_scalar([](auto scalar) {
      using T = decltype(scalar);
      for (const Index n : {0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 200, 4095, 4096, 4097, 5000, 100000}) {
        GuardedArray<T> value(static_cast<std::size_t>(n)), limit(static_cast<std::size_t>(n));
        Random random(static_cast<std::uint64_t>(n));
        double sum = 0;
        for (Index i = 0; i < n; ++i) {
          value.data()[i] = static_cast<T>(std::exp(3 * random.normal()));
          limit.data()[i] = static_cast<T>(std::exp(3 * random.normal()));
          sum += std::max(0.0, static_cast<double>(limit.data()[i]) - static_cast<double>(value.data()[i]));
        }
        EXPECT_NEAR(kernels::sum_below(value.data(), limit.data(), n), sum, 1e-5 * sum) << n;
      }
    });
  });
}

}  // namespace
}  // namespace below_kernels_test
