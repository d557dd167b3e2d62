include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
begin(find_package)
consume("${scratch_dir}/installed/prefix")
