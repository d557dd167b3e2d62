#include "report/revenue_pictures.hpp"

#include "report/number_format.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace putki {
namespace {

constexpr std::size_t kMostPeriods = 100;

struct RevenueQuantile {
  const char* field;
  double probability;
};
constexpr std::array<RevenueQuantile, 7> kRevenueQuantiles = {{{"low95", 0.025},
                                                               {"low80", 0.1},
                                                               {"low50", 0.25},
                                                               {"middle", 0.5},
                                                               {"high50", 0.75},
                                                               {"high80", 0.9},
                                                               {"high95", 0.975}}};

double milliseconds(Day day) {
  return 86'400'000.0 * static_cast<double>(day.time_since_epoch().count());
}

Json band_names(Language language) {
  Json names = Json::array();
  for (const int level : {95, 80, 50})
    names.push_back({{"level", level}, {"label", text(language, "revenue.band." + std::to_string(level))}});
  return names;
}

std::vector<std::string> quantile_columns(const FigureOptions& options, const char* first) {
  const NumberFormat format(options);
  std::vector<std::string> columns{text(options.language, first), text(options.language, "revenue.booked"),
                                   text(options.language, "revenue.mean")};
  for (const RevenueQuantile& quantile : kRevenueQuantiles) {
    const bool whole = std::round(100 * quantile.probability) == 100 * quantile.probability;
    columns.push_back(text(options.language, "revenue.below", {format.share(quantile.probability, whole ? 0 : 1)}));
  }
  return columns;
}

// A row of the table; the same numbers as fields of a row of the chart.
Json quantile_row(const DrawnRevenue& drawn, const std::string& name, FigureTable& table) {
  std::vector<FigureCell>& row = table.rows.emplace_back();
  row.push_back(FigureCell::of_text(name));
  row.push_back(FigureCell::money(drawn.booked));
  row.push_back(FigureCell::money(drawn.mean));
  Json json{{"booked", drawn.booked}, {"mean", drawn.mean}};
  for (const RevenueQuantile& quantile : kRevenueQuantiles) {
    const double amount = drawn.revenue->quantile(quantile.probability);
    row.push_back(FigureCell::money(amount));
    json[quantile.field] = amount;
  }
  return json;
}

std::string left_out(const FigureOptions& options, std::size_t periods) {
  if (periods <= kMostPeriods) return "";
  const NumberFormat format(options);
  return " " + text(options.language, "revenue.left_out",
                    {format.number(kMostPeriods), format.number(static_cast<double>(periods))});
}

// Whole percents, tenths near the ends; what is not certain is never written as 0 or 100 %.
std::string chance_text(const FigureOptions& options, double chance) {
  const double shown = chance > 0 && chance < 1 ? std::clamp(chance, 0.001, 0.999) : chance;
  return NumberFormat(options).share(shown, shown > 0 && shown < 1 && (shown < 0.04 || shown > 0.96) ? 1 : 0);
}

std::string target_text(const FigureOptions& options, double target, double chance) {
  return text(options.language, "revenue.target", {NumberFormat(options).money(target), chance_text(options, chance)});
}

bool brings_nothing(const DrawnRevenue& drawn) {
  return drawn.mean == 0 && drawn.booked == 0 && drawn.revenue->sd() == 0;
}

// The smallest 1, 2 or 5 times a power of ten that cuts `span` into at most `most` steps.
double round_step(double span, double most) {
  const double least = span / most, power = std::pow(10, std::floor(std::log10(least)));
  for (const double digit : {1.0, 2.0, 5.0})
    if (digit * power >= least) return digit * power;
  return 10 * power;
}

// Where the chance of reaching an amount is shown: each possible amount where there are few, else round ones.
std::vector<double> amounts_to_show(const RevenueDistribution& revenue) {
  constexpr std::size_t kMostSteps = 40;
  if (revenue.form() == RevenueDistribution::Form::discrete && revenue.points().size() <= kMostSteps)
    return {revenue.points().begin(), revenue.points().end()};
  const double low = revenue.quantile(0.002), high = revenue.quantile(0.998);
  if (!(high > low)) return {low};
  const double step = round_step(high - low, kMostSteps);
  std::vector<double> amounts;
  for (double at = std::floor(low / step); at <= std::ceil(high / step); ++at) amounts.push_back(at * step);
  return amounts;
}

}  // namespace

bool in_one_year(const Period& period) {
  return std::chrono::year_month_day(period.begin).year() == std::chrono::year_month_day(period.end - Days(1)).year();
}

Figure draw_running_revenue(std::span<const DrawnRevenue> running, Day last_known, std::optional<double> target,
                            const FigureOptions& options, const char* computed_key) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure{.name = "revenue", .title = {}, .computed = say(computed_key)};
  figure.table.columns = quantile_columns(options, "revenue.up_to");
  if (running.empty()) {
    figure.title = say("revenue.none");
    return figure;
  }
  const DrawnRevenue& whole = running.back();
  const Day last = whole.period.end - Days(1);
  SpecificationContent content;
  Json points = Json::array();
  const auto certain = [&](Day day, double amount) {
    Json point{{"time", milliseconds(day)}, {"upto", format.day(day)}, {"booked", amount}, {"mean", amount}};
    for (const RevenueQuantile& quantile : kRevenueQuantiles) point[quantile.field] = amount;
    points.push_back(std::move(point));
  };
  certain(last_known, whole.booked);
  // The last ones, so that the whole horizon is among them.
  const std::size_t left = running.size() - std::min(running.size(), kMostPeriods);
  for (const DrawnRevenue& drawn : running.subspan(left)) {
    const std::string name = format.day(drawn.period.end - Days(1));
    Json point = quantile_row(drawn, name, figure.table);
    point["time"] = milliseconds(drawn.period.end - Days(1));
    point["upto"] = name;
    points.push_back(std::move(point));
  }
  figure.computed += left_out(options, running.size());

  Json target_rows = Json::array();
  if (target) {
    const double chance = whole.revenue->probability_at_least(*target);
    target_rows.push_back({{"amount", *target}});
    content.signals["targetLabel"] = target_text(options, *target, chance);
    const char* const key = chance >= 0.6   ? "revenue.title.likely"
                            : chance <= 0.4 ? "revenue.title.unlikely"
                                            : "revenue.title.open";
    figure.title = text(options.language, key, {format.money(*target), format.day(last), chance_text(options, chance)});
    figure.table.columns.push_back(text(options.language, "revenue.reaches", {format.money(*target)}));
    for (std::size_t i = 0; i < figure.table.rows.size(); ++i)
      figure.table.rows[i].push_back(FigureCell::share(running[left + i].revenue->probability_at_least(*target)));
  } else {
    figure.title = text(options.language, "revenue.title.range",
                        {format.day(last), format.money(whole.revenue->quantile(0.1)),
                         format.money(whole.revenue->quantile(0.9)), format.money(whole.mean)});
  }
  content.data = {
      {"points", std::move(points)}, {"bands", band_names(options.language)}, {"target", std::move(target_rows)}};
  content.signals["bookedLabel"] = say("revenue.booked");
  content.signals["middleLabel"] = say("revenue.middle");
  content.signals["meanLabel"] = say("revenue.mean");
  content.signals["bookedText"] =
      whole.booked != 0 ? say("revenue.booked") + " " + format.money(whole.booked) : std::string();
  content.signals["endLabel"] = say("revenue.middle") + " " + format.money(whole.revenue->quantile(0.5));
  if (brings_nothing(whole)) {
    if (!target) figure.title = say("revenue.none");
    return figure;
  }
  content.description = figure.title;
  figure.specification = specification("revenue_fan", content, options);
  return figure;
}

Figure draw_periods(std::span<const DrawnRevenue> periods, const FigureOptions& options) {
  const NumberFormat format(options);
  Figure figure{.name = "periods", .title = {}, .computed = text(options.language, "revenue.periods.computed")};
  figure.table.columns = quantile_columns(options, "revenue.period");
  if (periods.empty()) {
    figure.title = text(options.language, "revenue.none");
    return figure;
  }
  Json rows = Json::array();
  for (const DrawnRevenue& drawn : periods.first(std::min(periods.size(), kMostPeriods))) {
    const std::string name = format.period(drawn.period);
    Json row = quantile_row(drawn, name, figure.table);
    row["name"] = name;
    row["begin"] = milliseconds(drawn.period.begin);
    row["end"] = milliseconds(drawn.period.end);
    rows.push_back(std::move(row));
  }
  figure.computed += left_out(options, periods.size());
  const auto to_come = [](const DrawnRevenue& drawn) { return drawn.mean - drawn.booked; };
  const auto best = std::max_element(periods.begin(), periods.end(), [&](const DrawnRevenue& a, const DrawnRevenue& b) {
    return to_come(a) < to_come(b);
  });
  const bool booked =
      std::any_of(periods.begin(), periods.end(), [](const DrawnRevenue& drawn) { return drawn.booked != 0; });
  const char* const key = periods.size() == 1 ? "revenue.periods.one"
                          : booked            ? "revenue.periods.beyond"
                                              : "revenue.periods.title";
  figure.title = text(options.language, best->mean > 0 ? key : "revenue.none",
                      {format.period(best->period), format.money(periods.size() == 1 ? best->mean : to_come(*best))});
  SpecificationContent content{.data = {{"periods", std::move(rows)}, {"bands", band_names(options.language)}},
                               .signals = {{"middleLabel", text(options.language, "revenue.middle")},
                                           {"meanLabel", text(options.language, "revenue.mean")}},
                               .description = figure.title};
  if (!std::all_of(periods.begin(), periods.end(), brings_nothing))
    figure.specification = specification("revenue_periods", content, options);
  return figure;
}

Figure draw_chance(const DrawnRevenue& total, std::optional<double> target, const FigureOptions& options) {
  const NumberFormat format(options);
  const RevenueDistribution& revenue = *total.revenue;
  Figure figure{.name = "chance", .title = {}, .computed = text(options.language, "revenue.chance.computed")};
  figure.table.columns = {text(options.language, "revenue.at_least"), text(options.language, "revenue.chance")};
  const auto add = [&](double amount) {
    const double chance = revenue.probability_at_least(amount);
    figure.table.rows.push_back({FigureCell::money(amount), FigureCell::share(chance)});
    return Json{{"amount", amount}, {"chance", chance}};
  };
  Json points = Json::array(), marks = Json::array(), target_rows = Json::array();
  std::vector<double> amounts = amounts_to_show(revenue);
  const bool steps = revenue.form() == RevenueDistribution::Form::discrete && amounts.size() == revenue.points().size();
  for (const double amount : amounts) points.push_back(add(amount));
  double marked = -1;
  for (const double chance : {0.9, 0.5, 0.1}) {
    const double amount = revenue.quantile(1 - chance);
    if (steps || (marked >= 0 && amount == marked)) continue;
    marked = amount;
    marks.push_back(add(amount));
  }
  SpecificationContent content;
  if (target) {
    target_rows.push_back(add(*target));
    const double chance = revenue.probability_at_least(*target);
    content.signals["targetLabel"] = target_text(options, *target, chance);
    figure.title = text(options.language, "revenue.chance.target",
                        {chance_text(options, chance), format.money(*target), format.money(revenue.quantile(0.1))});
  } else {
    figure.title = text(options.language, "revenue.chance.title",
                        {format.money(revenue.quantile(0.1)), format.money(revenue.quantile(0.5))});
  }
  std::stable_sort(figure.table.rows.begin(), figure.table.rows.end(),
                   [](const auto& a, const auto& b) { return *a[0].number < *b[0].number; });
  if (amounts.size() < 2) return figure;  // certain
  content.data = {{"points", std::move(points)}, {"marks", std::move(marks)}, {"target", std::move(target_rows)}};
  content.signals["interpolation"] = steps ? "step-before" : "monotone";
  content.signals["amountLabel"] = text(options.language, "revenue.at_least");
  content.signals["chanceLabel"] = text(options.language, "revenue.chance");
  content.description = figure.title;
  figure.specification = specification("revenue_chance", content, options);
  return figure;
}

Figure draw_parts(std::span<const DrawnRevenue> periods, const DrawnRevenue& total,
                  std::span<const char* const> part_keys, const FigureOptions& options, const char* computed_key) {
  const NumberFormat format(options);
  Figure figure{.name = "parts", .title = {}, .computed = text(options.language, computed_key)};
  figure.table.columns = {text(options.language, "revenue.period")};
  for (const char* key : part_keys) figure.table.columns.push_back(text(options.language, key));
  figure.table.columns.push_back(text(options.language, "revenue.parts.sum"));
  Json parts = Json::array();
  const bool short_days = in_one_year(total.period);
  const auto add = [&](const DrawnRevenue& drawn, const std::string& name, bool with_bar) {
    std::vector<FigureCell>& row = figure.table.rows.emplace_back();
    row.push_back(FigureCell::of_text(name));
    double sum = 0;
    for (std::size_t i = 0; i < part_keys.size(); ++i) {
      row.push_back(FigureCell::money(drawn.parts[i]));
      sum += drawn.parts[i];
      if (with_bar && total.parts[i] != 0)
        parts.push_back({{"period", format.period(drawn.period, short_days)},
                         {"part", text(options.language, part_keys[i])},
                         {"order", i},
                         {"mean", drawn.parts[i]}});
    }
    row.push_back(FigureCell::money(sum));
  };
  for (const DrawnRevenue& drawn : periods.first(std::min(periods.size(), kMostPeriods)))
    add(drawn, format.period(drawn.period), true);
  if (periods.size() > 1) add(total, text(options.language, "revenue.total"), false);
  figure.computed += left_out(options, periods.size());

  double sum = 0;
  for (const double part : total.parts) sum += part;
  const auto largest = std::max_element(total.parts.begin(), total.parts.end());
  if (!(sum > 0)) {
    figure.title = text(options.language, "revenue.none");
    return figure;
  }
  const std::string key = part_keys[static_cast<std::size_t>(largest - total.parts.begin())];
  figure.title = text(options.language, key + ".title", {format.share(*largest / sum, 0), format.money(sum)});
  SpecificationContent content{.data = {{"parts", std::move(parts)}}, .description = figure.title};
  figure.specification = specification("revenue_parts", content, options);
  return figure;
}

}  // namespace putki
