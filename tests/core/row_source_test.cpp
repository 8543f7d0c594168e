#include <corymb/core/detail/row_slabs.hpp>
#include <corymb/core/random.hpp>
#include <corymb/core/row_source.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/matrices.hpp"
#include "support/message_of.hpp"

namespace row_source_test {
namespace {

using corymb::Index;
using corymb::Points;
using corymb::Random;
using corymb::RowMatrix;
using corymb::RowSource;
using corymb::detail::for_each_slab;
using corymb::detail::gather_rows;
using corymb::detail::RowSlabs;
using corymb::detail::slab_bytes;
using corymb::detail::slab_rows;
using corymb_test::expect_message;
using corymb_test::for_each_scalar;
using corymb_test::normal_matrix;
using corymb_test::same_matrix;

using Calls = std::vector<std::pair<Index, Index>>;  // first and count of each

/// A matrix behind a RowSource, which notes the calls and fails if two overlap in time or ask for rows that are not
/// there.
template <class T>
class Watched {
 public:
  explicit Watched(RowMatrix<T> X) : X_(std::move(X)) {}

  RowSource<T> source() {
    return RowSource<T>(X_.rows(), X_.cols(), [this](Index first, Index count, T* out) {
      EXPECT_FALSE(busy_.exchange(true)) << "two calls at once";
      EXPECT_GE(first, 0);
      EXPECT_GE(count, 1);
      EXPECT_LE(first + count, X_.rows());
      calls_.emplace_back(first, count);
      std::copy_n(X_.data() + first * X_.cols(), count * X_.cols(), out);
      busy_ = false;
    });
  }

  const RowMatrix<T>& matrix() const { return X_; }
  Calls take_calls() { return std::exchange(calls_, {}); }

 private:
  RowMatrix<T> X_;
  Calls calls_;
  std::atomic<bool> busy_{false};
};

/// Puts the slabs of a pass together again, and checks that each of them begins where the last one ended.
template <class T>
RowMatrix<T> collected(RowSlabs<T>& slabs, Index rows, Index cols, Index most_rows) {
  RowMatrix<T> result = RowMatrix<T>::Constant(rows, cols, std::numeric_limits<T>::quiet_NaN());
  Index next = 0;
  EXPECT_TRUE(slabs.for_each([&](const Points<T>& slab, Index first) {
    EXPECT_EQ(first, next);
    EXPECT_EQ(slab.cols(), cols);
    EXPECT_EQ(slab.stride(), cols);
    EXPECT_EQ(slab.rows(), std::min(most_rows, rows - first));
    for (Index i = 0; i < slab.rows(); ++i)
      for (Index j = 0; j < cols; ++j) result(first + i, j) = slab(i, j);
    next = first + slab.rows();
  }));
  EXPECT_EQ(next, rows);
  return result;
}

/// The calls that read every slab once.
Calls one_pass(Index rows, Index size) {
  Calls calls;
  for (Index first = 0; first < rows; first += size) calls.emplace_back(first, std::min(size, rows - first));
  return calls;
}

TEST(RowSource, ReadsWhatIsAskedFor) {
  const RowSource<double> source(7, 2, [](Index first, Index count, double* out) {
    for (Index i = 0; i < 2 * count; ++i) out[i] = static_cast<double>(2 * first + i);
  });
  EXPECT_EQ(source.rows(), 7);
  EXPECT_EQ(source.cols(), 2);
  RowMatrix<double> rows(3, 2);
  source.read(4, 3, rows.data());
  EXPECT_EQ(rows, (RowMatrix<double>(3, 2) << 8, 9, 10, 11, 12, 13).finished());
}

TEST(RowSource, RefusesWhatIsNotThere) {
  const auto read = [](Index, Index, float*) {};
  expect_message([&] { RowSource<float>(-1, 2, read); }, "corymb::RowSource: rows = -1 must be ≥ 0");
  expect_message([&] { RowSource<float>(1, -2, read); }, "corymb::RowSource: cols = -2 must be ≥ 0");
  expect_message([&] { RowSource<float>(1, 2, RowSource<float>::Read()); },
                 "corymb::RowSource: read is empty; a function that reads rows is needed");

  const RowSource<float> source(5, 1, [](Index, Index, float*) { ADD_FAILURE() << "was called"; });
  constexpr Index most = std::numeric_limits<Index>::max();
  for (const auto& [first, count] : Calls{{-1, 1}, {0, -1}, {0, 6}, {5, 1}, {3, 3}, {most, most}, {-most, most}}) {
    float out[8];
    expect_message([&, first = first, count = count] { source.read(first, count, out); },
                   "corymb::RowSource::read: first = " + std::to_string(first) +
                       " and count = " + std::to_string(count) + " must stay within the 5 rows");
  }
}

TEST(RowSource, CallsNobodyForNothing) {
  const auto read = [](Index, Index, double*) { ADD_FAILURE() << "was called"; };
  RowSource<double>(5, 3, read).read(5, 0, nullptr);
  RowSource<double>(0, 3, read).read(0, 0, nullptr);
  RowSource<double>(5, 0, read).read(1, 2, nullptr);
}

TEST(RowSource, OutlivesWhatItWasMadeFrom) {
  std::optional<RowSource<double>> copy;
  std::weak_ptr<int> state;
  {
    const auto value = std::make_shared<int>(7);
    state = value;
    const RowSource<double> source(2, 1, [value](Index, Index count, double* out) { std::fill_n(out, count, *value); });
    copy = source;
  }
  double out[2] = {};
  copy->read(0, 2, out);
  EXPECT_EQ(out[1], 7);
  copy.reset();
  EXPECT_TRUE(state.expired());
}

TEST(RowSlabs, SizeDependsOnTheColumnsAlone) {
  EXPECT_EQ(slab_rows<float>(64), 131072);
  EXPECT_EQ(slab_rows<double>(64), 65536);
  EXPECT_EQ(slab_rows<float>(1), slab_bytes / 4);
  EXPECT_EQ(slab_rows<float>(0), slab_bytes / 4);
  EXPECT_EQ(slab_rows<double>(slab_bytes / 8), 1);
  EXPECT_EQ(slab_rows<double>(slab_bytes), 1);
  EXPECT_EQ(slab_rows<double>(std::numeric_limits<Index>::max()), 1);
  for (Index cols = 1; cols < 200'000; cols += cols / 3 + 1) {
    const Index rows = slab_rows<float>(cols);
    EXPECT_LE(rows * cols * 4, slab_bytes);
    EXPECT_GT((rows + 64) * cols * 4, slab_bytes);
    EXPECT_TRUE(rows % 64 == 0 || rows < 64) << cols;
  }
}

// Every pass gives every row, reads ahead or not; what is still in a buffer is not read again.
TEST(RowSlabs, EveryPassGivesEveryRow) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(1);
    for (const Index n : {0, 1, 2, 3, 10, 101})
      for (const Index d : {1, 3})
        for (const Index size : {1, 2, 3, 7, 100, 101, 1000})
          for (const bool ahead : {false, true}) {
            SCOPED_TRACE(testing::Message() << n << " x " << d << ", slabs of " << size << (ahead ? ", ahead" : ""));
            Watched<T> watched(normal_matrix<T>(random, n, d));
            const RowSource<T> source = watched.source();
            RowSlabs<T> slabs(source, size, ahead);
            const Index count = (n + size - 1) / size;
            EXPECT_EQ(slabs.bytes(), static_cast<double>(std::min(size, n) * d * (ahead && count > 1 ? 2 : 1)) *
                                         static_cast<double>(sizeof(T)));
            for (int pass = 0; pass < 3; ++pass) {
              EXPECT_TRUE(same_matrix(collected(slabs, n, d, size), watched.matrix()));
              Calls expected = one_pass(n, size);
              if (pass > 0 && count <= (ahead ? 2 : 1)) expected.clear();
              if (pass > 0 && count == 3 && ahead) expected.erase(expected.begin() + 1);  // the other buffer was reused
              EXPECT_EQ(watched.take_calls(), expected);
            }
          }
  });
}

TEST(RowSlabs, SlabsOfNoSizeAreOfOneRow) {
  Random random(2);
  Watched<double> watched(normal_matrix<double>(random, 4, 2));
  const RowSource<double> source = watched.source();
  for (const Index size : {Index{0}, Index{-5}, std::numeric_limits<Index>::min()}) {
    RowSlabs<double> slabs(source, size);
    EXPECT_TRUE(same_matrix(collected(slabs, 4, 2, 1), watched.matrix()));
  }
}

TEST(RowSlabs, RowsWithoutColumns) {
  const RowSource<double> source(10, 0, [](Index, Index, double*) { ADD_FAILURE() << "was called"; });
  Index rows = 0;
  for_each_slab(source, 4, [&](const Points<double>& slab, Index first) {
    EXPECT_EQ(first, rows);
    EXPECT_EQ(slab.cols(), 0);
    rows += slab.rows();
  });
  EXPECT_EQ(rows, 10);
}

TEST(RowSlabs, ReadTheNextSlabDuringTheWorkOnOne) {
  std::atomic<Index> begun{-1};
  std::thread::id readers[4];
  const RowSource<double> source(4, 1, [&](Index first, Index, double* out) {
    readers[first] = std::this_thread::get_id();
    *out = 1;
    begun = first;
  });
  Index missed = 0;
  for_each_slab(source, 1, [&](const Points<double>&, Index first) {
    if (first == 3) return;
    // Ends at once unless reading waits for the work, which then waits for reading.
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (begun <= first && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    missed += begun <= first;
  });
  EXPECT_EQ(missed, 0);
  EXPECT_EQ(readers[0], std::this_thread::get_id());
  EXPECT_NE(readers[1], std::this_thread::get_id());

  // Without reading ahead, everything happens on the calling thread.
  for_each_slab(
      source, 1, [&](const Points<double>&, Index first) { EXPECT_EQ(begun, first); }, false);
  for (const std::thread::id reader : readers) EXPECT_EQ(reader, std::this_thread::get_id());
}

TEST(RowSlabs, FalseEndsThePass) {
  Random random(3);
  for (const bool ahead : {false, true}) {
    Watched<double> watched(normal_matrix<double>(random, 50, 2));
    const RowSource<double> source = watched.source();
    RowSlabs<double> slabs(source, 10, ahead);
    for (const Index last : {0, 20, 40}) {
      Index seen = -1;
      EXPECT_FALSE(slabs.for_each([&](const Points<double>&, Index first) {
        seen = first;
        return first != last;
      }));
      EXPECT_EQ(seen, last);
      EXPECT_TRUE(same_matrix(collected(slabs, 50, 2, 10), watched.matrix()));
    }
    EXPECT_TRUE(slabs.for_each([](const Points<double>&, Index) { return true; }));
  }
}

struct ReadFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct WorkFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// An error of the source comes out when the slabs before it are done; the next pass begins afresh.
TEST(RowSlabs, ErrorsOfTheSourceComeOut) {
  Random random(4);
  const RowMatrix<double> X = normal_matrix<double>(random, 55, 2);
  for (const bool ahead : {false, true})
    for (const Index bad : {0, 10, 20, 50}) {
      SCOPED_TRACE(testing::Message() << "row " << bad << (ahead ? ", ahead" : ""));
      bool fails = true;
      const RowSource<double> source(55, 2, [&](Index first, Index count, double* out) {
        std::fill_n(out, 2 * count, -1);  // half done
        if (first == bad && fails) throw ReadFailed("row " + std::to_string(first));
        std::copy_n(X.data() + 2 * first, 2 * count, out);
      });
      RowSlabs<double> slabs(source, 10, ahead);
      for (int pass = 0; pass < 3; ++pass) {
        Index seen = 0;
        try {
          slabs.for_each([&](const Points<double>& slab, Index first) {
            EXPECT_EQ(slab(0, 0), X(first, 0));
            seen = first + slab.rows();
          });
          ADD_FAILURE() << "nothing was thrown";
        } catch (const ReadFailed& error) {
          EXPECT_EQ(error.what(), "row " + std::to_string(bad));
        }
        EXPECT_EQ(seen, bad);
      }
      fails = false;
      EXPECT_TRUE(same_matrix(collected(slabs, 55, 2, 10), X));
    }
}

// While f throws, the next slab is being read, or its reading fails as well.
TEST(RowSlabs, ErrorsOfTheWorkComeOut) {
  Random random(5);
  const RowMatrix<double> X = normal_matrix<double>(random, 55, 2);
  for (const bool ahead : {false, true})
    for (const Index bad : {0, 20, 50})
      for (const bool both : {false, true}) {
        std::atomic<int> reading{0};
        bool fails = both;
        const RowSource<double> source(55, 2, [&](Index first, Index count, double* out) {
          ++reading;
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
          --reading;
          if (fails && first > bad) throw ReadFailed("too late");
          std::copy_n(X.data() + 2 * first, 2 * count, out);
        });
        RowSlabs<double> slabs(source, 10, ahead);
        EXPECT_THROW(slabs.for_each([&](const Points<double>&, Index first) {
          if (first == bad) throw WorkFailed("work");
        }),
                     WorkFailed);
        EXPECT_EQ(reading, 0) << "still reading";
        fails = false;
        EXPECT_TRUE(same_matrix(collected(slabs, 55, 2, 10), X));
      }
}

TEST(GatherRows, InTheGivenOrder) {
  for_each_scalar([](auto scalar) {
    using T = decltype(scalar);
    Random random(6);
    for (std::uint64_t instance = 0; instance < corymb_test::instances; ++instance) {
      const Index n = 1 + random.below(40), d = 1 + random.below(5), count = random.below(60);
      Watched<T> watched(normal_matrix<T>(random, n, d));
      std::vector<Index> rows(static_cast<std::size_t>(count));
      for (Index& row : rows) row = random.below(n);
      RowMatrix<T> expected(count, d);
      for (Index i = 0; i < count; ++i) expected.row(i) = watched.matrix().row(rows[static_cast<std::size_t>(i)]);
      ASSERT_TRUE(same_matrix(gather_rows(watched.source(), rows), expected)) << "instance " << instance;

      // Each row once, ascending; neighbours together.
      std::ranges::sort(rows);
      rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
      Calls expected_calls;
      for (const Index row : rows) {
        if (!expected_calls.empty() && expected_calls.back().first + expected_calls.back().second == row)
          ++expected_calls.back().second;
        else
          expected_calls.emplace_back(row, 1);
      }
      ASSERT_EQ(watched.take_calls(), expected_calls) << "instance " << instance;
    }
  });
}

TEST(GatherRows, TakesNoMoreThanASlabAtATime) {
  const Index cols = slab_bytes / 16, most = slab_rows<double>(cols);
  ASSERT_EQ(most, 2);
  Calls calls;
  const RowSource<double> source(9, cols, [&](Index first, Index count, double* out) {
    calls.emplace_back(first, count);
    for (Index i = 0; i < count; ++i) out[i * cols] = out[i * cols + cols - 1] = static_cast<double>(first + i);
  });
  const std::vector<Index> rows = {6, 5, 4, 1, 0};
  const RowMatrix<double> result = gather_rows(source, rows);
  EXPECT_EQ(calls, (Calls{{0, 2}, {4, 2}, {6, 1}}));
  for (Index i = 0; i < 5; ++i) {
    EXPECT_EQ(result(i, 0), static_cast<double>(rows[static_cast<std::size_t>(i)]));
    EXPECT_EQ(result(i, cols - 1), static_cast<double>(rows[static_cast<std::size_t>(i)]));
  }
}

TEST(GatherRows, RefusesRowsThatAreNotThere) {
  const RowSource<double> source(5, 2, [](Index, Index, double*) { ADD_FAILURE() << "was called"; });
  EXPECT_EQ(gather_rows(source, {}).rows(), 0);
  EXPECT_EQ(gather_rows(source, {}).cols(), 2);
  expect_message([&] { gather_rows(source, {0, -1}); }, "corymb::gather_rows: row -1 must be in [0, n = 5)");
  expect_message([&] { gather_rows(source, {5, 0}); }, "corymb::gather_rows: row 5 must be in [0, n = 5)");
  expect_message(
      [&] {
        gather_rows(source, {std::numeric_limits<Index>::max(), std::numeric_limits<Index>::min()});
      },
      "corymb::gather_rows: row -9223372036854775808 must be in [0, n = 5)");
}

TEST(GatherRows, ErrorsOfTheSourceComeOut) {
  const RowSource<double> source(5, 2, [](Index first, Index, double*) {
    if (first == 3) throw ReadFailed("row 3");
  });
  EXPECT_THROW(gather_rows(source, {0, 1, 3}), ReadFailed);
}

}  // namespace
}  // namespace row_source_test
