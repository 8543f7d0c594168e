#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/preprocess/standardize.hpp>
#include <corymb/spectral/spectral_clustering.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "spectral/spectral_golden_values.hpp"
#include "support/matrices.hpp"

namespace spectral_clustering_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr SpectralLabels label_steps[] = {SpectralLabels::kmeans, SpectralLabels::discretize,
                                          SpectralLabels::cluster_qr};
constexpr Laplacian laplacians[] = {Laplacian::random_walk, Laplacian::symmetric, Laplacian::unnormalized};

Labels labels_of(std::string_view digits) {
  Labels labels(static_cast<Index>(digits.size()));
  for (std::size_t i = 0; i < digits.size(); ++i) labels[static_cast<Index>(i)] = digits[i] - '0';
  return labels;
}

TEST(SpectralClustering, ShapesThatAreNotBlobs) {
  const auto moons = make_moons(400, {.noise = 0.04}), circles = make_circles(400, {.noise = 0.02});
  const auto spirals = make_spirals(600, 3, {.noise = 0.005, .turns = 0.8});
  for (const auto* shape : {&moons, &circles, &spirals}) {
    const Index k = shape->labels.maxCoeff() + 1;
    for (const SpectralLabels labels : label_steps)
      for (const Laplacian laplacian : laplacians) {
        SCOPED_TRACE(testing::Message() << "k " << k << " labels " << static_cast<int>(labels) << " laplacian "
                                        << static_cast<int>(laplacian));
        SpectralOptions options{
            .affinity = Affinity::self_tuning, .neighbors = 7, .laplacian = laplacian, .labels = labels};
        EXPECT_EQ(adjusted_rand_index(shape->labels, spectral_clustering(shape->points, k, options).labels), 1);
        options = {.affinity = Affinity::knn, .neighbors = 8, .laplacian = laplacian, .labels = labels};
        EXPECT_EQ(adjusted_rand_index(shape->labels, spectral_clustering(shape->points, k, options).labels), 1);
        const RowMatrix<float> single = shape->points.cast<float>();
        EXPECT_EQ(adjusted_rand_index(shape->labels, spectral_clustering(single, k, options).labels), 1);
      }
  }
}

TEST(SpectralClustering, AgreesWithScikitLearn) {
  const RowMatrix<double> iris_points = iris().points;
  const RowMatrix<double> wine_points = standardize(wine().points).points;
  const auto check = [](const RowMatrix<double>& X, SpectralOptions options, const double(&symmetric)[6],
                        const double(&unnormalized)[6], std::initializer_list<std::string_view> golden) {
    options.laplacian = Laplacian::unnormalized;
    const Vector of_difference = spectral_embedding(X, 6, options).eigenvalues;
    options.laplacian = Laplacian::random_walk;
    const Vector of_walk = spectral_embedding(X, 6, options).eigenvalues;
    for (Index c = 0; c < 6; ++c) {
      EXPECT_NEAR(of_walk[c], symmetric[c], 1e-10);
      EXPECT_NEAR(of_difference[c], unnormalized[c], 1e-9);
    }
    auto step = std::begin(label_steps);
    for (const std::string_view labels : golden) {
      options.labels = *step++;
      options.restarts = 20;
      // Discretisation has local optima, and the two start from rows of their own.
      EXPECT_GE(adjusted_rand_index(labels_of(labels), spectral_clustering(X, 3, options).labels),
                options.labels == SpectralLabels::discretize ? 0.95 : 0.999)
          << static_cast<int>(options.labels);
    }
  };
  namespace golden = spectral_golden;
  {
    SCOPED_TRACE("iris rbf");
    check(iris_points, {.gamma = 0.5}, golden::iris_rbf_symmetric, golden::iris_rbf_unnormalized,
          {golden::iris_rbf_kmeans, golden::iris_rbf_discretize, golden::iris_rbf_cluster_qr});
  }
  {
    SCOPED_TRACE("iris knn");
    check(iris_points, {.affinity = Affinity::knn}, golden::iris_knn_symmetric, golden::iris_knn_unnormalized,
          {golden::iris_knn_kmeans, golden::iris_knn_discretize, golden::iris_knn_cluster_qr});
  }
  {
    SCOPED_TRACE("wine rbf");
    check(wine_points, {.gamma = 0.05}, golden::wine_rbf_symmetric, golden::wine_rbf_unnormalized,
          {golden::wine_rbf_kmeans, golden::wine_rbf_discretize, golden::wine_rbf_cluster_qr});
  }
  {
    SCOPED_TRACE("wine knn");
    check(wine_points, {.affinity = Affinity::knn}, golden::wine_knn_symmetric, golden::wine_knn_unnormalized,
          {golden::wine_knn_kmeans, golden::wine_knn_discretize, golden::wine_knn_cluster_qr});
  }
}

TEST(SpectralClustering, ComponentsAreClusters) {
  Random random(1);
  RowMatrix<double> X = normal_matrix<double>(random, 90, 2);
  X.middleRows(30, 30).array() += 100;
  X.bottomRows(30).array() -= 100;
  for (const SpectralLabels labels : label_steps) {
    const auto result = spectral_clustering(X, 3, {.affinity = Affinity::knn, .neighbors = 8, .labels = labels});
    EXPECT_EQ(result.components, 3);
    for (Index i = 0; i < 90; ++i) EXPECT_EQ(result.labels[i], i / 30);
    // Fewer clusters than components: the two largest, and the third joins the nearest one.
    const auto two =
        spectral_clustering(X.topRows(85), 2, {.affinity = Affinity::knn, .neighbors = 8, .labels = labels});
    EXPECT_EQ(two.components, 3);
    EXPECT_EQ((two.component.array() < 0).count(), 25);
    EXPECT_EQ(two.labels[84], two.labels[0]);
    EXPECT_EQ((two.labels.array() == 1).count(), 30);
    // More clusters than components: each is a part of one.
    const auto five = spectral_clustering(X, 5, {.affinity = Affinity::knn, .neighbors = 8, .labels = labels});
    for (Index i = 0; i < 90; ++i)
      for (Index j = 0; j < 90; ++j) EXPECT_TRUE(five.labels[i] != five.labels[j] || i / 30 == j / 30);
    EXPECT_EQ(five.labels.maxCoeff(), 4);
  }
}

TEST(SpectralClustering, RowsAsideOfGivenAffinitiesAreNoise) {
  Eigen::MatrixXd W = Eigen::MatrixXd::Zero(12, 12);
  W.block(1, 1, 5, 5).setOnes();
  W.block(6, 6, 5, 5).setOnes();  // rows 0 and 11 have no affinity to any row
  const auto two = spectral_clustering(AffinityMatrix(W), 2);
  EXPECT_EQ(two.components, 4);
  EXPECT_EQ(two.labels[0], noise);
  EXPECT_EQ(two.labels[11], noise);
  for (Index i = 1; i < 11; ++i) EXPECT_EQ(two.labels[i], (i - 1) / 5);
  const auto apart = spectral_clustering(AffinityMatrix(W), 2, {.min_component_size = 2});
  EXPECT_EQ(apart.components, 2);
  EXPECT_TRUE((apart.labels.array() == two.labels.array()).all());
  const auto four = spectral_clustering(AffinityMatrix(W), 4);
  EXPECT_EQ(four.labels[11], 3);
}

/// k blobs on a circle, clearly apart.
Dataset<double> round_blobs(Index n, Index k) {
  RowMatrix<double> centers(k, 2);
  for (Index c = 0; c < k; ++c) {
    const double angle = 2 * M_PI * static_cast<double>(c) / static_cast<double>(k);
    centers.row(c) << 6 * std::cos(angle), 6 * std::sin(angle);
  }
  return make_blobs(n, 2, k, {.spread = {0.8}, .centers = centers});
}

TEST(SpectralClustering, OutliersOfAMutualGraph) {
  const auto blobs = round_blobs(300, 3);
  RowMatrix<double> X(306, 2);
  X.topRows(300) = blobs.points;
  for (Index i = 0; i < 6; ++i) X.row(300 + i).setConstant(1000 + 500 * static_cast<double>(i));
  const auto result =
      spectral_clustering(X, 3, {.affinity = Affinity::mutual_knn, .neighbors = 12, .min_component_size = 5});
  EXPECT_GE(adjusted_rand_index(blobs.labels, Labels(result.labels.head(300))), 0.95);
  EXPECT_TRUE((result.labels.array() >= 0).all());
}

TEST(SpectralClustering, SmallCases) {
  for (const SpectralLabels labels : label_steps)
    for (const Laplacian laplacian : laplacians) {
      const SpectralOptions options{.laplacian = laplacian, .labels = labels};
      EXPECT_EQ(spectral_clustering(RowMatrix<double>::Zero(1, 2), 1, options).labels[0], 0);
      Random random(1);
      const RowMatrix<double> X = normal_matrix<double>(random, 9, 2);
      const auto one = spectral_clustering(X, 1, options);
      EXPECT_EQ(one.labels.maxCoeff(), 0);
      const auto all = spectral_clustering(X, 9, options);
      std::vector<std::int32_t> each(all.labels.begin(), all.labels.end());
      for (Index i = 0; i < 9; ++i) EXPECT_EQ(each[static_cast<std::size_t>(i)], i);
      const auto equal = spectral_clustering(RowMatrix<double>::Constant(20, 3, 1e6), 2, options);
      EXPECT_TRUE((equal.labels.array() >= 0).all() && (equal.labels.array() < 2).all());
      EXPECT_TRUE(equal.embedding.allFinite());
    }
  // A constant column changes nothing.
  const auto moons = make_moons(100);
  RowMatrix<double> wide(100, 3);
  wide << moons.points, RowMatrix<double>::Constant(100, 1, 7);
  EXPECT_TRUE(
      (spectral_clustering(wide, 2).labels.array() == spectral_clustering(moons.points, 2).labels.array()).all());
}

TEST(SpectralClustering, EverySolverTakesFewRows) {
  Random random(1);
  const RowMatrix<double> X = normal_matrix<double>(random, 12, 2);
  for (const Eigensolver solver : {Eigensolver::chebyshev, Eigensolver::dense, Eigensolver::lanczos}) {
    if (solver == Eigensolver::lanczos && !detail::lanczos_is_available()) continue;
    for (const Index k : {1, 3, 11, 12}) {
      const auto expected = spectral_clustering(X, k), actual = spectral_clustering(X, k, {.solver = solver});
      EXPECT_TRUE((expected.labels.array() == actual.labels.array()).all());
    }
  }
}

TEST(SpectralClustering, LabelsAreNumberedByTheirFirstRow) {
  Random random(2);
  for (int instance = 0; instance < 20; ++instance) {
    const RowMatrix<double> X = normal_matrix<double>(random, 60, 2);
    const auto result = spectral_clustering(X, 5);
    std::int32_t next = 0;
    for (const std::int32_t label : result.labels) {
      EXPECT_LE(label, next);
      next = std::max(next, label + 1);
    }
    for (std::int32_t c = 0; c < 5; ++c) {
      Eigen::RowVectorXd mean = Eigen::RowVectorXd::Zero(5);
      for (Index i = 0; i < 60; ++i)
        if (result.labels[i] == c) mean += result.embedding.row(i);
      mean /= static_cast<double>((result.labels.array() == c).count());
      EXPECT_LE((mean - result.centroids.row(c)).norm(), 1e-12);
    }
  }
}

TEST(SpectralClustering, SameLabelsForAnyThreadsLayoutAndScalar) {
  const auto blobs = make_blobs(500, 3, 4, {.spread = {1.5}, .seed = 2});
  const Eigen::MatrixXd columns = blobs.points;
  for (const Affinity affinity : {Affinity::rbf, Affinity::self_tuning, Affinity::cosine, Affinity::knn}) {
    SpectralOptions options{.affinity = affinity};
    options.execution.threads = 1;
    const auto one = spectral_clustering(blobs.points, 4, options);
    options.execution.threads = 3;
    const auto three = spectral_clustering(columns, 4, options);
    EXPECT_TRUE((one.labels.array() == three.labels.array()).all());
    EXPECT_TRUE(same_bits(one.embedding.data(), three.embedding.data(), one.embedding.size()));
    const auto single = spectral_clustering(RowMatrix<float>(blobs.points.cast<float>()), 4, options);
    EXPECT_GE(adjusted_rand_index(one.labels, single.labels), 0.97);
  }
}

TEST(SpectralClustering, Predict) {
  const auto moons = make_moons(400, {.noise = 0.05, .seed = 1}), more = make_moons(300, {.noise = 0.05, .seed = 2});
  for (const Affinity affinity : {Affinity::rbf, Affinity::self_tuning, Affinity::knn, Affinity::mutual_knn})
    for (const Laplacian laplacian : laplacians)
      for (const SpectralLabels labels : label_steps) {
        SCOPED_TRACE(testing::Message() << "affinity " << static_cast<int>(affinity) << " laplacian "
                                        << static_cast<int>(laplacian) << " labels " << static_cast<int>(labels));
        SpectralOptions options{.affinity = affinity, .laplacian = laplacian, .labels = labels};
        if (affinity == Affinity::rbf) options.gamma = 60;
        const auto fit = spectral_clustering(moons.points, 2, options);
        ASSERT_EQ(adjusted_rand_index(moons.labels, fit.labels), 1);
        EXPECT_TRUE((predict(fit, moons.points, moons.points).array() == fit.labels.array()).all());
        const Labels predicted = predict(fit, moons.points, more.points);
        EXPECT_GE(adjusted_rand_index(more.labels, predicted), 0.98);
        const Labels two = predict(fit, Eigen::MatrixXd(moons.points), Eigen::MatrixXd(more.points), {.threads = 2});
        EXPECT_TRUE((two.array() == predicted.array()).all());
      }
}

TEST(SpectralClustering, PredictionIsTheEigenvectorsEquation) {
  // For a row that is much like one of the fit, the embedding must be nearly that row's: on 3 blobs that touch, labels
  // of rows moved a little agree but at the seams.
  const auto blobs = make_blobs(600, 2, 3, {.spread = {2.0}, .seed = 3});
  Random random(5);
  RowMatrix<double> moved = blobs.points;
  for (Index i = 0; i < moved.size(); ++i) moved.data()[i] += 1e-3 * random.normal();
  for (const Affinity affinity : {Affinity::rbf, Affinity::self_tuning, Affinity::cosine, Affinity::knn})
    for (const Laplacian laplacian : laplacians) {
      const auto fit = spectral_clustering(blobs.points, 3, {.affinity = affinity, .laplacian = laplacian});
      const Labels labels = predict(fit, blobs.points, moved);
      EXPECT_GE((labels.array() == fit.labels.array()).count(), 580)
          << static_cast<int>(affinity) << " " << static_cast<int>(laplacian);
    }
}

TEST(SpectralClustering, PredictWithoutAnyAffinity) {
  const auto moons = make_moons(200);
  const auto fit = spectral_clustering(moons.points, 2, {.gamma = 60});
  RowMatrix<double> far(2, 2);
  far << -1000, 0, 1000, 0;
  const Labels labels = predict(fit, moons.points, far);
  Index left = 0, right = 0;
  moons.points.col(0).minCoeff(&left);
  moons.points.col(0).maxCoeff(&right);
  EXPECT_EQ(labels[0], fit.labels[left]);
  EXPECT_EQ(labels[1], fit.labels[right]);
  EXPECT_EQ(predict(fit, moons.points, RowMatrix<double>(0, 2)).size(), 0);
}

TEST(SpectralClustering, SelectsByTheEigengap) {
  for (const Index k : {2, 3, 5}) {
    const auto blobs = round_blobs(300, k);
    const auto selection = select_spectral_clustering(blobs.points, {1, 8}, {.gamma = 0.25});
    EXPECT_EQ(selection.k, k);
    EXPECT_EQ(selection.eigenvalues.size(), 9);
    EXPECT_EQ(selection.best.eigenvalues.size(), k);
    EXPECT_EQ(selection.best.embedding.cols(), k);
    EXPECT_EQ(adjusted_rand_index(blobs.labels, selection.best.labels), 1);
    EXPECT_TRUE((predict(selection.best, blobs.points, blobs.points).array() == selection.best.labels.array()).all());
  }
  // Three components: the gap is behind the third zero; a range that ends before has the largest ones.
  Eigen::MatrixXd W = Eigen::MatrixXd::Zero(60, 60);
  W.block(0, 0, 30, 30).setOnes();
  W.block(30, 30, 20, 20).setOnes();
  W.block(50, 50, 10, 10).setOnes();
  EXPECT_EQ(select_spectral_clustering(AffinityMatrix(W), {1, 6}).k, 3);
  const auto two = select_spectral_clustering(AffinityMatrix(W), {2, 2});
  EXPECT_EQ(two.k, 2);
  EXPECT_EQ(two.best.labels[55], noise);
}

TEST(SpectralClustering, ProgressAndCancellation) {
  const auto moons = make_moons(300);
  std::vector<std::string> stages;
  SpectralOptions options;
  options.execution.on_progress = [&](const Progress& progress) {
    if (stages.empty() || stages.back() != progress.stage) stages.emplace_back(progress.stage);
    return true;
  };
  spectral_clustering(moons.points, 2, options);
  ASSERT_GE(stages.size(), 3U);
  EXPECT_EQ(stages[0], "affinities");
  EXPECT_EQ(stages[1], "eigenvectors");
  EXPECT_EQ(stages.back(), "lloyd");
  options.execution.on_progress = [](const Progress& progress) { return progress.stage != "lloyd"; };
  EXPECT_THROW(spectral_clustering(moons.points, 2, options), Cancelled);
}

}  // namespace
}  // namespace spectral_clustering_test
