#include <corymb/datasets/bundled.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/transport/balanced_kmeans.hpp>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tool/tool_test.hpp"

// corymb balanced-kmeans: what it shares with kmeans is tested there.
namespace balanced_kmeans_tool_test {
namespace {

using corymb::BalancedKMeansOptions;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolBalancedKMeans : public corymb_test::ToolTest {
 protected:
  Json run_json(Arguments arguments) const {
    arguments.push_back("--json");
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    return Json::parse(outcome.out);
  }

  // The tool must do what the library does with the same options.
  template <class T>
  void expect_same(const corymb::BalancedKMeansResult<T>& expected, Arguments arguments) const {
    SCOPED_TRACE(arguments.empty() ? "" : arguments[0]);
    const Arguments always = {"balanced-kmeans", "points.npy", "-k",          "4",
                              "--labels",        "labels.csv", "--centroids", "c.npy"};
    arguments.insert(arguments.begin(), always.begin(), always.end());
    const Json report = run_json(arguments);
    EXPECT_EQ(report["algorithm"], "balanced-kmeans");
    EXPECT_EQ(report["objective"], expected.inertia);
    EXPECT_EQ(report["iterations"], expected.iterations);
    EXPECT_EQ(report["clusters"], 4);
    EXPECT_EQ(report["smallest_cluster"], expected.sizes.minCoeff());
    EXPECT_EQ(report["largest_cluster"], expected.sizes.maxCoeff());
    EXPECT_EQ(report["status"], expected.status == corymb::Status::converged ? "converged" : "iteration_limit");
    EXPECT_EQ(corymb::read_labels("labels.csv"), expected.labels);
    EXPECT_EQ(corymb::read_npy<T>("c.npy"), expected.centroids);
  }
};

TEST_F(ToolBalancedKMeans, EveryOptionReachesTheLibrary) {
  const corymb::RowMatrix<double> points = corymb::wine().points;
  corymb::write_npy("points.npy", points);
  const auto standard = corymb::balanced_kmeans(points, 4);
  expect_same(standard, {});
  const std::vector<std::pair<BalancedKMeansOptions, Arguments>> cases = {
      {{.min_size = {20}}, {"--min-size", "20"}},
      {{.max_size = {60}}, {"--max-size", "60"}},
      {{.min_size = {30}, .max_size = {50}}, {"--min-size", "30", "--max-size", "50"}},
      {{.init = corymb::KMeansInit::random}, {"--init", "random"}},
      {{.init = corymb::KMeansInit::kmeans_plus_plus}, {"--init", "kmeans-plus-plus"}},
      {{.init = corymb::KMeansInit::kmeans_parallel}, {"--init", "kmeans-parallel"}},
      {{.init = corymb::KMeansInit::afk_mc2}, {"--init", "afk-mc2"}},
      {{.restarts = 3}, {"--restarts", "3"}},
      {{.max_iterations = 1}, {"--max-iterations", "1"}},
      {{.tolerance = 0.5}, {"--tolerance", "0.5"}},
      {{.seed = 3}, {"--seed", "3"}},
  };
  for (const auto& [options, arguments] : cases) expect_same(corymb::balanced_kmeans(points, 4, options), arguments);
  const corymb::RowMatrix<float> single = points.cast<float>();
  expect_same(corymb::balanced_kmeans(single, 4), {"--float32"});
  write("rows.csv", "0\n50\n100\n150\n");
  expect_same(corymb::balanced_kmeans(points, 4, {.initial_rows = {0, 50, 100, 150}}), {"--initial-rows", "rows.csv"});
  corymb::write_npy("start.npy", points.topRows(4));
  expect_same(corymb::balanced_kmeans(points, points.topRows(4)), {"--initial-centroids", "start.npy"});
}

TEST_F(ToolBalancedKMeans, WritesAPictureAndScores) {
  write("points.csv", "x,y\n0,0\n0,1\n9,9\n9,8\n0,2\n9,7\n");
  write("truth.csv", "0\n0\n1\n1\n0\n1\n");
  const Json report =
      run_json({"balanced-kmeans", "points.csv", "-k", "2", "--truth", "truth.csv", "--plot", "picture.svg"});
  EXPECT_EQ(report["scores"]["ari"], 1);
  EXPECT_EQ(report["smallest_cluster"], 3);
  EXPECT_NE(read("picture.svg").find("<svg"), std::string::npos);
}

TEST_F(ToolBalancedKMeans, Mistakes) {
  write("points.csv", "0 0\n0 3\n100 0\n");
  expect_error({"balanced-kmeans", "points.csv"},
               "-k is needed, the number of clusters (or --initial-rows or --initial-centroids)");
  expect_error({"balanced-kmeans", "points.csv", "-k", "4"}, "k = 4 must be in [1, n = 3]");
  expect_error({"balanced-kmeans", "points.csv", "-k", "2", "--min-size", "2"},
               "min_size = 2 for 2 clusters needs more than n = 3 rows");
  expect_error({"balanced-kmeans", "points.csv", "-k", "2", "--max-size", "1"},
               "max_size = 1 for 2 clusters leaves room for 2 of n = 3 rows");
}

}  // namespace
}  // namespace balanced_kmeans_tool_test
