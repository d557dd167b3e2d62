# The rooms of the house and who may include whom: data flows one way through them. A layer L has include/putki/L, src/L
# and tests/L; it may include itself and what stands beside it here (an entry with a file name opens that one header).
# The ctest `layering` (check_layers.cmake) holds every #include against this table. To move a wall, change the table in
# the same commit as the code.
set(PUTKI_LAYERS core graph events ingest stats survival funnel model value forecast evaluate report interop)

set(core_may_include "")
set(graph_may_include core)
set(events_may_include core graph)
set(ingest_may_include core graph events)
set(stats_may_include core graph events)
set(survival_may_include core graph stats)
set(funnel_may_include core graph events stats survival)
set(model_may_include core graph stats survival)
set(value_may_include core stats survival)
set(forecast_may_include core graph events/as_of.hpp stats survival model value)
set(evaluate_may_include core graph events stats model value forecast)
set(report_may_include core graph ingest stats survival funnel model value forecast evaluate)
set(interop_may_include core graph events ingest stats survival funnel model value forecast evaluate report)

# Private headers (src/L/*.hpp, included as "L/x.hpp") belong to their layer. Those of core are tools that the public
# headers need not promise, such as the wording of error messages: whoever may include core may include them.
set(PUTKI_LAYERS_WITH_SHARED_PRIVATE_HEADERS core)
