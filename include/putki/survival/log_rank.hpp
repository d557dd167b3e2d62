#pragma once
/// \file
/// Do groups end at different speeds? The log-rank test for two or more groups.
///
/// At every time of an end, the ends seen in each group are held against those it would have had if all groups ended
/// alike. With d ends among Y at risk, Y_j of them in group j, and weight w = S(t-)^rho of the pooled Kaplan-Meier
/// curve,
///
///     O_j += w d_j     E_j += w d Y_j / Y
///     V_jl += w^2 d (Y - d) / (Y - 1) Y_j / Y ([j = l] - Y_l / Y)
///
/// (the hypergeometric law, so ties are exact), and chi-square = (O - E)' V^- (O - E) with rank V degrees of freedom:
/// one less than the groups that were ever at risk together. rho = 0 is the log-rank test, best when one hazard is a
/// multiple of the other; rho = 1 (Peto & Peto) weighs early differences more. Strata each have their own risk sets and
/// their own S; their O, E and V are added, which compares like with like (this month's large deals with last month's
/// large deals).
///
/// Observations still open are censored, never failures: comparing mean ages at closing, as reports do, looks at closed
/// deals alone and finds every new cohort fast, since its slow deals have not closed yet. With left truncation an
/// observation is at risk on (entry, time]. With competing ends `cause` picks one and treats the others as censoring:
/// that compares the *hazard* of the end, not the share that comes to it; for the share see gray_test.hpp.
///
/// Cost: O(n log n + distinct times x groups^2). Pure functions. Groups without observations have O = E = 0; when
/// nothing can be compared, chi-square is 0 with 0 degrees of freedom and p is 1.
///
/// Sources: Mantel 1966; Peto & Peto 1972; Harrington & Fleming 1982; Kalbfleisch & Prentice 2002, section 1.5. Equal
/// to R's `survdiff`, whose p-value assumes one degree of freedom less than there are groups.

#include <putki/stats/durations.hpp>

#include <span>
#include <vector>

namespace putki {

struct LogRankOptions {
  int cause = 0;   ///< the end looked at, 1 .. cause_count; 0: any end
  double rho = 0;  ///< weight S(t-)^rho; 0: every end counts alike
};

struct LogRankGroup {
  std::uint64_t observations = 0;
  double observed = 0;  ///< weighted ends
  double expected = 0;  ///< weighted ends if all groups ended alike
};

struct LogRankTest {
  std::vector<LogRankGroup> groups;
  double chi_square = 0;
  int degrees_of_freedom = 0;
  double p_value = 1;
};

/// One `Durations` per group. InvalidArgument: as kaplan_meier for any of them, groups of unlike cause_count, cause out
/// of range, rho not finite or below 0.
LogRankTest log_rank_test(std::span<const Durations> groups, const LogRankOptions& options = {});
/// [stratum][group]; InvalidArgument also when strata differ in their number of groups.
LogRankTest stratified_log_rank_test(std::span<const std::vector<Durations>> strata,
                                     const LogRankOptions& options = {});

}  // namespace putki
