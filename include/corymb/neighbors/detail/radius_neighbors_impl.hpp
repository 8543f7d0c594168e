#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>
#include <corymb/neighbors/detail/radius_search.hpp>
#include <corymb/neighbors/radius_neighbors.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline void check_radius(std::string_view function, double radius) {
  if (!(radius >= 0) || std::isinf(radius)) reject(function, "radius = " + to_text(radius) + " must be finite and ≥ 0");
}

/// Counts or lists what is within a radius, for whatever the distances are of.
struct RadiusCall {
  std::string_view function;
  double radius;
  const Execution& execution;

  /// How many neighbours every query has.
  template <class T, class Values>
  NeighborCounts count(const NeighborSides<T>& sides, const Values& values, std::optional<PairValue> kind) const {
    require(search_memory(sides, kind.has_value(), resolve_threads(execution.threads)));
    return count_by(RadiusSearch<T, Values>(function, sides, values, kind, radius, execution), sides);
  }

  /// The neighbours of every query.
  template <class T, class Values>
  RadiusNeighbors<T> list(const NeighborSides<T>& sides, const Values& values, std::optional<PairValue> kind) const {
    const double taken = search_memory(sides, kind.has_value(), resolve_threads(execution.threads));
    require(taken);
    const RadiusSearch<T, Values> search(function, sides, values, kind, radius, execution);
    const Index m = sides.Q.rows();
    std::vector<Index> begin(static_cast<std::size_t>(m + 1));
    const NeighborCounts counts = count_by(search, sides);
    std::partial_sum(counts.begin(), counts.end(), begin.begin() + 1);
    const double entry = sizeof(T) + sizeof(Index);
    require(taken + static_cast<double>(begin.back()) * entry + static_cast<double>(m) * 3 * sizeof(Index));
    RadiusNeighbors<T> result(m, sides.X.rows());
    result.resizeNonZeros(begin.back());
    std::copy(begin.begin(), begin.end(), result.outerIndexPtr());
    std::vector<Index> next(begin.begin(), begin.end() - 1);
    search.for_pairs("lists", [&](Index q, Index i, T value) {
      if (sides.others && i == q) return;
      const Index to = next[static_cast<std::size_t>(q)]++;
      result.innerIndexPtr()[to] = i;
      result.valuePtr()[to] = value;
    });
    sort_rows(result);
    values.finish(result.valuePtr(), begin.back());
    return result;
  }

 private:
  void require(double bytes) const {
    require_memory(function, bytes, execution.memory_limit, "use a smaller radius, or ask for the rows of Q in parts");
  }

  template <class T, class Values>
  NeighborCounts count_by(const RadiusSearch<T, Values>& search, const NeighborSides<T>& sides) const {
    NeighborCounts counts = NeighborCounts::Constant(sides.Q.rows(), sides.others ? -1 : 0);
    search.for_pairs("counts", [&](Index q, Index, T) { ++counts[q]; });
    return counts;
  }

  template <class T>
  void sort_rows(RadiusNeighbors<T>& graph) const {
    const Chunks chunks(graph.rows());
    parallel_for(resolve_threads(execution.threads), chunks.count(), [&](Index chunk) {
      std::vector<std::pair<Index, T>> row;
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i) {
        const Index begin = graph.outerIndexPtr()[i], size = graph.outerIndexPtr()[i + 1] - begin;
        Index* column = graph.innerIndexPtr() + begin;
        T* value = graph.valuePtr() + begin;
        if (std::is_sorted(column, column + size)) continue;
        row.clear();
        for (Index e = 0; e < size; ++e) row.emplace_back(column[e], value[e]);
        std::sort(row.begin(), row.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        for (Index e = 0; e < size; ++e) {
          column[e] = row[static_cast<std::size_t>(e)].first;
          value[e] = row[static_cast<std::size_t>(e)].second;
        }
      }
    });
  }
};

/// What is called with sides, values and kind, see neighbor_calls.hpp.
inline auto radius_lister(const RadiusCall& call) {
  check_radius(call.function, call.radius);
  return [&call](const auto& sides, const auto& values, std::optional<PairValue> kind) {
    return call.list(sides, values, kind);
  };
}
inline auto radius_counter(const RadiusCall& call) {
  check_radius(call.function, call.radius);
  return [&call](const auto& sides, const auto& values, std::optional<PairValue> kind) {
    return call.count(sides, values, kind);
  };
}

}  // namespace detail

template <class Derived>
RadiusNeighbors<typename Derived::Scalar> radius_neighbors(const Eigen::DenseBase<Derived>& X, double radius,
                                                           const NeighborOptions& options) {
  const detail::RadiusCall call{"radius_neighbors", radius, options.execution};
  return detail::with_metric_sides(call.function, X, options, detail::radius_lister(call));
}

template <class DerivedX, class DerivedQ>
RadiusNeighbors<typename DerivedX::Scalar> radius_neighbors(const Eigen::DenseBase<DerivedX>& X,
                                                            const Eigen::DenseBase<DerivedQ>& Q, double radius,
                                                            const NeighborOptions& options) {
  const detail::RadiusCall call{"radius_neighbors", radius, options.execution};
  return detail::with_metric_sides(call.function, X, Q, options, detail::radius_lister(call));
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    RadiusNeighbors<typename Derived::Scalar> radius_neighbors(const Eigen::DenseBase<Derived>& X, double radius,
                                                               const Callable& f, const NeighborOptions& options) {
  const detail::RadiusCall call{"radius_neighbors", radius, options.execution};
  return detail::with_callable_sides(call.function, X, f, options, detail::radius_lister(call));
}

template <class T>
RadiusNeighbors<T> radius_neighbors(const DistanceMatrix<T>& D, double radius, const NeighborOptions& options) {
  const detail::RadiusCall call{"radius_neighbors", radius, options.execution};
  return detail::with_matrix_sides(call.function, D, options, detail::radius_lister(call));
}

template <class F>
RadiusNeighbors<DissimilarityScalar<F>> radius_neighbors(const Dissimilarity<F>& D, double radius,
                                                         const NeighborOptions& options) {
  const detail::RadiusCall call{"radius_neighbors", radius, options.execution};
  return detail::with_object_sides(call.function, D, options, detail::radius_lister(call));
}

template <class Derived>
NeighborCounts count_neighbors(const Eigen::DenseBase<Derived>& X, double radius, const NeighborOptions& options) {
  const detail::RadiusCall call{"count_neighbors", radius, options.execution};
  return detail::with_metric_sides(call.function, X, options, detail::radius_counter(call));
}

template <class DerivedX, class DerivedQ>
NeighborCounts count_neighbors(const Eigen::DenseBase<DerivedX>& X, const Eigen::DenseBase<DerivedQ>& Q, double radius,
                               const NeighborOptions& options) {
  const detail::RadiusCall call{"count_neighbors", radius, options.execution};
  return detail::with_metric_sides(call.function, X, Q, options, detail::radius_counter(call));
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    NeighborCounts count_neighbors(const Eigen::DenseBase<Derived>& X, double radius, const Callable& f,
                                   const NeighborOptions& options) {
  const detail::RadiusCall call{"count_neighbors", radius, options.execution};
  return detail::with_callable_sides(call.function, X, f, options, detail::radius_counter(call));
}

template <class T>
NeighborCounts count_neighbors(const DistanceMatrix<T>& D, double radius, const NeighborOptions& options) {
  const detail::RadiusCall call{"count_neighbors", radius, options.execution};
  return detail::with_matrix_sides(call.function, D, options, detail::radius_counter(call));
}

template <class F>
NeighborCounts count_neighbors(const Dissimilarity<F>& D, double radius, const NeighborOptions& options) {
  const detail::RadiusCall call{"count_neighbors", radius, options.execution};
  return detail::with_object_sides(call.function, D, options, detail::radius_counter(call));
}

CORYMB_END
