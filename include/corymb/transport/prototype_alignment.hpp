#pragma once

#include <corymb/transport/sinkhorn.hpp>

CORYMB_BEGIN

struct PrototypeAlignmentOptions {
  int passes = 10;             ///< ≥ 0: how often the prototypes move
  double epsilon = 0.05;       ///< weight of the entropy, > 0, for costs of at most 1
  double tolerance = 1e-6;     ///< of each transport, see SinkhornOptions
  int max_iterations = 1000;   ///< sweeps of each transport at most
  Vector prototype_mass = {};  ///< k shares > 0 of the queries; empty for equal ones
  Execution execution = {};
};

template <class T>
struct PrototypeAlignment {
  Labels labels;                      ///< m: the nearest prototype of each query, the lower one on ties
  RowMatrix<T> prototypes;            ///< k × d, after the last pass
  Status status = Status::converged;  ///< cancelled, or that of the last transport
  int passes = 0;                     ///< done
};

/// Moves prototypes of classes, found on some examples, to where a batch of queries is (OpTA): in each pass the queries
/// are transported to the prototypes, costs being squared distances over the largest one, in equal shares, and each
/// prototype becomes the mean of what it received.
/// @param prototypes  k × d, k ≥ 1, finite
/// @param queries     m × d, m ≥ 1, finite
/// @throws InvalidArgument  no rows or columns, other columns, entries that are not finite, options out of range.
/// @note Progress: stage "align", once for each pass. Same bits for any number of threads and any storage order.
/// @note Time O(passes · sweeps · m k), memory O(m k).
template <class DerivedS, class DerivedQ>
PrototypeAlignment<typename DerivedS::Scalar> align_prototypes(const Eigen::DenseBase<DerivedS>& prototypes,
                                                               const Eigen::DenseBase<DerivedQ>& queries,
                                                               const PrototypeAlignmentOptions& options = {});

CORYMB_END

#include <corymb/transport/detail/prototype_alignment_impl.hpp>
