#pragma once
// What a name that stands in tables, drawings and messages may look like.

#include <string>
#include <string_view>

#include "core/utf8.hpp"

namespace putki::detail {

/// What is wrong with the name, to be read after it ("has a control character; ..."); empty when it will do: one line
/// of UTF-8 text of 1 to 1,000 bytes without blanks at its ends.
inline std::string name_problem(std::string_view name) {
  constexpr std::size_t kLongestName = 1'000;
  if (name.empty()) return "is empty; a text is needed";
  if (name.size() > kLongestName) return "has " + std::to_string(name.size()) + " bytes; at most 1000 are allowed";
  if (name.front() == ' ' || name.back() == ' ') return "begins or ends with a blank; names are compared trimmed";
  for (std::size_t i = 0; i < name.size();) {
    const CodePoint point = code_point_at(name, i);
    if (point.length == 0) return "is not UTF-8 text";
    if (is_control(point.value)) return "has a control character; a name is one line of plain text";
    i += point.length;
  }
  return {};
}

}  // namespace putki::detail
