#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/metrics/detail/label_range.hpp>

#include <cstdint>
#include <vector>

CORYMB_BEGIN

/// What noise, the label −1, means where labelings are compared.
enum class NoisePolicy {
  cluster,     ///< a cluster like any other
  drop,        ///< points that are noise in one of the labelings are left out
  singletons,  ///< each noise point is a cluster of its own
};

struct ContingencyOptions {
  NoisePolicy noise = NoisePolicy::cluster;
  /// One weight ≥ 0 per point, or empty for all one. A weight w means w copies of the point, 0 that it is absent.
  Vector weights = {};
  /// Only threads is used.
  Execution execution = {};
};

/// One pair of clusters that have points in common: {row, column, count}. Row and column are positions in row_labels
/// and column_labels.
using ContingencyCell = compiled::ContingencyCell;

/// How two labelings of the same points overlap, stored sparsely: the pairs of clusters without common points are left
/// out. Every score can be computed from it. contingency_table() makes it; it may also be filled by hand, e.g. from a
/// confusion matrix.
struct ContingencyTable {
  double total = 0;                      ///< number of points, or sum of their weights
  std::vector<std::int64_t> row_labels;  ///< distinct labels of the truth, ascending; last, −1 for each noise point
                                         ///< that is a cluster of its own
  std::vector<std::int64_t> column_labels;   ///< the same of the prediction
  std::vector<double> row_sums;              ///< points of each row, > 0
  std::vector<double> column_sums;           ///< points of each column, > 0
  std::vector<ContingencyCell> cells;        ///< ascending by row, then column; counts > 0
  NoisePolicy noise = NoisePolicy::cluster;  ///< what noise was when the points were counted
};

/// Counts the points of every pair of true and predicted cluster.
/// @param truth      n labels in any range of integers that fit into 64 bits with sign; gaps and negative ones may be.
/// @param predicted  n labels of the same points.
/// @return           the table; empty for n = 0, or where all points were dropped.
/// @throws InvalidArgument  the lengths differ, a label exceeds 2^63 − 1, weights as everywhere.
/// @note Without weights, one increment per point where the table of all pairs has at most max(n, 65536) entries (a
///       label range of the truth times one of the prediction), else O(n log n). Memory O(n) at most. The same bits for
///       any number of threads.
template <LabelRange Truth, LabelRange Predicted>
ContingencyTable contingency_table(const Truth& truth, const Predicted& predicted,
                                   const ContingencyOptions& options = {});

/// The table of two sets of points together, for streams and shards: of points counted in parts, the same as of all at
/// once. Labels mean the same in both tables. Time O(cells log cells), memory that of the result.
/// @throws InvalidArgument  the parts of a table do not fit together, or different noise policies.
inline ContingencyTable merge_contingency_tables(const ContingencyTable& a, const ContingencyTable& b);

/// The table of soft labelings: cell (i, j) = Σ over the points of (membership in i) · (membership in j), the expected
/// count if each point drew its two labels independently. Label i is column i; clusters without members are left out.
/// Every score takes it but the adjusted mutual information, which needs whole counts. Labels given as memberships of 0
/// and 1 give the table of contingency_table.
/// @param truth      n × r memberships, float or double, ≥ 0; each row sums to 1 within 1e-4.
/// @param predicted  n × k memberships of the same points.
/// @param weights    as in ContingencyOptions.
/// @throws InvalidArgument  different numbers of rows, a row that is no distribution, weights as everywhere.
/// @note Time O(n r k), memory O(r k). The same bits for any number of threads and any storage order.
/// @see Anderson et al. (2010) doi:10.1109/TFUZZ.2010.2052258
template <class DerivedTruth, class DerivedPredicted>
ContingencyTable soft_contingency_table(const Eigen::DenseBase<DerivedTruth>& truth,
                                        const Eigen::DenseBase<DerivedPredicted>& predicted, const Vector& weights = {},
                                        const Execution& execution = {});

CORYMB_END

#include <corymb/metrics/detail/contingency.hpp>
#include <corymb/metrics/detail/soft_contingency.hpp>
