#pragma once

#include <corymb/core/types.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/spectral/detail/spectral_kernel_tasks.hpp>

CORYMB_BEGIN
namespace detail {

/// Some vectors of n entries side by side: entry i of all of them is row i. `width` is a multiple of what the kernels
/// take at a time.
class TallBlock {
 public:
  using Rows = Eigen::Map<RowMatrix<double>>;
  using ConstRows = Eigen::Map<const RowMatrix<double>>;

  TallBlock(Index rows, Index width) : rows_(rows), width_(width), entries_(rows * width) {}

  /// The least width that the kernels take for so many vectors.
  static Index padded(Index vectors) {
    constexpr Index padding = compiled::spectral::block_padding;
    return (vectors + padding - 1) / padding * padding;
  }

  Index rows() const { return rows_; }
  Index width() const { return width_; }
  double* row(Index i) { return entries_.data() + i * width_; }
  const double* row(Index i) const { return entries_.data() + i * width_; }
  Rows part(Index first, Index last) { return {row(first), last - first, width_}; }
  ConstRows part(Index first, Index last) const { return {row(first), last - first, width_}; }

 private:
  Index rows_;
  Index width_;
  Scratch<double> entries_;
};

}  // namespace detail
CORYMB_END
