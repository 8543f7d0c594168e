#pragma once

#include <corymb/viz/detail/picture.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace corymb::compiled {

/// What a scatter shows. The coordinates are finite.
struct ScatterTask {
  std::ptrdiff_t n = 0;
  const double* x = nullptr;  ///< n
  const double* y = nullptr;  ///< n
  const std::int32_t* label = nullptr;
  std::ptrdiff_t centers = 0;
  const double* center_x = nullptr;
  const double* center_y = nullptr;
  const double* ellipses = nullptr;  ///< by center two conjugate radii, (x, y) and (x, y), or nothing
  std::string title;
  std::string x_name;
  std::string y_name;
  std::vector<std::string> cluster_names;
  double most_unequal_ranges = 0;  ///< one unit is as long on both axes where the ratio of their ranges is at most this
  bool y_is_label = false;
  bool legend = true;
  double width = 0;
  double height = 0;
  double radius = 0;                ///< 0 = by n
  const double* opacity = nullptr;  ///< n, or nothing: all 1
};

CORYMB_EXPORT Picture scatter(const ScatterTask& task);

}  // namespace corymb::compiled
