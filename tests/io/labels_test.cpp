#include <gtest/gtest.h>
#include <corymb/io/labels.hpp>
#include <corymb/io/npy.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "io/support.hpp"

namespace labels_test {
namespace {

using corymb::Index;
using corymb::Labels;
using corymb::read_labels;
using corymb::read_rows;
using corymb::write_labels;

class LabelFiles : public IoTest {};

Labels labels_of(std::initializer_list<std::int32_t> values) {
  Labels labels(static_cast<Index>(values.size()));
  Index i = 0;
  for (const std::int32_t value : values) labels[i++] = value;
  return labels;
}

// numpy.save of an array with the given type and shape.
std::string npy(const std::string& type, const std::string& shape, const std::string& data) {
  const std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  return bytes_of("\x93NUMPY\x01\x00") + static_cast<char>(header.size()) + '\0' + header + data;
}

TEST_F(LabelFiles, ReadsOneIntegerALine) {
  for (const char* text : {"0\n-1\n7\n", "0\r\n-1\r\n7", "# classes\nlabel\n0\n-1\n\n7\n", "\"0\"\n-1\n +7\n",
                           "0.0\n-1.000000000000000000e+00\n7e0\n"})
    EXPECT_EQ(read_labels(file("labels.csv", text)), labels_of({0, -1, 7})) << text;
  EXPECT_EQ(read_rows(file("rows.csv", "0\n9007199254740993\n")), (std::vector<Index>{0, 9007199254740993}));
}

TEST_F(LabelFiles, ReadsNpy) {
  EXPECT_EQ(read_labels(file("a.npy", npy("|i1", "(3,)", bytes_of("\x00\xff\x07")))), labels_of({0, -1, 7}));
  EXPECT_EQ(read_labels(file("a.npy", npy("|b1", "(3,)", bytes_of("\x00\x01\x01")))), labels_of({0, 1, 1}));
  EXPECT_EQ(read_labels(file("a.npy", npy(">i4", "(2,)", bytes_of("\xff\xff\xff\xfe\x00\x00\x01\x02")))),
            labels_of({-2, 258}));
  EXPECT_EQ(read_labels(file("a.npy", npy("<u2", "(2, 1)", bytes_of("\x03\x00\xff\xff")))), labels_of({3, 65535}));
  EXPECT_EQ(read_labels(file("a.npy", npy("<i8", "(0,)", ""))).size(), 0);
  EXPECT_EQ(read_rows(file("a.npy", npy("<i8", "(2,)", bytes_of("\x05\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0")))),
            (std::vector<Index>{5, Index{1} << 32}));
}

TEST_F(LabelFiles, SayWhatIsWrong) {
  const struct {
    std::string bytes;
    const char* labels;
    const char* rows;
  } cases[] = {
      {"0\n1.5\n", ":2:1: '1.5' is not an integer", ":2:1: '1.5' is not an integer"},
      {"0\nnan\n", ":2:1: 'nan' is not an integer", ":2:1: 'nan' is not an integer"},
      {"0\nNA\n", ":2:1: 'NA' is not an integer", ":2:1: 'NA' is not an integer"},
      {"0\ninf\n", ":2:1: 'inf' is not an integer", ":2:1: 'inf' is not an integer"},
      {"0\ncat\n", ":2:1: 'cat' is not an integer", ":2:1: 'cat' is not an integer"},
      {"0,1\n", ": one column is expected, the file has 2", ": one column is expected, the file has 2"},
      {"label\n", ": no data rows", ": no data rows"},
      {"0\n-2147483648\n-2147483649\n", ":3:1: '-2147483649' does not fit into 32 bits",
       ": row number 2 of the list is -2147483648, must be at least 0"},
      {"0\n2147483648.0\n99999999999999999999\n", ":2:1: '2147483648.0' does not fit into 32 bits",
       ":3:1: '99999999999999999999' does not fit into 64 bits"},
      {"1e19\n", ":1:1: '1e19' does not fit into 32 bits", ":1:1: '1e19' does not fit into 64 bits"},
      {npy("<f8", "(1,)", std::string(8, '\0')), ": holds '<f8' where integers are expected",
       ": holds '<f8' where integers are expected"},
      {npy("|i1", "(1, 2)", "ab"), ": one column is expected, the file has 2",
       ": one column is expected, the file has 2"},
      {npy("<u8", "(2,)", std::string(8, '\0') + std::string(8, '\xff')),
       ": entry [1] = 18446744073709551615 does not fit into 32 bits",
       ": entry [1] = 18446744073709551615 does not fit into 64 bits"},
      {npy("<i8", "(1,)", std::string(8, '\xff')), "nothing was thrown",
       ": row number 1 of the list is -1, must be at least 0"},
  };
  for (const auto& [bytes, labels, rows] : cases) {
    const std::string name = file("labels", bytes);
    EXPECT_EQ(failure(name, [&] { read_labels(name); }).message, labels) << bytes;
    EXPECT_EQ(failure(name, [&] { read_rows(name); }).message, rows) << bytes;
  }
}

TEST_F(LabelFiles, AreReadAsWritten) {
  const Labels labels = labels_of({3, -1, 0, 2147483647, -2147483647 - 1});
  const std::string name = file("out.csv", "old");
  write_labels(name, labels);
  EXPECT_EQ(content(name), "3\n-1\n0\n2147483647\n-2147483648\n");
  EXPECT_EQ(read_labels(name), labels);
  write_labels(name, std::vector<std::int64_t>{5, 4});
  EXPECT_EQ(content(name), "5\n4\n");
  write_labels(name, std::vector<unsigned char>{200});
  EXPECT_EQ(content(name), "200\n");
  write_labels(name, Labels());
  EXPECT_EQ(content(name), "");
  EXPECT_EQ(files_in_folder(), 1);
}

}  // namespace
}  // namespace labels_test
