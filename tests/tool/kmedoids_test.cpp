#include <corymb/datasets/bundled.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/partition/clara.hpp>
#include <corymb/partition/clarans.hpp>
#include <corymb/partition/kmedoids.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "tool/tool_test.hpp"

// corymb kmedoids, clara and clarans: what they share with kmeans is tested there.
namespace kmedoids_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolKMedoids : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    points_ = iris().points;
    write_npy("points.npy", points_);
  }

  Json run_json(Arguments arguments) const {
    arguments.push_back("--json");
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    return Json::parse(outcome.out);
  }

  void expect_error(const Arguments& arguments, const std::string& message) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
    EXPECT_FALSE(std::filesystem::exists("labels.csv"));
  }

  // The tool must do what the library does with the same options.
  template <class T>
  void expect_same(const KMedoidsResult<T>& expected, Arguments arguments) const {
    std::string given;
    for (const std::string& word : arguments) given += " " + word;
    SCOPED_TRACE(given);
    arguments.insert(arguments.end(), {"--labels", "labels.csv", "--medoids", "medoids.csv"});
    const Json report = run_json(arguments);
    EXPECT_EQ(report["algorithm"], arguments.front());
    EXPECT_EQ(report["n"], expected.labels.size());
    EXPECT_EQ(report["objective"], expected.loss);
    EXPECT_EQ(report["iterations"], expected.iterations);
    EXPECT_EQ(report["clusters"], expected.medoids.size());
    EXPECT_EQ(report["status"], expected.status == Status::converged ? "converged" : "iteration_limit");
    EXPECT_EQ(read_labels("labels.csv"), expected.labels);
    EXPECT_EQ(read_rows("medoids.csv"), expected.medoids);
    std::filesystem::remove("labels.csv");
    std::filesystem::remove("medoids.csv");
  }

  RowMatrix<double> points_;
};

TEST_F(ToolKMedoids, DoesWhatTheLibraryDoes) {
  const auto& X = points_;
  expect_same(kmedoids(X, 3), {"kmedoids", "points.npy", "-k", "3"});
  expect_same(kmedoids(X, 5,
                       {.init = KMedoidsInit::lab,
                        .algorithm = KMedoidsAlgorithm::alternate,
                        .restarts = 3,
                        .metric = Metric::minkowski(3),
                        .seed = 7}),
              {"kmedoids", "points.npy", "-k", "5", "--init", "lab", "--algorithm", "alternate", "--restarts", "3",
               "--metric", "minkowski", "--exponent", "3", "--seed", "7"});
  expect_same(kmedoids(X, 4, {.algorithm = KMedoidsAlgorithm::pam, .max_iterations = 2, .metric = Metric::cosine}),
              {"kmedoids", "points.npy", "-k", "4", "--algorithm", "pam", "--max-iterations", "2", "--metric", "cosine",
               "--distances", "computed", "--threads", "2"});
  const RowMatrix<float> single = X.cast<float>();
  expect_same(kmedoids(single, 3), {"kmedoids", "points.npy", "-k", "3", "--float32"});
  write("start.csv", "10\n70\n120\n");
  expect_same(kmedoids(X, 3, {.initial_medoids = {10, 70, 120}}),
              {"kmedoids", "points.npy", "--initial-rows", "start.csv"});
  Vector weights(150);
  for (Index i = 0; i < 150; ++i) weights[i] = static_cast<double>(i % 3);
  write_npy("weights.npy", weights);
  expect_same(kmedoids(X, 3, {.weights = weights}), {"kmedoids", "points.npy", "-k", "3", "--weights", "weights.npy"});
}

TEST_F(ToolKMedoids, SamplesAndRandomSearch) {
  const auto& X = points_;
  expect_same(clara(X, 3), {"clara", "points.npy", "-k", "3"});
  expect_same(clara(X, 4,
                    {.algorithm = KMedoidsAlgorithm::fast_pam1,
                     .init = KMedoidsInit::kmedoids_plus_plus,
                     .samples = 3,
                     .sample_size = 30,
                     .metric = Metric::manhattan,
                     .seed = 2}),
              {"clara", "points.npy", "-k", "4", "--algorithm", "fast-pam1", "--init", "kmedoids-plus-plus",
               "--samples", "3", "--sample-size", "30", "--metric", "manhattan", "--seed", "2"});
  expect_same(clarans(X, 3), {"clarans", "points.npy", "-k", "3"});
  expect_same(clarans(X, 4,
                      {.algorithm = ClaransAlgorithm::clarans,
                       .restarts = 3,
                       .max_tries = 50,
                       .metric = Metric::chebyshev,
                       .seed = 5}),
              {"clarans", "points.npy", "-k", "4", "--algorithm", "clarans", "--restarts", "3", "--max-tries", "50",
               "--metric", "chebyshev", "--seed", "5"});
}

TEST_F(ToolKMedoids, TakesDistances) {
  const RowMatrix<double> D = pairwise_distances(points_, points_, Metric::manhattan);
  write_npy("square.npy", D);
  Eigen::VectorXd triangle(150 * 149 / 2);
  Index e = 0;
  for (Index i = 0; i < 150; ++i)
    for (Index j = i + 1; j < 150; ++j) triangle[e++] = D(i, j);
  write_npy("column.npy", triangle);
  write_npy("row.npy", RowMatrix<double>(triangle.transpose()));
  KMedoidsResult<double> expected = kmedoids(DistanceMatrix(D), 3);
  EXPECT_EQ(expected.medoids, kmedoids(points_, 3, {.metric = Metric::manhattan}).medoids);
  for (const char* file : {"square.npy", "column.npy", "row.npy"})
    expect_same(expected, {"kmedoids", file, "-k", "3", "--precomputed"});
  expect_same(clara(DistanceMatrix(D), 3), {"clara", "square.npy", "-k", "3", "--precomputed"});
  expect_same(clarans(DistanceMatrix(D), 3), {"clarans", "column.npy", "-k", "3", "--precomputed"});
}

TEST_F(ToolKMedoids, DrawsThePointsAndScoresAgainstClasses) {
  write_labels("classes.csv", iris().labels);
  const Json report =
      run_json({"kmedoids", "points.npy", "-k", "3", "--standardize", "--truth", "classes.csv", "--plot", "plot.svg"});
  EXPECT_GT(report["scores"]["ari"], 0.6);
  EXPECT_NE(read("plot.svg").find("kmedoids: points.npy"), std::string::npos);
}

TEST_F(ToolKMedoids, TellsWhatIsWrong) {
  expect_error({"kmedoids", "points.npy", "--labels", "labels.csv"},
               "-k is needed, the number of clusters (or --initial-rows)");
  for (const char* command : {"clara", "clarans"})
    expect_error({command, "points.npy", "--labels", "labels.csv"}, "-k is needed, the number of clusters");
  for (const Arguments& of_metric : {Arguments{"--metric", "minkowski"}, Arguments{"--exponent", "3"}}) {
    Arguments arguments = {"kmedoids", "points.npy", "-k", "3", "--labels", "labels.csv"};
    arguments.insert(arguments.end(), of_metric.begin(), of_metric.end());
    expect_error(arguments, "--exponent and --metric minkowski need each other");
  }
  expect_error(
      {"kmedoids", "points.npy", "-k", "3", "--precomputed", "--labels", "labels.csv"},
      "points.npy: has 150 rows and 4 columns; a square matrix of distances is expected, or its upper triangle");
  write("five.csv", "1\n2\n3\n4\n5\n");
  expect_error({"kmedoids", "five.csv", "-k", "2", "--precomputed", "--labels", "labels.csv"},
               "five.csv: has 5 values; the upper triangle of n points has n (n - 1) / 2");
  write("wrong.csv", "0,1,2\n1,0,-3\n2,3,0\n");
  expect_error({"kmedoids", "wrong.csv", "-k", "2", "--precomputed", "--labels", "labels.csv"},
               "D(1, 2) = -3 must be finite and ≥ 0");
  expect_error({"clara", "points.npy", "-k", "3", "--sample-size", "2", "--labels", "labels.csv"},
               "sample_size = 2 must be at least k = 3 (0 = chosen from k)");
  for (const char* of_points : {"--standardize", "--plot", "--metric", "--columns", "--distances"}) {
    Arguments arguments = {"kmedoids", "wrong.csv", "-k", "2", "--precomputed", of_points};
    if (std::string(of_points) == "--metric") arguments.push_back("manhattan");
    if (std::string(of_points) == "--distances") arguments.push_back("stored");
    if (std::string(of_points) == "--plot") arguments.push_back("a.svg");
    if (std::string(of_points) == "--columns") arguments.push_back("1");
    EXPECT_EQ(run(arguments).exit_code, 2);
  }
}

}  // namespace
}  // namespace kmedoids_test
