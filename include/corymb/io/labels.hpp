#pragma once

#include <corymb/core/types.hpp>
#include <corymb/io/detail/column.hpp>

#include <cstdint>
#include <string>
#include <vector>

CORYMB_BEGIN

/// Reads one label per point: a text file with one integer a line, as read_csv reads a single column (optional header
/// row, blank lines and comments skipped, 3.0 is 3), or an NPY or IDX array of integers with one column or dimension.
/// The format is seen from the content, which may be compressed with gzip. Any value is legal; `noise` is −1.
/// @return n labels in the order of the file.
/// @throws IoError  as read_csv, read_npy and read_idx; also for more than one column, for what is no integer, and for
/// integers
///   beyond 32 bits.
Labels read_labels(const std::string& path);

/// Reads row numbers, counted from 0: files as for read_labels, 64 bits.
/// @throws IoError  as read_labels, and for negative numbers.
std::vector<Index> read_rows(const std::string& path);

/// Writes one integer a line. An existing file is replaced as by write_csv.
/// @param labels  any range of integers: Labels, std::vector<int>, ...
/// @throws IoError  The file cannot be written; an existing file is as it was.
template <class Range>
void write_labels(const std::string& path, const Range& labels);

inline Labels read_labels(const std::string& path) {
  Labels labels;
  detail::read_column<std::int32_t>(path, labels);
  return labels;
}

inline std::vector<Index> read_rows(const std::string& path) {
  std::vector<Index> rows;
  detail::read_column<Index>(path, rows);
  detail::require_row_numbers(path, rows);
  return rows;
}

template <class Range>
void write_labels(const std::string& path, const Range& labels) {
  detail::write_column(path, labels);
}

CORYMB_END
