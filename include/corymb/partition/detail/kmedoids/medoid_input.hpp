#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_columns.hpp>
#include <corymb/partition/detail/check_options.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

// Every form in which objects are given, for the algorithms that find medoids. An algorithm `Call` has:
//   name                  of the function, for messages
//   metric, execution     of the options
//   check(n)              throws if an option or k is wrong
//   check_matrix(n)       throws if an option does not suit a matrix, or the memory does not suffice
//   keeps_distances(n, taken)
//                         whether the n² distances are to be computed once; throws if the memory does not suffice, of
//                         which `taken` bytes are needed anyway
//   run(columns, largest) the result; no distance is larger than `largest`, if that is known
//   run_computed(columns, largest, X, metric)
//                         instead of run(), for points whose distances are not stored; optional
//   model(result)         the part of it that predict takes

CORYMB_BEGIN
namespace detail {

/// What the options of all algorithms that start from k objects must satisfy.
template <class Options>
void check_medoid_options(std::string_view function, Index n, Index k, const Options& options) {
  require_threads(function, options.execution.threads);
  check_restarts(function, options.restarts, !options.initial_medoids.empty());
  check_max_iterations(function, options.max_iterations);
  check_k(function, "objects", n, k, options.weights);
  check_numbers(function, "initial_medoids", "object", options.initial_medoids, n, k);
  for (const Index medoid : options.initial_medoids)
    if (options.weights.size() > 0 && options.weights[medoid] == 0)
      reject(function, "initial_medoids has " + to_text(medoid) + ", whose weight is 0; a medoid needs a weight");
}

/// Whether the n² distances are to be computed once.
/// @param taken  bytes that are needed anyway
/// @param fit    bytes of the fit: fit(whether the distances are stored)
template <class T, class Options, class Fit>
bool keeps_distances(std::string_view function, Index n, double taken, const Options& options, const Fit& fit) {
  const std::uint64_t limit = options.execution.memory_limit;
  const double allowed = static_cast<double>(limit > 0 ? limit : physical_memory()), stored = matrix_bytes<T>(n, n);
  const bool keeps = options.distances == KMedoidsDistances::stored ||
                     (options.distances == KMedoidsDistances::automatic && stored <= allowed / 2 &&
                      taken + stored + fit(true) <= allowed);
  require_memory(function, taken + (keeps ? stored : 0) + fit(keeps), limit,
                 keeps ? "use KMedoidsDistances::computed" : "use row-major data, fewer threads, or a sample");
  return keeps;
}

/// What holds where a matrix is given.
template <class Options>
void check_given_matrix(std::string_view function, double fit, const Options& options) {
  if (options.distances != KMedoidsDistances::automatic)
    reject(function, "distances must be automatic: a matrix is given");
  require_memory(function, fit, options.execution.memory_limit, "use fewer threads, or a sample");
}

template <class T, class Call>
auto medoids_of_matrix(const DistanceMatrix<T>& D, const Call& call) {
  call.check(D.size());
  require_no_metric(call.name, call.metric, "matrix");
  call.check_matrix(D.size());
  const DistanceRange range = check_distances(call.name, D, resolve_threads(call.execution.threads));
  return call.run(MatrixColumns<T>(D, range.symmetric), range.largest);
}

template <class T, class F, class Call>
auto medoids_of_function(Index n, const F& f, double taken, const Call& call) {
  const FunctionColumns<T, F> computed(call.name, n, f);
  if (!call.keeps_distances(n, taken)) return call.run(computed, std::nullopt);
  return call.run(StoredColumns<T>(computed, resolve_threads(call.execution.threads)), std::nullopt);
}

template <class F, class Call>
auto medoids_of_objects(const Dissimilarity<F>& objects, const Call& call) {
  using T = DissimilarityScalar<F>;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the callable of a dissimilarity must return float or double");
  call.check(objects.size);
  require_no_metric(call.name, call.metric, "callable");
  return medoids_of_function<T>(objects.size, objects.f, 0, call);
}

template <class Derived, class Call>
auto medoids_of_points(const Eigen::DenseBase<Derived>& X, const Call& call) {
  using T = typename Derived::Scalar;
  require_columns(call.name, X.cols());
  call.check(X.rows());
  const int threads = resolve_threads(call.execution.threads);
  const bool keeps = call.keeps_distances(X.rows(), packed_bytes(X));
  const Points<T> points(X);
  check_points(call.name, points, threads);
  const Metric metric = call.metric.value_or(Metric::euclidean);
  const PointColumns<T> computed(call.name, points, metric, threads);
  const double largest = computed.largest(threads);
  auto result = [&] {
    if (keeps) return call.run(StoredColumns<T>(computed, threads), largest);
    if constexpr (requires { call.run_computed(computed, largest, points, metric); })
      return call.run_computed(computed, largest, points, metric);
    else
      return call.run(computed, largest);
  }();
  KMedoidsResult<T>& model = call.model(result);
  model.centers = gather_rows<T>(points, model.medoids);
  model.metric = metric;
  return result;
}

template <class Derived, class Callable, class Call>
auto medoids_of_points(const Eigen::DenseBase<Derived>& X, const Callable& f, const Call& call) {
  using T = typename Derived::Scalar;
  require_columns(call.name, X.cols());
  call.check(X.rows());
  require_no_metric(call.name, call.metric, "callable");
  const Points<T> points = points_of(call.name, X, call.execution);
  check_points_of<Callable>(call.name, points, resolve_threads(call.execution.threads));
  const auto of_objects = [&](Index i, Index j) { return static_cast<T>(f(points[i], points[j])); };
  auto result = medoids_of_function<T>(points.rows(), of_objects, packed_bytes(X), call);
  KMedoidsResult<T>& model = call.model(result);
  model.centers = gather_rows<T>(points, model.medoids);
  return result;
}

}  // namespace detail
CORYMB_END
