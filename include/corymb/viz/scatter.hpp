#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/types.hpp>
#include <corymb/metrics/detail/label_range.hpp>
#include <corymb/viz/picture.hpp>

#include <string>
#include <vector>

CORYMB_BEGIN

/// How the two axes of a scatter relate.
enum class AxisScales {
  automatic,    ///< equal where the ranges of the two axes differ by a factor of at most 3, else independent
  equal,        ///< one unit is as long across as up: shapes and distances look as they are
  independent,  ///< each axis fills the picture
};

/// Options of scatter().
struct ScatterOptions {
  std::string title = {};
  /// Names of the columns of X where they are the axes (d ≤ 2); fewer, or empty ones, are replaced by "column 1", ….
  std::vector<std::string> axis_names = {};
  /// The name of cluster c, for the legend; clusters beyond the list, or with an empty name, are shown as numbers.
  std::vector<std::string> cluster_names = {};
  /// Rows of d values, e.g. centroids, drawn as crosses in front of the points.
  RowMatrix<double> centers = {};
  /// One symmetric d × d matrix per row of `centers`, e.g. covariances of a mixture, or one for all: an ellipse around
  /// each center shows where its Mahalanobis distance is 2, in two columns the bound of 86 % of a normal density.
  std::vector<Eigen::MatrixXd> covariances = {};
  AxisScales scales = AxisScales::automatic;
  bool legend = true;
  double width = 640;   ///< pixels, at least 160
  double height = 480;  ///< pixels, at least 120
  /// Radius of a point in pixels; 0 = smaller the more points there are, 3.5 to 0.7.
  double point_radius = 0;
  /// n values in [0, 1], e.g. probabilities of clusters; empty = all 1. How opaque points are, in fifths, and a fifth
  /// at least, so that all can be seen. Noise does not heed it.
  Vector opacity = {};
  Execution execution = {};
};

/// A scatter of points, coloured by their labels.
///
/// Two columns are the axes as they are. More are projected on their first two principal components (see pca); the axes
/// tell their shares of the variance; one column is drawn across, with the label upwards.
///
/// Cluster c has colour c mod 8 of a palette that stays distinct under the common kinds of colour blindness, and one of
/// four shapes, (c / 8) mod 4: from 32 clusters on, marks repeat. The same label looks the same in every picture. Noise
/// (−1) is grey and behind. Clusters are drawn in interleaved layers, so that none hides another by its number.
///
/// Every point is in the picture. Positions are rounded, to 0.1 pixel, with more than 20 000 points to 0.5 and with
/// more than 200 000 to 1; points of one cluster that then coincide share a mark, which is as opaque as the most opaque
/// of them. So 100 000 points take about 1 MB.
/// @param X       n × d, float or double, d ≥ 1; finite.
/// @param labels  n integers ≥ −1: Labels, std::vector<int>, …
/// @throws InvalidArgument  no columns; labels, opacity, centers or covariances that do not fit X; an entry that is not
/// finite or so
///         large that squared distances overflow; a label below −1; an opacity, size or radius out of its range.
/// @note Time O(n d + n log n), for d > 2 that of pca. Memory O(n) beyond X, for d > 2 that of pca.
/// @see Okabe & Ito (2008), Color Universal Design
template <class Derived, LabelRange Range>
Picture scatter(const Eigen::DenseBase<Derived>& X, const Range& labels, const ScatterOptions& options = {});

CORYMB_END

#include <corymb/viz/detail/scatter.hpp>
