#pragma once
/// \file
/// Everything but the interop headers, for programs that would rather include one file.
///
/// The layers, in the order data flows: events are ingested, counted into statistics, fitted to models, forecast,
/// evaluated, reported.

#include <putki/core/calendar.hpp>
#include <putki/core/day_type.hpp>
#include <putki/core/error.hpp>
#include <putki/core/fit_info.hpp>
#include <putki/core/holidays.hpp>
#include <putki/core/interval.hpp>
#include <putki/core/matrix.hpp>
#include <putki/core/money.hpp>
#include <putki/core/parallel.hpp>
#include <putki/core/period.hpp>
#include <putki/core/progress.hpp>
#include <putki/core/random.hpp>
#include <putki/core/time.hpp>
#include <putki/core/time_zone.hpp>
#include <putki/evaluate/baselines.hpp>
#include <putki/evaluate/chain_ladder.hpp>
#include <putki/evaluate/diebold_mariano.hpp>
#include <putki/evaluate/reliability.hpp>
#include <putki/evaluate/scores.hpp>
#include <putki/evaluate/wins.hpp>
#include <putki/events/as_of.hpp>
#include <putki/events/data_quality.hpp>
#include <putki/events/event_log.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/amount_distribution.hpp>
#include <putki/forecast/common_shock.hpp>
#include <putki/forecast/forecast.hpp>
#include <putki/forecast/inflow.hpp>
#include <putki/forecast/open_pipeline.hpp>
#include <putki/forecast/revenue_distribution.hpp>
#include <putki/forecast/simulation.hpp>
#include <putki/funnel/stage_flow.hpp>
#include <putki/funnel/summary.hpp>
#include <putki/graph/stage_graph.hpp>
#include <putki/ingest/csv_reader.hpp>
#include <putki/ingest/pipeline_definition.hpp>
#include <putki/model/absorbing_chain.hpp>
#include <putki/model/dated_model.hpp>
#include <putki/model/dated_passage.hpp>
#include <putki/model/first_passage.hpp>
#include <putki/model/hazard_table.hpp>
#include <putki/model/level.hpp>
#include <putki/model/stage_model.hpp>
#include <putki/report/dot.hpp>
#include <putki/report/forecast_report.hpp>
#include <putki/report/funnel_report.hpp>
#include <putki/stats/dated_statistics.hpp>
#include <putki/stats/durations.hpp>
#include <putki/stats/stage_statistics.hpp>
#include <putki/survival/aalen_johansen.hpp>
#include <putki/survival/kaplan_meier.hpp>
