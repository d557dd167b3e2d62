#pragma once
/// \file
/// What every part of a plan is asked: a target, by when, how sure.
///
/// A plan reads the revenue of the whole horizon as `forecast` gives it for the same options: the same parameter draws,
/// the same common shock, the same inversion. Nothing here is simulated and results do not depend on the thread count.

#include <putki/forecast/forecast.hpp>

#include <optional>

namespace putki {

/// What the weekly inflow is to bring (level_inflow.hpp).
enum class InflowAim {
  expected,   ///< expected revenue of at least the target: met in about half of all cases
  confident,  ///< revenue of at least the target with the plan's confidence
};

struct PlanOptions {
  /// Revenue of the horizon, what is booked already included.
  double target;
  /// Horizon, draws, seed, threads and progress; `period` cuts the horizon for the gaps (nothing: months).
  ForecastOptions forecast;
  /// Wanted probability of revenue >= target, inside (0, 1).
  double confidence = 0.8;
  /// Extra leads come in place of the usual inflow; false: besides it.
  bool in_place_of_inflow = false;
  /// A lead matters while its chance to be won by the end is at least this, inside (0, 1).
  double least_chance = 0.01;
  /// Where the search for leads ends, 1 .. 1,000,000.
  int most_leads = 10'000;
  /// Most deals that can be open at once, not below those open now; nothing: no limit.
  std::optional<double> capacity = std::nullopt;
  InflowAim aim = InflowAim::confident;
};

}  // namespace putki
