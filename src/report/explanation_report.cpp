#include <putki/report/explanation_report.hpp>

#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace putki {
namespace {

using enum TextTable::Align;

/// `one point more Accepted -> Won, now 45.3 % of visits`
std::string describe(const Lever& lever, const StageGraph& graph, double unit) {
  const auto name = [&](StageId stage) { return shortened(graph.stage(stage).name, 18); };
  switch (lever.kind) {
    case Lever::Kind::conversion:
      return fmt::format("one point {} {} -> {}, now {}", lever.money < 0 ? "less" : "more", name(lever.from),
                         name(lever.to), percent(lever.now));
    case Lever::Kind::delay:
      return fmt::format("1 % less time in {}{}", name(lever.from),
                         std::isfinite(lever.now) ? fmt::format(", now {:.1f} days", lever.now) : "");
    case Lever::Kind::inflow:
      return fmt::format("1 % more new deals, now {} expected", with_commas(lever.now));
    case Lever::Kind::amounts:
      break;
  }
  return fmt::format("1 % larger amounts, now {} a new deal", with_commas(lever.now / unit));
}

}  // namespace

void write_explanation(std::ostream& out, const Forecast& forecast, const ForecastExplanation& explanation,
                       std::size_t most_levers) {
  const PeriodForecast& total = forecast.total;
  double largest = std::max(total.revenue.mean(), total.revenue.sd());
  for (const DealPart& deal : explanation.deals) largest = std::max(largest, deal.amount.value_or(0));
  const double unit = money_unit(largest, 1e7);
  const auto money = [&](double value) { return with_commas(value / unit); };
  const auto share = [](double part, double whole) { return whole > 0 ? percent(part / whole) : std::string("-"); };

  out << "\nWhat the expected revenue is made of"
      << (unit > 1 ? fmt::format(" (money in units of {})", with_commas(unit)) : "") << ":\n\n";
  TextTable parts({left, right, right, right});
  parts.row({"Part", "Expected", "Share", "Wins"});
  parts.rule();
  const double mean = total.booked.mean + total.open.mean + total.not_yet_created.mean;
  if (total.booked.mean != 0) parts.row({"Booked", money(total.booked.mean), share(total.booked.mean, mean)});
  parts.row(
      {"Deals open now", money(total.open.mean), share(total.open.mean, mean), fmt::format("{:.1f}", total.open_wins)});
  parts.row({"New deals still to come", money(total.not_yet_created.mean), share(total.not_yet_created.mean, mean),
             fmt::format("{:.1f}", total.new_wins)});
  parts.write(out);

  const VarianceParts& variance = total.variance;
  out << "\nWhat makes it uncertain:\n\n";
  TextTable sources({left, right, right});
  sources.row({"Source", "Share", "Alone"});
  sources.rule();
  const auto source = [&](const char* name, double part) {
    sources.row({name, share(part, variance.total()), money(std::sqrt(std::max(part, 0.0)))});
  };
  source("Which deals win, and how many new ones come", variance.wins);
  source("How large they are", variance.amounts);
  source("What moves all deals together", variance.common_shock);
  source("What the history leaves open", variance.parameters);
  sources.rule();
  source("All", variance.total());
  sources.write(out);
  out << "Share: of the variance. Alone: the standard deviation that this source gives.\n";

  if (!explanation.deals.empty()) {
    out << "\nThe largest open deals:\n\n";
    TextTable deals({left, left, right, right, right, right, right});
    deals.row({"Deal", "Stage", "Days", "Amount", "Chance", "Expected", "Variance"});
    deals.rule();
    for (const DealPart& deal : explanation.deals)
      deals.row({shortened(deal.name, 16), shortened(explanation.graph.stage(deal.stage).name, 14),
                 fmt::format("{}", deal.age_days), deal.amount ? money(*deal.amount) : "unknown", percent(deal.chance),
                 money(deal.mean), share(deal.variance, variance.total())});
    deals.write(out);
    out << "Days in the stage so far. Chance of being won by " << to_string(total.period.end - Days{1})
        << ".\nExpected, variance: the deal's part of them.\n";
    if (explanation.without_first) {
      const RevenueDistribution& rest = explanation.without_first->total.revenue;
      out << "Without " << shortened(explanation.deals.front().name, 16) << ": " << money(rest.mean())
          << " expected, low " << money(rest.quantile(0.1)) << ", high " << money(rest.quantile(0.9)) << ".\n";
    }
  }

  TextTable levers({right, left});
  levers.row({"Worth", "Lever"});
  levers.rule();
  std::size_t shown = 0;
  for (const Lever& lever : explanation.levers) {
    if (shown == most_levers || std::abs(lever.money) < 0.5 * unit) continue;
    const double worth = lever.kind == Lever::Kind::conversion ? std::abs(lever.money) : lever.money;
    levers.row({money(worth), describe(lever, explanation.graph, unit)});
    ++shown;
  }
  if (shown == 0) return;
  out << "\nLevers, by what each would change expected revenue "
      << (forecast.horizon_days == 1 ? "on this day" : fmt::format("in these {} days", forecast.horizon_days))
      << ":\n\n";
  levers.write(out);
  out << "A point: one of a hundred visits to a stage that end by this move rather than\n"
         "by the others. Each lever by itself, a small step of it; what it costs is\n"
         "not in here.\n";
}

}  // namespace putki
