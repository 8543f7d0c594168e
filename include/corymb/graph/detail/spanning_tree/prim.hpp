#pragma once

#include <corymb/core/detail/reported_tasks.hpp>
#include <corymb/distance/detail/metric_values.hpp>
#include <corymb/graph/detail/spanning_tree/reachability.hpp>
#include <corymb/graph/detail/spanning_tree/tree_edge.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

// The "links" of a row are the values of its edges: links(i, range, out, scratch) writes those to the rows of a range.

/// The values of a metric.
template <class Values>
class MetricLinks {
 public:
  explicit MetricLinks(const Values& values) : values_(values) {}
  template <class T>
  void operator()(Index i, RowRange range, T* out, ValuesScratch& scratch) const {
    values_(i, i + 1, range, out, scratch);
  }

 private:
  const Values& values_;
};

/// Of the distances in both directions the smaller one.
/// @tparam Distance  distance(i, j)
template <class T, class Distance>
class LesserLinks {
 public:
  explicit LesserLinks(const Distance& distance) : distance_(distance) {}
  void operator()(Index i, RowRange range, T* out, ValuesScratch&) const {
    for (Index j = range.first; j < range.last; ++j)
      *out++ = i == j ? T(0) : std::min<T>(distance_(i, j), distance_(j, i));
  }

 private:
  const Distance& distance_;
};

/// The minimum spanning tree of rows, one row after the other (Prim): the tree grows from row 0 by the first edge that
/// leaves it, of those the row outside keeps the first one.
template <class T, class Links>
class Prim {
 public:
  /// @param links_per_task  so many that starting a thread for their links is worth it
  Prim(std::string_view function, Index n, const Links& links, Index links_per_task,
       const Reachability<T>& reachability, int threads, const ProgressReporter& progress)
      : function_(function),
        n_(n),
        links_(links),
        reachability_(reachability),
        threads_(threads),
        progress_(progress),
        ranges_(n, links_per_task),
        is_in_tree_(static_cast<std::size_t>(std::max<Index>(n, 0))),  // some compilers warn of what n < 0 would do
        partner_(is_in_tree_.size(), -1),
        value_(is_in_tree_.size()),
        weight_(is_in_tree_.size()),
        first_(static_cast<std::size_t>(ranges_.count())),
        scratch_(static_cast<std::size_t>(threads)),
        buffer_(scratch_.size()) {}

  static double memory(Index n) {
    return static_cast<double>(n) * (1 + sizeof(std::int32_t) + 2 * sizeof(T) + sizeof(TreeEdge<T>));
  }

  std::vector<TreeEdge<T>> run() {
    std::vector<TreeEdge<T>> edges;
    edges.reserve(is_in_tree_.size());
    const Index steps = std::max<Index>(n_ / 64, 1);
    Index newest = 0;
    for (Index joined = 1; joined < n_; ++joined) {
      is_in_tree_[at(newest)] = true;
      parallel_for(threads_, ranges_.count(), [&](Index range, int worker) { link(newest, range, worker); });
      newest = first_outside();
      edges.push_back({partner_[at(newest)], static_cast<std::int32_t>(newest), value_[at(newest)]});
      if (joined % steps == 0) report_or_cancel(function_, "edges", progress_, joined, n_ - 1);
    }
    return edges;
  }

 private:
  static std::size_t at(Index row) { return static_cast<std::size_t>(row); }
  EdgeKey<T> key(Index j) const { return reachability_.key(partner_[at(j)], j, value_[at(j)]); }

  // Tells the rows of a range about their edges to the newest row of the tree, and notes the first of all their edges.
  void link(Index newest, Index range, int worker) {
    const RowRange rows{ranges_.begin(range), ranges_.end(range)};
    T* value = buffer_[static_cast<std::size_t>(worker)].reserve(rows.size());
    links_(newest, rows, value, scratch_[static_cast<std::size_t>(worker)]);
    Index first = -1;
    for (Index j = rows.first; j < rows.last; ++j, ++value) {
      if (is_in_tree_[at(j)]) continue;
      const T weight = reachability_.weight(newest, j, *value);
      if (partner_[at(j)] < 0 || weight < weight_[at(j)] ||
          (weight == weight_[at(j)] && reachability_.key(newest, j, *value) < key(j))) {
        partner_[at(j)] = static_cast<std::int32_t>(newest);
        value_[at(j)] = *value;
        weight_[at(j)] = weight;
      }
      if (first < 0 || is_before(j, first)) first = j;
    }
    first_[static_cast<std::size_t>(range)] = first;
  }

  bool is_before(Index i, Index j) const {
    return weight_[at(i)] < weight_[at(j)] || (weight_[at(i)] == weight_[at(j)] && key(i) < key(j));
  }

  Index first_outside() const {
    Index first = -1;
    for (const Index candidate : first_)
      if (candidate >= 0 && (first < 0 || is_before(candidate, first))) first = candidate;
    return first;
  }

  std::string_view function_;
  Index n_;
  const Links& links_;
  const Reachability<T>& reachability_;
  int threads_;
  const ProgressReporter& progress_;
  Chunks ranges_;
  std::vector<char> is_in_tree_;
  std::vector<std::int32_t> partner_;  // of a row outside: the row of the tree that its first edge leads to
  std::vector<T> value_;
  std::vector<T> weight_;
  std::vector<Index> first_;  // by range: the row outside whose edge is the first; −1 = all are in the tree
  std::vector<ValuesScratch> scratch_;
  std::vector<Scratch<T>> buffer_;
};

}  // namespace detail
CORYMB_END
