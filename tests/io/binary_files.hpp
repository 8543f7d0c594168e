#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "io/support.hpp"

// NPY and IDX files with any header, whether it is true or not.

/// A number as a file holds it.
template <class S>
std::string encoded(S value, bool big_endian) {
  std::string bytes(sizeof(S), '\0');
  std::memcpy(bytes.data(), &value, sizeof(S));
  if (big_endian != (std::endian::native == std::endian::big)) std::ranges::reverse(bytes);
  return bytes;
}

inline std::string npy(const std::string& header, const std::string& data, int version = 1) {
  std::string bytes = bytes_of("\x93NUMPY") + static_cast<char>(version) + '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return bytes + header + data;
}

/// The header of NPY.
inline std::string dict(const std::string& type, bool fortran_order, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran_order ? "True" : "False") + ", 'shape': " + shape +
         ", }  \n";
}

inline std::string idx(int type, const std::vector<std::uint32_t>& sizes, const std::string& data) {
  std::string bytes = bytes_of("\0\0") + static_cast<char>(type) + static_cast<char>(sizes.size());
  for (const std::uint32_t size : sizes) bytes += encoded(size, true);
  return bytes + data;
}
