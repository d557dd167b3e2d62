#pragma once
// What a stage may be called.

#include <string>
#include <string_view>

namespace putki::detail {

/// What is wrong with the name, to be read after it ("has a control character; ..."); empty when it will do.
std::string stage_name_problem(std::string_view name);

}  // namespace putki::detail
