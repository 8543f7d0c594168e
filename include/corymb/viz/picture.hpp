#pragma once

#include <corymb/core/config.hpp>
#include <corymb/viz/detail/needs_library.hpp>
#include <corymb/viz/detail/picture.hpp>

#include <string>
#include <vector>

// Outside the inline namespace, because the compiled library makes it.
namespace corymb {

/// A drawing in SVG, made by scatter() and others. A value: pictures are placed side by side by grid(), and written by
/// write_svg().
struct Picture {
  double width = 0;   ///< pixels
  double height = 0;  ///< pixels
  std::string body;   ///< SVG elements within [0, width] × [0, height]
};

}  // namespace corymb

CORYMB_BEGIN

/// Options of grid().
struct GridOptions {
  /// Pictures in a row; 0 = about as many as rows.
  int columns = 0;
  /// A heading above all pictures; empty = none.
  std::string title = {};
};

/// Small multiples: the pictures in rows, from left to right, in the order given. Each row is as high as its highest
/// picture, each column as wide as its widest.
/// @throws InvalidArgument  No pictures, or columns < 0.
Picture grid(const std::vector<Picture>& pictures, const GridOptions& options = {});

/// The picture as the text of an SVG 1.1 file, on a white background. Fonts are the viewer's sans-serif; nothing is
/// loaded from elsewhere.
std::string to_svg(const Picture& picture);

/// Writes the picture as an SVG file. A file of that name is replaced only when everything is written (through a
/// temporary file in its folder).
/// @throws IoError  The file cannot be written; an existing file is as it was.
void write_svg(const std::string& path, const Picture& picture);

inline Picture grid(const std::vector<Picture>& pictures, const GridOptions& options) {
  return compiled::grid(pictures, options.columns, options.title);
}

inline std::string to_svg(const Picture& picture) { return compiled::to_svg(picture); }

inline void write_svg(const std::string& path, const Picture& picture) { compiled::write_svg(path, picture); }

CORYMB_END
