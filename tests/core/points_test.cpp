#include <corymb/core/points.hpp>

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace points_test {
namespace {

using corymb::Index;
using corymb::Points;
using corymb::RowMatrix;

/// Every way to read the view gives the entries of the matrix.
template <class Derived, class T = typename Derived::Scalar>
void expect_entries(const Points<T>& points, const Eigen::DenseBase<Derived>& X) {
  const Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic> expected = X;
  ASSERT_EQ(points.rows(), X.rows());
  ASSERT_EQ(points.cols(), X.cols());
  if (X.size() == 0) return;
  for (Index i = 0; i < X.rows(); ++i) {
    ASSERT_EQ(points.row(i), points.row(0) + i * points.stride());
    ASSERT_EQ(static_cast<Index>(points[i].size()), X.cols());
    for (Index j = 0; j < X.cols(); ++j) {
      EXPECT_EQ(points(i, j), expected(i, j));
      EXPECT_EQ(points[i][static_cast<std::size_t>(j)], expected(i, j));
    }
  }
}

/// The view stands on the matrix's own memory.
template <class Derived>
void expect_borrowed(const Eigen::DenseBase<Derived>& X, Index stride) {
  const Points points(X);
  EXPECT_FALSE(Points<typename Derived::Scalar>::copies(X));
  EXPECT_EQ(points.row(0), X.derived().data());
  EXPECT_EQ(points.stride(), stride);
  expect_entries(points, X);
}

/// The view has its own memory, without gaps.
template <class Derived>
void expect_packed(const Eigen::DenseBase<Derived>& X) {
  const Points points(X);
  EXPECT_TRUE(Points<typename Derived::Scalar>::copies(X));
  EXPECT_EQ(points.stride(), X.cols());
  expect_entries(points, X);
}

/// Entries that tell every position apart; larger than the tiles in which packing works, and no multiple of them.
template <class T>
RowMatrix<T> numbered(Index n, Index d) {
  RowMatrix<T> X(n, d);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < d; ++j) X(i, j) = static_cast<T>(i * 1000 + j);
  return X;
}

template <class T>
class PointsTest : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(PointsTest, Scalars, );

TYPED_TEST(PointsTest, RowMajorIsBorrowed) {
  using T = TypeParam;
  const RowMatrix<T> X = numbered<T>(70, 45);
  expect_borrowed(X, 45);
  expect_borrowed(X.topRows(3), 45);
  expect_borrowed(X.middleCols(4, 7), 45);
  expect_borrowed(X.block(2, 3, 11, 13), 45);
  expect_borrowed(X.array(), 45);
  expect_borrowed(Eigen::Array<T, 3, 2, Eigen::RowMajor>(numbered<T>(3, 2).array()), 2);
  expect_borrowed(Eigen::Matrix<T, 45, 70>(X.transpose()).transpose(), 45);
  const Points<T> same(X.data(), 70, 45, 45);
  expect_entries(same, X);
}

TYPED_TEST(PointsTest, MapsAreBorrowedWhereRowsAreContiguous) {
  using T = TypeParam;
  std::vector<T> memory(300);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<T>(i);
  expect_borrowed(Eigen::Map<const RowMatrix<T>>(memory.data(), 20, 15), 15);
  expect_borrowed(Eigen::Map<const RowMatrix<T>>(memory.data() + 1, 20, 14), 14);  // unaligned
  expect_borrowed(Eigen::Map<RowMatrix<T>, 0, Eigen::OuterStride<>>(memory.data(), 10, 7, Eigen::OuterStride<>(29)),
                  29);
  using BothStrides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  expect_borrowed(Eigen::Map<const RowMatrix<T>, 0, BothStrides>(memory.data(), 10, 7, BothStrides(29, 1)), 29);
  expect_packed(Eigen::Map<const RowMatrix<T>, 0, BothStrides>(memory.data(), 10, 7, BothStrides(29, 3)));
  using ColumnMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  expect_borrowed(Eigen::Map<const ColumnMajor, 0, BothStrides>(memory.data(), 10, 7, BothStrides(1, 29)), 29);
  expect_packed(Eigen::Map<const ColumnMajor>(memory.data(), 20, 15));
}

TYPED_TEST(PointsTest, ColumnMajorIsPacked) {
  using T = TypeParam;
  const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> X = numbered<T>(70, 45);
  expect_packed(X);
  expect_packed(X.block(2, 3, 33, 32));
  expect_packed(X.topRows(1));
  expect_packed(RowMatrix<T>(X).transpose());
}

TYPED_TEST(PointsTest, ExpressionsAreEvaluated) {
  using T = TypeParam;
  const RowMatrix<T> X = numbered<T>(9, 4);
  expect_packed(X * T(2));
  expect_packed(X.array() + T(1));
  expect_packed((X.transpose() * X).eval() * T(1));
  expect_packed(RowMatrix<T>::Constant(3, 5, T(7)));
  const Points<T> product((X * X.transpose()).template cast<T>());
  expect_entries(product, (X * X.transpose()).eval());
}

TYPED_TEST(PointsTest, Vectors) {
  using T = TypeParam;
  const Eigen::Matrix<T, Eigen::Dynamic, 1> column = numbered<T>(6, 1);
  expect_borrowed(column, 1);                                                   // six points on a line
  expect_borrowed(Eigen::Matrix<T, 1, Eigen::Dynamic>(column.transpose()), 6);  // one point
  expect_borrowed(column.transpose(), 6);
  const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> X = numbered<T>(6, 5);
  expect_borrowed(X.col(2), 1);
  expect_packed(X.row(2));
  const RowMatrix<T> rows = X;
  expect_borrowed(rows.col(2), 5);
  expect_borrowed(rows.row(2), 5);
}

TYPED_TEST(PointsTest, Empty) {
  using T = TypeParam;
  for (const auto& [n, d] : {std::pair<Index, Index>{0, 3}, {4, 0}, {0, 0}}) {
    expect_entries(Points(RowMatrix<T>(n, d)), RowMatrix<T>(n, d));
    const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> column_major(n, d);
    expect_entries(Points(column_major), column_major);
  }
}

TYPED_TEST(PointsTest, MovesKeepTheMemory) {
  using T = TypeParam;
  const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> X = numbered<T>(40, 3);
  Points<T> packed(X);
  const T* const memory = packed.row(0);
  Points<T> moved(std::move(packed));
  EXPECT_EQ(moved.row(0), memory);
  expect_entries(moved, X);
  Points<T> assigned(RowMatrix<T>(1, 1));
  assigned = std::move(moved);
  EXPECT_EQ(assigned.row(0), memory);
  expect_entries(assigned, X);
}

TYPED_TEST(PointsTest, InputIsNotChanged) {
  using T = TypeParam;
  Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> X = numbered<T>(40, 33);
  const auto before = X.eval();
  const Points<T> points(X);
  EXPECT_EQ(X, before);
  EXPECT_NE(points.row(0), X.data());
  X(0, 0) = -1;
  EXPECT_EQ(points(0, 0), 0);  // its own copy
}

}  // namespace
}  // namespace points_test
