#include <corymb/core/errors.hpp>
#include <corymb/datasets/bundled.hpp>
#include <corymb/preprocess/pca.hpp>
#include <corymb/preprocess/standardize.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <Eigen/QR>
#include <Eigen/SVD>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace pca_test {
namespace {

using namespace corymb_test;
using corymb::PcaOptions;
using corymb::PcaResult;
using corymb::PcaSolver;
using corymb::Vector;
using LongMatrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;

LongMatrix centred(const LongMatrix& X) { return X.rowwise() - X.colwise().mean(); }

/// The definition: the singular value decomposition of the centred points.
struct Oracle {
  Eigen::MatrixXd centred;
  Eigen::MatrixXd axes;  // d × min(n, d)
  Vector squares;        // min(n, d), squared singular values, descending
};

template <class T>
Oracle pca_by_definition(const RowMatrix<T>& X) {
  Oracle result;
  result.centred = centred(X.template cast<long double>()).template cast<double>();
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(result.centred, Eigen::ComputeThinU | Eigen::ComputeThinV);
  result.axes = svd.matrixV();
  result.squares = svd.singularValues().array().square();
  return result;
}

/// The documented sign of a component.
template <class Row>
double sign_of(const Row& component) {
  const double most = component.cwiseAbs().maxCoeff();
  for (Index j = 0; j < component.size(); ++j)
    if (std::abs(component(j)) >= most * (1 - 1e-6)) return component(j) < 0 ? -1 : 1;
  return 0;
}

/// Everything that holds for any principal components of X, exact ones up to `tolerance` relative to the largest
/// variance; float components add their own rounding.
template <class T>
void expect_principal_components(const RowMatrix<T>& X, Index m, const PcaResult<T>& result, double tolerance) {
  const Index n = X.rows(), d = X.cols();
  const Oracle oracle = pca_by_definition(X);
  const double rows = static_cast<double>(std::max<Index>(n - 1, 1));
  const double largest = oracle.squares[0], size = std::sqrt(oracle.squares.sum());
  const double rounding = std::max(tolerance, 8.0 * std::numeric_limits<T>::epsilon());
  ASSERT_EQ(result.components.rows(), m);
  ASSERT_EQ(result.components.cols(), d);
  ASSERT_EQ(result.points.rows(), n);
  ASSERT_EQ(result.points.cols(), m);
  ASSERT_EQ(result.means.size(), d);
  ASSERT_EQ(result.explained_variance.size(), m);
  ASSERT_EQ(result.explained_variance_ratio.size(), m);
  EXPECT_EQ(result.scales, Vector::Ones(m));

  const Eigen::MatrixXd V = result.components.transpose().template cast<double>();
  EXPECT_LT((V.transpose() * V - Eigen::MatrixXd::Identity(m, m)).cwiseAbs().maxCoeff(), rounding) << "orthonormal";
  for (Index c = 0; c < m; ++c) EXPECT_EQ(sign_of(V.col(c)), 1) << "sign of component " << c;
  const Eigen::MatrixXd C = oracle.centred.transpose() * oracle.centred;
  EXPECT_LE((C * V - V * (result.explained_variance * rows).asDiagonal()).norm(), 2 * rounding * largest) << "residual";
  EXPECT_LE((result.explained_variance * rows - oracle.squares.head(m)).cwiseAbs().maxCoeff(), tolerance * largest);
  EXPECT_TRUE((result.explained_variance.array() >= 0).all());
  for (Index c = 1; c < m; ++c) EXPECT_GE(result.explained_variance[c - 1], result.explained_variance[c]);
  EXPECT_NEAR(result.total_variance * rows, oracle.squares.sum(), tolerance * oracle.squares.sum());
  if (result.total_variance > 0) {
    EXPECT_LT((result.explained_variance_ratio - result.explained_variance / result.total_variance).norm(), 1e-14);
  }
  // Where a variance stands alone, the component is the one of the decomposition.
  for (Index c = 0; c < m; ++c) {
    double gap = largest;
    for (Index other = 0; other < oracle.squares.size(); ++other)
      if (other != c) gap = std::min(gap, std::abs(oracle.squares[other] - oracle.squares[c]));
    if (n <= d) gap = std::min(gap, oracle.squares[c]);  // the directions that nothing varies along
    if (gap <= 1e-3 * largest) continue;
    const Vector axis = oracle.axes.col(c) * (oracle.axes.col(c).dot(V.col(c)) < 0 ? -1 : 1);
    EXPECT_LT((V.col(c) - axis).norm(), 4 * rounding * largest / gap) << "component " << c;
  }

  const Eigen::MatrixXd projections = oracle.centred * V;
  EXPECT_LE((result.points.template cast<double>() - projections).norm(),
            (8.0 * std::numeric_limits<T>::epsilon() + 1e-14) * size + 1e-15 * result.means.norm());
  EXPECT_TRUE(same_matrix(corymb::transform(result, X), result.points));
  // What the components leave of the points is the variance that is not explained.
  const RowMatrix<T> back = corymb::inverse_transform(result, result.points);
  const double lost = (back - X).template cast<double>().squaredNorm();
  const double unexplained = oracle.squares.tail(oracle.squares.size() - m).sum();
  const double last_digits = std::numeric_limits<T>::epsilon() * X.template cast<double>().norm();
  EXPECT_NEAR(std::sqrt(lost), std::sqrt(unexplained),
              8 * last_digits + 4 * rounding * size + std::sqrt(tolerance * largest));
}

/// n × d with independent columns in random directions, of deviations `decay`^j.
RowMatrix<double> decaying_matrix(Random& random, Index n, Index d, double decay) {
  const Eigen::MatrixXd U = Eigen::HouseholderQR<Eigen::MatrixXd>(normal_matrix<double>(random, n, n)).householderQ();
  const Eigen::MatrixXd V = Eigen::HouseholderQR<Eigen::MatrixXd>(normal_matrix<double>(random, d, d)).householderQ();
  Eigen::MatrixXd S = Eigen::MatrixXd::Zero(n, d);
  for (Index j = 0; j < std::min(n, d); ++j) S(j, j) = std::pow(decay, static_cast<double>(j));
  return U * S * V.transpose();
}

template <class T>
void expect_same_result(const PcaResult<T>& a, const PcaResult<T>& b) {
  EXPECT_TRUE(same_matrix(a.points, b.points));
  EXPECT_TRUE(same_matrix(a.components, b.components));
  EXPECT_TRUE(same_matrix(a.means, b.means));
  EXPECT_TRUE(same_matrix(a.explained_variance, b.explained_variance));
  EXPECT_TRUE(same_matrix(a.explained_variance_ratio, b.explained_variance_ratio));
  EXPECT_TRUE(same_matrix(a.scales, b.scales));
  EXPECT_EQ(a.total_variance, b.total_variance);
}

// ---- what the components are ----

TEST(Pca, EqualsTheSingularValueDecomposition) {
  for_each_scalar([]<class T>(T) {
    for (std::uint64_t instance = 0; instance < instances; ++instance) {
      Random random(instance);
      const Index n = 1 + random.below(25), d = 1 + random.below(25), m = 1 + random.below(std::min(n, d));
      SCOPED_TRACE(::testing::Message() << "instance " << instance << ", n = " << n << ", d = " << d << ", m = " << m);
      RowMatrix<T> X = normal_matrix<T>(random, n, d);
      for (Index j = 0; j < d; ++j) X.col(j) *= static_cast<T>(std::exp(random.uniform(-1, 2)));
      if (instance % 3 == 1) X = X.array().round();  // ties and equal rows
      expect_principal_components(X, m, corymb::pca(X, m), 1e-13);
      // With all directions carried along the randomized solver is exact as well.
      expect_principal_components(X, m, corymb::pca(X, m, {.solver = PcaSolver::randomized, .oversampling = 100}),
                                  1e-13);
    }
  });
}

TEST(Pca, GramMatrixGivesWhatTheCovarianceGives) {
  for (std::uint64_t instance = 0; instance < 50; ++instance) {
    Random random(instance, {1});
    const Index n = 3 + random.below(10), d = n + 1 + random.below(20), copies = d / n + 1,
                m = std::min<Index>(n - 2, 3);
    const auto X = normal_matrix<double>(random, n, d);
    // Copies of all rows leave the directions as they are, and make n larger than d.
    const RowMatrix<double> repeated = X.replicate(copies, 1);
    const auto gram = corymb::pca(X, m), covariance = corymb::pca(repeated, m);
    const double factor = static_cast<double>(copies * n - 1) / static_cast<double>(copies * (n - 1));
    for (Index c = 0; c < m; ++c)
      EXPECT_NEAR(gram.explained_variance[c] / covariance.explained_variance[c], factor, 1e-12);
    EXPECT_LT((gram.explained_variance_ratio - covariance.explained_variance_ratio).norm(), 1e-13);
    double gap = 1;
    const Vector squares = pca_by_definition(X).squares;
    for (Index c = 0; c < m; ++c) gap = std::min(gap, 1 - squares[c + 1] / squares[c]);
    EXPECT_LT((gram.components - covariance.components).cwiseAbs().maxCoeff(), 1e-13 / gap) << "instance " << instance;
  }
}

TEST(Pca, RandomizedOnDecayingVariances) {
  for (std::uint64_t instance = 0; instance < 20; ++instance) {
    Random random(instance, {2});
    const Index n = instance % 2 == 0 ? 120 : 60, d = 180 - n, m = 5;
    const auto X = decaying_matrix(random, n, d, 0.8);
    const auto exact = corymb::pca(X, m);
    const auto found = corymb::pca(X, m, {.solver = PcaSolver::randomized, .seed = instance});
    // Five multiplications by the covariance shrink direction 16 against direction 5 by 0.8^(2 · 5 · 11) = 2e-11.
    for (Index c = 0; c < m; ++c)
      EXPECT_NEAR(found.explained_variance[c] / exact.explained_variance[c], 1, 1e-12) << "component " << c;
    EXPECT_LT((found.components - exact.components).cwiseAbs().maxCoeff(), 1e-7);
    EXPECT_LT((found.components * found.components.transpose() - Eigen::MatrixXd::Identity(m, m)).norm(), 1e-14);
    // Variances found within a subspace are never larger than the exact ones.
    const auto hasty = corymb::pca(
        X, m, {.solver = PcaSolver::randomized, .oversampling = 0, .power_iterations = 0, .seed = instance});
    for (Index c = 0; c < m; ++c) {
      EXPECT_LT(hasty.explained_variance[c], exact.explained_variance[c] * (1 + 1e-12));
      EXPECT_GT(hasty.explained_variance[c], 0);
    }
    EXPECT_NE(hasty.components, exact.components);
    EXPECT_LE(hasty.explained_variance.sum(), found.explained_variance.sum());
  }
}

TEST(Pca, RandomizedIsExactOnLowRank) {
  for (std::uint64_t instance = 0; instance < 6; ++instance) {
    Random random(instance, {3});
    const Index n = 400, d = 90, rank = 6;
    const RowMatrix<double> X = normal_matrix<double>(random, n, rank) * normal_matrix<double>(random, rank, d);
    for (const int iterations : {0, 1, 4}) {
      const auto found = corymb::pca(
          X, 8, {.solver = PcaSolver::randomized, .oversampling = 0, .power_iterations = iterations, .seed = instance});
      expect_principal_components(X, 8, found, 1e-12);
    }
  }
}

// scikit-learn 1.2.1: p = PCA(4, svd_solver="full").fit(load_iris().data); p.explained_variance_,
// p.explained_variance_ratio_, p.components_, p.transform(load_iris().data)[140]
TEST(Pca, IrisAsInScikitLearn) {
  const auto iris = corymb::iris();
  const auto result = corymb::pca(iris.points, 4);
  const Eigen::Vector4d variance(4.228241706034864, 0.2426707479286334, 0.0782095000429194, 0.0238350929734494);
  const Eigen::Vector4d ratio(0.9246187232017271, 0.0530664831170678, 0.0171026098079298, 0.0052121838732754);
  Eigen::Matrix4d components;
  components << 0.3613865917853687, -0.0845225140645687, 0.8566706059498351, 0.3582891971515508,  //
      0.6565887712868422, 0.7301614347850266, -0.1733726627958568, -0.0754810199174632,           //
      -0.5820298513060654, 0.5979108301000856, 0.0762360758209633, 0.5458314320200756,            //
      -0.3154871929039753, 0.3197231036661293, 0.4798389869946344, -0.7536574252640454;
  Eigen::Vector4d row(2.3141547052355995, 0.18365127916901949, 0.32269374717305888, -0.27765377738756541);
  components.row(3) *= -1;  // our sign
  row(3) *= -1;
  EXPECT_LT((result.explained_variance - variance).cwiseAbs().maxCoeff(), 1e-14);
  EXPECT_LT((result.explained_variance_ratio - ratio).cwiseAbs().maxCoeff(), 1e-14);
  EXPECT_LT((result.components - components).cwiseAbs().maxCoeff(), 1e-13);
  EXPECT_LT((result.points.row(140).transpose() - row).cwiseAbs().maxCoeff(), 1e-13);
  EXPECT_NEAR(result.total_variance, variance.sum(), 1e-13);

  // PCA(4, svd_solver="full", whiten=True).fit_transform(load_iris().data)[0]
  const Eigen::Vector4d white(-1.3053378633198562, 0.6483693157802408, -0.0998171567550225, 0.0146544014004751);
  const auto whitened = corymb::pca(iris.points, 4, {.whiten = true});
  EXPECT_LT((whitened.points.row(0).transpose() - white).cwiseAbs().maxCoeff(), 1e-12);
}

// scikit-learn 1.2.1: p = PCA(3, svd_solver="full").fit(Z) with Z = StandardScaler().fit_transform(load_wine().data);
// p.explained_variance_, p.explained_variance_ratio_, p.components_[0], p.transform(Z)[[0, 77, 140]]
TEST(Pca, WineAsInScikitLearn) {
  const auto result = corymb::pca(corymb::standardize(corymb::wine().points).points, 3);
  const Eigen::Vector3d variance(4.73243697758359, 2.51108092964513, 1.4542418678464635);
  const Eigen::Vector3d ratio(0.3619884809992634, 0.1920749025700899, 0.1112363053624996);
  const std::vector<double> first = {0.1443293954060118, -0.2451875802572204, -0.0020510614443709, -0.2393204054875351,
                                     0.1419920419529874, 0.3946608450666304,  0.4229342967100592,  -0.2985331029547152,
                                     0.3134294883076887, -0.0886167047247223, 0.296714563586381,   0.3761674107387126,
                                     0.2867522268968055};
  Eigen::Matrix3d points;
  points << 3.3167508122147793, -1.4434626343180073, -0.1657390446144203,  //
      -1.4573770449061405, 1.3833517690762585, -0.2273069023273072,        //
      -2.778812947632515, -0.2868048728821763, 0.6096701239723733;
  points.col(1) *= -1;  // our sign
  EXPECT_LT((result.explained_variance - variance).cwiseAbs().maxCoeff(), 1e-13);
  EXPECT_LT((result.explained_variance_ratio - ratio).cwiseAbs().maxCoeff(), 1e-14);
  for (Index j = 0; j < 13; ++j) EXPECT_NEAR(result.components(0, j), first[static_cast<std::size_t>(j)], 1e-13);
  Index row = 0;
  for (const Index i : {0, 77, 140})
    EXPECT_LT((result.points.row(i) - points.row(row++)).cwiseAbs().maxCoeff(), 1e-12) << "row " << i;
}

TEST(Pca, WhitenedColumnsHaveVarianceOne) {
  for_each_scalar([]<class T>(T) {
    Random random(5);
    RowMatrix<T> X = normal_matrix<T>(random, 200, 4);
    X.col(3) = X.col(0) + X.col(1);  // rank 3: the last component has no variance
    const auto plain = corymb::pca(X, 4), white = corymb::pca(X, 4, {.whiten = true});
    EXPECT_TRUE(same_matrix(plain.components, white.components));
    EXPECT_TRUE(same_matrix(plain.explained_variance, white.explained_variance));
    for (Index c = 0; c < 3; ++c) {
      EXPECT_NEAR(white.points.col(c).template cast<double>().squaredNorm() / 199, 1, 1e-5);
      EXPECT_DOUBLE_EQ(white.scales[c], std::sqrt(plain.explained_variance[c]));
    }
    EXPECT_EQ(white.scales[3], sizeof(T) == 8 ? 1 : white.scales[3]);
    EXPECT_TRUE(white.points.allFinite());
    EXPECT_TRUE(same_matrix(corymb::transform(white, X), white.points));
    EXPECT_LT((corymb::inverse_transform(white, white.points) - X).cwiseAbs().maxCoeff(),
              50 * std::numeric_limits<T>::epsilon());
  });
}

// ---- numerics ----

TEST(Pca, AnOffsetCostsNothing) {
  Random random(6);
  const RowMatrix<double> mix = grid_matrix<double>(random, 5, 5, 8, 0x1p-3);
  const RowMatrix<double> X = grid_matrix<double>(random, 3000, 5, 64, 0x1p-4) * mix;  // exact, and so with the offset
  const RowMatrix<double> wide = grid_matrix<double>(random, 6, 700, 64, 0x1p-4);
  for (const auto& data : {X, wide})
    for (const PcaSolver solver : {PcaSolver::covariance, PcaSolver::randomized}) {
      const Index m = 3;
      const PcaOptions options = {.solver = solver};
      const auto near_zero = corymb::pca(data, m, options);
      for (const double offset : {0x1p20, -0x1p30}) {
        const auto result = corymb::pca((data.array() + offset).matrix(), m, options);
        EXPECT_LT((result.explained_variance_ratio - near_zero.explained_variance_ratio).norm(), 1e-14);
        EXPECT_NEAR(result.total_variance / near_zero.total_variance, 1, 1e-14);
        EXPECT_LT((result.components - near_zero.components).cwiseAbs().maxCoeff(), 1e-12) << offset;
        EXPECT_LT((result.points - near_zero.points).cwiseAbs().maxCoeff(), 4e-16 * 40 * std::abs(offset));
      }
    }
}

TEST(Pca, ExtremeScales) {
  Random random(7);
  const auto X = normal_matrix<double>(random, 300, 4);
  for (const PcaSolver solver : {PcaSolver::covariance, PcaSolver::randomized}) {
    const auto plain = corymb::pca(X, 3, {.solver = solver});
    for (const double scale : {0x1p500, 0x1p-500, 0x1p-900}) {
      const auto result = corymb::pca(X * scale, 3, {.solver = solver});
      EXPECT_LT((result.components - plain.components).cwiseAbs().maxCoeff(), 1e-12);
      EXPECT_LT((result.explained_variance_ratio - plain.explained_variance_ratio).norm(), 1e-14);
      EXPECT_LT((result.points / scale - plain.points).cwiseAbs().maxCoeff(), 1e-12);
      const double expected = scale > 0x1p-510 ? plain.total_variance : 0;  // 2^-1800 is 0
      EXPECT_NEAR(result.total_variance / scale / scale, expected, 1e-13);
    }
    EXPECT_THROW(corymb::pca(X * 0x1p520, 3, {.solver = solver}), corymb::NumericalError);
  }
  // Far from zero, but not spread out.
  RowMatrix<double> far(3, 2);
  far << 1e300, 0, 1e300, 1, 1e300, 2;
  EXPECT_EQ(corymb::pca(far, 1).components, (RowMatrix<double>(1, 2) << 0, 1).finished());
  EXPECT_EQ(corymb::pca(far, 1).explained_variance[0], 1);
  RowMatrix<float> largest(2, 2);
  largest << 3e38f, 1, -3e38f, 1;
  EXPECT_FLOAT_EQ(corymb::pca(largest, 1).points(0, 0), 3e38f);
  largest << 3e38f, 3e38f, -3e38f, -3e38f;
  EXPECT_THROW(corymb::pca(largest, 1), corymb::NumericalError);  // the length of the row is beyond float
}

TEST(Pca, NothingVaries) {
  for_each_scalar([]<class T>(T) {
    for (const Shape shape : {Shape{5, 2, 3}, Shape{3, 2, 5}, Shape{1, 1, 4}, Shape{7, 1, 1}}) {
      for (const PcaSolver solver : {PcaSolver::automatic, PcaSolver::covariance, PcaSolver::randomized}) {
        for (const bool whiten : {false, true}) {
          SCOPED_TRACE(::testing::Message() << shape);
          const RowMatrix<T> X = RowMatrix<T>::Constant(shape.n, shape.d, T(0.1));
          const auto result = corymb::pca(X, shape.k, {.solver = solver, .whiten = whiten});
          EXPECT_EQ(result.components, (RowMatrix<T>::Identity(shape.k, shape.d)));
          EXPECT_EQ(result.points, (RowMatrix<T>::Zero(shape.n, shape.k)));
          EXPECT_EQ(result.explained_variance, Vector::Zero(shape.k));
          EXPECT_EQ(result.explained_variance_ratio, Vector::Zero(shape.k));
          EXPECT_EQ(result.total_variance, 0);
          EXPECT_EQ(result.scales, Vector::Ones(shape.k));
          EXPECT_EQ(corymb::inverse_transform(result, result.points), X);
        }
      }
    }
  });
}

TEST(Pca, FewerDirectionsThanComponents) {
  Random random(8);
  // Two different rows, many times: rank 1 of up to 4.
  const RowMatrix<double> ends = normal_matrix<double>(random, 2, 4);
  for (const Index copies : {2, 50}) {
    const RowMatrix<double> X = ends.replicate(copies, 1);
    for (const PcaSolver solver : {PcaSolver::covariance, PcaSolver::randomized})
      expect_principal_components(X, 4, corymb::pca(X, 4, {.solver = solver}), 1e-13);
  }
  const RowMatrix<double> wide =
      normal_matrix<double>(random, 2, 1).replicate(2, 1) * normal_matrix<double>(random, 1, 30);
  expect_principal_components(wide, 4, corymb::pca(wide, 4), 1e-13);
  // A column alone varies.
  RowMatrix<double> one = RowMatrix<double>::Constant(20, 3, 7);
  one.col(1) = normal_matrix<double>(random, 20, 1);
  const auto result = corymb::pca(one, 3);
  EXPECT_EQ(result.components.row(0), Eigen::RowVector3d(0, 1, 0));
  expect_principal_components(one, 3, result, 1e-13);
}

TEST(Pca, SignsOfNearlyEqualEntries) {
  RowMatrix<double> X(2, 2);
  for (const double excess : {0.0, 1e-8, 1e-7, -1e-8}) {  // within 1e-6 of the largest: the first entry decides
    X << 1, -1 - excess, -1, 1 + excess;
    const auto result = corymb::pca(X, 2);
    EXPECT_GT(result.components(0, 0), 0);
    EXPECT_LT(result.components(0, 1), 0);
    EXPECT_GT(result.components(1, 0), 0);
    EXPECT_GT(result.components(1, 1), 0);
    EXPECT_NEAR(result.points(0, 0), std::sqrt(2.0), 1e-6);
  }
  X << 1, -1 - 1e-5, -1, 1 + 1e-5;  // beyond it: the largest does
  const auto result = corymb::pca(X, 2);
  EXPECT_LT(result.components(0, 0), 0);
  EXPECT_GT(result.components(0, 1), 0);
}

// ---- the same answer ----

TEST(Pca, ThreadsAndLayoutsGiveTheSameBits) {
  for_each_scalar([]<class T>(T) {
    for (const Shape shape : {Shape{3000, 4, 17}, Shape{1100, 2, 1}, Shape{9, 3, 1500}, Shape{600, 9, 400}}) {
      for (const PcaSolver solver : {PcaSolver::covariance, PcaSolver::randomized}) {
        SCOPED_TRACE(::testing::Message() << shape);
        Random random(9);
        const auto X = normal_matrix<T>(random, shape.n, shape.d);
        const Index m = std::min(shape.k, shape.d);
        const auto expected = corymb::pca(X, m, {.solver = solver, .execution = {.threads = 1}});
        const auto back = corymb::inverse_transform(expected, expected.points, {.threads = 1});
        const auto check = [&](const auto& view, int threads) {
          expect_same_result(corymb::pca(view, m, {.solver = solver, .execution = {.threads = threads}}), expected);
          EXPECT_TRUE(same_matrix(corymb::transform(expected, view, {.threads = threads}), expected.points));
        };
        for (const int threads : {2, 3}) check(X, threads);
        if (shape.n == 600) continue;  // too slow for all layouts
        for_each_layout(X, [&](const auto& view) {
          check(view, 2);
          EXPECT_TRUE(same_matrix(RowMatrix<T>(view), X)) << "the input has changed";
        });
        for_each_layout(expected.points, [&](const auto& view) {
          EXPECT_TRUE(same_matrix(corymb::inverse_transform(expected, view, {.threads = 2}), back));
        });
      }
    }
  });
}

TEST(Pca, ARowIsProjectedTheSameAlone) {
  for_each_scalar([]<class T>(T) {
    Random random(10);
    for (const Index m : {1, 7, 8, 19}) {
      const auto X = normal_matrix<T>(random, 75, 23);
      const auto model = corymb::pca(X, m);
      for (Index i = 0; i < 75; ++i)
        EXPECT_TRUE(same_matrix(corymb::transform(model, X.row(i)), RowMatrix<T>(model.points.row(i))));
      EXPECT_TRUE(
          same_matrix(corymb::transform(model, X.middleRows(11, 34)), RowMatrix<T>(model.points.middleRows(11, 34))));
      EXPECT_EQ(corymb::transform(model, X.topRows(0)).cols(), m);
      EXPECT_EQ(corymb::inverse_transform(model, model.points.topRows(0)).cols(), 23);
    }
  });
}

TEST(Pca, Seeds) {
  Random random(11);
  const auto X = normal_matrix<double>(random, 80, 60);
  const PcaOptions options = {.solver = PcaSolver::randomized, .oversampling = 2, .power_iterations = 1, .seed = 3};
  PcaOptions other = options;
  other.seed = 4;
  expect_same_result(corymb::pca(X, 3, options), corymb::pca(X, 3, options));
  EXPECT_NE(corymb::pca(X, 3, options).components, corymb::pca(X, 3, other).components);
}

// ---- solvers, progress, mistakes ----

/// The stages that a call reports until it is stopped at the first one after the means.
std::string stage_of(Index n, Index d, Index m, PcaOptions options = {}) {
  std::string stage;
  options.execution.on_progress = [&](const corymb::Progress& progress) {
    stage = progress.stage;
    return stage == "column means";
  };
  EXPECT_THROW(corymb::pca(RowMatrix<float>::Random(n, d), m, options), corymb::Cancelled);
  return stage;
}

TEST(Pca, AutomaticSolver) {
  EXPECT_EQ(stage_of(1001, 1001, 2), "subspace iteration");
  EXPECT_EQ(stage_of(1001, 1001, 240), "subspace iteration");
  EXPECT_EQ(stage_of(1001, 1001, 241), "covariance");
  EXPECT_EQ(stage_of(1001, 1001, 2, {.oversampling = 300}), "covariance");
  EXPECT_EQ(stage_of(1000, 1100, 2), "covariance");
  EXPECT_EQ(stage_of(50, 3000, 2), "covariance");
  EXPECT_EQ(stage_of(50, 30, 2, {.solver = PcaSolver::randomized}), "subspace iteration");
}

TEST(Pca, ProgressIsReported) {
  std::vector<std::string> stages;
  const auto record = [&](const corymb::Progress& progress) {
    stages.push_back(std::string(progress.stage) + " " + std::to_string(progress.step) + "/" +
                     std::to_string(progress.steps));
    return true;
  };
  const RowMatrix<double> X = RowMatrix<double>::Random(20, 5);
  corymb::pca(X, 2, {.solver = PcaSolver::randomized, .power_iterations = 1, .execution = {.on_progress = record}});
  EXPECT_EQ(stages, (std::vector<std::string>{"column means 1/1", "subspace iteration 1/3", "subspace iteration 2/3",
                                              "subspace iteration 3/3"}));
  stages.clear();
  corymb::pca(X, 2, {.execution = {.on_progress = record}});
  EXPECT_EQ(stages, (std::vector<std::string>{"column means 1/1", "covariance 1/1"}));
}

TEST(Pca, Mistakes) {
  const RowMatrix<double> X = RowMatrix<double>::Random(5, 3);
  RowMatrix<double> bad = X;
  bad(3, 1) = std::numeric_limits<double>::quiet_NaN();
  expect_message([&] { corymb::pca(X, 0); }, "corymb::pca: m = 0 must be in [1, min(n, d) = 3]");
  expect_message([&] { corymb::pca(X, 4); }, "corymb::pca: m = 4 must be in [1, min(n, d) = 3]");
  expect_message([&] { corymb::pca(X.topRows(2), 3); }, "corymb::pca: m = 3 must be in [1, min(n, d) = 2]");
  expect_message([&] { corymb::pca(X.topRows(0), 1); }, "corymb::pca: X has 0 rows; at least 1 is needed");
  expect_message([&] { corymb::pca(X.leftCols(0), 1); }, "corymb::pca: X has 0 columns; at least 1 is needed");
  expect_message([&] { corymb::pca(bad, 1); }, "corymb::pca: X(3, 1) = nan must be finite");
  expect_message([&] { corymb::pca(X, 1, {.oversampling = -1}); }, "corymb::pca: oversampling = -1 must be ≥ 0");
  expect_message([&] { corymb::pca(X, 1, {.power_iterations = -2}); },
                 "corymb::pca: power_iterations = -2 must be ≥ 0");
  expect_message([&] { corymb::pca(X, 1, {.execution = {.threads = -1}}); },
                 "corymb::pca: execution.threads = -1 must be in [0, 1024] (0 = all)");
  const auto model = corymb::pca(X, 2);
  expect_message([&] { corymb::transform(model, RowMatrix<double>(3, 2)); },
                 "corymb::transform: X_new has 2 columns, the model has 3; they must agree");
  expect_message([&] { corymb::inverse_transform(model, RowMatrix<double>(3, 3)); },
                 "corymb::inverse_transform: Z has 3 columns, the model has 2; they must agree");
  expect_message([&] { corymb::transform(model, bad); }, "corymb::transform: X_new(3, 1) = nan must be finite");
  PcaResult<double> torn = model;
  torn.means.resize(2);
  expect_message([&] { corymb::transform(torn, X); },
                 "corymb::transform: the model has 2 components of 3 columns, 2 means and 2 scales; they must agree");
}

TEST(Pca, MemoryLimit) {
  const RowMatrix<float> X = RowMatrix<float>::Random(400, 300);
  try {
    corymb::pca(X, 2, {.execution = {.threads = 1, .memory_limit = 1000000}});
    FAIL() << "the covariance matrix alone takes 720 kB";
  } catch (const corymb::MemoryLimitExceeded& error) {
    EXPECT_GT(error.required, 3U * 300 * 300 * 8);
    EXPECT_NE(std::string(error.what()).find("use PcaSolver::randomized"), std::string::npos) << error.what();
  }
  EXPECT_NO_THROW(
      corymb::pca(X, 2, {.solver = PcaSolver::randomized, .execution = {.threads = 1, .memory_limit = 1000000}}));
}

}  // namespace
}  // namespace pca_test
