#pragma once

#include <corymb/core/linalg.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/spectral/detail/spectral_kernel_tasks.hpp>

#include <algorithm>
#include <utility>

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

/// Products of blocks, by chunks of rows that depend on their number alone.
class TallProducts {
 public:
  TallProducts(Index rows, int threads) : chunks_(rows, 256), threads_(threads) {}

  /// Calls f(first, last) for all chunks of rows.
  template <class F>
  void for_rows(const F& f) const {
    parallel_for(threads_, chunks_.count(), [&](Index chunk) { f(chunks_.begin(chunk), chunks_.end(chunk)); });
  }

  /// Σ over the chunks of f(first, last), a matrix or a vector such as `zero`.
  template <class R, class F>
  R sum(R zero, const F& f) const {
    return parallel_sum(threads_, chunks_, std::move(zero), f);
  }

  /// aᵀ b
  Eigen::MatrixXd inner(const TallBlock& a, const TallBlock& b) const {
    return sum(Eigen::MatrixXd(Eigen::MatrixXd::Zero(a.width(), b.width())), [&](Index first, Index last) {
      return one_thread(
          [&] { return Eigen::MatrixXd((a.part(first, last).transpose() * b.part(first, last)).eval()); });
    });
  }

  /// a ← a · factor
  void rotate(TallBlock& a, const Eigen::MatrixXd& factor) const {
    for_rows([&](Index first, Index last) {
      one_thread([&] {
        const RowMatrix<double> rotated = a.part(first, last) * factor;
        a.part(first, last) = rotated;
      });
    });
  }

  /// out ← out + a · factor
  void add(const TallBlock& a, const Eigen::MatrixXd& factor, TallBlock& out) const {
    for_rows([&](Index first, Index last) {
      one_thread([&] { out.part(first, last).noalias() += a.part(first, last) * factor; });
    });
  }

  /// The length of each vector.
  Eigen::VectorXd norms(const TallBlock& a) const {
    return sum(Eigen::VectorXd(Eigen::VectorXd::Zero(a.width())),
               [&](Index first, Index last) {
                 return Eigen::VectorXd(a.part(first, last).colwise().squaredNorm().transpose());
               })
        .cwiseSqrt();
  }

 private:
  Chunks chunks_;
  int threads_;
};

}  // namespace detail
CORYMB_END
