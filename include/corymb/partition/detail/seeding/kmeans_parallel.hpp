#pragma once

#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/partition/detail/seeding/plus_plus.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// k-means||. After a first row, drawn by weight, every round draws on average oversampling · k rows at once, all with
/// probabilities ∝ weight · squared distance to the rows drawn before; then greedy k-means++ chooses k of the rows
/// drawn, each weighted by the rows that it is the nearest to.
///
/// A row is drawn in a round if a Poisson variable of mean λ = oversampling · k · w D² / Σ w D² is not 0. The paper
/// takes the probability min(1, λ), which is the same up to terms of order λ²; but only with the former is a row of
/// weight w drawn exactly as often as any of w copies.
///
/// A round is one pass of the assignment kernel against the rows drawn last. Each chunk of rows has random numbers of
/// its own, named by the round and the chunk, and sums are formed in the order of the chunks: the same rows for any
/// number of threads.
/// @see Bahmani, Moseley, Vattani, Kumar and Vassilvitskii (2012), PVLDB 5(7), 622–633, doi:10.14778/2180912.2180915.
template <class T>
class KMeansParallelSeeding {
 public:
  KMeansParallelSeeding(RowPasses<T>& rows, Index k, const double* weight, int rounds, double oversampling, int threads,
                        Random& random)
      : rows_(rows),
        k_(k),
        weight_(weight),
        rounds_(rounds),
        draws_(oversampling * static_cast<double>(k)),
        threads_(threads),
        random_(random),
        key_(random.bits()),
        chunks_(rows.rows()),
        closest_(static_cast<std::size_t>(rows.rows()), std::numeric_limits<T>::infinity()),
        nearest_(static_cast<std::size_t>(rows.rows()), -1) {}

  /// k different rows. Calls step(done), 1 ≤ done ≤ k, where done / k is the share of the rounds that are over; false
  /// stops, and fewer than k rows are returned.
  std::vector<Index> run(const std::function<bool(Index)>& step) {
    double mass = take({random_row(rows_.rows(), weight_, random_)});
    Index done = 0;
    for (int round = 0; round < rounds_ && mass > 0; ++round) {
      done = std::max<Index>(static_cast<Index>(static_cast<double>(k_) * round / (rounds_ + 1.0)), 1);
      if (!step(done)) {
        drawn_.resize(std::min(drawn_.size(), static_cast<std::size_t>(k_ - 1)));
        return drawn_;
      }
      mass = take(draw(static_cast<std::uint64_t>(round), mass));
    }
    return choose_among_drawn([&](Index chosen) { return step(std::max(done, chosen)); });
  }

 private:
  double weight(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  // The rows of one round; `mass` = Σ weight · closest. Never one without mass.
  std::vector<Index> draw(std::uint64_t round, double mass) {
    std::vector<std::vector<Index>> drawn(static_cast<std::size_t>(chunks_.count()));
    parallel_for(threads_, chunks_.count(), [&](Index chunk) {
      Random random(key_, {round, static_cast<std::uint64_t>(chunk)});
      for (Index i = chunks_.begin(chunk); i < chunks_.end(chunk); ++i) {
        const double mean = draws_ * (weight(i) * static_cast<double>(closest_[static_cast<std::size_t>(i)]) / mass);
        if (!(mean > 0)) continue;
        const double u = random.uniform();  // the first comparison spares the exponential where it is not needed
        if (u < mean && u < -std::expm1(-mean)) drawn[static_cast<std::size_t>(chunk)].push_back(i);
      }
    });
    std::vector<Index> rows;
    for (const auto& part : drawn) rows.insert(rows.end(), part.begin(), part.end());
    return rows;
  }

  // Takes newly drawn rows into the closest distances. Returns Σ weight · closest.
  double take(const std::vector<Index>& rows) {
    const auto before = static_cast<std::int32_t>(drawn_.size());
    drawn_.insert(drawn_.end(), rows.begin(), rows.end());
    const RowMatrix<T> fresh = rows_.gather(rows);
    if (!rows.empty()) {
      const PackedCentroids<T> packed(rows_view(fresh));
      std::vector<NearestWorkspace<T>> workspace(static_cast<std::size_t>(threads_));
      rows_.for_each([&](const Points<T>& slab, Index slab_first) {
        parallel_for(threads_, (slab.rows() + rows_per_task - 1) / rows_per_task, [&](Index task, int worker) {
          const Index first = task * rows_per_task, last = std::min(first + rows_per_task, slab.rows());
          std::int32_t label[rows_per_task];
          T squared[rows_per_task];
          assign_nearest(rows_view(slab, first, last), packed, label, workspace[static_cast<std::size_t>(worker)]);
          kernels::squared_to_assigned(rows_view(slab, first, last), rows_view(fresh), label, squared);
          for (Index i = first; i < last; ++i) {
            const auto row = static_cast<std::size_t>(slab_first + i);
            if (!(squared[i - first] < closest_[row])) continue;
            closest_[row] = squared[i - first];
            nearest_[row] = before + label[i - first];
          }
        });
      });
    }
    return parallel_sum(threads_, chunks_, 0.0, [&](Index begin, Index end) {
      double mass = 0;
      for (Index i = begin; i < end; ++i)
        mass += weight(i) * static_cast<double>(closest_[static_cast<std::size_t>(i)]);
      return mass;
    });
  }

  std::vector<Index> choose_among_drawn(const std::function<bool(Index)>& step) {
    Vector share = Vector::Zero(static_cast<Index>(drawn_.size()));
    for (Index i = 0; i < rows_.rows(); ++i) share[nearest_[static_cast<std::size_t>(i)]] += weight(i);
    // Rows that coincide with one drawn before have no share; none of those left coincides with another.
    Index kept = 0;
    for (Index c = 0; c < share.size(); ++c) {
      if (!(share[c] > 0)) continue;
      drawn_[static_cast<std::size_t>(kept)] = drawn_[static_cast<std::size_t>(c)];
      share[kept++] = share[c];
    }
    drawn_.resize(static_cast<std::size_t>(kept));
    const int trials = greedy_trials(k_);
    if (kept < k_)
      return PlusPlusSeeding<T>(rows_, k_, weight_, trials, threads_, random_)
          .run_from(std::move(drawn_), std::move(closest_), step);
    const RowMatrix<T> gathered = rows_.gather(drawn_);
    const Points<T> points(gathered);
    RowPasses<T> drawn(points);
    std::vector<Index> rows = PlusPlusSeeding<T>(drawn, k_, share.data(), trials, threads_, random_).run(step);
    for (Index& row : rows) row = drawn_[static_cast<std::size_t>(row)];
    return rows;
  }

  RowPasses<T>& rows_;
  Index k_;
  const double* weight_;
  int rounds_;
  double draws_;  // expected number of draws per round
  int threads_;
  Random& random_;
  std::uint64_t key_;  // names the random numbers of the chunks
  Chunks chunks_;
  std::vector<Index> drawn_;
  std::vector<T> closest_;             // squared distance to the nearest row drawn
  std::vector<std::int32_t> nearest_;  // its place in drawn_, the lowest on ties
};

}  // namespace detail
CORYMB_END
