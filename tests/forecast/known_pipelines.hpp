#pragma once
/// \file
/// Pipelines whose win probabilities are chosen: one open stage per probability, left for Won with that hazard every
/// day.

#include <putki/forecast/forecast.hpp>

#include <string>
#include <vector>

namespace putki {

/// Within a horizon of one day a deal in stage i is won with probability daily_win[i], a new deal (all enter stage 0)
/// with daily_win[0].
inline ForecastModel known_model(const std::vector<double>& daily_win, double new_per_day, AmountDistribution amounts) {
  StageGraph::Builder builder;
  for (std::size_t i = 0; i < daily_win.size(); ++i) builder.stage("S" + std::to_string(i));
  builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  std::vector<StageHazard> stages(daily_win.size() + 2);
  for (std::size_t i = 0; i < daily_win.size(); ++i) {
    stages[i].targets = {static_cast<StageId>(daily_win.size()), static_cast<StageId>(daily_win.size() + 1)};
    stages[i].hazard = Matrix(1, 2);
    stages[i].hazard(0, 0) = daily_win[i];
    stages[i].hazard(0, 1) = 0.5 * (1 - daily_win[i]);
  }
  std::vector<double> entries(daily_win.size() + 2);
  entries[0] = 1;
  std::vector<Matrix> posterior(daily_win.size() + 2);
  return {
      DatedModel(StageModel(HazardTable(builder.build(), std::move(stages)), std::move(posterior), std::move(entries))),
      InflowModel{.per_day = new_per_day, .dispersion = 1, .window_days = 1e9}, std::move(amounts)};
}

inline OpenPipeline known_pipeline() {
  OpenPipeline pipeline;
  pipeline.as_of = *parse_day("2024-05-01");
  pipeline.first_day = pipeline.as_of;
  pipeline.booked_since = pipeline.as_of;
  return pipeline;
}

}  // namespace putki
