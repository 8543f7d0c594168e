#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/metrics/contingency.hpp>
#include <corymb/metrics/pairs.hpp>
#include <corymb/mixture/progressive_validation.hpp>

#include <gtest/gtest.h>

#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace progressive_validation_test {
namespace {

using namespace corymb;
using namespace corymb_test;

TEST(ProgressiveValidation, FindsTheGroupsThatAreThere) {
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    for (const Index k : {2, 4, 7}) {
      const auto data = make_blobs(100 * k, 3, k, {.spread = {0.3}, .seed = seed});
      const ProgressiveValidation found = progressive_validation(data.points, {2, 10}, {.fit = {.seed = seed}});
      ASSERT_EQ(found.table.size(), 9u);
      const double ari = adjusted_rand_index(contingency_table(data.labels, found.best.labels));
      // Blobs may lie on one another; what is found is never a split one.
      EXPECT_LE(found.best.means.rows(), k) << seed;
      if (found.best.means.rows() == k) {
        EXPECT_GT(ari, 0.95) << seed;
      }
    }
}

TEST(ProgressiveValidation, TheTableIsThatOfTheDefinition) {
  const RowMatrix<double> X = iris().points;
  const ProgressiveValidationOptions options{
      .restarts = 3, .confidence = 0.8, .min_agreement = 0.85, .min_repeatability = 0.5, .fit = {.seed = 4}};
  const ProgressiveValidation found = progressive_validation(X, {1, 6}, options);
  ASSERT_EQ(found.table.size(), 6u);
  Index largest = 1;
  for (Index k = 1; k <= 6; ++k) {
    const PartitionValidation& row = found.table[static_cast<std::size_t>(k - 1)];
    EXPECT_EQ(row.k, k);
    EXPECT_EQ(row.validated, row.agreement >= 0.85 && row.repeatability >= 0.5);
    EXPECT_GE(row.agreement, 0);
    EXPECT_LE(row.agreement, 1);
    if (row.validated) largest = k;
  }
  EXPECT_DOUBLE_EQ(found.table[0].agreement, 1);
  EXPECT_DOUBLE_EQ(found.table[0].repeatability, 1);
  EXPECT_EQ(found.best.means.rows(), largest);
  EXPECT_DOUBLE_EQ(bic(found.best), found.table[static_cast<std::size_t>(largest - 1)].bic);
  const RowMatrix<double> shares = predict_proba(found.best, X);
  for (Index i = 0; i < X.rows(); ++i)
    EXPECT_EQ(found.separable[i], shares.row(i).maxCoeff() >= 0.8 ? found.best.labels[i] : noise);
}

TEST(ProgressiveValidation, NothingIsFoundInOneGroup) {
  Random random(3);
  const ProgressiveValidation found = progressive_validation(normal_matrix<double>(random, 500, 2), {1, 6});
  EXPECT_EQ(found.best.means.rows(), 1);
  for (std::size_t i = 1; i < found.table.size(); ++i) EXPECT_FALSE(found.table[i].validated) << i;
}

TEST(ProgressiveValidation, CanBeCancelled) {
  for (const int allowed : {0, 3, 40}) {
    int calls = 0;
    ProgressiveValidationOptions options;
    options.fit.execution.on_progress = [&](const Progress&) { return ++calls <= allowed; };
    const ProgressiveValidation found = progressive_validation(iris().points, {1, 8}, options);
    EXPECT_EQ(found.best.status, Status::cancelled);
    EXPECT_LT(found.table.size(), 8u);
  }
}

TEST(ProgressiveValidation, BadArguments) {
  const RowMatrix<double> X = iris().points;
  const auto message = [&](KRange range, const ProgressiveValidationOptions& options) {
    return message_of([&] { progressive_validation(X, range, options); });
  };
  EXPECT_EQ(message({3, 2}, {}), "corymb::progressive_validation: range.first = 3 must be ≤ range.last = 2");
  EXPECT_EQ(message({0, 2}, {}), "corymb::progressive_validation: k = 0 must be in [1, n = 150]");
  EXPECT_EQ(message({1, 2}, {.restarts = 1}), "corymb::progressive_validation: restarts = 1 must be ≥ 2");
  EXPECT_EQ(message({1, 2}, {.confidence = 1.5}), "corymb::progressive_validation: confidence = 1.5 must be in [0, 1]");
  EXPECT_EQ(message({1, 2}, {.fit = {.restarts = 3}}),
            "corymb::progressive_validation: fit may have no start and no restarts; each mixture starts from the "
            "partition of k-means");
}

}  // namespace
}  // namespace progressive_validation_test
