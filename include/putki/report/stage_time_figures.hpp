#pragma once
/// \file
/// Time in every stage as curves. See figure.hpp.

#include <putki/funnel/stage_flow.hpp>
#include <putki/graph/stage_graph.hpp>
#include <putki/report/figure.hpp>

#include <span>

namespace putki {

/// How long visits to a stage last: `stage_times(view, stage).stay`.
struct StageStay {
  StageId stage;
  SurvivalCurve stay;
};

/// Share of visits still in the stage by age, with 95 % bands (Kaplan-Meier, log-log limits), one small chart for each
/// of the six stages in which deals spend most time altogether (stages without visits have none), each in seconds,
/// minutes, hours or days. A chart ends at the age when one in
/// twenty is left, or with the longest visit seen; it is read at 60 ages at most between which curves are drawn as
/// steps.
///
/// The title names the one of them whose slowest tenth takes longest (20 visits or more).
///
/// The table reads each curve at 1, 3, 7, 14, 30, 60, 90, 180 and 365 days as far as visits were seen. InvalidArgument:
/// a stage that is not of the graph.
Figure stage_time_figure(const StageGraph& graph, std::span<const StageStay> stays, const FigureOptions& options = {});

}  // namespace putki
