#pragma once

#include <corymb/core/types.hpp>

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

}  // namespace detail
CORYMB_END
