#include <gtest/gtest.h>
#include <corymb/io/csv.hpp>
#include <corymb/io/matrix.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/binary_files.hpp"
#include "io/support.hpp"

namespace columns_test {
namespace {

using corymb::CsvHeader;
using corymb::Index;
using corymb::read_csv;
using corymb::read_matrix;
using corymb::RowMatrix;
using Names = std::vector<std::string>;

class Columns : public IoTest {
 protected:
  corymb::CsvTable<double> parse(std::string_view text, const corymb::CsvOptions& options) const {
    return read_csv(file("table.csv", text), options);
  }
};

RowMatrix<double> matrix(std::initializer_list<std::initializer_list<double>> rows) { return RowMatrix<double>(rows); }

constexpr const char* flowers =
    "id,sepal,petal,\"class, of iris\"\n"
    "a1,5.1,1.4,\"setosa, or \"\"so\"\"\"\n"
    "a2,4.9,,setosa\n"
    "a3,6.3,2,virginica\n";

TEST_F(Columns, AreChosenByName) {
  const auto table = parse("id,sepal,petal,class\na1,5.1,1.4,x\na2,4.9,0.2,\n", {.columns = {"petal", "sepal"}});
  EXPECT_EQ(table.values, matrix({{1.4, 5.1}, {0.2, 4.9}}));
  EXPECT_EQ(table.names, (Names{"petal", "sepal"}));
}

TEST_F(Columns, AreChosenByNumberAndRange) {
  const std::string text = "id,a,b,c,d,class\nx,1,2,3,4,y\nz,5,6,7,8,\n";
  for (const Names& columns : {Names{"2-5"}, {"2", "3-4", "5"}, {"a", "3-5"}, {"2-2", "b", "4", "5-5"}}) {
    const auto table = parse(text, {.columns = columns});
    EXPECT_EQ(table.values, matrix({{1, 2, 3, 4}, {5, 6, 7, 8}}));
    EXPECT_EQ(table.names, (Names{"a", "b", "c", "d"}));
  }
  const auto table = parse(text, {.columns = {"5", "2-3"}});
  EXPECT_EQ(table.values, matrix({{4, 1, 2}, {8, 5, 6}}));
  EXPECT_EQ(table.names, (Names{"d", "a", "b"}));
}

TEST_F(Columns, NotChosenMayHoldAnything) {
  const auto table = parse(flowers, {.columns = {"sepal"}});
  EXPECT_EQ(table.values, matrix({{5.1}, {4.9}, {6.3}}));
  EXPECT_EQ(parse(",,1\n,,2\nx,,3\n", {.columns = {"3"}}).values, matrix({{1}, {2}, {3}}));
  EXPECT_EQ(parse("1e999,1\n1.2.3,2\n", {.columns = {"2"}}).values, matrix({{1}, {2}}));
  EXPECT_EQ(parse("Ann 1 170\nBob 2 180\n", {.columns = {"3", "2"}}).values, matrix({{170, 1}, {180, 2}}));
}

TEST_F(Columns, AreTakenAsNamesFirst) {
  const std::string text = "2,2-3,1\n10,20,30\n";
  const auto choose = [&](const char* column) {
    return parse(text, {.header = CsvHeader::present, .columns = {column}}).values(0, 0);
  };
  EXPECT_EQ(choose("2"), 10);
  EXPECT_EQ(choose("2-3"), 20);
  EXPECT_EQ(choose("1"), 30);
  EXPECT_EQ(choose("3"), 30);
}

TEST_F(Columns, DecideWhetherThereIsAHeader) {
  struct Case {
    const char* text;
    Names columns;
    Index rows;
  };
  const Case cases[] = {
      // As without a choice.
      {"x,y\n1,2\n", {"1"}, 1},
      {"1,2\n3,4\n", {"1"}, 2},
      {"x,,z\n1,2,3\n", {"2"}, 1},
      // The other columns hold text in the data too.
      {"a,1,2\nb,3,4\n", {"2-3"}, 2},
      {"1,a\n3,b\n", {"1"}, 2},
      {"a,nan\nb,1\n", {"2"}, 2},
      // A name of another column begins like a number.
      {"x,2020\n1,2\n", {"1"}, 1},
      // An entry that can only be a name.
      {"x,2020\n1,2\n", {"2020"}, 1},
      {"2020,2021\n1,2\n", {"2021", "2020"}, 1},
      {"x,1-9\n1,2\n", {"1-9"}, 1},
      {"5.1,x\n1,2\n", {"x", "1"}, 1},
      // What can be a number as well is none.
      {"x,2\n1,2\n", {"2"}, 2},
  };
  for (const auto& [text, columns, rows] : cases) {
    const auto table = parse(text, {.columns = columns});
    EXPECT_EQ(table.values.rows(), rows) << text;
    EXPECT_EQ(table.names.empty(), rows == 2) << text;
    EXPECT_EQ(table.values.cols(), table.names.empty() ? table.values.cols() : static_cast<Index>(table.names.size()));
  }
  EXPECT_EQ(parse("x,1\ny,2\n", {.header = CsvHeader::present, .columns = {"2"}}).values, matrix({{2}}));
  EXPECT_EQ(parse("x,1\ny,2\n", {.header = CsvHeader::absent, .columns = {"2"}}).values, matrix({{1}, {2}}));
}

TEST_F(Columns, HelpToDetectTheDelimiter) {
  const RowMatrix<double> expected = matrix({{1, 2}, {3, 4}});
  for (const char* text :
       {"a;b,1,2\nc;d,3,4\n", "New York,1,2\nLos Angeles,3,4\n", "a|b\t1\t2\nc|d\t3\t4\n", "a,b;1;2\nc,d;3;4\n",
        "a,b|1|2\nc|3|4\n", "one 1 2\ntwo 3 4\n", "\"a;b;c\",1,2\n\"c;d;e\",3,4\n"})
    EXPECT_EQ(parse(text, {.columns = {"2-3"}}).values, expected) << text;
  EXPECT_EQ(parse("the name;x,1;y,2\nNew York;1;2\nRio;3;4\n", {.columns = {"x,1", "y,2"}}).values, expected);
}

TEST_F(Columns, MustExist) {
  const struct {
    const char* text;
    Names columns;
    const char* message;
  } cases[] = {
      {"x,y\n1,2\n", {"x", "z"}, ":1: no column is named 'z'; the file has 2 columns: 'x', 'y'"},
      {"# note\n\nx,y\n1,2\n", {"X"}, ":3: no column is named 'X'; the file has 2 columns: 'x', 'y'"},
      {"x\n1\n", {""}, ":1: no column is named ''; the file has 1 column: 'x'"},
      {"x,y\n1,2\n", {" x"}, ":1: no column is named ' x'; the file has 2 columns: 'x', 'y'"},
      {"x,y\n1,2\n", {"1", "3"}, ":1: there is no column '3'; the file has 2 columns: 'x', 'y'"},
      {"x,y\n1,2\n", {"0"}, ":1: there is no column '0'; the file has 2 columns: 'x', 'y'"},
      {"x,y\n1,2\n", {"0-1"}, ":1: there is no column '0-1'; the file has 2 columns: 'x', 'y'"},
      {"1,2\n3,4\n", {"2-3"}, ":1: there is no column '2-3'; the file has 2 columns without names"},
      {"1,2\n3,4\n",
       {"99999999999999999999"},
       ":1: there is no column '99999999999999999999'; the file has 2 columns without names"},
      {"1,2\n3,4\n",
       {"1-99999999999999999999"},
       ":1: there is no column '1-99999999999999999999'; the file has 2 columns without names"},
      {"x,y\n1,2\n", {"2-1"}, ":1: the columns '2-1' run backwards; the file has 2 columns: 'x', 'y'"},
      {"x,y\n1,2\n", {"-1"}, ":1: no column is named '-1'; the file has 2 columns: 'x', 'y'"},
      {"x,y\n1,2\n", {"1-"}, ":1: no column is named '1-'; the file has 2 columns: 'x', 'y'"},
      {"x,y\n1,2\n", {"1-2-3"}, ":1: no column is named '1-2-3'; the file has 2 columns: 'x', 'y'"},
      {"x,y,z\n1,2,3\n", {"y", "1", "y"}, ":1: column 2 is chosen twice; the file has 3 columns: 'x', 'y', 'z'"},
      {"x,y,z\n1,2,3\n", {"2-3", "x", "1-2"}, ":1: column 1 is chosen twice; the file has 3 columns: 'x', 'y', 'z'"},
      {"1,2,3\n", {"1-3", "2"}, ":1: column 2 is chosen twice; the file has 3 columns without names"},
      {"x,y,x\n1,2,3\n",
       {"x"},
       ":1: more than one column is named 'x', take its number; the file has 3 columns: 'x', 'y', 'x'"},
      {"a,b,c,d,e,f,g,h,i,j,k,l,m\n1,2,3,4,5,6,7,8,9,10,11,12,13\n",
       {"z"},
       ":1: no column is named 'z'; the file has 13 columns: 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', "
       "'l', ..."},
      {"a\x1b[31m,b\xff\xc2\x85\n1,2\n",
       {"\n"},
       ":1: no column is named '?'; the file has 2 columns: 'a?[31m', 'b?\?\?'"},
  };
  for (const auto& [text, columns, message] : cases) {
    const std::string name = file("table.csv", text);
    const corymb::CsvOptions options = {.columns = columns};
    EXPECT_EQ(failure(name, [&] { read_csv(name, options); }).message, message) << text;
    EXPECT_EQ(failure(name, [&] { read_matrix<float>(name, options); }).message, message) << text;
  }
  const std::string name = file("table.csv", "x,y\n1,2\n3,4\n");
  EXPECT_EQ(failure(name, [&] { read_csv(name, {.header = CsvHeader::absent, .columns = {"x"}}); }).message,
            ":1: no column is named 'x'; the file has 2 columns without names");
}

TEST_F(Columns, ReportFaultsWhereTheyAre) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"x,y,z\na,1,b\na,c,b\n", ":3:2: 'c' is not a number"},
      {"x,y,z\na,1,b\na,,b\n", ":3:2: empty field"},
      {"x,y,z\na,1,b\na,1\n", ":3: 2 fields where line 1 has 3"},
      {"x,y,z\na,1,b\na,1,b,c\n", ":3: 4 fields where line 1 has 3"},
      {"x,y,z\na,1,\"b\na,1,c\n", ":2:3: the quoted field does not end on its line"},
      {"x,y,z\n\"a\"b,1,c\n", ":2:1: there is text after the closing quote"},
      {"x,y,z\na,1e999,c\n", ":2:2: '1e999' is out of the range of double"},
      {"x,y,z\n", ": no data rows"},
  };
  for (const auto& [text, message] : cases) {
    const std::string name = file("table.csv", text);
    EXPECT_EQ(failure(name, [&] { read_csv(name, {.columns = {"y"}}); }).message, message) << text;
  }
  const std::string name = file("table.csv", "a,12b,1\nc,d,2\n");
  EXPECT_EQ(failure(name, [&] { read_csv(name, {.columns = {"2-3"}}); }).message,
            ":1:2: '12b' is not a number (and the row is no header, because a field begins like a number)");
}

TEST_F(Columns, OfArraysHaveNumbers) {
  const std::string data = bytes_of("\x01\x02\x03\x04\x05\x06");
  const struct {
    std::string bytes;
    RowMatrix<double> expected;
  } files[] = {
      {npy(dict("|i1", false, "(2, 3)"), data), matrix({{3, 1}, {6, 4}})},
      {npy(dict("|i1", true, "(2, 3)"), data), matrix({{5, 1}, {6, 2}})},
      {idx(0x08, {2, 3}, data), matrix({{3, 1}, {6, 4}})},
  };
  for (const auto& [bytes, expected] : files) {
    const std::string name = file("a", bytes);
    EXPECT_EQ(read_matrix(name, {.columns = {"3", "1"}}), expected);
    EXPECT_EQ(read_matrix<float>(name, {.columns = {"3", "1-1"}}), expected.cast<float>());
    const struct {
      const char* column;
      const char* message;
    } cases[] = {
        {"x", ": no column is named 'x'; the file has 3 columns without names"},
        {"4", ": there is no column '4'; the file has 3 columns without names"},
        {"3-2", ": the columns '3-2' run backwards; the file has 3 columns without names"},
        {"2-3", ": column 3 is chosen twice; the file has 3 columns without names"},
    };
    for (const auto& [column, message] : cases) {
      const corymb::CsvOptions options = {.columns = {"3", column}};
      EXPECT_EQ(failure(name, [&] { read_matrix(name, options); }).message, message);
    }
  }
  const std::string damaged = file("b", npy(dict("|i1", false, "(2, 3)"), data + "x"));
  EXPECT_EQ(failure(damaged, [&] { read_matrix(damaged, {.columns = {"1"}}); }).message,
            ": more data follow shape (2, 3) of '|i1'");
}

// A range of a claimed size must not be written out.
TEST_F(Columns, OfAnEmptyArrayTakeNoMemory) {
  const std::string name = file("a.npy", npy(dict("<f8", false, "(0, 4611686018427387904)"), ""));
  EXPECT_EQ(read_matrix(name, {.columns = {"2-4611686018427387904"}}).cols(), 4611686018427387903);
}

/// Random tables of some columns of text among columns of numbers, the numbers chosen in random order.
TEST_F(Columns, AgreeWithTheirDefinitionOnRandomTables) {
  std::mt19937_64 random(5);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const char* const texts[] = {"", "word", "\"a, b\"", "\"\"", "\" \"\"x\"\" \"", "12", " blank ", "NA", "-"};
  for (int instance = 0; instance < 300; ++instance) {
    SCOPED_TRACE(instance);
    const std::size_t rows = 1 + below(6), cols = 1 + below(7);
    std::vector<std::size_t> chosen(cols);
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
    std::ranges::shuffle(chosen, random);
    chosen.resize(1 + below(cols));
    const bool header = below(2) == 0;
    std::string text;
    if (header)
      for (std::size_t j = 0; j < cols; ++j) text += "name " + std::to_string(j) + (j + 1 < cols ? "," : "\n");
    RowMatrix<double> expected(static_cast<Index>(rows), static_cast<Index>(chosen.size()));
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < cols; ++j) {
        const auto place = std::ranges::find(chosen, j) - chosen.begin();
        if (place < expected.cols()) {
          const int value = static_cast<int>(below(2000)) - 1000;
          expected(static_cast<Index>(i), place) = value / 8.0;
          text += below(3) == 0 ? "\"" + std::to_string(value / 8.0) + "\"" : std::to_string(value / 8.0);
        } else {
          text += cols == 1 ? "1" : texts[below(std::size(texts))];
        }
        text += j + 1 < cols ? "," : "\n";
      }
    Names columns, names;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const std::size_t first = chosen[i];
      const std::size_t begin = i;
      while (i + 1 < chosen.size() && chosen[i + 1] == chosen[i] + 1) ++i;
      if (i > begin || below(4) == 0)
        columns.push_back(std::to_string(first + 1) + "-" + std::to_string(chosen[i] + 1));
      else
        columns.push_back(header && below(2) == 0 ? "name " + std::to_string(first) : std::to_string(first + 1));
    }
    if (header)
      for (const std::size_t j : chosen) names.push_back("name " + std::to_string(j));
    const auto table = parse(text, {.delimiter = ',', .columns = columns});
    EXPECT_EQ(table.values, expected) << text;
    EXPECT_EQ(table.names, names) << text;

    // The same as arrays.
    RowMatrix<std::int16_t> array = RowMatrix<std::int16_t>::NullaryExpr(
        static_cast<Index>(rows), static_cast<Index>(cols), [&] { return static_cast<std::int16_t>(random()); });
    RowMatrix<double> of_array(array.rows(), expected.cols());
    for (Index j = 0; j < of_array.cols(); ++j)
      of_array.col(j) = array.col(static_cast<Index>(chosen[static_cast<std::size_t>(j)])).cast<double>();
    Names numbers;
    for (const std::size_t j : chosen) numbers.push_back(std::to_string(j + 1));
    std::string by_rows, by_columns;
    for (const std::int16_t value : array.reshaped<Eigen::RowMajor>()) by_rows += encoded(value, true);
    for (const std::int16_t value : array.reshaped()) by_columns += encoded(value, true);
    const std::string shape = "(" + std::to_string(rows) + ", " + std::to_string(cols) + ")";
    const auto size = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
    for (const std::string& bytes : {npy(dict(">i2", false, shape), by_rows), npy(dict(">i2", true, shape), by_columns),
                                     idx(0x0b, {size(rows), size(cols)}, by_rows)}) {
      const std::string name = file("a", bytes);
      EXPECT_EQ(read_matrix(name, {.columns = numbers}), of_array);
      EXPECT_EQ(read_matrix<float>(name, {.columns = numbers}), of_array.cast<float>());
    }
  }
}

// Buffers of 128 KiB in C order, which here hold parts of a row, and of 16 MiB in Fortran order.
TEST_F(Columns, OfArraysLargerThanTheBuffers) {
  for (const auto& [rows, cols] : {std::pair(3, 150'001), {150'001, 3}, {2, 9'000'000}, {9'000'000, 2}}) {
    std::string data(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols), '\0');
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 31 % 127);
    const std::string shape = "(" + std::to_string(rows) + ", " + std::to_string(cols) + ")";
    const auto value = [&](Index at) { return static_cast<float>(data[static_cast<std::size_t>(at)]); };
    for (const bool fortran : {false, true}) {
      const std::string name = file("a.npy", npy(dict("|u1", fortran, shape), data));
      const RowMatrix<float> read = read_matrix<float>(name, {.columns = {std::to_string(cols), "1"}});
      ASSERT_EQ(read.rows(), rows);
      Index wrong = 0;
      for (Index i = 0; i < rows; ++i) {
        wrong += read(i, 0) != value(fortran ? (cols - 1) * Index{rows} + i : i * cols + cols - 1);
        wrong += read(i, 1) != value(fortran ? i : i * cols);
      }
      EXPECT_EQ(wrong, 0);
    }
  }
}

// Rows that hold little more than delimiters, so that there are more fields than characters to fill them.
TEST_F(Columns, OfShortRowsAreComplete) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += ",,,,,,1\n";
  EXPECT_EQ(parse(text, {.columns = {"7"}}).values.sum(), 1000);
}

}  // namespace
}  // namespace columns_test
