#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// A picture of 24-bit colours.
struct Bitmap {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  ///< 3 · width · height, rows from the top, red first
};

/// Reads and writes uncompressed 24-bit BMP files, which every viewer shows.
/// @throws std::runtime_error  The file cannot be read or written, or is another kind of file.
Bitmap read_bmp(const std::string& path);
void write_bmp(const std::string& path, const Bitmap& bitmap);
