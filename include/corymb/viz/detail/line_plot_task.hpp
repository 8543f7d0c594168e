#pragma once

#include <corymb/viz/detail/picture.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace corymb::compiled {

struct LineTask {
  std::ptrdiff_t n = 0;
  const double* x = nullptr;  ///< n, or nothing: 1, 2, …
  const double* y = nullptr;  ///< n
  std::string name;
  bool marks = false;
};

struct GuideTask {
  double value = 0;
  std::string label;
  bool is_x = false;
};

/// What a line plot shows. All numbers are finite, those of a logarithmic axis positive.
struct LinePlotTask {
  std::vector<LineTask> lines;
  std::vector<GuideTask> guides;
  std::string title;
  std::string x_name;
  std::string y_name;
  bool logarithmic_y = false;
  bool legend = true;
  double width = 0;
  double height = 0;
};

CORYMB_EXPORT Picture line_plot(const LinePlotTask& task);

}  // namespace corymb::compiled
