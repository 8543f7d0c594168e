#pragma once

#include <corymb/core/types.hpp>
#include <corymb/io/detail/memory.hpp>

#include <string>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// Reads an array in the format IDX, that of the MNIST files: uint8, int8, int16, int32, float32 or float64, with one
/// dimension or more. The first is n; each of the n items becomes a row, its numbers in the order of the file, so that
/// 60000 × 28 × 28 images become 60000 × 784. One dimension gives n × 1. The file may be compressed with gzip,
/// recognised by its first bytes.
/// @return n × d values, n ≥ 0 and d ≥ 0, as they are in the file (bytes are not scaled). Other types become T, float
/// or
///   double, by a cast: int32 above 2^24 and float64 read as float are rounded, float64 beyond the range of float
///   becomes infinite.
/// @throws IoError  as read_npy. Nothing is allocated for a size that the file cannot hold.
/// @note Through a buffer of 128 KiB. Regular files only, because a size that is claimed must be checked.
/// @see LeCun, Cortes, Burges, The MNIST database of handwritten digits, where the format is described.
template <class T = double>
RowMatrix<T> read_idx(const std::string& path);

template <class T>
RowMatrix<T> read_idx(const std::string& path) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "corymb::read_idx: T must be float or double");
  RowMatrix<T> result;
  std::vector<std::string> no_names;
  compiled::read_matrix(path, compiled::FileFormat::idx, {}, detail::memory_of(result), no_names);
  return result;
}

CORYMB_END
