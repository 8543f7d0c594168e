#include <corymb/hierarchy/agglomerative.hpp>

#include <gtest/gtest.h>

#include <limits>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace agglomerative_badarg_test {
namespace {

using namespace corymb;
using namespace corymb_test;

TEST(AgglomerativeArguments, AreChecked) {
  RowMatrix<double> X = RowMatrix<double>::Random(5, 2);
  const auto with = [&](const AgglomerativeOptions& options, Linkage linkage = Linkage::average) {
    return message_of([&] { agglomerative(X, linkage, options); });
  };
  EXPECT_EQ(with({.metric = Metric::manhattan}, Linkage::ward),
            "corymb::agglomerative: metric must be euclidean for ward linkage, which is about centroids");
  EXPECT_EQ(with({.execution = {.threads = -1}}),
            "corymb::agglomerative: execution.threads = -1 must be in [0, 1024] (0 = all)");
  EXPECT_EQ(with({.weights = Vector::Ones(4)}),
            "corymb::agglomerative: weights has 4 entries; one per row, n = 5, is needed");
  EXPECT_EQ(with({.weights = -Vector::Ones(5)}), "corymb::agglomerative: weights(0) = -1 must be finite and ≥ 0");
  EXPECT_EQ(with({.weights = Vector::Zero(5)}), "corymb::agglomerative: weights are all 0; at least one must be > 0");
  Vector far(5);
  far << 1, 1e31, 0, 1, 1;
  EXPECT_EQ(with({.weights = far}),
            "corymb::agglomerative: weights are from 1 to 1e+31; they must be within a factor "
            "of 1e30 of each other (or 0)");
  EXPECT_EQ(message_of([] { agglomerative(RowMatrix<double>(3, 0), Linkage::single); }),
            "corymb::agglomerative: X has 0 columns; at least 1 is needed");
  X(3, 1) = std::numeric_limits<double>::quiet_NaN();
  for (const Linkage linkage : {Linkage::single, Linkage::complete, Linkage::ward})
    EXPECT_EQ(with({}, linkage), "corymb::agglomerative: X(3, 1) = nan must be finite");
}

TEST(AgglomerativeArguments, OfDistancesAreChecked) {
  RowMatrix<double> D = RowMatrix<double>::Constant(3, 3, 1);
  D.diagonal().setZero();
  EXPECT_EQ(message_of([&] { agglomerative(DistanceMatrix(D), Linkage::average, {.metric = Metric::euclidean}); }),
            "corymb::agglomerative: metric must be empty: the distances are those of the matrix");
  D(1, 2) = -1;
  EXPECT_EQ(message_of([&] { agglomerative(DistanceMatrix(D), Linkage::average); }),
            "corymb::agglomerative: D(1, 2) = -1 must be finite and ≥ 0");
  const auto bad = [](Index, Index) { return std::numeric_limits<double>::infinity(); };
  for (const Linkage linkage : {Linkage::single, Linkage::complete})
    EXPECT_EQ(message_of([&] {
                agglomerative(dissimilarity(2, bad), linkage);
              }).rfind("corymb::agglomerative: the distance of objects ", 0),
              0u);
}

TEST(DendrogramArguments, AreChecked) {
  const Dendrogram tree{3, {{0, 1, 2, 1}, {2, 3, 3, 4}}, {}};
  EXPECT_EQ(message_of([&] { cut(tree, std::numeric_limits<double>::quiet_NaN()); }),
            "corymb::cut: height is not a number");
  EXPECT_EQ(message_of([&] { cut_into(tree, 0); }), "corymb::cut_into: k = 0 must be in [1, n = 3]");
  EXPECT_EQ(message_of([&] { cut_into(tree, 4); }), "corymb::cut_into: k = 4 must be in [1, n = 3]");
  EXPECT_EQ(message_of([&] { cut_into(Dendrogram{}, 1); }), "corymb::cut_into: k = 1 must be in [1, n = 0]");
}

}  // namespace
}  // namespace agglomerative_badarg_test
