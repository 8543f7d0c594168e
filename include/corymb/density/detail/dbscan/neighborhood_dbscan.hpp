#pragma once

#include <corymb/core/detail/concurrent_union_find.hpp>
#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/density/detail/dbscan/density_state.hpp>
#include <corymb/neighbors/detail/brute_rows.hpp>

#include <Eigen/SparseCore>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

// "Neighbourhoods" say who is within eps: for_rows(settings, stage, use) calls use(i, each) for all rows i, in
// parallel, where each(visit) calls visit(j) for all rows j within eps of i, and i itself.

/// By the values of all rows against all, see row_values.hpp.
template <class T, class Values>
class ValueNeighborhoods {
 public:
  /// @param limit  the largest value within eps
  ValueNeighborhoods(Index n, const Values& values, T limit) : n_(n), values_(values), limit_(limit) {}

  static double memory(Index n, int threads) {
    return static_cast<double>(n) * static_cast<double>(rows_per_block(n)) * threads * sizeof(T);
  }

  Index rows() const { return n_; }

  template <class Use>
  void for_rows(const DbscanSettings& settings, std::string_view stage, const Use& use) const {
    for_rows_of_values<T>(settings.function, stage, settings.progress, settings.threads, n_, n_, values_,
                          [&](Index i, const T* value, int) {
                            use(i, [&](const auto& visit) {
                              for (Index j = 0; j < n_; ++j)
                                if (value[j] <= limit_) visit(j);
                            });
                          });
  }

 private:
  Index n_;
  const Values& values_;
  T limit_;
};

/// By the entries of a graph.
template <class T, class StorageIndex>
class GraphNeighborhoods {
 public:
  using Graph = Eigen::SparseMatrix<T, Eigen::RowMajor, StorageIndex>;

  GraphNeighborhoods(const Graph& graph, double eps) : graph_(graph), eps_(eps) {}

  Index rows() const { return graph_.rows(); }

  template <class Use>
  void for_rows(const DbscanSettings& settings, std::string_view stage, const Use& use) const {
    constexpr Index block = 1024;
    const Index n = rows(), tasks = (n + block - 1) / block;
    reported_tasks(settings.function, stage, settings.progress, settings.threads, tasks, [&](Index task, int) {
      for (Index i = task * block; i < std::min((task + 1) * block, n); ++i)
        use(i, [&](const auto& visit) {
          visit(i);
          for (typename Graph::InnerIterator entry(graph_, i); entry; ++entry)
            if (entry.col() != i && static_cast<double>(entry.value()) <= eps_) visit(Index{entry.col()});
        });
    });
  }

 private:
  const Graph& graph_;
  double eps_;
};

/// DBSCAN by all neighbourhoods, three times: to count, to join, and to reach what is not core.
template <class Neighborhoods>
class NeighborhoodDbscan {
 public:
  NeighborhoodDbscan(const DbscanSettings& settings, Neighborhoods neighborhoods)
      : settings_(settings),
        neighborhoods_(std::move(neighborhoods)),
        density_(static_cast<std::size_t>(neighborhoods_.rows())) {}

  /// Bytes beyond those of the neighbourhoods.
  static double memory(Index n) { return static_cast<double>(n) * (sizeof(Density) + 3 * sizeof(std::int32_t)); }

  DbscanResult run() {
    const Index n = neighborhoods_.rows();
    const PointWeights& weights = settings_.weights;
    neighborhoods_.for_rows(settings_, "cores", [&](Index i, const auto& each) {
      PointWeights::Count sum = 0;
      if (weights.is_weighted())
        each([&](Index j) { sum += weights(j); });
      else
        each([&](Index) { ++sum; });
      density_[static_cast<std::size_t>(i)] = density_of(sum >= weights.needed(), weights(i) > 0);
    });
    ConcurrentUnionFind sets(n);
    neighborhoods_.for_rows(settings_, "clusters", [&](Index i, const auto& each) {
      if (is_core(i))
        each([&](Index j) {
          if (is_core(j)) sets.unite(i, j);
        });
    });
    DbscanResult result = number_clusters(n, sets, [&](Index i) { return is_core(i); });
    neighborhoods_.for_rows(settings_, "borders", [&](Index i, const auto& each) {
      if (!may_be_reached(density_[static_cast<std::size_t>(i)], settings_.border)) return;
      std::int32_t lowest = noise;
      each([&](Index j) {
        if (is_core(j)) reach_by(result.labels[j], lowest);
      });
      result.labels[i] = lowest;
    });
    return result;
  }

 private:
  bool is_core(Index i) const { return density_[static_cast<std::size_t>(i)] == Density::core; }

  const DbscanSettings& settings_;
  Neighborhoods neighborhoods_;
  std::vector<Density> density_;
};

}  // namespace detail
CORYMB_END
