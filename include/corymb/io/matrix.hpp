#pragma once

#include <corymb/core/types.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/detail/memory.hpp>

#include <string>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// Reads a matrix from a file whose format is seen from its content, not from its name: NPY (see read_npy) by its
/// first bytes, else CSV (see read_csv). Either may be compressed with gzip.
/// @param options  for CSV; without meaning for other formats.
/// @return n × d values; column names are dropped.
/// @throws IoError, InvalidArgument  as read_csv and read_npy.
template <class T = double>
RowMatrix<T> read_matrix(const std::string& path, const CsvOptions& options = {});

template <class T>
RowMatrix<T> read_matrix(const std::string& path, const CsvOptions& options) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>,
                "corymb::read_matrix: T must be float or double");
  RowMatrix<T> result;
  std::vector<std::string> names;
  compiled::read_matrix(path, compiled::FileFormat::any, detail::csv_format(options), detail::memory_of(result), names);
  return result;
}

CORYMB_END
