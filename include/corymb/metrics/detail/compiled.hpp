#pragma once

#include <corymb/core/config.hpp>

#include <cstddef>
#include <cstdint>

// What crosses into the compiled metrics: labels and tables as raw pointers and sizes, whatever flags the consumer has.
// A table is made in the library's memory and handed to a function of the consumer, which copies it.
namespace corymb::compiled {

/// n labels, 32 or 64 bits wide. One of the pointers is null; both may be where n = 0.
struct LabelsView {
  const std::int32_t* narrow;
  const std::int64_t* wide;
  std::ptrdiff_t n;
};

/// A pair of clusters that have points in common.
struct ContingencyCell {
  std::ptrdiff_t row;     ///< position in the labels of the rows
  std::ptrdiff_t column;  ///< position in the labels of the columns
  double count;           ///< points with both labels, > 0
};

struct ContingencyView {
  double total;
  std::ptrdiff_t rows;
  std::ptrdiff_t columns;
  std::ptrdiff_t cells;
  const std::int64_t* row_labels;
  const std::int64_t* column_labels;
  const double* row_sums;
  const double* column_sums;
  const ContingencyCell* cell;  ///< ascending (row, column)
};

/// Whether both labelings are one partition: every cluster of one side is a cluster of the other. So are two empty
/// ones.
inline bool same_partition(const ContingencyView& table) {
  return table.cells == table.rows && table.cells == table.columns;
}

using ReceiveContingency = void (*)(void* context, const ContingencyView& table);

/// corymb::NoisePolicy.
enum class NoiseRule : int { cluster, drop, singletons };

struct CountSettings {
  NoiseRule noise;
  const double* weights;  ///< n, ≥ 0; null = all one
  int threads;
};

/// Calls receive(context, table) once; the view is valid during that call.
CORYMB_EXPORT void count_labels(const LabelsView& truth, const LabelsView& predicted, const CountSettings& settings,
                                ReceiveContingency receive, void* context);

/// Unordered pairs of points, and what follows from their exact numbers.
struct PairNumbers {
  double both;
  double truth_only;
  double predicted_only;
  double neither;
  double adjusted_rand_index;
};
CORYMB_EXPORT PairNumbers pair_numbers(const ContingencyView& table);

/// In nats.
struct InformationNumbers {
  double truth_entropy;
  double predicted_entropy;
  double truth_given_predicted;
  double predicted_given_truth;
  double mutual_information;
};
CORYMB_EXPORT InformationNumbers information_numbers(const ContingencyView& table);

/// For whole counts; in nats.
CORYMB_EXPORT double expected_mutual_information(const ContingencyView& table);

struct OverlapNumbers {
  double purity;
  double inverse_purity;
  double f_measure;
  double bcubed_precision;
  double bcubed_recall;
};
CORYMB_EXPORT OverlapNumbers overlap_numbers(const ContingencyView& table);

/// Fills row_of_column, -1 = unmatched, and returns the number of points in the matched pairs.
CORYMB_EXPORT double match_clusters(const ContingencyView& table, std::ptrdiff_t* row_of_column);

}  // namespace corymb::compiled
