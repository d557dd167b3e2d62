#include <fmt/format.h>
#include <putki/report/action_plan_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <ostream>

namespace putki {
namespace {

std::string plan_count(std::uint64_t value) {
  return with_commas(static_cast<double>(value));
}

std::string plan_percent(double share) {
  return fmt::format("{:.1f}", 100 * share);
}

std::string plan_limits(const Interval& limits) {
  return fmt::format("{:.1f}-{:.1f}", 100 * limits.lower, 100 * limits.upper);
}

void write_what_comes_next(std::ostream& out, const ActionPlan& plan) {
  using enum TextTable::Align;
  const auto name = [&](StageId stage) { return shortened(plan.graph.stage(stage).name, 15); };
  if (plan.at_age_days == 0)
    out << "What comes next, and the days in the stage by which a quarter, half and three\nquarters of those moves "
           "have "
           "come:\n\n";
  else
    out << fmt::format(
        "What comes next for deals still there after {:g} days, and the days in the\nstage by which a quarter, half "
        "and "
        "three quarters of those moves have come:\n\n",
        plan.at_age_days);
  TextTable table({left, left, right, right, right, right, right});
  table.row({"From", "to", "%", "95 % limits", "1/4 by", "1/2 by", "3/4 by"});
  table.rule();
  for (const StagePlan& stage : plan.stages) {
    bool begun = false;
    for (const NextStage& next : stage.next) {
      table.row({begun ? "" : name(stage.stage), name(next.stage), plan_percent(next.probability),
                 plan_limits(next.limits), days_text(next.q25), days_text(next.q50), days_text(next.q75)});
      begun = true;
    }
    if (stage.visits > 0 && plan.at_age_days > 0 && stage.still_at_age == 0)
      table.row({name(stage.stage), "(nobody seen so long)"});
    else if (stage.visits > 0 && stage.still_here >= 0.0005)
      table.row({begun ? "" : name(stage.stage), "(still there)", plan_percent(stage.still_here)});
  }
  table.write(out);
}

void write_how_long(std::ostream& out, const ActionPlan& plan) {
  using enum TextTable::Align;
  out << "\nHow long waiting makes sense, and what remains from the entry to the end:\n\n";
  TextTable table({left, right, right, right, right, right, right});
  table.row({"Stage", "Useful until", "Then adv.%", "Lost %", "Days left", "Visits left", "Won %"});
  table.rule();
  bool few_days = false;
  for (const StagePlan& stage : plan.stages) {
    const bool day = stage.latest_useful_day.has_value();
    const bool unresolved = stage.expected_days && stage.unresolved > 0.05;
    few_days = few_days || unresolved;
    table.row({shortened(plan.graph.stage(stage.stage).name, 15),
               day ? (*stage.latest_useful_day > 0 ? fmt::format("day {}", *stage.latest_useful_day) : "entry") : "-",
               day ? plan_percent(stage.advance_then) : "-", day ? plan_percent(stage.lost_then) : "-",
               stage.expected_days ? fmt::format("{}{:.1f}", unresolved ? ">" : "", *stage.expected_days) : "-",
               stage.expected_visits ? fmt::format("{:.2f}", *stage.expected_visits) : "-",
               stage.win_ever ? plan_percent(*stage.win_ever) : "-"});
  }
  table.write(out);
  out << "Useful until: from this day in the stage on, those still there are more likely\nlost than advanced; - where "
         "that was not seen beyond doubt.\n";
  if (few_days) out << ">: more than 5 % of visits outlast the longest stay seen; it will take longer.\n";
}

void write_what_won(std::ostream& out, const ActionPlan& plan) {
  using enum TextTable::Align;
  const bool any = std::any_of(plan.stages.begin(), plan.stages.end(),
                               [](const StagePlan& stage) { return !stage.continuations.empty(); });
  if (!any) return;
  out << "\nThe ways on that were won most often (won of those ended; open ones apart):\n\n";
  TextTable table({left, left, right, right, right, right});
  table.row({"From", "by way of", "Won", "Lost", "Open", "Won %, 95 %"});
  table.rule();
  for (const StagePlan& stage : plan.stages) {
    bool begun = false;
    for (const Continuation& way : stage.continuations) {
      // Names share the room, so that ways stay apart from each other to the end.
      constexpr std::size_t kRoom = 30;
      const std::size_t count = std::max<std::size_t>(way.stages.size(), 1);
      const std::size_t each = kRoom > 6 * count ? (kRoom - 3 * (count - 1)) / count : 3;
      std::string stages;
      for (const StageId passed : way.stages)
        stages += (stages.empty() ? "" : " > ") + shortened(plan.graph.stage(passed).name, each);
      table.row({begun ? "" : shortened(plan.graph.stage(stage.stage).name, 12),
                 shortened(stages.empty() ? "(straight to the end)" : stages, kRoom), plan_count(way.won),
                 plan_count(way.lost), plan_count(way.open), plan_limits(way.win_limits)});
      begun = true;
    }
  }
  table.write(out);
}

}  // namespace

std::string to_json(const ActionPlan& plan) {
  const auto name = [&](StageId stage) { return plan.graph.stage(stage).name; };
  Json stages = Json::array();
  for (const StagePlan& stage : plan.stages) {
    Json next = Json::array(), continuations = Json::array();
    for (const NextStage& to : stage.next)
      next.push_back({{"to", name(to.stage)},
                      {"probability", to.probability},
                      {"std_error", to.std_error},
                      {"limits", interval_json(to.limits)},
                      {"q25", to.q25},
                      {"q50", to.q50},
                      {"q75", to.q75}});
    for (const Continuation& way : stage.continuations) {
      Json passed = Json::array();
      for (const StageId at : way.stages) passed.push_back(name(at));
      continuations.push_back({{"stages", passed},
                               {"won", way.won},
                               {"lost", way.lost},
                               {"open", way.open},
                               {"win_limits", interval_json(way.win_limits)}});
    }
    const bool day = stage.latest_useful_day.has_value();
    stages.push_back({{"stage", name(stage.stage)},
                      {"visits", stage.visits},
                      {"still_at_age", stage.still_at_age},
                      {"next", next},
                      {"still_here", stage.still_here},
                      {"advance", stage.advance},
                      {"lost", stage.lost},
                      {"latest_useful_day", day ? Json(*stage.latest_useful_day) : Json(nullptr)},
                      {"advance_then", day ? Json(stage.advance_then) : Json(nullptr)},
                      {"lost_then", day ? Json(stage.lost_then) : Json(nullptr)},
                      {"continuations", continuations},
                      {"ways", stage.ways},
                      {"longer", {{"won", stage.longer.won}, {"lost", stage.longer.lost}, {"open", stage.longer.open}}},
                      {"expected_days", number_or_null(stage.expected_days)},
                      {"expected_visits", number_or_null(stage.expected_visits)},
                      {"win_ever", number_or_null(stage.win_ever)},
                      {"unresolved", stage.unresolved}});
  }
  return Json{{"as_of", to_string(plan.as_of)}, {"at_age_days", plan.at_age_days}, {"stages", stages}}.dump(2);
}

void write_tables(std::ostream& out, const ActionPlan& plan) {
  std::uint64_t visits = 0;
  std::string days, from_entry;
  for (const StagePlan& stage : plan.stages) {
    visits += stage.visits;
    if (!stage.latest_useful_day) continue;
    const std::string name = shortened(plan.graph.stage(stage.stage).name, 15);
    if (*stage.latest_useful_day > 0)
      days += fmt::format("{}{} {}", days.empty() ? "" : ", ", name, *stage.latest_useful_day);
    else
      from_entry += (from_entry.empty() ? "" : ", ") + name;
  }
  if (visits == 0) {
    out << "No deal has been in any stage by " << to_string(plan.as_of) << ".\n";
    return;
  }
  if (!days.empty()) out << wrapped("Waiting more often ends in a loss from this day in the stage on: " + days + ".");
  if (!from_entry.empty()) out << wrapped("More are lost than advance at every age: " + from_entry + ".");
  if (days.empty() && from_entry.empty())
    out << "In no stage does waiting show beyond doubt to end more often in a loss.\n";
  out << '\n';
  write_what_comes_next(out, plan);
  write_how_long(out, plan);
  write_what_won(out, plan);
}

}  // namespace putki
