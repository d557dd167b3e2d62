#pragma once
// Small questions about the text of one field.

#include <string>
#include <string_view>

#include "core/nearest.hpp"

namespace putki {

// Without blanks around it: spaces, tabs and other control characters.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// ASCII capitals made small; all other bytes as they are.
inline std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = detail::ascii_lower(c);
  return lower;
}

// Nothing, or what databases export for it: NULL or \N. For times, dates and amounts; a deal may be named Null.
inline bool is_null(std::string_view text) {
  if (text.empty() || text == "\\N") return true;
  return text.size() == 4 && lower_ascii(text) == "null";
}

}  // namespace putki
