#pragma once
/// \file
/// The stage model on the calendar: hazards by age, times the rhythm of the week, times each stage's present speed.
///
/// Real pipelines sleep at weekends and holidays, work off what piled up, and have good and bad weeks. The probability
/// that a deal of age a in stage j moves to k on calendar day t is
///
///     h_jk(a) x f_jk(day type of t; day of entry or later), sped up by speed_j(t):
///
/// with L the sum of these over k, the chance of leaving becomes 1 - (1 - L)^speed, each target's share of it
/// unchanged. That is a proportional hazard in continuous time: sure moves stay sure, rare ones scale with the speed.
/// h is the posterior of StageModel, f has mean 1 over the days at risk, speed is a Level with long-run mean 1; day
/// types as in day_type.hpp.
///
/// Fit: h and f by iterative proportional fitting of occurrences to exposure, each f shrunk to 1 by `prior_moves` worth
/// of moves a day type; then each stage's daily moves against what h and f expect give its Level. With `half_life_days`
/// days at risk and moves count less the older they are. Cost: O(days^2) per stage plus the levels: 8
/// stages and four years of days in 4 ms without levels, 50 ms with (benchmarks/model_benchmark.cpp).
///
/// Empty statistics give a model in which nothing moves, with a warning (see StageModel).

#include <putki/core/day_type.hpp>
#include <putki/model/level.hpp>
#include <putki/model/stage_model.hpp>
#include <putki/stats/dated_statistics.hpp>

#include <vector>

namespace putki {

struct DatedModelOptions {
  StageModelOptions hazards = {};
  /// Fit weekday factors; false: all days alike.
  bool weekday_factors = true;
  /// Shrinkage of weekday factors, in moves per day type.
  double prior_moves = 5;
  /// Fit each stage's speed; false: always 1.
  bool levels = true;
  LevelOptions level = {};
  /// Days after which history counts half; 0: all of it counts alike.
  double half_life_days = 0;
};

/// One stage's calendar effects; rows as StageHazard::targets, one column a day type. Empty matrices: factor 1.
struct StageRhythm {
  Matrix entry_day;
  Matrix later;
  Level speed;
};

/// Chances of moving on each day of a horizon: one draw of the model, calendar effects and all.
class DatedHazards {
 public:
  /// What one stage does. Chances of a day and age bin sum to at most 1.
  struct Exits {
    std::vector<StageId> targets;  ///< empty: terminal, or never left
    std::vector<int> begins;       ///< first age of each bin, as StageHazard
    std::vector<double> chances;   ///< [day][bin][target]
    std::vector<double> stay;      ///< [day][bin]
    const double* chances_of(int day, std::size_t bin) const {
      return chances.data() + (static_cast<std::size_t>(day) * begins.size() + bin) * targets.size();
    }
    double stay_of(int day, std::size_t bin) const { return stay[static_cast<std::size_t>(day) * begins.size() + bin]; }
  };

  DatedHazards(StageGraph graph, int days, std::vector<Exits> exits)
      : graph_(std::move(graph)), days_(days), exits_(std::move(exits)) {}
  const StageGraph& graph() const { return graph_; }
  int days() const { return days_; }
  const Exits& exits(StageId stage) const { return exits_[index(stage)]; }
  /// With the hazard of every move multiplied, in continuous time: factors [stage][target], a stage's empty list means
  /// 1. Staying has chance stay^w, w the mean of the factors by each target's share; sure moves stay sure.
  DatedHazards multiplied(const std::vector<std::vector<double>>& factors) const;

 private:
  StageGraph graph_;
  int days_;
  std::vector<Exits> exits_;
};

class DatedModel {
 public:
  /// No calendar effects: every day is alike.
  explicit DatedModel(StageModel stages);
  /// InvalidArgument when shapes do not match the model's hazards.
  DatedModel(StageModel stages, BusinessCalendar calendar, std::vector<StageRhythm> rhythm);

  const StageModel& stages() const { return stages_; }
  const StageGraph& graph() const { return stages_.graph(); }
  const BusinessCalendar& calendar() const { return calendar_; }
  const StageRhythm& rhythm(StageId stage) const { return rhythm_[index(stage)]; }

  /// The same calendar effects on other hazards, of the same shape: InvalidArgument when it is not.
  DatedModel with_stages(StageModel stages) const;

  /// Posterior means over `days` days from `begin`, which follows the last day of the statistics.
  DatedHazards expected(Day begin, int days) const;
  /// A draw of hazards and speeds; `where[j]` in (0, 1) picks stage j's point of its level's grid, `mirrored` gives the
  /// antithetic draw.
  DatedHazards draw(RandomStream& random, Day begin, int days, std::span<const double> where, bool mirrored) const;

 private:
  DatedHazards on_days(const HazardTable& base, Day begin, int days,
                       const std::vector<std::vector<double>>& speeds) const;

  StageModel stages_;
  BusinessCalendar calendar_;
  std::vector<StageRhythm> rhythm_;
};

/// InvalidArgument: identity statistics, or options that are negative or not finite.
DatedModel fit_dated_model(const DatedStatistics& statistics, const BusinessCalendar& calendar = {},
                           const DatedModelOptions& options = {});

}  // namespace putki
