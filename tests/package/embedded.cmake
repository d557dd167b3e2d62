include("${CMAKE_CURRENT_LIST_DIR}/steps.cmake")
begin_from_source(embedded)
step(${configure} -S "${CMAKE_CURRENT_LIST_DIR}/parent" -B "${scratch}/parent" -D "PUTKI_SOURCE=${source_dir}"
  ${from_source})
build("${scratch}/parent")
run("${scratch}/parent" crm)
