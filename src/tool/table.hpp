#pragma once

#include <corymb/io/csv.hpp>
#include <corymb/io/npy.hpp>

#include <string>
#include <vector>

namespace corymb::tool {

/// One row a line: NPY if the name ends in .npy, else CSV; nothing where no file is wanted.
/// @param names  of the columns, for CSV
template <class Matrix>
void write_table(const std::string& path, const Matrix& rows, const std::vector<std::string>& names = {}) {
  if (path.ends_with(".npy"))
    write_npy(path, rows);
  else if (!path.empty())
    write_csv(path, rows, {.names = names});
}

}  // namespace corymb::tool
