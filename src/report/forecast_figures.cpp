#include <putki/report/forecast_figures.hpp>

#include "report/number_format.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <array>

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

}  // namespace

Figure variance_figure(const Forecast& forecast, const FigureOptions& options) {
  const NumberFormat format(options);
  Figure figure{.name = "variance", .title = {}, .computed = text(options.language, "variance.computed")};
  figure.table.columns = {text(options.language, "variance.period")};
  for (const VariancePartName& part : kVarianceParts) figure.table.columns.push_back(text(options.language, part.key));

  std::vector<const PeriodForecast*> periods;
  if (forecast.periods.size() > 1)
    for (const PeriodForecast& period : forecast.periods) periods.push_back(&period);
  periods.push_back(&forecast.total);
  SpecificationContent content{.data = {{"parts", Json::array()}}};
  for (const PeriodForecast* period : periods) {
    const double variance = period->variance.total();
    if (variance <= 0) continue;
    const std::string name = format.day(period->period.begin) + " – " + format.day(period->period.end - Days(1));
    std::vector<FigureCell>& row = figure.table.rows.emplace_back();
    row.push_back(FigureCell::of_text(name));
    int order = 0;
    for (const VariancePartName& part : kVarianceParts) {
      const double share = period->variance.*part.part / variance;
      row.push_back(FigureCell::share(share));
      content.data["parts"].push_back(
          {{"period", name}, {"part", text(options.language, part.key)}, {"order", order++}, {"share", share}});
    }
  }
  std::size_t largest = 0;
  const VarianceParts& total = forecast.total.variance;
  for (std::size_t i = 1; i < kVarianceParts.size(); ++i)
    if (total.*kVarianceParts[i].part > total.*kVarianceParts[largest].part) largest = i;
  const double share = total.total() > 0 ? total.*kVarianceParts[largest].part / total.total() : 0;
  figure.title = text(options.language, "variance.title",
                      {text(options.language, kVarianceParts[largest].key), format.share(share, 0)});
  content.description = figure.title;
  if (!figure.table.rows.empty()) figure.specification = specification("variance_split", content, options);
  return figure;
}

}  // namespace putki
