#pragma once

#include <corymb/core/detail/progress.hpp>
#include <corymb/graph/detail/spanning_tree/boruvka_rounds.hpp>
#include <corymb/neighbors/detail/near_pair_search.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// The minimum spanning tree of rows in the Euclidean metric by rounds, in any number of columns: rows look for edges
/// among all others by the expanded score, the defined value decides. Parts of the rows that are in the component of
/// those who look are left out; the nearer rows stand to each other, the more of them there are.
template <class T>
class ScoreBoruvka {
 public:
  /// @param X          the rows, in the order of their positions; kept by reference, as all that follows
  /// @param order      by position: the number of the row
  /// @param lists      of each row's nearest others, by positions
  /// @param shortened  the rows of X, or null
  ScoreBoruvka(std::string_view function, const Points<T>& X, const std::vector<std::int32_t>& order,
               const Reachability<T>& reachability, const NeighborLists<T>& lists, const PairShortening<T>* shortened,
               int threads, const ProgressReporter& progress)
      : function_(function),
        X_(X),
        shortened_(shortened),
        threads_(threads),
        progress_(progress),
        rounds_(order, reachability, lists, threads),
        known_(order.size()),
        limit_(order.size()),
        workers_(static_cast<std::size_t>(threads), Worker{DefinedPairs<T>(X, X), {}}) {}

  static double memory(Index n, Index d, int threads) {
    return BoruvkaRounds<T>::memory(n) + 2 * static_cast<double>(n) * sizeof(T) + NearPairSearch<T>::memory(d, threads);
  }

  std::vector<TreeEdge<T>> run() {
    std::vector<TreeEdge<T>> edges;
    const auto needed = static_cast<std::size_t>(std::max<Index>(X_.rows() - 1, 0));
    edges.reserve(needed);
    while (edges.size() < needed) {
      rounds_.begin();
      look();
      rounds_.join(edges);
    }
    return edges;
  }

 private:
  using Tile = typename NearPairSearch<T>::Tile;
  struct Worker {
    DefinedPairs<T> pairs;
    std::vector<T> limit;  // by query of a tile
  };

  T& known(Index p) { return known_[static_cast<std::size_t>(p)]; }
  T& limit(Index p) { return limit_[static_cast<std::size_t>(p)]; }

  // Lets rows look for lighter edges than their components know.
  void look() {
    std::vector<Index> looking;
    for (Index p = 0; p < X_.rows(); ++p)
      if (rounds_.must_look(p)) {
        known(p) = limit(p) = std::min(rounds_.known_weight(p), std::numeric_limits<T>::max());
        looking.push_back(p);
      }
    if (looking.empty()) return;
    NearPairSearch<T> search(X_, {.rows = X_, .listed = &looking, .each_pair_once = false}, threads_, shortened_);
    search.for_tiles(function_, "edges", progress_, [&](const Tile& tile, int worker) {
      Worker& memory = workers_[static_cast<std::size_t>(worker)];
      if (!tighten(looking, tile, memory.limit)) return;
      const auto improve = [&](Index p, Index q, T value) { rounds_.improve(p, q, value, known(p), limit(p)); };
      for (const NearPair<T>& pair : search.pairs(tile, memory.limit, {}, worker))
        if (rounds_.is_foreign(pair.row, pair.point) && pair.least <= limit(pair.row))
          memory.pairs.add(pair.row, pair.point, improve);
      memory.pairs.flush(improve);
    });
    for (const Index p : looking) rounds_.conclude(p, known(p), T(0));
  }

  // Takes over what others found for the components of a tile's queries; −1 for a query whose component has all points
  // of the tile. Returns whether there are others.
  bool tighten(const std::vector<Index>& looking, const Tile& tile, std::vector<T>& limits) {
    const std::int32_t first = rounds_.component(tile.first_point);
    bool is_one = true;
    for (Index q = tile.first_point; q < tile.first_point + tile.points && is_one; ++q)
      is_one = rounds_.component(q) == first;
    limits.resize(static_cast<std::size_t>(tile.queries));
    bool is_any = false;
    for (std::size_t i = 0; i < limits.size(); ++i) {
      const Index p = looking[static_cast<std::size_t>(tile.first_query) + i];
      known(p) = std::min(known(p), rounds_.known_weight(p));
      limit(p) = std::min(limit(p), known(p));
      const bool is_looking = !is_one || rounds_.component(p) != first;
      limits[i] = is_looking ? limit(p) : T(-1);
      is_any = is_any || is_looking;
    }
    return is_any;
  }

  std::string_view function_;
  const Points<T>& X_;
  const PairShortening<T>* shortened_;
  int threads_;
  const ProgressReporter& progress_;
  BoruvkaRounds<T> rounds_;
  std::vector<T> known_;  // by position, of rows that look: the largest weight that counts
  std::vector<T> limit_;  // likewise: the largest value
  std::vector<Worker> workers_;
};

}  // namespace detail
CORYMB_END
