#pragma once
/// \file
/// What to do this week, and where the funnel leaks most money, as figures. See figure.hpp.

#include <putki/funnel/this_week.hpp>
#include <putki/report/figure.hpp>

#include <span>

namespace putki {

/// The tasks as a table, without a picture: what to do, the deals named with it, and the money behind it. The title
/// counts the tasks and names the first.
Figure this_week_figure(const ThisWeek& week, const FigureOptions& options = {});

/// What losses cost a month at each stage (visits a month x share lost x what an advance from there is worth): a bar a
/// stage, the costliest first, at most 15; beside it what one more of a hundred visits advancing would bring. Where no
/// advance has a known worth, deals lost a month.
///
/// InvalidArgument: a stage that is not of the graph.
Figure leaks_figure(const StageGraph& graph, std::span<const StageWorth> stages, const FigureOptions& options = {});

}  // namespace putki
