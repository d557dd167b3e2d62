#include <putki/forecast/forecast.hpp>
#include <putki/stats/dated_statistics.hpp>

namespace putki {

ForecastModel fit_forecast_model(const AsOf& view, const ForecastModelOptions& options, TrackRecord* record) {
  DatedStatistics statistics(view.graph());
  statistics.update(view);
  ForecastModel model{fit_dated_model(statistics, options.calendar, options.stages),
                      fit_inflow(statistics, options.calendar, options.inflow),
                      AmountDistribution::of_won_deals(view, options.amounts), CommonShock::prior(),
                      options.revise_amounts ? AmountRevision::of_won_deals(view, options.revision) : AmountRevision{}};
  if (!options.learn_shock) return model;
  TrackRecord own;
  TrackRecord& past = record != nullptr ? *record : own;
  past.extend(view, options);
  model.shock = past.shock(view.day());
  return model;
}

}  // namespace putki
