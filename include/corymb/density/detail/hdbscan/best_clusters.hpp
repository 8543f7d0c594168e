#pragma once

#include <corymb/core/detail/validate.hpp>
#include <corymb/core/errors.hpp>
#include <corymb/density/condensed_tree.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// Whether a sum of stabilities is more than another by more than its rounding.
inline bool is_more(double x, double y) {
  constexpr double rounding = 1e-12;
  return std::isinf(x) ? !std::isinf(y) : x - y > rounding * x;
}

/// So many clusters of a tree, no two of which share rows, with the largest sum of stabilities, by dynamic programming
/// from the bottom up.
class BestClusters {
 public:
  /// @param eligible  by cluster: whether it may be taken
  BestClusters(const CondensedTree& tree, const std::vector<bool>& eligible, Index wanted)
      : tree_(tree),
        eligible_(eligible),
        wanted_(wanted),
        best_(tree.parent.size(), {Mass{}}),
        first_child_(best_.size(), -1),
        next_(best_.size(), -1),
        before_(best_.size()),
        takes_itself_(best_.size(), false) {
    for (std::size_t c = best_.size(); c-- > 1;) {  // children by ascending number
      next_[c] = first_child_[at(tree_.parent[c])];
      first_child_[at(tree_.parent[c])] = static_cast<std::int32_t>(c);
    }
    for (std::size_t c = best_.size(); c-- > 0;) combine(c);
  }

  /// The most clusters that there are without sharing rows, up to the number wanted.
  Index most() const { return best_.empty() ? 0 : static_cast<Index>(best_[0].size()) - 1; }

  std::vector<bool> taken() const {
    std::vector<bool> result(best_.size(), false);
    std::vector<std::pair<std::int32_t, Index>> open{{0, wanted_}};
    while (!open.empty()) {
      auto [cluster, number] = open.back();
      open.pop_back();
      if (number == 1 && takes_itself_[at(cluster)]) {
        result[at(cluster)] = true;
        continue;
      }
      std::vector<std::int32_t> children;
      for (std::int32_t child = first_child_[at(cluster)]; child >= 0; child = next_[at(child)])
        children.push_back(child);
      for (std::size_t i = children.size(); i-- > 0 && number > 0;) {
        const Index of_child = number - before_[at(children[i])][at(number)];
        if (of_child > 0) open.emplace_back(children[i], of_child);
        number -= of_child;
      }
    }
    return result;
  }

 private:
  // A sum of stabilities, some of which may be infinite.
  struct Mass {
    Index infinite = 0;
    double finite = 0;
    Mass operator+(const Mass& other) const { return {infinite + other.infinite, finite + other.finite}; }
    bool is_more_than(const Mass& other) const {
      return infinite != other.infinite ? infinite > other.infinite : is_more(finite, other.finite);
    }
  };

  static std::size_t at(Index number) { return static_cast<std::size_t>(number); }

  void combine(std::size_t c) {
    std::vector<Mass>& best = best_[c];  // by number of clusters; what is beyond its end cannot be had
    for (std::int32_t child = first_child_[c]; child >= 0; child = next_[at(child)]) {
      std::vector<Mass>& of_child = best_[at(child)];
      const std::size_t most = std::min(best.size() + of_child.size() - 2, at(wanted_));
      std::vector<Mass> both(most + 1);
      std::vector<Index>& split = before_[at(child)];
      split.assign(most + 1, -1);
      for (std::size_t a = 0; a < best.size(); ++a)
        for (std::size_t b = 0; b < of_child.size() && a + b <= most; ++b) {
          const Mass sum = best[a] + of_child[b];
          if (split[a + b] >= 0 && !sum.is_more_than(both[a + b])) continue;
          both[a + b] = sum;
          split[a + b] = static_cast<Index>(a);
        }
      best = std::move(both);
      of_child = {};
    }
    if (!eligible_[c]) return;
    const double stability = tree_.stability[c];
    const Mass own{std::isinf(stability) ? 1 : 0, std::isinf(stability) ? 0 : stability};
    if (best.size() == 1)
      best.push_back(own);
    else if (best[1].is_more_than(own))
      return;
    best[1] = own;
    takes_itself_[c] = true;
  }

  const CondensedTree& tree_;
  const std::vector<bool>& eligible_;
  Index wanted_;
  std::vector<std::vector<Mass>> best_;
  std::vector<std::int32_t> first_child_;
  std::vector<std::int32_t> next_;          // by cluster: its parent's next child
  std::vector<std::vector<Index>> before_;  // by cluster, by number: how many of them its lower siblings have
  std::vector<bool> takes_itself_;          // by cluster: whether it is the best one of itself and those below
};

/// By cluster: whether it is one of the best so many.
inline std::vector<bool> best_clusters(std::string_view function, const CondensedTree& tree,
                                       const std::vector<bool>& eligible, Index wanted) {
  const BestClusters best(tree, eligible, wanted);
  if (best.most() < wanted)
    throw NumericalError("corymb::" + std::string(function) + ": clusters = " + to_text(wanted) +
                         ", but the tree has at most " + to_text(best.most()) + " that do not share rows");
  return best.taken();
}

}  // namespace detail
CORYMB_END
