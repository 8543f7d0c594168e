#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/mixture/select_gaussian_mixture.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace select_gaussian_mixture_test {
namespace {

using namespace corymb;
using namespace corymb_test;

TEST(SelectGaussianMixture, TheTableIsThatOfTheFits) {
  const RowMatrix<double> X = iris().points;
  const std::vector<Covariance> families = {Covariance::vev, Covariance::eee, Covariance::spherical};
  const GaussianMixtureOptions options{.restarts = 2, .seed = 3};
  for (const MixtureCriterion criterion : {MixtureCriterion::bic, MixtureCriterion::icl, MixtureCriterion::aic}) {
    const MixtureSelection selection = select_gaussian_mixture(X, {1, 4}, families, options, criterion);
    ASSERT_EQ(selection.table.size(), 12u);
    double least = std::numeric_limits<double>::infinity();
    std::size_t at = 0;
    for (Index k = 1; k <= 4; ++k)
      for (const Covariance covariance : families) {
        const MixtureCandidate& candidate = selection.table[at++];
        GaussianMixtureOptions of_fit = options;
        of_fit.covariance = covariance;
        const GaussianMixture model = gaussian_mixture(X, k, of_fit);
        EXPECT_EQ(candidate.k, k);
        EXPECT_EQ(candidate.covariance, covariance);
        EXPECT_EQ(candidate.log_likelihood, model.log_likelihood);
        EXPECT_EQ(candidate.parameters, parameters(model));
        EXPECT_EQ(candidate.bic, bic(model));
        EXPECT_EQ(candidate.icl, icl(model));
        EXPECT_EQ(candidate.aic, aic(model));
        const double value = criterion == MixtureCriterion::bic   ? candidate.bic
                             : criterion == MixtureCriterion::icl ? candidate.icl
                                                                  : candidate.aic;
        if (candidate.floored || value >= least) continue;
        least = value;
        EXPECT_LE(criterion == MixtureCriterion::bic   ? bic(selection.best)
                  : criterion == MixtureCriterion::icl ? icl(selection.best)
                                                       : aic(selection.best),
                  value);
      }
  }
}

TEST(SelectGaussianMixture, IrisIsTwoComponentsOfEqualShape) {
  const MixtureSelection selection = select_gaussian_mixture(iris().points, {1, 5});
  // As mclust has it, from another start: VEV with two components, BIC 561.73.
  EXPECT_EQ(selection.table.size(), 5u * 14u);
  EXPECT_EQ(selection.best.means.rows(), 2);
  EXPECT_EQ(selection.best.covariance, Covariance::vev);
  EXPECT_NEAR(bic(selection.best), 561.73, 0.01);
}

TEST(SelectGaussianMixture, AComponentOnDuplicatesIsNotTheBest) {
  Random random(5);
  RowMatrix<double> X = normal_matrix<double>(random, 60, 2);
  X.topRows(12).rowwise() = Eigen::RowVector2d(1, 1);
  const MixtureSelection selection = select_gaussian_mixture(X, {1, 3}, {Covariance::full}, {.seed = 1});
  EXPECT_TRUE(selection.table.back().floored);
  EXPECT_LT(selection.table.back().bic, bic(selection.best));
  EXPECT_EQ(std::count(selection.best.floored.begin(), selection.best.floored.end(), true), 0);
}

TEST(SelectGaussianMixture, CanBeCancelled) {
  int calls = 0;
  GaussianMixtureOptions options{.tolerance = 0};
  options.execution.on_progress = [&](const Progress& progress) { return progress.stage != "em" || ++calls < 40; };
  const MixtureSelection selection = select_gaussian_mixture(iris().points, {1, 6}, {Covariance::vev}, options);
  EXPECT_EQ(selection.best.status, Status::cancelled);
  EXPECT_LT(selection.table.size(), 6u);
  EXPECT_EQ(selection.table.back().status, Status::cancelled);
  EXPECT_EQ(predict(selection.best, iris().points), selection.best.labels);
}

TEST(SelectGaussianMixture, BadArguments) {
  const RowMatrix<double> X = iris().points;
  const auto message = [&](KRange range, const std::vector<Covariance>& families,
                           const GaussianMixtureOptions& options = {}) {
    return message_of([&] { select_gaussian_mixture(X, range, families, options); });
  };
  EXPECT_EQ(message({0, 3}, {Covariance::full}), "corymb::select_gaussian_mixture: k = 0 must be in [1, n = 150]");
  EXPECT_EQ(message({1, 151}, {Covariance::full}), "corymb::select_gaussian_mixture: k = 151 must be in [1, n = 150]");
  EXPECT_EQ(message({3, 2}, {Covariance::full}),
            "corymb::select_gaussian_mixture: range.first = 3 must be ≤ range.last = 2");
  EXPECT_EQ(message({1, 2}, {}), "corymb::select_gaussian_mixture: families is empty; at least one is needed");
  EXPECT_EQ(message({1, 2}, {Covariance::eee, Covariance::tied}),
            "corymb::select_gaussian_mixture: families names eee twice");
  EXPECT_EQ(message({1, 2}, {Covariance::eee}, {.initial_rows = {0, 1}}),
            "corymb::select_gaussian_mixture: initial_rows and initial_labels are of one k; they cannot start all of "
            "the range");
}

}  // namespace
}  // namespace select_gaussian_mixture_test
