#pragma once
// UTF-8 decoding, one code point at a time, for checks of names and for messages.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace putki::detail {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // 0: the bytes here are not UTF-8
};

/// The code point at `position` < text.size(); overlong forms, surrogates and values past U+10FFFF are not UTF-8.
inline CodePoint code_point_at(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(position);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || position + length > text.size()) return {};
  std::uint32_t value = first & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const std::uint32_t next = byte(position + i);
    if ((next & 0xc0u) != 0x80u) return {};
    value = value << 6u | (next & 0x3fu);
  }
  if (length == 3 && (value < 0x800 || (value >= 0xd800 && value <= 0xdfff))) return {};
  if (length == 4 && (value < 0x10000 || value > 0x10ffff)) return {};
  return {value, length};
}

/// Characters that break a line or turn its direction: no name needs them and no message may contain them.
constexpr bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
         c == 0xfeff;
}

}  // namespace putki::detail
