#include <corymb/core/errors.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/neighbor_searches.hpp"

namespace dbscan_predict_test {
namespace {

using namespace corymb;
using namespace corymb_test;

/// Labels of new rows by the definition; D has their distances to the rows of the fit.
template <class T>
Labels labels_by_definition(const DbscanResult& fit, const RowMatrix<T>& D, const Vector& weights) {
  Labels labels = Labels::Constant(D.rows(), noise);
  for (Index q = 0; q < D.rows(); ++q) {
    double count = 0;
    for (Index i = 0; i < D.cols(); ++i) {
      if (static_cast<double>(D(q, i)) > fit.eps) continue;
      count += weights.size() > 0 ? weights[i] : 1;
      const std::int32_t label = fit.labels[i];
      if (fit.is_core[static_cast<std::size_t>(i)] && (labels[q] == noise || label < labels[q])) labels[q] = label;
    }
    if (fit.border == BorderPoints::as_noise && count < static_cast<double>(fit.min_points)) labels[q] = noise;
  }
  return labels;
}

TEST(DbscanPredict, IsThatOfTheDefinitionAndOfTheFit) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {81});
      const Index n = 1 + random.below(seed % 8 == 0 ? 400 : 60), d = 1 + random.below(4), m = 1 + random.below(40);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d), Q = random_rows<T>(random, seed, m, d);
      const Metric metric = seed % 3 == 0 ? Metric::manhattan : Metric::euclidean;
      const RowMatrix<T> D = pairwise_distances(X, X, metric), E = pairwise_distances(Q, X, metric);
      const double eps = static_cast<double>(D(random.below(n), random.below(n)));
      Vector weights;
      if (seed % 4 == 1) {
        weights = Vector::NullaryExpr(n, [&](Index) { return static_cast<double>(random.below(4)) / 2; });
        weights[0] = 1;
      }
      for (const BorderPoints border : {BorderPoints::lowest_cluster, BorderPoints::as_noise}) {
        const auto fit = dbscan(X, eps, 1 + random.below(6), {.metric = metric, .border = border, .weights = weights});
        for (const NeighborSearch search : all_searches) {
          SCOPED_TRACE(std::to_string(seed) + ", search " + std::to_string(static_cast<int>(search)));
          const DbscanPredictOptions options{.search = search, .weights = weights, .execution = {.threads = 1}};
          ASSERT_EQ(predict(fit, X, Q, options), labels_by_definition(fit, E, weights));
          ASSERT_EQ(predict(fit, X, X, options), fit.labels);
        }
      }
    }
  });
}

TEST(DbscanPredict, IsTheSameInEveryForm) {
  Random random(7);
  const RowMatrix<double> X = grid_matrix<double>(random, 900, 2, 15), Q = grid_matrix<double>(random, 300, 2, 16);
  const auto fit = dbscan(X, 1, 6);
  const Labels expected = predict(fit, X, Q, {.execution = {.threads = 1}});
  EXPECT_GT(expected.maxCoeff(), 3);
  for (const NeighborSearch search : all_searches)
    for (const int threads : {1, 2, 5})
      for_each_layout(X, [&](const auto& layout) {
        EXPECT_EQ(predict(fit, layout, Q, {.search = search, .execution = {.threads = threads}}), expected);
      });
  const auto euclidean = [](std::span<const double> x, std::span<const double> y) {
    return std::hypot(x[0] - y[0], x[1] - y[1]);
  };
  const auto own = dbscan(X, 1, 6, euclidean);
  EXPECT_EQ(own.labels, fit.labels);
  EXPECT_EQ(predict(own, X, Q, euclidean), expected);
}

TEST(DbscanPredict, OnTheEarth) {
  RowMatrix<double> X(6, 2), Q(3, 2);
  X << 0, 179.9, 0, -179.9, 0.1, 180, 50, 8, 50, 8.1, 50.1, 8;
  Q << 0, -180, 50.05, 8.05, 20, 20;
  const auto fit = dbscan(X, 30, 3, {.metric = Metric::haversine});
  EXPECT_EQ(predict(fit, X, Q), (Labels(3) << 0, 1, -1).finished());
  const auto of_floats = dbscan(X.cast<float>().eval(), 30, 3, {.metric = Metric::haversine});
  EXPECT_EQ(predict(of_floats, X.cast<float>().eval(), Q.cast<float>().eval()), (Labels(3) << 0, 1, -1).finished());
}

TEST(DbscanPredict, MissingRows) {
  RowMatrix<double> X(5, 1), Q(3, 1);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  X << 0, nan, 0.5, nan, 1;
  Q << nan, 0.2, 9;
  const auto fit = dbscan(X, 0.6, 2, {.missing_as_noise = true});
  EXPECT_EQ(predict(fit, X, Q, {.missing_as_noise = true}), (Labels(3) << -1, 0, -1).finished());
  EXPECT_EQ(predict(fit, X, X, {.missing_as_noise = true}), fit.labels);
  EXPECT_EQ(message_of([&] { predict(fit, X, Q); }), "corymb::predict: X_train(1, 0) = nan must be finite");
}

TEST(DbscanPredict, TellsWhatIsWrong) {
  const RowMatrix<double> X = RowMatrix<double>::Random(20, 2);
  const auto fit = dbscan(X, 0.5, 3);
  EXPECT_EQ(message_of([&] { predict(fit, X.topRows(19), X); }),
            "corymb::predict: X_train has 19 rows; the result is of 20");
  EXPECT_EQ(message_of([&] { predict(fit, X, X.leftCols(1)); }),
            "corymb::predict: X_train has 2 columns, X_new has 1; they must agree");
  EXPECT_EQ(message_of([&] { predict(fit, X, X, {.weights = Vector::Ones(3)}); }),
            "corymb::predict: weights has 3 entries; one per row, n = 20, is needed");
  const RowMatrix<double> D = pairwise_distances(X, X);
  EXPECT_EQ(message_of([&] { predict(dbscan(DistanceMatrix(D), 0.5, 3), X, X); }),
            "corymb::predict: the result has no metric: its distances were given");
  EXPECT_EQ(predict(fit, X, X.topRows(0)).size(), 0);
  EXPECT_THROW(predict(fit, X, X, {.execution = {.on_progress = [](const Progress&) { return false; }}}), Cancelled);
}

}  // namespace
}  // namespace dbscan_predict_test
