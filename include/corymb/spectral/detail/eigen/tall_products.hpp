#pragma once

#include <corymb/core/linalg.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/spectral/detail/eigen/tall_block.hpp>

#include <utility>

CORYMB_BEGIN
namespace detail {

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
