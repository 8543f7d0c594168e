#include <corymb/io/detail/compiled.hpp>
#include <corymb/io/matrix.hpp>

#include <array>

#include "fuzz/support.hpp"

namespace corymb_fuzz {
namespace {

std::uint32_t crc32(Bytes bytes) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1)));
  }
  return ~crc;
}

/// RFC 1952 and 1951, with stored blocks only: what a fuzzer changes inside must not break the checksum.
std::vector<std::uint8_t> gzipped(Bytes bytes) {
  std::vector<std::uint8_t> file = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
  const auto append = [&](std::size_t value, int count) {
    for (int i = 0; i < count; ++i) file.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  constexpr std::size_t longest_block = 0xffff;
  for (Bytes rest = bytes;;) {
    const Bytes block = rest.first(std::min(rest.size(), longest_block));
    rest = rest.subspan(block.size());
    append(rest.empty() ? 1 : 0, 1);
    append(block.size(), 2);
    append(~block.size(), 2);
    file.insert(file.end(), block.begin(), block.end());
    if (rest.empty()) break;
  }
  append(crc32(bytes), 4);
  append(bytes.size(), 4);
  return file;
}

template <class T>
bool read(const std::string& path, const corymb::CsvOptions& options) {
  const auto values = accepted([&] { return corymb::read_matrix<T>(path, options); });
  if (!values) return false;
  require_same_npy(*values);
  require_same_csv<T>({*values, {}});
  return true;
}

}  // namespace

bool matrix(Bytes input) {
  const bool compress = !input.empty() && input[0] == 'z' && corymb::compiled::reads_gzip();
  if (!input.empty() && input[0] != '\n') input = input.subspan(1);
  const corymb::CsvOptions options = csv_options(input);
  const std::vector<std::uint8_t> compressed = compress ? gzipped(input) : std::vector<std::uint8_t>();
  const MemoryFile file(compress ? Bytes(compressed) : input);
  const bool as_float = read<float>(file.path(), options), as_double = read<double>(file.path(), options);
  require(as_double || !as_float, "read as float, but not as double");
  return as_double;
}

}  // namespace corymb_fuzz
