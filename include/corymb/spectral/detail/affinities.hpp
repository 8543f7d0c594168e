#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/graph/connected_components.hpp>
#include <corymb/graph/detail/laplacian_impl.hpp>
#include <corymb/spectral/affinity_matrix.hpp>
#include <corymb/spectral/detail/affinity_values.hpp>
#include <corymb/spectral/detail/spectral_kernels.hpp>

#include <Eigen/SparseCore>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Affinities W of all pairs of n objects, in one of three forms. Virtual calls are made per block of rows.
class AffinityOperator {
 public:
  AffinityOperator() = default;
  AffinityOperator(const AffinityOperator&) = delete;
  virtual ~AffinityOperator() = default;

  Index rows() const { return degrees().size(); }
  /// Σ_j w_ij of each row, without w_ii.
  virtual const Vector& degrees() const = 0;
  /// w_ii, which is a part of products.
  virtual double self(Index i) const = 0;
  virtual Index rows_per_task() const = 0;
  virtual ConnectedComponents components() const = 0;
  /// out = rows [first, last) of W times a block of vectors; `worker` tells concurrent calls apart.
  virtual void product(Index first, Index last, const double* block, Index width, double* out, int worker) const = 0;
};

/// Rows of a dense matrix W that are asked for one at a time: which objects are connected. Affinities that are too
/// small to move any eigenvalue of the normalised Laplacian by more than rounding do not connect.
/// @param row  row(i) -> const T*, valid until the next call
template <class T, class Row>
ConnectedComponents components_of_rows(const Vector& degrees, const Row& row) {
  const Index n = degrees.size();
  const double share =
      static_cast<double>(std::numeric_limits<T>::epsilon()) / static_cast<double>(std::max<Index>(n, 1));
  ConnectedComponents result{Labels::Constant(n, -1), 0};
  std::vector<Index> unseen(static_cast<std::size_t>(n)), reached;
  for (Index i = 0; i < n; ++i) unseen[static_cast<std::size_t>(i)] = i;
  while (!unseen.empty()) {
    reached.assign(1, unseen.front());
    unseen.erase(unseen.begin());
    while (!reached.empty()) {
      const Index i = reached.back();
      reached.pop_back();
      result.labels[i] = result.components;
      if (unseen.empty()) continue;
      const T* affinity = row(i);
      const auto kept = std::remove_if(unseen.begin(), unseen.end(), [&](Index j) {
        const bool joins = static_cast<double>(affinity[j]) > share * std::sqrt(degrees[i] * degrees[j]);
        if (joins) reached.push_back(j);
        return joins;
      });
      unseen.erase(kept, unseen.end());
    }
    ++result.components;
  }
  return result;
}

/// A sparse matrix, borrowed.
template <class T>
class SparseAffinity final : public AffinityOperator {
 public:
  using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, Index>;

  /// @param W  compressed; checked already
  explicit SparseAffinity(const Graph& W) : W_(W), degrees_(degrees_of(W)), self_(Vector::Zero(W.rows())) {
    for (Index i = 0; i < W.rows(); ++i)
      for (typename Graph::InnerIterator entry(W, i); entry; ++entry)
        if (entry.col() == i) self_[i] += static_cast<double>(entry.value());
  }

  const Vector& degrees() const override { return degrees_; }
  double self(Index i) const override { return self_[i]; }
  Index rows_per_task() const override { return 512; }

  ConnectedComponents components() const override {
    UnionFind sets(rows());
    for (Index i = 0; i < rows(); ++i)
      for (typename Graph::InnerIterator entry(W_, i); entry; ++entry)
        if (entry.value() > T(0)) sets.unite(i, entry.col());
    return {sets.labels(), static_cast<std::int32_t>(sets.sets())};
  }

  void product(Index first, Index last, const double* block, Index width, double* out, int) const override {
    spectral_kernels::sparse_product(compiled::spectral::SparseProductTask<T>{
        W_.outerIndexPtr() + first, W_.innerIndexPtr(), W_.valuePtr(), last - first, block, width, out});
  }

 private:
  const Graph& W_;
  Vector degrees_;
  Vector self_;
};

/// A dense matrix, borrowed.
template <class T>
class DenseAffinity final : public AffinityOperator {
 public:
  /// @param degrees  Σ_j w_ij without the diagonal
  DenseAffinity(const AffinityMatrix<T>& W, Vector degrees) : W_(W), degrees_(std::move(degrees)) {}

  const Vector& degrees() const override { return degrees_; }
  double self(Index i) const override { return static_cast<double>(W_(i, i)); }
  Index rows_per_task() const override { return 48; }

  ConnectedComponents components() const override {
    return components_of_rows<T>(degrees_, [&](Index i) { return W_.row(i); });
  }

  void product(Index first, Index last, const double* block, Index width, double* out, int) const override {
    spectral_kernels::dense_product(
        compiled::spectral::DenseProductTask<T>{W_.row(first), W_.stride(), last - first, rows(), block, width, out});
  }

 private:
  const AffinityMatrix<T>& W_;
  Vector degrees_;
};

/// A dense matrix that is computed anew, some rows at a time, whenever it is multiplied.
/// @tparam Affinities  see affinity_values.hpp
template <class T, class Affinities>
class ComputedAffinity final : public AffinityOperator {
 public:
  /// @param degrees  as they were found by compute_affinities
  ComputedAffinity(const Affinities& affinities, Vector degrees, int threads)
      : affinities_(affinities), degrees_(std::move(degrees)), workers_(static_cast<std::size_t>(threads)) {}

  const Vector& degrees() const override { return degrees_; }
  double self(Index) const override { return 0; }
  /// Few enough that what a task computes stays in the cache.
  Index rows_per_task() const override {
    return std::clamp<Index>((Index{1} << 16) / std::max<Index>(rows(), 1), 6, 48);
  }

  ConnectedComponents components() const override {
    return components_of_rows<T>(degrees_, [&](Index i) { return compute(i, i + 1, workers_.front()); });
  }

  void product(Index first, Index last, const double* block, Index width, double* out, int worker) const override {
    const T* values = compute(first, last, workers_[static_cast<std::size_t>(worker)]);
    spectral_kernels::dense_product(
        compiled::spectral::DenseProductTask<T>{values, rows(), last - first, rows(), block, width, out});
  }

 private:
  struct Worker {
    Scratch<T> values;
    Scratch<double> sums;
    ValuesScratch scratch;
  };

  const T* compute(Index first, Index last, Worker& worker) const {
    T* values = worker.values.reserve((last - first) * rows());
    affinities_(first, last, values, worker.sums.reserve(last - first), worker.scratch);
    for (Index i = first; i < last; ++i) values[(i - first) * rows() + i] = T(0);
    return values;
  }

  const Affinities& affinities_;
  Vector degrees_;
  mutable std::vector<Worker> workers_;  // memory only: one entry per thread
};

/// All affinities of n objects to each other, gone through once: the degrees, and the matrix if it is to be kept. The
/// affinity of a row to itself is 0.
template <class T, class Affinities>
Vector compute_affinities(std::string_view function, const Affinities& affinities, RowMatrix<T>* keep, int threads,
                          const ProgressReporter& progress) {
  const Index n = affinities.columns(), grain = 16, tasks = (n + grain - 1) / grain;
  Vector degrees(n);
  struct Worker {
    Scratch<T> values;
    ValuesScratch scratch;
  };
  std::vector<Worker> workers(static_cast<std::size_t>(threads));
  reported_tasks(function, "affinities", progress, threads, tasks, [&](Index task, int w) {
    Worker& worker = workers[static_cast<std::size_t>(w)];
    const Index first = task * grain, last = std::min(first + grain, n);
    T* values = keep != nullptr ? keep->data() + first * n : worker.values.reserve(grain * n);
    affinities(first, last, values, degrees.data() + first, worker.scratch);
    for (Index i = first; i < last; ++i) {
      T& self = values[(i - first) * n + i];
      // The sum without it, not less it: an object that is far from all others has hardly more than its own.
      double sum = 0;
      if (degrees[i] - static_cast<double>(self) < 1e-3 * static_cast<double>(self)) {
        for (Index j = 0; j < n; ++j)
          if (j != i) sum += static_cast<double>(values[(i - first) * n + j]);
        degrees[i] = sum;
      } else {
        degrees[i] -= static_cast<double>(self);
      }
      self = T(0);
    }
  });
  return degrees;
}

}  // namespace detail
CORYMB_END
