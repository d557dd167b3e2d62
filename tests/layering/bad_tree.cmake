# Runs check_layers.cmake on the tree bad/, where each file breaks a rule but the good ones, and compares what it says.
cmake_minimum_required(VERSION 3.25)
execute_process(
  COMMAND "${CMAKE_COMMAND}" -D "ROOT=${CMAKE_CURRENT_LIST_DIR}/bad" -P
    "${CMAKE_CURRENT_LIST_DIR}/../../cmake/check_layers.cmake"
  RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE said)
file(READ "${CMAKE_CURRENT_LIST_DIR}/expected.txt" expected)
if(status EQUAL 0)
  message(FATAL_ERROR "the bad tree passed")
endif()
string(FIND "${said}" "${expected}CMake Error" at)
if(NOT at EQUAL 0)
  message(FATAL_ERROR "expected:\n${expected}\nbut it said:\n${said}")
endif()
