#include "viz/palette.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

namespace palette_test {
namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

Triple times(const Matrix& m, const Triple& v) {
  Triple result{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) result[i] += m[i][j] * v[j];
  return result;
}

Triple linear_rgb(const std::string& colour) {
  Triple result{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double c = static_cast<double>(std::strtol(colour.substr(1 + 2 * i, 2).c_str(), nullptr, 16)) / 255;
    result[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return result;
}

Triple lab(Triple rgb) {
  for (double& c : rgb) c = std::clamp(c, 0.0, 1.0);
  constexpr Matrix to_xyz = {{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}};
  constexpr Triple white = {0.9505, 1, 1.089};
  Triple xyz = times(to_xyz, rgb);
  for (std::size_t i = 0; i < 3; ++i) {
    const double t = xyz[i] / white[i];
    xyz[i] = t > 216.0 / 24389 ? std::cbrt(t) : 841.0 / 108 * t + 4.0 / 29;
  }
  return {116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])};
}

// Machado, Oliveira & Fernandes (2009), doi:10.1109/TVCG.2009.113, severity 1.0.
constexpr Matrix visions[] = {
    {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
};

double least_difference(const std::vector<std::string>& colours) {
  double least = std::numeric_limits<double>::infinity();
  for (const Matrix& vision : visions)
    for (std::size_t i = 0; i < colours.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const Triple a = lab(times(vision, linear_rgb(colours[i]))), b = lab(times(vision, linear_rgb(colours[j])));
        least = std::min(least, std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
      }
  return least;
}

TEST(Palette, IsDistinctUnderColourBlindness) {
  using namespace corymb::compiled;
  std::vector<std::string> colours(cluster_colours.begin(), cluster_colours.end());
  colours.emplace_back(noise_colour);
  colours.emplace_back("#ffffff");
  EXPECT_GT(least_difference(colours), 16.0);
  // The measure finds what is not: red and green of one lightness.
  EXPECT_LT(least_difference({"#b04030", "#607020"}), 12.0);
}

TEST(Palette, RepeatsAfterColoursAndShapes) {
  using namespace corymb::compiled;
  EXPECT_STREQ(colour_of(-1), noise_colour);
  for (int label = 0; label < 32; ++label)
    for (int other = 0; other < label; ++other)
      EXPECT_TRUE(colour_of(label) != colour_of(other) || shape_of(label) != shape_of(other)) << label << " " << other;
  EXPECT_EQ(colour_of(32), colour_of(0));
  EXPECT_EQ(shape_of(32), shape_of(0));
  EXPECT_EQ(colour_of(2147483647), colour_of(7));
}

}  // namespace
}  // namespace palette_test
