#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// What it changes to move a row from its column to another one: cost(row, there) − cost(row, here).
struct Move {
  double change;
  Index row;
  friend bool operator<(const Move& a, const Move& b) {
    return a.change != b.change ? a.change < b.change : a.row < b.row;
  }
};

/// For every ordered pair of columns the few rows that move from one to the other at the least cost, the lower row on
/// ties. A list loses rows as they move away and gains those that arrive; when none is left, all rows of its column are
/// offered anew. Memory: at most some k² or n moves.
///
/// A row that left stays in the lists of its column until it comes up, so what comes up is compared with the labels. A
/// row that came back finds its old move there, which is the same.
class CandidateMoves {
 public:
  CandidateMoves() = default;
  CandidateMoves(Index n, Index k) : k_(k), most_(most_moves(n, k)), moves_(size(k * k * most_)), lists_(size(k * k)) {}

  static double memory(Index n, Index k) {
    const double pairs = static_cast<double>(k) * static_cast<double>(k);
    return pairs * (static_cast<double>(most_moves(n, k)) * sizeof(Move) + sizeof(List));
  }

  /// The best move of the pair, or null if the list is empty: then its rows have to be offered anew, if `bound` says
  /// that it is worth it.
  const Move* best(Index from, Index to, const Labels& labels) {
    List& list = list_of(from, to);
    const Move* moves = moves_of(from, to);
    while (list.count > 0 && labels[moves[list.count - 1].row] != from) --list.count;
    return list.count > 0 ? &moves[list.count - 1] : nullptr;
  }

  /// Rows of the column that are not in the list change the cost by at least that much; +infinity if there are none
  /// that may move.
  double bound(Index from, Index to) const { return lists_[size(from * k_ + to)].bound.change; }

  /// Empties the lists of a column that are short: all rows of the column must be offered then.
  void choose_to_refill(Index from, const Labels& labels) {
    for (Index to = 0; to < k_; ++to) {
      List& list = list_of(from, to);
      list.refill = false;
      if (to == from || list.bound.row == nothing_left) continue;
      Move* moves = moves_of(from, to);
      const auto left = std::remove_if(moves, moves + list.count, [&](const Move& m) { return labels[m.row] != from; });
      list.count = static_cast<std::int32_t>(left - moves);
      if (list.count > most_ / 2) continue;
      list = {.bound = {std::numeric_limits<double>::infinity(), nothing_left}, .count = 0, .refill = true};
    }
  }

  /// A row of the column, to the lists that were emptied. `costs`: to all columns.
  template <class T>
  void offer(Index from, Index row, const T* costs) {
    const double own = static_cast<double>(costs[from]);
    for (Index to = 0; to < k_; ++to) {
      List& list = list_of(from, to);
      if (list.refill) insert(list, moves_of(from, to), {static_cast<double>(costs[to]) - own, row});
    }
  }

  void end_refill(Index from) {
    for (Index to = 0; to < k_; ++to) list_of(from, to).refill = false;
  }

  /// A row that arrived in a column.
  template <class T>
  void add(Index from, Index row, const T* costs) {
    const double own = static_cast<double>(costs[from]);
    for (Index to = 0; to < k_; ++to)
      if (to != from) insert(list_of(from, to), moves_of(from, to), {static_cast<double>(costs[to]) - own, row});
  }

 private:
  static constexpr Index nothing_left = std::numeric_limits<Index>::max();

  struct List {
    /// No row of the column that is missing in the list has a lesser move; of no row so far, all are missing.
    Move bound = {-std::numeric_limits<double>::infinity(), -1};
    std::int32_t count = 0;
    bool refill = false;
  };

  static std::size_t size(Index count) { return static_cast<std::size_t>(count); }
  static Index most_moves(Index n, Index k) { return std::clamp<Index>(2 * n / (k * k), 4, 32); }

  List& list_of(Index from, Index to) { return lists_[size(from * k_ + to)]; }
  Move* moves_of(Index from, Index to) { return moves_.data() + (from * k_ + to) * most_; }

  // The moves of a list stand in descending order, so that the best one is taken from the end.
  void insert(List& list, Move* moves, const Move& move) const {
    if (!(move < list.bound) || move.change == std::numeric_limits<double>::infinity()) return;
    Move* const end = moves + list.count;
    if (list.count == most_ && *moves < move) {  // the worst of them all
      list.bound = move;
      return;
    }
    Move* place = end;
    while (place != moves && *(place - 1) < move) --place;
    if (place != moves && !(move < *(place - 1))) return;  // it came back
    if (list.count < most_) {
      std::move_backward(place, end, end + 1);
      *place = move;
      ++list.count;
      return;
    }
    list.bound = moves[0];  // which makes room
    std::move(moves + 1, place, moves);
    *(place - 1) = move;
  }

  Index k_ = 0;
  Index most_ = 0;
  std::vector<Move> moves_;  // by pair, most_ places each
  std::vector<List> lists_;  // by pair
};

}  // namespace detail
CORYMB_END
