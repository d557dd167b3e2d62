#include <putki/report/funnel_page.hpp>

#include "report/number_format.hpp"
#include "report/texts.hpp"

namespace putki {

std::string funnel_subtitle(Day as_of, bool dated_stages, const FigureOptions& options) {
  const std::string known = text(options.language, "section.as_of", {NumberFormat(options).day(as_of)});
  return dated_stages ? known : known + text(options.language, "section.undated");
}

PageSection week_section(const ThisWeek& week, std::span<const StageWorth> stages, const FigureOptions& options) {
  return {text(options.language, "section.week"),
          {this_week_figure(week, options), leaks_figure(week.graph, stages, options)}};
}

PageSection stages_section(const FunnelSummary& summary, const ReachAndTransition& reach, const StageTraffic& traffic,
                           std::span<const StageStay> stays, const FigureOptions& options) {
  return {text(options.language, "section.stages"),
          {stage_graph_figure(summary.graph, traffic, options), funnel_figure(summary, reach, options),
           stage_time_figure(summary.graph, stays, options)}};
}

PageSection cards_section(const StageCards& cards, const StageStocks& stocks, const Readiness* readiness,
                          const FigureOptions& options) {
  return {text(options.language, "section.cards"), {stage_cards_figure(cards, stocks, readiness, options)}};
}

PageSection cohorts_section(const Cohorts& cohorts, const FigureOptions& options) {
  return {text(options.language, "section.cohorts"), {cohorts_figure(cohorts, options)}};
}

PageSection movement_section(const Movement& movement, const FigureOptions& options) {
  return {text(options.language, "section.movement"),
          {movement_figure(movement, options), movement_flow_figure(movement, options)}};
}

PageSection stock_section(const StageGraph& graph, const StageStocks& stocks, const FigureOptions& options) {
  return {text(options.language, "section.stock"), {stock_figure(graph, stocks, options)}};
}

}  // namespace putki
