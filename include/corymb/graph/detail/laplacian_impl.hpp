#pragma once

#include <corymb/graph/detail/check_graph.hpp>
#include <corymb/graph/laplacian.hpp>

#include <cmath>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Degrees of affinities that are checked already.
template <class T, class StorageIndex>
Vector degrees_of(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W) {
  using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>;
  Vector result = Vector::Zero(W.rows());
  for (Index i = 0; i < W.rows(); ++i)
    for (typename Graph::InnerIterator entry(W, i); entry; ++entry)
      if (entry.col() != i) result[i] += static_cast<double>(entry.value());
  return result;
}

template <class T, class StorageIndex>
void check_affinities(std::string_view function, const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W) {
  check_graph(function, W, "W");
  check_not_negative(function, W, "W");
}

}  // namespace detail

template <class T, class StorageIndex>
Vector degrees(const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W) {
  detail::check_affinities("degrees", W);
  return detail::degrees_of(W);
}

template <class T, class StorageIndex>
Eigen::SparseMatrix<double, Eigen::RowMajor, Index> laplacian(
    const Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>& W, Laplacian kind) {
  using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>;
  detail::check_affinities("laplacian", W);
  const Vector degree = detail::degrees_of(W);
  const auto factor = [&](Index i, Index j) {
    if (kind == Laplacian::unnormalized) return 1.0;
    if (kind == Laplacian::random_walk) return 1 / degree[i];
    return 1 / std::sqrt(degree[i] * degree[j]);
  };
  std::vector<Eigen::Triplet<double, Index>> entries;
  entries.reserve(static_cast<std::size_t>(W.nonZeros() + W.rows()));
  for (Index i = 0; i < W.rows(); ++i) {
    entries.emplace_back(i, i, kind == Laplacian::unnormalized ? degree[i] : degree[i] > 0 ? 1.0 : 0.0);
    for (typename Graph::InnerIterator entry(W, i); entry; ++entry)
      if (entry.col() != i && entry.value() > T(0))
        entries.emplace_back(i, entry.col(), -static_cast<double>(entry.value()) * factor(i, entry.col()));
  }
  Eigen::SparseMatrix<double, Eigen::RowMajor, Index> result(W.rows(), W.rows());
  result.setFromTriplets(entries.begin(), entries.end());
  return result;
}

CORYMB_END
