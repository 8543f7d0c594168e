#pragma once

#include <corymb/core/types.hpp>
#include <corymb/density/optics_result.hpp>
#include <corymb/viz/picture.hpp>

#include <optional>
#include <string>

CORYMB_BEGIN

/// Options of reachability_plot().
struct ReachabilityPlotOptions {
  std::string title = {};
  std::string y_name = "reachability";
  /// The distance of a cut, ≥ 0 and finite: a dashed line across the plot, which is made large enough to show it.
  std::optional<double> eps = {};
  bool legend = true;
  double width = 640;   ///< pixels, at least 160
  double height = 320;  ///< pixels, at least 120
};

/// What optics() finds: one bar for each row, in their order and as high as the row's reachability; clusters are
/// valleys. Bars have the colours that scatter() gives to their labels, those of noise are grey. Infinite ones, which
/// begin a component, reach to the top.
///
/// Where bars are narrower than half a pixel, several are drawn as one: as high as their mean in the colour of most of
/// them (of equally many the lower label), and paler up to the highest. So a million rows are a small file.
/// @param labels  n, by row: cluster numbers or noise, such as cut() or xi_clusters() give; empty = one colour for all
/// @throws InvalidArgument  labels that are not one per row or less than −1, a result that optics() did not make, eps
/// or
///         a size of the picture out of its range.
/// @note Time O(n log n), memory O(n).
Picture reachability_plot(const OpticsResult& result, const Labels& labels = {},
                          const ReachabilityPlotOptions& options = {});

CORYMB_END

#include <corymb/viz/detail/reachability_plot.hpp>
