#pragma once

#include <corymb/core/points.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/hierarchy/detail/linkage_rules.hpp>
#include <corymb/hierarchy/detail/present_rows.hpp>
#include <corymb/hierarchy/detail/triangle_clusters.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

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

}  // namespace detail
CORYMB_END
