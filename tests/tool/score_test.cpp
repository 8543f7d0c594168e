#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tool/tool_test.hpp"

namespace score_test {
namespace {

using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolScore : public corymb_test::ToolTest {};

// The prediction splits the second class, so it tells everything about the classes: I = H(truth) = ln 2, and
// H(predicted) = 1.5 ln 2. Of the 6 pairs, 2 are together in the truth, 1 in the prediction, 1 in both.
TEST_F(ToolScore, PrintsOneJsonObject) {
  write("truth.csv", "1\n1\n0\n0\n");
  write("predicted.csv", "0\n0\n-1\n5\n");
  const Outcome outcome = run({"score", "truth.csv", "predicted.csv", "--json"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  const Json scores = Json::parse(outcome.out);
  // Of the 12 orders of the prediction, 4 tell everything and the others half of it.
  const double expected_information = (4 * 1.0 + 8 * 0.5) / 12 * std::log(2.0);
  const std::map<std::string, double> expected = {
      {"ari", (1 - 1.0 / 3) / (1.5 - 1.0 / 3)},
      {"nmi", 1 / 1.25},
      {"ami", (std::log(2.0) - expected_information) / (1.25 * std::log(2.0) - expected_information)},
      {"v_measure", 1 / 1.25},
      {"homogeneity", 1},
      {"completeness", 1 / 1.5},
      {"fowlkes_mallows", std::sqrt(0.5)},
      {"accuracy", 0.75},
      {"purity", 1},
      {"inverse_purity", 0.75},
      {"f_measure", 0.5 + 0.5 * 2 / 3},
      {"bcubed_precision", 1},
      {"bcubed_recall", 0.75},
      {"bcubed_f", 1.5 / 1.75},
      {"rand", 5.0 / 6},
      {"pair_precision", 1},
      {"pair_recall", 0.5},
      {"pair_f", 2.0 / 3},
      {"pair_jaccard", 0.5},
      {"mutual_information", std::log(2.0)},
      {"variation_of_information", 0.5 * std::log(2.0)}};
  EXPECT_EQ(scores.size(), expected.size());
  for (const auto& [key, value] : expected) EXPECT_NEAR(scores[key].get<double>(), value, 1e-15) << key;
}

TEST_F(ToolScore, PrintsLinesWithoutJson) {
  write("truth.csv", "1\n1\n0\n0\n");
  write("predicted.csv", "0\n0\n-1\n5\n");
  const Outcome outcome = run({"score", "truth.csv", "predicted.csv"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(outcome.out.starts_with("ari:                      0.57143\nnmi:                      0.8\n"))
      << outcome.out;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 21);
}

TEST_F(ToolScore, LeavesTrueNoiseOut) {
  write("truth.csv", "1\n9\n1\n0\n9\n0\n");
  write("predicted.csv", "2\n3\n2\n3\n2\n3\n");
  const Json scores = Json::parse(run({"score", "truth.csv", "predicted.csv", "--truth-noise", "9", "--json"}).out);
  for (const char* key : {"ari", "nmi", "ami", "accuracy", "purity"}) EXPECT_EQ(scores[key], 1) << key;
}

TEST_F(ToolScore, NoiseIsWhatIsAskedFor) {
  write("truth.csv", "0\n0\n1\n1\n1\n1\n");
  write("predicted.csv", "0\n0\n1\n1\n-1\n-1\n");
  const auto recall = [&](const std::string& policy) {
    return Json::parse(run({"score", "truth.csv", "predicted.csv", "--noise", policy, "--json"}).out)["pair_recall"];
  };
  EXPECT_EQ(recall("cluster"), 3.0 / 7);  // of one pair and six
  EXPECT_EQ(recall("drop"), 1);
  EXPECT_EQ(recall("singletons"), 2.0 / 7);
}

}  // namespace
}  // namespace score_test
