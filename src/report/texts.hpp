#pragma once
// Everything that figures and pages say, in every language, from one table (texts.inc).

#include <putki/report/figure.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace putki {

// The text of this key, {0}, {1}, .. replaced by `values`. A key that the table does not have is a mistake of the
// library: std::logic_error.
std::string text(Language language, std::string_view key, std::initializer_list<std::string_view> values = {});

}  // namespace putki
