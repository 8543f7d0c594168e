#include <corymb/core/errors.hpp>
#include <corymb/graph/laplacian.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace laplacian_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using Graph = Eigen::SparseMatrix<double, Eigen::RowMajor>;

/// A triangle with weights 1, 2, 4, a loop, a stored zero, and a row without edges.
Graph triangle() {
  Graph W(4, 4);
  W.insert(0, 1) = W.insert(1, 0) = 1;
  W.insert(0, 2) = W.insert(2, 0) = 2;
  W.insert(1, 2) = W.insert(2, 1) = 4;
  W.insert(1, 1) = 9;
  W.insert(0, 3) = 0;
  return W;
}

TEST(Laplacian, ByHand) {
  EXPECT_EQ(degrees(triangle()), Vector(Eigen::Vector4d(3, 5, 6, 0)));
  Eigen::Matrix4d expected;
  expected << 3, -1, -2, 0, -1, 5, -4, 0, -2, -4, 6, 0, 0, 0, 0, 0;
  EXPECT_EQ(Eigen::Matrix4d(laplacian(triangle(), Laplacian::unnormalized)), expected);
  const Eigen::Vector4d inverse(1. / 3, 1. / 5, 1. / 6, 0), root = inverse.cwiseSqrt();
  const Eigen::Matrix4d walk = inverse.asDiagonal() * expected;
  const Eigen::Matrix4d symmetric = root.asDiagonal() * expected * root.asDiagonal();
  EXPECT_LE((Eigen::Matrix4d(laplacian(triangle(), Laplacian::random_walk)) - walk).cwiseAbs().maxCoeff(), 1e-15);
  EXPECT_LE((Eigen::Matrix4d(laplacian(triangle())) - symmetric).cwiseAbs().maxCoeff(), 1e-15);
}

TEST(Laplacian, OfFloatAndOtherIndices) {
  const Eigen::SparseMatrix<float, Eigen::RowMajor, std::int64_t> W = triangle().cast<float>();
  EXPECT_EQ(Eigen::Matrix4d(laplacian(W)), Eigen::Matrix4d(laplacian(triangle())));
  EXPECT_EQ(laplacian(Graph(0, 0)).rows(), 0);
}

TEST(Laplacian, BadArguments) {
  EXPECT_EQ(message_of([] { laplacian(Graph(2, 3)); }), "corymb::laplacian: W is 2 x 3; it must be square");
  Graph W = triangle();
  W.coeffRef(1, 2) = -1;
  EXPECT_EQ(message_of([&] { degrees(W); }), "corymb::degrees: W(1, 2) = -1 must be ≥ 0");
  W.coeffRef(1, 2) = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message_of([&] { laplacian(W); }), "corymb::laplacian: W(1, 2) = inf must be finite");
}

}  // namespace
}  // namespace laplacian_test
