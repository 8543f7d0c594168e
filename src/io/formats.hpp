#pragma once

#include <corymb/io/detail/compiled.hpp>

#include <string>
#include <vector>

#include "io/file.hpp"

// One reader per format, each instantiated for the four types of corymb/io/detail/compiled.hpp.
namespace corymb::compiled {

/// Throws InvalidArgument unless the format's characters can be told from numbers and quotes.
void check_csv_format(const CsvFormat& format);

template <class T>
void read_csv(InputFile& file, const CsvFormat& format, const MatrixMemory<T>& memory, std::vector<std::string>& names);

bool is_npy(const InputFile& file);

template <class T>
void read_npy(InputFile& file, const MatrixMemory<T>& memory);

}  // namespace corymb::compiled
