#include <putki/report/recurring_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <functional>
#include <ostream>

namespace putki {
namespace {

Json quantiles_json(const RevenueDistribution& revenue) {
  Json quantiles;
  for (const double p : {0.1, 0.25, 0.5, 0.75, 0.9}) quantiles[fmt::format("{}", p)] = revenue.quantile(p);
  return quantiles;
}

Json part_json(const ForecastPart& part) {
  return {{"mean", part.mean}, {"sd", part.sd}, {"share_of_variance", part.share_of_variance}};
}

Json recurring_period_json(const RecurringPeriod& period) {
  const auto parts = [&](double ForecastPart::*number) {
    return Json{{"booked", period.booked.*number},
                {"open", period.open.*number},
                {"new", period.not_yet_created.*number},
                {"recurring", period.recurring.*number}};
  };
  return {{"begin", to_string(period.period.begin)},
          {"end", to_string(period.period.end)},
          {"mean", period.mean},
          {"sd", period.revenue.sd()},
          {"quantiles", quantiles_json(period.revenue)},
          {"parts", parts(&ForecastPart::mean)},
          {"share_of_variance", parts(&ForecastPart::share_of_variance)},
          {"recurring",
           {{"mean", period.recurring.mean},
            {"sd", period.recurring.sd},
            {"quantiles", quantiles_json(period.recurring_revenue)},
            {"todays_customers", part_json(period.todays_customers)},
            {"customers_to_be_won", part_json(period.customers_to_be_won)}}}};
}

/// A table of the periods and their total, a column a title after the first.
void write_periods(std::ostream& out, const RecurringForecast& forecast, std::vector<std::string> titles,
                   const std::function<std::vector<std::string>(const RecurringPeriod&)>& cells_of) {
  std::vector<TextTable::Align> columns(titles.size() + 1, TextTable::Align::right);
  columns.front() = TextTable::Align::left;
  TextTable table(columns);
  titles.insert(titles.begin(), "From");
  table.row(std::move(titles));
  table.rule();
  const auto add = [&](std::string title, const RecurringPeriod& period) {
    std::vector<std::string> cells = cells_of(period);
    cells.insert(cells.begin(), std::move(title));
    table.row(std::move(cells));
  };
  const bool several = forecast.periods.size() > 1;
  if (several) {
    for (const RecurringPeriod& period : forecast.periods) add(to_string(period.period.begin), period);
    table.rule();
  }
  add(several ? "Total" : to_string(forecast.total.period.begin), forecast.total);
  table.write(out);
}

}  // namespace

std::string to_json(const RecurringForecast& forecast, std::optional<double> target) {
  Json json{{"as_of", to_string(forecast.as_of)},
            {"horizon_days", forecast.horizon_days},
            {"draws", forecast.simulation.revenue.rows()},
            {"periods", Json::array()}};
  for (const RecurringPeriod& period : forecast.periods) json["periods"].push_back(recurring_period_json(period));
  json["total"] = recurring_period_json(forecast.total);
  json["probability_at_least"] = nullptr;
  if (target)
    json["probability_at_least"] = {{"target", *target}, {"p", forecast.total.revenue.probability_at_least(*target)}};
  return json.dump(2);
}

void write_table(std::ostream& out, const RecurringForecast& forecast, std::optional<double> target) {
  const bool booked = forecast.total.booked.mean != 0;
  // Whole units while they fit the line, else thousands, millions, ..
  const double unit = money_unit(forecast.total.revenue.quantile(0.9), booked ? 1e5 : 1e6);
  const auto amounts = [unit](std::initializer_list<double> values) {
    std::vector<std::string> cells;
    for (const double value : values) cells.push_back(with_commas(value / unit));
    return cells;
  };

  std::vector<std::string> titles{"Expected", "Low", "Middle", "High", "Open", "New", "Repeat"};
  if (booked) titles.push_back("Booked");
  write_periods(out, forecast, titles, [&](const RecurringPeriod& period) {
    std::vector<std::string> cells =
        amounts({period.mean, period.revenue.quantile(0.1), period.revenue.quantile(0.5), period.revenue.quantile(0.9),
                 period.open.mean, period.not_yet_created.mean, period.recurring.mean});
    if (booked) cells.push_back(with_commas(period.booked.mean / unit));
    return cells;
  });
  out << "\nRevenue up to and including " << to_string(forecast.total.period.end - Days{1})
      << (unit > 1 ? fmt::format(", in units of {}", with_commas(unit)) : "")
      << ".\nLow, middle, high: it stays below with a chance of 10, 50, 90 %.\n"
      << wrapped(std::string("Expected = from deals open now + from new deals still to come + what customers bring "
                             "again") +
                 (booked ? " + booked" : "") + ".")
      << "\nWhat customers bring again, by itself:\n\n";
  write_periods(
      out, forecast, {"Expected", "Low", "Middle", "High", "Today's", "To be won"}, [&](const RecurringPeriod& period) {
        const RevenueDistribution& revenue = period.recurring_revenue;
        return amounts({period.recurring.mean, revenue.quantile(0.1), revenue.quantile(0.5), revenue.quantile(0.9),
                        period.todays_customers.mean, period.customers_to_be_won.mean});
      });
  out << '\n'
      << wrapped("Expected = from today's customers + from those still to be won, after the sale that wins them.")
      << "\nWhere the uncertainty comes from: the deviation, and each part's share of the\nvariance:\n\n";
  write_periods(out, forecast, {"Deviation", "Open", "New", "Today's", "To be won"},
                [&](const RecurringPeriod& period) {
                  std::vector<std::string> cells = amounts({period.revenue.sd()});
                  for (const ForecastPart* part :
                       {&period.open, &period.not_yet_created, &period.todays_customers, &period.customers_to_be_won})
                    cells.push_back(percent(part->share_of_variance, 0));
                  return cells;
                });
  if (target)
    out << "\nChance of reaching " << with_commas(*target) << ": "
        << percent(forecast.total.revenue.probability_at_least(*target)) << '\n';
}

}  // namespace putki
