#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Delimiter-separated text, cut into lines and fields.
namespace corymb::compiled {

/// The lines that are neither blank nor comments, without their ends.
struct Lines {
  const char* next_line;
  const char* end;
  char comment;
  std::int64_t number = 0;  // of the last line returned, from 1

  bool next(std::string_view& line) {
    while (next_line < end) {
      const char* begin = next_line;
      const auto* stop = static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
      next_line = stop ? stop + 1 : end;
      if (!stop) stop = end;
      ++number;
      if (stop > begin && stop[-1] == '\r') --stop;
      const char* content = begin;
      while (content < stop && (*content == ' ' || *content == '\t')) ++content;
      if (content == stop || (comment != '\0' && *content == comment)) continue;
      line = {begin, static_cast<std::size_t>(stop - begin)};
      return true;
    }
    return false;
  }
};

struct Field {
  std::string_view text;        // without quotes, and without the blanks around the field
  const char* next;             // where the next field begins; null after the last one
  const char* fault = nullptr;  // what is wrong with its quotes
};

/// How a line is cut into fields.
class Cutter {
 public:
  explicit Cutter(char delimiter)
      : delimiter_(delimiter), separated_by_blanks_(delimiter == ' '), second_blank_(delimiter == '\t' ? ' ' : '\t') {}

  const char* skip_blanks(const char* p, const char* end) const {
    while (p < end && (*p == ' ' || *p == second_blank_)) ++p;
    return p;
  }

  /// Whether a field whose characters stop at `stop` ends there; then `next` is where the next one begins, or null.
  bool ends(const char* stop, const char* end, const char*& next) const {
    const char* p = skip_blanks(stop, end);
    if (p == end) {
      next = nullptr;
      return true;
    }
    next = separated_by_blanks_ ? p : p + 1;
    return separated_by_blanks_ ? p > stop : *p == delimiter_;
  }

  /// The field that begins at p.
  Field field(const char* p, const char* end) const {
    p = skip_blanks(p, end);
    if (p < end && *p == '"') return quoted(p + 1, end);
    const char* stop = p;
    while (stop < end && *stop != delimiter_ && !(separated_by_blanks_ && *stop == '\t')) ++stop;
    const char* next = nullptr;
    ends(stop, end, next);
    while (stop > p && (stop[-1] == ' ' || stop[-1] == second_blank_)) --stop;
    return {{p, static_cast<std::size_t>(stop - p)}, next};
  }

  template <class F>
  void for_each_field(std::string_view line, F&& f) const {
    const char* end = line.data() + line.size();
    for (const char* p = line.data(); p;) {
      const Field current = field(p, end);
      f(current);
      p = current.next;
    }
  }

  std::ptrdiff_t count(std::string_view line) const {
    std::ptrdiff_t fields = 0;
    for_each_field(line, [&](const Field&) { ++fields; });
    return fields;
  }

 private:
  Field quoted(const char* p, const char* end) const {
    const char* stop = p;
    while (stop < end && (*stop != '"' || (stop + 1 < end && stop[1] == '"'))) stop += *stop == '"' ? 2 : 1;
    const std::string_view text(p, static_cast<std::size_t>(stop - p));
    if (stop == end) return {text, nullptr, "the quoted field does not end on its line"};
    const char* next = nullptr;
    if (!ends(stop + 1, end, next)) return {text, nullptr, "there is text after the closing quote"};
    return {text, next};
  }

  char delimiter_;
  bool separated_by_blanks_;
  char second_blank_;  // beside the space
};

}  // namespace corymb::compiled
