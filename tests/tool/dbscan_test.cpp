#include <corymb/datasets/bundled.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>

#include <nlohmann/json.hpp>

#include <limits>
#include <string>
#include <vector>

#include "tool/tool_test.hpp"

// corymb dbscan: what it shares with kmeans is tested there.
namespace dbscan_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolDbscan : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    points_ = iris().points;
    write_npy("points.npy", points_);
  }

  // The tool must do what the library does with the same options.
  void expect_same(const DbscanResult& expected, Arguments arguments) const {
    arguments.insert(arguments.begin(), "dbscan");
    arguments.insert(arguments.end(), {"--labels", "labels.csv", "--json"});
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["algorithm"], "dbscan");
    EXPECT_EQ(report["clusters"], expected.clusters);
    EXPECT_EQ(report["noise"], (expected.labels.array() == noise).count());
    EXPECT_TRUE(report["objective"].is_null());
    EXPECT_EQ(report["status"], "converged");
    EXPECT_TRUE(read_labels("labels.csv") == expected.labels);
  }

  RowMatrix<double> points_;
};

TEST_F(ToolDbscan, DoesWhatTheLibraryDoes) {
  expect_same(dbscan(points_, 0.5, 5), {"points.npy", "--eps", "0.5", "--min-points", "5"});
  expect_same(dbscan(points_, 0.8, 6, {.metric = Metric::manhattan, .border = BorderPoints::as_noise}),
              {"points.npy", "--eps", "0.8", "--min-points", "6", "--metric", "manhattan", "--border", "as-noise"});
  expect_same(dbscan(RowMatrix<float>(points_.cast<float>()), 0.5, 5, {.algorithm = DbscanAlgorithm::brute_force}),
              {"points.npy", "--eps", "0.5", "--min-points", "5", "--float32", "--algorithm", "brute-force"});
  write_npy("distances.npy", pairwise_distances(points_, points_));
  expect_same(dbscan(points_, 0.5, 5), {"distances.npy", "--precomputed", "--eps", "0.5", "--min-points", "5"});
  points_(7, 1) = std::numeric_limits<double>::quiet_NaN();
  write_npy("gaps.npy", points_);
  expect_same(dbscan(points_, 0.5, 5, {.missing_as_noise = true}),
              {"gaps.npy", "--eps", "0.5", "--min-points", "5", "--missing-as-noise"});
}

TEST_F(ToolDbscan, PrintsNoObjective) {
  const Outcome outcome = run({"dbscan", "points.npy", "--eps", "0.5", "--min-points", "5"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.find("objective"), std::string::npos);
  EXPECT_NE(outcome.out.find("noise:"), std::string::npos);
}

TEST_F(ToolDbscan, TellsWhatIsWrong) {
  const auto expect_error = [&](const Arguments& arguments, const std::string& message) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
  };
  expect_error({"dbscan", "points.npy", "--min-points", "5"}, "--eps is needed, how near neighbours are");
  expect_error({"dbscan", "points.npy", "--eps", "1"}, "--min-points is needed, how many points make one of them core");
  expect_error({"dbscan", "points.npy", "--eps", "-1", "--min-points", "5"}, "eps = -1 must be finite and ≥ 0");
  expect_error({"dbscan", "points.npy", "--eps", "1", "--min-points", "0"}, "min_points = 0 must be ≥ 1");
}

}  // namespace
}  // namespace dbscan_test
