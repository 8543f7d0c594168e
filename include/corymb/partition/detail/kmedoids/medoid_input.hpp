#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_columns.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

// Every form in which objects are given, for the algorithms that find medoids. An algorithm `Call` has:
//   name                        of the function, for messages
//   metric, execution           of the options
//   check(n)                    throws if an option or k is wrong
//   keeps_distances(n, taken)   whether the n² distances are to be computed once; throws if the memory does not
//   suffice,
//                               of which `taken` bytes are needed anyway
//   run(columns, largest)       the result; no distance is larger than `largest`, if that is known

CORYMB_BEGIN
namespace detail {

inline void require_no_metric(std::string_view function, const std::optional<Metric>& metric, std::string_view source) {
  if (metric) reject(function, "metric must be empty: the distances are those of the " + std::string(source));
}

template <class T, class Call>
KMedoidsResult<T> medoids_of_matrix(const DistanceMatrix<T>& D, const Call& call) {
  call.check(D.size());
  require_no_metric(call.name, call.metric, "matrix");
  call.check_matrix(D.size());
  const DistanceRange range = check_distances(call.name, D, resolve_threads(call.execution.threads));
  return call.run(MatrixColumns<T>(D, range.symmetric), range.largest);
}

template <class T, class F, class Call>
KMedoidsResult<T> medoids_of_function(Index n, const F& f, double taken, const Call& call) {
  const FunctionColumns<T, F> computed(call.name, n, f);
  if (!call.keeps_distances(n, taken)) return call.run(computed, std::nullopt);
  return call.run(StoredColumns<T>(computed, resolve_threads(call.execution.threads)), std::nullopt);
}

template <class F, class Call>
KMedoidsResult<DissimilarityScalar<F>> medoids_of_objects(const Dissimilarity<F>& objects, const Call& call) {
  using T = DissimilarityScalar<F>;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the callable of a dissimilarity must return float or double");
  call.check(objects.size);
  require_no_metric(call.name, call.metric, "callable");
  return medoids_of_function<T>(objects.size, objects.f, 0, call);
}

template <class Derived, class Call>
KMedoidsResult<typename Derived::Scalar> medoids_of_points(const Eigen::DenseBase<Derived>& X, const Call& call) {
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
  KMedoidsResult<T> result =
      keeps ? call.run(StoredColumns<T>(computed, threads), largest) : call.run(computed, largest);
  result.centers = gather_rows<T>(points, result.medoids);
  result.metric = metric;
  return result;
}

template <class Derived, class Callable, class Call>
KMedoidsResult<typename Derived::Scalar> medoids_of_points(const Eigen::DenseBase<Derived>& X, const Callable& f,
                                                           const Call& call) {
  using T = typename Derived::Scalar;
  require_columns(call.name, X.cols());
  call.check(X.rows());
  require_no_metric(call.name, call.metric, "callable");
  const Points<T> points = points_of(call.name, X, call.execution);
  check_points(call.name, points, resolve_threads(call.execution.threads));
  const auto of_objects = [&](Index i, Index j) { return static_cast<T>(f(points[i], points[j])); };
  KMedoidsResult<T> result = medoids_of_function<T>(points.rows(), of_objects, packed_bytes(X), call);
  result.centers = gather_rows<T>(points, result.medoids);
  return result;
}

}  // namespace detail
CORYMB_END
