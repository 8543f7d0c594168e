// Every mistake of a caller of spectral functions gets its message, and nothing is computed.
#include <corymb/spectral/landmark_spectral_clustering.hpp>
#include <corymb/spectral/spectral_clustering.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "support/message_of.hpp"

namespace spectral_badarg_test {
namespace {

using namespace corymb;
using corymb_test::message_of;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

RowMatrix<double> rows() {
  RowMatrix<double> X(6, 2);
  X << 0, 1, 2, 3, 1, 1, 4, 0, 3, 3, 5, 2;
  return X;
}

std::string with(const SpectralOptions& options, Index k = 2, const RowMatrix<double>& X = rows()) {
  return message_of([&] { spectral_clustering(X, k, options); });
}

std::string clustering(const std::string& what) { return "corymb::spectral_clustering: " + what; }

TEST(SpectralBadArguments, Rows) {
  EXPECT_EQ(with({}, 0), clustering("k = 0 must be in [1, n = 6]"));
  EXPECT_EQ(with({}, 7), clustering("k = 7 must be in [1, n = 6]"));
  EXPECT_EQ(with({}, 1, RowMatrix<double>(0, 2)), clustering("k = 1 must be in [1, n = 0]"));
  EXPECT_EQ(with({}, 1, RowMatrix<double>(3, 0)), clustering("X has 0 columns; at least 1 is needed"));
  RowMatrix<double> X = rows();
  X(2, 1) = nan;
  EXPECT_EQ(with({}, 2, X), clustering("X(2, 1) = nan must be finite"));
  X.row(2).setZero();
  EXPECT_EQ(with({.affinity = Affinity::cosine}, 2, X).substr(0, 29), clustering("X").substr(0, 29));
  EXPECT_EQ(message_of([] { spectral_embedding(rows(), 9); }),
            "corymb::spectral_embedding: dimensions = 9 must be in [1, n = 6]");
}

TEST(SpectralBadArguments, Options) {
  EXPECT_EQ(with({.gamma = 0.0}), clustering("gamma = 0 must be finite and > 0"));
  EXPECT_EQ(with({.gamma = nan}), clustering("gamma = nan must be finite and > 0"));
  EXPECT_EQ(with({.affinity = Affinity::knn, .gamma = 1.0, .neighbors = 2}),
            clustering("gamma is of rbf; it must be empty"));
  EXPECT_EQ(with({.metric = Metric::manhattan}), clustering("gamma must be given where the metric is not euclidean"));
  EXPECT_EQ(with({.affinity = Affinity::cosine, .metric = Metric::manhattan}),
            clustering("metric must be empty: the cosine has none"));
  for (const Affinity affinity : {Affinity::knn, Affinity::mutual_knn, Affinity::self_tuning}) {
    EXPECT_EQ(with({.affinity = affinity, .neighbors = 0}), clustering("neighbors = 0 must be in [1, n − 1 = 5]"));
    EXPECT_EQ(with({.affinity = affinity, .neighbors = 6}), clustering("neighbors = 6 must be in [1, n − 1 = 5]"));
  }
  EXPECT_EQ(with({.edges = EdgeAffinity::self_tuning}),
            clustering("edges are of knn and mutual_knn; other affinities are their own"));
  EXPECT_EQ(with({.eigen_tolerance = 0}), clustering("eigen_tolerance = 0 must be finite and > 0"));
  EXPECT_EQ(with({.max_eigen_iterations = 0}), clustering("max_eigen_iterations = 0 must be at least 1"));
  EXPECT_EQ(with({.min_component_size = 0}), clustering("min_component_size = 0 must be at least 1"));
  EXPECT_EQ(with({.min_component_size = 7}),
            clustering("min_component_size = 7: no connected component of the affinities has as many rows"));
  EXPECT_EQ(with({.restarts = 0}), clustering("restarts = 0 must be at least 1"));
  SpectralOptions options;
  options.execution.threads = -1;
  EXPECT_EQ(with(options), clustering("execution.threads = -1 must be in [0, 1024] (0 = all)"));
  EXPECT_EQ(with({.solver = Eigensolver::lanczos}, 1),
            detail::lanczos_is_available()
                ? "nothing was thrown"
                : clustering("solver = lanczos needs corymb::corymb built with Spectra; chebyshev is always there"));
}

TEST(SpectralBadArguments, GivenAffinities) {
  EXPECT_EQ(message_of([] { AffinityMatrix(RowMatrix<double>(2, 3)); }),
            "corymb::AffinityMatrix: W is 2 x 3; it must be square");
  RowMatrix<double> W = RowMatrix<double>::Ones(4, 4);
  const auto dense = [&](const SpectralOptions& options = {}) {
    return message_of([&] { spectral_clustering(AffinityMatrix(W), 2, options); });
  };
  const auto sparse = [&](const SpectralOptions& options = {}) {
    const Eigen::SparseMatrix<double, Eigen::RowMajor> G = W.sparseView();
    return message_of([&] { spectral_clustering(G, 2, options); });
  };
  EXPECT_EQ(dense({.gamma = 1.0}),
            clustering("affinity, metric, gamma, neighbors and edges must keep their defaults: affinities are given"));
  W(1, 2) = 0.5;
  EXPECT_EQ(dense(), clustering("W(1, 2) = 0.5, W(2, 1) = 1; W must be symmetric"));
  EXPECT_EQ(sparse(), clustering("W(1, 2) = 0.5, W(2, 1) = 1; W must be symmetric"));
  W(1, 2) = W(2, 1) = 0;
  EXPECT_EQ(dense(), "nothing was thrown");
  EXPECT_EQ(sparse(), "nothing was thrown");
  W(1, 2) = 1;
  EXPECT_EQ(sparse(), clustering("W(1, 2) = 1, W(2, 1) = 0; W must be symmetric"));
  W(1, 2) = W(2, 1) = -1;
  EXPECT_EQ(dense(), clustering("W(1, 2) = -1 must be finite and ≥ 0"));
  EXPECT_EQ(sparse(), clustering("W(1, 2) = -1 must be ≥ 0"));
  W(1, 2) = W(2, 1) = nan;
  EXPECT_EQ(dense(), clustering("W(1, 2) = nan must be finite and ≥ 0"));
  EXPECT_EQ(sparse(), clustering("W(1, 2) = nan must be finite"));
  const auto own = [](std::span<const double> x, std::span<const double> y) { return x[0] == y[0] ? 1.0 : -1.0; };
  EXPECT_EQ(message_of([&] { spectral_clustering(rows(), 2, own); }),
            clustering("the affinity of rows 0 and 1 is -1; it must be finite and ≥ 0"));
}

TEST(SpectralBadArguments, Selection) {
  const auto select = [](KRange range) { return message_of([&] { select_spectral_clustering(rows(), range); }); };
  for (const KRange range : {KRange{0, 3}, KRange{3, 2}, KRange{2, 6}})
    EXPECT_EQ(select(range), "corymb::select_spectral_clustering: range = [" + std::to_string(range.first) + ", " +
                                 std::to_string(range.last) +
                                 "] must be within [1, n − 1 = 5], its first not above its last");
}

TEST(SpectralBadArguments, Predict) {
  const auto fit = spectral_clustering(rows(), 2);
  EXPECT_EQ(message_of([&] { predict(fit, rows().topRows(5), rows()); }),
            "corymb::predict: X_train has 5 rows, the fit had 6");
  EXPECT_EQ(message_of([&] { predict(fit, rows(), RowMatrix<double>::Zero(2, 3)); }),
            "corymb::predict: X_train has 2 columns, X_new has 3; they must agree");
  const auto given = spectral_clustering(AffinityMatrix(RowMatrix<double>::Ones(6, 6)), 2);
  EXPECT_EQ(message_of([&] { predict(given, rows(), rows()); }),
            "corymb::predict: result is of affinities that were given; only those of points are known for new rows");
}

TEST(SpectralBadArguments, Landmarks) {
  const auto message = [](const LandmarkSpectralOptions& options, Index k = 2) {
    const std::string name = "corymb::landmark_spectral_clustering: ";
    const std::string text = message_of([&] { landmark_spectral_clustering(rows(), k, options); });
    return text.starts_with(name) ? text.substr(name.size()) : text;
  };
  EXPECT_EQ(message({}, 7), "k = 7 must be in [1, n = 6]");
  EXPECT_EQ(message({.landmarks = 1}), "landmarks = 1 must be in [k = 2, n = 6]");
  EXPECT_EQ(message({.landmarks = 7}), "landmarks = 7 must be in [k = 2, n = 6]");
  EXPECT_EQ(message({.landmarks = 3, .landmark_rows = {1, 2}}),
            "landmarks must be empty where landmark_rows are given");
  EXPECT_EQ(message({.landmark_rows = {1, 6}}), "landmark_rows has 6; rows must be in [0, n = 6)");
  EXPECT_EQ(message({.landmark_rows = {1, 3, 1}}), "landmark_rows has 1 twice");
  EXPECT_EQ(message({.landmarks = 3, .nearest = 4}), "nearest = 4 must be in [1, landmarks = 3]");
  EXPECT_EQ(message({.landmark_iterations = 0, .nearest = 2}), "landmark_iterations = 0 must be at least 1");
  EXPECT_EQ(message({.nearest = 2, .gamma = -1.0}), "gamma = -1 must be finite and > 0");
  EXPECT_EQ(message({.nearest = 2, .eigen_tolerance = nan}), "eigen_tolerance = nan must be finite and > 0");
  EXPECT_EQ(message({.nearest = 2, .max_eigen_iterations = 0}), "max_eigen_iterations = 0 must be at least 1");
  EXPECT_EQ(message({.nearest = 2, .restarts = 0}), "restarts = 0 must be at least 1");
}

}  // namespace
}  // namespace spectral_badarg_test
