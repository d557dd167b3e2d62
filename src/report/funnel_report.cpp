#include <fmt/format.h>
#include <putki/report/funnel_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <optional>
#include <ostream>

namespace putki {
namespace {

Json curve_json(const IncidenceCurve& curve) {
  Json points = Json::array();
  for (const CurvePoint& point : curve.points)
    points.push_back({{"days", point.days},
                      {"probability", point.known ? Json(point.probability) : Json(nullptr)},
                      {"std_error", point.known ? Json(point.std_error) : Json(nullptr)},
                      {"interval", point.known ? interval_json(point.interval) : Json(nullptr)}});
  return points;
}

// Percent; "-" where nobody was watched for so long.
std::string share_text(const CurvePoint& point) {
  return point.known ? fmt::format("{:.1f}", 100 * point.probability) : "-";
}

}  // namespace

std::string to_json(const FunnelSummary& summary, const InputSummary& input) {
  const auto name = [&](StageId stage) { return summary.graph.stage(stage).name; };
  Json stages = Json::array(), outcomes = Json::array();
  for (const StageSummary& stage : summary.stages) {
    Json transitions = Json::array();
    for (const IncidenceCurve& curve : stage.transitions)
      transitions.push_back({{"to", name(curve.stage)}, {"curve", curve_json(curve)}});
    const StageFlow& flow = stage.flow;
    stages.push_back({{"stage", name(flow.stage)},
                      {"kind", to_string(summary.graph.kind(flow.stage))},
                      {"entered", flow.entered},
                      {"advanced", flow.advanced},
                      {"lost", flow.lost},
                      {"back", flow.back},
                      {"sideways", flow.sideways},
                      {"still_there", flow.still_there},
                      {"reached", flow.reached},
                      {"median_days", number_or_null(stage.median_days)},
                      {"p90_days", number_or_null(stage.p90_days)},
                      {"transitions", transitions}});
  }
  for (const OutcomeSummary& outcome : summary.outcomes)
    outcomes.push_back(
        {{"stage", name(outcome.curve.stage)}, {"count", outcome.deals}, {"curve", curve_json(outcome.curve)}});
  const LifetimeSummary& life = summary.lifetime;
  const Json json{{"as_of", to_string(summary.as_of)},
                  {"deals", summary.deals},
                  {"rows_read", input.rows_read},
                  {"rows_used", input.rows_used},
                  {"findings", findings_json(input.findings)},
                  {"notes", findings_json(input.notes)},
                  {"stages", stages},
                  {"outcomes", outcomes},
                  {"lifetime",
                   {{"q25", number_or_null(life.q25)},
                    {"q50", number_or_null(life.q50)},
                    {"q75", number_or_null(life.q75)},
                    {"q90", number_or_null(life.q90)},
                    {"restricted_mean_60", life.restricted_mean_60}}}};
  return json.dump(2);
}

void write_tables(std::ostream& out, const FunnelSummary& summary) {
  using enum TextTable::Align;
  const auto name = [&](StageId stage) { return shortened(summary.graph.stage(stage).name, 15); };
  out << with_commas(static_cast<double>(summary.deals)) << (summary.deals == 1 ? " deal" : " deals") << " known on "
      << to_string(summary.as_of) << ", " << with_commas(static_cast<double>(summary.open_deals)) << " of them open\n";
  if (summary.deals == 0) return;  // tables of zeros would only hide that
  out << '\n';

  // Ways of leaving that nobody took need no column; the sum stays true without them.
  const auto taken = [&](std::uint64_t StageFlow::*count) {
    return std::any_of(summary.stages.begin(), summary.stages.end(),
                       [&](const StageSummary& stage) { return stage.flow.*count > 0; });
  };
  struct Column {
    std::string title;
    std::uint64_t StageFlow::*count;
  };
  std::vector<Column> counts{{"Reached", &StageFlow::reached},
                             {"Entered", &StageFlow::entered},
                             {"=Advanced", &StageFlow::advanced},
                             {"+Lost", &StageFlow::lost}};
  if (taken(&StageFlow::back)) counts.push_back({"+Back", &StageFlow::back});
  if (taken(&StageFlow::sideways)) counts.push_back({"+Aside", &StageFlow::sideways});
  counts.push_back({"+Still", &StageFlow::still_there});

  // With more ways of leaving than two the times have no room beside them.
  const bool apart = counts.size() > 5;
  const std::vector<std::string> time_titles{"Median", "90 %"};
  std::vector<std::string> headings{"Stage"};
  for (const Column& column : counts) headings.push_back(column.title);
  if (!apart) headings.insert(headings.end(), time_titles.begin(), time_titles.end());
  std::vector<TextTable::Align> alignment(headings.size(), right);
  alignment.front() = left;
  TextTable presence(alignment), times({left, right, right});
  presence.row(headings);
  presence.rule();
  times.row({"Days in stage", time_titles[0], time_titles[1]});
  times.rule();
  for (const StageSummary& stage : summary.stages) {
    if (summary.graph.is_terminal(stage.flow.stage)) continue;
    std::vector<std::string> cells{name(stage.flow.stage)};
    for (const Column& column : counts) cells.push_back(with_commas(static_cast<double>(stage.flow.*column.count)));
    const std::string median = days_text(stage.median_days), p90 = days_text(stage.p90_days);
    if (!apart) cells.insert(cells.end(), {median, p90});
    presence.row(cells);
    times.row({name(stage.flow.stage), median, p90});
  }
  presence.write(out);
  if (apart) {
    out << '\n';
    times.write(out);
  }

  const auto ages = [&](const std::vector<CurvePoint>& points, std::vector<std::string> titles) {
    for (const CurvePoint& point : points) titles.push_back(fmt::format("{:g} d", point.days));
    return titles;
  };
  if (summary.outcomes.empty() || summary.outcomes.front().curve.points.empty()) return;
  const std::vector<CurvePoint>& first = summary.outcomes.front().curve.points;
  std::vector<TextTable::Align> columns(first.size() + 1, right);
  columns.front() = left;
  TextTable ends(columns);
  ends.row(ages(first, {"Ended as"}));
  ends.rule();
  for (const OutcomeSummary& outcome : summary.outcomes) {
    std::vector<std::string> shares{name(outcome.curve.stage)},
        limits{fmt::format("  {} {}", with_commas(static_cast<double>(outcome.deals)),
                           outcome.deals == 1 ? "deal" : "deals")};
    for (const CurvePoint& point : outcome.curve.points) {
      shares.push_back(share_text(point));
      limits.push_back(
          point.known ? fmt::format("{:.1f}-{:.1f}", 100 * point.interval.lower, 100 * point.interval.upper) : "-");
    }
    ends.row(shares);
    ends.row(limits);
  }
  out << "\nPercent of deals that ended so within so many days of their creation,\n"
      << "with 95 % limits (-: nobody was watched for so long):\n\n";
  ends.write(out);

  columns.insert(columns.begin(), left);
  TextTable moves(columns);
  moves.row(ages(first, {"From", "to"}));
  moves.rule();
  bool any_moves = false;
  for (const StageSummary& stage : summary.stages) {
    bool begun = false;
    for (const IncidenceCurve& curve : stage.transitions) {
      std::vector<std::string> cells{begun ? "" : name(stage.flow.stage), name(curve.stage)};
      for (const CurvePoint& point : curve.points) cells.push_back(share_text(point));
      moves.row(cells);
      begun = any_moves = true;
    }
  }
  if (any_moves) {
    out << "\nPercent of visits to a stage that moved on within so many days of entering it:\n\n";
    moves.write(out);
  }

  const LifetimeSummary& life = summary.lifetime;
  std::string reached;  // two quantiles to a line, without those not reached
  int count = 0;
  for (const auto& [share, days] :
       {std::pair{"a quarter", life.q25}, {"half", life.q50}, {"three quarters", life.q75}, {"90 %", life.q90}}) {
    if (!days) continue;
    reached += fmt::format("{}{} within {}", count == 0 ? "" : count == 2 ? ",\n" : ", ", share, days_text(days));
    ++count;
  }
  out << "\nFrom creation to any end: " << (count == 0 ? "less than a quarter have ended" : reached) << ".\n"
      << fmt::format("{:.2f} days on average within the first 60 (standard error {:.3f}).\n", life.restricted_mean_60,
                     life.restricted_mean_60_std_error);
}

}  // namespace putki
