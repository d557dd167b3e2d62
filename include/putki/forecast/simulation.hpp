#pragma once
/// \file
/// The forecast by simulation: draws of each period's revenue, jointly over the periods.
///
/// It answers what one period's distribution cannot (the chance that two months both fall short, the worst quarter of
/// a year) and checks the exact forecast, with which it shares the parameter draws but nothing of the first-passage
/// recursion and the inversion: chances come from pushing mass forward day by day, money from drawing the winners.
///
/// What is joint. A draw has one set of parameters for all periods. A deal is won in one period at most, and new deals
/// by the Poisson law of each period given the draw. The common shock is drawn by week, counted from the first day of
/// the horizon, weeks independent, and so is its level, which persists; a period's shift is made of the means of its
/// days' weekly shocks and levels, scaled to the variances that `forecast` gives it. So periods that share a week move
/// together, and neighbours as far as the level lasts. The shift takes the values of the exact engine's Gauss-Hermite
/// nodes, picked by the place of that mean in its normal law: each period alone has exactly the law that `forecast`
/// gives it, and so has the total of a simulation of one period. The sum of several periods is close to the total of
/// `forecast`, not equal: the shock then moves chances period by period. Where the shifted chances of a deal add up to
/// more than 1, those of the last periods give way.
///
/// Randomness is counter-based: draw r has a stream of its own, so results do not depend on the thread count.
///
/// Cost, one core, one period (benchmarks/forecast_benchmark.cpp, 90 days, 8 stages, 64 parameter draws): 4 s to push
/// the 1,000 cells of stage and age of 10,000 deals, whatever the draws; then 70 to 90 us a draw for 10,000 or 20,000
/// open deals with new ones by the thousand, of which the cells and the new wins are the most; 13 us a draw for 100
/// deals. Several periods: also some 20 ns for each deal won. Memory: 8 bytes x draws x periods. An empty pipeline
/// without inflow: what is booked, in every draw.

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
/// same distribution when draws is a multiple of parameter_draws. Errors as `forecast`; no draws: InvalidArgument.
Simulation simulate(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options,
                    const SimulationOptions& simulation = {});

}  // namespace putki
