#include <putki/forecast/segment_forecast.hpp>

#include "forecast/horizon_problems.hpp"
#include "forecast/segment_win_rates.hpp"

namespace putki {

std::vector<SegmentForecast> forecast_by_segment(const ForecastModel& model, const OpenPipeline& pipeline,
                                                 const ForecastOptions& options) {
  check_forecast_input(model, pipeline, options);
  ForecastOptions whole = options;
  whole.period.reset();
  const HorizonPeriod horizon = horizon_periods(pipeline, whole).front();
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, whole);
  const DealCells cells = group_deals(model, pipeline);
  const WinTable wins = tabulate_wins(model, scenarios, cells, {&horizon, 1}, whole);
  const std::vector<SegmentWinRate> rates = segment_win_rates(model);

  std::vector<SegmentForecast> result;
  for (std::size_t segment = 0; segment < rates.size(); ++segment) {
    SegmentForecast part{.segment = model.groups.segments()[segment].name, .revenue = {}};
    for (const OpenDeal& deal : pipeline.deals) {
      if (model.groups.segment_of(deal.segment) != segment) continue;
      part.open_deals += 1;
      part.open_value += deal.amount.value_or(0);
    }
    HorizonProblem of_segment{horizon, problem_of(model, pipeline, scenarios, cells, wins, 0, horizon.begin,
                                                  horizon.end, options.uncertain, segment)};
    of_segment.period.booked = 0;
    for (const Booking& booking : pipeline.bookings)
      if (model.groups.segment_of(booking.segment) == segment) of_segment.period.booked += booking.amount;
    part.revenue = forecast_from({of_segment}, pipeline, options).total;
    part.win_rate = rates[segment].rate;
    part.win_rate_lead = rates[segment].lead;
    part.win_rate_error = rates[segment].error;
    result.push_back(std::move(part));
  }
  return result;
}

}  // namespace putki
