#include <corymb/core/parallel.hpp>
#include <corymb/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace parallel_test {
namespace {

using corymb::Chunks;
using corymb::parallel_for;
using corymb::parallel_sum;

constexpr int thread_counts[] = {1, 2, 3, 8};

TEST(ParallelFor, EveryTaskOnce) {
  for (const int threads : {0, -1, 1, 2, 3, 8, 100})
    for (const std::ptrdiff_t tasks : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(tasks));
      parallel_for(threads, tasks, [&](std::ptrdiff_t task) { ++calls[static_cast<std::size_t>(task)]; });
      EXPECT_TRUE(std::all_of(calls.begin(), calls.end(), [](const auto& count) { return count == 1; }))
          << threads << " threads, " << tasks << " tasks";
    }
}

TEST(ParallelFor, WorkersTellConcurrentCallsApart) {
  for (const int threads : {0, 1, 2, 3, 8}) {
    std::vector<std::atomic<bool>> busy(static_cast<std::size_t>(std::max(threads, 1)));
    std::atomic<int> wrong{0};
    parallel_for(threads, 500, [&](std::ptrdiff_t, int worker) {
      if (worker < 0 || worker >= std::max(threads, 1)) {
        ++wrong;
        return;
      }
      auto& mine = busy[static_cast<std::size_t>(worker)];
      if (mine.exchange(true)) ++wrong;
      volatile double work = 1;
      for (int i = 0; i < 2000; ++i) work = work * 1.0000001;
      mine = false;
    });
    EXPECT_EQ(wrong, 0) << threads;
  }
}

TEST(ParallelFor, TasksStartInAscendingOrder) {
  for (const int threads : thread_counts) {
    std::mutex mutex;
    std::vector<std::ptrdiff_t> last(static_cast<std::size_t>(threads), -1);
    bool ascending = true;
    parallel_for(threads, 300, [&](std::ptrdiff_t task, int worker) {
      const std::lock_guard lock(mutex);
      auto& before = last[static_cast<std::size_t>(worker)];
      ascending = ascending && before < task;
      before = task;
    });
    EXPECT_TRUE(ascending) << threads;
  }
}

TEST(ParallelFor, AnyCallable) {
  struct Counter {
    std::atomic<int>& calls;
    void operator()(std::ptrdiff_t) const { ++calls; }
  };
  std::atomic<int> calls{0};
  const Counter counter{calls};
  parallel_for(2, 10, counter);
  parallel_for(2, 10, Counter{calls});
  EXPECT_EQ(calls, 20);
  int plain = 0;
  parallel_for(1, 5, [plain = &plain](std::ptrdiff_t) mutable { ++*plain; });
  EXPECT_EQ(plain, 5);
}

TEST(ParallelFor, ExceptionOfTheLowestTaskIsCarriedOut) {
  for (const int threads : thread_counts)
    for (int repeat = 0; repeat < 50; ++repeat) {
      std::mutex mutex;
      std::ptrdiff_t lowest = 1000, carried = -1;
      try {
        parallel_for(threads, 200, [&](std::ptrdiff_t task) {
          if (task % 7 != 3) return;
          {
            const std::lock_guard lock(mutex);
            lowest = std::min(lowest, task);
          }
          throw std::runtime_error(std::to_string(task));
        });
        ADD_FAILURE() << "nothing was thrown";
      } catch (const std::runtime_error& error) {
        carried = std::stol(error.what());
      }
      EXPECT_EQ(carried, lowest);
      if (threads == 1) {
        EXPECT_EQ(carried, 3);
      }
    }
}

TEST(ParallelFor, TasksAfterAnExceptionDoNotStart) {
  int started = 0;
  EXPECT_THROW(parallel_for(1, 1000,
                            [&](std::ptrdiff_t task) {
                              ++started;
                              if (task == 4) throw std::bad_alloc();
                            }),
               std::bad_alloc);
  EXPECT_EQ(started, 5);
}

TEST(ParallelFor, WorksAgainAfterAnException) {
  for (const int threads : thread_counts) {
    EXPECT_THROW(parallel_for(threads, 50, [](std::ptrdiff_t) { throw 5; }), int);
    std::atomic<int> calls{0};
    parallel_for(threads, 50, [&](std::ptrdiff_t) { ++calls; });
    EXPECT_EQ(calls, 50);
  }
}

TEST(ParallelFor, NestedCalls) {
  for (const int threads : thread_counts) {
    std::vector<std::atomic<int>> calls(30 * 40);
    std::atomic<int> wrong_worker{0};
    parallel_for(threads, 30, [&](std::ptrdiff_t outer) {
      parallel_for(threads, 40, [&](std::ptrdiff_t inner, int worker) {
        ++calls[static_cast<std::size_t>(outer * 40 + inner)];
        if (worker < 0 || worker >= threads) ++wrong_worker;
      });
    });
    EXPECT_TRUE(std::all_of(calls.begin(), calls.end(), [](const auto& count) { return count == 1; })) << threads;
    EXPECT_EQ(wrong_worker, 0);

    EXPECT_THROW(parallel_for(threads, 8,
                              [&](std::ptrdiff_t) {
                                parallel_for(threads, 8, [](std::ptrdiff_t inner) {
                                  if (inner == 5) throw std::runtime_error("inner");
                                });
                              }),
                 std::runtime_error);
  }
}

TEST(ResolveThreads, ZeroIsAtLeastOne) {
  EXPECT_EQ(corymb::resolve_threads(3), 3);
  EXPECT_EQ(corymb::resolve_threads(1), 1);
  EXPECT_GE(corymb::resolve_threads(0), 1);
}

TEST(Chunks, PartitionInOrder) {
  const std::ptrdiff_t large = std::ptrdiff_t{1} << 50;
  for (const std::ptrdiff_t size :
       {std::ptrdiff_t{0}, std::ptrdiff_t{1}, std::ptrdiff_t{63}, std::ptrdiff_t{1023}, std::ptrdiff_t{1024},
        std::ptrdiff_t{2047}, std::ptrdiff_t{2048}, std::ptrdiff_t{65535}, std::ptrdiff_t{1000003}, large, large + 77})
    for (const std::ptrdiff_t grain : {1, 100, 1024})
      for (const std::ptrdiff_t most : {1, 7, 64}) {
        SCOPED_TRACE(testing::Message() << size << " in chunks of " << grain << ", at most " << most);
        const Chunks chunks(size, grain, most);
        ASSERT_LE(chunks.count(), most);
        ASSERT_EQ(chunks.count() == 0, size == 0);
        if (size / grain >= most) {
          EXPECT_EQ(chunks.count(), most);
        }
        std::ptrdiff_t at = 0;
        for (std::ptrdiff_t chunk = 0; chunk < chunks.count(); ++chunk) {
          EXPECT_EQ(chunks.begin(chunk), at);
          const std::ptrdiff_t length = chunks.end(chunk) - at;
          EXPECT_GE(length, std::min(size, grain));
          EXPECT_GE(length, size / chunks.count());
          EXPECT_LE(length, size / chunks.count() + 1);
          at = chunks.end(chunk);
        }
        EXPECT_EQ(at, size);
      }
}

TEST(ParallelSum, SameBitsForAnyNumberOfThreads) {
  corymb::Random random(1);
  std::vector<double> values(100000);
  for (double& value : values) value = random.normal() * std::exp2(static_cast<double>(random.below(60)));
  const Chunks chunks(static_cast<std::ptrdiff_t>(values.size()));
  const auto sum_of = [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    double sum = 0;
    for (std::ptrdiff_t i = begin; i < end; ++i) sum += values[static_cast<std::size_t>(i)];
    return sum;
  };
  double expected = 0;
  for (std::ptrdiff_t chunk = 0; chunk < chunks.count(); ++chunk)
    expected += sum_of(chunks.begin(chunk), chunks.end(chunk));
  EXPECT_NE(expected, sum_of(0, static_cast<std::ptrdiff_t>(values.size()))) << "the order does not matter here";
  for (const int threads : thread_counts)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(parallel_sum(threads, chunks, 0.0, sum_of)),
              std::bit_cast<std::uint64_t>(expected));
}

TEST(ParallelSum, ZeroIsTheStart) {
  EXPECT_EQ(parallel_sum(2, Chunks(0), 7, [](std::ptrdiff_t, std::ptrdiff_t) { return 1; }), 7);
  const auto lengths = [](std::ptrdiff_t begin, std::ptrdiff_t end) { return end - begin; };
  EXPECT_EQ(parallel_sum(3, Chunks(12345, 10), std::ptrdiff_t{0}, lengths), 12345);
}

TEST(ParallelSum, VectorsAndExceptions) {
  const Chunks chunks(1000, 10);
  for (const int threads : thread_counts) {
    const Eigen::VectorXd sum = parallel_sum(threads, chunks, Eigen::VectorXd(Eigen::VectorXd::Zero(2)),
                                             [](std::ptrdiff_t begin, std::ptrdiff_t end) -> Eigen::VectorXd {
                                               return Eigen::Vector2d(static_cast<double>(end - begin), 1);
                                             });
    EXPECT_EQ(sum, Eigen::Vector2d(1000, 64));
    EXPECT_THROW(
        parallel_sum(threads, chunks, 0.0, [](std::ptrdiff_t, std::ptrdiff_t) -> double { throw std::bad_alloc(); }),
        std::bad_alloc);
  }
}

}  // namespace
}  // namespace parallel_test
