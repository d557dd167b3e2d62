# Conveniences for whoever builds putki itself; a project that embeds it keeps its own choices.

# An unoptimised forecast is some twenty times slower: build Release unless told otherwise. Multi-config generators
# choose at build time and have no CMAKE_BUILD_TYPE.
get_property(putki_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT putki_multi_config AND NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
  set_property(CACHE CMAKE_BUILD_TYPE PROPERTY STRINGS Debug Release RelWithDebInfo MinSizeRel)
endif()

if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(PUTKI_CCACHE ccache)
  mark_as_advanced(PUTKI_CCACHE)
  if(PUTKI_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${PUTKI_CCACHE}")
  endif()
endif()
