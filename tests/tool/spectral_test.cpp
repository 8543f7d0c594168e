#include <corymb/datasets/bundled.hpp>
#include <corymb/distance/pairwise.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/spectral/landmark_spectral_clustering.hpp>
#include <corymb/spectral/spectral_clustering.hpp>

#include <nlohmann/json.hpp>

#include <string>

#include "tool/tool_test.hpp"

// corymb spectral: what it shares with kmeans is tested there.
namespace spectral_tool_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using Json = nlohmann::ordered_json;

class ToolSpectral : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    points_ = iris().points;
    write_npy("points.npy", points_);
  }

  // The tool must do what the library does with the same options.
  Json expect_same(const Labels& expected, Arguments arguments) const {
    arguments.insert(arguments.begin(), "spectral");
    arguments.insert(arguments.end(), {"--labels", "labels.csv", "--json"});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    if (outcome.exit_code != 0) return {};
    EXPECT_TRUE(read_labels("labels.csv") == expected);
    Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["algorithm"], "spectral");
    EXPECT_EQ(report["clusters"], expected.maxCoeff() + 1);
    EXPECT_EQ(report["status"], "converged");
    return report;
  }

  RowMatrix<double> points_;
};

TEST_F(ToolSpectral, DoesWhatTheLibraryDoes) {
  expect_same(spectral_clustering(points_, 3).labels, {"points.npy", "-k", "3"});
  expect_same(spectral_clustering(points_, 3, {.gamma = 0.5, .labels = SpectralLabels::cluster_qr, .seed = 4}).labels,
              {"points.npy", "-k", "3", "--gamma", "0.5", "--label-step", "cluster-qr", "--seed", "4"});
  expect_same(spectral_clustering(points_, 4,
                                  {.affinity = Affinity::knn,
                                   .metric = Metric::manhattan,
                                   .neighbors = 7,
                                   .edges = EdgeAffinity::self_tuning,
                                   .laplacian = Laplacian::symmetric,
                                   .restarts = 2})
                  .labels,
              {"points.npy", "-k", "4", "--affinity", "knn", "--metric", "manhattan", "--neighbors", "7", "--edges",
               "self-tuning", "--laplacian", "symmetric", "--restarts", "2"});
  expect_same(spectral_clustering(RowMatrix<float>(points_.cast<float>()), 2, {.affinity = Affinity::cosine}).labels,
              {"points.npy", "-k", "2", "--affinity", "cosine", "--float32"});
  const RowMatrix<double> W = (-pairwise_distances(points_, points_).array()).exp();
  write_npy("affinities.npy", W);
  expect_same(spectral_clustering(AffinityMatrix(W), 3).labels,
              {"affinities.npy", "-k", "3", "--affinity", "precomputed"});
  const Json report = expect_same(
      landmark_spectral_clustering(points_, 3, {.landmarks = 40, .choice = LandmarkChoice::random, .nearest = 4})
          .labels,
      {"points.npy", "-k", "3", "--method", "anchor-graph", "--landmarks", "40", "--landmark-choice", "random",
       "--nearest", "4"});
  EXPECT_EQ(report["landmarks"], 40);
  expect_same(landmark_spectral_clustering(points_, 3, {.method = LandmarkMethod::nystrom, .landmarks = 30}).labels,
              {"points.npy", "-k", "3", "--method", "nystrom", "--landmarks", "30"});
}

TEST_F(ToolSpectral, ChoosesKAndDrawsWhy) {
  const auto selection = select_spectral_clustering(points_, {2, 6}, {.affinity = Affinity::self_tuning});
  expect_same(selection.best.labels, {"points.npy", "-k", "2", "--max-k", "6", "--affinity", "self-tuning",
                                      "--eigenvalue-plot", "gap.svg", "--embedding", "embedding.npy"});
  const RowMatrix<double> embedding = read_npy<double>("embedding.npy");
  EXPECT_EQ(embedding.rows(), 150);
  EXPECT_EQ(embedding.cols(), selection.k);
  EXPECT_NE(read("gap.svg").find("eigenvalue of the Laplacian"), std::string::npos);
}

TEST_F(ToolSpectral, Mistakes) {
  expect_error({"spectral", "points.npy"}, "-k is needed, the number of clusters");
  expect_error({"spectral", "points.npy", "-k", "151"}, "k = 151 must be in [1, n = 150]");
  expect_error({"spectral", "points.npy", "-k", "2", "--method", "nystrom", "--affinity", "knn"},
               "--affinity is of --method exact; landmarks have rbf affinities");
  expect_error({"spectral", "points.npy", "-k", "2", "--method", "nystrom", "--max-k", "4"},
               "--max-k is of --method exact");
  expect_error({"spectral", "points.npy", "-k", "2", "--affinity", "cosine", "--metric", "manhattan"},
               "--metric is of --affinity rbf, self-tuning, knn and mutual-knn");
  expect_error({"spectral", "points.npy", "-k", "2", "--affinity", "precomputed", "--plot", "a.svg"},
               "--affinity precomputed has no points for --plot and --standardize");
  expect_error({"spectral", "points.npy", "-k", "2", "--affinity", "precomputed"}, "W is 150 x 4; it must be square");
}

}  // namespace
}  // namespace spectral_tool_test
