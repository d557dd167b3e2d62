# What the library is built with. Everything but the threads is header-only, used inside src/ alone, and unknown to
# whoever uses an installed putki. All that is missing is named at once.

find_package(Threads REQUIRED)

# putki_find(<package> <oldest version> <imported target>). The version is compared here: some packages' own version
# files refuse a newer major version that serves just as well.
set(putki_missing "")
macro(putki_find package oldest target)
  find_package(${package} CONFIG QUIET)
  if(TARGET ${target} AND ${package}_VERSION VERSION_GREATER_EQUAL ${oldest})
    message(STATUS "Found ${package} ${${package}_VERSION}: ${${package}_DIR}")
  elseif(TARGET ${target} AND NOT ${package}_FOUND)
    message(STATUS "Using ${target} of the enclosing project")
  elseif(${package}_FOUND)
    list(APPEND putki_missing "${package} >= ${oldest} (found ${${package}_VERSION} in ${${package}_DIR})")
  else()
    list(APPEND putki_missing "${package} >= ${oldest}")
  endif()
endmacro()

# Not every Boost comes with its own CMake files; CMake's module finds those by their headers.
find_package(Boost CONFIG QUIET)
if(NOT Boost_FOUND)
  if(POLICY CMP0167)
    cmake_policy(SET CMP0167 OLD)  # keep that module
  endif()
  find_package(Boost MODULE QUIET)
endif()
if(NOT Boost_FOUND)
  list(APPEND putki_missing "Boost >= 1.74 (headers)")
elseif(Boost_VERSION_STRING VERSION_LESS 1.74)
  list(APPEND putki_missing "Boost >= 1.74 (found ${Boost_VERSION_STRING} in ${Boost_INCLUDE_DIRS})")
else()
  message(STATUS "Found Boost ${Boost_VERSION_STRING}: ${Boost_INCLUDE_DIRS}")
endif()

putki_find(Eigen3 3.4 Eigen3::Eigen)
putki_find(nlohmann_json 3.11 nlohmann_json::nlohmann_json)
putki_find(fmt 9 fmt::fmt-header-only)
if(PUTKI_BUILD_EXAMPLES)
  putki_find(CLI11 2.1 CLI11::CLI11)
endif()
if(PUTKI_BUILD_TESTS)
  putki_find(Catch2 2.13 Catch2::Catch2)
endif()
if(PUTKI_BUILD_BENCHMARKS)
  putki_find(benchmark 1.7 benchmark::benchmark)
endif()

if(putki_missing)
  list(JOIN putki_missing "\n  " putki_missing)
  message(FATAL_ERROR "putki is built with these packages, which were not found:\n  ${putki_missing}\n"
    "`sh cmake/run.sh test` installs them on Debian and says elsewhere how to get them. A package in a folder of its "
    "own is found through CMAKE_PREFIX_PATH.")
endif()
