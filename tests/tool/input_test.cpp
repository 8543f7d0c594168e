#include <corymb/datasets/bundled.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/partition/kmeans.hpp>
#include <corymb/preprocess/standardize.hpp>
#include <corymb/viz/scatter.hpp>

#include <nlohmann/json.hpp>

#include "tool/tool_test.hpp"

// The options that all clustering commands share.

namespace input_test {
namespace {

using corymb::Index;
using corymb_test::Arguments;
using corymb_test::Outcome;

class ToolInput : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    const corymb::BundledData wine = corymb::wine();
    points = wine.points;
    names = wine.feature_names;
    corymb::write_csv("wine.csv", points, {.names = names});
    corymb::write_labels("classes.csv", wine.labels);
  }
  nlohmann::json run_json(Arguments arguments) const {
    arguments.push_back("--json");
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return outcome.exit_code == 0 ? nlohmann::json::parse(outcome.out) : nlohmann::json();
  }

  corymb::RowMatrix<double> points;
  std::vector<std::string> names;
};

TEST_F(ToolInput, StandardizedPointsAreClusteredAndCentroidsAreInTheUnitsOfTheFile) {
  const auto report = run_json({"kmeans", "wine.csv", "-k", "3", "--standardize", "--labels", "labels.csv",
                                "--centroids", "centroids.npy", "--truth", "classes.csv"});
  const auto scaled = corymb::standardize(points);
  const auto expected = corymb::kmeans(scaled.points, 3);
  EXPECT_EQ(corymb::read_labels("labels.csv"), expected.labels);
  EXPECT_EQ(corymb::read_npy("centroids.npy"), inverse_transform(scaled, expected.centroids));
  EXPECT_EQ(report["objective"], expected.inertia);
  EXPECT_GT(report["scores"]["ari"], 0.8);  // 0.37 without

  // They are a start again.
  run_json({"kmeans", "wine.csv", "--standardize", "--initial-centroids", "centroids.npy", "--labels", "again.csv"});
  EXPECT_EQ(read("again.csv"), read("labels.csv"));
}

TEST_F(ToolInput, WeightsCountForTheScalesToo) {
  corymb::Vector weights(points.rows());
  for (Index i = 0; i < weights.size(); ++i) weights[i] = static_cast<double>(i % 3);
  corymb::write_csv("weights.csv", weights);
  run_json({"kmeans", "wine.csv", "-k", "3", "--standardize", "--weights", "weights.csv", "--labels", "labels.csv"});
  const auto scaled = corymb::standardize(points, {.weights = weights});
  EXPECT_EQ(corymb::read_labels("labels.csv"), corymb::kmeans(scaled.points, 3, {.weights = weights}).labels);
}

TEST_F(ToolInput, ColumnsByNameNumberAndRange) {
  const auto expect_columns = [&](const std::string& list, const std::vector<Index>& columns) {
    const auto report = run_json({"kmeans", "wine.csv", "-k", "3", "--columns", list, "--labels", "labels.csv"});
    EXPECT_EQ(report["d"], columns.size());
    EXPECT_EQ(corymb::read_labels("labels.csv"),
              corymb::kmeans(corymb::RowMatrix<double>(points(Eigen::all, columns)), 3).labels)
        << list;
  };
  expect_columns("1", {0});
  expect_columns("3,1", {2, 0});
  expect_columns("2-4,13", {1, 2, 3, 12});
  expect_columns(names[0] + "," + names[12], {0, 12});
  // A column of text is no obstacle where it is not asked for.
  write("mixed.csv", "name,x,y\na,0,1\nb,0,2\nc,9,8\n");
  EXPECT_EQ(run_json({"kmeans", "mixed.csv", "-k", "2", "--columns", "x,y"})["n"], 3);
  EXPECT_EQ(run({"kmeans", "mixed.csv", "-k", "2"}).err, "corymb: mixed.csv:2:1: 'a' is not a number\n");
  corymb::write_npy("wine.npy", points);
  run_json({"kmeans", "wine.npy", "-k", "3", "--columns", "1-2", "--labels", "labels.csv"});
  EXPECT_EQ(corymb::read_labels("labels.csv"), corymb::kmeans(points.leftCols(2), 3).labels);
}

TEST_F(ToolInput, SinglePrecision) {
  const auto report = run_json({"kmeans", "wine.csv", "-k", "3", "--float32", "--centroids", "centroids.npy"});
  const auto expected = corymb::kmeans(points.cast<float>(), 3);
  EXPECT_EQ(report["objective"], expected.inertia);
  EXPECT_EQ(corymb::read_npy<float>("centroids.npy"), expected.centroids);
}

TEST_F(ToolInput, PlotIsTheScatterOfTheLibrary) {
  run_json({"kmeans", "wine.csv", "-k", "3", "--plot", "wine.svg"});
  const auto result = corymb::kmeans(points, 3);
  EXPECT_EQ(read("wine.svg"),
            to_svg(corymb::scatter(points, result.labels, {.title = "kmeans: wine.csv", .centers = result.centroids})));

  // Two columns are drawn in their own units, with their names.
  run_json({"kmeans", "wine.csv", "-k", "3", "--columns", "1,13", "--standardize", "--plot", "two.svg"});
  const std::string picture = read("two.svg");
  EXPECT_NE(picture.find(">" + names[0] + "</text>"), std::string::npos);
  EXPECT_NE(picture.find(">" + names[12] + "</text>"), std::string::npos);
  EXPECT_NE(picture.find(">1600</text>"), std::string::npos);
}

}  // namespace
}  // namespace input_test
