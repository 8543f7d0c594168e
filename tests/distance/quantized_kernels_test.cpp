#include <corymb/distance/detail/kernels.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "support/instruction_sets.hpp"
#include "support/matrices.hpp"

// The kernels that score rows in bytes: against whole numbers computed one by one.

namespace quantized_kernels_test {
namespace {

using namespace corymb_test;
namespace kernels = corymb::detail::kernels;
namespace compiled = corymb::compiled;
using corymb::Random;
using corymb::detail::rows_view;
using corymb::detail::Scratch;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

template <class T>
void check_quantized_rows(std::uint64_t seed) {
  Random random(seed, {1});
  const Index n = 1 + random.below(9), d = 1 + random.below(150), stride = (d + 3) / 4 * 4;
  const T per_step = static_cast<T>(std::exp(4 * random.normal()));
  const int zero = static_cast<int>(random.below(256));
  RowMatrix<T> X(n, d), centre(1, d);
  for (Index j = 0; j < d; ++j) centre(0, j) = static_cast<T>(10 * random.normal());
  const double spread = seed % 3 == 0 ? 400 : 40;  // in steps: some beyond what a byte holds
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < d; ++j)
      X(i, j) = centre(0, j) + static_cast<T>(spread * random.normal() / static_cast<double>(per_step));
  if (seed % 7 == 0) X(0, 0) = static_cast<T>(1e15);
  std::vector<std::uint8_t> bytes(at(n * stride), 77);
  std::vector<float> norm(at(n)), error(at(n));
  kernels::quantize_rows(compiled::QuantizeTask<T>{rows_view(X), centre.data(), per_step, zero, bytes.data(), stride,
                                                   norm.data(), error.data()});
  for (Index i = 0; i < n; ++i) {
    long double squares = 0, off = 0;
    for (Index j = 0; j < stride; ++j) {
      const int byte = bytes[at(i * stride + j)];
      if (j >= d) {
        ASSERT_EQ(byte, 0);
        continue;
      }
      const long double steps = (static_cast<long double>(X(i, j)) - centre(0, j)) * per_step;
      const long double place = std::clamp(steps + zero, 0.0L, 255.0L);
      ASSERT_LE(std::abs(place - byte), 0.5L + 1e-3L) << "row " << i << ", column " << j;
      squares += steps * steps;
      off += (steps - (byte - zero)) * (steps - (byte - zero));
    }
    ASSERT_GE(norm[at(i)], std::sqrt(squares));
    ASSERT_GE(error[at(i)], std::sqrt(off));
    ASSERT_LE(norm[at(i)], 1.0001L * std::sqrt(squares));
    ASSERT_LE(error[at(i)], 1.0001L * std::sqrt(off) + 1e-4L * std::sqrt(squares));
  }
}

TEST(QuantizedKernels, RowsInBytesAndWhatTheyLose) {
  on_every_instruction_set([] {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      check_quantized_rows<float>(seed);
      check_quantized_rows<double>(seed);
      if (testing::Test::HasFatalFailure()) return;
    }
  });
}

struct Bytes {
  Index n, k, d, stride, centroid_stride;
  std::vector<std::uint8_t> row;
  std::vector<std::int8_t> centroid;
  std::vector<std::int32_t> constant, packed;

  compiled::BytesView view() const {
    return {row.data(), stride, n, k, centroid.data(), centroid_stride, constant.data(), packed.data()};
  }
  std::int32_t score(Index i, Index c) const {
    std::int64_t sum = constant[at(c)];
    for (Index j = 0; j < d; ++j) sum += std::int64_t{row[at(i * stride + j)]} * centroid[at(c * centroid_stride + j)];
    return static_cast<std::int32_t>(sum);
  }
};

/// @param range  of the bytes of centroids; above 127 all bytes are extreme.
Bytes random_bytes(Random& random, Index n, Index k, Index d, std::int64_t range) {
  const Index tile = compiled::quantized_tile;
  Bytes b{n, k, d, (d + 3) / 4 * 4, (d + 63) / 64 * 64, {}, {}, {}, {}};
  b.row.assign(at(n * b.stride + 64), 0);
  b.centroid.assign(at(k * b.centroid_stride), 0);
  b.constant.assign(at((k + tile - 1) / tile * tile), std::numeric_limits<std::int32_t>::min());
  b.packed.assign(b.constant.size() * at(b.stride / 4), 0);
  const bool extreme = range > 127;
  for (Index i = 0; i < n; ++i)  // also beyond d, where they meet zeros
    for (Index j = 0; j < b.stride; ++j)
      b.row[at(i * b.stride + j)] = static_cast<std::uint8_t>(extreme ? 255 : random.below(256));
  for (Index c = 0; c < k; ++c) {
    b.constant[at(c)] = static_cast<std::int32_t>(random.below(2000) - 1000);
    for (Index j = 0; j < d; ++j)
      b.centroid[at(c * b.centroid_stride + j)] =
          static_cast<std::int8_t>(extreme ? (c % 2 == 0 ? 127 : -127) : random.below(2 * range + 1) - range);
    for (Index q = 0; q < b.stride / 4; ++q)
      std::copy_n(&b.centroid[at(c * b.centroid_stride + 4 * q)], 4,
                  reinterpret_cast<std::int8_t*>(&b.packed[at((c / tile * b.stride / 4 + q) * tile + c % tile)]));
  }
  return b;
}

void check_scores(std::uint64_t seed, Index d, std::int64_t range) {
  Random random(seed, {2});
  const Bytes b = random_bytes(random, 1 + random.below(40), 1 + random.below(30), d, range);
  std::vector<std::int32_t> label(at(b.n)), score(at(b.n));
  for (std::int32_t& c : label) c = static_cast<std::int32_t>(random.below(b.k));
  kernels::quantized_scores(compiled::QuantizedScoresTask{b.view(), label.data(), score.data()});
  for (Index i = 0; i < b.n; ++i) ASSERT_EQ(score[at(i)], b.score(i, label[at(i)])) << "row " << i << ", d = " << d;
}

TEST(QuantizedKernels, Scores) {
  on_every_instruction_set([] {
    for (std::uint64_t seed = 0; seed < 150; ++seed) check_scores(seed, 1 + static_cast<Index>(seed), 127);
    check_scores(1, compiled::most_quantized_bytes, 127);
    check_scores(2, compiled::most_quantized_bytes, 128);  // 255 · 127 · 4096, without saturation
  });
}

void check_list(std::uint64_t seed, Index d, std::int64_t range) {
  Random random(seed, {3});
  const Index panel = kernels::quantized_panel_rows(), count = 1 + random.below(panel);
  const Bytes b = random_bytes(random, count + random.below(50), 1 + random.below(50), d, range);
  std::vector<std::int32_t> index(at(count)), own(at(count)), above(at(count)), margin(at(count));
  std::vector<std::vector<std::int32_t>> expected(at(b.n));
  std::vector<std::int32_t> all(at(b.n));
  for (Index i = 0; i < b.n; ++i) all[at(i)] = static_cast<std::int32_t>(i);
  for (Index p = 0; p < count; ++p) {
    std::swap(all[at(p)], all[at(p + random.below(b.n - p))]);
    const std::int32_t i = index[at(p)] = all[at(p)];
    own[at(p)] = seed % 3 == 0 ? -1 : static_cast<std::int32_t>(random.below(b.k));
    std::vector<std::int32_t> scores;
    for (Index c = 0; c < b.k; ++c) scores.push_back(b.score(i, c));
    auto sorted = scores;
    std::sort(sorted.begin(), sorted.end());
    const std::int32_t width = sorted.back() - sorted.front();
    margin[at(p)] = seed % 5 == 0 ? compiled::most_margin : static_cast<std::int32_t>(random.below(width / 2 + 1));
    above[at(p)] = own[at(p)] < 0 ? compiled::lowest_quantized
                                  : sorted[at(random.below(b.k))] - static_cast<std::int32_t>(random.below(3));
    std::int64_t limit = above[at(p)];
    for (Index c = 0; c < b.k; ++c)
      if (c != own[at(p)]) limit = std::max(limit, static_cast<std::int64_t>(scores[at(c)]) - margin[at(p)] - 1);
    for (Index c = 0; c < b.k; ++c)
      if (c != own[at(p)] && scores[at(c)] > limit) expected[at(i)].push_back(static_cast<std::int32_t>(c));
  }
  const std::size_t room = at(panel * b.k + 1);
  std::vector<std::int32_t> row(room), number(room), score(room);
  Scratch<std::int32_t> scratch(panel * b.stride / 4);
  const Index pairs = kernels::list_quantized(compiled::QuantizedTask{b.view(), index.data(), count, own.data(),
                                                                      above.data(), margin.data(), row.data(),
                                                                      number.data(), score.data(), scratch.data()});
  std::vector<std::vector<std::int32_t>> listed(at(b.n));
  for (Index p = 0; p < pairs; ++p) listed[at(row[at(p)])].push_back(number[at(p)]);
  ASSERT_EQ(listed, expected) << "d = " << d << ", seed " << seed;
}

TEST(QuantizedKernels, ListsThePairsAboveTheLimit) {
  on_every_instruction_set([] {
    for (std::uint64_t seed = 0; seed < 150; ++seed) check_list(seed, 1 + static_cast<Index>(seed * 7 % 200), 127);
    for (std::uint64_t seed = 0; seed < 60; ++seed) check_list(seed, 3, 1);  // many ties
    check_list(1, compiled::most_quantized_bytes, 127);
    check_list(2, compiled::most_quantized_bytes, 128);
    check_list(3, compiled::most_quantized_bytes, 128);
  });
}

}  // namespace
}  // namespace quantized_kernels_test
