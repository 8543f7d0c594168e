#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <corymb/io/csv.hpp>
#include <corymb/io/matrix.hpp>

#include <bit>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "io/support.hpp"

namespace csv_test {
namespace {

using corymb::CsvHeader;
using corymb::read_csv;
using corymb::RowMatrix;
using corymb::write_csv;
using Names = std::vector<std::string>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

class Csv : public IoTest {
 protected:
  corymb::CsvTable<double> parse(std::string_view text, const corymb::CsvOptions& options = {}) const {
    return read_csv(file("table.csv", text), options);
  }
};

RowMatrix<double> two_by_two() {
  RowMatrix<double> expected(2, 2);
  expected << 1.5, -2, 3, 4e2;
  return expected;
}

TEST_F(Csv, ReadsFloatAndDouble) {
  const std::string name = file("table.csv", "1.5,-2\n3,4e2\n");
  EXPECT_EQ(read_csv(name).values, two_by_two());
  EXPECT_EQ(read_csv<float>(name).values, two_by_two().cast<float>());
  EXPECT_EQ(corymb::read_matrix(name), two_by_two());
  EXPECT_EQ(corymb::read_matrix<float>(name), two_by_two().cast<float>());
  EXPECT_TRUE(read_csv(name).names.empty());
}

TEST_F(Csv, DetectsTheDelimiter) {
  for (const char* text :
       {"1.5,-2\n3,4e2\n", "1.5;-2\n3;4e2\n", "1.5\t-2\n3\t4e2\n", "1.5|-2\n3|4e2\n", "1.5 -2\n3 4e2\n",
        "  1.5   -2\n\t3 \t 4e2 \n", "1.5, -2\n3 ,\t4e2\n", "\"1.5\";\"-2\"\n3;4e2\n", "1.5 ; -2\n3 ; 4e2\n",
        "a b;c, d\n1.5;-2\n3;4e2\n", "\"a;b\",c\n1.5,-2\n3,4e2\n", "first second\n1.5 -2\n3 4e2\n"}) {
    EXPECT_EQ(parse(text).values, two_by_two()) << text;
  }
}

TEST_F(Csv, ReadsSingleColumns) {
  for (const char* text : {"1\n2\n", "1", "petal length\n1\n2\n", "a;b\n\"1\"\n2"}) {
    const auto table = parse(text);
    EXPECT_EQ(table.values.cols(), 1) << text;
    EXPECT_EQ(table.values(0, 0), 1) << text;
  }
}

TEST_F(Csv, DetectsAHeaderRow) {
  EXPECT_EQ(parse("x,y\n1,2\n").names, (Names{"x", "y"}));
  EXPECT_EQ(parse("x,\n1,2\n").names, (Names{"x", ""}));
  EXPECT_EQ(parse("# comment\n\n x , y z \n1,2\n").names, (Names{"x", "y z"}));
  EXPECT_EQ(parse("\"x, \"\"1\"\"\",\" y\"\n1,2\n").names, (Names{"x, \"1\"", " y"}));
  EXPECT_EQ(parse("Länge;Höhe\n1;2\n").names, (Names{"Länge", "Höhe"}));
  EXPECT_EQ(parse("x,y\n1,2\n").values.rows(), 1);
  EXPECT_EQ(parse("nan,inf\n1,2\n").values.rows(), 2);
  EXPECT_EQ(parse("1,2\n3,4\n").values.rows(), 2);
}

TEST_F(Csv, TakesTheHeaderRowAsToldTo) {
  const auto table = parse("2020,2021\n1,2\n", {.header = CsvHeader::present});
  EXPECT_EQ(table.names, (Names{"2020", "2021"}));
  EXPECT_EQ(table.values.rows(), 1);
  EXPECT_EQ(parse("1,2\n3,4\n", {.header = CsvHeader::absent}).values.rows(), 2);
  const std::string name = file("table.csv", "x,y\n1,2\n");
  const Failure absent = failure(name, [&] { read_csv(name, {.header = CsvHeader::absent}); });
  EXPECT_EQ(absent.message, ":1:1: 'x' is not a number");
}

TEST_F(Csv, TakesTheDelimiterAndTheCommentCharacterAsToldTo) {
  EXPECT_EQ(parse("1.5:-2\n3:4e2\n", {.delimiter = ':'}).values, two_by_two());
  EXPECT_EQ(parse("1.5\t\t-2\n3\t4e2\n", {.delimiter = ' '}).values, two_by_two());
  EXPECT_EQ(parse("% note\n1.5,-2\n  % note\n3,4e2\n", {.comment = '%'}).values, two_by_two());
  const std::string name = file("table.csv", "1,2\n#3,4\n");
  EXPECT_EQ(failure(name, [&] { read_csv(name, {.comment = '\0'}); }).message, ":2:1: '#3' is not a number");
}

TEST_F(Csv, IgnoresLayout) {
  for (const char* text :
       {"1.5,-2\n3,4e2", "1.5,-2\r\n3,4e2\r\n", "1.5,-2\r\n3,4e2",
        "\xef\xbb\xbf"
        "1.5,-2\n3,4e2\n",
        "\n\n1.5,-2\n \t \n\r\n3,4e2\n\n  \n", "# a,b\n1.5,-2\n  # c\n3,4e2\n#", " 1.5 ,\t-2\n3,4e2   \n",
        " \"1.5\",-2\n\"3\" , \"4e2\"\n", "\xef\xbb\xbf# comment\r\n\r\nx,y\r\n1.5,-2\r\n3,4e2"}) {
    EXPECT_EQ(parse(text).values, two_by_two()) << text;
  }
}

TEST_F(Csv, ReadsEverySpellingOfANumber) {
  const auto values = parse("+1,.5,5.,1e3,1E+03,-0,0001,+1.e-2\nnan,NaN,NA,inf,-Infinity,+inf,INF,-nan\n").values;
  const double expected[] = {1, 0.5, 5, 1000, 1000, 0, 1, 0.01};
  for (int j = 0; j < 8; ++j) EXPECT_EQ(values(0, j), expected[j]) << j;
  EXPECT_TRUE(std::signbit(values(0, 5)));
  for (const int j : {0, 1, 2, 7}) EXPECT_TRUE(std::isnan(values(1, j))) << j;
  for (const int j : {3, 5, 6}) EXPECT_EQ(values(1, j), inf) << j;
  EXPECT_EQ(values(1, 4), -inf);
}

TEST_F(Csv, RoundsTinyNumbersToZeroAndRejectsHugeOnes) {
  const std::string zeros(400, '0');
  const auto tiny = parse("1e-400,-1e-400,0." + zeros + "1,1" + zeros + "e-800,0.1e-99999999999999999999\n").values;
  EXPECT_EQ(tiny, RowMatrix<double>::Zero(1, 5));
  EXPECT_TRUE(std::signbit(tiny(0, 1)));
  EXPECT_EQ(parse("5e-324,1.7976931348623157e308\n").values(0, 0), std::numeric_limits<double>::denorm_min());
  for (const std::string& huge :
       {std::string("1e400"), "-1" + zeros, "0." + zeros + "1e800", std::string("9e99999999999999999999")}) {
    const std::string name = file("table.csv", "1\n" + huge + "\n");
    const Failure error = failure(name, [&] { read_csv(name); });
    EXPECT_EQ(error.line, 2);
    EXPECT_TRUE(error.message.ends_with("is out of the range of double")) << error.message;
  }
  const std::string name = file("table.csv", "1e-50,1e-40\n1,1e40\n");
  EXPECT_EQ(failure(name, [&] { read_csv<float>(name); }).message, ":2:2: '1e40' is out of the range of float");
  EXPECT_EQ(read_csv<float>(file("tiny.csv", "1e-50,1e-40\n")).values(0, 0), 0.0F);
}

TEST_F(Csv, AgreesWithStrtodOnRandomText) {
  std::mt19937_64 random(1);
  std::string text;
  std::vector<std::string> spelt;
  for (int i = 0; i < 3000; ++i) {
    const double value = std::bit_cast<double>(random());
    char buffer[64];
    if (i % 3 == 0 && std::isfinite(value))
      std::snprintf(buffer, sizeof buffer, "%.*e", static_cast<int>(random() % 25), value);
    else
      std::snprintf(buffer, sizeof buffer, "%.*f", static_cast<int>(random() % 12),
                    static_cast<double>(static_cast<std::int64_t>(random())) * 0x1.0p-40);
    if (!std::isfinite(std::strtod(buffer, nullptr))) continue;
    spelt.push_back(buffer);
    text += spelt.back() + "\n";
  }
  const auto values = parse(text).values;
  ASSERT_EQ(values.rows(), static_cast<Eigen::Index>(spelt.size()));
  for (Eigen::Index i = 0; i < values.rows(); ++i) {
    const std::string& number = spelt[static_cast<std::size_t>(i)];
    EXPECT_EQ(values(i, 0), std::strtod(number.c_str(), nullptr)) << number;
  }
  // One rounding, not two: float is not read through double.
  EXPECT_EQ(read_csv<float>(file("float.csv", "1.00000005960464477540\n")).values(0, 0),
            std::strtof("1.00000005960464477540", nullptr));
}

TEST_F(Csv, NamesLineAndColumnOfAFault) {
  const struct {
    const char* text;
    std::int64_t line, column;
    const char* message;
  } cases[] = {
      {"1,2\n3,abc\n", 2, 2, ":2:2: 'abc' is not a number"},
      {"# a\n\nx,y\r\n1,2\r\n\r\n3,1.5x\r\n", 6, 2, ":6:2: '1.5x' is not a number"},
      {"1,2\n3,\n", 2, 2, ":2:2: empty field"},
      {"1,2\n,3\n", 2, 1, ":2:1: empty field"},
      {"1\t\t3\n", 1, 2, ":1:2: empty field"},
      {",\n", 1, 1, ":1:1: empty field"},
      {"1,2\n3, \"\" \n", 2, 2, ":2:2: empty field"},
      {"1,2\n0x10,2\n", 2, 1, ":2:1: '0x10' is not a number"},
      {"1,2\n1 2,3\n", 2, 1, ":2:1: '1 2' is not a number"},
      {"1,2\n+-1,3\n", 2, 1, ":2:1: '+-1' is not a number"},
      {"1,2\n++1,3\n", 2, 1, ":2:1: '++1' is not a number"},
      {"1,2\nnano,3\n", 2, 1, ":2:1: 'nano' is not a number"},
      {"1,2\nna,3\n", 2, 1, ":2:1: 'na' is not a number"},
      {"1;2\n1,5;3\n", 2, 1, ":2:1: '1,5' is not a number"},
      {"1,2\n3,4 # five\n", 2, 2, ":2:2: '4 # five' is not a number"},
      {"1,2\n3,\"4\n5\"\n", 2, 2, ":2:2: the quoted field does not end on its line"},
      {"1,2\n3,\"4\"5\n", 2, 2, ":2:2: there is text after the closing quote"},
      {"x,\"y\n1,2\n", 1, 2, ":1:2: the quoted field does not end on its line"},
      {"1,2\n3,\x01\x7f\n", 2, 2, ":2:2: '?\?' is not a number"},
      {"1,2\n3,0123456789012345678901234567890123456789x\n", 2, 2,
       ":2:2: '0123456789012345678901234567890123456789...' is not a number"},
      {"5.1,3.5,setosa\n4.9,3,setosa\n", 1, 3,
       ":1:3: 'setosa' is not a number (and the row is no header, because a field begins like a number)"},
      {"12a\n1\n", 1, 1,
       ":1:1: '12a' is not a number (and the row is no header, because a field begins like a number)"},
      {"1,2\n3\n", 2, 0, ":2: 1 field where line 1 has 2"},
      {"x,y\n1,2,3\n", 2, 0, ":2: 3 fields where line 1 has 2"},
      {"1,2\n3,4,\n", 2, 0, ":2: 3 fields where line 1 has 2"},
      {"# note\nx,y,z\n1,2\n", 3, 0, ":3: 2 fields where line 2 has 3"},
      {"1 2\n3\n", 2, 0, ":2: 1 field where line 1 has 2"},
      {"1,5;2,7\n1,6;2,8\n", 1, 1,
       ":1:1: '1,5' is not a number (and the row is no header, because a field begins like a number)"},
      {"1\t\t3\n4\t5\t6\n", 1, 2, ":1:2: empty field"},
      {"", 0, 0, ": no data rows"},
      {"\n \n# note\n", 0, 0, ": no data rows"},
      {"x,y\n", 0, 0, ": no data rows"},
      {"\xef\xbb\xbf", 0, 0, ": no data rows"},
  };
  for (const auto& [text, line, column, message] : cases) {
    const std::string name = file("table.csv", text);
    const Failure error = failure(name, [&] { read_csv(name); });
    EXPECT_EQ(error.message, message) << text;
    EXPECT_EQ(error.line, line) << text;
    EXPECT_EQ(error.column, column) << text;
  }
}

TEST_F(Csv, RejectsBinaryFiles) {
  const std::string utf16 = file("utf16.csv", bytes_of("\xff\xfe"
                                                       "1\0,\0"
                                                       "2\0\n\0"));
  EXPECT_EQ(failure(utf16, [&] { read_csv(utf16); }).message, ": is not a text file: it begins with binary data");
  const std::string late = file("late.csv", bytes_of("1.25,3.5\n1,\0\n"));
  EXPECT_EQ(failure(late, [&] { read_csv(late); }).message, ":2:2: '?' is not a number");
}

// 500 000 rows of 500 000 columns would take 2 TB.
TEST_F(Csv, AllocatesNoMoreThanTheFileCanHold) {
  std::string text = "1";
  for (int i = 1; i < 500'000; ++i) text += ",1";
  for (int i = 1; i < 500'000; ++i) text += "\n1";
  const std::string name = file("table.csv", text);
  EXPECT_EQ(failure(name, [&] { read_csv(name); }).message, ":2: 1 field where line 1 has 500000");
}

TEST_F(Csv, RejectsCharactersThatCannotSeparate) {
  const std::string name = file("table.csv", "1,2\n");
  const auto message = [&](const corymb::CsvOptions& options) -> std::string {
    try {
      read_csv(name, options);
    } catch (const corymb::InvalidArgument& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  for (const char c : std::string("e5+-.\"\n\r\xe4")) {
    EXPECT_TRUE(message({.delimiter = c}).starts_with("corymb::read_csv: delimiter = '")) << c;
    EXPECT_TRUE(message({.comment = c}).starts_with("corymb::read_csv: comment = '")) << c;
  }
  EXPECT_EQ(message({.delimiter = 'e'}),
            "corymb::read_csv: delimiter = 'e' must be a blank, a tab or ASCII punctuation other than + - . \"");
  EXPECT_EQ(message({.delimiter = '#'}),
            "corymb::read_csv: comment = '#' must be ASCII punctuation other than + - . \" and the delimiter");
}

TEST_F(Csv, SaysWhyAFileCannotBeRead) {
  const std::string missing = path("missing.csv");
  EXPECT_EQ(failure(missing, [&] { read_csv(missing); }).message, ": cannot be opened: No such file or directory");
  const std::string folder = path("");
  EXPECT_EQ(failure(folder, [&] { read_csv(folder); }).message, ": is a folder");
}

TEST_F(Csv, SaysThatAFileMayNotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const std::string name = file("table.csv", "1,2\n");
  std::filesystem::permissions(name, std::filesystem::perms::none);
  EXPECT_EQ(failure(name, [&] { read_csv(name); }).message, ": cannot be opened: Permission denied");
}

TEST_F(Csv, ReadsPipes) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "1.5,-2\n3,4e2\n", 13), 13);
  close(ends[1]);
  EXPECT_EQ(corymb::read_matrix("/dev/fd/" + std::to_string(ends[0])), two_by_two());
  close(ends[0]);
}

// ---- gzip ----

// gzip.compress(b"x,y\n1,2\n3,4.5\n", mtime=0) and gzip.compress(b"5,6\n", mtime=0) of Python 3.11.
const std::string gzip_table = bytes_of(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\xd0\xa9\xe4\x32\xd4\x31\xe2\x32\xd6\x31\xd1\x33\xe5\x02\x00\x16\xce"
    "\xc8\x73\x0e\x00\x00\x00");
const std::string gzip_row =
    bytes_of("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x33\xd5\x31\xe3\x02\x00\x60\x10\x2f\xbe\x04\x00\x00\x00");

class GzippedCsv : public Csv {
 protected:
  void SetUp() override {
    if (!corymb::compiled::reads_gzip()) GTEST_SKIP() << "built without zlib";
  }
};

TEST_F(Csv, NeedsZlibForGzip) {
  if (corymb::compiled::reads_gzip()) GTEST_SKIP() << "built with zlib";
  const std::string name = file("table.csv.gz", gzip_table);
  EXPECT_EQ(failure(name, [&] { read_csv(name); }).message,
            ": is compressed with gzip, and this build of corymb has no zlib; decompress it first");
}

TEST_F(GzippedCsv, IsReadWhateverItsNameIs) {
  RowMatrix<double> expected(2, 2);
  expected << 1, 2, 3, 4.5;
  for (const char* name : {"table.csv.gz", "table.csv"}) {
    const auto table = read_csv(file(name, gzip_table));
    EXPECT_EQ(table.values, expected);
    EXPECT_EQ(table.names, (Names{"x", "y"}));
  }
}

TEST_F(GzippedCsv, MayConsistOfSeveralMembers) {
  RowMatrix<double> expected(3, 2);
  expected << 1, 2, 3, 4.5, 5, 6;
  EXPECT_EQ(parse(gzip_table + gzip_row).values, expected);
}

TEST_F(GzippedCsv, CountsLinesOfTheContent) {
  const std::string name = file("table.csv.gz", gzip_table + gzip_table);
  EXPECT_EQ(failure(name, [&] { read_csv(name); }).message, ":4:1: 'x' is not a number");
}

TEST_F(GzippedCsv, IsRejectedWhenTruncated) {
  for (std::size_t size = 2; size < gzip_table.size(); ++size) {
    const std::string name = file("table.csv.gz", gzip_table.substr(0, size));
    EXPECT_EQ(failure(name, [&] { read_csv(name); }).message, ": truncated: the gzip data end too early") << size;
  }
}

TEST_F(GzippedCsv, IsRejectedWhenDamaged) {
  for (std::size_t at = 10; at < gzip_table.size(); ++at) {  // the ten bytes before hold time and system
    std::string damaged = gzip_table;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const std::string name = file("table.csv.gz", damaged);
    RowMatrix<double> values;
    const Failure error = failure(name, [&] { values = read_csv(name).values; });
    if (at == 25)  // the bits after the last code mean nothing
      EXPECT_EQ(values, read_csv(file("intact.csv.gz", gzip_table)).values);
    else
      EXPECT_TRUE(error.message.starts_with(": damaged gzip data") || error.message.starts_with(": truncated")) << at;
  }
  const std::string name = file("table.csv.gz", gzip_table + "garbage");
  EXPECT_EQ(failure(name, [&] { read_csv(name); }).message, ": damaged gzip data: incorrect header check");
}

TEST_F(GzippedCsv, ReportsAnEmptyContent) {
  const std::string name = file("table.csv.gz", bytes_of("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x03\x00"
                                                         "\x00\x00\x00\x00\x00\x00\x00\x00"));
  EXPECT_EQ(failure(name, [&] { read_csv(name); }).message, ": no data rows");
}

// ---- writing ----

TEST_F(Csv, WritesShortestNumbers) {
  RowMatrix<double> matrix(2, 3);
  matrix << 1, -0.1, 1e300, nan, -inf, 1.0 / 3;
  write_csv(path("out.csv"), matrix);
  EXPECT_EQ(content(path("out.csv")), "1,-0.1,1e+300\nnan,-inf,0.3333333333333333\n");
  write_csv(path("out.csv"), matrix.cast<float>().leftCols(2).eval(), {.delimiter = ';', .names = {"x", "a \"b\""}});
  EXPECT_EQ(content(path("out.csv")), "x;\"a \"\"b\"\"\"\n1;-0.1\nnan;-inf\n");
  EXPECT_EQ(files_in_folder(), 1);
}

TEST_F(Csv, ReadsWhatItWrote) {
  std::mt19937_64 random(2);
  Eigen::MatrixXd columns(200, 50);  // more text than the writer's block
  for (double& x : columns.reshaped()) {
    x = std::bit_cast<double>(random());
    if (!std::isfinite(x)) x = 0;
  }
  const Names names(50, "some name, quoted");
  for (const char delimiter : {',', ';', '\t', '|', ' ', ':'}) {
    write_csv(path("out.csv"), columns, {.delimiter = delimiter, .names = names});
    const auto table = read_csv(path("out.csv"), {.delimiter = delimiter == ':' ? ':' : '\0'});
    EXPECT_EQ(table.values, columns) << delimiter;
    EXPECT_EQ(table.names, names) << delimiter;
  }
  write_csv(path("out.csv"), columns.middleCols(3, 7).bottomRows(20) * 0.5);
  EXPECT_EQ(read_csv(path("out.csv")).values, columns.middleCols(3, 7).bottomRows(20) * 0.5);
  const RowMatrix<float> floats = columns.unaryExpr([](double x) { return std::fmod(x, 1e30); }).cast<float>();
  write_csv(path("out.csv"), floats.middleCols(3, 7));
  EXPECT_EQ(read_csv<float>(path("out.csv")).values, floats.middleCols(3, 7));
}

TEST_F(Csv, ChecksNamesBeforeWriting) {
  const RowMatrix<double> matrix = two_by_two();
  const auto message = [&](const corymb::CsvWriteOptions& options) -> std::string {
    try {
      write_csv(path("out.csv"), matrix, options);
    } catch (const corymb::InvalidArgument& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_EQ(message({.names = {"x"}}), "corymb::write_csv: names has 1 entries, must have 2, one per column");
  EXPECT_EQ(message({.names = {"x", "a\nb"}}), "corymb::write_csv: names: 'a?b' must not hold a line break");
  EXPECT_TRUE(message({.delimiter = '\0'}).starts_with("corymb::write_csv: delimiter = '?'"));
  EXPECT_EQ(files_in_folder(), 0);
}

TEST_F(Csv, LeavesTheOldFileWhenWritingFails) {
  const std::string name = file("out.csv", "old");
  const Eigen::MatrixXd large = Eigen::MatrixXd::Constant(2000, 100, 1.0 / 3);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 100'000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Failure error = failure(name, [&] { write_csv(name, large); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, previous);
  EXPECT_EQ(error.message, ": cannot be written: File too large");
  EXPECT_EQ(content(name), "old");
  EXPECT_EQ(files_in_folder(), 1);
}

TEST_F(Csv, SaysWhyAFileCannotBeWritten) {
  const RowMatrix<double> matrix = two_by_two();
  const std::string no_folder = path("missing/out.csv");
  EXPECT_EQ(failure(no_folder, [&] { write_csv(no_folder, matrix); }).message,
            ": cannot be written: No such file or directory");
  const std::string folder = path("");
  EXPECT_EQ(failure(folder, [&] { write_csv(folder, matrix); }).message, ": cannot be written: it is a folder");
  EXPECT_EQ(failure("/dev/full", [&] { write_csv("/dev/full", matrix); }).message,
            ": cannot be written: No space left on device");
  EXPECT_EQ(files_in_folder(), 0);
}

TEST_F(Csv, WritesThroughLinksAndBesideOtherTemporaryFiles) {
  const std::string target = file("target.csv", "old"), link = path("link.csv");
  file("target.csv.0.tmp", "of another writer");
  std::filesystem::create_symlink(target, link);
  write_csv(link, two_by_two());
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(content(target), "1.5,-2\n3,400\n");
  EXPECT_EQ(content(path("target.csv.0.tmp")), "of another writer");
  EXPECT_EQ(files_in_folder(), 3);
}

TEST_F(Csv, WritesIntoPipes) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  write_csv("/dev/fd/" + std::to_string(ends[1]), two_by_two());
  char text[64];
  EXPECT_EQ(std::string(text, static_cast<std::size_t>(read(ends[0], text, sizeof text))), "1.5,-2\n3,400\n");
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace csv_test
