#include <corymb/io/csv.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/transport/balanced_assignment.hpp>
#include <corymb/transport/exact_transport.hpp>
#include <corymb/transport/sinkhorn.hpp>

#include <nlohmann/json.hpp>

#include <string>

#include "support/matrices.hpp"
#include "tool/tool_test.hpp"

// corymb transport: what it shares with kmeans is tested there.
namespace transport_tool_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using corymb_test::same_matrix;
using Json = nlohmann::ordered_json;

class ToolTransport : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    Random random(1);
    cost_ = corymb_test::normal_matrix<double>(random, 20, 4).cwiseAbs();
    write_npy("cost.npy", cost_);
  }

  Json report_of(Arguments arguments) const {
    arguments.insert(arguments.begin(), {"transport", "cost.npy"});
    arguments.insert(arguments.end(), {"--plan", "plan.npy", "--labels", "labels.csv", "--json"});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return Json::parse(outcome.out);
  }

  RowMatrix<double> cost_;
};

TEST_F(ToolTransport, DoesWhatTheLibraryDoes) {
  write(
      "a.csv", "0\n" + [] {
        std::string rows;
        for (int i = 1; i < 20; ++i) rows += std::to_string(i) + "\n";
        return rows;
      }());
  write("b.csv", "10\n20\n60\n100\n");
  Vector a(20), b(4);
  for (int i = 0; i < 20; ++i) a[i] = i;
  b << 10, 20, 60, 100;
  const auto expected =
      sinkhorn(cost_, a, b, {.epsilon = 0.1, .algorithm = SinkhornAlgorithm::scaling, .max_iterations = 77});
  const Json report = report_of({"--row-mass", "a.csv", "--column-mass", "b.csv", "--epsilon", "0.1", "--algorithm",
                                 "scaling", "--max-iterations", "77"});
  EXPECT_TRUE(same_matrix(read_npy<double>("plan.npy"), expected.plan));
  EXPECT_EQ(report["algorithm"], "transport");
  EXPECT_EQ(report["n"], 20);
  EXPECT_EQ(report["d"], 4);
  EXPECT_EQ(report["objective"], expected.objective);
  EXPECT_EQ(report["cost"], expected.cost);
  EXPECT_EQ(report["iterations"], expected.iterations);
  EXPECT_EQ(report["column_error"], expected.column_error);
  EXPECT_EQ(read_labels("labels.csv").size(), 20);
}

TEST_F(ToolTransport, RelaxedPartialAndExact) {
  const auto relaxed = sinkhorn(cost_, {}, {}, {.rows = RelaxedMass{2}, .columns = RelaxedMass{3}, .total_mass = 0.5});
  report_of({"--row-constraint", "relaxed", "--row-strength", "2", "--column-constraint", "relaxed",
             "--column-strength", "3", "--total-mass", "0.5"});
  EXPECT_TRUE(same_matrix(read_npy<double>("plan.npy"), relaxed.plan));
  const auto exact = exact_transport(cost_);
  EXPECT_EQ(report_of({"--algorithm", "exact"})["cost"], exact.cost);
  EXPECT_TRUE(same_matrix(read_npy<double>("plan.npy"), dense_plan(exact)));
}

TEST_F(ToolTransport, KeepsSizes) {
  const auto expected = balanced_assignment(
      cost_, {.min_size = {2, 3, 4, 5}, .max_size = {6}, .algorithm = SinkhornAlgorithm::log_domain});
  const Json report = report_of({"--min-size", "2,3,4,5", "--max-size", "6"});
  EXPECT_EQ(report["objective"], expected.cost);
  EXPECT_EQ(read_labels("labels.csv"), expected.labels);
  EXPECT_EQ(report_of({"--equal-sizes"})["largest"], 5);
}

TEST_F(ToolTransport, SaysWhatIsWrong) {
  const auto error_of = [&](const Arguments& arguments) {
    Arguments all = {"transport", "cost.npy"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Outcome outcome = run(all);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    return outcome.err;
  };
  EXPECT_NE(error_of({"--epsilon", "0"}).find("epsilon = 0 must be finite and > 0"), std::string::npos);
  EXPECT_NE(error_of({"--max-size", "4"}).find("max_size = 4 for 4 clusters leaves room for 16 of n = 20 rows"),
            std::string::npos);
  EXPECT_NE(error_of({"--max-size", "4,x"}).find("--max-size \"x\" must be whole numbers"), std::string::npos);
  EXPECT_NE(
      error_of({"--algorithm", "exact", "--row-constraint", "free"}).find("--algorithm exact takes exact masses only"),
      std::string::npos);
  write("b.csv", "1\n2\n");
  EXPECT_NE(error_of({"--column-mass", "b.csv"}).find("column_mass has 2 entries, cost has 4 columns"),
            std::string::npos);
}

}  // namespace
}  // namespace transport_tool_test
