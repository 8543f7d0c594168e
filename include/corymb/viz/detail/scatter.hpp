#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/linalg.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/points.hpp>
#include <corymb/distance/detail/check_points.hpp>
#include <corymb/preprocess/pca.hpp>
#include <corymb/viz/detail/check_size.hpp>
#include <corymb/viz/detail/scatter_task.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Rows as positions in the plane.
struct Planar {
  std::vector<double> x;
  std::vector<double> y;

  explicit Planar(Index n) : x(static_cast<std::size_t>(n)), y(static_cast<std::size_t>(n)) {}
  void set(Index i, double at_x, double at_y) {
    x[static_cast<std::size_t>(i)] = at_x;
    y[static_cast<std::size_t>(i)] = at_y;
  }
};

template <class T>
Planar first_columns(const Points<T>& rows) {
  Planar plane(rows.rows());
  for (Index i = 0; i < rows.rows(); ++i) plane.set(i, rows(i, 0), rows.cols() > 1 ? rows(i, 1) : T(0));
  return plane;
}

inline std::string name_of_column(const std::vector<std::string>& names, std::size_t column) {
  if (column < names.size() && !names[column].empty()) return names[column];
  return std::string("column ").append(std::to_string(column + 1));
}

inline std::string name_of_component(int number, double share) {
  const long percent = std::lround(100 * share);
  std::string text = std::string("principal component ").append(std::to_string(number));
  if (percent == 0 && share > 0) return text.append(" (under 1 %)");
  if (percent == 100 && share < 1) return text.append(" (over 99 %)");
  return text.append(" (").append(std::to_string(percent)).append(" %)");
}

template <LabelRange Range>
std::vector<std::int32_t> scatter_labels(std::string_view function, const Range& labels, Index n) {
  if (static_cast<Index>(std::size(labels)) != n)
    reject(function, "labels has " + to_text(static_cast<Index>(std::size(labels))) +
                         " entries; one per row of X, n = " + to_text(n) + ", is needed");
  std::vector<std::int32_t> result;
  result.reserve(static_cast<std::size_t>(n));
  for (const auto label : labels) {
    if (!std::in_range<std::int32_t>(label) || std::cmp_less(label, noise))
      reject(function, "labels(" + to_text(result.size()) + ") = " + std::to_string(label) +
                           " must be -1, which is noise, or a number of a cluster");
    result.push_back(static_cast<std::int32_t>(label));
  }
  return result;
}

inline void check_scatter(std::string_view function, const ScatterOptions& options, Index n, Index d) {
  check_picture_size(function, options.width, options.height);
  check_pixels(function, "point_radius", options.point_radius, 0, 100);
  const Vector& opacity = options.opacity;
  if (opacity.size() != 0 && opacity.size() != n)
    reject(function,
           "opacity has " + to_text(opacity.size()) + " entries; one per row of X, n = " + to_text(n) + ", is needed");
  for (Index i = 0; i < opacity.size(); ++i)
    if (!(opacity[i] >= 0 && opacity[i] <= 1))
      reject(function, "opacity(" + to_text(i) + ") = " + to_text(opacity[i]) + " must be in [0, 1]");
  if (options.centers.rows() > 0) require_same_columns(function, "centers", options.centers.cols(), "X", d);
  const auto matrices = static_cast<Index>(options.covariances.size());
  if (matrices > 1 && matrices != options.centers.rows())
    reject(function, "covariances has " + to_text(matrices) + " matrices; one per row of centers, " +
                         to_text(options.centers.rows()) + ", or one for all is needed");
  for (Index c = 0; c < matrices; ++c) {
    const Eigen::MatrixXd& S = options.covariances[static_cast<std::size_t>(c)];
    if (S.rows() != d || S.cols() != d || !S.allFinite())
      reject(function, "covariances[" + to_text(c) + "] must be finite and d x d, d = " + to_text(d));
  }
}

/// Two conjugate radii of the ellipse of Mahalanobis distance 2, from the 2 × 2 covariance in the plane.
inline void append_ellipse(const Eigen::Matrix2d& S, std::vector<double>& radii) {
  // A Cholesky factor that flat ellipses have too.
  const double across = std::sqrt(std::max(S(0, 0), 0.0));
  const double along = across > 0 ? S(1, 0) / across : 0;
  radii.insert(radii.end(), {2 * across, 2 * along, 0, 2 * std::sqrt(std::max(S(1, 1) - along * along, 0.0))});
}

}  // namespace detail

template <class Derived, LabelRange Range>
Picture scatter(const Eigen::DenseBase<Derived>& X, const Range& labels, const ScatterOptions& options) {
  constexpr std::string_view function = "scatter";
  using T = typename Derived::Scalar;
  const Execution& execution = options.execution;
  detail::require_threads(function, execution.threads);
  const Index n = X.rows(), d = X.cols();
  detail::require_columns(function, d);
  detail::check_scatter(function, options, n, d);
  const std::vector<std::int32_t> label = detail::scatter_labels(function, labels, n);
  const Points<T> rows = detail::points_of(function, X, execution);
  detail::check_points(function, rows, resolve_threads(execution.threads));
  const Points<double> center_rows(options.centers);
  detail::check_points(function, center_rows, 1, "centers");

  compiled::ScatterTask task;
  detail::Planar points(n), centers(center_rows.rows());
  Eigen::MatrixXd plane = Eigen::MatrixXd::Zero(d, 2);  // columns: the directions of the axes
  plane(0, 0) = 1;
  if (d > 1) plane(1, 1) = 1;
  if (d > 2 && n > 1) {
    const auto components =
        pca(X, 2, {.execution = {.threads = execution.threads, .memory_limit = execution.memory_limit}});
    points = detail::first_columns(Points<T>(components.points));
    plane = components.components.transpose().template cast<double>();
    if (center_rows.rows() > 0) {
      const RowMatrix<T> projected = transform(components, options.centers.template cast<T>());
      centers = detail::first_columns(Points<T>(projected));
    }
    task.x_name = detail::name_of_component(1, components.explained_variance_ratio[0]);
    task.y_name = detail::name_of_component(2, components.explained_variance_ratio[1]);
  } else {
    points = detail::first_columns(rows);
    centers = detail::first_columns(center_rows);
    if (d == 1) {
      std::copy(label.begin(), label.end(), points.y.begin());
      std::iota(centers.y.begin(), centers.y.end(), 0.0);
    }
    task.x_name = detail::name_of_column(options.axis_names, 0);
    task.y_name = d == 1 ? "label" : detail::name_of_column(options.axis_names, 1);
  }

  task.n = n;
  task.x = points.x.data();
  task.y = points.y.data();
  task.label = label.data();
  task.centers = static_cast<Index>(centers.x.size());
  task.center_x = centers.x.data();
  task.center_y = centers.y.data();
  std::vector<double> ellipses;
  for (Index c = 0; c < task.centers && !options.covariances.empty(); ++c) {
    const Eigen::MatrixXd& S = options.covariances[options.covariances.size() == 1 ? 0 : static_cast<std::size_t>(c)];
    detail::append_ellipse(detail::one_thread([&]() -> Eigen::Matrix2d { return plane.transpose() * S * plane; }),
                           ellipses);
  }
  if (!ellipses.empty()) task.ellipses = ellipses.data();
  task.title = options.title;
  task.cluster_names = options.cluster_names;
  if (options.scales == AxisScales::equal) task.most_unequal_ranges = std::numeric_limits<double>::infinity();
  if (options.scales == AxisScales::automatic && d > 1) task.most_unequal_ranges = 3;
  task.y_is_label = d == 1;
  task.legend = options.legend;
  task.width = options.width;
  task.height = options.height;
  task.radius = options.point_radius;
  if (options.opacity.size() > 0) task.opacity = options.opacity.data();
  return compiled::scatter(task);
}

CORYMB_END
