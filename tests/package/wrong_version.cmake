include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
begin(wrong_version)
foreach(version IN ITEMS ${next_version_line} 1.0)
  refused("compatible with requested version \"${version}\""
    ${configure} -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${scratch}/${version}"
      -D "CMAKE_PREFIX_PATH=${scratch_dir}/installed/prefix" -DREQUEST=${version})
endforeach()
step(${configure} -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${scratch}/right"
  -D "CMAKE_PREFIX_PATH=${scratch_dir}/installed/prefix" -DREQUEST=${version_line})
