#pragma once

#include <algorithm>
#include <vector>

#include "support/matrices.hpp"
#include "support/verify_kmedoids.hpp"

// The algorithms of k-medoids by their definitions: the loss of every exchange is computed anew. Exact for distances
// and weights that are small whole numbers.
namespace oracle {

using corymb::Index;
using Medoids = std::vector<Index>;

struct Exchange {
  double loss = std::numeric_limits<double>::infinity();
  Index candidate = -1;
  std::size_t slot = 0;
};

inline bool is_candidate(const Medoids& medoids, Index j, const corymb::Vector& weights) {
  return std::find(medoids.begin(), medoids.end(), j) == medoids.end() && (weights.size() == 0 || weights[j] > 0);
}

template <class Distances>
Exchange best_exchange(const Distances& D, const Medoids& medoids, Index j, const corymb::Vector& weights) {
  Exchange best;
  if (!is_candidate(medoids, j, weights)) return best;
  for (std::size_t slot = 0; slot < medoids.size(); ++slot) {
    Medoids exchanged = medoids;
    exchanged[slot] = j;
    const double loss = verify::kmedoids_loss(D, exchanged, weights);
    if (loss < best.loss) best = {loss, j, slot};
  }
  return best;
}

struct Outcome {
  Medoids medoids;
  Index swaps = 0;
};

/// PAM: at most `most` exchanges, each the best of all, the lower candidate and then the lower slot on ties.
template <class Distances>
Outcome pam(const Distances& D, Medoids medoids, Index most, const corymb::Vector& weights = {}) {
  Outcome outcome{std::move(medoids), 0};
  while (outcome.swaps < most) {
    Exchange best;
    for (Index j = 0; j < D.rows(); ++j) {
      const Exchange exchange = best_exchange(D, outcome.medoids, j, weights);
      if (exchange.loss < best.loss) best = exchange;
    }
    if (!(best.loss < verify::kmedoids_loss(D, outcome.medoids, weights))) break;
    outcome.medoids[best.slot] = best.candidate;
    ++outcome.swaps;
  }
  return outcome;
}

/// FasterPAM: round the objects in order, each exchange that improves at once.
template <class Distances>
Outcome faster_pam(const Distances& D, Medoids medoids, const corymb::Vector& weights = {}) {
  Outcome outcome{std::move(medoids), 0};
  Index without = 0;
  for (Index j = 0; without < D.rows(); j = (j + 1) % D.rows()) {
    ++without;
    const Exchange exchange = best_exchange(D, outcome.medoids, j, weights);
    if (!(exchange.loss < verify::kmedoids_loss(D, outcome.medoids, weights))) continue;
    outcome.medoids[exchange.slot] = j;
    ++outcome.swaps;
    without = 0;
  }
  return outcome;
}

/// BUILD: one after the other the object that leaves the least loss, the lower one on ties.
template <class Distances>
Medoids build(const Distances& D, Index k, const corymb::Vector& weights = {}) {
  Medoids medoids;
  while (static_cast<Index>(medoids.size()) < k) {
    Exchange best;
    for (Index j = 0; j < D.rows(); ++j) {
      if (!is_candidate(medoids, j, weights)) continue;
      medoids.push_back(j);
      const double loss = verify::kmedoids_loss(D, medoids, weights);
      medoids.pop_back();
      if (loss < best.loss) best = {loss, j, 0};
    }
    medoids.push_back(best.candidate);
  }
  return medoids;
}

}  // namespace oracle
