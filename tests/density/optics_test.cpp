#include <corymb/core/errors.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/optics.hpp>
#include <corymb/distance/pairwise.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/neighbor_searches.hpp"
#include "support/optics_oracle.hpp"

namespace optics_test {
namespace {

using namespace corymb;
using namespace corymb_test;

constexpr double infinity = std::numeric_limits<double>::infinity();

::testing::AssertionResult same(const OpticsResult& actual, const OpticsResult& expected) {
  if (actual.ordering != expected.ordering) {
    for (std::size_t p = 0; p < expected.ordering.size(); ++p)
      if (p >= actual.ordering.size() || actual.ordering[p] != expected.ordering[p])
        return ::testing::AssertionFailure() << "another ordering from place " << p << " on";
    return ::testing::AssertionFailure() << "an ordering of too many rows";
  }
  if (actual.predecessor != expected.predecessor) return ::testing::AssertionFailure() << "other predecessors";
  if (actual.min_samples != expected.min_samples || actual.max_eps != expected.max_eps)
    return ::testing::AssertionFailure() << "other parameters";
  if (const auto cores = same_matrix(actual.core_distances, expected.core_distances); !cores) return cores;
  return same_matrix(actual.reachability, expected.reachability);
}

TEST(OpticsOracle, OfRowsOnALine) {
  RowMatrix<double> X(6, 1);
  X << 0, 1, 2, 10, 11, 30;
  const OpticsResult result = optics_by_definition(pairwise_distances(X, X), 2, infinity);
  EXPECT_EQ(result.ordering, (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(result.predecessor, (std::vector<std::int32_t>{-1, 0, 1, 2, 3, 4}));
  EXPECT_EQ(result.core_distances, (Vector(6) << 1, 1, 1, 1, 1, 19).finished());
  EXPECT_EQ(result.reachability, (Vector(6) << infinity, 1, 1, 8, 1, 19).finished());
  const OpticsResult limited = optics_by_definition(pairwise_distances(X, X), 2, 5);
  EXPECT_EQ(limited.reachability, (Vector(6) << infinity, 1, 1, infinity, 1, infinity).finished());
  EXPECT_EQ(limited.core_distances[5], infinity);
}

/// Often a distance that occurs.
template <class T>
double some_eps(Random& random, const RowMatrix<T>& D) {
  const std::int64_t kind = random.below(4);
  if (kind == 0) return infinity;
  if (kind == 1) return 0;
  const double eps = static_cast<double>(D(random.below(D.rows()), random.below(D.rows())));
  return kind == 2 ? eps : 0.7 * eps;
}

TEST(Optics, IsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {21});
      const Index n = 1 + random.below(seed % 8 == 0 ? 150 : 50), d = 1 + random.below(4);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d);
      const Index min_samples = seed % 9 == 0 ? n + random.below(2) : 1 + random.below(8);
      for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev}) {
        const RowMatrix<T> D = pairwise_distances(X, X, metric);
        const double max_eps = some_eps(random, D);
        const OpticsResult expected = optics_by_definition(D, min_samples, max_eps);
        for (const NeighborSearch search : all_searches) {
          const OpticsOptions options{
              .metric = metric, .max_eps = max_eps, .search = search, .execution = {.threads = 1}};
          ASSERT_TRUE(same(optics(X, min_samples, options), expected))
              << seed << ", search " << static_cast<int>(search);
        }
      }
    }
  });
}

TEST(Optics, OnABallTree) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {22});
      const Index n = 1 + random.below(seed % 8 == 0 ? 150 : 50), d = 1 + random.below(4);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d);
      const Index min_samples = 1 + random.below(8);
      for (const Metric metric : {Metric::manhattan, Metric::minkowski(3), Metric::canberra}) {
        const RowMatrix<T> D = pairwise_distances(X, X, metric);
        OpticsOptions options{
            .max_eps = some_eps(random, D), .search = NeighborSearch::ball_tree, .execution = {.threads = 1}};
        const OpticsResult expected = optics_by_definition(D, min_samples, options.max_eps);
        const auto f = [&](std::span<const T> x, std::span<const T> y) {
          return D((x.data() - X.data()) / d, (y.data() - X.data()) / d);
        };
        ASSERT_TRUE(same(optics(X, min_samples, f, options), expected)) << seed;
        ASSERT_TRUE(
            same(optics(dissimilarity(n, [&](Index i, Index j) { return D(i, j); }), min_samples, options), expected))
            << seed;
        options.metric = metric;
        ASSERT_TRUE(same(optics(X, min_samples, options), expected)) << seed;
      }
    }
  });
}

TEST(Optics, EveryMetric) {
  Random random(4);
  const RowMatrix<double> X = normal_matrix<double>(random, 120, 2).cwiseAbs();
  for (const Metric metric :
       {Metric::minkowski(3), Metric::minkowski(2.5), Metric::canberra, Metric::bray_curtis, Metric::cosine,
        Metric::correlation, Metric::hamming, Metric::jaccard, Metric::haversine}) {
    SCOPED_TRACE(static_cast<int>(metric.kind()));
    const RowMatrix<double> D = pairwise_distances(X, X, metric);
    for (const double max_eps : {infinity, D(0, 1), D(3, 4) / 2})
      EXPECT_TRUE(same(optics(X, 4, {.metric = metric, .max_eps = max_eps}), optics_by_definition(D, 4, max_eps)));
  }
}

TEST(Optics, PlacesOnTheEarth) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(12);
    RowMatrix<T> X(400, 2);
    for (Index i = 0; i < X.rows(); ++i)
      X.row(i) << static_cast<T>(90 - 180 * random.uniform()), static_cast<T>(360 * random.uniform() - 180);
    const RowMatrix<T> D = pairwise_distances(X, X, Metric::haversine);
    for (const double max_eps : {infinity, 900.0, static_cast<double>(D(3, 77)) / 8}) {
      const OpticsResult expected = optics_by_definition(D, 5, max_eps);
      for (const NeighborSearch search : all_searches) {
        if (search == NeighborSearch::kd_tree && sizeof(T) == 4) continue;
        EXPECT_TRUE(same(optics(X, 5, {.metric = Metric::haversine, .max_eps = max_eps, .search = search}), expected));
      }
    }
  });
}

TEST(Optics, IsTheSameInEveryFormAndOnAnyNumberOfThreads) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(3);
    RowMatrix<T> X = normal_matrix<T>(random, 800, 2);
    for (Index i = 0; i < X.rows(); ++i) X.row(i).array() += static_cast<T>(5 * (i % 6));
    X.bottomRows(100) = X.topRows(100);
    for (const double max_eps : {infinity, 0.6}) {
      const OpticsResult expected =
          optics(X, 6, {.max_eps = max_eps, .search = NeighborSearch::brute_force, .execution = {.threads = 1}});
      for (const NeighborSearch search : all_searches)
        for (const int threads : {1, 3}) {
          const OpticsOptions options{.max_eps = max_eps, .search = search, .execution = {.threads = threads}};
          for_each_layout(X, [&](const auto& layout) { EXPECT_TRUE(same(optics(layout, 6, options), expected)); });
        }
    }
    const RowMatrix<T> grid = grid_matrix<T>(random, 530, 2, 15);
    const auto manhattan = [](std::span<const T> x, std::span<const T> y) {
      return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]);
    };
    const RowMatrix<T> D = pairwise_distances(grid, grid, Metric::manhattan);
    ColumnVector<T> condensed(D.rows() * (D.rows() - 1) / 2);
    Index e = 0;
    for (Index i = 0; i < D.rows(); ++i)
      for (Index j = i + 1; j < D.rows(); ++j) condensed[e++] = D(i, j);
    const auto objects = dissimilarity(D.rows(), [&](Index i, Index j) { return D(i, j); });
    for (const double max_eps : {infinity, 2.0}) {
      const OpticsOptions options{.max_eps = max_eps, .execution = {.threads = 1}};
      OpticsOptions of_rows = options;
      of_rows.metric = Metric::manhattan;
      const OpticsResult expected = optics(grid, 5, of_rows);
      EXPECT_TRUE(same(optics(grid, 5, manhattan, options), expected));
      EXPECT_TRUE(same(optics(DistanceMatrix(D), 5, options), expected));
      EXPECT_TRUE(same(optics(DistanceMatrix(condensed), 5, options), expected));
      EXPECT_TRUE(same(optics(objects, 5, options), expected));
    }
  });
}

// They do if it has many columns, or if the distances are asked for one by one.
TEST(Optics, ThreadsShareTheDistancesOfARow) {
  Random random(13);
  const OpticsOptions one{.execution = {.threads = 1}}, two{.execution = {.threads = 2}};
  const RowMatrix<double> wide = normal_matrix<double>(random, 530, 4000);
  EXPECT_TRUE(same(optics(wide, 4, two), optics(wide, 4, one)));
  const RowMatrix<double> many = grid_matrix<double>(random, 4200, 2, 40);
  const auto manhattan = [](std::span<const double> x, std::span<const double> y) {
    return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]);
  };
  EXPECT_TRUE(same(optics(many, 5, manhattan, two), optics(many, 5, {.metric = Metric::manhattan})));
}

TEST(Optics, OfDistancesThatAreNotSymmetric) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {23});
    const Index n = 1 + random.below(40);
    RowMatrix<double> D = grid_matrix<double>(random, n, n, 6).cwiseAbs();
    D.diagonal().setZero();
    const double max_eps = some_eps(random, D);
    ASSERT_TRUE(same(optics(DistanceMatrix(D), 3, {.max_eps = max_eps}), optics_by_definition(D, 3, max_eps))) << seed;
  }
}

// The labels of rows that are core at eps, which do not depend on any order.
Labels core_labels(Labels labels, const std::vector<bool>& is_core) {
  for (Index i = 0; i < labels.size(); ++i)
    if (!is_core[static_cast<std::size_t>(i)]) labels[i] = noise;
  return labels;
}

TEST(OpticsCut, CoreRowsHaveTheLabelsOfDbscan) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {24});
      const Index n = 1 + random.below(120);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, 2);
      const RowMatrix<T> D = pairwise_distances(X, X);
      const Index min_samples = 1 + random.below(7);
      const OpticsResult result = optics(X, min_samples, {.execution = {.threads = 1}});
      for (int e = 0; e < 4; ++e) {
        const double eps = e == 0 ? 0 : static_cast<double>(D(random.below(n), random.below(n)));
        const DbscanResult expected = dbscan(X, eps, min_samples, {.execution = {.threads = 1}});
        const Labels labels = cut(result, eps);
        for (Index i = 0; i < n; ++i)
          ASSERT_EQ(result.core_distances[i] <= eps, expected.is_core[static_cast<std::size_t>(i)]);
        ASSERT_TRUE(core_labels(labels, expected.is_core) == core_labels(expected.labels, expected.is_core)) << seed;
        const Labels of_limited = cut(optics(X, min_samples, {.max_eps = eps, .execution = {.threads = 1}}), eps);
        ASSERT_TRUE(core_labels(of_limited, expected.is_core) == core_labels(labels, expected.is_core)) << seed;
        // The others are noise, or in a cluster of which a core row is within eps of them.
        for (Index i = 0; i < n; ++i) {
          if (expected.is_core[static_cast<std::size_t>(i)] || labels[i] == noise) continue;
          bool is_reached = false;
          for (Index j = 0; j < n; ++j)
            is_reached = is_reached || (labels[j] == labels[i] && expected.is_core[static_cast<std::size_t>(j)] &&
                                        static_cast<double>(D(i, j)) <= eps);
          ASSERT_TRUE(is_reached) << seed;
        }
      }
    }
  });
}

/// Whether labels and hierarchy are those of the intervals.
void expect_clusters_of(const XiClusters& clusters, const OpticsResult& result,
                        const std::set<std::pair<Index, Index>>& intervals) {
  ASSERT_EQ(clusters.hierarchy.size(), intervals.size());
  Labels labels = Labels::Constant(result.reachability.size(), noise);
  std::int32_t leaves = 0, lowest_before = -1;
  std::vector<Index> lowest;
  for (std::size_t c = 0; c < clusters.hierarchy.size(); ++c) {
    const XiCluster& cluster = clusters.hierarchy[c];
    ASSERT_TRUE(intervals.contains({cluster.begin, cluster.end}));
    // The smallest interval around it, and none that cuts it.
    std::int32_t parent = -1;
    bool is_leaf = true;
    for (std::size_t o = 0; o < clusters.hierarchy.size(); ++o) {
      const XiCluster& other = clusters.hierarchy[o];
      if (o == c || other.end <= cluster.begin || cluster.end <= other.begin) continue;
      const bool is_around = other.begin <= cluster.begin && cluster.end <= other.end;
      ASSERT_TRUE(is_around || (cluster.begin <= other.begin && other.end <= cluster.end));
      if (!is_around) {
        is_leaf = false;
        ASSERT_LT(o, c);
      } else if (parent < 0 ||
                 other.end - other.begin < clusters.hierarchy[static_cast<std::size_t>(parent)].end -
                                               clusters.hierarchy[static_cast<std::size_t>(parent)].begin) {
        parent = static_cast<std::int32_t>(o);
      }
    }
    ASSERT_EQ(cluster.parent, parent);
    ASSERT_EQ(cluster.label != noise, is_leaf);
    if (!is_leaf) continue;
    ++leaves;
    for (Index p = cluster.begin; p < cluster.end; ++p)
      labels[result.ordering[static_cast<std::size_t>(p)]] = cluster.label;
  }
  ASSERT_EQ(clusters.clusters, leaves);
  ASSERT_TRUE(clusters.labels == labels);
  for (const std::int32_t label : labels)  // numbered by their lowest row
    if (label > lowest_before) {
      ASSERT_EQ(label, lowest_before + 1);
      lowest_before = label;
    }
}

TEST(XiClusters, AreThoseOfTheDefinition) {
  Index found = 0, nested = 0;
  for (std::uint64_t seed = 0; seed < 5 * instances; ++seed) {
    Random random(seed, {25});
    const Index n = random.below(seed % 8 == 0 ? 300 : 80);
    OpticsResult result;
    if (seed % 2 == 0) {
      RowMatrix<double> X = random_rows<double>(random, seed, n, 2);
      for (Index i = 0; i < n; ++i)
        if (i % 4 < 2) X.row(i) = X.row(i) * 0.1 + RowMatrix<double>::Constant(1, 2, i % 4 == 0 ? 6 : 7);
      result = optics(X, 1 + random.below(6), {.max_eps = random.below(3) == 0 ? 2 : infinity});
    } else {  // any plot, as no rows would give it
      for (const Index row : permutation(random, n)) result.ordering.push_back(static_cast<std::int32_t>(row));
      result.reachability.resize(n);
      result.core_distances = Vector::Zero(n);
      double height = 1;
      for (Index p = 0; p < n; ++p) {
        height = random.below(4) == 0 ? 1 + static_cast<double>(random.below(10)) : height * random.uniform(0.8, 1.25);
        if (random.below(30) == 0) height = 0;
        result.reachability[result.ordering[static_cast<std::size_t>(p)]] = random.below(40) == 0 ? infinity : height;
        result.predecessor.push_back(static_cast<std::int32_t>(random.below(n + 1) - 1));
      }
      result.min_samples = 1 + random.below(6);
    }
    for (const double xi : {0.01, 0.05, 0.3, 0.7})
      for (const bool correction : {true, false}) {
        SCOPED_TRACE(std::to_string(seed) + ", xi " + std::to_string(xi));
        const Index size = 2 + random.below(8);
        const XiClusters clusters =
            xi_clusters(result, {.xi = xi, .min_cluster_size = size, .predecessor_correction = correction});
        expect_clusters_of(clusters, result, xi_intervals_by_definition(result, xi, size, correction));
        if (::testing::Test::HasFatalFailure()) return;
        found += clusters.clusters;
        nested += static_cast<Index>(clusters.hierarchy.size()) - clusters.clusters;
      }
  }
  EXPECT_GT(found, 1000);
  EXPECT_GT(nested, 1000);
}

TEST(XiClusters, FindClustersOfDifferentDensities) {
  // Two dense groups in a sparse one, and one far away.
  Random random(31);
  RowMatrix<double> X(800, 2);
  for (Index i = 0; i < X.rows(); ++i) {
    const double scale = i % 4 == 0   ? 3
                         : i % 4 == 3 ? 1
                                      : 0.1,
                 at = i % 4 == 1   ? -3
                      : i % 4 == 2 ? 3
                      : i % 4 == 3 ? 30
                                   : 0;
    X.row(i) << at + scale * random.normal(), scale * random.normal();
  }
  const OpticsResult result = optics(X, 10);
  const XiClusters clusters = xi_clusters(result, {.min_cluster_size = 100});
  EXPECT_EQ(clusters.clusters, 3);
  EXPECT_EQ(clusters.labels[3], 2);
  std::vector<Index> sizes(3);
  for (Index i = 0; i < X.rows(); ++i)
    if (clusters.labels[i] != noise) ++sizes[static_cast<std::size_t>(clusters.labels[i])];
  for (const Index size : sizes) EXPECT_NEAR(static_cast<double>(size), 200, 40);
}

TEST(Optics, EdgeCases) {
  for (const NeighborSearch search : all_searches) {
    const OpticsOptions options{.search = search};
    const OpticsResult none = optics(RowMatrix<double>(0, 2), 3, options);
    EXPECT_TRUE(none.ordering.empty());
    EXPECT_EQ(none.min_samples, 3);
    EXPECT_EQ(cut(none, 1).size(), 0);
    EXPECT_EQ(xi_clusters(none).clusters, 0);
    const RowMatrix<double> one = RowMatrix<double>::Constant(1, 2, 4);
    EXPECT_EQ(optics(one, 1, options).core_distances[0], 0);
    EXPECT_EQ(optics(one, 2, options).core_distances[0], infinity);
    EXPECT_EQ(cut(optics(one, 1, options), 0)[0], 0);
    EXPECT_EQ(cut(optics(one, 2, options), 7)[0], noise);

    const OpticsResult equal = optics(RowMatrix<double>::Constant(700, 2, 3), 5, options);
    for (Index i = 0; i < 700; ++i) {
      ASSERT_EQ(equal.ordering[static_cast<std::size_t>(i)], i);
      ASSERT_EQ(equal.predecessor[static_cast<std::size_t>(i)], i == 0 ? -1 : 0);
      ASSERT_EQ(equal.reachability[i], i == 0 ? infinity : 0);
    }
    EXPECT_TRUE((cut(equal, 0).array() == 0).all());

    Random random(5);
    const RowMatrix<double> X = normal_matrix<double>(random, 600, 2);
    const OpticsResult sparse = optics(X, 601, options);
    EXPECT_TRUE((sparse.reachability.array() == infinity).all());
    EXPECT_TRUE((sparse.core_distances.array() == infinity).all());
    EXPECT_EQ(sparse.ordering[599], 599);
    EXPECT_EQ(xi_clusters(sparse).clusters, 0);
    const OpticsResult apart = optics(X, 2, {.max_eps = 0, .search = search});
    EXPECT_TRUE((apart.core_distances.array() == infinity).all());
    EXPECT_TRUE((optics(X, 1, {.max_eps = 0, .search = search}).core_distances.array() == 0).all());
  }
}

TEST(Optics, AnOffsetMovesNothing) {
  Random random(6);
  const RowMatrix<double> X = grid_matrix<double>(random, 400, 3, 20, 0.25);  // sums are exact, with the offset too
  const OpticsResult expected = optics(X, 5);
  for (const NeighborSearch search : all_searches) {
    RowMatrix<double> far = X;
    far.array() += 1e6;
    EXPECT_TRUE(same(optics(far, 5, {.search = search}), expected));
  }
}

TEST(Optics, ManyDuplicatesTakeNoLonger) {
  RowMatrix<float> X = RowMatrix<float>::Zero(200'000, 2);
  X.bottomRows(100'000).setConstant(1.5f);
  for (const double max_eps : {infinity, 10.0}) {
    const OpticsResult result = optics(X, 10, {.max_eps = max_eps});
    EXPECT_EQ(result.reachability[100'000], static_cast<double>(std::sqrt(4.5f)));
    EXPECT_EQ(result.ordering.back(), 199'999);
  }
}

TEST(Optics, StopsWhenAskedAndKeepsToItsMemory) {
  Random random(9);
  const RowMatrix<double> X = normal_matrix<double>(random, 4000, 2);
  for (const NeighborSearch search : all_searches) {
    OpticsOptions options{.search = search, .execution = {.threads = 1}};
    std::vector<std::string> stages;
    options.execution.on_progress = [&](const Progress& progress) {
      if (stages.empty() || stages.back() != progress.stage) stages.emplace_back(progress.stage);
      return true;
    };
    EXPECT_TRUE(same(optics(X, 4, options), optics(X, 4)));
    EXPECT_EQ(stages, (std::vector<std::string>{"neighbors", "ordering"}));
    for (const char* last : {"neighbors", "ordering"}) {
      options.execution.on_progress = [&](const Progress& progress) { return progress.stage != last; };
      EXPECT_THROW(optics(X, 4, options), Cancelled);
    }
    options.execution = {.threads = 1, .memory_limit = 100'000};
    EXPECT_THROW(optics(X, 4, options), MemoryLimitExceeded);
    options.execution.memory_limit = 2'000'000;  // all distances within 100 would be 128 MB
    options.max_eps = 100;
    EXPECT_EQ(optics(X, 4, options).ordering.size(), 4000u);
  }
}

}  // namespace
}  // namespace optics_test
