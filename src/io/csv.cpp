#include <corymb/core/errors.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "io/columns.hpp"
#include "io/fields.hpp"
#include "io/file.hpp"
#include "io/formats.hpp"

namespace corymb::compiled {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// ---- numbers ----

enum class Parsed { number, not_a_number, out_of_range };

std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

/// Whether a decimal number beyond the range of its type is too small rather than too large.
bool is_tiny(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  std::int64_t exponent = 0;
  if (e != text.npos) {
    const std::string_view digits = without_plus(text.substr(e + 1));
    if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc())
      return digits[0] == '-';
  }
  const std::string_view mantissa = text.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), mantissa.size()));
  const auto leading = static_cast<std::int64_t>(mantissa.find_first_of("123456789"));
  return exponent + (leading < point ? point - leading - 1 : point - leading) < 0;
}

template <std::floating_point T>
Parsed parse(std::string_view text, T& value) {
  if (text == "NA") {
    value = std::numeric_limits<T>::quiet_NaN();
    return Parsed::number;
  }
  text = without_plus(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return Parsed::not_a_number;
  if (error == std::errc()) return Parsed::number;
  if (!is_tiny(text)) return Parsed::out_of_range;
  value = text[0] == '-' ? -T{0} : T{0};
  return Parsed::number;
}

template <std::integral T>
Parsed parse(std::string_view text, T& value) {
  text = without_plus(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc::invalid_argument && end == text.data() + text.size())
    return error == std::errc() ? Parsed::number : Parsed::out_of_range;
  // numpy.savetxt writes 3 as 3.000000000000000000e+00.
  double real = 0;
  if (parse(text, real) != Parsed::number || !std::isfinite(real) || real != std::trunc(real))
    return Parsed::not_a_number;
  constexpr auto lowest = static_cast<double>(std::numeric_limits<T>::lowest());  // a power of two, negated
  if (real < lowest || real >= -lowest) return Parsed::out_of_range;
  value = static_cast<T>(real);
  return Parsed::number;
}

template <class T>
constexpr const char* kind_of_number = std::is_integral_v<T> ? "an integer" : "a number";

template <class T>
std::string range_of_type() {
  if constexpr (std::is_same_v<T, float>) return "is out of the range of float";
  if constexpr (std::is_same_v<T, double>) return "is out of the range of double";
  return "does not fit into " + std::to_string(8 * sizeof(T)) + " bits";
}

// ---- the first rows ----

bool is_number(std::string_view text) {
  double ignored = 0;
  return parse(text, ignored) != Parsed::not_a_number;
}

/// Also true for "12a" and "1.5.2": a misspelt number in the first row must not turn the row into a header.
bool begins_like_number(std::string_view text) {
  const std::string_view rest = text.substr(std::min(text.find_first_not_of("+-."), text.size()));
  return (!rest.empty() && is_digit(rest[0])) || is_number(text);
}

/// Calls f(text) for the fields of a line, or for those of them that are chosen.
template <class F>
void for_each_text(std::string_view line, const Cutter& cutter, const ColumnChoice* choice, F&& f) {
  const std::ptrdiff_t fields = choice ? cutter.count(line) : 0;
  const std::vector<std::ptrdiff_t> places = choice ? choice->places(fields) : std::vector<std::ptrdiff_t>();
  std::size_t column = 0;
  cutter.for_each_field(line, [&](const Field& field) {
    if (!choice || places[column++] >= 0) f(field.text);
  });
}

/// A missing number is reported later.
bool are_numbers(std::string_view line, const Cutter& cutter, const ColumnChoice* choice) {
  bool numbers = true;
  for_each_text(line, cutter, choice,
                [&](std::string_view text) { numbers = numbers && (text.empty() || is_number(text)); });
  return numbers;
}

bool are_names(std::string_view line, const Cutter& cutter, const ColumnChoice* choice) {
  bool has_text = false, has_number = false;
  for_each_text(line, cutter, choice, [&](std::string_view text) {
    has_text |= !text.empty();
    has_number |= begins_like_number(text);
  });
  return has_text && !has_number;
}

std::vector<std::string> chosen_of(const std::vector<std::string>& names, const ColumnChoice& choice) {
  std::vector<std::string> chosen;
  for (const ColumnRange& range : choice.ranges)
    chosen.insert(chosen.end(), names.begin() + range.first, names.begin() + range.last + 1);
  return chosen;
}

/// The text of a field between quotes, as it was before it was written.
std::string unquoted(std::string_view text) {
  std::string name;
  name.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    name += text[at];
    if (text.substr(at, 2) == "\"\"") ++at;
  }
  return name;
}

/// The fields of a line as names, whatever is wrong with them.
std::vector<std::string> names_of(std::string_view line, const Cutter& cutter) {
  std::vector<std::string> names;
  cutter.for_each_field(line, [&](const Field& field) { names.push_back(unquoted(field.text)); });
  return names;
}

/// Whether the first row is a header, which is to be detected.
bool is_header(std::string_view line, const Cutter& cutter, const std::vector<std::string>& columns) {
  if (are_names(line, cutter, nullptr)) return true;
  if (columns.empty()) return false;
  ColumnRange ignored;
  if (!std::ranges::all_of(columns, [&](const std::string& entry) { return parse_columns(entry, ignored); }))
    return true;
  const std::ptrdiff_t fields = cutter.count(line);
  const ColumnChoice by_number = choose_columns(columns, fields, {});
  if (by_number.fault.empty()) return are_names(line, cutter, &by_number);
  return choose_columns(columns, fields, names_of(line, cutter)).fault.empty();
}

/// The delimiter with the most evidence among three pieces: the first row is two or more numbers, the second one is,
/// both have the same number of fields. Where columns are chosen, there must be such columns, and only they count.
char detect_delimiter(Lines lines, const std::vector<std::string>& columns) {
  std::string_view first, second;
  lines.next(first);
  if (!lines.next(second)) second = first;
  char best = ',';
  int most_evidence = -1;
  if (const Cutter cutter(best); cutter.count(second) == 1 && are_numbers(second, cutter, nullptr))
    most_evidence = 0;  // one column of numbers needs none
  for (const char candidate : {';', '\t', '|', ',', ' '}) {
    const Cutter cutter(candidate);
    const std::ptrdiff_t fields = cutter.count(first), fields_of_second = cutter.count(second);
    ColumnChoice choice;
    if (!columns.empty()) choice = choose_columns(columns, fields, names_of(first, cutter));
    if (!choice.fault.empty()) continue;
    const ColumnChoice* const chosen = columns.empty() ? nullptr : &choice;
    const int evidence = (fields > 1 && are_numbers(first, cutter, chosen)) +
                         (fields_of_second > 1 && are_numbers(second, cutter, chosen)) +
                         (fields > 1 && fields_of_second == fields);
    if (evidence > most_evidence && (evidence > 0 || fields > 1)) {
      best = candidate;
      most_evidence = evidence;
    }
  }
  return best;
}

std::vector<std::string> column_names(const InputFile& file, std::string_view line, std::int64_t line_number,
                                      const Cutter& cutter) {
  std::vector<std::string> names;
  cutter.for_each_field(line, [&](const Field& field) {
    const auto fail = [&](const char* what) {
      file.fail(what, line_number, static_cast<std::int64_t>(names.size()) + 1);
    };
    if (field.fault) fail(field.fault);
    if (field.text.find('\0') != field.text.npos) fail("a zero byte in the name of a column");
    names.push_back(unquoted(field.text));
  });
  return names;
}

// ---- tables ----

struct FirstRow {
  std::int64_t line_number;
  std::ptrdiff_t fields;
  bool may_be_header;
};

template <class T>
class RowParser {
 public:
  RowParser(const InputFile& file, const Cutter& cutter, const FirstRow& first)
      : file_(file), cutter_(cutter), first_(first) {}

  /// Parses a line into first.fields numbers.
  void parse_line(std::string_view line, std::int64_t line_number, T* out) const {
    const char* end = line.data() + line.size();
    const char* p = line.data();
    for (std::ptrdiff_t column = 0; column < first_.fields; ++column) {
      if (!p) fail_ragged(line, line_number);
      p = parse_field(p, end, line_number, column, out[column]);
    }
    if (p) fail_ragged(line, line_number);
  }

  /// Parses a line of first.fields fields, of which those with a place, not −1, must be numbers.
  void parse_chosen(std::string_view line, std::int64_t line_number, const std::vector<std::ptrdiff_t>& places,
                    T* out) const {
    const char* end = line.data() + line.size();
    const char* p = line.data();
    for (std::ptrdiff_t column = 0; column < first_.fields; ++column) {
      if (!p) fail_ragged(line, line_number);
      const std::ptrdiff_t place = places[static_cast<std::size_t>(column)];
      if (place >= 0) {
        p = parse_field(p, end, line_number, column, out[place]);
        continue;
      }
      const Field field = cutter_.field(p, end);
      if (field.fault) file_.fail(field.fault, line_number, column + 1);  // the next field may begin anywhere
      p = field.next;
    }
    if (p) fail_ragged(line, line_number);
  }

 private:
  /// Parses the field that begins at p; the result is where the next one begins, or null.
  const char* parse_field(const char* p, const char* end, std::int64_t line_number, std::ptrdiff_t column,
                          T& value) const {
    p = cutter_.skip_blanks(p, end);
    const char* next = nullptr;
    const auto [stop, error] = std::from_chars(p, end, value);
    if (error == std::errc() && cutter_.ends(stop, end, next)) return next;
    const Field field = cutter_.field(p, end);  // quotes, '+', "NA", or a fault
    require_number(field, line_number, column, value);
    return field.next;
  }

  void require_number(const Field& field, std::int64_t line_number, std::ptrdiff_t column, T& value) const {
    const auto fail = [&](const std::string& what) { file_.fail(what, line_number, column + 1); };
    if (field.fault) fail(field.fault);
    if (field.text.empty()) fail("empty field");
    switch (parse(field.text, value)) {
      case Parsed::number: return;
      case Parsed::out_of_range: return fail(excerpt(field.text) + " " + range_of_type<T>());
      case Parsed::not_a_number:
        return fail(excerpt(field.text) + " is not " + kind_of_number<T> +
                    (line_number == first_.line_number && first_.may_be_header
                         ? " (and the row is no header, because a field begins like a number)"
                         : ""));
    }
  }

  [[noreturn]] void fail_ragged(std::string_view line, std::int64_t line_number) const {
    const std::ptrdiff_t fields = cutter_.count(line);
    file_.fail(std::to_string(fields) + (fields == 1 ? " field" : " fields") + " where line " +
                   std::to_string(first_.line_number) + " has " + std::to_string(first_.fields),
               line_number);
  }

  const InputFile& file_;
  const Cutter& cutter_;
  const FirstRow& first_;
};

/// A character that can be no part of a number or of its quotes.
bool can_separate(char c) {
  const bool alphanumeric = is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return c > ' ' && c < '\x7f' && !alphanumeric && c != '+' && c != '-' && c != '.' && c != '"';
}

bool is_delimiter(char c) { return c == ' ' || c == '\t' || can_separate(c); }

std::string delimiter_rule(const char* function, char delimiter) {
  return std::string("corymb::") + function + ": delimiter = " + excerpt({&delimiter, 1}) +
         " must be a blank, a tab or ASCII punctuation other than + - . \"";
}

}  // namespace

void check_csv_format(const CsvFormat& format) {
  if (format.delimiter != '\0' && !is_delimiter(format.delimiter))
    throw InvalidArgument(delimiter_rule("read_csv", format.delimiter));
  if (format.comment != '\0' && (!can_separate(format.comment) || format.comment == format.delimiter))
    throw InvalidArgument("corymb::read_csv: comment = " + excerpt({&format.comment, 1}) +
                          " must be ASCII punctuation other than + - . \" and the delimiter");
}

template <class T>
void read_csv(InputFile& file, const CsvFormat& format, const MatrixMemory<T>& memory,
              std::vector<std::string>& names) {
  if (file.head().find('\0') != std::string_view::npos) file.fail("is not a text file: it begins with binary data");
  const Text text = file.read_all();
  const char* begin = text.data.get();
  const char* end = begin + text.size;
  if (file.head().starts_with("\xef\xbb\xbf")) begin += 3;  // UTF-8's byte order mark

  Lines lines{begin, end, format.comment};
  const Cutter cutter(format.delimiter != '\0' ? format.delimiter : detect_delimiter(lines, format.columns));
  Lines data = lines;
  std::string_view line;
  if (!lines.next(line)) file.fail("no data rows");
  const FirstRow first{lines.number, cutter.count(line), format.detect_header};
  if (format.detect_header ? is_header(line, cutter, format.columns) : format.has_header) {
    names = column_names(file, line, lines.number, cutter);
    data = lines;
  }
  ColumnChoice choice;
  if (!format.columns.empty()) {
    choice = choose_columns(format.columns, first.fields, names);
    if (!choice.fault.empty()) file.fail(choice.fault, first.line_number);
    if (!names.empty()) names = chosen_of(names, choice);
  }
  const std::ptrdiff_t cols = format.columns.empty() ? first.fields : choice.count;

  std::ptrdiff_t rows = 0;
  for (Lines counted = data; counted.next(line);) ++rows;
  if (rows == 0) file.fail("no data rows");

  // A field takes a character to end it, and another one if it must not be empty. A few long rows and many short ones
  // could otherwise claim far more memory than the file has bytes. In that case some row has too few fields, and
  // parsing will find it.
  const bool can_be_complete = rows <= (end - data.next_line + 1) / (first.fields + cols);
  std::vector<T> one_row(can_be_complete ? 0 : static_cast<std::size_t>(cols));
  T* out = can_be_complete ? allocate(file, memory, rows, cols) : one_row.data();
  const std::ptrdiff_t step = can_be_complete ? cols : 0;
  const RowParser<T> parser(file, cutter, first);
  if (format.columns.empty()) {
    for (; data.next(line); out += step) parser.parse_line(line, data.number, out);
  } else {
    const std::vector<std::ptrdiff_t> places = choice.places(first.fields);
    for (; data.next(line); out += step) parser.parse_chosen(line, data.number, places, out);
  }
}

template void read_csv(InputFile&, const CsvFormat&, const MatrixMemory<float>&, std::vector<std::string>&);
template void read_csv(InputFile&, const CsvFormat&, const MatrixMemory<double>&, std::vector<std::string>&);
template void read_csv(InputFile&, const CsvFormat&, const MatrixMemory<std::int32_t>&, std::vector<std::string>&);
template void read_csv(InputFile&, const CsvFormat&, const MatrixMemory<std::ptrdiff_t>&, std::vector<std::string>&);

// ---- writing ----

namespace {

void append_name(std::string& text, const std::string& name) {
  const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  });
  if (plain) {
    text += name;
    return;
  }
  text += '"';
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  text += '"';
}

template <class T>
void write_table(const std::string& path, const MatrixToWrite<T>& matrix, char delimiter,
                 const std::vector<std::string>& names) {
  if (!is_delimiter(delimiter)) throw InvalidArgument(delimiter_rule("write_csv", delimiter));
  if (!names.empty() && static_cast<std::ptrdiff_t>(names.size()) != matrix.cols)
    throw InvalidArgument("corymb::write_csv: names has " + std::to_string(names.size()) + " entries, must have " +
                          std::to_string(matrix.cols) + ", one per column");
  for (const std::string& name : names)
    if (name.find_first_of("\r\n") != name.npos)
      throw InvalidArgument("corymb::write_csv: names: " + excerpt(name) + " must not hold a line break");

  OutputFile file(path);
  constexpr std::size_t block = std::size_t{1} << 16, longest_number = 32;
  std::string text;
  for (std::size_t j = 0; j < names.size(); ++j) {
    append_name(text, names[j]);
    text += j + 1 < names.size() ? delimiter : '\n';
  }
  const std::ptrdiff_t rows = matrix.cols > 0 ? matrix.rows : 0;  // lines without a field would be no rows
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    for (std::ptrdiff_t j = 0; j < matrix.cols; ++j) {
      char number[longest_number];
      text.append(number, std::to_chars(number, number + longest_number, matrix.data[i * matrix.stride + j]).ptr);
      text += j + 1 < matrix.cols ? delimiter : '\n';
    }
    if (text.size() >= block) {
      file.write(text.data(), text.size());
      text.clear();
    }
  }
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace

#define CORYMB_DEFINE_CSV_WRITER(T)                                                       \
  void write_csv(const std::string& path, const MatrixToWrite<T>& matrix, char delimiter, \
                 const std::vector<std::string>& names) {                                 \
    write_table(path, matrix, delimiter, names);                                          \
  }
CORYMB_DEFINE_CSV_WRITER(float)
CORYMB_DEFINE_CSV_WRITER(double)
CORYMB_DEFINE_CSV_WRITER(std::ptrdiff_t)

}  // namespace corymb::compiled
