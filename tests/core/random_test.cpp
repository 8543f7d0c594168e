#include <corymb/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <set>
#include <vector>

namespace random_test {
namespace {

using corymb::Random;

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

void expect_bits(Random random, std::initializer_list<std::uint64_t> first, std::uint64_t thousandth) {
  int draws = 0;
  for (const std::uint64_t expected : first) {
    EXPECT_EQ(random.bits(), expected);
    ++draws;
  }
  for (; draws < 999; ++draws) random.bits();
  EXPECT_EQ(random.bits(), thousandth);
}

TEST(Random, GoldenValues) {  // by golden_random.py
  expect_bits(Random(0), {0x84f09bf307c1073aU, 0xc82ffb597ceee51bU, 0xadf96905c5df4417U}, 0xd63f5007d7a5cc3aU);
  expect_bits(Random(42), {0xab4c4adfbb450230U, 0x16c758048460b512U, 0xdeff27396f8eb5c7U}, 0xb68f3d44f42717f3U);
  expect_bits(Random(42, {0}), {0xa027505392edff5fU, 0x0161ab046b10c0d6U, 0xc03bf2504de3d9e4U}, 0x1f06143b7362a5d6U);
  expect_bits(Random(42, {3, 1}), {0xa65dc42cbfda494dU, 0x7dddee0f4cbdb53cU, 0xb0b9337610b38c0eU}, 0xaed9dccf9387d226U);
  expect_bits(Random(most, {most}), {0x320bdde51e8c1830U, 0xad710e5eaa45fb22U, 0x63208feeec7817b4U},
              0x4bcd8c53f65a618eU);
  Random uniform(7);
  for (const double expected : {0.9395875664775613, 0.6767167189005742, 0.5597996100848219})
    EXPECT_EQ(uniform.uniform(), expected);
  Random below(7);
  for (const std::int64_t expected : {471, 309, 209, 462, 713, 693}) EXPECT_EQ(below.below(1000), expected);
}

TEST(Random, CopiesContinueAlike) {
  Random random(5);
  random.normal();  // leaves the second of a pair
  Random copy = random;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(copy.normal(), random.normal());
  EXPECT_EQ(copy.bits(), random.bits());
}

TEST(Random, UniformMoments) {
  Random random(1);
  constexpr int n = 200000;
  double sum = 0, squares = 0, lowest = 1, highest = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.uniform();
    sum += x;
    squares += x * x;
    lowest = std::min(lowest, x);
    highest = std::max(highest, x);
    ASSERT_EQ(x, std::ldexp(std::floor(std::ldexp(x, 53)), -53));
  }
  EXPECT_NEAR(sum / n, 0.5, 5 * std::sqrt(1.0 / 12 / n));
  EXPECT_NEAR(squares / n, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / n));
  EXPECT_GE(lowest, 0);
  EXPECT_LT(lowest, 1e-4);
  EXPECT_LT(highest, 1);
  EXPECT_GT(highest, 1 - 1e-4);
}

TEST(Random, UniformBetween) {
  Random random(2);
  double sum = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double x = random.uniform(-3, 5);
    ASSERT_GE(x, -3);
    ASSERT_LT(x, 5);
    sum += x;
  }
  EXPECT_NEAR(sum / n, 1, 5 * std::sqrt(64.0 / 12 / n));
}

TEST(Random, NormalMoments) {
  Random random(3);
  constexpr int n = 400000;
  double sum = 0, squares = 0, cubes = 0, fourths = 0, neighbours = 0, before = 0;
  int within_one = 0, beyond_three = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    cubes += x * x * x;
    fourths += x * x * x * x;
    neighbours += x * before;
    before = x;
    within_one += std::abs(x) < 1;
    beyond_three += std::abs(x) > 3;
  }
  const double error = 5 / std::sqrt(static_cast<double>(n));  // five standard deviations of a mean of variance 1
  EXPECT_NEAR(sum / n, 0, error);
  EXPECT_NEAR(squares / n, 1, error * std::sqrt(2.0));
  EXPECT_NEAR(cubes / n, 0, error * std::sqrt(15.0));
  EXPECT_NEAR(fourths / n, 3, error * std::sqrt(96.0));
  EXPECT_NEAR(neighbours / n, 0, error);  // the two of a pair are independent
  EXPECT_NEAR(static_cast<double>(within_one) / n, 0.682689492137, error * 0.47);
  EXPECT_NEAR(static_cast<double>(beyond_three) / n, 0.002699796063, error * 0.052);
}

TEST(Random, BelowIsUniformOverItsRange) {
  for (const std::int64_t bound : {1, 2, 3, 6, 10, 64, 100}) {
    Random random(4, {static_cast<std::uint64_t>(bound)});
    std::vector<double> counts(static_cast<std::size_t>(bound));
    constexpr int n = 100000;
    for (int i = 0; i < n; ++i) {
      const std::int64_t draw = random.below(bound);
      ASSERT_GE(draw, 0);
      ASSERT_LT(draw, bound);
      ++counts[static_cast<std::size_t>(draw)];
    }
    const double expected = static_cast<double>(n) / static_cast<double>(bound);
    double chi_square = 0;
    for (const double count : counts) chi_square += (count - expected) * (count - expected) / expected;
    const auto freedom = static_cast<double>(bound - 1);
    EXPECT_LE(chi_square, freedom + 5 * std::sqrt(2 * freedom)) << bound;
  }
}

TEST(Random, BelowIsUnbiasedForLargeBounds) {
  // 2^64 is 2 2/3 times this bound: a plain remainder would fall into the lower two thirds in 3/4 of the draws.
  constexpr std::int64_t bound = std::int64_t{3} << 61;
  Random random(6);
  constexpr int n = 100000;
  int low = 0;
  for (int i = 0; i < n; ++i) {
    const std::int64_t draw = random.below(bound);
    ASSERT_GE(draw, 0);
    ASSERT_LT(draw, bound);
    low += draw < (std::int64_t{1} << 62);
  }
  EXPECT_NEAR(static_cast<double>(low) / n, 2.0 / 3, 5 * std::sqrt(2.0 / 9 / n));

  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t draw = random.below(largest);
    ASSERT_GE(draw, 0);
    ASSERT_LT(draw, largest);
  }
}

TEST(Random, StreamsHaveTheirNames) {
  // Names that a careless mixing confuses: order, length, zeros, seed and first part exchanged.
  std::set<std::uint64_t> first;
  std::size_t names = 0;
  const auto insert = [&](Random random) {
    first.insert(random.bits());
    ++names;
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    insert(Random(seed));
    insert(Random(seed, {0, 0, 0}));
    for (std::uint64_t a = 0; a < 20; ++a) {
      insert(Random(seed, {a}));
      for (std::uint64_t b = 0; b < 20; ++b) insert(Random(seed, {a, b}));
    }
  }
  EXPECT_EQ(first.size(), names);
}

TEST(Random, StreamsAreUncorrelated) {
  // Each pair of neighbouring streams, and one stream against another shifted by one draw.
  constexpr int streams = 20, n = 20000;
  std::vector<std::vector<double>> draws(streams, std::vector<double>(n));
  for (std::size_t s = 0; s < streams; ++s) {
    Random random(0, {s});
    for (double& x : draws[s]) x = random.uniform() - 0.5;
  }
  const double error = 5.0 / 12 / std::sqrt(static_cast<double>(n));
  for (std::size_t s = 0; s < streams; ++s)
    for (std::size_t t = s + 1; t < streams; ++t) {
      double same = 0, shifted = 0;
      for (std::size_t i = 1; i < n; ++i) {
        same += draws[s][i] * draws[t][i];
        shifted += draws[s][i] * draws[t][i - 1];
      }
      EXPECT_NEAR(same / n, 0, error) << s << " " << t;
      EXPECT_NEAR(shifted / n, 0, error) << s << " " << t;
    }
}

TEST(Random, GammaHasItsMoments) {
  for (const double shape : {0.3, 1.0, 2.5, 40.0}) {
    Random random(11);
    constexpr int n = 200000;
    double sum = 0, squares = 0, logs = 0;
    for (int i = 0; i < n; ++i) {
      const double x = random.gamma(shape);
      ASSERT_GT(x, 0);
      sum += x;
      squares += (x - shape) * (x - shape);
      logs += std::log(x);
    }
    // Mean and variance are the shape; five standard errors.
    EXPECT_NEAR(sum / n, shape, 5 * std::sqrt(shape / n));
    EXPECT_NEAR(squares / n, shape, 5 * std::sqrt((2 * shape * shape + 6 * shape) / n));
    // The mean of the log is ψ(shape), here by its derivative of log Γ.
    const double step = 1e-5, psi = (std::lgamma(shape + step) - std::lgamma(shape - step)) / (2 * step);
    EXPECT_NEAR(logs / n, psi, 5 * std::sqrt((1 / shape + 1 / (shape * shape)) / n));
  }
}

}  // namespace
}  // namespace random_test
