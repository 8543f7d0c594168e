#include <corymb/datasets/bundled.hpp>
#include <corymb/distance/gower.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/kmedoids_oracle.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_kmedoids.hpp"

namespace {

using namespace corymb;
using namespace corymb_test;

const KMedoidsAlgorithm all_algorithms[] = {KMedoidsAlgorithm::faster_pam, KMedoidsAlgorithm::fast_pam1,
                                            KMedoidsAlgorithm::pam, KMedoidsAlgorithm::alternate};
const KMedoidsInit all_inits[] = {KMedoidsInit::random, KMedoidsInit::build, KMedoidsInit::lab,
                                  KMedoidsInit::kmedoids_plus_plus};

/// Whole distances with many ties; not symmetric if asked for, and without the triangle inequality either way.
template <class T>
RowMatrix<T> tied_distances(Random& random, Index n, Index most, bool symmetric) {
  RowMatrix<T> D(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) D(i, j) = i == j ? T(0) : static_cast<T>(random.below(most + 1));
  if (symmetric)
    D = D.template triangularView<Eigen::Upper>().toDenseMatrix() +
        RowMatrix<T>(D.transpose().template triangularView<Eigen::StrictlyLower>());
  return D;
}

template <class T>
struct Instance {
  RowMatrix<T> D;
  Index k = 0;
  std::vector<Index> start;
  Vector weights;
};

template <class T>
Instance<T> random_instance(std::uint64_t seed) {
  Random random(seed, {77});
  Instance<T> instance;
  const Index n = 3 + random.below(40);
  instance.D = tied_distances<T>(random, n, 1 + random.below(20), seed % 3 != 0);
  if (seed % 2 == 0) {
    instance.weights.resize(n);
    for (Index i = 0; i < n; ++i) instance.weights[i] = static_cast<double>(random.below(4));
    instance.weights[0] = instance.weights[1] = instance.weights[2] = 1;
  }
  const std::vector<Index> order = permutation(random, n);
  const auto is_present = [&](Index i) { return instance.weights.size() == 0 || instance.weights[i] > 0; };
  const Index present = std::count_if(order.begin(), order.end(), is_present);
  instance.k = 2 + random.below(std::min<Index>(present, 9) - 1);
  for (const Index i : order)
    if (is_present(i) && static_cast<Index>(instance.start.size()) < instance.k) instance.start.push_back(i);
  return instance;
}

template <class T>
KMedoidsOptions options_of(const Instance<T>& instance, KMedoidsAlgorithm algorithm, int threads = 1) {
  return {.initial_medoids = instance.start,
          .algorithm = algorithm,
          .weights = instance.weights,
          .execution = {.threads = threads}};
}

template <class T>
void expect_same(const KMedoidsResult<T>& actual, const KMedoidsResult<T>& expected) {
  EXPECT_EQ(actual.medoids, expected.medoids);
  EXPECT_TRUE(actual.labels == expected.labels);
  EXPECT_TRUE(same_matrix(actual.sizes, expected.sizes));
  EXPECT_EQ(actual.loss, expected.loss);
  EXPECT_EQ(actual.swaps, expected.swaps);
  EXPECT_EQ(actual.iterations, expected.iterations);
  EXPECT_EQ(actual.status, expected.status);
}

TEST(KMedoids, PamAndFastPam1MakeTheSwapsOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
      SCOPED_TRACE(seed);
      const auto instance = random_instance<T>(seed);
      const DistanceMatrix<T> D(instance.D);
      for (int most = 1; most <= 60; ++most) {
        const auto expected = oracle::pam(instance.D, instance.start, most, instance.weights);
        KMedoidsResult<T> results[2];
        for (const int fast : {0, 1}) {
          auto options = options_of(instance, fast ? KMedoidsAlgorithm::fast_pam1 : KMedoidsAlgorithm::pam);
          options.max_iterations = most;
          results[fast] = kmedoids(D, instance.k, options);
          ASSERT_EQ(results[fast].medoids, expected.medoids) << (fast ? "fast_pam1" : "pam") << " after " << most;
          ASSERT_EQ(results[fast].swaps, expected.swaps);
        }
        expect_same(results[1], results[0]);
        if (results[0].status == Status::converged) break;
      }
    }
  });
}

TEST(KMedoids, FasterPamMakesTheSwapsOfTheDefinitionOnAnyNumberOfThreads) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(seed);
      const auto instance = random_instance<T>(seed);
      const auto expected = oracle::faster_pam(instance.D, instance.start, instance.weights);
      for (const int threads : {1, 2, 5}) {
        const auto result = kmedoids(DistanceMatrix<T>(instance.D), instance.k,
                                     options_of(instance, KMedoidsAlgorithm::faster_pam, threads));
        ASSERT_EQ(result.medoids, expected.medoids) << threads << " threads";
        ASSERT_EQ(result.swaps, expected.swaps);
        ASSERT_EQ(result.status, Status::converged);
      }
    }
  });
}

TEST(KMedoids, EveryResultIsOneOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    const auto instance = random_instance<double>(seed);
    const DistanceMatrix<double> D(instance.D);
    for (const KMedoidsAlgorithm algorithm : all_algorithms) {
      SCOPED_TRACE(std::to_string(seed) + ", algorithm " + std::to_string(static_cast<int>(algorithm)));
      auto options = options_of(instance, algorithm);
      ASSERT_EQ(verify::kmedoids_error(instance.D, kmedoids(D, instance.k, options),
                                       algorithm != KMedoidsAlgorithm::alternate, instance.weights),
                "");
      options.initial_medoids.clear();
      options.seed = seed;
      for (const KMedoidsInit init : all_inits) {
        options.init = init;
        ASSERT_EQ(verify::kmedoids_error(instance.D, kmedoids(D, instance.k, options),
                                         algorithm != KMedoidsAlgorithm::alternate, instance.weights),
                  "")
            << "init " << static_cast<int>(init);
      }
    }
  }
}

TEST(KMedoids, BuildChoosesWhatTheDefinitionChooses) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    const auto instance = random_instance<float>(seed);
    // Each cluster's best medoid stays where the start is: alternate stopped by the callback returns the start.
    KMedoidsOptions options{.init = KMedoidsInit::build, .weights = instance.weights};
    options.execution.on_progress = [&](const Progress& progress) {
      return progress.stage != "seeding" || progress.step < instance.k;
    };
    const auto result = kmedoids(DistanceMatrix<float>(instance.D), instance.k, options);
    ASSERT_EQ(result.status, Status::cancelled);
    ASSERT_EQ(result.medoids, oracle::build(instance.D, instance.k, instance.weights)) << seed;
  }
}

TEST(KMedoids, AlternateLeavesEveryMedoidTheBestOfItsCluster) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    SCOPED_TRACE(seed);
    const auto instance = random_instance<double>(seed);
    const auto result =
        kmedoids(DistanceMatrix<double>(instance.D), instance.k, options_of(instance, KMedoidsAlgorithm::alternate));
    ASSERT_EQ(result.status, Status::converged);
    const auto weight = [&](Index i) { return instance.weights.size() > 0 ? instance.weights[i] : 1.0; };
    const auto total = [&](Index j) {
      double sum = 0;
      for (Index i = 0; i < instance.D.rows(); ++i)
        if (result.labels[i] == result.labels[j]) sum += weight(i) * instance.D(i, j);
      return sum;
    };
    for (Index j = 0; j < instance.D.rows(); ++j) {
      const Index medoid = result.medoids[static_cast<std::size_t>(result.labels[j])];
      if (result.labels[medoid] != result.labels[j] || weight(j) == 0 ||
          std::count(result.medoids.begin(), result.medoids.end(), j) > 0)
        continue;
      ASSERT_LE(total(medoid), total(j)) << "object " << j;
    }
  }
}

TEST(KMedoids, AWeightMeansCopies) {
  for (std::uint64_t seed = 0; seed < instances; seed += 2) {
    SCOPED_TRACE(seed);
    auto instance = random_instance<double>(seed);
    std::vector<Index> copies, first(static_cast<std::size_t>(instance.D.rows()), -1);
    for (Index i = 0; i < instance.D.rows(); ++i)
      for (int c = 0; c < static_cast<int>(instance.weights[i]); ++c) {
        if (c == 0) first[static_cast<std::size_t>(i)] = static_cast<Index>(copies.size());
        copies.push_back(i);
      }
    const auto m = static_cast<Index>(copies.size());
    for (const KMedoidsAlgorithm algorithm : all_algorithms) {
      // alternate might choose a copy of another cluster's medoid that is at distance 0, where it cannot choose itself.
      if (algorithm == KMedoidsAlgorithm::alternate)
        instance.D += RowMatrix<double>::Ones(instance.D.rows(), instance.D.rows()) -
                      RowMatrix<double>::Identity(instance.D.rows(), instance.D.rows());
      RowMatrix<double> D(m, m);
      for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < m; ++j)
          D(i, j) = instance.D(copies[static_cast<std::size_t>(i)], copies[static_cast<std::size_t>(j)]);
      const auto weighted = kmedoids(DistanceMatrix<double>(instance.D), instance.k, options_of(instance, algorithm));
      auto options = options_of(instance, algorithm);
      options.weights.resize(0);
      for (Index& medoid : options.initial_medoids) medoid = first[static_cast<std::size_t>(medoid)];
      const auto copied = kmedoids(DistanceMatrix<double>(D), instance.k, options);
      for (std::size_t s = 0; s < weighted.medoids.size(); ++s)
        ASSERT_EQ(copies[static_cast<std::size_t>(copied.medoids[s])], weighted.medoids[s]);
      ASSERT_DOUBLE_EQ(copied.loss, weighted.loss);
      ASSERT_EQ(copied.swaps, weighted.swaps);
    }
  }
}

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

TEST(KMedoids, OneMedoidIsTheBestOfAll) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    auto instance = random_instance<double>(seed);
    Index best = -1;
    double least = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < instance.D.rows(); ++j) {
      const double loss = verify::kmedoids_loss(instance.D, {j}, instance.weights);
      if (!oracle::is_candidate({}, j, instance.weights) || !(loss < least)) continue;
      least = loss;
      best = j;
    }
    for (const KMedoidsAlgorithm algorithm : all_algorithms) {
      const auto result = kmedoids(DistanceMatrix<double>(instance.D), 1,
                                   {.initial_medoids = {best}, .algorithm = algorithm, .weights = instance.weights});
      ASSERT_EQ(result.medoids, std::vector<Index>{best});
      ASSERT_EQ(result.swaps, 0);
      ASSERT_EQ(
          kmedoids(DistanceMatrix<double>(instance.D), 1, {.algorithm = algorithm, .weights = instance.weights}).loss,
          least);
    }
  }
}

TEST(KMedoids, EdgeCases) {
  Random random(2);
  const RowMatrix<double> X = normal_matrix<double>(random, 12, 2);
  const RowMatrix<double> equal = RowMatrix<double>::Constant(12, 2, 7.5);
  for (const KMedoidsAlgorithm algorithm : all_algorithms)
    for (const KMedoidsInit init : all_inits) {
      SCOPED_TRACE(std::to_string(static_cast<int>(algorithm)) + " " + std::to_string(static_cast<int>(init)));
      const KMedoidsOptions options{.init = init, .algorithm = algorithm};
      const auto all = kmedoids(X, 12, options);
      EXPECT_EQ(all.loss, 0);
      EXPECT_EQ(verify::kmedoids_error(pairwise_distances(X, X), all, true), "");
      for (const Index k : {1, 2, 11, 12}) {
        const auto result = kmedoids(equal, k, options);
        EXPECT_EQ(result.loss, 0);
        EXPECT_EQ(result.status, Status::converged);
        EXPECT_EQ(verify::kmedoids_error(pairwise_distances(equal, equal), result, true), "");
      }
      const auto one = kmedoids(X.topRows(1), 1, options);
      EXPECT_EQ(one.medoids, std::vector<Index>{0});
      const RowMatrix<double> far = X.array() + 1e6;
      EXPECT_EQ(verify::kmedoids_error(pairwise_distances(far, far), kmedoids(far, 3, options),
                                       algorithm != KMedoidsAlgorithm::alternate),
                "");
    }
}

TEST(KMedoids, DistancesOfAnySize) {
  Random random(3);
  for (const double scale : {1e-280, 1e-30, 1e30, 1e150, 1e305}) {
    SCOPED_TRACE(scale);
    const RowMatrix<double> D = tied_distances<double>(random, 40, 9, true) * scale;
    for (const KMedoidsAlgorithm algorithm : all_algorithms)
      EXPECT_EQ(verify::kmedoids_error(D, kmedoids(DistanceMatrix(D), 6, {.algorithm = algorithm}),
                                       algorithm != KMedoidsAlgorithm::alternate),
                "");
  }
}

// tests/golden/kmedoids.R
TEST(KMedoids, FindsTheMedoidsOfR) {
  struct Golden {
    bool faster;
    std::vector<Index> start;
    std::vector<Index> medoids;
    double loss;
  };
  const std::vector<Golden> all = {
      {true, {2, 146}, {7, 126}, 129.33038857693228},
      {false, {2, 146}, {7, 126}, 129.33038857693231},
      {true, {2, 74, 146}, {7, 99, 147}, 98.868573064146815},
      {false, {2, 74, 146}, {7, 78, 112}, 98.131154882271034},
      {true, {2, 38, 74, 110, 146}, {3, 27, 63, 69, 112}, 80.140416658684558},
      {false, {2, 38, 74, 110, 146}, {7, 99, 105, 112, 126}, 79.246149683045104},
      {false, {2, 23, 43, 64, 84, 105, 125, 146}, {3, 27, 54, 80, 96, 101, 105, 112}, 64.636821742862139},
      {true,
       {2, 14, 26, 38, 50, 62, 74, 86, 98, 110, 122, 134, 146},
       {7, 47, 48, 69, 72, 86, 91, 93, 96, 101, 105, 116, 140},
       53.086033845673917},
      {false,
       {2, 14, 26, 38, 50, 62, 74, 86, 98, 110, 122, 134, 146},
       {7, 47, 48, 63, 69, 86, 93, 96, 101, 103, 105, 115, 120},
       53.132300720917328}};
  for (const Golden& golden : all) {
    const auto k = static_cast<Index>(golden.start.size());
    for (const KMedoidsAlgorithm algorithm : golden.faster
                                                 ? std::vector{KMedoidsAlgorithm::faster_pam}
                                                 : std::vector{KMedoidsAlgorithm::pam, KMedoidsAlgorithm::fast_pam1}) {
      auto result = kmedoids(iris().points, k, {.initial_medoids = golden.start, .algorithm = algorithm});
      std::sort(result.medoids.begin(), result.medoids.end());
      EXPECT_EQ(result.medoids, golden.medoids);
      EXPECT_NEAR(result.loss, golden.loss, 1e-12 * golden.loss);
    }
  }
}

TEST(KMedoids, RestartsReturnTheRunOfLowestLoss) {
  const auto X = iris().points;
  double least = std::numeric_limits<double>::infinity();
  for (int restarts = 1; restarts <= 12; ++restarts) {
    const auto result = kmedoids(X, 8, {.algorithm = KMedoidsAlgorithm::alternate, .restarts = restarts, .seed = 4});
    EXPECT_LE(result.loss, least);
    EXPECT_EQ(result.loss < least, result.restart == restarts - 1);
    least = result.loss;
  }
}

TEST(KMedoids, SeedsDifferAndRepeat) {
  Random random(4);
  const RowMatrix<double> X = normal_matrix<double>(random, 200, 2);
  for (const KMedoidsInit init : {KMedoidsInit::random, KMedoidsInit::lab, KMedoidsInit::kmedoids_plus_plus}) {
    std::vector<std::vector<Index>> starts;
    for (const std::uint64_t seed : {1u, 2u, 1u}) {
      KMedoidsOptions options{.init = init, .seed = seed};
      options.execution.on_progress = [](const Progress&) { return false; };
      options.algorithm = KMedoidsAlgorithm::alternate;
      options.max_iterations = 1;
      starts.push_back(kmedoids(X, 10, options).medoids);
    }
    EXPECT_EQ(starts[0], starts[2]);
    EXPECT_NE(starts[0], starts[1]);
  }
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

TEST(DistanceMatrix, EntriesOfEveryForm) {
  Random random(11);
  const RowMatrix<float> D = tied_distances<float>(random, 7, 50, true);
  Eigen::VectorXf condensed(21);
  Index e = 0;
  for (Index i = 0; i < 7; ++i)
    for (Index j = i + 1; j < 7; ++j) condensed[e++] = D(i, j);
  const Eigen::MatrixXf columns = D;
  const DistanceMatrix matrix(D), moved(RowMatrix<float>{D}), of_columns(columns), triangle(condensed),
      of_expression(D * 1.0f);
  const DistanceMatrix copy = moved;
  for (const auto* form : {&matrix, &moved, &of_columns, &triangle, &of_expression, &copy}) {
    EXPECT_EQ(form->size(), 7);
    EXPECT_EQ(form->is_condensed(), form == &triangle);
    for (Index i = 0; i < 7; ++i)
      for (Index j = 0; j < 7; ++j) EXPECT_EQ((*form)(i, j), D(i, j));
  }
  EXPECT_EQ(matrix.data(), D.data());
  EXPECT_EQ(triangle.data(), condensed.data());
  EXPECT_EQ(of_columns.data(), columns.data());
  EXPECT_NE(copy.data(), moved.data());
}

}  // namespace
