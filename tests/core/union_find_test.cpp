#include <corymb/core/random.hpp>
#include <corymb/core/union_find.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace union_find_test {
namespace {

using corymb::Index;
using corymb::Labels;
using corymb::UnionFind;

/// Relabels a whole set at every union.
struct NaiveSets {
  explicit NaiveSets(Index n) : label(static_cast<std::size_t>(n)) {
    for (std::size_t x = 0; x < label.size(); ++x) label[x] = static_cast<Index>(x);
  }
  bool unite(Index a, Index b) {
    const Index keep = of(a), drop = of(b);
    std::replace(label.begin(), label.end(), drop, keep);
    return keep != drop;
  }
  Index of(Index x) const { return label[static_cast<std::size_t>(x)]; }
  Index size(Index x) const { return std::count(label.begin(), label.end(), of(x)); }

  std::vector<Index> label;
};

TEST(UnionFind, AgreesWithRelabelling) {
  corymb::Random random(1);
  for (int instance = 0; instance < 50; ++instance) {
    SCOPED_TRACE(instance);
    const Index n = random.below(60) + 1;
    UnionFind sets(n);
    NaiveSets naive(n);
    Index count = n;
    for (Index step = 0; step < n; ++step) {
      const Index a = random.below(n), b = random.below(n);
      const bool joined = naive.unite(a, b);
      EXPECT_EQ(sets.unite(a, b), joined);
      if (joined) --count;
      ASSERT_EQ(sets.sets(), count);
      EXPECT_EQ(sets.set_size(a), naive.size(a));
    }
    const Labels labels = sets.labels();
    std::int32_t next = 0;
    for (Index x = 0; x < n; ++x) {
      EXPECT_EQ(naive.of(sets.find(x)), naive.of(x)) << "the representative is in another set";
      bool first = true;
      for (Index y = 0; y < x; ++y) {
        const bool together = naive.of(x) == naive.of(y);
        EXPECT_EQ(sets.find(x) == sets.find(y), together);
        EXPECT_EQ(labels[x] == labels[y], together);
        first = first && !together;
      }
      if (first) {
        EXPECT_EQ(labels[x], next++) << "sets are numbered by their lowest element";
      }
    }
    EXPECT_EQ(next, sets.sets());
  }
}

TEST(UnionFind, Empty) {
  UnionFind sets(0);
  EXPECT_EQ(sets.sets(), 0);
  EXPECT_EQ(sets.labels().size(), 0);
}

TEST(UnionFind, LongChains) {
  constexpr Index n = 200000;
  UnionFind up(n), down(n);
  for (Index x = 1; x < n; ++x) {
    EXPECT_TRUE(up.unite(x - 1, x));
    EXPECT_TRUE(down.unite(n - x, n - x - 1));
  }
  EXPECT_EQ(up.set_size(n / 2), n);
  EXPECT_EQ(down.set_size(n / 2), n);
  EXPECT_FALSE(up.unite(0, n - 1));
  EXPECT_EQ(up.sets(), 1);
  EXPECT_TRUE((down.labels().array() == 0).all());
}

}  // namespace
}  // namespace union_find_test
