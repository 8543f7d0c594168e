#include <corymb/datasets/bundled.hpp>
#include <corymb/density/optics.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>

#include <nlohmann/json.hpp>

#include <limits>
#include <string>
#include <vector>

#include "tool/tool_test.hpp"

// corymb optics: what it shares with kmeans is tested there.
namespace optics_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolOptics : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    points_ = iris().points;
    write_npy("points.npy", points_);
  }

  // The tool must do what the library does with the same options.
  void expect_same(const OpticsResult& expected, const Labels& labels, Arguments arguments) const {
    arguments.insert(arguments.begin(), "optics");
    arguments.insert(arguments.end(), {"--labels", "labels.csv", "--reachability", "plot.npy", "--json"});
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["algorithm"], "optics");
    EXPECT_EQ(report["clusters"], labels.maxCoeff() + 1);
    EXPECT_EQ(report["noise"], (labels.array() == noise).count());
    EXPECT_TRUE(read_labels("labels.csv") == labels);
    const RowMatrix<double> table = read_npy<double>("plot.npy");
    ASSERT_EQ(table.rows(), labels.size());
    for (Index place = 0; place < table.rows(); ++place) {
      const Index row = expected.ordering[static_cast<std::size_t>(place)];
      ASSERT_EQ(table(place, 0), static_cast<double>(row));
      ASSERT_EQ(table(place, 1), expected.reachability[row]);
      ASSERT_EQ(table(place, 2), expected.core_distances[row]);
      ASSERT_EQ(table(place, 3), expected.predecessor[static_cast<std::size_t>(row)]);
      ASSERT_EQ(table(place, 4), labels[row]);
    }
  }

  RowMatrix<double> points_;
};

TEST_F(ToolOptics, DoesWhatTheLibraryDoes) {
  const OpticsResult result = optics(points_, 5);
  expect_same(result, xi_clusters(result).labels, {"points.npy", "--min-samples", "5"});
  expect_same(result, cut(result, 0.6), {"points.npy", "--min-samples", "5", "--eps", "0.6"});
  expect_same(
      result, xi_clusters(result, {.xi = 0.02, .min_cluster_size = 10, .predecessor_correction = false}).labels,
      {"points.npy", "--min-samples", "5", "--xi", "0.02", "--min-cluster-size", "10", "--no-predecessor-correction"});
  const OpticsResult limited = optics(points_, 8, {.metric = Metric::manhattan, .max_eps = 1.2});
  expect_same(limited, cut(limited, 1.1),
              {"points.npy", "--min-samples", "8", "--metric", "manhattan", "--max-eps", "1.2", "--eps", "1.1",
               "--search", "brute-force"});
  const OpticsResult of_float = optics(RowMatrix<float>(points_.cast<float>()), 5);
  expect_same(of_float, xi_clusters(of_float).labels, {"points.npy", "--min-samples", "5", "--float32"});
  write_npy("distances.npy", pairwise_distances(points_, points_));
  expect_same(result, xi_clusters(result).labels, {"distances.npy", "--precomputed", "--min-samples", "5"});
}

TEST_F(ToolOptics, DrawsReachabilitiesOrPoints) {
  EXPECT_EQ(run({"optics", "points.npy", "--min-samples", "5", "--eps", "0.6", "--plot", "plot.svg"}).exit_code, 0);
  EXPECT_NE(read("plot.svg").find(">points.npy: reachability, min-samples 5<"), std::string::npos);
  EXPECT_NE(read("plot.svg").find(">eps = 0.6<"), std::string::npos);
  EXPECT_EQ(run({"optics", "points.npy", "--min-samples", "5", "--plot", "points.svg", "--draw", "points"}).exit_code,
            0);
  EXPECT_NE(read("points.svg").find(">optics: points.npy<"), std::string::npos);
}

TEST_F(ToolOptics, WritesATable) {
  EXPECT_EQ(run({"optics", "points.npy", "--min-samples", "5", "--reachability", "plot.csv"}).exit_code, 0);
  const CsvTable<double> table = read_csv("plot.csv");
  EXPECT_EQ(table.names, (std::vector<std::string>{"row", "reachability", "core_distance", "predecessor", "label"}));
  EXPECT_EQ(table.values.rows(), 150);
  EXPECT_EQ(table.values(0, 1), std::numeric_limits<double>::infinity());
}

TEST_F(ToolOptics, TellsWhatIsWrong) {
  const auto expect_error = [&](const Arguments& arguments, const std::string& message) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
  };
  expect_error({"optics", "points.npy"}, "--min-samples is needed, how many points make a neighbourhood dense");
  expect_error({"optics", "points.npy", "--min-samples", "0"}, "min_samples = 0 must be ≥ 1");
  expect_error({"optics", "points.npy", "--min-samples", "5", "--max-eps", "-1"}, "max_eps = -1 must be ≥ 0");
  expect_error({"optics", "points.npy", "--min-samples", "5", "--xi", "1"}, "xi = 1 must be in (0, 1)");
  expect_error({"optics", "points.npy", "--min-samples", "5", "--max-eps", "1", "--eps", "2"},
               "eps = 2 must be finite and in [0, max_eps = 1]");
  expect_error({"optics", "points.npy", "--min-samples", "5", "--eps", "1", "--xi", "0.1"}, "--xi excludes --eps");
  write_npy("distances.npy", pairwise_distances(points_, points_));
  expect_error(
      {"optics", "distances.npy", "--precomputed", "--min-samples", "5", "--plot", "a.svg", "--draw", "points"},
      "--draw points needs points: --precomputed excludes it");
}

}  // namespace
}  // namespace optics_test
