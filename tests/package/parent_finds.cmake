include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
begin(parent_finds)
set(putki_prefix "${scratch_dir}/installed/prefix")
step(${configure} -S "${CMAKE_CURRENT_LIST_DIR}/parent" -B "${scratch}/parent" -D "CMAKE_PREFIX_PATH=${putki_prefix}"
  ${hide_third_parties})
build("${scratch}/parent")
run("${scratch}/parent" crm)
install("${scratch}/parent" "${scratch}/prefix")
step(${configure} -S "${CMAKE_CURRENT_LIST_DIR}/parent_consumer" -B "${scratch}/consumer"
  -D "CMAKE_PREFIX_PATH=${scratch}/prefix" -D "putki_ROOT=${putki_prefix}" ${hide_third_parties})
build("${scratch}/consumer")
run("${scratch}/consumer" parent_consumer)
