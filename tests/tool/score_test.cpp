#include <cmath>
#include <nlohmann/json.hpp>

#include "tool/tool_test.hpp"

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
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_NEAR(scores["ari"].get<double>(), (1 - 1.0 / 3) / (1.5 - 1.0 / 3), 1e-15);
  EXPECT_NEAR(scores["nmi"].get<double>(), 1 / 1.25, 1e-15);
  EXPECT_EQ(scores["accuracy"], 0.75);
}

TEST_F(ToolScore, PrintsLinesWithoutJson) {
  write("truth.csv", "1\n1\n0\n0\n");
  write("predicted.csv", "0\n0\n-1\n5\n");
  const Outcome outcome = run({"score", "truth.csv", "predicted.csv"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "ari:      0.57143\nnmi:      0.8\naccuracy: 0.75\n");
}

TEST_F(ToolScore, LeavesTrueNoiseOut) {
  write("truth.csv", "1\n9\n1\n0\n9\n0\n");
  write("predicted.csv", "2\n3\n2\n3\n2\n3\n");
  const Outcome outcome = run({"score", "truth.csv", "predicted.csv", "--truth-noise", "9"});
  EXPECT_EQ(outcome.out, "ari:      1\nnmi:      1\naccuracy: 1\n");
}

}  // namespace
