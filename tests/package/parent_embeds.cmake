include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
begin(parent_embeds)
install("${scratch_dir}/embedded/parent" "${scratch}/prefix")
step(${configure} -S "${CMAKE_CURRENT_LIST_DIR}/parent_consumer" -B "${scratch}/consumer"
  -D "CMAKE_PREFIX_PATH=${scratch}/prefix" ${hide_third_parties})
build("${scratch}/consumer")
run("${scratch}/consumer" parent_consumer)
