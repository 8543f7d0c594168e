#include <corymb/datasets/bundled.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>
#include <corymb/mixture/select_gaussian_mixture.hpp>

#include <nlohmann/json.hpp>

#include <limits>
#include <string>

#include "support/matrices.hpp"
#include "tool/tool_test.hpp"

// corymb gmm: what it shares with kmeans is tested there.
namespace gmm_test {
namespace {

using namespace corymb;
using corymb_test::Arguments;
using corymb_test::Outcome;
using corymb_test::same_matrix;
using Json = nlohmann::ordered_json;

class ToolGmm : public corymb_test::ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    points_ = iris().points;
    write_npy("points.npy", points_);
  }

  /// The tool must do what the library does with the same options.
  void expect_same(const GaussianMixture& expected, Arguments arguments) const {
    arguments.insert(arguments.begin(), "gmm");
    arguments.insert(arguments.end(), {"--labels", "labels.csv", "--means", "means.npy", "--json"});
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json report = Json::parse(outcome.out);
    EXPECT_EQ(report["algorithm"], "gmm");
    EXPECT_EQ(report["components"], expected.means.rows());
    EXPECT_EQ(report["covariance"], std::string(name_of(expected.covariance)));
    EXPECT_EQ(report["objective"], expected.log_likelihood);
    EXPECT_EQ(report["iterations"], expected.iterations);
    EXPECT_EQ(report["bic"], bic(expected));
    EXPECT_EQ(report["parameters"], parameters(expected));
    EXPECT_TRUE(read_labels("labels.csv") == expected.labels);
    EXPECT_TRUE(same_matrix(read_npy<double>("means.npy"), expected.means));
  }

  RowMatrix<double> points_;
};

TEST_F(ToolGmm, DoesWhatTheLibraryDoes) {
  expect_same(gaussian_mixture(points_, 3), {"points.npy", "-k", "3"});
  expect_same(gaussian_mixture(points_, 2,
                               {.covariance = Covariance::diagonal,
                                .init = MixtureInit::random,
                                .memberships = Memberships::hard,
                                .restarts = 3,
                                .max_iterations = 7,
                                .tolerance = 1e-6,
                                .covariance_floor = 1e-3,
                                .seed = 5}),
              {"points.npy", "-k", "2", "--covariance", "diagonal", "--init", "random", "--hard", "--restarts", "3",
               "--max-iterations", "7", "--tolerance", "1e-6", "--covariance-floor", "1e-3", "--seed", "5"});
  const MixtureSelection selection =
      select_gaussian_mixture(points_, {1, 4}, {Covariance::vev, Covariance::eee}, {}, MixtureCriterion::icl);
  expect_same(selection.best, {"points.npy", "-k", "1", "--max-k", "4", "--covariance", "vev,tied", "--criterion",
                               "icl", "--selection-plot", "icl.svg", "--plot", "points.svg"});
  EXPECT_NE(read("icl.svg").find("ICL (lower is better)"), std::string::npos);
}

TEST_F(ToolGmm, StudentAndMissingValues) {
  const GaussianMixture shared = gaussian_mixture(points_, 2, {.tails = Tails::student_shared});
  expect_same(shared, {"points.npy", "-k", "2", "--tails", "student-shared"});
  const Json report = Json::parse(run({"gmm", "points.npy", "-k", "2", "--tails", "student-shared", "--json"}).out);
  EXPECT_EQ(report["least_degrees_of_freedom"], shared.degrees_of_freedom[0]);
  points_(3, 1) = points_(5, 0) = std::numeric_limits<double>::quiet_NaN();
  write_npy("points.npy", points_);
  expect_same(gaussian_mixture(points_, 3, {.tails = Tails::student, .integrate_missing = true}),
              {"points.npy", "-k", "3", "--tails", "student", "--integrate-missing"});
  EXPECT_NE(run({"gmm", "points.npy", "-k", "3"}).err.find("X(3, 1) = nan must be finite"), std::string::npos);
  EXPECT_EQ(run({"gmm", "points.npy", "-k", "3", "--integrate-missing", "--plot", "a.svg"}).exit_code, 2);
}

TEST_F(ToolGmm, WritesProbabilitiesAndDensities) {
  const GaussianMixture model = gaussian_mixture(points_, 3);
  ASSERT_EQ(run({"gmm", "points.npy", "-k", "3", "--probabilities", "p.npy", "--log-densities", "l.npy"}).exit_code, 0);
  EXPECT_TRUE(same_matrix(read_npy<double>("p.npy"), predict_proba(model, points_)));
  EXPECT_TRUE(same_matrix(Vector(read_npy<double>("l.npy").col(0)), score_samples(model, points_)));
}

TEST_F(ToolGmm, Errors) {
  const auto error = [&](const Arguments& arguments) { return run(arguments).err; };
  EXPECT_NE(error({"gmm", "points.npy"}).find("-k is needed"), std::string::npos);
  EXPECT_NE(
      error({"gmm", "points.npy", "-k", "3", "--covariance", "round"}).find("--covariance \"round\" must be full"),
      std::string::npos);
  EXPECT_NE(error({"gmm", "points.npy", "-k", "5", "--max-k", "3"}).find("range.first = 5 must be"), std::string::npos);
  EXPECT_NE(error({"gmm", "points.npy", "-k", "3", "--selection-plot", "a.svg"}).find("--max-k"), std::string::npos);
}

}  // namespace
}  // namespace gmm_test
