#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/matrix_view.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/points.hpp>
#include <corymb/hierarchy/agglomerative.hpp>
#include <corymb/hierarchy/detail/linkage_rules.hpp>
#include <corymb/hierarchy/detail/nearest_links.hpp>
#include <corymb/hierarchy/detail/present_rows.hpp>
#include <corymb/hierarchy/detail/triangle_clusters.hpp>
#include <corymb/hierarchy/detail/triangle_sources.hpp>
#include <corymb/hierarchy/detail/ward_clusters.hpp>
#include <corymb/neighbors/detail/kd_tree.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline void report_rows(const ProgressReporter& progress, std::string_view stage, Index done, Index total) {
  report_or_cancel(agglomerative_name, stage, progress, done, total);
}

template <class T, class Rule>
void require_triangle(Index clusters, int threads, const AgglomerativeOptions& options) {
  require_memory(
      agglomerative_name, TriangleClusters<T, Rule>::memory(clusters, threads), options.execution.memory_limit,
      sizeof(T) == sizeof(double) ? "float_triangle halves it; single linkage, and ward of rows, need no triangle"
                                  : "single linkage, and ward of rows, need no triangle");
}

// What follows returns merges, each after those that it builds on.

/// @param size  by row, > 0; empty = all 1
template <class T, class Rule, class Source>
std::vector<RowMerge> triangle_merges_by(Index n, std::span<const double> size, const Source& source,
                                         const AgglomerativeOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  require_triangle<T, Rule>(n, threads, options);
  if (n < 2) return {};
  const ProgressReporter progress(options.execution.on_progress);
  TriangleClusters<T, Rule> clusters(n, size, threads);
  clusters.fill(RowValues<T, Rule, Source>(source, size),
                [&](Index done) { report_rows(progress, "distances", done, n); });
  return merge_in_rounds(agglomerative_name, clusters, progress);
}

/// Rows, of which those that are each other's nearest stand side by side: the clusters of the first round.
class FirstRound {
 public:
  /// @param pairs  ascending
  FirstRound(Index n, std::span<const double> weights, std::span<const ClusterPair> pairs) {
    std::vector<std::int32_t> partner(static_cast<std::size_t>(n), -1);  // of a lower row; −2 = the row is a higher one
    for (const ClusterPair& pair : pairs) {
      partner[static_cast<std::size_t>(pair.a)] = pair.b;
      partner[static_cast<std::size_t>(pair.b)] = -2;
    }
    const auto add = [&](Index row) {
      order_.push_back(row);
      if (!weights.empty()) weights_.push_back(weights[static_cast<std::size_t>(row)]);
      return weights.empty() ? 1 : weights_.back();
    };
    for (Index row = 0; row < n; ++row) {
      const std::int32_t other = partner[static_cast<std::size_t>(row)];
      if (other == -2) continue;
      start_.push_back(static_cast<Index>(order_.size()));
      sizes_.push_back(add(row));
      if (other >= 0) sizes_.back() += add(other);
    }
    start_.push_back(n);
  }

  Index clusters() const { return static_cast<Index>(sizes_.size()); }
  const std::vector<Index>& order() const { return order_; }    ///< rows
  const std::vector<Index>& start() const { return start_; }    ///< by cluster, and n: where its rows begin
  std::span<const double> weights() const { return weights_; }  ///< in this order; empty = all 1
  std::span<const double> sizes() const { return sizes_; }      ///< by cluster
  std::int32_t row(std::int32_t cluster) const {
    return static_cast<std::int32_t>(order_[static_cast<std::size_t>(start_[static_cast<std::size_t>(cluster)])]);
  }

 private:
  std::vector<Index> order_, start_;
  std::vector<double> weights_, sizes_;
};

/// The pairs of rows that are each other's nearest, by the values of a rule.
template <class T, class Rule, class S, class SourceOf>
std::vector<ClusterPair> first_pairs(const Points<S>& X, std::span<const double> size, Metric metric,
                                     const SourceOf& source_of, const ProgressReporter& progress, int threads) {
  const Index n = X.rows();
  NearestLinks links(n);
  if (metric == Metric::euclidean) {
    // Of single rows Ward's distances are their own, and it is good at finding the nearest.
    WardClusters rows(matrix_view(X).template cast<double>(), std::vector<double>(static_cast<std::size_t>(n), 1.0),
                      KdTree<S>(X, threads).order(), threads);
    rows.start(links);
    report_rows(progress, "first round", n, n);
    std::vector<ClusterPair> pairs = links.take_pairs();
    for (ClusterPair& pair : pairs) pair.value = rows.height(pair.value);
    return pairs;
  }
  TriangleClusters<T, Rule> rows(n, size, threads);
  const auto source = source_of(X);
  rows.look(RowValues<T, Rule, decltype(source)>(source, size),
            [&](Index done) { report_rows(progress, "first round", done, n); });
  rows.start(links);
  return links.take_pairs();
}

/// Where distances cost less than memory: the first round keeps none, and the triangle is that of its clusters, about
/// two thirds of that of the rows. Not for Ward's rule: values are distances.
/// @param source_of  source_of(points) is their source
template <class T, class Rule, class S, class SourceOf>
std::vector<RowMerge> late_triangle_merges_by(const Points<S>& X, std::span<const double> size, Metric metric,
                                              const SourceOf& source_of, const AgglomerativeOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  require_triangle<T, Rule>(X.rows() / 2, threads, options);
  const ProgressReporter progress(options.execution.on_progress);
  std::vector<RowMerge> merges;
  const std::vector<ClusterPair> pairs = first_pairs<T, Rule>(X, size, metric, source_of, progress, threads);
  for (const ClusterPair& pair : pairs) merges.push_back({pair.a, pair.b, pair.value});
  const FirstRound first(X.rows(), size, pairs);
  require_triangle<T, Rule>(first.clusters(), threads, options);
  const RowMatrix<S> ordered = gather_rows<S>(X, first.order());
  const Points<S> points(ordered);
  const auto source = source_of(points);
  using Values = RowValues<T, Rule, decltype(source)>;
  const Values of_rows(source, first.weights());
  TriangleClusters<T, Rule> clusters(first.clusters(), first.sizes(), threads);
  clusters.fill(PairedValues<T, Rule, Values>(of_rows, first.start()),
                [&](Index done) { report_rows(progress, "distances", done, first.clusters()); });
  for (const RowMerge& merge : merge_in_rounds(agglomerative_name, clusters, progress))
    merges.push_back({first.row(merge.a), first.row(merge.b), merge.height});
  return merges;
}

/// Calls use(rule) for the rule of a linkage that needs a triangle.
template <class T, class Use>
std::vector<RowMerge> with_rule(Linkage linkage, const Use& use) {
  switch (linkage) {
    case Linkage::complete: return use(CompleteRule<T>());
    case Linkage::weighted: return use(WeightedRule<T>());
    case Linkage::ward: return use(WardRule<T>());
    default: return use(AverageRule<T>());
  }
}

/// By distances that are given, or cost too much to be asked for twice.
/// @tparam T  of the source
template <class T, class Source>
std::vector<RowMerge> triangle_merges(Index n, std::span<const double> size, Linkage linkage, const Source& source,
                                      const AgglomerativeOptions& options) {
  if constexpr (std::is_same_v<T, double>) {
    if (options.float_triangle)
      return with_rule<float>(linkage, [&](auto rule) {
        const auto lent = [&](RowRange rows, RowRange columns, T* out, LinkageScratch& scratch) {
          source(rows, columns, out, scratch);
        };
        return triangle_merges_by<float, decltype(rule)>(n, size, NarrowedSource(lent), options);
      });
  }
  return with_rule<T>(linkage,
                      [&](auto rule) { return triangle_merges_by<T, decltype(rule)>(n, size, source, options); });
}

/// By the distances of a metric, of rows no two of which are equal.
template <class T>
std::vector<RowMerge> metric_merges(const Points<T>& X, std::span<const double> size, Linkage linkage, Metric metric,
                                    const AgglomerativeOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  constexpr Index few_rows = 512;
  if (X.rows() < few_rows)
    return triangle_merges<T>(X.rows(), size, linkage, MetricSource<T>(X, metric, threads), options);
  if constexpr (std::is_same_v<T, double>) {
    if (options.float_triangle)
      return with_rule<float>(linkage, [&](auto rule) {
        return late_triangle_merges_by<float, decltype(rule)>(
            X, size, metric,
            [&](const Points<T>& points) { return NarrowedSource(MetricSource<T>(points, metric, threads)); }, options);
      });
  }
  return with_rule<T>(linkage, [&](auto rule) {
    return late_triangle_merges_by<T, decltype(rule)>(
        X, size, metric, [&](const Points<T>& points) { return MetricSource<T>(points, metric, threads); }, options);
  });
}

}  // namespace detail
CORYMB_END
