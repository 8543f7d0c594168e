#pragma once

#include <corymb/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// What crosses into the compiled readers and writers. Matrices are allocated by the consumer.
namespace corymb::compiled {

/// Where a reader puts its numbers: allocate(context, rows, cols) gives row-major memory. It is called once, when the
/// size is known and the file has been seen to be large enough for it; what it throws leaves the reader.
template <class T>
struct MatrixMemory {
  T* (*allocate)(void* context, std::ptrdiff_t rows, std::ptrdiff_t cols);
  void* context;
};

/// CsvOptions without its types.
struct CsvFormat {
  char delimiter = '\0';
  char comment = '#';
  bool detect_header = true;
  bool has_header = false;           // where nothing is detected
  std::vector<std::string> columns;  // also for the other formats
};

/// `any` goes by the first bytes of the content.
enum class FileFormat : int { any, csv, npy, idx };

#define CORYMB_DECLARE_READER(T)                                                                               \
  CORYMB_EXPORT void read_matrix(const std::string& path, FileFormat file_format, const CsvFormat& csv_format, \
                                 const MatrixMemory<T>& memory, std::vector<std::string>& names);

// ptrdiff_t is Eigen::Index.
CORYMB_DECLARE_READER(float)
CORYMB_DECLARE_READER(double)
CORYMB_DECLARE_READER(std::int32_t)
CORYMB_DECLARE_READER(std::ptrdiff_t)
#undef CORYMB_DECLARE_READER

/// Rows of `cols` values, `stride` elements apart.
template <class T>
struct MatrixToWrite {
  const T* data;
  std::ptrdiff_t rows;
  std::ptrdiff_t cols;
  std::ptrdiff_t stride;
};

#define CORYMB_DECLARE_CSV_WRITER(T)                                                                    \
  CORYMB_EXPORT void write_csv(const std::string& path, const MatrixToWrite<T>& matrix, char delimiter, \
                               const std::vector<std::string>& names);
CORYMB_DECLARE_CSV_WRITER(float)
CORYMB_DECLARE_CSV_WRITER(double)
CORYMB_DECLARE_CSV_WRITER(std::ptrdiff_t)
#undef CORYMB_DECLARE_CSV_WRITER

CORYMB_EXPORT void write_npy(const std::string& path, const MatrixToWrite<float>& matrix);
CORYMB_EXPORT void write_npy(const std::string& path, const MatrixToWrite<double>& matrix);

/// Whether the library was built with zlib.
CORYMB_EXPORT bool reads_gzip();

}  // namespace corymb::compiled
