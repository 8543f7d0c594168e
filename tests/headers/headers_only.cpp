#include <gtest/gtest.h>
#include <corymb/corymb.hpp>

#if defined(CORYMB_COMPILED)
#error "this executable must be compiled in headers mode"
#endif
#if !defined(CORYMB_TEST_HEADERS_MODE)
#error "CORYMB_TEST_HEADERS_MODE is not defined: the other sources cannot check their mode"
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

// The compiled kernels are functions of fixed types; the portable ones are templates that live in this program.
TEST(HeadersOnly, KernelsArePortable) {
  const float values[] = {1, -3, 2};
  EXPECT_EQ(&corymb::detail::kernels::largest_magnitude<float>, &corymb::detail::portable::largest_magnitude<float>);
  EXPECT_EQ(corymb::detail::portable::largest_magnitude(values, 3), 3.0f);
}

}  // namespace
