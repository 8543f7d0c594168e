#include <corymb/distance/detail/kernels.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "support/distance_oracle.hpp"
#include "support/guarded_array.hpp"
#include "support/instruction_sets.hpp"
#include "support/kernel_shapes.hpp"
#include "support/matrices.hpp"

// The kernels by themselves: lists of rows, strides, and that nothing beyond the rows is read or written.

namespace kernels_test {
namespace {

using namespace corymb_test;
namespace kernels = corymb::detail::kernels;
using corymb::compiled::CandidatesTask;
using corymb::compiled::DistancesTask;
using corymb::compiled::NearestTask;
using corymb::compiled::PairValue;
using corymb::compiled::RowsView;
using corymb::compiled::SumsTask;
using corymb::detail::rows_view;
using corymb::detail::Scratch;

// Kinds whose values decide between neighbours come first.
constexpr PairValue all_kinds[] = {PairValue::squared_euclidean,
                                   PairValue::manhattan,
                                   PairValue::chebyshev,
                                   PairValue::canberra,
                                   PairValue::mismatches,
                                   PairValue::dot_product,
                                   PairValue::cubes,
                                   PairValue::fourth_powers,
                                   PairValue::powers};
constexpr int deciding_kinds = 5;

template <class T>
T value_of(PairValue kind, const T* x, const T* y, Index d, int power = 0) {
  switch (kind) {
    case PairValue::squared_euclidean: return squared_distance(x, y, d);
    case PairValue::manhattan: return deciding_value(Metric::manhattan, x, y, d);
    case PairValue::chebyshev: return deciding_value(Metric::chebyshev, x, y, d);
    case PairValue::dot_product: return dot_product(x, y, d);
    case PairValue::canberra: return deciding_value(Metric::canberra, x, y, d);
    case PairValue::mismatches: return deciding_value(Metric::hamming, x, y, d);
    case PairValue::cubes: power = 3; break;
    case PairValue::fourth_powers: power = 4; break;
    case PairValue::powers: break;
  }
  T sum = 0;
  for (Index j = 0; j < d; ++j) sum += whole_power(x[j] - y[j], power);
  return sum;
}

std::vector<std::ptrdiff_t> draw_rows(Random& random, Index count, Index n) {
  std::vector<std::ptrdiff_t> rows(static_cast<std::size_t>(count));
  for (auto& row : rows) row = random.below(n);
  return rows;
}

TEST(Kernels, AllInstructionSetsAreTested) {
#if defined(CORYMB_TEST_HIGHWAY) && defined(CORYMB_COMPILED)
  EXPECT_FALSE(instruction_sets().empty());
  on_every_instruction_set([] {
    EXPECT_STRNE(corymb::compiled::kernel_target(), "portable");
    EXPECT_STRNE(corymb::compiled::kernel_target(), "Unknown");
  });
#elif defined(CORYMB_COMPILED)
  EXPECT_STREQ(corymb::compiled::kernel_target(), "portable") << "link the tests with hwy to test every target";
#endif
}

TEST(Kernels, DistancesOfListedRowsIntoStridedMemory) {
  for_each_scalar([]<class T>(T) {
    std::uint64_t seed = 1;
    for (const Shape shape : {Shape{1, 1, 1}, Shape{7, 33, 5}, Shape{13, 130, 3}, Shape{8, 64, 17}, Shape{5, 3, 129}}) {
      Random random(seed++);
      auto A = normal_matrix<T>(random, shape.n, shape.d + 2), B = normal_matrix<T>(random, 50, shape.d + 1);
      B.col(0).setZero();  // 0/0 in one coordinate of the first row
      A.row(0).setZero();
      const auto rows = draw_rows(random, shape.k, 50);
      std::vector<std::pair<PairValue, int>> cases;
      for (const PairValue kind : all_kinds) cases.push_back({kind, 5});
      for (const int power : {1, 2, 3, 6, 7, 8, 31, 32, 64}) cases.push_back({PairValue::powers, power});
      for (const auto& each : cases) {
        const PairValue kind = each.first;
        const int power = each.second;
        SCOPED_TRACE(::testing::Message() << shape << ", kind " << static_cast<int>(kind) << ", power " << power);
        const Index stride = shape.k + 3;
        RowMatrix<T> expected = RowMatrix<T>::Constant(shape.n, stride, T(-9));
        for (Index i = 0; i < shape.n; ++i)
          for (Index j = 0; j < shape.k; ++j)
            expected(i, j) = value_of(kind, A.data() + i * A.cols(),
                                      B.data() + rows[static_cast<std::size_t>(j)] * B.cols(), shape.d, power);
        on_every_instruction_set([&] {
          RowMatrix<T> out = RowMatrix<T>::Constant(shape.n, stride, T(-9));
          Scratch<T> scratch(kernels::defined_scratch_size(T(), shape.d));
          kernels::distances(DistancesTask<T>{kind, RowsView<T>{A.data(), shape.n, shape.d, A.cols()},
                                              RowsView<T>{B.data(), shape.k, shape.d, B.cols()}, rows.data(),
                                              out.data(), stride, scratch.data(), power});
          EXPECT_TRUE(same_matrix(out, expected));
        });
      }
    }
  });
}

TEST(Kernels, NearestOfListedRowsWritesNoOthers) {
  for_each_scalar([]<class T>(T) {
    std::uint64_t seed = 100;
    for (const Shape shape : {Shape{1, 1, 1}, Shape{90, 5, 3}, Shape{200, 13, 4}, Shape{64, 7, 130}}) {
      Random random(seed++);
      const auto X = grid_matrix<T>(random, shape.n, shape.d, 1), C = grid_matrix<T>(random, shape.k, shape.d, 1);
      std::vector<std::ptrdiff_t> rows;
      for (Index i = 0; i < shape.n; ++i)
        if (i == 0 || random.below(2) == 0) rows.push_back(i);
      for (int number = 0; number < deciding_kinds; ++number) {
        const PairValue kind = all_kinds[number];
        SCOPED_TRACE(::testing::Message() << shape << ", kind " << static_cast<int>(kind));
        Labels labels = Labels::Constant(shape.n, -5);
        ColumnVector<T> values = ColumnVector<T>::Constant(shape.n, T(-5));
        for (const auto i : rows) {
          values[i] = std::numeric_limits<T>::infinity();
          for (Index j = 0; j < shape.k; ++j) {
            const T value = value_of(kind, X.data() + i * shape.d, C.data() + j * shape.d, shape.d);
            if (value < values[i]) labels[i] = static_cast<std::int32_t>(j);
            values[i] = std::min(values[i], value);
          }
        }
        on_every_instruction_set([&] {
          Labels found = Labels::Constant(shape.n, -5);
          ColumnVector<T> found_values = ColumnVector<T>::Constant(shape.n, T(-5));
          Scratch<T> scratch(kernels::defined_scratch_size(T(), shape.d));
          NearestTask<T> task{kind,         rows_view(X), rows.data(),         static_cast<Index>(rows.size()),
                              rows_view(C), found.data(), found_values.data(), scratch.data()};
          kernels::nearest_defined(task);
          EXPECT_TRUE(same_matrix(found, labels));
          EXPECT_TRUE(same_matrix(found_values, values));
          task.value = nullptr;
          found.setConstant(-5);
          kernels::nearest_defined(task);
          EXPECT_TRUE(same_matrix(found, labels)) << "without values";
        });
      }
    }
  });
}

// Rows, centroids and results end where memory ends.
TEST(Kernels, NothingBeyondTheRowsIsTouched) {
  for_each_scalar([]<class T>(T) {
    for (const Index d : {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 129}) {
      for (const Index n : {1, 2, 3, 5, 8, 17, 33, 65}) {
        const Index k = d == 129 && n == 33 ? 300 : 1 + n % 8;
        SCOPED_TRACE(::testing::Message() << "n = " << n << ", d = " << d);
        const auto size = [](Index count) { return static_cast<std::size_t>(count); };
        const GuardedArray<T> x(size(n * d)), c(size(k * d)), centre(size(d)), values(size(n)), matrix(size(n * k));
        const GuardedArray<std::int32_t> label(size(n));
        const GuardedArray<std::ptrdiff_t> unsettled(size(n));
        const GuardedArray<double> sums(size(k * d)), weights(size(k));
        Random random(1);
        std::copy_n(normal_matrix<T>(random, n, d).data(), n * d, x.data());
        std::copy_n(normal_matrix<T>(random, k, d).data(), k * d, c.data());
        const RowsView<T> rows{x.data(), n, d, d}, centroids{c.data(), k, d, d};
        on_every_instruction_set([&] {
          const GuardedArray<T> packed(size(kernels::packed_size(T(), k, d)));
          constexpr Index line = 64 / sizeof(T);
          const Index scratch_size =
              std::max(kernels::expanded_scratch_size(T(), d), kernels::defined_scratch_size(T(), d));
          const GuardedArray<T> scratch(size((scratch_size + line - 1) / line * line));
          const double norm = kernels::pack_centroids(centroids, centre.data(), packed.data());
          kernels::nearest_expanded(corymb::compiled::ExpandedTask<T>{rows, k, centre.data(), packed.data(), norm,
                                                                      label.data(), unsettled.data(), scratch.data()});
          kernels::nearest_defined(NearestTask<T>{PairValue::squared_euclidean, rows, nullptr, n, centroids,
                                                  label.data(), values.data(), scratch.data()});
          kernels::distances(
              DistancesTask<T>{PairValue::manhattan, rows, centroids, nullptr, matrix.data(), k, scratch.data()});
          kernels::squared_to_assigned(rows, centroids, label.data(), values.data());
          kernels::square_roots(values.data(), n);
          kernels::add_to_sums(SumsTask<T>{rows, nullptr, n, label.data(), nullptr, sums.data(), weights.data()});
          EXPECT_FALSE(std::isnan(kernels::largest_magnitude(x.data(), n * d)));
          const Index places = kernels::candidate_places(T(), k, d);
          const GuardedArray<T> candidates(size(kernels::candidates_size(T(), k, d))), tries(size(8 * places));
          const GuardedArray<double> mass(size(places));
          std::vector<const T*> candidate_rows;
          for (Index l = 0; l < k; ++l) candidate_rows.push_back(c.data() + l * d);
          kernels::pack_candidates(candidate_rows.data(), k, d, candidates.data());
          kernels::try_candidates(
              CandidatesTask<T>{rows, candidates.data(), places, values.data(), nullptr, mass.data(), tries.data()});
        });
      }
    }
  });
}

TEST(Kernels, SquareRootsAreExactAtEveryPosition) {
  for_each_scalar([]<class T>(T) {
    for (Index n = 0; n <= 70; ++n) {
      Random random(static_cast<std::uint64_t>(n), {9});
      const ColumnVector<T> values = normal_matrix<T>(random, n, 1).cwiseAbs();
      ColumnVector<T> expected(n);
      for (Index i = 0; i < n; ++i) expected[i] = std::sqrt(values[i]);
      on_every_instruction_set([&] {
        ColumnVector<T> roots = values;
        kernels::square_roots(roots.data(), n);
        EXPECT_TRUE(same_matrix(roots, expected)) << "n = " << n;
      });
    }
  });
}

TEST(Kernels, SquaredToAssigned) {
  for_each_scalar([]<class T>(T) {
    for (Index n = 0; n <= 35; ++n) {
      for (const Index d : {1, 5, 130}) {
        Random random(static_cast<std::uint64_t>(n));
        const auto X = normal_matrix<T>(random, n, d), C = normal_matrix<T>(random, 4, d);
        Labels labels(n);
        ColumnVector<T> expected(n);
        for (Index i = 0; i < n; ++i) {
          labels[i] = static_cast<std::int32_t>(random.below(4));
          expected[i] = squared_distance(X.data() + i * d, C.data() + labels[i] * d, d);
        }
        on_every_instruction_set([&] {
          ColumnVector<T> values(n);
          kernels::squared_to_assigned(rows_view(X), rows_view(C), labels.data(), values.data());
          EXPECT_TRUE(same_matrix(values, expected)) << "n = " << n << ", d = " << d;
        });
      }
    }
  });
}

TEST(Kernels, LargestMagnitudeFindsEveryPosition) {
  for_each_scalar([]<class T>(T) {
    constexpr T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    on_every_instruction_set([&] {
      for (Index n = 0; n <= 70; ++n) {
        Random random(static_cast<std::uint64_t>(n));
        ColumnVector<T> values = normal_matrix<T>(random, n, 1);
        const T expected = n > 0 ? values.cwiseAbs().maxCoeff() : T(0);
        EXPECT_EQ(kernels::largest_magnitude(values.data(), n), expected) << "n = " << n;
        for (Index i = 0; i < n; ++i) {
          const T before = values[i];
          values[i] = T(-100);
          EXPECT_EQ(kernels::largest_magnitude(values.data(), n), T(100)) << i << " of " << n;
          values[i] = -infinity;
          EXPECT_EQ(kernels::largest_magnitude(values.data(), n), infinity) << i << " of " << n;
          values[i] = nan;
          EXPECT_TRUE(std::isnan(kernels::largest_magnitude(values.data(), n))) << i << " of " << n;
          values[i] = before;
          if (i == 0) continue;
          const T first = values[0];
          values[0] = infinity;
          values[i] = nan;
          EXPECT_TRUE(std::isnan(kernels::largest_magnitude(values.data(), n)))
              << "beside an infinity, " << i << " of " << n;
          values[0] = first;
          values[i] = before;
        }
      }
    });
  });
}

/// What try_candidates leaves behind: the closest value of every row, and the mass of every candidate.
template <class T>
struct Tried {
  ColumnVector<T> closest;
  Eigen::VectorXd mass;
};

template <class T>
Tried<T> tried(const RowMatrix<T>& X, const RowMatrix<T>& candidates, const ColumnVector<T>& closest,
               const double* weight) {
  const Index count = candidates.rows(), places = kernels::candidate_places(T(), count, X.cols());
  std::vector<const T*> rows;
  for (Index l = 0; l < count; ++l) rows.push_back(candidates.data() + l * X.cols());
  Scratch<T> packed(kernels::candidates_size(T(), count, X.cols())), scratch(8 * places);
  kernels::pack_candidates(rows.data(), count, X.cols(), packed.data());
  Tried<T> result{closest, Eigen::VectorXd::Ones(places)};
  kernels::try_candidates(CandidatesTask<T>{rows_view(X), packed.data(), places, result.closest.data(), weight,
                                            result.mass.data(), scratch.data()});
  result.mass.conservativeResize(count);
  ColumnVector<T> without_mass = closest;
  kernels::try_candidates(
      CandidatesTask<T>{rows_view(X), packed.data(), places, without_mass.data(), weight, nullptr, scratch.data()});
  EXPECT_EQ(without_mass, result.closest);
  return result;
}

TEST(Kernels, CandidatesOnIntegersAreExact) {
  for_each_scalar([]<class T>(T) {
    for (const Index d : edge_dimensions()) {
      for (const Index count : {1, 2, 3, 4, 5, 8, 9, 16, 17, 33}) {
        const Index n = (d * 7 + count) % 21;
        SCOPED_TRACE(::testing::Message() << "n = " << n << ", d = " << d << ", count = " << count);
        Random random(7, {static_cast<std::uint64_t>(d), static_cast<std::uint64_t>(count)});
        const auto X = grid_matrix<T>(random, n, d, 2), candidates = grid_matrix<T>(random, count, d, 2);
        const ColumnVector<T> closest = grid_matrix<T>(random, n, 1, d).cwiseAbs() * T(2);
        const Eigen::VectorXd weights = grid_matrix<double>(random, n, 1, 9).cwiseAbs();
        for (const double* weight : {static_cast<const double*>(nullptr), weights.data()}) {
          const auto values = all_deciding_values(Metric::euclidean, X, candidates);
          Tried<T> expected{closest, Eigen::VectorXd::Ones(count)};
          for (Index i = 0; i < n; ++i) {
            expected.closest[i] = std::min(closest[i], values(i, 0));
            for (Index l = 0; l < count; ++l)
              expected.mass[l] += (weight != nullptr ? weight[i] : 1) *
                                  static_cast<double>(std::min(expected.closest[i], values(i, l)));
          }
          on_every_instruction_set([&] {
            const auto result = tried(X, candidates, closest, weight);
            EXPECT_TRUE(same_matrix(result.closest, expected.closest));
            EXPECT_TRUE(same_matrix(result.mass, expected.mass));
          });
        }
      }
    }
  });
}

TEST(Kernels, CandidatesGiveTheSameBitsOnEveryInstructionSet) {
  for_each_scalar([]<class T>(T) {
    for (const Index d : edge_dimensions()) {
      SCOPED_TRACE(::testing::Message() << "d = " << d);
      Random random(8, {static_cast<std::uint64_t>(d)});
      const auto X = normal_matrix<T>(random, 45, d), candidates = normal_matrix<T>(random, 5, d);
      const Eigen::VectorXd weights = normal_matrix<double>(random, 45, 1).cwiseAbs();
      const ColumnVector<T> far = ColumnVector<T>::Constant(45, std::numeric_limits<T>::max());
      const auto first = tried(X, candidates, far, weights.data());
      const auto values = all_deciding_values(Metric::euclidean, X, candidates);
      const T tolerance = static_cast<T>(d + 2) * std::numeric_limits<T>::epsilon();
      for (Index i = 0; i < 45; ++i) {
        if (d <= 16)
          EXPECT_EQ(first.closest[i], values(i, 0)) << "the defined value";
        else
          EXPECT_NEAR(first.closest[i], values(i, 0), tolerance * values(i, 0));
      }
      on_every_instruction_set([&] {
        const auto result = tried(X, candidates, far, weights.data());
        EXPECT_TRUE(same_matrix(result.closest, first.closest));
        EXPECT_TRUE(same_matrix(result.mass, first.mass));
        EXPECT_EQ(tried(X, RowMatrix<T>(X.row(7)), far, nullptr).closest[7], T(0)) << "of equal rows";
      });
    }
  });
}

TEST(Kernels, SumsOfListedRowsInTheirOrder) {
  for_each_scalar([]<class T>(T) {
    for (const Index d : edge_dimensions()) {
      SCOPED_TRACE(::testing::Message() << "d = " << d);
      Random random(6, {static_cast<std::uint64_t>(d)});
      const auto X = normal_matrix<T>(random, 40, d);
      const auto rows = draw_rows(random, 25, 40);
      const Eigen::VectorXd weights = normal_matrix<double>(random, 40, 1).cwiseAbs();
      Labels labels(40);
      for (Index i = 0; i < 40; ++i) labels[i] = static_cast<std::int32_t>(random.below(4)) - 1;
      RowMatrix<double> expected = RowMatrix<double>::Ones(3, d);  // rows are added to what is there
      Eigen::VectorXd expected_weights = Eigen::VectorXd::Ones(3);
      for (const auto i : rows) {
        if (labels[i] < 0) continue;
        expected_weights[labels[i]] += weights[i];
        for (Index j = 0; j < d; ++j) {
          const volatile double product = static_cast<double>(X(i, j)) * weights[i];
          expected(labels[i], j) += product;
        }
      }
      on_every_instruction_set([&] {
        RowMatrix<double> sums = RowMatrix<double>::Ones(3, d);
        Eigen::VectorXd total = Eigen::VectorXd::Ones(3);
        kernels::add_to_sums(
            SumsTask<T>{rows_view(X), rows.data(), 25, labels.data(), weights.data(), sums.data(), total.data()});
        EXPECT_TRUE(same_matrix(sums, expected));
        EXPECT_TRUE(same_matrix(total, expected_weights));
      });
    }
  });
}

}  // namespace
}  // namespace kernels_test
