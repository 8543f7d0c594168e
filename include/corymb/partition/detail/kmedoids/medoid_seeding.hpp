#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/random.hpp>
#include <corymb/partition/detail/kmedoids/column_panel.hpp>
#include <corymb/partition/detail/kmedoids/costs.hpp>
#include <corymb/partition/detail/seeding/draws.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Chooses the first k medoids, all different and with a weight. Fewer are returned if step(chosen so far) is false.
template <class T>
class MedoidSeeding {
 public:
  MedoidSeeding(const DistanceColumns<T>& distances, const CostScale& costs, Index k, int threads, Random& random)
      : distances_(distances),
        costs_(costs),
        k_(k),
        threads_(threads),
        random_(random),
        taken_(static_cast<std::size_t>(distances.size()), false),
        nearest_(taken_.size(), std::numeric_limits<T>::max()),
        cost_(taken_.size()) {}

  template <class Step>
  std::vector<Index> run(KMedoidsInit init, const Step& step) {
    if (init == KMedoidsInit::random) return random_rows(size(), k_, costs_.weight(), random_);
    while (static_cast<Index>(chosen_.size()) < k_) {
      switch (init) {
        case KMedoidsInit::random: break;
        case KMedoidsInit::build: choose(best_of_all()); break;
        case KMedoidsInit::lab: choose(best_of_sample()); break;
        case KMedoidsInit::kmedoids_plus_plus: choose(draw()); break;
      }
      if (!step(static_cast<Index>(chosen_.size()))) break;
    }
    return std::move(chosen_);
  }

 private:
  Index size() const { return distances_.size(); }
  bool is_free(Index o) const {
    return !taken_[static_cast<std::size_t>(o)] && (!costs_.is_weighted() || costs_.weight()[o] > 0);
  }

  void choose(Index medoid) {
    chosen_.push_back(medoid);
    taken_[static_cast<std::size_t>(medoid)] = true;
    ValuesScratch scratch;
    const T* column = distances_.stored(medoid);
    if (column == nullptr) {
      distances_.columns(medoid, medoid + 1, column_.reserve(size()), scratch);
      column = column_.data();
    }
    for (Index o = 0; o < size(); ++o) {
      const auto i = static_cast<std::size_t>(o);
      if (chosen_.size() > 1 && !(column[o] < nearest_[i])) continue;
      nearest_[i] = column[o];
      cost_[i] = costs_(o, column[o]);
    }
  }

  // What an object at this distance of a new medoid would cost less; for the first medoid, minus what it costs.
  Cost gain(Index o, T distance) const {
    const Cost cost = costs_(o, distance);
    return chosen_.empty() ? -cost : std::max<Cost>(cost_[static_cast<std::size_t>(o)] - cost, 0);
  }

  // BUILD: the object that lowers the loss most, the lowest on ties.
  Index best_of_all() {
    std::vector<Cost> total(taken_.size());
    ColumnPanel<T> panel(distances_, threads_);
    for (Index first = 0; first < size(); first += panel.width()) {
      panel.open(first);
      parallel_for(threads_, std::min(panel.width(), size() - first), [&](Index task) {
        const Index j = first + task;
        if (!is_free(j)) return;
        const T* column = panel[j];
        Cost sum = 0;
        for (Index o = 0; o < size(); ++o)
          if (chosen_.empty() || column[o] < nearest_[static_cast<std::size_t>(o)]) sum += gain(o, column[o]);
        total[static_cast<std::size_t>(j)] = sum;
      });
    }
    Index best = -1;
    for (Index j = 0; j < size(); ++j)
      if (is_free(j) && (best < 0 || total[static_cast<std::size_t>(j)] > total[static_cast<std::size_t>(best)]))
        best = j;
    return best;
  }

  // LAB (Schubert and Rousseeuw 2021): BUILD among 10 + ⌈√n⌉ objects drawn for each medoid, and by what those gain.
  Index best_of_sample() {
    std::vector<Index> free;
    std::vector<double> weight;
    for (Index o = 0; o < size(); ++o) {
      if (!is_free(o)) continue;
      free.push_back(o);
      if (costs_.is_weighted()) weight.push_back(costs_.weight()[o]);
    }
    const auto count = static_cast<Index>(free.size());
    const auto wanted = 10 + static_cast<Index>(std::ceil(std::sqrt(static_cast<double>(size()))));
    std::vector<Index> sample =
        random_rows(count, std::min(wanted, count), weight.empty() ? nullptr : weight.data(), random_);
    std::sort(sample.begin(), sample.end());
    for (Index& o : sample) o = free[static_cast<std::size_t>(o)];
    std::vector<T> distance(sample.size() * sample.size());
    ValuesScratch scratch;
    distances_.between(sample, sample, distance.data(), scratch);
    std::size_t best = 0;
    Cost most = std::numeric_limits<Cost>::min();
    for (std::size_t c = 0; c < sample.size(); ++c) {
      Cost sum = 0;
      for (std::size_t i = 0; i < sample.size(); ++i) sum += gain(sample[i], distance[i * sample.size() + c]);
      if (sum <= most) continue;
      most = sum;
      best = c;
    }
    return sample[best];
  }

  // k-medoids++: with probability ∝ weight · distance to the nearest chosen one, as k-means++ draws by what it sums.
  Index draw() {
    if (chosen_.empty()) return random_row(size(), costs_.weight(), random_);
    const auto mass = [&](Index o) {
      return is_free(o) ? static_cast<double>(cost_[static_cast<std::size_t>(o)]) : 0.0;
    };
    const Chunks chunks(size());
    std::vector<double> masses(static_cast<std::size_t>(chunks.count()));
    for (Index chunk = 0; chunk < chunks.count(); ++chunk)
      for (Index o = chunks.begin(chunk); o < chunks.end(chunk); ++o)
        masses[static_cast<std::size_t>(chunk)] += mass(o);
    const double total = std::accumulate(masses.begin(), masses.end(), 0.0);
    if (total > 0)
      return draw_by_mass(
          chunks, masses, total, random_, [](Index) {}, mass);
    Index lowest = 0;  // every object left is at distance 0: all are equally good
    while (!is_free(lowest)) ++lowest;
    return lowest;
  }

  const DistanceColumns<T>& distances_;
  const CostScale& costs_;
  Index k_;
  int threads_;
  Random& random_;
  std::vector<Index> chosen_;
  std::vector<char> taken_;  // by object: whether it is chosen
  std::vector<T> nearest_;   // by object: distance to the nearest chosen one
  std::vector<Cost> cost_;   // by object: what that costs
  Scratch<T> column_;
};

}  // namespace detail
CORYMB_END
