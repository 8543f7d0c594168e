#include <corymb/core/errors.hpp>
#include <corymb/mixture/online_gaussian_mixture.hpp>

#include <corymb/mixture/detail/em_passes.hpp>
#include <corymb/mixture/detail/maximization.hpp>
#include <corymb/mixture/detail/running_sums.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/mixture_instances.hpp"
#include "support/mixture_oracle.hpp"

namespace online_gaussian_mixture_test {
namespace {

using namespace corymb;
using namespace corymb_test;

/// Three overlapping ellipsoids.
GaussianMixture known_mixture() {
  GaussianMixture model;
  model.proportions = Eigen::Vector3d(0.5, 0.3, 0.2);
  model.means = RowMatrix<double>(3, 2);
  model.means << 0, 0, 6, 1, -2, 7;
  Eigen::MatrixXd S(2, 2), R(2, 2);
  S << 2, 1, 1, 1;
  R << 1, -0.6, -0.6, 2;
  model.covariances = {S, R, 0.7 * S};
  return model;
}

/// The largest difference of the parameters, beside the size of the covariances.
double difference(const GaussianMixture& actual, const GaussianMixture& expected) {
  double result = std::max((actual.proportions - expected.proportions).cwiseAbs().maxCoeff(),
                           (actual.means - expected.means).cwiseAbs().maxCoeff());
  for (Index c = 0; c < expected.means.rows(); ++c) {
    const Eigen::MatrixXd S = whole_covariance(expected, c);
    result = std::max(result, (whole_covariance(actual, c) - S).norm() / S.norm());
  }
  return result;
}

void expect_same(const GaussianMixture& actual, const GaussianMixture& expected) {
  EXPECT_TRUE(same_matrix(actual.proportions, expected.proportions));
  EXPECT_TRUE(same_matrix(actual.means, expected.means));
  ASSERT_EQ(actual.covariances.size(), expected.covariances.size());
  for (std::size_t s = 0; s < expected.covariances.size(); ++s)
    EXPECT_TRUE(same_matrix(actual.covariances[s], expected.covariances[s]));
  EXPECT_EQ(actual.log_likelihood, expected.log_likelihood);
  EXPECT_EQ(actual.total_weight, expected.total_weight);
  EXPECT_EQ(actual.floored, expected.floored);
}

TEST(OnlineGaussianMixture, AWholeStepIsAnIterationOfEM) {
  Random random(1);
  const RowMatrix<double> X = sample(known_mixture(), 400, 2).points, other = sample(known_mixture(), 90, 3).points;
  Vector weights(X.rows());
  for (double& weight : weights) weight = static_cast<double>(random.below(4));
  for (const Covariance kind : all_covariances)
    for (const bool weighted : {false, true})
      for (const RowMatrix<double>& first : {X, other}) {
        SCOPED_TRACE(name_of(kind));
        const GaussianMixture start = gaussian_mixture(first, 3, {.covariance = kind, .max_iterations = 1});
        GaussianMixtureOptions options{.max_iterations = 1, .tolerance = 0};
        if (weighted) options.weights = weights;
        const GaussianMixture expected = gaussian_mixture(X, start, options);
        OnlineGaussianMixture model(start, {.step_offset = 0});
        EXPECT_NEAR(model.partial_fit(X, options.weights), expected.history[0], 1e-12);
        EXPECT_LE(difference(model.model(), expected), 1e-9);
        EXPECT_NEAR(model.model().log_likelihood, expected.history[0], 1e-12);
        EXPECT_EQ(model.model().total_weight, start.total_weight + expected.total_weight);
        EXPECT_EQ(model.batches(), 1);
        // The second batch, which counts less, is the same rows: with the sums of the first about new means.
        const GaussianMixture before = model.model();
        model.partial_fit(X, options.weights);
        EXPECT_GE(score_samples(model.model(), X).dot(weighted ? weights : Vector::Ones(X.rows())),
                  score_samples(before, X).dot(weighted ? weights : Vector::Ones(X.rows())) - 1e-9);
      }
}

TEST(OnlineGaussianMixture, StepsAreRunningMeansOfTheSums) {
  // Three batches, by the definition: the moments about zero of all batches, each with its share, in long double.
  for (const Covariance kind : {Covariance::full, Covariance::tied, Covariance::diagonal, Covariance::spherical}) {
    const GaussianMixture start =
        gaussian_mixture(sample(known_mixture(), 100, 4).points, 3, {.covariance = kind, .max_iterations = 2});
    const OnlineGaussianMixtureOptions options{.step_exponent = 0.8, .step_offset = 1.5};
    OnlineGaussianMixture model(start, options);
    LongVector weight = start.proportions.cast<long double>();
    LongMatrix first(3, 2);
    std::vector<LongMatrix> second;
    for (Index c = 0; c < 3; ++c) {
      const LongVector m = start.means.row(c).cast<long double>().transpose();
      first.row(c) = weight[c] * m.transpose();
      second.push_back(weight[c] * (whole_covariance(start, c).cast<long double>() + m * m.transpose()));
    }
    MixtureOracle oracle = oracle_of(start);
    for (int batch = 1; batch <= 3; ++batch) {
      const RowMatrix<double> X = sample(known_mixture(), 50 + 10 * batch, static_cast<std::uint64_t>(batch)).points;
      const LongMatrix L = X.cast<long double>(), R = oracle.probabilities(L) / static_cast<long double>(X.rows());
      const long double step = std::pow(static_cast<long double>(batch) + 1.5L, -0.8L);
      weight = (1 - step) * weight + step * R.colwise().sum().transpose();
      first = (1 - step) * first + step * R.transpose() * L;
      LongMatrix pooled = LongMatrix::Zero(2, 2);
      for (Index c = 0; c < 3; ++c) {
        const std::size_t s = static_cast<std::size_t>(c);
        second[s] = (1 - step) * second[s] + step * L.transpose() * R.col(c).asDiagonal() * L;
        oracle.proportions[c] = weight[c] / weight.sum();
        oracle.means.row(c) = first.row(c) / weight[c];
        LongMatrix S = second[s] / weight[c] - oracle.means.row(c).transpose() * oracle.means.row(c);
        if (kind == Covariance::diagonal) S = LongMatrix(S.diagonal().asDiagonal());
        if (kind == Covariance::spherical) S = S.trace() / 2 * LongMatrix::Identity(2, 2);
        pooled += oracle.proportions[c] * S;
        oracle.covariances[s] = S;
      }
      if (kind == Covariance::tied)
        for (LongMatrix& S : oracle.covariances) S = pooled;
      model.partial_fit(X);
      for (Index c = 0; c < 3; ++c) {
        const std::size_t s = static_cast<std::size_t>(c);
        ASSERT_NEAR(model.model().proportions[c], static_cast<double>(oracle.proportions[c]), 1e-11);
        ASSERT_LE((model.model().means.row(c).cast<long double>() - oracle.means.row(c)).norm(), 1e-10L);
        ASSERT_LE((whole_covariance(model.model(), c).cast<long double>() - oracle.covariances[s]).norm(), 1e-10L);
      }
    }
  }
}

TEST(OnlineGaussianMixture, SumsMoveToOtherReferences) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    Random random(seed, {111});
    const Index n = 1 + random.below(60), d = 1 + random.below(9), k = 1 + random.below(4);
    const RowMatrix<double> X = normal_matrix<double>(random, n, d);
    Labels labels(n);
    for (auto& label : labels) label = static_cast<std::int32_t>(random.below(k));
    const RowMatrix<double> from = normal_matrix<double>(random, k, d), to = 3 * normal_matrix<double>(random, k, d);
    const Points<double> points(X);
    for (const Covariance kind : all_covariances) {
      const detail::CovarianceFamily family = detail::family_of(kind);
      detail::MixtureSums moved = detail::sums_of_labels(points, nullptr, labels, family, from, 1);
      const detail::MixtureSums expected = detail::sums_of_labels(points, nullptr, labels, family, to, 1);
      detail::move_references(family, to - from, moved);
      EXPECT_EQ(moved.weight, expected.weight);
      EXPECT_LE((moved.first - expected.first).cwiseAbs().maxCoeff(), 1e-11);
      for (Index s = 0; s < family.count(k); ++s)
        EXPECT_LE((moved.second_moments(static_cast<std::size_t>(s), d) -
                   expected.second_moments(static_cast<std::size_t>(s), d))
                      .cwiseAbs()
                      .maxCoeff(),
                  1e-10)
            << "seed " << seed << ", " << name_of(kind);
    }
  }
}

TEST(OnlineGaussianMixture, SumsOfAModelGiveItBack) {
  const RowMatrix<double> X = sample(known_mixture(), 300, 5).points;
  for (const Covariance kind : all_covariances) {
    const GaussianMixture expected = gaussian_mixture(X, 3, {.covariance = kind, .max_iterations = 3});
    GaussianMixture model = expected;
    detail::CovarianceEstimator estimator = detail::estimator_above(1e-6, kind, detail::column_variances(model));
    estimator.start_from(model.covariances);
    detail::maximize(detail::sums_of_model(model), estimator, model);
    EXPECT_LE(difference(model, expected), 1e-7) << name_of(kind);  // equal shapes are found by iterations
  }
  // A mixture that has converged, or has done an M step, has the variances of the columns.
  const GaussianMixture model = gaussian_mixture(X, 3);
  const RowMatrix<double> A = X.rowwise() - X.colwise().mean();
  const Vector variances = A.colwise().squaredNorm().transpose() / 300;
  EXPECT_LE((detail::column_variances(model) - variances).norm(), 1e-10);
}

TEST(OnlineGaussianMixture, RecoversAMixture) {
  const GaussianMixture truth = known_mixture();
  const RowMatrix<double> X = sample(truth, 30000, 6).points, fresh = sample(truth, 20000, 7).points;
  const double best = score_samples(truth, fresh).mean();
  for (const OnlineGaussianMixtureOptions& options :
       {OnlineGaussianMixtureOptions{}, OnlineGaussianMixtureOptions{.step_exponent = 1},
        OnlineGaussianMixtureOptions{.step_exponent = 0.6, .step_offset = 3}}) {
    OnlineGaussianMixture model(gaussian_mixture(X.topRows(60), 3, {.restarts = 5, .max_iterations = 2}), options);
    for (Index first = 60; first < X.rows(); first += 300)
      model.partial_fit(X.middleRows(first, std::min<Index>(300, X.rows() - first)));
    EXPECT_EQ(model.batches(), 100);
    EXPECT_EQ(model.model().total_weight, 30000);
    const GaussianMixture batch = gaussian_mixture(X, model.model());
    EXPECT_NEAR(score_samples(model.model(), fresh).mean(), best, 0.02);
    EXPECT_NEAR(score_samples(model.model(), fresh).mean(), score_samples(batch, fresh).mean(), 0.02);
    // In the order of the true components.
    const Labels at = predict(model.model(), truth.means);
    for (Index c = 0; c < 3; ++c) {
      EXPECT_NEAR(model.model().proportions[at[c]], truth.proportions[c], 0.03);
      EXPECT_LE((model.model().means.row(at[c]) - truth.means.row(c)).norm(), 0.2);
      EXPECT_LE((whole_covariance(model.model(), at[c]) - whole_covariance(truth, c)).norm(), 0.4);
    }
  }
}

TEST(OnlineGaussianMixture, SameBitsForAnyThreadsAndLayout) {
  for_each_scalar([]<class T>(T) {
    const RowMatrix<T> X = sample(known_mixture(), 4000, 8).points.cast<T>();
    const GaussianMixture start = gaussian_mixture(X.topRows(200), 3, {.max_iterations = 1});
    OnlineGaussianMixture expected(start);
    const double first = expected.partial_fit(X, {}, {.threads = 1});
    expected.partial_fit(X.topRows(1000), {}, {.threads = 1});
    for_each_layout(X, [&](const auto& same) {
      OnlineGaussianMixture model(start);
      EXPECT_EQ(model.partial_fit(same, {}, {.threads = 3}), first);
      model.partial_fit(X.topRows(1000), {}, {.threads = 3});
      expect_same(model.model(), expected.model());
    });
    // Everything is computed in double.
    OnlineGaussianMixture model(start);
    model.partial_fit(RowMatrix<double>(X.template cast<double>()));
    model.partial_fit(RowMatrix<double>(X.topRows(1000).template cast<double>()));
    expect_same(model.model(), expected.model());
  });
}

TEST(OnlineGaussianMixture, FarFromZero) {
  const RowMatrix<double> X = (sample(known_mixture(), 2000, 9).points.array() * 1024).round() / 1024;
  const GaussianMixture start = gaussian_mixture(X.topRows(100), 3, {.max_iterations = 1});
  GaussianMixture far = start;
  far.means.array() += 1e6;
  OnlineGaussianMixture model(start), moved(far);
  for (Index first = 0; first < 2000; first += 100) {
    model.partial_fit(X.middleRows(first, 100));
    moved.partial_fit(X.middleRows(first, 100).array() + 1e6);
  }
  GaussianMixture back = moved.model();
  back.means.array() -= 1e6;
  EXPECT_LE(difference(back, model.model()), 1e-6);
}

TEST(OnlineGaussianMixture, WeightsAreCopies) {
  const RowMatrix<double> X = sample(known_mixture(), 200, 10).points;
  Random random(11);
  const mixtures::Copies copies(random, X.rows(), 0);
  const RowMatrix<double> copied = X(copies.rows, Eigen::all);
  const GaussianMixture start = gaussian_mixture(X, 3, {.max_iterations = 0});
  OnlineGaussianMixture weighted(start), plain(start);
  for (int batch = 0; batch < 3; ++batch)
    EXPECT_NEAR(weighted.partial_fit(X, copies.weights), plain.partial_fit(copied), 1e-12);
  EXPECT_LE(difference(weighted.model(), plain.model()), 1e-10);
  EXPECT_EQ(weighted.model().total_weight, plain.model().total_weight);
}

TEST(OnlineGaussianMixture, RowsThatAreAbsentTeachNothing) {
  const RowMatrix<double> X = sample(known_mixture(), 50, 12).points;
  OnlineGaussianMixture model(gaussian_mixture(X, 2));
  const GaussianMixture before = model.model();
  EXPECT_EQ(model.partial_fit(RowMatrix<double>(0, 2)), 0);
  EXPECT_EQ(model.partial_fit(X, Vector::Zero(50)), 0);
  EXPECT_EQ(model.batches(), 0);
  expect_same(model.model(), before);
}

TEST(OnlineGaussianMixture, ACopyIsACheckpoint) {
  const RowMatrix<double> X = sample(known_mixture(), 300, 13).points;
  OnlineGaussianMixture model(gaussian_mixture(X.topRows(100), 3, {.covariance = Covariance::vve}));
  model.partial_fit(X.middleRows(100, 100));
  const OnlineGaussianMixture checkpoint = model;
  model.partial_fit(X.bottomRows(100));
  const GaussianMixture expected = model.model();
  model = checkpoint;
  EXPECT_EQ(model.batches(), 1);
  model.partial_fit(X.bottomRows(100));
  expect_same(model.model(), expected);
}

TEST(OnlineGaussianMixture, DegenerateBatchesEndAtTheFloor) {
  const RowMatrix<double> X = sample(known_mixture(), 100, 14).points;
  for (const Covariance kind : all_covariances) {
    OnlineGaussianMixture model(gaussian_mixture(X, 3, {.covariance = kind}), {.step_exponent = 0.6});
    for (int batch = 0; batch < 300; ++batch) {
      const double score = model.partial_fit(RowMatrix<double>::Constant(1, 2, batch % 2 == 0 ? 1.0 : 1.5));
      ASSERT_TRUE(std::isfinite(score)) << name_of(kind) << ", batch " << batch;
    }
    EXPECT_NO_THROW(predict(model.model(), X)) << name_of(kind);
    EXPECT_NEAR(model.model().proportions.sum(), 1, 1e-12);
    EXPECT_TRUE(predict_proba(model.model(), X).allFinite());
  }
  OnlineGaussianMixture model(gaussian_mixture(X, 1), {.covariance_floor = 0.01});
  for (int batch = 0; batch < 3000; ++batch) model.partial_fit(RowMatrix<double>::Constant(1, 2, 1.0));
  EXPECT_TRUE(model.model().floored[0]);
  EXPECT_LE((model.model().means.array() - 1).abs().maxCoeff(), 1e-6);
  EXPECT_NEAR(model.model().covariances[0](0, 0), 0.01 * detail::column_variances(gaussian_mixture(X, 1))[0], 1e-3);
}

TEST(OnlineGaussianMixture, BadArguments) {
  const RowMatrix<double> X = sample(known_mixture(), 50, 15).points;
  const GaussianMixture start = gaussian_mixture(X, 2);
  const auto expect = [&](const GaussianMixture& mixture, const OnlineGaussianMixtureOptions& options,
                          const std::string& message) {
    EXPECT_EQ(message_of([&] { OnlineGaussianMixture(mixture, options); }),
              "corymb::OnlineGaussianMixture: " + message);
  };
  expect(start, {.step_exponent = 0.5}, "step_exponent = 0.5 must be in (0.5, 1]");
  expect(start, {.step_exponent = std::nan("")}, "step_exponent = nan must be in (0.5, 1]");
  expect(start, {.step_offset = -1}, "step_offset = -1 must be finite and ≥ 0");
  expect(start, {.covariance_floor = 0}, "covariance_floor = 0 must be in (0, 1]");
  expect({}, {}, "start has no components");
  expect(gaussian_mixture(X, 2, {.max_iterations = 0, .noise = 0.25}), {},
         "start has a component of noise, noise_proportion = 0.25; it must have none");
  expect(gaussian_mixture(X, 2, {.tails = Tails::student, .max_iterations = 0}), {},
         "start has components of Student's t; they must be Gaussian");

  OnlineGaussianMixture model(start);
  model.partial_fit(X);
  const GaussianMixture before = model.model();
  const auto expect_of_batch = [&](const RowMatrix<double>& batch, const Vector& weights, const std::string& message) {
    EXPECT_EQ(message_of([&] { model.partial_fit(batch, weights); }), "corymb::partial_fit: " + message);
  };
  expect_of_batch(RowMatrix<double>::Zero(5, 3), {}, "batch has 3 columns, the model has 2; they must agree");
  expect_of_batch(RowMatrix<double>(5, 0), {}, "batch has 0 columns; at least 1 is needed");
  RowMatrix<double> hole = X;
  hole(4, 1) = std::numeric_limits<double>::quiet_NaN();
  expect_of_batch(hole, {}, "batch(4, 1) = nan must be finite");
  expect_of_batch(X, Vector::Ones(3), "weights has 3 entries; one per row, n = 50, is needed");
  expect_of_batch(X, Vector::Constant(50, -1), "weights(0) = -1 must be finite and ≥ 0");
  EXPECT_EQ(message_of([&] { model.partial_fit(X, {}, {.threads = -1}); }),
            "corymb::partial_fit: execution.threads = -1 must be in [0, 1024] (0 = all)");
  EXPECT_THROW(model.partial_fit(X, {}, {.memory_limit = 100}), MemoryLimitExceeded);
  expect_same(model.model(), before);
  EXPECT_EQ(model.batches(), 1);
}

}  // namespace
}  // namespace online_gaussian_mixture_test
