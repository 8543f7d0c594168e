#pragma once

#include <corymb/core/union_find.hpp>
#include <corymb/graph/connected_components.hpp>
#include <corymb/graph/detail/check_graph.hpp>

CORYMB_BEGIN

template <class T, class StorageIndex>
ConnectedComponents connected_components(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& G) {
  detail::check_graph("connected_components", G);
  UnionFind sets(G.rows());
  for (Index i = 0; i < G.rows(); ++i)
    for (typename Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>::InnerIterator entry(G, i); entry; ++entry)
      sets.unite(i, entry.col());
  return {sets.labels(), static_cast<std::int32_t>(sets.sets())};
}

CORYMB_END
