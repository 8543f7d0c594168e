#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/mixture/variational_mixture.hpp>

#include <gtest/gtest.h>

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "mixture/variational_mixture_golden_values.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/mixture_instances.hpp"
#include "support/variational_oracle.hpp"

namespace variational_mixture_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using mixtures::kinds;

constexpr ProportionPrior priors[] = {ProportionPrior::dirichlet, ProportionPrior::dirichlet_process};

/// A prior with nothing at its default, as the family stores it.
VariationalPrior random_prior(Random& random, Covariance kind, Index d) {
  VariationalPrior prior;
  prior.concentration = 0.05 + 3 * random.uniform();
  prior.mean = normal_matrix<double>(random, 1, d).transpose();
  prior.mean_precision = 0.1 + 2 * random.uniform();
  prior.degrees_of_freedom = static_cast<double>(d) - 0.9 + 4 * random.uniform();
  const RowMatrix<double> A = normal_matrix<double>(random, d, d);
  const Eigen::MatrixXd S = A * A.transpose() + 0.1 * Eigen::MatrixXd::Identity(d, d);
  prior.covariance = S;
  if (kind == Covariance::diagonal) prior.covariance = S.diagonal();
  if (kind == Covariance::spherical) prior.covariance = S.topLeftCorner(1, 1);
  return prior;
}

template <class A, class B>
double difference(const A& actual, const B& expected) {
  return (actual - expected.template cast<double>()).cwiseAbs().maxCoeff();
}

TEST(VariationalMixture, StepsAreThoseOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    const mixtures::Instance in = mixtures::random_instance(seed, 60);
    const Index n = in.X.rows(), d = in.X.cols();
    Random random(seed, {102});
    VariationalMixtureOptions options{.initial_labels = in.labels, .tolerance = 0};
    if (seed % 3 == 0) {
      options.weights.resize(n);
      for (double& weight : options.weights) weight = 0.5 + static_cast<double>(random.below(4));
    }
    for (const Covariance kind : kinds)
      for (const ProportionPrior of_proportions : priors) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed << ", " << name_of(kind) << ", prior of proportions "
                                          << static_cast<int>(of_proportions));
        options.covariance = kind;
        options.proportions = of_proportions;
        options.prior = seed % 2 == 0 ? VariationalPrior{} : random_prior(random, kind, d);
        VariationalOracle oracle;
        oracle.kind = kind;
        oracle.proportions = of_proportions;
        oracle.X = in.X.cast<long double>();
        oracle.w = LongVector::Ones(n);
        if (options.weights.size() > 0) oracle.w = options.weights.cast<long double>();
        LongMatrix R = LongMatrix::Zero(n, in.k);
        for (Index i = 0; i < n; ++i) R(i, in.labels[i]) = 1;
        std::vector<long double> history;
        for (int iterations = 0; iterations <= 3; ++iterations) {
          options.max_iterations = iterations;
          const VariationalMixture model = variational_mixture(in.X, in.k, options);
          oracle.prior = model.prior;
          oracle.update(R);
          history.push_back(oracle.lower_bound());
          if (model.iterations < iterations) break;  // converged
          ASSERT_LE(difference(model.sizes, oracle.sizes), 1e-8);
          ASSERT_LE(difference(model.concentrations, oracle.concentrations), 1e-8);
          ASSERT_LE(difference(model.mixture.proportions, oracle.expected_proportions()), 1e-9);
          ASSERT_LE(difference(model.mixture.means, oracle.means), 1e-8);
          ASSERT_LE(difference(model.mean_precisions, oracle.mean_precisions), 1e-8);
          const std::vector<Eigen::MatrixXd> covariances = covariance_matrices(model.mixture);
          for (Index c = 0; c < in.k; ++c) {
            const std::size_t s = static_cast<std::size_t>(c);
            ASSERT_NEAR(model.degrees_of_freedom[kind == Covariance::tied ? 0 : c],
                        static_cast<double>(oracle.degrees[s]), 1e-8);
            const LongMatrix expected = oracle.inverse_scales[s] / oracle.degrees[s];
            ASSERT_LE(difference(covariances[s], expected), 1e-8 * static_cast<double>(1 + expected.norm()));
          }
          ASSERT_EQ(model.history.size(), history.size());
          for (std::size_t i = 0; i < history.size(); ++i)
            ASSERT_NEAR(model.history[i], static_cast<double>(history[i]),
                        1e-9 * static_cast<double>(1 + std::abs(history[i])));
          ASSERT_EQ(model.lower_bound, model.history.back());
          R = oracle.responsibilities();
          const RowMatrix<double> P = predict_proba(model, in.X);
          ASSERT_LE(difference(P, R), 1e-8);
          ASSERT_EQ(predict(model, in.X), model.labels);
          for (Index i = 0; i < n; ++i) ASSERT_EQ(P(i, model.labels[i]), P.row(i).maxCoeff());
          ASSERT_EQ(model.components, (model.sizes.array() >= 1).count());
        }
      }
  }
}

TEST(VariationalMixture, DefaultPriors) {
  const RowMatrix<double> X = wine().points;
  const Vector mean = X.colwise().mean().transpose();
  const RowMatrix<double> A = X.rowwise() - mean.transpose();
  const Eigen::MatrixXd S = A.transpose() * A / static_cast<double>(X.rows());
  for (const Covariance kind : kinds) {
    const VariationalPrior prior = variational_mixture(X, 5, {.covariance = kind, .max_iterations = 1}).prior;
    EXPECT_EQ(prior.concentration, 0.2);
    EXPECT_EQ(prior.mean_precision, 1);
    EXPECT_EQ(prior.degrees_of_freedom, 13);
    EXPECT_LE((prior.mean - mean).norm(), 1e-12 * mean.norm());
    Eigen::MatrixXd expected = S;
    if (kind == Covariance::diagonal) expected = S.diagonal();
    if (kind == Covariance::spherical) expected = Eigen::MatrixXd::Constant(1, 1, S.trace() / 13);
    ASSERT_EQ(prior.covariance.rows(), expected.rows());
    ASSERT_EQ(prior.covariance.cols(), expected.cols());
    EXPECT_LE((prior.covariance - expected).norm(), 1e-12 * expected.norm());
  }
  // A column without variance counts as the mean of all; a direction without extent is not quite flat.
  RowMatrix<double> flat(4, 3);
  flat << 1, 2, 7, 2, 4, 7, 3, 6, 7, 4, 8, 7;
  const double typical = (1.25 + 5) / 3;
  const VariationalPrior prior = variational_mixture(flat, 1).prior;
  EXPECT_NEAR(prior.covariance(2, 2), typical, 1e-12);
  EXPECT_EQ(prior.covariance(0, 2), 0);
  EXPECT_NEAR(prior.covariance(0, 1), 2.5, 1e-5);
  EXPECT_NEAR(prior.covariance.topLeftCorner(2, 2).determinant(), 1.25 * 5 * 2e-6, 1e-10);
  const VariationalPrior of_axes = variational_mixture(flat, 1, {.covariance = Covariance::diagonal}).prior;
  EXPECT_LE((of_axes.covariance - Eigen::Vector3d(1.25, 5, typical)).norm(), 1e-12);
  EXPECT_EQ(variational_mixture(RowMatrix<double>::Constant(5, 2, 3.0), 1).prior.covariance,
            Eigen::MatrixXd::Identity(2, 2));
}

TEST(VariationalMixture, IsThatOfScikitLearn) {
  const BundledData data = iris();
  for (const variational_golden::Case& golden : variational_golden::cases) {
    SCOPED_TRACE(::testing::Message() << name_of(golden.covariance) << ", " << golden.iterations << " iterations");
    // Virginica, setosa, versicolor, and some rows of the last in the first: the sizes fall.
    Labels labels = data.labels;
    for (Index i = 0; i < labels.size(); ++i)
      labels[i] = data.labels[i] == 2 ? 0 : data.labels[i] == 0 ? 1 : i % 7 == 0 ? 0 : 2;
    const VariationalMixture model = variational_mixture(data.points, 3,
                                                         {.covariance = golden.covariance,
                                                          .proportions = golden.proportions,
                                                          .initial_labels = labels,
                                                          .max_iterations = golden.iterations,
                                                          .tolerance = 0});
    ASSERT_EQ(model.iterations, golden.iterations);
    for (Index c = 0; c < 3; ++c) {
      EXPECT_NEAR(model.mixture.proportions[c], golden.proportions_of_mixture[c], 1e-9);
      EXPECT_NEAR(model.mean_precisions[c], golden.mean_precisions[c], 1e-7);
      EXPECT_NEAR(model.degrees_of_freedom[c], golden.degrees_of_freedom[c], 1e-7);
      for (Index j = 0; j < 4; ++j) EXPECT_NEAR(model.mixture.means(c, j), golden.means[4 * c + j], 1e-8);
      const Eigen::MatrixXd S = covariance_matrices(model.mixture)[static_cast<std::size_t>(c)];
      for (Index j = 0; j < 4; ++j) EXPECT_NEAR(S(j, j), golden.variances[4 * c + j], 1e-8);
      EXPECT_NEAR(S(0, 1), golden.covariances[c], 1e-8);
    }
  }
}

TEST(VariationalMixture, TheBoundNeverFalls) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {103});
    const Index n = 2 + random.below(60), d = 1 + random.below(4);
    RowMatrix<double> X = random_rows<double>(random, seed, n, d);
    if (seed % 6 == 0) X.rightCols(d / 2) = X.leftCols(d / 2);  // planes and lines
    const Index k = 1 + random.below(std::min<Index>(n, 6));
    for (const Covariance kind : kinds)
      for (const ProportionPrior of_proportions : priors) {
        VariationalMixtureOptions options{.covariance = kind,
                                          .proportions = of_proportions,
                                          .init = MixtureInit::kmeans_plus_plus,
                                          .max_iterations = 60,
                                          .tolerance = 0,
                                          .seed = seed};
        options.prior.concentration = seed % 4 == 0 ? 0 : 2.5 * random.uniform() + 0.01;
        const VariationalMixture model = variational_mixture(X, k, options);
        for (std::size_t i = 1; i < model.history.size(); ++i)
          ASSERT_GE(model.history[i], model.history[i - 1] - 1e-9 * (1 + std::abs(model.history[i - 1])))
              << "seed " << seed << ", " << name_of(kind) << ", iteration " << i;
        ASSERT_TRUE(std::isfinite(model.lower_bound));
        ASSERT_NEAR(model.mixture.proportions.sum(), 1, 1e-12);
        ASSERT_NEAR(model.sizes.sum(), static_cast<double>(n), 1e-9);
        ASSERT_TRUE(predict_proba(model, X).allFinite());
        ASSERT_EQ(predict(model.mixture, X), model.mixture.labels);  // positive definite, or an error
      }
  }
}

TEST(VariationalMixture, TheBoundIsBelowTheEvidence) {
  // Of one component the posterior factorises by itself, and the bound is the evidence, which the predictive
  // distributions of one row after the other multiply to: Student's t.
  Random random(5);
  const RowMatrix<double> X = normal_matrix<double>(random, 12, 1);
  for (const Covariance kind : kinds) {
    VariationalMixtureOptions options{.covariance = kind, .tolerance = 0};
    options.prior.mean = Vector::Constant(1, 0.3);
    options.prior.mean_precision = 0.7;
    options.prior.degrees_of_freedom = 2.5;
    options.prior.covariance = Eigen::MatrixXd::Constant(1, 1, 1.5);
    double evidence = 0, kappa = 0.7, m = 0.3, nu = 2.5, s = 1.5;
    for (Index i = 0; i < X.rows(); ++i) {
      const double x = X(i, 0), scale = s / nu * (kappa + 1) / kappa;
      evidence += std::lgamma((nu + 1) / 2) - std::lgamma(nu / 2) - 0.5 * std::log(nu * std::numbers::pi * scale) -
                  (nu + 1) / 2 * std::log1p((x - m) * (x - m) / scale / nu);
      s += kappa / (kappa + 1) * (x - m) * (x - m);
      m = (kappa * m + x) / (kappa + 1);
      kappa += 1;
      nu += 1;
    }
    EXPECT_NEAR(variational_mixture(X, 1, options).lower_bound, evidence, 1e-10);
  }
}

TEST(VariationalMixture, NumbersOfTheStartDoNotMatter) {
  for (std::uint64_t seed = 0; seed < instances / 10; ++seed) {
    const mixtures::Instance in = mixtures::random_instance(seed, 60);
    Random random(seed, {104});
    const std::vector<Index> number = permutation(random, in.k);
    Labels renumbered(in.labels.size());
    for (Index i = 0; i < in.labels.size(); ++i)
      renumbered[i] = static_cast<std::int32_t>(number[static_cast<std::size_t>(in.labels[i])]);
    for (const ProportionPrior of_proportions : priors) {
      VariationalMixtureOptions options{
          .proportions = of_proportions, .initial_labels = in.labels, .max_iterations = 20, .tolerance = 0};
      const VariationalMixture model = variational_mixture(in.X, in.k, options);
      options.initial_labels = renumbered;
      const VariationalMixture other = variational_mixture(in.X, in.k, options);
      // Components of equal size are broken off in the order of their numbers.
      std::vector<double> sizes;
      for (Index c = 0; c < in.k; ++c)
        sizes.push_back(static_cast<double>((in.labels.array() == static_cast<std::int32_t>(c)).count()));
      std::sort(sizes.begin(), sizes.end());
      if (std::adjacent_find(sizes.begin(), sizes.end()) != sizes.end()) continue;
      EXPECT_NEAR(model.lower_bound, other.lower_bound, 1e-7 * (1 + std::abs(model.lower_bound))) << seed;
      for (Index c = 0; c < in.k; ++c)
        EXPECT_NEAR(model.sizes[c], other.sizes[number[static_cast<std::size_t>(c)]], 1e-5) << seed;
    }
  }
}

void expect_same(const VariationalMixture& actual, const VariationalMixture& expected) {
  EXPECT_TRUE(same_matrix(actual.mixture.proportions, expected.mixture.proportions));
  EXPECT_TRUE(same_matrix(actual.mixture.means, expected.mixture.means));
  ASSERT_EQ(actual.mixture.covariances.size(), expected.mixture.covariances.size());
  for (std::size_t s = 0; s < expected.mixture.covariances.size(); ++s)
    EXPECT_TRUE(same_matrix(actual.mixture.covariances[s], expected.mixture.covariances[s]));
  EXPECT_TRUE(same_matrix(actual.concentrations, expected.concentrations));
  EXPECT_TRUE(same_matrix(actual.degrees_of_freedom, expected.degrees_of_freedom));
  EXPECT_TRUE(same_matrix(actual.labels, expected.labels));
  EXPECT_TRUE(same_matrix(actual.mixture.labels, expected.mixture.labels));
  EXPECT_EQ(actual.mixture.log_likelihood, expected.mixture.log_likelihood);
  EXPECT_EQ(actual.history, expected.history);
  EXPECT_EQ(actual.order, expected.order);
  EXPECT_EQ(actual.status, expected.status);
}

TEST(VariationalMixture, SameBitsForAnyThreadsAndLayout) {
  for_each_scalar([]<class T>(T) {
    Random random(4);
    const RowMatrix<T> X = normal_matrix<T>(random, 3000, 3);
    Labels labels(X.rows());
    for (Index i = 0; i < X.rows(); ++i) labels[i] = (X(i, 0) > 0 ? 1 : 0) + (X(i, 1) > 0 ? 2 : 0);
    for (const Covariance kind : kinds)
      for (const ProportionPrior of_proportions : priors) {
        VariationalMixtureOptions options{.covariance = kind,
                                          .proportions = of_proportions,
                                          .initial_labels = labels,
                                          .max_iterations = 3,
                                          .tolerance = 0,
                                          .execution = {.threads = 1}};
        const VariationalMixture expected = variational_mixture(X, 4, options);
        options.execution.threads = 3;
        expect_same(variational_mixture(X, 4, options), expected);
        if (kind != Covariance::full) continue;
        for_each_layout(X, [&](const auto& same) { expect_same(variational_mixture(same, 4, options), expected); });
      }
    // Also where k-means gives the start.
    VariationalMixtureOptions options{.max_iterations = 2, .seed = 5, .execution = {.threads = 1}};
    const VariationalMixture expected = variational_mixture(X, 4, options);
    options.execution.threads = 3;
    expect_same(variational_mixture(X, 4, options), expected);
  });
}

TEST(VariationalMixture, FloatAgreesWithDoubleAlsoFarFromZero) {
  const mixtures::Instance in = mixtures::random_instance(17, 60);
  for (const double offset : {0.0, 1e6}) {
    const RowMatrix<float> X = (in.X.array() * 64).round().cast<float>() + static_cast<float>(offset);
    const RowMatrix<double> same = X.cast<double>();
    for (const Covariance kind : kinds) {
      const VariationalMixtureOptions options{.covariance = kind, .initial_labels = in.labels, .max_iterations = 20};
      expect_same(variational_mixture(X, in.k, options), variational_mixture(same, in.k, options));
      const VariationalMixture moved = variational_mixture(RowMatrix<double>(same.array() - offset), in.k, options);
      EXPECT_NEAR(variational_mixture(X, in.k, options).lower_bound, moved.lower_bound,
                  1e-8 * std::abs(moved.lower_bound));
    }
  }
}

TEST(VariationalMixture, WeightsAreCopies) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    const mixtures::Instance in = mixtures::random_instance(seed, 60);
    Random random(seed, {105});
    const mixtures::Copies copies(random, in.X.rows(), in.k);
    const RowMatrix<double> copied = in.X(copies.rows, Eigen::all);
    const Labels copied_labels = in.labels(copies.rows);
    for (const Covariance kind : kinds)
      for (const ProportionPrior of_proportions : priors) {
        VariationalMixtureOptions options{.covariance = kind,
                                          .proportions = of_proportions,
                                          .initial_labels = in.labels,
                                          .max_iterations = 5,
                                          .tolerance = 0,
                                          .weights = copies.weights};
        const VariationalMixture weighted = variational_mixture(in.X, in.k, options);
        options.weights = {};
        options.initial_labels = copied_labels;
        const VariationalMixture plain = variational_mixture(copied, in.k, options);
        EXPECT_NEAR(weighted.lower_bound, plain.lower_bound, 1e-9 * (1 + std::abs(plain.lower_bound))) << seed;
        EXPECT_LE((weighted.mixture.means - plain.mixture.means).cwiseAbs().maxCoeff(), 1e-8) << seed;
        EXPECT_LE((weighted.sizes - plain.sizes).cwiseAbs().maxCoeff(), 1e-8) << seed;
        EXPECT_EQ(weighted.mixture.total_weight, plain.mixture.total_weight);
      }
  }
}

/// Three groups far from each other.
RowMatrix<double> three_groups(std::uint64_t seed, Index n) {
  Random random(seed);
  RowMatrix<double> X = normal_matrix<double>(random, n, 2);
  for (Index i = 0; i < n; ++i) X.row(i) += 12 * Eigen::RowVector2d(i % 3 == 0, i % 3 == 1);
  return X;
}

TEST(VariationalMixture, ComponentsThatAreNotNeededDieOut) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const RowMatrix<double> X = three_groups(seed, 600);
    for (const Covariance kind : kinds)
      for (const ProportionPrior of_proportions : priors) {
        SCOPED_TRACE(::testing::Message() << name_of(kind) << ", prior of proportions "
                                          << static_cast<int>(of_proportions) << ", seed " << seed);
        VariationalMixtureOptions options{
            .covariance = kind, .proportions = of_proportions, .seed = seed, .execution = {.threads = 1}};
        options.prior.concentration = seed == 0 ? 0 : 1e-2;
        const VariationalMixture model = variational_mixture(X, 10, options);
        EXPECT_EQ(model.status, Status::converged);
        ASSERT_EQ(model.components, 3);
        Index rows = 0;
        for (Index c = 0; c < 10; ++c) {
          const Index of_label = (model.labels.array() == static_cast<std::int32_t>(c)).count();
          if (model.sizes[c] < 1) {
            EXPECT_EQ(of_label, 0);
            EXPECT_LT(model.mixture.proportions[c], 1e-2);
            continue;
          }
          EXPECT_EQ(of_label, 200);
          rows += of_label;
          // The mean of its group, and the covariance of the groups, nearly.
          EXPECT_LE((model.mixture.means.row(c).array() / 12 - (model.mixture.means.row(c).array() / 12).round())
                        .abs()
                        .maxCoeff(),
                    0.03);
          EXPECT_LE(
              (covariance_matrices(model.mixture)[static_cast<std::size_t>(c)] - Eigen::Matrix2d::Identity()).norm(),
              0.9);
        }
        EXPECT_EQ(rows, 600);
        if (of_proportions == ProportionPrior::dirichlet_process) {
          ASSERT_EQ(model.order.size(), 10u);
          for (std::size_t at = 1; at < 10; ++at)
            EXPECT_GE(model.sizes[model.order[at - 1]], model.sizes[model.order[at]]);
        }
      }
  }
}

TEST(VariationalMixture, TheBoundPrefersTheRightNumberOfComponents) {
  const RowMatrix<double> X = three_groups(9, 300);
  std::vector<double> bounds;
  for (Index k = 1; k <= 4; ++k)
    bounds.push_back(variational_mixture(X, k, {.restarts = 3, .tolerance = 1e-8}).lower_bound);
  EXPECT_GT(bounds[2], bounds[0]);
  EXPECT_GT(bounds[2], bounds[1]);
  EXPECT_GE(bounds[2], bounds[3] - 3);  // the fourth is empty
}

TEST(VariationalMixture, MixtureIsOneOfItsOwn) {
  const RowMatrix<double> X = iris().points;
  const VariationalMixture model = variational_mixture(X, 4, {.seed = 2});
  EXPECT_EQ(predict(model.mixture, X), model.mixture.labels);
  EXPECT_NEAR(score_samples(model.mixture, X).mean(), model.mixture.log_likelihood, 1e-12);
  EXPECT_EQ(model.mixture.total_weight, 150);
  EXPECT_TRUE(std::isfinite(bic(model.mixture)));
  EXPECT_EQ(sample(model.mixture, 10, 1).points.rows(), 10);
  // EM goes on from it.
  EXPECT_GE(gaussian_mixture(X, model.mixture).log_likelihood, model.mixture.log_likelihood);
}

TEST(VariationalMixture, StartsAndRestarts) {
  const RowMatrix<double> X = iris().points;
  Labels nearest(X.rows());
  for (Index i = 0; i < X.rows(); ++i) {
    const double first = (X.row(i) - X.row(3)).squaredNorm(), second = (X.row(i) - X.row(90)).squaredNorm();
    nearest[i] = second < first;
  }
  expect_same(variational_mixture(X, 2, {.initial_rows = {3, 90}}),
              variational_mixture(X, 2, {.initial_labels = nearest}));
  for (const MixtureInit init : {MixtureInit::kmeans, MixtureInit::kmeans_plus_plus, MixtureInit::random}) {
    const VariationalMixture once = variational_mixture(X, 5, {.init = init, .seed = 9});
    EXPECT_EQ(once.restart, 0);
    EXPECT_GE(variational_mixture(X, 5, {.init = init, .restarts = 5, .seed = 9}).lower_bound, once.lower_bound);
  }
}

TEST(VariationalMixture, DegenerateData) {
  for (const Covariance kind : kinds)
    for (const ProportionPrior of_proportions : priors) {
      VariationalMixtureOptions options{.covariance = kind, .proportions = of_proportions};
      const auto expect_finite = [&](const RowMatrix<double>& X, Index k) {
        const VariationalMixture model = variational_mixture(X, k, options);
        EXPECT_TRUE(std::isfinite(model.lower_bound));
        EXPECT_TRUE(model.mixture.means.allFinite());
        EXPECT_TRUE(predict_proba(model, X).allFinite());
        EXPECT_NO_THROW(covariance_matrices(model.mixture));
        EXPECT_NEAR(model.sizes.sum(), static_cast<double>(X.rows()), 1e-9);
      };
      const RowMatrix<double> equal = RowMatrix<double>::Constant(7, 3, 1e6);
      expect_finite(equal, 2);
      expect_finite(equal, 7);
      expect_finite(equal.topRows(1), 1);
      Random random(8);
      const RowMatrix<double> few = normal_matrix<double>(random, 4, 9);
      expect_finite(few, 1);
      expect_finite(few, 4);
      RowMatrix<double> line(30, 3);
      for (Index i = 0; i < 30; ++i) line.row(i) << static_cast<double>(i), 2.0 * static_cast<double>(i), 7;
      expect_finite(line, 3);
      expect_finite(line.array() + 1e6, 3);
      // A prior that is far narrower than the rounding of the rows.
      options.prior.covariance = Eigen::MatrixXd::Constant(1, 1, 1e-24);
      if (kind == Covariance::diagonal) options.prior.covariance = Eigen::MatrixXd::Constant(3, 1, 1e-24);
      if (kind == Covariance::full || kind == Covariance::tied)
        options.prior.covariance = 1e-24 * Eigen::MatrixXd::Identity(3, 3);
      expect_finite(line, 2);
      expect_finite(line.array() + 1e6, 2);
    }
}

TEST(VariationalMixture, MemoryIsThatOfTheKindOfCovariance) {
  Random random(6);
  const RowMatrix<double> X = normal_matrix<double>(random, 100, 300);
  VariationalMixtureOptions options{.covariance = Covariance::full, .max_iterations = 1};
  options.execution.memory_limit = 4000000;
  EXPECT_THROW(variational_mixture(X, 3, options), MemoryLimitExceeded);
  options.covariance = Covariance::spherical;
  EXPECT_NO_THROW(variational_mixture(X, 3, options));
}

TEST(VariationalMixture, CanBeCancelled) {
  const RowMatrix<double> X = iris().points;
  int calls = 0;
  VariationalMixtureOptions options{.tolerance = 0};
  options.execution.on_progress = [&](const Progress& progress) {
    return progress.stage != "variational" || ++calls < 3;
  };
  const VariationalMixture model = variational_mixture(X, 6, options);
  EXPECT_EQ(model.status, Status::cancelled);
  EXPECT_EQ(model.mixture.status, Status::cancelled);
  EXPECT_EQ(model.iterations, 3);
  EXPECT_EQ(predict(model, X), model.labels);
  options.execution.on_progress = [](const Progress& progress) { return progress.stage == "variational"; };
  const VariationalMixture start = variational_mixture(X, 6, options);
  EXPECT_EQ(start.status, Status::cancelled);
  EXPECT_EQ(start.iterations, 0);
  EXPECT_EQ(start.labels.size(), 150);
}

TEST(VariationalMixture, BadArguments) {
  const RowMatrix<double> X = iris().points;
  const auto expect = [&](const VariationalMixtureOptions& options, const std::string& message, Index k = 2) {
    EXPECT_EQ(message_of([&] { variational_mixture(X, k, options); }), "corymb::variational_mixture: " + message);
  };
  const auto with = [](auto set) {
    VariationalMixtureOptions options;
    set(options);
    return options;
  };
  using Options = VariationalMixtureOptions;
  expect({}, "k = 0 must be in [1, n = 150]", 0);
  expect({}, "k = 151 must be in [1, n = 150]", 151);
  expect({.covariance = Covariance::vee}, "covariance = vee must be full, tied, diagonal or spherical");
  expect({.restarts = 0}, "restarts = 0 must be ≥ 1");
  expect({.max_iterations = -1}, "max_iterations = -1 must be ≥ 0");
  expect({.tolerance = -1}, "tolerance = -1 must be ≥ 0");
  expect({.initial_labels = Labels::Zero(3)}, "initial_labels has 3 entries; one per row, n = 150, is needed");
  expect({.initial_rows = {0, 1}, .restarts = 2}, "restarts = 2 must be 1 where the start is given");
  expect({.initial_rows = {0, 0}}, "initial_rows has 0 twice; the rows must be different");
  expect({.weights = Vector::Ones(2)}, "weights has 2 entries; one per row, n = 150, is needed");
  expect({.weights = -Vector::Ones(150)}, "weights(0) = -1 must be finite and ≥ 0");
  expect({.execution = {.threads = -1}}, "execution.threads = -1 must be in [0, 1024] (0 = all)");
  expect(with([](Options& o) { o.prior.concentration = -1; }),
         "prior.concentration = -1 must be finite and > 0, or 0 for the default");
  expect(with([](Options& o) { o.prior.mean = Vector::Zero(3); }),
         "prior.mean has 3 entries; one per column, d = 4, is needed");
  expect(with([](Options& o) { o.prior.mean = Vector::Constant(4, std::nan("")); }), "prior.mean must be finite");
  expect(with([](Options& o) { o.prior.mean_precision = 0; }), "prior.mean_precision = 0 must be finite and > 0");
  expect(with([](Options& o) { o.prior.degrees_of_freedom = 3; }),
         "prior.degrees_of_freedom = 3 must be finite and > d - 1 = 3, or 0 for the default");
  expect(with([](Options& o) {
           o.covariance = Covariance::diagonal;
           o.prior.degrees_of_freedom = -0.5;
         }),
         "prior.degrees_of_freedom = -0.5 must be finite and > 0, or 0 for the default");
  expect(with([](Options& o) { o.prior.covariance = Eigen::MatrixXd::Identity(3, 3); }),
         "prior.covariance is 3 x 3 and must be 4 x 4");
  expect(with([](Options& o) {
           o.covariance = Covariance::diagonal;
           o.prior.covariance = Eigen::MatrixXd::Identity(4, 4);
         }),
         "prior.covariance is 4 x 4 and must be 4 x 1");
  expect(with([](Options& o) { o.prior.covariance = -Eigen::MatrixXd::Identity(4, 4); }),
         "prior.covariance must be symmetric positive definite");
  RowMatrix<double> hole = X;
  hole(4, 2) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of([&] { variational_mixture(hole, 2); }),
            "corymb::variational_mixture: X(4, 2) = nan must be finite");
  EXPECT_EQ(message_of([&] { variational_mixture(RowMatrix<double>(3, 0), 2); }),
            "corymb::variational_mixture: X has 0 columns; at least 1 is needed");

  const VariationalMixture model = variational_mixture(X, 2, {.proportions = ProportionPrior::dirichlet_process});
  const auto expect_of_model = [&](auto change, const std::string& message) {
    VariationalMixture changed = model;
    change(changed);
    EXPECT_EQ(message_of([&] { predict(changed, X); }), "corymb::predict: " + message);
    EXPECT_EQ(message_of([&] { predict_proba(changed, X); }), "corymb::predict_proba: " + message);
  };
  using Model = VariationalMixture;
  expect_of_model([](Model& m) { m.concentrations = m.concentrations.col(0).eval(); },
                  "model.concentrations must be 2 x 2");
  expect_of_model([](Model& m) { m.concentrations(0, 1) = 0; }, "model.concentrations must be finite and > 0");
  expect_of_model([](Model& m) { m.mean_precisions[0] = 0; }, "model.mean_precisions must be 2 finite numbers > 0");
  expect_of_model([](Model& m) { m.degrees_of_freedom[1] = 3; },
                  "model.degrees_of_freedom must be 2 finite numbers > 3");
  expect_of_model([](Model& m) { m.order = {1, 1}; }, "model.order must name each of the 2 components once");
  expect_of_model([](Model& m) { m.proportions = ProportionPrior::dirichlet; }, "model.concentrations must be 2 x 1");
  expect_of_model(
      [](Model& m) {
        m.proportions = ProportionPrior::dirichlet;
        m.concentrations = m.concentrations.leftCols(1).eval();
      },
      "model.order must be empty");
  expect_of_model([](Model& m) { m.mixture.covariances.pop_back(); },
                  "model.mixture.covariances has 1 entries, 2 are needed");
  EXPECT_EQ(message_of([&] { predict(model, RowMatrix<double>(X.leftCols(3))); }),
            "corymb::predict: X_new has 3 columns, the model has 4; they must agree");
}

}  // namespace
}  // namespace variational_mixture_test
