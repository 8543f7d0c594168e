#pragma once

#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/distance/pairwise.hpp>

CORYMB_BEGIN
namespace detail {

template <class Callable, class T, class MakeValues>
RowMatrix<T> pairwise(std::string_view function, const Points<T>& X, const Points<T>& Y, const Execution& execution,
                      const MakeValues& make_values) {
  check_two<Callable>(function, X, "X", Y, "Y", execution);
  require_memory(function, static_cast<double>(X.rows()) * static_cast<double>(Y.rows()) * sizeof(T),
                 execution.memory_limit, "corymb::nearest and corymb::nearest_many need no matrix");
  const auto values = make_values();
  RowMatrix<T> result(X.rows(), Y.rows());
  if (result.size() == 0) return result;
  const Index block = rows_per_block(Y.rows()), blocks = (X.rows() + block - 1) / block;
  const int threads = resolve_threads(execution.threads);
  std::vector<ValuesScratch> scratch(static_cast<std::size_t>(threads));
  parallel_for(threads, blocks, [&](Index task, int worker) {
    const Index first = task * block, last = std::min(first + block, X.rows());
    T* out = result.data() + first * Y.rows();
    values(first, last, out, scratch[static_cast<std::size_t>(worker)]);
    values.finish(out, (last - first) * Y.rows());
  });
  return result;
}

template <class T>
RowMatrix<T> pairwise_by_metric(std::string_view function, const Points<T>& X, const Points<T>& Y, Metric metric,
                                const Execution& execution) {
  return pairwise<void>(function, X, Y, execution, [&] {
    return MetricValues<T>(function, X, Y, metric, "X", "Y", resolve_threads(execution.threads));
  });
}

}  // namespace detail

template <class DerivedX, class DerivedY>
RowMatrix<typename DerivedX::Scalar> pairwise_distances(const Eigen::DenseBase<DerivedX>& X,
                                                        const Eigen::DenseBase<DerivedY>& Y, Metric metric,
                                                        const Execution& execution) {
  constexpr std::string_view function = "pairwise_distances";
  return detail::pairwise_by_metric(function, detail::points_of(function, X, execution),
                                    detail::points_of(function, Y, execution), metric, execution);
}

template <class DerivedX, class DerivedY, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename DerivedX::Scalar>,
                             std::span<const typename DerivedX::Scalar>>
    RowMatrix<typename DerivedX::Scalar> pairwise_distances(const Eigen::DenseBase<DerivedX>& X,
                                                            const Eigen::DenseBase<DerivedY>& Y, const Callable& f,
                                                            const Execution& execution) {
  using T = typename DerivedX::Scalar;
  constexpr std::string_view function = "pairwise_distances";
  const Points<T> x = detail::points_of(function, X, execution), y = detail::points_of(function, Y, execution);
  return detail::pairwise<Callable>(function, x, y, execution,
                                    [&] { return detail::CallableValues<T, Callable>(function, x, y, f); });
}

CORYMB_END
