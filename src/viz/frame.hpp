#pragma once

#include <string>

#include "viz/axis.hpp"

// The rectangle that data are drawn in, with its axes, their names and the title.
namespace corymb::compiled {

struct Box {
  double left, top, right, bottom;

  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

/// What the axes are to show.
struct FrameContent {
  std::string title;
  std::string x_name;
  std::string y_name;
  Range x;
  Range y;
  double most_unequal_ranges = 0;  // one unit is as long on both axes where the ratio of the ranges is at most this
  bool whole_y = false;            // only integers have ticks
  bool logarithmic_y = false;      // then y is the range of the common logarithms
  bool y_downwards = false;        // y grows downwards
};

struct Frame {
  FrameContent content;
  Box plot;
  double picture_width;
  Axis x, y;
  Ticks x_ticks, y_ticks;
};

/// A frame in a picture of the given size, `right_margin` pixels of whose width are kept free.
Frame make_frame(FrameContent content, double picture_width, double picture_height, double right_margin);

/// Grid, border and ticks: behind the data.
std::string draw_lines(const Frame& frame);

/// Labels of the ticks, names of the axes and the title.
std::string draw_texts(const Frame& frame);

}  // namespace corymb::compiled
