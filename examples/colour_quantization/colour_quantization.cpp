// A picture in, a picture out: k-means on the colours of its pixels finds the palette, and every pixel gets the colour
// of its cluster.
//   colour_quantization [PICTURE.bmp [COLOURS]]
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "bitmap.hpp"

namespace {

/// The pixels as points: one row a pixel, its red, green and blue.
corymb::RowMatrix<float> points_of(const Bitmap& picture) {
  using Bytes = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 3, Eigen::RowMajor>;
  const auto pixels = static_cast<corymb::Index>(picture.rgb.size() / 3);
  return Eigen::Map<const Bytes>(picture.rgb.data(), pixels, 3).cast<float>();
}

void quantize(const Bitmap& picture, corymb::Index colours) {
  const auto palette = corymb::kmeans(points_of(picture), colours, {.restarts = 3, .seed = 1});

  Bitmap result = picture;
  for (corymb::Index pixel = 0; pixel < palette.labels.size(); ++pixel)
    for (int c = 0; c < 3; ++c)
      result.rgb[static_cast<std::size_t>(3 * pixel + c)] =
          static_cast<std::uint8_t>(std::lround(palette.centroids(palette.labels[pixel], c)));
  const std::string path = std::to_string(colours) + "_colours.bmp";
  write_bmp(path, result);

  const double error = std::sqrt(palette.inertia / static_cast<double>(picture.rgb.size()));
  std::printf("%7td %20.1f   %s\n", colours, error, path.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Bitmap picture = read_bmp(argc > 1 ? argv[1] : PICTURE);
    std::printf("%d x %d pixels\n%7s %20s   %s\n", picture.width, picture.height, "colours", "error of a channel",
                "file");
    if (argc > 2) {
      quantize(picture, std::atoi(argv[2]));
      return 0;
    }
    write_bmp("original.bmp", picture);
    for (const corymb::Index colours : {4, 8, 16}) quantize(picture, colours);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "colour_quantization: %s\n", error.what());
    return 1;
  }
}
