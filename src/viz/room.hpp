#pragma once

#include <vector>

#include "viz/frame.hpp"

namespace corymb::compiled {

/// What is still free in a plot, in cells of about a pixel.
class Room {
 public:
  explicit Room(const Box& plot);

  void take(const Box& box);
  /// Whether the box is within the plot.
  bool holds(const Box& box) const;
  /// Whether it also has no point in a cell that is taken.
  bool is_free(const Box& box) const;

 private:
  struct Cells {
    long left, top, right, bottom;  // the ends are not included
  };
  Cells cells_of(const Box& box) const;
  std::size_t index(long x, long y) const { return static_cast<std::size_t>(y * across_ + x); }

  Box plot_;
  double cell_;
  long across_, up_;
  std::vector<bool> taken_;
};

}  // namespace corymb::compiled
