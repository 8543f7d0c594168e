#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.hpp"
#include "io/formats.hpp"
#include "io/numbers.hpp"

// IDX: two zero bytes, a type, the number of dimensions, their sizes in 32 bits, the data; everything is big-endian.
namespace corymb::compiled {
namespace {

/// Of a type's code in a file; null where there is no such type.
const char* name_of_type(unsigned char code) {
  switch (code) {
    case 0x08: return "uint8";
    case 0x09: return "int8";
    case 0x0b: return "int16";
    case 0x0c: return "int32";
    case 0x0d: return "float32";
    case 0x0e: return "float64";
    default: return nullptr;
  }
}

bool begins_with_zeros(std::string_view head) { return head.size() > 2 && head[0] == '\0' && head[1] == '\0'; }

/// Reads up to the data.
ArrayHeader read_header(InputFile& file, unsigned char& type) {
  ArrayHeader header{.format = "IDX"};
  const auto read = [&](unsigned char* to, std::size_t count) {
    if (file.read(to, count) < count) file.fail("truncated IDX header");
    header.bytes += count;
  };
  std::array<unsigned char, 4> start;
  read(start.data(), start.size());
  type = start[2];
  const char* const name = name_of_type(type);
  if (!name)
    file.fail("the IDX type " + std::to_string(type) + " is not supported; 8 (uint8), 9 (int8), 11 (int16), 12 " +
              "(int32), 13 (float32) and 14 (float64) are");
  if (start[3] == 0) file.fail("has 0 dimensions; at least one is needed");
  std::vector<std::uint32_t> sizes(start[3]);
  for (std::uint32_t& size : sizes) {
    std::array<unsigned char, 4> bytes;
    read(bytes.data(), bytes.size());
    for (const unsigned char byte : bytes) size = size << 8 | byte;
  }

  header.type = name;
  header.shape = shape_text<std::uint32_t>(sizes);
  header.big_endian = true;
  header.rows = sizes[0];
  header.cols = 1;
  const auto others = std::span(sizes).subspan(1);
  if (std::ranges::find(others, 0U) != others.end()) {
    header.cols = 0;
    return header;
  }
  for (const std::uint32_t size : others) {
    if (header.cols > std::numeric_limits<std::ptrdiff_t>::max() / static_cast<std::ptrdiff_t>(size))
      file.fail("a row of " + describe(header) + " has more than 2^63 numbers");
    header.cols *= size;
  }
  return header;
}

}  // namespace

bool is_idx(const InputFile& file) {
  return begins_with_zeros(file.head()) && name_of_type(static_cast<unsigned char>(file.head()[2]));
}

template <class T>
void read_idx(InputFile& file, const std::vector<std::string>& columns, const MatrixMemory<T>& memory) {
  if (!begins_with_zeros(file.head())) file.fail("is no IDX file: it does not begin with two zero bytes and a type");
  unsigned char type = 0;
  const ArrayHeader header = read_header(file, type);
  switch (type) {
    case 0x08: return read_array<std::uint8_t>(file, header, columns, memory);
    case 0x09: return read_array<std::int8_t>(file, header, columns, memory);
    case 0x0b: return read_array<std::int16_t>(file, header, columns, memory);
    case 0x0c: return read_array<std::int32_t>(file, header, columns, memory);
    case 0x0d: return read_array<float>(file, header, columns, memory);
    default: return read_array<double>(file, header, columns, memory);
  }
}

template void read_idx(InputFile&, const std::vector<std::string>&, const MatrixMemory<float>&);
template void read_idx(InputFile&, const std::vector<std::string>&, const MatrixMemory<double>&);
template void read_idx(InputFile&, const std::vector<std::string>&, const MatrixMemory<std::int32_t>&);
template void read_idx(InputFile&, const std::vector<std::string>&, const MatrixMemory<std::ptrdiff_t>&);

}  // namespace corymb::compiled
