#pragma once

#include <corymb/core/detail/gather_rows.hpp>
#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/progress.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/union_find.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/distance_matrix_impl.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/graph/minimum_spanning_tree.hpp>
#include <corymb/hierarchy/agglomerative.hpp>
#include <corymb/hierarchy/detail/equal_rows.hpp>
#include <corymb/hierarchy/detail/merge_order.hpp>
#include <corymb/hierarchy/detail/triangle_clusters.hpp>
#include <corymb/hierarchy/detail/ward_clusters.hpp>
#include <corymb/neighbors/detail/kd_tree.hpp>
#include <corymb/neighbors/detail/neighbor_calls.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view agglomerative_name = "agglomerative";

/// What every form of the call must satisfy.
inline void check_agglomerative(Index n, const AgglomerativeOptions& options) {
  constexpr std::string_view function = agglomerative_name;
  require_threads(function, options.execution.threads);
  constexpr Index most = (Index{1} << 30) - 1;  // nodes are numbered in 32 bits
  if (n > most) reject(function, "n = " + to_text(n) + " must be at most " + to_text(most));
  check_weights(function, options.weights, n);
  double least = 0, largest = 0;
  for (const double weight : options.weights) {
    if (weight > 0 && (least == 0 || weight < least)) least = weight;
    largest = std::max(largest, weight);
  }
  if (largest > 1e30 * least)
    reject(function, "weights are from " + to_text(least) + " to " + to_text(largest) +
                         "; they must be within a factor of 1e30 of each other (or 0)");
}

/// Rows of weight 0, ascending.
inline std::vector<std::int32_t> absent_rows(const Vector& weights) {
  std::vector<std::int32_t> rows;
  for (Index i = 0; i < weights.size(); ++i)
    if (!(weights[i] > 0)) rows.push_back(static_cast<std::int32_t>(i));
  return rows;
}

/// The rows that are present, and what belongs to them.
class PresentRows {
 public:
  PresentRows(Index n, const Vector& weights) : n_(n), absent_(absent_rows(weights)) {
    if (!absent_.empty())
      for (Index i = 0; i < n; ++i)
        if (weights[i] > 0) rows_.push_back(i);
    for (const double weight : weights)
      if (weight > 0) weights_.push_back(weight);
  }

  bool are_all() const { return absent_.empty(); }
  /// Where not all are present.
  std::span<const Index> rows() const { return rows_; }
  Index row(Index i) const { return are_all() ? i : rows_[static_cast<std::size_t>(i)]; }
  Index count() const { return n_ - static_cast<Index>(absent_.size()); }
  /// Empty = all 1.
  std::span<const double> weights() const { return weights_; }

  /// The dendrogram of all rows.
  Dendrogram dendrogram(std::vector<RowMerge> merges, const std::vector<std::int32_t>& order) const {
    if (!are_all())
      for (RowMerge& merge : merges) {
        merge.a = static_cast<std::int32_t>(row(merge.a));
        merge.b = static_cast<std::int32_t>(row(merge.b));
      }
    Dendrogram tree = dendrogram_of(n_, merges, order);
    tree.absent = absent_;
    return tree;
  }

 private:
  Index n_;
  std::vector<std::int32_t> absent_;
  std::vector<Index> rows_;
  std::vector<double> weights_;
};

/// Merges that were found in rounds.
inline Dendrogram ordered_dendrogram(const PresentRows& present, std::vector<RowMerge> merges) {
  const std::vector<std::int32_t> order = MergeOrder(present.count(), merges).run();
  return present.dendrogram(std::move(merges), order);
}

/// The edges of a spanning tree, in order.
inline Dendrogram single_dendrogram(const PresentRows& present, std::span<const Edge> edges) {
  std::vector<std::int32_t> above(static_cast<std::size_t>(present.count()));  // a lower row of the cluster
  std::iota(above.begin(), above.end(), 0);
  const auto lowest = [&](std::int32_t row) {
    while (above[static_cast<std::size_t>(row)] != row) {
      std::int32_t& next = above[static_cast<std::size_t>(row)];
      row = next = above[static_cast<std::size_t>(next)];
    }
    return row;
  };
  std::vector<RowMerge> merges;
  merges.reserve(edges.size());
  for (const Edge& edge : edges) {
    const std::int32_t x = lowest(edge.a), y = lowest(edge.b);
    merges.push_back({std::min(x, y), std::max(x, y), edge.weight});
    above[static_cast<std::size_t>(std::max(x, y))] = std::min(x, y);
  }
  return present.dendrogram(std::move(merges), {});
}

// ---- by a triangle of distances ----

// A "source" writes distances of some rows to some lower ones: source(rows, columns, out, scratch).

template <class T>
class MetricSource {
 public:
  MetricSource(const Points<T>& X, Metric metric, int threads)
      : values_(agglomerative_name, X, X, metric, "X", "X", threads) {}
  void operator()(RowRange rows, RowRange columns, T* out, LinkageScratch& scratch) const {
    values_(rows.first, rows.last, columns, out, scratch.kernels);
    values_.finish(out, rows.size() * columns.size());
  }

 private:
  MetricValues<T> values_;
};

/// Of the distances in both directions the smaller one.
template <class Distance>
class PairSource {
 public:
  explicit PairSource(const Distance& distance) : distance_(distance) {}
  template <class T>
  void operator()(RowRange rows, RowRange columns, T* out, LinkageScratch&) const {
    for (Index i = rows.first; i < rows.last; ++i)
      for (Index j = columns.first; j < columns.last; ++j, ++out)
        if (j < i) *out = std::min<T>(distance_(i, j), distance_(j, i));
  }

 private:
  const Distance& distance_;
};

/// A source of double for a triangle of float.
template <class Source>
class NarrowedSource {
 public:
  explicit NarrowedSource(Source source) : source_(std::move(source)) {}
  void operator()(RowRange rows, RowRange columns, float* out, LinkageScratch& scratch) const {
    const Index count = rows.size() * columns.size();
    double* wide = room_for<double>(scratch.wide, count);
    std::fill_n(wide, count, 0.0);  // a source may leave out what does not count
    source_(rows, columns, wide, scratch);
    for (Index i = 0; i < count; ++i) out[i] = static_cast<float>(wide[i]);
  }

 private:
  Source source_;
};

/// The values by which a rule keeps the distances of rows.
template <class T, class Rule, class Source>
class RowValues {
 public:
  /// @param size  by row; empty = all 1
  RowValues(const Source& source, std::span<const double> size) : source_(source), size_(size) {}
  void operator()(RowRange rows, RowRange columns, T* out, LinkageScratch& scratch) const {
    source_(rows, columns, out, scratch);
    if (size_.empty()) {
      if constexpr (!Rule::begins_with_distances)
        for (Index p = 0; p < rows.size() * columns.size(); ++p) out[p] = Rule::first(out[p], T(1), T(1));
      return;
    }
    for (Index i = rows.first; i < rows.last; ++i)
      for (Index j = columns.first; j < columns.last; ++j, ++out) *out = Rule::first(*out, size(i), size(j));
  }

 private:
  T size(Index row) const { return static_cast<T>(size_[static_cast<std::size_t>(row)]); }

  const Source& source_;
  std::span<const double> size_;
};

/// The values of clusters of one or two rows each, which stand side by side.
template <class T, class Rule, class Values>
class PairedValues {
 public:
  /// @param start  by cluster: its first row; then the number of rows
  PairedValues(const Values& values, const std::vector<Index>& start) : values_(values), start_(start) {}

  void operator()(RowRange clusters, RowRange columns, T* out, LinkageScratch& scratch) const {
    const RowRange rows{start(clusters.first), start(clusters.last)}, of{start(columns.first), start(columns.last)};
    T* value = room_for<T>(scratch.pairs, rows.size() * of.size());
    values_(rows, of, value, scratch);
    for (Index c = clusters.first; c < clusters.last; ++c) {
      T* row = value + (start(c) - rows.first) * of.size();
      if (start(c + 1) - start(c) == 2)
        for (Index j = 0; j < of.size(); ++j) row[j] = join(row[j], row[of.size() + j]);
      row -= of.first;
      Index begin = of.first;
      for (Index q = columns.first; q < columns.last; ++q) {
        const Index end = start(q + 1);
        *out++ = end - begin == 2 ? join(row[begin], row[begin + 1]) : row[begin];
        begin = end;
      }
    }
  }

 private:
  Index start(Index cluster) const { return start_[static_cast<std::size_t>(cluster)]; }
  // Not for Ward's rule, which would have to know more.
  static T join(T x, T y) { return Rule::join(x, y, JoinedClusters<T>{}, T(1)); }

  const Values& values_;
  const std::vector<Index>& start_;
};

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

template <class T, class Rule, class Source>
Dendrogram triangle_dendrogram_by(const PresentRows& present, const Source& source,
                                  const AgglomerativeOptions& options) {
  const Index n = present.count();
  const int threads = resolve_threads(options.execution.threads);
  require_triangle<T, Rule>(n, threads, options);
  if (n < 2) return ordered_dendrogram(present, {});
  const ProgressReporter progress(options.execution.on_progress);
  TriangleClusters<T, Rule> clusters(n, present.weights(), threads);
  clusters.fill(RowValues<T, Rule, Source>(source, present.weights()),
                [&](Index done) { report_rows(progress, "distances", done, n); });
  return ordered_dendrogram(present, merge_in_rounds(agglomerative_name, clusters, progress));
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
std::vector<ClusterPair> first_pairs(const PresentRows& present, const Points<S>& X, Metric metric,
                                     const SourceOf& source_of, const ProgressReporter& progress, int threads) {
  const Index n = X.rows();
  NearestLinks links(n);
  if (metric == Metric::euclidean && present.weights().empty()) {
    // Of single rows Ward's distances are their own, and it is good at finding the nearest.
    const RowMatrix<double> wide =
        Eigen::Map<const RowMatrix<S>, 0, Eigen::OuterStride<>>(X.row(0), n, X.cols(), Eigen::OuterStride<>(X.stride()))
            .template cast<double>();
    WardClusters rows(wide, std::vector<double>(static_cast<std::size_t>(n), 1.0), KdTree<S>(X, threads).order(),
                      threads);
    rows.start(links);
    report_rows(progress, "first round", n, n);
    std::vector<ClusterPair> pairs = links.take_pairs();
    for (ClusterPair& pair : pairs) pair.value = rows.height(pair.value);
    return pairs;
  }
  TriangleClusters<T, Rule> rows(n, present.weights(), threads);
  const auto source = source_of(X);
  rows.look(RowValues<T, Rule, decltype(source)>(source, present.weights()),
            [&](Index done) { report_rows(progress, "first round", done, n); });
  rows.start(links);
  return links.take_pairs();
}

/// Where distances cost less than memory: the first round keeps none, and the triangle is that of its clusters, about
/// two thirds of that of the rows. Not for Ward's rule: values are distances.
/// @param source_of  source_of(points) is their source
template <class T, class Rule, class S, class SourceOf>
Dendrogram late_triangle_dendrogram_by(const PresentRows& present, const Points<S>& X, Metric metric,
                                       const SourceOf& source_of, const AgglomerativeOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  require_triangle<T, Rule>(present.count() / 2, threads, options);
  const ProgressReporter progress(options.execution.on_progress);
  std::vector<RowMerge> merges;
  const std::vector<ClusterPair> pairs = first_pairs<T, Rule>(present, X, metric, source_of, progress, threads);
  for (const ClusterPair& pair : pairs) merges.push_back({pair.a, pair.b, pair.value});
  const FirstRound first(present.count(), present.weights(), pairs);
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
  return ordered_dendrogram(present, std::move(merges));
}

/// Calls use(rule) for the rule of a linkage that needs a triangle.
template <class T, class Use>
Dendrogram with_rule(Linkage linkage, const Use& use) {
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
Dendrogram triangle_dendrogram(const PresentRows& present, Linkage linkage, const Source& source,
                               const AgglomerativeOptions& options) {
  if constexpr (std::is_same_v<T, double>) {
    if (options.float_triangle)
      return with_rule<float>(linkage, [&](auto rule) {
        const auto lent = [&](RowRange rows, RowRange columns, T* out, LinkageScratch& scratch) {
          source(rows, columns, out, scratch);
        };
        return triangle_dendrogram_by<float, decltype(rule)>(present, NarrowedSource(lent), options);
      });
  }
  return with_rule<T>(linkage,
                      [&](auto rule) { return triangle_dendrogram_by<T, decltype(rule)>(present, source, options); });
}

/// By the distances of a metric.
template <class T>
Dendrogram metric_dendrogram(const PresentRows& present, const Points<T>& X, Linkage linkage, Metric metric,
                             const AgglomerativeOptions& options) {
  const int threads = resolve_threads(options.execution.threads);
  constexpr Index few_rows = 512;
  if (X.rows() < few_rows)
    return triangle_dendrogram<T>(present, linkage, MetricSource<T>(X, metric, threads), options);
  if constexpr (std::is_same_v<T, double>) {
    if (options.float_triangle)
      return with_rule<float>(linkage, [&](auto rule) {
        return late_triangle_dendrogram_by<float, decltype(rule)>(
            present, X, metric,
            [&](const Points<T>& points) { return NarrowedSource(MetricSource<T>(points, metric, threads)); }, options);
      });
  }
  return with_rule<T>(linkage, [&](auto rule) {
    return late_triangle_dendrogram_by<T, decltype(rule)>(
        present, X, metric, [&](const Points<T>& points) { return MetricSource<T>(points, metric, threads); }, options);
  });
}

// ---- by rows ----

/// Ward's linkage of rows, by their centroids.
template <class T>
Dendrogram ward_dendrogram(const PresentRows& present, const Points<T>& X, const AgglomerativeOptions& options) {
  const Index n = X.rows(), d = X.cols();
  const int threads = resolve_threads(options.execution.threads);
  require_memory(agglomerative_name,
                 WardClusters::memory(n, d, threads) + KdTree<T>::memory(n, d) + 2 * matrix_bytes<T>(n, d),
                 options.execution.memory_limit, "take a sample of the rows");
  const ProgressReporter progress(options.execution.on_progress);
  // Equal rows merge at height 0, before all others.
  const std::vector<std::int32_t> lowest = lowest_equal_rows(X, threads);
  std::vector<RowMerge> merges;
  std::vector<Index> rows;                                         // that no lower one is equal to
  std::vector<std::int32_t> cluster(static_cast<std::size_t>(n));  // by such a row
  std::vector<double> size;
  for (Index i = 0; i < n; ++i) {
    const std::int32_t first = lowest[static_cast<std::size_t>(i)];
    const double weight = present.weights().empty() ? 1 : present.weights()[static_cast<std::size_t>(i)];
    if (first < i) {
      merges.push_back({first, static_cast<std::int32_t>(i), 0});
      size[static_cast<std::size_t>(cluster[static_cast<std::size_t>(first)])] += weight;
      continue;
    }
    cluster[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(rows.size());
    rows.push_back(i);
    size.push_back(weight);
  }
  if (rows.size() > 1) {
    const RowMatrix<T> some = gather_rows<T>(X, rows);
    const std::vector<std::int32_t> order = KdTree<T>(Points<T>(some), threads).order();
    WardClusters clusters(some.template cast<double>(), std::move(size), order, threads);
    for (RowMerge merge : merge_in_rounds(agglomerative_name, clusters, progress)) {
      merge.a = static_cast<std::int32_t>(rows[static_cast<std::size_t>(merge.a)]);
      merge.b = static_cast<std::int32_t>(rows[static_cast<std::size_t>(merge.b)]);
      merges.push_back(merge);
    }
  }
  return ordered_dendrogram(present, std::move(merges));
}

/// Rows that are present, under a metric.
template <class T>
Dendrogram dendrogram_of_rows(const PresentRows& present, const Points<T>& X, Linkage linkage,
                              const AgglomerativeOptions& options) {
  const Metric metric = options.metric.value_or(Metric::euclidean);
  if (linkage == Linkage::ward) return ward_dendrogram(present, X, options);
  if (linkage == Linkage::single) {
    const Eigen::Map<const RowMatrix<T>, 0, Eigen::OuterStride<>> rows(X.row(0), X.rows(), X.cols(),
                                                                       Eigen::OuterStride<>(X.stride()));
    return single_dendrogram(present, minimum_spanning_tree(rows, {.metric = metric, .execution = options.execution}));
  }
  return metric_dendrogram(present, X, linkage, metric, options);
}

/// Objects by the distances of any two of them: those that are present.
/// @param distance  distance(i, j) of rows, checked
template <class T, class Distance>
Dendrogram dendrogram_of_objects(const PresentRows& present, Linkage linkage, const Distance& distance,
                                 const AgglomerativeOptions& options) {
  const auto of_present = [&](Index i, Index j) -> T { return distance(present.row(i), present.row(j)); };
  if (linkage == Linkage::single)
    return single_dendrogram(
        present, minimum_spanning_tree(dissimilarity(present.count(), of_present), {.execution = options.execution}));
  return triangle_dendrogram<T>(present, linkage, PairSource(of_present), options);
}

// See kmeans_impl.hpp.
#if defined(CORYMB_EXTERN_TEMPLATES)
#define CORYMB_AGGLOMERATIVE_INSTANCES(Template, T) \
  Template Dendrogram dendrogram_of_rows(const PresentRows&, const Points<T>&, Linkage, const AgglomerativeOptions&)
CORYMB_AGGLOMERATIVE_INSTANCES(extern template, float);
CORYMB_AGGLOMERATIVE_INSTANCES(extern template, double);
#endif

}  // namespace detail

template <class Derived>
Dendrogram agglomerative(const Eigen::DenseBase<Derived>& X, Linkage linkage, const AgglomerativeOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::agglomerative_name;
  detail::check_agglomerative(X.rows(), options);
  if (linkage == Linkage::ward && options.metric.value_or(Metric::euclidean) != Metric::euclidean)
    detail::reject(function, "metric must be euclidean for ward linkage, which is about centroids");
  detail::require_columns(function, X.cols());
  const Points<T> points = detail::points_of(function, X, options.execution);
  detail::check_points(function, points, resolve_threads(options.execution.threads));
  const detail::PresentRows present(X.rows(), options.weights);
  if (present.count() == 0) return {};
  if (present.are_all()) return detail::dendrogram_of_rows(present, points, linkage, options);
  detail::require_memory(function, detail::matrix_bytes<T>(present.count(), X.cols()), options.execution.memory_limit,
                         "leave out rows without weight");
  const RowMatrix<T> some = detail::gather_rows<T>(points, present.rows());
  return detail::dendrogram_of_rows(present, Points<T>(some), linkage, options);
}

template <class Derived, class Callable>
requires std::is_invocable_v<const Callable&, std::span<const typename Derived::Scalar>,
                             std::span<const typename Derived::Scalar>>
    Dendrogram agglomerative(const Eigen::DenseBase<Derived>& X, Linkage linkage, const Callable& f,
                             const AgglomerativeOptions& options) {
  using T = typename Derived::Scalar;
  constexpr auto function = detail::agglomerative_name;
  detail::check_agglomerative(X.rows(), options);
  detail::require_no_metric(function, options.metric, "callable");
  detail::require_columns(function, X.cols());
  const Points<T> x = detail::points_of(function, X, options.execution);
  detail::check_points_of<Callable>(function, x, resolve_threads(options.execution.threads));
  return detail::dendrogram_of_objects<T>(
      detail::PresentRows(X.rows(), options.weights), linkage,
      [&](Index i, Index j) { return detail::checked_distance(function, "rows", i, j, static_cast<T>(f(x[i], x[j]))); },
      options);
}

template <class T>
Dendrogram agglomerative(const DistanceMatrix<T>& D, Linkage linkage, const AgglomerativeOptions& options) {
  constexpr auto function = detail::agglomerative_name;
  detail::check_agglomerative(D.size(), options);
  detail::require_no_metric(function, options.metric, "matrix");
  detail::check_distances(function, D, resolve_threads(options.execution.threads));
  return detail::dendrogram_of_objects<T>(detail::PresentRows(D.size(), options.weights), linkage, D, options);
}

template <class F>
Dendrogram agglomerative(const Dissimilarity<F>& D, Linkage linkage, const AgglomerativeOptions& options) {
  using T = DissimilarityScalar<F>;
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb: the callable of a dissimilarity must return float or double");
  constexpr auto function = detail::agglomerative_name;
  detail::check_agglomerative(D.size, options);
  detail::require_no_metric(function, options.metric, "callable");
  return detail::dendrogram_of_objects<T>(
      detail::PresentRows(D.size, options.weights), linkage,
      [&](Index i, Index j) { return detail::checked_distance(function, "objects", i, j, D.f(i, j)); }, options);
}

CORYMB_END
