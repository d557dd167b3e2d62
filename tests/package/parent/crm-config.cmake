include(CMakeFindDependencyMacro)
find_dependency(putki 0.1 CONFIG)
include("${CMAKE_CURRENT_LIST_DIR}/crm-targets.cmake")
