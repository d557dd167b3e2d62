#pragma once
// Text in the encodings CRMs export: UTF-8, and Windows-1252 (of which Latin-1 is a part).

#include <string>
#include <string_view>

namespace putki {

// Every byte below 128.
bool is_ascii(std::string_view text);
bool is_utf8(std::string_view text);
// The text, read as Windows-1252, in UTF-8. The five bytes that mean nothing there become U+FFFD.
std::string from_windows_1252(std::string_view text);

}  // namespace putki
