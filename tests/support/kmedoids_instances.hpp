#pragma once

#include <corymb/partition/kmedoids.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/matrices.hpp"

// What the tests of k-medoids share: instances with many ties, and when two results are the same.
namespace corymb_test {

using corymb::KMedoidsAlgorithm;
using corymb::KMedoidsInit;
using corymb::KMedoidsOptions;
using corymb::KMedoidsResult;
using corymb::Vector;

inline const KMedoidsAlgorithm all_algorithms[] = {KMedoidsAlgorithm::faster_pam, KMedoidsAlgorithm::fast_pam1,
                                                   KMedoidsAlgorithm::pam, KMedoidsAlgorithm::alternate};
inline const KMedoidsInit all_inits[] = {KMedoidsInit::random, KMedoidsInit::build, KMedoidsInit::lab,
                                         KMedoidsInit::kmedoids_plus_plus};

/// Whole distances with many ties; not symmetric if asked for, and without the triangle inequality either way.
template <class T>
RowMatrix<T> tied_distances(Random& random, Index n, Index most, bool symmetric) {
  RowMatrix<T> D(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) D(i, j) = i == j ? T(0) : static_cast<T>(random.below(most + 1));
  if (symmetric)
    D = D.template triangularView<Eigen::Upper>().toDenseMatrix() +
        RowMatrix<T>(D.transpose().template triangularView<Eigen::StrictlyLower>());
  return D;
}

template <class T>
struct Instance {
  RowMatrix<T> D;
  Index k = 0;
  std::vector<Index> start;
  Vector weights;
};

template <class T>
Instance<T> random_instance(std::uint64_t seed) {
  Random random(seed, {77});
  Instance<T> instance;
  const Index n = 3 + random.below(40);
  instance.D = tied_distances<T>(random, n, 1 + random.below(20), seed % 3 != 0);
  if (seed % 2 == 0) {
    instance.weights.resize(n);
    for (Index i = 0; i < n; ++i) instance.weights[i] = static_cast<double>(random.below(4));
    instance.weights[0] = instance.weights[1] = instance.weights[2] = 1;
  }
  const std::vector<Index> order = permutation(random, n);
  const auto is_present = [&](Index i) { return instance.weights.size() == 0 || instance.weights[i] > 0; };
  const Index present = std::count_if(order.begin(), order.end(), is_present);
  instance.k = 2 + random.below(std::min<Index>(present, 9) - 1);
  for (const Index i : order)
    if (is_present(i) && static_cast<Index>(instance.start.size()) < instance.k) instance.start.push_back(i);
  return instance;
}

template <class T>
KMedoidsOptions options_of(const Instance<T>& instance, KMedoidsAlgorithm algorithm, int threads = 1) {
  return {.initial_medoids = instance.start,
          .algorithm = algorithm,
          .weights = instance.weights,
          .execution = {.threads = threads}};
}

/// All that a fit tells, but not the rows that predict takes.
template <class T>
void expect_same(const KMedoidsResult<T>& actual, const KMedoidsResult<T>& expected) {
  EXPECT_EQ(actual.medoids, expected.medoids);
  EXPECT_TRUE(actual.labels == expected.labels);
  EXPECT_TRUE(same_matrix(actual.sizes, expected.sizes));
  EXPECT_EQ(actual.loss, expected.loss);
  EXPECT_EQ(actual.swaps, expected.swaps);
  EXPECT_EQ(actual.iterations, expected.iterations);
  EXPECT_EQ(actual.restart, expected.restart);
  EXPECT_EQ(actual.status, expected.status);
}

}  // namespace corymb_test
