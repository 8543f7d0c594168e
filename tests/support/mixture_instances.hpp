#pragma once

#include <gtest/gtest.h>
#include <corymb/mixture/gaussian_mixture.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <vector>

#include "support/matrices.hpp"
#include "support/mixture_oracle.hpp"

// What the tests of mixtures share: instances, when two models are the same, and how far one is from an oracle.
namespace corymb_test::mixtures {

using namespace corymb;

inline constexpr Covariance kinds[] = {Covariance::full, Covariance::tied, Covariance::diagonal, Covariance::spherical};

/// Rows of k overlapping groups of different forms, and labels in which every component occurs.
struct Instance {
  RowMatrix<double> X;
  Labels labels;
  Index k;
};

inline Instance random_instance(std::uint64_t seed, Index n_most = 120) {
  Random random(seed, {91});
  const Index d = 1 + random.below(4), k = 1 + random.below(4);
  const Index n = 8 * k * (d + 1) + random.below(n_most);
  Instance result{RowMatrix<double>(n, d), Labels(n), k};
  const RowMatrix<double> centers = 2 * normal_matrix<double>(random, k, d);
  std::vector<RowMatrix<double>> forms;
  for (Index c = 0; c < k; ++c) forms.push_back(normal_matrix<double>(random, d, d));
  for (Index i = 0; i < n; ++i) {
    const Index c = random.below(k);
    result.X.row(i) = centers.row(c) + normal_matrix<double>(random, 1, d) * forms[static_cast<std::size_t>(c)];
    result.labels[i] = static_cast<std::int32_t>(i < k ? i : random.below(4) == 0 ? random.below(k) : c);
  }
  return result;
}

inline void expect_same(const GaussianMixture& actual, const GaussianMixture& expected) {
  EXPECT_TRUE(same_matrix(actual.proportions, expected.proportions));
  EXPECT_TRUE(same_matrix(actual.means, expected.means));
  ASSERT_EQ(actual.covariances.size(), expected.covariances.size());
  for (std::size_t s = 0; s < expected.covariances.size(); ++s)
    EXPECT_TRUE(same_matrix(actual.covariances[s], expected.covariances[s]));
  EXPECT_TRUE(same_matrix(actual.labels, expected.labels));
  EXPECT_EQ(actual.history, expected.history);
  EXPECT_EQ(actual.iterations, expected.iterations);
  EXPECT_EQ(actual.status, expected.status);
}

/// How far the parameters are from those of the oracle, beside their own size.
inline double error_of(const GaussianMixture& model, const MixtureOracle& oracle) {
  double error = (model.proportions - oracle.proportions.cast<double>()).cwiseAbs().maxCoeff();
  error = std::max(error, (model.means - oracle.means.cast<double>()).cwiseAbs().maxCoeff());
  for (Index c = 0; c < model.means.rows(); ++c) {
    const Eigen::MatrixXd expected = oracle.covariances[static_cast<std::size_t>(c)].cast<double>();
    error =
        std::max(error, (whole_covariance(model, c) - expected).cwiseAbs().maxCoeff() / expected.cwiseAbs().maxCoeff());
  }
  return error;
}

/// The largest ratio of the eigenvalues of a covariance: so much of the precision is lost in its inverse.
inline double condition(const GaussianMixture& model) {
  double result = 1;
  for (Index c = 0; c < model.means.rows(); ++c) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(whole_covariance(model, c));
    result = std::max(result, eigen.eigenvalues().maxCoeff() / eigen.eigenvalues()[0]);
  }
  return result;
}

/// Weights for one instance in three; empty for the others.
inline Vector some_weights(Random& random, std::uint64_t seed, Index n) {
  Vector weights(seed % 3 == 0 ? n : 0);
  for (double& weight : weights) weight = 0.5 + static_cast<double>(random.below(4));
  return weights;
}

/// The same in long double, one for each row.
inline LongVector long_weights(const Vector& weights, Index n) {
  return weights.size() > 0 ? LongVector(weights.cast<long double>()) : LongVector(LongVector::Ones(n));
}

/// Weights that are numbers of copies, and the rows so often; the first k rows once.
struct Copies {
  Vector weights;
  std::vector<Index> rows;

  Copies(Random& random, Index n, Index k) : weights(n) {
    for (Index i = 0; i < n; ++i) {
      weights[i] = static_cast<double>(i < k ? 1 : random.below(4));
      rows.insert(rows.end(), static_cast<std::size_t>(weights[i]), i);
    }
  }
};

/// The objective of a fit never falls, but for rounding.
inline ::testing::AssertionResult never_falls(const GaussianMixture& model) {
  // What a flat component adds to the likelihood is as uncertain as its covariance is ill-conditioned.
  const bool flat = std::find(model.floored.begin(), model.floored.end(), true) != model.floored.end();
  const double tolerance = flat ? 1e-5 : 1e-9;
  for (std::size_t i = 1; i < model.history.size(); ++i)
    if (!(model.history[i] >= model.history[i - 1] - tolerance * (1 + std::abs(model.history[i - 1]))))
      return ::testing::AssertionFailure() << "iteration " << i << ": " << exact_text(model.history[i]) << " after "
                                           << exact_text(model.history[i - 1]);
  return ::testing::AssertionSuccess();
}

}  // namespace corymb_test::mixtures
