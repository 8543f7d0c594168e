#pragma once

#include <corymb/partition/kmedoids.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <sstream>
#include <string>
#include <vector>

// What a result of k-medoids must satisfy, checked from the definition in plain double loops.
namespace verify {

/// Σ w_i min over the medoids of D(i, medoid)
template <class Distances>
double kmedoids_loss(const Distances& D, const std::vector<Eigen::Index>& medoids, const corymb::Vector& weights = {}) {
  double loss = 0;
  for (Eigen::Index i = 0; i < D.rows(); ++i) {
    double least = std::numeric_limits<double>::infinity();
    for (const Eigen::Index m : medoids) least = std::min(least, static_cast<double>(D(i, m)));
    loss += (weights.size() > 0 ? weights[i] : 1.0) * least;
  }
  return loss;
}

/// Empty if the result is one that k-medoids may return for the distances D (n × n), else the first rule that is
/// broken: shapes; medoids different and of positive weight; every label the nearest medoid, the lower on ties; sizes
/// and loss those of the labels; with `no_swap_improves`, no exchange of one medoid lowers the loss.
template <class T, class Distances>
std::string kmedoids_error(const Distances& D, const corymb::KMedoidsResult<T>& result, bool no_swap_improves,
                           const corymb::Vector& weights = {}) {
  std::ostringstream why;
  const Eigen::Index n = D.rows(), k = static_cast<Eigen::Index>(result.medoids.size());
  if (result.labels.size() != n || result.sizes.size() != k) return "shapes";
  const std::set<Eigen::Index> medoids(result.medoids.begin(), result.medoids.end());
  if (static_cast<Eigen::Index>(medoids.size()) != k) return "a medoid stands twice";
  if (k == 0 || *medoids.begin() < 0 || *medoids.rbegin() >= n) return "a medoid is no object";
  std::vector<double> sizes(static_cast<std::size_t>(k), 0.0);
  for (Eigen::Index i = 0; i < n; ++i) {
    Eigen::Index nearest = 0;
    for (Eigen::Index c = 1; c < k; ++c)
      if (D(i, result.medoids[static_cast<std::size_t>(c)]) < D(i, result.medoids[static_cast<std::size_t>(nearest)]))
        nearest = c;
    if (result.labels[i] != nearest) {
      why << "object " << i << " has label " << result.labels[i] << ", its nearest medoid is " << nearest;
      return why.str();
    }
    sizes[static_cast<std::size_t>(nearest)] += weights.size() > 0 ? weights[i] : 1.0;
  }
  for (Eigen::Index c = 0; c < k; ++c) {
    if (weights.size() > 0 && !(weights[result.medoids[static_cast<std::size_t>(c)]] > 0)) return "a medoid is absent";
    if (std::abs(result.sizes[c] - sizes[static_cast<std::size_t>(c)]) > 1e-12 * sizes[static_cast<std::size_t>(c)]) {
      why << "cluster " << c << " has size " << result.sizes[c];
      return why.str();
    }
  }
  const double loss = kmedoids_loss(D, result.medoids, weights);
  if (!(std::abs(loss - result.loss) <= 1e-12 * loss)) {
    why << "loss " << result.loss << " must be " << loss;
    return why.str();
  }
  if (!no_swap_improves) return "";
  // The library adds up in units of at least 2^-61 of all objects at the largest distance.
  double largest = 0;
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j) largest = std::max(largest, static_cast<double>(D(i, j)));
  const double total = weights.size() > 0 ? weights.sum() : static_cast<double>(n);
  for (std::size_t c = 0; c < result.medoids.size(); ++c)
    for (Eigen::Index j = 0; j < n; ++j) {
      if (medoids.count(j) > 0 || (weights.size() > 0 && !(weights[j] > 0))) continue;
      std::vector<Eigen::Index> exchanged = result.medoids;
      exchanged[c] = j;
      const double other = kmedoids_loss(D, exchanged, weights);
      if (other >= loss * (1 - 1e-12) - 1e-15 * static_cast<double>(n) * largest * total) continue;
      why << "object " << j << " instead of medoid " << c << " lowers the loss from " << loss << " to " << other;
      return why.str();
    }
  return "";
}

}  // namespace verify
