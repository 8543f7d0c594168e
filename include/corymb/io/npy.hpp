#pragma once

#include <corymb/core/points.hpp>
#include <corymb/core/row_source.hpp>
#include <corymb/core/types.hpp>
#include <corymb/io/detail/memory.hpp>
#include <corymb/io/detail/npy_rows.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

CORYMB_BEGIN

/// Reads an array in NumPy's format NPY, versions 1 to 3: float32, float64, integers of 8 to 64 bits, bool; little- or
/// big-endian; C or Fortran order; one dimension (n values become n × 1) or two. The file may be compressed with gzip,
/// recognised by its first bytes.
/// @return n × d values, n ≥ 0 and d ≥ 0. Other types become T, float or double, by a cast: integers above 2^24 (float)
///   or 2^53 (double) and float64 read as float are rounded, float64 beyond the range of float becomes infinite.
/// @throws IoError  The file cannot be read, is no such array, needs more memory than there is, or holds fewer or more
///   bytes than its header says (so two arrays saved into one file are an error). Nothing is allocated for a size that
///   the file cannot hold; to see that, compressed content of more than 16 times the file is decompressed twice.
/// @note The data go straight into the result; where type, byte order or storage order differ, through a buffer of at
///   most 16 MiB. Regular files only, because a size that is claimed must be checked.
/// @see NumPy Enhancement Proposal 1.
template <class T = double>
RowMatrix<T> read_npy(const std::string& path);

/// The rows of an NPY file that need not fit into memory, for the algorithms that take a RowSource. Types, byte orders
/// and conversion to T are those of read_npy; the array must be in C order, in a regular file that is not compressed.
/// The file is mapped into memory as long as a copy of the source lives, and of the map no more is resident than what
/// is being read (some MiB); without address space for the map, the file is read instead.
/// @throws IoError  before anything is read: what read_npy throws for such a file, and for one that is compressed or in
///   Fortran order. Later, from the algorithm: the file cannot be read, or has become shorter.
/// @note The file must stay as it is: where another program cuts it short during a read, the system may end this one.
template <class T = double>
RowSource<T> npy_rows(const std::string& path);

/// Writes a matrix as NPY version 1.0: float32 or float64 as it is, C order, two dimensions. An existing file is
/// replaced as by write_csv.
/// @param matrix  n × d, float or double, any storage; column-major input is copied once.
/// @throws IoError  The file cannot be written; an existing file is as it was.
template <class Derived>
void write_npy(const std::string& path, const Eigen::DenseBase<Derived>& matrix);

template <class T>
RowMatrix<T> read_npy(const std::string& path) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "corymb::read_npy: T must be float or double");
  RowMatrix<T> result;
  std::vector<std::string> no_names;
  compiled::read_matrix(path, compiled::FileFormat::npy, {}, detail::memory_of(result), no_names);
  return result;
}

template <class T>
RowSource<T> npy_rows(const std::string& path) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "corymb::npy_rows: T must be float or double");
  const auto file = std::make_shared<const compiled::NpyRows>(path);
  return RowSource<T>(file->rows(), file->cols(),
                      [file](Index first, Index count, T* out) { file->read(first, count, out); });
}

template <class Derived>
void write_npy(const std::string& path, const Eigen::DenseBase<Derived>& matrix) {
  const Points rows(matrix);
  compiled::write_npy(path, {rows.row(0), rows.rows(), rows.cols(), rows.stride()});
}

CORYMB_END
