#include <corymb/core/errors.hpp>
#include <corymb/viz/picture.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "io/file.hpp"
#include "viz/svg.hpp"

namespace corymb::compiled {

Picture grid(const std::vector<Picture>& pictures, int columns, const std::string& title) {
  if (pictures.empty()) throw InvalidArgument("corymb::grid: pictures is empty; at least 1 is needed");
  if (columns < 0)
    throw InvalidArgument("corymb::grid: columns = " + std::to_string(columns) + " must be at least 0 (0 = automatic)");
  const std::size_t n = pictures.size();
  const std::size_t across = columns > 0 ? std::min(static_cast<std::size_t>(columns), n)
                                         : static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(n))));
  std::vector<double> widths(across), heights((n + across - 1) / across);
  for (std::size_t i = 0; i < n; ++i) {
    widths[i % across] = std::max(widths[i % across], pictures[i].width);
    heights[i / across] = std::max(heights[i / across], pictures[i].height);
  }

  constexpr double heading = 34;
  Picture result;
  for (const double width : widths) result.width += width;
  double top = title.empty() ? 0 : heading;
  if (!title.empty())
    result.body = svg::text(result.width / 2, 24, title, result.width - 16,
                            {.size = 17, .anchor = svg::Anchor::middle, .bold = true});
  double left = 0;
  for (std::size_t i = 0; i < n; ++i) {
    result.body += "<g transform=\"translate(" + svg::number(left) + " " + svg::number(top) + ")\">\n";
    result.body += pictures[i].body;
    result.body += "</g>\n";
    left += widths[i % across];
    if (i % across != across - 1 && i != n - 1) continue;
    left = 0;
    top += heights[i / across];
  }
  result.height = top;
  return result;
}

std::string to_svg(const Picture& picture) {
  const std::string width = svg::number(picture.width), height = svg::number(picture.height);
  std::string file = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"";
  file.append(width).append("\" height=\"").append(height);
  file.append("\" viewBox=\"0 0 ").append(width).append(" ").append(height);
  file.append("\" font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\">\n");
  file.append(svg::rectangle(0, 0, picture.width, picture.height, svg::paper, "none"));
  return file.append(picture.body).append("</svg>\n");
}

void write_svg(const std::string& path, const Picture& picture) {
  OutputFile file(path);
  const std::string text = compiled::to_svg(picture);
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace corymb::compiled
