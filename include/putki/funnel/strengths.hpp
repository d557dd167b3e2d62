#pragma once
/// \file
/// Strengths and weaknesses: where one segment does better or worse than the others, beyond chance, and what that is
/// worth a month.
///
/// Every value of every attribute asked for is compared with all other deals together:
///   advance     of visits to a stage, the share that has advanced by `by_days`: cumulative incidence, opens censored
///   stay        mean days in the stage, of the first `by_days` (restricted mean); fewer is better
///   close_rate  of deals, the share won by `by_days` after creation
/// `by_days` is the same for all that are compared: the age by which `horizon_share` of the advances (wins) within the
/// ages seen have come, in whole days. Values whose history does not reach that far are too young to be compared, those
/// with fewer than `least_visits` too few.
///
/// Chance. With n the visits that would have given an incidence's variance without censoring, p (1 - p) / Var, and P
/// the pooled share (n1 p1 + n2 p2) / (n1 + n2), z = (p1 - p2) / sqrt(P (1 - P)(1 / n1 + 1 / n2)): the score test,
/// which keeps its level at shares near 0 and 1; limits are Newcombe's (1998, method 10). Stays likewise: z with the
/// spread of all stays together, limits with the errors of the two means. Many comparisons find something by chance
/// alone, so a discovery is what remains when at most `false_discovery_rate` of them may be false (Benjamini & Hochberg
/// 1995; of two values each is the other's mirror). Four owners of 40 to 200 deals and two regions, all alike, gave any
/// discovery in 9 % of 2,000 simulations at a rate of 10 %.
///
/// Shrinkage. The largest of many noisy differences is too large. If true rates of the k values of an attribute scatter
/// with variance tau^2 about a mean (DerSimonian & Laird 1986, v = P (1 - P) / n),
///
///     tau^2 = max(0, (Q - (k - 1)) / (sum w - sum w^2 / sum w)),   w = 1 / v,   Q = sum w (p - mean)^2
///     shrunk = (p1 - p2) T / (T + v1 + v2),   T = tau^2 (1 + sum of the squared shares of the others)
///
/// T the variance of a true difference from the others together; for two values that is 1 - 1 / z^2 of it.
///
/// Money. A gap closed brings visits a month x shrunk gap x what an advance is worth: P(won in the end | advanced from
/// here), by Aalen-Johansen from the advance on, x mean amount of such wins (size and winning go together, so it is not
/// the mean of all). It supposes that those who would then advance do as well as those who do now. Visits a month are
/// the segment's of the last `recent_days`. Absent for stays, and where no win with an amount was seen.
///
/// A comparison is no experiment: who gets the easy leads advances more. It says where to look.
///
/// How this differs from what CRMs show. Leaderboards rank won / (won + lost) of every owner, without error: the first
/// and the last are those with the fewest deals, and whoever has many open looks bad.
///
/// Cost: O(values compared x visits log visits). No attributes, no deals: nothing compared.

#include <putki/core/interval.hpp>
#include <putki/events/as_of.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace putki {

struct StrengthsOptions {
  /// Empty: every attribute of the log.
  std::vector<std::string> attributes = {};
  /// Inside (0, 1).
  double false_discovery_rate = 0.1;
  /// Visits (deals) that a value and the others must have. 5 .. 1,000,000.
  std::size_t least_visits = 20;
  /// Inside (0, 1).
  double horizon_share = 0.9;
  /// Above 0, at most 36,600.
  double recent_days = 91;
};

/// Values of an attribute that are compared, those with the most deals.
inline constexpr std::size_t kMostValuesCompared = 200;

enum class StrengthMeasure { advance, stay, close_rate };
/// `advance`, `stay`, `close_rate`
std::string to_string(StrengthMeasure measure);

struct Strength {
  std::string attribute;
  std::string value;  ///< empty: unknown
  StrengthMeasure measure;
  StageId stage;  ///< kNoStage for close_rate
  double by_days = 0;
  std::uint64_t visits = 0, other_visits = 0;  ///< deals for close_rate
  double here = 0, others = 0;                 ///< share, or days for stay
  double difference = 0;                       ///< here - others
  Interval limits{0, 0};                       ///< of the difference, 95 %
  double shrunk = 0;                           ///< difference that is left after shrinkage
  bool better = false;                         ///< higher share, fewer days
  double z = 0;
  double p_value = 1;  ///< two-sided
  double q_value = 1;  ///< smallest false discovery rate at which it is a discovery
  bool discovery = false;
  double visits_per_month = 0;
  std::optional<double> worth = {};            ///< of an advance, or a win: currency units
  std::optional<double> money_per_month = {};  ///< of the shrunk difference; below 0 what the gap costs
};

struct Strengths {
  Day as_of{};
  StageGraph graph;
  double false_discovery_rate = 0;
  std::vector<std::string> attributes;  ///< those looked at
  /// All comparisons. Discoveries first, by money (without it: last), then by p-value.
  std::vector<Strength> comparisons;
  std::size_t discoveries = 0;
  std::size_t too_few = 0;    ///< values of an attribute at a stage that had some visits, but not enough
  std::size_t too_young = 0;  ///< .. whose history does not reach by_days
};

/// InvalidArgument: an option out of range, no such attribute.
Strengths strengths(const AsOf& view, const StrengthsOptions& options = {});

/// What becomes of visits to an open or on-hold stage, and what it brings that they go on.
struct StageWorth {
  StageId stage{};
  double visits_per_month = 0;       ///< begun in the last `recent_days`
  double advance = 0, lost = 0;      ///< shares, sooner or later: cumulative incidence by the longest age seen
  std::optional<double> worth = {};  ///< of an advance, as above: currency units
  /// What one more of a hundred visits advancing brings a month.
  std::optional<double> point_per_month() const {
    return worth ? std::optional(visits_per_month * 0.01 * *worth) : std::nullopt;
  }
};

/// One for each such stage that was visited, in stage order. InvalidArgument: recent_days not above 0 or above 36,600.
std::vector<StageWorth> stage_worths(const AsOf& view, double recent_days = 91);

/// Adjusted p-values of Benjamini & Hochberg (1995), R's p.adjust(p, "BH"): min over j >= i of m p_(j) / j in ascending
/// order. InvalidArgument: a p-value outside [0, 1]. O(m log m).
std::vector<double> false_discovery_adjusted(std::span<const double> p_values);

}  // namespace putki
