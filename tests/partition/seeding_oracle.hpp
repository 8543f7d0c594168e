#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

// The exact distributions of the seedings on tiny instances, by going through everything that may happen; and a test of
// frequencies against them.
namespace corymb_test {

using Probability = std::map<std::set<corymb::Index>, double>;  // of the set of rows chosen

/// A tiny instance: rows, weights.
struct SeedingInstance {
  corymb::RowMatrix<double> X;
  corymb::Vector weight;

  corymb::Index n() const { return X.rows(); }

  double squared(corymb::Index i, corymb::Index j) const { return (X.row(i) - X.row(j)).squaredNorm(); }

  double closest(corymb::Index i, const std::vector<corymb::Index>& rows) const {
    double least = std::numeric_limits<double>::infinity();
    for (const corymb::Index row : rows) least = std::min(least, squared(i, row));
    return least;
  }

  double mass(const std::vector<corymb::Index>& rows) const {
    double sum = 0;
    for (corymb::Index i = 0; i < n(); ++i) sum += weight[i] * closest(i, rows);
    return sum;
  }
};

/// Goes on from `chosen` by greedy k-means++ (`trials` = 1: the plain one) and adds p · probability to `result`. The
/// rows of the instance are numbered `name` there.
inline void add_plus_plus(const SeedingInstance& instance, const std::vector<corymb::Index>& name, int k, int trials,
                          const std::vector<corymb::Index>& chosen, double p, Probability& result) {
  if (static_cast<int>(chosen.size()) == k) {
    std::set<corymb::Index> rows;
    for (const corymb::Index row : chosen) rows.insert(name[static_cast<std::size_t>(row)]);
    result[rows] += p;
    return;
  }
  const double total = instance.mass(chosen);
  std::vector<double> chance(static_cast<std::size_t>(instance.n()), 0.0);  // to be the best candidate
  const std::function<void(int, double, corymb::Index, double)> draw = [&](int left, double probability,
                                                                           corymb::Index best, double best_mass) {
    if (left == 0) {
      chance[static_cast<std::size_t>(best)] += probability;
      return;
    }
    for (corymb::Index i = 0; i < instance.n(); ++i) {
      const double part = instance.weight[i] * instance.closest(i, chosen) / total;
      if (part == 0) continue;
      std::vector<corymb::Index> tried = chosen;
      tried.push_back(i);
      const double mass = instance.mass(tried);
      if (mass < best_mass)
        draw(left - 1, probability * part, i, mass);
      else
        draw(left - 1, probability * part, best, best_mass);
    }
  };
  draw(trials, 1.0, -1, std::numeric_limits<double>::infinity());
  for (corymb::Index i = 0; i < instance.n(); ++i) {
    if (chance[static_cast<std::size_t>(i)] == 0) continue;
    std::vector<corymb::Index> longer = chosen;
    longer.push_back(i);
    add_plus_plus(instance, name, k, trials, longer, p * chance[static_cast<std::size_t>(i)], result);
  }
}

inline std::vector<corymb::Index> own_names(const SeedingInstance& instance) {
  std::vector<corymb::Index> name;
  for (corymb::Index i = 0; i < instance.n(); ++i) name.push_back(i);
  return name;
}

inline Probability plus_plus_probability(const SeedingInstance& instance, int k, int trials) {
  Probability result;
  for (corymb::Index i = 0; i < instance.n(); ++i)
    if (instance.weight[i] > 0)
      add_plus_plus(instance, own_names(instance), k, trials, {i}, instance.weight[i] / instance.weight.sum(), result);
  return result;
}

inline Probability kmeans_parallel_probability(const SeedingInstance& instance, int k, int rounds,
                                               double oversampling) {
  Probability result;
  const int trials = 2 + static_cast<int>(std::log(k));
  const auto finish = [&](const std::vector<corymb::Index>& drawn, double p) {
    if (static_cast<int>(drawn.size()) < k)
      return add_plus_plus(instance, own_names(instance), k, trials, drawn, p, result);
    SeedingInstance few;
    few.X.resize(static_cast<corymb::Index>(drawn.size()), instance.X.cols());
    few.weight = corymb::Vector::Zero(few.X.rows());
    for (corymb::Index c = 0; c < few.X.rows(); ++c) few.X.row(c) = instance.X.row(drawn[static_cast<std::size_t>(c)]);
    for (corymb::Index i = 0; i < instance.n(); ++i) {
      corymb::Index nearest = 0;
      for (corymb::Index c = 1; c < few.X.rows(); ++c)
        if ((instance.X.row(i) - few.X.row(c)).squaredNorm() < (instance.X.row(i) - few.X.row(nearest)).squaredNorm())
          nearest = c;
      few.weight[nearest] += instance.weight[i];
    }
    for (corymb::Index c = 0; c < few.n(); ++c)
      add_plus_plus(few, drawn, k, trials, {c}, p * few.weight[c] / few.weight.sum(), result);
  };
  const std::function<void(int, const std::vector<corymb::Index>&, double)> draw =
      [&](int left, const std::vector<corymb::Index>& drawn, double p) {
        if (left == 0) return finish(drawn, p);
        const double total = instance.mass(drawn);
        // Every set of rows that this round may draw.
        const std::function<void(corymb::Index, const std::vector<corymb::Index>&, double)> choose =
            [&](corymb::Index i, const std::vector<corymb::Index>& next, double probability) {
              if (probability == 0) return;
              if (i == instance.n()) return draw(left - 1, next, probability);
              const double mean = oversampling * k * instance.weight[i] * instance.closest(i, drawn) / total;
              const double none = total > 0 ? std::exp(-mean) : 1.0;
              choose(i + 1, next, probability * none);
              std::vector<corymb::Index> longer = next;
              longer.push_back(i);
              choose(i + 1, longer, probability * (1 - none));
            };
        choose(0, drawn, p);
      };
  for (corymb::Index i = 0; i < instance.n(); ++i) draw(rounds, {i}, instance.weight[i] / instance.weight.sum());
  return result;
}

/// The distribution of the end of every chain by the powers of its transition matrix.
inline Probability afk_mc2_probability(const SeedingInstance& instance, int k, int chain_length) {
  Probability result;
  const corymb::Index n = instance.n();
  const std::function<void(const std::vector<corymb::Index>&, double)> go_on =
      [&](const std::vector<corymb::Index>& chosen, double p) {
        if (static_cast<int>(chosen.size()) == k) {
          result[{chosen.begin(), chosen.end()}] += p;
          return;
        }
        const double first_mass = instance.mass({chosen[0]});
        corymb::Vector proposal(n), distance(n);
        for (corymb::Index i = 0; i < n; ++i) {
          proposal[i] =
              instance.weight[i] * (0.5 * instance.squared(i, chosen[0]) / first_mass + 0.5 / instance.weight.sum());
          distance[i] = instance.closest(i, chosen);
        }
        corymb::Vector state = proposal;
        for (int step = 1; step < chain_length; ++step) {
          corymb::Vector next = corymb::Vector::Zero(n);
          for (corymb::Index i = 0; i < n; ++i)
            for (corymb::Index j = 0; j < n; ++j) {
              if (state[i] == 0 || proposal[j] == 0) continue;
              // The target is weight · distance; from a state that it gives no chance the chain goes wherever it can.
              const double to = instance.weight[j] * distance[j] * proposal[i];
              const double from = instance.weight[i] * distance[i] * proposal[j];
              const double accept = to == 0 ? 0.0 : from == 0 ? 1.0 : std::min(1.0, to / from);
              next[j] += state[i] * proposal[j] * accept;
              next[i] += state[i] * proposal[j] * (1 - accept);
            }
          state = next;
        }
        // What is still on a row of distance 0 goes on until it has left.
        double stuck = 0, ways = 0;
        for (corymb::Index i = 0; i < n; ++i)
          (distance[i] > 0 ? ways : stuck) += distance[i] > 0 ? proposal[i] : state[i];
        for (corymb::Index i = 0; i < n; ++i) {
          if (!(distance[i] > 0) || proposal[i] == 0) continue;
          std::vector<corymb::Index> longer = chosen;
          longer.push_back(i);
          go_on(longer, p * (state[i] + stuck * proposal[i] / ways));
        }
      };
  for (corymb::Index i = 0; i < n; ++i)
    if (instance.weight[i] > 0) go_on({i}, instance.weight[i] / instance.weight.sum());
  return result;
}

/// Empty if `draws` draws look like the distribution: χ² at most five standard deviations above its mean, after cells
/// that expect fewer than ten draws are put together.
inline std::string frequency_error(const Probability& expected, const std::map<std::set<corymb::Index>, int>& seen,
                                   int draws) {
  double sum = 0;
  for (const auto& [rows, p] : expected) sum += p;
  if (std::abs(sum - 1) > 1e-9) return "the probabilities add up to " + std::to_string(sum);
  for (const auto& [rows, count] : seen)
    if (!expected.contains(rows)) return "a set of rows that has no probability";
  double chi_squared = 0, rest = 0, rest_seen = 0;
  int cells = 0;
  const auto add = [&](double mean, double count) {
    chi_squared += (count - mean) * (count - mean) / mean;
    ++cells;
  };
  for (const auto& [rows, p] : expected) {
    const auto found = seen.find(rows);
    const double count = found != seen.end() ? found->second : 0;
    if (p * draws >= 10) {
      add(p * draws, count);
    } else {
      rest += p * draws;
      rest_seen += count;
    }
  }
  if (rest >= 10) add(rest, rest_seen);
  if (rest < 10 && rest_seen > 30) return "too many rare sets of rows";
  const double freedom = cells - 1;
  if (chi_squared <= freedom + 5 * std::sqrt(2 * freedom) + 1e-9) return "";
  return "chi-squared = " + std::to_string(chi_squared) + " for " + std::to_string(cells) + " cells";
}

}  // namespace corymb_test
