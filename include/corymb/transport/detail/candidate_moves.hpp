#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
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
/// A row that left stays in the lists of its column until it comes up, and is then passed over: its label is another
/// one. A row that came back finds its old move there, which is the same.
class CandidateMoves {
 public:
  CandidateMoves() = default;
  /// @param units  that are to move, more or less
  CandidateMoves(Index n, Index k, Index units)
      : k_(k),
        most_(most_moves(n, k, units)),
        moves_(size(k * k * most_)),
        lists_(size(k * k)),
        best_change_(size(k * k), -std::numeric_limits<double>::infinity()),
        best_row_(size(k * k), -1) {}

  static double memory(Index n, Index k) {
    const double pairs = static_cast<double>(k) * static_cast<double>(k);
    return pairs * (static_cast<double>(most_moves(n, k, n)) * sizeof(Move) + sizeof(List) + sizeof(Move));
  }

  /// What the best moves of a column to all others change, and their rows. Where the row is −1, the list is empty, and
  /// no row of the column changes less than that; it is +infinity where no row may move.
  const double* best_changes(Index from) const { return best_change_.data() + from * k_; }
  const Index* best_rows(Index from) const { return best_row_.data() + from * k_; }

  /// Empties the lists of a column that are short, and says which: all rows of the column must be offered to them then.
  void begin_refill(Index from, const Labels& labels, std::vector<Index>& short_lists) {
    short_lists.clear();
    for (Index to = 0; to < k_; ++to) {
      List& list = list_of(from, to);
      if (to == from || list.bound.row == nothing_left) continue;
      Move* moves = moves_of(from, to);
      const auto left = std::remove_if(moves, moves + list.count, [&](const Move& m) { return labels[m.row] != from; });
      list.count = static_cast<Index>(left - moves);
      if (list.count > most_ / 2) continue;
      list = {.bound = {std::numeric_limits<double>::infinity(), nothing_left}, .count = 0};
      short_lists.push_back(to);
    }
  }

  /// A row of the column. `costs`: to all columns.
  template <class T>
  void offer(Index from, Index row, const T* costs, const std::vector<Index>& short_lists) {
    const double own = static_cast<double>(costs[from]);
    for (const Index to : short_lists)
      insert(list_of(from, to), moves_of(from, to), {static_cast<double>(costs[to]) - own, row});
  }

  void end_refill(Index from, const std::vector<Index>& short_lists) {
    for (const Index to : short_lists) note_best(from, to);
  }

  /// A row that arrived in a column.
  template <class T>
  void add(Index from, Index row, const T* costs) {
    const double own = static_cast<double>(costs[from]);
    for (Index to = 0; to < k_; ++to)
      if (to != from && insert(list_of(from, to), moves_of(from, to), {static_cast<double>(costs[to]) - own, row}))
        note_best(from, to);
  }

  /// A row that has left a column; the labels say so.
  void remove(Index from, Index row, const Labels& labels) {
    for (Index to = 0; to < k_; ++to) {
      if (best_rows(from)[to] != row) continue;
      List& list = list_of(from, to);
      const Move* moves = moves_of(from, to);
      while (list.count > 0 && labels[moves[list.count - 1].row] != from) --list.count;
      note_best(from, to);
    }
  }

 private:
  static constexpr Index nothing_left = std::numeric_limits<Index>::max();

  struct List {
    /// No row of the column that is missing in the list has a lesser move; of no row so far, all are missing.
    Move bound = {-std::numeric_limits<double>::infinity(), -1};
    Index count = 0;
  };

  static std::size_t size(Index count) { return static_cast<std::size_t>(count); }
  // Longer lists last longer, but it takes longer to fill them, and every row that arrives is sorted into k of them.
  static Index most_moves(Index n, Index k, Index units) {
    const Index wanted = std::min(n / k / 16, units / k / 2);
    return std::clamp<Index>(std::min(wanted, std::max<Index>(4 * n, Index{1} << 18) / (k * k)), 6, 128);
  }

  List& list_of(Index from, Index to) { return lists_[size(from * k_ + to)]; }
  Move* moves_of(Index from, Index to) { return moves_.data() + (from * k_ + to) * most_; }

  void note_best(Index from, Index to) {
    const List& list = list_of(from, to);
    const auto pair = size(from * k_ + to);
    best_change_[pair] = list.count > 0 ? moves_of(from, to)[list.count - 1].change : list.bound.change;
    best_row_[pair] = list.count > 0 ? moves_of(from, to)[list.count - 1].row : -1;
  }

  // The moves of a list stand in descending order, so that the best one is taken from the end.
  bool insert(List& list, Move* moves, const Move& move) const {
    if (!(move < list.bound) || move.change == std::numeric_limits<double>::infinity()) return false;
    Move* const end = moves + list.count;
    if (list.count == most_ && *moves < move) {  // the worst of them all
      list.bound = move;
      return false;
    }
    Move* const place = std::upper_bound(moves, end, move, [](const Move& a, const Move& b) { return b < a; });
    if (place != moves && !(move < *(place - 1))) return true;  // it came back
    if (list.count < most_) {
      std::move_backward(place, end, end + 1);
      *place = move;
      ++list.count;
      return true;
    }
    list.bound = moves[0];  // which makes room
    std::move(moves + 1, place, moves);
    *(place - 1) = move;
    return true;
  }

  Index k_ = 0;
  Index most_ = 0;
  // By pair:
  std::vector<Move> moves_;  // most_ places each
  std::vector<List> lists_;
  std::vector<double> best_change_;  // apart from the lists, because searches read nothing else
  std::vector<Index> best_row_;
};

}  // namespace detail
CORYMB_END
