#pragma once

#include <gtest/gtest.h>
#include <corymb/partition/kmeans.hpp>

#include <string>

#include "support/matrices.hpp"

namespace corymb_test {

/// The same fit, bit by bit.
template <class T>
void expect_same(const corymb::KMeansResult<T>& actual, const corymb::KMeansResult<T>& expected,
                 const std::string& what = "") {
  EXPECT_TRUE(same_matrix(actual.labels, expected.labels)) << what;
  EXPECT_TRUE(same_matrix(actual.centroids, expected.centroids)) << what;
  EXPECT_TRUE(same_matrix(actual.sizes, expected.sizes)) << what;
  EXPECT_TRUE(same_bits(&actual.inertia, &expected.inertia, 1)) << what;
  EXPECT_EQ(actual.iterations, expected.iterations) << what;
  EXPECT_EQ(actual.status, expected.status) << what;
  EXPECT_EQ(actual.restart, expected.restart) << what;
  EXPECT_EQ(actual.history, expected.history) << what;
}

}  // namespace corymb_test
