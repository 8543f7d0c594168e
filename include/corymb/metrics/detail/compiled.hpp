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

using ReceiveContingency = void (*)(void* context, const ContingencyView& table);

/// Calls receive(context, table) once; the view is valid during that call.
CORYMB_EXPORT void count_labels(const LabelsView& truth, const LabelsView& predicted, ReceiveContingency receive,
                                void* context);
CORYMB_EXPORT double adjusted_rand_index(const ContingencyView& table);
CORYMB_EXPORT double normalized_mutual_information(const ContingencyView& table);
/// Fills row_of_column, -1 = unmatched, and returns the number of points in the matched pairs.
CORYMB_EXPORT double match_clusters(const ContingencyView& table, std::ptrdiff_t* row_of_column);

}  // namespace corymb::compiled
