#include <putki/report/metrics_report.hpp>

#include "report/metric_text.hpp"

#include <algorithm>
#include <ostream>

namespace putki {
namespace {

constexpr std::size_t kShownPeriods = 12;

Json by_age_json(const CloseRateByAge& rate) {
  return {{"deals", rate.deals},
          {"followed", rate.followed},
          {"unknown_amounts", rate.unknown_amounts},
          {"by_count", estimate_json(rate.by_count)},
          {"by_value", estimate_json(rate.by_value)}};
}

Json closed_json(const ClosedShare& closed) {
  return {{"won", count_json(closed.won)},
          {"lost", count_json(closed.lost)},
          {"by_count", estimate_json(closed.by_count)},
          {"by_value", estimate_json(closed.by_value)}};
}

Json sizes_json(const DealSizes& sizes) {
  return {{"deals", count_json(sizes.deals)},
          {"mean", estimate_json(sizes.mean)},
          {"median", estimate_json(sizes.median)},
          {"trimmed_mean", estimate_json(sizes.trimmed_mean)}};
}

std::optional<MetricEstimate> per_30_days(std::optional<MetricEstimate> a_day) {
  if (!a_day) return a_day;
  a_day->value *= 30;
  if (a_day->interval) a_day->interval = Interval{30 * a_day->interval->lower, 30 * a_day->interval->upper};
  return a_day;
}

// What amounts are shown in units of, so that they fit.
double shown_unit(const FunnelMetrics& metrics) {
  double largest = metrics.in_funnel.value.units();
  for (const auto& estimate : {per_30_days(metrics.velocity.stock), per_30_days(metrics.velocity.flow),
                               metrics.size_and_winning.mean_size_of_win, metrics.size_and_winning.value_of_a_deal,
                               metrics.won.mean, metrics.open.mean, metrics.lost.mean})
    if (estimate) largest = std::max({largest, estimate->value, estimate->interval ? estimate->interval->upper : 0.0});
  return money_unit(largest, 1e8);
}

void write_four(std::ostream& out, const FunnelMetrics& metrics, double unit) {
  using enum TextTable::Align;
  const auto days = fmt::format("{:g} d", metrics.horizon_days);
  TextTable table({left, right, right, left});
  table.row({"Metric", "", "95 % limits", "Textbook"});
  table.rule();
  const auto textbook = [](const std::string& what, const std::string& value) { return what + " " + value; };
  const auto percent_cell = [](const std::optional<MetricEstimate>& share) {
    return share ? percent_text(share) + " %" : std::string("-");
  };
  table.row({"Deals in the funnel", whole_number(metrics.in_funnel.deals), "",
             metrics.on_hold > 0 ? whole_number(metrics.on_hold) + " on hold" : ""});
  table.row({"  worth", with_commas(metrics.in_funnel.value.units() / unit), "",
             metrics.in_funnel.unknown_amounts > 0
                 ? counted(static_cast<double>(metrics.in_funnel.unknown_amounts), "amount") + " unknown"
                 : ""});
  table.row({"Won within " + days, percent_cell(metrics.close_rate.by_count),
             percent_limits(metrics.close_rate.by_count),
             textbook("Won/(Won+Lost)", percent_cell(metrics.closed.by_count))});
  table.row({"  of the value", percent_cell(metrics.close_rate.by_value), percent_limits(metrics.close_rate.by_value),
             textbook("in money", percent_cell(metrics.closed.by_value))});
  const SizeAndWinning& size = metrics.size_and_winning;
  table.row({"Size of a win", money_text(size.mean_size_of_win, unit), money_limits(size.mean_size_of_win, unit),
             textbook("mean won", money_text(metrics.won.mean, unit))});
  table.row({"A new deal brings", money_text(size.value_of_a_deal, unit), money_limits(size.value_of_a_deal, unit),
             textbook("size x rate", size.size_times_rate ? with_commas(*size.size_times_rate / unit) : "-")});
  const LeadLifetime& life = metrics.lifetime;
  table.row({"Median to any end", duration_text(life.median_to_end), duration_limits(life.median_to_end),
             textbook("mean of closed", duration_text(life.mean_age_closed))});
  table.row({"Mean within " + days, duration_text(life.mean_to_end), duration_limits(life.mean_to_end), ""});
  table.row({"Median to a win", duration_text(life.median_to_win), duration_limits(life.median_to_win),
             textbook("mean of won", duration_text(life.mean_age_won))});
  table.row({"Mean to a win", duration_text(life.mean_to_win), duration_limits(life.mean_to_win), ""});
  const auto stock = per_30_days(metrics.velocity.stock), flow = per_30_days(metrics.velocity.flow);
  table.row({"Won per 30 d: stock", money_text(stock, unit), money_limits(stock, unit), "open x win hazard"});
  table.row({"  flow", money_text(flow, unit), money_limits(flow, unit), "inflow x worth of one"});
  table.row({"  textbook", metrics.velocity.textbook ? with_commas(30 * *metrics.velocity.textbook / unit) : "-", "",
             "n x rate x size/cycle"});
  table.write(out);
}

void write_sizes(std::ostream& out, const FunnelMetrics& metrics, double unit) {
  using enum TextTable::Align;
  TextTable table({left, right, right, right, right, right, right});
  table.row({"Deal size", "Deals", "Unknown", "Mean", "95 % limits", "Median", "Trimmed"});
  table.rule();
  const auto line = [&](const char* what, const DealSizes& sizes) {
    table.row({what, whole_number(sizes.deals.deals), whole_number(sizes.deals.unknown_amounts),
               money_text(sizes.mean, unit), money_limits(sizes.mean, unit), money_text(sizes.median, unit),
               money_text(sizes.trimmed_mean, unit)});
  };
  line("Won", metrics.won);
  line("Open", metrics.open);
  line("Lost", metrics.lost);
  out << '\n';
  table.write(out);
  const auto& covariance = metrics.size_and_winning.covariance;
  if (!covariance) return;
  const bool above = covariance->interval->lower > 0, below = covariance->interval->upper < 0;
  out << (above   ? "Large deals are won more often:\n"
          : below ? "Large deals are won less often:\n"
                  : "Whether large deals are won more or less often is not clear:\n")
      << wrapped("the covariance of size and winning is " + with_commas(covariance->value / unit) + " (95 % limits " +
                 money_limits(covariance, unit) + ") a deal.");
}

void write_periods(std::ostream& out, const FunnelMetrics& metrics) {
  using enum TextTable::Align;
  const std::size_t count = metrics.periods.size(), hidden = count > kShownPeriods ? count - kShownPeriods : 0;
  TextTable table({left, right, right, right, right, right, right, right, right, right});
  table.row({"Created", "Deals", "Won", "Lost", "Open", "% won", "95 % limits", "Value", "W/(W+L)", "Stock"});
  table.rule();
  for (std::size_t p = hidden; p < count; ++p) {
    const MetricPeriod& period = metrics.periods[p];
    table.row({to_string(period.period.begin), whole_number(period.created.deals), whole_number(period.won),
               whole_number(period.lost), whole_number(period.open), percent_text(period.close_rate.by_count),
               percent_limits(period.close_rate.by_count), percent_text(period.close_rate.by_value),
               percent_text(period.closed.by_count), whole_number(period.in_funnel.deals)});
  }
  out << fmt::format("\nBy period of creation: % won within {:g} d, by count and by value (- where too\n",
                     metrics.horizon_days)
      << "young to tell); W/(W+L) of what closed in it; Stock: in the funnel at its end.\n";
  if (hidden > 0)
    out << counted(static_cast<double>(hidden), "earlier period") << (hidden == 1 ? " is" : " are")
        << " left out here, not in the JSON.\n";
  out << '\n';
  table.write(out);
}

}  // namespace

std::string to_json(const FunnelMetrics& metrics) {
  Json periods = Json::array();
  for (const MetricPeriod& period : metrics.periods)
    periods.push_back({{"begin", to_string(period.period.begin)},
                       {"end", to_string(period.period.end)},
                       {"created", count_json(period.created)},
                       {"won", period.won},
                       {"lost", period.lost},
                       {"open", period.open},
                       {"close_rate", by_age_json(period.close_rate)},
                       {"closed", closed_json(period.closed)},
                       {"in_funnel", count_json(period.in_funnel)},
                       {"mean_size", estimate_json(period.mean_size)},
                       {"median_to_end", estimate_json(period.median_to_end)}});
  const SizeAndWinning& size = metrics.size_and_winning;
  const LeadLifetime& life = metrics.lifetime;
  const Json json{{"as_of", to_string(metrics.as_of)},
                  {"since", to_string(metrics.since)},
                  {"horizon_days", metrics.horizon_days},
                  {"deals", metrics.deals},
                  {"in_funnel", count_json(metrics.in_funnel)},
                  {"on_hold", metrics.on_hold},
                  {"close_rate", by_age_json(metrics.close_rate)},
                  {"closed", closed_json(metrics.closed)},
                  {"size",
                   {{"won", sizes_json(metrics.won)},
                    {"open", sizes_json(metrics.open)},
                    {"lost", sizes_json(metrics.lost)},
                    {"mean_size", estimate_json(size.mean_size)},
                    {"value_of_a_deal", estimate_json(size.value_of_a_deal)},
                    {"size_times_rate", number_or_null(size.size_times_rate)},
                    {"covariance", estimate_json(size.covariance)},
                    {"mean_size_of_win", estimate_json(size.mean_size_of_win)}}},
                  {"lifetime",
                   {{"median_to_end", estimate_json(life.median_to_end)},
                    {"mean_to_end", estimate_json(life.mean_to_end)},
                    {"longest_days", life.longest_days},
                    {"median_to_win", estimate_json(life.median_to_win)},
                    {"mean_to_win", estimate_json(life.mean_to_win)},
                    {"closed", life.closed},
                    {"won", life.won},
                    {"mean_age_closed", estimate_json(life.mean_age_closed)},
                    {"mean_age_won", estimate_json(life.mean_age_won)}}},
                  {"created_in_window", metrics.created_in_window},
                  {"velocity",
                   {{"stock", estimate_json(metrics.velocity.stock)},
                    {"flow", estimate_json(metrics.velocity.flow)},
                    {"textbook", number_or_null(metrics.velocity.textbook)}}},
                  {"periods", periods}};
  return json.dump(2);
}

void write_tables(std::ostream& out, const FunnelMetrics& metrics) {
  if (metrics.deals == 0) {
    out << "No deals known on " << to_string(metrics.as_of) << ".\n";
    return;
  }
  const bool one = metrics.in_funnel.deals == 1 || metrics.deals == 1;
  out << whole_number(metrics.in_funnel.deals) << " of " << counted(static_cast<double>(metrics.deals), "deal")
      << (one ? " is" : " are") << " in the funnel on " << to_string(metrics.as_of) << ", worth "
      << with_commas(metrics.in_funnel.value.units()) << ".\n";
  if (metrics.close_rate.by_count)
    out << "Of those created, " << percent_with_limits(metrics.close_rate.by_count)
        << fmt::format(" are won within {:g} day{}.\n", metrics.horizon_days, metrics.horizon_days == 1 ? "" : "s");
  else
    out << fmt::format("None has been watched for {:g} day{} yet.\n", metrics.horizon_days,
                       metrics.horizon_days == 1 ? "" : "s");
  out << "Textbook figures are of what closed after " << to_string(metrics.since) << ".\n\n";
  const double unit = shown_unit(metrics);
  if (unit > 1) out << "Amounts in the tables are in units of " << with_commas(unit) << ".\n\n";
  write_four(out, metrics, unit);
  write_sizes(out, metrics, unit);
  write_periods(out, metrics);
}

}  // namespace putki
