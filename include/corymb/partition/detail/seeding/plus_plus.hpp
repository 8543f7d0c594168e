#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/partition/detail/seeding/candidates.hpp>
#include <corymb/partition/detail/seeding/draws.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

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
        mass_(static_cast<std::size_t>(chunks_.count())),
        up_to_date_(mass_.size(), true),
        scratch_(static_cast<std::size_t>(threads)) {}

  /// k different rows. Calls step(chosen so far) after each choice; false stops, and fewer than k rows are returned.
  std::vector<Index> run(const std::function<bool(Index)>& step) {
    const Index first = random_row(X_.rows(), weight_, random_);
    return run_from({first}, std::vector<T>(static_cast<std::size_t>(X_.rows()), std::numeric_limits<T>::max()), step);
  }

  /// The same with some rows chosen already; closest[i] is the squared distance of row i to the nearest of them, the
  /// last one taken in or not.
  std::vector<Index> run_from(std::vector<Index> chosen, std::vector<T> closest,
                              const std::function<bool(Index)>& step) {
    chosen_ = std::move(chosen);
    closest_ = std::move(closest);
    std::fill(up_to_date_.begin(), up_to_date_.end(), false);
    bool has_mass = false;
    while (static_cast<Index>(chosen_.size()) < k_) {
      if (!step(static_cast<Index>(chosen_.size()))) return chosen_;
      if (!std::exchange(has_mass, true)) mass_ = masses({}).front();
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
    chosen_.push_back(candidates[best]);
    std::fill(up_to_date_.begin(), up_to_date_.end(), false);
  }

  // Candidate 0 is the row chosen last.
  void scan(Index chunk, const PackedCandidates<T>& candidates, std::size_t worker, double* mass) {
    const Index first = chunks_.begin(chunk), last = chunks_.end(chunk);
    candidates.scan(rows_view(X_, first, last), &closest_[static_cast<std::size_t>(first)],
                    weight_ != nullptr ? weight_ + first : nullptr, mass, scratch_[worker]);
    up_to_date_[static_cast<std::size_t>(chunk)] = true;
  }

  // Takes the row chosen last into all closest distances. Returns, per candidate and chunk, the mass that would be left
  // if the candidate were chosen, too; for no candidates the mass as it is.
  std::vector<std::vector<double>> masses(const std::vector<Index>& candidates) {
    std::vector<Index> rows = {chosen_.back()};
    rows.insert(rows.end(), candidates.begin(), candidates.end());
    const PackedCandidates<T> packed(X_, rows);
    const std::size_t skip = candidates.empty() ? 0 : 1;
    std::vector<std::vector<double>> result(rows.size() - skip, std::vector<double>(mass_.size()));
    parallel_for(threads_, chunks_.count(), [&](Index chunk, int worker) {
      std::vector<double> mass(static_cast<std::size_t>(packed.places()), 0.0);
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
    if (!up_to_date_[static_cast<std::size_t>(chunk)])
      scan(chunk, PackedCandidates<T>(X_, {chosen_.back()}), 0, nullptr);
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

/// How many candidates a step of greedy k-means++ tries (Arthur and Vassilvitskii 2007, section 7).
inline int greedy_trials(Index k) { return 2 + static_cast<int>(std::log(static_cast<double>(k))); }

}  // namespace detail
CORYMB_END
