#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "io/file.hpp"
#include "io/formats.hpp"

// NPY: magic, version, length of the header, the header (a Python dict padded with blanks), the data.
namespace corymb::compiled {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

struct Header {
  std::string type;  // as written, e.g. "<f8"
  bool fortran_order = false;
  std::vector<std::ptrdiff_t> shape;
};

/// Parses {'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), } with the keys in any order.
class HeaderParser {
 public:
  HeaderParser(const InputFile& file, std::string_view text) : file_(file), rest_(text) {}

  Header parse() {
    Header header;
    bool has_type = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !has_type) {
        if (peek() == '[') file_.fail("arrays of structures are not supported");
        header.type = quoted();
        has_type = true;
      } else if (key == "fortran_order" && !has_order) {
        header.fortran_order = boolean();
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        header.shape = shape();
        has_shape = true;
      } else {
        fail();
      }
      if (!accept(',') && peek() != '}') fail();
    }
    if (peek() != '\0' || !has_type || !has_order || !has_shape) fail();
    return header;
  }

 private:
  [[noreturn]] void fail() const { file_.fail("damaged NPY header"); }

  char peek() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    return rest_.empty() ? '\0' : rest_[0];
  }

  bool accept(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail();
  }

  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail();
    const std::size_t end = rest_.find(quote, 1);
    if (end == rest_.npos) fail();
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool boolean() {
    peek();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    fail();
  }

  std::vector<std::ptrdiff_t> shape() {
    std::vector<std::ptrdiff_t> sizes;
    expect('(');
    while (!accept(')')) {
      peek();
      std::ptrdiff_t size = -1;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
      if (error != std::errc() || size < 0) fail();
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      sizes.push_back(size);
      accept('L');  // Python 2 wrote 3 as 3L
      if (!accept(',') && peek() != ')') fail();
    }
    return sizes;
  }

  const InputFile& file_;
  std::string_view rest_;
};

std::string describe(const Header& header) {
  std::string text = "shape (";
  for (std::size_t i = 0; i < header.shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(header.shape[i]);
  return text + ") of " + excerpt(header.type);
}

[[noreturn]] void fail_truncated(const InputFile& file, const Header& header) {
  file.fail("truncated: the header says " + describe(header) + ", the data are shorter");
}

/// Reads up to the data; `bytes` is what was read.
Header read_header(InputFile& file, std::uint64_t& bytes) {
  const auto read = [&](void* to, std::size_t count) {
    if (file.read(to, count) < count) file.fail("truncated NPY header");
    bytes += count;
  };
  std::array<unsigned char, 8> start;  // magic, major version, minor version
  read(start.data(), start.size());
  const int version = start[6];
  if (version < 1 || version > 3) file.fail("NPY version " + std::to_string(version) + " is not supported");
  std::array<unsigned char, 4> length_bytes = {};
  read(length_bytes.data(), version == 1 ? 2 : 4);
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes.size(); ++i) length += std::size_t{length_bytes[i]} << (8 * i);
  constexpr std::size_t longest = std::size_t{1} << 20;  // a hundred bytes are usual
  if (length > longest) file.fail("NPY header of " + std::to_string(length) + " bytes");
  std::string text(length, '\0');
  read(text.data(), length);
  return HeaderParser(file, text).parse();
}

// ---- data ----

enum class Bool : std::uint8_t {};

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
void swap_bytes(std::vector<S>& values) {
  for (S& value : values) {
    std::array<std::byte, sizeof(S)> bytes;
    std::memcpy(bytes.data(), &value, sizeof(S));
    std::ranges::reverse(bytes);
    std::memcpy(&value, bytes.data(), sizeof(S));
  }
}

/// An array of S whose header has been read.
template <class S>
struct Source {
  InputFile& file;
  const Header& header;
  bool foreign_order;  // of bytes

  void read(S* to, std::ptrdiff_t count) const {
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(S);
    if (file.read(to, bytes) < bytes) fail_truncated(file, header);
  }

  /// Column-major data into row-major `out`: as many whole columns at a time as the buffer holds, else parts of one.
  template <class T>
  void convert(std::ptrdiff_t rows, std::ptrdiff_t cols, T* out) const {
    // Small enough for the caches where nothing is transposed; else large, because `out` is crossed once per buffer.
    const std::ptrdiff_t room = (std::ptrdiff_t{1} << (cols == 1 ? 17 : 24)) / static_cast<std::ptrdiff_t>(sizeof(S));
    const std::ptrdiff_t block_rows = std::min(rows, room);
    const std::ptrdiff_t block_cols = block_rows < rows ? 1 : std::min(cols, room / rows);
    std::vector<S> buffer;
    for (std::ptrdiff_t j0 = 0; j0 < cols; j0 += block_cols)
      for (std::ptrdiff_t i0 = 0; i0 < rows; i0 += block_rows) {
        const std::ptrdiff_t n = std::min(block_rows, rows - i0), d = std::min(block_cols, cols - j0);
        buffer.resize(static_cast<std::size_t>(n * d));
        read(buffer.data(), n * d);
        if (foreign_order) swap_bytes(buffer);
        const S* from = buffer.data();
        for (std::ptrdiff_t i = 0; i < n; ++i)
          for (std::ptrdiff_t j = 0; j < d; ++j)
            out[(i0 + i) * cols + j0 + j] = converted<T>(from[j * n + i], file, i0 + i);
      }
  }
};

template <class S, class T>
void read_data(InputFile& file, const Header& header, std::uint64_t header_bytes, const MatrixMemory<T>& memory) {
  const bool little = std::endian::native == std::endian::little;
  const bool foreign_order = sizeof(S) > 1 && header.type[0] == (little ? '>' : '<');
  const std::ptrdiff_t rows = header.shape[0], cols = header.shape.size() == 1 ? 1 : header.shape[1];

  // Sizes are claims until the file is seen to be large enough for them; nothing below overflows.
  if (!file.most_bytes()) file.fail("is an NPY array in a pipe; only regular files of that format can be read");
  const std::uint64_t most = (*file.most_bytes() - std::min(*file.most_bytes(), header_bytes)) / sizeof(S);
  const auto n = static_cast<std::uint64_t>(rows), d = static_cast<std::uint64_t>(cols);
  if (n > 0 && d > most / n) fail_truncated(file, header);

  T* out = memory.allocate(memory.context, rows, cols);
  const Source<S> source{file, header, foreign_order};
  const std::ptrdiff_t count = rows * cols;
  const bool transposed = header.fortran_order && rows > 1 && cols > 1;
  if constexpr (std::is_same_v<S, T>) {
    if (!transposed && !foreign_order) source.read(out, count);
  }
  if (count > 0 && (!std::is_same_v<S, T> || transposed || foreign_order))
    source.convert(transposed ? rows : count, transposed ? cols : 1, out);
  char extra;
  if (file.read(&extra, 1) > 0) file.fail("more data follow " + describe(header));
}

}  // namespace

bool is_npy(const InputFile& file) { return file.head().starts_with(magic); }

template <class T>
void read_npy(InputFile& file, const MatrixMemory<T>& memory) {
  if (!is_npy(file)) file.fail("is no NPY file: it does not begin with \\x93NUMPY");
  std::uint64_t bytes = 0;
  const Header header = read_header(file, bytes);
  if (header.shape.empty() || header.shape.size() > 2)
    file.fail("has " + std::to_string(header.shape.size()) + " dimensions; one or two are supported");
  const auto read = [&]<class S>(S) { read_data<S>(file, header, bytes, memory); };
  const std::string_view type = header.type;
  const std::string_view kind = type.substr(std::min<std::size_t>(type.size(), 1));
  if (!type.empty() && std::string_view("<>=|").find(type[0]) != std::string_view::npos) {
    if constexpr (std::is_floating_point_v<T>) {
      if (kind == "f4") return read(float{});
      if (kind == "f8") return read(double{});
    } else if (kind == "f4" || kind == "f8") {
      file.fail("holds " + excerpt(header.type) + " where integers are expected");
    }
    if (kind == "b1") return read(Bool{});
    if (kind == "i1") return read(std::int8_t{});
    if (kind == "i2") return read(std::int16_t{});
    if (kind == "i4") return read(std::int32_t{});
    if (kind == "i8") return read(std::int64_t{});
    if (kind == "u1") return read(std::uint8_t{});
    if (kind == "u2") return read(std::uint16_t{});
    if (kind == "u4") return read(std::uint32_t{});
    if (kind == "u8") return read(std::uint64_t{});
  }
  file.fail("the type " + excerpt(header.type) + " is not supported; float32, float64, integers and bool are");
}

template void read_npy(InputFile&, const MatrixMemory<float>&);
template void read_npy(InputFile&, const MatrixMemory<double>&);
template void read_npy(InputFile&, const MatrixMemory<std::int32_t>&);
template void read_npy(InputFile&, const MatrixMemory<std::ptrdiff_t>&);

// ---- writing ----

namespace {

template <class T>
void write_array(const std::string& path, const MatrixToWrite<T>& matrix) {
  std::string header = std::string("{'descr': '") + (std::endian::native == std::endian::little ? "<f" : ">f") +
                       std::to_string(sizeof(T)) + "', 'fortran_order': False, 'shape': (" +
                       std::to_string(matrix.rows) + ", " + std::to_string(matrix.cols) + "), }";
  constexpr std::size_t before_header = 10, alignment = 64;  // of the data, as NumPy has it
  header.append(alignment - 1 - (before_header + header.size()) % alignment, ' ');
  header += '\n';
  std::string start(magic);
  start += {'\x01', '\x00', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};

  OutputFile file(path);
  file.write(start.data(), start.size());
  file.write(header.data(), header.size());
  const bool contiguous = matrix.stride == matrix.cols;
  const std::ptrdiff_t pieces = contiguous ? 1 : matrix.rows;
  const std::size_t bytes = static_cast<std::size_t>(contiguous ? matrix.rows * matrix.cols : matrix.cols) * sizeof(T);
  for (std::ptrdiff_t i = 0; i < pieces; ++i) file.write(matrix.data + i * matrix.stride, bytes);
  file.commit();
}

}  // namespace

void write_npy(const std::string& path, const MatrixToWrite<float>& matrix) { write_array(path, matrix); }
void write_npy(const std::string& path, const MatrixToWrite<double>& matrix) { write_array(path, matrix); }

}  // namespace corymb::compiled
