#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/partition/detail/best_of_restarts.hpp>
#include <corymb/partition/detail/check_options.hpp>
#include <corymb/partition/detail/seeding.hpp>
#include <corymb/preprocess/detail/column_statistics.hpp>
#include <corymb/transport/detail/barycentres.hpp>
#include <corymb/transport/detail/sinkhorn/sinkhorn_impl.hpp>
#include <corymb/transport/soft_balanced_kmeans.hpp>

#include <cmath>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline void check_soft_balanced_kmeans(std::string_view function, const SoftBalancedKMeansOptions& options, Index n,
                                       Index k) {
  require_threads(function, options.execution.threads);
  check_k(function, "rows", n, k, options.weights);
  check_max_iterations(function, options.max_iterations);
  if (!(options.relative_epsilon > 0) || std::isinf(options.relative_epsilon))
    reject(function, "relative_epsilon = " + to_text(options.relative_epsilon) + " must be finite and > 0");
  if (!(options.tolerance >= 0)) reject(function, "tolerance = " + to_text(options.tolerance) + " must be ≥ 0");
  if (options.sizes.size() != 0 && options.sizes.size() != k)
    reject(function, "sizes has " + to_text(options.sizes.size()) + " entries; one per cluster, k = " + to_text(k) +
                         ", is needed");
  for (Index j = 0; j < options.sizes.size(); ++j)
    if (!(options.sizes[j] > 0) || std::isinf(options.sizes[j]))
      reject(function, "sizes(" + to_text(j) + ") = " + to_text(options.sizes[j]) + " must be finite and > 0");
}

}  // namespace detail

template <class Derived>
SoftBalancedKMeans<typename Derived::Scalar> soft_balanced_kmeans(const Eigen::DenseBase<Derived>& X, Index k,
                                                                  const SoftBalancedKMeansOptions& options) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "soft_balanced_kmeans";
  const Index n = X.rows();
  detail::require_columns(function, X.cols());
  detail::check_soft_balanced_kmeans(function, options, n, k);
  detail::require_memory(function, detail::packed_bytes(X) + 3 * detail::matrix_bytes<T>(n, k),
                         options.execution.memory_limit, "corymb::balanced_kmeans stores no memberships");
  const Points<T> points(X);
  const int threads = resolve_threads(options.execution.threads);
  detail::check_points(function, points, threads);
  const detail::ProgressReporter report(options.execution.on_progress);
  const double* weight = options.weights.size() > 0 ? options.weights.data() : nullptr;
  const double variance = detail::column_statistics(points, weight, threads).variances().sum();

  Random random(options.seed);
  std::vector<Index> seeds = detail::seed_rows(points, k, options.init, weight, threads, random, [&](Index done) {
    return report("seeding", done, k, detail::not_a_number);
  });
  const bool cancelled_while_seeding = static_cast<Index>(seeds.size()) < k;
  if (cancelled_while_seeding) detail::fill_with_lowest_rows(n, k, weight, seeds);
  SoftBalancedKMeans<T> result;
  result.centroids = detail::gather_rows(points, seeds);

  RowMatrix<double> exact = result.centroids.template cast<double>();
  const double total = weight != nullptr ? options.weights.sum() : static_cast<double>(n);
  const Vector row_mass = weight != nullptr ? Vector(options.weights / total) : Vector();
  const Vector column_mass = options.sizes.size() > 0 ? Vector(options.sizes / options.sizes.sum()) : Vector();
  SinkhornOptions transport{.epsilon = options.relative_epsilon * (variance > 0 ? variance : 1),
                            .algorithm = SinkhornAlgorithm::scaling,
                            .tolerance = options.transport_tolerance,
                            .max_iterations = options.transport_max_iterations,
                            .execution = {.threads = threads, .memory_limit = options.execution.memory_limit}};
  result.status = Status::iteration_limit;
  for (;;) {
    const CostMatrix<T> cost = detail::squared_distance_costs(function, points, result.centroids, threads);
    result.transport = detail::sinkhorn(function, cost, row_mass, column_mass, transport);
    transport.initial_column_potential = result.transport.column_potential;
    result.objective = result.transport.objective;
    ++result.iterations;
    const RowMatrix<double> moved = detail::barycentres(points, result.transport.plan, exact, threads);
    if ((moved - exact).squaredNorm() <= options.tolerance * variance) result.status = Status::converged;
    const bool goes_on =
        !cancelled_while_seeding && report("centroids", result.iterations, options.max_iterations, result.objective);
    if (cancelled_while_seeding || (!goes_on && result.status != Status::converged)) result.status = Status::cancelled;
    // The centroids stay where the memberships are those of the plan.
    if (result.status != Status::iteration_limit || result.iterations >= options.max_iterations) break;
    exact = moved;
    result.centroids = exact.template cast<T>();
  }
  result.transport.plan.resize(0, 0);
  result.sizes = total * result.transport.column_mass;
  const CostMatrix<T> cost = detail::squared_distance_costs(function, points, result.centroids, threads);
  result.memberships = predict_proba(result.transport, cost, {.threads = threads});
  result.labels = predict(result.transport, cost, {.threads = threads});
  return result;
}

CORYMB_END
