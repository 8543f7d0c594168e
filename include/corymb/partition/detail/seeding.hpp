#pragma once

#include <corymb/core/execution.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/core/random.hpp>
#include <corymb/distance/detail/kernels.hpp>
#include <corymb/partition/kmeans.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// k different rows, each with probability proportional to its weight (null = all one).
/// Weighted: the k smallest of −ln(u)/w (Efraimidis and Spirakis 2006, doi:10.1016/j.ipl.2005.11.003).
inline std::vector<Index> random_rows(Index n, Index k, const double* weight, Random& random) {
  std::vector<Index> rows;
  if (weight == nullptr) {  // Floyd: row `last` enters if the draw is taken already
    std::vector<bool> taken(static_cast<std::size_t>(n), false);
    for (Index last = n - k; last < n; ++last) {
      Index row = random.below(last + 1);
      if (taken[static_cast<std::size_t>(row)]) row = last;
      taken[static_cast<std::size_t>(row)] = true;
      rows.push_back(row);
    }
    return rows;
  }
  std::vector<std::pair<double, Index>> keys;
  for (Index i = 0; i < n; ++i) {
    const double u = 1 - random.uniform();  // in (0, 1]
    if (weight[i] > 0) keys.emplace_back(-std::log(u) / weight[i], i);
  }
  std::partial_sort(keys.begin(), keys.begin() + k, keys.end());
  for (Index c = 0; c < k; ++c) rows.push_back(keys[static_cast<std::size_t>(c)].second);
  return rows;
}

/// k-means++ and greedy k-means++, on the defined squared distances, so that a row equal to a chosen one has exactly no
/// chance. Each step is one pass over the rows: it brings the distances up to date with the row chosen last and tries
/// the new candidates at the same time.
template <class T>
class PlusPlusSeeding {
 public:
  PlusPlusSeeding(const Points<T>& X, Index k, const double* weight, int trials, int threads, Random& random)
      : X_(X),
        k_(k),
        weight_(weight),
        trials_(trials),
        threads_(threads),
        random_(random),
        chunks_(X.rows(), block),
        closest_(static_cast<std::size_t>(X.rows()), std::numeric_limits<T>::max()),
        mass_(static_cast<std::size_t>(chunks_.count())),
        up_to_date_(mass_.size(), true),
        trial_mass_(mass_.size() * static_cast<std::size_t>(trials)),
        scratch_(static_cast<std::size_t>(threads)),
        values_(static_cast<std::size_t>(threads)) {}

  /// Calls step(chosen so far) after each choice; false stops, and fewer than k rows are returned.
  std::vector<Index> run(const std::function<bool(Index)>& step) {
    choose(first_row());
    while (static_cast<Index>(chosen_.size()) < k_) {
      if (!step(static_cast<Index>(chosen_.size()))) return chosen_;
      if (chosen_.size() == 1) refresh_all();
      const double total = std::accumulate(mass_.begin(), mass_.end(), 0.0);
      if (!(total > 0)) {  // every row left coincides with a chosen one: all are equally good
        fill_up();
        break;
      }
      std::vector<Index> candidates;
      for (int t = 0; t < trials_; ++t) candidates.push_back(draw(total));
      choose(candidates[static_cast<std::size_t>(try_candidates(candidates))]);
    }
    return chosen_;
  }

 private:
  static constexpr Index block = 1024;  // rows whose distances to the candidates stay in the cache

  double weight(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  Index first_row() {
    if (weight_ == nullptr) return random_.below(X_.rows());
    double total = 0;
    for (Index i = 0; i < X_.rows(); ++i) total += weight_[i];
    double left = random_.uniform() * total;
    Index row = -1;
    for (Index i = 0; i < X_.rows(); ++i) {
      if (weight_[i] == 0) continue;
      row = i;
      if ((left -= weight_[i]) < 0) break;
    }
    return row;
  }

  void choose(Index row) {
    chosen_.push_back(row);
    std::fill(up_to_date_.begin(), up_to_date_.end(), false);
  }

  // The lowest rows of positive weight that are not chosen yet.
  void fill_up() {
    std::vector<char> taken(static_cast<std::size_t>(X_.rows()), false);
    for (const Index row : chosen_) taken[static_cast<std::size_t>(row)] = true;
    for (Index row = 0; static_cast<Index>(chosen_.size()) < k_; ++row)
      if (weight(row) > 0 && !taken[static_cast<std::size_t>(row)]) chosen_.push_back(row);
  }

  // Distances of rows [first, last) to the rows listed in `others`: one row of `block` values each.
  T* distances_to(const std::vector<Index>& others, Index first, Index last, std::size_t worker) {
    const Index d = X_.cols(), count = static_cast<Index>(others.size());
    T* values = values_[worker].reserve(count * block);
    T* scratch = scratch_[worker].reserve(kernels::defined_scratch_size(T(), d) + count * d);
    T* rows = scratch + kernels::defined_scratch_size(T(), d);
    for (Index l = 0; l < count; ++l) std::copy_n(X_.row(others[static_cast<std::size_t>(l)]), d, rows + l * d);
    kernels::distances(compiled::DistancesTask<T>{PairValue::squared_euclidean, RowsView<T>{rows, count, d, d},
                                                  rows_view(X_, first, last), nullptr, values, block, scratch});
    return values;
  }

  // Takes the row chosen last into the closest distances of one chunk.
  void refresh(Index chunk, std::size_t worker) {
    const auto c = static_cast<std::size_t>(chunk);
    if (up_to_date_[c]) return;
    for (Index first = chunks_.begin(chunk); first < chunks_.end(chunk); first += block) {
      const Index last = std::min(first + block, chunks_.end(chunk));
      kernels::take_minima(&closest_[static_cast<std::size_t>(first)],
                           distances_to({chosen_.back()}, first, last, worker), last - first);
    }
    up_to_date_[c] = true;
  }

  void refresh_all() {
    parallel_for(threads_, chunks_.count(), [&](Index chunk, int worker) {
      refresh(chunk, static_cast<std::size_t>(worker));
      double mass = 0;
      for (Index first = chunks_.begin(chunk); first < chunks_.end(chunk); first += block) {
        const Index last = std::min(first + block, chunks_.end(chunk));
        const T* closest = &closest_[static_cast<std::size_t>(first)];
        mass += kernels::sum_of_minima(closest, closest, weights_from(first), last - first);
      }
      mass_[static_cast<std::size_t>(chunk)] = mass;
    });
  }

  const double* weights_from(Index first) const { return weight_ != nullptr ? weight_ + first : nullptr; }

  // One row with probability ∝ weight · closest squared distance. Never one without mass.
  Index draw(double total) {
    double left = random_.uniform() * total;
    Index chunk = -1;
    for (Index c = 0; c < chunks_.count(); ++c) {
      const double mass = mass_[static_cast<std::size_t>(c)];
      if (!(mass > 0)) continue;
      chunk = c;
      if (left < mass) break;
      left -= mass;
    }
    refresh(chunk, 0);
    Index row = -1;
    for (Index i = chunks_.begin(chunk); i < chunks_.end(chunk); ++i) {
      const double mass = weight(i) * static_cast<double>(closest_[static_cast<std::size_t>(i)]);
      if (!(mass > 0)) continue;
      row = i;
      if ((left -= mass) < 0) break;
    }
    return row;
  }

  // The candidate that leaves the least mass, the first on ties; its masses become the current ones.
  int try_candidates(const std::vector<Index>& candidates) {
    const auto trials = static_cast<std::size_t>(trials_);
    std::fill(trial_mass_.begin(), trial_mass_.end(), 0.0);
    parallel_for(threads_, chunks_.count(), [&](Index chunk, int worker) {
      const auto c = static_cast<std::size_t>(chunk);
      std::vector<Index> others = candidates;
      if (!up_to_date_[c]) others.push_back(chosen_.back());
      for (Index first = chunks_.begin(chunk); first < chunks_.end(chunk); first += block) {
        const Index last = std::min(first + block, chunks_.end(chunk));
        T* closest = &closest_[static_cast<std::size_t>(first)];
        const T* values = distances_to(others, first, last, static_cast<std::size_t>(worker));
        if (!up_to_date_[c]) kernels::take_minima(closest, values + trials_ * block, last - first);
        for (std::size_t t = 0; t < trials; ++t)
          trial_mass_[c * trials + t] +=
              kernels::sum_of_minima(closest, values + static_cast<Index>(t) * block, weights_from(first), last - first);
      }
    });
    std::fill(up_to_date_.begin(), up_to_date_.end(), true);
    int best = 0;
    double best_mass = std::numeric_limits<double>::infinity();
    for (std::size_t t = 0; t < trials; ++t) {
      double mass = 0;
      for (std::size_t c = 0; c < mass_.size(); ++c) mass += trial_mass_[c * trials + t];
      if (mass < best_mass) {
        best_mass = mass;
        best = static_cast<int>(t);
      }
    }
    for (std::size_t c = 0; c < mass_.size(); ++c) mass_[c] = trial_mass_[c * trials + static_cast<std::size_t>(best)];
    return best;
  }

  const Points<T>& X_;
  Index k_;
  const double* weight_;
  int trials_;
  int threads_;
  Random& random_;
  Chunks chunks_;
  std::vector<T> closest_;          // squared distance to the nearest chosen row, where up to date
  std::vector<double> mass_;        // per chunk Σ weight · closest, with the row chosen last taken in
  std::vector<char> up_to_date_;    // per chunk: closest_ has taken in the row chosen last
  std::vector<double> trial_mass_;  // per chunk and candidate: the mass if it were chosen
  std::vector<Index> chosen_;
  std::vector<Scratch<T>> scratch_;
  std::vector<Scratch<T>> values_;
};

/// Row numbers of the first centroids. Fewer than k if `step` (called with the number chosen so far) returned false.
template <class T>
std::vector<Index> seed_rows(const Points<T>& X, Index k, KMeansInit init, const double* weight, int threads,
                             Random& random, const std::function<bool(Index)>& step) {
  if (init == KMeansInit::random) return random_rows(X.rows(), k, weight, random);
  const int trials =
      init == KMeansInit::greedy_kmeans_plus_plus ? 2 + static_cast<int>(std::log(static_cast<double>(k))) : 1;
  return PlusPlusSeeding<T>(X, k, weight, trials, threads, random).run(step);
}

}  // namespace detail
CORYMB_END
