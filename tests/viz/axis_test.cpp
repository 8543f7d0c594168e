#include "viz/axis.hpp"

#include <corymb/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

namespace axis_test {
namespace {

using corymb::compiled::make_logarithmic_ticks;
using corymb::compiled::make_ticks;
using corymb::compiled::Range;
using corymb::compiled::range_of;
using corymb::compiled::Ticks;

std::string labels_of(const Ticks& ticks) {
  std::string all;
  for (const auto& tick : ticks.ticks) all += (all.empty() ? "" : " ") + tick.label;
  return all + ticks.note();
}

TEST(Ticks, AreWhatAReaderExpects) {
  EXPECT_EQ(labels_of(make_ticks({0, 1}, 6)), "0.0 0.2 0.4 0.6 0.8 1.0");
  EXPECT_EQ(labels_of(make_ticks({-1.1, 2.1}, 7)), "−1.0 −0.5 0.0 0.5 1.0 1.5 2.0");
  EXPECT_EQ(labels_of(make_ticks({41, 97}, 8)), "50 60 70 80 90");
  EXPECT_EQ(labels_of(make_ticks({-350, 12000}, 5)), "0 5000 10000");
  EXPECT_EQ(labels_of(make_ticks({0, 3.2e9}, 5)), "0 1 2 3 (×10⁹)");
  EXPECT_EQ(labels_of(make_ticks({-2e-7, 2e-7}, 5)), "−2 −1 0 1 2 (×10⁻⁷)");
  EXPECT_EQ(labels_of(make_ticks({1e6 - 0.001, 1e6 + 0.002}, 4)), "0.099 0.100 0.101 0.102 (+999999.9)");
  EXPECT_EQ(labels_of(make_ticks({-1e6 - 0.002, -1e6 + 0.001}, 4)), "0.098 0.099 0.100 0.101 (−1000000.1)");
  EXPECT_EQ(labels_of(make_ticks({-0.3, 3.3}, 10, true)), "0 1 2 3");
}

TEST(LogarithmicTicks, AreWhatAReaderExpects) {
  const auto labels = [](double least, double greatest, int most) {
    return labels_of(make_logarithmic_ticks({std::log10(least), std::log10(greatest)}, most));
  };
  EXPECT_EQ(labels(0.9, 110, 8), "1 2 5 10 20 50 100");
  EXPECT_EQ(labels(0.9, 110, 6), "1 3 10 30 100");
  EXPECT_EQ(labels(0.9, 110, 4), "1 10 100");
  EXPECT_EQ(labels(0.0009, 0.3, 10), "0.001 0.002 0.005 0.01 0.02 0.05 0.1 0.2");
  EXPECT_EQ(labels(9e-9, 1.1e-7, 8), "10⁻⁸ 2×10⁻⁸ 5×10⁻⁸ 10⁻⁷");
  EXPECT_EQ(labels(0.5e-9, 2e9, 5), "10⁻⁸ 10⁻⁴ 10⁰ 10⁴ 10⁸");
  EXPECT_EQ(labels(30, 42, 7), "30 32 34 36 38 40 42");  // less than a decade: as on any axis
}

TEST(LogarithmicTicks, PropertiesOverManyRanges) {
  corymb::Random random(2);
  for (int instance = 0; instance < 3000; ++instance) {
    const double low = random.uniform(-12, 12);
    const Range range{low, low + std::pow(10.0, random.uniform(-3, 2))};
    const int most = 3 + static_cast<int>(random.uniform() * 9);
    const Ticks ticks = make_logarithmic_ticks(range, most);
    SCOPED_TRACE(::testing::Message() << range.low << " to " << range.high << ", " << most << ": " << labels_of(ticks));
    ASSERT_GE(ticks.ticks.size(), most >= 4 ? 2u : 1u);
    ASSERT_LE(static_cast<int>(ticks.ticks.size()), most);
    for (std::size_t i = 0; i < ticks.ticks.size(); ++i) {
      ASSERT_GE(std::log10(ticks.ticks[i].value), range.low - 1e-9);
      ASSERT_LE(std::log10(ticks.ticks[i].value), range.high + 1e-9);
      ASSERT_TRUE(i == 0 || ticks.ticks[i - 1].value < ticks.ticks[i].value);
    }
  }
}

TEST(Ticks, PropertiesOverManyRanges) {
  corymb::Random random(1);
  for (int instance = 0; instance < 3000; ++instance) {
    const double size = std::pow(10.0, -9 + 18 * random.uniform());
    const double low = instance % 3 == 0   ? -size * random.uniform()
                       : instance % 3 == 1 ? (random.uniform() - 0.5) * 2e6 * size
                                           : size * random.uniform();
    const Range range{low, low + size};
    const int most = 3 + static_cast<int>(random.uniform() * 9);
    const Ticks ticks = make_ticks(range, most);
    SCOPED_TRACE(::testing::Message() << range.low << " to " << range.high << ", " << most << ": " << labels_of(ticks));
    ASSERT_GE(ticks.ticks.size(), most >= 4 ? 2u : 1u);
    ASSERT_LE(static_cast<int>(ticks.ticks.size()), most);
    std::set<std::string> labels;
    double step = 0;
    for (std::size_t i = 0; i < ticks.ticks.size(); ++i) {
      const auto& [value, label] = ticks.ticks[i];
      ASSERT_GE(value, range.low);
      ASSERT_LE(value, range.high);
      labels.insert(label);
      std::string plain = label;
      if (plain.starts_with("−")) plain.replace(0, std::string("−").size(), "-");
      ASSERT_LE(plain.size(), plain.starts_with("-") ? 8u : 7u);
      const double shown = std::stod(plain) * std::pow(10.0, ticks.exponent) + ticks.offset;
      ASSERT_NEAR(shown, value, 1e-6 * size + 1e-15 * std::abs(value));
      if (i > 0) step = value - ticks.ticks[i - 1].value;
    }
    ASSERT_EQ(labels.size(), ticks.ticks.size());
    if (step > 0) {
      const double mantissa = step / std::pow(10.0, std::floor(std::log10(step) + 1e-6));
      ASSERT_TRUE(std::abs(mantissa - 1) < 1e-3 || std::abs(mantissa - 2) < 1e-3 || std::abs(mantissa - 5) < 1e-3)
          << mantissa;
    }
  }
}

TEST(AxisRange, HoldsItsValuesAndIsNeverEmpty) {
  for (const auto& [low, high] : {Range{0, 1}, Range{-3, 7}, Range{5, 5}, Range{0, 0}, Range{1e150, 1e150},
                                  Range{1e9, 1e9 + 1e-7}, Range{-1e-300, 1e-300}}) {
    const Range range = range_of(low, high);
    EXPECT_LT(range.low, low);
    EXPECT_GT(range.high, high);
    EXPECT_LT(range.low, range.low + 0.1 * range.size());
  }
  const Range twice = Range{2, 4}.resized(4);
  EXPECT_EQ(twice.low, 1);
  EXPECT_EQ(twice.high, 5);
}

}  // namespace
}  // namespace axis_test
