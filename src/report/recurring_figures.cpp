#include <putki/report/recurring_figures.hpp>

#include "report/number_format.hpp"
#include "report/revenue_pictures.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

namespace putki {
namespace {

constexpr std::array<const char*, 4> kJoinedParts = {"revenue.part.booked", "revenue.part.open", "revenue.part.new",
                                                     "recurring.part.again"};
constexpr std::array<const char*, 2> kRecurringParts = {"recurring.part.todays", "recurring.part.to_be_won"};

struct UncertainPart {
  const char* key;
  ForecastPart RecurringPeriod::*part;
};
constexpr std::array<UncertainPart, 4> kUncertainParts = {
    {{"recurring.variance.open", &RecurringPeriod::open},
     {"recurring.variance.new", &RecurringPeriod::not_yet_created},
     {"recurring.variance.todays", &RecurringPeriod::todays_customers},
     {"recurring.variance.to_be_won", &RecurringPeriod::customers_to_be_won}}};

DrawnRevenue joined_revenue(const RecurringPeriod& period) {
  return drawn_revenue(period, period.mean,
                       {period.booked.mean, period.open.mean, period.not_yet_created.mean, period.recurring.mean});
}

DrawnRevenue recurring_alone(const RecurringPeriod& period) {
  return {period.period,
          &period.recurring_revenue,
          period.recurring.mean,
          0,
          {period.todays_customers.mean, period.customers_to_be_won.mean}};
}

std::vector<DrawnRevenue> drawn_of(const RecurringForecast& forecast, DrawnRevenue (*one)(const RecurringPeriod&)) {
  std::vector<DrawnRevenue> all;
  for (const RecurringPeriod& period : forecast.periods) all.push_back(one(period));
  return all;
}

// Of the first periods together, all but the whole horizon.
struct RevenueUpTo {
  Period period;
  double mean = 0;
  double booked = 0;
  RevenueDistribution revenue;
};

std::vector<RevenueUpTo> revenue_up_to(const RecurringForecast& forecast) {
  std::vector<RevenueUpTo> running;
  const Matrix& drawn = forecast.simulation.revenue;
  std::vector<double> sums(drawn.rows());
  RevenueUpTo up_to{.period = forecast.total.period, .revenue = {}};
  for (std::size_t p = 0; p + 1 < forecast.periods.size(); ++p) {
    const RecurringPeriod& period = forecast.periods[p];
    for (std::size_t draw = 0; draw < sums.size(); ++draw) sums[draw] += drawn(draw, p);
    up_to.period.end = period.period.end;
    up_to.mean += period.mean;
    up_to.booked += period.booked.mean;
    up_to.revenue = RevenueDistribution::from_sample(sums);
    running.push_back(up_to);
  }
  return running;
}

}  // namespace

Figure revenue_figure(const RecurringForecast& forecast, std::optional<double> target, const FigureOptions& options) {
  const std::vector<RevenueUpTo> sums = revenue_up_to(forecast);
  std::vector<DrawnRevenue> running;
  for (const RevenueUpTo& up_to : sums) running.push_back({up_to.period, &up_to.revenue, up_to.mean, up_to.booked, {}});
  running.push_back(joined_revenue(forecast.total));
  // For data of dates the horizon begins a day after `as_of`.
  return draw_running_revenue(running, forecast.total.period.end - Days(forecast.horizon_days + 1), target, options,
                              "recurring.running.computed");
}

Figure chance_figure(const RecurringForecast& forecast, std::optional<double> target, const FigureOptions& options) {
  return draw_chance(joined_revenue(forecast.total), target, options);
}

Figure periods_figure(const RecurringForecast& forecast, const FigureOptions& options) {
  return draw_periods(drawn_of(forecast, joined_revenue), options);
}

Figure parts_figure(const RecurringForecast& forecast, const FigureOptions& options) {
  return draw_parts(drawn_of(forecast, joined_revenue), joined_revenue(forecast.total), kJoinedParts, options,
                    "recurring.parts.computed");
}

Figure recurring_figure(const RecurringForecast& forecast, const FigureOptions& options) {
  const NumberFormat format(options);
  Figure figure = draw_parts(drawn_of(forecast, recurring_alone), recurring_alone(forecast.total), kRecurringParts,
                             options, "recurring.split.computed");
  figure.name = "recurring";
  if (!(forecast.total.recurring.mean > 0)) figure.title = text(options.language, "recurring.none");
  // Rows are the first periods and, where there are several, the total.
  for (const double probability : {0.1, 0.5, 0.9}) {
    figure.table.columns.push_back(text(options.language, "revenue.below", {format.share(probability, 0)}));
    for (std::size_t i = 0; i < figure.table.rows.size(); ++i) {
      const bool is_total = forecast.periods.size() > 1 && i + 1 == figure.table.rows.size();
      const RecurringPeriod& period = is_total ? forecast.total : forecast.periods[i];
      figure.table.rows[i].push_back(FigureCell::money(period.recurring_revenue.quantile(probability)));
    }
  }
  return figure;
}

Figure variance_figure(const RecurringForecast& forecast, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const std::string& key) { return text(options.language, key); };
  Figure figure{.name = "variance", .title = say("variance.none"), .computed = say("recurring.variance.computed")};
  figure.table.columns = {say("variance.period"), say("recurring.deviation")};
  for (const UncertainPart& part : kUncertainParts) figure.table.columns.push_back(say(part.key));

  constexpr std::size_t kMost = 99;  // and the total
  const bool several = forecast.periods.size() > 1, short_days = in_one_year(forecast.total.period);
  SpecificationContent content{.data = {{"parts", Json::array()}}};
  const auto add = [&](const RecurringPeriod& period, const std::string& name, const std::string& short_name) {
    if (!(period.revenue.sd() > 0)) return;
    std::vector<FigureCell>& row = figure.table.rows.emplace_back();
    row.push_back(FigureCell::of_text(name));
    row.push_back(FigureCell::money(period.revenue.sd()));
    for (std::size_t i = 0; i < kUncertainParts.size(); ++i) {
      const double share = (period.*kUncertainParts[i].part).share_of_variance;
      row.push_back(FigureCell::share(share));
      content.data["parts"].push_back(
          {{"period", short_name}, {"part", say(kUncertainParts[i].key)}, {"order", i}, {"share", share}});
    }
  };
  if (several)
    for (const RecurringPeriod& period : std::span(forecast.periods).first(std::min(forecast.periods.size(), kMost)))
      add(period, format.period(period.period), format.period(period.period, short_days));
  const std::string total = several ? say("revenue.total") : format.period(forecast.total.period, short_days);
  add(forecast.total, several ? total : format.period(forecast.total.period), total);
  if (forecast.periods.size() > kMost)
    figure.computed += " " + text(options.language, "revenue.left_out",
                                  {format.number(static_cast<double>(kMost)),
                                   format.number(static_cast<double>(forecast.periods.size()))});
  if (figure.table.rows.empty()) return figure;

  const auto largest =
      std::max_element(kUncertainParts.begin(), kUncertainParts.end(), [&](const auto& a, const auto& b) {
        return (forecast.total.*a.part).share_of_variance < (forecast.total.*b.part).share_of_variance;
      });
  if (forecast.total.revenue.sd() > 0)
    figure.title = text(options.language, largest->key + std::string(".title"),
                        {format.share((forecast.total.*largest->part).share_of_variance, 0)});
  content.description = figure.title;
  figure.specification = specification("variance_split", content, options);
  return figure;
}

PageSection recurring_section(const RecurringForecast& forecast, std::optional<double> target,
                              const FigureOptions& options) {
  PageSection section{.title = text(options.language, "revenue.section"), .figures = {}};
  section.figures.push_back(revenue_figure(forecast, target, options));
  section.figures.push_back(parts_figure(forecast, options));
  section.figures.push_back(recurring_figure(forecast, options));
  section.figures.push_back(chance_figure(forecast, target, options));
  if (forecast.periods.size() > 1) section.figures.push_back(periods_figure(forecast, options));
  section.figures.push_back(variance_figure(forecast, options));
  return section;
}

}  // namespace putki
