#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/file.hpp"

// The columns that a caller chose (CsvOptions::columns), found among those of a file.
namespace corymb::compiled {

/// Both ends are included; columns count from 0 here.
struct ColumnRange {
  std::ptrdiff_t first;
  std::ptrdiff_t last;
};

struct ColumnChoice {
  std::vector<ColumnRange> ranges;  // in the order of the caller
  std::ptrdiff_t count = 0;         // of the columns in all ranges
  std::string fault;                // why the file has no such columns; empty if it has

  /// For each of `cols` columns its place in the result, -1 where it is not chosen.
  std::vector<std::ptrdiff_t> places(std::ptrdiff_t cols) const {
    std::vector<std::ptrdiff_t> result(static_cast<std::size_t>(cols), -1);
    std::ptrdiff_t place = 0;
    for (const ColumnRange& range : ranges)
      for (std::ptrdiff_t j = range.first; j <= range.last; ++j, ++place)
        if (j < cols) result[static_cast<std::size_t>(j)] = place;
    return result;
  }
};

/// Reads "3" or "2-5", which count from 1, into {2, 2} or {1, 4}. False where the text is neither.
inline bool parse_columns(std::string_view text, ColumnRange& range) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto number = [&](std::ptrdiff_t& value) {
    if (p == end || *p < '0' || *p > '9') return false;
    const auto [stop, error] = std::from_chars(p, end, value);
    if (error != std::errc()) value = std::numeric_limits<std::ptrdiff_t>::max();  // no file has as many
    p = stop;
    --value;
    return true;
  };
  if (!number(range.first)) return false;
  range.last = range.first;
  if (p == end) return true;
  return *p++ == '-' && number(range.last) && p == end;
}

/// "; the file has 3 columns: 'x', 'y', 'z'"
inline std::string describe_columns(std::ptrdiff_t cols, const std::vector<std::string>& names) {
  constexpr std::size_t most_names = 12;
  std::string text = "; the file has " + std::to_string(cols) + (cols == 1 ? " column" : " columns");
  if (names.empty()) return text + " without names";
  for (std::size_t j = 0; j < std::min(names.size(), most_names); ++j)
    text += (j == 0 ? ": " : ", ") + excerpt(names[j]);
  return names.size() > most_names ? text + ", ..." : text;
}

/// Finds each entry among the names, if there are any, else among the numbers and ranges of numbers.
inline ColumnChoice choose_columns(const std::vector<std::string>& entries, std::ptrdiff_t cols,
                                   const std::vector<std::string>& names) {
  constexpr std::ptrdiff_t several = -1;
  std::unordered_map<std::string_view, std::ptrdiff_t> place_of_name;
  for (std::size_t j = 0; j < names.size(); ++j)
    if (const auto [known, is_new] = place_of_name.emplace(names[j], static_cast<std::ptrdiff_t>(j)); !is_new)
      known->second = several;

  ColumnChoice choice;
  const auto fail = [&](const std::string& what) {
    choice.fault = what + describe_columns(cols, names);
    return choice;
  };
  for (const std::string& entry : entries) {
    ColumnRange range{};
    if (const auto named = place_of_name.find(entry); named != place_of_name.end()) {
      if (named->second == several)
        return fail("more than one column is named " + excerpt(entry) + ", take its number");
      range = {named->second, named->second};
    } else if (!parse_columns(entry, range)) {
      return fail("no column is named " + excerpt(entry));
    } else if (range.first > range.last) {
      return fail("the columns " + excerpt(entry) + " run backwards");
    } else if (range.first < 0 || range.last >= cols) {
      return fail("there is no column " + excerpt(entry));
    }
    choice.ranges.push_back(range);
    choice.count += range.last - range.first + 1;
  }

  std::vector<ColumnRange> sorted = choice.ranges;
  std::ranges::sort(sorted, {}, &ColumnRange::first);
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i].first <= sorted[i - 1].last)
      return fail("column " + std::to_string(sorted[i].first + 1) + " is chosen twice");
  return choice;
}

}  // namespace corymb::compiled
