#include <gtest/gtest.h>
#include <unistd.h>
#include <corymb/io/matrix.hpp>
#include <corymb/io/npy.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <utility>

#include "io/binary_files.hpp"
#include "io/support.hpp"

namespace npy_test {
namespace {

using corymb::Index;
using corymb::read_npy;
using corymb::RowMatrix;
using corymb::write_npy;

class Npy : public IoTest {};

// What NumPy 1.24 writes for [[1, -2.5, 3], [4, 5e300, pi]].
const std::string golden = bytes_of(
    "\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }                                "
    "                          \n"
    "\x00\x00\x00\x00\x00\x00\xf0?\x00\x00\x00\x00\x00\x00\x04\xc0\x00\x00\x00\x00\x00\x00\x08@"
    "\x00\x00\x00\x00\x00\x00\x10@\x03\x93\x00\xaaK\xdd]~\x18-DT\xfb!\t@");
// gzip.compress of it (Python 3.11, mtime=0).
const std::string golden_gzip = bytes_of(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x9b\xec\x17\xea\x1b\x10\xc9\xc8\x50\xc6\x50\xad\x9e\x92\x5a\x9c\x5c\xa4"
    "\x6e\xa5\xa0\x6e\x93\x66\xa1\xae\xa3\xa0\x9e\x96\x5f\x54\x52\x94\x98\x17\x9f\x5f\x94\x92\x0a\x12\x77\x4b\xcc\x29"
    "\x4e\x05\x8a\x17\x67\x24\x16\xa4\x02\xf9\x1a\x46\x3a\x0a\xc6\x9a\x3a\x0a\xb5\x0a\x64\x03\x2e\x06\x30\xf8\x60\x0f"
    "\xa1\x59\x0e\x40\x68\x0e\x07\x08\x2d\xe0\xc0\x3c\x99\x61\x95\xf7\xdd\xd8\x3a\x09\x5d\x97\x90\xdf\x8a\x9c\x0e\x00"
    "\x35\xc2\xcf\x49\xb0\x00\x00\x00");

RowMatrix<double> golden_matrix() {
  RowMatrix<double> matrix(2, 3);
  matrix << 1, -2.5, 3, 4, 5e300, 3.141592653589793;
  return matrix;
}

TEST_F(Npy, ReadsWhatNumpyWrites) {
  const std::string name = file("a.npy", golden);
  EXPECT_EQ(read_npy(name), golden_matrix());
  EXPECT_EQ(corymb::read_matrix(name), golden_matrix());
  const RowMatrix<float> floats = read_npy<float>(name);
  EXPECT_EQ(floats(0, 1), -2.5F);
  EXPECT_EQ(floats(1, 1), std::numeric_limits<float>::infinity());
  EXPECT_EQ(floats(1, 2), 3.14159274F);
}

TEST_F(Npy, ReadsOtherFilesOfNumpy) {
  // numpy.asfortranarray([[1, -2.5], [4, 3]], ">f4"), version 1.0
  const std::string fortran = bytes_of(
      "\x93NUMPY\x01\x00v\x00{'descr': '>f4', 'fortran_order': True, 'shape': (2, 2), }                               "
      "                            \n?\x80\x00\x00@\x80\x00\x00\xc0 \x00\x00@@\x00\x00");
  RowMatrix<float> expected(2, 2);
  expected << 1, -2.5, 4, 3;
  EXPECT_EQ(read_npy<float>(file("a.npy", fortran)), expected);
  EXPECT_EQ(read_npy(file("a.npy", fortran)), expected.cast<double>());
  // numpy.array([1, -2, 300], "<i2"), version 2.0
  const std::string integers = bytes_of(
      "\x93NUMPY\x02\x00t\x00\x00\x00{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }                        "
      "                                  \n\x01\x00\xfe\xff,\x01");
  EXPECT_EQ(read_npy(file("a.npy", integers)), Eigen::Vector3d(1, -2, 300));
  // numpy.array([True, False]), version 3.0
  const std::string truths = bytes_of(
      "\x93NUMPY\x03\x00t\x00\x00\x00{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }                        "
      "                                  \n\x01\x00");
  EXPECT_EQ(read_npy<float>(file("a.npy", truths)), Eigen::Vector2f(1, 0));
}

template <class S>
class EveryType : public IoTest {};
using Types = ::testing::Types<float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
                               std::uint16_t, std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(EveryType, Types);

TYPED_TEST(EveryType, InEitherByteAndStorageOrder) {
  using S = TypeParam;
  const std::string kind = std::string(std::is_floating_point_v<S> ? "f"
                                       : std::is_signed_v<S>       ? "i"
                                                                   : "u") +
                           std::to_string(sizeof(S));
  std::mt19937_64 random(3);
  const Index rows = 37, cols = 5;
  Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic> values(rows, cols);
  for (S& value : values.reshaped()) value = static_cast<S>(std::bit_cast<std::int64_t>(random()));
  values(0, 0) = std::numeric_limits<S>::lowest();
  values(1, 0) = std::numeric_limits<S>::max();
  for (const bool big_endian : {false, true})
    for (const bool fortran : {false, true}) {
      std::string data;
      if (fortran)
        for (Index j = 0; j < cols; ++j)
          for (Index i = 0; i < rows; ++i) data += encoded(values(i, j), big_endian);
      else
        for (Index i = 0; i < rows; ++i)
          for (Index j = 0; j < cols; ++j) data += encoded(values(i, j), big_endian);
      const std::string name =
          this->file("a.npy", npy(dict((big_endian ? ">" : "<") + kind, fortran, "(37, 5)"), data));
      EXPECT_EQ(read_npy(name), values.template cast<double>()) << kind << big_endian << fortran;
      EXPECT_EQ(read_npy<float>(name), values.template cast<float>()) << kind << big_endian << fortran;
    }
}

TEST_F(Npy, AcceptsEveryLegalHeader) {
  const std::string data = golden.substr(128);
  for (const char* header : {"{'descr':'<f8','fortran_order':False,'shape':(2,3)}",
                             "{'shape': (2L, 3L), 'fortran_order': False, 'descr': '<f8'}",
                             "{\"descr\": \"<f8\", \"shape\": (2, 3,), \"fortran_order\": False,}  \n",
                             " { 'descr' : '<f8' , 'fortran_order' : False , 'shape' : ( 2 , 3 ) , } "})
    for (const int version : {1, 2, 3})
      EXPECT_EQ(read_npy(file("a.npy", npy(header, data, version))), golden_matrix()) << header;
}

TEST_F(Npy, ReadsEmptyArrays) {
  for (const auto& [shape, rows, cols] : {std::tuple("(0,)", 0, 1), {"(0, 3)", 0, 3}, {"(3, 0)", 3, 0}})
    for (const char* type : {"<f8", "<i4"}) {
      const RowMatrix<double> values = read_npy(file("a.npy", npy(dict(type, true, shape), "")));
      EXPECT_EQ(values.rows(), rows) << shape;
      EXPECT_EQ(values.cols(), cols) << shape;
    }
}

TEST_F(Npy, SaysWhatIsWrong) {
  const std::string eight(8, '\0');
  const struct {
    std::string bytes;
    std::string message;
  } cases[] = {
      {npy(dict("<f8", false, "()"), eight), ": has 0 dimensions; one or two are supported"},
      {npy(dict("<f8", false, "(1, 1, 1)"), eight), ": has 3 dimensions; one or two are supported"},
      {npy(dict("<c8", false, "(1,)"), eight),
       ": the type '<c8' is not supported; float32, float64, integers and bool are"},
      {npy(dict("<f2", false, "(4,)"), eight),
       ": the type '<f2' is not supported; float32, float64, integers and bool are"},
      {npy(dict("|O", false, "(1,)"), eight),
       ": the type '|O' is not supported; float32, float64, integers and bool are"},
      {npy(dict("", false, "(1,)"), eight), ": the type '' is not supported; float32, float64, integers and bool are"},
      {npy(dict("f8", false, "(1,)"), eight),
       ": the type 'f8' is not supported; float32, float64, integers and bool are"},
      {npy("{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,), }", eight),
       ": arrays of structures are not supported"},
      {npy(dict("<f8", false, "(2,)"), eight), ": truncated: the header says shape (2) of '<f8', the data are shorter"},
      {npy(dict("<f8", false, "(1,)"), eight + "x"), ": more data follow shape (1) of '<f8'"},
      {npy(dict("<f8", false, "(1,)"), eight) + golden, ": more data follow shape (1) of '<f8'"},
      {npy(dict("|i1", true, "(2, 2)"), "abcde"), ": more data follow shape (2, 2) of '|i1'"},
      {npy(dict("<f8", false, "(0, 3)"), eight), ": more data follow shape (0, 3) of '<f8'"},
      {bytes_of("\x93NUMPY\x04\x00\x00\x00"), ": NPY version 4 is not supported"},
      {bytes_of("\x93NUMPY\x00\x00\x00\x00"), ": NPY version 0 is not supported"},
      {bytes_of("\x93NUMPY\x02\x00\xff\xff\xff\xff"), ": NPY header of 4294967295 bytes"},
      {bytes_of("\x93NUMPY\x01\x00\xff\xff"), ": truncated NPY header"},
      {"1,2\n", ": is no NPY file: it does not begin with \\x93NUMPY"},
      {"", ": is no NPY file: it does not begin with \\x93NUMPY"},
  };
  for (const auto& [bytes, message] : cases) {
    const std::string name = file("a.npy", bytes);
    EXPECT_EQ(failure(name, [&] { read_npy(name); }).message, message);
    EXPECT_EQ(failure(name, [&] { read_npy<float>(name); }).message, message);
  }
}

TEST_F(Npy, RejectsDamagedHeaders) {
  for (const char* header :
       {"", "{", "{}", "x", "{'descr': '<f8'}", "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } x",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f8' 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f8, 'fortran_order': False, 'shape': (1,)}", "{'descr': 8, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}", "{'descr': '<f8', 'fortran_order': False, 'shape': 1}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1.0,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1 1)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}"}) {
    const std::string name = file("a.npy", npy(header, std::string(8, '\0')));
    EXPECT_EQ(failure(name, [&] { read_npy(name); }).message, ": damaged NPY header") << header;
  }
}

TEST_F(Npy, IsRejectedWhenTruncated) {
  for (std::size_t size = 0; size < golden.size(); ++size) {
    const std::string name = file("a.npy", golden.substr(0, size));
    const std::string message = size < 6 ? ": is no NPY file: it does not begin with \\x93NUMPY"
                                : size < 128
                                    ? ": truncated NPY header"
                                    : ": truncated: the header says shape (2, 3) of '<f8', the data are shorter";
    EXPECT_EQ(failure(name, [&] { read_npy(name); }).message, message) << size;
  }
}

// The products of these sizes overflow, or are far beyond the memory of any machine.
TEST_F(Npy, BelievesNoSizeThatTheFileCannotHold) {
  for (const char* shape : {"(9223372036854775807,)", "(4611686018427387904, 4)", "(4294967296, 4294967296)",
                            "(1, 1000000000000)", "(9223372036854775807, 9223372036854775807)"})
    for (const bool fortran : {false, true})
      for (const char* type : {"<f8", ">f4", "|i1"}) {
        const std::string name = file("a.npy", npy(dict(type, fortran, shape), std::string(64, '\0')));
        EXPECT_TRUE(failure(name, [&] { read_npy(name); }).message.starts_with(": truncated: the header says"))
            << shape;
      }
}

TEST_F(Npy, MayBeCompressed) {
  if (!corymb::compiled::reads_gzip()) GTEST_SKIP() << "built without zlib";
  EXPECT_EQ(read_npy(file("a.npy.gz", golden_gzip)), golden_matrix());
  EXPECT_EQ(corymb::read_matrix(file("a.npy.gz", golden_gzip)), golden_matrix());
  for (std::size_t size = 2; size < golden_gzip.size(); ++size) {
    const std::string name = file("a.npy.gz", golden_gzip.substr(0, size));
    EXPECT_NE(failure(name, [&] { read_npy(name); }).message.find("truncated"), std::string::npos) << size;
  }
}

TEST_F(Npy, FromAPipeIsRefused) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], golden.data(), golden.size()), static_cast<ssize_t>(golden.size()));
  close(ends[1]);
  const std::string name = "/dev/fd/" + std::to_string(ends[0]);
  EXPECT_EQ(failure(name, [&] { corymb::read_matrix(name); }).message,
            ": is an NPY array in a pipe; only regular files of that format can be read");
  close(ends[0]);
}

// Data are converted through a buffer of 128 KiB in C order and of 16 MiB in Fortran order.
TEST_F(Npy, ConvertsDataLargerThanItsBuffers) {
  const Index rows = 70'001, cols = 3;
  std::string c_data, fortran_data;
  const auto value = [](Index i, Index j) { return static_cast<std::int16_t>((i * 7 + j * 11'000) % 32'749); };
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < cols; ++j) c_data += encoded(value(i, j), true);
  for (Index j = 0; j < cols; ++j)
    for (Index i = 0; i < rows; ++i) fortran_data += encoded(value(i, j), true);
  const RowMatrix<double> expected =
      RowMatrix<double>::NullaryExpr(rows, cols, [&](Index i, Index j) { return static_cast<double>(value(i, j)); });
  EXPECT_EQ(read_npy(file("c.npy", npy(dict(">i2", false, "(70001, 3)"), c_data))), expected);
  EXPECT_EQ(read_npy(file("fortran.npy", npy(dict(">i2", true, "(70001, 3)"), fortran_data))), expected);
}

/// Writes bytes into a file of zeros: (offset, byte).
void patch(const std::string& path, std::uintmax_t size, std::initializer_list<std::pair<std::uintmax_t, char>> bytes) {
  std::filesystem::resize_file(path, size);
  std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
  for (const auto& [offset, byte] : bytes) stream.seekp(static_cast<std::streamoff>(offset)).put(byte);
}

TEST_F(Npy, TransposesColumnsInGroupsAndInParts) {
  // Three columns of 7 MiB: the buffer takes two of them at a time.
  const std::uintmax_t seven = 7U << 20;
  std::string header = npy(dict("|u1", true, "(7340032, 3)"), "");
  patch(file("groups.npy", header), header.size() + 3 * seven,
        {{header.size(), 1}, {header.size() + seven + 5, 2}, {header.size() + 3 * seven - 1, 3}});
  const RowMatrix<float> groups = read_npy<float>(path("groups.npy"));
  EXPECT_EQ(groups(0, 0), 1);
  EXPECT_EQ(groups(5, 1), 2);
  EXPECT_EQ(groups(groups.rows() - 1, 2), 3);
  EXPECT_EQ(groups.sum(), 6);
  // A column of 16 MiB and 3 bytes does not fit.
  const std::uintmax_t long_column = (16U << 20) + 3;
  header = npy(dict("|u1", true, "(16777219, 2)"), "");
  patch(file("parts.npy", header), header.size() + 2 * long_column,
        {{header.size() + 1, 1}, {header.size() + long_column - 1, 2}, {header.size() + 2 * long_column - 2, 3}});
  const RowMatrix<float> parts = read_npy<float>(path("parts.npy"));
  EXPECT_EQ(parts(1, 0), 1);
  EXPECT_EQ(parts(parts.rows() - 1, 0), 2);
  EXPECT_EQ(parts(parts.rows() - 2, 1), 3);
  EXPECT_EQ(parts.sum(), 6);
}

TEST_F(Npy, IsWrittenAsNumpyWritesIt) {
  write_npy(path("a.npy"), golden_matrix());
  if constexpr (std::endian::native == std::endian::little) {
    EXPECT_EQ(content(path("a.npy")), golden);
  }
  EXPECT_EQ(files_in_folder(), 1);
}

TEST_F(Npy, IsReadAsWritten) {
  const Eigen::MatrixXd columns = Eigen::MatrixXd::NullaryExpr(
      100, 7, [](Index i, Index j) { return std::sin(static_cast<double>(i * 7 + j)) * 1e10; });
  const RowMatrix<float> rows = columns.cast<float>();
  const std::string name = path("a.npy");
  write_npy(name, columns);
  EXPECT_EQ(read_npy(name), columns);
  write_npy(name, rows);
  EXPECT_EQ(read_npy<float>(name), rows);
  write_npy(name, rows.block(3, 2, 50, 4));
  EXPECT_EQ(read_npy<float>(name), rows.block(3, 2, 50, 4));
  write_npy(name, columns.col(2) * 2.0);
  EXPECT_EQ(read_npy(name), columns.col(2) * 2.0);
  write_npy(name, RowMatrix<float>(0, 4));
  EXPECT_EQ(read_npy<float>(name).cols(), 4);
}

TEST_F(Npy, LeavesNothingWhenWritingFails) {
  const std::string name = path("missing/a.npy");
  EXPECT_EQ(failure(name, [&] { write_npy(name, golden_matrix()); }).message,
            ": cannot be written: No such file or directory");
  EXPECT_EQ(files_in_folder(), 0);
}

}  // namespace
}  // namespace npy_test
