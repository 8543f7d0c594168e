#pragma once

#include <corymb/viz/detail/picture.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace corymb::compiled {

/// What a reachability plot shows.
struct ReachabilityPlotTask {
  std::ptrdiff_t n = 0;
  const double* height = nullptr;       ///< n, in order, ≥ 0; may be infinite
  const std::int32_t* label = nullptr;  ///< n, likewise, or nothing
  double eps = -1;                      ///< −1 = none
  std::string title;
  std::string y_name;
  bool legend = true;
  double width = 0;
  double picture_height = 0;
};

CORYMB_EXPORT Picture reachability_plot(const ReachabilityPlotTask& task);

}  // namespace corymb::compiled
