#pragma once

#include <corymb/core/types.hpp>

#include <numeric>
#include <utility>
#include <vector>

CORYMB_BEGIN

/// Disjoint sets over the elements [0, n) with union by size and path halving: find and unite in O(α(n)).
class UnionFind {
 public:
  explicit UnionFind(Index n) : parent_(static_cast<std::size_t>(n)), size_(static_cast<std::size_t>(n), 1), sets_(n) {
    std::iota(parent_.begin(), parent_.end(), Index{0});
  }

  /// The representative of the set of x.
  Index find(Index x) {
    while (parent(x) != x) x = parent(x) = parent(parent(x));
    return x;
  }

  /// Joins the sets of a and b; false if they were one set already.
  bool unite(Index a, Index b) {
    a = find(a);
    b = find(b);
    if (a == b) return false;
    if (size(a) < size(b) || (size(a) == size(b) && b < a)) std::swap(a, b);
    parent(b) = a;
    size(a) += size(b);
    --sets_;
    return true;
  }

  /// Number of elements in the set of x.
  Index set_size(Index x) { return size(find(x)); }
  /// Number of sets.
  Index sets() const { return sets_; }

  /// Set numbers from 0, in order of each set's lowest element.
  Labels labels() {
    const auto n = static_cast<Index>(parent_.size());
    std::vector<std::int32_t> number(parent_.size(), -1);
    Labels result(n);
    std::int32_t next = 0;
    for (Index x = 0; x < n; ++x) {
      std::int32_t& root_number = number[static_cast<std::size_t>(find(x))];
      if (root_number < 0) root_number = next++;
      result[x] = root_number;
    }
    return result;
  }

 private:
  Index& parent(Index x) { return parent_[static_cast<std::size_t>(x)]; }
  Index& size(Index x) { return size_[static_cast<std::size_t>(x)]; }

  std::vector<Index> parent_;
  std::vector<Index> size_;
  Index sets_;
};

CORYMB_END
