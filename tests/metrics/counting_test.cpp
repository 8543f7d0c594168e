#include <corymb/metrics/external.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "metrics/oracle.hpp"
#include "support/message_of.hpp"

// What the options of contingency_table do, merging, and soft labels.

namespace counting_test {
namespace {

using namespace corymb_test;
using corymb::contingency_table;
using corymb::ContingencyOptions;
using corymb::ContingencyTable;
using corymb::Index;
using corymb::NoisePolicy;
using corymb::Vector;

void expect_same(const ContingencyTable& a, const ContingencyTable& b) {
  EXPECT_EQ(a.total, b.total);
  EXPECT_EQ(a.row_labels, b.row_labels);
  EXPECT_EQ(a.column_labels, b.column_labels);
  EXPECT_EQ(a.row_sums, b.row_sums);
  EXPECT_EQ(a.column_sums, b.column_sums);
  ASSERT_EQ(a.cells.size(), b.cells.size());
  for (std::size_t i = 0; i < a.cells.size(); ++i) {
    EXPECT_EQ(a.cells[i].row, b.cells[i].row);
    EXPECT_EQ(a.cells[i].column, b.cells[i].column);
    EXPECT_EQ(a.cells[i].count, b.cells[i].count);
  }
}

/// Labels from −1, narrow enough for the dense table or not.
std::pair<Integers, Integers> labels_with_noise(corymb::Random& random, bool wide) {
  const auto n = static_cast<std::size_t>(random.below(60));
  std::pair<Integers, Integers> labels;
  for (auto* side : {&labels.first, &labels.second}) {
    const std::int64_t clusters = random.below(5) + 1;
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t label = random.below(clusters + 1) - 1;
      side->push_back(wide && label > 1 ? label << 40 : label);
    }
  }
  return labels;
}

template <class Check>
void for_noisy_pairs(std::uint64_t seed, const Check& check) {
  corymb::Random random(seed);
  for (int instance = 0; instance < score_instances; ++instance) {
    SCOPED_TRACE(instance);
    const auto [truth, predicted] = labels_with_noise(random, instance % 2 == 1);
    check(random, truth, predicted);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Counting, DroppedNoiseIsAbsent) {
  for_noisy_pairs(1, [](corymb::Random&, const Integers& truth, const Integers& predicted) {
    Integers t, p;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      if (truth[i] == -1 || predicted[i] == -1) continue;
      t.push_back(truth[i]);
      p.push_back(predicted[i]);
    }
    expect_same(contingency_table(truth, predicted, {.noise = NoisePolicy::drop}), contingency_table(t, p));
  });
}

TEST(Counting, NoisePointsAsClustersOfTheirOwn) {
  for_noisy_pairs(2, [](corymb::Random&, const Integers& truth, const Integers& predicted) {
    Integers sides[2] = {truth, predicted};
    std::size_t noise_points[2] = {0, 0};
    for (int side = 0; side < 2; ++side) {
      std::int64_t next = std::int64_t{1} << 50;
      for (auto& label : sides[side])
        if (label == -1) {
          label = next++;
          ++noise_points[side];
        }
    }
    ContingencyTable expected = contingency_table(sides[0], sides[1]);
    std::fill_n(expected.row_labels.rbegin(), noise_points[0], -1);
    std::fill_n(expected.column_labels.rbegin(), noise_points[1], -1);
    const ContingencyTable table = contingency_table(truth, predicted, {.noise = NoisePolicy::singletons});
    expect_same(table, expected);
    EXPECT_EQ(table.noise, NoisePolicy::singletons);
  });
}

TEST(Counting, AWeightIsSoManyCopies) {
  for (const NoisePolicy noise : {NoisePolicy::cluster, NoisePolicy::drop}) {
    for_noisy_pairs(3, [&](corymb::Random& random, const Integers& truth, const Integers& predicted) {
      Integers t, p;
      Vector weights(static_cast<Index>(truth.size()));
      for (std::size_t i = 0; i < truth.size(); ++i) {
        const std::int64_t copies = i == 0 ? 1 : random.below(4);
        weights[static_cast<Index>(i)] = static_cast<double>(copies);
        t.insert(t.end(), static_cast<std::size_t>(copies), truth[i]);
        p.insert(p.end(), static_cast<std::size_t>(copies), predicted[i]);
      }
      expect_same(contingency_table(truth, predicted, {.noise = noise, .weights = weights}),
                  contingency_table(t, p, {.noise = noise}));
    });
  }
}

TEST(Counting, ScalingTheWeightsScalesTheTable) {
  const Integers truth = {0, 0, 1, 1, 2}, predicted = {5, 5, 5, 6, 6};
  const Vector weights = Vector::LinSpaced(5, 0.5, 2.5);
  const ContingencyTable table = contingency_table(truth, predicted, {.weights = weights});
  EXPECT_EQ(table.total, 7.5);
  EXPECT_EQ(table.row_sums, (std::vector<double>{1.5, 3.5, 2.5}));
  EXPECT_EQ(table.column_sums, (std::vector<double>{3, 4.5}));
  const ContingencyTable twice = contingency_table(truth, predicted, {.weights = 2 * weights});
  EXPECT_DOUBLE_EQ(corymb::v_measure(table), corymb::v_measure(twice));
  EXPECT_DOUBLE_EQ(corymb::purity(table), corymb::purity(twice));
}

TEST(Counting, SameBitsForAnyNumberOfThreadsAndTypeOfLabel) {
  corymb::Random random(4);
  for (const auto& [n, clusters] :
       {std::pair<std::size_t, std::int64_t>(1'000'003, 30), {300'001, 1}, {200'000, 100'000}}) {
    std::vector<std::int32_t> truth(n), predicted(n);
    for (auto& label : truth) label = static_cast<std::int32_t>(random.below(clusters)) - 1;
    for (auto& label : predicted) label = static_cast<std::int32_t>(random.below(clusters)) - 1;
    const Integers wide(truth.begin(), truth.end());
    for (const NoisePolicy noise : {NoisePolicy::cluster, NoisePolicy::singletons}) {
      const ContingencyTable expected =
          contingency_table(truth, predicted, {.noise = noise, .execution = {.threads = 1}});
      double total = 0;
      for (const auto& cell : expected.cells) total += cell.count;
      EXPECT_EQ(total, static_cast<double>(n));
      for (const int threads : {2, 3, 8})
        expect_same(contingency_table(truth, predicted, {.noise = noise, .execution = {.threads = threads}}), expected);
      expect_same(contingency_table(wide, predicted, {.noise = noise}), expected);
    }
  }
}

TEST(Counting, ManyPointsAreCountedCellByCell) {
  corymb::Random random(5);
  const std::size_t n = 500'000;  // enough for several tables side by side
  std::vector<int> truth(n), predicted(n);
  std::map<std::pair<int, int>, double> counts;
  for (std::size_t i = 0; i < n; ++i) {
    truth[i] = static_cast<int>(random.below(9)) - 4;
    predicted[i] = static_cast<int>(random.below(7));
    ++counts[{truth[i], predicted[i]}];
  }
  const ContingencyTable table = contingency_table(truth, predicted, {.execution = {.threads = 2}});
  ASSERT_EQ(table.cells.size(), counts.size());
  for (const auto& [row, column, count] : table.cells)
    EXPECT_EQ(count, (counts[{static_cast<int>(table.row_labels[static_cast<std::size_t>(row)]),
                              static_cast<int>(table.column_labels[static_cast<std::size_t>(column)])}]));
}

// ---- merging ----

TEST(Merging, PartsGiveTheTableOfTheWhole) {
  for (const NoisePolicy noise : {NoisePolicy::cluster, NoisePolicy::drop, NoisePolicy::singletons}) {
    for_noisy_pairs(6, [&](corymb::Random& random, const Integers& truth, const Integers& predicted) {
      const auto cut = static_cast<std::ptrdiff_t>(random.below(static_cast<std::int64_t>(truth.size()) + 1));
      const auto part = [&](bool first) {
        const auto slice = [&](const Integers& labels) {
          return first ? Integers(labels.begin(), labels.begin() + cut) : Integers(labels.begin() + cut, labels.end());
        };
        return contingency_table(slice(truth), slice(predicted), {.noise = noise});
      };
      expect_same(corymb::merge_contingency_tables(part(true), part(false)),
                  contingency_table(truth, predicted, {.noise = noise}));
    });
  }
}

TEST(Merging, BadArguments) {
  const Integers labels = {0, 1};
  ContingencyTable table = contingency_table(labels, labels);
  const ContingencyTable other = contingency_table(labels, labels, {.noise = NoisePolicy::drop});
  EXPECT_EQ(message_of([&] { corymb::merge_contingency_tables(table, other); }),
            "corymb::merge_contingency_tables: the tables have different noise policies");
  table.row_sums[0] = 5;
  EXPECT_EQ(message_of([&] { corymb::merge_contingency_tables(table, table); }).substr(0, 41),
            "corymb::merge_contingency_tables: the con");
}

// ---- soft labels ----

Eigen::MatrixXd memberships(corymb::Random& random, Index n, Index k) {
  Eigen::MatrixXd U(n, k);
  for (double& value : U.reshaped()) value = random.uniform();
  U.array().colwise() /= U.rowwise().sum().array().eval();
  return U;
}

TEST(SoftLabels, TheDefinition) {
  corymb::Random random(7);
  for (const Index n : {1, 2, 50, 5000}) {
    const Eigen::MatrixXd U = memberships(random, n, 3), V = memberships(random, n, 4);
    Vector weights(n);
    for (double& weight : weights) weight = random.uniform();
    const ContingencyTable table = corymb::soft_contingency_table(U, V, weights, {.threads = 2});
    ASSERT_EQ(table.cells.size(), 12u);
    for (const auto& [row, column, count] : table.cells) {
      double sum = 0;
      for (Index i = 0; i < n; ++i) sum += weights[i] * U(i, row) * V(i, column);
      EXPECT_NEAR(count, sum, 1e-12 * static_cast<double>(n));
    }
    EXPECT_NEAR(table.total, weights.sum(), 1e-12 * static_cast<double>(n));
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    expect_same(corymb::soft_contingency_table(RowMajor(U), V, weights, {.threads = 1}), table);
    EXPECT_NEAR(corymb::soft_contingency_table(U.cast<float>(), V).total, static_cast<double>(n), 1e-9);
  }
}

TEST(SoftLabels, OfZeroAndOneAreLabels) {
  for_noisy_pairs(8, [](corymb::Random&, Integers truth, Integers predicted) {
    Eigen::MatrixXd U = Eigen::MatrixXd::Zero(static_cast<Index>(truth.size()), 9), V = U;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      truth[i] = (truth[i] + 1) % 7;
      predicted[i] = (predicted[i] + 1) % 7;
      U(static_cast<Index>(i), truth[i]) = 1;
      V(static_cast<Index>(i), predicted[i]) = 1;
    }
    expect_same(corymb::soft_contingency_table(U, V), contingency_table(truth, predicted));
  });
}

TEST(SoftLabels, BadArguments) {
  corymb::Random random(9);
  const Eigen::MatrixXd U = memberships(random, 3, 2);
  EXPECT_EQ(message_of([&] { corymb::soft_contingency_table(U, U.topRows(2)); }),
            "corymb::soft_contingency_table: truth has 3 rows, predicted has 2; they must agree");
  Eigen::MatrixXd bad = U;
  bad.row(1) << 0.5, 0.625;
  EXPECT_EQ(
      message_of([&] { corymb::soft_contingency_table(U, bad); }),
      "corymb::soft_contingency_table: predicted: the memberships of row 1 add up to 1.125; they must add up to 1");
  bad.row(2) << -1, 2;
  bad.row(1) = U.row(1);
  EXPECT_EQ(message_of([&] { corymb::soft_contingency_table(bad, U); }),
            "corymb::soft_contingency_table: truth(2, 0) = -1 must be finite and ≥ 0");
}

TEST(Counting, BadWeights) {
  const Integers labels = {0, 1, 2};
  EXPECT_EQ(message_of([&] { contingency_table(labels, labels, {.weights = Vector::Ones(2)}); }),
            "corymb::contingency_table: weights has 2 entries; one per row, n = 3, is needed");
  EXPECT_EQ(message_of([&] { contingency_table(labels, labels, {.weights = -Vector::Ones(3)}); }),
            "corymb::contingency_table: weights(0) = -1 must be finite and ≥ 0");
  EXPECT_EQ(message_of([&] { contingency_table(labels, labels, {.execution = {.threads = -1}}); }),
            "corymb::contingency_table: execution.threads = -1 must be in [0, 1024] (0 = all)");
}

}  // namespace
}  // namespace counting_test
