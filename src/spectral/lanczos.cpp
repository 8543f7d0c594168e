// Lanczos by the Spectra library. It and Eigen are compiled here under names of their own (see CMakeLists.txt), because
// the linker would else merge their code with a consumer's, which may be built with other flags.
#include <corymb/core/config.hpp>

#include <cstddef>

#if defined(CORYMB_WITH_SPECTRA)
#include <Spectra/SymEigsSolver.h>
#endif

#include <corymb/spectral/detail/lanczos_task.hpp>

namespace corymb::compiled {

#if defined(CORYMB_WITH_SPECTRA)

namespace {

struct Operator {
  using Scalar = double;
  const LanczosTask& task;
  Eigen::Index rows() const { return task.rows; }
  Eigen::Index cols() const { return task.rows; }
  void perform_op(const double* x, double* y) const { task.multiply(task.context, x, y); }
};

}  // namespace

bool has_lanczos() { return true; }

std::ptrdiff_t lanczos(const LanczosTask& task) {
  Operator op{task};
  Spectra::SymEigsSolver<Operator> solver(op, task.wanted, task.basis);
  solver.init(task.start);
  solver.compute(Spectra::SortRule::LargestAlge, task.max_restarts, task.tolerance, Spectra::SortRule::LargestAlge);
  const Eigen::VectorXd values = solver.eigenvalues();
  const Eigen::MatrixXd vectors = solver.eigenvectors();
  Eigen::Map<Eigen::VectorXd>(task.values, task.wanted).setZero();
  Eigen::Map<Eigen::MatrixXd>(task.vectors, task.rows, task.wanted).setZero();
  Eigen::Map<Eigen::VectorXd>(task.values, values.size()) = values;
  Eigen::Map<Eigen::MatrixXd>(task.vectors, task.rows, vectors.cols()) = vectors;
  return solver.info() == Spectra::CompInfo::Successful ? solver.num_iterations() : -1;
}

#else

bool has_lanczos() { return false; }
std::ptrdiff_t lanczos(const LanczosTask&) { return -1; }

#endif

}  // namespace corymb::compiled
