#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/random.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// m orthonormal axes that hold most of the variance of a sample of the rows, and the projection of rows onto them.
/// Projections are computed in double, whatever the scalar.
template <class T>
class PrincipalProjection {
 public:
  /// By orthogonal iteration on the covariance of at most 1024 rows, evenly spaced. Any orthonormal axes make valid
  /// bounds; better ones leave more out, so few steps are enough.
  PrincipalProjection(const Points<T>& X, Index m, int threads) : mean_(Vector::Zero(X.cols())) {
    const Index d = X.cols(), sampled = std::min<Index>(X.rows(), 1024);
    RowMatrix<double> A(sampled, d);
    for (Index i = 0; i < sampled; ++i) {
      const T* row = X.row(i * X.rows() / sampled);
      for (Index j = 0; j < d; ++j) A(i, j) = static_cast<double>(row[j]);
    }
    mean_ = A.colwise().mean();
    A.rowwise() -= mean_.transpose();
    const RowMatrix<double> At = A.transpose();
    axes_.resize(m, d);
    Random random(0, {0x617865});
    for (Index a = 0; a < m; ++a)
      for (Index j = 0; j < d; ++j) axes_(a, j) = random.normal();
    orthonormalize(axes_, random);
    for (int step = 0; step < 4; ++step) {
      const RowMatrix<double> along = multiply(A, axes_, threads);  // sampled × m
      axes_ = multiply(At, RowMatrix<double>(along.transpose()), threads).transpose();
      orthonormalize(axes_, random);
    }
    pack();
  }

  Index axes() const { return axes_.rows(); }

  /// Keeps the first m axes.
  void keep(Index m) {
    axes_ = RowMatrix<double>(axes_.topRows(m));
    pack();
  }

  /// The projection of rows [first, last) of X: out(i, a) for the axes, and rest(i) = the norm of what is left.
  void operator()(const Points<T>& X, int threads, T* out, Index out_stride, T* rest) const {
    const Index d = X.cols(), m = axes();
    constexpr Index block = 256;
    struct Worker {
      Scratch<double> centred, projected, kernel;
    };
    std::vector<Worker> workers(static_cast<std::size_t>(threads));
    parallel_for(threads, (X.rows() + block - 1) / block, [&](Index task, int w) {
      Worker& worker = workers[static_cast<std::size_t>(w)];
      const Index first = task * block, count = std::min(block, X.rows() - first);
      double* centred = worker.centred.reserve(block * d);
      double* projected = worker.projected.reserve(block * m);
      for (Index i = 0; i < count; ++i) {
        const T* row = X.row(first + i);
        for (Index j = 0; j < d; ++j) centred[i * d + j] = static_cast<double>(row[j]) - mean_[j];
      }
      kernels::project(compiled::ProjectTask<double>{{centred, count, d, d},
                                                     m,
                                                     packed_.data(),
                                                     projected,
                                                     m,
                                                     worker.kernel.reserve(kernels::defined_scratch_size(0.0, d))});
      for (Index i = 0; i < count; ++i) {
        double norm = 0, along = 0;
        for (Index j = 0; j < d; ++j) norm += centred[i * d + j] * centred[i * d + j];
        for (Index a = 0; a < m; ++a) {
          along += projected[i * m + a] * projected[i * m + a];
          out[(first + i) * out_stride + a] = static_cast<T>(projected[i * m + a]);
        }
        rest[first + i] = static_cast<T>(std::sqrt(std::max(norm - along, 0.0)));
      }
    });
  }

  /// How far a projected row, its rest included, can be from the exact one, in multiples of the norm of the centred
  /// row. What counts is the rest: ‖x‖² − ‖y‖² carries d + m roundings in double, and as many from axes that are
  /// orthonormal only up to rounding; its root carries the root of that. Then a few roundings to T.
  T slack() const {
    const double squared =
        16 * static_cast<double>(axes_.cols() + axes() + 16) * std::numeric_limits<double>::epsilon();
    return static_cast<T>(std::sqrt(squared)) + 4 * std::numeric_limits<T>::epsilon();
  }

 private:
  /// A Bᵀ by the kernel.
  static RowMatrix<double> multiply(const RowMatrix<double>& A, const RowMatrix<double>& B, int threads) {
    RowMatrix<double> result(A.rows(), B.rows());
    Scratch<double> packed(kernels::packed_size(0.0, B.rows(), B.cols()));
    kernels::pack_axes(rows_view(B), packed.data());
    constexpr Index block = 64;
    std::vector<Scratch<double>> scratch(static_cast<std::size_t>(threads));
    parallel_for(threads, (A.rows() + block - 1) / block, [&](Index task, int worker) {
      const Index first = task * block, count = std::min(block, A.rows() - first);
      kernels::project(compiled::ProjectTask<double>{
          {A.data() + first * A.cols(), count, A.cols(), A.cols()},
          B.rows(),
          packed.data(),
          result.data() + first * B.rows(),
          B.rows(),
          scratch[static_cast<std::size_t>(worker)].reserve(kernels::defined_scratch_size(0.0, A.cols()))});
    });
    return result;
  }

  /// Gram–Schmidt, twice: the second pass removes what the roundings of the first have left. A row without a direction
  /// of its own is replaced by a random one.
  static void orthonormalize(RowMatrix<double>& rows, Random& random) {
    for (Index a = 0; a < rows.rows(); ++a) {
      for (double before = rows.row(a).norm(), now = 0;; before = rows.row(a).norm()) {
        for (int pass = 0; pass < 2; ++pass)
          for (Index b = 0; b < a; ++b) rows.row(a) -= rows.row(a).dot(rows.row(b)) * rows.row(b);
        now = rows.row(a).norm();
        if (now > 1e-8 * before) {
          rows.row(a) /= now;
          break;
        }
        for (Index j = 0; j < rows.cols(); ++j) rows(a, j) = random.normal();
      }
    }
  }

  void pack() {
    kernels::pack_axes(rows_view(axes_), packed_.reserve(kernels::packed_size(0.0, axes(), axes_.cols())));
  }

  Vector mean_;
  RowMatrix<double> axes_;  // m × d
  Scratch<double> packed_;
};

}  // namespace detail
CORYMB_END
