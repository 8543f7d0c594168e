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

#include "metrics/oracle.hpp"
#include "support/message_of.hpp"

namespace external_test {
namespace {

using corymb::adjusted_rand_index;
using corymb::clustering_accuracy;
using corymb::contingency_table;
using corymb::ContingencyTable;
using corymb::match_labels;
using corymb::normalized_mutual_information;
using corymb_test::Integers;
using corymb_test::message_of;
using corymb_test::random_labels;
using corymb_test::random_pair;
using corymb_test::score_instances;

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
  for (int instance = 0; instance < score_instances; ++instance) {
    SCOPED_TRACE(instance);
    const auto [truth, predicted] = random_pair(random, 8);
    EXPECT_NEAR(adjusted_rand_index(truth, predicted), ari_by_pairs(truth, predicted), 1e-12);
    EXPECT_NEAR(normalized_mutual_information(truth, predicted), nmi_by_definition(truth, predicted), 1e-12);
  }
}

TEST(ExternalMetrics, AccuracyIsTheBestOverAllMatchings) {
  corymb::Random random(4);
  for (int instance = 0; instance < score_instances; ++instance) {
    SCOPED_TRACE(instance);
    const auto [truth, predicted] = random_pair(random, 4);
    EXPECT_DOUBLE_EQ(clustering_accuracy(truth, predicted), accuracy_by_permutations(truth, predicted));
  }
}

TEST(ExternalMetrics, AccuracyAgreesWithDenseAssignment) {
  corymb::Random random(5);
  for (int instance = 0; instance < score_instances / 10; ++instance) {
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
  for (int instance = 0; instance < score_instances; ++instance) {
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
  std::int64_t classes, clusters, agreement;
  double scores[18];
};

// By golden.py, in the order of the test.
constexpr Golden golden[] = {
    {10,
     2,
     3,
     50,
     {0.3697478991596639, 0.4425910291438233, 0.8, 0.6666666666666666, 0.30944817304974437, 0.12707773611483777,
      0.4425910291438233, 0.4616397288415392, 0.6183986297702828, 0.34461790338063086, 0.3187757459628433,
      0.3357049299576893, 0.4885035548910762, 0.23657803878007105, 0.6183986297702828, 0.34461790338063086,
      0.40427949138522845, 0.7003009752518536}},
    {100,
     5,
     5,
     80,
     {0.6077644458235139, 0.617406779664467, 0.82, 0.8751515151515151, 0.983187276653628, 0.08737922207531866,
      0.617406779664467, 0.6174071005521722, 0.6180368950330716, 0.6167779478470169, 0.5951946845322487,
      0.5951950118350159, 0.5958374349865133, 0.5945533192980016, 0.6180368950330716, 0.6167779478470169,
      0.6171970266356613, 0.6856593477461188}},
    {1000,
     10,
     4,
     60,
     {0.18563316690459147, 0.2551970356356545, 0.319, 0.7531291291291291, 0.4689015625277456, 0.013631750468909963,
      0.2551970356356545, 0.26360896614147766, 0.3405375256310576, 0.20405882406470727, 0.24963003830089317,
      0.2579220126752126, 0.33394357109618167, 0.1993088597120584, 0.20405882406470727, 0.3405375256310576,
      0.278458051713451, 0.33591911064752067}},
    {1000,
     3,
     40,
     30,
     {0.09708611470653786, 0.1124205981080212, 0.304, 0.6805185185185185, 0.2498376464874948, 0.040901038622120016,
      0.1124205981080212, 0.13052381654559717, 0.22853946952189344, 0.07454496468933415, 0.0957789255471785,
      0.11153908110136757, 0.19855392228822139, 0.06311137145816699, 0.22853946952189344, 0.07454496468933415,
      0.09613826560090757, 0.2621822074084092}},
    {5000,
     70,
     60,
     90,
     {0.7029077227074385, 0.8506900517655027, 0.777, 0.9904804960992198, 3.5255718232102025, 0.46913328632197066,
      0.8506900517655027, 0.8509289798647811, 0.871337085402935, 0.830998864737725, 0.8316310554853567,
      0.831894455253149, 0.8544627338329058, 0.8099877707464487, 0.830998864737725, 0.871337085402935,
      0.8574628089281721, 0.713199503006526}},
    {100000,
     8,
     9,
     70,
     {0.5014467506239756, 0.4819728976826008, 0.73303, 0.8935606972069721, 1.0205918858075398, 0.0002800502419629366,
      0.4819728976826008, 0.48205103838127006, 0.4908098559935528, 0.47344852750372046, 0.4819043778361113,
      0.4819825177618177, 0.49074126997399165, 0.47338011210418274, 0.4908098559935528, 0.47344852750372046,
      0.4790975377603775, 0.5622031370614866}},
};

/// The labelings of golden.py.
std::pair<Integers, Integers> golden_labelings(const Golden& golden_case) {
  std::uint64_t state = 1;
  const auto draw = [&state](std::int64_t bound) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(bound));
  };
  std::pair<Integers, Integers> labels{Integers(golden_case.n), Integers(golden_case.n)};
  for (std::size_t i = 0; i < golden_case.n; ++i) {
    labels.first[i] = draw(golden_case.classes);
    const bool agrees = draw(100) < golden_case.agreement;
    const std::int64_t other = draw(golden_case.clusters);
    labels.second[i] = 7 * (agrees ? labels.first[i] % golden_case.clusters : other) - 3;
  }
  return labels;
}

TEST(ExternalMetrics, GoldenValues) {
  using corymb::Normalizer;
  for (const Golden& expected : golden) {
    SCOPED_TRACE(expected.n);
    const auto [truth, predicted] = golden_labelings(expected);
    const ContingencyTable table = contingency_table(truth, predicted);
    std::vector<double> scores = {adjusted_rand_index(table),
                                  normalized_mutual_information(table),
                                  clustering_accuracy(table),
                                  corymb::rand_index(table),
                                  corymb::label_information(table).mutual_information,
                                  corymb::expected_mutual_information(table)};
    constexpr Normalizer normalizers[] = {Normalizer::arithmetic, Normalizer::geometric, Normalizer::min,
                                          Normalizer::max};
    for (const Normalizer normalizer : normalizers) scores.push_back(normalized_mutual_information(table, normalizer));
    for (const Normalizer normalizer : normalizers)
      scores.push_back(corymb::adjusted_mutual_information(table, normalizer));
    scores.insert(scores.end(), {corymb::homogeneity(table), corymb::completeness(table), corymb::v_measure(table, 2),
                                 corymb::fowlkes_mallows_index(table)});
    ASSERT_EQ(scores.size(), std::size(expected.scores));
    for (std::size_t i = 0; i < scores.size(); ++i)
      EXPECT_NEAR(scores[i], expected.scores[i], 1e-12 * expected.scores[i]) << "score " << i;
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
  for (int instance = 0; instance < score_instances / 3; ++instance) {
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
}  // namespace external_test
