#include <corymb/core/detail/memory.hpp>
#include <corymb/core/errors.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace errors_test {
namespace {

using corymb::IoError;
using corymb::MemoryLimitExceeded;
using corymb::detail::readable_bytes;
using corymb::detail::require_memory;

static_assert(std::is_base_of_v<std::invalid_argument, corymb::InvalidArgument>);
static_assert(std::is_base_of_v<std::runtime_error, corymb::NumericalError>);
static_assert(std::is_base_of_v<std::runtime_error, corymb::Cancelled>);
static_assert(std::is_base_of_v<std::runtime_error, MemoryLimitExceeded>);
static_assert(std::is_base_of_v<std::runtime_error, IoError>);

TEST(Errors, AreCaughtAsTheStandardOnes) {
  try {
    throw corymb::InvalidArgument("corymb::kmeans: k = 5000 must be in [1, n = 2000]");
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "corymb::kmeans: k = 5000 must be in [1, n = 2000]");
  }
  EXPECT_THROW(throw corymb::NumericalError("x"), std::runtime_error);
  EXPECT_THROW(throw corymb::Cancelled("x"), std::runtime_error);
}

TEST(Errors, IoErrorNamesThePlace) {
  const IoError field("points.csv", 3, 7, "not a number: \"abc\"");
  EXPECT_STREQ(field.what(), "points.csv:3:7: not a number: \"abc\"");
  EXPECT_EQ(field.path, "points.csv");
  EXPECT_EQ(field.line, 3);
  EXPECT_EQ(field.column, 7);
  EXPECT_STREQ(IoError("a", 12, 0, "b").what(), "a:12: b");
  EXPECT_STREQ(IoError("a", 0, 0, "b").what(), "a: b");
  EXPECT_STREQ(IoError("a", 0, 5, "b").what(), "a: b");
}

TEST(Memory, ReadableBytes) {
  EXPECT_EQ(readable_bytes(0), "0 B");
  EXPECT_EQ(readable_bytes(1023), "1023 B");
  EXPECT_EQ(readable_bytes(1024), "1 KiB");
  EXPECT_EQ(readable_bytes(1536), "1.5 KiB");
  EXPECT_EQ(readable_bytes(3.0 * 1024 * 1024), "3 MiB");
  EXPECT_EQ(readable_bytes(1.25 * 1024 * 1024 * 1024), "1.3 GiB");
  EXPECT_EQ(readable_bytes(4096.0 * 1024 * 1024 * 1024), "4 TiB");
}

TEST(Memory, LimitIsInclusive) {
  EXPECT_NO_THROW(require_memory("f", 1000, 1000, ""));
  EXPECT_THROW(require_memory("f", 1001, 1000, ""), MemoryLimitExceeded);
}

TEST(Memory, MessageHasEstimateLimitAndAdvice) {
  try {
    require_memory("kmedoids", 3.0 * 1024 * 1024, 1024 * 1024, "use clara");
    FAIL() << "nothing was thrown";
  } catch (const MemoryLimitExceeded& error) {
    EXPECT_STREQ(error.what(), "corymb::kmedoids: needs 3 MiB, allowed are 1 MiB; use clara");
    EXPECT_EQ(error.required, 3U * 1024 * 1024);
    EXPECT_EQ(error.limit, 1024U * 1024);
  }
}

TEST(Memory, ZeroMeansThePhysicalMemory) {
  const std::uint64_t physical = corymb::detail::physical_memory();
  EXPECT_GT(physical, 0U);
  EXPECT_NO_THROW(require_memory("f", 1e6, 0, ""));
  try {
    require_memory("f", 1e30, 0, "");  // more bytes than 64 bits can count
    FAIL() << "nothing was thrown";
  } catch (const MemoryLimitExceeded& error) {
    EXPECT_EQ(error.required, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(error.limit, physical);
  }
}

}  // namespace
}  // namespace errors_test
