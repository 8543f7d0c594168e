#pragma once

#include <corymb/spectral/detail/eigen/find_eigenpairs.hpp>
#include <corymb/spectral/detail/laplacian_operator.hpp>
#include <corymb/spectral/detail/spectral_stages.hpp>

#include <cmath>
#include <string_view>
#include <utility>

CORYMB_BEGIN
namespace detail {

/// Makes the entry of largest magnitude of every column positive.
inline void fix_signs(RowMatrix<double>& vectors) {
  for (Index c = 0; c < vectors.cols(); ++c) {
    Index largest = 0;
    for (Index i = 1; i < vectors.rows(); ++i)
      if (std::abs(vectors(i, c)) > std::abs(vectors(largest, c))) largest = i;
    if (vectors(largest, c) < 0) vectors.col(c) = -vectors.col(c);
  }
}

CORYMB_INSTANCE_INLINE SpectralEmbedding embed(std::string_view function, const AffinityOperator& affinity,
                                               Index dimensions, const SpectralOptions& options,
                                               const ProgressReporter& progress) {
  const Index n = affinity.rows();
  const ConnectedComponents all = affinity.components();
  const ConnectedComponents counted = components_that_count(all, options.min_component_size, n);
  if (counted.components == 0)
    reject(function, "min_component_size = " + to_text(options.min_component_size) +
                         ": no connected component of the affinities has as many rows");
  const Index rows = (counted.labels.array() >= 0).count();
  if (dimensions > rows)
    reject(function, to_text(dimensions) + " eigenvectors are wanted of " + to_text(rows) +
                         " rows in components of at least min_component_size = " + to_text(options.min_component_size));
  SpectralEmbedding result;
  result.components = counted.components;
  result.component = counted.labels;
  result.degrees = affinity.degrees();

  const bool normalized = options.laplacian != Laplacian::unnormalized;
  const ConnectedComponents used = components_that_count(all, options.min_component_size, dimensions);
  if (used.components < counted.components) result.component = used.labels;
  Vector entries(n);  // of the null vectors
  for (Index i = 0; i < n; ++i) entries[i] = normalized && result.degrees[i] > 0 ? std::sqrt(result.degrees[i]) : 1;
  const KnownVectors known(used.labels, used.components, std::move(entries));

  result.eigenvalues = Vector::Zero(dimensions);
  result.residuals = Vector::Zero(dimensions);
  result.eigenvectors.resize(n, dimensions);
  for (Index c = 0; c < used.components; ++c)
    for (Index i = 0; i < n; ++i) result.eigenvectors(i, c) = known(i, c);
  const Index wanted = dimensions - used.components;
  if (wanted > 0) {
    const LaplacianOperator op(affinity, options.laplacian, used.labels, resolve_threads(options.execution.threads));
    const EigenTask task{wanted, options.eigen_tolerance, options.max_eigen_iterations, options.seed, op.threads()};
    const Eigenpairs pairs = find_eigenpairs(function, op, known, task, options.solver, progress);
    result.eigenvalues.tail(wanted) = (op.shift() - pairs.values.array()).max(0.0);
    result.residuals.tail(wanted) = pairs.residuals;
    result.eigenvectors.rightCols(wanted) = pairs.vectors;
    for (Index i = 0; i < n; ++i)
      if (used.labels[i] < 0) result.eigenvectors.row(i).setZero();  // they are, but for rounding
    result.iterations = pairs.iterations;
    result.status = pairs.converged ? Status::converged : Status::iteration_limit;
  }
  if (options.laplacian == Laplacian::random_walk)
    for (Index i = 0; i < n; ++i)
      if (result.degrees[i] > 0) result.eigenvectors.row(i) /= std::sqrt(result.degrees[i]);
  fix_signs(result.eigenvectors);
  return result;
}

}  // namespace detail
CORYMB_END
