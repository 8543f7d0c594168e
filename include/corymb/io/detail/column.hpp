#pragma once

#include <corymb/core/errors.hpp>
#include <corymb/core/types.hpp>
#include <corymb/io/detail/compiled.hpp>
#include <corymb/io/detail/needs_library.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <type_traits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Reads a file with a single column of integers T into a Labels or std::vector.
template <class T, class Container>
void read_column(const std::string& path, Container& column) {
  struct Context {
    const std::string& path;
    Container& column;
  } target{path, column};
  const auto allocate = [](void* context, std::ptrdiff_t rows, std::ptrdiff_t cols) -> T* {
    auto& to = *static_cast<Context*>(context);
    if (cols != 1) throw IoError(to.path, 0, 0, "one column is expected, the file has " + std::to_string(cols));
    to.column.resize(static_cast<decltype(to.column.size())>(rows));
    return to.column.data();
  };
  std::vector<std::string> names;
  compiled::read_matrix(path, compiled::FileFormat::any, {}, compiled::MatrixMemory<T>{allocate, &target}, names);
}

inline void require_row_numbers(const std::string& path, const std::vector<Index>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i] < 0)
      throw IoError(path, 0, 0,
                    "row number " + std::to_string(i + 1) + " of the list is " + std::to_string(rows[i]) +
                        ", must be at least 0");
}

template <class Range>
void write_column(const std::string& path, const Range& values) {
  static_assert(std::is_integral_v<std::decay_t<decltype(*std::begin(values))>>,
                "corymb::write_labels: labels must be integers");
  const std::vector<std::ptrdiff_t> column(std::begin(values), std::end(values));
  compiled::write_csv(path, {column.data(), static_cast<std::ptrdiff_t>(column.size()), 1, 1}, ',', {});
}

}  // namespace detail
CORYMB_END
