#include <corymb/datasets/bundled.hpp>
#include <corymb/datasets/generators.hpp>
#include <corymb/io/csv.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>

#include "tool/tool_test.hpp"

namespace generate_test {
namespace {

using corymb_test::Arguments;
using corymb_test::Outcome;

class ToolGenerate : public corymb_test::ToolTest {
 protected:
  /// Runs `corymb generate ARGUMENTS` and compares what it wrote with the data set.
  template <class Points>
  void expect_data(Arguments arguments, const Points& points, const corymb::Labels& labels) {
    arguments.insert(arguments.begin(), "generate");
    arguments.insert(arguments.begin() + 2, "points.npy");
    arguments.insert(arguments.end(), {"--labels", "labels.csv"});
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out + outcome.err, "");
    EXPECT_EQ(corymb::read_npy("points.npy"), points) << arguments[1];
    EXPECT_EQ(corymb::read_labels("labels.csv"), labels) << arguments[1];
  }
};

TEST_F(ToolGenerate, WritesWhatTheLibraryMakes) {
  const auto expect = [&](const Arguments& arguments, const corymb::Dataset<double>& data) {
    expect_data(arguments, data.points, data.labels);
  };
  expect({"blobs"}, corymb::make_blobs(1000, 2, 3));
  expect({"blobs", "-n", "50", "-d", "4", "-k", "5", "--spread", "0.5", "--elongation", "3", "--box-low", "-2",
          "--box-high", "2", "--ordered", "--seed", "7"},
         corymb::make_blobs(
             50, 4, 5, {.spread = {0.5}, .box_low = -2, .box_high = 2, .elongation = 3, .shuffle = false, .seed = 7}));
  expect({"moons", "-n", "30", "--noise", "0.1"}, corymb::make_moons(30, {.noise = 0.1}));
  expect({"circles", "-n", "30", "--factor", "0.2", "--ordered"},
         corymb::make_circles(30, {.factor = 0.2, .shuffle = false}));
  expect({"spirals", "-n", "30", "-k", "3", "--turns", "2", "--seed", "1"},
         corymb::make_spirals(30, 3, {.turns = 2, .seed = 1}));
  expect({"swiss-roll", "-n", "30", "-k", "2", "--height", "5"},
         corymb::make_swiss_roll(30, {.segments = 2, .height = 5}));
  expect({"uniform", "-n", "30", "-d", "3", "--low", "-1", "--high", "1"},
         corymb::make_uniform(30, 3, {.low = -1, .high = 1}));
}

TEST_F(ToolGenerate, WritesTheBundledData) {
  for (const auto& [name, data] :
       {std::pair("iris", corymb::iris()), std::pair("wine", corymb::wine()), std::pair("digits", corymb::digits())})
    expect_data({name}, data.points, data.labels);
  ASSERT_EQ(run({"generate", "old-faithful", "geyser.csv"}).exit_code, 0);
  const auto table = corymb::read_csv("geyser.csv");
  EXPECT_EQ(table.values, corymb::old_faithful().points);
  EXPECT_EQ(table.names, corymb::old_faithful().feature_names);
  const Outcome outcome = run({"generate", "old-faithful", "other.csv", "--labels", "classes.csv"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err, "corymb: --labels: old faithful has no known classes\n");
  EXPECT_EQ(files(), (std::vector<std::string>{"geyser.csv", "labels.csv", "points.npy"}));
}

TEST_F(ToolGenerate, CsvFloatsAndPictures) {
  ASSERT_EQ(run({"generate", "moons", "a.csv", "-n", "9", "--float32", "--plot", "a.svg"}).exit_code, 0);
  const auto points = corymb::make_moons(9).points;
  EXPECT_EQ(corymb::read_csv<float>("a.csv").values, points.cast<float>());
  EXPECT_TRUE(read("a.svg").starts_with("<?xml"));
  EXPECT_NE(read("a.svg").find(">moons</text>"), std::string::npos);
  ASSERT_EQ(run({"generate", "moons", "a.npy", "-n", "9", "--float32"}).exit_code, 0);
  EXPECT_EQ(read("a.npy").size(), 128u + 9 * 2 * sizeof(float));
}

TEST_F(ToolGenerate, Mistakes) {
  const auto expect = [&](Arguments arguments, const std::string& message) {
    arguments.insert(arguments.begin(), "generate");
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
    EXPECT_TRUE(files().empty());
  };
  expect({"moons"}, "FILE is required");
  expect({"moons", "a.csv", "-n", "-1"}, "n = -1 must be ≥ 0");
  expect({"moons", "a.csv", "-k", "2"}, "there is no option '-k' (see corymb generate moons --help)");
  expect({"blobs", "a.csv", "-k", "0"}, "k = 0 must be in [1, 2147483647]");
  expect({"blobs", "a.csv.gz"}, "FILE: a.csv.gz would hold plain text; choose another ending");
  expect({"blobs", "a.csv", "--labels", "a.csv"}, "FILE and --labels are the same file, a.csv");
}

}  // namespace
}  // namespace generate_test
