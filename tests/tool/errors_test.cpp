#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tool/tool_test.hpp"

namespace errors_test {
namespace {

using corymb_test::Arguments;
using corymb_test::Outcome;

class ToolErrors : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    write("points.csv", "0,0\n1,0\n0,1\n9,9\n");
    write("four.csv", "0\n0\n0\n1\n");
    write("three.csv", "0\n1\n2\n");
    write("bad.csv", "1,2\n3,x\n");
    write("nan.csv", "1,2\n3,nan\n");
    write("negative.csv", "1\n1\n-2\n1\n");
    write("no_rows.npy", std::string("\x93NUMPY\1\0\x76\0", 10) +
                             "{'descr': '<i8', 'fortran_order': False, 'shape': (0,), }" + std::string(60, ' ') + "\n");
    std::filesystem::create_directory("folder");
  }

  /// The tool ends with exit code 2, prints this line on standard error and nothing else, and leaves no file behind.
  void expect_error(const Arguments& arguments, const std::string& message) {
    std::string command;
    for (const std::string& word : arguments) command += word + " ";
    SCOPED_TRACE(command);
    const auto before = files();
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "corymb: " + message + "\n");
    EXPECT_EQ(files(), before);
  }

  /// For `corymb kmeans points.csv --labels out ...`.
  void expect_kmeans_error(const Arguments& options, const std::string& message) {
    Arguments arguments = {"kmeans", "points.csv", "--labels", "out"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    expect_error(arguments, message);
  }
};

TEST_F(ToolErrors, Command) {
  const std::string kinds =
      "blobs, moons, circles, spirals, swiss-roll, uniform, iris, wine, digits, old-faithful (see corymb generate "
      "--help)";
  const std::string commands =
      "agglomerative, balanced-kmeans, bisecting-kmeans, clara, clarans, dbscan, gmm, hdbscan, kmeans, kmedoids, "
      "minibatch-kmeans, optics, spectral, suggest-eps, transport, dbcv, generate, score (see corymb --help)";
  expect_error({}, "a command is needed first: " + commands);
  expect_error({"--json", "kmeans"}, "a command is needed first: " + commands);
  expect_error({"points.csv"}, "there is no command 'points.csv'; there are " + commands);
  expect_error({"generate"}, "a kind is needed first: " + kinds);
  expect_error({"generate", "points.csv"}, "there is no kind 'points.csv'; there are " + kinds);
  expect_error({"two\nlines"}, "there is no command 'two?lines'; there are " + commands);
}

TEST_F(ToolErrors, Options) {
  expect_kmeans_error({"-k", "2", "--colour"}, "there is no option '--colour' (see corymb kmeans --help)");
  expect_kmeans_error({"-k", "2", "more.csv"}, "'more.csv' is one argument too many (see corymb kmeans --help)");
  expect_kmeans_error({"-k"}, "-k: 1 required K missing");
  expect_kmeans_error({"-k", "2", "-k", "3"}, "-k: At Most 1 required but received 2");
  expect_kmeans_error({"-k", "two"}, "-k: 'two' is not an integer");
  expect_kmeans_error({"-k", "2.5"}, "-k: '2.5' is not an integer");
  expect_kmeans_error({"-k", "0x2"}, "-k: '0x2' is not an integer");
  expect_kmeans_error({"-k", ""}, "-k: '' is not an integer");
  expect_kmeans_error({"-k", "9223372036854775808"}, "-k: 9223372036854775808 is out of range");
  expect_kmeans_error({"-k", "2", "--seed", "-1"}, "--seed: '-1' is not an integer of at least 0");
  expect_kmeans_error({"-k", "2", "--tolerance", "small"}, "--tolerance: 'small' is not a number");
  expect_kmeans_error({"-k", "2", "--init", "best"},
                      "--init: 'best' is not one of random, kmeans-plus-plus, greedy-kmeans-plus-plus, "
                      "kmeans-parallel, afk-mc2");
  expect_kmeans_error({"-k", "2", "--empty-clusters", "drop"}, "--empty-clusters: 'drop' is not one of relocate, keep");
  expect_kmeans_error({"-k", "2", "--truth-noise", "-1"}, "--truth-noise requires --truth");
  expect_kmeans_error({"-k", "2", "--init", "random", "--initial-rows", "three.csv"}, "--init excludes --initial-rows");
  expect_kmeans_error({"-k", "2", "--initial-centroids", "points.csv", "--initial-rows", "three.csv"},
                      "--initial-rows excludes --initial-centroids");
  expect_kmeans_error({"-k", "2", "--weights", "--json"}, "--weights: the name of a file is needed, not '--json'");
  expect_kmeans_error({"-k", "2", "--truth", ""}, "--truth: the name of a file is needed, not ''");
  expect_error({"kmeans", "-k", "2"}, "FILE is required");
  expect_error({"score", "four.csv"}, "PREDICTED is required");
}

TEST_F(ToolErrors, NumberOfClusters) {
  expect_kmeans_error({}, "-k is needed, the number of clusters (or --initial-rows or --initial-centroids)");
  expect_kmeans_error({"-k", "0"}, "k = 0 must be in [1, n = 4]");
  expect_kmeans_error({"-k", "5"}, "k = 5 must be in [1, n = 4]");
  expect_kmeans_error({"-k", "2", "--initial-rows", "three.csv"}, "-k is 2, but three.csv has 3 rows; they must agree");
  expect_kmeans_error({"-k", "2", "--initial-centroids", "points.csv"},
                      "-k is 2, but points.csv has 4 rows; they must agree");
  expect_kmeans_error({"-k", "2", "--initial-rows", "no_rows.npy"}, "no_rows.npy: holds no rows to start from");
}

TEST_F(ToolErrors, WhatTheLibraryRejects) {
  expect_kmeans_error({"-k", "2", "--restarts", "0"}, "restarts = 0 must be ≥ 1");
  expect_kmeans_error({"-k", "2", "--weights", "three.csv"},
                      "three.csv has 3 weights, points.csv has 4 rows; they must agree");
  expect_kmeans_error({"-k", "2", "--weights", "negative.csv"}, "weights(2) = -2 must be finite and ≥ 0");
  expect_kmeans_error({"--initial-centroids", "three.csv"},
                      "initial_centroids has 1 columns, X has 2; they must agree");
  expect_error({"kmeans", "nan.csv", "-k", "1"}, "X(1, 1) = nan must be finite");
}

TEST_F(ToolErrors, MemoryLimit) {
  const Outcome outcome = run({"kmeans", "points.csv", "-k", "2", "--memory-limit", "1", "--labels", "out"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err.rfind("corymb: needs ", 0), 0U) << outcome.err;
  EXPECT_NE(outcome.err.find("allowed are 1 B"), std::string::npos) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists("out"));
  EXPECT_EQ(run({"kmeans", "points.csv", "-k", "2", "--memory-limit", "1000000000"}).exit_code, 0);
}

TEST_F(ToolErrors, InputFiles) {
  expect_error({"kmeans", "missing.csv", "-k", "2"}, "missing.csv: cannot be opened: No such file or directory");
  expect_error({"kmeans", "folder", "-k", "2"}, "folder: is a folder");
  expect_kmeans_error({"-k", "2", "--columns", "1,3"},
                      "points.csv:1: there is no column '3'; the file has 2 columns without names");
  expect_kmeans_error({"-k", "2", "--columns", "1,"}, "--columns: '1,' has an empty entry");
  expect_error({"kmeans", "bad.csv", "-k", "2"}, "bad.csv:2:2: 'x' is not a number");
  expect_kmeans_error({"-k", "2", "--weights", "points.csv"},
                      "points.csv: one column of weights is expected, the file has 2");
  expect_kmeans_error({"-k", "2", "--weights", "no_rows.npy"},
                      "no_rows.npy has 0 weights, points.csv has 4 rows; they must agree");
  expect_kmeans_error({"-k", "2", "--initial-rows", "negative.csv"},
                      "negative.csv: row number 3 of the list is -2, must be at least 0");
  expect_kmeans_error({"-k", "2", "--truth", "three.csv"},
                      "three.csv has 3 labels, points.csv has 4 rows; they must agree");
  expect_error({"score", "four.csv", "three.csv"}, "four.csv has 4 labels, three.csv has 3 rows; they must agree");
  write("ones.csv", "1\n1\n1\n1\n");
  expect_error({"score", "ones.csv", "four.csv", "--truth-noise", "1"},
               "--truth-noise: ones.csv has no label but 1, so no point is left to score");
}

// The input is missing as well: outputs are checked before anything is read.
TEST_F(ToolErrors, OutputFilesAreCheckedFirst) {
  const auto expect = [&](const std::string& option, const std::string& path, const std::string& message) {
    expect_error({"kmeans", "missing.csv", "-k", "2", option, path}, message);
  };
  const std::string here = std::filesystem::current_path();
  for (const std::string option : {"--labels", "--centroids"}) {
    expect(option, "nowhere/out.csv", "nowhere/out.csv: cannot be written: there is no folder " + here + "/nowhere");
    expect(option, "four.csv/out", "four.csv/out: cannot be written: " + here + "/four.csv is no folder");
    expect(option, "folder", "folder: cannot be written: it is a folder");
    expect(option, "./missing.csv", option + " and FILE are the same file, ./missing.csv");
    expect(option, "out.csv.gz", option + ": out.csv.gz would hold plain text; choose another ending");
  }
  expect("--plot", "out.png", "--plot: out.png would hold a picture; its name must end in .svg");
  expect("--plot", "nowhere/out.svg", "nowhere/out.svg: cannot be written: there is no folder " + here + "/nowhere");
  expect("--labels", "out.npy", "--labels: out.npy would hold plain text; choose another ending");
  expect_error({"kmeans", "missing.csv", "-k", "2", "--labels", "out", "--centroids", "folder/../out"},
               "--labels and --centroids are the same file, out");
  std::filesystem::create_symlink("four.csv", "link");
  expect_error({"kmeans", "four.csv", "-k", "2", "--labels", "link"}, "--labels and FILE are the same file, link");
}

TEST_F(ToolErrors, FolderThatMustNotBeWritten) {
  std::filesystem::permissions("folder", std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  if (std::ofstream("folder/probe")) GTEST_SKIP() << "this user may write everywhere";
  expect_error({"kmeans", "missing.csv", "-k", "2", "--labels", "folder/out"},
               "folder/out: cannot be written: Permission denied");
}

// What no check can foresee: the labels of a finished fit cannot be written, or the report cannot.
TEST_F(ToolErrors, OutputThatFailsAtTheEnd) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
  expect_error({"kmeans", "points.csv", "-k", "2", "--labels", "/dev/full"},
               "/dev/full: cannot be written: No space left on device");
  const Outcome outcome = run({"kmeans", "points.csv", "-k", "2"}, "/dev/full");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.err, "corymb: standard output: cannot be written: No space left on device\n");
}

TEST_F(ToolErrors, HelpAndVersionAreNone) {
  const auto expect_printed = [&](const Arguments& arguments, const std::vector<std::string>& parts) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    for (const std::string& part : parts) EXPECT_NE(outcome.out.find(part), std::string::npos) << part;
  };
  expect_printed({"--version"}, {"corymb 0."});
  expect_printed({"--help"}, {"Usage: corymb COMMAND FILE", "kmeans", "score", "generate", "Exit status:", "130"});
  expect_printed({"generate", "--help"}, {"Usage: corymb generate KIND FILE", "moons", "old-faithful"});
  expect_printed({"generate", "blobs", "-h"},
                 {"Usage: corymb generate blobs FILE [options]", "--elongation X", "[1000]"});
  expect_printed({"score", "--help"}, {"TRUTH", "PREDICTED", "--truth-noise", "--json"});
  // Pages are as wide as a terminal at least is; only examples to copy may be longer.
  for (const Arguments& page :
       {Arguments{"--help"}, {"kmeans", "--help"}, {"score", "-h"}, {"generate", "wine", "-h"}}) {
    std::istringstream lines(run(page).out);
    for (std::string line; std::getline(lines, line);)
      EXPECT_TRUE(line.size() <= 80 || line.starts_with("    corymb "));
  }
  expect_printed({"kmeans", "--help"}, {"Usage: corymb kmeans FILE -k K [options]",
                                        "Examples:",
                                        "-k K",
                                        "--init WORD",
                                        "greedy-kmeans-plus-plus",
                                        "--initial-rows FILE",
                                        "--initial-centroids",
                                        "--restarts N",
                                        "[300]",
                                        "--tolerance",
                                        "--empty-clusters",
                                        "--weights",
                                        "--columns LIST",
                                        "--standardize",
                                        "--plot FILE",
                                        "--seed",
                                        "--threads",
                                        "--memory-limit BYTES",
                                        "--float32",
                                        "--labels",
                                        "--centroids",
                                        "--json",
                                        "--truth FILE",
                                        "--truth-noise VALUE"});
}

}  // namespace
}  // namespace errors_test
