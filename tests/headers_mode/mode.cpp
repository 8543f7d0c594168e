#include <corymb/distance/detail/kernels.hpp>

#include <gtest/gtest.h>

// The tests of distance/ once more, with everything compiled into this program: it links corymb::headers.

#if defined(CORYMB_COMPILED)
#error "this program must test corymb::headers, but CORYMB_COMPILED is defined"
#endif
#if !defined(CORYMB_TEST_HEADERS_MODE)
#error "CORYMB_TEST_HEADERS_MODE is not defined: the other sources cannot check their mode"
#endif

namespace {

// The compiled kernels are functions of fixed types; the portable ones are templates that live in this program.
TEST(HeadersMode, KernelsArePortable) {
  const float values[] = {1, -3, 2};
  EXPECT_EQ(&corymb::detail::kernels::largest_magnitude<float>, &corymb::detail::portable::largest_magnitude<float>);
  EXPECT_EQ(corymb::detail::portable::largest_magnitude(values, 3), 3.0f);
}

}  // namespace
