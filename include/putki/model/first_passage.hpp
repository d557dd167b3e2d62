#pragma once
/// \file
/// When a deal is won: first-passage probabilities on the day grid.
///
/// With h_jk(a) the daily hazards, s_j(a) = 1 - sum_k h_jk(a), F_j(h) the probability that a deal entering j on some
/// day is won on that day or one of the h days after it, and G_j(a, h) that a deal of age a in j at the start of a day
/// is won in that day and the next h - 1:
///
///     G_j(a, h) = sum_k h_jk(a) F_k(h - 1) + s_j(a) G_j(a + 1, h - 1),     G_j(a, 0) = 0,     F_won = 1
///     F_j(h)    = sum_k h_jk(0) F_k(h)     + s_j(0) G_j(1, h)
///
/// The second line ties stages together within one day; with M = (h_jk(0)) over open stages it is the linear system
/// (I - M) F(h) = r(h), solved exactly for same-day moves and loops by one factorisation. The recursion equals the
/// convolution F_j(h) = sum_k sum_d q_jk(d) F_k(h - d) and costs O(stages x ages x horizon) instead of its square in
/// the horizon.
///
/// A value; memory 8 stages x ages x (horizon + 1) bytes, where ages ends at the first age of each stage's last bin.

#include <putki/model/hazard_table.hpp>

#include <span>
#include <vector>

namespace putki {

class FirstPassage {
 public:
  /// To any won stage. InvalidArgument: horizon below 0 or above 36,600 days.
  FirstPassage(const HazardTable& hazards, int horizon_days);
  /// To any of `targets`, terminal stages.
  FirstPassage(const HazardTable& hazards, int horizon_days, std::span<const StageId> targets);

  int horizon() const { return horizon_; }
  /// F: probability of the end within `days` days after the day of entry, 0 .. horizon.
  double from_entry(StageId stage, int days) const;
  /// G: probability of the end within the next `days` days for a deal of this age, 0 .. horizon.
  double from_age(StageId stage, int age, int days) const;
  /// First age from which on the hazards of the stage no longer change: older deals behave alike.
  int last_distinct_age(StageId stage) const { return stages_[index(stage)].ages - 1; }

 private:
  struct StageGrid {
    int ages = 1;           // ages 0 .. ages - 1; older ones equal the last
    std::vector<double> g;  // [days 0 .. horizon][age]
    std::vector<double> f;  // [days 0 .. horizon]
  };
  int horizon_;
  std::vector<StageGrid> stages_;
};

}  // namespace putki
