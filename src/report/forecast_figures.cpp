#include <putki/report/forecast_figures.hpp>

#include "report/number_format.hpp"
#include "report/revenue_pictures.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace putki {
namespace {

struct VariancePartName {
  const char* key;
  double VarianceParts::*part;
};
constexpr std::array<VariancePartName, 4> kVarianceParts = {
    {{"variance.part.wins", &VarianceParts::wins},
     {"variance.part.amounts", &VarianceParts::amounts},
     {"variance.part.parameters", &VarianceParts::parameters},
     {"variance.part.common_shock", &VarianceParts::common_shock}}};

constexpr std::array<const char*, 3> kForecastParts = {"revenue.part.booked", "revenue.part.open", "revenue.part.new"};

DrawnRevenue drawn(const PeriodForecast& period) {
  return drawn_revenue(period, period.revenue.mean(),
                       {period.booked.mean, period.open.mean, period.not_yet_created.mean});
}

std::vector<DrawnRevenue> drawn(std::span<const PeriodForecast> periods) {
  std::vector<DrawnRevenue> all;
  for (const PeriodForecast& period : periods) all.push_back(drawn(period));
  return all;
}

}  // namespace

Figure revenue_figure(const Forecast& forecast, std::span<const PeriodForecast> running, std::optional<double> target,
                      const FigureOptions& options) {
  const std::vector<DrawnRevenue> all = running.empty() ? std::vector{drawn(forecast.total)} : drawn(running);
  // For data of dates the horizon begins a day after `as_of`.
  return draw_running_revenue(all, forecast.total.period.end - Days(forecast.horizon_days + 1), target, options);
}

Figure periods_figure(const Forecast& forecast, const FigureOptions& options) {
  return draw_periods(drawn(forecast.periods), options);
}

Figure chance_figure(const Forecast& forecast, std::optional<double> target, const FigureOptions& options) {
  return draw_chance(drawn(forecast.total), target, options);
}

Figure parts_figure(const Forecast& forecast, const FigureOptions& options) {
  return draw_parts(drawn(forecast.periods), drawn(forecast.total), kForecastParts, options);
}

PageSection forecast_section(const Forecast& forecast, std::span<const PeriodForecast> running,
                             std::optional<double> target, const FigureOptions& options) {
  PageSection section{.title = text(options.language, "revenue.section"), .figures = {}};
  section.figures.push_back(revenue_figure(forecast, running, target, options));
  section.figures.push_back(chance_figure(forecast, target, options));
  if (forecast.periods.size() > 1) section.figures.push_back(periods_figure(forecast, options));
  section.figures.push_back(parts_figure(forecast, options));
  section.figures.push_back(variance_figure(forecast, options));
  return section;
}

Figure variance_figure(const Forecast& forecast, const FigureOptions& options) {
  const NumberFormat format(options);
  Figure figure{.name = "variance", .title = {}, .computed = text(options.language, "variance.computed")};
  figure.table.columns = {text(options.language, "variance.period")};
  for (const VariancePartName& part : kVarianceParts) figure.table.columns.push_back(text(options.language, part.key));

  constexpr std::size_t kMost = 99;  // and the total
  std::vector<const PeriodForecast*> periods;
  if (forecast.periods.size() > 1)
    for (const PeriodForecast& period : std::span(forecast.periods).first(std::min(forecast.periods.size(), kMost)))
      periods.push_back(&period);
  periods.push_back(&forecast.total);
  const bool short_days = in_one_year(forecast.total.period);
  SpecificationContent content{.data = {{"parts", Json::array()}}};
  for (const PeriodForecast* period : periods) {
    const double variance = period->variance.total();
    if (variance <= 0) continue;
    const bool is_total = forecast.periods.size() > 1 && period == &forecast.total;
    const std::string name = is_total ? text(options.language, "revenue.total") : format.period(period->period),
                      short_name = is_total ? name : format.period(period->period, short_days);
    std::vector<FigureCell>& row = figure.table.rows.emplace_back();
    row.push_back(FigureCell::of_text(name));
    int order = 0;
    for (const VariancePartName& part : kVarianceParts) {
      const double share = period->variance.*part.part / variance;
      row.push_back(FigureCell::share(share));
      content.data["parts"].push_back(
          {{"period", short_name}, {"part", text(options.language, part.key)}, {"order", order++}, {"share", share}});
    }
  }
  std::size_t largest = 0;
  const VarianceParts& total = forecast.total.variance;
  for (std::size_t i = 1; i < kVarianceParts.size(); ++i)
    if (total.*kVarianceParts[i].part > total.*kVarianceParts[largest].part) largest = i;
  const double share = total.total() > 0 ? total.*kVarianceParts[largest].part / total.total() : 0;
  figure.title = total.total() > 0 ? text(options.language, "variance.title",
                                          {text(options.language, kVarianceParts[largest].key), format.share(share, 0)})
                                   : text(options.language, "variance.none");
  content.description = figure.title;
  if (!figure.table.rows.empty()) figure.specification = specification("variance_split", content, options);
  return figure;
}

}  // namespace putki
