#include <corymb/datasets/bundled.hpp>
#include <corymb/metrics/pairs.hpp>
#include <corymb/mixture/gaussian_mixture.hpp>
#include <corymb/mixture/progressive_validation.hpp>
#include <corymb/mixture/select_gaussian_mixture.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/mixture_instances.hpp"
#include "support/row_mixture_oracle.hpp"

namespace missing_entries_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using namespace corymb_test::mixtures;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(MissingEntries, StepsAreThoseOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances / 5; ++seed) {
    const Instance in = random_instance(seed, 40);
    Random random(seed, {95});
    RowMatrix<double> X = in.X;
    take_away(X, seed % 2 == 0 ? 0.1 : 0.5, random);
    X.row(3).setConstant(nan);
    X.row(0) = in.X.row(0);  // every column has an entry
    const Vector weights = some_weights(random, seed, X.rows());
    const LongVector w = long_weights(weights, X.rows());
    const LongMatrix rows = X.cast<long double>();
    for (const Covariance kind : kinds) {
      GaussianMixture model = gaussian_mixture(
          in.X, in.k,
          {.covariance = kind, .initial_labels = in.labels, .max_iterations = 0, .covariance_floor = 1e-12});
      for (int step = 0; step < 2; ++step) {
        const MixtureOracle expected = em_step(model, rows, w);
        const GaussianMixture next = gaussian_mixture(X, model,
                                                      {.max_iterations = 1,
                                                       .tolerance = 0,
                                                       .covariance_floor = 1e-12,
                                                       .integrate_missing = true,
                                                       .weights = weights});
        if (next.iterations == 0) break;
        ASSERT_LE(error_of(next, expected), 1e-9) << "seed " << seed << ", family " << static_cast<int>(kind);
        // What the functions say of rows.
        const Vector scores = score_samples(next, X);
        const RowMatrix<double> P = predict_proba(next, X);
        const double tolerance = 1e-10 + 1e-14 * condition(next);
        long double sum = 0, weight = 0;
        for (Index i = 0; i < X.rows(); ++i) {
          const long double log_density = log_density_of(next, rows.row(i));
          ASSERT_NEAR(scores[i], static_cast<double>(log_density), tolerance * (1 + std::abs(scores[i])));
          ASSERT_NEAR(P.row(i).sum(), 1, 1e-14);
          if (X.row(i).array().isNaN().all()) continue;
          sum += w[i] * log_density;
          weight += w[i];
        }
        ASSERT_NEAR(next.log_likelihood, static_cast<double>(sum / weight), 1e-9);
        ASSERT_DOUBLE_EQ(next.total_weight, static_cast<double>(weight));
        ASSERT_EQ(predict(next, X), next.labels);
        // Nothing is known of a row without entries but how large the components are.
        ASSERT_NEAR(scores[3], 0, 1e-12);
        ASSERT_LE((P.row(3).transpose() - next.proportions).cwiseAbs().maxCoeff(), 1e-14);
        model = next;
      }
    }
  }
}

TEST(MissingEntries, OneGaussianIsThatOfTheClosedForm) {
  // Two columns, the second of which ends sooner: the likelihood falls into that of the first column and that of the
  // regression of the second on it (Anderson 1957).
  Random random(5);
  const Index n = 400, both = 250;
  RowMatrix<double> X(n, 2);
  for (Index i = 0; i < n; ++i) {
    // Whether the second is there depends on the first.
    do X(i, 0) = 3 + 2 * random.normal();
    while ((X(i, 0) < 4) != (i < both));
    X(i, 1) = i < both ? -1 + 0.7 * X(i, 0) + random.normal() : nan;
  }
  const auto mean_of = [](const auto& x) { return x.sum() / static_cast<double>(x.size()); };
  const Vector x = X.col(0), x_both = X.col(0).head(both), y = X.col(1).head(both);
  const double mean = mean_of(x), variance = (x.array() - mean).square().mean();
  const Vector dx = x_both.array() - mean_of(x_both), dy = y.array() - mean_of(y);
  const double slope = dx.dot(dy) / dx.squaredNorm();
  const double rest = dy.squaredNorm() / static_cast<double>(both) - slope * dx.dot(dy) / static_cast<double>(both);
  Eigen::MatrixXd S(2, 2);
  S << variance, slope * variance, slope * variance, rest + slope * slope * variance;
  const GaussianMixture model =
      gaussian_mixture(X, 1, {.max_iterations = 2000, .tolerance = 0, .integrate_missing = true});
  EXPECT_NEAR(model.means(0, 0), mean, 1e-10);
  EXPECT_NEAR(model.means(0, 1), mean_of(y) + slope * (mean - mean_of(x_both)), 1e-6);  // EM stops where rounding hides
  EXPECT_LE((model.covariances[0] - S).norm(), 1e-6);                                   // what is left to gain
  EXPECT_GT(model.means(0, 1), mean_of(y) + 0.5);  // the mean of the entries that are there
}

TEST(MissingEntries, TheObjectiveNeverFalls) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    Random random(seed, {96});
    const Index n = 4 + random.below(60), d = 1 + random.below(4);
    RowMatrix<double> X = random_rows<double>(random, seed, n, d);
    const RowMatrix<double> all = X;
    take_away(X, 0.3, random);
    X.row(0) = all.row(0);
    const Index k = 1 + random.below(3);
    for (std::size_t family = seed % 4; family < std::size(all_covariances); family += 4) {
      const Covariance kind = all_covariances[family];
      const GaussianMixture model = gaussian_mixture(X, k,
                                                     {.covariance = kind,
                                                      .max_iterations = 30,
                                                      .tolerance = 0,
                                                      .noise = seed % 3 == 0 ? 0.1 : 0.0,
                                                      .integrate_missing = true,
                                                      .seed = seed});
      ASSERT_TRUE(never_falls(model)) << "seed " << seed << ", family " << static_cast<int>(kind);
      ASSERT_TRUE(predict_proba(model, X).allFinite());
      ASSERT_EQ(predict(model, X), model.labels);
    }
  }
}

TEST(MissingEntries, WithoutAnyTheFitIsTheSame) {
  const RowMatrix<double> X = iris().points;
  for (const Covariance kind : all_covariances)
    expect_same(gaussian_mixture(X, 3, {.covariance = kind, .integrate_missing = true}),
                gaussian_mixture(X, 3, {.covariance = kind}));
}

TEST(MissingEntries, SameBitsForAnyThreadsAndLayout) {
  for_each_scalar([]<class T>(T) {
    Random random(4);
    RowMatrix<T> X = normal_matrix<T>(random, 1500, 4);
    take_away(X, 0.2, random);
    for (const Covariance kind : kinds) {
      GaussianMixtureOptions options{
          .covariance = kind, .max_iterations = 3, .integrate_missing = true, .seed = 5, .execution = {.threads = 1}};
      const GaussianMixture expected = gaussian_mixture(X, 3, options);
      const RowMatrix<double> P = predict_proba(expected, X, options.execution);
      options.execution.threads = 3;
      for_each_layout(X, [&](const auto& same) { expect_same(gaussian_mixture(same, 3, options), expected); });
      EXPECT_TRUE(same_matrix(predict_proba(expected, X, options.execution), P));
    }
  });
}

TEST(MissingEntries, WeightsAreCopies) {
  for (std::uint64_t seed = 0; seed < instances / 8; ++seed) {
    const Instance in = random_instance(seed);
    Random random(seed, {97});
    RowMatrix<double> X = in.X;
    take_away(X, 0.2, random);
    X.topRows(in.k) = in.X.topRows(in.k);
    const Copies copies(random, X.rows(), in.k);
    const RowMatrix<double> copied = X(copies.rows, Eigen::all);
    for (const Covariance kind : kinds) {
      GaussianMixtureOptions options{.covariance = kind,
                                     .initial_labels = in.labels,
                                     .max_iterations = 4,
                                     .tolerance = 0,
                                     .integrate_missing = true};
      options.weights = copies.weights;
      const GaussianMixture weighted = gaussian_mixture(X, in.k, options);
      options.weights = {};
      options.initial_labels = in.labels(copies.rows);
      const GaussianMixture plain = gaussian_mixture(copied, in.k, options);
      EXPECT_LE(error_of(weighted, oracle_of(plain)), 1e-8) << "seed " << seed;
      EXPECT_NEAR(weighted.log_likelihood, plain.log_likelihood, 1e-9);
    }
  }
}

TEST(MissingEntries, GroupsAreFoundThoughATenthIsMissing) {
  const BundledData data = wine();
  RowMatrix<double> X = data.points;
  for (Index j = 0; j < X.cols(); ++j) {
    X.col(j).array() -= X.col(j).mean();
    X.col(j) /= std::sqrt(X.col(j).squaredNorm() / static_cast<double>(X.rows()));
  }
  Random random(2);
  take_away(X, 0.1, random);
  const GaussianMixture model =
      gaussian_mixture(X, 3, {.covariance = Covariance::diagonal, .restarts = 5, .integrate_missing = true});
  EXPECT_GT(adjusted_rand_index(data.labels, model.labels), 0.8);
  const MixtureSelection found = select_gaussian_mixture(X, {1, 3}, {Covariance::diagonal, Covariance::eei},
                                                         {.restarts = 5, .integrate_missing = true});
  EXPECT_EQ(found.best.means.rows(), 3);
}

TEST(MissingEntries, NoiseIsUniformInTheColumnsThatAreThere) {
  Random random(9);
  RowMatrix<double> X = normal_matrix<double>(random, 300, 2);
  for (Index i = 250; i < 300; ++i) X.row(i) << -20 + 40 * random.uniform(), -20 + 40 * random.uniform();
  const RowMatrix<double> all = X;
  take_away(X, 0.2, random);
  const GaussianMixture model = gaussian_mixture(X, 1, {.noise = 0.1, .integrate_missing = true});
  Index wrong = 0;
  for (Index i = 0; i < 300; ++i) wrong += (model.labels[i] == noise) != (i >= 250);
  EXPECT_LT(wrong, 30);
  RowMatrix<double> one(1, 2);
  one << 15, nan;
  const double width = model.noise_box(1, 0) - model.noise_box(0, 0);
  EXPECT_NEAR(score_samples(model, one)[0], std::log(model.noise_proportion / width), 1e-9);
}

TEST(MissingEntries, BadArguments) {
  RowMatrix<double> X = iris().points;
  const auto message = [&](const GaussianMixtureOptions& options) {
    return message_of([&] { gaussian_mixture(X, 2, options); });
  };
  X(4, 2) = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message({.integrate_missing = true}), "corymb::gaussian_mixture: X(4, 2) = inf must be finite");
  X(4, 2) = nan;
  EXPECT_EQ(message({}), "corymb::gaussian_mixture: X(4, 2) = nan must be finite");
  const GaussianMixture model = gaussian_mixture(X, 2, {.integrate_missing = true});
  EXPECT_EQ(predict(model, X), model.labels);
  GaussianMixture strict = model;
  strict.integrate_missing = false;
  EXPECT_EQ(message_of([&] { predict(strict, X); }), "corymb::predict: X_new(4, 2) = nan must be finite");
  EXPECT_EQ(message_of([&] {
              progressive_validation(X, {1, 2}, {.fit = {.integrate_missing = true}});
            }),
            "corymb::progressive_validation: fit.integrate_missing must be false; k-means needs all entries");
  RowMatrix<double> few = RowMatrix<double>::Constant(9, 2, nan);
  few.row(4) << 1, 2;
  EXPECT_EQ(
      message_of([&] { gaussian_mixture(few, 2, {.integrate_missing = true}); }),
      "corymb::gaussian_mixture: k = 2 must be at most the number of rows of positive weight that have an entry, 1");
  EXPECT_TRUE(std::isfinite(gaussian_mixture(few, 1, {.integrate_missing = true}).log_likelihood));
  Vector weights = Vector::Ones(150);
  X.col(1).tail(149).setConstant(nan);
  weights[0] = 0;
  EXPECT_EQ(message({.integrate_missing = true, .weights = weights}),
            "corymb::gaussian_mixture: column 1 of X has no entry in a row of positive weight; leave it out");
}

TEST(MissingEntries, DegenerateDataIsRegularised) {
  for (const Covariance kind : all_covariances) {
    RowMatrix<double> X = RowMatrix<double>::Constant(9, 3, 1e6);
    X(2, 1) = X(3, 0) = X(3, 1) = nan;
    X.row(8).setConstant(nan);
    const GaussianMixture model = gaussian_mixture(X, 2, {.covariance = kind, .integrate_missing = true});
    EXPECT_TRUE(std::isfinite(model.log_likelihood));
    EXPECT_TRUE(model.floored[0]);
    EXPECT_TRUE(predict_proba(model, X).allFinite());
    // One entry in each row.
    RowMatrix<double> sparse = RowMatrix<double>::Constant(9, 3, nan);
    for (Index i = 0; i < 9; ++i) sparse(i, i % 3) = static_cast<double>(i * i);
    EXPECT_TRUE(
        std::isfinite(gaussian_mixture(sparse, 2, {.covariance = kind, .integrate_missing = true}).log_likelihood));
  }
}

}  // namespace
}  // namespace missing_entries_test
