#include <corymb/datasets/bundled.hpp>

#include "bundled_checksums.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <span>

namespace bundled_test {
namespace {

using corymb::BundledData;
using corymb::Index;

// The checksums are exact sums of the doubles; ours are summed here, so they agree to rounding.
void expect_columns(const BundledData& data, std::span<const double> sums, std::span<const double> moments) {
  ASSERT_EQ(static_cast<std::size_t>(data.points.cols()), sums.size());
  ASSERT_EQ(sums.size(), moments.size());
  for (std::size_t j = 0; j < sums.size(); ++j) {
    double sum = 0, moment = 0;
    for (Index i = 0; i < data.points.rows(); ++i) {
      const double value = data.points(i, static_cast<Index>(j));
      sum += value;
      moment += static_cast<double>(i + 1) * value;
    }
    EXPECT_NEAR(sum, sums[j], 1e-12 * std::abs(sums[j])) << "column " << j;
    EXPECT_NEAR(moment, moments[j], 1e-12 * std::abs(moments[j])) << "column " << j;
  }
}

void expect_classes(const BundledData& data, const std::vector<Index>& sizes) {
  ASSERT_EQ(data.labels.size(), data.points.rows());
  EXPECT_EQ(data.class_names.size(), sizes.size());
  for (std::size_t c = 0; c < sizes.size(); ++c)
    EXPECT_EQ((data.labels.array() == static_cast<std::int32_t>(c)).count(), sizes[c]) << "class " << c;
}

void expect_described(const BundledData& data) {
  EXPECT_EQ(static_cast<Index>(data.feature_names.size()), data.points.cols());
  for (const auto& name : data.feature_names) EXPECT_FALSE(name.empty());
  EXPECT_FALSE(data.source.empty());
  EXPECT_FALSE(data.license.empty());
}

TEST(Bundled, Iris) {
  const BundledData data = corymb::iris();
  ASSERT_EQ(data.points.rows(), 150);
  ASSERT_EQ(data.points.cols(), 4);
  expect_columns(data, bundled_checksums::iris_sums, bundled_checksums::iris_moments);
  expect_classes(data, {50, 50, 50});
  expect_described(data);
  EXPECT_EQ(data.class_names[2], "virginica");
  EXPECT_EQ(data.points.minCoeff(), 0.1);
  EXPECT_EQ(data.points.maxCoeff(), 7.9);
  // Fisher's values, where the UCI copy has (4.9, 3.1, 1.5, 0.1) twice.
  EXPECT_EQ(data.points.row(34), Eigen::RowVector4d(4.9, 3.1, 1.5, 0.2));
  EXPECT_EQ(data.points.row(37), Eigen::RowVector4d(4.9, 3.6, 1.4, 0.1));
  // Class means as Fisher's table 2 prints them.
  const Eigen::RowVector4d setosa = data.points.topRows(50).colwise().mean();
  const Eigen::RowVector4d versicolor = data.points.middleRows(50, 50).colwise().mean();
  EXPECT_LT((setosa - Eigen::RowVector4d(5.006, 3.428, 1.462, 0.246)).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_LT((versicolor - Eigen::RowVector4d(5.936, 2.770, 4.260, 1.326)).cwiseAbs().maxCoeff(), 1e-12);
}

TEST(Bundled, Wine) {
  const BundledData data = corymb::wine();
  ASSERT_EQ(data.points.rows(), 178);
  ASSERT_EQ(data.points.cols(), 13);
  expect_columns(data, bundled_checksums::wine_sums, bundled_checksums::wine_moments);
  expect_classes(data, {59, 71, 48});
  expect_described(data);
  EXPECT_EQ(data.feature_names[12], "proline");
  EXPECT_EQ(data.points.col(12).minCoeff(), 278);
  EXPECT_EQ(data.points.col(12).maxCoeff(), 1680);
  EXPECT_TRUE((data.points.array() > 0).all());
  for (Index i = 1; i < 178; ++i) EXPECT_LE(data.labels[i - 1], data.labels[i]);
}

TEST(Bundled, Digits) {
  const BundledData data = corymb::digits();
  ASSERT_EQ(data.points.rows(), 1797);
  ASSERT_EQ(data.points.cols(), 64);
  expect_columns(data, bundled_checksums::digits_sums, bundled_checksums::digits_moments);
  expect_classes(data, {178, 182, 177, 183, 181, 182, 181, 179, 174, 180});
  expect_described(data);
  EXPECT_EQ(data.feature_names[10], "pixel (1, 2)");
  EXPECT_EQ(data.points.minCoeff(), 0);
  EXPECT_EQ(data.points.maxCoeff(), 16);
  EXPECT_EQ(data.points, data.points.array().floor().matrix());
  // The first image is a zero: an empty middle in a ring of ink.
  EXPECT_EQ(data.labels[0], 0);
  EXPECT_EQ(data.points.row(0).segment(32, 8), (Eigen::RowVectorXd(8) << 0, 5, 8, 0, 0, 9, 8, 0).finished());
}

TEST(Bundled, OldFaithful) {
  const BundledData data = corymb::old_faithful();
  ASSERT_EQ(data.points.rows(), 272);
  ASSERT_EQ(data.points.cols(), 2);
  expect_columns(data, bundled_checksums::old_faithful_sums, bundled_checksums::old_faithful_moments);
  EXPECT_EQ(data.labels.size(), 0);
  EXPECT_TRUE(data.class_names.empty());
  expect_described(data);
  EXPECT_EQ(data.points.row(0), Eigen::RowVector2d(3.6, 79));
  EXPECT_EQ(data.points.row(271), Eigen::RowVector2d(4.467, 74));
  EXPECT_EQ(data.points.colwise().minCoeff(), Eigen::RowVector2d(1.6, 43));
  EXPECT_EQ(data.points.colwise().maxCoeff(), Eigen::RowVector2d(5.1, 96));
}

}  // namespace
}  // namespace bundled_test
