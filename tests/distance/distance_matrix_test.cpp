#include <corymb/distance/detail/distance_matrix_impl.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace distance_matrix_test {
namespace {

using namespace corymb;
using namespace corymb_test;
namespace kernels = corymb::detail::kernels;
namespace compiled = corymb::compiled;

template <class T>
RowMatrix<T> random_distances(Random& random, Index n, bool symmetric) {
  RowMatrix<T> D = normal_matrix<T>(random, n, n).cwiseAbs();
  D.diagonal().setZero();
  if (symmetric) D = (D + D.transpose()).eval();
  return D;
}

template <class T>
ColumnVector<T> upper_triangle(const RowMatrix<T>& D) {
  ColumnVector<T> triangle(D.rows() * (D.rows() - 1) / 2);
  Index e = 0;
  for (Index i = 0; i < D.rows(); ++i)
    for (Index j = i + 1; j < D.rows(); ++j) triangle[e++] = D(i, j);
  return triangle;
}

TEST(DistanceMatrix, EntriesOfEveryForm) {
  Random random(11);
  const RowMatrix<float> D = random_distances<float>(random, 7, true);
  const Eigen::VectorXf condensed = upper_triangle(D);
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

constexpr Index sizes[] = {2, 3, 5, 16, 17, 127, 128, 129, 255, 260};

TEST(CheckDistances, TellsTheLargestAndWhetherTheMatrixMirrorsItself) {
  on_every_instruction_set([] {
    for_each_scalar([](auto scalar) {
      using T = decltype(scalar);
      Random random(1);
      for (const Index n : sizes) {
        SCOPED_TRACE(n);
        RowMatrix<T> D = random_distances<T>(random, n, true);
        for (const int threads : {1, 2}) {
          const auto range = detail::check_distances("f", DistanceMatrix<T>(D), threads);
          EXPECT_EQ(range.largest, static_cast<double>(D.maxCoeff()));
          EXPECT_TRUE(range.symmetric);
          const ColumnVector<T> triangle = upper_triangle(D);
          EXPECT_EQ(detail::check_distances("f", DistanceMatrix<T>(triangle), threads).largest, range.largest);
        }
        for (int trial = 0; trial < 20; ++trial) {
          const Index i = random.below(n), j = random.below(n);
          if (i == j) continue;
          RowMatrix<T> other = D;
          other(i, j) = std::nextafter(other(i, j), T(100));
          const auto range = detail::check_distances("f", DistanceMatrix<T>(other), 1);
          EXPECT_FALSE(range.symmetric) << i << ", " << j;
          EXPECT_EQ(range.largest, static_cast<double>(other.maxCoeff()));
        }
      }
    });
  });
}

TEST(CheckDistances, NamesTheFirstWrongEntryWhereverItStands) {
  on_every_instruction_set([] {
    for_each_scalar([](auto scalar) {
      using T = decltype(scalar);
      Random random(2);
      const T wrong[] = {std::numeric_limits<T>::quiet_NaN(), -std::numeric_limits<T>::quiet_NaN(),
                         std::numeric_limits<T>::infinity(), T(-1), -std::numeric_limits<T>::denorm_min()};
      for (const Index n : sizes) {
        const RowMatrix<T> D = random_distances<T>(random, n, n % 2 == 0);
        for (const T value : wrong) {
          Index i = random.below(n), j = random.below(n);
          if (i == j) continue;
          const std::string entry = "D(" + std::to_string(i) + ", " + std::to_string(j) + ") = ";
          RowMatrix<T> row_major = D;
          row_major(i, j) = value;
          const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> column_major = row_major;
          for (const DistanceMatrix<T>& matrix : {DistanceMatrix<T>(row_major), DistanceMatrix<T>(column_major)}) {
            const std::string message = message_of([&] { detail::check_distances("f", matrix, 2); });
            EXPECT_EQ(message.find("corymb::f: " + entry), 0u) << message;
          }
        }
      }
    });
  });
}

TEST(CheckDistances, ZerosWithASignAreDistances) {
  Random random(3);
  RowMatrix<double> D = random_distances<double>(random, 200, true);
  D(150, 3) = -0.0;
  D(3, 150) = 0.0;
  auto range = detail::check_distances("f", DistanceMatrix<double>(D), 1);
  EXPECT_TRUE(range.symmetric);
  EXPECT_EQ(range.largest, D.maxCoeff());
  D(3, 151) += 1;
  range = detail::check_distances("f", DistanceMatrix<double>(D), 1);
  EXPECT_FALSE(range.symmetric);
}

TEST(CheckDistances, ReadsNothingBeyondTheArray) {
  on_every_instruction_set([] {
    for (Index n = 0; n <= 150; ++n) {
      GuardedArray<float> values(static_cast<std::size_t>(n));
      for (Index i = 0; i < n; ++i) values.data()[i] = static_cast<float>((i * 7919) % n);
      EXPECT_EQ(kernels::largest_distance(values.data(), n), n > 0 ? static_cast<float>(n - 1) : 0.0f);
    }
    for (Index n = 1; n <= 40; ++n) {
      GuardedArray<double> values(static_cast<std::size_t>(n * n));
      for (Index i = 0; i < n; ++i)
        for (Index j = 0; j < n; ++j) values.data()[i * n + j] = static_cast<double>(i + j);
      const auto scan = kernels::scan_mirrored(compiled::MirrorTask<double>{values.data(), values.data(), n, n, n});
      EXPECT_EQ(scan.largest, static_cast<double>(2 * n - 2));
      EXPECT_TRUE(scan.is_mirrored);
    }
  });
}

}  // namespace
}  // namespace distance_matrix_test
