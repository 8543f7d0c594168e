#pragma once

#include <corymb/core/random.hpp>
#include <corymb/spectral/detail/eigen/eigenpairs.hpp>
#include <corymb/spectral/detail/eigen/known_vectors.hpp>
#include <corymb/spectral/detail/eigen/tall_products.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Eigenvectors by Chebyshev-filtered subspace iteration: a block of vectors, some more than are wanted, is multiplied
/// by the Chebyshev polynomial that is small on the eigenvalues that are not wanted and grows fastest beyond them, is
/// made orthonormal and turned to the eigenvectors of the operator on its span (Rayleigh and Ritz). A short block
/// Lanczos run gives the first block and the interval. Zhou, Saad, Tiago and Chelikowsky (2006), doi:10.1016/
/// j.jcp.2006.03.017.
template <class Operator>
class ChebyshevSubspace {
 public:
  ChebyshevSubspace(const Operator& op, const KnownVectors& known, const EigenTask& task)
      : op_(op),
        known_(known),
        task_(task),
        products_(op.rows(), task.threads),
        width_(block_width(task.wanted)),
        q_(op.rows(), width_),
        aq_(op.rows(), width_),
        next_(op.rows(), width_) {}

  /// Vectors that are carried along: the more, the faster the last wanted ones converge.
  static Index block_width(Index wanted) { return TallBlock::padded(wanted + 3 + wanted / 8); }

  /// How many rows are too few: then a dense solver does it.
  static Index fewest_rows(Index wanted) { return (krylov_blocks + 2) * block_width(wanted); }

  /// @param report  report(iteration, largest residual) is called after each iteration
  template <class Report>
  Eigenpairs run(const Report& report) {
    start();
    int iteration = 1;
    report(iteration, largest_residual());
    while (!converged() && iteration < task_.max_iterations) {
      filter();
      orthonormalize(q_, {});
      op_.multiply(q_, aq_, [](Index, Index) {});
      rayleigh_ritz();
      report(++iteration, largest_residual());
    }
    Eigenpairs result;
    result.values = ritz_.head(task_.wanted);
    result.residuals = residuals_.head(task_.wanted);
    result.vectors.resize(op_.rows(), task_.wanted);
    products_.for_rows([&](Index first, Index last) {
      result.vectors.middleRows(first, last - first) = q_.part(first, last).leftCols(task_.wanted);
    });
    result.iterations = iteration;
    result.converged = converged();
    return result;
  }

 private:
  static constexpr Index krylov_blocks = 4;

  double largest_residual() const { return residuals_.head(task_.wanted).maxCoeff(); }
  bool converged() const { return largest_residual() <= task_.tolerance * op_.shift(); }

  void fill(TallBlock& block, Index column, std::uint64_t draw) const {
    products_.for_rows([&](Index first, Index last) {
      Random random(task_.seed, {draw, static_cast<std::uint64_t>(column), static_cast<std::uint64_t>(first)});
      for (Index i = first; i < last; ++i) block.row(i)[column] = random.uniform(-1, 1);
    });
  }

  /// Makes the vectors orthonormal, and orthogonal to the known ones and to those of other blocks. Directions that are
  /// not there, because the vectors depend on each other, are drawn at random.
  void orthonormalize(TallBlock& block, const std::vector<const TallBlock*>& others) {
    for (int pass = 0; pass < 8; ++pass) {
      const Eigen::VectorXd before = products_.norms(block);
      known_.project_out(block, products_);
      for (const TallBlock* other : others) products_.add(*other, -products_.inner(*other, block), block);
      Eigen::MatrixXd gram = products_.inner(block, block);
      if ((gram - Eigen::MatrixXd::Identity(width_, width_)).cwiseAbs().maxCoeff() < 1e-13 && pass > 0) return;
      Eigen::VectorXd scale(width_);
      for (Index c = 0; c < width_; ++c) {
        const double norm = std::sqrt(gram(c, c));
        const bool is_rounding = !(norm > 1e-11 * before[c]) || !(norm > 1e-290);
        scale[c] = is_rounding ? 0 : 1 / norm;
      }
      gram = scale.asDiagonal() * gram * scale.asDiagonal();
      std::vector<Index> lost;
      one_thread([&] {
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
        const double least = 1e-14 * static_cast<double>(width_) * solver.eigenvalues()[width_ - 1];
        Eigen::MatrixXd turn = scale.asDiagonal() * solver.eigenvectors();
        for (Index c = 0; c < width_; ++c) {
          const double value = solver.eigenvalues()[c];
          if (value > least)
            turn.col(c) /= std::sqrt(value);
          else
            lost.push_back(c);
        }
        gram = turn;
      });
      products_.rotate(block, gram);
      for (const Index c : lost) fill(block, c, ++draws_);
    }
  }

  /// Turns q_ and aq_ = A q_ to the eigenvectors of qᵀ A q, by descending eigenvalue.
  void rayleigh_ritz() {
    Eigen::MatrixXd turn;
    const Eigen::MatrixXd projected = products_.inner(q_, aq_);
    one_thread([&] {
      const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver((projected + projected.transpose()) / 2);
      ritz_ = solver.eigenvalues().reverse();
      turn = solver.eigenvectors().rowwise().reverse();
    });
    products_.rotate(q_, turn);
    products_.rotate(aq_, turn);
    find_residuals();
  }

  void find_residuals() {
    residuals_ = products_
                     .sum(Eigen::VectorXd(Eigen::VectorXd::Zero(width_)),
                          [&](Index first, Index last) {
                            Eigen::VectorXd squares = Eigen::VectorXd::Zero(width_);
                            for (Index i = first; i < last; ++i) {
                              const double *q = q_.row(i), *aq = aq_.row(i);
                              for (Index c = 0; c < width_; ++c) {
                                const double rest = aq[c] - ritz_[c] * q[c];
                                squares[c] += rest * rest;
                              }
                            }
                            return squares;
                          })
                     .cwiseSqrt();
  }

  /// Rayleigh and Ritz on a block Krylov space: the first vectors, and how low the eigenvalues reach.
  void start() {
    std::vector<TallBlock> basis, images;
    std::vector<const TallBlock*> earlier;
    basis.reserve(krylov_blocks);
    images.reserve(krylov_blocks);
    const Index size = krylov_blocks * width_;
    Eigen::MatrixXd projected = Eigen::MatrixXd::Zero(size, size);
    for (Index b = 0; b < krylov_blocks; ++b) {
      basis.emplace_back(op_.rows(), width_);
      images.emplace_back(op_.rows(), width_);
      if (b == 0)
        for (Index c = 0; c < width_; ++c) fill(basis[0], c, 0);
      else
        copy(images[static_cast<std::size_t>(b - 1)], basis[static_cast<std::size_t>(b)]);
      TallBlock& block = basis[static_cast<std::size_t>(b)];
      orthonormalize(block, earlier);
      op_.multiply(block, images[static_cast<std::size_t>(b)], [](Index, Index) {});
      earlier.push_back(&block);
      for (Index a = 0; a <= b; ++a)
        projected.block(a * width_, b * width_, width_, width_) =
            products_.inner(basis[static_cast<std::size_t>(a)], images[static_cast<std::size_t>(b)]);
    }
    projected = projected.selfadjointView<Eigen::Upper>();
    Eigen::MatrixXd turn;
    Eigen::VectorXd values;
    one_thread([&] {
      const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(projected);
      values = solver.eigenvalues().reverse();
      turn = solver.eigenvectors().rowwise().reverse();
    });
    // The lowest one first, for its residual: no eigenvalue is far below the lowest value less that.
    ritz_ = Eigen::VectorXd::Constant(width_, values[size - 1]);
    combine(basis, turn.col(size - 1).replicate(1, width_), q_);
    combine(images, turn.col(size - 1).replicate(1, width_), aq_);
    find_residuals();
    lowest_ = values[size - 1] - residuals_[0];
    ritz_ = values.head(width_);
    combine(basis, turn.leftCols(width_), q_);
    combine(images, turn.leftCols(width_), aq_);
    find_residuals();
  }

  void copy(const TallBlock& from, TallBlock& to) const {
    products_.for_rows([&](Index first, Index last) { to.part(first, last) = from.part(first, last); });
  }

  void combine(const std::vector<TallBlock>& blocks, const Eigen::MatrixXd& factors, TallBlock& out) const {
    products_.for_rows([&](Index first, Index last) { out.part(first, last).setZero(); });
    for (std::size_t b = 0; b < blocks.size(); ++b)
      products_.add(blocks[b], factors.middleRows(static_cast<Index>(b) * width_, width_), out);
  }

  /// How fast a polynomial grows at eigenvalue `value` with each degree: its logarithm.
  double growth(double value, double centre, double half) const {
    const double x = (value - centre) / half;
    return x > 1 ? std::acosh(x) : 0;
  }

  /// q ← T_degree(A) q, T scaled to the interval from lowest_ to the last Ritz value; its first product is in aq_.
  void filter() {
    lowest_ = std::min(lowest_, ritz_[width_ - 1] - 1e-3 * op_.shift());
    const double cut = ritz_[width_ - 1], top = std::max(ritz_[0], cut + 1e-14 * op_.shift());
    const double centre = (cut + lowest_) / 2, half = (cut - lowest_) / 2;
    // As much as the worst wanted vector asks for, if it grows as its eigenvalue says: but the first vector must not
    // outgrow the last wanted one by so much that little but the first is left of all of them.
    const double last_growth = growth(ritz_[task_.wanted - 1], centre, half);
    double degree = 4;
    for (Index c = 0; c < task_.wanted; ++c) {
      const double excess = std::log(residuals_[c] / (0.3 * task_.tolerance * op_.shift()));
      if (excess > 0) degree = std::max(degree, 1 + excess / std::max(growth(ritz_[c], centre, half), 1e-3));
    }
    degree = std::min(degree, 1 + std::log(1e9) / std::max(growth(top, centre, half) - last_growth, 1e-3));
    const int steps = static_cast<int>(std::clamp(std::ceil(degree), 2.0, 100.0));
    // Scaled so that it is 1 at the top: Zhou et al., Algorithm 3.
    const double first_sigma = half / (top - centre);
    double sigma = first_sigma;
    products_.for_rows([&](Index first, Index last) {
      next_.part(first, last) = (aq_.part(first, last) - centre * q_.part(first, last)) * (sigma / half);
    });
    TallBlock *before = &q_, *now = &next_, *then = &aq_;
    for (int step = 2; step <= steps; ++step) {
      const double next_sigma = 1 / (2 / first_sigma - sigma);
      const double scale = 2 * next_sigma / half, back = sigma * next_sigma;
      const TallBlock &x = *now, &z = *before;
      TallBlock& y = *then;
      op_.multiply(x, y, [&](Index first, Index last) {
        for (Index at = 0; at < (last - first) * width_; ++at)
          y.row(first)[at] = scale * (y.row(first)[at] - centre * x.row(first)[at]) - back * z.row(first)[at];
      });
      TallBlock* const oldest = before;
      before = now;
      now = then;
      then = oldest;
      sigma = next_sigma;
    }
    if (now != &q_) copy(*now, q_);
  }

  const Operator& op_;
  const KnownVectors& known_;
  const EigenTask& task_;
  TallProducts products_;
  Index width_;
  TallBlock q_, aq_, next_;
  Eigen::VectorXd ritz_, residuals_;
  double lowest_ = 0;
  std::uint64_t draws_ = 0;
};

}  // namespace detail
CORYMB_END
