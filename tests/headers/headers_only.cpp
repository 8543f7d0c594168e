#include <gtest/gtest.h>
#include <corymb/corymb.hpp>

#if defined(CORYMB_COMPILED)
#error "this executable must be compiled in headers mode"
#endif

namespace {

// Everything that the mode offers can be used together, and clusters data as the compiled mode's tests expect it.
TEST(HeadersOnly, ClustersIris) {
  const corymb::BundledData iris = corymb::iris();
  const auto result = corymb::kmeans(iris.points, 3, {.restarts = 5, .seed = 1});
  EXPECT_EQ(result.status, corymb::Status::converged);
  EXPECT_NEAR(result.inertia, 78.85144, 1e-4);  // the known optimum
  EXPECT_NEAR(corymb::adjusted_rand_index(iris.labels, result.labels), 0.7302, 1e-4);
}

}  // namespace
