#pragma once

#include <corymb/core/detail/memory.hpp>
#include <corymb/core/detail/validate.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/distance/cluster_sums.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/distance/detail/kernels.hpp>

#include <algorithm>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// How sums per cluster are formed, chosen from sizes only so that it never depends on the threads. Either each chunk
/// of rows has k × d partial sums of its own, combined in the order of the chunks; or, where so many partial sums would
/// be too large, rows are grouped by label and each cluster is summed by one thread, in the order of its rows.
class SumsPlan {
 public:
  SumsPlan(Index n, Index d, Index k)
      : d_(d), k_(k), chunks_(n, 2048, std::clamp<Index>(partial_budget / (k * (d + 1)), 1, 64)) {
    grouped_ = k * (d + 1) > partial_budget / 16 && n > 2048;
  }

  bool grouped() const { return grouped_; }
  const Chunks& chunks() const { return chunks_; }
  Index d() const { return d_; }
  Index k() const { return k_; }
  Index partial_size() const { return k_ * (d_ + 1); }

  /// Bytes needed beside the result.
  static double memory(Index n, Index d, Index k) {
    const SumsPlan plan(n, d, k);
    return plan.grouped()
               ? 2.0 * sizeof(Index) * static_cast<double>(n)
               : sizeof(double) * static_cast<double>(plan.chunks().count()) * static_cast<double>(plan.partial_size());
  }

 private:
  static constexpr Index partial_budget = Index{1} << 22;  // doubles in all partial sums together: 32 MiB

  Index d_;
  Index k_;
  Chunks chunks_;
  bool grouped_;
};

/// Partial sums of one chunk: k × d sums, then k weights.
class PartialSums {
 public:
  explicit PartialSums(const SumsPlan& plan)
      : d_(plan.d()), k_(plan.k()), values_(static_cast<std::size_t>(plan.chunks().count() * plan.partial_size())) {}

  void clear(Index chunk) { std::fill_n(sums(chunk), k_ * (d_ + 1), 0.0); }
  double* sums(Index chunk) { return values_.data() + chunk * k_ * (d_ + 1); }
  double* weights(Index chunk) { return sums(chunk) + k_ * d_; }

  void combine(Index chunks, int threads, ClusterSums& total) {
    const Chunks clusters(k_, std::max<Index>(65536 / (chunks * (d_ + 1)), 1));  // starting a thread costs as much
    parallel_for(threads, clusters.count(), [&](Index group) {
      for (Index c = clusters.begin(group); c < clusters.end(group); ++c) {
        auto row = total.sums.row(c);
        row.setZero();
        double weight = 0;
        for (Index chunk = 0; chunk < chunks; ++chunk) {
          row += Eigen::Map<const Eigen::RowVectorXd>(sums(chunk) + c * d_, d_);
          weight += weights(chunk)[c];
        }
        total.weights[c] = weight;
      }
    });
  }

 private:
  Index d_;
  Index k_;
  std::vector<double> values_;
};

/// Rows in the order of their labels, and within a label in their own order. Negative labels are left out.
struct RowsByLabel {
  std::vector<Index> rows;
  std::vector<Index> begin;  // k + 1

  RowsByLabel(const std::int32_t* label, Index n, Index k, int threads) : begin(static_cast<std::size_t>(k) + 1, 0) {
    const Chunks chunks(n, 65536, std::clamp<Index>(n / std::max<Index>(k, 1), 1, 64));
    // One count per (chunk, label), turned into the place where the chunk's rows of that label start.
    std::vector<Index> place(static_cast<std::size_t>(chunks.count() * k), 0);
    const auto at = [&](Index chunk, Index c) -> Index& { return place[static_cast<std::size_t>(chunk * k + c)]; };
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
        if (label[i] >= 0) ++at(chunk, label[i]);
    });
    Index next = 0;
    for (Index c = 0; c < k; ++c) {
      begin[static_cast<std::size_t>(c)] = next;
      for (Index chunk = 0; chunk < chunks.count(); ++chunk) {
        const Index count = at(chunk, c);
        at(chunk, c) = next;
        next += count;
      }
    }
    begin[static_cast<std::size_t>(k)] = next;
    rows.resize(static_cast<std::size_t>(next));
    parallel_for(threads, chunks.count(), [&](Index chunk) {
      for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
        if (label[i] >= 0) rows[static_cast<std::size_t>(at(chunk, label[i])++)] = i;
    });
  }
};

template <class T>
void sum_grouped(const Points<T>& X, const std::int32_t* label, const double* weight, int threads, ClusterSums& total) {
  const Index k = total.weights.size();
  const RowsByLabel groups(label, X.rows(), k, threads);
  total.sums.setZero();
  total.weights.setZero();
  parallel_for(threads, k, [&](Index c) {
    const Index first = groups.begin[static_cast<std::size_t>(c)], last = groups.begin[static_cast<std::size_t>(c) + 1];
    kernels::add_to_sums(compiled::SumsTask<T>{rows_view(X), groups.rows.data() + first, last - first, nullptr, weight,
                                               total.sums.data() + c * X.cols(), total.weights.data() + c});
  });
}

/// Labels are in [0, k), or negative for points that belong to no sum; null = all 0 (k = 1).
template <class T>
void sum_clusters(const Points<T>& X, const std::int32_t* label, const double* weight, int threads,
                  const SumsPlan& plan, ClusterSums& total) {
  if (plan.grouped()) return sum_grouped(X, label, weight, threads, total);
  PartialSums partial(plan);
  const Chunks& chunks = plan.chunks();
  parallel_for(threads, chunks.count(), [&](Index chunk) {
    const Index first = chunks.begin(chunk), last = chunks.end(chunk);
    partial.clear(chunk);
    kernels::add_to_sums(compiled::SumsTask<T>{
        rows_view(X, first, last), nullptr, last - first, label != nullptr ? label + first : nullptr,
        weight != nullptr ? weight + first : nullptr, partial.sums(chunk), partial.weights(chunk)});
  });
  partial.combine(chunks.count(), threads, total);
}

}  // namespace detail

template <class Derived>
ClusterSums cluster_sums(const Eigen::DenseBase<Derived>& X, const Labels& labels, Index k, const Vector& weights,
                         const Execution& execution) {
  using T = typename Derived::Scalar;
  constexpr std::string_view function = "cluster_sums";
  const Points<T> points = detail::points_of(function, X, execution);
  detail::require_threads(function, execution.threads);
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  if (k < 1 || k > most)
    detail::reject(function, "k = " + detail::to_text(k) + " must be in [1, " + detail::to_text(most) + "]");
  detail::require_columns(function, points.cols());
  if (labels.size() != points.rows())
    detail::reject(function, "labels has " + detail::to_text(labels.size()) +
                                 " entries; one per row, n = " + detail::to_text(points.rows()) + ", is needed");
  for (Index i = 0; i < labels.size(); ++i)
    if (labels[i] < noise || labels[i] >= k)
      detail::reject(function, "labels(" + detail::to_text(i) + ") = " + detail::to_text(labels[i]) +
                                   " must be in [-1, k = " + detail::to_text(k) + ")");
  detail::check_weights(function, weights, points.rows());
  const int threads = resolve_threads(execution.threads);
  detail::check_points(function, points, threads);
  const detail::SumsPlan plan(points.rows(), points.cols(), k);
  const double result = sizeof(double) * static_cast<double>(k) * static_cast<double>(points.cols() + 1);
  detail::require_memory(function, result + detail::SumsPlan::memory(points.rows(), points.cols(), k),
                         execution.memory_limit, "sum fewer clusters at a time");
  ClusterSums total{RowMatrix<double>::Zero(k, points.cols()), Vector::Zero(k)};
  if (points.rows() > 0)
    detail::sum_clusters(points, labels.data(), weights.size() > 0 ? weights.data() : nullptr, threads, plan, total);
  return total;
}

CORYMB_END
