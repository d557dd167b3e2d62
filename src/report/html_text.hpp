#pragma once
// Strings of the data as parts of an HTML page: whatever they hold, they stay text.

#include <string>
#include <string_view>

namespace putki {

// For element content and for attribute values in double quotes: & < > " ' as references, bytes that are no UTF-8 as
// U+FFFD, line breaks and tabs as blanks, other control characters left out, those that turn the direction of text too.
std::string html_text(std::string_view text);

// JSON for the inside of a <script type="application/json">: equal JSON in which no < > & and no line separator occurs.
std::string script_json(std::string_view json);

}  // namespace putki
