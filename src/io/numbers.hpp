#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "io/columns.hpp"
#include "io/file.hpp"
#include "io/formats.hpp"

// Arrays of numbers as binary files hold them: of any type, in either order of bytes and of storage.
namespace corymb::compiled {

/// What the header of a file says about the data that follow it.
struct ArrayHeader {
  const char* format;       // "NPY"
  std::string type = {};    // as messages show it
  std::string shape = {};   // likewise, "(2, 3)"
  std::uint64_t bytes = 0;  // of the header
  std::ptrdiff_t rows = 0;
  std::ptrdiff_t cols = 0;
  bool column_by_column = false;
  bool big_endian = false;
};

/// A byte that is true where it is not 0.
enum class Bool : std::uint8_t {};

template <class Size>
std::string shape_text(std::span<const Size> sizes) {
  constexpr std::size_t most_sizes = 8;
  std::string text = "(";
  for (std::size_t i = 0; i < std::min(sizes.size(), most_sizes); ++i)
    text.append(i > 0 ? ", " : "").append(std::to_string(sizes[i]));
  return text.append(sizes.size() > most_sizes ? ", ...)" : ")");
}

inline std::string describe(const ArrayHeader& header) { return "shape " + header.shape + " of " + header.type; }

[[noreturn]] inline void fail_truncated(const InputFile& file, const ArrayHeader& header) {
  file.fail("truncated: the header says " + describe(header) + ", the data are shorter");
}

template <class T, class S>
T converted(S value, const InputFile& file, std::ptrdiff_t row) {
  if constexpr (std::is_same_v<S, Bool>) {
    return static_cast<T>(value != Bool{} ? 1 : 0);
  } else if constexpr (std::is_integral_v<T>) {
    static_assert(std::is_integral_v<S>);
    if (!std::in_range<T>(value))
      file.fail("entry [" + std::to_string(row) + "] = " + std::to_string(value) + " does not fit into " +
                std::to_string(8 * sizeof(T)) + " bits");
    return static_cast<T>(value);
  } else {
    return static_cast<T>(value);
  }
}

template <class S>
void swap_bytes(std::span<S> values) {
  for (S& value : values) {
    std::array<std::byte, sizeof(S)> bytes;
    std::memcpy(bytes.data(), &value, sizeof(S));
    std::ranges::reverse(bytes);
    std::memcpy(&value, bytes.data(), sizeof(S));
  }
}

/// An array of S whose header has been read.
template <class S>
class ArrayReader {
 public:
  ArrayReader(InputFile& file, const ArrayHeader& header) : file_(file), header_(header) {}

  template <class T>
  void read_all_columns(T* out) const {
    const std::ptrdiff_t count = header_.rows * header_.cols;
    const bool transposed = header_.column_by_column && header_.rows > 1 && header_.cols > 1;
    if constexpr (std::is_same_v<S, T>) {
      if (!transposed && !foreign_bytes()) return read(out, count);
    }
    const std::ptrdiff_t rows = transposed ? header_.rows : count, cols = transposed ? header_.cols : 1;
    for_each_block(cols, rows, transposed ? large : small,
                   [&](std::ptrdiff_t j0, std::ptrdiff_t i0, std::ptrdiff_t d, std::ptrdiff_t n, const S* from) {
                     for (std::ptrdiff_t i = 0; i < n; ++i)
                       for (std::ptrdiff_t j = 0; j < d; ++j)
                         out[(i0 + i) * cols + j0 + j] = converted<T>(from[j * n + i], file_, i0 + i);
                   });
  }

  template <class T>
  void read_columns(const ColumnChoice& choice, T* out) const {
    const std::vector<std::ptrdiff_t> places = choice.places(header_.cols);
    const auto take = [&](std::ptrdiff_t i, std::ptrdiff_t j, S value) {
      const std::ptrdiff_t place = places[static_cast<std::size_t>(j)];
      if (place >= 0) out[i * choice.count + place] = converted<T>(value, file_, i);
    };
    if (header_.column_by_column)
      for_each_block(header_.cols, header_.rows, large,
                     [&](std::ptrdiff_t j0, std::ptrdiff_t i0, std::ptrdiff_t d, std::ptrdiff_t n, const S* from) {
                       for (std::ptrdiff_t i = 0; i < n; ++i)
                         for (std::ptrdiff_t j = 0; j < d; ++j) take(i0 + i, j0 + j, from[j * n + i]);
                     });
    else
      for_each_block(header_.rows, header_.cols, small,
                     [&](std::ptrdiff_t i0, std::ptrdiff_t j0, std::ptrdiff_t n, std::ptrdiff_t d, const S* from) {
                       for (std::ptrdiff_t i = 0; i < n; ++i)
                         for (std::ptrdiff_t j = 0; j < d; ++j) take(i0 + i, j0 + j, from[i * d + j]);
                     });
  }

 private:
  // Values in a buffer: small enough for the caches where the file's order is kept; else large, because the result is
  // crossed once per buffer.
  static constexpr std::ptrdiff_t small = (std::ptrdiff_t{1} << 17) / sizeof(S);
  static constexpr std::ptrdiff_t large = (std::ptrdiff_t{1} << 24) / sizeof(S);

  bool foreign_bytes() const {
    return sizeof(S) > 1 && header_.big_endian != (std::endian::native == std::endian::big);
  }

  void read(S* to, std::ptrdiff_t count) const {
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(S);
    if (file_.read(to, bytes) < bytes) fail_truncated(file_, header_);
  }

  /// The file as `lines` of `length` values each: calls f(first line, first value, lines, values, buffer) for as many
  /// whole lines at a time as the buffer has room for, else for parts of one.
  template <class F>
  void for_each_block(std::ptrdiff_t lines, std::ptrdiff_t length, std::ptrdiff_t room, F&& f) const {
    if (lines == 0 || length == 0) return;
    const std::ptrdiff_t block_length = std::min(length, room);
    const std::ptrdiff_t block_lines = block_length < length ? 1 : std::min(lines, room / length);
    std::vector<S> buffer(static_cast<std::size_t>(block_lines * block_length));
    for (std::ptrdiff_t a = 0; a < lines; a += block_lines)
      for (std::ptrdiff_t b = 0; b < length; b += block_length) {
        const std::ptrdiff_t m = std::min(block_lines, lines - a), n = std::min(block_length, length - b);
        read(buffer.data(), m * n);
        if (foreign_bytes()) swap_bytes(std::span(buffer).first(static_cast<std::size_t>(m * n)));
        f(a, b, m, n, buffer.data());
      }
  }

  InputFile& file_;
  const ArrayHeader& header_;
};

/// Reads the data up to the end of the file. No columns chosen = all of them.
template <class S, class T>
void read_array(InputFile& file, const ArrayHeader& header, const std::vector<std::string>& columns,
                const MatrixMemory<T>& memory) {
  if constexpr (std::is_integral_v<T> && std::is_floating_point_v<S>) {
    file.fail("holds " + header.type + " where integers are expected");
  } else {
    // Sizes are claims until the file is seen to be large enough for them; nothing below overflows.
    if (!file.most_bytes())
      file.fail("is an " + std::string(header.format) +
                " array in a pipe; only regular files of that format can be read");
    const std::uint64_t most = (*file.most_bytes() - std::min(*file.most_bytes(), header.bytes)) / sizeof(S);
    const auto n = static_cast<std::uint64_t>(header.rows), d = static_cast<std::uint64_t>(header.cols);
    if (n > 0 && d > most / n) fail_truncated(file, header);
    if (!file.may_hold(header.bytes + n * d * sizeof(S))) fail_truncated(file, header);

    ColumnChoice choice;
    if (!columns.empty()) choice = choose_columns(columns, header.cols, {});
    if (!choice.fault.empty()) file.fail(choice.fault);
    const std::ptrdiff_t cols = columns.empty() ? header.cols : choice.count;
    T* out = allocate(file, memory, header.rows, cols);
    const ArrayReader<S> reader(file, header);
    if (columns.empty())
      reader.read_all_columns(out);
    else if (header.rows > 0)
      reader.read_columns(choice, out);
    char extra;
    if (file.read(&extra, 1) > 0) file.fail("more data follow " + describe(header));
  }
}

}  // namespace corymb::compiled
