#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/core/types.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Where chunks of all rows meet a slab of consecutive rows. What is summed over a chunk in the order of its rows can
/// be left at the end of a slab and goes on in the next one: the same bits for any slabs.
class ChunkPieces {
 public:
  struct Piece {
    Index chunk;
    Index begin, end;     // row numbers within the slab
    bool begins_a_chunk;  // rather than going on with it
  };

  ChunkPieces(const Chunks& chunks, Index first, Index count) : has_all_chunks_(true) {
    for (Index chunk = 0; chunk < chunks.count(); ++chunk) {
      const Index begin = std::max<Index>(chunks.begin(chunk), first);
      const Index end = std::min<Index>(chunks.end(chunk), first + count);
      has_all_chunks_ = has_all_chunks_ && end - begin == chunks.end(chunk) - chunks.begin(chunk);
      if (begin < end) pieces_.push_back({chunk, begin - first, end - first, begin == chunks.begin(chunk)});
    }
  }

  Index count() const { return static_cast<Index>(pieces_.size()); }
  const Piece& operator[](Index piece) const { return pieces_[static_cast<std::size_t>(piece)]; }
  auto begin() const { return pieces_.begin(); }
  auto end() const { return pieces_.end(); }

  /// Whether the threads are to take one piece each: not if a slab of many has so few that threads would wait.
  bool enough_for(int threads) const { return has_all_chunks_ || threads == 1 || count() >= 2 * threads; }

 private:
  std::vector<Piece> pieces_;
  bool has_all_chunks_;
};

/// Calls work(task, worker) for every task in [0, tasks), as parallel_for does, and after each after(task): in
/// ascending order and never two at once, by whichever thread has finished the task that is next. One parallel region,
/// in which what must be done in order goes on beside the rest.
template <class Work, class After>
void parallel_then_in_order(int threads, Index tasks, const Work& work, const After& after) {
  std::mutex mutex;
  std::vector<char> done(static_cast<std::size_t>(tasks), false);
  Index next = 0;
  bool is_busy = false;  // a thread is calling after()
  parallel_for(threads, tasks, [&](Index task, int worker) {
    work(task, worker);
    std::unique_lock lock(mutex);
    done[static_cast<std::size_t>(task)] = true;
    if (is_busy) return;
    is_busy = true;
    while (next < tasks && done[static_cast<std::size_t>(next)]) {
      const Index ready = next++;
      lock.unlock();
      after(ready);
      lock.lock();
    }
    is_busy = false;
  });
}

/// Σ of one value per row over rows that come in slabs: over each chunk of all rows in their order, then over the
/// chunks. The same bits for any slabs and threads.
class SlabSum {
 public:
  /// @param rows  of all slabs.
  explicit SlabSum(Index rows) : chunks_(rows), partial_(static_cast<std::size_t>(chunks_.count()), 0.0) {}

  /// The next `count` rows, from row `first` of all.
  /// @param values  values(begin, end, out) writes those of some rows, by their numbers within the slab. No template:
  ///   it is one piece of code, however the rows are shared out.
  void add(Index first, Index count, int threads, const std::function<void(Index, Index, double*)>& values) {
    const ChunkPieces pieces(chunks_, first, count);
    if (pieces.enough_for(threads)) {
      parallel_for(threads, pieces.count(), [&](Index p) {
        const ChunkPieces::Piece& piece = pieces[p];
        double value[block];
        for (Index begin = piece.begin; begin < piece.end; begin += block) {
          const Index end = std::min(begin + block, piece.end);
          values(begin, end, value);
          add_values(piece.chunk, value, end - begin);
        }
      });
      return;
    }
    values_.resize(static_cast<std::size_t>(count));
    parallel_for(threads, (count + task_rows - 1) / task_rows, [&](Index task) {
      const Index end = std::min((task + 1) * task_rows, count);
      for (Index begin = task * task_rows; begin < end; begin += block)
        values(begin, std::min(begin + block, end), &values_[static_cast<std::size_t>(begin)]);
    });
    for (const ChunkPieces::Piece& piece : pieces)
      add_values(piece.chunk, &values_[static_cast<std::size_t>(piece.begin)], piece.end - piece.begin);
  }

  double total() const {
    double sum = 0;
    for (const double part : partial_) sum += part;
    return sum;
  }

  static constexpr Index block = 256;  // rows of one call of `values` at most

 private:
  static constexpr Index task_rows = 2048;

  void add_values(Index chunk, const double* values, Index count) {
    double sum = partial_[static_cast<std::size_t>(chunk)];
    for (Index i = 0; i < count; ++i) sum += values[i];
    partial_[static_cast<std::size_t>(chunk)] = sum;
  }

  Chunks chunks_;
  std::vector<double> partial_;  // per chunk
  std::vector<double> values_;   // of a slab, where its pieces are too few
};

}  // namespace detail
CORYMB_END
