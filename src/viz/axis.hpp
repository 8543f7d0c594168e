#pragma once

#include <string>
#include <vector>

// A linear axis: a range of values, its place in the picture, and the ticks that a reader expects.
namespace corymb::compiled {

struct Tick {
  double value;
  std::string label;
};

/// What a tick label shows is (value − offset) / 10^exponent; note() tells the reader so.
struct Ticks {
  std::vector<Tick> ticks;
  double offset = 0;
  int exponent = 0;

  /// E.g. " (×10⁶)", " (+1000000)"; empty where the labels are the values.
  std::string note() const;
};

/// A range that contains the values with room at both ends, never empty.
struct Range {
  double low;
  double high;

  double size() const { return high - low; }
  /// The same middle, another size.
  Range resized(double size) const;
};

Range range_of(double least, double greatest);

/// Multiples of 1, 2 or 5 times a power of ten within the range, which is not empty: at most `most` of them, at
/// least 2. Labels have at most 7 characters beside the sign. `whole`: integers only.
Ticks make_ticks(const Range& range, int most, bool whole = false);

/// Where values are in the picture: `low` at `from` pixels, `high` at `to`.
struct Axis {
  Range range;
  double from;
  double to;

  double pixel(double value) const { return from + (value - range.low) / range.size() * (to - from); }
};

}  // namespace corymb::compiled
