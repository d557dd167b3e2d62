include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
begin(unknown_component)
refused("putki has no component 'pictures'"
  ${configure} -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${scratch}/required"
    -D "CMAKE_PREFIX_PATH=${scratch_dir}/installed/prefix" "-DREQUEST=COMPONENTS\;pictures")
# An optional one is absent without harm.
step(${configure} -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${scratch}/optional"
  -D "CMAKE_PREFIX_PATH=${scratch_dir}/installed/prefix" "-DREQUEST=OPTIONAL_COMPONENTS\;pictures")
