#pragma once
// What becomes of visits to one stage from an age on: the Aalen-Johansen estimator among those still there at that age,
// continued by pooled hazards where too few are left to draw a curve. readiness.hpp has the formulas.

#include <putki/core/interval.hpp>
#include <putki/stats/durations.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

class StageCourse {
 public:
  // An age before all others: visits that have just begun, those of length 0 among them.
  static constexpr double kFresh = -1;

  // The curve is followed while `least_at_risk` visits are at risk, and is the whole of it with 0.
  StageCourse(const Durations& durations, std::size_t least_at_risk);

  struct Share {
    double probability;
    double variance;
  };
  // Sum over the causes of weight x probability that a visit still there at `age` ends by that cause by `until`.
  // weights[cause], weights[0] unused. O(ends in between).
  Share share(double age, double until, const std::vector<double>& weights) const;

  // The same in O(log ends), once the weights have been prepared in O(ends).
  class Prepared {
   private:
    friend class StageCourse;
    struct Rest {  // sums over an end time and all after it
      double incidence = 0, own = 0, cross = 0, cross_incidence = 0, spread = 0, spread_incidence = 0,
             spread_squared = 0;
    };
    std::vector<double> weights_;
    std::vector<Rest> rests_;
  };
  Prepared prepare(const std::vector<double>& weights) const;
  Share share(double age, double until, const Prepared& prepared) const;

  // Smallest age by which `part` of what share(age, longest_stay(), weights) sums up has come; nothing when that is 0.
  // O(ends).
  std::optional<double> quantile(double age, const std::vector<double>& weights, double part) const;

  // The probability of each cause seen, cut into `cells` equal stretches (.., ..] of (age, age + length]; at_once: of
  // length 0, for kFresh alone.
  struct Masses {
    int cause;
    double at_once;
    std::vector<double> in_cell;
  };
  std::vector<Masses> masses(double age, double length, std::size_t cells) const;

  std::size_t visits() const { return stays_.size(); }
  // Visits seen for longer than `age`.
  std::size_t at_risk_after(double age) const;
  // Visits behind a probability from this age on: those at risk, or those of the tail beyond the curve.
  std::size_t rests_on(double age) const;
  double longest_stay() const { return stays_.empty() ? 0 : stays_.back(); }
  // Up to this age the curve is followed; below 0: nowhere.
  double curve_until() const { return curve_until_; }
  // Ends of any cause per day in the tail.
  double tail_hazard() const;
  // Ages at which visits are seen to end, ascending.
  const std::vector<double>& end_times() const { return times_; }
  const std::vector<int>& causes() const { return causes_; }

 private:
  struct End {
    std::uint32_t cause;
    double count;
  };
  std::size_t first_after(double age) const;
  struct Running {
    double survival, survival_variance, sum, variance, covariance;
  };
  Share go_on(Running running, double days, const std::vector<double>& weights) const;

  std::vector<double> stays_;         // of all visits, ascending
  std::vector<double> times_;         // distinct times of ends
  std::vector<double> at_risk_;       // just before each
  std::vector<std::size_t> offsets_;  // of the ends at each time
  std::vector<End> ends_;
  std::vector<double> survival_;  // just before each end time
  struct CauseRest {
    std::vector<double> times, rest;  // when ends of this cause are seen; incidence then and later
  };
  std::vector<CauseRest> rests_;  // by place in causes_
  std::vector<int> causes_;       // seen, ascending
  double curve_until_ = kFresh;
  std::size_t tail_visits_ = 0;
  double tail_exposure_ = 0;       // days
  std::vector<double> tail_ends_;  // [cause]
};

// Limits of a share that was not counted but estimated: Wilson's, with the number of visits that would have given this
// variance; `visits` where the estimate has no spread.
Interval effective_limits(const StageCourse::Share& share, double visits);
// That number.
double effective_visits(const StageCourse::Share& share, double visits);

}  // namespace putki
