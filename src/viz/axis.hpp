#pragma once

#include <cmath>
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

/// Ticks of a logarithmic axis, whose range is that of the common logarithms: powers of ten, with their multiples by 2
/// and 5 or by 3 where there is room, and over less than a decade those of make_ticks. At most `most`, at least 3.
Ticks make_logarithmic_ticks(const Range& range, int most);

/// Where values are in the picture: `low` at `from` pixels, `high` at `to`.
struct Axis {
  Range range;  ///< of the common logarithms, where the axis is logarithmic
  double from;
  double to;
  bool logarithmic = false;

  double pixel(double value) const {
    const double place = logarithmic ? std::log10(value) : value;
    return from + (place - range.low) / range.size() * (to - from);
  }
};

}  // namespace corymb::compiled
