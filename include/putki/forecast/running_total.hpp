#pragma once
/// \file
/// Revenue from the first day on, added up: the distribution of the sum of the first periods, for each of them.
///
/// Periods depend on each other, so the sum of two is no function of their two distributions. Each running total is
/// forecast as one period that ends where its last one does, with the same parameter draws; the last running total is
/// the `total` of `forecast` with the same options. Where a shift of all deals is possible the expected revenue of the
/// first periods together is only nearly the sum of theirs, and nearly that of a horizon which ends with them: the
/// shift is one of the odds, over all days in which new deals may be won.
///
/// Time basis, units and thread rule as forecast.hpp. Cost: that of `forecast` with the same options and periods.

#include <putki/forecast/forecast.hpp>

#include <vector>

namespace putki {

/// One for each period that `forecast` has with these options, in order, each from the first day of the first period to
/// the last day of its own; what is booked is in all of them. Errors as `forecast`. No deals and no inflow: what is
/// booked, for certain.
std::vector<PeriodForecast> running_totals(const ForecastModel& model, const OpenPipeline& pipeline,
                                           const ForecastOptions& options);

}  // namespace putki
