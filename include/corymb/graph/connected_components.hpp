#pragma once

#include <corymb/core/types.hpp>

#include <Eigen/SparseCore>

#include <cstdint>

CORYMB_BEGIN

struct ConnectedComponents {
  Labels labels;                ///< n; components are numbered by their lowest row
  std::int32_t components = 0;  ///< how many there are
};

/// The components of a graph. A stored entry (i, j) joins rows i and j, in either direction, also where it is 0.
/// @param G  n × n, compressed or not; finite
/// @throws InvalidArgument  a matrix that is not square, an entry that is not finite.
/// @note Time O(e α(n)) for e entries, memory O(n).
template <class T, class StorageIndex>
ConnectedComponents connected_components(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& G);

CORYMB_END

#include <corymb/graph/detail/connected_components_impl.hpp>
