#include <corymb/core/linalg.hpp>
#include <corymb/core/types.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <type_traits>

namespace linalg_test {
namespace {

using corymb::detail::one_thread;

// What it does to Eigen's threads is tested with OpenMP, in linalg_openmp.
TEST(OneThread, CallsOnceAndReturnsTheResult) {
  int calls = 0;
  EXPECT_EQ(one_thread([&] { return ++calls; }), 1);
  one_thread([&] { ++calls; });
  EXPECT_EQ(calls, 2);

  const std::unique_ptr<int> moved = one_thread([] { return std::make_unique<int>(5); });
  EXPECT_EQ(*moved, 5);

  const Eigen::MatrixXd a = Eigen::MatrixXd::Constant(3, 4, 2), b = Eigen::MatrixXd::Constant(4, 2, 3);
  const Eigen::MatrixXd product = one_thread([&]() -> Eigen::MatrixXd { return a * b; });
  EXPECT_EQ(product, Eigen::MatrixXd::Constant(3, 2, 24));
}

TEST(OneThread, ReferencesAreReturnedByValue) {
  const Eigen::VectorXd x = Eigen::VectorXd::Ones(3);
  static_assert(std::is_same_v<decltype(one_thread([&]() -> const Eigen::VectorXd& { return x; })), Eigen::VectorXd>);
  EXPECT_EQ(one_thread([&]() -> const Eigen::VectorXd& { return x; }), x);
}

TEST(OneThread, ExceptionsPass) {
  EXPECT_THROW(one_thread([]() -> int { throw std::runtime_error("f"); }), std::runtime_error);
  EXPECT_THROW(one_thread([] { throw std::runtime_error("f"); }), std::runtime_error);
}

}  // namespace
}  // namespace linalg_test
