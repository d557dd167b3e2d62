#pragma once
/// \file
/// Do groups come to different shares of one end? Gray's test for cumulative incidence under competing risks.
///
/// The log-rank test of the hazard of winning may find nothing although more deals are won, or the other way round: how
/// many are won also depends on how fast the others are lost. Gray's test compares the shares themselves over all ages:
/// it is the log-rank test of the subdistribution, in which a deal lost stays at risk of never winning.
///
/// Group k has Y_k at risk, S_k without any end (Kaplan-Meier, left limits below), F_k the incidence of the cause and
/// G_k = 1 - F_k. With d ends of the cause in all groups, d_k of them in k, and R_k = Y_k G_k / S_k the group at risk
/// as the subdistribution has it, the score is
///
///     z_k = sum_t (d_k - d R_k / sum R)
///
/// Its variance, from Gray's martingale representation: under equality F_k = F for all k, estimated by dF = d / sum h,
/// h_k = Y_k / S_k, G = 1 - F. An end of the cause in group r moves the scores by a_kr = h_k ([k = r] - h_r / sum h) at
/// once, and any end in r moves F_r and S_r, and with them all later comparisons, by C_kr(t) = sum_{u > t} a_kr dF / G:
///
///     e_kr = a_kr + C_kr (1 - G / S_r)  at an end of the cause, which has variance w = S_r(t-) dF / Y_r
///     e_kr = C_kr G / S_r               at another end in r, with w = S_r(t-)^2 d_other / Y_r^2
///     V_kl = sum over t, r of w e_kr e_lr
///
/// where G, S_r and C are taken just after t. With ties w is multiplied by the factor of the hypergeometric law,
/// 1 - (d - 1) / (n - 1), with n = S_r(t-) sum h for the cause (the size that all groups together would have as r is)
/// and n = Y_r for the other ends. chi-square = z' V^- z on rank V degrees of freedom, one less than the groups
/// compared.
///
/// Weights are those of Gray's rho = 0. All other causes are one competing end. Observations still open are censored.
/// Left truncation is refused: the statistic is not defined for it here. Strata as in log_rank.hpp.
///
/// Cost: O(n log n + distinct times x groups^3). Pure functions. When nothing can be compared (no ends of the cause,
/// one group) chi-square is 0 with 0 degrees of freedom and p is 1.
///
/// Source: R. J. Gray 1988, "A class of K-sample tests for comparing the cumulative incidence of a competing risk",
/// Annals of Statistics 16, sections 2 and 3 and their remark on ties; the sums above are derived from it and agree
/// with `cuminc` of R's cmprsk.

#include <putki/stats/durations.hpp>

#include <span>
#include <vector>

namespace putki {

struct GrayTest {
  std::vector<double> scores;  ///< one per group, above 0: more came to this end than if all were alike; they sum to 0
  double chi_square = 0;
  int degrees_of_freedom = 0;
  double p_value = 1;
};

/// One `Durations` per group, `cause` from 1 to cause_count. InvalidArgument: as aalen_johansen for any of them, groups
/// of unlike cause_count, cause out of range, left truncation.
GrayTest gray_test(std::span<const Durations> groups, int cause);
/// [stratum][group]; InvalidArgument also when strata differ in their number of groups.
GrayTest stratified_gray_test(std::span<const std::vector<Durations>> strata, int cause);

}  // namespace putki
