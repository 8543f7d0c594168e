#include <gtest/gtest.h>

#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/metrics/external.hpp>
#include <corymb/partition/bisecting_kmeans.hpp>

#include <cmath>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/verify_kmeans.hpp"

namespace bisecting_kmeans_test {
namespace {

using corymb::BisectingKMeansOptions;
using corymb::BisectingKMeansResult;
using corymb::BisectingNode;
using corymb::BisectNext;
using corymb::Index;
using corymb::KMeansResult;
using corymb::Labels;
using corymb::Random;
using corymb::RowMatrix;
using corymb::Status;
using corymb::Vector;
using corymb_test::for_each_layout;
using corymb_test::for_each_scalar;
using corymb_test::grid_matrix;
using corymb_test::instances;
using corymb_test::message_of;
using corymb_test::normal_matrix;
using corymb_test::same_matrix;

double weight_of(const Vector& weights, Index row) { return weights.size() > 0 ? weights[row] : 1.0; }

/// Empty if the result is one that bisecting k-means may return for these data with tolerance 0, else the first rule
/// that is broken. From the definition: the rows of every node are found by going down from the root; both halves of
/// every split are checked as a result of 2-means on the rows of the node.
template <class T>
std::string tree_error(const RowMatrix<T>& X, const BisectingKMeansResult<T>& result, BisectNext next, Index k,
                       const Vector& weights = {}) {
  const auto& nodes = result.nodes;
  const Index n = X.rows(), d = X.cols();
  if (result.labels.size() != n || result.centroids.rows() != k || result.centroids.cols() != d ||
      result.sizes.size() != k || static_cast<Index>(nodes.size()) != 2 * k - 1 ||
      result.node_centroids.rows() != 2 * k - 1)
    return "shapes";
  std::ostringstream why;
  std::vector<std::vector<Index>> rows(nodes.size());
  for (Index i = 0; i < n; ++i) {
    std::size_t node = 0;
    rows[0].push_back(i);
    while (nodes[node].left >= 0) {
      const Index left = nodes[node].left;
      const bool to_right = verify::squared_distance<T>(X.row(i), result.node_centroids.row(left + 1)) <
                            verify::squared_distance<T>(X.row(i), result.node_centroids.row(left));
      node = static_cast<std::size_t>(left + to_right);
      rows[node].push_back(i);
    }
    if (nodes[node].label != result.labels[i]) {
      why << "row " << i << " belongs to cluster " << nodes[node].label << ", its label is " << result.labels[i];
      return why.str();
    }
  }
  // Nodes in the order in which they arose: which one was split, with which labels.
  std::vector<Index> leaves = {0};  // nodes by label
  std::vector<bool> in_one_piece(nodes.size(), false);
  for (Index split = 0; split < k - 1; ++split) {
    const Index left = 2 * split + 1, parent = nodes[static_cast<std::size_t>(left)].parent;
    const auto label = std::find(leaves.begin(), leaves.end(), parent);
    if (label == leaves.end() || nodes[static_cast<std::size_t>(left) + 1].parent != parent ||
        nodes[static_cast<std::size_t>(parent)].left != left)
      return "split " + std::to_string(split) + " does not split a leaf";
    const auto& node = nodes[static_cast<std::size_t>(parent)];
    const auto value = [&](Index at) {
      const auto& of = nodes[static_cast<std::size_t>(at)];
      return next == BisectNext::largest_inertia ? of.inertia : of.size;
    };
    const auto splittable = [&](Index at) {
      Index first = -1;
      for (const Index row : rows[static_cast<std::size_t>(at)]) {
        if (weight_of(weights, row) == 0) continue;
        if (first < 0) first = row;
        if (X.row(row) != X.row(first)) return true;
      }
      return false;
    };
    bool any = false;
    for (auto other = leaves.begin(); other != leaves.end(); ++other) {
      if (!splittable(*other)) continue;
      any = true;
      if (value(*other) > value(parent) || (value(*other) == value(parent) && other < label))
        return "split " + std::to_string(split) + " is not that of the largest cluster";
    }
    const auto l = static_cast<std::size_t>(left);
    if (!any) {
      if (nodes[l].size != node.size || nodes[l + 1].size != 0 || nodes[l].inertia != node.inertia ||
          nodes[l + 1].inertia != 0 || label != leaves.begin() ||
          result.node_centroids.row(left) != result.node_centroids.row(left + 1) ||
          result.node_centroids.row(left) != result.node_centroids.row(parent))
        return "split " + std::to_string(split) + " must add an empty cluster";
    } else {
      const auto& part = rows[static_cast<std::size_t>(parent)];
      const auto size = static_cast<Index>(part.size());
      KMeansResult<T> halves;
      halves.centroids = result.node_centroids.middleRows(left, 2);
      halves.sizes = Eigen::Vector2d(nodes[l].size, nodes[l + 1].size);
      halves.inertia = nodes[l].inertia + nodes[l + 1].inertia;
      halves.labels.resize(size);
      Vector part_weights(weights.size() > 0 ? size : 0);
      const auto& to_right = rows[l + 1];
      for (Index i = 0; i < size; ++i) {
        const Index row = part[static_cast<std::size_t>(i)];
        halves.labels[i] = std::binary_search(to_right.begin(), to_right.end(), row);
        if (weights.size() > 0) part_weights[i] = weights[row];
      }
      const std::string error = verify::kmeans_error<T>(X(part, Eigen::all), halves, true, part_weights);
      if (!error.empty()) return "split " + std::to_string(split) + ": " + error;
      if (!(nodes[l].size > 0 && nodes[l + 1].size > 0)) return "an empty half";
      double right_inertia = 0;
      for (const Index row : to_right)
        right_inertia += weight_of(weights, row) * static_cast<double>(verify::squared_distance<T>(
                                                       X.row(row), result.node_centroids.row(left + 1)));
      if (!(std::abs(right_inertia - nodes[l + 1].inertia) <= 1e-12 * right_inertia)) return "inertia of a node";
    }
    *label = left;
    leaves.push_back(left + 1);
  }
  double inertia = 0;
  for (std::size_t label = 0; label < leaves.size(); ++label) {
    const auto& leaf = nodes[static_cast<std::size_t>(leaves[label])];
    if (leaf.left != -1 || leaf.label != static_cast<std::int32_t>(label)) return "leaf " + std::to_string(label);
    if (result.centroids.row(static_cast<Index>(label)) != result.node_centroids.row(leaves[label]) ||
        result.sizes[static_cast<Index>(label)] != leaf.size)
      return "cluster " + std::to_string(label) + " is not its leaf";
    inertia += leaf.inertia;
  }
  for (const BisectingNode& node : nodes)
    if (node.left >= 0 && node.label != -1) return "the label of an inner node";
  if (nodes[0].parent != -1) return "the parent of the root";
  if (inertia != result.inertia) return "inertia";
  return "";
}

struct Instance {
  RowMatrix<double> X;
  Index k;
  Vector weights;
};

Instance instance(std::uint64_t seed, bool weighted) {
  Random random(seed, {78});
  const Index n = 1 + random.below(70), d = 1 + random.below(4);
  Instance result;
  result.X =
      seed % 3 == 0 ? normal_matrix<double>(random, n, d) : grid_matrix<double>(random, n, d, 1 + random.below(3));
  result.k = 1 + random.below(n);
  if (weighted) {
    result.weights.resize(n);
    for (Index i = 0; i < n; ++i) result.weights[i] = static_cast<double>(random.below(4));
    result.weights[n - 1] = 0.5;
    result.k = 1 + random.below((result.weights.array() > 0).count());
  }
  return result;
}

TEST(BisectingKMeans, EverySplitIsOneOfTwoMeans) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      const Instance in = instance(seed, seed % 2 == 1);
      const RowMatrix<T> X = in.X.template cast<T>();
      BisectingKMeansOptions options{.next = seed % 4 < 2 ? BisectNext::largest_inertia : BisectNext::largest_size,
                                     .init = static_cast<corymb::KMeansInit>(seed % 3),
                                     .restarts = static_cast<int>(1 + seed % 2),
                                     .tolerance = 0,
                                     .weights = in.weights,
                                     .seed = seed};
      const auto result = corymb::bisecting_kmeans(X, in.k, options);
      EXPECT_EQ(result.status, Status::converged) << seed;
      EXPECT_EQ(tree_error<T>(X, result, options.next, in.k, in.weights), "") << seed;
      EXPECT_EQ(corymb::predict(result, X), result.labels) << seed;
    }
  });
}

TEST(BisectingKMeans, TheVerifierFindsMistakes) {
  const RowMatrix<double> X = corymb::make_uniform(60, 2, {.seed = 1}).points;
  const auto right = corymb::bisecting_kmeans(X, 6, {.tolerance = 0});
  const auto error_of = [&](const auto& spoil) {
    auto result = right;
    spoil(result);
    return tree_error<double>(X, result, BisectNext::largest_inertia, 6);
  };
  EXPECT_EQ(error_of([](auto&) {}), "");
  EXPECT_NE(error_of([](auto& r) { r.labels[3] = (r.labels[3] + 1) % 6; }), "");
  EXPECT_NE(error_of([](auto& r) { r.node_centroids(3, 1) += 1e-3; }), "");
  EXPECT_NE(error_of([](auto& r) { r.centroids(3, 1) += 1e-3; }), "");
  EXPECT_NE(error_of([](auto& r) { r.sizes[0] += 1; }), "");
  EXPECT_NE(error_of([](auto& r) { r.inertia *= 1.001; }), "");
  EXPECT_NE(error_of([](auto& r) { r.nodes[3].parent = 0; }), "");
  EXPECT_NE(error_of([](auto& r) { r.nodes[4].inertia *= 1.1; }), "");
  EXPECT_NE(tree_error<double>(X, corymb::bisecting_kmeans(X, 20, {.next = BisectNext::largest_size, .tolerance = 0}),
                               BisectNext::largest_inertia, 20),
            "");
}

template <class T>
void expect_same(const BisectingKMeansResult<T>& a, const BisectingKMeansResult<T>& b) {
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_TRUE(same_matrix(a.centroids, b.centroids));
  EXPECT_TRUE(same_matrix(a.sizes, b.sizes));
  EXPECT_TRUE(same_matrix(a.node_centroids, b.node_centroids));
  EXPECT_EQ(a.inertia, b.inertia);
  EXPECT_EQ(a.status, b.status);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    EXPECT_EQ(a.nodes[i].parent, b.nodes[i].parent);
    EXPECT_EQ(a.nodes[i].left, b.nodes[i].left);
    EXPECT_EQ(a.nodes[i].label, b.nodes[i].label);
    EXPECT_EQ(a.nodes[i].size, b.nodes[i].size);
    EXPECT_EQ(a.nodes[i].inertia, b.nodes[i].inertia);
  }
}

TEST(BisectingKMeans, CutIsTheResultForFewerClusters) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    SCOPED_TRACE(seed);
    const Instance in = instance(seed, seed % 2 == 1);
    const BisectingKMeansOptions options{.weights = in.weights, .seed = seed};
    const auto result = corymb::bisecting_kmeans(in.X, in.k, options);
    for (Index k = 1; k <= in.k; ++k) {
      const auto fewer = corymb::cut(result, k);
      expect_same(fewer, corymb::bisecting_kmeans(in.X, k, options));
      EXPECT_EQ(corymb::predict(fewer, in.X), fewer.labels);
    }
  }
}

TEST(BisectingKMeans, SameBitsForAnyThreadsAndLayout) {
  for_each_scalar([]<class T>(T) {
    const RowMatrix<T> X = corymb::make_blobs<T>(3000, 5, 6, {.spread = {3}, .seed = 2}).points * T(4);
    BisectingKMeansOptions options{.restarts = 2, .seed = 3};
    options.execution.threads = 1;
    const auto one = corymb::bisecting_kmeans(X, 9, options);
    options.execution.threads = 2;
    for_each_layout(X, [&](const auto& layout) {
      expect_same(corymb::bisecting_kmeans(layout, 9, options), one);
      EXPECT_EQ(corymb::predict(one, layout, {.threads = 2}), one.labels);
    });
    options.execution.threads = 3;
    expect_same(corymb::bisecting_kmeans(X, 9, options), one);
  });
}

TEST(BisectingKMeans, FindsSeparatedBlobs) {
  const auto blobs = corymb::make_blobs(2000, 4, 8, {.spread = {0.05}, .seed = 6});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto result = corymb::bisecting_kmeans(blobs.points, 8, {.seed = seed});
    EXPECT_EQ(corymb::adjusted_rand_index(blobs.labels, result.labels), 1.0) << seed;
  }
}

TEST(BisectingKMeans, SplitsWhatItIsToldToSplit) {
  // A wide cluster of few points and a narrow one of many.
  RowMatrix<double> X(110, 1);
  for (Index i = 0; i < 110; ++i)
    X(i, 0) = i < 10 ? 1000 + 10.0 * static_cast<double>(i) : 0.01 * static_cast<double>(i);
  const auto wide = corymb::bisecting_kmeans(X, 3);
  const auto many = corymb::bisecting_kmeans(X, 3, {.next = BisectNext::largest_size});
  EXPECT_EQ(wide.sizes.maxCoeff(), 100);
  EXPECT_EQ(many.sizes.minCoeff(), 10);
  EXPECT_LT(many.sizes.maxCoeff(), 60);
}

TEST(BisectingKMeans, EdgeCases) {
  const RowMatrix<double> one = RowMatrix<double>::Constant(1, 3, 5.0);
  const auto single = corymb::bisecting_kmeans(one, 1);
  EXPECT_EQ(single.labels, Labels::Zero(1));
  EXPECT_EQ(single.centroids, one);
  EXPECT_EQ(single.inertia, 0);
  EXPECT_EQ(single.nodes.size(), 1U);

  const RowMatrix<double> X = corymb::make_uniform(50, 3, {.seed = 1}).points;
  const auto whole = corymb::bisecting_kmeans(X, 1), all = corymb::bisecting_kmeans(X, 50);
  EXPECT_TRUE(same_matrix(whole.centroids, corymb::kmeans(X, 1).centroids));
  EXPECT_EQ(whole.inertia, corymb::kmeans(X, 1).inertia);
  EXPECT_EQ(all.inertia, 0);
  EXPECT_EQ(all.sizes, Vector::Ones(50));
  EXPECT_EQ(corymb::predict(all, X), all.labels);

  // Clusters beyond the different rows have size 0; 0.1 is no exact mean of three of its kind.
  for (const double value : {3.25, 0.1}) {
    const RowMatrix<double> equal = RowMatrix<double>::Constant(21, 2, value);
    const auto same = corymb::bisecting_kmeans(equal, 4);
    EXPECT_EQ(same.status, Status::converged);
    EXPECT_EQ(same.labels, Labels::Zero(21));
    EXPECT_EQ(same.sizes, (Vector(4) << 21, 0, 0, 0).finished());
    EXPECT_LT(same.inertia, 1e-30);
    EXPECT_TRUE(same_matrix(RowMatrix<double>(same.centroids.row(3)), RowMatrix<double>(same.centroids.row(0))));
    RowMatrix<double> three = equal;
    three.topRows(4).setConstant(7);
    three.row(20) << -1, 8;
    const auto few = corymb::bisecting_kmeans(three, 6);
    EXPECT_EQ((few.sizes.array() > 0).count(), 3);
    EXPECT_LT(few.inertia, 1e-30);
    EXPECT_EQ(corymb::predict(few, three), few.labels);
    EXPECT_EQ(few.labels.head(4), Labels::Constant(4, few.labels[0]));
  }

  // Rows of weight 0 are absent, but get labels.
  Vector weights = Vector::Zero(50);
  for (const Index i : {3, 10, 20, 39}) weights[i] = 0.5;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto result = corymb::bisecting_kmeans(X, 4, {.weights = weights, .seed = seed});
    EXPECT_EQ(result.inertia, 0);
    EXPECT_EQ(result.sizes, Vector::Constant(4, 0.5));
    EXPECT_EQ(corymb::predict(result, X), result.labels);
  }

  RowMatrix<double> constant_column = X;
  constant_column.col(1).setConstant(-4);
  EXPECT_EQ(tree_error<double>(constant_column, corymb::bisecting_kmeans(constant_column, 9, {.tolerance = 0}),
                               BisectNext::largest_inertia, 9),
            "");

  // Multiples of 1/8 stay exact beside 1e6, and the labels are the same.
  Random random(1);
  const RowMatrix<double> near = grid_matrix<double>(random, 300, 2, 400, 0.125), far = near.array() + 1e6;
  EXPECT_EQ(corymb::bisecting_kmeans(near, 10, {.tolerance = 0}).labels,
            corymb::bisecting_kmeans(far, 10, {.tolerance = 0}).labels);
}

// Against k-means: the inertia is higher, by less than 15 % on the handwritten digits.
TEST(BisectingKMeans, InertiaIsNearThatOfKMeans) {
  const RowMatrix<double> X = corymb::digits().points;
  double bisecting = 0, lloyd = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    bisecting += corymb::bisecting_kmeans(X, 10, {.seed = seed}).inertia;
    lloyd += corymb::kmeans(X, 10, {.seed = seed}).inertia;
  }
  EXPECT_LT(bisecting, 1.15 * lloyd);
}

TEST(BisectingKMeans, IterationLimitOfASplitIsTold) {
  const RowMatrix<double> X = corymb::make_uniform(2000, 2, {.seed = 3}).points;
  EXPECT_EQ(corymb::bisecting_kmeans(X, 5, {.tolerance = 0}).status, Status::converged);
  const auto limited = corymb::bisecting_kmeans(X, 5, {.max_iterations = 1, .tolerance = 0});
  EXPECT_EQ(limited.status, Status::iteration_limit);
  EXPECT_EQ(corymb::predict(limited, X), limited.labels);
  EXPECT_EQ(corymb::cut(limited, 2).status, Status::iteration_limit);
}

TEST(BisectingKMeans, CancellationReturnsTheCompleteSplits) {
  const RowMatrix<double> X = corymb::make_uniform(2000, 2, {.seed = 3}).points;
  const auto whole = corymb::bisecting_kmeans(X, 8);
  for (const int stop : {1, 2, 5}) {
    double last = std::numeric_limits<double>::infinity();
    BisectingKMeansOptions options;
    options.execution.on_progress = [&](const corymb::Progress& progress) {
      EXPECT_EQ(progress.stage, "splitting");
      EXPECT_EQ(progress.steps, 7);
      EXPECT_LE(progress.objective, last);
      last = progress.objective;
      return progress.step < stop;
    };
    const auto result = corymb::bisecting_kmeans(X, 8, options);
    EXPECT_EQ(result.status, Status::cancelled);
    EXPECT_EQ(result.sizes.size(), stop);
    auto expected = corymb::cut(whole, stop);
    expected.status = Status::cancelled;
    expect_same(result, expected);
  }
  BisectingKMeansOptions options;
  options.execution.on_progress = [](const corymb::Progress&) -> bool { throw std::runtime_error("enough"); };
  EXPECT_THROW(corymb::bisecting_kmeans(X, 5, options), std::runtime_error);
}

TEST(BisectingKMeans, TransformGivesDistancesToTheClusters) {
  const RowMatrix<float> X = corymb::make_blobs<float>(200, 3, 5, {.seed = 8}).points;
  const auto model = corymb::bisecting_kmeans(X, 5);
  const RowMatrix<float> distances = corymb::transform(model, X);
  ASSERT_EQ(distances.cols(), 5);
  for (Index i = 0; i < 200; ++i)
    for (Index c = 0; c < 5; ++c) EXPECT_FLOAT_EQ(distances(i, c), (X.row(i) - model.centroids.row(c)).norm()) << i;
}

TEST(BisectingKMeans, BadArguments) {
  RowMatrix<double> X(4, 2);
  X << 0, 0, 0, 1, 5, 5, 5, 6;
  const auto with = [&](const BisectingKMeansOptions& options, Index k = 2) {
    return message_of([&] { corymb::bisecting_kmeans(X, k, options); });
  };
  EXPECT_EQ(with({}, 0), "corymb::bisecting_kmeans: k = 0 must be in [1, n = 4]");
  EXPECT_EQ(with({}, 5), "corymb::bisecting_kmeans: k = 5 must be in [1, n = 4]");
  EXPECT_EQ(with({.restarts = 0}), "corymb::bisecting_kmeans: restarts = 0 must be ≥ 1");
  EXPECT_EQ(with({.max_iterations = 0}), "corymb::bisecting_kmeans: max_iterations = 0 must be ≥ 1");
  EXPECT_EQ(with({.tolerance = -1}), "corymb::bisecting_kmeans: tolerance = -1 must be finite and ≥ 0");
  EXPECT_EQ(with({.weights = Vector::Ones(3)}),
            "corymb::bisecting_kmeans: weights has 3 entries; one per row, n = 4, is needed");
  EXPECT_EQ(with({.weights = Vector::Unit(4, 1)}),
            "corymb::bisecting_kmeans: k = 2 must be at most the number of rows of positive weight, 1");
  EXPECT_EQ(with({.execution = {.threads = -1}}),
            "corymb::bisecting_kmeans: execution.threads = -1 must be in [0, 1024] (0 = all)");
  EXPECT_EQ(message_of([] { corymb::bisecting_kmeans(RowMatrix<double>(3, 0), 1); }),
            "corymb::bisecting_kmeans: X has 0 columns; at least 1 is needed");

  const auto model = corymb::bisecting_kmeans(X, 3);
  EXPECT_EQ(message_of([&] { corymb::cut(model, 0); }),
            "corymb::cut: k = 0 must be in [1, 3], the number of clusters of the model");
  EXPECT_EQ(message_of([&] { corymb::cut(model, 4); }),
            "corymb::cut: k = 4 must be in [1, 3], the number of clusters of the model");
  EXPECT_EQ(message_of([&] { corymb::predict(model, RowMatrix<double>(1, 3)); }),
            "corymb::predict: X_new has 3 columns, the model has 2; they must agree");
  EXPECT_EQ(message_of([&] { corymb::transform(model, RowMatrix<double>(1, 3)); }),
            "corymb::transform: X_new has 3 columns, the model has 2; they must agree");
  EXPECT_EQ(message_of([&] { corymb::predict(BisectingKMeansResult<double>{}, X); }),
            "corymb::predict: the model has no centroids");
  EXPECT_EQ(corymb::predict(model, RowMatrix<double>(0, 2)).size(), 0);

  X(2, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(with({}), "corymb::bisecting_kmeans: X(2, 1) = nan must be finite");
  EXPECT_EQ(message_of([&] { corymb::predict(model, X); }), "corymb::predict: X_new(2, 1) = nan must be finite");
  EXPECT_THROW(corymb::bisecting_kmeans(X, 2, {.execution = {.memory_limit = 100}}), corymb::MemoryLimitExceeded);
}

}  // namespace
}  // namespace bisecting_kmeans_test
