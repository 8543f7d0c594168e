#include "viz/tree_axis.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace corymb::compiled {
namespace {

constexpr double least_lambda = 1e-300, most_lambda = 1e300;  // so that neither ranges nor 1 / λ overflow

/// The λ at which something happens that has a place on every scale: those that are neither 0 nor infinite.
struct Events {
  double first = HUGE_VAL, last = 0;  // of all
  double begin = HUGE_VAL, end = 0;   // of all splits, and of 98 % of the rows
  bool endless = false;               // some rows leave at infinity

  bool none() const { return last == 0; }
};

Events events_of(const CondensedTreeTask& task) {
  Events events;
  std::vector<double> lambdas;
  lambdas.reserve(static_cast<std::size_t>(task.rows));
  for (std::ptrdiff_t i = 0; i < task.rows; ++i) {
    if (task.row_cluster[i] < 0 || (task.weights != nullptr && task.weights[i] == 0)) continue;
    events.endless |= std::isinf(task.row_lambda[i]);
    if (task.row_lambda[i] > 0 && std::isfinite(task.row_lambda[i]))
      lambdas.push_back(std::clamp(task.row_lambda[i], least_lambda, most_lambda));
  }
  if (!lambdas.empty()) {
    const auto few = static_cast<std::ptrdiff_t>(lambdas.size() / 100);
    const auto early = lambdas.begin() + few, late = lambdas.end() - 1 - few;
    std::nth_element(lambdas.begin(), late, lambdas.end());
    events.end = *late;
    events.last = *std::max_element(late, lambdas.end());
    std::nth_element(lambdas.begin(), early, lambdas.end());
    events.begin = *early;
    events.first = *std::min_element(lambdas.begin(), early + 1);
  }
  for (std::ptrdiff_t c = 1; c < task.clusters; ++c) {
    if (!(task.birth[c] > 0) || std::isinf(task.birth[c])) continue;
    const double birth = std::clamp(task.birth[c], least_lambda, most_lambda);
    events.begin = std::min(events.begin, birth);
    events.end = std::max(events.end, birth);
  }
  events.first = std::min(events.first, events.begin);
  events.last = std::max(events.last, events.end);
  return events;
}

Range places_of(const Events& events, const TreeScaling& scaling) {
  if (events.none()) return scaling.distance && !scaling.logarithmic ? Range{-1, 0} : Range{0, 1};
  double low = scaling.place(events.begin), high = scaling.place(events.end);
  const double first = scaling.place(events.first), last = scaling.place(events.last), span = high - low;
  // What little lies beyond is shown too where that costs little room.
  if (first >= low - 0.3 * span) low = first;
  if (last <= high + 0.3 * span) high = last;
  double room = high - low;
  if (room <= 1e-9 * std::abs(high)) room = scaling.logarithmic ? 1 : 0.5 * std::abs(high);
  low -= 0.08 * room;
  high += 0.04 * room;
  if (scaling.logarithmic) return {low, high};
  if (scaling.distance) return {low, events.endless || high > 0.25 * low ? 0 : high};
  return {low < 0.25 * high ? 0 : low, high};
}

/// How well clusters can be told apart: the mean of the logarithms of their heights as parts of the axis, larger
/// clusters counting more. The root does not count, which is as high as the axis makes it.
double legibility(const CondensedTreeTask& task, const std::vector<double>& sizes, const TreeRange& range) {
  const double low = range.places.low, high = range.places.high;
  const auto part_at = [&](double lambda) {
    return (std::clamp(range.scaling.place(lambda), low, high) - low) / (high - low);
  };
  double sum = 0, total = 0;
  for (std::ptrdiff_t c = 1; c < task.clusters; ++c) {
    const double weight = std::sqrt(sizes[static_cast<std::size_t>(c)]);
    constexpr double invisible = 0.003;  // about a pixel
    sum += weight * std::log(invisible + part_at(task.death[c]) - part_at(task.birth[c]));
    total += weight;
  }
  return total > 0 ? sum / total : 0;
}

}  // namespace

double TreeScaling::place(double lambda) const {
  if (logarithmic) return std::log10(lambda);
  return distance ? -1 / lambda : lambda;
}

Range TreeRange::shown() const { return scaling.distance ? Range{-places.high, -places.low} : places; }

TreeRange tree_range(const CondensedTreeTask& task, const std::vector<double>& sizes) {
  const Events events = events_of(task);
  const auto range_on = [&](bool logarithmic) {
    const TreeScaling scaling{task.distance, logarithmic};
    return TreeRange{scaling, places_of(events, scaling)};
  };
  if (task.scale != TreeAxisScale::automatic) return range_on(task.scale == TreeAxisScale::logarithmic);
  const TreeRange linear = range_on(false), logarithmic = range_on(true);
  constexpr double clearly = 0.2;  // clusters are higher by a fifth
  return legibility(task, sizes, logarithmic) > legibility(task, sizes, linear) + clearly ? logarithmic : linear;
}

double pixel_of(double lambda, const TreeRange& range, const Axis& axis) {
  const auto [low, high] = range.places;
  const double part = (std::clamp(range.scaling.place(lambda), low, high) - low) / (high - low);
  const double top = std::min(axis.from, axis.to), bottom = std::max(axis.from, axis.to);
  return top + part * (bottom - top);
}

}  // namespace corymb::compiled
