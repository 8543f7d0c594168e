#pragma once

#include <array>
#include <cstdint>

// How labels look, in every picture the same.
namespace corymb::compiled {

// Okabe & Ito's colours, with Tol's wine and indigo in place of yellow and black, which are weak on white or look like
// text. Two of them, or one and the grey, are at least 17.9 apart in CIE L*a*b* under normal vision and under complete
// protanopia, deuteranopia and tritanopia (after Machado et al., 2009).
inline constexpr std::array<const char*, 8> cluster_colours = {"#0072b2", "#e69f00", "#009e73", "#882255",
                                                               "#cc79a7", "#56b4e9", "#d55e00", "#332288"};
inline constexpr const char* noise_colour = "#c8c8c8";

enum class Shape { circle, square, triangle, diamond };
inline constexpr int shapes = 4;

inline const char* colour_of(std::int32_t label) {
  return label < 0 ? noise_colour : cluster_colours[static_cast<std::size_t>(label) % cluster_colours.size()];
}

inline Shape shape_of(std::int32_t label) {
  if (label < 0) return Shape::circle;
  return static_cast<Shape>(static_cast<std::size_t>(label) / cluster_colours.size() % shapes);
}

}  // namespace corymb::compiled
