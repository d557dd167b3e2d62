#include <putki/report/plan_figures.hpp>

#include "report/listed_bars.hpp"
#include "report/number_format.hpp"
#include "report/texts.hpp"

#include <algorithm>

namespace putki {
namespace {

constexpr std::size_t kMostPlanStages = 40, kMostPlanWeeks = 60;

std::string leads_text(const LeadsNeeded& needed, const FigureOptions& options) {
  const NumberFormat format(options);
  switch (needed.answer) {
    case LeadsAnswer::none_needed:
      return text(options.language, "plan.none");
    case LeadsAnswer::needed:
      return format.number(needed.leads);
    case LeadsAnswer::too_late:
      return text(options.language, "plan.too_late");
    case LeadsAnswer::beyond_limit:
      break;
  }
  return text(options.language, "plan.over", {format.number(needed.leads)});
}

// The chance now, the target and what it takes.
std::string plan_title(const Plan& plan, const FigureOptions& options) {
  const NumberFormat format(options);
  const std::string target = format.money(plan.target), confidence = format.share(plan.confidence, 0),
                    chance = format.share(plan.leads.probability, 0);
  const LeadsNeeded& evenly = plan.leads.evenly;
  switch (evenly.answer) {
    case LeadsAnswer::none_needed:
      return text(options.language, "plan.title.none", {target, chance});
    case LeadsAnswer::needed:
      return text(options.language, "plan.title.needed", {format.number(evenly.leads), target, confidence, chance});
    case LeadsAnswer::too_late:
      return text(options.language, "plan.title.too_late", {target, chance});
    case LeadsAnswer::beyond_limit:
      break;
  }
  return text(options.language, "plan.title.over", {format.number(evenly.leads), target, confidence, chance});
}

// Leads needed, bars cut at `longest`.
ListedBar leads_bar(std::string label, std::string detail, const LeadsNeeded& needed, int longest,
                    const FigureOptions& options) {
  const bool number = needed.answer == LeadsAnswer::needed;
  return {.label = std::move(label),
          .detail = std::move(detail),
          .value = number ? static_cast<double>(std::min(needed.leads, longest)) : 0,
          .text = leads_text(needed, options),
          .solid = needed.leads <= longest};
}

// Ten times the least that does it: what comes late takes leads by the thousand, which would hide all others.
int longest_bar(const std::vector<const LeadsNeeded*>& rows) {
  int least = 0;
  for (const LeadsNeeded* needed : rows)
    if (needed->answer == LeadsAnswer::needed && (least == 0 || needed->leads < least)) least = needed->leads;
  return 10 * least;
}

std::vector<ListedBarKey> plan_keys(const std::vector<ListedBar>& bars, const FigureOptions& options) {
  std::vector<ListedBarKey> keys{{text(options.language, "plan.leads"), 0.9}};
  if (std::any_of(bars.begin(), bars.end(), [](const ListedBar& bar) { return bar.value > 0 && !bar.solid; }))
    keys.push_back({text(options.language, "plan.key.cut"), 0.25});
  return keys;
}

std::vector<FigureCell> leads_cells(const LeadsNeeded& needed, const FigureOptions& options) {
  const bool number = needed.answer == LeadsAnswer::needed || needed.answer == LeadsAnswer::none_needed;
  return {number ? FigureCell::count(needed.leads) : FigureCell::of_text(leads_text(needed, options)),
          FigureCell::share(needed.win_chance), FigureCell::share(needed.probability)};
}

}  // namespace

Figure leads_by_stage_figure(const Plan& plan, const StageGraph& graph, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure{.name = "leads-by-stage", .title = plan_title(plan, options), .computed = say("plan.stage.computed")};
  figure.table.columns = {say("plan.stage"), say("plan.leads"), say("plan.win_chance"), say("plan.reached"),
                          say("plan.last_day")};
  std::vector<const LeadsNeeded*> all;
  for (const StageLeads& stage : plan.leads.stages) all.push_back(&stage.today);
  const int longest = longest_bar(all);
  std::vector<ListedBar> bars;
  for (const StageLeads& stage : plan.leads.stages) {
    if (bars.size() == kMostPlanStages) break;
    const std::string& name = graph.stage(stage.stage).name;
    std::vector<FigureCell>& row = figure.table.rows.emplace_back();
    row.push_back(FigureCell::of_text(name));
    for (FigureCell& cell : leads_cells(stage.today, options)) row.push_back(std::move(cell));
    row.push_back(stage.last_day ? FigureCell::day(*stage.last_day) : FigureCell::of_text(say("plan.already")));
    const std::string chance = format.share(stage.today.win_chance, 0);
    bars.push_back(leads_bar(
        name,
        stage.last_day ? text(options.language, "plan.stage.detail", {chance, format.day_of_year(*stage.last_day)})
                       : text(options.language, "plan.week.detail", {chance}),
        stage.today, longest, options));
  }
  if (plan.leads.stages.size() > bars.size())
    figure.computed += " " + text(options.language, "plan.left_out",
                                  {format.number(static_cast<double>(bars.size())),
                                   format.number(static_cast<double>(plan.leads.stages.size()))});
  if (plan.leads.evenly.answer != LeadsAnswer::none_needed)
    figure.specification = listed_bars(bars, plan_keys(bars, options), false, figure.title, options);
  return figure;
}

Figure leads_by_week_figure(const Plan& plan, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure{.name = "leads-by-week", .title = plan_title(plan, options), .computed = say("plan.week.computed")};
  figure.table.columns = {say("plan.week"), say("plan.leads"), say("plan.win_chance"), say("plan.reached")};
  std::vector<const LeadsNeeded*> all{&plan.leads.evenly};
  for (const WeekLeads& week : plan.leads.weeks) all.push_back(&week.needed);
  const int longest = longest_bar(all);
  std::vector<ListedBar> bars;
  const auto add = [&](const std::string& name, const LeadsNeeded& needed) {
    std::vector<FigureCell>& row = figure.table.rows.emplace_back();
    row.push_back(FigureCell::of_text(name));
    for (FigureCell& cell : leads_cells(needed, options)) row.push_back(std::move(cell));
    bars.push_back(leads_bar(
        name,
        text(options.language, "plan.week.detail", {format.share(needed.win_chance, needed.win_chance < 0.1 ? 1 : 0)}),
        needed, longest, options));
  };
  add(say("plan.evenly"), plan.leads.evenly);
  for (const WeekLeads& week : plan.leads.weeks) {
    if (bars.size() > kMostPlanWeeks) break;
    add(format.period(week.week), week.needed);
  }
  // The latest week in which leads alone still do it, and not by the thousand.
  const auto last = std::find_if(plan.leads.weeks.rbegin(), plan.leads.weeks.rend(), [&](const WeekLeads& week) {
    return week.needed.answer == LeadsAnswer::needed && week.needed.leads <= longest;
  });
  if (plan.leads.evenly.answer == LeadsAnswer::needed && last != plan.leads.weeks.rend())
    figure.title =
        text(options.language, "plan.week.title",
             {format.period(last->week), format.number(last->needed.leads),
              format.period(plan.leads.weeks.front().week), leads_text(plan.leads.weeks.front().needed, options)});
  if (plan.leads.weeks.size() > kMostPlanWeeks)
    figure.computed +=
        " " + text(options.language, "plan.left_out",
                   {format.number(kMostPlanWeeks), format.number(static_cast<double>(plan.leads.weeks.size()))});
  if (plan.leads.evenly.answer != LeadsAnswer::none_needed)
    figure.specification = listed_bars(bars, plan_keys(bars, options), false, figure.title, options);
  return figure;
}

PageSection plan_section(const Plan& plan, const StageGraph& graph, const FigureOptions& options) {
  return {.title = text(options.language, "plan.section"),
          .figures = {leads_by_stage_figure(plan, graph, options), leads_by_week_figure(plan, options)}};
}

}  // namespace putki
