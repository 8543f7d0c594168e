#include <gtest/gtest.h>
#include <unistd.h>
#include <corymb/core/detail/row_slabs.hpp>
#include <corymb/core/row_source.hpp>
#include <corymb/io/npy.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sys/resource.h>
#endif

#include "io/binary_files.hpp"
#include "io/support.hpp"
#include "support/matrices.hpp"

namespace npy_rows_test {
namespace {

using corymb::Index;
using corymb::npy_rows;
using corymb::read_npy;
using corymb::RowMatrix;
using corymb::RowSource;
using corymb_test::same_matrix;

class NpyRows : public IoTest {};

/// All rows of a source, `slab` at a time.
template <class T>
RowMatrix<T> all_rows(const RowSource<T>& source, Index slab) {
  RowMatrix<T> result(source.rows(), source.cols());
  for (Index first = 0; first < source.rows(); first += slab)
    source.read(first, std::min(slab, source.rows() - first), result.data() + first * source.cols());
  return result;
}

/// The rows are those of read_npy to the last bit, which must be `values`; in any pieces, again and again.
template <class T, class Derived>
void expect_rows(const std::string& path, const Eigen::DenseBase<Derived>& values) {
  const RowMatrix<T> expected = values.derived().template cast<T>();
  ASSERT_TRUE(same_matrix(read_npy<T>(path), expected));
  const RowSource<T> source = npy_rows<T>(path);
  EXPECT_EQ(source.rows(), expected.rows());
  EXPECT_EQ(source.cols(), expected.cols());
  for (const Index slab : {1, 2, 5, 36, 37, 1000}) EXPECT_TRUE(same_matrix(all_rows(source, slab), expected)) << slab;
}

template <class S>
class EveryTypeOfRows : public IoTest {};
using Types = ::testing::Types<float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
                               std::uint16_t, std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(EveryTypeOfRows, Types);

// Headers of several lengths: the values need not be aligned.
TYPED_TEST(EveryTypeOfRows, InEitherByteOrder) {
  using S = TypeParam;
  const std::string kind = std::string(std::is_floating_point_v<S> ? "f"
                                       : std::is_signed_v<S>       ? "i"
                                                                   : "u") +
                           std::to_string(sizeof(S));
  std::mt19937_64 random(3);
  RowMatrix<S> values(37, 5);
  for (S& value : values.reshaped()) value = static_cast<S>(std::bit_cast<std::int64_t>(random()));
  values(0, 0) = std::numeric_limits<S>::lowest();
  values(1, 0) = std::numeric_limits<S>::max();
  for (const bool big_endian : {false, true})
    for (const std::size_t padding : {0U, 1U, 2U, 7U}) {
      std::string data;
      for (const S value : values.template reshaped<Eigen::RowMajor>()) data += encoded(value, big_endian);
      const std::string header = dict((big_endian ? ">" : "<") + kind, false, "(37, 5)") + std::string(padding, ' ');
      const std::string name = this->file("a.npy", npy(header, data));
      SCOPED_TRACE(header);
      expect_rows<float>(name, values);
      expect_rows<double>(name, values);
    }
}

TEST_F(NpyRows, OfBoolsAndOfNumbersThatAreNone) {
  const std::string truths = npy(dict("|b1", false, "(2, 2)"), bytes_of("\x00\x01\x02\xff"));
  expect_rows<float>(file("a.npy", truths), (Eigen::Matrix2d() << 0, 1, 1, 1).finished());

  const double infinity = std::numeric_limits<double>::infinity();
  std::string data;
  for (const double value : {infinity, -infinity, -0.0, 1e300, 5e-324}) data += encoded(value, true);
  const Eigen::Matrix<double, 5, 1> values(infinity, -infinity, -0.0, 1e300, 5e-324);
  expect_rows<double>(file("a.npy", npy(dict(">f8", false, "(5, 1)"), data)), values);
  expect_rows<float>(path("a.npy"), values);
}

TEST_F(NpyRows, OfOneDimensionAndOfEmptyArrays) {
  const std::string data = encoded(1.5, false) + encoded(-2.0, false) + encoded(4.0, false);
  expect_rows<double>(file("a.npy", npy(dict("<f8", false, "(3,)"), data)), Eigen::Vector3d(1.5, -2, 4));
  expect_rows<float>(path("a.npy"), Eigen::Vector3d(1.5, -2, 4));
  for (const int version : {1, 2, 3}) {
    file("a.npy", npy(dict("<f8", false, "(3,)"), data, version));
    expect_rows<double>(path("a.npy"), Eigen::Vector3d(1.5, -2, 4));
  }
  for (const auto& [shape, rows, cols] :
       {std::tuple("(0,)", 0, 1), {"(0, 3)", 0, 3}, {"(3, 0)", 3, 0}, {"(0, 9223372036854775807)", 0, 0}})
    for (const char* type : {"<f8", "<i4"})
      for (const bool fortran : {false, true}) {
        const RowSource<float> source = npy_rows<float>(file("a.npy", npy(dict(type, fortran, shape), "")));
        EXPECT_EQ(source.rows(), rows) << shape;
        if (cols > 0 || rows > 0) {
          EXPECT_EQ(source.cols(), cols) << shape;
        }
        corymb::detail::for_each_slab(source, 2, [](const auto&, Index) {});
      }
}

// One row or one column has the same order of bytes either way.
TEST_F(NpyRows, InFortranOrderOnlyWhereItMakesNoDifference) {
  const std::string data = encoded(1.5, false) + encoded(-2.0, false) + encoded(4.0, false) + encoded(8.0, false);
  expect_rows<double>(file("a.npy", npy(dict("<f8", true, "(4, 1)"), data)), Eigen::Vector4d(1.5, -2, 4, 8));
  expect_rows<double>(file("a.npy", npy(dict("<f8", true, "(1, 4)"), data)),
                      Eigen::RowVector4d(Eigen::Vector4d(1.5, -2, 4, 8)));
  const std::string name = file("a.npy", npy(dict("<f8", true, "(2, 2)"), data));
  EXPECT_EQ(failure(name, [&] { npy_rows(name); }).message,
            ": is in Fortran order, column by column; rows are read only from files in C order: save "
            "numpy.ascontiguousarray of it");
}

TEST_F(NpyRows, AreRefusedBeforeAnythingIsRead) {
  const std::string eight(8, '\0');
  const struct {
    std::string bytes;
    std::string message;
  } cases[] = {
      {npy(dict("<f8", false, "()"), eight), ": has 0 dimensions; one or two are supported"},
      {npy(dict("<f8", false, "(1, 1, 1)"), eight), ": has 3 dimensions; one or two are supported"},
      {npy(dict("<c8", false, "(1,)"), eight),
       ": the type '<c8' is not supported; float32, float64, integers and bool are"},
      {npy(dict("f8", false, "(1,)"), eight),
       ": the type 'f8' is not supported; float32, float64, integers and bool are"},
      {npy(dict("<f8", false, "(2,)"), eight), ": truncated: the header says shape (2) of '<f8', the data are shorter"},
      {npy(dict("<i2", false, "(2, 2)"), eight.substr(1)),
       ": truncated: the header says shape (2, 2) of '<i2', the data are shorter"},
      {npy(dict("<f8", false, "(1,)"), ""), ": truncated: the header says shape (1) of '<f8', the data are shorter"},
      {npy(dict("<f8", false, "(1,)"), eight + "x"), ": more data follow shape (1) of '<f8'"},
      {npy(dict("<f8", false, "(0, 3)"), eight), ": more data follow shape (0, 3) of '<f8'"},
      {npy(dict("<f8", false, "(3, 0)"), eight), ": more data follow shape (3, 0) of '<f8'"},
      {bytes_of("\x93NUMPY\x04\x00\x00\x00"), ": NPY version 4 is not supported"},
      {bytes_of("\x93NUMPY\x01\x00\xff\xff"), ": truncated NPY header"},
      {npy("{'descr': '<f8'}", eight), ": damaged NPY header"},
      {"1,2\n", ": is no NPY file: it does not begin with \\x93NUMPY"},
      {"", ": is no NPY file: it does not begin with \\x93NUMPY"},
  };
  for (const auto& [bytes, message] : cases) {
    const std::string name = file("a.npy", bytes);
    EXPECT_EQ(failure(name, [&] { npy_rows(name); }).message, message);
    EXPECT_EQ(failure(name, [&] { npy_rows<float>(name); }).message, message);
  }
  EXPECT_EQ(failure(path("none"), [&] { npy_rows(path("none")); }).message,
            ": cannot be opened: No such file or directory");
  EXPECT_EQ(failure(path(""), [&] { npy_rows(path("")); }).message, ": is a folder");
}

TEST_F(NpyRows, BelieveNoSizeThatTheFileDoesNotHold) {
  for (const char* shape : {"(9223372036854775807,)", "(4611686018427387904, 4)", "(4294967296, 4294967296)",
                            "(1, 1000000000000)", "(9223372036854775807, 9223372036854775807)"})
    for (const char* type : {"<f8", ">f4", "|i1"}) {
      const std::string name = file("a.npy", npy(dict(type, false, shape), std::string(64, '\0')));
      EXPECT_TRUE(failure(name, [&] { npy_rows(name); }).message.starts_with(": truncated: the header says")) << shape;
    }
}

TEST_F(NpyRows, AreRefusedInCompressedFilesAndPipes) {
  if (corymb::compiled::reads_gzip()) {
    // gzip.compress of shape (1,) of '|u1' (Python 3.11, mtime=0).
    const std::string name = file("a.npy.gz", bytes_of("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x9b\xec\x17\xea\x1b"
                                                       "\x10\xc9\xc8\x60\xc3\x50\xad\x9e\x92\x5a\x9c\x5c\xa4"
                                                       "\x6e\xa5\xa0\x5e\x53\x6a\xa8\xae\xa3\xa0\x9e\x96\x5f\x54\x52"
                                                       "\x94\x98\x17\x9f\x5f\x94\x92\x0a\x12\x77\x4b\xcc\x29"
                                                       "\x4e\x05\x8a\x17\x67\x24\x16\xa4\x02\xf9\x1a\x86\x3a\x9a\x3a"
                                                       "\x0a\xb5\x0a\x0a\x5c\xec\x00\xe9\xb8\x2f\x1a\x47\x00"
                                                       "\x00\x00"));
    EXPECT_EQ(read_npy(name)(0), 7);
    EXPECT_EQ(failure(name, [&] { npy_rows(name); }).message,
              ": is compressed with gzip; rows are read only from files that are not: decompress it first");
  }
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string bytes = npy(dict("|u1", false, "(1,)"), "\7");
  ASSERT_EQ(write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  close(ends[1]);
  const std::string name = "/dev/fd/" + std::to_string(ends[0]);
  EXPECT_EQ(failure(name, [&] { npy_rows(name); }).message,
            ": is an NPY array in a pipe; only regular files of that format can be read");
  close(ends[0]);
}

// Larger than the pieces in which a file is looked at; in a file that is no multiple of anything.
TEST_F(NpyRows, OfLargeFiles) {
  std::mt19937_64 random(5);
  RowMatrix<float> values(1237, 5003);
  for (float& value : values.reshaped()) value = static_cast<float>(random() >> 40);
  const std::string name = path("a.npy");
  corymb::write_npy(name, values);
  const RowSource<float> source = npy_rows<float>(name);
  for (const Index slab : {300, 1000, 2000}) EXPECT_TRUE(same_matrix(all_rows(source, slab), values)) << slab;
  EXPECT_TRUE(same_matrix(all_rows(npy_rows<double>(name), 500), RowMatrix<double>(values.cast<double>())));
  const std::vector<Index> rows = {1236, 3, 3, 700, 4, 0};
  EXPECT_TRUE(same_matrix(corymb::detail::gather_rows(source, rows), RowMatrix<float>(values(rows, Eigen::all))));
}

TEST_F(NpyRows, OutliveTheNameOfTheFile) {
  std::optional<RowSource<double>> copy;
  {
    const std::string name =
        file("a.npy", npy(dict("<f8", false, "(1, 2)"), encoded(1.0, false) + encoded(2.0, false)));
    const RowSource<double> source = npy_rows(name);
    copy = source;
    std::filesystem::remove(name);
  }
  EXPECT_EQ(all_rows(*copy, 1), Eigen::RowVector2d(1, 2));
}

TEST_F(NpyRows, SayThatTheFileHasBecomeShorter) {
  const std::string name = path("a.npy");
  corymb::write_npy(name, RowMatrix<double>::Ones(100'000, 2));
  const RowSource<double> source = npy_rows(name);
  std::filesystem::resize_file(name, std::filesystem::file_size(name) / 2);
  const std::string message = ": cannot be read: it has become shorter since it was opened";
  for (const Index slab : {1000, 100'000}) EXPECT_EQ(failure(name, [&] { all_rows(source, slab); }).message, message);
  EXPECT_EQ(failure(name, [&] { npy_rows(name); }).message,
            ": truncated: the header says shape (100000, 2) of '<f8', the data are shorter");
}

#if defined(__linux__)
/// Without room for a map, the file is read.
TEST_F(NpyRows, NeedNoAddressSpace) {
  const std::uintmax_t size = std::uintmax_t{1} << 36;
  const std::string header = npy(dict("<f8", false, "(2147483648, 4)"), "");
  const std::string name = file("a.npy", header);
  std::error_code failed;
  std::filesystem::resize_file(name, header.size() + size, failed);
  if (failed) GTEST_SKIP() << "no room for a file of holes";
  {
    std::fstream stream(name, std::ios::in | std::ios::out | std::ios::binary);
    const std::string last = encoded(1.0, false) + encoded(2.0, false) + encoded(3.0, false) + encoded(4.0, false);
    stream.seekp(static_cast<std::streamoff>(header.size() + size - last.size()));
    stream << last;
  }
  const auto source_with_last_row = [&] {
    const RowSource<double> source = npy_rows(name);
    EXPECT_EQ(source.rows(), Index{1} << 31);
    for (const Index count : {2, 100'000}) {  // some are read, many are seen through the map, if there is one
      RowMatrix<double> rows(count, 4), expected = RowMatrix<double>::Zero(count, 4);
      expected.row(count - 1) << 1, 2, 3, 4;
      source.read(source.rows() - count, count, rows.data());
      EXPECT_TRUE(same_matrix(rows, expected));
    }
    return source;
  };
  source_with_last_row();

  std::uintmax_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit limit = before;
  limit.rlim_cur = std::min<rlim_t>(before.rlim_max, pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + size / 2);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  const RowSource<double> source = source_with_last_row();
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  std::filesystem::resize_file(name, size / 2);
  EXPECT_EQ(failure(name,
                    [&] {
                      double out[4];
                      source.read(source.rows() - 1, 1, out);
                    })
                .message,
            ": cannot be read: it has become shorter since it was opened");
}
#endif

}  // namespace
}  // namespace npy_rows_test
