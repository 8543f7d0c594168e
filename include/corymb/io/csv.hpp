#pragma once

#include <corymb/core/points.hpp>
#include <corymb/core/types.hpp>
#include <corymb/io/detail/memory.hpp>

#include <string>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// Whether the first row of a CSV file holds the names of the columns.
enum class CsvHeader {
  detect,   ///< it does if none of its fields is, or begins like, a number
  present,  ///< it does
  absent,   ///< it holds numbers
};

/// How a CSV file is read.
struct CsvOptions {
  /// The character between fields; ' ' = any run of spaces and tabs; '\0' = detect it among ; tab | , and ' '.
  char delimiter = '\0';
  CsvHeader header = CsvHeader::detect;
  /// A line whose first character, leading blanks aside, is this one is skipped; '\0' = there are no such lines.
  char comment = '#';
  /// The columns to read, in this order; empty = all. Each entry is a name of the header row, the number of a column,
  /// counted from 1, or a range of numbers like "2-5"; what could be both is a name. None may be chosen twice. The
  /// other columns may hold any text, or nothing; still all rows must have the same number of fields.
  /// With CsvHeader::detect the first row is the header if an entry can only be a name, or by the rule for all columns,
  /// or by that rule for the chosen ones alone.
  std::vector<std::string> columns = {};
};

/// What a CSV file holds.
template <class T>
struct CsvTable {
  RowMatrix<T> values;             ///< n × d, n ≥ 1 and d ≥ 1
  std::vector<std::string> names;  ///< d names of the columns; empty where the file has no header row
};

/// Reads delimiter-separated text: one row a line, decimal numbers with a point whatever the locale is.
/// Blank lines and comment lines are skipped, a UTF-8 byte order mark and blanks around fields are ignored, lines end
/// with LF or CRLF, the last one with or without. A field may stand in double quotes, within one line ("" is a quote).
/// `nan`, `NA`, `inf` and `infinity` are read as such (the algorithms reject them with row and column); numbers too
/// small for T become 0. The content may be compressed with gzip, recognised by its first bytes; the file may be a
/// pipe.
/// @return n × d values of type T, float or double, each the nearest to its text, and the names of the columns.
/// @throws IoError  The file cannot be read, needs more memory than there is, holds no data rows, or is not such a
///   table: an empty field, a field that is no number or too large for T, a row with another number of fields than the
///   first. The error holds path, line and column; lines count from 1 as in an editor, and the column is the number of
///   the field, from 1 (0 where the fault is not in one field). Also for chosen columns that the file does not have;
///   the message names those it has.
/// @throws InvalidArgument  A delimiter or comment character that numbers or quotes are made of.
/// @note Time O(bytes); memory: the text beside the result.
template <class T = double>
CsvTable<T> read_csv(const std::string& path, const CsvOptions& options = {});

/// How a CSV file is written.
struct CsvWriteOptions {
  char delimiter = ',';
  /// A header row: d names, quoted where needed; empty = none.
  std::vector<std::string> names = {};
};

/// Writes a matrix as text, one row a line, each number in the fewest digits that read back as the same float or
/// double. A file of that name is replaced only when everything is written (through a temporary file in its folder);
/// what is no regular file, like a pipe, is written to directly.
/// @param matrix  n × d, float or double, any storage; column-major input is copied once.
/// @throws IoError  The file cannot be written; an existing file is as it was.
/// @throws InvalidArgument  Names not as many as columns or with a line break, or a delimiter as in read_csv.
template <class Derived>
void write_csv(const std::string& path, const Eigen::DenseBase<Derived>& matrix, const CsvWriteOptions& options = {});

namespace detail {

inline compiled::CsvFormat csv_format(const CsvOptions& options) {
  return {options.delimiter, options.comment, options.header == CsvHeader::detect, options.header == CsvHeader::present,
          options.columns};
}

}  // namespace detail

template <class T>
CsvTable<T> read_csv(const std::string& path, const CsvOptions& options) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "corymb::read_csv: T must be float or double");
  CsvTable<T> table;
  compiled::read_matrix(path, compiled::FileFormat::csv, detail::csv_format(options), detail::memory_of(table.values),
                        table.names);
  return table;
}

template <class Derived>
void write_csv(const std::string& path, const Eigen::DenseBase<Derived>& matrix, const CsvWriteOptions& options) {
  const Points rows(matrix);
  compiled::write_csv(path, {rows.row(0), rows.rows(), rows.cols(), rows.stride()}, options.delimiter, options.names);
}

CORYMB_END
