#include <corymb/core/linear_assignment.hpp>
#include <corymb/core/random.hpp>
#include <corymb/metrics/external.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/message_of.hpp"

namespace {

using corymb::adjusted_rand_index;
using corymb::clustering_accuracy;
using corymb::contingency_table;
using corymb::ContingencyTable;
using corymb::match_labels;
using corymb::normalized_mutual_information;
using corymb_test::message_of;
using Integers = std::vector<std::int64_t>;

#if defined(CORYMB_SLOW_TESTS)
constexpr int instances = 5000;
#else
constexpr int instances = 300;
#endif

Integers random_labels(corymb::Random& random, std::size_t n, std::int64_t clusters) {
  Integers labels(n);
  for (auto& label : labels) label = random.below(clusters) * random.below(clusters) - 2;
  return labels;
}

/// Two labelings that agree more or less.
std::pair<Integers, Integers> random_pair(corymb::Random& random, std::int64_t most_clusters) {
  const auto n = static_cast<std::size_t>(random.below(40) + 2);
  Integers truth = random_labels(random, n, random.below(most_clusters) + 1);
  Integers predicted = random_labels(random, n, random.below(most_clusters) + 1);
  const double agreement = random.uniform();
  for (std::size_t i = 0; i < n; ++i)
    if (random.uniform() < agreement) predicted[i] = truth[i];
  return {truth, predicted};
}

/// The definition: pairs of points one by one. (index - expected) / (maximum - expected) of Hubert and Arabie.
double ari_by_pairs(const Integers& truth, const Integers& predicted) {
  double both = 0, in_truth = 0, in_predicted = 0, pairs = 0;
  for (std::size_t i = 0; i < truth.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const bool t = truth[i] == truth[j], p = predicted[i] == predicted[j];
      both += t && p;
      in_truth += t;
      in_predicted += p;
      ++pairs;
    }
  const double expected = in_truth * in_predicted / pairs, most = (in_truth + in_predicted) / 2;
  return most == expected ? 1 : (both - expected) / (most - expected);
}

/// The definition over all pairs of clusters, by probabilities.
double nmi_by_definition(const Integers& truth, const Integers& predicted) {
  std::map<std::int64_t, double> p, q;
  std::map<std::pair<std::int64_t, std::int64_t>, double> joint;
  const double one = 1 / static_cast<double>(truth.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    p[truth[i]] += one;
    q[predicted[i]] += one;
    joint[{truth[i], predicted[i]}] += one;
  }
  double information = 0, entropies = 0;
  for (const auto& [labels, both] : joint) information += both * std::log2(both / p[labels.first] / q[labels.second]);
  for (const auto& side : {p, q})
    for (const auto& entry : side) entropies -= entry.second * std::log2(entry.second);
  if (p.size() == 1 && q.size() == 1) return 1;
  return 2 * information / entropies;
}

/// All one-to-one maps of the longer list of labels onto the shorter one.
double accuracy_by_permutations(const Integers& truth, const Integers& predicted) {
  Integers shorter = truth, longer = predicted;
  const auto distinct = [](Integers labels) {
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return labels;
  };
  if (distinct(shorter).size() > distinct(longer).size()) std::swap(shorter, longer);
  const Integers targets = distinct(shorter);
  Integers order = distinct(longer);
  double best = 0;
  do {
    double hits = 0;
    for (std::size_t i = 0; i < shorter.size(); ++i) {
      const auto at = static_cast<std::size_t>(std::find(order.begin(), order.end(), longer[i]) - order.begin());
      hits += at < targets.size() && targets[at] == shorter[i];
    }
    best = std::max(best, hits);
  } while (std::next_permutation(order.begin(), order.end()));
  return best / static_cast<double>(truth.size());
}

TEST(ExternalMetrics, AgreeWithTheirDefinitions) {
  corymb::Random random(3);
  for (int instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    const auto [truth, predicted] = random_pair(random, 8);
    EXPECT_NEAR(adjusted_rand_index(truth, predicted), ari_by_pairs(truth, predicted), 1e-12);
    EXPECT_NEAR(normalized_mutual_information(truth, predicted), nmi_by_definition(truth, predicted), 1e-12);
  }
}

TEST(ExternalMetrics, AccuracyIsTheBestOverAllMatchings) {
  corymb::Random random(4);
  for (int instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    const auto [truth, predicted] = random_pair(random, 4);
    EXPECT_DOUBLE_EQ(clustering_accuracy(truth, predicted), accuracy_by_permutations(truth, predicted));
  }
}

TEST(ExternalMetrics, AccuracyAgreesWithDenseAssignment) {
  corymb::Random random(5);
  for (int instance = 0; instance < instances / 10; ++instance) {
    SCOPED_TRACE(instance);
    const auto n = static_cast<std::size_t>(random.below(3000) + 1);
    const Integers truth = random_labels(random, n, random.below(60) + 1);
    const Integers predicted = random_labels(random, n, random.below(60) + 1);
    const ContingencyTable table = contingency_table(truth, predicted);
    Eigen::MatrixXd counts = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(table.row_labels.size()),
                                                   static_cast<Eigen::Index>(table.column_labels.size()));
    for (const auto& [row, column, count] : table.cells) counts(row, column) = count;
    const double covered = corymb::linear_assignment(counts, {.maximize = true}).cost;
    EXPECT_EQ(clustering_accuracy(table), covered / table.total);
  }
}

TEST(ExternalMetrics, MappingIsOneToOneAndGivesTheAccuracy) {
  corymb::Random random(6);
  for (int instance = 0; instance < instances; ++instance) {
    SCOPED_TRACE(instance);
    const auto [truth, predicted] = random_pair(random, 12);
    const corymb::LabelMatching matching = match_labels(truth, predicted);
    std::map<std::int64_t, std::int64_t> mapped;
    Integers labels, used;
    for (const auto& match : matching.mapping) {
      labels.push_back(match.predicted);
      if (!match.truth) continue;
      mapped[match.predicted] = *match.truth;
      used.push_back(*match.truth);
    }
    EXPECT_EQ(labels, contingency_table(truth, predicted).column_labels);
    std::sort(used.begin(), used.end());
    EXPECT_EQ(std::adjacent_find(used.begin(), used.end()), used.end());
    double hits = 0;
    std::map<std::int64_t, double> hits_of;
    for (std::size_t i = 0; i < truth.size(); ++i)
      if (const auto match = mapped.find(predicted[i]); match != mapped.end() && match->second == truth[i]) {
        ++hits;
        ++hits_of[predicted[i]];
      }
    EXPECT_EQ(hits_of.size(), mapped.size()) << "a matched pair has no point in common";
    EXPECT_EQ(matching.accuracy, hits / static_cast<double>(truth.size()));
    EXPECT_EQ(clustering_accuracy(truth, predicted), matching.accuracy);
  }
}

TEST(ExternalMetrics, MappingByHand) {
  // 7 meets only class 0, which 5 has more of; 9 takes class 2 although class 0 is its larger part.
  const Integers truth{0, 0, 0, 0, 0, 0, 0, 2, 2}, predicted{5, 5, 5, 7, 9, 9, 9, 9, 9};
  const corymb::LabelMatching matching = match_labels(truth, predicted);
  EXPECT_DOUBLE_EQ(matching.accuracy, 5.0 / 9);
  ASSERT_EQ(matching.mapping.size(), 3U);
  EXPECT_EQ(matching.mapping[0].predicted, 5);
  EXPECT_EQ(matching.mapping[0].truth, 0);
  EXPECT_EQ(matching.mapping[1].predicted, 7);
  EXPECT_EQ(matching.mapping[1].truth, std::nullopt);
  EXPECT_EQ(matching.mapping[2].predicted, 9);
  EXPECT_EQ(matching.mapping[2].truth, 2);
}

struct Golden {
  std::size_t n;
  std::uint64_t classes, clusters, agreement;
  double ari, nmi, accuracy;
};

// By golden.py.
constexpr Golden golden[] = {
    {10, 2, 3, 50, 0.3697478991596639, 0.4425910291438233, 0.8},
    {100, 5, 5, 80, 0.6077644458235139, 0.617406779664467, 0.82},
    {1000, 10, 4, 60, 0.18563316690459147, 0.2551970356356545, 0.319},
    {1000, 3, 40, 30, 0.09708611470653786, 0.1124205981080212, 0.304},
    {5000, 70, 60, 90, 0.7029077227074385, 0.8506900517655027, 0.777},
    {100000, 8, 9, 70, 0.5014467506239756, 0.4819728976826008, 0.73303},
};

TEST(ExternalMetrics, GoldenValuesOfScikitLearn) {
  for (const Golden& expected : golden) {
    SCOPED_TRACE(expected.n);
    std::uint64_t state = 1;
    const auto draw = [&state](std::uint64_t bound) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      return static_cast<std::int64_t>((state >> 33) % bound);
    };
    Integers truth(expected.n), predicted(expected.n);
    for (std::size_t i = 0; i < expected.n; ++i) {
      truth[i] = draw(expected.classes);
      const bool agrees = draw(100) < static_cast<std::int64_t>(expected.agreement);
      const std::int64_t other = draw(expected.clusters);
      predicted[i] = 7 * (agrees ? truth[i] % static_cast<std::int64_t>(expected.clusters) : other) - 3;
    }
    const ContingencyTable table = contingency_table(truth, predicted);
    EXPECT_NEAR(adjusted_rand_index(table), expected.ari, 1e-12 * expected.ari);
    EXPECT_NEAR(normalized_mutual_information(table), expected.nmi, 1e-12 * expected.nmi);
    EXPECT_DOUBLE_EQ(clustering_accuracy(table), expected.accuracy);
  }
}

ContingencyTable two_by_two(double a, double b, double c, double d) {
  return {.total = a + b + c + d,
          .row_labels = {0, 1},
          .column_labels = {0, 1},
          .row_sums = {a + b, c + d},
          .column_sums = {a + c, b + d},
          .cells = {{0, 0, a}, {0, 1, b}, {1, 0, c}, {1, 1, d}}};
}

TEST(ExternalMetrics, TenThousandMillionPoints) {  // values by golden.py, in exact integers
  const ContingencyTable similar = two_by_two(4e9, 1e9, 2e9, 3e9);
  EXPECT_NEAR(adjusted_rand_index(similar), 0.15999999991936, 1e-14);
  EXPECT_EQ(clustering_accuracy(similar), 0.7);
  const ContingencyTable unrelated = two_by_two(2500000001, 2499999999, 2499999999, 2500000001);
  EXPECT_NEAR(adjusted_rand_index(unrelated), -9.999999986e-11, 1e-12 * 1e-10);
  EXPECT_NEAR(normalized_mutual_information(unrelated), 0, 1e-15);
}

TEST(ExternalMetrics, ThreeThousandMillionPairs) {
  // 80000 points of one class in one cluster have 3.2e9 pairs; one more point in both labelings moves alone.
  Integers truth(80001, 0), predicted(80001, 4);
  truth[0] = 1;
  predicted[1] = 5;
  const double n = 80001, in_class = 80000.0 * 79999, both = 79999.0 * 79998, pairs = n * (n - 1);
  const double expected = in_class * in_class / pairs;
  EXPECT_NEAR(adjusted_rand_index(truth, predicted), (both - expected) / (in_class - expected), 1e-9);
}

TEST(ExternalMetrics, OnePartition) {  // as scikit-learn, whose accuracy_score alone is NaN for n = 0
  const std::pair<Integers, Integers> cases[] = {
      {{}, {}}, {{5}, {-9}}, {{0, 0, 0}, {1, 1, 1}}, {{0, 1, 2}, {5, 3, 4}}, {{-1, 7, -1, 7, 2}, {7, 0, 7, 0, -1}}};
  for (const auto& [truth, predicted] : cases) {
    SCOPED_TRACE(truth.size());
    EXPECT_EQ(adjusted_rand_index(truth, predicted), 1);
    EXPECT_EQ(normalized_mutual_information(truth, predicted), 1);
    EXPECT_EQ(clustering_accuracy(truth, predicted), 1);
  }
  EXPECT_TRUE(match_labels(Integers{}, Integers{}).mapping.empty());
}

TEST(ExternalMetrics, NothingInCommon) {  // as scikit-learn
  EXPECT_EQ(adjusted_rand_index(Integers{0, 0, 0}, Integers{0, 1, 2}), 0);
  EXPECT_EQ(adjusted_rand_index(Integers{0, 1, 2}, Integers{0, 0, 0}), 0);
  EXPECT_EQ(adjusted_rand_index(Integers{0, 0, 1, 1}, Integers{0, 1, 0, 1}), -0.5);
  EXPECT_EQ(normalized_mutual_information(Integers{0, 0, 0}, Integers{0, 1, 2}), 0);
  EXPECT_EQ(normalized_mutual_information(Integers{0, 1, 2}, Integers{0, 0, 0}), 0);
  EXPECT_EQ(normalized_mutual_information(Integers{0, 0, 1, 1}, Integers{0, 1, 0, 1}), 0);
  EXPECT_DOUBLE_EQ(clustering_accuracy(Integers{0, 0, 0}, Integers{0, 1, 2}), 1.0 / 3);
}

TEST(ExternalMetrics, SymmetryOrderAndNames) {
  corymb::Random random(7);
  for (int instance = 0; instance < instances / 3; ++instance) {
    SCOPED_TRACE(instance);
    const auto [truth, predicted] = random_pair(random, 10);
    const double ari = adjusted_rand_index(truth, predicted), nmi = normalized_mutual_information(truth, predicted);
    const double accuracy = clustering_accuracy(truth, predicted);
    EXPECT_EQ(adjusted_rand_index(predicted, truth), ari);
    EXPECT_NEAR(normalized_mutual_information(predicted, truth), nmi, 1e-14);
    EXPECT_EQ(clustering_accuracy(predicted, truth), accuracy);
    EXPECT_LE(ari, 1);
    EXPECT_GE(ari, -0.5);
    EXPECT_LE(nmi, 1);
    EXPECT_GE(nmi, 0);

    // Other names in another order, and the points reversed.
    Integers renamed = predicted, reversed = truth;
    for (auto& label : renamed) label = 1000 - 13 * label;
    std::reverse(renamed.begin(), renamed.end());
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(adjusted_rand_index(reversed, renamed), ari);
    EXPECT_NEAR(normalized_mutual_information(reversed, renamed), nmi, 1e-14);
    EXPECT_EQ(clustering_accuracy(reversed, renamed), accuracy);

    EXPECT_EQ(adjusted_rand_index(truth, truth), 1);
    EXPECT_EQ(normalized_mutual_information(truth, truth), 1);
    EXPECT_EQ(clustering_accuracy(truth, truth), 1);
  }
}

TEST(ExternalMetrics, AdjustedForChance) {
  corymb::Random random(8);
  double sum = 0;
  constexpr int labelings = 2000;
  for (int i = 0; i < labelings; ++i) {
    Integers truth(30), predicted(30);
    for (auto& label : truth) label = random.below(3);
    for (auto& label : predicted) label = random.below(4);
    sum += adjusted_rand_index(truth, predicted);
  }
  EXPECT_NEAR(sum / labelings, 0, 0.005);  // the standard deviation of one is about 0.03
}

TEST(ExternalMetrics, ManyClustersNeedNoDenseMatrix) {
  // A hundred thousand pairs of points in a ring: clusters overlap two classes each, and none is covered fully.
  constexpr std::int64_t clusters = 100000;
  Integers truth, predicted;
  for (std::int64_t i = 0; i < clusters; ++i)
    for (const std::int64_t shift : {0, 0, 1}) {
      truth.push_back(i);
      predicted.push_back((i + shift) % clusters);
    }
  EXPECT_DOUBLE_EQ(clustering_accuracy(truth, predicted), 2.0 / 3);
}

TEST(ExternalMetrics, LengthsThatDiffer) {
  const std::vector<int> truth(3), predicted(1000);
  const std::string rest = ": truth has 3 labels, predicted has 1000; they must have the same length";
  EXPECT_EQ(message_of([&] { adjusted_rand_index(truth, predicted); }), "corymb::adjusted_rand_index" + rest);
  EXPECT_EQ(message_of([&] { normalized_mutual_information(truth, predicted); }),
            "corymb::normalized_mutual_information" + rest);
  EXPECT_EQ(message_of([&] { match_labels(truth, predicted); }), "corymb::match_labels" + rest);
  EXPECT_EQ(message_of([&] { clustering_accuracy(truth, predicted); }), "corymb::clustering_accuracy" + rest);
}

TEST(ExternalMetrics, TablesThatDoNotFitTogether) {
  const auto expect_rejected = [](const std::string& rule, auto&& change) {
    ContingencyTable table = two_by_two(1, 2, 3, 4);
    EXPECT_NO_THROW(adjusted_rand_index(table));
    change(table);
    EXPECT_EQ(message_of([&] { adjusted_rand_index(table); }),
              "corymb::adjusted_rand_index: the contingency table " + rule);
  };
  expect_rejected("must have one sum for every label", [](auto& table) { table.row_sums.pop_back(); });
  expect_rejected("must have one sum for every label", [](auto& table) { table.column_labels.push_back(2); });
  expect_rejected("has a cell outside of its rows and columns", [](auto& table) { table.cells[3].row = 2; });
  expect_rejected("has a cell outside of its rows and columns", [](auto& table) { table.cells[0].column = -1; });
  expect_rejected("must have positive counts in its cells", [](auto& table) { table.cells[1].count = 0; });
  expect_rejected("must have positive counts in its cells", [](auto& table) { table.cells[1].count = NAN; });
  expect_rejected("must have its cells in ascending order, each one once",
                  [](auto& table) { std::swap(table.cells[1], table.cells[2]); });
  expect_rejected("must have its cells in ascending order, each one once",
                  [](auto& table) { table.cells[1] = table.cells[0]; });
  expect_rejected("must have a cell in every row and column", [](auto& table) {
    table.row_labels.push_back(2);
    table.row_sums.push_back(0);
  });
  const std::string sums = "must have the sums of its cells as row sums, column sums and total";
  expect_rejected(sums, [](auto& table) { table.row_sums[0] = 4; });
  expect_rejected(sums, [](auto& table) { table.column_sums[1] = 5; });
  expect_rejected(sums, [](auto& table) { table.total = NAN; });
}

}  // namespace
