#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/partition/detail/hartigan_wong.hpp>
#include <corymb/partition/kmeans.hpp>

#include <partition/single_moves_oracle.hpp>
#include <support/matrices.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

namespace hartigan_wong_test {

using corymb::Labels;
using corymb::Vector;
using namespace corymb_test;

namespace {

struct Polished {
  Labels labels;
  Index moves;
};

template <class Matrix>
Polished polish(const Matrix& X, Index k, const Labels& labels, const Vector& weights = {}, int threads = 1,
                int max_passes = 1000) {
  const corymb::Points<typename Matrix::Scalar> points(X);
  Polished result{labels, 0};
  result.moves = corymb::detail::move_single_points(
      points, k, weights.size() > 0 ? weights.data() : nullptr, threads, max_passes, [] { return true; },
      result.labels);
  return result;
}

Labels random_labels(Random& random, Index n, Index k) {
  Labels labels(n);
  for (Index i = 0; i < n; ++i) labels[i] = static_cast<std::int32_t>(random.below(k));
  return labels;
}

// Weights with zeros and repeated values, or none.
Vector random_weights(Random& random, Index n) {
  Vector weights;
  const auto kind = random.below(3);
  if (kind == 0) return weights;
  weights.resize(n);
  for (Index i = 0; i < n; ++i)
    weights[i] = kind == 1 ? static_cast<double>(random.below(4)) : std::exp(3 * random.normal());
  weights[random.below(n)] = 1;
  return weights;
}

}  // namespace

TEST(SinglePointMoves, TheVerifierTellsRightFromWrong) {
  // Lloyd changes neither of these; the row at 4 is nearer to the mean 2 than to 6.2, but drags that mean towards it.
  RowMatrix<double> X(3, 1);
  X << 0, 4, 6.2;
  Labels lloyd(3), right(3);
  lloyd << 0, 0, 1;
  right << 0, 1, 1;
  EXPECT_EQ(verify::partition_inertia(X, lloyd, 2), 8);
  EXPECT_NE(verify::single_move_error(X, lloyd, 2), "");
  EXPECT_EQ(verify::single_move_error(X, right, 2), "");
  EXPECT_EQ(verify::single_move_error(X, lloyd, 3), verify::single_move_error(X, lloyd, 2));  // one is empty
  Vector weights(3);
  weights << 0, 1, 1;
  EXPECT_EQ(verify::single_move_error(X, lloyd, 2, weights), "");  // the row at 4 is alone
  weights << 3, 0, 1;
  EXPECT_EQ(verify::single_move_error(X, lloyd, 2, weights), "");  // and now it is absent
  weights << 1, 1e-3, 1e3;
  EXPECT_EQ(verify::single_move_error(X, lloyd, 2, weights), "moving row 1 from 0 to 1 lowers 0.015984 to 0.00484");

  EXPECT_EQ(polish(X, 2, lloyd).labels, right);
  EXPECT_EQ(polish(X, 2, lloyd).moves, 1);
  EXPECT_EQ(polish(X, 2, right).moves, 0);
}

TEST(SinglePointMoves, NoSingleMoveIsLeft) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE(seed);
      Random random(seed, {2});
      const Index n = 1 + random.below(30), d = 1 + random.below(4), k = 1 + random.below(std::min<Index>(n, 7));
      RowMatrix<T> X = random.below(2) == 0 ? normal_matrix<T>(random, n, d) : grid_matrix<T>(random, n, d, 3, 0.5);
      if (random.below(4) == 0) X.array() += T(1e4);
      const Vector weights = random_weights(random, n);
      const Labels start = random_labels(random, n, k);
      const Polished result = polish(X, k, start, weights);
      EXPECT_EQ(verify::single_move_error(X, result.labels, k, weights), "");
      const double before = verify::partition_inertia(X, start, k, weights);
      const double after = verify::partition_inertia(X, result.labels, k, weights);
      if (result.moves == 0) {
        EXPECT_EQ(result.labels, start);
      } else {
        EXPECT_LT(after, before);
      }
      for (Index i = 0; i < n; ++i)
        if (weights.size() > 0 && weights[i] == 0) {
          EXPECT_EQ(result.labels[i], start[i]);
        }
      EXPECT_EQ(polish(X, k, result.labels, weights).moves, 0);
      EXPECT_EQ(polish(X, k, start, weights, 2).labels, result.labels);
    }
  });
}

// Empty clusters stay empty, and no other becomes so.
TEST(SinglePointMoves, KeepsTheSetOfClusters) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {3});
    const Index n = 2 + random.below(12);
    const auto X = grid_matrix<double>(random, n, 2, 2);
    const Labels start = random_labels(random, n, n);
    const Labels end = polish(X, n, start).labels;
    EXPECT_EQ(std::set<int>(start.begin(), start.end()), std::set<int>(end.begin(), end.end())) << seed;
  }
}

// Whatever is looked at only where it may be new, or not at all, is what a look at everything finds.
TEST(SinglePointMoves, NoSingleMoveIsLeftOfManyRows) {
  for (const bool weighted : {false, true})
    for (const double spread : {0.5, 3.0, 20.0}) {
      SCOPED_TRACE(testing::Message() << weighted << " " << spread);
      const Index n = 2100, d = 9, k = 150;
      const auto X = corymb::make_blobs<float>(n, d, 30, {.spread = {spread}}).points;
      Vector weights;
      Random random(3);
      if (weighted) {
        weights.resize(n);
        for (Index i = 0; i < n; ++i) weights[i] = random.uniform(0.5, 2);
      }
      const auto lloyd = corymb::kmeans(X, k, {.tolerance = 0, .weights = weights, .execution = {.threads = 1}});
      const Polished result = polish(X, k, lloyd.labels, weights);
      EXPECT_GT(result.moves, 10);
      EXPECT_EQ(polish(X, k, lloyd.labels, weights, 2).labels, result.labels);
      EXPECT_EQ(polish(X, k, result.labels, weights).moves, 0);
      EXPECT_LT(verify::partition_inertia(X, result.labels, k, weights), lloyd.inertia);
      // The costs of all moves by the formula, which the verifier confirms on small instances.
      RowMatrix<double> means = RowMatrix<double>::Zero(k, d);
      Vector size = Vector::Zero(k);
      for (Index i = 0; i < n; ++i) {
        const double w = weighted ? weights[i] : 1.0;
        means.row(result.labels[i]) += w * X.row(i).cast<double>();
        size[result.labels[i]] += w;
      }
      means.array().colwise() /= size.array();
      for (Index i = 0; i < n; ++i) {
        const double w = weighted ? weights[i] : 1.0;
        const Index a = result.labels[i];
        const auto squared = [&](Index c) { return (X.row(i).cast<double>() - means.row(c)).squaredNorm(); };
        if (size[a] <= w) continue;
        const double own = size[a] / (size[a] - w) * squared(a) * (1 - 1e-9);
        for (Index b = 0; b < k; ++b)
          if (b != a && size[b] / (size[b] + w) * squared(b) < own) ADD_FAILURE() << i << " to " << b;
      }
    }
}

// Row 1 would gain by moving to cluster 1, and less by moving to cluster 2. Row 0 leaves cluster 1 before, so that
// nothing is to be gained there any more; and though neither cluster 0 nor 2 changed, the move to 2 must be found.
TEST(SinglePointMoves, TheSecondBestTargetIsFoundWhereTheBestIsGone) {
  RowMatrix<double> X(6, 2);
  X << 0, 1.8, 0, 0, -2, 0, 0, -5, 1.9, 0, 0, 2.3;
  Labels start(6), end(6);
  start << 1, 0, 0, 1, 2, 3;
  end << 3, 2, 0, 1, 2, 3;
  EXPECT_EQ(polish(X, 4, start, {}, 1, 1).moves, 1);
  EXPECT_EQ(polish(X, 4, start).labels, end);
}

// In turns until neither finds anything: never worse than Lloyd alone, and settled for both.
TEST(SinglePointMoves, ImproveWhatLloydFinds) {
  int improved = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed, {4});
    const Index k = 2 + random.below(8);
    const auto X = normal_matrix<double>(random, 60, 2);
    auto result = corymb::kmeans(X, k, {.tolerance = 0, .seed = seed, .execution = {.threads = 1}});
    const double lloyd = result.inertia;
    for (int turn = 0; turn < 100; ++turn) {
      const Polished polished = polish(X, k, result.labels);
      if (polished.moves == 0) break;
      RowMatrix<double> means = RowMatrix<double>::Zero(k, 2);
      Vector size = Vector::Zero(k);
      for (Index i = 0; i < 60; ++i) {
        means.row(polished.labels[i]) += X.row(i);
        ++size[polished.labels[i]];
      }
      means.array().colwise() /= size.array();
      const double before = result.inertia;
      result = corymb::kmeans(X, means, {.tolerance = 0, .execution = {.threads = 1}});
      EXPECT_EQ(result.labels, polished.labels);  // every row is nearest to its own centroid
      EXPECT_LT(result.inertia, before);
    }
    EXPECT_EQ(verify::single_move_error(X, result.labels, k), "");
    EXPECT_LE(result.inertia, lloyd);
    improved += result.inertia < lloyd ? 1 : 0;
  }
  EXPECT_GT(improved, 30);
}

// A weight is that many copies, which move together. One copy alone gains less than all of them: its old cluster has
// more left of it, its new one less. So what is settled with weights is settled with copies.
TEST(SinglePointMoves, WhatIsSettledWithWeightsIsSettledWithCopies) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {5});
    const Index n = 3 + random.below(20), k = 2 + random.below(3);
    const auto X = normal_matrix<double>(random, n, 2);
    Vector weights(n);
    std::vector<Index> source;
    for (Index i = 0; i < n; ++i) {
      weights[i] = static_cast<double>(random.below(4));
      source.insert(source.end(), static_cast<std::size_t>(weights[i]), i);
    }
    if (source.empty()) continue;
    const Labels labels = polish(X, k, random_labels(random, n, k), weights).labels;
    const auto m = static_cast<Index>(source.size());
    RowMatrix<double> copies(m, 2);
    Labels of_copies(m);
    for (Index s = 0; s < m; ++s) {
      copies.row(s) = X.row(source[static_cast<std::size_t>(s)]);
      of_copies[s] = labels[source[static_cast<std::size_t>(s)]];
    }
    EXPECT_EQ(polish(copies, k, of_copies).moves, 0) << seed;
  }
}

TEST(SinglePointMoves, AnOffsetOrAScaleChangesNoMove) {
  const auto X = corymb::make_uniform(400, 3, {.seed = 5}).points;
  // Multiples of 2^-20, so that the offset of 2^20 is exact.
  const RowMatrix<double> rounded = (X.array() * 1048576).round() / 1048576;
  Random random(1);
  const Labels start = random_labels(random, 400, 25);
  const Polished expected = polish(rounded, 25, start);
  EXPECT_GT(expected.moves, 300);
  EXPECT_EQ(polish(RowMatrix<double>(rounded.array() + 1048576), 25, start).labels, expected.labels);
  EXPECT_EQ(polish(RowMatrix<double>(rounded * 1e-100), 25, start).labels, expected.labels);
  EXPECT_EQ(polish(RowMatrix<double>(rounded * 1e100), 25, start).labels, expected.labels);
}

TEST(SinglePointMoves, SameMovesForAnyThreadsAndStorage) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    const auto X = corymb::make_uniform<T>(3000, 4, {.seed = 6}).points;
    Random random(2);
    const Labels start = random_labels(random, 3000, 40);
    const Polished expected = polish(X, 40, start, {}, 1, 10);
    EXPECT_EQ(polish(X, 40, start, {}, 2, 10).labels, expected.labels);
    for_each_layout(X, [&](const auto& layout) {
      const corymb::Points<T> points(layout);
      Labels labels = start;
      EXPECT_EQ(corymb::detail::move_single_points(
                    points, 40, nullptr, 1, 10, [] { return true; }, labels),
                expected.moves);
      EXPECT_EQ(labels, expected.labels);
    });
  });
}

TEST(SinglePointMoves, StopWhereTheyAreTold) {
  const auto X = corymb::make_uniform(500, 2, {.seed = 7}).points;
  Random random(3);
  const Labels start = random_labels(random, 500, 10);
  const Polished all = polish(X, 10, start);
  const corymb::Points<double> points(X);
  Index last = 0;
  for (int passes = 1; passes <= 3; ++passes) {
    const Polished some = polish(X, 10, start, {}, 1, passes);
    EXPECT_GT(some.moves, last);
    EXPECT_LT(some.moves, all.moves);
    last = some.moves;
    Labels labels = start;
    int calls = 0;
    EXPECT_EQ(corymb::detail::move_single_points(
                  points, 10, nullptr, 1, 1000, [&] { return calls++ < passes; }, labels),
              some.moves);
    EXPECT_EQ(labels, some.labels);
  }
  Labels labels = start;
  EXPECT_EQ(corymb::detail::move_single_points(
                points, 10, nullptr, 1, 1000, [] { return false; }, labels),
            0);
  EXPECT_EQ(labels, start);
}

// Where one row weighs 10²⁰ times what another does, some gains drown in rounding; but nothing gets worse or circles.
TEST(SinglePointMoves, ExtremeWeights) {
  for (std::uint64_t seed = 0; seed < instances; ++seed)
    for (const double spread : {5.0, 25.0}) {
      SCOPED_TRACE(testing::Message() << seed << " " << spread);
      Random random(seed, {6});
      const auto X = normal_matrix<double>(random, 20, 2);
      Vector weights(20);
      for (Index i = 0; i < 20; ++i) weights[i] = std::exp(spread * random.normal());
      const Labels start = random_labels(random, 20, 4);
      const Polished result = polish(X, 4, start, weights);
      EXPECT_LT(result.moves, 1000);
      EXPECT_LE(verify::partition_inertia(X, result.labels, 4, weights),
                verify::partition_inertia(X, start, 4, weights) * (1 + 1e-9));
      EXPECT_EQ(polish(X, 4, result.labels, weights).moves, 0);
      if (spread < 10) {
        EXPECT_EQ(verify::single_move_error(X, result.labels, 4, weights), "");
      }
    }
}

TEST(SinglePointMoves, EdgeCases) {
  const RowMatrix<double> X = RowMatrix<double>::Random(6, 2);
  EXPECT_EQ(polish(X, 1, Labels::Zero(6)).moves, 0);             // k = 1
  EXPECT_EQ(polish(X, 6, Labels::LinSpaced(6, 0, 5)).moves, 0);  // k = n
  EXPECT_EQ(polish(X, 4, Labels::Constant(6, 2)).moves, 0);      // all but one empty
  EXPECT_EQ(polish(RowMatrix<double>(X.topRows(1)), 1, Labels::Zero(1)).moves, 0);
  Labels halves(6);
  halves << 0, 1, 0, 1, 0, 1;
  EXPECT_EQ(polish(RowMatrix<double>(RowMatrix<double>::Constant(6, 2, 0.1)), 2, halves).moves, 0);  // all equal
  EXPECT_EQ(polish(RowMatrix<float>(RowMatrix<float>::Constant(6, 2, 1e6f)), 2, halves).moves, 0);
}

}  // namespace hartigan_wong_test
