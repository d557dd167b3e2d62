#include <putki/forecast/running_total.hpp>

#include "forecast/horizon_problems.hpp"

namespace putki {

std::vector<PeriodForecast> running_totals(const ForecastModel& model, const OpenPipeline& pipeline,
                                           const ForecastOptions& options) {
  check_forecast_input(model, pipeline, options);
  std::vector<HorizonPeriod> periods = horizon_periods(pipeline, options);
  for (HorizonPeriod& period : periods) {
    period.period.begin = periods.front().period.begin;
    period.begin = 0;
    period.booked = periods.front().booked;  // what is booked was won before the horizon
  }
  Forecast sums = forecast_from(problems_of_periods(model, pipeline, options, periods), pipeline, options);
  if (periods.size() > 1) sums.periods.push_back(std::move(sums.total));
  return std::move(sums.periods);
}

}  // namespace putki
