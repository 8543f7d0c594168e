#pragma once

#include <corymb/core/config.hpp>

#include <cstddef>

// What crosses into the kernels of spectral clustering. Blocks of vectors stand row by row: entry i of all of them side
// by side, `width` numbers of double, a multiple of block_padding, aligned to 64 bytes. Matrices may be of float; sums
// are always of double, and each is added up in an order that depends on the width and the instruction set alone.
namespace corymb::compiled::spectral {

inline constexpr std::ptrdiff_t block_padding = 8;

/// out(i) = Σ_j matrix(i, j) · block(j)
template <class T>
struct DenseProductTask {
  const T* matrix;  // rows × columns
  std::ptrdiff_t stride;
  std::ptrdiff_t rows;
  std::ptrdiff_t columns;
  const double* block;  // columns × width
  std::ptrdiff_t width;
  double* out;  // rows × width
};

/// The same for rows of a compressed sparse matrix.
template <class T>
struct SparseProductTask {
  const std::ptrdiff_t* begin;  // of each row, and of the one behind the last: places in column and value
  const std::ptrdiff_t* column;
  const T* value;
  std::ptrdiff_t rows;
  const double* block;
  std::ptrdiff_t width;
  double* out;
};

/// values(i, j) = exp(−values(i, j) · row_factor(i) · column_factor(j)), for values and factors ≥ 0; 0 where the
/// exponent is below −708. sums(i) = Σ_j of the results.
template <class T>
struct GaussianTask {
  T* values;  // rows × columns, contiguous
  std::ptrdiff_t rows;
  std::ptrdiff_t columns;
  const double* row_factor;
  const double* column_factor;
  double* sums;
};

#define CORYMB_DECLARE_SPECTRAL_KERNELS(T)                             \
  CORYMB_EXPORT void dense_product(const DenseProductTask<T>& task);   \
  CORYMB_EXPORT void sparse_product(const SparseProductTask<T>& task); \
  CORYMB_EXPORT void gaussian(const GaussianTask<T>& task);

CORYMB_DECLARE_SPECTRAL_KERNELS(float)
CORYMB_DECLARE_SPECTRAL_KERNELS(double)
#undef CORYMB_DECLARE_SPECTRAL_KERNELS

}  // namespace corymb::compiled::spectral
