#pragma once

#include <corymb/core/types.hpp>
#include <corymb/spectral/detail/eigen/tall_block.hpp>

#include <cstdint>

CORYMB_BEGIN
namespace detail {

/// Which eigenpairs are looked for: the largest ones that are orthogonal to those that are known.
struct EigenTask {
  Index wanted;
  double tolerance;  // of the residuals, as a share of the operator's scale
  int max_iterations;
  std::uint64_t seed;
  int threads;
};

struct Eigenpairs {
  Vector values;              ///< `wanted`, descending
  RowMatrix<double> vectors;  ///< rows × wanted, orthonormal
  Vector residuals;           ///< ‖A v − value · v‖
  int iterations = 0;
  bool converged = true;
};

/// ‖A v − value · v‖ of each pair.
template <class Operator>
Vector residuals_of(const Operator& op, const RowMatrix<double>& vectors, const Vector& values) {
  TallBlock x(op.rows(), TallBlock::padded(vectors.cols())), y(op.rows(), x.width());
  x.part(0, op.rows()).setZero();
  x.part(0, op.rows()).leftCols(vectors.cols()) = vectors;
  op.multiply(x, y, [](Index, Index) {});
  return (y.part(0, op.rows()).leftCols(vectors.cols()) - vectors * values.asDiagonal()).colwise().norm().transpose();
}

}  // namespace detail
CORYMB_END
