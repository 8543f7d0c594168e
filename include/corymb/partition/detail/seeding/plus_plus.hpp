#pragma once

#include <corymb/core/detail/chunk_pieces.hpp>
#include <corymb/core/parallel.hpp>
#include <corymb/partition/detail/row_passes.hpp>
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

/// One pass over all rows: takes candidate 0 into the closest squared distances. Returns, per chunk, the mass of every
/// place (see PackedCandidates::scan), added up in the order of the rows.
template <class T>
std::vector<std::vector<double>> scan_all(RowPasses<T>& rows, const Chunks& chunks,
                                          const PackedCandidates<T>& candidates, T* closest, const double* weight,
                                          int threads) {
  std::vector<std::vector<double>> mass(static_cast<std::size_t>(chunks.count()));
  for (auto& part : mass) part.assign(static_cast<std::size_t>(candidates.places()), 0.0);
  std::vector<Scratch<T>> scratch(static_cast<std::size_t>(threads));
  rows.for_each([&](const Points<T>& slab, Index first) {
    const ChunkPieces pieces(chunks, first, slab.rows());
    parallel_for(threads, pieces.count(), [&](Index p, int worker) {
      const ChunkPieces::Piece& piece = pieces[p];
      const Index row = first + piece.begin;
      candidates.scan(rows_view(slab, piece.begin, piece.end), closest + row,
                      weight != nullptr ? weight + row : nullptr, mass[static_cast<std::size_t>(piece.chunk)].data(),
                      scratch[static_cast<std::size_t>(worker)]);
    });
  });
  return mass;
}

/// k-means++ and greedy k-means++. A row equal to a chosen one has exactly no chance. Each step is one pass over the
/// rows: it takes in the row chosen last and tries the new candidates at the same time. Masses are sums over chunks of
/// rows, in order: the same draws for any number of threads and any slabs.
template <class T>
class PlusPlusSeeding {
 public:
  PlusPlusSeeding(RowPasses<T>& rows, Index k, const double* weight, int trials, int threads, Random& random)
      : rows_(rows),
        k_(k),
        weight_(weight),
        trials_(trials),
        threads_(threads),
        random_(random),
        chunks_(rows.rows()),
        mass_(static_cast<std::size_t>(chunks_.count())),
        up_to_date_(mass_.size(), true) {}

  /// k different rows. Calls step(chosen so far) after each choice; false stops, and fewer than k rows are returned.
  std::vector<Index> run(const std::function<bool(Index)>& step) {
    const Index first = random_row(rows_.rows(), weight_, random_);
    return run_from({first}, std::vector<T>(static_cast<std::size_t>(rows_.rows()), std::numeric_limits<T>::max()),
                    step);
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
        fill_with_lowest_rows(rows_.rows(), k_, weight_, chosen_);
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

  // Takes the row chosen last into the closest distances of a chunk.
  void update(Index chunk) {
    const PackedCandidates<T> last(rows_.gather({chosen_.back()}));
    rows_.for_each(chunks_.begin(chunk), chunks_.end(chunk), [&](const Points<T>& slab, Index first) {
      last.scan(rows_view(slab), &closest_[static_cast<std::size_t>(first)], nullptr, nullptr, scratch_);
    });
    up_to_date_[static_cast<std::size_t>(chunk)] = true;
  }

  // Takes the row chosen last into all closest distances. Returns, per candidate and chunk, the mass that would be left
  // if the candidate were chosen, too; for no candidates the mass as it is.
  std::vector<std::vector<double>> masses(const std::vector<Index>& candidates) {
    std::vector<Index> rows = {chosen_.back()};
    rows.insert(rows.end(), candidates.begin(), candidates.end());
    const PackedCandidates<T> packed(rows_.gather(rows));
    const auto mass = scan_all(rows_, chunks_, packed, closest_.data(), weight_, threads_);
    std::fill(up_to_date_.begin(), up_to_date_.end(), true);
    const std::size_t skip = candidates.empty() ? 0 : 1;
    std::vector<std::vector<double>> result(rows.size() - skip, std::vector<double>(mass_.size()));
    for (std::size_t t = 0; t < result.size(); ++t)
      for (std::size_t chunk = 0; chunk < mass.size(); ++chunk) result[t][chunk] = mass[chunk][t + skip];
    return result;
  }

  // One row with probability ∝ weight · closest squared distance.
  Index draw(double total) {
    const auto open = [&](Index chunk) {
      if (!up_to_date_[static_cast<std::size_t>(chunk)]) update(chunk);
    };
    return draw_by_mass(chunks_, mass_, total, random_, open, [&](Index i) {
      return weight(i) * static_cast<double>(closest_[static_cast<std::size_t>(i)]);
    });
  }

  RowPasses<T>& rows_;
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
  Scratch<T> scratch_;
};

/// How many candidates a step of greedy k-means++ tries (Arthur and Vassilvitskii 2007, section 7).
inline int greedy_trials(Index k) { return 2 + static_cast<int>(std::log(static_cast<double>(k))); }

}  // namespace detail
CORYMB_END
