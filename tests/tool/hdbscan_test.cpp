#include <corymb/datasets/bundled.hpp>
#include <corymb/density/hdbscan.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "tool/tool_test.hpp"

// corymb hdbscan: what it shares with kmeans is tested there.
namespace hdbscan_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolHdbscan : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    points_ = iris().points;
    write_npy("points.npy", points_);
  }

  // The tool must do what the library does with the same options.
  void expect_same(const HdbscanResult& expected, Arguments arguments) const {
    arguments.insert(arguments.begin(), "hdbscan");
    arguments.insert(arguments.end(), {"--labels", "labels.csv", "--json"});
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["algorithm"], "hdbscan");
    EXPECT_EQ(report["clusters"], expected.clusters);
    EXPECT_EQ(report["noise"], (expected.labels.array() == noise).count());
    EXPECT_TRUE(read_labels("labels.csv") == expected.labels);
  }

  static std::string text_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  RowMatrix<double> points_;
};

TEST_F(ToolHdbscan, DoesWhatTheLibraryDoes) {
  expect_same(hdbscan(points_), {"points.npy"});
  expect_same(
      hdbscan(points_, {.metric = Metric::manhattan, .min_cluster_size = 8, .min_samples = 3, .alpha = 1.5}),
      {"points.npy", "--metric", "manhattan", "--min-cluster-size", "8", "--min-samples", "3", "--alpha", "1.5"});
  expect_same(hdbscan(RowMatrix<float>(points_.cast<float>()), {.selection = {.method = SelectionMethod::leaf}}),
              {"points.npy", "--float32", "--selection", "leaf"});
  expect_same(hdbscan(points_, {.selection = {.epsilon = 0.4, .max_cluster_size = 60}}),
              {"points.npy", "--epsilon", "0.4", "--max-cluster-size", "60"});
  expect_same(hdbscan(points_, {.selection = {.epsilon_max = 0.5, .allow_single_cluster = true}, .min_lifetime = 0.2}),
              {"points.npy", "--epsilon-max", "0.5", "--allow-single-cluster", "--min-lifetime", "0.2"});
  expect_same(hdbscan(points_, {.selection = {.clusters = 3}}), {"points.npy", "--clusters", "3"});
  write_npy("distances.npy", pairwise_distances(points_, points_));
  expect_same(hdbscan(points_), {"distances.npy", "--precomputed"});
  Vector weights = Vector::Ones(150);
  weights.head(20).setConstant(3);
  write_npy("weights.npy", weights);
  expect_same(hdbscan(points_, {.weights = weights}), {"points.npy", "--weights", "weights.npy"});
  points_(7, 1) = std::numeric_limits<double>::quiet_NaN();
  write_npy("gaps.npy", points_);
  expect_same(hdbscan(points_, {.missing_as_noise = true}), {"gaps.npy", "--missing-as-noise"});
}

TEST_F(ToolHdbscan, WritesWhatElseIsKnown) {
  const HdbscanResult expected = hdbscan(points_, {.min_cluster_size = 10});
  const Outcome outcome = run({"hdbscan", "points.npy", "--min-cluster-size", "10", "--probabilities", "p.npy",
                               "--outlier-scores", "s.csv", "--tree-plot", "tree.svg", "--plot", "points.svg"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(read_npy<double>("p.npy").col(0) == expected.probabilities);
  EXPECT_TRUE(read_csv<double>("s.csv").values.col(0).isApprox(expected.outlier_scores));
  EXPECT_NE(text_of("tree.svg").find("hdbscan: points.npy"), std::string::npos);
  EXPECT_NE(text_of("points.svg").find("opacity"), std::string::npos);  // of points far from the densest ones
}

TEST_F(ToolHdbscan, TellsWhatIsWrong) {
  const auto expect_error = [&](const Arguments& arguments, const std::string& message) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
  };
  expect_error({"hdbscan", "points.npy", "--min-cluster-size", "1"}, "min_cluster_size = 1 must be ≥ 2");
  expect_error({"hdbscan", "points.npy", "--min-samples", "0"}, "min_samples = 0 must be ≥ 1");
  expect_error({"hdbscan", "points.npy", "--epsilon", "-1"}, "epsilon = -1 must be finite and ≥ 0");
  const Outcome many = run({"hdbscan", "points.npy", "--clusters", "70", "--labels", "labels.csv"});
  EXPECT_EQ(many.exit_code, 2);
  EXPECT_NE(many.err.find("clusters = 70, but the tree has at most"), std::string::npos) << many.err;
  EXPECT_FALSE(std::filesystem::exists("labels.csv"));
}

}  // namespace
}  // namespace hdbscan_test
