#include "bitmap.hpp"

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace {

constexpr std::size_t header_size = 54;

std::uint32_t number_at(const std::vector<char>& file, std::size_t at, int bytes) {
  std::uint32_t value = 0;
  for (int i = bytes - 1; i >= 0; --i)
    value = value << 8 | static_cast<std::uint8_t>(file[at + static_cast<std::size_t>(i)]);
  return value;
}

void put_number(std::vector<char>& file, std::size_t at, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) file[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * i));
}

std::size_t bytes_of_row(int width) { return (static_cast<std::size_t>(width) * 3 + 3) / 4 * 4; }

/// Files store blue first, and rows from the bottom.
void copy_pixels(const char* file, std::uint8_t* rgb, int width, int height, bool bottom_up) {
  for (int y = 0; y < height; ++y) {
    const char* row = file + bytes_of_row(width) * static_cast<std::size_t>(bottom_up ? height - 1 - y : y);
    for (int x = 0; x < width; ++x, row += 3)
      for (int c = 2; c >= 0; --c) *rgb++ = static_cast<std::uint8_t>(row[c]);
  }
}

}  // namespace

Bitmap read_bmp(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error(path + ": cannot be opened");
  const std::vector<char> file{std::istreambuf_iterator<char>(stream), {}};
  if (file.size() < header_size || file[0] != 'B' || file[1] != 'M' || number_at(file, 28, 2) != 24 ||
      number_at(file, 30, 4) != 0)
    throw std::runtime_error(path + ": is no uncompressed BMP of 24 bits a pixel");
  const std::size_t begin = number_at(file, 10, 4);
  const auto width = static_cast<std::int32_t>(number_at(file, 18, 4));
  const auto signed_height = static_cast<std::int32_t>(number_at(file, 22, 4));
  constexpr std::int32_t most = 1 << 15;
  if (width < 1 || width > most || signed_height == 0 || signed_height < -most || signed_height > most)
    throw std::runtime_error(path + ": has no size that can be handled");
  const int height = std::abs(signed_height);
  if (begin > file.size() || (file.size() - begin) / bytes_of_row(width) < static_cast<std::size_t>(height))
    throw std::runtime_error(path + ": is truncated");
  Bitmap bitmap{width, height,
                std::vector<std::uint8_t>(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
  copy_pixels(file.data() + begin, bitmap.rgb.data(), width, height, signed_height > 0);
  return bitmap;
}

void write_bmp(const std::string& path, const Bitmap& bitmap) {
  const std::size_t row_bytes = bytes_of_row(bitmap.width);
  std::vector<char> file(header_size + row_bytes * static_cast<std::size_t>(bitmap.height));
  file[0] = 'B';
  file[1] = 'M';
  put_number(file, 2, static_cast<std::uint32_t>(file.size()), 4);
  put_number(file, 10, header_size, 4);
  put_number(file, 14, 40, 4);
  put_number(file, 18, static_cast<std::uint32_t>(bitmap.width), 4);
  put_number(file, 22, static_cast<std::uint32_t>(bitmap.height), 4);
  put_number(file, 26, 1, 2);
  put_number(file, 28, 24, 2);
  const std::uint8_t* rgb = bitmap.rgb.data();
  for (int y = bitmap.height - 1; y >= 0; --y) {
    char* row = file.data() + header_size + row_bytes * static_cast<std::size_t>(y);
    for (int x = 0; x < bitmap.width; ++x, row += 3)
      for (int c = 2; c >= 0; --c) row[c] = static_cast<char>(*rgb++);
  }
  std::ofstream stream(path, std::ios::binary);
  stream.write(file.data(), static_cast<std::streamsize>(file.size()));
  if (!stream.flush()) throw std::runtime_error(path + ": cannot be written");
}
