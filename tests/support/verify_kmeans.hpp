#pragma once

#include <corymb/partition/kmeans.hpp>

#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

// What a result of k-means must satisfy, checked from the definition in plain double loops.
namespace verify {

/// The defined squared distance: in T, ascending j, one accumulator; volatile keeps it from being fused.
template <class T, class A, class B>
T squared_distance(const A& a, const B& b) {
  volatile T sum = T(0);
  for (Eigen::Index j = 0; j < a.size(); ++j) {
    const volatile T difference = a[j] - b[j];
    const volatile T square = difference * difference;
    sum = sum + square;
  }
  return sum;
}

/// Empty if the result is one that k-means may return for these data, else the first rule that is broken:
/// shapes; every label the nearest centroid, the lower on ties; sizes and inertia those of the labels; with
/// `means`, every centroid of a cluster with points their weighted mean.
template <class T, class Matrix>
std::string kmeans_error(const Matrix& X, const corymb::KMeansResult<T>& result, bool means,
                         const corymb::Vector& weights = {}) {
  std::ostringstream why;
  const Eigen::Index n = X.rows(), d = X.cols(), k = result.centroids.rows();
  if (result.labels.size() != n || result.centroids.cols() != d || result.sizes.size() != k) return "shapes";
  const corymb::RowMatrix<T> rows = X;
  std::vector<double> size(static_cast<std::size_t>(k), 0.0);
  corymb::RowMatrix<double> sum = corymb::RowMatrix<double>::Zero(k, d);
  double inertia = 0, magnitude = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    const double weight = weights.size() > 0 ? weights[i] : 1.0;
    Eigen::Index nearest = 0;
    T least = std::numeric_limits<T>::infinity();
    for (Eigen::Index c = 0; c < k; ++c) {
      const T value = squared_distance<T>(rows.row(i), result.centroids.row(c));
      if (value < least) {
        least = value;
        nearest = c;
      }
    }
    if (result.labels[i] != nearest) {
      why << "row " << i << " has label " << result.labels[i] << ", its nearest centroid is " << nearest;
      return why.str();
    }
    inertia += weight * static_cast<double>(least);
    size[static_cast<std::size_t>(nearest)] += weight;
    sum.row(nearest) += weight * rows.row(i).template cast<double>();
    magnitude = std::max(magnitude, static_cast<double>(rows.row(i).cwiseAbs().maxCoeff()));
  }
  if (!(std::abs(inertia - result.inertia) <= 1e-12 * inertia)) {
    why << "inertia " << result.inertia << " must be " << inertia;
    return why.str();
  }
  for (Eigen::Index c = 0; c < k; ++c) {
    const double expected = size[static_cast<std::size_t>(c)];
    if (!(std::abs(result.sizes[c] - expected) <= 1e-12 * expected)) {
      why << "cluster " << c << " has size " << result.sizes[c] << ", must be " << expected;
      return why.str();
    }
    if (!means || expected == 0) continue;
    const Eigen::RowVectorXd mean = sum.row(c) / expected;
    const double off = (mean - result.centroids.row(c).template cast<double>()).cwiseAbs().maxCoeff();
    if (!(off <= 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) * magnitude)) {
      why << "centroid " << c << " is " << off << " away from the mean of its points";
      return why.str();
    }
  }
  return "";
}

/// Empty if the history never rises beyond rounding and ends at the inertia of a settled run.
inline std::string history_error(const std::vector<double>& history, double tolerance) {
  for (std::size_t i = 1; i < history.size(); ++i) {
    if (history[i] <= history[i - 1] * (1 + tolerance)) continue;
    std::ostringstream why;
    why << "inertia rises from " << history[i - 1] << " to " << history[i] << " in iteration " << i;
    return why.str();
  }
  return "";
}

}  // namespace verify
