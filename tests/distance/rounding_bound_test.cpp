#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/distance_oracle.hpp"
#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"
#include "support/near_pairs.hpp"

// The rounding bound of the expanded score: whatever the data, a row that nearest_expanded does not report as unsettled
// has one nearest centroid by the defined value, and it is the one that the score found; near_pairs misses no pair
// within a limit, and its bounds hold.

namespace rounding_bound_test {
namespace {

using namespace corymb_test;
namespace kernels = corymb::detail::kernels;
using corymb::compiled::ExpandedTask;
using corymb::detail::rows_view;
using corymb::detail::Scratch;

template <class T>
struct Instance {
  RowMatrix<T> X;
  RowMatrix<T> C;
  bool centred = false;  // to be used with zero as the centre
};

double log_uniform(Random& random, double low, double high) {
  return std::exp(random.uniform(std::log(low), std::log(high)));
}

/// Small numbers of dimensions, and large ones up to 2000 in every fourth instance.
Index draw_dimension(Random& random) {
  if (random.below(4) == 0) return static_cast<Index>(log_uniform(random, 100, 2001));
  return static_cast<Index>(log_uniform(random, 1, 70));
}

// ---- kinds of data --------------------------------------------------------------------------------------------------

template <class T>
Instance<T> spread(Random& random, Index n, Index k, Index d) {
  return {normal_matrix<T>(random, n, d), normal_matrix<T>(random, k, d)};
}

/// Centroids close together and points far from all of them.
template <class T>
Instance<T> far_from_close_centroids(Random& random, Index n, Index k, Index d) {
  const T far = static_cast<T>(log_uniform(random, 1, 1e5));
  return {normal_matrix<T>(random, n, d) * far, normal_matrix<T>(random, k, d)};
}

/// One centroid far away makes the largest norm, and with it the bound, large.
template <class T>
Instance<T> with_outlier(Random& random, Index n, Index k, Index d) {
  auto instance = spread<T>(random, n, k, d);
  instance.C.row(random.below(k)) *= static_cast<T>(log_uniform(random, 10, 1e6));
  return instance;
}

template <class T>
Instance<T> with_offset(Random& random, Index n, Index k, Index d) {
  auto instance = spread<T>(random, n, k, d);
  const T offset = static_cast<T>(log_uniform(random, 10, 1e7));
  instance.X.array() += offset;
  instance.C.array() += offset;
  return instance;
}

/// Every coordinate has a scale of its own.
template <class T>
Instance<T> wide_range(Random& random, Index n, Index k, Index d) {
  auto instance = spread<T>(random, n, k, d);
  for (Index j = 0; j < d; ++j) {
    const T scale = static_cast<T>(log_uniform(random, 1e-6, 1e6));
    instance.X.col(j) *= scale;
    instance.C.col(j) *= scale;
  }
  return instance;
}

template <class T>
Instance<T> grid(Random& random, Index n, Index k, Index d) {
  return {grid_matrix<T>(random, n, d, 2), grid_matrix<T>(random, k, d, 2)};
}

/// Centroids at nearly one distance from the point that the rows are near: gaps of all sizes around the bound.
template <class T>
Instance<T> nearly_equidistant(Random& random, Index n, Index k, Index d) {
  auto instance = spread<T>(random, n, k, d);
  const T shift = static_cast<T>(random.below(2) == 0 ? 0.0 : log_uniform(random, 0.01, 1e4));
  const RowMatrix<T> p = normal_matrix<T>(random, 1, d) * shift, v = normal_matrix<T>(random, 1, d);
  const double gap = log_uniform(random, 1e-17, 1e-2), blur = log_uniform(random, 1e-17, 1e-1);
  for (Index i = 0; i < k; ++i) {
    const auto order = permutation(random, d);
    const T factor = static_cast<T>(1 + gap * random.normal());
    for (Index j = 0; j < d; ++j) instance.C(i, j) = p(0, j) + factor * v(0, order[static_cast<std::size_t>(j)]);
  }
  for (Index i = 0; i < n; ++i) instance.X.row(i) = p.row(0) + instance.X.row(i) * static_cast<T>(blur);
  return instance;
}

/// How much too large the expanded score of x and c is when its terms are added in order, each product fused.
template <class T>
long double error_of_score(const T* x, const T* c, Index d) {
  double norm = 0;
  long double exact = 0;
  for (Index j = 0; j < d; ++j) {
    norm += static_cast<double>(c[j]) * static_cast<double>(c[j]);
    exact += static_cast<long double>(c[j]) * (static_cast<long double>(c[j]) - 2 * static_cast<long double>(x[j]));
  }
  T score = static_cast<T>(norm);
  for (Index j = 0; j < d; ++j) score = std::fma(T(-2) * c[j], x[j], score);
  return static_cast<long double>(score) - exact;
}

/// How much too large the defined value of x and c is.
template <class T>
long double error_of_value(const T* x, const T* c, Index d) {
  long double exact = 0;
  for (Index j = 0; j < d; ++j) {
    const long double difference = static_cast<long double>(x[j]) - static_cast<long double>(c[j]);
    exact += difference * difference;
  }
  return static_cast<long double>(squared_distance(x, c, d)) - exact;
}

/// The worst case that the bound must cover. Long sums of equal terms, so that all roundings go the same way: among
/// candidates at almost one real distance, the nearest centroid is the one that comes out most too far, and the others
/// are those that come out most too near.
template <class T>
Instance<T> one_sided_rounding(Random& random, Index n, Index k, Index d) {
  const bool of_score = random.below(2) == 0;
  d = static_cast<Index>(of_score ? log_uniform(random, 10, 129) : log_uniform(random, 100, 2001));
  n = std::min<Index>(n, 3);
  const double error_size = static_cast<double>(d) * static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;
  // The score's error is of the size of the norms, so it matters most where the distance is small beside them.
  const double point = of_score ? random.uniform(0.5, 1.5) : 0;
  const double side =
      of_score ? point * std::sqrt(error_size * log_uniform(random, 0.1, 30)) : random.uniform(0.5, 1.5);
  const double gap = error_size * random.uniform() * (of_score ? point * point / (side * side) : 1);
  Instance<T> instance{RowMatrix<T>::Constant(n, d, static_cast<T>(point)), RowMatrix<T>(k, d), of_score};
  const T* x = instance.X.data();
  const Index nearest = random.below(k);
  RowMatrix<T> candidate(1, d);
  for (Index i = 0; i < k; ++i) {
    long double worst = -std::numeric_limits<long double>::infinity();
    for (int trial = 0; trial < 20; ++trial) {
      const Index head = random.below(d / 2);
      const double in_head = side * random.uniform(0.7, 1.3), all = static_cast<double>(d),
                   part = static_cast<double>(head);
      const double in_tail = std::sqrt((all * side * side - part * in_head * in_head) / (all - part));
      candidate.setConstant(static_cast<T>(point + in_tail * std::sqrt(i == nearest ? 1 : 1 + gap)));
      candidate.leftCols(head).setConstant(static_cast<T>(point + in_head));
      const long double error =
          of_score ? error_of_score(x, candidate.data(), d) : error_of_value(x, candidate.data(), d);
      if ((i == nearest ? error : -error) <= worst) continue;
      worst = i == nearest ? error : -error;
      instance.C.row(i) = candidate;
    }
  }
  return instance;
}

/// Coordinates used by some centroids and not by others: sums of few large terms against sums of many small ones.
template <class T>
Instance<T> few_or_many_terms(Random& random, Index n, Index k, Index d) {
  Instance<T> instance{RowMatrix<T>(n, d), RowMatrix<T>(k, d)};
  const double point = random.below(3) == 0 ? 0.0 : random.uniform(-2, 2), side = random.uniform(0.1, 3);
  const double gap = log_uniform(random, 1e-17, 1e-3);
  instance.X.setConstant(static_cast<T>(point));
  for (Index i = 0; i < n; ++i) instance.X(i, random.below(d)) += static_cast<T>(gap * random.normal());
  instance.C.setConstant(static_cast<T>(point));
  for (Index i = 0; i < k; ++i) {
    const Index used = random.below(2) == 0 ? d : 1 + random.below(d), first = random.below(d - used + 1);
    const double length = side * std::sqrt(static_cast<double>(d) / static_cast<double>(used));
    instance.C.row(i).segment(first, used).setConstant(static_cast<T>(point + length * (1 + gap * random.normal())));
  }
  return instance;
}

/// Scales data to where squares are about to overflow, or are tiny or subnormal.
template <class T>
void move_to_an_end(Random& random, Instance<T>& instance) {
  const T largest = std::max(instance.X.cwiseAbs().maxCoeff(), instance.C.cwiseAbs().maxCoeff());
  if (largest == T(0)) return;
  const T safe = corymb::detail::largest_safe_magnitude<T>(instance.X.cols());
  const T tiny = std::sqrt(std::numeric_limits<T>::min());
  const T target = random.below(2) == 0 ? safe : tiny * static_cast<T>(log_uniform(random, 1e-4, 1e6));
  const T factor = target / largest;
  instance.X = (instance.X * factor).cwiseMin(safe).cwiseMax(-safe);
  instance.C = (instance.C * factor).cwiseMin(safe).cwiseMax(-safe);
}

// ---- the property ---------------------------------------------------------------------------------------------------

/// Any centre must do: the mean of the centroids, none, or a row of the data.
template <class T>
ColumnVector<T> draw_centre(Random& random, const Instance<T>& instance) {
  switch (instance.centred ? 0 : random.below(4)) {
    case 0: return ColumnVector<T>::Zero(instance.X.cols());
    case 1: return instance.X.row(random.below(instance.X.rows())).transpose();
    default: return instance.C.template cast<double>().colwise().mean().transpose().template cast<T>();
  }
}

/// Runs the kernel; returns the number of unsettled rows.
template <class T>
Index check_bound(const Instance<T>& instance, const ColumnVector<T>& centre) {
  const RowMatrix<T>&X = instance.X, &C = instance.C;
  const Index n = X.rows(), k = C.rows(), d = X.cols();
  const RowMatrix<T> values = all_deciding_values(Metric::euclidean, X, C);
  Index reported = 0;
  on_every_instruction_set([&] {
    Scratch<T> packed(kernels::packed_size(T(), k, d)), scratch(kernels::expanded_scratch_size(T(), d));
    std::vector<std::int32_t> label(static_cast<std::size_t>(n), -7);
    std::vector<std::ptrdiff_t> unsettled(static_cast<std::size_t>(n));
    const double largest_norm = kernels::pack_centroids(rows_view(C), centre.data(), packed.data());
    const Index count = kernels::nearest_expanded(ExpandedTask<T>{
        rows_view(X), k, centre.data(), packed.data(), largest_norm, label.data(), unsettled.data(), scratch.data()});
    ASSERT_TRUE(count >= 0 && count <= n);
    reported = std::max(reported, count);
    std::vector<bool> settled(static_cast<std::size_t>(n), true);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      ASSERT_TRUE(unsettled[i] >= 0 && unsettled[i] < n) << "unsettled row " << unsettled[i];
      ASSERT_TRUE(i == 0 || unsettled[i - 1] < unsettled[i]) << "unsettled rows must ascend";
      settled[static_cast<std::size_t>(unsettled[i])] = false;
    }
    for (Index i = 0; i < n; ++i) {
      const auto chosen = label[static_cast<std::size_t>(i)];
      ASSERT_TRUE(chosen >= 0 && chosen < k) << "row " << i << " has the label " << chosen;
      if (!settled[static_cast<std::size_t>(i)]) continue;
      for (Index j = 0; j < k; ++j)
        ASSERT_TRUE(j == chosen || values(i, chosen) < values(i, j))
            << "row " << i << " was settled as " << chosen << " with " << exact_text(values(i, chosen))
            << ", but centroid " << j << " has " << exact_text(values(i, j));
    }
  });
  return reported;
}

/// Limits around which the score misjudges: defined values that occur.
template <class T>
void check_pairs(Random& random, const Instance<T>& instance, const ColumnVector<T>& centre) {
  const RowMatrix<T> values = all_deciding_values(Metric::euclidean, instance.X, instance.C);
  const auto limit = draw_limits(random, values, false), point_limit = draw_limits(random, values, true);
  on_every_instruction_set([&] {
    check_near_pairs(instance.X, instance.C, centre.data(), values, limit, {});
    check_near_pairs(instance.X, instance.C, centre.data(), values, limit, point_limit);
  });
}

template <class T>
using Kind = Instance<T> (*)(Random&, Index, Index, Index);

template <class T>
void check_kind(Kind<T> kind) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed);
    const Shape shape{1 + random.below(40), 2 + random.below(14), draw_dimension(random)};
    auto instance = kind(random, shape.n, shape.k, shape.d);
    if (random.below(4) == 0) move_to_an_end(random, instance);
    SCOPED_TRACE(::testing::Message() << "seed " << seed << ", " << shape);
    const ColumnVector<T> centre = draw_centre(random, instance);
    check_bound(instance, centre);
    check_pairs(random, instance, centre);
    if (::testing::Test::HasFailure()) return;
  }
}

#define CORYMB_BOUND_TEST(Name, kind)                            \
  TEST(RoundingBound, Name) {                                    \
    for_each_scalar([]<class T>(T) { check_kind<T>(kind<T>); }); \
  }
CORYMB_BOUND_TEST(Spread, spread)
CORYMB_BOUND_TEST(FarFromCloseCentroids, far_from_close_centroids)
CORYMB_BOUND_TEST(Outlier, with_outlier)
CORYMB_BOUND_TEST(Offset, with_offset)
CORYMB_BOUND_TEST(WideRange, wide_range)
CORYMB_BOUND_TEST(Grid, grid)
CORYMB_BOUND_TEST(NearlyEquidistant, nearly_equidistant)
CORYMB_BOUND_TEST(OneSidedRounding, one_sided_rounding)
CORYMB_BOUND_TEST(FewOrManyTerms, few_or_many_terms)
#undef CORYMB_BOUND_TEST

// The bound would be useless if it doubted everything.
TEST(RoundingBound, ClearCasesAreSettled) {
  for_each_scalar([]<class T>(T) {
    for (const Index d : {1, 2, 16, 128, 129, 300, 2000}) {
      for (const double offset : {0.0, 1e6}) {
        for (const double scale : {1.0, sizeof(T) == 4 ? 1e-15 : 1e-100}) {
          SCOPED_TRACE(::testing::Message() << "d = " << d << ", offset " << offset << ", scale " << scale);
          Random random(1);
          Instance<T> instance{RowMatrix<T>(100, d), RowMatrix<T>(10, d)};
          for (Index i = 0; i < 10; ++i)
            instance.C.row(i).setConstant(static_cast<T>(scale * (offset + 100 * static_cast<double>(i))));
          for (Index i = 0; i < 100; ++i)
            instance.X.row(i) = instance.C.row(i % 10) + normal_matrix<T>(random, 1, d) * static_cast<T>(scale);
          const ColumnVector<T> centre = instance.C.colwise().mean().transpose();
          EXPECT_EQ(check_bound(instance, centre), 0);
        }
      }
    }
  });
}

TEST(RoundingBound, TiesAreUnsettled) {
  for_each_scalar([]<class T>(T) {
    Random random(2);
    for (const Index d : {1, 3, 130}) {
      Instance<T> instance{normal_matrix<T>(random, 70, d), normal_matrix<T>(random, 1, d).replicate(8, 1)};
      EXPECT_EQ(check_bound<T>(instance, ColumnVector<T>::Zero(d)), 70);
    }
  });
}

TEST(RoundingBound, OneCentroidIsAlwaysSettled) {
  for_each_scalar([]<class T>(T) {
    Random random(3);
    for (const Index d : {1, 130}) {
      const Instance<T> instance{normal_matrix<T>(random, 70, d), normal_matrix<T>(random, 1, d)};
      EXPECT_EQ(check_bound<T>(instance, ColumnVector<T>::Zero(d)), 0);
    }
  });
}

}  // namespace
}  // namespace rounding_bound_test
