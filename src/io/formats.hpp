#pragma once

#include <corymb/io/detail/compiled.hpp>

#include <cstddef>
#include <new>
#include <string>
#include <vector>

#include "io/file.hpp"

// One reader per format, each instantiated for the four types of corymb/io/detail/compiled.hpp.
namespace corymb::compiled {

/// Throws InvalidArgument unless the format's characters can be told from numbers and quotes.
void check_csv_format(const CsvFormat& format);

/// The memory for a result whose size the file was seen to hold.
template <class T>
T* allocate(const InputFile& file, const MatrixMemory<T>& memory, std::ptrdiff_t rows, std::ptrdiff_t cols) {
  const double bytes = static_cast<double>(rows) * static_cast<double>(cols) * sizeof(T);
  file.require_memory(bytes);
  try {
    return memory.allocate(memory.context, rows, cols);
  } catch (const std::bad_alloc&) {
    file.fail_without_memory(bytes);
  }
}

template <class T>
void read_csv(InputFile& file, const CsvFormat& format, const MatrixMemory<T>& memory, std::vector<std::string>& names);

bool is_npy(const InputFile& file);

template <class T>
void read_npy(InputFile& file, const std::vector<std::string>& columns, const MatrixMemory<T>& memory);

bool is_idx(const InputFile& file);

template <class T>
void read_idx(InputFile& file, const std::vector<std::string>& columns, const MatrixMemory<T>& memory);

}  // namespace corymb::compiled
