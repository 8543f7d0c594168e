#include <corymb/datasets/generators.hpp>
#include <corymb/mixture/online_gaussian_mixture.hpp>
#include <corymb/mixture/progressive_validation.hpp>
#include <corymb/mixture/select_gaussian_mixture.hpp>
#include <corymb/mixture/variational_mixture.hpp>

#include <gtest/gtest.h>

#include <vector>

// The code of docs/gaussian_mixture.md.

namespace mixture_page {
namespace {

#pragma GCC diagnostic ignored "-Wunused-value"  // the page names the members of a result

TEST(MixturePage, Code) {
  const auto X = corymb::make_blobs(400, 2, 3).points, X_new = corymb::make_blobs(50, 2, 3).points;

  // clang-format off
  auto r = corymb::gaussian_mixture(X, 3, {.covariance = corymb::Covariance::full, .restarts = 4, .seed = 1});
  r.labels;          // n: the most probable component
  r.means;           // k × d
  r.covariances;     // as the family stores them; covariance_matrices(r) writes them out
  r.log_likelihood;  // mean over the rows
  r.floored;         // whether a component has shrunk to a point or a plane

  auto labels = corymb::predict(r, X_new);
  auto shares = corymb::predict_proba(r, X_new);        // m × k, rows sum to one
  auto log_densities = corymb::score_samples(r, X_new);  // low = unlike the data
  auto drawn = corymb::sample(r, 1000, 7);              // points and labels
  // clang-format on
  EXPECT_EQ(labels.size(), 50);
  EXPECT_EQ(shares.cols(), 3);
  EXPECT_EQ(log_densities.size(), 50);
  EXPECT_EQ(drawn.points.rows(), 1000);

  // clang-format off
  auto found = corymb::select_gaussian_mixture(X, {1, 6});  // all families, by BIC
  found.best;   // a mixture
  found.table;  // every fit: k, covariance, log_likelihood, parameters, bic, icl, aic
  double value = corymb::icl(found.best);
  // clang-format on
  EXPECT_EQ(found.best.means.rows(), 3);
  EXPECT_EQ(found.table.size(), 6u * 14u);
  EXPECT_GT(value, 0);

  // clang-format off
  auto valid = corymb::progressive_validation(X, {1, 10});
  valid.best;       // the mixture of the largest k that is validated
  valid.table;      // for each k: agreement, repeatability, bic, validated
  valid.separable;  // its labels, but noise where the mixture is not sure
  // clang-format on
  EXPECT_EQ(valid.table.size(), 10u);

  // clang-format off
  auto m = corymb::gaussian_mixture(X, 3, {.integrate_missing = true});  // NaN = missing
  corymb::predict_proba(m, X_new);                                      // where values may be missing as well
  auto t = corymb::gaussian_mixture(X, 3, {.tails = corymb::Tails::student});
  t.degrees_of_freedom;  // by component: about 1 has very heavy tails, above 50 is nearly Gaussian
  // clang-format on
  EXPECT_EQ(m.labels, corymb::gaussian_mixture(X, 3).labels);
  EXPECT_EQ(t.degrees_of_freedom.size(), 3);

  // clang-format off
  auto v = corymb::variational_mixture(X, 10, {.covariance = corymb::Covariance::full, .restarts = 3});
  v.components;   // how many of the 10 have rows
  v.labels;       // n
  v.mixture;      // proportions, means and covariances that the posterior expects: a mixture like any other
  v.lower_bound;  // of the log of the evidence; comparable between priors, families and k
  auto probabilities = corymb::predict_proba(v, X_new);
  // clang-format on
  EXPECT_EQ(v.components, 2);  // two of the three blobs overlap
  EXPECT_EQ(probabilities.cols(), 10);

  const corymb::RowMatrix<double> first_batch = X.topRows(100);
  const std::vector<corymb::RowMatrix<double>> batches = {X.middleRows(100, 150), X.bottomRows(150)};
  // clang-format off
  corymb::OnlineGaussianMixture online(corymb::gaussian_mixture(first_batch, 3));
  for (const auto& batch : batches) online.partial_fit(batch);  // returns the mean log-likelihood before it was learnt
  auto of_new = corymb::predict(online.model(), X_new);
  // clang-format on
  EXPECT_EQ(online.batches(), 2);
  EXPECT_EQ(of_new.size(), 50);
}

}  // namespace
}  // namespace mixture_page
