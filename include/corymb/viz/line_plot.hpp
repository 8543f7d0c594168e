#pragma once

#include <corymb/core/types.hpp>
#include <corymb/viz/picture.hpp>

#include <string>
#include <vector>

CORYMB_BEGIN

/// A line of line_plot(), from point to point in the order given.
struct PlotLine {
  Vector x = {};          ///< within ±1e300; empty = 1, 2, … as many as there are y
  Vector y = {};          ///< within ±1e300, as many as x
  std::string name = {};  ///< for the legend; empty = not in it
  bool marks = false;     ///< whether every point has a mark
};

/// A value worth pointing at: a dashed line across the plot, or up it, with a label beside it.
struct PlotGuide {
  double value = 0;  ///< within ±1e300; the plot is made large enough to show it
  std::string label = {};
  bool is_x = false;  ///< a value of x, where the line runs up; otherwise one of y
};

/// Options of line_plot().
struct LinePlotOptions {
  std::string title = {};
  std::string x_name = {};
  std::string y_name = {};
  std::vector<PlotGuide> guides = {};
  bool logarithmic_y = false;  ///< all values of y must be > 0
  bool legend = true;
  double width = 640;   ///< pixels, at least 160
  double height = 480;  ///< pixels, at least 120
};

/// Lines over two axes: sorted distances, a score by the number of clusters, a loss by iteration.
///
/// Line c has the colour, and its marks the shape, that scatter() gives to cluster c. A label of a guide stands where
/// it covers no line, if there is such a place. Of points that fall on one column of pixels only those are written that
/// can be seen, so a line of a million points is a small file.
/// @throws InvalidArgument  x and y of a line that differ in size, a number beyond ±1e300 or not positive where y is
///         logarithmic, a size of the picture out of its range.
/// @note Time and memory O(points).
Picture line_plot(const std::vector<PlotLine>& lines, const LinePlotOptions& options = {});

CORYMB_END

#include <corymb/viz/detail/line_plot.hpp>
