#pragma once
/// \file
/// Open deals that should not be believed, and what cleaning them up would do to every headline number.
///
/// Of the deals in an open or on-hold stage at the view, a deal is
///
///   past_close     its expected close lies before the view's first unknown day
///   no_close       it has none, though the log knows expected closes
///   silent         nothing has been recorded of it for longer than 95 % of its stage's own silences that ended
///   no_amount      no amount was ever given, though the log knows amounts
///   zero_amount    its last amount is 0
///   zombie         it has been open (since it was created, or last reopened) for longer than `zombie_lifetimes` times
///                  the time in which 90 % of the deals that end have ended
///
/// Deals on hold are neither silent nor zombies: their clocks stop.
///
/// A silence is the time from one record of a deal to its next while it sits in the stage, amount and date changes
/// included; the silence that the view cuts off is censored there. The limit is the smallest time by which the
/// Kaplan-Meier share of silences ended has come to 95 % of all that ever ends: deals abandoned for good neither
/// stretch the limit (as they would a plain quantile of all silences) nor vanish (as they would from a quantile of the
/// ended ones, which leaves out who is still waiting). The limit of lifetimes is made alike. A stage with fewer than
/// `least_silences` ended ones has no limit, and nobody there is silent; likewise for lifetimes.
///
/// Effect. The headline numbers with all deals, without the flagged ones, and with the flagged ones closed as lost on
/// the view's day. The two differ: deals removed were chosen for not having been won in a long time, so a close rate
/// from which they are struck out is biased, mostly upwards. Whoever cleans up should close them as lost and look at
/// `as_lost`.
///
///   open deals, open value      at the view, unknown amounts apart
///   close rate                  cumulative incidence of won within `close_rate_days` of creation, opens censored
///                               (Aalen-Johansen, first ends)
///   weighted pipeline           by stage, open value x the chance that a deal is won within `close_rate_days` of first
///                               entering the stage. A stage weight as CRMs have it, but estimated and censoring-aware;
///                               it ignores how long a deal has been there
///   median lifetime             from creation to any end, opens censored
///
/// How this differs from what CRMs show. Their "stale" badge is one number of days for all stages, and nothing says
/// what the pipeline is worth without the stale deals.
///
/// Times are real days; in a log of dates they are whole days. Cost: O(events log events x findings x stages). No
/// deals: zeros, no limits.

#include <putki/core/interval.hpp>
#include <putki/core/money.hpp>
#include <putki/events/as_of.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace putki {

enum class HygieneFinding { past_close, no_close, silent, no_amount, zero_amount, zombie };
inline constexpr std::size_t kHygieneFindings = 6;
/// `past_close`, ...: the words of the JSON.
std::string to_string(HygieneFinding finding);

struct HygieneOptions {
  double silent_share = 0.95;       ///< of the stage's silences that end, 0 to 1, both excluded
  std::size_t least_silences = 20;  ///< ended ones, below which there is no limit; 1 or more; for lifetimes too
  double zombie_lifetimes = 2;      ///< times the 90 % limit of lifetimes, above 0
  /// Instead: open for more than so many days, above 0.
  std::optional<double> zombie_days = std::nullopt;
  double close_rate_days = 90;  ///< age at which the close rate and the stage weights are read, above 0
  std::optional<std::size_t> list_limit = std::nullopt;  ///< most deals listed; nothing: all
};

struct HygieneHeadline {
  std::uint64_t open_deals = 0;
  Money open_value;
  std::uint64_t without_amount = 0;  ///< of the open deals
  double close_rate = 0;
  Interval close_rate_limits{0, 0};       ///< 95 %
  std::vector<double> weighted_by_stage;  ///< currency units; one per stage, 0 for terminal ones
  double weighted = 0;                    ///< their sum
  std::optional<double> median_lifetime;  ///< days; absent when fewer than half are seen to end
};

struct HygieneEffect {
  std::uint64_t deals = 0;  ///< flagged
  Money value;              ///< of those with an amount
  HygieneHeadline removed;  ///< without them
  HygieneHeadline as_lost;  ///< with them lost on the view's day
};

/// A flagged deal.
struct HygieneDeal {
  std::string name;
  StageId stage;
  Money amount;  ///< kNoAmount when none was given
  std::optional<Day> expected_close;
  double open_days;    ///< since created or last reopened
  double silent_days;  ///< since the last record
  std::array<bool, kHygieneFindings> findings{};
  bool has(HygieneFinding finding) const { return findings[static_cast<std::size_t>(finding)]; }
  std::size_t finding_count() const;
};

struct Hygiene {
  StageGraph graph;
  Day as_of;
  HygieneOptions options;
  bool amounts_known;  ///< some row of the log has an amount: else no_amount is not looked for
  bool dates_known;    ///< some row has an expected close: else no_close and past_close are not looked for
  bool date_only;
  std::vector<std::optional<double>> silence_limits;  ///< days, by stage; absent for too few, on-hold and terminal ones
  std::optional<double> zombie_limit;                 ///< days
  HygieneHeadline all;
  std::array<HygieneEffect, kHygieneFindings> effects;
  HygieneEffect any;  ///< deals with at least one finding
  /// Most findings first, then by amount, largest first.
  std::vector<HygieneDeal> deals;

  const HygieneEffect& effect(HygieneFinding finding) const { return effects[static_cast<std::size_t>(finding)]; }
};

/// InvalidArgument: options out of range.
Hygiene hygiene(const AsOf& view, const HygieneOptions& options = {});

}  // namespace putki
