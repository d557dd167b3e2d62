#pragma once
/// \file
/// Questions about several periods at once, answered from simulated draws.
///
/// Periods depend on each other: they share parameters and the common shock, and a deal won in one is not won in the
/// next. Answers carry the simulation's own noise, some 1 / (2 sqrt(draws)) for a probability.

#include <putki/core/interval.hpp>
#include <putki/forecast/simulation.hpp>

#include <span>

namespace putki {

struct JointProbability {
  double probability;
  Interval limits;  ///< Wilson, 95 %: what the number of draws leaves open
};

/// That every period's revenue, booked included, is at least its target; minus infinity asks nothing of a period.
/// InvalidArgument: not one target a period, or one that is not a number.
JointProbability probability_of_all(const Simulation& simulation, std::span<const double> targets);

/// That at least one period falls short of its target: 1 less the above, counted for itself.
JointProbability probability_of_any_short(const Simulation& simulation, std::span<const double> targets);

/// Revenue of the periods of these numbers (0: the first) together. InvalidArgument: none, a number out of range or
/// given twice.
RevenueDistribution revenue_of(const Simulation& simulation, std::span<const std::size_t> periods);

/// Correlation of the periods' revenues, periods x periods; 0 with a period that never varies, 1 on the diagonal.
Matrix period_correlation(const Simulation& simulation);

}  // namespace putki
