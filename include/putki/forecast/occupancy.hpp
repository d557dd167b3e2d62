#pragma once
/// \file
/// How many deals should be where, and which period will fall short for the lack of them: gaps in the funnel.
///
/// **Occupancy needed.** A pipeline in steady state that brings r a day takes an inflow of
///
///     lambda = r / (P(win) E[amount])
///
/// deals a day, P(win) that of a new deal, ever; and by Little's law (1961) stage j then holds on average
///
///     m_j = lambda x expected visits to j x mean stay in j
///
/// deals when a day begins. Visits, stays and P(win) are those of the absorbing chain of the model's hazards, entered
/// by the pipeline's entry mix: averages over the week, stage speeds at their long-run mean. With Poisson arrivals the
/// number in a stage is Poisson with that mean (M/G/infinity), which gives `usual` and the score; real inflow scatters
/// more, so a score of -2 is less of an alarm than it sounds.
///
/// **Gaps.** What remains of the target is spread over the days of the horizon; a period falls short when it brings its
/// share with less than the confidence. A confident quarter can have months that are not: their luck evens out.
///
/// **What a gap comes from.** In the steady state above the deals now in stage j would be of age a as survival says,
/// proportional to S_j(a), and would bring a certain mean revenue in each period, as would new deals; against that
/// stands what the present deals of the stage, and the present inflow, are expected to bring. The difference is the
/// stage's *shortage* in that period. Shortages of all sources sum to share - expected, but for calendar effects and
/// levels (a short week, a slow month), which no stage can be blamed for. A cause is named when one source alone makes
/// up half of all that is short and the period is expected to fall short; otherwise none is.

#include <putki/core/interval.hpp>
#include <putki/forecast/plan_options.hpp>

#include <optional>
#include <vector>

namespace putki {

struct StageOccupancy {
  StageId stage;
  double visits;          ///< expected visits of one deal that enters the pipeline
  double mean_stay_days;  ///< a visit; infinite when the stage was never left
  double needed;          ///< m_j; infinite with the stay, 0 when no deal comes by
  double actual;          ///< deals there now
  double z_score;         ///< (actual - needed) / sqrt(needed); 0 when needed is 0 or infinite
  Interval usual;         ///< Poisson numbers with at most 5 % below and 5 % above
};

struct Occupancy {
  double revenue_per_day = 0;
  double win_probability = 0;           ///< of a new deal, ever
  double mean_amount = 0;               ///< of a won deal
  std::optional<double> inflow_needed;  ///< deals a day; nothing when new deals bring nothing: no occupancy does it
  double inflow_now = 0;                ///< deals a day, expected over the next four weeks
  /// Open and on-hold stages in the graph's order. Empty when no inflow does it.
  std::vector<StageOccupancy> stages;
};

/// InvalidArgument: revenue_per_day below 0 or not finite; a deal in a terminal or unknown stage.
Occupancy occupancy_needed(const ForecastModel& model, const OpenPipeline& pipeline, double revenue_per_day);

struct GapCause {
  std::optional<StageId> stage;  ///< nothing: the inflow, deals that do not exist yet
  double shortage;               ///< mean revenue missing in the period
};

struct PeriodGap {
  Period period;       ///< inside the horizon: what was won before it is not in here
  double share;        ///< of the remaining target
  double expected;     ///< mean revenue
  double probability;  ///< of reaching the share
  bool falls_short;    ///< probability < confidence
  std::optional<GapCause> cause;
};

/// One entry a period of the horizon (`forecast.period`, nothing: months), in order. Errors as leads_needed.
std::vector<PeriodGap> funnel_gaps(const ForecastModel& model, const OpenPipeline& pipeline,
                                   const PlanOptions& options);

}  // namespace putki
