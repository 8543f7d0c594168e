#include <corymb/io/detail/npy_rows.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "io/file.hpp"
#include "io/formats.hpp"
#include "io/mapped_file.hpp"
#include "io/numbers.hpp"

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

/// Reads up to the data. `kind` is their type without the order of bytes, "f8".
ArrayHeader read_array_header(InputFile& file, std::string& kind) {
  if (!is_npy(file)) file.fail("is no NPY file: it does not begin with \\x93NUMPY");
  ArrayHeader array{.format = "NPY"};
  const Header header = read_header(file, array.bytes);
  if (header.shape.empty() || header.shape.size() > 2)
    file.fail("has " + std::to_string(header.shape.size()) + " dimensions; one or two are supported");
  const std::string_view type = header.type;
  array.type = excerpt(type);
  array.shape = shape_text<std::ptrdiff_t>(header.shape);
  array.rows = header.shape[0];
  array.cols = header.shape.size() == 1 ? 1 : header.shape[1];
  array.column_by_column = header.fortran_order;
  if (!type.empty() && std::string_view("<>=|").find(type[0]) != std::string_view::npos) {
    array.big_endian = type[0] == '>' || (type[0] != '<' && std::endian::native == std::endian::big);
    kind = type.substr(1);
  }
  return array;
}

/// f(S()) for the type S of the data.
template <class F>
auto for_type(const InputFile& file, const ArrayHeader& array, std::string_view kind, F&& f) {
  if (kind == "f4") return f(float{});
  if (kind == "f8") return f(double{});
  if (kind == "b1") return f(Bool{});
  if (kind == "i1") return f(std::int8_t{});
  if (kind == "i2") return f(std::int16_t{});
  if (kind == "i4") return f(std::int32_t{});
  if (kind == "i8") return f(std::int64_t{});
  if (kind == "u1") return f(std::uint8_t{});
  if (kind == "u2") return f(std::uint16_t{});
  if (kind == "u4") return f(std::uint32_t{});
  if (kind == "u8") return f(std::uint64_t{});
  file.fail("the type " + array.type + " is not supported; float32, float64, integers and bool are");
}

}  // namespace

bool is_npy(const InputFile& file) { return file.head().starts_with(magic); }

template <class T>
void read_npy(InputFile& file, const std::vector<std::string>& columns, const MatrixMemory<T>& memory) {
  std::string kind;
  const ArrayHeader array = read_array_header(file, kind);
  for_type(file, array, kind, [&]<class S>(S) { read_array<S>(file, array, columns, memory); });
}

template void read_npy(InputFile&, const std::vector<std::string>&, const MatrixMemory<float>&);
template void read_npy(InputFile&, const std::vector<std::string>&, const MatrixMemory<double>&);
template void read_npy(InputFile&, const std::vector<std::string>&, const MatrixMemory<std::int32_t>&);
template void read_npy(InputFile&, const std::vector<std::string>&, const MatrixMemory<std::ptrdiff_t>&);

// ---- rows where they are wanted ----

class NpyRows::Impl {
 public:
  explicit Impl(const std::string& path) : Impl(path, std::make_unique<InputFile>(path)) {}

  const ArrayHeader& array() const { return array_; }

  template <class T>
  void read(std::ptrdiff_t first, std::ptrdiff_t count, T* out) const {
    for_type(*file_, array_, kind_, [&]<class S>(S) {
      const std::uint64_t row = static_cast<std::uint64_t>(array_.cols) * sizeof(S);
      const std::uint64_t begin = array_.bytes + static_cast<std::uint64_t>(first) * row;
      data_.for_each_piece(begin, begin + static_cast<std::uint64_t>(count) * row,
                           [&](const std::byte* bytes, std::size_t size) {
                             convert<S>(bytes, size / sizeof(S), out);
                             out += size / sizeof(S);
                           });
    });
  }

 private:
  // The file is opened a second time only when its header has shown that it is no pipe, whose content is there once.
  Impl(const std::string& path, std::unique_ptr<InputFile> file)
      : file_(std::move(file)), array_(checked_header()), data_(path) {
    unsigned char start[2] = {};
    if (data_.size() >= sizeof start)
      data_.for_each_piece(0, sizeof start,
                           [&](const std::byte* bytes, std::size_t size) { std::memcpy(start, bytes, size); });
    if (start[0] == 0x1f && start[1] == 0x8b)
      file_->fail("is compressed with gzip; rows are read only from files that are not: decompress it first");
    for_type(*file_, array_, kind_, [&]<class S>(S) {
      const std::uint64_t most = (data_.size() - std::min(data_.size(), array_.bytes)) / sizeof(S);
      const auto n = static_cast<std::uint64_t>(array_.rows), d = static_cast<std::uint64_t>(array_.cols);
      if (data_.size() < array_.bytes || (n > 0 && d > most / n)) fail_truncated(*file_, array_);
      if (data_.size() > array_.bytes + n * d * sizeof(S)) file_->fail("more data follow " + describe(array_));
    });
  }

  ArrayHeader checked_header() {
    ArrayHeader array = read_array_header(*file_, kind_);
    for_type(*file_, array, kind_, [](auto) {});  // fails where there is no such type
    if (array.column_by_column && array.rows > 1 && array.cols > 1)
      file_->fail(
          "is in Fortran order, column by column; rows are read only from files in C order: save "
          "numpy.ascontiguousarray of it");
    if (!file_->most_bytes()) file_->fail("is an NPY array in a pipe; only regular files of that format can be read");
    return array;
  }

  template <class S, class T>
  void convert(const std::byte* bytes, std::size_t count, T* out) const {
    const bool foreign = sizeof(S) > 1 && array_.big_endian != (std::endian::native == std::endian::big);
    if (std::is_same_v<S, T> && !foreign) {
      std::memcpy(out, bytes, count * sizeof(S));
      return;
    }
    for (std::size_t i = 0; i < count; ++i) {
      S value;  // what the header leaves need not be aligned
      std::memcpy(&value, bytes + i * sizeof(S), sizeof(S));
      if (foreign) swap_bytes(std::span(&value, 1));
      out[i] = converted<T>(value, *file_, 0);
    }
  }

  std::unique_ptr<InputFile> file_;
  std::string kind_;
  ArrayHeader array_;
  MappedFile data_;
};

NpyRows::NpyRows(const std::string& path) : impl_(std::make_unique<const Impl>(path)) {}
NpyRows::~NpyRows() = default;
std::ptrdiff_t NpyRows::rows() const { return impl_->array().rows; }
std::ptrdiff_t NpyRows::cols() const { return impl_->array().cols; }
void NpyRows::read(std::ptrdiff_t first, std::ptrdiff_t count, float* out) const { impl_->read(first, count, out); }
void NpyRows::read(std::ptrdiff_t first, std::ptrdiff_t count, double* out) const { impl_->read(first, count, out); }

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
