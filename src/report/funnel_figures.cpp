#include <putki/report/funnel_figures.hpp>

#include <putki/core/error.hpp>

#include "report/figure_words.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr std::size_t kFunnelStagesShown = 30;
constexpr std::size_t kLostEndsShown = 2;
constexpr std::uint64_t kLeastLossesNamed = 20;
constexpr double kShareDrawn = 5e-4;  // smaller parts of a bar would not be seen

// Lost stages, the one with the most deals first.
std::vector<StageId> lost_ends(const FunnelSummary& summary) {
  std::vector<const OutcomeSummary*> ends;
  for (const OutcomeSummary& outcome : summary.outcomes)
    if (summary.graph.kind(outcome.curve.stage) == StageKind::lost) ends.push_back(&outcome);
  std::stable_sort(ends.begin(), ends.end(), [](const auto* a, const auto* b) { return a->deals > b->deals; });
  std::vector<StageId> stages;
  for (const OutcomeSummary* end : ends) stages.push_back(end->curve.stage);
  return stages;
}

double share_to(const StageSummary& stage, StageId end, double days) {
  for (const IncidenceCurve& curve : stage.transitions)
    if (curve.stage == end)
      for (const CurvePoint& point : curve.points)
        if (point.days == days) return point.probability;
  return 0;
}

std::string funnel_title(const FunnelSummary& summary, const FigureOptions& options, const NumberFormat& format) {
  if (summary.deals == 0) return text(options.language, "funnel.title.empty");
  std::uint64_t losses = 0;
  const StageSummary* leak = nullptr;
  for (const StageSummary& stage : summary.stages) {
    losses += stage.flow.lost;
    if (leak == nullptr || stage.flow.lost > leak->flow.lost) leak = &stage;
  }
  if (losses >= kLeastLossesNamed)
    return text(options.language, "funnel.title.leak",
                {format.share(static_cast<double>(leak->flow.lost) / static_cast<double>(losses), 0),
                 short_name(summary.graph.stage(leak->flow.stage).name)});
  std::uint64_t won = 0;
  for (const OutcomeSummary& outcome : summary.outcomes)
    if (summary.graph.kind(outcome.curve.stage) == StageKind::won) won += outcome.deals;
  return text(options.language, "funnel.title.won",
              {counted_words(summary.deals, "funnel.deals", options, format), format.number(static_cast<double>(won)),
               format.number(static_cast<double>(losses))});
}

// Stages to show, in order of the graph.
std::vector<std::size_t> funnel_stages_shown(const ReachAndTransition& reach) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < reach.stages.size(); ++i)
    if (reach.stages[i].kind != StageKind::lost) shown.push_back(i);
  if (shown.size() > kFunnelStagesShown) {
    std::stable_sort(shown.begin(), shown.end(),
                     [&](std::size_t a, std::size_t b) { return reach.stages[a].reached > reach.stages[b].reached; });
    shown.resize(kFunnelStagesShown);
    std::sort(shown.begin(), shown.end());
  }
  return shown;
}

}  // namespace

Figure funnel_figure(const FunnelSummary& summary, const ReachAndTransition& reach, const FigureOptions& options) {
  if (summary.stages.size() != reach.stages.size())
    throw InvalidArgument(
        fmt::format("a funnel of {} stages with reach of {}", summary.stages.size(), reach.stages.size()),
        ErrorCode::incompatible);
  for (const OutcomeSummary& outcome : summary.outcomes)
    if (std::none_of(outcome.curve.points.begin(), outcome.curve.points.end(),
                     [&](const CurvePoint& point) { return point.days == reach.days; }))
      throw InvalidArgument(
          fmt::format("transitions within {} days, but the summary is not read at that age", reach.days));
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  const std::string days = format.number(reach.days, reach.days == std::floor(reach.days) ? 0 : 1);
  Figure figure{.name = "funnel",
                .title = funnel_title(summary, options, format),
                .specification = {},
                .table = {},
                .computed = text(options.language, "funnel.computed", {days})};

  const std::vector<StageId> ends = lost_ends(summary);
  const std::vector<std::size_t> shown = funnel_stages_shown(reach);
  const std::size_t not_shown =
      static_cast<std::size_t>(std::count_if(reach.stages.begin(), reach.stages.end(),
                                             [](const StageReach& stage) { return stage.kind != StageKind::lost; })) -
      shown.size();
  if (not_shown > 0)
    figure.computed += ' ' + text(options.language, "funnel.left_out", {format.number(static_cast<double>(not_shown))});

  std::vector<std::string> parts{say("funnel.part.advanced")};
  for (std::size_t i = 0; i < std::min(ends.size(), kLostEndsShown); ++i)
    parts.push_back(summary.graph.stage(ends[i]).name);
  const bool others_lost = ends.size() > kLostEndsShown;
  if (others_lost) parts.push_back(say("funnel.part.lost"));
  parts.push_back(say("funnel.part.elsewhere"));
  parts.push_back(say("funnel.part.still"));
  // Colours of the template by role: advanced, lost end, second lost end, other losses, elsewhere, still there.
  std::vector<int> roles{0};
  for (std::size_t i = 0; i < std::min(ends.size(), kLostEndsShown); ++i) roles.push_back(static_cast<int>(i) + 1);
  if (others_lost) roles.push_back(3);
  roles.insert(roles.end(), {4, 5});

  figure.table.columns = {say("funnel.column.stage"),
                          say("funnel.column.reached"),
                          say("funnel.column.reach"),
                          say("column.lower"),
                          say("column.upper"),
                          say("funnel.column.visits"),
                          parts.front(),
                          say("column.lower"),
                          say("column.upper")};
  figure.table.columns.insert(figure.table.columns.end(), parts.begin() + 1, parts.end());
  if (summary.deals == 0) return figure;

  Json rows = Json::array(), bars = Json::array(), legend = Json::array();
  std::vector<bool> part_drawn(parts.size());
  for (const std::size_t i : shown) {
    const StageReach& stage = reach.stages[i];
    std::vector<FigureCell>& row = figure.table.rows.emplace_back();
    row = {FigureCell::of_text(stage.name),
           FigureCell::count(static_cast<double>(stage.reached)),
           FigureCell::share(stage.reach.share),
           FigureCell::share(stage.reach.interval.lower),
           FigureCell::share(stage.reach.interval.upper),
           FigureCell::count(static_cast<double>(stage.visits))};
    const std::string reached = format.number(static_cast<double>(stage.reached));
    rows.push_back({{"row", rows.size()},
                    {"name", stage.name},
                    {"reach", stage.reach.share},
                    {"label", reached + " · " + format.share(stage.reach.share, 0)},
                    {"tip", stage.name + ": " + reached + ", " + format.share(stage.reach.share) + " (" +
                                format.share(stage.reach.interval.lower) + " – " +
                                format.share(stage.reach.interval.upper) + ")"}});
    if (!stage.advanced) {
      row.resize(figure.table.columns.size(), FigureCell::share({}));
      continue;
    }
    std::vector<double> shares{stage.advanced->share};
    double lost = 0;
    for (std::size_t e = 0; e < std::min(ends.size(), kLostEndsShown); ++e) {
      shares.push_back(share_to(summary.stages[i], ends[e], reach.days));
      lost += shares.back();
    }
    if (others_lost) shares.push_back(std::max(0.0, stage.lost->share - lost));
    shares.push_back(stage.elsewhere->share);
    shares.push_back(std::max(0.0, 1 - stage.advanced->share - stage.lost->share - stage.elsewhere->share));
    row.push_back(FigureCell::share(shares[0]));
    row.push_back(FigureCell::share(stage.advanced->interval.lower));
    row.push_back(FigureCell::share(stage.advanced->interval.upper));
    for (std::size_t part = 1; part < parts.size(); ++part) row.push_back(FigureCell::share(shares[part]));
    double begin = 0;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (shares[part] > kShareDrawn) {
        bars.push_back({{"row", rows.size() - 1},
                        {"role", roles[part]},
                        {"begin", begin},
                        {"end", begin + shares[part]},
                        {"label", format.share(shares[part], 0)},
                        {"tip", stage.name + ", " + parts[part] + ": " + format.share(shares[part])}});
        part_drawn[part] = true;
      }
      begin += shares[part];
    }
  }
  for (std::size_t part = 0; part < parts.size(); ++part)
    if (part_drawn[part]) legend.push_back({{"role", roles[part]}, {"label", parts[part]}, {"slot", legend.size()}});
  const SpecificationContent content{
      .data = {{"stages", std::move(rows)}, {"bars", std::move(bars)}, {"legend", std::move(legend)}},
      .signals = {{"text_reach", say("funnel.reach")},
                  {"text_became", text(options.language, "funnel.became", {days})}},
      .description = figure.title};
  figure.specification = specification("funnel", content, options);
  return figure;
}

}  // namespace putki
