#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/distance/detail/row_values.hpp>
#include <corymb/distance/distance_matrix.hpp>
#include <corymb/neighbors/detail/ball_tree.hpp>
#include <corymb/neighbors/detail/leaf_search.hpp>

#include <string_view>

CORYMB_BEGIN
namespace detail {

/// Where neighbours are looked for, and the rows that look for them: other rows, or the same ones.
template <class T>
struct NeighborSides {
  const Points<T>& X;
  const Points<T>& Q;
  bool others;  // Q is X, and a row is not its own neighbour
  std::string_view x_name = "X";
  std::string_view q_name = others ? x_name : "Q";
};

// "Trees" make the trees that a search goes through, or there are none: `exist`.
//   memory(sides)                       bytes of the trees, with what their making takes
//   with_geometry(sides, threads, use)  returns use(geometry), see leaf_search.hpp

struct NoTrees {
  static constexpr bool exist = false;
};

/// For values that compare rows coordinate by coordinate.
template <class T>
struct BoxTrees {
  static constexpr bool exist = true;
  PairValue kind;

  double memory(const NeighborSides<T>& sides) const {
    return KdTree<T>::memory(sides.X.rows(), sides.X.cols()) +
           (sides.others ? 0 : KdTree<T>::memory(sides.Q.rows(), sides.Q.cols()));
  }

  template <class Use>
  auto with_geometry(const NeighborSides<T>& sides, int threads, const Use& use) const {
    const KdTree<T> points(sides.X, threads);
    if (sides.others) return use(BoxGeometry<T>(points, points, kind));
    const KdTree<T> queries(sides.Q, threads);
    return use(BoxGeometry<T>(points, queries, kind));
  }
};

/// For values that obey the triangle inequality.
/// @tparam Space  distances(A, B, use) returns use(make), where make() gives a thread its own distance(i, j) of row i
/// of
///                A and row j of B
template <class T, class Space>
struct BallTrees {
  static constexpr bool exist = true;
  Space space;

  double memory(const NeighborSides<T>& sides) const {
    return BallTree<T>::memory(sides.X.rows()) + (sides.others ? 0 : BallTree<T>::memory(sides.Q.rows()));
  }

  template <class Use>
  auto with_geometry(const NeighborSides<T>& sides, int threads, const Use& use) const {
    return space.distances(sides.X, sides.X, [&](const auto& of_x) {
      const BallTree<T> points(sides.X.rows(), of_x, threads);
      if (sides.others) return use(BallGeometry(points, points, of_x()));
      return space.distances(sides.Q, sides.Q, [&](const auto& of_q) {
        const BallTree<T> queries(sides.Q.rows(), of_q, threads);
        return space.distances(sides.Q, sides.X,
                               [&](const auto& of_both) { return use(BallGeometry(points, queries, of_both())); });
      });
    });
  }
};

/// Rows under a metric.
template <class T>
struct MetricSpace {
  std::string_view function;
  Metric metric;
  int threads;

  /// One pair after the other.
  class Distance {
   public:
    explicit Distance(const MetricValues<T>& values) : values_(&values) {}
    Distance(const Distance& other) : values_(other.values_) {}
    T operator()(Index i, Index j) {
      T value;
      (*values_)(i, i + 1, {j, j + 1}, &value, scratch_);
      return value;
    }

   private:
    const MetricValues<T>* values_;
    ValuesScratch scratch_;
  };

  template <class Use>
  auto distances(const Points<T>& A, const Points<T>& B, const Use& use) const {
    const MetricValues<T> values(function, A, B, metric, "X", "X", threads);
    return use([&values] { return Distance(values); });
  }
};

/// Rows under a callable that is a metric.
template <class T, class Callable>
struct CallableSpace {
  std::string_view function;
  const Callable& f;

  template <class Use>
  auto distances(const Points<T>& A, const Points<T>& B, const Use& use) const {
    const auto distance = [this, &A, &B](Index i, Index j) {
      return checked_distance(function, "rows", i, j, static_cast<T>(f(A[i], B[j])));
    };
    return use([&distance] { return distance; });
  }
};

/// Objects whose dissimilarity is a metric.
template <class F>
struct ObjectSpace {
  using T = DissimilarityScalar<F>;
  std::string_view function;
  const Dissimilarity<F>& D;

  template <class Use>
  auto distances(const Points<T>&, const Points<T>&, const Use& use) const {
    const auto distance = [this](Index i, Index j) {
      return i == j ? T(0) : checked_distance(function, "objects", i, j, D.f(i, j));
    };
    return use([&distance] { return distance; });
  }
};

}  // namespace detail
CORYMB_END
