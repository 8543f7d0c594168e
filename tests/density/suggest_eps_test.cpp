#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/suggest_eps.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "density/suggest_eps_golden_values.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/neighbor_searches.hpp"

namespace suggest_eps_test {
namespace {

using namespace corymb;
using namespace corymb_test;

/// The curve by its definition, from all distances.
template <class T>
Vector curve_of(const RowMatrix<T>& D, Index min_points) {
  Vector curve(D.rows());
  for (Index i = 0; i < D.rows(); ++i) {
    std::vector<T> others;
    for (Index j = 0; j < D.cols(); ++j)
      if (j != i) others.push_back(D(i, j));
    std::sort(others.begin(), others.end());
    curve[i] = min_points == 1 ? 0 : static_cast<double>(others[static_cast<std::size_t>(min_points - 2)]);
  }
  std::sort(curve.begin(), curve.end());
  return curve;
}

/// What is wrong with the knee of a curve, found from the geometry as the documentation tells it; "" = nothing. Points
/// whose distances from the chord differ by rounding only may stand for one another.
std::string knee_error(const EpsSuggestion& result) {
  const Vector& curve = result.curve;
  if (result.knee < 0 || result.knee >= curve.size()) return "no entry";
  if (result.eps != curve[result.knee]) return "eps is not the value of the knee";
  std::vector<double> positive;
  for (const double value : curve)
    if (value > 0) positive.push_back(value);
  if (positive.empty()) return result.eps == 0 ? "" : "eps must be 0";
  const double quartile = positive[(positive.size() - 1) * 3 / 4];
  std::vector<Index> counted;
  for (Index i = 0; i < curve.size(); ++i)
    if (curve[i] > 0 && curve[i] >= quartile / 10 && curve[i] <= quartile * 10) counted.push_back(i);
  const double low = std::log10(curve[counted.front()]), high = std::log10(curve[counted.back()]);
  const auto depth = [&](Index i) {
    if (high == low) return 0.0;
    return static_cast<double>(i - counted.front()) / static_cast<double>(counted.back() - counted.front()) -
           (std::log10(curve[i]) - low) / (high - low);
  };
  constexpr double rounding = 1e-9;
  double deepest = 0;
  for (const Index i : counted) deepest = std::max(deepest, depth(i));
  if (std::find(counted.begin(), counted.end(), result.knee) == counted.end()) return "the knee does not count";
  if (deepest < rounding) return result.knee == counted.back() || depth(result.knee) > 0 ? "" : "no knee: not the last";
  if (depth(result.knee) < deepest - rounding) return "another point is farther below the chord";
  for (const Index i : counted)
    if (i < result.knee && depth(i) > deepest + rounding) return "an earlier point is as far";
  return "";
}

void expect_same(const EpsSuggestion& actual, const EpsSuggestion& expected) {
  EXPECT_TRUE(same_matrix(actual.curve, expected.curve));
  EXPECT_EQ(actual.knee, expected.knee);
  EXPECT_EQ(actual.eps, expected.eps);
}

template <class T>
RowMatrix<T> random_rows(Random& random, std::uint64_t seed, Index n, Index d) {
  RowMatrix<T> X = seed % 2 == 0 ? grid_matrix<T>(random, n, d, 1 + random.below(4)) : normal_matrix<T>(random, n, d);
  if (seed % 3 == 0) X.topRows(n / 2) *= T(0.01);
  if (seed % 5 == 0) X.bottomRows(n / 2) = X.topRows(n / 2);
  if (seed % 7 == 0) X.array() += T(1e6);
  if (seed % 11 == 0) X *= T(1e-15);
  return X;
}

TEST(SuggestEps, TheVerifierTellsWrongAnswers) {
  RowMatrix<double> X(8, 1);
  X << 0, 1, 2, 3, 4, 5, 9, 30;
  EpsSuggestion result = suggest_eps(X, 2);
  EXPECT_EQ(knee_error(result), "");
  EXPECT_EQ(result.eps, 1);
  const EpsSuggestion right = result;
  for (Index knee = 0; knee < 8; ++knee) {
    result.knee = knee;
    result.eps = result.curve[knee];
    EXPECT_EQ(knee_error(result) == "", knee == right.knee) << knee;
  }
  result = right;
  result.eps += 1;
  EXPECT_NE(knee_error(result), "");
}

TEST(SuggestEps, IsThatOfTheDefinition) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      Random random(seed, {5});
      const Index n = 1 + random.below(seed % 8 == 0 ? 400 : 80), d = 1 + random.below(5);
      const RowMatrix<T> X = random_rows<T>(random, seed, n, d);
      const Index min_points = seed % 6 == 0 ? n : 1 + random.below(std::min<Index>(n, 20));
      for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chebyshev}) {
        const RowMatrix<T> D = pairwise_distances(X, X, metric);
        const Vector expected = curve_of(D, min_points);
        for (const NeighborSearch search : all_searches) {
          SCOPED_TRACE(std::to_string(seed) + ", search " + std::to_string(static_cast<int>(search)));
          const auto result =
              suggest_eps(X, min_points, {.metric = metric, .search = search, .execution = {.threads = 1}});
          ASSERT_TRUE(same_matrix(result.curve, expected));
          ASSERT_EQ(knee_error(result), "");
        }
      }
    }
  });
}

TEST(SuggestEps, EveryMetric) {
  Random random(2);
  const RowMatrix<double> X = normal_matrix<double>(random, 60, 2).cwiseAbs();
  for (const Metric metric :
       {Metric::minkowski(3), Metric::minkowski(2.5), Metric::canberra, Metric::bray_curtis, Metric::cosine,
        Metric::correlation, Metric::hamming, Metric::jaccard, Metric::haversine}) {
    SCOPED_TRACE(static_cast<int>(metric.kind()));
    const auto result = suggest_eps(X, 6, {.metric = metric});
    EXPECT_TRUE(same_matrix(result.curve, curve_of(pairwise_distances(X, X, metric), 6)));
    EXPECT_EQ(knee_error(result), "");
  }
}

TEST(SuggestEps, PlacesOnTheEarth) {
  Random random(10);
  RowMatrix<double> X(800, 2);
  for (Index i = 0; i < X.rows(); ++i) X.row(i) << random.uniform(-90, 90), random.uniform(-180, 180);
  const Vector expected = curve_of(pairwise_distances(X, X, Metric::haversine), 5);
  for (const NeighborSearch search : all_searches) {
    const auto result = suggest_eps(X, 5, {.metric = Metric::haversine, .search = search});
    EXPECT_TRUE(same_matrix(result.curve, expected));
    const auto cores = dbscan(X, result.eps, 5, {.metric = Metric::haversine}).is_core;
    EXPECT_EQ(std::count(cores.begin(), cores.end(), true), (expected.array() <= result.eps).count());
  }
}

TEST(SuggestEps, TheCurveIsTheLastColumnOfNearestNeighbors) {
  Random random(3);
  const RowMatrix<float> X = normal_matrix<float>(random, 2000, 3);
  for (const Index min_points : {2, 5, 40, 700}) {
    const Vector last = nearest_neighbors(X, min_points - 1).distances.rightCols(1).cast<double>();
    Vector expected = last;
    std::sort(expected.begin(), expected.end());
    EXPECT_TRUE(same_matrix(suggest_eps(X, min_points).curve, expected));
  }
}

TEST(SuggestEps, DbscanFindsAsManyCoreRowsAsTheCurveSays) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(4);
    const RowMatrix<T> grid = grid_matrix<T>(random, 500, 2, 9), normal = normal_matrix<T>(random, 500, 3);
    for (const RowMatrix<T>* X : {&grid, &normal})
      for (const Index min_points : {2, 4, 10}) {
        const auto result = suggest_eps(*X, min_points);
        for (const Index i : {Index{0}, Index{100}, result.knee, Index{499}}) {
          const auto cores = dbscan(*X, result.curve[i], min_points).is_core;
          const auto within = std::upper_bound(result.curve.begin(), result.curve.end(), result.curve[i]);
          EXPECT_EQ(std::count(cores.begin(), cores.end(), true), within - result.curve.begin());
        }
      }
  });
}

TEST(SuggestEps, IsTheSameInEveryFormAndOnAnyNumberOfThreads) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(5);
    const RowMatrix<T> X = normal_matrix<T>(random, 700, 3);
    const auto expected = suggest_eps(X, 6, {.search = NeighborSearch::brute_force, .execution = {.threads = 1}});
    for (const NeighborSearch search : all_searches)
      for (const int threads : {1, 2, 5})
        for_each_layout(X, [&](const auto& layout) {
          expect_same(suggest_eps(layout, 6, {.search = search, .execution = {.threads = threads}}), expected);
        });
    const auto manhattan = [](std::span<const T> x, std::span<const T> y) {
      return std::abs(x[0] - y[0]) + std::abs(x[1] - y[1]) + std::abs(x[2] - y[2]);
    };
    const auto by_manhattan = suggest_eps(X, 6, {.metric = Metric::manhattan});
    expect_same(suggest_eps(X, 6, manhattan), by_manhattan);
    const RowMatrix<T> D = pairwise_distances(X, X, Metric::manhattan);
    expect_same(suggest_eps(DistanceMatrix(D), 6), by_manhattan);
    expect_same(suggest_eps(dissimilarity(D.rows(), [&](Index i, Index j) { return D(i, j); }), 6), by_manhattan);
  });
}

TEST(SuggestEps, OfAMatrixThatIsNotSymmetric) {
  RowMatrix<double> D(3, 3);
  D << 0, 1, 2,  //
      5, 0, 4,   //
      1, 1, 0;
  EXPECT_EQ(suggest_eps(DistanceMatrix(D), 2).curve, (Vector(3) << 1, 1, 4).finished());
  EXPECT_EQ(suggest_eps(DistanceMatrix(D), 3).curve, (Vector(3) << 1, 2, 5).finished());
}

TEST(SuggestEps, CurvesOfPeers) {
  for (const auto& golden : suggest_eps_golden::cases) {
    SCOPED_TRACE(std::string(golden.data) + ", min_points " + std::to_string(golden.min_points));
    const BundledData data = golden.data == "iris" ? iris() : golden.data == "wine" ? wine() : old_faithful();
    const Metric metric = golden.metric == "manhattan" ? Metric::manhattan : Metric::euclidean;
    const auto result = suggest_eps(data.points, golden.min_points, {.metric = metric});
    ASSERT_EQ(result.curve.size(), static_cast<Index>(golden.curve.size()));
    for (Index i = 0; i < result.curve.size(); ++i) {
      const double expected = golden.curve[static_cast<std::size_t>(i)];
      EXPECT_NEAR(result.curve[i], expected, 1e-12 * expected);
    }
  }
}

TEST(SuggestEps, FindsTheDistanceWithinClusters) {
  // Four groups of a unit lattice, whose rows become core at 1 but for the corners, and scattered rows.
  Random random(6);
  RowMatrix<double> X(4 * 100 + 30, 2);
  for (Index i = 0; i < 400; ++i)
    X.row(i) << static_cast<double>(i % 10 + 1000 * (i / 200)), static_cast<double>(i / 10 % 10 + 1000 * (i / 100 % 2));
  for (Index i = 400; i < X.rows(); ++i) X.row(i) << 2000 * random.uniform() - 500, 2000 * random.uniform() - 500;
  const auto result = suggest_eps(X, 4);
  EXPECT_EQ(result.eps, 1);
  EXPECT_EQ(dbscan(X, result.eps, 4).clusters, 4);
}

TEST(SuggestEps, FarRowsAndDuplicatesDoNotMoveTheKnee) {
  Random random(7);
  RowMatrix<double> X = normal_matrix<double>(random, 1000, 2);
  const double eps = suggest_eps(X, 5).eps;
  RowMatrix<double> far(1003, 2);
  far << X, 1e4, 1e4, -1e9, 3e3, 0, 1e6;
  EXPECT_NEAR(suggest_eps(far, 5).eps, eps, 0.05 * eps);
  RowMatrix<double> duplicates(7000, 2);
  duplicates << X, RowMatrix<double>::Zero(6000, 2);
  EXPECT_NEAR(suggest_eps(duplicates, 5).eps, eps, 0.05 * eps);
}

TEST(SuggestEps, FollowsTheUnit) {
  Random random(8);
  const RowMatrix<double> X = normal_matrix<double>(random, 500, 2);
  const auto result = suggest_eps(X, 5);
  for (const double scale : {1e-100, 1e-3, 0.25, 1e4, 1e100}) {
    const auto scaled = suggest_eps(RowMatrix<double>(X * scale), 5);
    EXPECT_EQ(scaled.knee, result.knee);
    EXPECT_NEAR(scaled.eps / scale, result.eps, 1e-9);
  }
}

TEST(SuggestEps, EdgeCases) {
  const RowMatrix<double> one = RowMatrix<double>::Constant(1, 2, 4);
  RowMatrix<double> X(5, 1);
  X << 0, 1, 2, 3, 7;
  for (const NeighborSearch search : all_searches) {
    const NeighborOptions options{.search = search};
    expect_same(suggest_eps(one, 1, options), {0, Vector::Zero(1), 0});
    expect_same(suggest_eps(X, 1, options), {0, Vector::Zero(5), 4});
    expect_same(suggest_eps(X, 5, options), {7, (Vector(5) << 4, 5, 6, 7, 7).finished(), 4});
    // Rows that are all alike: nothing is noise.
    expect_same(suggest_eps(RowMatrix<double>::Constant(600, 2, 3), 4, options), {0, Vector::Zero(600), 599});
    expect_same(suggest_eps(X.topRows(4), 2, options), {1, Vector::Ones(4), 3});
    expect_same(suggest_eps(X, 2, options), {1, (Vector(5) << 1, 1, 1, 1, 4).finished(), 3});
  }
}

TEST(SuggestEps, StopsWhenAskedAndKeepsToItsMemory) {
  Random random(9);
  const RowMatrix<double> X = normal_matrix<double>(random, 4000, 2);
  for (const NeighborSearch search : all_searches) {
    NeighborOptions options{.search = search, .execution = {.threads = 1}};
    int calls = 0;
    options.execution.on_progress = [&](const Progress& progress) {
      EXPECT_EQ(progress.stage, "neighbors");
      EXPECT_EQ(progress.step, ++calls);
      return true;
    };
    expect_same(suggest_eps(X, 4, options), suggest_eps(X, 4));
    EXPECT_GT(calls, 1);
    options.execution.on_progress = [&](const Progress&) { return false; };
    EXPECT_THROW(suggest_eps(X, 4, options), Cancelled);
    options.execution = {.threads = 1, .memory_limit = 50'000};
    EXPECT_THROW(suggest_eps(X, 4, options), MemoryLimitExceeded);
    // Half a megabyte for the blocks of values; 400 neighbours of all rows would be 19 MB.
    options.execution.memory_limit = 3'000'000;
    EXPECT_EQ(suggest_eps(X, 401, options).curve.size(), 4000);
  }
}

TEST(SuggestEps, TellsWhatIsWrong) {
  RowMatrix<double> X = RowMatrix<double>::Zero(4, 2);
  const auto call = [&](Index min_points, const NeighborOptions& options = {}) {
    return [=] { suggest_eps(X, min_points, options); };
  };
  expect_message(call(0), "corymb::suggest_eps: min_points = 0 must be in [1, n = 4]");
  expect_message(call(5), "corymb::suggest_eps: min_points = 5 must be in [1, n = 4]");
  expect_message([&] { suggest_eps(X.topRows(0), 1); }, "corymb::suggest_eps: X has 0 rows; at least 1 is needed");
  expect_message([&] { suggest_eps(RowMatrix<double>(4, 0), 1); },
                 "corymb::suggest_eps: X has 0 columns; at least 1 is needed");
  expect_message(call(2, {.metric = Metric::cosine, .search = NeighborSearch::kd_tree}),
                 "corymb::suggest_eps: search = kd_tree needs the metric euclidean, manhattan or chebyshev, or "
                 "haversine on data in double");
  expect_message(call(2, {.execution = {.threads = -1}}),
                 "corymb::suggest_eps: execution.threads = -1 must be in [0, 1024] (0 = all)");
  const auto f = [](std::span<const double>, std::span<const double>) { return -1.0; };
  expect_message([&] { suggest_eps(X, 2, f, {.metric = Metric::euclidean}); },
                 "corymb::suggest_eps: metric must be empty: the distances are those of the callable");
  expect_message([&] { suggest_eps(X, 2, f); },
                 "corymb::suggest_eps: the distance of rows 0 and 0 is -1; it must be finite and ≥ 0");
  const RowMatrix<double> D = RowMatrix<double>::Ones(3, 3);
  expect_message([&] { suggest_eps(DistanceMatrix(D), 2); },
                 "corymb::suggest_eps: D(0, 0) = 1 must be 0: it is the distance of an object to itself");
  expect_message([&] { suggest_eps(DistanceMatrix(D), 4); },
                 "corymb::suggest_eps: min_points = 4 must be in [1, n = 3]");
  X(2, 1) = std::numeric_limits<double>::quiet_NaN();
  expect_message(call(2), "corymb::suggest_eps: X(2, 1) = nan must be finite");
}

}  // namespace
}  // namespace suggest_eps_test
