#include <fmt/format.h>
#include <putki/report/step_funnel_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <ostream>

namespace putki {
namespace {

Json step_share_json(const ShareWithLimits& share) {
  return {{"share", share.share}, {"interval", interval_json(share.interval)}};
}

Json step_share_json(const std::optional<ShareWithLimits>& share) {
  return share ? step_share_json(*share) : Json(nullptr);
}

Json step_tally_json(const StepTally& tally) {
  return {{"attempts", tally.attempts}, {"amounts_known", tally.amounts_known}, {"amount", tally.amount.units()}};
}

std::string step_number(std::uint64_t number) {
  return with_commas(static_cast<double>(number));
}

// In percent; 100 without decimals, so that no limits are wider than "98.4-99.9".
std::string step_limits(const Interval& interval) {
  const auto limit = [](double share) { return share >= 0.9995 ? "100" : fmt::format("{:.1f}", 100 * share); };
  return limit(interval.lower) + "-" + limit(interval.upper);
}

Json step_funnel_json(const StepFunnel& funnel) {
  Json steps = Json::array();
  for (const StepFigures& step : funnel.steps)
    steps.push_back({{"step", step.label},
                     {"optional", step.optional},
                     {"mature", step_tally_json(step.mature)},
                     {"immature", step_tally_json(step.immature)},
                     {"from_first", step_share_json(step.from_first)},
                     {"from_previous", step_share_json(step.from_previous)},
                     {"dropped", step.dropped},
                     {"value_from_first", number_or_null(step.value_from_first)},
                     {"by_window", step_share_json(step.by_window)},
                     {"median_days", number_or_null(step.median_days)},
                     {"median_days_from_first", number_or_null(step.median_days_from_first)}});
  const StepFunnelQuestion& question = funnel.question;
  std::optional<double> window;
  if (question.window) window = elapsed_days({}, Timestamp(*question.window));
  return {{"order", to_string(question.order)},
          {"entries", to_string(question.entries)},
          {"value", to_string(question.value)},
          {"window_days", number_or_null(window)},
          {"seen_days", funnel.seen_days},
          {"deals", funnel.counts.deals},
          {"steps", steps}};
}

std::string deals_or_entries(const StepFunnel& funnel, std::uint64_t number) {
  const bool deals = funnel.question.entries != StepEntries::every;
  return step_number(number) + (deals ? " deal" : " entr") + (number == 1 ? (deals ? "" : "y") : deals ? "s" : "ies");
}

// The first line: what became of the entries, and where most are left behind.
std::string funnel_headline(const StepFunnel& funnel) {
  const bool windowed = funnel.question.window.has_value();
  const std::string within =
      windowed ? fmt::format("within {:g} day{}", elapsed_days({}, Timestamp(*funnel.question.window)),
                             *funnel.question.window == Days{1} ? "" : "s")
               : std::string("so far");
  const StepFigures& first = funnel.steps.front();
  const StepFigures& last = funnel.steps.back();
  const std::uint64_t entered = windowed ? first.mature.attempts : first.immature.attempts;
  if (first.mature.attempts + first.immature.attempts == 0)
    return "No deal entered this funnel at " + shortened(first.label, 40) + ".";
  if (entered == 0)
    return fmt::format("None of {} has been seen for the whole window yet.",
                       deals_or_entries(funnel, first.immature.attempts));
  std::string line =
      fmt::format("Of {} that began with {}, {} came to\n{} {} (95 % limits {} %).", deals_or_entries(funnel, entered),
                  shortened(first.label, 24), percent(last.from_first.share), shortened(last.label, 30), within,
                  step_limits(last.from_first.interval));
  const StepFigures* worst = nullptr;
  for (const StepFigures& step : funnel.steps)
    if (!step.optional && step.dropped > 0 && (worst == nullptr || step.dropped > worst->dropped)) worst = &step;
  if (worst != nullptr && funnel.question.order != StepOrder::unordered)
    line += fmt::format("\nMost are left behind before {}: {} ({}).", shortened(worst->label, 30),
                        step_number(worst->dropped), percent(1 - worst->from_previous.share));
  return line;
}

}  // namespace

std::string to_json(const ReachAndTransition& result) {
  Json stages = Json::array();
  for (const StageReach& stage : result.stages)
    stages.push_back({{"stage", stage.name},
                      {"kind", to_string(stage.kind)},
                      {"reached", stage.reached},
                      {"reach", step_share_json(stage.reach)},
                      {"visits", stage.visits},
                      {"advanced", step_share_json(stage.advanced)},
                      {"lost", step_share_json(stage.lost)},
                      {"elsewhere", step_share_json(stage.elsewhere)}});
  return Json{{"deals", result.deals}, {"days", result.days}, {"stages", stages}}.dump(2);
}

void write_tables(std::ostream& out, const ReachAndTransition& result) {
  using enum TextTable::Align;
  out << wrapped(fmt::format("Reach: of {}, those ever at the stage or beyond it, so far. Transition: of visits to the "
                             "stage, those that had moved so within {:g} day{}, % and limits.",
                             counted(static_cast<double>(result.deals), "deal"), result.days,
                             result.days == 1 ? "" : "s"))
      << '\n';
  TextTable table({left, right, right, right, right, right, right, right});
  table.row({"Stage", "Reached", "Reach", "95 %", "Visits", "Advance", "95 %", "Lost"});
  table.rule();
  for (const StageReach& stage : result.stages) {
    std::vector<std::string> cells{shortened(stage.name, 14), step_number(stage.reached),
                                   fmt::format("{:.1f}", 100 * stage.reach.share), step_limits(stage.reach.interval),
                                   step_number(stage.visits)};
    if (stage.advanced) {
      cells.push_back(fmt::format("{:.1f}", 100 * stage.advanced->share));
      cells.push_back(step_limits(stage.advanced->interval));
      cells.push_back(fmt::format("{:.1f}", 100 * stage.lost->share));
    }
    table.row(cells);
  }
  table.write(out);
}

std::string to_json(const StepFunnel& funnel) {
  return step_funnel_json(funnel).dump(2);
}

void write_tables(std::ostream& out, const StepFunnel& funnel) {
  using enum TextTable::Align;
  out << funnel_headline(funnel) << '\n';
  const bool windowed = funnel.question.window.has_value();
  const std::uint64_t young = funnel.steps.front().immature.attempts;
  if (funnel.steps.front().mature.attempts + young == 0) return;

  out << "\nReached by these, in percent of all and of the step before, with 95 % limits;\n"
         "median time between the two:\n\n";
  TextTable table({left, right, right, right, right, right, right, right});
  table.row({"Step", "Reached", "Of all", "95 %", "Of prev.", "95 %", "Dropped", "Median"});
  table.rule();
  for (std::size_t k = 0; k < funnel.steps.size(); ++k) {
    const StepFigures& step = funnel.steps[k];
    std::vector<std::string> cells{shortened(step.label, 12) + (step.optional ? "?" : ""),
                                   step_number((windowed ? step.mature : step.immature).attempts)};
    if (k > 0) {
      cells.push_back(fmt::format("{:.1f}", 100 * step.from_first.share));
      cells.push_back(step_limits(step.from_first.interval));
      cells.push_back(fmt::format("{:.1f}", 100 * step.from_previous.share));
      cells.push_back(step_limits(step.from_previous.interval));
      cells.push_back(step.optional ? "-" : step_number(step.dropped));
      cells.push_back(days_text(step.median_days));
    }
    table.row(cells);
  }
  table.write(out);
  if (std::ranges::any_of(funnel.steps, &StepFigures::optional)) out << "? an optional step\n";

  const bool valued =
      std::ranges::any_of(funnel.steps, [](const auto& step) { return step.value_from_first.has_value(); });
  if ((!windowed || young == 0) && !valued) return;
  const std::string seen = fmt::format("{:.3g}", funnel.seen_days);
  if (windowed && young > 0)
    out << '\n'
        << wrapped(
               fmt::format("{} younger than the window {} not in the table above. With them, each for as long as it "
                           "was seen, by {} day{}:",
                           deals_or_entries(funnel, young), young == 1 ? "is" : "are", seen, seen == "1" ? "" : "s"))
        << '\n';
  else
    out << '\n';
  TextTable more({left, right, right, right, right, right});
  more.row({"Step", "Young, so far", "All, by then %", "95 %", "Value %", "Since entry"});
  more.rule();
  for (std::size_t k = 0; k < funnel.steps.size(); ++k) {
    const StepFigures& step = funnel.steps[k];
    more.row({shortened(step.label, 15), windowed ? step_number(step.immature.attempts) : "-",
              k == 0 ? "" : fmt::format("{:.1f}", 100 * step.by_window.share),
              k == 0 ? "" : step_limits(step.by_window.interval),
              step.value_from_first ? fmt::format("{:.1f}", 100 * *step.value_from_first) : "-",
              k == 0 ? "" : days_text(step.median_days_from_first)});
  }
  more.write(out);
  if (!valued) return;
  const StepTally& basis = windowed ? funnel.steps.front().mature : funnel.steps.front().immature;
  out << fmt::format("Value: of the amounts {}, known for {} of {}.\n",
                     funnel.question.value == StepValue::at_entry ? "known at the entry" : "known last",
                     step_number(basis.amounts_known), step_number(basis.attempts));
}

std::string to_json(const std::vector<StepFunnelPart>& parts, const StageGraph& graph) {
  Json list = Json::array();
  for (const StepFunnelPart& part : parts)
    list.push_back({{"origin", part.stage == kNoStage ? Json(nullptr) : Json(graph.stage(part.stage).name)},
                    {"funnel", step_funnel_json(part.funnel)}});
  return list.dump(2);
}

void write_tables(std::ostream& out, const std::vector<StepFunnelPart>& parts, const StageGraph& graph) {
  using enum TextTable::Align;
  TextTable table({left, right, right, right, right, right});
  table.row({"Came from", "Entries", "To the end", "%", "95 %", "Young"});
  table.rule();
  for (const StepFunnelPart& part : parts) {
    const StepFigures& first = part.funnel.steps.front();
    const StepFigures& last = part.funnel.steps.back();
    const bool windowed = part.funnel.question.window.has_value();
    table.row({part.stage == kNoStage ? "(began here)" : shortened(graph.stage(part.stage).name, 20),
               step_number((windowed ? first.mature : first.immature).attempts),
               step_number((windowed ? last.mature : last.immature).attempts),
               fmt::format("{:.1f}", 100 * last.from_first.share), step_limits(last.from_first.interval),
               step_number(windowed ? first.immature.attempts : 0)});
  }
  table.write(out);
}

}  // namespace putki
