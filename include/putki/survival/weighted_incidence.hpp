#pragma once
/// \file
/// How much is won, not only how many: Aalen-Johansen with a weight per observation, and means of anything that an end
/// pays.
///
/// A deal of 100,000 counts in "share of value won" for a hundred deals of 1,000. With weights v, risk sets and ends
/// are sums of weights,
///
///     Y(t) = sum v_i [T_i >= t],  dN_k(t) = sum v_i [T_i = t, ended by k],  h_k = dN_k / Y,  h = sum h_k,
///
/// and F_k += S h_k, S *= 1 - h as for counts (aalen_johansen.hpp). When weight and end say nothing about the age of
/// censoring (the day somebody looks), Y(t) and dN_k(t) shrink by the same factor for it, so F_k(t) estimates
/// E[v 1(ended by k before t)] / E[v]. That is not P(ended by k before t) unless size has nothing to do with winning.
/// Weights must be the same however long a deal was watched: an amount that drifts with the age of a deal is not.
///
/// `expected` is the general form: an end by cause k at age t pays c(t), any other nothing, and
///
///     A = sum over times t_j of c(t_j) S(t_j-) h_k(t_j)            estimates E[v c(T) 1(k)] / E[v].
///
/// c = 1(t <= h) gives F_k(h), c = t the mean time of those ended so, c = exp(-g t) what a growing inflow makes of it.
///
/// Limits cannot come from counts: one large deal is one observation, not a hundred. The spread is that of the
/// infinitesimal jackknife: how much A moves when the share of observation i grows a little. Differentiating the
/// product (an extra share of i changes h_k by v_i (dN_ik - [T_i >= t] h_k) / Y),
///
///     psi_i = v_i { [i ended by k] g(T_i) - [i ended] r(T_i) - sum over t_j <= T_i of (g_j h_k(t_j) - r_j h(t_j)) }
///     g_j = c(t_j) S(t_j-) / Y(t_j),   r_j = (A - A(t_j)) / ((1 - h(t_j)) Y(t_j)),   A(t) the sum up to t
///
/// Var A = sum psi_i^2. Influences of several questions to the same observations may be added and multiplied, so the
/// standard error of any smooth function of them follows. With equal weights and c = 1(t <= h) it equals the variance
/// of aalen_johansen.hpp; with weights it is the standard error that R's `survfit` reports for weighted competing risks
/// with one observation per subject.
///
/// Cost: O(n log n) to build, O(n) per question. Immutable, safe to read from several threads. Observations of weight 0
/// have no influence; all weight 0, or no observation: 0 with standard error 0.
///
/// Sources: Aalen & Johansen 1978; Efron 1981 and Therneau & Grambsch 2000 (the infinitesimal jackknife); Robins &
/// Rotnitzky 1992 (why weights may ride on the risk sets).

#include <putki/stats/durations.hpp>

#include <functional>
#include <span>
#include <vector>

namespace putki {

/// An estimate and how much each observation moves it, in the order of the observations; influences sum to 0.
struct InfluenceEstimate {
  double value = 0;
  std::vector<double> influence;
  /// sqrt(sum of influence^2). O(n).
  double std_error() const;
};

/// A share of deals too small to show in a figure.
inline constexpr double kNegligibleShare = 0.005;

class WeightedIncidence {
 public:
  /// `weights`: one per observation, finite and >= 0; empty: all 1. InvalidArgument: as kaplan_meier, weights outside
  /// that, or durations with left truncation.
  explicit WeightedIncidence(const Durations& durations, std::span<const double> weights = {});

  /// F_k(time): by then ended by `cause` (1 .. cause_count), a share of all weight; cause 0: not ended.
  /// InvalidArgument: cause out of range, time NaN.
  double probability(int cause, double time) const;
  /// E[v payoff(T) 1(cause)] / E[v] over what was seen. `payoff` is called once for each distinct time of an end,
  /// ascending, and must be finite there. InvalidArgument: cause outside 1 .. cause_count.
  InfluenceEstimate expected(int cause, const std::function<double(double)>& payoff) const;
  /// The same with payoff 1 up to `time`: F_k with its influences.
  InfluenceEstimate ended_by(int cause, double time) const;

  /// Longest time of any observation with weight, ended or censored; 0 when there is none.
  double last_time() const { return last_time_; }
  /// Share of weight that has not ended by then.
  double left_at_last() const { return steps_.empty() ? 1.0 : steps_.back().survival; }
  /// The curves are known at `time`: some weight was watched for so long, or all but a share of kNegligibleShare had
  /// ended before, so that what nobody watched moves a curve by no more than that.
  bool known_at(double time) const {
    return time <= last_time_ || (!steps_.empty() && left_at_last() <= kNegligibleShare);
  }

 private:
  struct Step {
    double time, at_risk, before, survival, hazard;  // S before and after; hazard of any end
  };
  double hazard_of(std::size_t step, int cause) const {
    return hazards_[step * static_cast<std::size_t>(cause_count_) + static_cast<std::size_t>(cause) - 1];
  }

  std::vector<Step> steps_;        // distinct times at which weight ended
  std::vector<double> hazards_;    // [step][cause - 1]
  std::vector<std::size_t> step_;  // by observation: steps with time <= its own
  std::vector<int> cause_;
  std::vector<double> weight_;
  double last_time_ = 0;
  int cause_count_ = 0;
};

}  // namespace putki
