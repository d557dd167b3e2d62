# Pictures: chart templates, the files of the page, and the Vega runtime, all compiled in. An edited file is picked up by
# the next build.
#
# PUTKI_VEGA: whether pages can hold the Vega runtime, for pictures without network access.
#   AUTO  when it is found (the default)
#   ON    it must be found
#   OFF   pages link to it on a public server
# PUTKI_VEGA_DIR: where it is: Debian's /usr/share/javascript/vega (package libjs-vega), or the folder of a vega.min.js
# (npm install vega vega-interpreter: node_modules/vega/build).
set(PUTKI_VEGA AUTO CACHE STRING "Compile the Vega runtime in: AUTO, ON or OFF")
set_property(CACHE PUTKI_VEGA PROPERTY STRINGS AUTO ON OFF)

# putki_text_cpp(<file> <function>): C++ for the text, in pieces: `std::span<const std::string_view> function()`. MSVC
# ends a literal at 16 KB; a piece ends behind a comma or a line, never within a character.
function(putki_text_cpp function text result)
  set(delimiter "putki_text")
  string(FIND "${text}" ")${delimiter}\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "a text of the page holds )${delimiter}\"")
  endif()
  set(pieces "")
  string(LENGTH "${text}" left)
  while(left GREATER 0)
    set(length ${left})
    if(length GREATER 15000)
      string(SUBSTRING "${text}" 0 15000 piece)
      string(FIND "${piece}" "," comma REVERSE)
      string(FIND "${piece}" "\n" line REVERSE)
      if(comma LESS line)
        set(comma ${line})
      endif()
      math(EXPR length "${comma} + 1")
      if(length EQUAL 0)
        message(FATAL_ERROR "15,000 bytes of a text of the page hold neither a comma nor a line break")
      endif()
    endif()
    string(SUBSTRING "${text}" 0 ${length} piece)
    string(SUBSTRING "${text}" ${length} -1 text)
    string(APPEND pieces "      R\"${delimiter}(${piece})${delimiter}\"sv,\n")
    string(LENGTH "${text}" left)
  endwhile()
  set(code "TextPieces ${function}() {\n")
  if(pieces STREQUAL "")
    string(APPEND code "  return {};\n}\n\n")
  else()
    string(APPEND code "  static constexpr std::string_view pieces[] = {\n${pieces}  };\n  return pieces;\n}\n\n")
  endif()
  set(${result} "${code}" PARENT_SCOPE)
endfunction()

# A file of this folder.
function(putki_read path result)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  file(READ "${path}" text)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# putki_vega_templates(revenue_fan.vg.json ...): files of src/report/vega/, become vega_template() of
# src/report/specification.hpp.
function(putki_vega_templates)
  set(entries "")
  foreach(file IN LISTS ARGN)
    putki_read("${CMAKE_CURRENT_SOURCE_DIR}/vega/${file}" chart)
    string(REPLACE ".vg.json" "" name "${file}")
    set_property(GLOBAL APPEND PROPERTY PUTKI_CHARTS "${name}")  # the tests draw each
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

# Parts of Vega in an order in which each finds those it requires; those for maps, forces, word clouds, Voronoi cells,
# regressions, label placement and crossfilters are left out: the charts use none. Debian's file of one part has another
# name than the part.
set(putki_vega_parts util time format loader dataflow canvas scale scenegraph statistics transforms view-transforms
  encode hierarchy expression selections functions event-selector runtime view parser interpreter)
set(putki_vega_file_of_selections selection)

# The runtime as one script; empty when it is not to be compiled in.
function(putki_vega_runtime result)
  set(${result} "" PARENT_SCOPE)
  string(TOUPPER "${PUTKI_VEGA}" wanted)
  if(wanted STREQUAL "OFF" OR (NOT wanted STREQUAL "AUTO" AND NOT PUTKI_VEGA))
    message(STATUS "Vega is not compiled in (PUTKI_VEGA is ${PUTKI_VEGA})")
    return()
  endif()
  find_path(PUTKI_VEGA_DIR NAMES vega.min.js vega-dataflow.min.js
    PATHS /usr/share/javascript/vega /usr/local/share/javascript/vega NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
    DOC "Folder of the Vega runtime")
  set(script "")
  set(missing "")
  if(EXISTS "${PUTKI_VEGA_DIR}/vega.min.js")
    find_file(interpreter vega-interpreter.min.js NO_CACHE NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
      PATHS "${PUTKI_VEGA_DIR}" "${PUTKI_VEGA_DIR}/../../vega-interpreter/build")
    if(interpreter)
      putki_read("${PUTKI_VEGA_DIR}/vega.min.js" bundle)
      putki_read("${interpreter}" text)
      set(script "${bundle};\n${text};\n")
    else()
      set(missing "vega-interpreter.min.js beside ${PUTKI_VEGA_DIR}/vega.min.js")
    endif()
  elseif(PUTKI_VEGA_DIR)
    foreach(part IN LISTS putki_vega_parts)
      set(file "${part}")
      if(DEFINED putki_vega_file_of_${part})
        set(file "${putki_vega_file_of_${part}}")
      endif()
      set(path "${PUTKI_VEGA_DIR}/vega-${file}.min.js")
      if(EXISTS "${path}")
        putki_read("${path}" text)
        string(APPEND script "part(\"vega-${part}\", function (exports, module) {\n${text}\n});\n")
      else()
        list(APPEND missing "${path}")
      endif()
    endforeach()
    putki_read("${CMAKE_CURRENT_SOURCE_DIR}/page/vega_parts.js" frame)
    string(REPLACE "  // [PARTS]\n" "${script}" script "${frame}")
  else()
    set(missing "the Vega runtime")
  endif()
  list(LENGTH missing missing_count)
  if(missing_count GREATER 5)
    set(missing "Vega in ${PUTKI_VEGA_DIR}")
  endif()
  if(missing)
    list(JOIN missing ", " missing)
    set(help "to compile Vega in: apt-get install libjs-vega, or npm install vega vega-interpreter and "
      "-DPUTKI_VEGA_DIR=node_modules/vega/build")
    string(JOIN "" help ${help})
    if(wanted STREQUAL "AUTO")
      message(STATUS "Could NOT find ${missing}: pages link to Vega on a public server (${help})")
      return()
    endif()
    message(FATAL_ERROR "PUTKI_VEGA is ${PUTKI_VEGA}, but there is no ${missing}; ${help}")
  endif()
  string(REGEX REPLACE "\n//# sourceMappingURL=[^\n]*" "" script "${script}")
  # These would end the script or change how a browser reads it.
  if(script MATCHES "</[sS][cC][rR][iI][pP][tT]|<!--")
    message(FATAL_ERROR "the Vega of ${PUTKI_VEGA_DIR} cannot stand within a page: it holds ${CMAKE_MATCH_0}")
  endif()
  putki_read("${CMAKE_CURRENT_SOURCE_DIR}/page/vega_licence.js" licence)
  message(STATUS "Found Vega: ${PUTKI_VEGA_DIR}")
  set_property(GLOBAL PROPERTY PUTKI_HAS_VEGA ON)
  set(${result} "${licence}${script}" PARENT_SCOPE)
endfunction()

# The texts of src/report/page_texts.hpp.
function(putki_page_texts)
  putki_read("${CMAKE_CURRENT_SOURCE_DIR}/page/page.js" script)
  putki_read("${CMAKE_CURRENT_SOURCE_DIR}/page/page.css" style)
  putki_vega_runtime(runtime)
  putki_text_cpp(page_script "${script}" script_code)
  putki_text_cpp(page_style "${style}" style_code)
  putki_text_cpp(vega_runtime "${runtime}" runtime_code)
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/page_texts.cpp")
  file(CONFIGURE OUTPUT "${generated}" @ONLY CONTENT [[
// Generated from src/report/page/ and Vega by cmake/PutkiVega.cmake.
#include "report/page_texts.hpp"

using namespace std::string_view_literals;

namespace putki {

@script_code@@style_code@@runtime_code@}  // namespace putki
]])
  target_sources(putki PRIVATE "${generated}")
  set_source_files_properties("${generated}" TARGET_DIRECTORY putki PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
