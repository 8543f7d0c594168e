#pragma once

#include <corymb/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "support/slow_tests.hpp"

// The scores by their definitions, point by point and pair by pair.
namespace corymb_test {

/// Of a randomised test.
inline const int score_instances = slow_tests() ? 5000 : 300;

using Integers = std::vector<std::int64_t>;

inline Integers random_labels(corymb::Random& random, std::size_t n, std::int64_t clusters) {
  Integers labels(n);
  for (auto& label : labels) label = random.below(clusters) * random.below(clusters) - 2;
  return labels;
}

/// Two score_instances that agree more or less.
inline std::pair<Integers, Integers> random_pair(corymb::Random& random, std::int64_t most_clusters,
                                                 std::int64_t most_points = 40) {
  const auto n = static_cast<std::size_t>(random.below(most_points) + 2);
  Integers truth = random_labels(random, n, random.below(most_clusters) + 1);
  Integers predicted = random_labels(random, n, random.below(most_clusters) + 1);
  const double agreement = random.uniform();
  for (std::size_t i = 0; i < n; ++i)
    if (random.uniform() < agreement) predicted[i] = truth[i];
  return {truth, predicted};
}

/// Unordered pairs of points, one by one.
struct PairsByDefinition {
  double both = 0, truth_only = 0, predicted_only = 0, neither = 0;

  PairsByDefinition(const Integers& truth, const Integers& predicted) {
    for (std::size_t i = 0; i < truth.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const bool t = truth[i] == truth[j], p = predicted[i] == predicted[j];
        ++(t ? (p ? both : truth_only) : (p ? predicted_only : neither));
      }
  }
};

using Distribution = std::map<std::int64_t, double>;

inline Distribution distribution(const Integers& labels) {
  Distribution p;
  for (const std::int64_t label : labels) p[label] += 1 / static_cast<double>(labels.size());
  return p;
}

inline std::map<std::pair<std::int64_t, std::int64_t>, double> joint(const Integers& a, const Integers& b) {
  std::map<std::pair<std::int64_t, std::int64_t>, double> p;
  for (std::size_t i = 0; i < a.size(); ++i) p[{a[i], b[i]}] += 1 / static_cast<double>(a.size());
  return p;
}

template <class Map>
double entropy_of(const Map& p) {
  double entropy = 0;
  for (const auto& entry : p) entropy -= entry.second * std::log(entry.second);
  return entropy;
}

inline double information_of(const Integers& a, const Integers& b) {
  return entropy_of(distribution(a)) + entropy_of(distribution(b)) - entropy_of(joint(a, b));
}

/// The mean over all orders of b: n must be small.
inline double expected_information_by_permutations(const Integers& a, Integers b) {
  std::sort(b.begin(), b.end());
  long double sum = 0, count = 0;  // of up to 40 320 numbers
  do {
    sum += information_of(a, b);
    ++count;
  } while (std::next_permutation(b.begin(), b.end()));  // each different order once, all equally likely
  return static_cast<double>(sum / count);
}

}  // namespace corymb_test
