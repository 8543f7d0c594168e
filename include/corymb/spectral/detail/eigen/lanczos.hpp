#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/linalg.hpp>
#include <corymb/core/random.hpp>
#include <corymb/spectral/detail/eigen/eigenpairs.hpp>
#include <corymb/spectral/detail/eigen/known_vectors.hpp>
#include <corymb/spectral/detail/eigen/tall_block.hpp>
#include <corymb/spectral/detail/lanczos_task.hpp>

#include <algorithm>
#include <string>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// How many vectors are kept between restarts.
inline Index lanczos_basis(Index wanted) { return std::max<Index>(2 * wanted + 1, wanted + 20); }

/// One vector at a time, with the known ones moved below all others.
template <class Operator>
class LanczosOperator {
 public:
  LanczosOperator(const Operator& op, const KnownVectors& known)
      : op_(op), known_(known), x_(op.rows(), TallBlock::padded(1)), y_(op.rows(), x_.width()) {
    x_.part(0, op.rows()).setZero();
  }

  void operator()(const double* x, double* y) {
    const Index n = op_.rows();
    x_.part(0, n).col(0) = Eigen::Map<const Vector>(x, n);
    op_.multiply(x_, y_, [](Index, Index) {});
    Eigen::Map<Vector> out(y, n);
    out = y_.part(0, n).col(0);
    out -= 4 * op_.shift() * known_.projection(Eigen::Map<const Vector>(x, n));
  }

 private:
  const Operator& op_;
  const KnownVectors& known_;
  TallBlock x_, y_;
};

template <class Operator, class Report>
Eigenpairs lanczos_eigenpairs([[maybe_unused]] std::string_view function, [[maybe_unused]] const Operator& op,
                              [[maybe_unused]] const KnownVectors& known, [[maybe_unused]] const EigenTask& task,
                              [[maybe_unused]] const Report& report) {
  Eigenpairs result;
#if defined(CORYMB_COMPILED)
  const Index n = op.rows(), basis = lanczos_basis(task.wanted);
  struct Context {
    LanczosOperator<Operator> apply;
    const Report& report;
    Index products;
    Index basis;
  } context{{op, known}, report, 0, basis};
  const auto multiply = [](void* data, const double* x, double* y) {
    auto& shared = *static_cast<Context*>(data);
    shared.apply(x, y);
    if (++shared.products % shared.basis == 0)
      shared.report(static_cast<int>(shared.products / shared.basis), not_a_number);
  };
  Vector start(n);
  Random random(task.seed);
  for (Index i = 0; i < n; ++i) start[i] = random.uniform(-1, 1);
  result.values.resize(task.wanted);
  Eigen::MatrixXd vectors(n, task.wanted);
  const Index restarts = one_thread([&] {
    return compiled::lanczos({n, task.wanted, basis, task.tolerance / 10, task.max_iterations, multiply, &context,
                              start.data(), result.values.data(), vectors.data()});
  });
  if (restarts < 0)
    throw NumericalError("corymb::" + std::string(function) +
                         ": lanczos has not found all eigenvectors within max_eigen_iterations = " +
                         to_text(task.max_iterations) + " restarts; allow more, or use chebyshev");
  result.vectors = vectors;
  result.residuals = residuals_of(op, result.vectors, result.values);
  result.converged = result.residuals.maxCoeff() <= task.tolerance * op.shift();
  result.iterations = static_cast<int>(restarts);
#endif
  return result;
}

}  // namespace detail
CORYMB_END
