#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/distance/metric.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <cstdint>

CORYMB_BEGIN

/// Options of OnlinePrototypes.
struct OnlinePrototypesOptions {
  /// Rows that are remembered, with their labels, ≥ 1: the latest ones.
  Index memory = 4096;
  /// In [0, 1): a batch moves each prototype to momentum · where it was + (1 − momentum) · the mean of its rows in
  /// memory.
  double momentum = 0.9;
  /// Costs of the transport are distances by this metric.
  Metric metric = Metric::cosine;
  /// Weight of the entropy, > 0, in units of the distance.
  double epsilon = 0.05;
  double tolerance = 1e-6;    ///< of each transport, see SinkhornOptions
  int max_iterations = 1000;  ///< sweeps of each transport at most
  /// Of k-means, which finds the first prototypes and those after a collapse.
  std::uint64_t seed = 0;
};

/// Labels for rows that arrive in batches, with clusters that stay in use (DyCE): each batch is shared out equally
/// among the prototypes by entropic transport, a row's label is where most of it goes, and prototypes follow the rows
/// that the memory holds of them. Where all rows in memory have one label, the prototypes are found anew.
///
/// A model is a value: a copy is a checkpoint. One model must not learn two batches at the same time.
/// @note Same bits for any number of threads and any storage order of the batches.
template <class T>
class OnlinePrototypes {
 public:
  /// Prototypes by k-means of some first rows, m × d, which then are the memory.
  /// @throws InvalidArgument  k outside [1, m], entries that are not finite, options out of range.
  template <class Derived>
  OnlinePrototypes(const Eigen::DenseBase<Derived>& first_rows, Index k, const OnlinePrototypesOptions& options = {},
                   const Execution& execution = {});

  /// Labels the rows of a batch, m × d, m ≥ 0, and learns them.
  /// @return  m labels in [0, k)
  /// @throws InvalidArgument  other columns, entries that are not finite; the model stays as it was.
  /// @note Time O(sweeps · m k + memory · d); memory O(m k).
  template <class Derived>
  Labels partial_fit(const Eigen::DenseBase<Derived>& batch, const Execution& execution = {});

  const RowMatrix<T>& prototypes() const { return prototypes_; }  ///< k × d
  std::int64_t batches() const { return batches_; }               ///< learnt so far
  int restarts() const { return restarts_; }                      ///< how often prototypes were found anew

 private:
  SinkhornOptions transport_options(const Execution& execution) const;
  void remember(const RowMatrix<T>& rows, const Labels& labels);
  void find_prototypes(const Execution& execution);
  void move_prototypes();

  OnlinePrototypesOptions options_;
  RowMatrix<T> prototypes_;
  RowMatrix<T> memory_;  // a ring: row `next_` is overwritten next
  Labels labels_;        // of the rows in memory
  Index remembered_ = 0;
  Index next_ = 0;
  std::int64_t batches_ = 0;
  int restarts_ = 0;
};

template <class Derived>
OnlinePrototypes(const Eigen::DenseBase<Derived>&, Index, const OnlinePrototypesOptions& = {}, const Execution& = {})
    -> OnlinePrototypes<typename Derived::Scalar>;

CORYMB_END

#include <corymb/transport/detail/online_prototypes_impl.hpp>
