#include <corymb/distance/detail/kernels.hpp>
#include <corymb/distance/detail/nearest_rows.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// The kernels of searches that leave most pairs out. What they say is bounds: checked against distances in long double.

namespace pruned_kernels_test {
namespace {

using namespace corymb_test;
namespace kernels = corymb::detail::kernels;
using corymb::Random;
using corymb::compiled::RowsView;
using corymb::detail::rows_view;
using corymb::detail::Scratch;

template <class T>
long double distance(const RowsView<T>& x, Index i, const RowsView<T>& c, Index j) {
  long double sum = 0;
  for (Index l = 0; l < x.d; ++l) {
    const long double difference = static_cast<long double>(x.data[i * x.stride + l]) - c.data[j * c.stride + l];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

template <class T>
RowMatrix<T> normal_rows(Random& random, Index n, Index d, double offset = 0) {
  RowMatrix<T> X(n, d);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < d; ++j) X(i, j) = static_cast<T>(offset + random.normal());
  return X;
}

template <class T>
Index scratch_size(Index d) {
  return std::max(kernels::expanded_scratch_size(T(), d), kernels::defined_scratch_size(T(), d));
}

template <class T>
void check_within_reach(std::uint64_t seed) {
  Random random(seed, {1});
  const Index panel = kernels::panel_rows(T()), n = 1 + random.below(panel), k = 1 + random.below(40);
  const Index d = 1 + random.below(corymb::compiled::most_coordinates_within_reach);
  const RowMatrix<T> X = normal_rows<T>(random, n, d), C = normal_rows<T>(random, k, d);
  const corymb::detail::PackedCentroids<T> packed(rows_view(C));
  const T slack = seed % 2 == 0 ? T(0) : T(1e-3);
  std::vector<T> reach(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i)  // exactly as far as one of them, so that the margin for roundings counts
    reach[static_cast<std::size_t>(i)] = static_cast<T>(distance(rows_view(X), i, rows_view(C), random.below(k))) *
                                         (T(1) + std::numeric_limits<T>::epsilon());
  std::vector<std::int32_t> row(static_cast<std::size_t>(panel * k)), centroid(row.size());
  Scratch<T> scratch(scratch_size<T>(d));
  const Index pairs = kernels::within_reach(
      corymb::compiled::WithinReachTask<T>{rows_view(X), k, packed.centre(), packed.packed(), packed.largest_norm(),
                                           reach.data(), slack, row.data(), centroid.data(), scratch.data()});
  std::set<std::pair<Index, Index>> listed;
  std::vector<std::int32_t> last(static_cast<std::size_t>(n), -1);
  for (std::size_t p = 0; p < static_cast<std::size_t>(pairs); ++p) {
    ASSERT_LT(row[p], n);
    ASSERT_LT(centroid[p], k);
    ASSERT_GT(centroid[p], last[static_cast<std::size_t>(row[p])]) << "not in ascending order";
    last[static_cast<std::size_t>(row[p])] = centroid[p];
    listed.emplace(row[p], centroid[p]);
  }
  for (Index i = 0; i < n; ++i)
    for (Index c = 0; c < k; ++c) {
      const long double exact = distance(rows_view(X), i, rows_view(C), c);
      const long double limit = reach[static_cast<std::size_t>(i)];
      if (exact <= limit) {
        ASSERT_TRUE(listed.count({i, c})) << "row " << i << ", centroid " << c;
      }
      if (exact > 1.01L * limit + 50 * slack + 1e-2L) {
        ASSERT_FALSE(listed.count({i, c})) << "row " << i << ", centroid " << c << " is far beyond reach";
      }
    }
}

TEST(PrunedKernels, WithinReachLeavesOutOnlyWhatIsBeyond) {
  on_every_instruction_set([] {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      check_within_reach<float>(seed);
      check_within_reach<double>(seed);
    }
  });
}

TEST(PrunedKernels, WithinReachListsAllWhereSquaresOverflow) {
  on_every_instruction_set([] {
    const RowMatrix<float> X = RowMatrix<float>::Constant(2, 2, 1e19f), C = -RowMatrix<float>::Constant(7, 2, 1e19f);
    const corymb::detail::PackedCentroids<float> packed(rows_view(C), {0.0f, 0.0f});
    const std::vector<float> reach(2, 1.0f);
    std::vector<std::int32_t> row(static_cast<std::size_t>(7 * kernels::panel_rows(0.0f))), centroid(row.size());
    Scratch<float> scratch(scratch_size<float>(2));
    EXPECT_EQ(kernels::within_reach(corymb::compiled::WithinReachTask<float>{
                  rows_view(X), 7, packed.centre(), packed.packed(), packed.largest_norm(), reach.data(), 0.0f,
                  row.data(), centroid.data(), scratch.data()}),
              14);
  });
}

template <class T>
void check_pair_values(Index d) {
  Random random(static_cast<std::uint64_t>(d), {2});
  const RowMatrix<T> X = normal_rows<T>(random, 9, d + 3, 5), C = normal_rows<T>(random, 5, d + 1, 5);
  const RowsView<T> x{X.data(), 9, d, d + 3}, c{C.data(), 5, d, d + 1};
  std::vector<std::int32_t> row, centroid;
  for (int p = 0; p < 30; ++p) {
    row.push_back(static_cast<std::int32_t>(random.below(9)));
    centroid.push_back(static_cast<std::int32_t>(random.below(5)));
  }
  std::vector<T> value(row.size());
  kernels::pair_values(corymb::compiled::PairsTask<T>{x, c, row.data(), centroid.data(), 30, value.data()});
  for (std::size_t p = 0; p < row.size(); ++p) {
    const long double exact = distance(x, row[p], c, centroid[p]);
    const long double roundings = static_cast<long double>(d + 2) * std::numeric_limits<T>::epsilon() / 2;
    ASSERT_NEAR(static_cast<double>(value[p]), static_cast<double>(exact * exact),
                static_cast<double>(roundings * exact * exact))
        << "d = " << d;
  }
}

TEST(PrunedKernels, PairValues) {
  on_every_instruction_set([] {
    for (Index d = 1; d < 200; ++d) {
      check_pair_values<float>(d);
      check_pair_values<double>(d);
    }
  });
}

TEST(PrunedKernels, Projections) {
  on_every_instruction_set([] {
    Random random(3);
    for (const auto& [n, d, m] : {std::array<Index, 3>{1, 1, 1}, {70, 33, 7}, {40, 200, 12}, {3, 5, 4}}) {
      const RowMatrix<double> X = normal_rows<double>(random, n, d), A = normal_rows<double>(random, m, d);
      std::vector<double> packed(static_cast<std::size_t>(kernels::packed_size(0.0, m, d)));
      kernels::pack_axes(rows_view(A), packed.data());
      RowMatrix<double> out = RowMatrix<double>::Constant(n, m + 2, 77);
      Scratch<double> scratch(scratch_size<double>(d));
      kernels::project(
          corymb::compiled::ProjectTask<double>{rows_view(X), m, packed.data(), out.data(), m + 2, scratch.data()});
      for (Index i = 0; i < n; ++i) {
        for (Index a = 0; a < m; ++a) {
          long double sum = 0;
          for (Index j = 0; j < d; ++j) sum += static_cast<long double>(X(i, j)) * A(a, j);
          ASSERT_NEAR(out(i, a), static_cast<double>(sum), 1e-12);
        }
        ASSERT_EQ(out(i, m), 77) << "wrote beyond the axes";
        ASSERT_EQ(out(i, m + 1), 77);
      }
    }
  });
}

template <class T>
void check_shrink_bounds(std::uint64_t seed) {
  Random random(seed, {4});
  const Index n = 1 + random.below(20), k = 5,
              stride = std::array<Index, 5>{2, 8, 16, 32, 64}[static_cast<std::size_t>(seed % 5)];
  const T infinity = std::numeric_limits<T>::infinity();
  std::vector<T> bound(static_cast<std::size_t>(n * stride)), upper(static_cast<std::size_t>(n)), moved(k);
  std::vector<T> group_moved(static_cast<std::size_t>(stride)), joined(static_cast<std::size_t>(stride), infinity);
  std::vector<std::int32_t> label(static_cast<std::size_t>(n));
  for (T& b : bound) b = random.below(9) == 0 ? infinity : static_cast<T>(random.uniform() * 10);
  for (T& u : upper) u = static_cast<T>(random.uniform() * 5);
  for (T& m : moved) m = static_cast<T>(random.uniform());
  for (T& m : group_moved) m = static_cast<T>(random.uniform());
  for (T& j : joined) j = random.below(5) == 0 ? T(0) : infinity;
  for (auto& l : label) l = static_cast<std::int32_t>(random.below(k));
  const std::vector<T> before = bound, upper_before = upper;
  std::vector<std::uint64_t> within(static_cast<std::size_t>(n));
  const T certain = T(1.001), smallest = T(1e-6);
  kernels::shrink_bounds(corymb::compiled::ShrinkBoundsTask<T>{n, bound.data(), stride, upper.data(), label.data(),
                                                               moved.data(), group_moved.data(), joined.data(), certain,
                                                               smallest, within.data()});
  const long double rounding = 16 * std::numeric_limits<T>::epsilon();
  for (std::size_t i = 0; i < upper.size(); ++i) {
    const long double exact = static_cast<long double>(upper_before[i]) + moved[static_cast<std::size_t>(label[i])];
    ASSERT_GE(upper[i], exact);
    ASSERT_LE(upper[i], exact * (1 + rounding));
    const T* row = &bound[i * static_cast<std::size_t>(stride)];
    const T* old = &before[i * static_cast<std::size_t>(stride)];
    for (Index g = 0; g < stride; ++g) {
      const Index other = (g + stride / 2) % stride;
      long double value = old[g];
      if (joined[static_cast<std::size_t>(g)] == T(0)) value = std::min<long double>(value, old[other]);
      value -= group_moved[static_cast<std::size_t>(g)];
      if (value >= 0) {
        ASSERT_LE(row[g], value);
      }
      if (std::isfinite(value)) {
        ASSERT_NEAR(static_cast<double>(row[g]), static_cast<double>(value), 1e-5);
      }
      const bool listed = (within[i] >> g & 1) != 0;
      ASSERT_EQ(listed, row[g] <= upper[i] * certain + smallest) << "group " << g;
    }
    if (stride < 64) {
      ASSERT_EQ(within[i] >> stride, 0U);
    }
  }
}

TEST(PrunedKernels, BoundsShrinkToTheSafeSide) {
  on_every_instruction_set([] {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      check_shrink_bounds<float>(seed);
      check_shrink_bounds<double>(seed);
    }
  });
}

/// Random groups of centroids, rows with random own centroids and masks: what comes back must be true.
template <class T>
void check_search_groups(std::uint64_t seed) {
  Random random(seed, {5});
  const Index n = 700, d = 1 + random.below(seed % 4 == 0 ? 150 : 12), k = 30, groups = 1 + random.below(12),
              stride = 32;
  const double offset = seed % 3 == 0 ? 100 : 0;
  const RowMatrix<T> X = normal_rows<T>(random, n, d, offset), C = normal_rows<T>(random, k, d, offset);
  std::vector<std::vector<std::int32_t>> member(static_cast<std::size_t>(groups));
  std::vector<std::int32_t> group_of(static_cast<std::size_t>(k));
  for (std::int32_t c = 0; c < k; ++c) {
    const auto g = static_cast<std::size_t>(random.below(groups));
    member[g].push_back(c);
    group_of[static_cast<std::size_t>(c)] = static_cast<std::int32_t>(g);
  }
  const corymb::detail::PackedCentroids<T> all(rows_view(C));
  const std::vector<T> centre(all.centre(), all.centre() + d);
  std::vector<RowMatrix<T>> rows_of_group;
  std::vector<corymb::detail::PackedCentroids<T>> packed;
  std::vector<const T*> pointers;
  std::vector<Index> sizes;
  std::vector<const std::int32_t*> numbers;
  for (const auto& list : member) {
    RowMatrix<T> rows(static_cast<Index>(list.size()), d);
    for (Index i = 0; i < rows.rows(); ++i) rows.row(i) = C.row(list[static_cast<std::size_t>(i)]);
    rows_of_group.push_back(rows);
    packed.emplace_back(rows_view(rows_of_group.back()), centre);
    pointers.push_back(packed.back().packed());
    sizes.push_back(rows.rows());
    numbers.push_back(list.data());
  }
  const RowsView<T> x = rows_view(X), c = rows_view(C);
  // Bounds as they might be before: none larger than the truth.
  const auto least_other = [&](Index i, std::size_t g, std::int32_t own) {
    long double least = std::numeric_limits<long double>::infinity();
    for (const std::int32_t m : member[g])
      if (m != own) least = std::min(least, distance(x, i, c, m));
    return least;
  };
  std::vector<Index> listed;
  std::vector<std::uint64_t> within;
  std::vector<std::int32_t> nearest, group, place;
  std::vector<T> above, below, others, bound(static_cast<std::size_t>(n * stride), T(-7));
  for (Index i = 0; i < n; ++i) {
    if (random.below(5) == 0) continue;
    const auto own = static_cast<std::int32_t>(random.below(k));
    const long double exact = distance(x, i, c, own);
    listed.push_back(i);
    nearest.push_back(own);
    group.push_back(group_of[static_cast<std::size_t>(own)]);
    above.push_back(static_cast<T>(exact * 1.0001L));
    below.push_back(static_cast<T>(exact * 0.9999L));
    std::uint64_t mask = 0;
    for (std::size_t g = 0; g < member.size(); ++g) {
      bound[static_cast<std::size_t>(i * stride) + g] = static_cast<T>(least_other(i, g, own) * 0.9999L);
      if (!member[g].empty() && random.below(seed % 2 == 0 ? 2 : 6) == 0) mask |= std::uint64_t{1} << g;
    }
    within.push_back(mask);
  }
  const std::vector<T> bound_before = bound;
  const std::vector<std::int32_t> own = nearest;
  others.resize(listed.size());
  place.resize(listed.size());
  std::vector<std::int32_t> gathered(
      static_cast<std::size_t>(corymb::compiled::most_groups * corymb::compiled::gathered_rows));
  Scratch<T> scratch(scratch_size<T>(d));
  kernels::search_groups(corymb::compiled::SearchGroupsTask<T>{
      x,
      listed.data(),
      static_cast<Index>(listed.size()),
      {groups, sizes.data(), pointers.data(), numbers.data(), bound.data(), stride},
      centre.data(),
      all.largest_norm(),
      within.data(),
      nearest.data(),
      group.data(),
      above.data(),
      below.data(),
      others.data(),
      place.data(),
      gathered.data(),
      scratch.data()});
  const long double size = (offset + 5) * std::sqrt(static_cast<long double>(d));
  const long double loose = sizeof(T) == 4 ? 0.05L * (1 + size / 50) : 5e-3L;  // own distances are known to 1e-4
  for (std::size_t p = 0; p < listed.size(); ++p) {
    const Index i = listed[p];
    const long double found = distance(x, i, c, nearest[p]);
    ASSERT_GE(above[p], found);
    ASSERT_LE(below[p], found);
    ASSERT_LE(above[p], found + loose);
    ASSERT_EQ(group[p], group_of[static_cast<std::size_t>(nearest[p])]);
    ASSERT_LE(found, distance(x, i, c, own[p]) * 1.001L + loose) << "worse than what it had";
    for (std::size_t g = 0; g < member.size(); ++g) {
      const T now = bound[static_cast<std::size_t>(i * stride) + g];
      ASSERT_LE(now, least_other(i, g, nearest[p])) << "row " << i << ", group " << g;
      if ((within[p] >> g & 1) == 0) continue;
      for (const std::int32_t m : member[g]) {
        const long double candidate = distance(x, i, c, m);
        ASSERT_GE(candidate, below[p]) << "missed a nearer one";
        if (m != nearest[p]) {
          ASSERT_LE(others[p], candidate);
        }
      }
      ASSERT_GE(now, least_other(i, g, nearest[p]) - loose) << "needlessly low";
    }
    if (nearest[p] != own[p]) {
      ASSERT_LE(others[p], distance(x, i, c, own[p]));
    }
  }
  for (Index i = 0; i < n; ++i)
    if (std::find(listed.begin(), listed.end(), i) == listed.end()) {
      for (Index g = 0; g < stride; ++g) ASSERT_EQ(bound[static_cast<std::size_t>(i * stride + g)], T(-7));
    }
}

TEST(PrunedKernels, SearchOfGroupsTellsTheTruth) {
  on_every_instruction_set([] {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      check_search_groups<float>(seed);
      check_search_groups<double>(seed);
      if (::testing::Test::HasFatalFailure()) return;
    }
  });
}

template <class T>
void check_nearest_and_bytes(std::uint64_t seed) {
  Random random(seed, {6});
  constexpr Index block = corymb::compiled::byte_rows;
  const Index n = 1 + random.below(block), k = 1 + random.below(300), d = 1 + random.below(seed % 3 == 0 ? 300 : 20);
  const double offset = seed % 4 == 0 ? 1000 : 0;
  const RowMatrix<T> X = normal_rows<T>(random, n, d, offset), C = normal_rows<T>(random, k, d, offset);
  const corymb::detail::PackedCentroids<T> packed(rows_view(C));
  const long double step = std::sqrt(static_cast<long double>(d)) / 100;
  Scratch<T> scratch(scratch_size<T>(d));
  std::vector<std::int32_t> label(static_cast<std::size_t>(n)), plain(label);
  std::vector<std::ptrdiff_t> unsettled(static_cast<std::size_t>(block));
  std::vector<std::uint8_t> bound(static_cast<std::size_t>(k * block + 1), 199);
  const corymb::compiled::ExpandedTask<T> nearest{
      rows_view(X),  k, packed.centre(), packed.packed(), packed.largest_norm(), label.data(), unsettled.data(),
      scratch.data()};
  const Index doubtful = kernels::nearest_and_bytes(
      corymb::compiled::NearestAndBytesTask<T>{nearest, bound.data(), static_cast<T>(1 / step)});
  auto alone = nearest;
  alone.label = plain.data();
  ASSERT_EQ(kernels::nearest_expanded(alone), doubtful);
  ASSERT_EQ(label, plain);
  ASSERT_EQ(bound.back(), 199) << "wrote beyond the block";
  const long double rounding = sizeof(T) == 4 ? 0.01L * (1 + static_cast<long double>(offset)) : 1e-6L;
  for (Index c = 0; c < k; ++c)
    for (Index i = 0; i < block; ++i) {
      const std::uint8_t byte = bound[static_cast<std::size_t>(c * block + i)];
      if (i >= n) {
        ASSERT_EQ(byte, 199) << "wrote a row that is not there";
        continue;
      }
      const long double exact = distance(rows_view(X), i, rows_view(C), c);
      ASSERT_LE(byte, 254);
      if (byte > 0) {
        ASSERT_LE((byte + 1) * step, exact * (1 + 1e-6L));
      }
      if (offset == 0 && byte < 254) {
        ASSERT_GE((byte + 2) * step + rounding, exact) << "needlessly low";
      }
    }
}

TEST(PrunedKernels, NearestAndBytes) {
  on_every_instruction_set([] {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      check_nearest_and_bytes<float>(seed);
      check_nearest_and_bytes<double>(seed);
      if (::testing::Test::HasFatalFailure()) return;
    }
  });
}

TEST(PrunedKernels, BytesShrinkAndAreListed) {
  on_every_instruction_set([] {
    constexpr Index block = corymb::compiled::byte_rows;
    Random random(8);
    for (int instance = 0; instance < 50; ++instance) {
      const Index k = 1 + random.below(40);
      std::vector<std::uint8_t> bound(static_cast<std::size_t>(k * block)), steps(static_cast<std::size_t>(k));
      std::vector<std::uint8_t> limit(static_cast<std::size_t>(block));
      std::vector<std::int32_t> own(static_cast<std::size_t>(block));
      for (auto& b : bound) b = static_cast<std::uint8_t>(random.below(256));
      for (auto& s : steps) s = static_cast<std::uint8_t>(random.below(3) * random.below(128));
      for (auto& l : limit) l = static_cast<std::uint8_t>(random.below(4) == 0 ? 0 : random.below(60));
      for (auto& o : own) o = static_cast<std::int32_t>(random.below(k + 1)) - 1;
      std::vector<std::uint8_t> expected = bound;
      std::uint64_t open = 0;
      std::vector<std::pair<std::int32_t, std::int32_t>> pairs;
      for (Index c = 0; c < k; ++c)
        for (Index i = 0; i < block; ++i) {
          std::uint8_t& b = expected[static_cast<std::size_t>(c * block + i)];
          b = static_cast<std::uint8_t>(std::max(0, int{b} - int{steps[static_cast<std::size_t>(c)]}));
          if (b >= limit[static_cast<std::size_t>(i)]) continue;
          open |= std::uint64_t{1} << i;
          if (own[static_cast<std::size_t>(i)] != c) pairs.emplace_back(i, c);
        }
      ASSERT_EQ(kernels::shrink_bytes(corymb::compiled::ShrinkBytesTask{k, bound.data(), steps.data(), limit.data()}),
                open);
      ASSERT_EQ(bound, expected);
      std::vector<std::int32_t> row(static_cast<std::size_t>(k * block)), centroid(row.size());
      const Index listed = kernels::list_bytes(
          corymb::compiled::ListBytesTask{k, bound.data(), limit.data(), own.data(), row.data(), centroid.data()});
      ASSERT_EQ(listed, static_cast<Index>(pairs.size()));
      for (std::size_t p = 0; p < pairs.size(); ++p) {
        ASSERT_EQ(row[p], pairs[p].first);
        ASSERT_EQ(centroid[p], pairs[p].second);
      }
    }
  });
}

}  // namespace
}  // namespace pruned_kernels_test
