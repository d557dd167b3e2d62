#pragma once
/// \file
/// Is the funnel filling as fast as it empties: inflow against closings per period, whether they shift, and which
/// stages run dry or clog next.
///
/// Deals come in when they are created and when they are reopened; they go out when they enter a won or lost stage. So
/// for every period, always,
///
///     open at the end = open at the beginning + created + reopened - won - lost
///
/// A deal created in a won or lost stage comes in and goes out; a move straight from one such stage to another (a
/// correction) is reopened and closed. Events count on their local day. The periods run from the first event of the log
/// to the view. The first and the last may be partial: one is full when all its days are known to the log, and only
/// full ones enter tests, steadiness and alarms. (That the log begins with its first event is an assumption: when that
/// is not the first day of a period, the first period counts as partial.)
///
/// Two spans of full periods are compared: those that lie wholly in the window [since, the view) and those wholly
/// before it; a period that `since` cuts is in neither. The window is one of whole local days, that of `since`
/// included.
///
/// Projected empty spots. Each stage's visits give, by whole days of age, the chance of moving on to each next stage
/// that day, those still there censored; from the last age on at which ten were at risk all ages share one pooled
/// chance. Deals open now age by these chances from their present age on, new ones come in at the rate of the window
/// and go the same ways, on the same day if that is how deals go. With n_s(a) the expected number in stage s at age a
/// at a day's start, h_sk the chances and l_s the inflow a day,
///
///     arrivals A_k = l_k + sum_s sum_a n_s(a) h_sk(a) + sum_s A_s h_sk(0),   n_s(a + 1) <- n_s(a) (1 - sum_k h_sk(a))
///
/// An open stage that usually holds a deal or more runs dry in the first week at whose end fewer than `dry_share` of
/// its usual number are expected, the usual number being the average over the last `usual_days` before the view; a
/// stage clogs above `clog_share` of it (of one deal, when it is usually emptier). These are expectations: the number
/// itself scatters at most as much as a Poisson number of that mean. Chances are of all history alike, inflow has no
/// season, deals once closed do not come back.
///
/// How this differs from what CRMs show. Created-versus-closed charts count the running week as a bad week, compare
/// periods without asking what chance does, and count a reopened deal nowhere. Stage counts are shown as they are now;
/// where the pipeline will be thin in five weeks is what nobody sees until then.
///
/// Cost: O(events) + O(periods); projection O(days ahead x stages x ages x next stages). No deals: no periods, tests
/// absent, zeros.

#include <putki/core/period.hpp>
#include <putki/events/as_of.hpp>
#include <putki/funnel/balance_statistics.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

struct PeriodCount {
  Period period{};
  std::uint64_t created = 0;
  std::uint64_t reopened = 0;
  std::uint64_t won = 0;
  std::uint64_t lost = 0;
  std::uint64_t inflow() const { return created + reopened; }
  std::uint64_t closings() const { return won + lost; }
  friend bool operator==(const PeriodCount&, const PeriodCount&) = default;
};

/// Counts of shards of deals, merged, are those of the whole; the default value is the identity.
struct PeriodCounts {
  PeriodUnit unit = PeriodUnit::week;
  unsigned fiscal_start_month = 1;
  Timestamp as_of{};
  Day known_from{};                  ///< day of the log's first event
  Day known_before{};                ///< first day of which not all is known
  std::vector<PeriodCount> periods;  ///< without gaps, from known_from to the view; empty without events

  /// All of its days are known. InvalidArgument when there is no such period.
  bool is_full(std::size_t period) const;
  /// Deals open at the end of each period.
  std::vector<std::uint64_t> open_at_ends() const;
  /// InvalidArgument (ErrorCode::incompatible) when units, instants or first unknown days differ and neither side is
  /// the identity.
  void merge(const PeriodCounts& other);
  friend bool operator==(const PeriodCounts&, const PeriodCounts&) = default;
};

/// A view of a log without known events gives the identity. InvalidArgument: fiscal_start_month outside 1..12.
PeriodCounts period_counts(const AsOf& view, PeriodUnit unit = PeriodUnit::week, unsigned fiscal_start_month = 1);

struct BalanceOptions {
  PeriodUnit unit = PeriodUnit::week;
  unsigned fiscal_start_month = 1;
  double shift = 1.5;              ///< factor by which a rate must change to be looked for, up or down; 1.05 to 10
  double least_run_length = 500;   ///< mean periods to a false alarm of each chart, at least; 2 to 1e6
  std::size_t least_baseline = 6;  ///< full periods before the window below which there is no alarm; 2 or more
  int weeks_ahead = 12;            ///< of the projection, 0 to 104
  int usual_days = 182;            ///< over which a stage's usual number is averaged, 1 to 3660
  double dry_share = 0.5;          ///< of the usual number, 0 to 1
  double clog_share = 2;           ///< of the usual number, 1 or more
};

/// Full periods one after the other, summed.
struct BalanceSpan {
  Day begin, end;
  std::size_t periods;
  std::uint64_t inflow;
  std::uint64_t closings;
};

/// One series of counts per full period.
struct RhythmSummary {
  std::optional<RateComparison> trend;  ///< rate of the recent span against the earlier one, per day
  std::optional<Steadiness> steady;     ///< over all full periods
  std::vector<PoissonCusum> charts;     ///< in control at the mean of the earlier span; empty when too few periods
  std::vector<CusumAlarm> alarms;       ///< indices into `Balance::full_periods`
};

struct StageProjection {
  StageId stage;                   ///< open or on hold
  std::uint64_t present;           ///< at the view
  std::vector<double> expected;    ///< after 1, 2, .. weeks_ahead weeks
  double usual;                    ///< average number over the last days
  double inflow_per_day;           ///< created straight into it, over the window
  std::optional<int> dry_in_week;  ///< 1 .. weeks_ahead
  std::optional<int> clogs_in_week;
};

struct Balance {
  StageGraph graph;
  Day since, as_of;
  BalanceOptions options;
  PeriodCounts counts;
  std::vector<Period> full_periods;              ///< those that all statistics are about
  std::optional<BalanceSpan> recent, earlier;    ///< absent when no full period lies there
  std::optional<RateComparison> in_against_out;  ///< inflow against closings of the recent span
  RhythmSummary inflow, closings;
  int usual_days;  ///< over which `usual` was averaged: fewer in a short history
  std::vector<StageProjection> stages;
};

/// InvalidArgument: since not before the view's instant, options out of range.
Balance balance(const AsOf& view, Timestamp since, const BalanceOptions& options = {});

/// The projection alone. InvalidArgument as balance.
std::vector<StageProjection> project_stages(const AsOf& view, Timestamp since, const BalanceOptions& options = {});

}  // namespace putki
