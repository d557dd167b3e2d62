#pragma once
/// \file
/// The forecast by simulation: each deal walks through the stages, day by day.
///
/// It answers what depends on the path (several periods jointly) and checks the exact forecast, with which it shares
/// the parameter draws but nothing of the first-passage and inversion code. Randomness is counter-based: draw r has a
/// stream of its own, so results do not depend on the thread count.

#include <putki/core/matrix.hpp>
#include <putki/forecast/forecast.hpp>

namespace putki {

struct SimulationOptions {
  std::size_t draws = 100'000;
  /// 0: one per core.
  unsigned threads = 0;
  Progress progress = {};
};

struct Simulation {
  std::vector<Period> periods;
  /// Revenue by draw and period, booked included.
  Matrix revenue;
  /// Revenue of the whole horizon.
  RevenueDistribution total;
};

/// Draw r uses parameter draw r modulo parameter_draws of the same seed: exact and simulated forecasts estimate the
/// same distribution when draws is a multiple of parameter_draws. Memory: 8 bytes x draws x periods. Errors as
/// `forecast`; no draws: InvalidArgument.
Simulation simulate(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options,
                    const SimulationOptions& simulation = {});

}  // namespace putki
