#include <corymb/core/errors.hpp>
#include <corymb/distance/cluster_sums.hpp>
#include <corymb/distance/nearest.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"

// A caller's mistake throws before any work, with a message that names function, parameter, value and rule.

namespace bad_arguments_test {
namespace {

using namespace corymb_test;
using corymb::cluster_sums;
using corymb::Metric;
using corymb::nearest;
using corymb::nearest_many;
using corymb::pairwise_distances;
using corymb::Vector;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using Callable = double (*)(std::span<const double>, std::span<const double>);

class BadArguments : public ::testing::Test {
 protected:
  RowMatrix<double> X = RowMatrix<double>::Ones(4, 3);
  RowMatrix<double> C = RowMatrix<double>::Constant(2, 3, 2);
  Labels labels = Labels::Zero(4);
  const Callable zero = [](std::span<const double>, std::span<const double>) { return 0.0; };
};

TEST_F(BadArguments, NoColumns) {
  const RowMatrix<double> none(4, 0), none_c(2, 0);
  EXPECT_EQ(message_of([&] { nearest(none, none_c); }), "corymb::nearest: X has 0 columns; at least 1 is needed");
  EXPECT_EQ(message_of([&] { nearest(none, none_c, zero); }), "corymb::nearest: X has 0 columns; at least 1 is needed");
  EXPECT_EQ(message_of([&] { nearest_many(none, none_c, 1); }),
            "corymb::nearest_many: X has 0 columns; at least 1 is needed");
  EXPECT_EQ(message_of([&] { pairwise_distances(none, none_c); }),
            "corymb::pairwise_distances: X has 0 columns; at least 1 is needed");
  EXPECT_EQ(message_of([&] { cluster_sums(none, labels, 1); }),
            "corymb::cluster_sums: X has 0 columns; at least 1 is needed");
}

TEST_F(BadArguments, DifferentColumns) {
  const RowMatrix<double> wide(2, 5);
  EXPECT_EQ(message_of([&] { nearest(X, wide); }), "corymb::nearest: X has 3 columns, C has 5; they must agree");
  EXPECT_EQ(message_of([&] { nearest(X, wide, zero); }), "corymb::nearest: X has 3 columns, C has 5; they must agree");
  EXPECT_EQ(message_of([&] { nearest_many(X, wide, 1); }),
            "corymb::nearest_many: X has 3 columns, C has 5; they must agree");
  EXPECT_EQ(message_of([&] { pairwise_distances(X, wide); }),
            "corymb::pairwise_distances: X has 3 columns, Y has 5; they must agree");
  EXPECT_EQ(message_of([&] { pairwise_distances(X, wide, zero); }),
            "corymb::pairwise_distances: X has 3 columns, Y has 5; they must agree");
}

TEST_F(BadArguments, NoCentroids) {
  const RowMatrix<double> none(0, 3);
  EXPECT_EQ(message_of([&] { nearest(X, none); }), "corymb::nearest: C has 0 rows; at least 1 is needed");
  EXPECT_EQ(message_of([&] { nearest(X, none, zero); }), "corymb::nearest: C has 0 rows; at least 1 is needed");
  EXPECT_EQ(message_of([&] { nearest_many(X, none, 1); }), "corymb::nearest_many: C has 0 rows; at least 1 is needed");
}

TEST_F(BadArguments, EntriesThatAreNotFiniteAreNamed) {
  X(2, 1) = nan;
  X(3, 0) = infinity;
  EXPECT_EQ(message_of([&] { nearest(X, C); }), "corymb::nearest: X(2, 1) = nan must be finite");
  EXPECT_EQ(message_of([&] { nearest(X, C, zero); }), "corymb::nearest: X(2, 1) = nan must be finite");
  EXPECT_EQ(message_of([&] { nearest_many(X, C, 1, Metric::chebyshev); }),
            "corymb::nearest_many: X(2, 1) = nan must be finite");
  EXPECT_EQ(message_of([&] { pairwise_distances(X, C); }), "corymb::pairwise_distances: X(2, 1) = nan must be finite");
  EXPECT_EQ(message_of([&] { pairwise_distances(C, X); }), "corymb::pairwise_distances: Y(2, 1) = nan must be finite");
  EXPECT_EQ(message_of([&] { cluster_sums(X, labels, 1); }), "corymb::cluster_sums: X(2, 1) = nan must be finite");
  C(1, 2) = -infinity;
  X.setOnes();
  EXPECT_EQ(message_of([&] { nearest(X, C); }), "corymb::nearest: C(1, 2) = -inf must be finite");
  EXPECT_EQ(message_of([&] { nearest_many(X, C, 2); }), "corymb::nearest_many: C(1, 2) = -inf must be finite");
}

// In every layout, at every place of a vector or chunk of rows, on any number of threads.
TEST_F(BadArguments, TheFirstBadEntryIsNamedWhereverItIs) {
  Random random(1);
  for (const Index row : {0, 1, 1023, 1024, 2999, 4095, 4999}) {
    const Index column = row % 7;
    RowMatrix<float> large = normal_matrix<float>(random, 5000, 7);
    large(4999, 6) = std::numeric_limits<float>::infinity();
    large(row, column) = std::numeric_limits<float>::quiet_NaN();
    const std::string expected =
        "corymb::cluster_sums: X(" + std::to_string(row) + ", " + std::to_string(column) + ") = nan must be finite";
    for_each_layout(large, [&](const auto& view) {
      for (const int threads : {1, 3})
        EXPECT_EQ(message_of([&] { cluster_sums(view, Labels::Zero(5000), 1, {}, {.threads = threads}); }), expected);
    });
  }
}

TEST_F(BadArguments, EntriesWhoseSquaresOverflow) {
  X(1, 2) = -1e160;
  const std::string rule = " is too large: squared distances overflow; entries must be within ±";
  const std::string message = message_of([&] { nearest(X, C); });
  EXPECT_EQ(message.substr(0, message.find(rule)), "corymb::nearest: X(1, 2) = -1e+160") << message;
  EXPECT_NE(message.find("(scale the data)"), std::string::npos) << message;
  Eigen::MatrixXf small = Eigen::MatrixXf::Ones(2, 2), large = small;
  large(0, 1) = 3e37f;
  const std::string of_float = message_of([&] { pairwise_distances(small, large); });
  EXPECT_EQ(of_float.substr(0, of_float.find(rule)), "corymb::pairwise_distances: Y(0, 1) = 3e+37") << of_float;
  EXPECT_NE(of_float.find("(use double, or scale the data)"), std::string::npos) << of_float;
}

TEST_F(BadArguments, RowsOfZerosHaveNoDirection) {
  X.row(2).setZero();
  const std::string rule = " is all 0, or so small that its length underflows; its cosine distance is undefined";
  EXPECT_EQ(message_of([&] { nearest(X, C, Metric::cosine); }), "corymb::nearest: X(2, …)" + rule);
  EXPECT_EQ(message_of([&] { nearest(C, X, Metric::cosine); }), "corymb::nearest: C(2, …)" + rule);
  EXPECT_EQ(message_of([&] { nearest_many(X, C, 1, Metric::cosine); }), "corymb::nearest_many: X(2, …)" + rule);
  EXPECT_EQ(message_of([&] { pairwise_distances(C, X, Metric::cosine); }),
            "corymb::pairwise_distances: Y(2, …)" + rule);
  EXPECT_NO_THROW(nearest(X, C, Metric::euclidean));
}

TEST_F(BadArguments, ConstantRowsHaveNoCorrelation) {
  Random random(2);
  X = normal_matrix<double>(random, 4, 3);
  C = normal_matrix<double>(random, 2, 3);
  EXPECT_NO_THROW(nearest(X, C, Metric::correlation));
  X.row(2).setConstant(0.1);
  const std::string rule = " has equal entries only; its correlation distance is undefined";
  for (const int threads : {1, 3}) {
    const corymb::Execution execution{.threads = threads};
    EXPECT_EQ(message_of([&] { nearest(X, C, Metric::correlation, execution); }), "corymb::nearest: X(2, …)" + rule);
    EXPECT_EQ(message_of([&] { nearest(C, X, Metric::correlation, execution); }), "corymb::nearest: C(2, …)" + rule);
    EXPECT_EQ(message_of([&] { nearest_many(X, C, 1, Metric::correlation, execution); }),
              "corymb::nearest_many: X(2, …)" + rule);
    EXPECT_EQ(message_of([&] { pairwise_distances(C, X, Metric::correlation, execution); }),
              "corymb::pairwise_distances: Y(2, …)" + rule);
  }
  X(2, 1) = std::nextafter(0.1, 1.0);  // one bit makes it a row like any other
  EXPECT_NO_THROW(nearest(X, C, Metric::correlation));
  EXPECT_EQ(message_of([&] { nearest(X.leftCols(1), C.leftCols(1), Metric::correlation); }),
            "corymb::nearest: X(0, …)" + rule);
}

TEST_F(BadArguments, BrayCurtisNeedsNonNegativeEntries) {
  C(1, 0) = -0.0;
  EXPECT_NO_THROW(nearest(X, C, Metric::bray_curtis));
  X(3, 0) = -1;
  X(1, 2) = -0.5;
  const std::string rule = " must be ≥ 0 for the Bray-Curtis distance";
  EXPECT_EQ(message_of([&] { nearest(X, C, Metric::bray_curtis); }), "corymb::nearest: X(1, 2) = -0.5" + rule);
  EXPECT_EQ(message_of([&] { nearest(C, X, Metric::bray_curtis); }), "corymb::nearest: C(1, 2) = -0.5" + rule);
  EXPECT_EQ(message_of([&] { nearest_many(X, C, 1, Metric::bray_curtis); }),
            "corymb::nearest_many: X(1, 2) = -0.5" + rule);
  EXPECT_EQ(message_of([&] { pairwise_distances(C, X, Metric::bray_curtis); }),
            "corymb::pairwise_distances: Y(1, 2) = -0.5" + rule);
}

TEST_F(BadArguments, HaversineNeedsLatitudeAndLongitude) {
  EXPECT_EQ(message_of([&] { nearest(X, C, Metric::haversine); }),
            "corymb::nearest: X has 3 columns; the haversine distance needs 2, latitude and longitude in degrees");
  const RowMatrix<double> no_rows(0, 3);
  EXPECT_EQ(message_of([&] { pairwise_distances(no_rows, C, Metric::haversine); }),
            "corymb::pairwise_distances: X has 3 columns; the haversine distance needs 2, latitude and longitude in "
            "degrees");
  RowMatrix<double> places = X.leftCols(2), others = C.leftCols(2);
  places.col(1).setConstant(1e6);  // any longitude
  places(0, 0) = -90;
  others(0, 0) = 90;
  EXPECT_NO_THROW(nearest(places, others, Metric::haversine));
  places(3, 0) = -91;
  others(1, 0) = std::nextafter(90.0, 91.0);
  EXPECT_EQ(message_of([&] { nearest(places, others, Metric::haversine); }),
            "corymb::nearest: X(3, 0) = -91 must be a latitude in [-90, 90] degrees");
  places(3, 0) = 0;
  EXPECT_EQ(message_of([&] { pairwise_distances(places, others, Metric::haversine); }),
            "corymb::pairwise_distances: Y(1, 0) = 90.00000000000001 must be a latitude in [-90, 90] degrees");
}

TEST_F(BadArguments, PowerOfMinkowski) {
  EXPECT_EQ(message_of([] { Metric::minkowski(0.5); }), "corymb::Metric::minkowski: p = 0.5 must be at least 1");
  EXPECT_EQ(message_of([] { Metric::minkowski(-3); }), "corymb::Metric::minkowski: p = -3 must be at least 1");
  EXPECT_EQ(message_of([] { Metric::minkowski(nan); }), "corymb::Metric::minkowski: p = nan must be at least 1");
  EXPECT_EQ(message_of([] { Metric::minkowski(-infinity); }), "corymb::Metric::minkowski: p = -inf must be at least 1");
}

// Asked of the check itself: the kernels' memory for rows of this length takes seconds to fill.
TEST_F(BadArguments, MoreColumnsThanFloatCanCount) {
  const Index most = Index{1} << 24;
  const auto check = [](const auto& points) { corymb::detail::require_countable("nearest", "X", points); };
  EXPECT_NO_THROW(check(corymb::Points<float>(nullptr, 0, most, most)));
  EXPECT_NO_THROW(check(corymb::Points<double>(nullptr, 0, most + 1, most + 1)));
  EXPECT_EQ(message_of([&] { check(corymb::Points<float>(nullptr, 0, most + 1, most + 1)); }),
            "corymb::nearest: X has 16777217 columns; at most 16777216 can be counted in float (use double)");
}

TEST_F(BadArguments, NumberOfNeighbours) {
  for (const Index m : {Index{-1}, Index{0}, Index{3}}) {
    const std::string message = "corymb::nearest_many: m = " + std::to_string(m) + " must be in [1, k = 2]";
    EXPECT_EQ(message_of([&] { nearest_many(X, C, m); }), message);
    EXPECT_EQ(message_of([&] { nearest_many(X, C, m, zero); }), message);
  }
}

TEST_F(BadArguments, CallableMustGiveADistance) {
  for (const int threads : {1, 3}) {
    for (const double value : {nan, -1.0, infinity}) {
      X(3, 1) = 7;
      const auto f = [&](std::span<const double> x, std::span<const double> y) {
        return x[1] == 7 && y[0] == 5 ? value : 1.0;
      };
      C(1, 0) = 5;
      const std::string text = value < 0 ? "-1" : value > 0 ? "inf" : "nan";
      const std::string what = "the distance of rows 3 and 1 is " + text + "; it must be finite and ≥ 0";
      EXPECT_EQ(message_of([&] { nearest(X, C, f, {.threads = threads}); }), "corymb::nearest: " + what);
      EXPECT_EQ(message_of([&] { nearest_many(X, C, 1, f, {.threads = threads}); }), "corymb::nearest_many: " + what);
      EXPECT_EQ(message_of([&] { pairwise_distances(X, C, f, {.threads = threads}); }),
                "corymb::pairwise_distances: " + what);
    }
  }
}

TEST_F(BadArguments, AnExceptionOfTheCallableComesThrough) {
  struct Own {};
  const auto f = [](std::span<const double>, std::span<const double>) -> double { throw Own(); };
  for (const int threads : {1, 3}) {
    EXPECT_THROW(nearest(X, C, f, {.threads = threads}), Own);
    EXPECT_THROW(pairwise_distances(X, C, f, {.threads = threads}), Own);
  }
}

TEST_F(BadArguments, Threads) {
  const std::string rule = ": execution.threads = -2 must be in [0, 1024] (0 = all)";
  EXPECT_EQ(message_of([&] { nearest(X, C, Metric::euclidean, {.threads = -2}); }), "corymb::nearest" + rule);
  EXPECT_EQ(message_of([&] { nearest_many(X, C, 1, Metric::euclidean, {.threads = -2}); }),
            "corymb::nearest_many" + rule);
  EXPECT_EQ(message_of([&] { pairwise_distances(X, C, Metric::manhattan, {.threads = -2}); }),
            "corymb::pairwise_distances" + rule);
  EXPECT_EQ(message_of([&] { cluster_sums(X, labels, 1, {}, {.threads = -2}); }), "corymb::cluster_sums" + rule);
}

TEST_F(BadArguments, LabelsAndWeightsOfSums) {
  EXPECT_EQ(message_of([&] { cluster_sums(X, labels, 0); }), "corymb::cluster_sums: k = 0 must be in [1, 2147483647]");
  EXPECT_EQ(message_of([&] { cluster_sums(X, Labels::Zero(3), 1); }),
            "corymb::cluster_sums: labels has 3 entries; one per row, n = 4, is needed");
  labels[2] = 5;
  EXPECT_EQ(message_of([&] { cluster_sums(X, labels, 5); }),
            "corymb::cluster_sums: labels(2) = 5 must be in [-1, k = 5)");
  labels[1] = -2;
  EXPECT_EQ(message_of([&] { cluster_sums(X, labels, 6); }),
            "corymb::cluster_sums: labels(1) = -2 must be in [-1, k = 6)");
  labels.setZero();
  EXPECT_EQ(message_of([&] { cluster_sums(X, labels, 1, Vector::Ones(3)); }),
            "corymb::cluster_sums: weights has 3 entries; one per row, n = 4, is needed");
  Vector weights = Vector::Ones(4);
  weights[3] = -0.5;
  EXPECT_EQ(message_of([&] { cluster_sums(X, labels, 1, weights); }),
            "corymb::cluster_sums: weights(3) = -0.5 must be finite and ≥ 0");
  weights[1] = nan;
  EXPECT_EQ(message_of([&] { cluster_sums(X, labels, 1, weights); }),
            "corymb::cluster_sums: weights(1) = nan must be finite and ≥ 0");
}

/// The bytes that the thrown MemoryLimitExceeded asks for; 0 if none was thrown.
template <class F>
std::uint64_t refused_bytes(const F& f) {
  try {
    f();
  } catch (const corymb::MemoryLimitExceeded& error) {
    EXPECT_GT(error.required, error.limit);
    EXPECT_NE(std::string(error.what()).find("; "), std::string::npos) << "advice is missing: " << error.what();
    return error.required;
  }
  return 0;
}

TEST_F(BadArguments, MemoryLimit) {
  const corymb::Execution tight{.memory_limit = 63};
  EXPECT_EQ(refused_bytes([&] { pairwise_distances(X, C, Metric::euclidean, tight); }), 64u);
  EXPECT_EQ(refused_bytes([&] { pairwise_distances(X, C, zero, tight); }), 64u);
  EXPECT_EQ(refused_bytes([&] { nearest_many(X, C, 2, Metric::euclidean, tight); }), 96u);
  EXPECT_GT(refused_bytes([&] { cluster_sums(X, labels, 4, {}, tight); }), 0u);
  EXPECT_EQ(refused_bytes([&] { pairwise_distances(X, C, Metric::euclidean, {.memory_limit = 64}); }), 0u);
  // What must be copied to be read by rows counts too.
  const Eigen::MatrixXd column_major = X;
  EXPECT_EQ(refused_bytes([&] { nearest(column_major, C, Metric::euclidean, {.memory_limit = 95}); }), 96u);
  EXPECT_EQ(refused_bytes([&] { nearest(C, column_major, Metric::euclidean, {.memory_limit = 95}); }), 96u);
  EXPECT_EQ(refused_bytes([&] { cluster_sums(column_major, labels, 1, {}, {.memory_limit = 95}); }), 96u);
  EXPECT_EQ(refused_bytes([&] { nearest(X, C, Metric::euclidean, {.memory_limit = 95}); }), 0u);
}

TEST_F(BadArguments, MoreThanTheMachineHasIsRefusedBeforeItIsAllocated) {
  const RowMatrix<float> tall = RowMatrix<float>::Ones(1 << 20, 1);
  EXPECT_EQ(refused_bytes([&] { pairwise_distances(tall, tall); }), std::uint64_t{1} << 42);
}

// The sums themselves count, whether rows are grouped by label (many rows) or not.
TEST_F(BadArguments, SumsOfManyClustersExceedTheMemoryLimit) {
  const corymb::Execution tight{.memory_limit = 1 << 24};
  const Index k = 1 << 22, n = 4000;
  const std::uint64_t result_bytes = sizeof(double) * (1 << 23);  // one column of sums, and the weights
  const RowMatrix<float> column = RowMatrix<float>::Ones(n, 1);
  EXPECT_GE(refused_bytes([&] { cluster_sums(column.topRows(4), labels, k, {}, tight); }), result_bytes);
  EXPECT_GE(refused_bytes([&] { cluster_sums(column, Labels::Zero(n), k, {}, tight); }), result_bytes);
}

}  // namespace
}  // namespace bad_arguments_test
