# Install rules, CMake package, pkg-config file and archives. The package can be moved after installing: nothing in it
# holds an absolute path.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(putki_config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/putki")
install(TARGETS putki EXPORT putki-targets
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"  # for consumers whose CMake is older than file sets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILE_SET interop DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT putki-targets NAMESPACE putki:: DESTINATION "${putki_config_dir}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/putki-config.cmake.in"
  "${PROJECT_BINARY_DIR}/putki-config.cmake" INSTALL_DESTINATION "${putki_config_dir}"
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# While the version is 0.x a new minor version may break what was promised.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/putki-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/putki-config.cmake" "${PROJECT_BINARY_DIR}/putki-config-version.cmake"
  DESTINATION "${putki_config_dir}")

# pkg-config finds the prefix from where its file lies.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
  OUTPUT_VARIABLE putki_pc_includedir)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
  OUTPUT_VARIABLE putki_pc_prefix)
configure_file("${PROJECT_SOURCE_DIR}/cmake/putki.pc.in" "${PROJECT_BINARY_DIR}/putki.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/putki.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/THIRD_PARTY.md"
  "${PROJECT_SOURCE_DIR}/src/report/page/vega_licence.js" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

if(PROJECT_IS_TOP_LEVEL)
  set(CPACK_VERBATIM_VARIABLES ON)
  set(CPACK_GENERATOR TGZ DEB)
  set(CPACK_PACKAGE_NAME libputki-dev)
  set(CPACK_PACKAGE_VENDOR "putki")
  set(CPACK_PACKAGE_CONTACT "the putki developers")
  set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
  set(CPACK_DEBIAN_PACKAGE_DEPENDS libstdc++-dev)
  set(CPACK_SOURCE_GENERATOR TGZ)
  set(CPACK_SOURCE_IGNORE_FILES "/\\.git/" "/build[^/]*/" "/\\.cache/")
  include(CPack)
endif()
