#pragma once

#include <corymb/core/types.hpp>
#include <corymb/distance/nearest.hpp>

#include <Eigen/SparseCore>

CORYMB_BEGIN

/// Which edges a graph of nearest neighbours has.
enum class NeighborEdges {
  directed,   ///< (i, j) where j is among the nearest neighbours of i
  symmetric,  ///< (i, j) and (j, i) where either is among those of the other
  mutual,     ///< (i, j) and (j, i) where each is among those of the other
};

/// The graph of nearest neighbours, its entries their distances. An entry may be stored and be 0: a duplicate. Where
/// the distances in both directions differ, both entries of a symmetric or mutual graph are the smaller one.
/// @param near  of each row the nearest other rows, as nearest_neighbors(X, k) gives them
/// @return      n × n, compressed, rows ascending; at most 2 n k entries
/// @throws InvalidArgument  a row number that is not in [0, n).
/// @note Time and memory O(n k).
template <class T>
Eigen::SparseMatrix<T, Eigen::RowMajor, Index> neighbor_graph(const NearestManyResult<T>& near,
                                                              NeighborEdges edges = NeighborEdges::symmetric);

CORYMB_END

#include <corymb/graph/detail/neighbor_graph_impl.hpp>
