#include <corymb/datasets/bundled.hpp>
#include <corymb/io/npy.hpp>

#include <nlohmann/json.hpp>

#include "tool/tool_test.hpp"

// --stream: the same files and numbers as without it.
namespace stream_test {
namespace {

using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolStream : public corymb_test::ToolTest {
 protected:
  /// The report without the times, the labels and the centroids.
  std::vector<std::string> run_with(Arguments arguments) const {
    arguments.insert(arguments.end(), {"--labels", "labels.csv", "--centroids", "centroids.npy", "--json"});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    Json report = Json::parse(outcome.out);
    report.erase("read_seconds");
    report.erase("seconds");
    return {report.dump(), read("labels.csv"), read("centroids.npy")};
  }

  void expect_same_with_stream(Arguments arguments) const {
    const std::vector<std::string> expected = run_with(arguments);
    arguments.push_back("--stream");
    EXPECT_EQ(run_with(arguments), expected);
  }
};

TEST_F(ToolStream, KMeansGivesTheSame) {
  const auto digits = corymb::digits();
  corymb::write_npy("points.npy", digits.points);
  corymb::write_npy("start.npy", digits.points.middleRows(20, 10));
  corymb::write_npy("weights.npy", corymb::Vector(corymb::Vector::LinSpaced(digits.points.rows(), 0, 2)));
  std::string classes;
  for (const auto label : digits.labels) classes += std::to_string(label) + "\n";
  write("classes.csv", classes);
  const Arguments kmeans = {"kmeans", "points.npy", "-k", "10"};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), kmeans.begin(), kmeans.end());
    return more;
  };
  expect_same_with_stream(kmeans);
  expect_same_with_stream(with({"--float32", "--threads", "2", "--restarts", "3", "--truth", "classes.csv"}));
  expect_same_with_stream(with({"--weights", "weights.npy", "--init", "kmeans-parallel", "--algorithm", "lloyd"}));
  expect_same_with_stream(with({"--initial-centroids", "start.npy", "--max-iterations", "2"}));
}

TEST_F(ToolStream, WhatNeedsAllPointsInMemory) {
  corymb::write_npy("points.npy", corymb::iris().points);
  write("points.csv", "1,2\n3,4\n");
  const Arguments kmeans = {"kmeans", "points.npy", "-k", "2", "--stream"};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), kmeans.begin(), kmeans.end());
    return more;
  };
  for (const Arguments& more :
       {Arguments{"--standardize"}, {"--columns", "1"}, {"--plot", "plot.svg"}, {"--single-moves"}}) {
    const Outcome outcome = run(with(more));
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_TRUE(outcome.err == "corymb: --stream excludes " + more[0] + "\n" ||
                outcome.err == "corymb: " + more[0] + " excludes --stream\n")
        << outcome.err;
  }
  expect_error(with({"--algorithm", "elkan"}),
               "--stream needs --algorithm automatic or lloyd; the others need all points in memory");
  const Outcome csv = run({"kmeans", "points.csv", "-k", "2", "--stream"});
  EXPECT_EQ(csv.exit_code, 2);
  EXPECT_TRUE(csv.err.starts_with("corymb: points.csv")) << csv.err;
}

}  // namespace
}  // namespace stream_test
