#include <corymb/datasets/bundled.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "tool/tool_test.hpp"

namespace interrupt_test {
namespace {

using corymb_test::Outcome;

class ToolInterrupt : public corymb_test::ToolTest {};

// A fit that would take hours. Nothing tells from outside when it has begun, and before that Ctrl-C leaves no labels;
// so the test waits longer and longer until they are there.
TEST_F(ToolInterrupt, WritesTheLabelsOfTheLastCompleteIteration) {
  const corymb::RowMatrix<double> points = corymb::digits().points;
  corymb::write_npy("points.npy", points);
  Outcome outcome;
  for (int wait_ms = 100; !std::filesystem::exists("labels.csv") && wait_ms < 60'000; wait_ms *= 2) {
    const pid_t process = start({"kmeans", "points.npy", "-k", "40", "--restarts", "2147483647", "--threads", "2",
                                 "--labels", "labels.csv", "--centroids", "centroids.npy", "--json"});
    std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
    kill(process, SIGINT);
    outcome = wait(process);
    ASSERT_EQ(outcome.exit_code, 130);
    ASSERT_EQ(outcome.err, "");
  }
  const auto report = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(report["status"], "cancelled");
  EXPECT_EQ(files(), (std::vector<std::string>{"centroids.npy", "labels.csv", "points.npy"}));

  const corymb::Labels labels = corymb::read_labels("labels.csv");
  const auto centroids = corymb::read_npy("centroids.npy");
  ASSERT_EQ(labels.size(), points.rows());
  ASSERT_EQ(centroids.rows(), 40);
  double inertia = 0;
  for (corymb::Index i = 0; i < points.rows(); ++i) {
    ASSERT_GE(labels[i], 0);
    ASSERT_LT(labels[i], 40);
    const double own = (points.row(i) - centroids.row(labels[i])).squaredNorm();
    const double nearest = (centroids.rowwise() - points.row(i)).rowwise().squaredNorm().minCoeff();
    EXPECT_LE(own, nearest * (1 + 1e-12)) << "row " << i;
    inertia += own;
  }
  EXPECT_NEAR(report["objective"].get<double>(), inertia, 1e-9 * inertia);
}

TEST_F(ToolInterrupt, WhileReadingLeavesNothing) {
  ASSERT_EQ(mkfifo("points.csv", 0600), 0);
  const pid_t process = start({"kmeans", "points.csv", "-k", "2", "--labels", "labels.csv"});
  const int pipe = open("points.csv", O_WRONLY);  // returns when the tool has opened the other end
  ASSERT_GE(pipe, 0);
  EXPECT_EQ(::write(pipe, "1,2\n", 4), 4);
  kill(process, SIGINT);
  const Outcome outcome = wait(process);
  close(pipe);
  EXPECT_EQ(outcome.exit_code, 130);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(files(), (std::vector<std::string>{"points.csv"}));
}

}  // namespace
}  // namespace interrupt_test
