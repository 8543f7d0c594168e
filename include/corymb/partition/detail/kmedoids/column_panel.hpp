#pragma once

#include <corymb/core/parallel.hpp>
#include <corymb/distance/detail/distance_columns.hpp>

#include <algorithm>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Some consecutive columns at a time: where they stand, or computed into memory of its own, of at most panel_bytes (or
/// one column per thread).
template <class T>
class ColumnPanel {
 public:
  ColumnPanel(const DistanceColumns<T>& distances, int threads)
      : distances_(distances), threads_(threads), is_stored_(distances.size() == 0 || distances.stored(0) != nullptr) {}

  /// How many columns are taken at a time.
  Index width() const {
    const Index n = distances_.size();
    if (is_stored_) return n;
    const Index fitting = panel_bytes / (static_cast<Index>(sizeof(T)) * n);
    return std::min(n, std::max<Index>(fitting, threads_));
  }

  static double memory(Index n, int threads) {
    return std::min(std::max<double>(panel_bytes, static_cast<double>(n) * threads * sizeof(T)), matrix_bytes<T>(n, n));
  }

  /// Makes columns [first, first + width()) ready, as far as there are so many.
  void open(Index first) {
    first_ = first;
    if (is_stored_) return;
    const Index n = distances_.size(), last = std::min(first + width(), n);
    T* panel = panel_.reserve(width() * n);
    constexpr Index block = 8;
    scratch_.resize(static_cast<std::size_t>(threads_));
    parallel_for(threads_, (last - first + block - 1) / block, [&](Index task, int worker) {
      const Index begin = first + task * block, end = std::min(begin + block, last);
      distances_.columns(begin, end, panel + (begin - first) * n, scratch_[static_cast<std::size_t>(worker)]);
    });
  }

  const T* operator[](Index j) const {
    return is_stored_ ? distances_.stored(j) : panel_.data() + (j - first_) * distances_.size();
  }

 private:
  static constexpr Index panel_bytes = Index{16} << 20;

  const DistanceColumns<T>& distances_;
  int threads_;
  bool is_stored_;
  Index first_ = 0;
  Scratch<T> panel_;
  std::vector<ValuesScratch> scratch_;
};

}  // namespace detail
CORYMB_END
