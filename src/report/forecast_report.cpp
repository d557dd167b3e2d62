#include <putki/report/forecast_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <ostream>

namespace putki {
namespace {

Json period_json(const PeriodForecast& period) {
  Json quantiles;
  for (const double p : {0.1, 0.25, 0.5, 0.75, 0.9}) quantiles[fmt::format("{}", p)] = period.revenue.quantile(p);
  return {
      {"begin", to_string(period.period.begin)},
      {"end", to_string(period.period.end)},
      {"mean", period.revenue.mean()},
      {"sd", period.revenue.sd()},
      {"quantiles", quantiles},
      {"parts", {{"booked", period.booked.mean}, {"open", period.open.mean}, {"new", period.not_yet_created.mean}}}};
}

Json deal_json(const DealPart& deal, const StageGraph& graph) {
  Json json{{"deal", deal.name}, {"stage", graph.stage(deal.stage).name}, {"age_days", deal.age_days}};
  json["amount"] = deal.amount ? Json(*deal.amount) : Json();
  json["chance"] = deal.chance;
  json["mean"] = deal.mean;
  json["variance"] = deal.variance;
  return json;
}

Json lever_json(const Lever& lever, const StageGraph& graph) {
  static constexpr const char* kNames[] = {"conversion", "delay", "inflow", "amounts"};
  const auto name = [&](StageId stage) { return stage == kNoStage ? Json() : Json(graph.stage(stage).name); };
  Json json{
      {"lever", kNames[static_cast<std::size_t>(lever.kind)]}, {"from", name(lever.from)}, {"to", name(lever.to)}};
  json["now"] = std::isfinite(lever.now) ? Json(lever.now) : Json();
  json["money"] = lever.money;
  return json;
}

Json explanation_json(const Forecast& forecast, const ForecastExplanation& explanation) {
  const VarianceParts& variance = forecast.total.variance;
  Json json{{"variance",
             {{"wins", variance.wins},
              {"amounts", variance.amounts},
              {"common_shock", variance.common_shock},
              {"parameters", variance.parameters}}},
            {"deals", Json::array()},
            {"without_first", nullptr},
            {"levers", Json::array()}};
  for (const DealPart& deal : explanation.deals) json["deals"].push_back(deal_json(deal, explanation.graph));
  if (explanation.without_first) json["without_first"] = period_json(explanation.without_first->total);
  for (const Lever& lever : explanation.levers) json["levers"].push_back(lever_json(lever, explanation.graph));
  return json;
}

}  // namespace

std::string to_json(const Forecast& forecast, std::optional<double> target, const ForecastExplanation* explanation) {
  Json json{{"as_of", to_string(forecast.as_of)}, {"horizon_days", forecast.horizon_days}, {"periods", Json::array()}};
  for (const PeriodForecast& period : forecast.periods) json["periods"].push_back(period_json(period));
  json["total"] = period_json(forecast.total);
  json["probability_at_least"] = nullptr;
  if (target)
    json["probability_at_least"] = {{"target", *target}, {"p", forecast.total.revenue.probability_at_least(*target)}};
  if (explanation != nullptr) json["explain"] = explanation_json(forecast, *explanation);
  return json.dump(2);
}

void write_heading(std::ostream& out, const std::string& name, const OpenPipeline& pipeline) {
  double value = 0, without_amount = 0, booked = 0;
  for (const OpenDeal& deal : pipeline.deals) {
    value += deal.amount.value_or(0);
    without_amount += deal.amount ? 0 : 1;
  }
  for (const Booking& booking : pipeline.bookings) booked += booking.amount;
  out << "Revenue forecast" << (name.empty() ? "" : ": ") << shortened(name, 40) << ", as of "
      << to_string(pipeline.as_of) << '\n'
      << with_commas(static_cast<double>(pipeline.deals.size())) << (pipeline.deals.size() == 1 ? " deal" : " deals")
      << " open, worth " << with_commas(value);
  if (without_amount > 0) out << " (" << with_commas(without_amount) << " of unknown amount)";
  if (pipeline.booked_since < pipeline.first_day)
    out << "; booked since " << to_string(pipeline.booked_since) << ": " << with_commas(booked);
  out << "\n\n";
}

void write_table(std::ostream& out, const Forecast& forecast, std::optional<double> target) {
  using enum TextTable::Align;
  const bool booked = forecast.total.booked.mean != 0;
  // Whole units while they fit the line, else thousands, millions, ..
  const double unit = money_unit(forecast.total.revenue.quantile(0.9), booked ? 1e6 : 1e7);

  std::vector<TextTable::Align> columns{left, right, right, right, right, right, right};
  std::vector<std::string> titles{"From", "Expected", "Low", "Middle", "High", "Open", "New"};
  if (booked) {
    columns.push_back(right);
    titles.push_back("Booked");
  }
  TextTable table(columns);
  table.row(titles);
  table.rule();
  const auto add = [&](const std::string& title, const PeriodForecast& period) {
    const RevenueDistribution& revenue = period.revenue;
    std::vector<std::string> cells{title};
    for (const double value : {revenue.mean(), revenue.quantile(0.1), revenue.quantile(0.5), revenue.quantile(0.9),
                               period.open.mean, period.not_yet_created.mean})
      cells.push_back(with_commas(value / unit));
    if (booked) cells.push_back(with_commas(period.booked.mean / unit));
    table.row(cells);
  };
  if (forecast.periods.size() > 1) {
    for (const PeriodForecast& period : forecast.periods) add(to_string(period.period.begin), period);
    table.rule();
  }
  add(forecast.periods.size() > 1 ? "Total" : to_string(forecast.total.period.begin), forecast.total);
  table.write(out);
  out << "\nRevenue up to and including " << to_string(forecast.total.period.end - Days{1})
      << (unit > 1 ? fmt::format(", in units of {}", with_commas(unit)) : "")
      << ".\nLow, middle, high: it stays below with a chance of 10, 50, 90 %.\n"
      << "Expected = from deals open now + from new deals still to come" << (booked ? " + booked" : "") << ".\n";
  if (target)
    out << "\nChance of reaching " << with_commas(*target) << ": "
        << percent(forecast.total.revenue.probability_at_least(*target)) << '\n';
}

}  // namespace putki
