#pragma once
/// \file
/// What all parts of a plan read: the revenue problem of the whole horizon, and what a lead would add to it.

#include <putki/forecast/leads_needed.hpp>
#include <putki/forecast/level_inflow.hpp>
#include <putki/forecast/occupancy.hpp>
#include <putki/forecast/pipeline_coverage.hpp>
#include <putki/forecast/plan_options.hpp>

#include "forecast/horizon_problems.hpp"

#include <functional>
#include <span>
#include <vector>

namespace putki {

/// Throws InvalidArgument on options that the public headers refuse.
void check_plan_input(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options);

/// Deals of one kind, by split (scenario and node of its shock): how many are expected to be won of one of them.
using WinChances = std::vector<double>;

class PlanTables {
 public:
  /// Checks its input.
  PlanTables(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options);

  const ForecastModel& model() const { return model_; }
  const OpenPipeline& pipeline() const { return pipeline_; }
  const PlanOptions& options() const { return options_; }
  double booked() const { return booked_; }
  /// Of the whole horizon, as `forecast` has it.
  const RevenueProblem& problem() const { return problem_; }
  double mean_amount() const { return mean_amount_; }
  double mean_square() const { return mean_square_; }
  std::size_t splits() const { return shifts_.size(); }

  /// A deal that enters the stage on day 0.
  WinChances today(StageId stage) const;
  /// A deal that enters by the entry mix on one of days [begin, end) of the horizon: with `by_rhythm` as the usual
  /// inflow is spread over them, else on all alike.
  WinChances entering(int begin, int end, bool by_rhythm) const;
  /// Mean over splits.
  double mean(const WinChances& chances) const;
  /// Shares of the days of [begin, end) in what enters between them; sum 1.
  std::vector<double> day_shares(int begin, int end, bool by_rhythm) const;
  /// Mean chance by day of the horizon, of an entry to the stage; of the entry mix.
  std::vector<double> chance_by_day(StageId stage) const;
  std::vector<double> chance_by_day() const;
  /// Expected creations by day of the horizon.
  const std::vector<double>& usual_inflow() const { return usual_inflow_; }

  /// Revenue, booked included, of a problem made from this one.
  double probability(const RevenueProblem& problem) const;
  /// The same by a normal law in each split, given revenue's mean and variance there (booked left out).
  double normal_probability(std::span<const double> mean, std::span<const double> variance) const;
  /// Moments by split of the open deals alone, and of the usual inflow.
  const std::vector<double>& open_mean() const { return open_mean_; }
  const std::vector<double>& open_variance() const { return open_variance_; }

 private:
  WinChances shifted(std::span<const double> by_scenario) const;

  const ForecastModel& model_;
  const OpenPipeline& pipeline_;
  const PlanOptions& options_;
  double booked_ = 0, mean_amount_ = 0, mean_square_ = 0;
  RevenueProblem problem_;
  std::vector<std::size_t> scenario_of_;  // by split
  std::vector<double> shifts_;
  std::vector<Matrix> entry_;  // [scenario]: days x stages, won by the end of the horizon, before any shock
  std::vector<double> usual_inflow_;
  std::vector<double> open_mean_, open_variance_;
};

/// The smallest number in 1 .. most with exact(number) >= wanted, for an `exact` that never falls; `near` guides the
/// search. `at_zero` = exact(0) < wanted. Nothing found: number = most + 1 with exact(most) as one_fewer.
struct SmallestNumber {
  int number;
  double probability;
  double one_fewer;
};
SmallestNumber smallest_number(int most, double wanted, double at_zero, const std::function<double(int)>& exact,
                               const std::function<double(int)>& near);

/// Calendar weeks of the horizon, as days counted from its first.
std::vector<HorizonPeriod> horizon_weeks(const OpenPipeline& pipeline, const PlanOptions& options);

LeadsPlan leads_needed(const PlanTables& tables);
PipelineCoverage pipeline_coverage(const PlanTables& tables);
LevelInflow level_inflow(const PlanTables& tables);

}  // namespace putki
