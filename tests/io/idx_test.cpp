#include <gtest/gtest.h>
#include <unistd.h>
#include <corymb/io/idx.hpp>
#include <corymb/io/labels.hpp>
#include <corymb/io/matrix.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "io/binary_files.hpp"
#include "io/support.hpp"

namespace idx_test {
namespace {

using corymb::Index;
using corymb::read_idx;
using corymb::RowMatrix;

class Idx : public IoTest {
 protected:
  template <class S>
  void check_type(int code) const {
    std::mt19937_64 random(static_cast<unsigned>(code));
    for (const std::vector<std::uint32_t>& sizes :
         {std::vector<std::uint32_t>{41}, {41, 1}, {1, 41}, {7, 5}, {3, 2, 4}, {2, 1, 3, 2}, {0}, {0, 4}, {4, 0, 3}}) {
      Index cols = 1;
      for (std::size_t i = 1; i < sizes.size(); ++i) cols *= sizes[i];
      RowMatrix<S> values(sizes[0], cols);
      std::string data;
      for (Index i = 0; i < values.size(); ++i) {
        values.data()[i] = static_cast<S>(static_cast<std::int64_t>(random()));
        if (i == 0) values.data()[i] = std::numeric_limits<S>::lowest();
        if (i == 1) values.data()[i] = std::numeric_limits<S>::max();
        data += encoded(values.data()[i], true);
      }
      const std::string name = file("a.idx", idx(code, sizes, data));
      EXPECT_EQ(read_idx(name), values.template cast<double>()) << code;
      EXPECT_EQ(read_idx<float>(name), values.template cast<float>()) << code;
    }
  }
};

// The first bytes of MNIST's t10k-labels-idx1-ubyte, and an image file of the same kind with two images of 2 x 3.
const std::string label_file = bytes_of("\x00\x00\x08\x01\x00\x00\x00\x05\x07\x02\x01\x00\x04");
const std::string image_file = bytes_of(
    "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x03"
    "\x00\x01\x02\x03\x04\x05\x80\x81\x82\x83\x84\xff");
// gzip.compress of the images (Python 3.11, mtime=0).
const std::string image_file_gzip = bytes_of(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\xe0\x60\x66\x60\x60\x60\x82\x62\x66\x06\x46\x26\x66\x16\xd6\x86"
    "\xc6\xa6\xe6\x96\xff\x00\x46\xe7\xfa\x03\x1c\x00\x00\x00");

RowMatrix<double> images() {
  RowMatrix<double> matrix(2, 6);
  matrix << 0, 1, 2, 3, 4, 5, 128, 129, 130, 131, 132, 255;
  return matrix;
}

TEST_F(Idx, ReadsLabelsAndImages) {
  const std::string labels = file("labels", label_file), name = file("images", image_file);
  EXPECT_EQ(read_idx(labels), (Eigen::Matrix<double, 5, 1>() << 7, 2, 1, 0, 4).finished());
  EXPECT_EQ(corymb::read_labels(labels), (Eigen::Matrix<std::int32_t, 5, 1>() << 7, 2, 1, 0, 4).finished());
  EXPECT_EQ(corymb::read_rows(labels), (std::vector<Index>{7, 2, 1, 0, 4}));
  EXPECT_EQ(read_idx(name), images());
  EXPECT_EQ(read_idx<float>(name), images().cast<float>());
  EXPECT_EQ(corymb::read_matrix(name), images());
  EXPECT_EQ(corymb::read_matrix<float>(name), images().cast<float>());
  EXPECT_EQ(failure(name, [&] { corymb::read_labels(name); }).message, ": one column is expected, the file has 6");
}

TEST_F(Idx, MayBeCompressed) {
  if (!corymb::compiled::reads_gzip()) GTEST_SKIP() << "built without zlib";
  EXPECT_EQ(read_idx(file("images", image_file_gzip)), images());
  EXPECT_EQ(corymb::read_matrix(file("images", image_file_gzip)), images());
}

TEST_F(Idx, ReadsEveryTypeInAnyNumberOfDimensions) {
  check_type<std::uint8_t>(0x08);
  check_type<std::int8_t>(0x09);
  check_type<std::int16_t>(0x0b);
  check_type<std::int32_t>(0x0c);
  check_type<float>(0x0d);
  check_type<double>(0x0e);
}

// Data are converted through a buffer of 128 KiB.
TEST_F(Idx, ConvertsDataLargerThanItsBuffer) {
  const Index rows = 70'001, cols = 3;
  RowMatrix<double> expected(rows, cols);
  std::string data;
  for (Index i = 0; i < expected.size(); ++i) {
    const auto value = static_cast<std::int32_t>(i * 7919 - 123'456);
    expected.data()[i] = value;
    data += encoded(value, true);
  }
  EXPECT_EQ(read_idx(file("a.idx", idx(0x0c, {70'001, 3}, data))), expected);
}

TEST_F(Idx, HoldsNoMoreThan32BitsInLabels) {
  const auto labels = corymb::read_labels(file("a", idx(0x0c, {2}, bytes_of("\x80\x00\x00\x00\x7f\xff\xff\xff"))));
  EXPECT_EQ(labels[0], std::numeric_limits<std::int32_t>::lowest());
  EXPECT_EQ(labels[1], std::numeric_limits<std::int32_t>::max());
  const std::string negative = file("b", idx(0x09, {2}, bytes_of("\x01\xff")));
  EXPECT_EQ(failure(negative, [&] { corymb::read_rows(negative); }).message,
            ": row number 2 of the list is -1, must be at least 0");
  const std::string real = file("c", idx(0x0d, {1}, bytes_of("\0\0\0\0")));
  EXPECT_EQ(failure(real, [&] { corymb::read_labels(real); }).message, ": holds float32 where integers are expected");
}

TEST_F(Idx, SaysWhatIsWrong) {
  const std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  const std::vector<std::uint32_t> many(255, 2);
  const struct {
    std::string bytes;
    std::string message;
  } cases[] = {
      {"", ": is no IDX file: it does not begin with two zero bytes and a type"},
      {"1,2\n", ": is no IDX file: it does not begin with two zero bytes and a type"},
      {bytes_of("\x00\x01\x08\x01"), ": is no IDX file: it does not begin with two zero bytes and a type"},
      {bytes_of("\x00\x00\x08"), ": truncated IDX header"},
      {idx(0x08, {}, "abc"), ": has 0 dimensions; at least one is needed"},
      {idx(0x0a, {1}, "a"),
       ": the IDX type 10 is not supported; 8 (uint8), 9 (int8), 11 (int16), 12 (int32), 13 (float32) and 14 "
       "(float64) are"},
      {idx(0x08, {3, 2}, "abcdef").substr(0, 11), ": truncated IDX header"},
      {idx(0x08, {3, 2}, "abcde"), ": truncated: the header says shape (3, 2) of uint8, the data are shorter"},
      {idx(0x0b, {3, 2}, "abcdef"), ": truncated: the header says shape (3, 2) of int16, the data are shorter"},
      {idx(0x08, {3, 2}, "abcdefg"), ": more data follow shape (3, 2) of uint8"},
      {idx(0x08, {0, 2}, "a"), ": more data follow shape (0, 2) of uint8"},
      {idx(0x0e, {most, most}, std::string(64, '\0')),
       ": truncated: the header says shape (4294967295, 4294967295) of float64, the data are shorter"},
      {idx(0x08, {1, most, most, most}, "a"),
       ": a row of shape (1, 4294967295, 4294967295, 4294967295) of uint8 has more than 2^63 numbers"},
      {idx(0x08, {0, most, most, most}, ""),
       ": a row of shape (0, 4294967295, 4294967295, 4294967295) of uint8 has more than 2^63 numbers"},
      {idx(0x08, many, "a"), ": a row of shape (2, 2, 2, 2, 2, 2, 2, 2, ...) of uint8 has more than 2^63 numbers"},
  };
  for (const auto& [bytes, message] : cases) {
    const std::string name = file("a.idx", bytes);
    EXPECT_EQ(failure(name, [&] { read_idx(name); }).message, message);
    EXPECT_EQ(failure(name, [&] { read_idx<float>(name); }).message, message);
  }
}

TEST_F(Idx, HasNoColumnsWhereOneSizeIsZero) {
  const std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  const RowMatrix<double> values = read_idx(file("a.idx", idx(0x08, {5, most, most, most, 0}, "")));
  EXPECT_EQ(values.rows(), 5);
  EXPECT_EQ(values.cols(), 0);
}

TEST_F(Idx, IsSeenOnlyByAKnownType) {
  const std::string name = file("zeros", std::string(64, '\0'));
  EXPECT_EQ(failure(name, [&] { corymb::read_matrix(name); }).message,
            ": is not a text file: it begins with binary data");
}

TEST_F(Idx, FromAPipeIsRefused) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], label_file.data(), label_file.size()), static_cast<ssize_t>(label_file.size()));
  close(ends[1]);
  const std::string name = "/dev/fd/" + std::to_string(ends[0]);
  EXPECT_EQ(failure(name, [&] { corymb::read_matrix(name); }).message,
            ": is an IDX array in a pipe; only regular files of that format can be read");
  close(ends[0]);
}

}  // namespace
}  // namespace idx_test
