#pragma once
// What the example programs ask about pictures: a page to write, its language, numbers and currency.

#include <putki/putki.hpp>

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace example {

struct PictureArguments {
  std::string html;  ///< file to write; empty: no page
  std::string language = "en", locale, currency;
};

inline void add_picture_options(CLI::App& app, PictureArguments& arguments) {
  app.add_option("--html", arguments.html,
                 "Also write a page with charts and their tables to this file (- for standard output, in place of the "
                 "text)");
  app.add_option("--language", arguments.language, "Of the page: en, fi")->capture_default_str();
  app.add_option("--locale", arguments.locale,
                 "Of its numbers: en-US, en-GB, fi-FI, sv-SE, de-DE, fr-FR (default: by language)");
  app.add_option("--currency", arguments.currency, "Of its amounts, such as EUR or €");
}

/// `json`: where the JSON goes. Page and JSON must not overwrite each other.
inline putki::FigureOptions figure_options(const PictureArguments& arguments, const std::string& json = {}) {
  if (!json.empty() && json == arguments.html)
    throw putki::InvalidArgument("--html and --json both write to " +
                                 (json == "-" ? "standard output" : "'" + json + "'") +
                                 "; give each a file of its own");
  if (arguments.language != "en" && arguments.language != "fi")
    throw putki::InvalidArgument("--language is '" + arguments.language + "'; allowed are en, fi");
  putki::FigureOptions options;
  options.language = arguments.language == "fi" ? putki::Language::finnish : putki::Language::english;
  options.locale = arguments.locale;
  options.currency = arguments.currency;
  putki::check_figure_options(options);
  return options;
}

/// Writes the page to the file asked for, or to standard output for "-".
inline void write_page(const PictureArguments& arguments, const std::vector<putki::PageSection>& sections,
                       putki::HtmlOptions options) {
  options.figures = figure_options(arguments);
  if (arguments.html == "-") return putki::write_html(std::cout, sections, options);
  std::ofstream out(arguments.html);
  putki::write_html(out, sections, options);
  out.close();
  if (!out) throw putki::InputError("'" + arguments.html + "' cannot be written", putki::ErrorCode::io);
}

}  // namespace example
