#include <corymb/core/random.hpp>
#include <corymb/core/types.hpp>
#include <corymb/metrics/contingency.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/message_of.hpp"

namespace contingency_test {
namespace {

using corymb::contingency_table;
using corymb::ContingencyTable;
using corymb_test::message_of;
using Integers = std::vector<std::int64_t>;

/// The table again as a map from pairs of labels to counts, after its invariants.
std::map<std::pair<std::int64_t, std::int64_t>, double> as_map(const ContingencyTable& table) {
  EXPECT_EQ(table.row_labels.size(), table.row_sums.size());
  EXPECT_EQ(table.column_labels.size(), table.column_sums.size());
  std::map<std::pair<std::int64_t, std::int64_t>, double> result;
  std::pair<std::ptrdiff_t, std::ptrdiff_t> before{-1, -1};
  for (const auto& [row, column, count] : table.cells) {
    const auto here = std::pair(row, column);
    EXPECT_LT(before, here);
    before = here;
    result[{table.row_labels.at(static_cast<std::size_t>(row)),
            table.column_labels.at(static_cast<std::size_t>(column))}] = count;
  }
  return result;
}

/// Counted the slow way and compared in every part.
template <class Truth, class Predicted>
void expect_counts(const Truth& truth, const Predicted& predicted) {
  const ContingencyTable table = contingency_table(truth, predicted);
  std::map<std::pair<std::int64_t, std::int64_t>, double> cells;
  std::map<std::int64_t, double> rows, columns;
  auto p = std::begin(predicted);
  for (const auto t : truth) {
    const std::int64_t row = t, column = *p;
    ++cells[{row, column}];
    ++rows[row];
    ++columns[column];
    ++p;
  }
  EXPECT_EQ(as_map(table), cells);
  EXPECT_EQ(table.total, static_cast<double>(std::size(truth)));
  const auto expect_marginal = [](const auto& counts, const auto& labels, const auto& sums) {
    Integers keys;
    std::vector<double> values;
    for (const auto& [label, count] : counts) {
      keys.push_back(label);
      values.push_back(count);
    }
    EXPECT_EQ(labels, keys);
    EXPECT_EQ(sums, values);
  };
  expect_marginal(rows, table.row_labels, table.row_sums);
  expect_marginal(columns, table.column_labels, table.column_sums);
}

TEST(ContingencyTable, SmallByHand) {
  const ContingencyTable table = contingency_table(std::vector<int>{3, 3, -1, 3, 10}, std::vector<int>{0, 1, 1, 0, 0});
  EXPECT_EQ(table.total, 5);
  EXPECT_EQ(table.row_labels, (Integers{-1, 3, 10}));
  EXPECT_EQ(table.column_labels, (Integers{0, 1}));
  EXPECT_EQ(table.row_sums, (std::vector<double>{1, 3, 1}));
  EXPECT_EQ(table.column_sums, (std::vector<double>{3, 2}));
  ASSERT_EQ(table.cells.size(), 4U);
  const std::array<std::array<double, 3>, 4> expected{{{0, 1, 1}, {1, 0, 2}, {1, 1, 1}, {2, 0, 1}}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(static_cast<double>(table.cells[i].row), expected[i][0]);
    EXPECT_EQ(static_cast<double>(table.cells[i].column), expected[i][1]);
    EXPECT_EQ(table.cells[i].count, expected[i][2]);
  }
}

TEST(ContingencyTable, Empty) {
  const ContingencyTable table = contingency_table(corymb::Labels{}, std::vector<std::int64_t>{});
  EXPECT_EQ(table.total, 0);
  EXPECT_TRUE(table.row_labels.empty() && table.column_labels.empty());
  EXPECT_TRUE(table.row_sums.empty() && table.column_sums.empty() && table.cells.empty());
}

TEST(ContingencyTable, DenseAndSparseCountsAreRight) {
  // Spreading the labels moves the count from the dense table over the sparse one to sorting.
  corymb::Random random(1);
  for (const std::int64_t spread : {std::int64_t{1}, std::int64_t{50}, std::int64_t{4000}, std::int64_t{1} << 40})
    for (const std::int64_t truth_clusters : {1, 7, 300})
      for (const std::int64_t predicted_clusters : {1, 13, 200}) {
        Integers truth(2000);
        std::vector<std::int32_t> predicted(truth.size());
        for (auto& label : truth) label = spread * (random.below(truth_clusters) - 3);
        for (auto& label : predicted)
          label = static_cast<std::int32_t>(spread % 1000003 * random.below(predicted_clusters));
        SCOPED_TRACE(spread);
        expect_counts(truth, predicted);
        expect_counts(predicted, truth);
      }
}

TEST(ContingencyTable, AllSingletons) {
  std::vector<int> truth(70000), predicted(truth.size());
  for (int i = 0; i < 70000; ++i) {
    truth[static_cast<std::size_t>(i)] = i;
    predicted[static_cast<std::size_t>(i)] = 70000 - 5 * i;
  }
  expect_counts(truth, predicted);
}

TEST(ContingencyTable, ExtremeLabels) {
  constexpr auto low32 = std::numeric_limits<std::int32_t>::min(), high32 = std::numeric_limits<std::int32_t>::max();
  constexpr auto low64 = std::numeric_limits<std::int64_t>::min(), high64 = std::numeric_limits<std::int64_t>::max();
  expect_counts(std::vector<std::int32_t>{low32, high32, 0, low32},
                std::vector<std::int32_t>{high32, high32, 1, low32});
  expect_counts(Integers{low64, high64, 0, low64}, Integers{high64, high64, -1, low64});
  expect_counts(Integers{low64, low64 + 1}, Integers{high64 - 1, high64});
  expect_counts(std::vector<std::int64_t>{0, std::int64_t{1} << 31, 0}, std::vector<std::uint32_t>{4000000000U, 0, 0});
}

TEST(ContingencyTable, TakesAnyRangeOfIntegers) {
  const Integers truth{0, 1, 1, 2, 0, 1}, predicted{1, 0, 0, 0, 2, 2};
  const auto expected = as_map(contingency_table(truth, predicted));
  const auto expect_same = [&](const auto& range) {
    EXPECT_EQ(as_map(contingency_table(truth, range)), expected);
    auto transposed = as_map(contingency_table(range, truth));
    EXPECT_EQ(transposed.size(), expected.size());
    for (const auto& [pair, count] : expected) EXPECT_EQ((transposed[{pair.second, pair.first}]), count);
  };
  expect_same(std::vector<int>{1, 0, 0, 0, 2, 2});
  expect_same(std::vector<unsigned char>{1, 0, 0, 0, 2, 2});
  expect_same(std::vector<std::uint64_t>{1, 0, 0, 0, 2, 2});
  expect_same(std::array<long long, 6>{1, 0, 0, 0, 2, 2});
  expect_same(std::deque<std::int32_t>{1, 0, 0, 0, 2, 2});
  expect_same(std::span<const std::int64_t>(predicted));
  const std::int16_t plain[] = {1, 0, 0, 0, 2, 2};
  expect_same(plain);

  corymb::Labels labels(6);
  labels << 1, 0, 0, 0, 2, 2;
  expect_same(labels);
  expect_same((labels.array() + 0).matrix());
  expect_same(labels.transpose());
  Eigen::Matrix<std::int64_t, Eigen::Dynamic, 2> two_columns(6, 2);
  two_columns.col(0).setConstant(5);
  two_columns.col(1) = labels.cast<std::int64_t>();
  expect_same(two_columns.col(1));
  const Eigen::Matrix<std::int64_t, Eigen::Dynamic, 2, Eigen::RowMajor> interleaved = two_columns;
  expect_same(interleaved.col(1));  // not side by side in memory
  Eigen::VectorXi spaced = Eigen::VectorXi::Constant(12, 9);
  spaced(Eigen::seq(0, 10, 2)) = labels;
  expect_same(Eigen::Map<const Eigen::VectorXi, 0, Eigen::InnerStride<2>>(spaced.data(), 6));

  expect_counts(std::vector<bool>{true, false, true}, std::vector<char>{'a', 'b', 'a'});
}

TEST(ContingencyTable, WrongInput) {
  EXPECT_EQ(message_of([] { contingency_table(std::vector<int>(5), std::vector<int>(4)); }),
            "corymb::contingency_table: truth has 5 labels, predicted has 4; they must have the same length");
  EXPECT_EQ(message_of([] {
              contingency_table(std::vector<int>(2), std::vector<std::uint64_t>{7, std::uint64_t{1} << 63});
            }),
            "corymb::contingency_table: predicted[1] = 9223372036854775808 must fit into a signed 64-bit integer");
}

}  // namespace
}  // namespace contingency_test
