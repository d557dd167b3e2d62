#pragma once
/// \file
/// Which end, by when: the Aalen-Johansen estimator of cumulative incidence under competing risks.
///
/// Won, Declined and Cancelled compete: a deal that was cancelled can no longer be won. F_k(t) is the share that by t
/// has ended by cause k; the F_k and the share still without end, S, sum to one at every t. (One minus a Kaplan-Meier
/// curve that treats the other ends as censored overstates each of them; their sum passes one.)
///
/// Time, ties, truncation as in kaplan_meier.hpp. With h_k = d_k / Y at a time with Y at risk, h = sum h_k:
///
///     F_k += S h_k,  S *= 1 - h
///
/// Variances: the multinomial Greenwood recursion, Cov(h_k, h_l) = (h_k [k = l] - h_k h_l) / Y, through the same
/// product. It closes over three numbers per cause, V_0 = Var S, C_k = Cov(S, F_k), V_k = Var F_k, so a step costs
/// O(causes):
///
///     V_k += 2 h_k C_k + h_k^2 V_0 + S^2 h_k (1 - h_k) / Y
///     C_k  = (1 - h) (C_k + h_k V_0) - S^2 h_k (1 - h) / Y        (old V_0, old S)
///     V_0  = (1 - h)^2 V_0 + S^2 h (1 - h) / Y
///
/// Without truncation it equals, term for term, the infinitesimal jackknife that R's `survfit` reports for competing
/// risks (and V_0 is Greenwood's formula); with truncation the jackknife has further cross terms and the two differ
/// slightly.
///
/// Cost: O(n log n) to build, O(distinct times of ends x causes) kept, O(log) per question. Values, safe to read from
/// several threads. Empty input: cause 0 has probability 1, all others 0, standard errors 0.
///
/// Sources: Aalen & Johansen 1978; Andersen, Borgan, Gill & Keiding 1993, section IV.4; Putter, Fiocco & Geskus 2007.

#include <putki/core/interval.hpp>
#include <putki/stats/durations.hpp>

#include <vector>

namespace putki {

class CumulativeIncidence {
 public:
  /// Probability that by `time` an end of `cause` (1 .. cause_count) has come; cause 0: that none has. InvalidArgument:
  /// cause out of range, time NaN (as both below).
  double probability(int cause, double time) const;
  double std_error(int cause, double time) const;
  /// On the log(-log) scale (Kalbfleisch & Prentice 2002, section 8.2). No width where the estimate has no spread:
  /// before the first end, and where all ended alike. InvalidArgument unless 0 < level < 1.
  Interval interval(int cause, double time, double level = 0.95) const;
  /// 0 for a default-constructed value.
  int cause_count() const { return incidence.empty() ? 0 : static_cast<int>(incidence.size()) - 1; }

  std::vector<double> times;                   ///< distinct times of ends, ascending
  std::vector<double> at_risk;                 ///< just before each
  std::vector<std::vector<double>> incidence;  ///< [cause][time]; row 0 is the share without end
  std::vector<std::vector<double>> variance;   ///< same shape
};

/// InvalidArgument as kaplan_meier.
CumulativeIncidence aalen_johansen(const Durations& durations);
/// From counts, on whole days: the value at day a includes ends at age a.
CumulativeIncidence aalen_johansen(const CountedDurations& durations);

}  // namespace putki
