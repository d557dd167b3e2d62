#include <putki/report/close_rates_report.hpp>

#include "report/metric_text.hpp"

#include <ostream>

namespace putki {
namespace {

// A growth a month whose limits reach beyond this is a history too short, not a pipeline.
constexpr double kGrowthBeyondBelief = 10;

std::string definition_title(CloseRateDefinition definition, double horizon) {
  const std::string by = fmt::format("{:g} d", horizon);
  switch (definition) {
    case CloseRateDefinition::by_age:
      return "Won within " + by;
    case CloseRateDefinition::by_age_value:
      return "Value won within " + by;
    case CloseRateDefinition::matured_cohort:
      return "Old enough, within " + by;
    case CloseRateDefinition::closed_in_window:
      return "Won/(Won+Lost), window";
    case CloseRateDefinition::closed_ever:
      return "Won/(Won+Lost), ever";
    case CloseRateDefinition::value_weighted:
      return "The same in money, window";
    case CloseRateDefinition::created_naive:
      return "Won/created, window";
    case CloseRateDefinition::won_of_all:
      return "Won/created, ever";
    case CloseRateDefinition::snapshot:
      return "Won of open at start";
  }
  return "";
}

}  // namespace

std::string to_json(const CloseRates& rates) {
  Json lines = Json::array();
  for (const CloseRateLine& line : rates.lines)
    lines.push_back({{"definition", to_string(line.definition)},
                     {"won", line.won},
                     {"deals", line.deals},
                     {"open", line.open},
                     {"rate", estimate_json(line.rate)},
                     {"why", line.why}});
  const ClosedShareBias& bias = rates.bias;
  const Json json{{"as_of", to_string(rates.as_of)},
                  {"since", to_string(rates.since)},
                  {"horizon_days", rates.horizon_days},
                  {"deals", rates.deals},
                  {"definitions", lines},
                  {"bias",
                   {{"deals", bias.deals},
                    {"days", bias.days},
                    {"growth_per_day", estimate_json(bias.growth_per_day)},
                    {"growth_per_month", number_or_null(bias.growth_per_month)},
                    {"predicted", estimate_json(bias.predicted)},
                    {"without_growth", number_or_null(bias.without_growth)},
                    {"off_by", estimate_json(bias.off_by)}}}};
  return json.dump(2);
}

void write_tables(std::ostream& out, const CloseRates& rates) {
  using enum TextTable::Align;
  if (rates.deals == 0) {
    out << "No deals known on " << to_string(rates.as_of) << ": no close rate.\n";
    return;
  }
  const CloseRateLine& honest = rates.lines.front();
  out << (honest.rate ? "Of deals created, " + percent_with_limits(honest.rate) + " are won within "
                      : "No deal has been watched for ")
      << fmt::format("{:g} day{}.\n", rates.horizon_days, rates.horizon_days == 1 ? "" : "s")
      << "The same history under every definition (window: " << to_string(rates.since) << " to "
      << to_string(rates.as_of) << "):\n\n";
  TextTable table({left, right, right, right, right, right});
  table.row({"Close rate", "%", "95 % limits", "Won", "of deals", "not ended"});
  table.rule();
  for (const CloseRateLine& line : rates.lines)
    table.row({definition_title(line.definition, rates.horizon_days), percent_text(line.rate),
               percent_limits(line.rate), whole_number(line.won), whole_number(line.deals), whole_number(line.open)});
  table.write(out);
  out << "\nWhy they differ:\n";
  for (const CloseRateLine& line : rates.lines)
    out << "- " << definition_title(line.definition, rates.horizon_days) << ":\n  " << line.why << ".\n";

  const ClosedShareBias& bias = rates.bias;
  if (!bias.growth_per_month || !bias.predicted || !bias.off_by) return;
  const Interval& growth = *bias.growth_per_day->interval;
  const std::string measured =
      fmt::format("{} created in {}", counted(static_cast<double>(bias.deals), "deal"), counted(bias.days, "day"));
  if (std::expm1(30 * growth.upper) > kGrowthBeyondBelief) {
    out << "\nHow inflow grows cannot be told from " << measured << ".\n";
    return;
  }
  out << fmt::format("\nInflow changed by {} % per 30 days (95 % limits {} to {}),\n",
                     with_sign(100 * *bias.growth_per_month), with_sign(100 * std::expm1(30 * growth.lower)),
                     with_sign(100 * std::expm1(30 * growth.upper)))
      << "measured on " << measured << ".\n"
      << fmt::format("If it kept on so, Won/(Won+Lost) would show {:.1f} % where a steady inflow\n",
                     100 * bias.predicted->value)
      << fmt::format("shows {:.1f} %: off by {} points (95 % limits {} to {}).\n", 100 * *bias.without_growth,
                     with_sign(100 * bias.off_by->value), with_sign(100 * bias.off_by->interval->lower),
                     with_sign(100 * bias.off_by->interval->upper));
}

}  // namespace putki
