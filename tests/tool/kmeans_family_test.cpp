#include <corymb/datasets/bundled.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/partition/bisecting_kmeans.hpp>
#include <corymb/partition/minibatch_kmeans.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tool/tool_test.hpp"

// corymb minibatch-kmeans and corymb bisecting-kmeans: what they share with kmeans is tested there.
namespace kmeans_family_test {
namespace {

using corymb::BisectingKMeansOptions;
using corymb::Index;
using corymb::MiniBatchKMeansOptions;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolKMeansFamily : public corymb_test::ToolTest {
 protected:
  Json run_json(Arguments arguments) const {
    arguments.push_back("--json");
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
    return Json::parse(outcome.out);
  }

  // The tool must do what the library does with the same options.
  template <class Result>
  void expect_same(const Result& expected, Index iterations, const std::string& command, Arguments arguments) const {
    std::string given = command;
    for (const std::string& word : arguments) given += " " + word;
    SCOPED_TRACE(given);
    const Arguments always = {command, "points.npy", "-k", "10", "--labels", "labels.csv", "--centroids", "c.npy"};
    arguments.insert(arguments.begin(), always.begin(), always.end());
    const Json report = run_json(arguments);
    EXPECT_EQ(report["algorithm"], command);
    EXPECT_EQ(report["objective"], expected.inertia);
    EXPECT_EQ(report["iterations"], iterations);
    EXPECT_EQ(report["clusters"], 10);
    EXPECT_EQ(report["status"], expected.status == corymb::Status::converged ? "converged" : "iteration_limit");
    EXPECT_EQ(corymb::read_labels("labels.csv"), expected.labels);
    using T = typename std::decay_t<decltype(expected.centroids)>::Scalar;
    EXPECT_EQ(corymb::read_npy<T>("c.npy"), expected.centroids);
  }
};

TEST_F(ToolKMeansFamily, EveryOptionOfMiniBatchReachesTheLibrary) {
  const corymb::RowMatrix<double> points = corymb::digits().points;
  corymb::write_npy("points.npy", points);
  MiniBatchKMeansOptions weighted;
  weighted.weights = corymb::Vector::LinSpaced(points.rows(), 0, 2);
  corymb::write_npy("weights.npy", weighted.weights);
  const auto expect = [&](const auto& expected, const Arguments& arguments) {
    expect_same(expected, expected.iterations, "minibatch-kmeans", arguments);
  };
  const auto standard = corymb::minibatch_kmeans(points, 10);
  expect(standard, {});
  const std::vector<std::pair<MiniBatchKMeansOptions, Arguments>> cases = {
      {{.init = corymb::KMeansInit::random}, {"--init", "random"}},
      {{.init = corymb::KMeansInit::kmeans_plus_plus}, {"--init", "kmeans-plus-plus"}},
      {{.init_size = 100}, {"--init-size", "100"}},
      {{.batch_size = 200}, {"--batch-size", "200"}},
      {{.restarts = 4}, {"--restarts", "4"}},
      {{.max_epochs = 3}, {"--max-epochs", "3"}},
      {{.max_no_improvement = 4}, {"--max-no-improvement", "4"}},
      {{.tolerance = 0.5}, {"--tolerance", "0.5"}},
      {{.recency = 2.5}, {"--recency", "2.5"}},
      {{.reassignment_ratio = 0.7}, {"--reassignment-ratio", "0.7"}},
      {{.seed = 3}, {"--seed", "3"}},
      {weighted, {"--weights", "weights.npy"}},
  };
  for (const auto& [options, arguments] : cases) {
    const auto expected = corymb::minibatch_kmeans(points, 10, options);
    EXPECT_NE(expected.inertia, standard.inertia) << arguments[0] << " makes no difference";
    expect(expected, arguments);
  }
  const corymb::RowMatrix<float> single = points.cast<float>();
  expect(corymb::minibatch_kmeans(single, 10), {"--float32"});
  write("rows.csv", "0\n10\n20\n30\n40\n50\n60\n70\n80\n90\n");
  expect(corymb::minibatch_kmeans(points, 10, {.initial_rows = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90}}),
         {"--initial-rows", "rows.csv"});
  corymb::write_npy("start.npy", points.topRows(10));
  expect(corymb::minibatch_kmeans(points, points.topRows(10)), {"--initial-centroids", "start.npy"});
}

TEST_F(ToolKMeansFamily, EveryOptionOfBisectingReachesTheLibrary) {
  const corymb::RowMatrix<double> points = corymb::digits().points;
  corymb::write_npy("points.npy", points);
  BisectingKMeansOptions weighted;
  weighted.weights = corymb::Vector::LinSpaced(points.rows(), 0, 2);
  corymb::write_npy("weights.npy", weighted.weights);
  const auto expect = [&](const auto& expected, const Arguments& arguments) {
    expect_same(expected, 9, "bisecting-kmeans", arguments);
  };
  const auto standard = corymb::bisecting_kmeans(points, 10);
  expect(standard, {});
  const std::vector<std::pair<BisectingKMeansOptions, Arguments>> cases = {
      {{.next = corymb::BisectNext::largest_size}, {"--next", "largest-size"}},
      {{.init = corymb::KMeansInit::random}, {"--init", "random"}},
      {{.init = corymb::KMeansInit::kmeans_plus_plus}, {"--init", "kmeans-plus-plus"}},
      {{.restarts = 4}, {"--restarts", "4"}},
      {{.max_iterations = 2}, {"--max-iterations", "2"}},
      {{.tolerance = 0.1}, {"--tolerance", "0.1"}},
      {{.seed = 3}, {"--seed", "3"}},
      {weighted, {"--weights", "weights.npy"}},
  };
  for (const auto& [options, arguments] : cases) {
    const auto expected = corymb::bisecting_kmeans(points, 10, options);
    EXPECT_NE(expected.inertia, standard.inertia) << arguments[0] << " makes no difference";
    expect(expected, arguments);
  }
  const corymb::RowMatrix<float> single = points.cast<float>();
  expect(corymb::bisecting_kmeans(single, 10), {"--float32"});
}

TEST_F(ToolKMeansFamily, StandardizedCentroidsAreInUnitsOfTheFile) {
  write("points.csv", "0 0\n0 3\n100 0\n100 3\n");
  for (const char* command : {"minibatch-kmeans", "bisecting-kmeans"}) {
    run_json({command, "points.csv", "-k", "1", "--standardize", "--centroids", "centroids.csv"});
    EXPECT_EQ(read("centroids.csv"), "50,1.5\n") << command;
  }
}

TEST_F(ToolKMeansFamily, Mistakes) {
  write("points.csv", "0 0\n0 3\n100 0\n");
  write("start.csv", "0 0\n100 0\n");
  expect_error({"minibatch-kmeans", "points.csv"},
               "-k is needed, the number of clusters (or --initial-rows or --initial-centroids)");
  expect_error({"bisecting-kmeans", "points.csv"}, "-k is needed, the number of clusters");
  expect_error({"minibatch-kmeans", "points.csv", "-k", "3", "--initial-centroids", "start.csv"},
               "-k is 3, but start.csv has 2 rows; they must agree");
  expect_error({"minibatch-kmeans", "points.csv", "-k", "4"}, "k = 4 must be in [1, n = 3]");
  expect_error({"bisecting-kmeans", "points.csv", "-k", "4"}, "k = 4 must be in [1, n = 3]");
  expect_error({"minibatch-kmeans", "points.csv", "-k", "2", "--recency", "-1"}, "recency = -1 must be finite and ≥ 0");
}

// A fit that would take hours; the test waits longer and longer until it was far enough to have labels.
TEST_F(ToolKMeansFamily, CtrlCLeavesTheLabelsOfTheLastCompleteBatch) {
  const corymb::RowMatrix<double> points = corymb::digits().points;
  corymb::write_npy("points.npy", points);
  Outcome outcome;
  for (int wait_ms = 100; !std::filesystem::exists("labels.csv") && wait_ms < 60'000; wait_ms *= 2) {
    const pid_t process =
        start({"minibatch-kmeans", "points.npy", "-k", "40", "--max-epochs", "2147483647", "--max-no-improvement", "0",
               "--threads", "2", "--labels", "labels.csv", "--centroids", "centroids.npy", "--json"});
    std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
    kill(process, SIGINT);
    outcome = wait(process);
    if (outcome.exit_code == -1) continue;  // so early that the program did not listen yet
    ASSERT_EQ(outcome.exit_code, 130);
    ASSERT_EQ(outcome.err, "");
  }
  EXPECT_EQ(Json::parse(outcome.out)["status"], "cancelled");
  const auto centroids = corymb::read_npy("centroids.npy");
  EXPECT_EQ(corymb::read_labels("labels.csv"), corymb::nearest(points, centroids).labels);
}

}  // namespace
}  // namespace kmeans_family_test
