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
/// Age bins of h hold `moves_per_bin` moves or, of n moves from age 1 on, n^(2/3) where that is more: the rate of a
/// histogram (Freedman & Diaconis 1981), by which each hazard gets surer as data come in and bins still get finer.
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

#include <array>
#include <string>
#include <vector>

namespace putki {

/// What makes a visit older: every day, or only the business days of the calendar. On the business clock age is
/// calendar.business_days_between(entry day, day), exactly as in StageStatistics: on a day off it stands still, and a
/// stage entered on one has age 0 through the next business day. Moves happen on every day all the same.
enum class Clock {
  calendar,
  business,
  automatic,  ///< of fits: whichever foretold the last weeks better, see DatedModelOptions
};

/// What choose_half_life chooses among, days; 0: all history counts alike.
inline constexpr std::array<double, 4> kHalfLifeChoices{0, 45, 90, 180};

/// `clock = automatic` and `choose_half_life` choose by out-of-sample log score on the statistics themselves
/// (transition_score.hpp): each candidate is fitted on what was known at a few past days and scored by what every visit
/// then did, day by day. First the clock, with `half_life_days`, then the half-life on that clock; the better wins, the
/// first named when alike or when the past is too short to tell. The result says what was tried: DatedModel::choice.
/// Cost: one fit more per candidate and cut, at most 4 cuts.
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
  /// Take one of kHalfLifeChoices in place of half_life_days: whichever foretold the last weeks best.
  bool choose_half_life = false;
  /// What makes a visit older.
  Clock clock = Clock::calendar;
};

/// What an automatic fit tried, in that order. Empty when nothing was left to choose.
struct DatedModelChoice {
  struct Candidate {
    Clock clock;
    double half_life_days;
    /// Log-likelihood of what came, per move that came; not a number when the past is too short to tell.
    double log_score;
  };
  std::vector<Candidate> candidates;
  std::vector<std::string> notes;  ///< one line a choice, for a person: what was taken, by how much it was better
};

/// One stage's calendar effects; rows as StageHazard::targets, one column a day type. Empty matrices: factor 1.
struct StageRhythm {
  Matrix entry_day;
  Matrix later;
  Level speed;
};

/// A change laid over how one stage is left, on every day and at every age: what a what-if asks. Draws of the changed
/// model are the changed draws of the model.
struct ExitChange {
  StageId stage;
  /// The chance of leaving on a day becomes 1 - (1 - L)^pace, each target's share of it unchanged: a proportional
  /// hazard. Where the hazard does not change with age a stay lasts 1 / pace times as long.
  double pace = 1;
  /// The odds of `target` among those who leave on a day are multiplied by `odds`, the chance of leaving unchanged. The
  /// other targets make room in proportion; with a `payer` it alone does. On a day and at an age where only one of
  /// them occurs nothing changes.
  StageId target = kNoStage;
  double odds = 1;
  StageId payer = kNoStage;
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

  /// `age_advances`: one a day, or none where every day makes a visit older.
  DatedHazards(StageGraph graph, int days, std::vector<Exits> exits, std::vector<bool> age_advances = {})
      : graph_(std::move(graph)), days_(days), exits_(std::move(exits)), age_advances_(std::move(age_advances)) {}
  const StageGraph& graph() const { return graph_; }
  int days() const { return days_; }
  /// Whether who stays in a stage on this day of the horizon begins the next one older by 1; false: of the same age,
  /// 0 included.
  bool age_advances(int day) const { return age_advances_.empty() || age_advances_[static_cast<std::size_t>(day)]; }
  const Exits& exits(StageId stage) const { return exits_[index(stage)]; }
  /// With the hazard of every move multiplied, in continuous time: factors [stage][target], a stage's empty list means
  /// 1. Staying has chance stay^w, w the mean of the factors by each target's share; sure moves stay sure.
  DatedHazards multiplied(const std::vector<std::vector<double>>& factors) const;

 private:
  StageGraph graph_;
  int days_;
  std::vector<Exits> exits_;
  std::vector<bool> age_advances_;
};

class DatedModel {
 public:
  /// No calendar effects: every day is alike.
  explicit DatedModel(StageModel stages);
  /// InvalidArgument when shapes do not match the model's hazards, or the clock is `automatic`.
  DatedModel(StageModel stages, BusinessCalendar calendar, std::vector<StageRhythm> rhythm,
             Clock clock = Clock::calendar);

  const StageModel& stages() const { return stages_; }
  const StageGraph& graph() const { return stages_.graph(); }
  const BusinessCalendar& calendar() const { return calendar_; }
  const StageRhythm& rhythm(StageId stage) const { return rhythm_[index(stage)]; }
  /// Laid over all of the above, in this order.
  const std::vector<ExitChange>& changes() const { return changes_; }
  /// The model with one more change. InvalidArgument: a stage without exits, a target or payer that is not among them
  /// or both the same, a pace or odds below 0 or not finite.
  DatedModel with(const ExitChange& change) const;
  /// How clock and half-life were chosen, where they were.
  const DatedModelChoice& choice() const { return choice_; }
  void set_choice(DatedModelChoice choice) { choice_ = std::move(choice); }
  /// The clock of all ages below.
  Clock clock() const { return clock_; }
  /// Age, when `day` begins, of a visit that began on day `entered`; 0 when that is later. On the business clock days
  /// before 1970 add nothing, and `day` is one of 1970-01-01 .. 2100-01-01 (InvalidArgument).
  int age(Day entered, Day day) const;

  /// The same calendar effects on other hazards, of the same shape: InvalidArgument when it is not.
  DatedModel with_stages(StageModel stages) const;

  /// Posterior means over `days` days from `begin`, which follows the last day of the statistics.
  DatedHazards expected(Day begin, int days) const;
  /// Posterior means on a Monday .. Sunday without holidays, at normal speed.
  DatedHazards plain_week() const;
  /// A draw of hazards and speeds; `where[j]` in (0, 1) picks stage j's point of its level's grid, `mirrored` gives the
  /// antithetic draw.
  DatedHazards draw(RandomStream& random, Day begin, int days, std::span<const double> where, bool mirrored) const;

 private:
  DatedHazards on_days(const HazardTable& base, Day begin, int days,
                       const std::vector<std::vector<double>>& speeds) const;

  StageModel stages_;
  BusinessCalendar calendar_;
  std::vector<StageRhythm> rhythm_;
  std::vector<ExitChange> changes_;
  Clock clock_ = Clock::calendar;
  DatedModelChoice choice_;
};

/// InvalidArgument: identity statistics, or options that are negative or not finite.
DatedModel fit_dated_model(const DatedStatistics& statistics, const BusinessCalendar& calendar = {},
                           const DatedModelOptions& options = {});

}  // namespace putki
