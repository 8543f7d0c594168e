#pragma once

#include <corymb/core/types.hpp>
#include <corymb/spectral/detail/eigen/tall_products.hpp>

#include <cmath>
#include <utility>

CORYMB_BEGIN
namespace detail {

/// Eigenvectors that are known beforehand, all of the largest eigenvalue: vector c is `entries` on the rows of
/// component c of a graph and zero elsewhere. Its length is one.
class KnownVectors {
 public:
  /// @param components  of every row, in [0, count), or negative: a row that belongs to none
  /// @param entries     > 0; scaled to length one within each component
  KnownVectors(Labels components, Index count, Vector entries)
      : components_(std::move(components)), count_(count), entries_(std::move(entries)) {
    Vector squares = Vector::Zero(count);
    for (Index i = 0; i < rows(); ++i)
      if (components_[i] >= 0) squares[components_[i]] += entries_[i] * entries_[i];
    for (Index i = 0; i < rows(); ++i)
      entries_[i] = components_[i] >= 0 ? entries_[i] / std::sqrt(squares[components_[i]]) : 0;
  }

  Index rows() const { return entries_.size(); }
  Index count() const { return count_; }
  /// Entry i of vector c.
  double operator()(Index i, Index c) const { return components_[i] == c ? entries_[i] : 0; }

  /// The part of a vector that these span.
  Vector projection(const Vector& x) const {
    Vector share = Vector::Zero(count_), result(rows());
    for (Index i = 0; i < rows(); ++i)
      if (components_[i] >= 0) share[components_[i]] += entries_[i] * x[i];
    for (Index i = 0; i < rows(); ++i) result[i] = components_[i] >= 0 ? entries_[i] * share[components_[i]] : 0;
    return result;
  }

  /// Makes vectors orthogonal to these.
  void project_out(TallBlock& block, const TallProducts& products) const {
    const Index width = block.width();
    const RowMatrix<double> share =
        products.sum(RowMatrix<double>(RowMatrix<double>::Zero(count_, width)), [&](Index first, Index last) {
          RowMatrix<double> part = RowMatrix<double>::Zero(count_, width);
          for (Index i = first; i < last; ++i)
            if (components_[i] >= 0) part.row(components_[i]) += entries_[i] * block.part(i, i + 1).row(0);
          return part;
        });
    products.for_rows([&](Index first, Index last) {
      for (Index i = first; i < last; ++i)
        if (components_[i] >= 0) block.part(i, i + 1).row(0) -= entries_[i] * share.row(components_[i]);
    });
  }

 private:
  Labels components_;
  Index count_;
  Vector entries_;
};

}  // namespace detail
CORYMB_END
