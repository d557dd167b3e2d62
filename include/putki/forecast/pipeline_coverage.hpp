#pragma once
/// \file
/// Pipeline coverage, and how much of it the target really takes.
///
///     coverage = open value / (target - booked),
///
/// with open deals of unknown amount at the mean of what won deals brought. A rule of thumb ("three times") is no
/// answer: what is needed depends on which deals are open, on the inflow and on the time left. *Required coverage* is
/// the coverage at which P(revenue >= target) is the confidence if the pipeline grew, or shrank, in its present mix:
/// every open deal is there k-fold, that is floor(k) times and once more with probability k - floor(k), copies winning
/// independently given the scenario; the usual inflow comes as before. The probability rises with k without a jump, k
/// is found in steps of 0.001, and required = k x coverage. 0: the inflow alone does it.
///
/// Cost: some 5 inversions.

#include <putki/forecast/plan_options.hpp>

#include <optional>

namespace putki {

struct PipelineCoverage {
  double open_value = 0;
  double remaining_target = 0;     ///< target - booked, 0 when it is reached
  std::optional<double> coverage;  ///< nothing when no target remains
  double probability = 0;          ///< of the target, as things stand
  /// Nothing when no target remains, when open deals can bring nothing, or when more than 100 times the pipeline (or
  /// a million deals) would be needed.
  std::optional<double> required;
};

/// Errors as leads_needed.
PipelineCoverage pipeline_coverage(const ForecastModel& model, const OpenPipeline& pipeline,
                                   const PlanOptions& options);

}  // namespace putki
