#pragma once

#include <corymb/distance/detail/nearest_rows.hpp>
#include <corymb/partition/detail/seeding/plus_plus.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// AFK-MC²: k-means++ whose draws are the ends of Markov chains. With g(i) = ½ D²(i, first row) / Σ w D² + ½ / Σ w a
/// chain proposes row i with probability w_i g(i), and goes from row i to the proposed row j with probability
/// min(1, D²(j) g(i) / (D²(i) g(j))), D² to the rows chosen so far: its rows tend to the distribution of k-means++,
/// which is ∝ w D².
///
/// Proposals depend neither on the state of a chain nor on the rows chosen, so they are drawn in blocks. The distances
/// of a block to the rows chosen before it take one call of the assignment kernel; a row chosen within the block is
/// taken in for the rest of it.
///
/// A row that coincides with a chosen one is never the end of a chain: the chain goes on until it has left it. If that
/// takes too long, hardly a row or none that differs is left, and k-means++ chooses what is missing.
/// @see Bachem, Lucic, Hassani and Krause (2016), Fast and provably good seedings for k-means, NIPS 29, 55–63.
template <class T>
class MarkovChainSeeding {
 public:
  MarkovChainSeeding(RowPasses<T>& rows, Index k, const double* weight, Index chain_length, int threads, Random& random)
      : rows_(rows),
        k_(k),
        weight_(weight),
        chain_length_(chain_length),
        threads_(threads),
        random_(random),
        centroids_(k, rows.cols()) {}

  /// k different rows. Calls step(chosen so far) after each choice; false stops, and fewer than k rows are returned.
  std::vector<Index> run(const std::function<bool(Index)>& step) {
    choose(random_row(rows_.rows(), weight_, random_));
    if (k_ == 1) return chosen_;
    if (!prepare_proposals()) {  // all rows coincide
      fill_with_lowest_rows(rows_.rows(), k_, weight_, chosen_);
      return chosen_;
    }
    if (!step(1)) return chosen_;
    Index state = -1;  // the row where the chain stands
    T state_distance = 0;
    for (Index length = 0;;) {
      draw_block();
      for (Index p = 0; p < static_cast<Index>(block_.size()); ++p) {
        const Proposal& proposal = block_[static_cast<std::size_t>(p)];
        const T distance = closest_[static_cast<std::size_t>(p)];
        if (length == 0 || static_cast<double>(distance) * density(state) >
                               proposal.u * static_cast<double>(state_distance) * density(proposal.row)) {
          state = proposal.row;
          state_distance = distance;
        }
        if (++length < chain_length_) continue;
        if (!(state_distance > 0)) {
          if (length - chain_length_ < patience) continue;
          return finish_by_plus_plus(step);
        }
        choose(state);
        length = 0;
        if (static_cast<Index>(chosen_.size()) == k_ || !step(static_cast<Index>(chosen_.size()))) return chosen_;
        take_in_last_chosen(p + 1);
      }
    }
  }

  /// Proposals of a block.
  static Index block_size(Index d) { return std::clamp<Index>((Index{1} << 22) / d, 256, 8192); }

 private:
  static constexpr Index patience = 1024;  // proposals beyond chain_length in search of a row that differs

  struct Proposal {
    Index row;
    double u;  // decides whether it is accepted
  };

  double weight(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  // g of the class comment.
  double density(Index i) const {
    return static_cast<double>(from_first_[static_cast<std::size_t>(i)]) / (2 * mass_) + 0.5 / total_weight_;
  }

  void choose(Index row) {
    centroids_.row(static_cast<Index>(chosen_.size())) = rows_.gather({row});
    chosen_.push_back(row);
  }

  RowsView<T> chosen_rows() const {
    return {centroids_.data(), static_cast<Index>(chosen_.size()), rows_.cols(), rows_.cols()};
  }

  // False if all rows that count coincide with the first one chosen.
  bool prepare_proposals() {
    const Index n = rows_.rows();
    from_first_.assign(static_cast<std::size_t>(n), std::numeric_limits<T>::max());
    const PackedCandidates<T> first(centroids_.topRows(1));
    mass_ = 0;
    for (const auto& mass : scan_all(rows_, Chunks(n), first, from_first_.data(), weight_, threads_)) mass_ += mass[0];
    if (!(mass_ > 0)) return false;
    total_weight_ = weight_ != nullptr ? std::accumulate(weight_, weight_ + n, 0.0) : static_cast<double>(n);
    cumulative_.resize(static_cast<std::size_t>(n));
    double sum = 0;
    for (Index i = 0; i < n; ++i) {
      sum += weight(i) * density(i);
      cumulative_[static_cast<std::size_t>(i)] = sum;
    }
    return true;
  }

  // A row of weight 0 adds nothing to the cumulative sums, so it is never the first one above a value.
  Index propose() {
    const double value = random_.uniform() * cumulative_.back();
    auto place = std::upper_bound(cumulative_.begin(), cumulative_.end(), value);
    if (place == cumulative_.end()) place = std::lower_bound(cumulative_.begin(), place, cumulative_.back());
    return place - cumulative_.begin();
  }

  // The proposals that follow, and their squared distances to the rows chosen so far.
  void draw_block() {
    const Index left = (k_ - static_cast<Index>(chosen_.size())) * std::min(chain_length_, block_size(rows_.cols()));
    block_.resize(static_cast<std::size_t>(std::clamp<Index>(left, 256, block_size(rows_.cols()))));
    std::vector<Index> rows;
    for (Proposal& proposal : block_) {
      proposal.row = propose();
      proposal.u = random_.uniform();
      rows.push_back(proposal.row);
    }
    block_rows_ = rows_.gather(rows);
    std::vector<std::int32_t> label(rows.size());
    closest_.resize(rows.size());
    assign_all<T>(Points<T>(block_rows_), chosen_rows(), threads_, label.data(), closest_.data());
  }

  // For the proposals of the block from `first` on.
  void take_in_last_chosen(Index first) {
    const Index count = block_rows_.rows() - first;
    if (count == 0) return;
    const PackedCandidates<T> chosen(centroids_.row(static_cast<Index>(chosen_.size()) - 1));
    chosen.scan({block_rows_.data() + first * rows_.cols(), count, rows_.cols(), rows_.cols()},
                &closest_[static_cast<std::size_t>(first)], nullptr, nullptr, scratch_);
  }

  std::vector<Index> finish_by_plus_plus(const std::function<bool(Index)>& step) {
    std::vector<double>().swap(cumulative_);
    std::vector<T> closest = std::move(from_first_);
    std::vector<std::int32_t> label(closest.size());
    rows_.for_each([&](const Points<T>& slab, Index first) {
      assign_all<T>(slab, chosen_rows(), threads_, label.data() + first, closest.data() + first);
    });
    return PlusPlusSeeding<T>(rows_, k_, weight_, 1, threads_, random_)
        .run_from(std::move(chosen_), std::move(closest), step);
  }

  RowPasses<T>& rows_;
  Index k_;
  const double* weight_;
  Index chain_length_;
  int threads_;
  Random& random_;
  std::vector<Index> chosen_;
  RowMatrix<T> centroids_;          // the rows chosen
  std::vector<T> from_first_;       // D²(i, first row)
  double mass_ = 0;                 // Σ w D²(i, first row)
  double total_weight_ = 0;         // Σ w
  std::vector<double> cumulative_;  // Σ over the rows up to i of w g
  std::vector<Proposal> block_;
  RowMatrix<T> block_rows_;
  std::vector<T> closest_;  // of each proposal of the block, to the rows chosen
  Scratch<T> scratch_;
};

}  // namespace detail
CORYMB_END
