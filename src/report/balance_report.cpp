#include <putki/report/balance_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace putki {
namespace {

constexpr std::size_t kPeriodsShown = 10;
constexpr std::size_t kShiftsShown = 3;
constexpr double kByChance = 0.05;

std::string balance_count(std::uint64_t number) {
  return with_commas(static_cast<double>(number));
}

Json balance_limits_json(const Interval& limits) {
  return Json::array({limits.lower, std::isfinite(limits.upper) ? Json(limits.upper) : Json(nullptr)});
}

Json comparison_json(const std::optional<RateComparison>& comparison) {
  if (!comparison) return nullptr;
  return {{"first", comparison->first_count},
          {"second", comparison->second_count},
          {"first_days", comparison->first_exposure},
          {"second_days", comparison->second_exposure},
          {"ratio", number_or_null(comparison->ratio)},
          {"ratio_interval", balance_limits_json(comparison->ratio_limits)},
          {"p_value", comparison->p_value}};
}

Json span_json(const std::optional<BalanceSpan>& span) {
  if (!span) return nullptr;
  return {{"begin", to_string(span->begin)},
          {"end", to_string(span->end)},
          {"periods", span->periods},
          {"inflow", span->inflow},
          {"closings", span->closings}};
}

const char* direction_word(ShiftDirection direction) {
  return direction == ShiftDirection::up ? "up" : "down";
}

Json rhythm_json(const Balance& balance, const RhythmSummary& rhythm) {
  Json charts = Json::array(), alarms = Json::array(), steady;
  for (const PoissonCusum& chart : rhythm.charts)
    charts.push_back({{"direction", direction_word(chart.direction)},
                      {"mean", chart.mean},
                      {"dispersion", chart.dispersion},
                      {"shift", chart.shift},
                      {"reference", chart.reference},
                      {"threshold", chart.threshold},
                      {"run_length", chart.run_length}});
  for (const CusumAlarm& alarm : rhythm.alarms)
    alarms.push_back({{"direction", direction_word(alarm.direction)},
                      {"began", to_string(balance.full_periods[alarm.began].begin)},
                      {"alarmed", to_string(balance.full_periods[alarm.alarmed].begin)}});
  if (rhythm.steady)
    steady = {{"periods", rhythm.steady->periods},
              {"mean", rhythm.steady->mean},
              {"fano", rhythm.steady->fano},
              {"fano_interval", balance_limits_json(rhythm.steady->fano_limits)},
              {"p_value", rhythm.steady->p_value}};
  return {{"trend", comparison_json(rhythm.trend)}, {"steadiness", steady}, {"charts", charts}, {"alarms", alarms}};
}

std::string unit_word(const Balance& balance) {
  return to_string(balance.options.unit);
}

void write_balance_headline(std::ostream& out, const Balance& balance) {
  const std::string unit = unit_word(balance);
  if (!balance.recent || !balance.in_against_out) {
    out << fmt::format("No full {} lies between {} and {}: nothing to compare.\n", unit, to_string(balance.since),
                       to_string(balance.as_of));
    return;
  }
  const BalanceSpan& recent = *balance.recent;
  const bool chance = balance.in_against_out->p_value >= kByChance;
  out << fmt::format("In the {} full {}{} from {} to before {}\n{} came in and {} closed: ", recent.periods, unit,
                     recent.periods == 1 ? "" : "s", to_string(recent.begin), to_string(recent.end),
                     counted(static_cast<double>(recent.inflow), "deal"), balance_count(recent.closings));
  if (chance)
    out << "no more of a difference than chance makes.\n";
  else
    out << fmt::format("the funnel is {}.\n", recent.inflow > recent.closings ? "filling" : "emptying");
}

void write_periods(std::ostream& out, const Balance& balance) {
  using enum TextTable::Align;
  const auto& periods = balance.counts.periods;
  if (periods.empty()) return;
  const auto open = balance.counts.open_at_ends();
  const bool reopened = std::any_of(periods.begin(), periods.end(), [](const auto& p) { return p.reopened > 0; });
  std::vector<TextTable::Align> columns(reopened ? 8 : 7, right);
  columns.front() = columns.back() = left;
  TextTable table(columns);
  std::string title = unit_word(balance) + " from";
  title[0] = static_cast<char>(title[0] - 'a' + 'A');
  std::vector<std::string> headings{title, "+Created", "-Won", "-Lost", "=Net", "Open", ""};
  if (reopened) headings.insert(headings.begin() + 2, "+Reopened");
  table.row(headings);
  table.rule();
  for (std::size_t i = periods.size() - std::min(periods.size(), kPeriodsShown); i < periods.size(); ++i) {
    const PeriodCount& count = periods[i];
    std::vector<std::string> cells{
        to_string(count.period.begin),
        balance_count(count.created),
        balance_count(count.won),
        balance_count(count.lost),
        with_commas(static_cast<double>(count.inflow()) - static_cast<double>(count.closings())),
        balance_count(open[i]),
        balance.counts.is_full(i) ? "" : "(partial)"};
    if (reopened) cells.insert(cells.begin() + 2, balance_count(count.reopened));
    table.row(cells);
  }
  out << '\n';
  table.write(out);
}

void write_trends(std::ostream& out, const Balance& balance) {
  using enum TextTable::Align;
  if (!balance.recent) return;
  if (!balance.earlier) {
    out << fmt::format("\nNo full {} lies before {}: whether rates have changed cannot be said.\n", unit_word(balance),
                       to_string(balance.since));
    return;
  }
  TextTable table({left, right, right, right, right, right});
  table.row({"Per " + unit_word(balance), "Now", "Before", "Ratio", "95 % limits", "By chance"});
  table.rule();
  const auto row = [&](const char* title, const RhythmSummary& rhythm, std::uint64_t now, std::uint64_t before) {
    const RateComparison& trend = *rhythm.trend;
    table.row({title, fmt::format("{:.1f}", static_cast<double>(now) / static_cast<double>(balance.recent->periods)),
               fmt::format("{:.1f}", static_cast<double>(before) / static_cast<double>(balance.earlier->periods)),
               trend.ratio ? fmt::format("{:.2f}", *trend.ratio) : "-",
               std::isfinite(trend.ratio_limits.upper)
                   ? fmt::format("{:.2f}-{:.2f}", trend.ratio_limits.lower, trend.ratio_limits.upper)
                   : fmt::format("{:.2f}-", trend.ratio_limits.lower),
               percent(trend.p_value)});
  };
  row("Inflow", balance.inflow, balance.recent->inflow, balance.earlier->inflow);
  row("Closings", balance.closings, balance.recent->closings, balance.earlier->closings);
  out << fmt::format("\nNow: as above. Before: the {} full {}s from {} on.\n\n", balance.earlier->periods,
                     unit_word(balance), to_string(balance.earlier->begin));
  table.write(out);
}

void write_rhythm(std::ostream& out, const Balance& balance, const char* title, const RhythmSummary& rhythm) {
  const std::string unit = unit_word(balance);
  if (rhythm.steady) {
    const Steadiness& steady = *rhythm.steady;
    const bool chance = steady.p_value >= kByChance;
    out << fmt::format("{} per {} varied {:.1f} times ({:.1f}-{:.1f}) as much as chance makes:\n  {}.\n", title, unit,
                       steady.fano, steady.fano_limits.lower, steady.fano_limits.upper,
                       chance ? "as chance would"
                       : steady.fano > 1
                           ? "batches, seasons or a trend; what is said of chance above is too bold by that"
                           : "steadier than chance");
  }
  if (rhythm.charts.empty()) {
    out << wrapped(fmt::format("{}: no alarm; it takes {} full {}s before {} with deals enough.", title,
                               balance.options.least_baseline, unit, to_string(balance.since)),
                   2);
    return;
  }
  // An alarm that follows at once on one of its kind is the same shift going on.
  struct Shift {
    CusumAlarm first;
    std::size_t last;
  };
  std::vector<Shift> shifts;
  for (const CusumAlarm& alarm : rhythm.alarms) {
    const auto same = std::find_if(shifts.rbegin(), shifts.rend(),
                                   [&](const Shift& shift) { return shift.first.direction == alarm.direction; });
    if (same != shifts.rend() && alarm.began <= same->last + 1)
      same->last = alarm.alarmed;
    else
      shifts.push_back({alarm, alarm.alarmed});
  }
  if (shifts.empty()) out << fmt::format("{}: no shift by a factor of {:g} was found.\n", title, balance.options.shift);
  const std::size_t shown = std::min(shifts.size(), kShiftsShown);
  for (std::size_t i = shifts.size() - shown; i < shifts.size(); ++i)
    out << fmt::format("{} {} from the {} of {} on; noticed in that of {}.\n", title,
                       shifts[i].first.direction == ShiftDirection::up ? "rose" : "fell", unit,
                       to_string(balance.full_periods[shifts[i].first.began].begin),
                       to_string(balance.full_periods[shifts[i].first.alarmed].begin));
}

void write_projection(std::ostream& out, const Balance& balance) {
  using enum TextTable::Align;
  if (balance.options.weeks_ahead == 0 || balance.stages.empty() || balance.counts.periods.empty()) return;
  std::vector<int> weeks;
  for (const int week : {1, 2, 4, 8, 12, 26, 52})
    if (week <= balance.options.weeks_ahead && weeks.size() < 5) weeks.push_back(week);
  std::vector<TextTable::Align> columns(weeks.size() + 4, right);
  columns.front() = columns.back() = left;
  TextTable table(columns);
  std::vector<std::string> headings{"Stage", "Usual", "Now"};
  for (const int week : weeks) headings.push_back(fmt::format("+{} wk", week));
  headings.push_back("");
  table.row(headings);
  table.rule();
  bool any = false;
  for (const StageProjection& stage : balance.stages) {
    if (stage.present == 0 && stage.usual == 0 && stage.inflow_per_day == 0) continue;
    any = true;
    std::vector<std::string> cells{shortened(balance.graph.stage(stage.stage).name, 14),
                                   fmt::format("{:.1f}", stage.usual), balance_count(stage.present)};
    for (const int week : weeks)
      cells.push_back(fmt::format("{:.1f}", stage.expected[static_cast<std::size_t>(week - 1)]));
    cells.push_back(stage.dry_in_week     ? fmt::format("dry in week {}", *stage.dry_in_week)
                    : stage.clogs_in_week ? fmt::format("clogs in week {}", *stage.clogs_in_week)
                                          : "");
    table.row(cells);
  }
  if (!any) return;
  out << fmt::format(
      "\nDeals expected in each stage if inflow stays as it is. Usual: the average of the\n"
      "last {}; dry: below {:.0f} % of it, clogs: above {:.0f} %.\n\n",
      balance.usual_days == 1 ? "day" : fmt::format("{} days", balance.usual_days), 100 * balance.options.dry_share,
      100 * balance.options.clog_share);
  table.write(out);
}

}  // namespace

std::string to_json(const Balance& balance) {
  Json periods = Json::array(), stages = Json::array();
  const auto open = balance.counts.open_at_ends();
  for (std::size_t i = 0; i < balance.counts.periods.size(); ++i) {
    const PeriodCount& count = balance.counts.periods[i];
    periods.push_back({{"begin", to_string(count.period.begin)},
                       {"end", to_string(count.period.end)},
                       {"full", balance.counts.is_full(i)},
                       {"created", count.created},
                       {"reopened", count.reopened},
                       {"won", count.won},
                       {"lost", count.lost},
                       {"net", static_cast<std::int64_t>(count.inflow()) - static_cast<std::int64_t>(count.closings())},
                       {"open_at_end", open[i]}});
  }
  const auto week_json = [](const std::optional<int>& week) { return week ? Json(*week) : Json(nullptr); };
  for (const StageProjection& stage : balance.stages)
    stages.push_back({{"stage", balance.graph.stage(stage.stage).name},
                      {"present", stage.present},
                      {"usual", stage.usual},
                      {"inflow_per_day", stage.inflow_per_day},
                      {"expected", stage.expected},
                      {"dry_in_week", week_json(stage.dry_in_week)},
                      {"clogs_in_week", week_json(stage.clogs_in_week)}});
  const Json json{{"since", to_string(balance.since)},
                  {"as_of", to_string(balance.as_of)},
                  {"unit", unit_word(balance)},
                  {"periods", periods},
                  {"recent", span_json(balance.recent)},
                  {"earlier", span_json(balance.earlier)},
                  {"in_against_out", comparison_json(balance.in_against_out)},
                  {"inflow", rhythm_json(balance, balance.inflow)},
                  {"closings", rhythm_json(balance, balance.closings)},
                  {"usual_days", balance.usual_days},
                  {"stages", stages}};
  return json.dump(2);
}

void write_tables(std::ostream& out, const Balance& balance) {
  write_balance_headline(out, balance);
  write_periods(out, balance);
  write_trends(out, balance);
  if (!balance.full_periods.empty()) {
    out << '\n';
    write_rhythm(out, balance, "Inflow", balance.inflow);
    write_rhythm(out, balance, "Closings", balance.closings);
    if (!balance.inflow.charts.empty())
      out << fmt::format("(False alarms: each kind once in {:.0f} {}s or more.)\n", balance.options.least_run_length,
                         unit_word(balance));
  }
  write_projection(out, balance);
}

}  // namespace putki
