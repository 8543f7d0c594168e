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

/// Adds the lowest rows of positive weight (null = all one) that are not among `rows` yet, until there are k.
inline void fill_with_lowest_rows(Index n, Index k, const double* weight, std::vector<Index>& rows) {
  std::vector<char> taken(static_cast<std::size_t>(n), false);
  for (const Index row : rows) taken[static_cast<std::size_t>(row)] = true;
  for (Index row = 0; static_cast<Index>(rows.size()) < k; ++row)
    if ((weight == nullptr || weight[row] > 0) && !taken[static_cast<std::size_t>(row)]) rows.push_back(row);
}

/// k-means++ and greedy k-means++. A row equal to a chosen one has exactly no chance. Each step is one pass over the
/// rows: it takes in the row chosen last and tries the new candidates at the same time. Masses are sums over chunks of
/// rows, in order: the same draws for any number of threads.
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
        chunks_(X.rows()),
        closest_(static_cast<std::size_t>(X.rows()), std::numeric_limits<T>::max()),
        mass_(static_cast<std::size_t>(chunks_.count())),
        up_to_date_(mass_.size(), true),
        scratch_(static_cast<std::size_t>(threads)) {}

  /// Calls step(chosen so far) after each choice; false stops, and fewer than k rows are returned.
  std::vector<Index> run(const std::function<bool(Index)>& step) {
    choose(first_row());
    while (static_cast<Index>(chosen_.size()) < k_) {
      if (!step(static_cast<Index>(chosen_.size()))) return chosen_;
      if (chosen_.size() == 1) mass_ = masses({}).front();
      const double total = std::accumulate(mass_.begin(), mass_.end(), 0.0);
      if (!(total > 0)) {  // every row left coincides with a chosen one: all are equally good
        fill_with_lowest_rows(X_.rows(), k_, weight_, chosen_);
        break;
      }
      std::vector<Index> candidates;
      for (int t = 0; t < trials_; ++t) candidates.push_back(draw(total));
      choose_best(candidates);
    }
    return chosen_;
  }

 private:
  double weight(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  Index first_row() {
    if (weight_ == nullptr) return random_.below(X_.rows());
    double left = random_.uniform() * std::accumulate(weight_, weight_ + X_.rows(), 0.0);
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

  // The candidate that leaves the least mass, the first on ties.
  void choose_best(const std::vector<Index>& candidates) {
    std::vector<std::vector<double>> left = masses(candidates);
    std::size_t best = 0;
    double best_mass = std::numeric_limits<double>::infinity();
    for (std::size_t t = 0; t < left.size(); ++t) {
      const double mass = std::accumulate(left[t].begin(), left[t].end(), 0.0);
      if (mass < best_mass) {
        best_mass = mass;
        best = t;
      }
    }
    mass_ = std::move(left[best]);
    choose(candidates[best]);
  }

  // Candidates as the kernel wants them.
  struct Candidates {
    Candidates(const Points<T>& X, const std::vector<Index>& rows)
        : places(kernels::candidate_places(T(), static_cast<Index>(rows.size()), X.cols())),
          packed(kernels::candidates_size(T(), static_cast<Index>(rows.size()), X.cols())) {
      std::vector<const T*> pointers;
      for (const Index row : rows) pointers.push_back(X.row(row));
      kernels::pack_candidates(pointers.data(), static_cast<Index>(rows.size()), X.cols(), packed.data());
    }
    Index places;
    Scratch<T> packed;
  };

  // One pass of the kernel over a chunk; candidate 0 is the row chosen last.
  void scan(Index chunk, Candidates& candidates, std::size_t worker, double* mass) {
    const Index first = chunks_.begin(chunk), last = chunks_.end(chunk);
    kernels::try_candidates(compiled::CandidatesTask<T>{rows_view(X_, first, last), candidates.packed.data(),
                                                        candidates.places, &closest_[static_cast<std::size_t>(first)],
                                                        weight_ != nullptr ? weight_ + first : nullptr, mass,
                                                        scratch_[worker].reserve(8 * candidates.places)});
    up_to_date_[static_cast<std::size_t>(chunk)] = true;
  }

  // Takes the row chosen last into all closest distances. Returns, per candidate and chunk, the mass that would be left
  // if the candidate were chosen, too; for no candidates the mass as it is.
  std::vector<std::vector<double>> masses(const std::vector<Index>& candidates) {
    std::vector<Index> rows = {chosen_.back()};
    rows.insert(rows.end(), candidates.begin(), candidates.end());
    Candidates packed(X_, rows);
    const std::size_t skip = candidates.empty() ? 0 : 1;
    std::vector<std::vector<double>> result(rows.size() - skip, std::vector<double>(mass_.size()));
    parallel_for(threads_, chunks_.count(), [&](Index chunk, int worker) {
      std::vector<double> mass(static_cast<std::size_t>(packed.places), 0.0);
      scan(chunk, packed, static_cast<std::size_t>(worker), mass.data());
      for (std::size_t t = 0; t < result.size(); ++t) result[t][static_cast<std::size_t>(chunk)] = mass[t + skip];
    });
    return result;
  }

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
    if (!up_to_date_[static_cast<std::size_t>(chunk)]) {
      Candidates chosen(X_, {chosen_.back()});
      scan(chunk, chosen, 0, nullptr);
    }
    Index row = -1;
    for (Index i = chunks_.begin(chunk); i < chunks_.end(chunk); ++i) {
      const double mass = weight(i) * static_cast<double>(closest_[static_cast<std::size_t>(i)]);
      if (!(mass > 0)) continue;
      row = i;
      if ((left -= mass) < 0) break;
    }
    return row;
  }

  const Points<T>& X_;
  Index k_;
  const double* weight_;
  int trials_;
  int threads_;
  Random& random_;
  Chunks chunks_;
  std::vector<T> closest_;        // squared distance to the nearest chosen row, where up to date
  std::vector<double> mass_;      // per chunk Σ weight · closest, with the row chosen last taken in
  std::vector<char> up_to_date_;  // per chunk: closest_ has taken in the row chosen last
  std::vector<Index> chosen_;
  std::vector<Scratch<T>> scratch_;
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
