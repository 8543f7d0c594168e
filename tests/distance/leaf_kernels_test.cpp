#include <corymb/distance/detail/kernels.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// Leaf against leaf, box against box: the pairs and their values are those of the kernel for distances.

namespace leaf_kernels_test {
namespace {

using namespace corymb_test;
namespace kernels = corymb::detail::kernels;
namespace compiled = corymb::compiled;
using compiled::leaf_places;
using compiled::PairValue;

template <class T>
struct Leaf {
  RowMatrix<T> rows;
  GuardedArray<T> places;
  std::vector<T> box;

  explicit Leaf(const RowMatrix<T>& X)
      : rows(X),
        places(static_cast<std::size_t>(leaf_places * X.cols())),
        box(static_cast<std::size_t>(2 * X.cols()), std::numeric_limits<T>::infinity()) {
    std::fill(places.data(), places.data() + leaf_places * X.cols(), std::numeric_limits<T>::infinity());
    for (Index j = 0; j < X.cols(); ++j) {
      for (Index p = 0; p < X.rows(); ++p) places.data()[j * leaf_places + p] = X(p, j);
      box[static_cast<std::size_t>(j)] = X.col(j).minCoeff();
      box[static_cast<std::size_t>(X.cols() + j)] = X.col(j).maxCoeff();
    }
  }
};

template <class T>
void check_pairs(const Leaf<T>& queries, const Leaf<T>& points, PairValue kind, std::uint64_t seed) {
  const Index q = queries.rows.rows(), p = points.rows.rows(), d = points.rows.cols();
  RowMatrix<T> value(q, p);
  corymb::detail::Scratch<T> scratch(kernels::defined_scratch_size(T(), d));
  kernels::distances(compiled::DistancesTask<T>{kind, corymb::detail::rows_view(queries.rows),
                                                corymb::detail::rows_view(points.rows), nullptr, value.data(), p,
                                                scratch.data()});
  Random random(seed);
  GuardedArray<T> limit(static_cast<std::size_t>(leaf_places));
  std::fill(limit.data(), limit.data() + leaf_places, std::numeric_limits<T>::max());
  for (Index i = 0; i < q; ++i)  // often exactly a value that occurs
    if (random.below(4) != 0) limit.data()[i] = random.below(3) == 0 ? T(0) : value(i, random.below(p));
  GuardedArray<compiled::LeafPair<T>> pairs(static_cast<std::size_t>(q * p));
  const std::ptrdiff_t count = kernels::leaf_pairs(compiled::LeafPairsTask<T>{
      kind, d, queries.places.data(), q, limit.data(), points.places.data(), p, points.box.data(), pairs.data()});
  std::ptrdiff_t found = 0;
  for (Index i = 0; i < q; ++i)
    for (Index j = 0; j < p; ++j) {
      if (!(value(i, j) <= limit.data()[i])) continue;
      ASSERT_LT(found, count);
      ASSERT_EQ(pairs.data()[found].query, i);
      ASSERT_EQ(pairs.data()[found].place, j);
      ASSERT_EQ(pairs.data()[found].value, value(i, j));
      ++found;
    }
  ASSERT_EQ(found, count);
}

/// Bounds between boxes hold for the values as they are computed, and are those values where boxes are points.
template <class T>
void check_boxes(const Leaf<T>& queries, const Leaf<T>& points, PairValue kind) {
  const Index q = queries.rows.rows(), p = points.rows.rows(), d = points.rows.cols();
  RowMatrix<T> value(q, p);
  corymb::detail::Scratch<T> scratch(kernels::defined_scratch_size(T(), d));
  kernels::distances(compiled::DistancesTask<T>{kind, corymb::detail::rows_view(queries.rows),
                                                corymb::detail::rows_view(points.rows), nullptr, value.data(), p,
                                                scratch.data()});
  ASSERT_LE(kernels::lowest_value(kind, queries.box.data(), points.box.data(), d), value.minCoeff());
  ASSERT_GE(kernels::highest_value(kind, queries.box.data(), points.box.data(), d), value.maxCoeff());
  const Leaf<T> one(queries.rows.topRows(1)), other(points.rows.topRows(1));
  ASSERT_EQ(kernels::lowest_value(kind, one.box.data(), other.box.data(), d), value(0, 0));
  ASSERT_EQ(kernels::highest_value(kind, one.box.data(), other.box.data(), d), value(0, 0));
}

TEST(LeafPairs, NoRowsAreInfinitelyFar) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double none[] = {infinity, infinity, -infinity, -infinity}, some[] = {1, 2, 3, 4};
  for (const PairValue kind : {PairValue::squared_euclidean, PairValue::manhattan, PairValue::chebyshev}) {
    EXPECT_EQ(kernels::lowest_value(kind, none, some, 2), infinity);
    EXPECT_EQ(kernels::lowest_value(kind, some, none, 2), infinity);
  }
}

TEST(LeafPairs, AreThoseWithinTheLimits) {
  on_every_instruction_set([] {
    for_each_scalar([](auto scalar) {
      using T = decltype(scalar);
      for (std::uint64_t seed = 0; seed < instances / 2; ++seed) {
        SCOPED_TRACE(seed);
        Random random(seed);
        const Index q = 1 + random.below(leaf_places), p = 1 + random.below(leaf_places), d = 1 + random.below(9);
        const T scale = seed % 5 == 0 ? T(1e-22) : T(1);
        const bool grid = seed % 2 == 0;
        const Leaf<T> queries(scale * (grid ? grid_matrix<T>(random, q, d, 3) : normal_matrix<T>(random, q, d)));
        const Leaf<T> points(scale * (grid ? grid_matrix<T>(random, p, d, 3) : normal_matrix<T>(random, p, d)));
        for (const PairValue kind : {PairValue::squared_euclidean, PairValue::manhattan, PairValue::chebyshev}) {
          check_pairs(queries, points, kind, seed);
          check_boxes(queries, points, kind);
        }
      }
    });
  });
}

}  // namespace
}  // namespace leaf_kernels_test
