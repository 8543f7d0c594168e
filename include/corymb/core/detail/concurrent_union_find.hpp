#pragma once

#include <corymb/core/types.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

CORYMB_BEGIN
namespace detail {

/// Disjoint sets that several threads join at a time, without locks (Anderson and Woll 1991): a root is linked below a
/// lower one by a single exchange. Once all threads are done, the representative of a set is its lowest element,
/// whatever the order of the joins. Memory 4 bytes per element.
class ConcurrentUnionFind {
 public:
  explicit ConcurrentUnionFind(Index n) : parent_(new std::atomic<std::int32_t>[static_cast<std::size_t>(n)]) {
    for (Index i = 0; i < n; ++i) parent(i).store(static_cast<std::int32_t>(i), std::memory_order_relaxed);
  }

  /// The representative; while others join sets, one that it had.
  Index find(Index x) {
    for (;;) {
      const std::int32_t up = parent(x).load(std::memory_order_relaxed);
      if (up == x) return x;
      std::int32_t seen = up;
      const std::int32_t above = parent(up).load(std::memory_order_relaxed);
      // Halves the path. Whoever else wrote here wrote something as good.
      if (above != up) parent(x).compare_exchange_weak(seen, above, std::memory_order_relaxed);
      x = above;
    }
  }

  /// Whether two elements are in one set: true is final, false holds until somebody joins them.
  bool same(Index a, Index b) { return find(a) == find(b); }

  void unite(Index a, Index b) {
    for (;;) {
      a = find(a);
      b = find(b);
      if (a == b) return;
      if (a < b) std::swap(a, b);
      auto root = static_cast<std::int32_t>(a);
      if (parent(a).compare_exchange_strong(root, static_cast<std::int32_t>(b), std::memory_order_relaxed)) return;
    }
  }

 private:
  std::atomic<std::int32_t>& parent(Index x) const { return parent_[static_cast<std::size_t>(x)]; }

  std::unique_ptr<std::atomic<std::int32_t>[]> parent_;
};

}  // namespace detail
CORYMB_END
