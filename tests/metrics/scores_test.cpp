#include <corymb/metrics/external.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "metrics/oracle.hpp"
#include "support/message_of.hpp"

// All scores against their definitions, and the identities that hold between them.

namespace scores_test {
namespace {

using namespace corymb_test;
using corymb::ContingencyTable;
using corymb::ExternalScores;
using corymb::Normalizer;

constexpr Normalizer all_normalizers[] = {Normalizer::arithmetic, Normalizer::geometric, Normalizer::min,
                                          Normalizer::max, Normalizer::joint};

template <class Check>
void for_random_pairs(std::uint64_t seed, const Check& check) {
  corymb::Random random(seed);
  for (int instance = 0; instance < score_instances; ++instance) {
    SCOPED_TRACE(instance);
    const auto [truth, predicted] = random_pair(random, 8);
    check(truth, predicted);
    if (::testing::Test::HasFailure()) return;
  }
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 1; }

TEST(Scores, OfPairs) {
  for_random_pairs(11, [](const Integers& truth, const Integers& predicted) {
    const PairsByDefinition p(truth, predicted);
    const auto confusion = corymb::pair_confusion(truth, predicted);
    EXPECT_EQ(confusion.both, p.both);
    EXPECT_EQ(confusion.truth_only, p.truth_only);
    EXPECT_EQ(confusion.predicted_only, p.predicted_only);
    EXPECT_EQ(confusion.neither, p.neither);
    const double all = p.both + p.truth_only + p.predicted_only + p.neither;
    const double precision = ratio(p.both, p.both + p.predicted_only), recall = ratio(p.both, p.both + p.truth_only);
    EXPECT_DOUBLE_EQ(corymb::rand_index(truth, predicted), ratio(p.both + p.neither, all));
    EXPECT_DOUBLE_EQ(corymb::pair_precision(truth, predicted), precision);
    EXPECT_DOUBLE_EQ(corymb::pair_recall(truth, predicted), recall);
    EXPECT_NEAR(corymb::pair_f_score(truth, predicted),
                precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0, 1e-15);
    EXPECT_DOUBLE_EQ(corymb::pair_jaccard(truth, predicted), ratio(p.both, p.both + p.truth_only + p.predicted_only));
    EXPECT_DOUBLE_EQ(corymb::fowlkes_mallows_index(truth, predicted), std::sqrt(precision * recall));
  });
}

TEST(Scores, OfInformation) {
  for_random_pairs(12, [](const Integers& truth, const Integers& predicted) {
    const double t = entropy_of(distribution(truth)), p = entropy_of(distribution(predicted));
    const double both = entropy_of(joint(truth, predicted)), mutual = t + p - both;
    const auto h = corymb::label_information(truth, predicted);
    EXPECT_NEAR(h.truth_entropy, t, 1e-14);
    EXPECT_NEAR(h.predicted_entropy, p, 1e-14);
    EXPECT_NEAR(h.truth_given_predicted, both - p, 1e-14);
    EXPECT_NEAR(h.predicted_given_truth, both - t, 1e-14);
    EXPECT_NEAR(h.mutual_information, mutual, 1e-14);
    EXPECT_NEAR(corymb::variation_of_information(truth, predicted), 2 * both - t - p, 1e-14);

    const double homogeneity = t > 1e-12 ? mutual / t : 1, completeness = p > 1e-12 ? mutual / p : 1;
    EXPECT_NEAR(corymb::homogeneity(truth, predicted), homogeneity, 1e-12);
    EXPECT_NEAR(corymb::completeness(truth, predicted), completeness, 1e-12);
    for (const double beta : {0.0, 0.5, 1.0, 3.0}) {
      const double scale = beta * homogeneity + completeness;
      EXPECT_NEAR(corymb::v_measure(truth, predicted, beta),
                  scale > 1e-12 ? (1 + beta) * homogeneity * completeness / scale : 0, 1e-11);
    }
    const bool same = corymb::variation_of_information(truth, predicted) == 0;
    const std::map<Normalizer, double> scales = {{Normalizer::arithmetic, (t + p) / 2},
                                                 {Normalizer::geometric, std::sqrt(std::max(t * p, 0.0))},
                                                 {Normalizer::min, std::min(t, p)},
                                                 {Normalizer::max, std::max(t, p)},
                                                 {Normalizer::joint, both}};
    for (const auto& [normalizer, scale] : scales)
      EXPECT_NEAR(corymb::normalized_mutual_information(truth, predicted, normalizer),
                  same           ? 1
                  : scale > 1e-7 ? mutual / scale
                                 : 0,
                  1e-11);
  });
}

TEST(Scores, ExpectedInformationIsTheMeanOverAllOrders) {
  corymb::Random random(13);
  for (int instance = 0; instance < score_instances / 3; ++instance) {
    SCOPED_TRACE(instance);
    const auto n = static_cast<std::size_t>(random.below(8) + 1);
    const Integers truth = random_labels(random, n, random.below(4) + 1);
    const Integers predicted = random_labels(random, n, random.below(4) + 1);
    const double expected = expected_information_by_permutations(truth, predicted);
    EXPECT_NEAR(corymb::expected_mutual_information(truth, predicted), expected, 1e-14);
    const auto h = corymb::label_information(truth, predicted);
    if (corymb::variation_of_information(truth, predicted) == 0) {
      EXPECT_EQ(corymb::adjusted_mutual_information(truth, predicted), 1);
      continue;
    }
    const double room = (h.truth_entropy + h.predicted_entropy) / 2 - expected;
    EXPECT_NEAR(corymb::adjusted_mutual_information(truth, predicted),
                room > 1e-12 ? (h.mutual_information - expected) / room : 0, 1e-12);
  }
}

TEST(Scores, OfOverlap) {
  for_random_pairs(14, [](const Integers& truth, const Integers& predicted) {
    const auto n = static_cast<double>(truth.size());
    const std::set<std::int64_t> classes(truth.begin(), truth.end()), clusters(predicted.begin(), predicted.end());
    const auto common = [&](std::int64_t t, std::int64_t p) {
      double count = 0;
      for (std::size_t i = 0; i < truth.size(); ++i) count += truth[i] == t && predicted[i] == p;
      return count;
    };
    const auto size = [](const Integers& labels, std::int64_t label) {
      return static_cast<double>(std::count(labels.begin(), labels.end(), label));
    };
    double purity = 0, inverse_purity = 0, f_measure = 0, precision = 0, recall = 0;
    for (const auto p : clusters) {
      double most = 0;
      for (const auto t : classes) most = std::max(most, common(t, p));
      purity += most / n;
    }
    for (const auto t : classes) {
      double most = 0, best = 0;
      for (const auto p : clusters) {
        most = std::max(most, common(t, p));
        best = std::max(best, 2 * common(t, p) / (size(truth, t) + size(predicted, p)));
      }
      inverse_purity += most / n;
      f_measure += size(truth, t) / n * best;
    }
    for (std::size_t i = 0; i < truth.size(); ++i) {
      precision += common(truth[i], predicted[i]) / size(predicted, predicted[i]) / n;
      recall += common(truth[i], predicted[i]) / size(truth, truth[i]) / n;
    }
    EXPECT_NEAR(corymb::purity(truth, predicted), purity, 1e-14);
    EXPECT_NEAR(corymb::inverse_purity(truth, predicted), inverse_purity, 1e-14);
    EXPECT_NEAR(corymb::f_measure(truth, predicted), f_measure, 1e-14);
    const auto b = corymb::bcubed(truth, predicted);
    EXPECT_NEAR(b.precision, precision, 1e-14);
    EXPECT_NEAR(b.recall, recall, 1e-14);
    EXPECT_NEAR(b.f_score, 2 * precision * recall / (precision + recall), 1e-14);
  });
}

/// By name, for what holds for all of them.
std::map<std::string, double> by_name(const ExternalScores& s) {
  return {{"rand_index", s.rand_index},
          {"adjusted_rand_index", s.adjusted_rand_index},
          {"pair_precision", s.pair_precision},
          {"pair_recall", s.pair_recall},
          {"pair_f_score", s.pair_f_score},
          {"pair_jaccard", s.pair_jaccard},
          {"fowlkes_mallows_index", s.fowlkes_mallows_index},
          {"mutual_information", s.mutual_information},
          {"normalized_mutual_information", s.normalized_mutual_information},
          {"adjusted_mutual_information", s.adjusted_mutual_information},
          {"homogeneity", s.homogeneity},
          {"completeness", s.completeness},
          {"v_measure", s.v_measure},
          {"variation_of_information", s.variation_of_information},
          {"clustering_accuracy", s.clustering_accuracy},
          {"purity", s.purity},
          {"inverse_purity", s.inverse_purity},
          {"f_measure", s.f_measure},
          {"bcubed.precision", s.bcubed.precision},
          {"bcubed.recall", s.bcubed.recall},
          {"bcubed.f_score", s.bcubed.f_score}};
}

void expect_near(const ExternalScores& a, const ExternalScores& b, double tolerance) {
  const auto other = by_name(b);
  for (const auto& [name, value] : by_name(a)) EXPECT_NEAR(value, other.at(name), tolerance) << name;
}

TEST(Scores, AllAtOnceAreTheSingleOnes) {
  for_random_pairs(15, [](const Integers& truth, const Integers& predicted) {
    const ContingencyTable table = corymb::contingency_table(truth, predicted);
    const auto all = by_name(corymb::external_scores(truth, predicted));
    const std::map<std::string, double> single = {
        {"rand_index", corymb::rand_index(table)},
        {"adjusted_rand_index", corymb::adjusted_rand_index(table)},
        {"pair_precision", corymb::pair_precision(table)},
        {"pair_recall", corymb::pair_recall(table)},
        {"pair_f_score", corymb::pair_f_score(table)},
        {"pair_jaccard", corymb::pair_jaccard(table)},
        {"fowlkes_mallows_index", corymb::fowlkes_mallows_index(table)},
        {"mutual_information", corymb::label_information(table).mutual_information},
        {"normalized_mutual_information", corymb::normalized_mutual_information(table)},
        {"adjusted_mutual_information", corymb::adjusted_mutual_information(table)},
        {"homogeneity", corymb::homogeneity(table)},
        {"completeness", corymb::completeness(table)},
        {"v_measure", corymb::v_measure(table)},
        {"variation_of_information", corymb::variation_of_information(table)},
        {"clustering_accuracy", corymb::clustering_accuracy(table)},
        {"purity", corymb::purity(table)},
        {"inverse_purity", corymb::inverse_purity(table)},
        {"f_measure", corymb::f_measure(table)},
        {"bcubed.precision", corymb::bcubed(table).precision},
        {"bcubed.recall", corymb::bcubed(table).recall},
        {"bcubed.f_score", corymb::bcubed(table).f_score}};
    EXPECT_EQ(all, single);
  });
}

TEST(Scores, SymmetryAndBounds) {
  for_random_pairs(16, [](const Integers& truth, const Integers& predicted) {
    const ExternalScores s = corymb::external_scores(truth, predicted), t = corymb::external_scores(predicted, truth);
    ExternalScores swapped = t;
    std::swap(swapped.pair_precision, swapped.pair_recall);
    std::swap(swapped.homogeneity, swapped.completeness);
    std::swap(swapped.purity, swapped.inverse_purity);
    std::swap(swapped.bcubed.precision, swapped.bcubed.recall);
    swapped.f_measure = s.f_measure;  // the only one that has no mirror image
    expect_near(s, swapped, 1e-13);
    for (const auto& [name, value] : by_name(s)) {
      if (name.starts_with("mutual") || name.starts_with("variation")) {
        EXPECT_GE(value, 0) << name;
        EXPECT_LE(value, std::log(static_cast<double>(truth.size())) + 1e-12) << name;
      } else {
        EXPECT_LE(value, 1) << name;
        EXPECT_GE(value, name.starts_with("adjusted") ? -1 : 0) << name;
      }
    }
    for (const Normalizer normalizer : all_normalizers)
      EXPECT_LE(corymb::adjusted_mutual_information(truth, predicted, normalizer), 1);
  });
}

TEST(Scores, DoNotDependOnNamesAndOrder) {
  corymb::Random random(17);
  for (int instance = 0; instance < score_instances / 3; ++instance) {
    SCOPED_TRACE(instance);
    auto [truth, predicted] = random_pair(random, 6);
    const ExternalScores before = corymb::external_scores(truth, predicted);
    std::vector<std::size_t> order(truth.size());
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
    Integers new_truth, new_predicted;
    for (const std::size_t i : order) {
      new_truth.push_back(-1000 * truth[i] + 7);
      new_predicted.push_back((std::int64_t{1} << 33) - predicted[i]);
    }
    expect_near(corymb::external_scores(new_truth, new_predicted), before, 1e-13);
  }
}

TEST(Scores, EqualPartitionsAndDegenerateOnes) {
  const auto expect_perfect = [](const Integers& truth, const Integers& predicted) {
    const ExternalScores s = corymb::external_scores(truth, predicted);
    for (const auto& [name, value] : by_name(s)) {
      if (name == "mutual_information") continue;
      EXPECT_EQ(value, name == "variation_of_information" ? 0 : 1) << name;
    }
    for (const Normalizer normalizer : all_normalizers) {
      EXPECT_EQ(corymb::normalized_mutual_information(truth, predicted, normalizer), 1);
      EXPECT_EQ(corymb::adjusted_mutual_information(truth, predicted, normalizer), 1);
    }
  };
  expect_perfect({}, {});
  expect_perfect({5}, {-1});
  expect_perfect({1, 1, 1}, {2, 2, 2});
  expect_perfect({1, 2, 3}, {6, 5, 4});
  expect_perfect({1, 2, 1, 3}, {0, 7, 0, -1});

  // One cluster against singletons, both ways: nothing is shared, and nothing could be by chance.
  const Integers one = {1, 1, 1, 1}, singletons = {1, 2, 3, 4};
  const ExternalScores s = corymb::external_scores(one, singletons);
  EXPECT_EQ(s.rand_index, 0);
  EXPECT_EQ(s.adjusted_rand_index, 0);
  EXPECT_EQ(s.pair_precision, 1);
  EXPECT_EQ(s.pair_recall, 0);
  EXPECT_EQ(s.fowlkes_mallows_index, 0);
  EXPECT_EQ(s.homogeneity, 1);
  EXPECT_EQ(s.completeness, 0);
  EXPECT_EQ(s.v_measure, 0);
  EXPECT_EQ(s.purity, 1);
  EXPECT_EQ(s.inverse_purity, 0.25);
  for (const Normalizer normalizer : all_normalizers) {
    EXPECT_EQ(corymb::normalized_mutual_information(one, singletons, normalizer), 0);
    EXPECT_EQ(corymb::adjusted_mutual_information(one, singletons, normalizer), 0);
    EXPECT_EQ(corymb::adjusted_mutual_information(singletons, one, normalizer), 0);
  }
  // Singletons against any other partition: the information is all there is, and all that chance gives.
  EXPECT_EQ(corymb::adjusted_mutual_information(singletons, Integers{1, 1, 2, 2}), 0);
}

TEST(Scores, AdjustedOnesHaveMeanZeroOverRandomLabelings) {
  corymb::Random random(18);
  constexpr int draws = 2000, n = 60;
  double ari = 0, ami = 0, ari_square = 0, ami_square = 0;
  for (int draw = 0; draw < draws; ++draw) {
    Integers truth(n), predicted(n);
    for (auto& label : truth) label = random.below(4);
    for (auto& label : predicted) label = random.below(7);
    const double a = corymb::adjusted_rand_index(truth, predicted);
    const double b = corymb::adjusted_mutual_information(truth, predicted);
    ari += a;
    ami += b;
    ari_square += a * a;
    ami_square += b * b;
  }
  EXPECT_LT(std::abs(ari), 4 * std::sqrt(ari_square));  // four standard errors of a sum
  EXPECT_LT(std::abs(ami), 4 * std::sqrt(ami_square));
  EXPECT_GT(corymb::normalized_mutual_information(Integers{0, 1, 0, 1, 2, 2}, Integers{0, 1, 1, 0, 2, 3}), 0.3);
}

TEST(Scores, ManyPairsDoNotOverflow) {
  // 80 000 points in one cluster: 3 199 960 000 pairs, more than 32 bits hold.
  const Integers one(80'000, 3);
  Integers two(80'000, 4);
  two[0] = 5;
  const auto pairs = corymb::pair_confusion(one, two);
  EXPECT_EQ(pairs.both, 79'999.0 * 79'998 / 2);
  EXPECT_EQ(pairs.truth_only, 79'999);
  EXPECT_EQ(pairs.predicted_only, 0);
  EXPECT_EQ(pairs.neither, 0);
  EXPECT_DOUBLE_EQ(corymb::rand_index(one, two), 79'998.0 / 80'000);
}

TEST(Scores, SoftTablesGiveAllButTheAdjustedInformation) {
  Eigen::MatrixXd U(3, 2), V(3, 2);
  U << 1, 0, 0.25, 0.75, 0, 1;
  V << 0.5, 0.5, 0, 1, 0.125, 0.875;
  const ContingencyTable table = corymb::soft_contingency_table(U, V);
  EXPECT_EQ(message_of([&] { corymb::adjusted_mutual_information(table); }),
            "corymb::adjusted_mutual_information: the contingency table must have whole counts");
  const auto scores = corymb::external_scores(table);
  EXPECT_TRUE(std::isnan(scores.adjusted_mutual_information));
  for (const auto& [name, value] : by_name(scores)) {
    if (name == "adjusted_mutual_information") continue;
    EXPECT_TRUE(std::isfinite(value)) << name;
  }
}

TEST(Scores, BadArguments) {
  const Integers a(3), b(2);
  const std::string rest = ": truth has 3 labels, predicted has 2; they must have the same length";
  EXPECT_EQ(message_of([&] { corymb::external_scores(a, b); }), "corymb::external_scores" + rest);
  EXPECT_EQ(message_of([&] { corymb::rand_index(a, b); }), "corymb::rand_index" + rest);
  EXPECT_EQ(message_of([&] { corymb::pair_confusion(a, b); }), "corymb::pair_confusion" + rest);
  EXPECT_EQ(message_of([&] { corymb::adjusted_mutual_information(a, b); }),
            "corymb::adjusted_mutual_information" + rest);
  EXPECT_EQ(message_of([&] { corymb::v_measure(a, b); }), "corymb::v_measure" + rest);
  EXPECT_EQ(message_of([&] { corymb::bcubed(a, b); }), "corymb::bcubed" + rest);
  EXPECT_EQ(message_of([&] { corymb::v_measure(a, a, -1); }), "corymb::v_measure: beta = -1 must be finite and ≥ 0");
  ContingencyTable table = corymb::contingency_table(a, a);
  table.total = 7;
  EXPECT_EQ(message_of([&] { corymb::purity(table); }),
            "corymb::purity: the contingency table must have the sums of its cells as row sums, column sums and total");
}

// ---- alignment ----

TEST(AlignLabels, KeepsTheNumbersOfTheReference) {
  const Integers reference = {0, 0, 1, 1, 5, 5, -1, 2};
  const Integers labels = {3, 3, 0, 0, 7, 8, 3, -1};
  const corymb::Labels aligned = corymb::align_labels(reference, labels);
  // 7 and 8 share the points of 5 evenly; one of them gets it, the other a number of its own.
  EXPECT_EQ(std::vector<int>(aligned.begin(), aligned.begin() + 4), (std::vector<int>{0, 0, 1, 1}));
  EXPECT_EQ((std::set<int>{aligned[4], aligned[5]}), (std::set<int>{5, 9}));
  EXPECT_EQ(aligned[6], 0);
  EXPECT_EQ(aligned[7], -1);
}

TEST(AlignLabels, UndoesARenumbering) {
  corymb::Random random(19);
  for (int instance = 0; instance < score_instances / 3; ++instance) {
    Integers reference(40);
    for (auto& label : reference) label = random.below(6) - 1;
    std::vector<std::int64_t> names = {4, 0, 17, 2, 9};
    std::vector<int> renamed;
    for (const auto label : reference)
      renamed.push_back(label < 0 ? -1 : static_cast<int>(names[static_cast<std::size_t>(label)]));
    const corymb::Labels aligned = corymb::align_labels(reference, renamed);
    EXPECT_EQ(Integers(aligned.begin(), aligned.end()), reference);
  }
}

TEST(AlignLabels, KeepsThePartitionAndAgreesAsMuchAsAnyRenumberingCan) {
  corymb::Random random(20);
  for (int instance = 0; instance < score_instances; ++instance) {
    auto [reference, labels] = random_pair(random, 5);
    for (auto* side : {&reference, &labels})
      for (auto& label : *side) label += 2;  // from 0
    const corymb::Labels aligned = corymb::align_labels(reference, labels);
    EXPECT_EQ(corymb::variation_of_information(labels, aligned), 0);
    double agree = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) agree += aligned[static_cast<corymb::Index>(i)] == reference[i];
    EXPECT_DOUBLE_EQ(agree / static_cast<double>(labels.size()), corymb::clustering_accuracy(reference, labels));
  }
}

TEST(AlignLabels, BadArguments) {
  const auto align = [](const Integers& reference, const Integers& labels) {
    return message_of([&] { corymb::align_labels(reference, labels); });
  };
  EXPECT_EQ(align({0}, {}),
            "corymb::align_labels: reference has 1 labels, labels has 0; they must have the same length");
  EXPECT_EQ(align({0}, {-2}), "corymb::align_labels: labels[0] = -2 must be in [-1, 2147483647]");
  EXPECT_EQ(align({std::int64_t{1} << 31}, {0}),
            "corymb::align_labels: reference[0] = 2147483648 must be in [-1, 2147483647]");
  EXPECT_EQ(align({2147483647, -1}, {2, 3}), "corymb::align_labels: a label without a match would exceed 2147483647");
  EXPECT_EQ(corymb::align_labels(Integers{}, Integers{}).size(), 0);
}

}  // namespace
}  // namespace scores_test
