#pragma once

#include <corymb/core/types.hpp>
#include <corymb/graph/laplacian.hpp>
#include <corymb/spectral/detail/affinities.hpp>
#include <corymb/spectral/detail/eigen/tall_products.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

CORYMB_BEGIN
namespace detail {

/// The operator whose largest eigenvalues are the smallest ones of a Laplacian of affinities W:
/// shift − L = S W S + diagonal, S diagonal. Nothing but W itself is stored.
class LaplacianOperator {
 public:
  /// @param component  of each row; rows of a negative one are put aside: they are connected to nothing, and their
  ///                   eigenvalues are the lowest of the operator
  LaplacianOperator(const AffinityOperator& affinity, Laplacian kind, const Labels& component, int threads)
      : affinity_(affinity),
        threads_(affinity.rows() < fewest_rows_to_share ? 1 : threads),
        scale_rows_(affinity.rows()),
        diagonal_(affinity.rows()) {
    const Vector& degrees = affinity.degrees();
    const bool normalized = kind != Laplacian::unnormalized;
    // Without any affinity every number is 0, whatever the shift.
    if (!normalized) shift_ = std::max(2 * degrees.maxCoeff(), std::numeric_limits<double>::min());
    for (Index i = 0; i < rows(); ++i) {
      const bool aside = component[i] < 0;
      const bool connected = degrees[i] > 0;
      scale_rows_[i] = aside ? 0 : !normalized ? 1 : connected ? 1 / std::sqrt(degrees[i]) : 0;
      // Of a normalised Laplacian, a row without affinities has a zero on the diagonal.
      const double own = aside ? (normalized ? -1 : 0) : !normalized ? shift_ - degrees[i] : connected ? 0 : 1;
      diagonal_[i] = own - scale_rows_[i] * scale_rows_[i] * affinity.self(i);
    }
  }

  Index rows() const { return affinity_.rows(); }
  int threads() const { return threads_; }
  /// An eigenvalue of the Laplacian is this less that of the operator. No eigenvalue of the operator is larger in
  /// magnitude, and tolerances are shares of it.
  double shift() const { return shift_; }

  /// y = (shift − L) x; calls finish(first, last) for rows of y that are done, on the thread that did them.
  template <class Finish>
  void multiply(const TallBlock& x, TallBlock& y, const Finish& finish) const {
    const Index width = x.width();
    if (!scaled_ || scaled_->width() != width) scaled_.emplace(rows(), width);
    TallBlock& scaled = *scaled_;
    TallProducts(rows(), threads_).for_rows([&](Index first, Index last) {
      scaled.part(first, last) = scale_rows_.segment(first, last - first).asDiagonal() * x.part(first, last);
    });
    const Index grain = affinity_.rows_per_task(), tasks = (rows() + grain - 1) / grain;
    parallel_for(threads_, tasks, [&](Index task, int worker) {
      const Index first = task * grain, last = std::min(first + grain, rows());
      affinity_.product(first, last, scaled.row(0), width, y.row(first), worker);
      for (Index i = first; i < last; ++i) {
        const double factor = scale_rows_[i], own = diagonal_[i];
        const double* from = x.row(i);
        double* to = y.row(i);
        for (Index c = 0; c < width; ++c) to[c] = factor * to[c] + own * from[c];
      }
      finish(first, last);
    });
  }

 private:
  static constexpr Index fewest_rows_to_share = 512;  // of fewer, a product is over before other threads are awake

  const AffinityOperator& affinity_;
  int threads_;
  Vector scale_rows_;
  Vector diagonal_;
  double shift_ = 1;
  mutable std::optional<TallBlock> scaled_;  // memory that one product leaves to the next
};

}  // namespace detail
CORYMB_END
