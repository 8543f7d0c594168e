#include <corymb/datasets/bundled.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/partition/kmeans.hpp>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tool/tool_test.hpp"

namespace kmeans_test {
namespace {

using corymb::Index;
using corymb::KMeansOptions;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

// Two groups of three; with these centroids every squared distance to the centroid of the group is a small integer.
constexpr const char* two_groups =
    "x,y\n"
    "0,0\n"
    "3,0\n"
    "0,3\n"
    "100,50\n"
    "103,50\n"
    "100,53\n";
constexpr double two_groups_inertia = 12 + 12;  // per group 6 + 6 around (1, 1): 2 + 5 + 5

class ToolKMeans : public corymb_test::ToolTest {
 protected:
  Json run_json(Arguments arguments) const {
    arguments.push_back("--json");
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
    return Json::parse(outcome.out);
  }
};

TEST_F(ToolKMeans, WritesLabelsCentroidsAndOneJsonObject) {
  write("points.csv", two_groups);
  write("rows.csv", "3\n0\n");
  const Json report = run_json({"kmeans", "points.csv", "-k", "2", "--initial-rows", "rows.csv", "--threads", "2",
                                "--labels", "labels.csv", "--centroids", "centroids.csv"});
  EXPECT_EQ(read("labels.csv"), "1\n1\n1\n0\n0\n0\n");
  EXPECT_EQ(read("centroids.csv"), "101,51\n1,1\n");
  EXPECT_EQ(files(), (std::vector<std::string>{"centroids.csv", "labels.csv", "points.csv", "rows.csv"}));

  std::vector<std::string> keys;
  for (const auto& [key, value] : report.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"algorithm", "n", "d", "threads", "read_seconds", "seconds", "clusters",
                                            "noise", "objective", "iterations", "status"}));
  EXPECT_EQ(report["algorithm"], "kmeans");
  EXPECT_EQ(report["n"], 6);
  EXPECT_EQ(report["d"], 2);
  EXPECT_EQ(report["threads"], 2);
  EXPECT_GE(report["read_seconds"].get<double>(), 0);
  EXPECT_GE(report["seconds"].get<double>(), 0);
  EXPECT_EQ(report["clusters"], 2);
  EXPECT_EQ(report["noise"], 0);
  EXPECT_DOUBLE_EQ(report["objective"].get<double>(), two_groups_inertia);
  EXPECT_EQ(report["iterations"], 2);  // the second one changes no label
  EXPECT_EQ(report["status"], "converged");
}

TEST_F(ToolKMeans, SummaryIsTheReportInAlignedLines) {
  write("points.csv", two_groups);
  write("truth.csv", "0\n0\n0\n1\n1\n1\n");
  const Outcome outcome = run({"kmeans", "points.csv", "-k", "2", "--truth", "truth.csv"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.err, "");
  std::map<std::string, std::string> values;
  std::size_t column = 0;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    ASSERT_NE(colon, line.npos) << line;
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    if (column == 0) column = value;
    EXPECT_EQ(value, column) << line;
    values[line.substr(0, colon)] = line.substr(value);
  }
  EXPECT_EQ(values.size(), 14U);
  EXPECT_EQ(values["algorithm"], "kmeans");
  EXPECT_EQ(values["n"], "6");
  EXPECT_EQ(values["objective"], "24");
  EXPECT_EQ(values["status"], "converged");
  EXPECT_EQ(values["accuracy"], "1");
}

TEST_F(ToolKMeans, ReadsNpyWhereverItReadsCsv) {
  corymb::RowMatrix<double> points(6, 2), start(2, 2), weights(6, 1);
  points << 0, 0, 3, 0, 0, 3, 100, 50, 103, 50, 100, 53;
  start << 90, 60, 10, 10;
  weights << 2, 1, 1, 1, 1, 1;
  corymb::write_npy("points.npy", points);
  corymb::write_npy("start.npy", start);
  corymb::write_npy("weights.npy", weights);
  std::string header = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }";
  header += std::string(128 - 10 - 1 - header.size(), ' ') + "\n";
  const std::string int64_3_0("\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
  write("rows.npy", std::string("\x93NUMPY\1\0\x76\0", 10) + header + int64_3_0);

  run_json({"kmeans", "points.npy", "--initial-rows", "rows.npy", "--labels", "from_rows"});
  EXPECT_EQ(read("from_rows"), "1\n1\n1\n0\n0\n0\n");
  run_json({"kmeans", "points.npy", "--initial-centroids", "start.npy", "--weights", "weights.npy", "--centroids",
            "centroids.csv", "--labels", "from_centroids"});
  EXPECT_EQ(read("from_centroids"), "1\n1\n1\n0\n0\n0\n");
  EXPECT_EQ(read("centroids.csv"), "101,51\n0.75,0.75\n");
}

// The tool must do what the library does with the same options, and each option must make a difference here.
TEST_F(ToolKMeans, EveryOptionReachesTheLibrary) {
  const corymb::RowMatrix<double> points = corymb::digits().points;
  corymb::write_npy("points.npy", points);
  corymb::RowMatrix<double> start = points.topRows(10);
  start.row(9).setConstant(1e4);  // no point is near
  corymb::write_npy("start.npy", start);
  KMeansOptions weighted;
  weighted.weights = corymb::Vector::LinSpaced(points.rows(), 0, 2);
  corymb::write_npy("weights.npy", weighted.weights);

  const auto expect_same = [&](const auto& expected, Arguments arguments) {
    std::string given;
    for (const std::string& word : arguments) given += word + " ";
    SCOPED_TRACE(given);
    const Arguments always = {"kmeans", "points.npy", "-k", "10", "--labels", "labels.csv", "--centroids", "c.npy"};
    arguments.insert(arguments.begin(), always.begin(), always.end());
    const Json report = run_json(arguments);
    EXPECT_EQ(report["objective"], expected.inertia);
    EXPECT_EQ(report["iterations"], expected.iterations);
    EXPECT_EQ(report["status"], expected.status == corymb::Status::converged ? "converged" : "iteration_limit");
    EXPECT_EQ(corymb::read_labels("labels.csv"), expected.labels);
    using T = typename std::decay_t<decltype(expected.centroids)>::Scalar;
    EXPECT_EQ(corymb::read_npy<T>("c.npy"), expected.centroids);
  };

  const auto standard = corymb::kmeans(points, 10);
  expect_same(standard, {});
  const std::vector<std::pair<KMeansOptions, Arguments>> cases = {
      {{.init = corymb::KMeansInit::random}, {"--init", "random"}},
      {{.init = corymb::KMeansInit::kmeans_plus_plus}, {"--init", "kmeans-plus-plus"}},
      {{.restarts = 5}, {"--restarts", "5"}},
      {{.max_iterations = 3}, {"--max-iterations", "3"}},
      {{.tolerance = 0.5}, {"--tolerance", "0.5"}},
      {{.seed = 18446744073709551615U}, {"--seed", "18446744073709551615"}},
      {weighted, {"--weights", "weights.npy"}},
  };
  for (const auto& [options, arguments] : cases) {
    const auto expected = corymb::kmeans(points, 10, options);
    EXPECT_NE(expected.inertia, standard.inertia) << arguments[0] << " makes no difference";
    expect_same(expected, arguments);
  }
  const auto relocated = corymb::kmeans(points, start);
  const auto kept = corymb::kmeans(points, start, {.empty_clusters = corymb::EmptyClusters::keep});
  EXPECT_NE(relocated.inertia, kept.inertia);
  expect_same(relocated, {"--initial-centroids", "start.npy"});
  expect_same(kept, {"--initial-centroids", "start.npy", "--empty-clusters", "keep"});
  const corymb::RowMatrix<float> single = points.cast<float>();
  expect_same(corymb::kmeans(single, 10), {"--float32"});
}

TEST_F(ToolKMeans, CountsTheClustersThatHavePoints) {
  write("points.csv", two_groups);
  write("start.csv", "0 0\n100 50\n-9000 0\n");
  EXPECT_EQ(
      run_json({"kmeans", "points.csv", "--initial-centroids", "start.csv", "--empty-clusters", "keep"})["clusters"],
      2);
  EXPECT_EQ(run_json({"kmeans", "points.csv", "--initial-centroids", "start.csv"})["clusters"], 3);
}

TEST_F(ToolKMeans, ScoresAgainstKnownClasses) {
  write("points.csv", two_groups);
  write("truth.csv", "7\n7\n-1\n4\n4\n4\n");
  const Json all = run_json({"kmeans", "points.csv", "-k", "2", "--truth", "truth.csv"});
  EXPECT_DOUBLE_EQ(all["scores"]["accuracy"].get<double>(), 5.0 / 6);
  EXPECT_LT(all["scores"]["ari"], 1.0);
  EXPECT_LT(all["scores"]["nmi"], 1.0);
  const Json some = run_json({"kmeans", "points.csv", "-k", "2", "--truth", "truth.csv", "--truth-noise", "-1"});
  EXPECT_EQ(some["scores"], (Json{{"ari", 1.0}, {"nmi", 1.0}, {"accuracy", 1.0}}));
}

TEST_F(ToolKMeans, ReplacesFilesThatExist) {
  write("points.csv", two_groups);
  write("labels.csv", "something else\n");
  run_json({"kmeans", "points.csv", "-k", "1", "--labels", "labels.csv"});
  EXPECT_EQ(read("labels.csv"), "0\n0\n0\n0\n0\n0\n");
  EXPECT_EQ(files(), (std::vector<std::string>{"labels.csv", "points.csv"}));
}

}  // namespace
}  // namespace kmeans_test
