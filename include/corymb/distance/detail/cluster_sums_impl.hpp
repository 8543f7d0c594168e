#pragma once

#include <corymb/core/detail/chunk_pieces.hpp>
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

/// So few labels are gone through by one thread: others cost more to start, slab after slab, than they save.
inline constexpr Index few_labels = Index{1} << 18;

/// Rows in the order of their labels, and within a label in their own order. Negative labels are left out.
struct RowsByLabel {
  std::vector<Index> rows;
  std::vector<Index> begin;  // k + 1

  Index count(Index c) const { return begin[static_cast<std::size_t>(c) + 1] - begin[static_cast<std::size_t>(c)]; }

  RowsByLabel(const std::int32_t* label, Index n, Index k, int threads) : begin(static_cast<std::size_t>(k) + 1, 0) {
    if (n <= few_labels) threads = 1;
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

/// Adds rows to the sums of their clusters, each cluster by one thread, in the order of its rows. The sums: k × d, the
/// weights: k.
template <class T>
void add_by_cluster(const Points<T>& X, const std::int32_t* label, const double* weight, Index k, int threads,
                    double* sums, double* weights) {
  const RowsByLabel groups(label, X.rows(), k, threads);
  parallel_for(threads, k, [&](Index c) {
    const Index first = groups.begin[static_cast<std::size_t>(c)], last = groups.begin[static_cast<std::size_t>(c) + 1];
    kernels::add_to_sums(compiled::SumsTask<T>{rows_view(X), groups.rows.data() + first, last - first, nullptr, weight,
                                               sums + c * X.cols(), weights + c});
  });
}

/// Sums per cluster of rows that come in slabs, one after the other. The bits are the same for any slabs: each partial
/// sum adds its rows in their order, whether they come in one slab or in several.
class SlabSums {
 public:
  explicit SlabSums(const SumsPlan& plan) : plan_(plan), partial_(plan.grouped() ? SumsPlan(0, 1, 1) : plan) {}

  const SumsPlan& plan() const { return plan_; }

  /// To be called before the first slab.
  void begin(ClusterSums& total) {
    if (!plan_.grouped()) return;
    total.sums.setZero();
    total.weights.setZero();
  }

  /// @param first   row of all rows that is row 0 of the slab.
  /// @param label   of the rows of the slab: in [0, k), or negative for rows that belong to no sum; null = all 0.
  /// @param weight  of the rows of the slab; null = all 1.
  template <class T>
  void add(const Points<T>& slab, Index first, const std::int32_t* label, const double* weight, int threads,
           ClusterSums& total) {
    if (plan_.grouped())
      return add_by_cluster(slab, label, weight, plan_.k(), threads, total.sums.data(), total.weights.data());
    const ChunkPieces pieces(plan_.chunks(), first, slab.rows());
    if (label == nullptr || pieces.enough_for(threads)) {
      parallel_for(threads, pieces.count(), [&](Index p) {
        const ChunkPieces::Piece& piece = pieces[p];
        begin_piece(piece);
        add_rows(piece, rows_view(slab, piece.begin, piece.end), label != nullptr ? label + piece.begin : nullptr,
                 weight != nullptr ? weight + piece.begin : nullptr);
      });
      return;
    }
    for (const ChunkPieces::Piece& piece : pieces) {
      begin_piece(piece);
      const Points<T> rows(slab.row(piece.begin), piece.end - piece.begin, slab.cols(), slab.stride());
      add_by_cluster(rows, label + piece.begin, weight != nullptr ? weight + piece.begin : nullptr, plan_.k(), threads,
                     partial_.sums(piece.chunk), partial_.weights(piece.chunk));
    }
  }

  /// Instead of add(), where the plan is not grouped: each piece of the slab by one thread. First this,
  void begin_piece(const ChunkPieces::Piece& piece) {
    if (piece.begins_a_chunk) partial_.clear(piece.chunk);
  }
  /// then its rows, as many at a time as wanted.
  template <class T>
  void add_rows(const ChunkPieces::Piece& piece, const RowsView<T>& rows, const std::int32_t* label,
                const double* weight) {
    kernels::add_to_sums(compiled::SumsTask<T>{rows, nullptr, rows.n, label, weight, partial_.sums(piece.chunk),
                                               partial_.weights(piece.chunk)});
  }

  /// To be called after the last slab; only now the total is complete.
  void end(int threads, ClusterSums& total) {
    if (!plan_.grouped()) partial_.combine(plan_.chunks().count(), threads, total);
  }

 private:
  SumsPlan plan_;
  PartialSums partial_;
};

/// Labels are in [0, k), or negative for points that belong to no sum; null = all 0 (k = 1).
template <class T>
void sum_clusters(const Points<T>& X, const std::int32_t* label, const double* weight, int threads,
                  const SumsPlan& plan, ClusterSums& total) {
  SlabSums sums(plan);
  sums.begin(total);
  sums.add(X, 0, label, weight, threads, total);
  sums.end(threads, total);
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
