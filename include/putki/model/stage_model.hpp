#pragma once
/// \file
/// The stage model: hazards estimated from visit counts, with their posterior.
///
/// Within an age bin the days at risk are trials with outcomes "stay" and one per target, so with E days at risk, D_k
/// moves to k and a prior worth `prior_days` days at the reference hazards h0_k the posterior is
///
///     Dirichlet(D_1 + prior_days h0_1, .., E - D + prior_days (1 - h0)),
///
/// whose mean (D_k + prior_days h0_k) / (E + prior_days) is occurrences over exposure, shrunk. The reference is the
/// stage's own constant hazard: of all ages for the day of entry, of ages from 1 day on for the rest, since the day of
/// entry is partial and often unlike any other. `prior_days` is `prior_moves` over the reference hazard: the prior
/// weighs as much as `prior_moves` observed moves.
///
/// Bins are single days while these hold enough moves; otherwise they grow until they hold `moves_per_bin` moves, or
/// until so many would have been expected at the stage's constant hazard. Moves beyond the statistics' cap count as
/// censored at the cap.
///
/// Cost: one pass over the counts; 8 stages x 4 years of days in about a millisecond (benchmarks/model_benchmark.cpp).
/// Empty statistics give a model in which nothing moves, with a warning. A stage that was never left: a warning.
///
/// Source: occurrence/exposure rates, Andersen, Borgan, Gill & Keiding 1993; discrete-time competing risks, Tutz &
/// Schmid 2016.

#include <putki/core/fit_info.hpp>
#include <putki/core/random.hpp>
#include <putki/model/hazard_table.hpp>
#include <putki/stats/stage_statistics.hpp>

namespace putki {

struct StageModelOptions {
  /// Moves that close an age bin. Fewer: finer bins, noisier.
  double moves_per_bin = 20;
  /// Weight of the stage's constant hazard in each age bin, in moves of any kind; 0 is no shrinkage. More than a move
  /// lifts the hazards of old deals for good, since hazards mostly fall with age.
  double prior_moves = 0.5;
};

class StageModel {
 public:
  /// From numbers that come from elsewhere: hazards, and per stage the Dirichlet parameters (bins x (targets + 1), the
  /// last column for staying) or an empty matrix where the hazards are known exactly. `entry_shares` sum to 1, or are
  /// all 0. InvalidArgument when shapes do not match the hazards or a parameter is below 0.
  StageModel(HazardTable hazards, std::vector<Matrix> posterior, std::vector<double> entry_shares, FitInfo info = {});

  const StageGraph& graph() const { return mean_.graph(); }
  /// Posterior means.
  const HazardTable& hazards() const { return mean_; }
  /// Dirichlet parameters of a stage as the constructor takes them.
  const Matrix& posterior(StageId stage) const { return posterior_[index(stage)]; }
  /// One draw from the posterior, gammas scaled to sum to one; the stream decides it. `mirrored` gives the antithetic
  /// draw of the same stream: high where the other is low (see mirrored_gamma).
  HazardTable draw(RandomStream& random, bool mirrored = false) const;
  const FitInfo& info() const { return info_; }
  /// Deals that first entered at each stage, as shares; all zero when there were none.
  const std::vector<double>& entry_shares() const { return entry_shares_; }

 private:
  HazardTable mean_;
  std::vector<Matrix> posterior_;  // per stage: bins x (targets + stay)
  std::vector<double> entry_shares_;
  FitInfo info_;
};

/// InvalidArgument: identity statistics, or options that are negative or not finite.
StageModel fit_stage_model(const StageStatistics& statistics, const StageModelOptions& options = {});

}  // namespace putki
