#pragma once
// Chart specifications: templates of src/report/vega/, with the data of a result in place of their samples.

#include <putki/report/figure.hpp>

#include "report/json.hpp"

#include <string>
#include <string_view>

namespace putki {

// The template NAME.vg.json as it is; std::logic_error when there is none. Generated from the files by CMake.
std::string_view vega_template(std::string_view name);

// What stands in place of a template's samples.
struct SpecificationContent {
  Json data = Json::object();     // data set: array of rows. Every one names a data set of the template
  Json signals = Json::object();  // signal: value. Every one names a signal of the template
  std::string description = {};   // read aloud in place of the picture
};

// The template with that content, colours of the theme and numbers of the locale (`config`). std::logic_error: a data
// set or signal that the template does not have.
std::string specification(std::string_view name, const SpecificationContent& content, const FigureOptions& options);

// `config` of a specification: fonts, palette, signals ink, muted, grid, paper, accent, good, bad, warn.
Json vega_config(const FigureOptions& options);

}  // namespace putki
