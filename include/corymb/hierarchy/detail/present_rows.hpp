#pragma once

#include <corymb/core/types.hpp>
#include <corymb/hierarchy/detail/merge_order.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view agglomerative_name = "agglomerative";

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

}  // namespace detail
CORYMB_END
