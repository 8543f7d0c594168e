#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/neighbors/detail/neighbor_search.hpp>

#include <Eigen/SparseCore>

#include <cmath>
#include <string>
#include <string_view>

CORYMB_BEGIN
namespace detail {

/// What every function of a graph checks: a square matrix of finite entries.
template <class T, class StorageIndex>
void check_graph(std::string_view function, const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& G,
                 std::string_view name = "G") {
  using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>;
  if (G.rows() != G.cols())
    reject(function,
           std::string(name) + " is " + to_text(G.rows()) + " x " + to_text(G.cols()) + "; it must be square");
  check_countable_rows(function, name, G.rows());
  for (Index i = 0; i < G.rows(); ++i)
    for (typename Graph::InnerIterator entry(G, i); entry; ++entry)
      if (!std::isfinite(entry.value()))
        reject(function, std::string(name) + "(" + to_text(i) + ", " + to_text(Index{entry.col()}) +
                             ") = " + to_text(entry.value()) + " must be finite");
}

/// That the entries are distances, or affinities.
template <class T, class StorageIndex>
void check_not_negative(std::string_view function, const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& G,
                        std::string_view name = "G") {
  using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>;
  for (Index i = 0; i < G.rows(); ++i)
    for (typename Graph::InnerIterator entry(G, i); entry; ++entry)
      if (entry.value() < T(0))
        reject(function, std::string(name) + "(" + to_text(i) + ", " + to_text(Index{entry.col()}) +
                             ") = " + to_text(entry.value()) + " must be ≥ 0");
}

}  // namespace detail
CORYMB_END
