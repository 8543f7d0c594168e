#include <corymb/datasets/bundled.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/hierarchy/agglomerative.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "tool/tool_test.hpp"

// corymb agglomerative: what it shares with kmeans is tested there.
namespace tool_agglomerative_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolAgglomerative : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    points_ = iris().points;
    write_npy("points.npy", points_);
  }

  // The tool must do what the library does with the same options.
  void expect_same(const Dendrogram& expected, const Labels& labels, Arguments arguments) const {
    arguments.insert(arguments.begin(), "agglomerative");
    arguments.insert(arguments.end(), {"--labels", "labels.csv", "--merges", "merges.npy", "--json"});
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["algorithm"], "agglomerative");
    EXPECT_EQ(report["clusters"], labels.maxCoeff() + 1);
    EXPECT_TRUE(read_labels("labels.csv") == labels);
    EXPECT_TRUE(read_npy<double>("merges.npy") == merge_matrix(expected));
  }

  RowMatrix<double> points_;
};

TEST_F(ToolAgglomerative, DoesWhatTheLibraryDoes) {
  const Dendrogram ward = agglomerative(points_, Linkage::ward);
  expect_same(ward, cut_into(ward, 3), {"points.npy", "-k", "3"});
  expect_same(ward, cut(ward, 5.5), {"points.npy", "--linkage", "ward", "--height", "5.5"});
  const Dendrogram average = agglomerative(points_, Linkage::average, {.metric = Metric::manhattan});
  expect_same(average, cut_into(average, 4),
              {"points.npy", "--linkage", "average", "--metric", "manhattan", "-k", "4", "--threads", "1"});
  const Dendrogram narrow = agglomerative(points_, Linkage::weighted, {.float_triangle = true});
  expect_same(narrow, cut_into(narrow, 2), {"points.npy", "--linkage", "weighted", "--float-triangle", "-k", "2"});
  const Dendrogram single = agglomerative(RowMatrix<float>(points_.cast<float>()), Linkage::single);
  expect_same(single, cut(single, 0.6), {"points.npy", "--linkage", "single", "--float32", "--height", "0.6"});
  write_npy("distances.npy", pairwise_distances(points_, points_));
  const Dendrogram complete = agglomerative(points_, Linkage::complete);
  expect_same(complete, cut_into(complete, 3), {"distances.npy", "--precomputed", "--linkage", "complete", "-k", "3"});
}

TEST_F(ToolAgglomerative, DrawsTheHierarchyOrPoints) {
  EXPECT_EQ(run({"agglomerative", "points.npy", "-k", "3", "--plot", "tree.svg", "--leaves", "12"}).exit_code, 0);
  EXPECT_NE(read("tree.svg").find(">agglomerative: points.npy<"), std::string::npos);
  EXPECT_NE(read("tree.svg").find(">rows (in parentheses: how many)<"), std::string::npos);
  EXPECT_EQ(run({"agglomerative", "points.npy", "-k", "3", "--plot", "points.svg", "--draw", "points"}).exit_code, 0);
  EXPECT_EQ(read("points.svg").find(">rows"), std::string::npos);
}

TEST_F(ToolAgglomerative, WritesATable) {
  EXPECT_EQ(run({"agglomerative", "points.npy", "-k", "3", "--merges", "merges.csv"}).exit_code, 0);
  const CsvTable<double> table = read_csv("merges.csv");
  EXPECT_EQ(table.names, (std::vector<std::string>{"a", "b", "height", "size"}));
  EXPECT_EQ(table.values.rows(), 149);
  EXPECT_EQ(table.values(148, 3), 150);
}

TEST_F(ToolAgglomerative, TellsWhatIsWrong) {
  const auto expect_error = [&](Arguments arguments, const std::string& message) {
    arguments.insert(arguments.begin(), "agglomerative");
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
  };
  expect_error({"points.npy"}, "-k or --height is needed, where to cut the hierarchy");
  expect_error({"points.npy", "-k", "0"}, "k = 0 must be in [1, n = 150]");
  expect_error({"points.npy", "-k", "2", "--metric", "cosine"},
               "metric must be euclidean for ward linkage, which is about centroids");
  expect_error({"points.npy", "-k", "2", "--plot", "a.svg", "--leaves", "1"}, "--leaves must be at least 2");
  write_npy("distances.npy", pairwise_distances(points_, points_));
  expect_error({"distances.npy", "--precomputed", "-k", "2", "--plot", "a.svg", "--draw", "points"},
               "--draw points needs points: --precomputed excludes it");
}

}  // namespace
}  // namespace tool_agglomerative_test
