#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/points.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>

#include <functional>
#include <memory>

CORYMB_BEGIN

/// What it costs to send a unit of mass from each of n rows to each of k columns: a matrix, or numbers that are
/// computed where they are wanted and never stored. Costs may be negative; +infinity forbids a pair. Functions that
/// take one reject NaN and -infinity, with the entry's name.
///
/// Wherever a CostMatrix is taken, a matrix of Eigen may be given as it is. Copies are cheap.
template <class T>
class CostMatrix {
 public:
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "corymb: costs must be float or double");

  /// Writes the costs of the pairs of rows first_row to first_row + rows − 1 and columns first_column to
  /// first_column + columns − 1 into out, row-major and without gaps.
  using Block = std::function<void(Index first_row, Index rows, Index first_column, Index columns, T* out)>;
  /// Writes the costs of rows first to first + count − 1 to all columns into out, row-major.
  using Rows = std::function<void(Index first, Index count, T* out)>;

  /// A matrix, n × k. Row-major memory is borrowed and must live as long as this; other layouts and expressions are
  /// copied once.
  template <class Derived>
  explicit CostMatrix(const Eigen::DenseBase<Derived>& cost)
      : stored_(std::make_shared<const Points<T>>(cost)), rows_(stored_->rows()), cols_(stored_->cols()) {}

  /// n × k costs that `compute` writes row by row. It is called by several threads at once, for a few rows at a time
  /// and for every row many times; it must write the same costs every time. What it throws leaves the algorithm.
  /// @throws InvalidArgument  n or k is negative, or compute is empty.
  CostMatrix(Index n, Index k, Rows compute);

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  /// The matrix, or none where costs are computed.
  const Points<T>* stored() const { return stored_.get(); }

  /// Writes costs as a Block does; the pairs must exist.
  void block(Index first_row, Index rows, Index first_column, Index columns, T* out) const;

  /// For the functions of the library that make one: costs by blocks.
  CostMatrix(Index n, Index k, Block compute, std::shared_ptr<const void> kept)
      : compute_(std::move(compute)), kept_(std::move(kept)), rows_(n), cols_(k) {}

 private:
  std::shared_ptr<const Points<T>> stored_;
  Block compute_;
  std::shared_ptr<const void> kept_;  // what compute_ refers to
  Index rows_;
  Index cols_;
};

template <class Derived>
CostMatrix(const Eigen::DenseBase<Derived>&) -> CostMatrix<typename Derived::Scalar>;

struct PointCostOptions {
  Metric metric = Metric::euclidean;
  /// Costs are distances to this power: 1 or 2. With the Euclidean metric and 2, the squared distances of k-means.
  int power = 2;
  Execution execution = {};
};

/// The distances of n points from k others, as costs, computed where they are wanted: no n × k matrix is stored.
/// @param X  n × d, finite. Row-major memory is borrowed and must live as long as the result; other layouts are copied.
/// @param C  k × d likewise, of the same scalar type.
/// @throws InvalidArgument  what pairwise_distances throws, or a power other than 1 and 2.
/// @throws MemoryLimitExceeded  a copy would exceed execution.memory_limit.
template <class DerivedX, class DerivedC>
CostMatrix<typename DerivedX::Scalar> point_costs(const Eigen::DenseBase<DerivedX>& X,
                                                  const Eigen::DenseBase<DerivedC>& C,
                                                  const PointCostOptions& options = {});

CORYMB_END

#include <corymb/transport/detail/cost_matrix_impl.hpp>
