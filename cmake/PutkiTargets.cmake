include(PutkiLayers)

# Warnings for our own targets; never exported.
function(putki_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -ffp-contract=off
    # GCC 12 sees an overlap in every `"text" + std::string` it inlines (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${PUTKI_WARNINGS_AS_ERRORS}>:-Werror>)
endfunction()

# The headers and sources of one layer, by hand: putki_layer(core HEADERS error.hpp ... SOURCES time.cpp ...).
function(putki_layer layer)
  cmake_parse_arguments(arg "" "" "HEADERS;SOURCES" ${ARGN})
  list(TRANSFORM arg_HEADERS PREPEND "${PROJECT_SOURCE_DIR}/include/putki/${layer}/")
  list(TRANSFORM arg_SOURCES PREPEND "${PROJECT_SOURCE_DIR}/src/${layer}/")
  set(file_set HEADERS)
  if(layer STREQUAL "interop")
    set(file_set interop)
  endif()
  target_sources(putki PUBLIC FILE_SET ${file_set} TYPE HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
    FILES ${arg_HEADERS})
  target_sources(putki PRIVATE ${arg_SOURCES})
  # Unity builds join the sources of one layer at most: file-local names need not be unique in the whole house.
  set_source_files_properties(${arg_SOURCES} TARGET_DIRECTORY putki PROPERTIES UNITY_GROUP ${layer})
endfunction()

# One test program per layer, each test case a ctest: putki_layer_tests(core time_test.cpp ...).
function(putki_layer_tests layer)
  add_executable(putki_${layer}_tests ${ARGN})
  putki_compile_options(putki_${layer}_tests)
  set_target_properties(putki_${layer}_tests PROPERTIES UNITY_BUILD OFF)  # each file has its own stages and deals
  target_link_libraries(putki_${layer}_tests PRIVATE putki::putki putki_test_main)
  target_include_directories(putki_${layer}_tests PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(putki_${layer}_tests PRIVATE PUTKI_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  catch_discover_tests(putki_${layer}_tests TEST_PREFIX "${layer}: ")
endfunction()
