#pragma once
/// \file
/// A text as a JSON string, for programs that join the JSON of several reports.

#include <string>
#include <string_view>

namespace putki {

/// `text` in quotation marks, what JSON forbids escaped; bytes that are no UTF-8 become U+FFFD. O(size).
std::string json_text(std::string_view text);

}  // namespace putki
