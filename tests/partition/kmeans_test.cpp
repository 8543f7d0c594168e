#include <gtest/gtest.h>

#include <corymb/core/random.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/kmeans.hpp>

#include <set>

#include "partition/kmeans_golden_values.hpp"
#include "support/same_kmeans.hpp"
#include "support/slow_tests.hpp"
#include "support/verify_kmeans.hpp"

namespace kmeans_test {
namespace {

using corymb::EmptyClusters;
using corymb::Index;
using corymb::KMeansInit;
using corymb::KMeansOptions;
using corymb::KMeansResult;
using corymb::RowMatrix;
using corymb::Status;
using corymb::Vector;
using corymb_test::expect_same;

const int instances = corymb_test::slow_tests() ? 2000 : 200;

corymb::BundledData bundled(std::string_view name) {
  if (name == "iris") return corymb::iris();
  if (name == "wine") return corymb::wine();
  if (name == "digits") return corymb::digits();
  return corymb::old_faithful();
}

// Small instances with ties: points on a grid of few values, so that duplicates and equal distances are common.
struct Instance {
  RowMatrix<double> X;
  Index k;
  Vector weights;
};

Instance instance(std::uint64_t seed, bool weighted) {
  corymb::Random random(seed, {77});
  const Index n = 1 + random.below(60), d = 1 + random.below(4);
  Instance result{RowMatrix<double>(n, d), 1 + random.below(n), {}};
  const std::int64_t values = 2 + random.below(6);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < d; ++j) result.X(i, j) = static_cast<double>(random.below(values));
  if (weighted) {
    result.weights.resize(n);
    for (Index i = 0; i < n; ++i) result.weights[i] = static_cast<double>(random.below(4));
    result.weights[0] = 1;
    result.k = 1 + random.below((result.weights.array() > 0).count());
  }
  return result;
}

template <class T>
void verify_instances(bool weighted) {
  for (int seed = 0; seed < instances; ++seed) {
    const Instance in = instance(static_cast<std::uint64_t>(seed), weighted);
    const RowMatrix<T> X = in.X.template cast<T>();
    KMeansOptions options{
        .tolerance = 0, .weights = in.weights, .history = true, .seed = static_cast<std::uint64_t>(seed)};
    options.init = static_cast<KMeansInit>(seed % 3);
    options.empty_clusters = seed % 2 == 0 ? EmptyClusters::relocate : EmptyClusters::keep;
    const auto result = corymb::kmeans(X, in.k, options);
    const std::string what = "seed " + std::to_string(seed) + ", n = " + std::to_string(X.rows()) +
                             ", d = " + std::to_string(X.cols()) + ", k = " + std::to_string(in.k);
    EXPECT_EQ(result.status, Status::converged) << what;
    EXPECT_EQ(verify::kmeans_error<T>(X, result, true, in.weights), "") << what;
    EXPECT_EQ(verify::history_error(result.history, 8 * static_cast<double>(std::numeric_limits<T>::epsilon())), "")
        << what;
    EXPECT_EQ(result.history.size(), static_cast<std::size_t>(result.iterations)) << what;
    EXPECT_EQ(corymb::predict(result, X), result.labels) << what;
  }
}

TEST(KMeans, IsRightOnSmallInstancesWithTies) { verify_instances<double>(false); }
TEST(KMeans, IsRightOnSmallWeightedInstances) { verify_instances<double>(true); }
TEST(KMeans, IsRightInFloat) { verify_instances<float>(true); }

TEST(KMeans, AgreesWithScikitLearnAndR) {
  for (const auto& golden : kmeans_golden::cases) {
    const auto data = bundled(golden.data);
    KMeansOptions options{.max_iterations = golden.max_iterations, .tolerance = 0};
    options.initial_rows.assign(golden.initial_rows.begin(), golden.initial_rows.end());
    if (golden.weighted) {
      options.weights.resize(data.points.rows());
      for (Index i = 0; i < options.weights.size(); ++i) options.weights[i] = static_cast<double>(1 + i % 3);
    }
    const auto result = corymb::kmeans(data.points, golden.k, options);
    std::string labels;
    for (Index i = 0; i < result.labels.size(); ++i) labels += static_cast<char>('0' + result.labels[i]);
    EXPECT_EQ(labels, golden.labels) << golden.name;
    EXPECT_EQ(result.iterations, golden.iterations) << golden.name;
    EXPECT_EQ(result.status, golden.converged ? Status::converged : Status::iteration_limit) << golden.name;
    EXPECT_NEAR(result.inertia, golden.inertia, 1e-12 * golden.inertia) << golden.name;
    for (Index c = 0; c < golden.k; ++c)
      for (Index j = 0; j < data.points.cols(); ++j) {
        const double expected = golden.centroids[static_cast<std::size_t>(c * data.points.cols() + j)];
        EXPECT_NEAR(result.centroids(c, j), expected, 1e-10 * (1 + std::abs(expected))) << golden.name;
      }
    for (std::size_t c = 0; c < golden.r_sizes.size(); ++c)
      EXPECT_EQ(result.sizes[static_cast<Index>(c)], golden.r_sizes[c]) << golden.name;
    const auto in_float = corymb::kmeans(data.points.cast<float>(), golden.k, options);
    EXPECT_EQ(in_float.labels, result.labels) << golden.name;
    EXPECT_NEAR(in_float.inertia, result.inertia, 1e-4 * result.inertia) << golden.name;
  }
}

TEST(KMeans, SameBitsForAnyThreadsAndStorage) {
  // Large enough for many chunks, and once with so many centroids that rows are grouped by label.
  for (const auto& [n, d, k] : {std::array<Index, 3>{20'000, 5, 7}, {5'000, 70, 4'000}}) {
    const RowMatrix<float> X = corymb::make_blobs<float>(n, d, 9, {.seed = 3}).points;
    Vector weights(n);
    for (Index i = 0; i < n; ++i) weights[i] = static_cast<double>(i % 4);
    KMeansOptions options{.restarts = k < 100 ? 2 : 1, .max_iterations = 4, .tolerance = 0, .history = true, .seed = 5};
    if (k < 100) options.weights = weights;
    options.init = k < 100 ? KMeansInit::greedy_kmeans_plus_plus : KMeansInit::random;
    options.execution.threads = 1;
    const auto one = corymb::kmeans(X, k, options);
    for (const int threads : {2, 3, 8}) {
      options.execution.threads = threads;
      expect_same(corymb::kmeans(X, k, options), one, std::to_string(threads) + " threads");
    }
    const Eigen::MatrixXf columns = X;
    expect_same(corymb::kmeans(columns, k, options), one, "column-major");
    Eigen::Matrix<float, -1, -1, Eigen::RowMajor> wide = Eigen::MatrixXf::Constant(n, d + 3, -7);
    wide.middleCols(1, d) = X;
    expect_same(corymb::kmeans(wide.middleCols(1, d), k, options), one, "block");
    expect_same(corymb::kmeans(X * 1.0f, k, options), one, "expression");
  }
}

TEST(KMeans, SeedsRepeatAndDiffer) {
  const auto X = corymb::make_uniform(500, 2, {.seed = 1}).points;
  expect_same(corymb::kmeans(X, 20, {.seed = 4}), corymb::kmeans(X, 20, {.seed = 4}), "seed 4");
  std::set<double> inertias;
  for (std::uint64_t seed = 0; seed < 5; ++seed) inertias.insert(corymb::kmeans(X, 20, {.seed = seed}).inertia);
  EXPECT_GT(inertias.size(), 1u);
}

TEST(KMeans, AnOffsetOfTheDataChangesNoLabel) {
  // Multiples of 1/8 stay exact in float beside 1e6.
  corymb::Random random(1);
  RowMatrix<float> X(2000, 3), shifted;
  for (Index i = 0; i < X.size(); ++i) X.data()[i] = static_cast<float>(random.below(400)) / 8;
  shifted = X.array() + 1e6f;
  std::vector<Index> rows = {0, 100, 200, 300, 400};
  // One iteration: after it the centroids themselves round differently.
  const KMeansOptions options{.initial_rows = rows, .max_iterations = 1, .empty_clusters = EmptyClusters::keep};
  const RowMatrix<float> start = corymb::detail::gather_rows(corymb::Points<float>(X), rows);
  const RowMatrix<float> moved = start.array() + 1e6f;
  EXPECT_EQ(corymb::nearest(X, start).labels, corymb::nearest(shifted, moved).labels);
  const auto near_origin = corymb::kmeans(X.cast<double>(), 5, options);
  const auto far_away = corymb::kmeans(shifted.cast<double>(), 5, options);
  EXPECT_EQ(near_origin.labels, far_away.labels);
}

TEST(KMeans, AWeightIsThatManyCopies) {
  for (int seed = 0; seed < instances; ++seed) {
    Instance in = instance(static_cast<std::uint64_t>(seed), true);
    std::vector<Index> source;
    for (Index i = 0; i < in.X.rows(); ++i)
      for (int copy = 0; copy < static_cast<int>(in.weights[i]); ++copy) source.push_back(i);
    const RowMatrix<double> copies = in.X(source, Eigen::all);
    // From the same start. A row of weight 0 is absent, so the start is taken among the others.
    std::vector<Index> start_rows, copied_rows;
    for (std::size_t s = 0; s < source.size() && static_cast<Index>(start_rows.size()) < in.k; ++s)
      if (start_rows.empty() || start_rows.back() != source[s]) {
        start_rows.push_back(source[s]);
        copied_rows.push_back(static_cast<Index>(s));
      }
    if (static_cast<Index>(start_rows.size()) < in.k) continue;
    KMeansOptions weighted{
        .initial_rows = start_rows, .tolerance = 0, .empty_clusters = EmptyClusters::keep, .weights = in.weights};
    KMeansOptions copied{.initial_rows = copied_rows, .tolerance = 0, .empty_clusters = EmptyClusters::keep};
    const auto a = corymb::kmeans(in.X, in.k, weighted);
    const auto b = corymb::kmeans(copies, in.k, copied);
    EXPECT_EQ(a.iterations, b.iterations) << seed;
    EXPECT_NEAR(a.inertia, b.inertia, 1e-12 * (1 + b.inertia)) << seed;
    EXPECT_EQ(a.sizes, b.sizes) << seed;
    for (std::size_t s = 0; s < source.size(); ++s)
      EXPECT_EQ(a.labels[source[s]], b.labels[static_cast<Index>(s)]) << seed;
  }
}

TEST(KMeans, SeedingNeverTakesAnAbsentRow) {
  RowMatrix<double> X(40, 1);
  for (Index i = 0; i < 40; ++i) X(i, 0) = static_cast<double>(i * i);
  Vector weights = Vector::Zero(40);
  for (const Index i : {3, 10, 20, 39}) weights[i] = 0.5;
  for (const auto init : {KMeansInit::random, KMeansInit::kmeans_plus_plus, KMeansInit::greedy_kmeans_plus_plus})
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto result = corymb::kmeans(X, 4, {.init = init, .weights = weights, .seed = seed});
      EXPECT_EQ(result.inertia, 0);  // each of the four rows that count is a centroid
      EXPECT_EQ(result.sizes, Vector::Constant(4, 0.5));
    }
}

TEST(KMeans, RandomSeedingFollowsTheWeights) {
  RowMatrix<double> X(3, 1);
  X << 0, 1, 2;
  Vector weights(3);
  weights << 1, 2, 5;
  int first[3] = {};
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    corymb::Random random(seed);
    ++first[corymb::detail::random_rows(3, 1, weights.data(), random)[0]];
  }
  EXPECT_NEAR(first[0], 500, 100);
  EXPECT_NEAR(first[1], 1000, 140);
  EXPECT_NEAR(first[2], 2500, 160);
}

// k-means++ draws the second centroid with probability ∝ squared distance: 1 : 4 : 9 from the first row.
TEST(KMeans, PlusPlusDrawsByTheSquaredDistance) {
  RowMatrix<double> X(4, 1);
  X << 0, 1, 2, 3;
  Vector weights(4);
  weights << 1e9, 1, 1, 1;  // the first centroid is row 0 for all practical purposes
  const corymb::Points<double> points(X);
  int second[4] = {};
  for (std::uint64_t seed = 0; seed < 4200; ++seed) {
    corymb::Random random(seed);
    const auto rows = corymb::detail::seed_rows(points, 2, KMeansInit::kmeans_plus_plus, weights.data(), 1, random,
                                                [](Index) { return true; });
    ASSERT_EQ(rows[0], 0);
    ++second[rows[1]];
  }
  EXPECT_EQ(second[0], 0);
  EXPECT_NEAR(second[1], 300, 80);
  EXPECT_NEAR(second[2], 1200, 140);
  EXPECT_NEAR(second[3], 2700, 160);
}

// The squared distance of seeding: up to 16 coordinates the defined one, beyond in 16 partial sums (of float) folded by
// halves.
float seeding_distance(const Eigen::Ref<const Eigen::RowVectorXf>& a, const Eigen::Ref<const Eigen::RowVectorXf>& b) {
  if (a.size() <= 16) return verify::squared_distance<float>(a, b);
  volatile float part[16] = {};
  for (Index j = 0; j < a.size(); ++j) {
    const volatile float difference = a[j] - b[j];
    const volatile float square = difference * difference;
    part[j % 16] = part[j % 16] + square;
  }
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) part[i] = part[i] + part[i + half];
  return part[0];
}

// Against the plain algorithm.
TEST(KMeans, SeedingEqualsThePlainAlgorithm) {
  for (int seed = 0; seed < instances; ++seed) {
    corymb::Random shape(static_cast<std::uint64_t>(seed), {5});
    const Index n = 1 + shape.below(400), d = 1 + shape.below(40), k = 1 + shape.below(std::min<Index>(n, 30));
    RowMatrix<float> X(n, d);
    for (Index i = 0; i < X.size(); ++i)
      X.data()[i] = static_cast<float>(seed % 2 == 0 ? shape.normal() : static_cast<double>(shape.below(3)));
    const corymb::Points<float> points(X);
    corymb::Random random(static_cast<std::uint64_t>(seed)), same(static_cast<std::uint64_t>(seed));
    const auto rows = corymb::detail::seed_rows(points, k, KMeansInit::greedy_kmeans_plus_plus, nullptr, 2, random,
                                                [](Index) { return true; });
    // One chunk (n < 2048): sums and draws in the order of the rows.
    std::vector<Index> expected = {same.below(n)};
    std::vector<float> closest(static_cast<std::size_t>(n), std::numeric_limits<float>::max());
    const auto take = [&](std::vector<float>& values, Index row) {
      double mass = 0;
      for (Index i = 0; i < n; ++i) {
        float& value = values[static_cast<std::size_t>(i)];
        value = std::min(value, seeding_distance(X.row(i), X.row(row)));
        mass += static_cast<double>(value);
      }
      return mass;
    };
    double mass = take(closest, expected[0]);
    while (static_cast<Index>(expected.size()) < k && mass > 0) {
      std::vector<std::pair<double, Index>> tried;
      for (int t = 0; t < 2 + static_cast<int>(std::log(static_cast<double>(k))); ++t) {
        double left = same.uniform() * mass;
        Index drawn = -1;
        for (Index i = 0; i < n; ++i) {
          if (closest[static_cast<std::size_t>(i)] <= 0) continue;
          drawn = i;
          if ((left -= static_cast<double>(closest[static_cast<std::size_t>(i)])) < 0) break;
        }
        auto values = closest;
        tried.emplace_back(take(values, drawn), drawn);
      }
      const auto best =
          std::min_element(tried.begin(), tried.end(), [](auto& a, auto& b) { return a.first < b.first; });
      expected.push_back(best->second);
      mass = take(closest, best->second);
    }
    for (std::size_t c = 0; c < expected.size(); ++c)
      EXPECT_EQ(rows[c], expected[c]) << "seed " << seed << ", centroid " << c;
    EXPECT_EQ(std::set<Index>(rows.begin(), rows.end()).size(), static_cast<std::size_t>(k)) << seed;
  }
}

TEST(KMeans, RestartsKeepTheBest) {
  const auto X = corymb::make_uniform(300, 2, {.seed = 2}).points;
  const KMeansOptions many{.init = KMeansInit::random, .restarts = 8, .seed = 9};
  const auto best = corymb::kmeans(X, 12, many);
  double least = std::numeric_limits<double>::infinity();
  int which = -1;
  for (int restart = 0; restart < 8; ++restart) {
    corymb::Random random(9, {static_cast<std::uint64_t>(restart)});
    KMeansOptions one{};
    one.initial_rows = corymb::detail::random_rows(300, 12, nullptr, random);
    const double inertia = corymb::kmeans(X, 12, one).inertia;
    if (inertia < least) {
      least = inertia;
      which = restart;
    }
  }
  EXPECT_EQ(best.inertia, least);
  EXPECT_EQ(best.restart, which);
}

TEST(KMeans, FindsSeparatedBlobs) {
  const auto blobs = corymb::make_blobs(3000, 4, 12, {.spread = {0.05}, .seed = 6});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto result = corymb::kmeans(blobs.points, 12, {.seed = seed});
    EXPECT_EQ(corymb::adjusted_rand_index(blobs.labels, result.labels), 1.0) << seed;
  }
}

TEST(KMeans, ToleranceStopsEarlierAndTheLimitIsKept) {
  const auto X = corymb::make_uniform(5000, 2, {.seed = 3}).points;
  std::vector<Index> rows;
  for (Index i = 0; i < 30; ++i) rows.push_back(i);
  const auto settled = corymb::kmeans(X, 30, {.initial_rows = rows, .max_iterations = 10'000, .tolerance = 0});
  const auto loose = corymb::kmeans(X, 30, {.initial_rows = rows, .max_iterations = 10'000, .tolerance = 1e-3});
  const auto limited = corymb::kmeans(X, 30, {.initial_rows = rows, .max_iterations = 3, .tolerance = 0});
  EXPECT_EQ(settled.status, Status::converged);
  EXPECT_EQ(loose.status, Status::converged);
  EXPECT_LT(loose.iterations, settled.iterations);
  EXPECT_EQ(limited.status, Status::iteration_limit);
  EXPECT_EQ(limited.iterations, 3);
  for (const auto& result : {settled, loose, limited}) EXPECT_EQ(verify::kmeans_error<double>(X, result, false), "");
}

TEST(KMeans, EmptyClustersAreRelocatedOrKept) {
  //  0 1 2 . . . . . . . . 100      the second start centroid is nearest to no point
  RowMatrix<double> X(5, 1), start(2, 1);
  X << 0, 1, 2, 3, 100;
  start << 2, 1e4;
  const auto kept = corymb::kmeans(X, start, {.tolerance = 0, .empty_clusters = EmptyClusters::keep});
  EXPECT_EQ(kept.sizes, (Vector(2) << 5, 0).finished());
  EXPECT_EQ(kept.centroids(1, 0), 1e4);
  const auto relocated = corymb::kmeans(X, start, {.tolerance = 0});
  EXPECT_EQ(relocated.sizes, (Vector(2) << 4, 1).finished());
  EXPECT_EQ(relocated.centroids(1, 0), 100);
  EXPECT_EQ(relocated.centroids(0, 0), 1.5);
}

TEST(KMeans, EdgeCases) {
  const RowMatrix<double> one = RowMatrix<double>::Constant(1, 3, 5.0);
  const auto single = corymb::kmeans(one, 1);
  EXPECT_EQ(single.labels[0], 0);
  EXPECT_EQ(single.inertia, 0);
  EXPECT_EQ(single.centroids, one);

  const auto X = corymb::make_uniform(50, 3, {.seed = 1}).points;
  const auto whole = corymb::kmeans(X, 1);
  EXPECT_NEAR((whole.centroids.row(0) - X.colwise().mean()).cwiseAbs().maxCoeff(), 0, 1e-14);
  for (const auto init : {KMeansInit::random, KMeansInit::kmeans_plus_plus, KMeansInit::greedy_kmeans_plus_plus}) {
    const auto all = corymb::kmeans(X, 50, {.init = init});  // k = n
    EXPECT_EQ(all.inertia, 0);
    EXPECT_EQ(all.sizes, Vector::Ones(50));
  }

  const RowMatrix<double> equal = RowMatrix<double>::Constant(20, 2, 3.25);
  const auto same = corymb::kmeans(equal, 4);
  EXPECT_EQ(same.status, Status::converged);
  EXPECT_EQ(same.labels, corymb::Labels::Zero(20));
  EXPECT_EQ(same.sizes, (Vector(4) << 20, 0, 0, 0).finished());
  EXPECT_EQ(same.inertia, 0);

  RowMatrix<double> constant_column = X;
  constant_column.col(1).setConstant(-4);
  EXPECT_EQ(verify::kmeans_error<double>(constant_column, corymb::kmeans(constant_column, 5, {.tolerance = 0}), true),
            "");

  RowMatrix<float> tiny = corymb::make_blobs<float>(300, 2, 3, {.spread = {0.1}, .seed = 1}).points;
  const auto before = corymb::kmeans(tiny, 3);
  tiny *= 1e-15f;
  EXPECT_EQ(corymb::adjusted_rand_index(corymb::kmeans(tiny, 3).labels, before.labels), 1.0);
}

TEST(KMeans, CancellationReturnsTheLastCompleteIteration) {
  const auto X = corymb::make_uniform(3000, 2, {.seed = 3}).points;
  std::vector<Index> rows;
  for (Index i = 0; i < 20; ++i) rows.push_back(i);
  for (const int stop : {1, 2, 5}) {
    int calls = 0;
    KMeansOptions options{.initial_rows = rows, .tolerance = 0, .history = true};
    options.execution.on_progress = [&](const corymb::Progress& progress) {
      EXPECT_EQ(progress.stage, "lloyd");
      EXPECT_EQ(progress.step, ++calls);
      EXPECT_EQ(progress.steps, 300);
      EXPECT_GT(progress.objective, 0);
      EXPECT_GE(progress.elapsed, 0);
      return calls < stop;
    };
    const auto result = corymb::kmeans(X, 20, options);
    EXPECT_EQ(result.status, Status::cancelled);
    EXPECT_EQ(result.iterations, stop);
    EXPECT_EQ(result.history.back(), result.inertia);
    EXPECT_EQ(verify::kmeans_error<double>(X, result, false), "");
  }
  // While seeding, too, a usable result comes back.
  KMeansOptions options{};
  options.execution.on_progress = [](const corymb::Progress& progress) {
    return progress.stage != "seeding" || progress.step < 4;
  };
  const auto seeding = corymb::kmeans(X, 20, options);
  EXPECT_EQ(seeding.status, Status::cancelled);
  EXPECT_EQ(seeding.iterations, 0);
  EXPECT_EQ(verify::kmeans_error<double>(X, seeding, false), "");
}

TEST(KMeans, AnExceptionOfTheCallbackLeavesTheCall) {
  const auto X = corymb::make_uniform(100, 2, {.seed = 3}).points;
  KMeansOptions options{};
  options.execution.on_progress = [](const corymb::Progress&) -> bool { throw std::runtime_error("enough"); };
  EXPECT_THROW(corymb::kmeans(X, 5, options), std::runtime_error);
}

TEST(KMeans, TheInputIsNotModified) {
  const RowMatrix<double> X = corymb::make_uniform(500, 3, {.seed = 3}).points, copy = X;
  corymb::kmeans(X, 10);
  EXPECT_EQ(X, copy);
}

TEST(KMeans, TransformAndNearestCentroidsAgreeWithTheLabels) {
  const auto X = corymb::make_blobs<float>(400, 5, 6, {.seed = 8}).points;
  const auto model = corymb::kmeans(X, 6);
  const RowMatrix<float> distances = corymb::transform(model, X);
  const auto near = corymb::nearest_centroids(model, X, 3);
  ASSERT_EQ(distances.rows(), 400);
  ASSERT_EQ(distances.cols(), 6);
  EXPECT_EQ(near.indices.col(0), model.labels);
  for (Index i = 0; i < 400; ++i)
    for (Index m = 0; m < 3; ++m) {
      EXPECT_EQ(near.distances(i, m), distances(i, near.indices(i, m)));
      EXPECT_LE(near.distances(i, m > 0 ? m - 1 : 0), near.distances(i, m));
    }
}

}  // namespace
}  // namespace kmeans_test
