#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/viz/detail/check_size.hpp>
#include <corymb/viz/detail/line_plot_task.hpp>
#include <corymb/viz/line_plot.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline constexpr std::string_view line_plot_name = "line_plot";
inline constexpr double most_plotted = 1e300;  // so that ranges do not overflow

/// @param logarithmic  whether the number stands on a logarithmic axis
inline void check_plotted(const std::string& name, double value, bool logarithmic) {
  if (!(std::abs(value) <= most_plotted))
    reject(line_plot_name, name + " = " + to_text(value) + " must be within ±" + to_text(most_plotted));
  if (logarithmic && value <= 0)
    reject(line_plot_name, name + " = " + to_text(value) + " must be > 0 on a logarithmic axis");
}

inline void check_plotted(const std::string& name, const Vector& values, bool logarithmic) {
  for (Index i = 0; i < values.size(); ++i)
    if (!(std::abs(values[i]) <= most_plotted) || (logarithmic && values[i] <= 0))
      check_plotted(name + "(" + to_text(i) + ")", values[i], logarithmic);
}

inline void check_line_plot(const std::vector<PlotLine>& lines, const LinePlotOptions& options) {
  check_picture_size(line_plot_name, options.width, options.height);
  for (std::size_t c = 0; c < lines.size(); ++c) {
    const PlotLine& line = lines[c];
    const std::string name = "lines[" + to_text(c) + "]";
    if (line.x.size() > 0 && line.x.size() != line.y.size())
      reject(line_plot_name, name + " has " + to_text(line.x.size()) + " values of x and " + to_text(line.y.size()) +
                                 " of y; they must agree");
    check_plotted(name + ".x", line.x, false);
    check_plotted(name + ".y", line.y, options.logarithmic_y);
  }
  for (std::size_t g = 0; g < options.guides.size(); ++g) {
    const PlotGuide& guide = options.guides[g];
    check_plotted("guides[" + to_text(g) + "].value", guide.value, options.logarithmic_y && !guide.is_x);
  }
}

}  // namespace detail

inline Picture line_plot(const std::vector<PlotLine>& lines, const LinePlotOptions& options) {
  detail::check_line_plot(lines, options);
  compiled::LinePlotTask task;
  for (const PlotLine& line : lines)
    task.lines.push_back(
        {line.y.size(), line.x.size() > 0 ? line.x.data() : nullptr, line.y.data(), line.name, line.marks});
  for (const PlotGuide& guide : options.guides) task.guides.push_back({guide.value, guide.label, guide.is_x});
  task.title = options.title;
  task.x_name = options.x_name;
  task.y_name = options.y_name;
  task.logarithmic_y = options.logarithmic_y;
  task.legend = options.legend;
  task.width = options.width;
  task.height = options.height;
  return compiled::line_plot(task);
}

CORYMB_END
