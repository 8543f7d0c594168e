#include "viz/axis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <initializer_list>

namespace corymb::compiled {
namespace {

constexpr const char* minus = "−";  // the typographic one

/// The number with so many decimals.
std::string fixed(double value, int decimals) {
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", decimals, std::abs(value));
  const std::string digits = text;
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  return (value < 0 && !zero ? minus : "") + digits;
}

std::string superscript(int exponent) {
  static constexpr const char* digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string result;
  for (const char c : std::to_string(exponent)) result += c == '-' ? "⁻" : digits[c - '0'];
  return result;
}

/// A step 1, 2 or 5 times 10^exponent.
struct Step {
  int mantissa;
  int exponent;

  double size() const { return mantissa * std::pow(10.0, exponent); }
  /// A multiple, rounded as its decimal text would be.
  double times(double count) const {
    return exponent >= 0 ? count * mantissa * std::pow(10.0, exponent) : count * mantissa / std::pow(10.0, -exponent);
  }
  Step next() const {
    return mantissa == 1 ? Step{2, exponent} : mantissa == 2 ? Step{5, exponent} : Step{1, exponent + 1};
  }
};

}  // namespace

std::string Ticks::note() const {
  if (exponent == 0 && offset == 0) return "";
  std::string result = " (";
  if (exponent != 0) result.append("×10").append(superscript(exponent));
  if (offset != 0) {
    if (exponent != 0) result.append(", ");
    char text[40];
    std::snprintf(text, sizeof text, "%.15g", std::abs(offset));
    result.append(offset < 0 ? minus : "+").append(text);
  }
  return result.append(")");
}

Ticks make_ticks(const Range& range, int most, bool whole) {
  const auto [low, high] = range;
  const auto count = [low = low, high = high](const Step& step) {
    return std::floor(high / step.size()) - std::ceil(low / step.size()) + 1;
  };
  Step step{1, static_cast<int>(std::floor(std::log10(range.size() / std::max(most, 1)))) - 1};
  while (count(step) > std::max(most, 2) || (whole && step.exponent < 0)) step = step.next();

  Ticks result;
  const double largest = std::max(std::abs(low), std::abs(high));
  // Far from zero, what ticks have in common is said once.
  if (largest / step.size() >= (largest < 1 ? 1e4 : 1e5)) {
    const Step coarse{1, static_cast<int>(std::ceil(std::log10(range.size()))) + 1};
    result.offset = coarse.times(std::floor(low / coarse.size()));
  }
  const double shown = std::max(std::abs(low - result.offset), std::abs(high - result.offset));
  const int magnitude = static_cast<int>(std::floor(std::log10(shown)));
  if (magnitude >= 6 || magnitude <= -3) result.exponent = magnitude;
  const int decimals = std::max(0, result.exponent - step.exponent);

  const double first = std::ceil((low - result.offset) / step.size());
  for (double i = first; step.times(i) + result.offset <= high; ++i) {
    const double from_offset = step.times(i);
    if (from_offset + result.offset < low) continue;
    result.ticks.push_back(
        {from_offset + result.offset, fixed(from_offset / std::pow(10.0, result.exponent), decimals)});
  }
  return result;
}

Ticks make_logarithmic_ticks(const Range& range, int most) {
  most = std::max(most, 3);
  const int first = static_cast<int>(std::floor(range.low)), last = static_cast<int>(std::ceil(range.high));
  const bool plain = range.low >= -4 && range.high < 6;
  const auto label = [&](int mantissa, int exponent, double value) {
    if (plain) return fixed(value, std::max(0, -exponent));
    const std::string power = std::string("10").append(superscript(exponent));
    return mantissa == 1 ? power : std::to_string(mantissa).append("×").append(power);
  };
  const auto multiples = [&](std::initializer_list<int> mantissas, int stride) {
    Ticks result;
    for (int exponent = first; exponent <= last; ++exponent)
      for (const int mantissa : mantissas) {
        const double value = Step{mantissa, exponent}.times(1), place = std::log10(value);
        if (exponent % stride == 0 && place >= range.low && place <= range.high)
          result.ticks.push_back({value, label(mantissa, exponent, value)});
      }
    return result;
  };
  const auto count = [](const Ticks& ticks) { return static_cast<int>(ticks.ticks.size()); };
  Ticks ticks = multiples({1, 2, 5}, 1);
  if (count(ticks) < 3) return make_ticks({std::pow(10.0, range.low), std::pow(10.0, range.high)}, most);
  if (count(ticks) > most) ticks = multiples({1, 3}, 1);
  for (int stride = 1; count(ticks) > most; ++stride) ticks = multiples({1}, stride);
  return ticks;
}

Range Range::resized(double size) const {
  const double middle = low + (high - low) / 2;
  return {middle - size / 2, middle + size / 2};
}

Range range_of(double least, double greatest) {
  const double spread = greatest - least;
  const double resolution = std::max(std::abs(least), std::abs(greatest)) * 1e-12;
  if (spread > resolution) return {least - 0.04 * spread, greatest + 0.04 * spread};
  // All values equal, or as good as: a range whose ticks can be told apart.
  const double half = std::max(least == 0 && greatest == 0 ? 0.5 : std::abs(greatest) * 1e-6, 0.5);
  return {least - half, greatest + half};
}

}  // namespace corymb::compiled
