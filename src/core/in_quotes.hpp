#pragma once
// Foreign text inside a one-line message.

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "core/utf8.hpp"

namespace putki::detail {

/// The text in double quotes on one line: quotes and backslashes escaped, control characters and bytes that are not
/// UTF-8 as \xNN, cut with "..." after `limit` characters.
inline std::string in_quotes(std::string_view text, std::size_t limit = 60) {
  std::string out = "\"";
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++written) {
    if (written == limit) {
      out += "...";
      break;
    }
    const CodePoint point = code_point_at(text, i);
    const std::size_t length = point.length == 0 ? 1 : point.length;
    if (point.length == 0 || is_control(point.value)) {
      for (const char byte : text.substr(i, length)) {
        std::array<char, 5> hex{};
        std::snprintf(hex.data(), hex.size(), "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
        out += hex.data();
      }
    } else {
      if (point.value == U'"' || point.value == U'\\') out += '\\';
      out += text.substr(i, length);
    }
    i += length;
  }
  return out += '"';
}

}  // namespace putki::detail
