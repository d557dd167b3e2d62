#pragma once
/// \file
/// The sections of a funnel's page: figures that belong together, under a heading in the language asked for. Hand them
/// to write_html (html_page.hpp). Each figure says in its own header what it shows and what it refuses.

#include <putki/report/cohorts_figures.hpp>
#include <putki/report/funnel_figures.hpp>
#include <putki/report/movement_figures.hpp>
#include <putki/report/stage_card_figures.hpp>
#include <putki/report/stage_graph_figures.hpp>
#include <putki/report/stage_stock_figures.hpp>
#include <putki/report/stage_time_figures.hpp>
#include <putki/report/this_week_figures.hpp>

#include <span>
#include <string>

namespace putki {

/// A line for below the page's title: as of when, and, when stages have no dates of their own (an export with a row a
/// deal), what therefore does not hold.
std::string funnel_subtitle(Day as_of, bool dated_stages, const FigureOptions& options = {});

/// What to do: this week's tasks, and what losses cost at each stage.
PageSection week_section(const ThisWeek& week, std::span<const StageWorth> stages, const FigureOptions& options = {});

/// How deals flow: stage graph, reach and losses, time in stage.
PageSection stages_section(const FunnelSummary& summary, const ReachAndTransition& reach, const StageTraffic& traffic,
                           std::span<const StageStay> stays, const FigureOptions& options = {});

PageSection cards_section(const StageCards& cards, const StageStocks& stocks, const Readiness* readiness = nullptr,
                          const FigureOptions& options = {});

PageSection cohorts_section(const Cohorts& cohorts, const FigureOptions& options = {});

/// The waterfall, and from where to where deals went.
PageSection movement_section(const Movement& movement, const FigureOptions& options = {});

/// Stock by stage over time.
PageSection stock_section(const StageGraph& graph, const StageStocks& stocks, const FigureOptions& options = {});

}  // namespace putki
