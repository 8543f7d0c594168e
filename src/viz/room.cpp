#include "viz/room.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace corymb::compiled {

Room::Room(const Box& plot)
    : plot_(plot),
      cell_(std::max({1.0, plot.width() / 2000, plot.height() / 2000})),
      across_(std::max(1L, static_cast<long>(std::ceil(plot.width() / cell_)))),
      up_(std::max(1L, static_cast<long>(std::ceil(plot.height() / cell_)))),
      taken_(index(0, up_)) {}

void Room::take(const Box& box) {
  const Cells cells = cells_of(box);
  for (long y = cells.top; y < cells.bottom; ++y)
    for (long x = cells.left; x < cells.right; ++x) taken_[index(x, y)] = true;
}

bool Room::holds(const Box& box) const {
  return box.left >= plot_.left && box.right <= plot_.right && box.top >= plot_.top && box.bottom <= plot_.bottom;
}

bool Room::is_free(const Box& box) const {
  if (!holds(box)) return false;
  const Cells cells = cells_of(box);
  for (long y = cells.top; y < cells.bottom; ++y)
    for (long x = cells.left; x < cells.right; ++x)
      if (taken_[index(x, y)]) return false;
  return true;
}

Room::Cells Room::cells_of(const Box& box) const {
  const auto first = [&](double from) { return std::max(0L, static_cast<long>(std::floor(from / cell_))); };
  const auto last = [&](double to, long most) { return std::min(most, static_cast<long>(std::ceil(to / cell_))); };
  return {first(box.left - plot_.left), first(box.top - plot_.top), last(box.right - plot_.left, across_),
          last(box.bottom - plot_.top, up_)};
}

}  // namespace corymb::compiled
