// How kmedoids is called: every form of the objects, threads, metrics, progress, memory, and what it rejects.
#include <corymb/distance/gower.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/kmedoids_instances.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_kmedoids.hpp"

namespace kmedoids_calls_test {
namespace {

using namespace corymb;
using namespace corymb_test;

/// Calls f(description, result) for the same objects in every form that kmedoids accepts.
template <class T, class F>
void in_every_form(const RowMatrix<T>& X, Index k, const KMedoidsOptions& options, const F& f) {
  KMedoidsOptions of_points = options;
  for (const KMedoidsDistances distances : {KMedoidsDistances::stored, KMedoidsDistances::computed}) {
    of_points.distances = distances;
    f("points", kmedoids(X, k, of_points));
  }
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  f("column-major points", kmedoids(Matrix(X), k, options));
  const RowMatrix<T> D = pairwise_distances(X, X);
  f("matrix", kmedoids(DistanceMatrix(D), k, options));
  f("matrix that is moved in", kmedoids(DistanceMatrix(RowMatrix<T>(D)), k, options));
  f("column-major matrix", kmedoids(DistanceMatrix(Matrix(D)), k, options));
  f("expression", kmedoids(DistanceMatrix((D + D) / T(2)), k, options));
  RowMatrix<T> wide = RowMatrix<T>::Constant(D.rows(), D.cols() + 3, T(-1));
  wide.middleCols(2, D.cols()) = D;
  f("block", kmedoids(DistanceMatrix(wide.middleCols(2, D.cols())), k, options));
  ColumnVector<T> condensed(D.rows() * (D.rows() - 1) / 2);
  Index e = 0;
  for (Index i = 0; i < D.rows(); ++i)
    for (Index j = i + 1; j < D.rows(); ++j) condensed[e++] = D(i, j);
  f("triangle", kmedoids(DistanceMatrix(condensed), k, options));
  f("triangle in a row", kmedoids(DistanceMatrix(condensed.transpose()), k, options));
  for (const KMedoidsDistances distances : {KMedoidsDistances::stored, KMedoidsDistances::computed}) {
    of_points.distances = distances;
    f("dissimilarity", kmedoids(dissimilarity(D.rows(), [&](Index i, Index j) { return D(i, j); }), k, of_points));
    f("callable", kmedoids(
                      X, k,
                      [](std::span<const T> x, std::span<const T> y) {
                        T sum = 0;
                        for (std::size_t j = 0; j < x.size(); ++j) {
                          const volatile T difference = x[j] - y[j], square = difference * difference;
                          sum += square;
                        }
                        return std::sqrt(sum);
                      },
                      of_points));
  }
}

TEST(KMedoids, TheResultIsTheSameInEveryForm) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(5);
    const RowMatrix<T> X = normal_matrix<T>(random, 130, 3);
    for (const KMedoidsAlgorithm algorithm : all_algorithms) {
      for (const int threads : {1, 2}) {
        for (const Index k : {1, 2, 17}) {
          KMedoidsOptions options{.algorithm = algorithm, .seed = 3, .execution = {.threads = threads}};
          const auto expected = kmedoids(DistanceMatrix<T>(pairwise_distances(X, X)), k, options);
          in_every_form(X, k, options, [&](const char* form, const KMedoidsResult<T>& result) {
            SCOPED_TRACE(std::string(form) + ", k = " + std::to_string(k));
            expect_same(result, expected);
          });
        }
      }
    }
  });
}

TEST(KMedoids, TheSwapsAreTheSameOnAnyNumberOfThreads) {
  Random random(12);
  const RowMatrix<float> X = normal_matrix<float>(random, 2500, 3);
  const RowMatrix<float> D = pairwise_distances(X, X);
  for (const KMedoidsAlgorithm algorithm :
       {KMedoidsAlgorithm::faster_pam, KMedoidsAlgorithm::fast_pam1, KMedoidsAlgorithm::alternate})
    for (const Index k : {3, 50}) {
      KMedoidsOptions options{.algorithm = algorithm, .max_iterations = 8, .execution = {.threads = 1}};
      const auto expected = kmedoids(DistanceMatrix(D), k, options);
      EXPECT_GT(expected.swaps, 0);
      for (const int threads : {2, 5}) {
        options.execution.threads = threads;
        expect_same(kmedoids(DistanceMatrix(D), k, options), expected);
        expect_same(kmedoids(X, k, options), expected);
      }
    }
}

TEST(KMedoids, AMatrixThatIsNotSymmetricIsReadAsObjectsToMedoids) {
  // Everything is near to object 2, which is far from everything.
  RowMatrix<double> D(4, 4);
  D << 0, 9, 1, 9,  //
      9, 0, 1, 9,   //
      9, 9, 0, 9,   //
      9, 9, 1, 0;
  for (const auto& result : {kmedoids(DistanceMatrix(D), 1), kmedoids(DistanceMatrix(Eigen::MatrixXd(D)), 1)}) {
    EXPECT_EQ(result.medoids, std::vector<Index>{2});
    EXPECT_EQ(result.loss, 3);
  }
  EXPECT_EQ(kmedoids(DistanceMatrix(RowMatrix<double>(D.transpose())), 1).loss, 19);
}

TEST(KMedoids, EveryMetricStoredAndComputed) {
  Random random(8);
  RowMatrix<double> X = normal_matrix<double>(random, 90, 2).cwiseAbs();
  for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev, Metric::minkowski(3),
                              Metric::minkowski(2.5), Metric::canberra, Metric::bray_curtis, Metric::cosine,
                              Metric::correlation, Metric::hamming, Metric::jaccard, Metric::haversine}) {
    SCOPED_TRACE(static_cast<int>(metric.kind()));
    const RowMatrix<double> D = pairwise_distances(X, X, metric);
    KMedoidsOptions options{.metric = metric, .distances = KMedoidsDistances::stored, .seed = 1};
    const auto stored = kmedoids(X, 5, options);
    options.distances = KMedoidsDistances::computed;
    expect_same(kmedoids(X, 5, options), stored);
    EXPECT_EQ(verify::kmedoids_error(D, stored, true), "");
    EXPECT_TRUE(predict(stored, X) == stored.labels);
  }
}

// Computed distances under a metric are searched by tiles of near points: the swaps must be those of all distances.
TEST(KMedoids, TilesLeaveNothingOut) {
  const auto expect_equal = [](const auto& X, Index k, KMedoidsOptions options) {
    options.distances = KMedoidsDistances::stored;
    const auto stored = kmedoids(X, k, options);
    options.distances = KMedoidsDistances::computed;
    for (const int threads : {1, 2}) {
      options.execution.threads = threads;
      expect_same(kmedoids(X, k, options), stored);
    }
  };
  for_each_scalar([&](auto scalar) {
    using T = decltype(scalar);
    Random random(14);
    // Blobs, some of them small, and a part of the rows twice.
    RowMatrix<T> X = normal_matrix<T>(random, 1500, 3);
    for (Index i = 0; i < X.rows(); ++i) {
      X.row(i) *= static_cast<T>(i % 7 == 0 ? 0.01 : 1);
      X.row(i).array() += static_cast<T>(8 * (i % 7));
    }
    X.bottomRows(100) = X.topRows(100);
    Vector weights(1500);
    for (Index i = 0; i < 1500; ++i) weights[i] = static_cast<double>(random.below(3));
    for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev, Metric::minkowski(3),
                                Metric::minkowski(1.5), Metric::canberra, Metric::hamming}) {
      SCOPED_TRACE(static_cast<int>(metric.kind()));
      expect_equal(X, 12, {.metric = metric, .seed = 1});
    }
    for (const Index k : {1, 2, 7, 200}) expect_equal(X, k, {.seed = 2});
    expect_equal(X, 9, {.init = KMedoidsInit::lab, .restarts = 3, .weights = weights});
    for (const double scale : {1e-25, 1e-18, 1e15}) {
      SCOPED_TRACE(scale);
      expect_equal(RowMatrix<T>(X * static_cast<T>(scale)), 12, {.seed = 3});
    }
    expect_equal(RowMatrix<T>(X.array() + T(1e6)), 12, {.seed = 4});
    expect_equal(grid_matrix<T>(random, 1000, 2, 6), 15, {.seed = 5});  // ties
    RowMatrix<T> places = normal_matrix<T>(random, 1000, 2) * T(5);
    places.topRows(500).array() += T(40);
    places(3, 1) += T(180);  // opposite of the others
    expect_equal(places, 10, {.metric = Metric::haversine, .seed = 6});
  });
}

TEST(KMedoids, PredictsTheLabelsOfTheFitAndTheNearestMedoidOfNewRows) {
  Random random(9);
  const RowMatrix<float> X = grid_matrix<float>(random, 300, 2, 6), other = grid_matrix<float>(random, 50, 2, 8);
  const auto result = kmedoids(X, 9);
  for (const int threads : {1, 2}) EXPECT_TRUE(predict(result, X, {.threads = threads}) == result.labels);
  const auto D = pairwise_distances(other, result.centers);
  const Labels labels = predict(result, other);
  for (Index i = 0; i < other.rows(); ++i) {
    Index nearest = 0;
    D.row(i).minCoeff(&nearest);
    EXPECT_EQ(labels[i], nearest);
  }
  for (std::size_t s = 0; s < result.medoids.size(); ++s)
    EXPECT_EQ(result.centers.row(static_cast<Index>(s)), X.row(result.medoids[s]));
  const auto manhattan = [](std::span<const float> x, std::span<const float> y) {
    return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]);
  };
  const auto own = kmedoids(X, 9, manhattan);
  EXPECT_TRUE(predict(own, X, manhattan) == own.labels);
  expect_message([&] { predict(own, X); }, "corymb::predict: the model was fitted with a callable; pass it, too");
  const auto of_matrix = kmedoids(DistanceMatrix(pairwise_distances(X, X)), 9);
  expect_message([&] { predict(of_matrix, X); },
                 "corymb::predict: the model holds no rows: it was fitted to distances");
}

TEST(KMedoids, ATableWithCategoriesAndMissingValues) {
  Random random(13);
  RowMatrix<double> X(120, 3);
  for (Index i = 0; i < X.rows(); ++i) {
    const double group = static_cast<double>(i % 2);
    X.row(i) << 10 * group + random.normal(), group, static_cast<double>(random.below(2));
    if (i % 5 == 0) X(i, i % 3) = std::numeric_limits<double>::quiet_NaN();
  }
  const Gower gower(X, {.columns = {GowerColumn::numeric, GowerColumn::categorical, GowerColumn::categorical}});
  const auto result = kmedoids(X, 2, gower);
  EXPECT_EQ(verify::kmedoids_error(pairwise_distances(X, X, gower), result, true), "");
  EXPECT_TRUE(predict(result, X, gower) == result.labels);
  expect_message([&] { kmedoids(X, 2); }, "corymb::kmedoids: X(0, 0) = nan must be finite");
}

TEST(KMedoids, ReportsItsProgressAndStopsWhenAsked) {
  Random random(6);
  const RowMatrix<double> X = normal_matrix<double>(random, 150, 2);
  for (const KMedoidsAlgorithm algorithm : all_algorithms) {
    const char* stages[] = {"faster_pam", "fast_pam1", "pam", "alternate"};
    int steps = 0;
    double objective = std::numeric_limits<double>::infinity();
    KMedoidsOptions options{.algorithm = algorithm};
    options.execution.on_progress = [&](const Progress& progress) {
      if (progress.stage == "seeding") return true;
      EXPECT_EQ(progress.stage, stages[static_cast<int>(algorithm)]);
      EXPECT_LE(progress.objective, objective);
      objective = progress.objective;
      return ++steps < 3;
    };
    const auto result = kmedoids(X, 9, options);
    EXPECT_EQ(steps, 3);
    EXPECT_EQ(result.status, Status::cancelled);
    EXPECT_EQ(verify::kmedoids_error(pairwise_distances(X, X), result, false), "");
    EXPECT_NEAR(result.loss, objective, 1e-9);
  }
}

TEST(KMedoids, StopsAtTheIterationLimit) {
  Random random(7);
  const RowMatrix<double> X = normal_matrix<double>(random, 150, 2);
  for (const KMedoidsAlgorithm algorithm : all_algorithms) {
    const auto result = kmedoids(X, 9, {.algorithm = algorithm, .max_iterations = 1});
    EXPECT_EQ(result.status, Status::iteration_limit);
    EXPECT_EQ(result.iterations, 1);
    EXPECT_EQ(verify::kmedoids_error(pairwise_distances(X, X), result, false), "");
  }
}

TEST(KMedoids, TellsWhatIsWrong) {
  RowMatrix<double> D = RowMatrix<double>::Ones(4, 4) - RowMatrix<double>::Identity(4, 4);
  const auto fit = [&](const KMedoidsOptions& options = {}, Index k = 2) {
    return [=] { kmedoids(DistanceMatrix(D), k, options); };
  };
  expect_message(fit({}, 0), "corymb::kmedoids: k = 0 must be in [1, n = 4]");
  expect_message(fit({}, 5), "corymb::kmedoids: k = 5 must be in [1, n = 4]");
  expect_message(fit({.initial_medoids = {1}}), "corymb::kmedoids: initial_medoids has 1 entries; k = 2 are needed");
  expect_message(fit({.initial_medoids = {1, 4}}),
                 "corymb::kmedoids: initial_medoids has 4; object numbers must be in [0, n = 4)");
  expect_message(fit({.initial_medoids = {1, 1}}),
                 "corymb::kmedoids: initial_medoids has 1 twice; the objects must be different");
  expect_message(fit({.initial_medoids = {0, 1}, .restarts = 2}),
                 "corymb::kmedoids: restarts = 2 must be 1 from a given start: every run would be the same");
  expect_message(fit({.max_iterations = 0}), "corymb::kmedoids: max_iterations = 0 must be ≥ 1");
  expect_message(fit({.metric = Metric::euclidean}),
                 "corymb::kmedoids: metric must be empty: the distances are those of the matrix");
  expect_message(fit({.distances = KMedoidsDistances::stored}),
                 "corymb::kmedoids: distances must be automatic: a matrix is given");
  expect_message(fit({.weights = Vector::Ones(3)}),
                 "corymb::kmedoids: weights has 3 entries; one per row, n = 4, is needed");
  const Vector one = Vector::Unit(4, 2);
  expect_message(fit({.weights = one}),
                 "corymb::kmedoids: k = 2 must be at most the number of objects of positive weight, 1");
  expect_message(fit({.initial_medoids = {1}, .weights = one}, 1),
                 "corymb::kmedoids: initial_medoids has 1, whose weight is 0; a medoid needs a weight");
  expect_message(fit({.execution = {.threads = -1}}),
                 "corymb::kmedoids: execution.threads = -1 must be in [0, 1024] (0 = all)");
  const auto with = [&](Index i, Index j, double value) {
    RowMatrix<double> wrong = D;
    wrong(i, j) = value;
    return [=] { kmedoids(DistanceMatrix(wrong), 2); };
  };
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  expect_message(with(3, 1, nan), "corymb::kmedoids: D(3, 1) = nan must be finite and ≥ 0");
  expect_message(with(0, 3, infinity), "corymb::kmedoids: D(0, 3) = inf must be finite and ≥ 0");
  expect_message(with(2, 1, -1), "corymb::kmedoids: D(2, 1) = -1 must be finite and ≥ 0");
  expect_message(with(2, 2, 0.5),
                 "corymb::kmedoids: D(2, 2) = 0.5 must be 0: it is the distance of an object to itself");
  expect_message([&] { kmedoids(DistanceMatrix(D * 1e308), 2); },
                 "corymb::kmedoids: the sum of the distances overflows (the largest is 1e+308); scale them down");
  expect_message([&] { kmedoids(DistanceMatrix(D * 1e-300), 2); },
                 "corymb::kmedoids: all distances are tiny (the largest is 1e-300); scale them up");
  Vector triangle = Vector::Ones(6);
  triangle[4] = nan;
  expect_message([&] { kmedoids(DistanceMatrix(triangle), 2); },
                 "corymb::kmedoids: D(1, 3) = nan must be finite and ≥ 0");
  expect_message([&] { DistanceMatrix(RowMatrix<double>(2, 3)); },
                 "corymb::DistanceMatrix: D is 2 x 3; a square matrix is needed (or a vector: its upper triangle)");
  expect_message([&] { DistanceMatrix(Vector(5)); },
                 "corymb::DistanceMatrix: D has 5 entries; the upper triangle of n objects has n (n - 1) / 2, n ≥ 2");
  for (const KMedoidsDistances distances : {KMedoidsDistances::stored, KMedoidsDistances::computed})
    expect_message(
        [&] {
          kmedoids(dissimilarity(4, [&](Index i, Index j) { return i == 2 && j == 3 ? nan : 1.0; }), 2,
                   {.distances = distances});
        },
        "corymb::kmedoids: the distance of objects 2 and 3 is nan; it must be finite and ≥ 0");
  RowMatrix<double> X = RowMatrix<double>::Ones(3, 2);
  X(1, 1) = nan;
  expect_message([&] { kmedoids(X, 2); }, "corymb::kmedoids: X(1, 1) = nan must be finite");
  expect_message([&] { kmedoids(RowMatrix<double>(3, 0), 2); },
                 "corymb::kmedoids: X has 0 columns; at least 1 is needed");
  X.setZero();
  EXPECT_EQ(message_of([&] { kmedoids(X, 2, {.metric = Metric::cosine}); }).find("corymb::kmedoids: X(0, …) is all 0"),
            0u);
}

TEST(KMedoids, AsksForNoMoreMemoryThanAllowed) {
  Random random(10);
  const RowMatrix<double> X = normal_matrix<double>(random, 2000, 2);
  KMedoidsOptions options{.execution = {.threads = 1, .memory_limit = 24 << 20}};
  EXPECT_EQ(kmedoids(X, 3, options).status, Status::converged);  // computes the distances: 32 MB do not fit
  options.distances = KMedoidsDistances::stored;
  EXPECT_THROW(kmedoids(X, 3, options), MemoryLimitExceeded);
  options.distances = KMedoidsDistances::computed;
  options.execution.memory_limit = 1 << 20;
  EXPECT_THROW(kmedoids(X, 3, options), MemoryLimitExceeded);
}

}  // namespace
}  // namespace kmedoids_calls_test
