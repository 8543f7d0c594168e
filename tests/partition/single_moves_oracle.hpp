#pragma once

#include <corymb/core/types.hpp>

#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

// What a partition must satisfy that no single move improves, from the definition of the inertia alone.
namespace verify {

/// Σ w ‖x − weighted mean of its cluster‖², in long double.
template <class Matrix>
double partition_inertia(const Matrix& X, const corymb::Labels& labels, corymb::Index k,
                         const corymb::Vector& weights = {}) {
  const corymb::Index d = X.cols();
  std::vector<long double> sum(static_cast<std::size_t>(k * d), 0), weight(static_cast<std::size_t>(k), 0);
  const auto weight_of = [&](corymb::Index i) { return weights.size() > 0 ? weights[i] : 1.0; };
  for (corymb::Index i = 0; i < X.rows(); ++i) {
    weight[static_cast<std::size_t>(labels[i])] += weight_of(i);
    for (corymb::Index j = 0; j < d; ++j)
      sum[static_cast<std::size_t>(labels[i] * d + j)] += static_cast<long double>(weight_of(i)) * X(i, j);
  }
  long double inertia = 0;
  for (corymb::Index i = 0; i < X.rows(); ++i) {
    if (weight_of(i) == 0) continue;
    for (corymb::Index j = 0; j < d; ++j) {
      const long double difference =
          X(i, j) - sum[static_cast<std::size_t>(labels[i] * d + j)] / weight[static_cast<std::size_t>(labels[i])];
      inertia += weight_of(i) * difference * difference;
    }
  }
  return static_cast<double>(inertia);
}

/// Empty if no row of positive weight can move to another cluster that is not empty, out of one where it is not alone,
/// so that the inertia falls by more than 10⁻⁹ of itself; else such a move.
template <class Matrix>
std::string single_move_error(const Matrix& X, const corymb::Labels& labels, corymb::Index k,
                              const corymb::Vector& weights = {}) {
  const double inertia = partition_inertia(X, labels, k, weights);
  std::vector<int> members(static_cast<std::size_t>(k), 0);
  const auto counts = [&](corymb::Index i) { return weights.size() == 0 || weights[i] > 0; };
  for (corymb::Index i = 0; i < X.rows(); ++i)
    if (counts(i)) ++members[static_cast<std::size_t>(labels[i])];
  for (corymb::Index i = 0; i < X.rows(); ++i) {
    if (!counts(i) || members[static_cast<std::size_t>(labels[i])] < 2) continue;
    for (std::int32_t b = 0; b < k; ++b) {
      if (b == labels[i] || members[static_cast<std::size_t>(b)] == 0) continue;
      corymb::Labels moved = labels;
      moved[i] = b;
      const double after = partition_inertia(X, moved, k, weights);
      if (after < inertia * (1 - 1e-9)) {
        std::ostringstream why;
        why << "moving row " << i << " from " << labels[i] << " to " << b << " lowers " << inertia << " to " << after;
        return why.str();
      }
    }
  }
  return "";
}

}  // namespace verify
