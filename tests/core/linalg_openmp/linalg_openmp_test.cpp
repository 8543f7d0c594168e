// Compiled with OpenMP, unlike the other tests: then Eigen's products start threads of their own.
#include <corymb/core/linalg.hpp>
#include <corymb/core/types.hpp>

#include <gtest/gtest.h>
#include <omp.h>

#include <Eigen/Eigenvalues>
#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#if !defined(EIGEN_HAS_OPENMP)
#error "this test must be compiled with OpenMP"
#endif

namespace {

using corymb::detail::one_thread;
using Eigen::MatrixXd;

/// The settings of one test, put back at its end.
class Threads {
 public:
  Threads(int openmp, int eigen) {
    omp_set_num_threads(openmp);
    omp_set_dynamic(0);
    Eigen::setNbThreads(eigen);
  }
  ~Threads() {
    omp_set_num_threads(before_);
    omp_set_dynamic(dynamic_);
    Eigen::setNbThreads(0);
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_ = omp_get_max_threads();
  int dynamic_ = omp_get_dynamic();
};

/// A number that notes which threads multiply it.
std::atomic<int> current_run{0};
std::atomic<int> threads_seen{0};
struct Noting {
  double value = 0;
  Noting() = default;
  Noting(double v) : value(v) {}  // NOLINT: Eigen makes zeros and ones
  Noting& operator+=(const Noting& b) {
    value += b.value;
    return *this;
  }
  friend Noting operator+(const Noting& a, const Noting& b) { return {a.value + b.value}; }
  friend bool operator==(const Noting& a, const Noting& b) { return a.value == b.value; }
  friend Noting operator*(const Noting& a, const Noting& b) {
    thread_local int noted_run = 0;
    if (const int run = current_run; noted_run != run) {
      noted_run = run;
      ++threads_seen;
    }
    return {a.value * b.value};
  }
};

}  // namespace

template <>
struct Eigen::NumTraits<Noting> : Eigen::NumTraits<double> {
  using Real = Noting;
  using NonInteger = Noting;
  using Nested = Noting;
};

namespace {

using NotingMatrix = Eigen::Matrix<Noting, Eigen::Dynamic, Eigen::Dynamic>;

template <class F>
int threads_used(F&& product) {
  threads_seen = 0;
  ++current_run;
  product();
  return threads_seen;
}

struct Setting {
  int openmp;
  int eigen;
};
constexpr Setting settings[] = {{1, 0}, {2, 0}, {4, 0}, {1, 4}, {2, 4}, {4, 4}, {4, 1}, {4, 2}};

TEST(OneThreadOpenMP, ProductsUseTheCallingThreadAlone) {
  const NotingMatrix a = NotingMatrix::Constant(96, 96, Noting(1));
  NotingMatrix c(96, 96);
  const auto multiply = [&] { c.noalias() = a * a; };
  for (const auto& [openmp, eigen] : settings) {
    SCOPED_TRACE(testing::Message() << "OpenMP " << openmp << ", Eigen " << eigen);
    const Threads threads(openmp, eigen);
    if (Eigen::nbThreads() > 1) {
      EXPECT_GT(threads_used(multiply), 1) << "without one_thread there is nothing to see";
    }
    EXPECT_EQ(threads_used([&] { one_thread(multiply); }), 1);
    const auto caller = std::this_thread::get_id();
    one_thread([&] { EXPECT_EQ(std::this_thread::get_id(), caller); });
  }
}

TEST(OneThreadOpenMP, SameBitsForAnySetting) {
  // Deeper than Eigen's blocks, whose depth depends on the number of threads.
  const MatrixXd a = MatrixXd::Random(300, 1000), b = MatrixXd::Random(1000, 300);
  const MatrixXd symmetric = a.leftCols(300) + a.leftCols(300).transpose();
  std::optional<MatrixXd> product, eigenvalues;
  for (const auto& [openmp, eigen] : settings) {
    SCOPED_TRACE(testing::Message() << "OpenMP " << openmp << ", Eigen " << eigen);
    const Threads threads(openmp, eigen);
    const MatrixXd c = one_thread([&]() -> MatrixXd { return a * b; });
    const MatrixXd values = one_thread([&]() -> MatrixXd {
      return Eigen::SelfAdjointEigenSolver<MatrixXd>(symmetric, Eigen::EigenvaluesOnly).eigenvalues();
    });
    if (!product) {
      product = c;
      eigenvalues = values;
    }
    EXPECT_TRUE(c == *product);
    EXPECT_TRUE(values == *eigenvalues);
  }
}

TEST(OneThreadOpenMP, LeavesTheSettingsAlone) {
  for (const auto& [openmp, eigen] : settings) {
    SCOPED_TRACE(testing::Message() << "OpenMP " << openmp << ", Eigen " << eigen);
    const Threads threads(openmp, eigen);
    const int before = Eigen::nbThreads();
    one_thread([] {});
    EXPECT_EQ(omp_get_max_threads(), openmp);
    EXPECT_EQ(Eigen::nbThreads(), before);
    EXPECT_THROW(one_thread([]() -> int { throw std::runtime_error("f"); }), std::runtime_error);
    EXPECT_THROW(one_thread([] { throw std::runtime_error("f"); }), std::runtime_error);
    EXPECT_EQ(omp_get_max_threads(), openmp);
    EXPECT_EQ(Eigen::nbThreads(), before);
    EXPECT_EQ(omp_get_dynamic(), 0);
  }
}

TEST(OneThreadOpenMP, OtherThreadsKeepTheirs) {
  const Threads threads(3, 0);
  const auto in_new_thread = [] {
    int result = 0;
    std::thread([&] { result = omp_get_max_threads(); }).join();
    return result;
  };
  const int outside = in_new_thread();
  EXPECT_EQ(one_thread(in_new_thread), outside);
  // Two tasks of one region at the same time, each with its own setting.
  std::vector<int> inside(2), after(2);
#pragma omp parallel num_threads(2)
  {
    const auto me = static_cast<std::size_t>(omp_get_thread_num());
    inside[me] = one_thread([] { return omp_get_max_threads(); });
    after[me] = omp_get_max_threads();
  }
  EXPECT_EQ(inside, (std::vector<int>{1, 1}));
  EXPECT_EQ(after, (std::vector<int>{3, 3}));
}

TEST(OneThreadOpenMP, ResultsComeOutOfTheRegion) {
  const Threads threads(2, 4);
  EXPECT_EQ(one_thread([] { return 7; }), 7);
  EXPECT_EQ(*one_thread([] { return std::make_unique<int>(8); }), 8);
  int calls = 0;
  one_thread([&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(OneThreadOpenMP, InsideAnActiveRegion) {
  const MatrixXd a = MatrixXd::Random(200, 200);
  const MatrixXd expected = one_thread([&]() -> MatrixXd { return a * a; });
  for (const int eigen : {0, 4}) {
    const Threads threads(4, eigen);
    std::vector<MatrixXd> products(2);
#pragma omp parallel num_threads(2)
    products[static_cast<std::size_t>(omp_get_thread_num())] = one_thread([&]() -> MatrixXd { return a * a; });
    EXPECT_TRUE(products[0] == expected);
    EXPECT_TRUE(products[1] == expected);
  }
}

}  // namespace
