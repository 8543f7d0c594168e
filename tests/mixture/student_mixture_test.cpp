#include <corymb/datasets/bundled.hpp>
#include <corymb/metrics/pairs.hpp>
#include <corymb/mixture/gaussian_mixture.hpp>

#include <corymb/mixture/detail/maximization.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/mixture_instances.hpp"
#include "support/row_mixture_oracle.hpp"

namespace student_mixture_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using namespace corymb_test::mixtures;

/// The mean log density of the rows.
double mean_score(const GaussianMixture& model, const RowMatrix<double>& X) { return score_samples(model, X).mean(); }

TEST(StudentMixture, DensityIsThatOfTheDefinition) {
  GaussianMixture cauchy;
  cauchy.proportions = Vector::Ones(1);
  cauchy.means = RowMatrix<double>::Constant(1, 1, 2.0);
  cauchy.covariances = {Eigen::MatrixXd::Constant(1, 1, 9.0)};
  cauchy.degrees_of_freedom = Vector::Ones(1);
  RowMatrix<double> X(4, 1);
  X << 2, -1, 50, -1e7;
  const Vector scores = score_samples(cauchy, X);
  for (Index i = 0; i < 4; ++i) {
    const double z = (X(i, 0) - 2) / 3;
    EXPECT_NEAR(scores[i], -std::log(3 * std::numbers::pi * (1 + z * z)), 1e-13 * (1 + std::abs(scores[i])));
  }
  // With many degrees of freedom it is Gaussian.
  cauchy.degrees_of_freedom[0] = 1e9;
  GaussianMixture gaussian = cauchy;
  gaussian.degrees_of_freedom = {};
  EXPECT_NEAR(score_samples(cauchy, X)[1], score_samples(gaussian, X)[1], 1e-6);
}

TEST(StudentMixture, StepsAreThoseOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances / 5; ++seed) {
    const Instance in = random_instance(seed, 40);
    Random random(seed, {98});
    RowMatrix<double> X = in.X;
    const bool missing = seed % 2 == 0;
    if (missing) {
      take_away(X, 0.3, random);
      X.row(0) = in.X.row(0);
    }
    const Vector weights = some_weights(random, seed, X.rows());
    const LongMatrix rows = X.cast<long double>();
    const LongVector w = long_weights(weights, X.rows());
    for (const Covariance kind : kinds) {
      GaussianMixture model = gaussian_mixture(
          in.X, in.k,
          {.covariance = kind, .initial_labels = in.labels, .max_iterations = 0, .covariance_floor = 1e-12});
      model.degrees_of_freedom.resize(seed % 4 < 2 ? 1 : in.k);
      for (double& degrees : model.degrees_of_freedom) degrees = 1 + 9 * random.uniform();
      const MixtureOracle expected = em_step(model, rows, w);
      const GaussianMixture next = gaussian_mixture(X, model,
                                                    {.max_iterations = 1,
                                                     .tolerance = 0,
                                                     .covariance_floor = 1e-12,
                                                     .integrate_missing = missing,
                                                     .weights = weights});
      ASSERT_EQ(next.iterations, 1);
      ASSERT_LE(error_of(next, expected), 1e-9) << "seed " << seed << ", family " << static_cast<int>(kind);
      const Vector scores = score_samples(next, X);
      for (Index i = 0; i < X.rows(); ++i)
        ASSERT_NEAR(scores[i], static_cast<double>(log_density_of(next, rows.row(i))),
                    (1e-10 + 1e-14 * condition(next)) * (1 + std::abs(scores[i])));
    }
  }
}

TEST(StudentMixture, DegreesOfFreedomMaximiseTheirTerm) {
  // Of a mean m = E[log u] − u, the expected log density of the scales up to a constant.
  const auto term = [](double nu, double tail) {
    return nu / 2 * std::log(nu / 2) - std::lgamma(nu / 2) + nu / 2 * tail;
  };
  for (const double tail : {-1.001, -1.01, -1.1, -1.5, -3.0, -9.0}) {
    const double found = detail::degrees_of_freedom(tail);
    for (const double factor : {0.5, 0.99, 1.01, 2.0}) EXPECT_GE(term(found, tail), term(factor * found, tail)) << tail;
  }
  EXPECT_NEAR(detail::degrees_of_freedom(-1 - 1e-9), 1000, 1e-9);
  EXPECT_NEAR(detail::degrees_of_freedom(-1e3), 0.1, 1e-12);
}

TEST(StudentMixture, AFitIsAMaximumOfTheLikelihood) {
  Random random(6);
  RowMatrix<double> X(400, 2);
  for (Index i = 0; i < X.rows(); ++i) {
    const double scale = 1 / std::sqrt(random.gamma(1.5) / 1.5);
    const double a = random.normal() * scale, b = random.normal() * scale;
    X.row(i) << 1 + 2 * a, -3 + a + 0.5 * b;
  }
  const GaussianMixture model =
      gaussian_mixture(X, 1, {.tails = Tails::student, .max_iterations = 5000, .tolerance = 0});
  EXPECT_NEAR(model.log_likelihood, mean_score(model, X), 1e-12);
  EXPECT_NEAR(model.degrees_of_freedom[0], 3, 1);
  // The slopes of the likelihood in all parameters.
  constexpr double step = 1e-4;
  const auto slope = [&](const auto& move) {
    GaussianMixture up = model, down = model;
    move(up, step);
    move(down, -step);
    return (mean_score(up, X) - mean_score(down, X)) / (2 * step);
  };
  EXPECT_NEAR(slope([](GaussianMixture& m, double h) { m.means(0, 0) += h; }), 0, 1e-6);
  EXPECT_NEAR(slope([](GaussianMixture& m, double h) { m.means(0, 1) += h; }), 0, 1e-6);
  EXPECT_NEAR(slope([](GaussianMixture& m, double h) { m.covariances[0](0, 0) += h; }), 0, 1e-6);
  EXPECT_NEAR(slope([](GaussianMixture& m, double h) { m.covariances[0](1, 1) += h; }), 0, 1e-6);
  EXPECT_NEAR(slope([](GaussianMixture& m, double h) { m.covariances[0](0, 1) = m.covariances[0](1, 0) += h; }), 0,
              1e-6);
  EXPECT_NEAR(slope([](GaussianMixture& m, double h) { m.degrees_of_freedom[0] += h; }), 0, 1e-6);
}

TEST(StudentMixture, TheObjectiveNeverFalls) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    Random random(seed, {99});
    const Index n = 4 + random.below(60), d = 1 + random.below(4);
    RowMatrix<double> X = random_rows<double>(random, seed, n, d);
    const RowMatrix<double> all = X;
    const bool missing = seed % 2 == 0;
    if (missing) take_away(X, 0.3, random);
    X.row(0) = all.row(0);
    const Index k = 1 + random.below(3);
    for (std::size_t family = seed % 4; family < std::size(all_covariances); family += 4)
      for (const Memberships memberships : {Memberships::soft, Memberships::hard}) {
        const GaussianMixture model = gaussian_mixture(X, k,
                                                       {.covariance = all_covariances[family],
                                                        .tails = seed % 3 == 0 ? Tails::student_shared : Tails::student,
                                                        .memberships = memberships,
                                                        .max_iterations = 30,
                                                        .tolerance = 0,
                                                        .noise = seed % 5 == 0 ? 0.1 : 0.0,
                                                        .integrate_missing = missing,
                                                        .seed = seed});
        ASSERT_TRUE(never_falls(model)) << "seed " << seed << ", family " << family;
        ASSERT_TRUE(model.means.allFinite());
        ASSERT_GE(model.degrees_of_freedom.minCoeff(), 0.1 * (1 - 1e-12));
        ASSERT_LE(model.degrees_of_freedom.maxCoeff(), 1000 * (1 + 1e-12));
        ASSERT_EQ(predict(model, X), model.labels);
      }
  }
}

TEST(StudentMixture, SampleRecoversTheParameters) {
  GaussianMixture model;
  model.proportions = Vector::Constant(2, 0.5);
  model.means = RowMatrix<double>(2, 2);
  model.means << 0, 0, 20, -8;
  Eigen::MatrixXd S(2, 2);
  S << 2, 1, 1, 1;
  model.covariances = {S, 0.5 * S};
  model.degrees_of_freedom = Vector(2);
  model.degrees_of_freedom << 3, 12;
  const MixtureSample drawn = sample(model, 40000, 3);
  const GaussianMixture found = gaussian_mixture(
      drawn.points, 2,
      {.tails = Tails::student, .initial_labels = drawn.labels, .max_iterations = 1000, .tolerance = 1e-9});
  EXPECT_LE((found.means - model.means).cwiseAbs().maxCoeff(), 0.04);
  EXPECT_LE((found.covariances[0] - S).norm(), 0.1);
  EXPECT_LE((found.covariances[1] - 0.5 * S).norm(), 0.05);
  EXPECT_NEAR(found.degrees_of_freedom[0], 3, 0.2);
  EXPECT_NEAR(found.degrees_of_freedom[1], 12, 2);
  EXPECT_EQ(parameters(found), 1 + 4 + 6 + 2);
  const GaussianMixture shared = gaussian_mixture(
      drawn.points, 2, {.tails = Tails::student_shared, .initial_labels = drawn.labels, .max_iterations = 1000});
  EXPECT_EQ(shared.degrees_of_freedom.size(), 1);
  EXPECT_GT(shared.degrees_of_freedom[0], 3);
  EXPECT_LT(shared.degrees_of_freedom[0], 12);
  EXPECT_LT(shared.log_likelihood, found.log_likelihood);
  EXPECT_EQ(parameters(shared), 1 + 4 + 6 + 1);
}

TEST(StudentMixture, RowsFarAwayDoNotMoveTheGroups) {
  Random random(10);
  RowMatrix<double> X = normal_matrix<double>(random, 420, 2);
  Labels truth(420);
  for (Index i = 0; i < 420; ++i) {
    truth[i] = static_cast<std::int32_t>(i % 2);
    X(i, 0) += truth[i] == 0 ? -4 : 4;
  }
  for (Index i = 400; i < 420; ++i) X.row(i) << 25 * random.uniform(), 5 + 20 * random.uniform();
  const GaussianMixture student = gaussian_mixture(X, 2, {.tails = Tails::student, .initial_labels = truth});
  const GaussianMixture gaussian = gaussian_mixture(X, 2, {.initial_labels = truth});
  const Labels found = student.labels.head(400), expected = truth.head(400);
  EXPECT_GT(adjusted_rand_index(expected, found), 0.98);
  EXPECT_NEAR(student.means(0, 0), -4, 0.2);
  EXPECT_NEAR(student.means(1, 0), 4, 0.2);
  EXPECT_LT(student.means.col(1).cwiseAbs().maxCoeff(), 0.3);
  // One Gaussian widens to take in what is far away.
  EXPECT_LT(student.covariances[1](1, 1), 1.5);
  EXPECT_GT(gaussian.covariances[1](1, 1), 2.5);
}

TEST(StudentMixture, GaussianRowsHaveManyDegreesOfFreedom) {
  Random random(12);
  const RowMatrix<double> X = normal_matrix<double>(random, 1000, 3);
  const GaussianMixture student =
      gaussian_mixture(X, 1, {.tails = Tails::student, .max_iterations = 3000, .tolerance = 1e-12});
  EXPECT_GT(student.degrees_of_freedom[0], 60);
  EXPECT_NEAR(student.log_likelihood, gaussian_mixture(X, 1).log_likelihood, 1e-3);
}

TEST(StudentMixture, SameBitsForAnyThreadsAndLayout) {
  for_each_scalar([]<class T>(T) {
    Random random(4);
    const RowMatrix<T> X = normal_matrix<T>(random, 1200, 3);
    for (const Covariance kind : kinds) {
      GaussianMixtureOptions options{
          .covariance = kind, .tails = Tails::student, .max_iterations = 3, .seed = 5, .execution = {.threads = 1}};
      const GaussianMixture expected = gaussian_mixture(X, 4, options);
      options.execution.threads = 3;
      for_each_layout(X, [&](const auto& same) {
        const GaussianMixture model = gaussian_mixture(same, 4, options);
        expect_same(model, expected);
        EXPECT_TRUE(same_matrix(model.degrees_of_freedom, expected.degrees_of_freedom));
      });
    }
  });
}

TEST(StudentMixture, WeightsAreCopies) {
  const Instance in = random_instance(3);
  Random random(3, {94});
  const Copies copies(random, in.X.rows(), in.k);
  GaussianMixtureOptions options{
      .tails = Tails::student, .initial_labels = in.labels, .max_iterations = 5, .tolerance = 0};
  options.weights = copies.weights;
  const GaussianMixture weighted = gaussian_mixture(in.X, in.k, options);
  options.weights = {};
  options.initial_labels = in.labels(copies.rows);
  const GaussianMixture plain = gaussian_mixture(RowMatrix<double>(in.X(copies.rows, Eigen::all)), in.k, options);
  EXPECT_LE(error_of(weighted, oracle_of(plain)), 1e-8);
  EXPECT_LE((weighted.degrees_of_freedom - plain.degrees_of_freedom).norm(), 1e-7 * plain.degrees_of_freedom.norm());
}

TEST(StudentMixture, DegenerateDataIsRegularised) {
  for (const Covariance kind : all_covariances) {
    const RowMatrix<double> equal = RowMatrix<double>::Constant(7, 3, 1e6);
    const GaussianMixture of_equal = gaussian_mixture(equal, 2, {.covariance = kind, .tails = Tails::student});
    EXPECT_TRUE(std::isfinite(of_equal.log_likelihood));
    EXPECT_TRUE(of_equal.floored[0]);
    EXPECT_TRUE(predict_proba(of_equal, RowMatrix<double>::Constant(1, 3, 1e150)).allFinite());
    EXPECT_TRUE(std::isfinite(
        gaussian_mixture(equal.topRows(1), 1, {.covariance = kind, .tails = Tails::student_shared}).log_likelihood));
  }
}

TEST(StudentMixture, BadModels) {
  const RowMatrix<double> X = iris().points;
  GaussianMixture model = gaussian_mixture(X, 3, {.tails = Tails::student});
  model.degrees_of_freedom[1] = 0;
  EXPECT_EQ(message_of([&] { predict(model, X); }), "corymb::predict: model.degrees_of_freedom must be finite and > 0");
  model.degrees_of_freedom = Vector::Ones(2);
  EXPECT_EQ(message_of([&] { gaussian_mixture(X, model); }),
            "corymb::gaussian_mixture: start.degrees_of_freedom has 2 entries; none, one or one per component, k = 3, "
            "are needed");
}

}  // namespace
}  // namespace student_mixture_test
