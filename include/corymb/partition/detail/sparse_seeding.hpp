#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/random.hpp>
#include <corymb/partition/detail/seeding/draws.hpp>
#include <corymb/partition/detail/sparse_rows.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// k-means++ and greedy k-means++ of sparse rows, as PlusPlusSeeding. Squared distances are ‖x‖² − 2 x·c + ‖c‖² in
/// double, and 0 where that is within rounding: a row equal to a chosen one has exactly no chance.
template <class T, class S>
class SparsePlusPlus {
 public:
  SparsePlusPlus(const SparseRows<T, S>& X, Index k, const double* weight, int trials, int threads, Random& random)
      : X_(X),
        k_(k),
        weight_(weight),
        trials_(trials),
        threads_(threads),
        random_(random),
        chunks_(X.rows()),
        norm_(static_cast<std::size_t>(X.rows())),
        closest_(norm_.size(), std::numeric_limits<double>::max()),
        mass_(static_cast<std::size_t>(chunks_.count()), 0.0) {}

  static double memory(Index n, Index d, int trials) {
    return 2.0 * sizeof(double) * static_cast<double>(n) +
           sizeof(double) * static_cast<double>(d) * static_cast<double>(trials);
  }

  /// k different rows. Calls step(chosen so far) after each choice; false stops, and fewer than k rows are returned.
  std::vector<Index> run(const std::function<bool(Index)>& step) {
    parallel_for(threads_, chunks_.count(), [&](Index chunk) {
      for (Index i = chunks_.begin(chunk); i < chunks_.end(chunk); ++i)
        norm_[static_cast<std::size_t>(i)] = X_.squared_norm(i);
    });
    choose(random_row(X_.rows(), weight_, random_));
    while (static_cast<Index>(chosen_.size()) < k_) {
      if (!step(static_cast<Index>(chosen_.size()))) return chosen_;
      const double total = std::accumulate(mass_.begin(), mass_.end(), 0.0);
      if (!(total > 0)) {  // every row left coincides with a chosen one: all are equally good
        fill_with_lowest_rows(X_.rows(), k_, weight_, chosen_);
        break;
      }
      std::vector<Index> candidates;
      for (int t = 0; t < trials_; ++t) candidates.push_back(draw(total));
      choose(trials_ == 1 ? candidates.front() : best_of(candidates));
    }
    return chosen_;
  }

 private:
  double weight(Index i) const { return weight_ != nullptr ? weight_[i] : 1.0; }

  /// Within the rounding of its terms it is 0.
  double squared_distance(Index a, Index b, double product) const {
    const double norm_a = norm_[static_cast<std::size_t>(a)], norm_b = norm_[static_cast<std::size_t>(b)];
    const double value = (norm_a - product) + (norm_b - product);
    const auto terms = static_cast<double>((X_.end(a) - X_.begin(a)) + (X_.end(b) - X_.begin(b)) + 4);
    return value > terms * (std::numeric_limits<double>::epsilon() / 2) * (norm_a + norm_b) ? value : 0;
  }

  /// use(chunk, i, squared distances of row i to the given rows), for all rows, those of a chunk in order.
  template <class Use>
  void for_each_row(const std::vector<Index>& rows, const Use& use) {
    const std::size_t width = rows.size();
    table_.resize(static_cast<std::size_t>(X_.cols()) * width, 0.0);
    const auto fill = [&](bool clear) {
      for (std::size_t r = 0; r < width; ++r)
        X_.for_each(rows[r], [&](Index j, T value) {
          table_[static_cast<std::size_t>(j) * width + r] = clear ? 0.0 : static_cast<double>(value);
        });
    };
    fill(false);
    parallel_for(threads_, chunks_.count(), [&](Index chunk) {
      std::vector<double> product(width), squared(width);
      for (Index i = chunks_.begin(chunk); i < chunks_.end(chunk); ++i) {
        std::fill(product.begin(), product.end(), 0.0);
        X_.for_each(i, [&](Index j, T value) {
          const double x = static_cast<double>(value);
          const double* of_column = &table_[static_cast<std::size_t>(j) * width];
          for (std::size_t r = 0; r < width; ++r) product[r] += x * of_column[r];
        });
        for (std::size_t r = 0; r < width; ++r) squared[r] = squared_distance(i, rows[r], product[r]);
        use(chunk, i, squared.data());
      }
    });
    fill(true);
  }

  /// Takes a row into the closest distances and their masses.
  void choose(Index row) {
    chosen_.push_back(row);
    std::fill(mass_.begin(), mass_.end(), 0.0);
    for_each_row({row}, [&](Index chunk, Index i, const double* squared) {
      double& closest = closest_[static_cast<std::size_t>(i)];
      closest = std::min(closest, squared[0]);
      mass_[static_cast<std::size_t>(chunk)] += weight(i) * closest;
    });
  }

  // The candidate that leaves the least mass, the first on ties.
  Index best_of(const std::vector<Index>& candidates) {
    const std::size_t count = candidates.size();
    std::vector<double> left(count * mass_.size(), 0.0);
    for_each_row(candidates, [&](Index chunk, Index i, const double* squared) {
      double* mass = &left[static_cast<std::size_t>(chunk) * count];
      const double closest = closest_[static_cast<std::size_t>(i)];
      for (std::size_t t = 0; t < count; ++t) mass[t] += weight(i) * std::min(closest, squared[t]);
    });
    std::vector<double> total(count, 0.0);
    for (std::size_t m = 0; m < left.size(); ++m) total[m % count] += left[m];
    return candidates[static_cast<std::size_t>(std::min_element(total.begin(), total.end()) - total.begin())];
  }

  // One row with probability ∝ weight · closest squared distance.
  Index draw(double total) {
    return draw_by_mass(
        chunks_, mass_, total, random_, [](Index) {},
        [&](Index i) { return weight(i) * closest_[static_cast<std::size_t>(i)]; });
  }

  const SparseRows<T, S>& X_;
  Index k_;
  const double* weight_;
  int trials_;
  int threads_;
  Random& random_;
  Chunks chunks_;
  std::vector<double> norm_;     // ‖x‖²
  std::vector<double> closest_;  // squared distance to the nearest chosen row
  std::vector<double> mass_;     // per chunk Σ weight · closest
  std::vector<double> table_;    // d × rows of the current pass; zeros between passes
  std::vector<Index> chosen_;
};

}  // namespace detail
CORYMB_END
