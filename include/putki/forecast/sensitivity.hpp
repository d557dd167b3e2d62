#pragma once
/// \file
/// Which levers move revenue, and by how much money.
///
/// The derivative of the horizon's expected revenue by each chance of moving on each day comes from one forward and one
/// backward pass (PassageGradient), averaged over parameter draws and nodes of the common shock, and the chain rule
/// carries it to what a sales manager can pull: the same changes as those of what_if.hpp, in their limit of a small
/// one. With c_k the chance of moving to k on a day and age, L that of leaving and G_k = dR / dc_k, for k's odds g
///
///     dR / dlog g = sum_days sum_ages c_k (1 - c_k / L) G_k - sum_{m != k} (c_k c_m / L) G_m,
///     dR / dq_jk  = (dR / dlog g) / (dq_jk / dlog g),
///
/// q_jk the share of visits to j that end by a move to k (eventual_shares.hpp).
///
/// Cost: some 1.5 forecasts of one period (60 ms where that takes 40). Without deals and inflow every lever is worth 0.

#include <putki/forecast/forecast.hpp>

#include <vector>

namespace putki {

struct Lever {
  enum class Kind {
    conversion,  ///< one point more of the visits to `from` move to `to`, the others pay in proportion
    delay,       ///< 1 % less time in `from` on average
    inflow,      ///< 1 % more new deals
    amounts,     ///< 1 % larger amounts of all deals not yet won
  };
  Kind kind;
  StageId from = kNoStage;
  StageId to = kNoStage;
  /// Where the lever stands: the share of visits, the expected days of a stay (infinite where some stay for ever), the
  /// new deals expected in the horizon, the mean amount of new deals.
  double now = 0;
  /// Change of expected revenue in the horizon for the step above; below 0 where it costs. Scaled from the derivative:
  /// ten steps are worth ten times as much only roughly.
  double money = 0;
};

/// All levers, those worth most first, gain or loss. Moves that are a stage's only way out have no lever, nor have
/// stages never left. Errors as `forecast`.
std::vector<Lever> levers(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options);

}  // namespace putki
