# What the package tests have in common. A test is a script: it includes this, names its scratch folder and takes steps;
# the first that fails ends it.
cmake_minimum_required(VERSION 3.25)
include("${SETTINGS}")

set(hide_third_parties "")
foreach(package IN ITEMS Boost Eigen3 fmt nlohmann_json CLI11 Catch2 benchmark)
  list(APPEND hide_third_parties -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()

macro(begin name)
  set(scratch "${scratch_dir}/${name}")
  file(REMOVE_RECURSE "${scratch}")
  file(MAKE_DIRECTORY "${scratch}")
endmacro()

# Runs a command; its output is shown only when it fails.
function(step)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "failed (${status}): ${command}\n${output}")
  endif()
  set(step_output "${output}" PARENT_SCOPE)
endfunction()

# Runs a command that must fail and say `expected` (a regular expression; white space counts as one blank).
function(refused expected)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " line "${output}")
  if(status EQUAL 0 OR NOT line MATCHES "${expected}")
    message(FATAL_ERROR "expected a refusal saying '${expected}', got (${status}):\n${output}")
  endif()
endfunction()

# The command line that configures a project as this build was.
set(configure "${CMAKE_COMMAND}" -G "${generator}" -D "CMAKE_CXX_COMPILER=${compiler}" -D "CMAKE_BUILD_TYPE=${config}")

# For building putki itself once more: with the dependencies of this build, from the compiler cache where there is one
# (hence the same flags), else in few big pieces.
macro(begin_from_source name)
  begin(${name})
  string(REPLACE ";" ":" ENV{CMAKE_PREFIX_PATH} "${prefix_path}")
  set(ENV{CMAKE_TOOLCHAIN_FILE} "${toolchain_file}")
  set(from_source -D "PUTKI_WARNINGS_AS_ERRORS=${warnings_as_errors}")
  if(compiler_launcher)
    list(APPEND from_source -D "CMAKE_CXX_COMPILER_LAUNCHER=${compiler_launcher}")
  else()
    list(APPEND from_source -D CMAKE_UNITY_BUILD=ON)
  endif()
endmacro()

function(build folder)
  step("${CMAKE_COMMAND}" --build "${folder}" --config ${config} --parallel 2)
endfunction()

function(install folder prefix)
  step("${CMAKE_COMMAND}" --install "${folder}" --config ${config} --prefix "${prefix}")
endfunction()

# Runs the program `name` built in `folder`.
function(run folder name)
  find_program(program "${name}" PATHS "${folder}" "${folder}/${config}" NO_DEFAULT_PATH NO_CACHE REQUIRED)
  step("${program}")
endfunction()

# Builds and runs the consumer against the package under `prefix`.
function(consume prefix)
  step(${configure} -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${scratch}/consumer"
    -D "CMAKE_PREFIX_PATH=${prefix}" ${hide_third_parties})
  build("${scratch}/consumer")
  run("${scratch}/consumer" consumer)
endfunction()
