#pragma once

#include <cstddef>
#include <string_view>

namespace corymb::compiled {

/// A character of a UTF-8 text. Length 0: the bytes there are none.
struct Character {
  std::size_t length;
  char32_t code;
};

/// What a text, which is not empty, begins with. Overlong forms, surrogates and codes above U+10FFFF are no characters.
inline Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return {1, static_cast<char32_t>(first)};
  if (first < 0xc0 || first > 0xf7) return {0, 0};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  unsigned code = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, 0};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {0, 0};
  return {length, static_cast<char32_t>(code)};
}

}  // namespace corymb::compiled
