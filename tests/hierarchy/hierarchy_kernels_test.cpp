#include <corymb/distance/detail/kernels.hpp>
#include <corymb/hierarchy/detail/hierarchy_kernels.hpp>
#include <corymb/hierarchy/detail/portable_hierarchy_kernels.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// Each kernel, on every instruction set of this machine and in its portable form, against its definition.
namespace hierarchy_kernels_test {
namespace {

using namespace corymb;
using namespace corymb_test;
namespace tasks = corymb::compiled::hierarchy;

template <class T>
using Place = compiled::PlaceOf<T>;

struct WardKernels {
  std::ptrdiff_t (*panel_rows)();
  std::ptrdiff_t (*pairs)(const tasks::WardPairsTask&);
};

template <class F>
void for_ward_kernels(const F& f) {
  on_every_instruction_set([&] {
    f(WardKernels{detail::hierarchy_kernels::ward_panel_rows, detail::hierarchy_kernels::ward_pairs});
  });
  f(WardKernels{detail::portable::hierarchy::ward_panel_rows, detail::portable::hierarchy::ward_pairs});
}

template <class F>
void for_row_scans(const F& f) {
  const auto compiled = [](const auto& task) { return detail::hierarchy_kernels::scan_triangle_row(task); };
  on_every_instruction_set([&] {
    f(float(), compiled);
    f(double(), compiled);
  });
  const auto portable = [](const auto& task) { return detail::portable::hierarchy::scan_triangle_row(task); };
  f(float(), portable);
  f(double(), portable);
}

TEST(HierarchyKernels, RowsOfATriangleFindTheTwoLowestOfRowsAndColumns) {
  for_row_scans([](auto scalar, const auto& scan) {
    using T = decltype(scalar);
    constexpr T infinity = std::numeric_limits<T>::infinity();
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      Random random(seed, {421});
      const Index n = 1 + random.below(70);
      const bool mean = seed % 2 == 0;
      RowMatrix<T> values(n, n);
      std::vector<T> size(static_cast<std::size_t>(n)), inverse(size.size()), absent(size.size(), T(0));
      for (std::size_t p = 0; p < size.size(); ++p) {
        size[p] = static_cast<T>(1 + random.below(5));
        inverse[p] = T(1) / size[p];
        if (random.below(4) == 0) absent[p] = infinity;
      }
      const auto distance = [&](Index i, Index j) {
        const auto p = static_cast<std::size_t>(i), q = static_cast<std::size_t>(j);
        return (mean ? values(i, j) / (size[p] * size[q]) : values(i, j)) + absent[q];
      };
      for (Index i = 0; i < values.size(); ++i) values.data()[i] = static_cast<T>(random.below(20));  // with ties
      std::vector<T> lowest(size.size(), infinity), second(size.size(), infinity);
      std::vector<Place<T>> place(size.size(), 0);
      std::vector<std::vector<std::pair<T, Index>>> of_column(size.size());
      for (Index i = 0; i < n; ++i) {
        const auto p = static_cast<std::size_t>(i);
        if (absent[p] != T(0)) continue;
        const auto found = scan(tasks::TriangleRowTask<T>{values.row(i).data(), i, static_cast<Place<T>>(i),
                                                          mean ? size.data() : nullptr, inverse.data(), size[p],
                                                          absent.data(), lowest.data(), second.data(), place.data()});
        std::vector<std::pair<T, Index>> of_row = {{infinity, n}, {infinity, n}};
        for (Index j = 0; j < i; ++j) {
          of_row.push_back({distance(i, j), j});
          of_column[static_cast<std::size_t>(j)].push_back({distance(i, j), i});
        }
        std::sort(of_row.begin(), of_row.end());
        ASSERT_EQ(found.lowest, of_row[0].first) << n << ", row " << i;
        ASSERT_EQ(found.second, of_row[1].first) << n << ", row " << i;
        if (found.lowest < infinity) {
          ASSERT_EQ(static_cast<Index>(found.place), of_row[0].second);
        }
      }
      for (std::size_t q = 0; q < size.size(); ++q) {
        of_column[q].push_back({infinity, n});
        of_column[q].push_back({infinity, n});
        std::sort(of_column[q].begin(), of_column[q].end());
        ASSERT_EQ(lowest[q], of_column[q][0].first);
        ASSERT_EQ(second[q], of_column[q][1].first);
        if (lowest[q] < infinity) {
          ASSERT_EQ(static_cast<Index>(place[q]), of_column[q][0].second);
        }
      }
    }
  });
}

TEST(HierarchyKernels, WardPairsLeaveOutNoneOfTheTwoLowest) {
  for_ward_kernels([](const WardKernels& kernels) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      Random random(seed, {422});
      const Index d = 1 + random.below(seed % 7 == 0 ? 300 : 20), k = 1 + random.below(100),
                  most = kernels.panel_rows();
      const Index rows = 1 + random.below(most), tile = tasks::ward_tile, tiles = (k + tile - 1) / tile;
      RowMatrix<double> points =
          seed % 3 == 0 ? grid_matrix<double>(random, k, d, 3) : normal_matrix<double>(random, k, d);
      RowMatrix<double> of_rows =
          seed % 3 == 0 ? grid_matrix<double>(random, rows, d, 3) : normal_matrix<double>(random, rows, d);
      std::vector<std::int32_t> own(static_cast<std::size_t>(most), -1);
      std::vector<float> row_reciprocal(own.size(), 1), lowest(own.size(), -1), second(own.size(), -1);
      std::vector<float> reciprocal(static_cast<std::size_t>(tiles * tile), 0),
          most_in_tile(static_cast<std::size_t>(tiles), 0);
      for (Index c = 0; c < k; ++c) {
        reciprocal[static_cast<std::size_t>(c)] = 1 / static_cast<float>(1 + random.below(9));
        float& of_tile = most_in_tile[static_cast<std::size_t>(c / tile)];
        of_tile = std::max(of_tile, reciprocal[static_cast<std::size_t>(c)]);
      }
      for (Index i = 0; i < rows; ++i) {
        const auto at = static_cast<std::size_t>(i);
        row_reciprocal[at] = 1 / static_cast<float>(1 + random.below(9));
        lowest[at] = second[at] = std::numeric_limits<float>::max();
        if (i >= k || random.below(2) == 0) continue;
        own[at] = static_cast<std::int32_t>(i);
        of_rows.row(i) = points.row(i);
        row_reciprocal[at] = reciprocal[at];
      }
      points.array() += seed % 5 == 0 ? 1e6 : 0;
      of_rows.array() += seed % 5 == 0 ? 1e6 : 0;
      const double scale = 0.125;
      const Vector centre = points.colwise().mean();
      detail::Scratch<float> packed(tiles * tile * (d + 1)), scratch(most * d);
      float largest_norm = 0;
      std::fill_n(packed.data(), tiles * tile * (d + 1), 0.0f);
      for (Index c = 0; c < tiles * tile; ++c) {
        double norm = 0;
        for (Index j = 0; c < k && j < d; ++j) {
          const auto value = static_cast<float>((points(c, j) - centre[j]) * scale);
          packed.data()[tiles * tile + c / tile * tile * d + j * tile + c % tile] = -2 * value;
          norm += static_cast<double>(value) * static_cast<double>(value);
        }
        packed.data()[c] = c < k ? static_cast<float>(norm) : std::numeric_limits<float>::infinity();
        largest_norm = std::max(largest_norm, std::nextafter(static_cast<float>(norm), 1e30f));
      }
      detail::Scratch<double> panel(most * d);
      for (Index j = 0; j < d; ++j)
        for (Index i = 0; i < most; ++i) panel.data()[j * most + i] = of_rows(std::min(i, rows - 1), j);
      std::vector<tasks::WardPair> pairs(static_cast<std::size_t>(rows * k));
      const Index found =
          kernels.pairs(tasks::WardPairsTask{d, panel.data(), rows, row_reciprocal.data(), own.data(), scale,
                                             centre.data(), packed.data(), k, reciprocal.data(), most_in_tile.data(),
                                             largest_norm, lowest.data(), second.data(), pairs.data(), scratch.data()});
      ASSERT_LE(found, rows * k);
      const auto value = [&](Index i, Index c) {
        const double sizes = static_cast<double>(row_reciprocal[static_cast<std::size_t>(i)]) +
                             static_cast<double>(reciprocal[static_cast<std::size_t>(c)]);
        return 2 / sizes * (of_rows.row(i) - points.row(c)).squaredNorm() * scale * scale;
      };
      std::vector<std::vector<bool>> is_listed(static_cast<std::size_t>(rows),
                                               std::vector<bool>(static_cast<std::size_t>(k)));
      for (Index p = 0; p < found; ++p) {
        const tasks::WardPair& pair = pairs[static_cast<std::size_t>(p)];
        ASSERT_LE(static_cast<double>(pair.least), value(pair.row, pair.point)) << seed;
        ASSERT_FALSE(is_listed[static_cast<std::size_t>(pair.row)][static_cast<std::size_t>(pair.point)]);
        is_listed[static_cast<std::size_t>(pair.row)][static_cast<std::size_t>(pair.point)] = true;
      }
      for (Index i = 0; i < rows; ++i) {
        const auto at = static_cast<std::size_t>(i);
        std::vector<double> values;
        for (Index c = 0; c < k; ++c)
          if (own[at] != c) values.push_back(value(i, c));
        std::sort(values.begin(), values.end());
        if (!values.empty()) {
          ASSERT_GE(static_cast<double>(lowest[at]), values[0]) << seed;
        }
        const double limit = values.size() > 1 ? values[1] : std::numeric_limits<double>::infinity();
        ASSERT_GE(static_cast<double>(second[at]), std::min(limit, 3e38)) << seed;
        for (Index c = 0; c < k; ++c) {
          if (own[at] == c) {
            ASSERT_FALSE(is_listed[at][static_cast<std::size_t>(c)]);
          }
          if (own[at] != c && value(i, c) <= limit) {
            ASSERT_TRUE(is_listed[at][static_cast<std::size_t>(c)]) << seed << ", row " << i << ", point " << c;
          }
        }
      }
    }
  });
}

}  // namespace
}  // namespace hierarchy_kernels_test
