#include <corymb/metrics/external.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <vector>

// The code of docs/scores.md.

namespace scores_page {
namespace {

TEST(ScoresPage, Code) {
  const std::vector<int> truth = {0, 0, 1, 1, 2}, labels = {5, 5, 3, 3, -1}, other_labels = {0, 0, 4, 4, 4};
  const auto other_table = corymb::contingency_table(truth, other_labels, {.noise = corymb::NoisePolicy::drop});

  double ari = corymb::adjusted_rand_index(truth, labels);

  // Options belong to the counting: noise, weights, threads.
  const auto table = corymb::contingency_table(truth, labels, {.noise = corymb::NoisePolicy::drop});
  double ami = corymb::adjusted_mutual_information(table, corymb::Normalizer::max);
  corymb::ExternalScores all = corymb::external_scores(table);

  // Which cluster stands for which class, and the second run in the numbers of the first.
  for (const auto& match : corymb::match_labels(table).mapping)
    if (match.truth) std::cout << match.predicted << " is " << *match.truth << '\n';
  const corymb::Labels same_numbers = corymb::align_labels(labels, other_labels);

  // Counted in parts.
  const auto both = corymb::merge_contingency_tables(table, other_table);

  EXPECT_EQ(ari, 1);  // one point alone, on both sides
  EXPECT_EQ(ami, 1);
  EXPECT_EQ(all.clustering_accuracy, 1);
  EXPECT_EQ(same_numbers[0], 5);
  EXPECT_EQ(both.total, 9);
}

}  // namespace
}  // namespace scores_page
