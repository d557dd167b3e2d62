#pragma once
// Writes the page that --html asks for.

#include "command_line.hpp"
#include "picture_arguments.hpp"

#include <fstream>
#include <string>
#include <vector>

namespace example {

/// To the file, or to standard output for "-".
inline void write_page(const PictureArguments& arguments, const std::string& title,
                       const std::vector<putki::PageSection>& sections) {
  const putki::HtmlOptions options{.title = title, .subtitle = {}, .figures = figure_options(arguments)};
  if (arguments.html == "-") return write_html(std::cout, sections, options);
  std::ofstream out(arguments.html);
  write_html(out, sections, options);
  out.close();
  if (!out) throw putki::InputError("'" + arguments.html + "' cannot be written", putki::ErrorCode::io);
}

}  // namespace example
