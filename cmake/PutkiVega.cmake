# Chart templates, compiled in: putki_vega_templates(revenue_fan.vg.json ...), files of src/report/vega/, become
# vega_template() of src/report/specification.hpp. An edited template is picked up by the next build.
function(putki_vega_templates)
  set(entries "")
  foreach(file IN LISTS ARGN)
    set(path "${CMAKE_CURRENT_SOURCE_DIR}/vega/${file}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
    file(READ "${path}" chart)
    string(REPLACE ".vg.json" "" name "${file}")
    string(APPEND entries "  if (name == \"${name}\") return R\"vega(${chart})vega\";\n")
  endforeach()
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/vega_templates.cpp")
  file(CONFIGURE OUTPUT "${generated}" @ONLY CONTENT [[
// Generated from src/report/vega/ by cmake/PutkiVega.cmake.
#include "report/specification.hpp"

#include <stdexcept>

namespace putki {

std::string_view vega_template(std::string_view name) {
@entries@  throw std::logic_error("no chart template " + std::string(name));
}

}  // namespace putki
]])
  target_sources(putki PRIVATE "${generated}")
  set_source_files_properties("${generated}" TARGET_DIRECTORY putki PROPERTIES UNITY_GROUP report)
endfunction()
