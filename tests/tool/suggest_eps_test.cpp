#include <corymb/datasets/bundled.hpp>
#include <corymb/density/dbscan.hpp>
#include <corymb/density/suggest_eps.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/preprocess/standardize.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "tool/tool_test.hpp"

// corymb suggest-eps: how it reads its points is tested with kmeans.
namespace suggest_eps_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolSuggestEps : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    points_ = iris().points;
    write_npy("points.npy", points_);
  }

  // The tool must do what the library does with the same options.
  void expect_same(const EpsSuggestion& expected, Arguments arguments) const {
    arguments.insert(arguments.begin(), "suggest-eps");
    arguments.insert(arguments.end(), {"--json", "--curve", "curve.npy"});
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["n"], expected.curve.size());
    EXPECT_EQ(report["eps"], expected.eps);
    EXPECT_EQ(report["core"], (expected.curve.array() <= expected.eps).count());
    EXPECT_TRUE(read_npy<double>("curve.npy") == expected.curve);
  }

  static std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  RowMatrix<double> points_;
};

TEST_F(ToolSuggestEps, DoesWhatTheLibraryDoes) {
  expect_same(suggest_eps(points_, 5), {"points.npy", "--min-points", "5"});
  expect_same(suggest_eps(points_, 8, {.metric = Metric::manhattan}),
              {"points.npy", "--min-points", "8", "--metric", "manhattan", "--search", "brute-force"});
  expect_same(suggest_eps(RowMatrix<float>(points_.cast<float>()), 5),
              {"points.npy", "--min-points", "5", "--float32"});
  expect_same(suggest_eps(standardize(points_).points, 5), {"points.npy", "--min-points", "5", "--standardize"});
  expect_same(suggest_eps(points_.leftCols(2), 5), {"points.npy", "--min-points", "5", "--columns", "1-2"});
  write_npy("distances.npy", pairwise_distances(points_, points_));
  expect_same(suggest_eps(points_, 5), {"distances.npy", "--precomputed", "--min-points", "5"});
}

TEST_F(ToolSuggestEps, SuggestsWhatDbscanTakes) {
  const Json report = Json::parse(run({"suggest-eps", "points.npy", "--min-points", "5", "--json"}).out);
  const double eps = report["eps"];
  const auto cores = dbscan(points_, eps, 5).is_core;
  EXPECT_EQ(report["core"], std::count(cores.begin(), cores.end(), true));
}

TEST_F(ToolSuggestEps, PrintsEpsAndWritesTheCurveAndAPicture) {
  const Outcome outcome =
      run({"suggest-eps", "points.npy", "--min-points", "5", "--curve", "curve.csv", "--plot", "curve.svg"});
  EXPECT_EQ(outcome.exit_code, 0);
  const EpsSuggestion expected = suggest_eps(points_, 5);
  char eps[40];
  std::snprintf(eps, sizeof eps, "%.5g", expected.eps);
  EXPECT_NE(outcome.out.find(std::string("eps:          ") + eps + "\n"), std::string::npos) << outcome.out;
  EXPECT_TRUE(read_csv<double>("curve.csv").values == expected.curve);
  const std::string picture = content_of("curve.svg");
  std::snprintf(eps, sizeof eps, ">eps = %.4g<", expected.eps);
  EXPECT_NE(picture.find(eps), std::string::npos);
  EXPECT_NE(picture.find(">points.npy: points that become core, min-points 5<"), std::string::npos);
}

TEST_F(ToolSuggestEps, DrawsDuplicates) {
  RowMatrix<double> points(151, 4);
  points << points_, points_.row(3);
  points.topRows(30).setZero();
  write_npy("some.npy", points);
  write_npy("all.npy", RowMatrix<double>::Ones(20, 2).eval());
  EXPECT_EQ(run({"suggest-eps", "some.npy", "--min-points", "5", "--plot", "some.svg"}).exit_code, 0);
  EXPECT_NE(content_of("some.svg").find(">number of points that are core, 30 of them at eps = 0<"), std::string::npos);
  EXPECT_EQ(run({"suggest-eps", "all.npy", "--min-points", "5", "--plot", "all.svg"}).exit_code, 0);
  EXPECT_NE(content_of("all.svg").find(">eps = 0<"), std::string::npos);
}

TEST_F(ToolSuggestEps, TellsWhatIsWrong) {
  const auto expect_error = [&](const Arguments& arguments, const std::string& message) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
  };
  expect_error({"suggest-eps", "points.npy"}, "--min-points is needed, how many points make one of them core");
  expect_error({"suggest-eps", "points.npy", "--min-points", "0"}, "min_points = 0 must be in [1, n = 150]");
  expect_error({"suggest-eps", "points.npy", "--min-points", "151"}, "min_points = 151 must be in [1, n = 150]");
  expect_error({"suggest-eps", "points.npy", "--min-points", "5", "--metric", "cosine", "--search", "kd-tree"},
               "search = kd_tree needs the metric euclidean, manhattan or chebyshev, or haversine on data in double");
  expect_error({"suggest-eps", "points.npy", "--min-points", "5", "--precomputed", "--metric", "cosine"},
               "--metric excludes --precomputed");
  expect_error({"suggest-eps", "points.npy", "--min-points", "5", "--labels", "labels.csv"},
               "there is no option '--labels' (see corymb suggest-eps --help)");
}

}  // namespace
}  // namespace suggest_eps_test
