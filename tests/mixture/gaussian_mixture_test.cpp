#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/mixture/gaussian_mixture.hpp>

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

#include "mixture/gaussian_mixture_golden_values.hpp"
#include "mixture/mclust_golden_values.hpp"
#include "support/matrices.hpp"
#include "support/message_of.hpp"
#include "support/mixture_instances.hpp"
#include "support/mixture_oracle.hpp"

namespace gaussian_mixture_test {
namespace {

using namespace corymb;
using namespace corymb_test;
using namespace corymb_test::mixtures;

TEST(GaussianMixture, StepsAreThoseOfTheDefinition) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    const Instance in = random_instance(seed);
    const LongMatrix X = in.X.cast<long double>();
    Random random(seed, {92});
    const Vector weights = some_weights(random, seed, X.rows());
    const LongVector w = long_weights(weights, X.rows());
    for (const Covariance kind : kinds) {
      LongMatrix R = LongMatrix::Zero(X.rows(), in.k);
      for (Index i = 0; i < X.rows(); ++i) R(i, in.labels[i]) = w[i];
      MixtureOracle oracle = MixtureOracle::maximize(X, R, kind);
      std::vector<double> history;
      for (int iterations = 0; iterations <= 3; ++iterations) {
        history.push_back(static_cast<double>(oracle.log_densities(X).dot(w) / w.sum()));
        const GaussianMixture model = gaussian_mixture(in.X, in.k,
                                                       {.covariance = kind,
                                                        .initial_labels = in.labels,
                                                        .max_iterations = iterations,
                                                        .tolerance = 0,
                                                        .covariance_floor = 1e-12,
                                                        .weights = weights});
        if (model.iterations < iterations) break;  // converged
        ASSERT_LE(error_of(model, oracle), 1e-9) << "seed " << seed << ", iterations " << iterations;
        ASSERT_EQ(model.history.size(), history.size());
        for (std::size_t i = 0; i < history.size(); ++i) ASSERT_NEAR(model.history[i], history[i], 1e-10) << seed;
        const RowMatrix<double> P = predict_proba(model, in.X);
        const LongVector scores = oracle.log_densities(X);
        const long double tolerance =
            (1e-10L + 1e-14L * static_cast<long double>(condition(model))) * (1 + scores.cwiseAbs().maxCoeff());
        ASSERT_LE((P.cast<long double>() - oracle.probabilities(X)).cwiseAbs().maxCoeff(), tolerance) << seed;
        ASSERT_LE((P.rowwise().sum().array() - 1).abs().maxCoeff(), 1e-14);
        ASSERT_LE((score_samples(model, in.X).cast<long double>() - scores).cwiseAbs().maxCoeff(), tolerance) << seed;
        ASSERT_EQ(predict(model, in.X), model.labels);
        R = oracle.probabilities(X);
        R = R.array().colwise() * w.array();
        oracle = MixtureOracle::maximize(X, R, kind);
      }
    }
  }
}

TEST(GaussianMixture, IsThatOfScikitLearn) {
  for (const gaussian_mixture_golden::Case& golden : gaussian_mixture_golden::cases) {
    const BundledData data = golden.data == "iris" ? iris() : wine();
    Labels labels = data.labels;
    for (Index i = 0; i < labels.size(); i += 7) labels[i] = (labels[i] + 1) % 3;
    const GaussianMixture model = gaussian_mixture(data.points, 3,
                                                   {.covariance = golden.covariance,
                                                    .initial_labels = labels,
                                                    .max_iterations = 10,
                                                    .tolerance = 0,
                                                    .covariance_floor = 1e-12});
    SCOPED_TRACE(golden.data);
    EXPECT_NEAR(model.log_likelihood, golden.log_likelihood, 1e-8);
    EXPECT_NEAR(bic(model), golden.bic, 1e-5);
    EXPECT_NEAR(aic(model), golden.aic, 1e-5);
  }
}

TEST(GaussianMixture, FamiliesAreThoseOfMclust) {
  const BundledData data = iris();
  Labels labels = data.labels;
  for (Index i = 0; i < labels.size(); i += 7) labels[i] = (labels[i] + 1) % 3;
  std::size_t at = 0;
  for (const mclust_golden::Case& golden : mclust_golden::cases) {
    EXPECT_EQ(golden.covariance, all_covariances[at++]);
    const GaussianMixture model = gaussian_mixture(data.points, 3,
                                                   {.covariance = golden.covariance,
                                                    .initial_labels = labels,
                                                    .max_iterations = 20000,
                                                    .tolerance = 0,
                                                    .covariance_floor = 1e-12});
    // With common axes there may be several maxima; that of mclust is lower once.
    if (golden.covariance == Covariance::vve)
      EXPECT_GT(model.log_likelihood, golden.log_likelihood);
    else
      EXPECT_NEAR(model.log_likelihood, golden.log_likelihood, 1e-7) << at;
    EXPECT_EQ(parameters(model), golden.parameters) << at;
  }
  EXPECT_EQ(at, std::size(all_covariances));
}

TEST(GaussianMixture, TheObjectiveNeverFalls) {
  for (std::uint64_t seed = 0; seed < instances; ++seed) {
    Random random(seed, {93});
    const Index n = 2 + random.below(60), d = 1 + random.below(4);
    // Ties and duplicates, lines and points: covariances that the floor has to hold.
    const RowMatrix<double> X = random_rows<double>(random, seed, n, d);
    const Index k = 1 + random.below(std::min<Index>(n, 5));
    for (std::size_t family = seed % 4; family < std::size(all_covariances); family += 4)
      for (const Memberships memberships : {Memberships::soft, Memberships::hard}) {
        const Covariance kind = all_covariances[family];
        const GaussianMixture model = gaussian_mixture(
            X, k, {.covariance = kind, .memberships = memberships, .max_iterations = 40, .tolerance = 0, .seed = seed});
        ASSERT_TRUE(never_falls(model)) << "seed " << seed << ", family " << static_cast<int>(kind);
        ASSERT_NEAR(model.proportions.sum(), 1, 1e-12);
        ASSERT_TRUE(model.means.allFinite());
        for (Index c = 0; c < k; ++c) {
          const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(whole_covariance(model, c));
          ASSERT_GT(eigen.eigenvalues()[0], 0) << "seed " << seed << ", family " << static_cast<int>(kind);
        }
        ASSERT_TRUE(predict_proba(model, X).allFinite());
      }
  }
}

TEST(GaussianMixture, SameBitsForAnyThreadsAndLayout) {
  for_each_scalar([]<class T>(T) {
    Random random(4);
    const RowMatrix<T> X = normal_matrix<T>(random, 3000, 3);
    for (const Covariance kind : all_covariances) {
      GaussianMixtureOptions options{.covariance = kind, .max_iterations = 4, .seed = 5, .execution = {.threads = 1}};
      const GaussianMixture expected = gaussian_mixture(X, 4, options);
      options.execution.threads = 3;
      for_each_layout(X, [&](const auto& same) { expect_same(gaussian_mixture(same, 4, options), expected); });
    }
  });
}

TEST(GaussianMixture, WeightsAreCopies) {
  for (std::uint64_t seed = 0; seed < instances / 4; ++seed) {
    const Instance in = random_instance(seed);
    Random random(seed, {94});
    const Copies copies(random, in.X.rows(), in.k);
    const RowMatrix<double> copied = in.X(copies.rows, Eigen::all);
    const Labels copied_labels = in.labels(copies.rows);
    for (const Covariance kind : all_covariances) {
      GaussianMixtureOptions options{
          .covariance = kind, .initial_labels = in.labels, .max_iterations = 5, .tolerance = 0};
      options.weights = copies.weights;
      const GaussianMixture weighted = gaussian_mixture(in.X, in.k, options);
      options.weights = {};
      options.initial_labels = copied_labels;
      const GaussianMixture plain = gaussian_mixture(copied, in.k, options);
      EXPECT_LE(error_of(weighted, oracle_of(plain)), 1e-8) << "seed " << seed << ", family " << static_cast<int>(kind);
      EXPECT_NEAR(weighted.log_likelihood, plain.log_likelihood, 1e-9);
      EXPECT_NEAR(bic(weighted), bic(plain), 1e-5);
    }
  }
}

TEST(GaussianMixture, FloatAgreesWithDoubleAlsoFarFromZero) {
  const Instance in = random_instance(17, 2000);
  for (const double offset : {0.0, 1e6}) {
    const RowMatrix<float> X = (in.X.array() * 64).round().cast<float>() + static_cast<float>(offset);
    const RowMatrix<double> same = X.cast<double>();
    for (const Covariance kind : all_covariances) {
      const GaussianMixtureOptions options{.covariance = kind, .initial_labels = in.labels};
      expect_same(gaussian_mixture(X, in.k, options), gaussian_mixture(same, in.k, options));
      const GaussianMixture moved = gaussian_mixture(RowMatrix<double>(same.array() - offset), in.k, options);
      EXPECT_NEAR(gaussian_mixture(X, in.k, options).log_likelihood, moved.log_likelihood, 1e-8);
    }
  }
}

TEST(GaussianMixture, UnitsDoNotMatterToFamiliesWithoutThem) {
  const BundledData data = wine();
  const Index d = data.points.cols();
  Vector units(d);
  for (Index j = 0; j < d; ++j) units[j] = std::ldexp(1.0, static_cast<int>(7 * j % 31) - 15);
  const RowMatrix<double> X = data.points * units.asDiagonal();
  for (const Covariance kind : all_covariances) {
    // A floor that some components reach.
    const GaussianMixtureOptions options{.covariance = kind,
                                         .initial_labels = data.labels,
                                         .max_iterations = 5,
                                         .tolerance = 0,
                                         .covariance_floor = 0.05};
    const GaussianMixture expected = gaussian_mixture(data.points, 3, options), model = gaussian_mixture(X, 3, options);
    if (!detail::family_of(kind).is_free_of_units()) continue;
    EXPECT_NEAR(model.log_likelihood + units.array().log().sum(), expected.log_likelihood, 1e-6)
        << static_cast<int>(kind);
    EXPECT_EQ(model.labels, expected.labels);
    for (std::size_t s = 0; s < model.covariances.size(); ++s) {
      const Eigen::MatrixXd S = covariance_matrices(model)[s], E = covariance_matrices(expected)[s];
      EXPECT_LE((units.cwiseInverse().asDiagonal() * S * units.cwiseInverse().asDiagonal() - E).norm(),
                1e-6 * E.norm());
      // Σ − floor · diag(variances) has no negative eigenvalue.
      const RowMatrix<double> centred = data.points.rowwise() - data.points.colwise().mean();
      const Vector deviations = (centred.colwise().squaredNorm() / 178).cwiseSqrt();
      const Eigen::MatrixXd relative =
          deviations.cwiseInverse().asDiagonal() * E * deviations.cwiseInverse().asDiagonal();
      EXPECT_GE(Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(relative).eigenvalues()[0], 0.05 * (1 - 1e-9));
    }
  }
}

TEST(GaussianMixture, SampleRecoversTheParameters) {
  GaussianMixture model;
  model.proportions = Vector(3);
  model.proportions << 0.5, 0.0, 0.5;
  model.means = RowMatrix<double>(3, 2);
  model.means << 0, 0, 50, 50, 8, -3;
  Eigen::MatrixXd S(2, 2);
  S << 2, 1, 1, 1;
  model.covariances = {S, S, 0.5 * S};
  const MixtureSample drawn = sample(model, 40000, 3);
  EXPECT_EQ((drawn.labels.array() == 1).count(), 0);
  const GaussianMixture found =
      gaussian_mixture(drawn.points, 2, {.initial_labels = (drawn.labels.array() / 2).matrix()});
  EXPECT_NEAR(found.proportions[0], 0.5, 0.01);
  EXPECT_LE((found.means.row(1) - model.means.row(2)).norm(), 0.03);
  EXPECT_LE((found.covariances[0] - S).norm(), 0.08);
  EXPECT_LE((found.covariances[1] - 0.5 * S).norm(), 0.04);
  EXPECT_TRUE(same_matrix(sample(model, 100, 3).points, RowMatrix<double>(drawn.points.topRows(100))));
}

/// Two groups, and rows strewn over a box around them.
struct Strewn {
  RowMatrix<double> X;
  Labels truth, start;

  explicit Strewn(std::uint64_t seed, Index of_group = 150, Index strewn = 60)
      : X(2 * of_group + strewn, 2), truth(X.rows()) {
    Random random(seed);
    for (Index i = 0; i < X.rows(); ++i) {
      truth[i] = i < of_group ? 0 : i < 2 * of_group ? 1 : noise;
      for (Index j = 0; j < 2; ++j)
        X(i, j) = truth[i] == noise ? -20 + 40 * random.uniform() : (truth[i] == 0 ? -5 : 5) + random.normal();
    }
    start = truth.cwiseMax(0);
  }
};

TEST(GaussianMixture, NoiseIsOneComponentMore) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Strewn data(seed);
    const LongMatrix X = data.X.cast<long double>();
    const long double log_density =
        -std::log(X.col(0).maxCoeff() - X.col(0).minCoeff()) - std::log(X.col(1).maxCoeff() - X.col(1).minCoeff());
    LongMatrix R = LongMatrix::Zero(X.rows(), 2);
    for (Index i = 0; i < X.rows(); ++i) R(i, data.start[i]) = 1;
    MixtureOracle oracle = MixtureOracle::maximize(X, R, Covariance::full);
    long double share = 0.2L;
    oracle.proportions *= 1 - share;
    for (int iterations = 0; iterations <= 4; ++iterations) {
      const GaussianMixture model = gaussian_mixture(
          data.X, 2, {.initial_labels = data.start, .max_iterations = iterations, .tolerance = 0, .noise = 0.2});
      ASSERT_LE(error_of(model, oracle), 1e-9) << iterations;
      ASSERT_NEAR(model.noise_proportion, static_cast<double>(share), 1e-10);
      // The E step with the noise as a third column.
      LongMatrix terms(X.rows(), 3);
      terms << oracle.log_terms(X), LongVector::Constant(X.rows(), std::log(share) + log_density);
      LongVector logs(X.rows());
      for (Index i = 0; i < X.rows(); ++i)
        logs[i] = terms.row(i).maxCoeff() + std::log((terms.row(i).array() - terms.row(i).maxCoeff()).exp().sum());
      ASSERT_NEAR(model.log_likelihood, static_cast<double>(logs.mean()), 1e-10);
      const LongMatrix P = (terms.colwise() - logs).array().exp();
      const RowMatrix<double> shares = predict_proba(model, data.X);
      ASSERT_EQ(shares.cols(), 3);
      ASSERT_LE((shares.cast<long double>() - P).cwiseAbs().maxCoeff(), 1e-9L);
      for (Index i = 0; i < X.rows(); ++i) {
        Index most = 0;
        shares.row(i).maxCoeff(&most);
        ASSERT_EQ(model.labels[i], most == 2 ? noise : static_cast<std::int32_t>(most));
      }
      ASSERT_EQ(predict(model, data.X), model.labels);
      oracle = MixtureOracle::maximize(X, P.leftCols(2), Covariance::full);
      share = P.col(2).mean();
      oracle.proportions *= 1 - share;
    }
  }
}

TEST(GaussianMixture, NoiseIsWhatBelongsToNoGroup) {
  const Strewn data(7, 400, 200);
  for (const Memberships memberships : {Memberships::soft, Memberships::hard}) {
    const GaussianMixture model =
        gaussian_mixture(data.X, 2, {.initial_labels = data.start, .memberships = memberships, .noise = 0.1});
    Index wrong = 0;
    for (Index i = 0; i < data.X.rows(); ++i) wrong += model.labels[i] != data.truth[i];
    EXPECT_LT(wrong, data.X.rows() / 25);  // some strewn rows lie within the groups
    EXPECT_NEAR(model.noise_proportion, 0.2, 0.03);
    EXPECT_EQ(parameters(model), 2 + 4 + 6);
    for (std::size_t i = 1; i < model.history.size(); ++i) EXPECT_GE(model.history[i], model.history[i - 1] - 1e-9);
    // Far from everything is noise, also outside of the box.
    EXPECT_EQ(predict(model, RowMatrix<double>::Constant(1, 2, 1e6))[0], noise);
    // A warm start keeps the noise.
    EXPECT_NEAR(gaussian_mixture(data.X, model, {.memberships = memberships}).noise_proportion, model.noise_proportion,
                1e-3);
    const MixtureSample drawn = sample(model, 4000, 3);
    EXPECT_NEAR(static_cast<double>((drawn.labels.array() == noise).count()) / 4000, model.noise_proportion, 0.03);
    EXPECT_LE(drawn.points.col(0).maxCoeff(), std::max(model.noise_box(1, 0), 12.0));
  }
  // Nothing is lost by asking for noise where there is none: no row has the label.
  const GaussianMixture of_iris = gaussian_mixture(iris().points, 3, {.noise = 0.05, .seed = 1});
  EXPECT_LT(of_iris.noise_proportion, 0.05);
  EXPECT_TRUE(
      std::isfinite(gaussian_mixture(RowMatrix<double>::Constant(9, 2, 3.0), 1, {.noise = 0.5}).log_likelihood));
}

TEST(GaussianMixture, StartsAndRestarts) {
  const RowMatrix<double> X = iris().points;
  const GaussianMixture model = gaussian_mixture(X, 3, {.max_iterations = 3, .tolerance = 0, .seed = 1});
  EXPECT_EQ(model.status, Status::iteration_limit);
  // A warm start goes on where the first fit stopped.
  const GaussianMixture on = gaussian_mixture(X, model, {.max_iterations = 4, .tolerance = 0});
  const GaussianMixture whole = gaussian_mixture(X, 3, {.max_iterations = 7, .tolerance = 0, .seed = 1});
  EXPECT_NEAR(on.log_likelihood, whole.log_likelihood, 1e-10);
  // Rows: each goes with the nearest of them.
  Labels nearest(X.rows());
  for (Index i = 0; i < X.rows(); ++i) {
    const double first = (X.row(i) - X.row(3)).squaredNorm(), second = (X.row(i) - X.row(90)).squaredNorm();
    nearest[i] = second < first;
  }
  expect_same(gaussian_mixture(X, 2, {.initial_rows = {3, 90}}), gaussian_mixture(X, 2, {.initial_labels = nearest}));
  for (const MixtureInit init : {MixtureInit::kmeans, MixtureInit::kmeans_plus_plus, MixtureInit::random}) {
    const double once = gaussian_mixture(X, 3, {.init = init, .seed = 9}).log_likelihood;
    EXPECT_GE(gaussian_mixture(X, 3, {.init = init, .restarts = 5, .seed = 9}).log_likelihood, once);
  }
}

TEST(GaussianMixture, OneComponentIsTheSampleMeanAndCovariance) {
  const RowMatrix<double> X = wine().points;
  const GaussianMixture model = gaussian_mixture(X, 1, {.covariance_floor = 1e-12});
  const RowMatrix<double> A = X.rowwise() - X.colwise().mean();
  const Eigen::MatrixXd S = A.transpose() * A / static_cast<double>(X.rows());
  EXPECT_LE((model.covariances[0] - S).norm() / S.norm(), 1e-12);
  EXPECT_EQ(parameters(model), 13 + 13 * 14 / 2);
  EXPECT_DOUBLE_EQ(bic(model), icl(model));
}

TEST(GaussianMixture, DegenerateDataIsRegularised) {
  for (const Covariance kind : all_covariances) {
    // All equal; one row; fewer rows than columns; a line with a constant column.
    const RowMatrix<double> equal = RowMatrix<double>::Constant(7, 3, 1e6);
    const GaussianMixture of_equal = gaussian_mixture(equal, 2, {.covariance = kind});
    EXPECT_TRUE(std::isfinite(of_equal.log_likelihood));
    EXPECT_TRUE(of_equal.floored[0]);
    EXPECT_TRUE(std::isfinite(gaussian_mixture(equal.topRows(1), 1, {.covariance = kind}).log_likelihood));
    Random random(8);
    const RowMatrix<double> few = normal_matrix<double>(random, 4, 9);
    EXPECT_TRUE(std::isfinite(gaussian_mixture(few, 2, {.covariance = kind}).log_likelihood));
    RowMatrix<double> line(30, 3);
    for (Index i = 0; i < 30; ++i) line.row(i) << static_cast<double>(i), 2.0 * static_cast<double>(i), 7;
    const GaussianMixture of_line = gaussian_mixture(line, 2, {.covariance = kind});
    EXPECT_TRUE(predict_proba(of_line, line).allFinite());
    // Far from everything, no density is left.
    EXPECT_TRUE(predict_proba(of_line, RowMatrix<double>::Constant(1, 3, 1e150)).allFinite());
  }
}

TEST(GaussianMixture, AFlatComponentThatMakesUpForItsVolumeIsTold) {
  // A cloud and, far away, two rows: of their own they would be flat, but volumes are equal.
  Random random(12);
  RowMatrix<double> X = normal_matrix<double>(random, 40, 3);
  X.bottomRows(2) << 100, 0, 0, 101, 0, 0;
  Labels labels = Labels::Zero(40);
  labels.tail(2).setOnes();
  for (const Covariance kind : {Covariance::evi, Covariance::evv}) {
    const GaussianMixture model = gaussian_mixture(X, 2, {.covariance = kind, .initial_labels = labels});
    EXPECT_EQ(model.floored, (std::vector<bool>{false, true}));
    EXPECT_GT(whole_covariance(model, 1).trace(), 1e5);
    EXPECT_TRUE(never_falls(model));
  }
}

TEST(GaussianMixture, MemoryIsThatOfTheKindOfCovariance) {
  Random random(6);
  const RowMatrix<double> X = normal_matrix<double>(random, 100, 300);
  GaussianMixtureOptions options{.covariance = Covariance::full};
  options.execution.memory_limit = 4000000;
  const GaussianMixture model = gaussian_mixture(X, 3, {.covariance = Covariance::spherical});
  EXPECT_THROW(gaussian_mixture(X, 3, options), MemoryLimitExceeded);
  EXPECT_NO_THROW(gaussian_mixture(X, model, options));  // its kind is that of the start
}

TEST(GaussianMixture, CanBeCancelled) {
  const RowMatrix<double> X = iris().points;
  int calls = 0;
  GaussianMixtureOptions options{.tolerance = 0};
  options.execution.on_progress = [&](const Progress& progress) { return progress.stage != "em" || ++calls < 3; };
  const GaussianMixture model = gaussian_mixture(X, 3, options);
  EXPECT_EQ(model.status, Status::cancelled);
  EXPECT_EQ(model.iterations, 3);
  EXPECT_EQ(predict(model, X), model.labels);
}

TEST(GaussianMixture, BadArguments) {
  const RowMatrix<double> X = iris().points;
  const auto message = [&](Index k, const GaussianMixtureOptions& options) {
    return message_of([&] { gaussian_mixture(X, k, options); });
  };
  EXPECT_EQ(message(0, {}), "corymb::gaussian_mixture: k = 0 must be in [1, n = 150]");
  EXPECT_EQ(message(151, {}), "corymb::gaussian_mixture: k = 151 must be in [1, n = 150]");
  EXPECT_EQ(message(2, {.restarts = 0}), "corymb::gaussian_mixture: restarts = 0 must be ≥ 1");
  EXPECT_EQ(message(2, {.max_iterations = -1}), "corymb::gaussian_mixture: max_iterations = -1 must be ≥ 0");
  EXPECT_EQ(message(2, {.tolerance = std::nan("")}), "corymb::gaussian_mixture: tolerance = nan must be ≥ 0");
  EXPECT_EQ(message(2, {.noise = 1}), "corymb::gaussian_mixture: noise = 1 must be in [0, 1)");
  EXPECT_EQ(message(2, {.covariance_floor = 0}), "corymb::gaussian_mixture: covariance_floor = 0 must be in (0, 1]");
  EXPECT_EQ(message(2, {.initial_labels = Labels::Zero(3)}),
            "corymb::gaussian_mixture: initial_labels has 3 entries; one per row, n = 150, is needed");
  EXPECT_EQ(
      message(2, {.initial_labels = Labels::Zero(150)}),
      "corymb::gaussian_mixture: initial_labels has no row of label 1 and positive weight; each label in [0, k = 2) "
      "must occur");
  EXPECT_EQ(message(2, {.initial_labels = Labels::Constant(150, 2)}),
            "corymb::gaussian_mixture: initial_labels(0) = 2 must be in [0, k = 2)");
  EXPECT_EQ(message(2, {.initial_rows = {0, 1}, .restarts = 2}),
            "corymb::gaussian_mixture: restarts = 2 must be 1 where the start is given");
  RowMatrix<double> hole = X;
  hole(4, 2) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(message_of([&] { gaussian_mixture(hole, 2); }), "corymb::gaussian_mixture: X(4, 2) = nan must be finite");
  GaussianMixture model = gaussian_mixture(X, 2);
  model.covariances[1] = -model.covariances[1];
  EXPECT_EQ(message_of([&] { predict(model, X); }),
            "corymb::predict: model.covariances[1] must be symmetric positive definite");
  model.covariances.pop_back();
  EXPECT_EQ(message_of([&] { predict(model, X); }), "corymb::predict: model.covariances has 1 entries, 2 are needed");
}

}  // namespace
}  // namespace gaussian_mixture_test
