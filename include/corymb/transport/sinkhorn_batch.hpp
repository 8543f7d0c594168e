#pragma once

#include <corymb/transport/sinkhorn.hpp>

#include <span>
#include <vector>

CORYMB_BEGIN

/// One of many small problems.
template <class T>
struct TransportProblem {
  RowMatrix<T> cost;        ///< n × k
  Vector row_mass = {};     ///< n; empty for 1 / n each
  Vector column_mass = {};  ///< k likewise
};

/// Many problems of entropic transport, of any sizes, in one call: result p is that of sinkhorn on problem p, to the
/// last bit. Threads work on different problems.
/// @param options  of all of them; initial_column_potential must be empty.
/// @throws InvalidArgument  what sinkhorn throws; the message begins with the number of the first such problem.
/// @throws MemoryLimitExceeded  the results would exceed execution.memory_limit.
/// @note Progress: stage "problems", after every few of them; the objective is unknown. Status::cancelled: problems
/// that
///       were not begun have empty plans and zero iterations.
/// @note Memory: the results, and for each thread what one problem needs.
template <class T>
std::vector<SinkhornResult<T>> sinkhorn_batch(std::span<const TransportProblem<T>> problems,
                                              const SinkhornOptions& options = {});

template <class T>
std::vector<SinkhornResult<T>> sinkhorn_batch(const std::vector<TransportProblem<T>>& problems,
                                              const SinkhornOptions& options = {}) {
  return sinkhorn_batch(std::span<const TransportProblem<T>>(problems), options);
}

CORYMB_END

#include <corymb/transport/detail/sinkhorn_batch_impl.hpp>
