#include <corymb/distance/gower.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace gower_test {
namespace {

using namespace corymb;
using namespace corymb_test;

const double missing = std::numeric_limits<double>::quiet_NaN();

//                 age   town  smokes
RowMatrix<double> people() {
  RowMatrix<double> X(5, 3);
  X << 20, 1, 0,      //
      60, 1, 1,       //
      40, 2, 0,       //
      missing, 2, 1,  //
      missing, missing, 0;
  return X;
}

const GowerOptions kinds = {
    .columns = {GowerColumn::numeric, GowerColumn::categorical, GowerColumn::asymmetric_binary}};

TEST(Gower, DistancesByHand) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    const RowMatrix<T> X = people().cast<T>();
    const Gower<T> gower(X, kinds);
    const auto d = [&](Index i, Index j) {
      return gower(std::span<const T>(X.data() + 3 * i, 3), std::span<const T>(X.data() + 3 * j, 3));
    };
    EXPECT_EQ(d(0, 1), static_cast<T>((1.0 + 0 + 1) / 3));
    EXPECT_EQ(d(0, 2), static_cast<T>((0.5 + 1) / 2));  // nobody smokes
    EXPECT_EQ(d(0, 3), static_cast<T>((1.0 + 1) / 2));
    EXPECT_EQ(d(1, 3), static_cast<T>(1.0 / 2));
    EXPECT_EQ(d(1, 4), T(1));
    EXPECT_TRUE(std::isnan(d(0, 4)));
    for (Index i = 0; i < 4; ++i) {
      EXPECT_EQ(d(i, i), T(0));
      for (Index j = 0; j < 4; ++j) EXPECT_EQ(d(i, j), d(j, i));
    }
  });
}

TEST(Gower, WeightsOfColumns) {
  GowerOptions options = kinds;
  options.weights.resize(3);
  options.weights << 2, 1, 0;
  const RowMatrix<double> X = people();
  const Gower gower(X, options);
  EXPECT_EQ(gower(std::span<const double>(X.data(), 3), std::span<const double>(X.data() + 3, 3)), 2.0 / 3);
}

TEST(Gower, NewRowsBeyondTheRangeAreAsFarAsTheRange) {
  const Gower gower(people());
  const double x[3] = {1000, 1, 0}, y[3] = {20, 1, 0};
  EXPECT_EQ(gower(x, y), 1.0 / 3);
}

TEST(Gower, AColumnOfOneValueTellsNothingApart) {
  RowMatrix<double> X(2, 2);
  X << 5, 0, 5, 1;
  const Gower gower(X);
  EXPECT_EQ(gower(std::span<const double>(X.data(), 2), std::span<const double>(X.data() + 2, 2)), 0.5);
}

TEST(Gower, FunctionsTakeRowsWithMissingValues) {
  const RowMatrix<double> X = people().topRows(4);
  const Gower gower(X, kinds);
  const RowMatrix<double> D = pairwise_distances(X, X, gower);
  EXPECT_EQ(D(1, 3), 0.5);
  EXPECT_EQ(nearest(X, X.bottomRows(1), gower).distances[1], 0.5);
  EXPECT_EQ(nearest_many(X, X, 2, gower).indices(3, 0), 3);
  expect_message([&] { pairwise_distances(people(), people(), gower); },
                 "corymb::pairwise_distances: the distance of rows 0 and 4 is nan; it must be finite and ≥ 0");
  expect_message(
      [&] { pairwise_distances(X, X, [](std::span<const double>, std::span<const double>) { return 1.0; }); },
      "corymb::pairwise_distances: X(3, 0) = nan must be finite");
  RowMatrix<double> infinite = X;
  infinite(2, 1) = -std::numeric_limits<double>::infinity();
  expect_message([&] { pairwise_distances(infinite, X, gower); },
                 "corymb::pairwise_distances: X(2, 1) = -inf must be finite");
}

TEST(Gower, TellsWhatIsWrong) {
  const RowMatrix<double> X = people();
  expect_message([&] { Gower(RowMatrix<double>(3, 0)); }, "corymb::Gower: X has 0 columns; at least 1 is needed");
  expect_message([&] { Gower(X, {.columns = {GowerColumn::numeric}}); },
                 "corymb::Gower: columns has 1 entries; one per column, d = 3, is needed");
  expect_message([&] { Gower(X, {.weights = Vector::Ones(2)}); },
                 "corymb::Gower: weights has 2 entries; one per column, d = 3, is needed");
  expect_message([&] { Gower(X, {.weights = Vector::Zero(3)}); },
                 "corymb::Gower: weights are all 0; at least one must be > 0");
  expect_message([&] { Gower(X, {.weights = -Vector::Ones(3)}); },
                 "corymb::Gower: weights(0) = -1 must be finite and ≥ 0");
}

}  // namespace
}  // namespace gower_test
