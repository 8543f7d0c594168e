#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/preprocess/standardize.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace standardize_test {
namespace {

using namespace corymb_test;
using corymb::StandardizeOptions;
using corymb::Vector;

struct Oracle {
  std::vector<long double> means;
  std::vector<long double> deviations;  // 0 for columns whose present entries are equal
};

/// The definition, in long double; weights empty = all one.
template <class T>
Oracle standardize_by_definition(const RowMatrix<T>& X, const Vector& weights = {}) {
  Oracle result;
  for (Index j = 0; j < X.cols(); ++j) {
    long double sum = 0, total = 0, squares = 0;
    for (Index i = 0; i < X.rows(); ++i) {
      const long double w = weights.size() > 0 ? weights[i] : 1;
      sum += w * static_cast<long double>(X(i, j));
      total += w;
    }
    for (Index i = 0; i < X.rows(); ++i) {
      const long double w = weights.size() > 0 ? weights[i] : 1;
      const long double difference = static_cast<long double>(X(i, j)) - sum / total;
      squares += w * difference * difference;
    }
    result.means.push_back(sum / total);
    result.deviations.push_back(std::sqrt(squares / total));
  }
  return result;
}

/// Means and scales within `tolerance` of the oracle, relative to the deviation, beyond one rounding of the mean; and
/// points that follow from them.
template <class T>
void expect_standardized(const RowMatrix<T>& X, const corymb::Standardization<T>& result, const Oracle& oracle,
                         double tolerance) {
  ASSERT_EQ(result.points.rows(), X.rows());
  ASSERT_EQ(result.points.cols(), X.cols());
  ASSERT_EQ(result.means.size(), X.cols());
  ASSERT_EQ(result.scales.size(), X.cols());
  for (Index j = 0; j < X.cols(); ++j) {
    const auto column = static_cast<std::size_t>(j);
    const auto mean = static_cast<double>(oracle.means[column]);
    const auto deviation = static_cast<double>(oracle.deviations[column]);
    EXPECT_NEAR(result.means[j], mean, tolerance * deviation + 2.3e-16 * std::abs(mean)) << "column " << j;
    EXPECT_NEAR(result.scales[j] / deviation, 1, tolerance) << "column " << j;
    for (Index i = 0; i < X.rows(); ++i)
      EXPECT_EQ(result.points(i, j),
                static_cast<T>((static_cast<double>(X(i, j)) - result.means[j]) / result.scales[j]));
  }
}

TEST(Standardize, EqualsTheDefinition) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t instance = 0; instance < instances; ++instance) {
      SCOPED_TRACE(::testing::Message() << "instance " << instance);
      Random random(instance);
      const Index n = 2 + random.below(40), d = 1 + random.below(9);
      RowMatrix<T> X = normal_matrix<T>(random, n, d);
      for (Index j = 0; j < d; ++j) X.col(j) = X.col(j) * static_cast<T>(std::exp(random.uniform(-9, 9)));
      StandardizeOptions options;
      if (instance % 2 == 1) {
        options.weights.resize(n);
        for (Index i = 0; i < n; ++i)
          options.weights[i] = i < 2 ? 1 : random.uniform() < 0.3 ? 0 : random.uniform(0, 5);
      }
      const auto result = corymb::standardize(X, options);
      expect_standardized(X, result, standardize_by_definition(X, options.weights), 1e-14);
      EXPECT_TRUE(same_matrix(corymb::transform(result, X), result.points));
    }
  });
}

TEST(Standardize, ManyRowsInManyChunks) {
  Random random(1);
  const auto X = normal_matrix<double>(random, 100000, 3);
  const auto result = corymb::standardize(X);
  const auto oracle = standardize_by_definition(X);
  for (Index j = 0; j < 3; ++j) {
    EXPECT_NEAR(result.means[j], static_cast<double>(oracle.means[static_cast<std::size_t>(j)]), 1e-15);
    EXPECT_NEAR(result.scales[j], static_cast<double>(oracle.deviations[static_cast<std::size_t>(j)]), 1e-14);
  }
}

// scikit-learn 1.2.1: s = StandardScaler().fit(load_wine().data); s.mean_, s.scale_, s.transform(load_wine().data)[0]
TEST(Standardize, WineAsInScikitLearn) {
  const auto wine = corymb::wine();
  const auto result = corymb::standardize(wine.points);
  const std::vector<double> means = {13.000617977528083, 2.3363483146067412, 2.3665168539325854,  19.494943820224719,
                                     99.741573033707866, 2.2951123595505618, 2.0292696629213474,  0.36185393258426973,
                                     1.5908988764044953, 5.0580898820224727, 0.95744943820224682, 2.6116853932584254,
                                     746.89325842696633};
  const std::vector<double> scales = {
      0.80954291452851701, 1.1140036269797895,  0.27357229442643249, 3.3301697576582132,  14.242307673359807,
      0.62409056419653663, 0.9960489503792328,  0.12410325988364797, 0.57074884861993769, 2.3117646609525573,
      0.22792860656507249, 0.70799326467160062, 314.02165684198769};
  const std::vector<double> first = {1.5186125409891542, -0.562249798328623, 0.2320525409947399, -1.1695931750229027,
                                     1.9139052175708111, 0.8089973946320399, 1.0348189581307379, -0.6595631143050651,
                                     1.2248839840604513, 0.2517168498188532, 0.3621772757786129, 1.8479195665066535,
                                     1.013008926747691};
  for (Index j = 0; j < 13; ++j) {
    const auto column = static_cast<std::size_t>(j);
    EXPECT_NEAR(result.means[j] / means[column], 1, 1e-14);
    EXPECT_NEAR(result.scales[j] / scales[column], 1, 1e-14);
    EXPECT_NEAR(result.points(0, j), first[column], 1e-13);
  }
}

TEST(Standardize, AnOffsetCostsNothing) {
  Random random(3);
  const auto X = grid_matrix<double>(random, 5000, 4, 1000, 0x1p-10);
  const auto near_zero = corymb::standardize(X);
  for (const double offset : {0x1p20, -0x1p30, 0x1p42}) {
    const RowMatrix<double> moved = X.array() + offset;
    const auto result = corymb::standardize(moved);
    for (Index j = 0; j < 4; ++j) {
      EXPECT_NEAR(result.scales[j] / near_zero.scales[j], 1, 1e-14) << offset;
      EXPECT_NEAR(result.means[j], near_zero.means[j] + offset, 2.3e-16 * std::abs(offset)) << offset;
    }
  }
  const RowMatrix<float> far = (grid_matrix<double>(random, 5000, 2, 100, 0.125).array() + 1e6).cast<float>();
  expect_standardized(far, corymb::standardize(far), standardize_by_definition(far), 1e-13);
}

TEST(Standardize, SpreadOfAFewRoundings) {
  const double x = 1e9, step = 0x1p-23;  // the distance of doubles there
  RowMatrix<double> X(4, 1);
  X << x, x + step, x + 2 * step, x + step;
  const auto result = corymb::standardize(X);
  EXPECT_NEAR(result.scales[0] / step, std::sqrt(0.5), 1e-15);
  EXPECT_EQ(result.means[0], x + step);
}

TEST(Standardize, ExtremeScales) {
  Random random(4);
  const auto X = normal_matrix<double>(random, 3000, 2);
  const auto plain = corymb::standardize(X);
  for (const double scale : {0x1p1010, 0x1p-1000, 0x1p600, 0x1p-600}) {
    const auto result = corymb::standardize(X * scale);
    for (Index j = 0; j < 2; ++j) {
      EXPECT_NEAR(result.scales[j] / scale / plain.scales[j], 1, 1e-14) << scale;
      EXPECT_NEAR(result.means[j] / scale, plain.means[j], 1e-14) << scale;
    }
    EXPECT_LT((result.points - plain.points).cwiseAbs().maxCoeff(), 1e-13) << scale;
    EXPECT_LT((corymb::inverse_transform(result, result.points) / scale - X).cwiseAbs().maxCoeff(), 1e-14);
  }
  RowMatrix<double> wide(2, 2);
  wide << 4e307, -4e307, -4e307, -4e307 * (1 - 1e-15);
  EXPECT_LT((corymb::standardize(wide).points.cwiseAbs().array() - 1).abs().maxCoeff(), 0.3);
  EXPECT_EQ(corymb::standardize(wide).points(0, 0), 1);
  RowMatrix<double> least(2, 1);
  least << 0, std::numeric_limits<double>::denorm_min();
  EXPECT_TRUE(corymb::standardize(least).points.allFinite());
  RowMatrix<float> largest(2, 1);
  largest << std::numeric_limits<float>::max(), -std::numeric_limits<float>::max();
  EXPECT_EQ(corymb::standardize(largest).points, (RowMatrix<float>(2, 1) << 1, -1).finished());
}

TEST(Standardize, ConstantColumnsAndSinglePoints) {
  for_each_scalar([]<class T>(T) {
    Random random(5);
    RowMatrix<T> X = normal_matrix<T>(random, 3000, 3);
    X.col(1).setConstant(T(0.1));
    const auto result = corymb::standardize(X);
    EXPECT_EQ(result.means[1], static_cast<double>(T(0.1)));
    EXPECT_EQ(result.scales[1], 1);
    EXPECT_TRUE((result.points.col(1).array() == 0).all());
    EXPECT_GT(result.points.col(0).cwiseAbs().maxCoeff(), T(1));

    const RowMatrix<T> one = X.topRows(1);
    const auto single = corymb::standardize(one);
    EXPECT_EQ(single.points, (RowMatrix<T>::Zero(1, 3)));
    EXPECT_EQ(single.means, one.row(0).template cast<double>().transpose());
    EXPECT_EQ(single.scales, Vector::Ones(3));
  });
}

TEST(Standardize, WeightsAreCopies) {
  for (std::uint64_t instance = 0; instance < instances; ++instance) {
    Random random(instance, {1});
    const Index n = 3 + random.below(10);
    const auto X = normal_matrix<double>(random, n, 3);
    Vector weights(n);
    std::vector<Index> rows;
    for (Index i = 0; i < n; ++i) {
      weights[i] = static_cast<double>(i == 0 ? 1 : random.below(4));
      rows.insert(rows.end(), static_cast<std::size_t>(weights[i]), i);
    }
    const RowMatrix<double> copies = X(rows, Eigen::all);
    const auto weighted = corymb::standardize(X, {.weights = weights}), copied = corymb::standardize(copies);
    EXPECT_TRUE(weighted.means.isApprox(copied.means, 1e-13));
    EXPECT_TRUE(weighted.scales.isApprox(copied.scales, 1e-13));
  }
}

TEST(Standardize, AbsentRowsAreStillTransformed) {
  RowMatrix<double> X(4, 2);
  X << 1, 5, 3, 5, 100, 7, -1e6, 5;
  const auto result = corymb::standardize(X, {.weights = Eigen::Vector4d(2, 2, 0, 0)});
  EXPECT_EQ(result.means, Eigen::Vector2d(2, 5));
  EXPECT_EQ(result.scales, Eigen::Vector2d(1, 1));
  EXPECT_EQ(result.points, (RowMatrix<double>(4, 2) << -1, 0, 1, 0, 98, 2, -1000002, 0).finished());
}

TEST(Standardize, InverseGivesThePoints) {
  for_each_scalar([]<class T>(T) {
    Random random(6);
    const RowMatrix<T> X = (normal_matrix<T>(random, 500, 4).array() * T(3) + T(50)).matrix();
    const auto model = corymb::standardize(X);
    const auto back = corymb::inverse_transform(model, model.points);
    EXPECT_LT((back - X).cwiseAbs().maxCoeff(), 200 * std::numeric_limits<T>::epsilon());
    EXPECT_EQ(corymb::transform(model, RowMatrix<T>(0, 4)).rows(), 0);
    EXPECT_EQ(corymb::transform(model, RowMatrix<T>(0, 4)).cols(), 4);
    EXPECT_TRUE(same_matrix(corymb::transform(model, X.middleRows(7, 3)), RowMatrix<T>(model.points.middleRows(7, 3))));
  });
}

TEST(Standardize, ThreadsAndLayoutsGiveTheSameBits) {
  for_each_scalar([]<class T>(T) {
    for (const Shape shape : {Shape{5000, 0, 7}, Shape{37, 0, 1}, Shape{1, 0, 3}, Shape{3, 0, 2000}}) {
      SCOPED_TRACE(::testing::Message() << shape);
      Random random(7);
      const auto X = normal_matrix<T>(random, shape.n, shape.d);
      Vector weights(shape.n);
      for (Index i = 0; i < shape.n; ++i) weights[i] = random.uniform(0.5, 2);
      const auto expected = corymb::standardize(X, {.weights = weights, .execution = {.threads = 1}});
      const auto back = corymb::inverse_transform(expected, expected.points, {.threads = 1});
      for_each_layout(X, [&](const auto& view) {
        for (const int threads : {1, 2, 5}) {
          const auto result = corymb::standardize(view, {.weights = weights, .execution = {.threads = threads}});
          EXPECT_TRUE(same_matrix(result.points, expected.points));
          EXPECT_TRUE(same_matrix(result.means, expected.means));
          EXPECT_TRUE(same_matrix(result.scales, expected.scales));
          EXPECT_TRUE(same_matrix(corymb::transform(result, view, {.threads = threads}), expected.points));
        }
        EXPECT_TRUE(same_matrix(RowMatrix<T>(view), X)) << "the input has changed";
      });
      for_each_layout(expected.points, [&](const auto& view) {
        EXPECT_TRUE(same_matrix(corymb::inverse_transform(expected, view, {.threads = 2}), back));
      });
    }
  });
}

TEST(Standardize, Mistakes) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  const RowMatrix<double> good = RowMatrix<double>::Random(3, 2);
  RowMatrix<double> bad = good;
  bad(1, 1) = nan;
  bad(2, 0) = inf;
  expect_message([&] { corymb::standardize(bad); }, "corymb::standardize: X(1, 1) = nan must be finite");
  bad(1, 1) = -1e308;
  expect_message([&] { corymb::standardize(bad); },
                 "corymb::standardize: X(1, 1) = -1e+308 is too large; entries must be within "
                 "±4.4942328371557893e+307 (scale the data)");
  RowMatrix<float> narrow = RowMatrix<float>::Ones(5000, 3);
  narrow(4000, 2) = -std::numeric_limits<float>::infinity();
  narrow(4500, 0) = narrow(4000, 2);
  expect_message([&] { corymb::standardize(narrow, {.execution = {.threads = 2}}); },
                 "corymb::standardize: X(4000, 2) = -inf must be finite");
  expect_message([&] { corymb::standardize(RowMatrix<double>(0, 2)); },
                 "corymb::standardize: X has 0 rows; at least 1 is needed");
  expect_message([&] { corymb::standardize(RowMatrix<double>(2, 0)); },
                 "corymb::standardize: X has 0 columns; at least 1 is needed");
  expect_message([&] { corymb::standardize(good, {.weights = Vector::Ones(2)}); },
                 "corymb::standardize: weights has 2 entries; one per row, n = 3, is needed");
  expect_message([&] { corymb::standardize(good, {.weights = Vector::Zero(3)}); },
                 "corymb::standardize: weights are all 0; at least one must be > 0");
  expect_message([&] { corymb::standardize(good, {.execution = {.threads = -1}}); },
                 "corymb::standardize: execution.threads = -1 must be in [0, 1024] (0 = all)");
  const auto model = corymb::standardize(good);
  expect_message([&] { corymb::transform(model, RowMatrix<double>(3, 3)); },
                 "corymb::transform: X_new has 3 columns, the model has 2; they must agree");
  expect_message([&] { corymb::inverse_transform(model, RowMatrix<double>(3, 3)); },
                 "corymb::inverse_transform: Z has 3 columns, the model has 2; they must agree");
  bad(1, 1) = nan;
  expect_message([&] { corymb::transform(model, bad); }, "corymb::transform: X_new(1, 1) = nan must be finite");
  expect_message([&] { corymb::inverse_transform(model, bad); },
                 "corymb::inverse_transform: Z(1, 1) = nan must be finite");
  expect_message([&] { corymb::transform(model, good, {.threads = 2000}); },
                 "corymb::transform: execution.threads = 2000 must be in [0, 1024] (0 = all)");
}

TEST(Standardize, OverflowAndMemory) {
  RowMatrix<double> X(3, 2);
  X << 1, 1, 2, 1 + 1e-12, 3, 1e290;
  EXPECT_TRUE(corymb::standardize(X, {.weights = Eigen::Vector3d(1, 1, 0)}).points.allFinite());
  X(2, 1) = 1e300;
  try {
    corymb::standardize(X, {.weights = Eigen::Vector3d(1, 1, 0)});
    FAIL() << "1e300 / 5e-13 is no finite number";
  } catch (const corymb::NumericalError& error) {
    EXPECT_STREQ(error.what(), "corymb::standardize: the value of row 2, column 1 of the result overflows");
  }
  const RowMatrix<double> large = RowMatrix<double>::Ones(1000, 10);  // 80000 bytes, as much as the result
  EXPECT_THROW(corymb::standardize(large, {.execution = {.memory_limit = 80000}}), corymb::MemoryLimitExceeded);
  EXPECT_NO_THROW(corymb::standardize(large, {.execution = {.memory_limit = 90000}}));
  EXPECT_THROW(corymb::standardize(Eigen::MatrixXd(large), {.execution = {.memory_limit = 90000}}),
               corymb::MemoryLimitExceeded);  // packed, beside the result
}

}  // namespace
}  // namespace standardize_test
