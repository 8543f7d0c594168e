#pragma once

#include <corymb/core/linear_assignment.hpp>
#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

// What an assignment within bounds must satisfy, from its definition, and the least cost by other ways.
namespace verify {

using corymb::Index;

/// Bounds of the sizes of k columns.
struct Bounds {
  std::vector<Index> min;
  std::vector<Index> max;
};

inline double cost_scale(const Eigen::MatrixXd& cost) {
  double scale = 0;
  for (const double value : cost.reshaped())
    if (std::isfinite(value)) scale = std::max(scale, std::abs(value));
  return scale;
}

/// Empty if labels, sizes, prices and cost are an optimal assignment within the bounds, else the first rule that is
/// broken: shapes; sizes those of the labels and within their bounds; cost that of the labels; prices that prove it to
/// be optimal.
template <class Result>
std::string capacity_error(const Eigen::MatrixXd& cost, Bounds bounds, const Result& result) {
  std::ostringstream why;
  const Index n = cost.rows(), k = cost.cols();
  for (Index& max : bounds.max) max = std::min(max, n);  // more rows there are not
  if (result.labels.size() != n || result.sizes.size() != k || result.prices.size() != k) return "shapes";
  const double tolerance =
      1e-13 * static_cast<double>(k + 1) * (cost_scale(cost) + result.prices.cwiseAbs().maxCoeff());
  std::vector<Index> size(static_cast<std::size_t>(k), 0);
  double sum = 0, dual = 0;
  for (Index i = 0; i < n; ++i) {
    const Index label = result.labels[i];
    if (label < 0 || label >= k) {
      why << "row " << i << " has label " << label;
      return why.str();
    }
    ++size[static_cast<std::size_t>(label)];
    sum += cost(i, label);
    double least = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < k; ++j) least = std::min(least, cost(i, j) - result.prices[j]);
    dual += least;
    if (!(cost(i, label) - result.prices[label] <= least + tolerance)) {
      why << "row " << i << " is not where cost - price is least, by " << cost(i, label) - result.prices[label] - least;
      return why.str();
    }
  }
  for (Index j = 0; j < k; ++j) {
    const auto column = static_cast<std::size_t>(j);
    const double price = result.prices[j];
    if (size[column] != result.sizes[j] || size[column] < bounds.min[column] || size[column] > bounds.max[column]) {
      why << "column " << j << " has " << size[column] << " rows, said are " << result.sizes[j] << ", allowed "
          << bounds.min[column] << " to " << bounds.max[column];
      return why.str();
    }
    if ((price > tolerance && size[column] != bounds.min[column]) ||
        (price < -tolerance && size[column] != bounds.max[column])) {
      why << "column " << j << " of price " << price << " has " << size[column] << " rows";
      return why.str();
    }
    dual += price * static_cast<double>(price > 0 ? bounds.min[column] : bounds.max[column]);
  }
  const double gap = 1e-13 * static_cast<double>(n) * cost_scale(cost) + static_cast<double>(n) * tolerance;
  if (!(std::abs(sum - result.cost) <= gap)) {
    why << "cost " << result.cost << " must be " << sum;
    return why.str();
  }
  if (!(std::abs(sum - dual) <= gap)) {
    why << "the prices prove a cost of " << dual << ", it is " << sum;
    return why.str();
  }
  return "";
}

/// The least cost within the bounds, by trying all assignments; infinity if there is none.
inline double least_cost_by_trying(const Eigen::MatrixXd& cost, const Bounds& bounds) {
  const Index n = cost.rows(), k = cost.cols();
  std::vector<Index> label(static_cast<std::size_t>(n), 0), size(static_cast<std::size_t>(k));
  double least = std::numeric_limits<double>::infinity();
  for (;;) {
    std::fill(size.begin(), size.end(), 0);
    double sum = 0;
    for (Index i = 0; i < n; ++i) {
      const Index j = label[static_cast<std::size_t>(i)];
      ++size[static_cast<std::size_t>(j)];
      sum += cost(i, j);
    }
    bool allowed = true;
    for (std::size_t j = 0; j < size.size(); ++j) allowed &= size[j] >= bounds.min[j] && size[j] <= bounds.max[j];
    if (allowed) least = std::min(least, sum);
    Index i = 0;
    while (i < n && ++label[static_cast<std::size_t>(i)] == k) label[static_cast<std::size_t>(i++)] = 0;
    if (i == n) return least;
  }
}

/// The same by linear_assignment: column j stands max_j times, and rows that cost nothing stay in what need not be
/// filled. Throws NumericalError where there is none.
inline double least_cost_by_matching(const Eigen::MatrixXd& cost, const Bounds& bounds) {
  const Index n = cost.rows();
  Index places = 0;
  for (const Index max : bounds.max) places += max;
  Eigen::MatrixXd expanded = Eigen::MatrixXd::Zero(places, places);
  Index place = 0;
  for (std::size_t j = 0; j < bounds.max.size(); ++j)
    for (Index copy = 0; copy < bounds.max[j]; ++copy, ++place) {
      expanded.col(place).head(n) = cost.col(static_cast<Index>(j));
      if (copy < bounds.min[j])
        expanded.col(place).tail(places - n).setConstant(std::numeric_limits<double>::infinity());
    }
  return corymb::linear_assignment(expanded).cost;
}

}  // namespace verify
