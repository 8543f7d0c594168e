#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/graph/detail/minimum_spanning_tree_impl.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

// The forms in which distances are given. The input has been checked. Row numbers of a part are ascending.
//   T, rows()
//   whole(run)           returns run(sides, values, trees, find): see neighbor_calls.hpp; find(call) finds a spanning
//                        tree of the sides' rows
//   part(rows, run)      the same for some of the rows
//   pairs(from, to, run) returns run(sides, values, trees): for each of some rows the others

/// Rows under a metric.
template <class Scalar>
class MetricForm {
 public:
  using T = Scalar;
  MetricForm(std::string_view function, const Points<T>& X, std::optional<Metric> metric,
             SpanningTreeAlgorithm algorithm, const Execution& execution)
      : function_(function),
        X_(X),
        search_(spanning_tree_search(function, algorithm, metric, execution,
                                     spanning_tree_search_of<T>(metric.value_or(Metric::euclidean)))) {}

  Index rows() const { return X_.rows(); }

  template <class Run>
  auto whole(const Run& run) const {
    return of_rows(X_, run);
  }
  template <class Run>
  auto part(std::span<const Index> rows, const Run& run) const {
    const RowMatrix<T> some = gathered(rows);
    return of_rows(Points<T>(some), run);
  }
  template <class Run>
  auto pairs(std::span<const Index> from, std::span<const Index> to, const Run& run) const {
    const RowMatrix<T> q = gathered(from), x = gathered(to);
    const Points<T> X(x), Q(q);
    return with_metric(function_, NeighborSides<T>{X, Q, false}, search_, run);
  }

 private:
  template <class Run>
  auto of_rows(const Points<T>& X, const Run& run) const {
    return with_metric(function_, NeighborSides<T>{X, X, true}, search_,
                       [&](const auto& sides, const auto& values, const auto& trees) {
                         return run(sides, values, trees, [&](SpanningTreeCall& call) {
                           return spanning_tree_of_metric(sides, values, trees, call);
                         });
                       });
  }
  RowMatrix<T> gathered(std::span<const Index> rows) const {
    require_memory(function_, matrix_bytes<T>(static_cast<Index>(rows.size()), X_.cols()),
                   search_.execution.memory_limit, "leave out rows without weight or with missing values");
    return gather_rows<T>(X_, rows);
  }

  std::string_view function_;
  const Points<T>& X_;
  NeighborOptions search_;
};

/// Rows under a distance of the caller's.
template <class Scalar, class Callable>
class CallableForm {
 public:
  using T = Scalar;
  CallableForm(std::string_view function, const Points<T>& X, const Callable& f, SpanningTreeAlgorithm algorithm,
               const Execution& execution)
      : function_(function),
        X_(X),
        f_(f),
        search_(spanning_tree_search(function, algorithm, std::nullopt, execution, NeighborSearch::ball_tree)) {}

  Index rows() const { return X_.rows(); }

  template <class Run>
  auto whole(const Run& run) const {
    return of_rows(X_, run);
  }
  template <class Run>
  auto part(std::span<const Index> rows, const Run& run) const {
    const RowMatrix<T> some = gather_rows<T>(X_, rows);
    return of_rows(Points<T>(some), run);
  }
  template <class Run>
  auto pairs(std::span<const Index> from, std::span<const Index> to, const Run& run) const {
    const RowMatrix<T> q = gather_rows<T>(X_, from), x = gather_rows<T>(X_, to);
    const Points<T> X(x), Q(q);
    return with_callable(function_, NeighborSides<T>{X, Q, false}, f_, search_, run);
  }

 private:
  template <class Run>
  auto of_rows(const Points<T>& X, const Run& run) const {
    const auto distance = [&](Index i, Index j) {
      return checked_distance(function_, "rows", i, j, static_cast<T>(f_(X[i], X[j])));
    };
    return with_callable(function_, NeighborSides<T>{X, X, true}, f_, search_,
                         [&](const auto& sides, const auto& values, const auto& trees) {
                           return run(sides, values, trees, [&](SpanningTreeCall& call) {
                             return spanning_tree_of_distances(sides, values, trees, distance, call);
                           });
                         });
  }

  std::string_view function_;
  const Points<T>& X_;
  const Callable& f_;
  NeighborOptions search_;
};

/// Objects whose dissimilarities are computed, or known: of those that a caller's is about, some.
/// @tparam F  of a Dissimilarity
template <class F>
class ObjectForm {
 public:
  using T = DissimilarityScalar<F>;
  ObjectForm(std::string_view function, const Dissimilarity<F>& D, SpanningTreeAlgorithm algorithm, NeighborSearch tree,
             const Execution& execution)
      : function_(function), D_(D), search_(spanning_tree_search(function, algorithm, std::nullopt, execution, tree)) {}

  Index rows() const { return D_.size; }

  template <class Run>
  auto whole(const Run& run) const {
    return of_objects(D_, run);
  }
  template <class Run>
  auto part(std::span<const Index> rows, const Run& run) const {
    return of_objects(dissimilarity(static_cast<Index>(rows.size()),
                                    [this, rows](Index i, Index j) {
                                      return D_.f(rows[static_cast<std::size_t>(i)], rows[static_cast<std::size_t>(j)]);
                                    }),
                      run);
  }
  template <class Run>
  auto pairs(std::span<const Index> from, std::span<const Index> to, const Run& run) const {
    const Points<T> X(nullptr, static_cast<Index>(to.size()), 0, 0), Q(nullptr, static_cast<Index>(from.size()), 0, 0);
    return run(NeighborSides<T>{X, Q, false}, PairValues{*this, from, to}, NoTrees());
  }

 private:
  struct PairValues {
    const ObjectForm& form;
    std::span<const Index> from;
    std::span<const Index> to;
    void operator()(Index first, Index last, T* out, ValuesScratch&) const {
      for (Index i = first; i < last; ++i)
        for (const Index j : to) {
          const Index of = from[static_cast<std::size_t>(i)];
          *out++ = of == j ? T(0) : checked_distance(form.function_, "objects", of, j, form.D_.f(of, j));
        }
    }
    void finish(T*, Index) const {}
  };

  template <class G, class Run>
  auto of_objects(const Dissimilarity<G>& D, const Run& run) const {
    const auto distance = [&](Index i, Index j) { return checked_distance(function_, "objects", i, j, D.f(i, j)); };
    return with_object_sides(function_, D, search_, [&](const auto& sides, const auto& values, const auto& trees) {
      return run(sides, values, trees, [&](SpanningTreeCall& call) {
        return spanning_tree_of_distances(sides, values, trees, distance, call);
      });
    });
  }

  std::string_view function_;
  const Dissimilarity<F>& D_;
  NeighborOptions search_;
};

/// A matrix that has been checked, as a dissimilarity.
template <class T>
auto objects_of(const DistanceMatrix<T>& D) {
  return dissimilarity(D.size(), [&D](Index i, Index j) { return D(i, j); });
}

}  // namespace detail
CORYMB_END
