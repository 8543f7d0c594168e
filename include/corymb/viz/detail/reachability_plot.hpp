#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/viz/detail/check_size.hpp>
#include <corymb/viz/detail/reachability_plot_task.hpp>
#include <corymb/viz/reachability_plot.hpp>

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

inline void check_reachability_plot(const OpticsResult& result, const Labels& labels,
                                    const ReachabilityPlotOptions& options) {
  constexpr std::string_view function = "reachability_plot";
  check_picture_size(function, options.width, options.height);
  if (options.eps && !(*options.eps >= 0 && *options.eps <= 1e300))
    reject(function, "eps = " + to_text(*options.eps) + " must be finite and ≥ 0");
  const auto n = static_cast<Index>(result.ordering.size());
  if (result.reachability.size() != n)
    reject(function, "result has " + to_text(n) + " rows in its ordering and " + to_text(result.reachability.size()) +
                         " reachabilities; they must agree");
  if (labels.size() > 0 && labels.size() != n)
    reject(function,
           "labels has " + to_text(labels.size()) + " entries; one per row, n = " + to_text(n) + ", is needed");
  for (Index i = 0; i < labels.size(); ++i)
    if (labels[i] < noise)
      reject(function, "labels(" + to_text(i) + ") = " + to_text(labels[i]) +
                           " must be -1, which is noise, or a number of a cluster");
  for (const Index row : result.ordering)
    if (row < 0 || row >= n)
      reject(function, "result.ordering has the row " + to_text(row) + "; it must be in [0, n = " + to_text(n) + ")");
  for (Index i = 0; i < n; ++i)
    if (!(result.reachability[i] >= 0))
      reject(function, "result.reachability(" + to_text(i) + ") = " + to_text(result.reachability[i]) + " must be ≥ 0");
}

}  // namespace detail

inline Picture reachability_plot(const OpticsResult& result, const Labels& labels,
                                 const ReachabilityPlotOptions& options) {
  detail::check_reachability_plot(result, labels, options);
  std::vector<double> height;
  std::vector<std::int32_t> label;
  for (const Index row : result.ordering) {
    height.push_back(result.reachability[row]);
    if (labels.size() > 0) label.push_back(labels[row]);
  }
  compiled::ReachabilityPlotTask task;
  task.n = static_cast<Index>(height.size());
  task.height = height.data();
  task.label = label.empty() ? nullptr : label.data();
  if (options.eps) task.eps = *options.eps;
  task.title = options.title;
  task.y_name = options.y_name;
  task.legend = options.legend;
  task.width = options.width;
  task.picture_height = options.height;
  return compiled::reachability_plot(task);
}

CORYMB_END
