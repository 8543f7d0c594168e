// The verifier itself: right answers accepted, wrong ones rejected.
#include <gtest/gtest.h>

#include "support/verify_kmedoids.hpp"

namespace verify_kmedoids_test {
namespace {

using corymb::KMedoidsResult;

//  0   1   2 . . . 10  11  12     two clusters on a line, medoids 1 and 4 (at 1 and 11)
corymb::RowMatrix<double> line() {
  const double place[6] = {0, 1, 2, 10, 11, 12};
  corymb::RowMatrix<double> D(6, 6);
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 6; ++j) D(i, j) = std::abs(place[i] - place[j]);
  return D;
}

KMedoidsResult<double> right_answer() {
  KMedoidsResult<double> result;
  result.medoids = {1, 4};
  result.labels.resize(6);
  result.labels << 0, 0, 0, 1, 1, 1;
  result.sizes.resize(2);
  result.sizes << 3, 3;
  result.loss = 4;
  return result;
}

std::string error_of(const KMedoidsResult<double>& result) { return verify::kmedoids_error(line(), result, true); }

TEST(VerifyKMedoids, AcceptsTheRightAnswer) { EXPECT_EQ(error_of(right_answer()), ""); }

TEST(VerifyKMedoids, RejectsALabelThatIsNotTheNearest) {
  auto wrong = right_answer();
  wrong.labels[2] = 1;
  EXPECT_NE(error_of(wrong).find("object 2"), std::string::npos);
}

TEST(VerifyKMedoids, RejectsTheHigherLabelOnATie) {
  auto wrong = right_answer();
  corymb::RowMatrix<double> D = line();
  D(0, 4) = D(0, 1);
  wrong.labels[0] = 1;
  EXPECT_NE(verify::kmedoids_error(D, wrong, false).find("object 0"), std::string::npos);
}

TEST(VerifyKMedoids, RejectsMedoidsThatAreEqualOrNoObjects) {
  auto wrong = right_answer();
  wrong.medoids = {1, 1};
  EXPECT_EQ(error_of(wrong), "a medoid stands twice");
  wrong.medoids = {1, 6};
  EXPECT_EQ(error_of(wrong), "a medoid is no object");
}

TEST(VerifyKMedoids, RejectsAMedoidWithoutWeight) {
  corymb::Vector weights = corymb::Vector::Ones(6);
  weights[4] = 0;
  EXPECT_EQ(verify::kmedoids_error(line(), right_answer(), true, weights), "a medoid is absent");
}

TEST(VerifyKMedoids, RejectsAWrongLossOrSize) {
  auto wrong = right_answer();
  wrong.loss = 4.001;
  EXPECT_NE(error_of(wrong).find("loss"), std::string::npos);
  wrong = right_answer();
  wrong.sizes[1] = 2;
  EXPECT_NE(error_of(wrong).find("size"), std::string::npos);
}

TEST(VerifyKMedoids, RejectsMedoidsThatASwapImproves) {
  auto wrong = right_answer();
  wrong.medoids = {1, 5};
  wrong.loss = 5;
  EXPECT_NE(error_of(wrong).find("lowers the loss from 5 to 4"), std::string::npos);
  EXPECT_EQ(verify::kmedoids_error(line(), wrong, false), "");
}

}  // namespace
}  // namespace verify_kmedoids_test
