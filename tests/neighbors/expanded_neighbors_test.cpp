#include <corymb/core/errors.hpp>
#include <corymb/neighbors/nearest_neighbors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "support/many_columns.hpp"
#include "support/matrices.hpp"

// Neighbours by the expanded score are those by all defined values, to the last bit.

namespace expanded_neighbors_test {
namespace {

using namespace corymb;
using namespace corymb_test;

template <class T>
NearestManyResult<T> by_values(const RowMatrix<T>& X, const RowMatrix<T>& Q, bool others, Index k) {
  const Points<T> x(X), q(Q);
  const detail::MetricValues<T> values("test", q, x, Metric::euclidean, "Q", "X", 1);
  return detail::brute_neighbors<T>({x, q, others}, k, values, {.threads = 1});
}

template <class T>
NearestManyResult<T> by_score(const RowMatrix<T>& X, const RowMatrix<T>& Q, bool others, Index k, int threads,
                              Index level = 0) {
  NearestManyResult<T> result{RowMatrix<std::int32_t>(Q.rows(), k), RowMatrix<T>(Q.rows(), k)};
  const ProgressCallback silent;
  const Points<T> x(X), q(Q);
  std::optional<detail::PairShortening<T>> shortened;
  if (level > 0)
    shortened.emplace(detail::PrincipalProjection<T>(x, std::min(level, X.cols() - 1), 1), x, others ? x : q, 1);
  detail::expanded_neighbors("test", detail::ProgressReporter(silent), x, others ? x : q, others, k, threads,
                             shortened ? &*shortened : nullptr, result.distances.data(), result.indices.data());
  corymb::detail::kernels::square_roots(result.distances.data(), result.distances.size());
  return result;
}

template <class T>
::testing::AssertionResult same_neighbors(const NearestManyResult<T>& actual, const NearestManyResult<T>& expected) {
  if (actual.indices != expected.indices) return ::testing::AssertionFailure() << "indices differ";
  return same_matrix(actual.distances, expected.distances);
}

TEST(ExpandedNeighbors, AreThoseOfTheDefinedValues) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances / 2; ++seed) {
      Random random(seed, {21});
      const Index n = 2 + random.below(seed % 9 == 0 ? 1200 : 300), m = 1 + random.below(200);
      const Index d = 1 + random.below(seed % 5 == 0 ? 300 : 40);
      const Index k = 1 + random.below(std::min<Index>(n - 1, 20));
      SCOPED_TRACE(::testing::Message() << "seed " << seed << ", n = " << n << ", m = " << m << ", d = " << d);
      const RowMatrix<T> X = rows_of_kind<T>(seed, random, n, d), Q = rows_of_kind<T>(seed, random, m, d);
      const int threads = 1 + static_cast<int>(seed % 3);
      ASSERT_TRUE(same_neighbors(by_score(X, X, true, k, threads), by_values(X, X, true, k)));
      ASSERT_TRUE(same_neighbors(by_score(X, Q, false, k, threads), by_values(X, Q, false, k)));
      if (d == 1) continue;
      const Index level = 1 + random.below(20);
      ASSERT_TRUE(same_neighbors(by_score(X, X, true, k, threads, level), by_values(X, X, true, k)));
      ASSERT_TRUE(same_neighbors(by_score(X, Q, false, k, threads, level), by_values(X, Q, false, k)));
    }
  });
}

TEST(ExpandedNeighbors, SeveralBlocksOfPoints) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(22);
    const RowMatrix<T> X = normal_matrix<T>(random, 1100, 900), Q = normal_matrix<T>(random, 100, 900);
    for (const int threads : {1, 2, 5}) {
      EXPECT_TRUE(same_neighbors(by_score(X, X, true, 7, threads), by_values(X, X, true, 7)));
      EXPECT_TRUE(same_neighbors(by_score(X, Q, false, 7, threads), by_values(X, Q, false, 7)));
    }
  });
}

TEST(ExpandedNeighbors, FewPrincipalCoordinatesWhereTheyPay) {
  Random random(26);
  RowMatrix<float> X = normal_matrix<float>(random, 6000, 200);
  for (Index j = 0; j < X.cols(); ++j) X.col(j) /= static_cast<float>(j + 1);
  const Points<float> x(X);
  EXPECT_EQ(detail::shortening_for_nearest(x, x, 5, 1, 1e9), nullptr) << "not worth it for so few rows";
  const RowMatrix<float> many = X.replicate(4, 1);
  const Points<float> points(many);
  const auto shortened = detail::shortening_for_nearest(points, points, 5, 1, 1e9);
  ASSERT_NE(shortened, nullptr);
  EXPECT_LT(shortened->cols(), 100);
  EXPECT_EQ(detail::shortening_for_nearest(points, points, 5, 1, 1e6), nullptr) << "too little memory";
}

TEST(ExpandedNeighbors, AreTheSameInEveryForm) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(23);
    RowMatrix<T> X = normal_matrix<T>(random, 600, 40), Q = normal_matrix<T>(random, 300, 40);
    X.array() += T(1e6);
    Q.array() += T(1e6);
    const auto expected = by_values(X, X, true, 6), of_others = by_values(X, Q, false, 6);
    for (const int threads : {1, 2}) {
      const NeighborOptions options{.search = NeighborSearch::brute_force, .execution = {.threads = threads}};
      for_each_layout(X, [&](const auto& layout) {
        EXPECT_TRUE(same_neighbors(nearest_neighbors(layout, 6, options), expected));
        EXPECT_TRUE(same_neighbors(nearest_neighbors(layout, Q, 6, options), of_others));
      });
    }
  });
}

TEST(ExpandedNeighbors, AllOtherRows) {
  Random random(24);
  const RowMatrix<float> X = normal_matrix<float>(random, 300, 20);
  EXPECT_TRUE(same_neighbors(by_score(X, X, true, 299, 2), by_values(X, X, true, 299)));
  EXPECT_TRUE(same_neighbors(by_score(X, X, false, 300, 2), by_values(X, X, false, 300)));
}

TEST(ExpandedNeighbors, ManyDuplicatesTakeNoLonger) {
  const Index n = 10'000;  // all pairs by their defined values would be 5 · 10^7
  const auto result =
      nearest_neighbors(RowMatrix<float>::Constant(n, 70, 3.5f), 4, {.search = NeighborSearch::brute_force});
  for (Index i = 0; i < n; ++i)
    for (Index c = 0; c < 4; ++c) {
      ASSERT_EQ(result.indices(i, c), c < i ? c : c + 1);
      ASSERT_EQ(result.distances(i, c), 0);
    }
}

TEST(ExpandedNeighbors, StopWhenAskedAndKeepToTheirMemory) {
  Random random(25);
  const RowMatrix<double> X = normal_matrix<double>(random, 2000, 30);
  NeighborOptions options{.search = NeighborSearch::brute_force};
  int calls = 0;
  options.execution.on_progress = [&](const Progress& progress) {
    EXPECT_EQ(progress.stage, "neighbors");
    EXPECT_EQ(progress.step, ++calls);
    EXPECT_LE(progress.step, progress.steps);
    return true;
  };
  EXPECT_TRUE(same_neighbors(nearest_neighbors(X, 3, options), by_values(X, X, true, 3)));
  EXPECT_GT(calls, 1);
  options.execution.on_progress = [&](const Progress& progress) { return progress.step < 3; };
  EXPECT_THROW(nearest_neighbors(X, 3, options), Cancelled);
  EXPECT_THROW(
      nearest_neighbors(X, 3, {.search = NeighborSearch::brute_force, .execution = {.memory_limit = 1'000'000}}),
      MemoryLimitExceeded);
}

}  // namespace
}  // namespace expanded_neighbors_test
