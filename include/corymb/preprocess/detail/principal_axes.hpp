#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/core/linalg.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/core/random.hpp>
#include <corymb/preprocess/detail/column_statistics.hpp>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The centred matrix A, n × d, in multiples of the largest unit of the columns. Its rows are made when they are
/// needed.
template <class T>
class CentredPoints {
 public:
  CentredPoints(const Points<T>& X, const ColumnStatistics& statistics)
      : X_(X), shift_(statistics.shift.data()), offset_(statistics.offset.data()), unit_(0) {
    // Constant columns have no unit of their own: theirs is 1, whatever the others spread over.
    for (Index j = 0; j < X.cols(); ++j)
      if (!statistics.constant[static_cast<std::size_t>(j)]) unit_ = std::max(unit_, statistics.unit[j]);
    if (unit_ == 0) unit_ = 1;
    inverse_ = 1 / unit_;
    for (Index j = 0; j < X.cols(); ++j) {
      if (statistics.constant[static_cast<std::size_t>(j)]) continue;
      const double part = statistics.unit[j] / unit_;
      squares_ += statistics.squares[j] * part * part;
    }
  }

  Index rows() const { return X_.rows(); }
  Index cols() const { return X_.cols(); }
  double unit() const { return unit_; }
  double squares() const { return squares_; }  ///< ‖A‖², in squared units

  /// A(i, j) for j in [begin, end), written `step` elements apart.
  void row(Index i, Index begin, Index end, double* out, Index step) const {
    const T* x = X_.row(i);
    for (Index j = begin; j < end; ++j, out += step)
      *out = ((static_cast<double>(x[j]) - shift_[j]) - offset_[j]) * inverse_;
  }

 private:
  const Points<T>& X_;
  const double* shift_;
  const double* offset_;
  double unit_;
  double inverse_ = 1;
  double squares_ = 0;
};

/// Orthonormal directions and the sums of squares of A along them, descending.
struct PrincipalAxes {
  Eigen::MatrixXd axes;  ///< d × m
  Vector squares;        ///< m, in squared units, ≥ 0
};

/// Rows or columns of A that are centred at a time.
inline constexpr Index slice_width = 256;

/// The chunks of a sum of `length` slices whose partial results have `size` doubles. Two at least, where the length
/// allows: large sums are worth a second thread.
inline Chunks chunks_of_sum(Index length, Index size) {
  constexpr Index budget = Index{1} << 22;
  return Chunks(length, slice_width, std::clamp<Index>(budget / std::max<Index>(size, 1), 2, 64));
}

/// Σ over chunks of the matrices that add(begin, end, sum) makes of each, in the order of the chunks.
template <class Add>
Eigen::MatrixXd chunked_sum(const Chunks& chunks, Index rows, Index cols, int threads, Add add) {
  std::vector<Eigen::MatrixXd> partial(static_cast<std::size_t>(chunks.count()));
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    Eigen::MatrixXd& sum = partial[static_cast<std::size_t>(chunk)];
    sum = Eigen::MatrixXd::Zero(rows, cols);
    one_thread([&] {
      for (Index begin = chunks.begin(chunk); begin < chunks.end(chunk); begin += slice_width)
        add(begin, std::min(begin + slice_width, chunks.end(chunk)), sum);
    });
  });
  for (std::size_t chunk = 1; chunk < partial.size(); ++chunk) partial[0] += partial[chunk];
  return std::move(partial[0]);
}

/// The lower triangle of AᵀA (d × d) or, for `gram`, of AAᵀ (n × n).
template <class T>
Eigen::MatrixXd squared_matrix(const CentredPoints<T>& A, bool gram, int threads) {
  const Index size = gram ? A.rows() : A.cols(), length = gram ? A.cols() : A.rows();
  return chunked_sum(chunks_of_sum(length, size * size), size, size, threads,
                     [&](Index begin, Index end, Eigen::MatrixXd& sum) {
                       Eigen::MatrixXd slice(size, end - begin);
                       if (gram)
                         for (Index i = 0; i < size; ++i) A.row(i, begin, end, slice.data() + i, size);
                       else
                         for (Index i = begin; i < end; ++i) A.row(i, 0, size, slice.col(i - begin).data(), 1);
                       sum.selfadjointView<Eigen::Lower>().rankUpdate(slice);
                     });
}

/// AᵀA Q for Q of l columns (d × l), or for `ritz` the projected QᵀAᵀA Q (l × l).
template <class T>
Eigen::MatrixXd times_covariance(const CentredPoints<T>& A, const Eigen::MatrixXd& Q, bool ritz, int threads) {
  const Index d = A.cols();
  return chunked_sum(chunks_of_sum(A.rows(), d * Q.cols()), ritz ? Q.cols() : d, Q.cols(), threads,
                     [&](Index begin, Index end, Eigen::MatrixXd& sum) {
                       Eigen::MatrixXd slice(d, end - begin);  // rows of A as columns
                       for (Index i = begin; i < end; ++i) A.row(i, 0, d, slice.col(i - begin).data(), 1);
                       const Eigen::MatrixXd projected = slice.transpose() * Q;
                       if (ritz)
                         sum.noalias() += projected.transpose() * projected;
                       else
                         sum.noalias() += slice * projected;
                     });
}

/// AᵀY of the Gram solver: combinations of the rows of A, d × m.
template <class T>
Eigen::MatrixXd combine_rows(const CentredPoints<T>& A, const Eigen::MatrixXd& Y, int threads) {
  Eigen::MatrixXd result(A.cols(), Y.cols());
  const Chunks chunks(A.cols(), slice_width);
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    one_thread([&] {
      for (Index begin = chunks.begin(chunk); begin < chunks.end(chunk); begin += slice_width) {
        const Index end = std::min(begin + slice_width, chunks.end(chunk));
        Eigen::MatrixXd slice(A.rows(), end - begin);
        for (Index i = 0; i < A.rows(); ++i) A.row(i, begin, end, slice.data() + i, A.rows());
        result.middleRows(begin, end - begin).noalias() = slice.transpose() * Y;
      }
    });
  });
  return result;
}

// The two decompositions are templates so that only programs that call them pay for compiling them.

/// An orthonormal basis whose first columns span the first columns of Z, whatever the rank of Z.
template <class Matrix>
Matrix orthonormal_basis(const Matrix& Z) {
  return one_thread([&]() -> Matrix {
    const Eigen::HouseholderQR<Matrix> qr(Z);
    return qr.householderQ() * Matrix::Identity(Z.rows(), Z.cols());
  });
}

/// The m largest eigenvalues and eigenvectors of a symmetric matrix, whose lower triangle is read, descending.
template <class Matrix>
PrincipalAxes largest_eigenpairs(const Matrix& symmetric, Index m) {
  return one_thread([&] {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(symmetric);
    if (solver.info() != Eigen::Success) throw NumericalError("corymb::pca: the eigenvalues did not converge");
    return PrincipalAxes{solver.eigenvectors().rightCols(m).rowwise().reverse(),
                         solver.eigenvalues().tail(m).reverse().cwiseMax(0.0)};
  });
}

inline void report_pca_step(const ProgressReporter& progress, std::string_view stage, std::int64_t step,
                            std::int64_t steps) {
  if (!progress(stage, step, steps, std::numeric_limits<double>::quiet_NaN()))
    throw Cancelled("corymb::pca: cancelled by the progress callback");
}

template <class T>
PrincipalAxes exact_axes(const CentredPoints<T>& A, Index m, int threads, const ProgressReporter& progress) {
  const bool gram = A.rows() < A.cols();
  const Eigen::MatrixXd squared = squared_matrix(A, gram, threads);
  report_pca_step(progress, "covariance", 1, 1);
  PrincipalAxes result = largest_eigenpairs(squared, m);
  // An eigenvector y of AAᵀ gives the direction Aᵀy of length sqrt(eigenvalue); without length, it is made up.
  if (gram) result.axes = orthonormal_basis(combine_rows(A, result.axes, threads));
  return result;
}

/// The number of directions that the randomized solver carries along, of at most min(n, d).
inline Index carried_directions(Index m, Index oversampling, Index most) {
  return oversampling < most - m ? m + oversampling : most;
}

/// Halko, Martinsson and Tropp, algorithm 4.4, on AᵀA with l directions: both halves of an iteration in one pass over
/// the rows.
template <class T>
PrincipalAxes randomized_axes(const CentredPoints<T>& A, Index m, Index l, int power_iterations, std::uint64_t seed,
                              int threads, const ProgressReporter& progress) {
  Eigen::MatrixXd Q(A.cols(), l);
  for (Index column = 0; column < l; ++column) {  // a stream for each: more of them leave the first as they were
    Random random(seed, {static_cast<std::uint64_t>(column)});
    for (Index j = 0; j < A.cols(); ++j) Q(j, column) = random.normal();
  }
  const std::int64_t steps = std::int64_t{power_iterations} + 2;
  Q = orthonormal_basis(Q);
  for (std::int64_t step = 1; step < steps; ++step) {
    Q = orthonormal_basis(times_covariance(A, Q, false, threads));
    report_pca_step(progress, "subspace iteration", step, steps);
  }
  PrincipalAxes result = largest_eigenpairs(times_covariance(A, Q, true, threads), m);
  report_pca_step(progress, "subspace iteration", steps, steps);
  result.axes = one_thread([&]() -> Eigen::MatrixXd { return Q * result.axes; });
  return result;
}

/// Gives every direction the sign of the documented convention.
inline void fix_signs(Eigen::MatrixXd& axes) {
  for (Index c = 0; c < axes.cols(); ++c) {
    const double enough = axes.col(c).cwiseAbs().maxCoeff() * (1 - 1e-6);
    Index j = 0;
    while (std::abs(axes(j, c)) < enough) ++j;
    if (axes(j, c) < 0) axes.col(c) = (0 - axes.col(c).array()).matrix();  // without negative zeros
  }
}

}  // namespace detail
CORYMB_END
