#pragma once

#include <corymb/core/config.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace corymb::compiled {

/// An NPY file in C order whose rows are read where they are wanted. Reading may go on in several threads.
class CORYMB_EXPORT NpyRows {
 public:
  /// Reads the header; the data stay in the file.
  explicit NpyRows(const std::string& path);
  ~NpyRows();
  NpyRows(const NpyRows&) = delete;
  NpyRows& operator=(const NpyRows&) = delete;

  std::ptrdiff_t rows() const;
  std::ptrdiff_t cols() const;

  /// Writes the rows first to first + count − 1, which the file must have, into out, row-major.
  void read(std::ptrdiff_t first, std::ptrdiff_t count, float* out) const;
  void read(std::ptrdiff_t first, std::ptrdiff_t count, double* out) const;

 private:
  class Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace corymb::compiled
