#include <corymb/partition/detail/kmedoids/medoid_state.hpp>
#include <corymb/partition/detail/kmedoids/silhouette_state.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "support/kmedoids_instances.hpp"
#include "support/matrices.hpp"

// What is kept from one exchange of a medoid to the next, against what is found anew.

namespace nearest_medoids_test {
namespace {

using namespace corymb;
using namespace corymb_test;

/// A state's nearest medoids, distances, loss and removals are those of a state that starts with its medoids.
template <class State, class T>
void expect_as_new(const State& state, const detail::DistanceColumns<T>& distances, const detail::CostScale& costs) {
  const State expected(distances, costs, state.medoids(), 1);
  for (Index o = 0; o < state.size(); ++o) {
    ASSERT_EQ(state.record(o).slot, expected.record(o).slot) << "object " << o;
    for (std::size_t rank = 0; rank < State::ranks; ++rank)
      ASSERT_EQ(state.distances_to(rank)[o], expected.distances_to(rank)[o]) << "object " << o << ", rank " << rank;
  }
  ASSERT_EQ(state.removal(), expected.removal());
  ASSERT_EQ(state.loss(), expected.loss());
}

template <class T>
RowMatrix<T> distances_on_a_line(Random& random, Index n) {
  RowMatrix<T> D(n, n);
  const RowMatrix<T> x = grid_matrix<T>(random, n, 1, 2 * n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) D(i, j) = std::abs(x(i, 0) - x(j, 0));
  return D;
}

template <template <class> class State, class T>
void exchange_often(std::uint64_t seed, double largest_cost) {
  Random random(seed, {9});
  const Index n = 40 + random.below(80), k = 2 + random.below(seed % 2 == 0 ? 8 : 30);
  // Where distances mean something, a new medoid is near to many of the objects that the old one was near to.
  const RowMatrix<T> D =
      seed % 3 == 0 ? distances_on_a_line<T>(random, n) : tied_distances<T>(random, n, 1 + random.below(40), true);
  const DistanceMatrix<T> matrix(D);
  const detail::MatrixColumns<T> distances(matrix, true);
  const detail::CostScale costs("f", largest_cost > 0 ? largest_cost : static_cast<double>(D.maxCoeff()), n, nullptr);
  std::vector<Index> order = permutation(random, n);
  order.resize(static_cast<std::size_t>(k));
  State<T> state(distances, costs, order, 1);
  for (int step = 0; step < 60; ++step) {
    const Index candidate = random.below(n);
    if (!state.is_candidate(candidate)) continue;
    state.exchange(static_cast<std::int32_t>(random.below(k)), candidate, distances.stored(candidate));
    SCOPED_TRACE("step " + std::to_string(step));
    expect_as_new(state, distances, costs);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(NearestMedoids, ExchangesLeaveWhatASearchWouldFind) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    for (std::uint64_t seed = 0; seed < instances; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      exchange_often<detail::MedoidState, T>(seed, 0);
      exchange_often<detail::SilhouetteState, T>(seed, 1);
      if (testing::Test::HasFatalFailure()) return;
    }
  });
}

}  // namespace
}  // namespace nearest_medoids_test
