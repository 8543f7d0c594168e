#include <corymb/core/errors.hpp>
#include <corymb/datasets/generators.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <Eigen/Eigenvalues>
#include <Eigen/Geometry>

#include "support/message_of.hpp"

namespace generators_test {
namespace {

using corymb::BlobOptions;
using corymb::Dataset;
using corymb::Index;
using corymb::RowMatrix;
using corymb_test::expect_message;

RowMatrix<double> matrix(Index rows, Index cols, const std::vector<double>& values) {
  return Eigen::Map<const RowMatrix<double>>(values.data(), rows, cols);
}

Index count(const corymb::Labels& labels, std::int32_t c) { return (labels.array() == c).count(); }

template <class T>
bool equal(const Dataset<T>& a, const Dataset<T>& b) {
  return a.points == b.points && a.labels == b.labels && a.centers == b.centers;
}

/// Rows as (label, coordinates), sorted: the data without their order.
std::vector<std::vector<double>> sorted_rows(const Dataset<double>& data) {
  std::vector<std::vector<double>> rows;
  for (Index i = 0; i < data.points.rows(); ++i) {
    std::vector<double> row = {static_cast<double>(data.labels[i])};
    for (Index j = 0; j < data.points.cols(); ++j) row.push_back(data.points(i, j));
    rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

Eigen::MatrixXd covariance(const RowMatrix<double>& points) {
  const Eigen::MatrixXd centred = points.rowwise() - points.colwise().mean();
  return centred.transpose() * centred / static_cast<double>(points.rows());
}

// ---- blobs ----

TEST(Blobs, SizesAreEqualToOne) {
  const auto data = corymb::make_blobs(11, 3, 4);
  EXPECT_EQ(data.points.rows(), 11);
  EXPECT_EQ(data.points.cols(), 3);
  EXPECT_EQ(data.centers.rows(), 4);
  EXPECT_EQ(data.centers.cols(), 3);
  const std::vector<Index> expected = {3, 3, 3, 2};
  for (std::int32_t c = 0; c < 4; ++c) EXPECT_EQ(count(data.labels, c), expected[static_cast<std::size_t>(c)]);
}

TEST(Blobs, ChosenSizes) {
  const auto data = corymb::make_blobs({5, 0, 17}, 2, {.shuffle = false});
  ASSERT_EQ(data.labels.size(), 22);
  EXPECT_TRUE((data.labels.head(5).array() == 0).all());
  EXPECT_TRUE((data.labels.tail(17).array() == 2).all());
  EXPECT_EQ(data.centers.rows(), 3);
}

TEST(Blobs, FewerPointsThanBlobsAndNone) {
  EXPECT_EQ(corymb::make_blobs(2, 1, 5).labels.maxCoeff(), 1);
  const auto none = corymb::make_blobs(0, 4, 2);
  EXPECT_EQ(none.points.rows(), 0);
  EXPECT_EQ(none.points.cols(), 4);
  EXPECT_EQ(none.labels.size(), 0);
  EXPECT_EQ(none.centers.rows(), 2);
}

TEST(Blobs, LabelNamesTheCentre) {
  const auto data = corymb::make_blobs(200, 3, 6, {.spread = {0.0}, .seed = 5});
  for (Index i = 0; i < 200; ++i) EXPECT_EQ(data.points.row(i), data.centers.row(data.labels[i]));
}

TEST(Blobs, DistancesFollowTheSpread) {
  const std::vector<double> spread = {0.1, 1, 4};
  const Index n = 30000, d = 5;
  const auto data = corymb::make_blobs(n, d, 3, {.spread = spread, .seed = 1});
  std::vector<double> sum(3, 0.0), largest(3, 0.0);
  for (Index i = 0; i < n; ++i) {
    const auto c = static_cast<std::size_t>(data.labels[i]);
    const double square = (data.points.row(i) - data.centers.row(data.labels[i])).squaredNorm();
    sum[c] += square;
    largest[c] = std::max(largest[c], std::sqrt(square));
  }
  for (std::size_t c = 0; c < 3; ++c) {
    // Mean of spread² χ²(d) over n/3 points: relative deviation sqrt(2 / (d n / 3)) = 0.0063; five of them.
    EXPECT_NEAR(sum[c] / (static_cast<double>(n / 3) * spread[c] * spread[c]), static_cast<double>(d), 0.16);
    EXPECT_LT(largest[c], 8 * spread[c]);
  }
}

TEST(Blobs, MomentsOfOneBlob) {
  const Index n = 100000;
  const auto data = corymb::make_blobs(n, 2, 1, {.spread = {2.0}, .centers = matrix(1, 2, {-3, 7}), .seed = 9});
  const Eigen::RowVector2d mean = data.points.colwise().mean();
  EXPECT_NEAR(mean(0), -3, 5 * 2 / std::sqrt(1e5));
  EXPECT_NEAR(mean(1), 7, 5 * 2 / std::sqrt(1e5));
  EXPECT_LT((covariance(data.points) - 4 * Eigen::Matrix2d::Identity()).cwiseAbs().maxCoeff(),
            5 * 4 * std::sqrt(2 / 1e5));
  const double fourth = ((data.points.col(0).array() + 3) / 2).pow(4).mean();
  EXPECT_NEAR(fourth, 3, 5 * std::sqrt(96 / 1e5));  // variance of z⁴ is 96
}

TEST(Blobs, CentresInTheBox) {
  const auto data = corymb::make_blobs(0, 4, 20000, {.box_low = 2, .box_high = 3, .seed = 3});
  EXPECT_GE(data.centers.minCoeff(), 2);
  EXPECT_LE(data.centers.maxCoeff(), 3);
  for (Index j = 0; j < 4; ++j) EXPECT_NEAR(data.centers.col(j).mean(), 2.5, 5 * std::sqrt(1.0 / 12 / 20000));
}

TEST(Blobs, GivenCentres) {
  const RowMatrix<double> centers = matrix(2, 2, {0, 0, 100, 50});
  const auto data = corymb::make_blobs(50, 2, 2, {.centers = centers});
  EXPECT_EQ(data.centers, centers);
  for (Index i = 0; i < 50; ++i) EXPECT_EQ(data.labels[i], data.points(i, 0) > 50 ? 1 : 0);
}

TEST(Blobs, GivenMaps) {
  const RowMatrix<double> map = matrix(2, 2, {3, 1, 0, 0.5});
  const BlobOptions plain = {.spread = {0.5}, .shuffle = false, .seed = 4};
  BlobOptions mapped = plain;
  mapped.maps = {map};
  const auto round = corymb::make_blobs(60, 2, 3, plain), flat = corymb::make_blobs(60, 2, 3, mapped);
  EXPECT_EQ(round.centers, flat.centers);
  for (Index i = 0; i < 60; ++i) {
    const Eigen::Vector2d centre = round.centers.row(round.labels[i]);
    const Eigen::Vector2d expected = map * (round.points.row(i).transpose() - centre) + centre;
    EXPECT_LT((flat.points.row(i).transpose() - expected).cwiseAbs().maxCoeff(), 1e-13) << "row " << i;
  }
  mapped.maps = {map, map, 2 * map};  // one for each: the third blob differs, the others do not
  const auto own = corymb::make_blobs(60, 2, 3, mapped);
  EXPECT_EQ(own.points.topRows(40), flat.points.topRows(40));
  EXPECT_NE(own.points.row(40), flat.points.row(40));
}

TEST(Blobs, ElongationIsTheRatioOfAxes) {
  const auto data = corymb::make_blobs(120000, 3, 2, {.spread = {2.0}, .elongation = 9, .shuffle = false, .seed = 8});
  std::vector<Eigen::Matrix3d> axes;
  for (Index c = 0; c < 2; ++c) {
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(covariance(data.points.middleRows(c * 60000, 60000)));
    const Eigen::Vector3d lengths = solver.eigenvalues().cwiseSqrt() / 2;
    EXPECT_NEAR(lengths(0) * 3, 1, 0.03);
    EXPECT_NEAR(lengths(1), 1, 0.03);
    EXPECT_NEAR(lengths(2) / 3, 1, 0.03);
    axes.push_back(solver.eigenvectors());
  }
  EXPECT_LT(std::abs(axes[0].col(2).dot(axes[1].col(2))), 0.999);  // every blob has a direction of its own
}

TEST(Blobs, ElongationInOneDimensionOnlyMirrors) {
  const BlobOptions plain = {.shuffle = false, .seed = 2};
  BlobOptions long_blobs = plain;
  long_blobs.elongation = 50;
  const auto a = corymb::make_blobs(40, 1, 2, plain), b = corymb::make_blobs(40, 1, 2, long_blobs);
  for (Index i = 0; i < 40; ++i) {
    const double centre = a.centers(a.labels[i], 0);
    EXPECT_NEAR(std::abs(a.points(i, 0) - centre), std::abs(b.points(i, 0) - centre), 1e-13);
  }
}

TEST(Blobs, ShufflingOnlyPermutesRows) {
  const auto mixed = corymb::make_blobs(500, 2, 3, {.seed = 6});
  const auto in_order = corymb::make_blobs(500, 2, 3, {.shuffle = false, .seed = 6});
  EXPECT_NE(mixed.labels, in_order.labels);
  EXPECT_TRUE(std::is_sorted(in_order.labels.begin(), in_order.labels.end()));
  EXPECT_EQ(sorted_rows(mixed), sorted_rows(in_order));
  // Every third of the shuffled rows holds about a third of each blob (hypergeometric, deviation 5).
  for (std::int32_t c = 0; c < 3; ++c) EXPECT_NEAR(static_cast<double>(count(mixed.labels.head(167), c)), 55.7, 27);
}

TEST(Blobs, StreamsAreSeparate) {
  const auto base = corymb::make_blobs({20, 20}, 2, {.shuffle = false, .seed = 7});
  const auto larger = corymb::make_blobs({30, 20}, 2, {.shuffle = false, .seed = 7});
  EXPECT_EQ(larger.centers, base.centers);
  EXPECT_EQ(larger.points.topRows(20), base.points.topRows(20));
  EXPECT_EQ(larger.points.bottomRows(20), base.points.bottomRows(20));
}

TEST(Blobs, SameSeedSameData) {
  const BlobOptions options = {.elongation = 3, .seed = 11};
  BlobOptions other = options;
  other.seed = 12;
  EXPECT_TRUE(equal(corymb::make_blobs(100, 3, 4, options), corymb::make_blobs(100, 3, 4, options)));
  EXPECT_NE(corymb::make_blobs(100, 3, 4, options).points, corymb::make_blobs(100, 3, 4, other).points);
}

TEST(Blobs, FirstValuesOfSeedZero) {
  // Fixed, so that a change of the generator or of its streams is noticed: it changes every user's data.
  const auto data = corymb::make_blobs(2, 2, 1, {.shuffle = false});
  EXPECT_NEAR(data.centers(0, 0), 1.2958298614877979, 1e-12);
  EXPECT_NEAR(data.points(0, 0), 1.5939392090192408, 1e-12);
  EXPECT_NEAR(data.points(1, 1), 6.4386498528281191, 1e-12);
}

TEST(Blobs, FloatIsTheDoubleRounded) {
  const auto wide = corymb::make_blobs(300, 4, 3, {.seed = 13});
  const auto narrow = corymb::make_blobs<float>(300, 4, 3, {.seed = 13});
  EXPECT_EQ(narrow.points, wide.points.cast<float>());
  EXPECT_EQ(narrow.centers, wide.centers.cast<float>());
  EXPECT_EQ(narrow.labels, wide.labels);
}

TEST(Blobs, OverflowIsRefused) {
  const BlobOptions options = {.spread = {1e38}};
  EXPECT_NO_THROW(corymb::make_blobs(1000, 2, 1, options));
  EXPECT_THROW(corymb::make_blobs<float>(1000, 2, 1, options), corymb::NumericalError);
  EXPECT_THROW(corymb::make_blobs(1000, 2, 1, {.spread = {1e308}}), corymb::NumericalError);
}

TEST(Blobs, Mistakes) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const auto three = [](const BlobOptions& options) { return [=] { corymb::make_blobs(9, 2, 3, options); }; };
  expect_message([] { corymb::make_blobs(-1, 2, 3); }, "corymb::make_blobs: n = -1 must be ≥ 0");
  expect_message([] { corymb::make_blobs(9, 0, 3); }, "corymb::make_blobs: d = 0 must be ≥ 1");
  expect_message([] { corymb::make_blobs(9, 2, 0); }, "corymb::make_blobs: k = 0 must be in [1, 2147483647]");
  expect_message([] { corymb::make_blobs(9, 2, Index{1} << 31); },
                 "corymb::make_blobs: k = 2147483648 must be in [1, 2147483647]");
  expect_message([] { corymb::make_blobs(std::vector<Index>{}, 2); },
                 "corymb::make_blobs: sizes has 0 entries, must have 1 to 2147483647");
  expect_message([] { corymb::make_blobs({4, -2}, 2); }, "corymb::make_blobs: sizes[1] = -2 must be ≥ 0");
  expect_message(
      [] {
        corymb::make_blobs({std::numeric_limits<Index>::max(), 1}, 2);
      },
      "corymb::make_blobs: the sum of sizes does not fit 64 bits");
  expect_message(three({.spread = {}}), "corymb::make_blobs: spread has 0 entries, must have 1 or k = 3");
  expect_message(three({.spread = {1, 2}}), "corymb::make_blobs: spread has 2 entries, must have 1 or k = 3");
  expect_message(three({.spread = {1, -0.5, 1}}), "corymb::make_blobs: spread[1] = -0.5 must be finite and ≥ 0");
  expect_message(three({.spread = {nan}}), "corymb::make_blobs: spread[0] = nan must be finite and ≥ 0");
  expect_message(three({.centers = RowMatrix<double>::Zero(2, 2)}),
                 "corymb::make_blobs: centers is 2 x 2, must be 3 x 2");
  expect_message(three({.centers = matrix(3, 2, {0, 0, 0, inf, 0, 0})}),
                 "corymb::make_blobs: centers(1, 1) = inf must be finite");
  expect_message(three({.box_low = 2, .box_high = 1}),
                 "corymb::make_blobs: box_low = 2 and box_high = 1 must be the ends of a finite interval");
  expect_message(three({.box_low = -1e308, .box_high = 1e308}),
                 "corymb::make_blobs: box_low = -1e+308 and box_high = 1e+308 must be the ends of a finite interval");
  expect_message(three({.elongation = 0.5}), "corymb::make_blobs: elongation = 0.5 must be finite and ≥ 1");
  expect_message(three({.elongation = 2, .maps = {RowMatrix<double>::Identity(2, 2)}}),
                 "corymb::make_blobs: maps and elongation cannot both be given");
  expect_message(three({.maps = {RowMatrix<double>::Identity(3, 3)}}),
                 "corymb::make_blobs: maps[0] is 3 x 3, must be 2 x 2");
  expect_message(three({.maps = {RowMatrix<double>::Identity(2, 2), RowMatrix<double>::Identity(2, 2)}}),
                 "corymb::make_blobs: maps has 2 entries, must have 1 or k = 3");
}

// ---- moons and circles ----

TEST(Moons, LieOnHalfCircles) {
  const auto data = corymb::make_moons(101, {.shuffle = false});
  ASSERT_EQ(data.points.rows(), 101);
  ASSERT_EQ(data.points.cols(), 2);
  EXPECT_EQ(data.centers.size(), 0);
  EXPECT_EQ(count(data.labels, 0), 51);
  EXPECT_EQ(count(data.labels, 1), 50);
  for (Index i = 0; i < 101; ++i) {
    const double x = data.points(i, 0), y = data.points(i, 1);
    if (data.labels[i] == 0) {
      EXPECT_NEAR(std::hypot(x, y), 1, 1e-15);
      EXPECT_GE(y, 0);
    } else {
      EXPECT_NEAR(std::hypot(x - 1, y - 0.5), 1, 1e-15);
      EXPECT_LE(y, 0.5);
    }
  }
  // Both ends of both arcs, and equal steps between.
  EXPECT_EQ(data.points.row(0), Eigen::RowVector2d(1, 0));
  EXPECT_NEAR(data.points(50, 0), -1, 1e-15);
  EXPECT_EQ(data.points.row(51), Eigen::RowVector2d(0, 0.5));
  EXPECT_NEAR(data.points(100, 0), 2, 1e-15);
  for (Index i = 1; i <= 50; ++i)
    EXPECT_NEAR((data.points.row(i) - data.points.row(i - 1)).norm(), 2 * std::sin(std::numbers::pi / 100), 1e-14);
}

TEST(Moons, NoiseHasItsDeviation) {
  const Index n = 50000;
  const auto clean = corymb::make_moons(n, {.shuffle = false});
  const auto noisy = corymb::make_moons(n, {.noise = 0.1, .shuffle = false, .seed = 3});
  const Eigen::MatrixXd noise = noisy.points - clean.points;
  EXPECT_LT(noise.colwise().mean().cwiseAbs().maxCoeff(), 5 * 0.1 / std::sqrt(5e4));
  EXPECT_LT((covariance(noise) / 0.01 - Eigen::Matrix2d::Identity()).cwiseAbs().maxCoeff(), 5 * std::sqrt(2 / 5e4));
}

TEST(Moons, SmallSizes) {
  EXPECT_EQ(corymb::make_moons(0).points.rows(), 0);
  EXPECT_EQ(corymb::make_moons(1).points, Eigen::RowVector2d(1, 0));
  EXPECT_EQ(corymb::make_moons(2, {.shuffle = false}).points, matrix(2, 2, {1, 0, 0, 0.5}));
}

TEST(Circles, LieOnCircles) {
  const auto data = corymb::make_circles(61, {.factor = 0.25, .shuffle = false});
  EXPECT_EQ(count(data.labels, 0), 31);
  EXPECT_EQ(count(data.labels, 1), 30);
  EXPECT_EQ(data.centers, RowMatrix<double>::Zero(2, 2));
  for (Index i = 0; i < 61; ++i) EXPECT_NEAR(data.points.row(i).norm(), data.labels[i] == 0 ? 1 : 0.25, 1e-15);
  EXPECT_EQ(data.points.row(0), Eigen::RowVector2d(1, 0));
  EXPECT_EQ(data.points.row(31), Eigen::RowVector2d(0.25, 0));
  // Evenly spaced all around: the points of a circle sum to zero.
  EXPECT_LT(data.points.topRows(31).colwise().sum().cwiseAbs().maxCoeff(), 1e-13);
  EXPECT_LT(data.points.bottomRows(30).colwise().sum().cwiseAbs().maxCoeff(), 1e-13);
}

TEST(MoonsAndCircles, SeedsAndOrder) {
  const auto moons = corymb::make_moons(200, {.noise = 0.05, .seed = 4});
  EXPECT_TRUE(equal(moons, corymb::make_moons(200, {.noise = 0.05, .seed = 4})));
  EXPECT_NE(moons.points, corymb::make_moons(200, {.noise = 0.05, .seed = 5}).points);
  EXPECT_EQ(sorted_rows(moons), sorted_rows(corymb::make_moons(200, {.noise = 0.05, .shuffle = false, .seed = 4})));
  const auto circles = corymb::make_circles(200, {.noise = 0.05, .seed = 4});
  EXPECT_TRUE(equal(circles, corymb::make_circles(200, {.noise = 0.05, .seed = 4})));
  EXPECT_EQ(sorted_rows(circles), sorted_rows(corymb::make_circles(200, {.noise = 0.05, .shuffle = false, .seed = 4})));
  EXPECT_EQ(corymb::make_moons<float>(200, {.noise = 0.05, .seed = 4}).points, moons.points.cast<float>());
  EXPECT_EQ(corymb::make_circles<float>(200, {.noise = 0.05, .seed = 4}).points, circles.points.cast<float>());
}

TEST(MoonsAndCircles, Mistakes) {
  expect_message([] { corymb::make_moons(-2); }, "corymb::make_moons: n = -2 must be ≥ 0");
  expect_message([] { corymb::make_moons(2, {.noise = -1}); }, "corymb::make_moons: noise = -1 must be finite and ≥ 0");
  expect_message([] { corymb::make_circles(-2); }, "corymb::make_circles: n = -2 must be ≥ 0");
  expect_message([] { corymb::make_circles(2, {.noise = std::numeric_limits<double>::infinity()}); },
                 "corymb::make_circles: noise = inf must be finite and ≥ 0");
  expect_message([] { corymb::make_circles(2, {.factor = 1}); }, "corymb::make_circles: factor = 1 must be in [0, 1)");
  expect_message([] { corymb::make_circles(2, {.factor = -0.25}); },
                 "corymb::make_circles: factor = -0.25 must be in [0, 1)");
}

// ---- spirals and the swiss roll ----

TEST(Spirals, LieOnTheirArms) {
  const Index n = 302, k = 3;
  const auto data = corymb::make_spirals(n, k, {.turns = 0.75, .inner_radius = 0.25, .shuffle = false});
  ASSERT_EQ(data.points.rows(), n);
  ASSERT_EQ(data.points.cols(), 2);
  EXPECT_EQ(data.centers.size(), 0);
  const std::vector<Index> sizes = {101, 101, 100};
  Index row = 0;
  for (std::int32_t c = 0; c < 3; ++c) {
    const Index size = sizes[static_cast<std::size_t>(c)];
    ASSERT_EQ(count(data.labels, c), size);
    // Rotated back to the first arm, the angle of a point follows from its radius.
    const Eigen::Rotation2Dd back(-2 * std::numbers::pi * c / 3);
    for (Index i = 0; i < size; ++i, ++row) {
      EXPECT_EQ(data.labels[row], c);
      const Eigen::Vector2d x = back * data.points.row(row).transpose();
      const double radius = x.norm(), s = static_cast<double>(i) / static_cast<double>(size - 1);
      EXPECT_NEAR(radius, 0.25 + 0.75 * s, 1e-14);
      const double angle = 2 * std::numbers::pi * 0.75 * s;
      EXPECT_NEAR(x(0), radius * std::cos(angle), 1e-14);
      EXPECT_NEAR(x(1), radius * std::sin(angle), 1e-14);
    }
  }
  EXPECT_EQ(data.points.row(0), Eigen::RowVector2d(0.25, 0));
  EXPECT_NEAR(data.points(100, 1), -1, 1e-15);  // three quarters of a turn
}

TEST(Spirals, ArmsAreApart) {
  const auto data = corymb::make_spirals(600, 3);
  double nearest = 1;
  for (Index i = 0; i < 600; ++i)
    for (Index j = 0; j < i; ++j)
      if (data.labels[i] != data.labels[j])
        nearest = std::min(nearest, (data.points.row(i) - data.points.row(j)).norm());
  EXPECT_GT(nearest, 0.1);
}

TEST(Spirals, SmallSizes) {
  EXPECT_EQ(corymb::make_spirals(0, 4).points.cols(), 2);
  EXPECT_EQ(corymb::make_spirals(1, 1, {.inner_radius = 0.5}).points, Eigen::RowVector2d(0.5, 0));
  EXPECT_EQ(corymb::make_spirals(2, 2147483647, {.shuffle = false}).labels(1), 1);
  EXPECT_EQ(corymb::make_spirals(2, 1, {.turns = 0, .inner_radius = 0, .shuffle = false}).points,
            matrix(2, 2, {0, 0, 1, 0}));
}

TEST(SwissRoll, LiesOnTheSheet) {
  const Index n = 4003;
  const auto data = corymb::make_swiss_roll(n, {.segments = 5, .height = 7, .shuffle = false, .seed = 3});
  ASSERT_EQ(data.points.rows(), n);
  ASSERT_EQ(data.points.cols(), 3);
  EXPECT_EQ(data.centers.size(), 0);
  EXPECT_TRUE(std::is_sorted(data.labels.begin(), data.labels.end()));
  for (std::int32_t c = 0; c < 5; ++c) EXPECT_EQ(count(data.labels, c), c < 3 ? 801 : 800);
  double sum = 0;
  for (Index i = 0; i < n; ++i) {
    // The distance from the axis is t, and its direction agrees with it.
    const double t = std::hypot(data.points(i, 0), data.points(i, 2));
    EXPECT_NEAR(data.points(i, 0), t * std::cos(t), 1e-13);
    EXPECT_NEAR(data.points(i, 2), t * std::sin(t), 1e-13);
    const double u = (t / (1.5 * std::numbers::pi) - 1) / 2;
    EXPECT_GE(u, data.labels[i] / 5.0 - 1e-15);
    EXPECT_LE(u, (data.labels[i] + 1) / 5.0 + 1e-15);
    sum += 5 * u - data.labels[i];
    EXPECT_GE(data.points(i, 1), 0);
    EXPECT_LT(data.points(i, 1), 7);
  }
  // Uniform within the segment, and across the sheet: mean 1/2, deviation sqrt(1 / 12 n).
  EXPECT_NEAR(sum / static_cast<double>(n), 0.5, 5 * std::sqrt(1 / 12.0 / static_cast<double>(n)));
  EXPECT_NEAR(data.points.col(1).mean() / 7, 0.5, 5 * std::sqrt(1 / 12.0 / static_cast<double>(n)));
}

TEST(SwissRoll, StreamsAreSeparate) {
  const auto base = corymb::make_swiss_roll(40, {.shuffle = false, .seed = 7});
  const auto larger = corymb::make_swiss_roll(80, {.shuffle = false, .seed = 7});
  const auto flat = corymb::make_swiss_roll(40, {.height = 0, .shuffle = false, .seed = 7});
  for (Index c = 0; c < 4; ++c)
    EXPECT_EQ(larger.points.middleRows(20 * c, 10), base.points.middleRows(10 * c, 10)) << "segment " << c;
  EXPECT_EQ(flat.points.col(0), base.points.col(0));
  EXPECT_EQ(flat.points.col(1), Eigen::VectorXd::Zero(40));
}

TEST(SwissRoll, SmallSizes) {
  EXPECT_EQ(corymb::make_swiss_roll(0).points.cols(), 3);
  EXPECT_EQ(corymb::make_swiss_roll(1).labels(0), 0);
  EXPECT_EQ(corymb::make_swiss_roll(9, {.segments = 1}).labels, corymb::Labels::Zero(9));
}

TEST(SpiralsAndSwissRoll, NoiseHasItsDeviation) {
  const Index n = 50000;
  const Eigen::MatrixXd in_plane = corymb::make_spirals(n, 4, {.noise = 0.1, .shuffle = false, .seed = 3}).points -
                                   corymb::make_spirals(n, 4, {.shuffle = false, .seed = 3}).points;
  const Eigen::MatrixXd in_space = corymb::make_swiss_roll(n, {.noise = 0.1, .shuffle = false, .seed = 3}).points -
                                   corymb::make_swiss_roll(n, {.shuffle = false, .seed = 3}).points;
  for (const Eigen::MatrixXd& noise : {in_plane, in_space}) {
    const Index d = noise.cols();
    EXPECT_LT(noise.colwise().mean().cwiseAbs().maxCoeff(), 5 * 0.1 / std::sqrt(5e4));
    EXPECT_LT((covariance(noise) / 0.01 - Eigen::MatrixXd::Identity(d, d)).cwiseAbs().maxCoeff(),
              5 * std::sqrt(2 / 5e4));
  }
}

TEST(SpiralsAndSwissRoll, SeedsAndOrder) {
  const auto spirals = corymb::make_spirals(200, 3, {.noise = 0.05, .seed = 4});
  EXPECT_TRUE(equal(spirals, corymb::make_spirals(200, 3, {.noise = 0.05, .seed = 4})));
  EXPECT_NE(spirals.points, corymb::make_spirals(200, 3, {.noise = 0.05, .seed = 5}).points);
  EXPECT_EQ(sorted_rows(spirals),
            sorted_rows(corymb::make_spirals(200, 3, {.noise = 0.05, .shuffle = false, .seed = 4})));
  EXPECT_FALSE(std::is_sorted(spirals.labels.begin(), spirals.labels.end()));
  const auto roll = corymb::make_swiss_roll(200, {.noise = 0.05, .seed = 4});
  EXPECT_TRUE(equal(roll, corymb::make_swiss_roll(200, {.noise = 0.05, .seed = 4})));
  EXPECT_NE(roll.points, corymb::make_swiss_roll(200, {.noise = 0.05, .seed = 5}).points);
  EXPECT_EQ(sorted_rows(roll), sorted_rows(corymb::make_swiss_roll(200, {.noise = 0.05, .shuffle = false, .seed = 4})));
  EXPECT_FALSE(std::is_sorted(roll.labels.begin(), roll.labels.end()));
  EXPECT_EQ(corymb::make_spirals<float>(200, 3, {.noise = 0.05, .seed = 4}).points, spirals.points.cast<float>());
  EXPECT_EQ(corymb::make_swiss_roll<float>(200, {.noise = 0.05, .seed = 4}).points, roll.points.cast<float>());
}

TEST(SpiralsAndSwissRoll, FirstValuesOfSeedZero) {
  // Fixed, so that a change of the generator or of its streams is noticed: it changes every user's data.
  const auto roll = corymb::make_swiss_roll(2, {.shuffle = false});
  EXPECT_NEAR(roll.points(0, 0), 5.9090044341061816, 1e-12);
  EXPECT_NEAR(roll.points(1, 1), 9.6214408854268463, 1e-12);
  const auto spirals = corymb::make_spirals(2, 2, {.noise = 1, .shuffle = false});
  EXPECT_NEAR(spirals.points(0, 0), 0.39810934753144289, 1e-12);
  EXPECT_NEAR(spirals.points(1, 1), -0.17110046510870758, 1e-12);
}

TEST(SpiralsAndSwissRoll, OverflowIsRefused) {
  EXPECT_NO_THROW(corymb::make_swiss_roll(100, {.height = 1e300}));
  EXPECT_THROW(corymb::make_swiss_roll<float>(100, {.height = 1e300}), corymb::NumericalError);
  EXPECT_THROW(corymb::make_swiss_roll(1000, {.noise = 1e308}), corymb::NumericalError);
  EXPECT_THROW(corymb::make_spirals(1000, 2, {.noise = 1e308}), corymb::NumericalError);
  EXPECT_THROW(corymb::make_spirals<float>(1000, 2, {.noise = 1e39}), corymb::NumericalError);
}

TEST(SpiralsAndSwissRoll, Mistakes) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  expect_message([] { corymb::make_spirals(-2, 2); }, "corymb::make_spirals: n = -2 must be ≥ 0");
  expect_message([] { corymb::make_spirals(2, 0); }, "corymb::make_spirals: k = 0 must be in [1, 2147483647]");
  expect_message([] { corymb::make_spirals(2, 2, {.noise = -1}); },
                 "corymb::make_spirals: noise = -1 must be finite and ≥ 0");
  expect_message([=] { corymb::make_spirals(2, 2, {.turns = inf}); },
                 "corymb::make_spirals: turns = inf must be finite and ≥ 0");
  expect_message([] { corymb::make_spirals(2, 2, {.inner_radius = 1}); },
                 "corymb::make_spirals: inner_radius = 1 must be in [0, 1)");
  expect_message([=] { corymb::make_spirals(2, 2, {.inner_radius = nan}); },
                 "corymb::make_spirals: inner_radius = nan must be in [0, 1)");
  expect_message([] { corymb::make_swiss_roll(-1); }, "corymb::make_swiss_roll: n = -1 must be ≥ 0");
  expect_message([=] { corymb::make_swiss_roll(2, {.noise = nan}); },
                 "corymb::make_swiss_roll: noise = nan must be finite and ≥ 0");
  expect_message([] { corymb::make_swiss_roll(2, {.segments = 0}); },
                 "corymb::make_swiss_roll: segments = 0 must be in [1, 2147483647]");
  expect_message([] { corymb::make_swiss_roll(2, {.height = -21}); },
                 "corymb::make_swiss_roll: height = -21 must be finite and ≥ 0");
}

// ---- uniform noise ----

TEST(Uniform, RangeMomentsAndLabels) {
  const Index n = 50000;
  const auto data = corymb::make_uniform(n, 3, {.low = -2, .high = 4, .seed = 2});
  EXPECT_EQ(data.points.cols(), 3);
  EXPECT_EQ(count(data.labels, corymb::noise), n);
  EXPECT_EQ(data.centers.size(), 0);
  EXPECT_GE(data.points.minCoeff(), -2);
  EXPECT_LE(data.points.maxCoeff(), 4);
  EXPECT_LT((data.points.colwise().mean().array() - 1).abs().maxCoeff(), 5 * std::sqrt(3 / 5e4));
  // The variance is 6² / 12 = 3; its estimate has deviation 3 sqrt(0.8 / n).
  EXPECT_LT((covariance(data.points) - 3 * Eigen::Matrix3d::Identity()).cwiseAbs().maxCoeff(),
            5 * 3 * std::sqrt(1 / 5e4));
}

TEST(Uniform, SeedsAndSmallCases) {
  const auto data = corymb::make_uniform(50, 2, {.seed = 1});
  EXPECT_TRUE(equal(data, corymb::make_uniform(50, 2, {.seed = 1})));
  EXPECT_NE(data.points, corymb::make_uniform(50, 2, {.seed = 2}).points);
  EXPECT_EQ(corymb::make_uniform<float>(50, 2, {.seed = 1}).points, data.points.cast<float>());
  EXPECT_EQ(corymb::make_uniform(0, 2).points.cols(), 2);
  EXPECT_EQ(corymb::make_uniform(2, 2, {.low = 7, .high = 7}).points, RowMatrix<double>::Constant(2, 2, 7));
}

TEST(Uniform, Mistakes) {
  expect_message([] { corymb::make_uniform(-1, 2); }, "corymb::make_uniform: n = -1 must be ≥ 0");
  expect_message([] { corymb::make_uniform(1, 0); }, "corymb::make_uniform: d = 0 must be ≥ 1");
  expect_message([] { corymb::make_uniform(1, 1, {.low = 1, .high = 0}); },
                 "corymb::make_uniform: low = 1 and high = 0 must be the ends of a finite interval");
}

}  // namespace
}  // namespace generators_test
