#include <corymb/datasets/bundled.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/validity/dbcv.hpp>

#include <nlohmann/json.hpp>

#include <string>

#include "tool/tool_test.hpp"

// corymb dbcv: how it reads its points is tested with kmeans.
namespace dbcv_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolDbcv : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    points_ = iris().points;
    labels_ = iris().labels;
    labels_.head(5).setConstant(-1);
    write_npy("points.npy", points_);
    write_labels("labels.csv", labels_);
  }

  // The tool must do what the library does with the same options.
  void expect_same(const DbcvResult& expected, Arguments arguments) const {
    arguments.insert(arguments.begin(), "dbcv");
    arguments.push_back("--json");
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["n"], 150);
    EXPECT_EQ(report["noise"], 5);
    EXPECT_EQ(report["clusters"], 3);
    EXPECT_EQ(report["score"], expected.score);
    ASSERT_EQ(report["by_cluster"].size(), 3u);
    for (std::size_t c = 0; c < 3; ++c) {
      const Json& cluster = report["by_cluster"][c];
      EXPECT_EQ(cluster["label"], expected.clusters[c].label);
      EXPECT_EQ(cluster["size"], expected.clusters[c].size);
      EXPECT_EQ(cluster["validity"], expected.clusters[c].validity);
      EXPECT_EQ(cluster["sparseness"], expected.clusters[c].sparseness);
      EXPECT_EQ(cluster["separation"], expected.clusters[c].separation);
    }
  }

  RowMatrix<double> points_;
  Labels labels_;
};

TEST_F(ToolDbcv, DoesWhatTheLibraryDoes) {
  expect_same(dbcv(points_, labels_), {"points.npy", "labels.csv"});
  expect_same(dbcv(points_, labels_, {.metric = Metric::manhattan, .dimensions = 2}),
              {"points.npy", "labels.csv", "--metric", "manhattan", "--dimensions", "2"});
  expect_same(dbcv(RowMatrix<float>(points_.cast<float>()), labels_), {"points.npy", "labels.csv", "--float32"});
  write_npy("distances.npy", pairwise_distances(points_, points_));
  expect_same(dbcv(points_, labels_), {"distances.npy", "labels.csv", "--precomputed", "--dimensions", "4"});
}

TEST_F(ToolDbcv, PrintsTheScore) {
  write_labels("one.csv", Labels::Zero(150));
  const Outcome outcome = run({"dbcv", "points.npy", "one.csv"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("clusters:     1\n"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("score:        0\n"), std::string::npos) << outcome.out;
  // Nothing to be separated from.
  const Json report = Json::parse(run({"dbcv", "points.npy", "one.csv", "--json"}).out);
  EXPECT_TRUE(report["by_cluster"][0]["separation"].is_null());
}

TEST_F(ToolDbcv, TellsWhatIsWrong) {
  const auto expect_error = [&](const Arguments& arguments, const std::string& message) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
  };
  write("few.csv", "0\n1\n");
  expect_error({"dbcv", "points.npy", "few.csv"}, "few.csv has 2 labels, points.npy has 150 rows; they must agree");
  expect_error({"dbcv", "points.npy", "labels.csv", "--dimensions", "0"}, "dimensions = 0 must be at least 1");
  expect_error({"dbcv", "points.npy", "labels.csv", "--precomputed"},
               "--precomputed needs --dimensions: distances do not tell in how many their objects lie");
}

}  // namespace
}  // namespace dbcv_test
