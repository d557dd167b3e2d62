#pragma once
/// \file
/// What each open deal brings to the forecast of the whole horizon: its part of the mean and of the variance.
///
/// A deal's part of the variance is its covariance with all revenue,
///
///     E[P(win) v + P(win) (1 - P(win)) m^2] + Cov_scenarios(P(win) m, E[revenue | scenario]),
///
/// m and v the mean and variance of its amount: what it adds by itself, and what it adds by moving with the others.
/// Parts of all deals and of the deals not yet created sum to the variance.

#include <putki/forecast/forecast.hpp>

#include <string>
#include <vector>

namespace putki {

struct DealPart {
  std::string name;
  StageId stage;
  int age_days;
  std::optional<double> amount;
  double chance;    ///< of being won within the horizon
  double mean;      ///< part of expected revenue
  double variance;  ///< part of the variance of revenue
};

enum class DealOrder { mean, variance };

/// All open deals, those with the largest part first; equal ones as in the pipeline. The switches of `options` are
/// heeded, but wins are taken to be uncertain. Errors as `forecast`; cost: of a forecast less its inversion.
std::vector<DealPart> deal_parts(const ForecastModel& model, const OpenPipeline& pipeline,
                                 const ForecastOptions& options, DealOrder order = DealOrder::mean);

}  // namespace putki
