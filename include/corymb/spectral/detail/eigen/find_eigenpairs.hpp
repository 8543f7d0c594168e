#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/spectral/detail/eigen/chebyshev_subspace.hpp>
#include <corymb/spectral/detail/eigen/lanczos.hpp>
#include <corymb/spectral/detail/laplacian_operator.hpp>
#include <corymb/spectral/spectral_options.hpp>

#include <Eigen/Eigenvalues>

#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// All of the operator as a matrix, the known vectors moved below all others.
template <class Operator>
Eigen::MatrixXd matrix_of(const Operator& op, const KnownVectors& known) {
  const Index n = op.rows();
  TallBlock identity(n, TallBlock::padded(n)), image(n, identity.width());
  identity.part(0, n).setIdentity();
  op.multiply(identity, image, [](Index, Index) {});
  Eigen::MatrixXd matrix = image.part(0, n).leftCols(n);
  matrix = ((matrix + matrix.transpose()) / 2).eval();
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i)
      for (Index c = 0; c < known.count(); ++c) matrix(i, j) -= 4 * op.shift() * known(i, c) * known(j, c);
  return matrix;
}

template <class Operator>
Eigenpairs dense_eigenpairs(const Operator& op, const KnownVectors& known, const EigenTask& task) {
  const Eigen::MatrixXd matrix = matrix_of(op, known);
  Eigenpairs result;
  one_thread([&] {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
    result.values = solver.eigenvalues().tail(task.wanted).reverse();
    result.vectors = solver.eigenvectors().rightCols(task.wanted).rowwise().reverse();
  });
  result.iterations = 1;
  result.residuals = residuals_of(op, result.vectors, result.values);
  return result;
}

/// The largest eigenpairs of a symmetric operator that are orthogonal to vectors that are known.
template <class Operator>
Eigenpairs find_eigenpairs(std::string_view function, const Operator& op, const KnownVectors& known,
                           const EigenTask& task, Eigensolver solver, const ProgressReporter& progress) {
  const Index unknown = op.rows() - known.count(), fewest = ChebyshevSubspace<Operator>::fewest_rows(task.wanted);
  if (solver == Eigensolver::automatic)
    solver = unknown < std::max<Index>(fewest, 128) ? Eigensolver::dense : Eigensolver::chebyshev;
  if ((solver == Eigensolver::chebyshev && unknown < fewest) ||
      (solver == Eigensolver::lanczos && unknown < lanczos_basis(task.wanted)))
    solver = Eigensolver::dense;
  const auto report = [&](int iteration, double residual) {
    if (!progress("eigenvectors", iteration, task.max_iterations, residual))
      throw Cancelled("corymb::" + std::string(function) + ": cancelled by the progress callback");
  };
  switch (solver) {
    case Eigensolver::automatic:
    case Eigensolver::chebyshev: return ChebyshevSubspace<Operator>(op, known, task).run(report);
    case Eigensolver::lanczos: return lanczos_eigenpairs(function, op, known, task, report);
    case Eigensolver::dense: break;
  }
  Eigenpairs result = dense_eigenpairs(op, known, task);
  report(1, result.residuals.maxCoeff());
  return result;
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_EIGENPAIRS_INSTANCES(Template)                                                          \
  Template Eigenpairs find_eigenpairs(std::string_view, const LaplacianOperator&, const KnownVectors&, \
                                      const EigenTask&, Eigensolver, const ProgressReporter&)
CORYMB_EIGENPAIRS_INSTANCES(extern template);
#endif

}  // namespace detail
CORYMB_END
