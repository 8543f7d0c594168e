// The verifier itself: right answers accepted, wrong ones rejected.
#include <gtest/gtest.h>

#include "support/verify_kmeans.hpp"

namespace verify_kmeans_test {
namespace {

using corymb::KMeansResult;

//  0   1   2 . . . 10  11  12     two clusters on a line, centroids 1 and 11
corymb::RowMatrix<double> line() {
  corymb::RowMatrix<double> X(6, 1);
  X << 0, 1, 2, 10, 11, 12;
  return X;
}

KMeansResult<double> right_answer() {
  KMeansResult<double> result;
  result.labels.resize(6);
  result.labels << 0, 0, 0, 1, 1, 1;
  result.centroids.resize(2, 1);
  result.centroids << 1, 11;
  result.sizes.resize(2);
  result.sizes << 3, 3;
  result.inertia = 4;
  return result;
}

TEST(VerifyKMeans, AcceptsTheRightAnswer) { EXPECT_EQ(verify::kmeans_error<double>(line(), right_answer(), true), ""); }

TEST(VerifyKMeans, RejectsALabelThatIsNotTheNearest) {
  auto wrong = right_answer();
  wrong.labels[2] = 1;
  EXPECT_NE(verify::kmeans_error<double>(line(), wrong, true).find("row 2"), std::string::npos);
}

TEST(VerifyKMeans, RejectsTheHigherLabelOnATie) {
  auto wrong = right_answer();
  wrong.centroids << 1, 1;
  wrong.labels.setOnes();
  EXPECT_NE(verify::kmeans_error<double>(line(), wrong, false).find("nearest centroid is 0"), std::string::npos);
}

TEST(VerifyKMeans, RejectsACentroidThatIsNotTheMean) {
  auto wrong = right_answer();
  wrong.centroids(0, 0) = 1.5;
  wrong.inertia = 2.25 + 0.25 + 0.25 + 2;
  EXPECT_NE(verify::kmeans_error<double>(line(), wrong, true).find("mean"), std::string::npos);
  EXPECT_EQ(verify::kmeans_error<double>(line(), wrong, false), "");
}

TEST(VerifyKMeans, RejectsWrongInertiaAndSizes) {
  auto wrong = right_answer();
  wrong.inertia = 4.001;
  EXPECT_NE(verify::kmeans_error<double>(line(), wrong, true).find("inertia"), std::string::npos);
  wrong = right_answer();
  wrong.sizes << 2, 4;
  EXPECT_NE(verify::kmeans_error<double>(line(), wrong, true).find("size"), std::string::npos);
}

TEST(VerifyKMeans, KnowsWeights) {
  corymb::Vector weights(6);
  weights << 1, 1, 4, 1, 1, 1;
  EXPECT_NE(verify::kmeans_error<double>(line(), right_answer(), true, weights), "");
  auto right = right_answer();
  right.centroids(0, 0) = 1.5;
  right.sizes << 6, 3;
  right.inertia = 2.25 + 0.25 + 4 * 0.25 + 2;
  EXPECT_EQ(verify::kmeans_error<double>(line(), right, true, weights), "");
}

TEST(VerifyKMeans, RejectsARisingHistory) {
  EXPECT_EQ(verify::history_error({5, 4, 4, 3}, 0), "");
  EXPECT_NE(verify::history_error({5, 4, 4.1, 3}, 0), "");
}

}  // namespace
}  // namespace verify_kmeans_test
