#pragma once

#include <corymb/core/types.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/detail/memory.hpp>

#include <string>
#include <type_traits>
#include <utility>

CORYMB_BEGIN

/// Reads a matrix from a file whose format is seen from its content, not from its name: NPY (see read_npy) and IDX (see
/// read_idx) by their first bytes, else CSV (see read_csv). Each may be compressed with gzip.
/// @param options  for CSV. Of them only `columns` has a meaning for the other formats, with numbers and ranges,
/// because
///   their columns have no names.
/// @return n × d values; column names are dropped.
/// @throws IoError, InvalidArgument  as read_csv, read_npy and read_idx.
template <class T = double>
RowMatrix<T> read_matrix(const std::string& path, const CsvOptions& options = {});

/// The same with the names of the columns, which NPY and IDX files do not have.
template <class T = double>
CsvTable<T> read_table(const std::string& path, const CsvOptions& options = {});

template <class T>
RowMatrix<T> read_matrix(const std::string& path, const CsvOptions& options) {
  return std::move(read_table<T>(path, options).values);
}

template <class T>
CsvTable<T> read_table(const std::string& path, const CsvOptions& options) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb::read_matrix: T must be float or double");
  CsvTable<T> table;
  compiled::read_matrix(path, compiled::FileFormat::any, detail::csv_format(options), detail::memory_of(table.values),
                        table.names);
  return table;
}

CORYMB_END
