#include <putki/funnel/balance.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "funnel/balance_checks.hpp"

namespace putki {
namespace {

std::vector<Period> periods_between(Day first, Day last, PeriodUnit unit, unsigned fiscal_start_month) {
  const Day begin = period_containing(first, unit, fiscal_start_month).begin;
  const Day end = period_containing(last, unit, fiscal_start_month).end;
  return split_into_periods(begin, end, unit, fiscal_start_month);
}

void add_periods(PeriodCounts& counts, Day first, Day last) {
  for (const Period& period : periods_between(first, last, counts.unit, counts.fiscal_start_month))
    counts.periods.push_back({.period = period});
}

PeriodCount& period_of(std::vector<PeriodCount>& periods, Day day) {
  const auto after = std::upper_bound(periods.begin(), periods.end(), day,
                                      [](Day d, const PeriodCount& count) { return d < count.period.begin; });
  return *(after - 1);
}

void add_counts(PeriodCount& sum, const PeriodCount& more) {
  sum.created += more.created;
  sum.reopened += more.reopened;
  sum.won += more.won;
  sum.lost += more.lost;
}

/// The full periods in [begin, end).
std::optional<BalanceSpan> span_within(const PeriodCounts& counts, Day begin, Day end) {
  std::optional<BalanceSpan> span;
  for (std::size_t i = 0; i < counts.periods.size(); ++i) {
    const PeriodCount& count = counts.periods[i];
    if (!counts.is_full(i) || count.period.begin < begin || count.period.end > end) continue;
    if (!span) span = BalanceSpan{count.period.begin, count.period.end, 0, 0, 0};
    span->end = count.period.end;
    ++span->periods;
    span->inflow += count.inflow();
    span->closings += count.closings();
  }
  return span;
}

double days_of(const BalanceSpan& span) {
  return static_cast<double>((span.end - span.begin).count());
}

RhythmSummary rhythm_of(const Balance& balance, std::uint64_t (PeriodCount::*count)() const,
                        std::uint64_t BalanceSpan::*total) {
  RhythmSummary rhythm;
  if (balance.recent && balance.earlier)
    rhythm.trend = compare_poisson_rates((*balance.recent).*total, days_of(*balance.recent), (*balance.earlier).*total,
                                         days_of(*balance.earlier));
  std::vector<std::uint64_t> series;
  for (std::size_t i = 0; i < balance.counts.periods.size(); ++i)
    if (balance.counts.is_full(i)) series.push_back((balance.counts.periods[i].*count)());
  rhythm.steady = steadiness(series);
  const std::size_t baseline = balance.earlier ? balance.earlier->periods : 0;
  if (baseline < balance.options.least_baseline) return rhythm;
  const auto before = steadiness(std::span(series).first(baseline));
  if (!before) return rhythm;
  const PoissonCusumOptions options{
      .shift = balance.options.shift, .least_run_length = balance.options.least_run_length, .dispersion = before->fano};
  for (const ShiftDirection direction : {ShiftDirection::up, ShiftDirection::down})
    if (const auto chart = design_poisson_cusum(direction, before->mean, options)) rhythm.charts.push_back(*chart);
  rhythm.alarms = cusum_alarms(series, rhythm.charts);
  return rhythm;
}

}  // namespace

void check_balance(const AsOf& view, Timestamp since, const BalanceOptions& options) {
  if (since >= view.instant())
    throw InvalidArgument(fmt::format("balance: from {} to {}; the first instant must be before the second",
                                      to_string(since), to_string(view.instant())));
  const auto refuse = [](const char* what, double given, const char* allowed) {
    throw InvalidArgument(fmt::format("balance: {} of {}; allowed are {}", what, given, allowed));
  };
  if (!(options.shift >= 1.05 && options.shift <= 10)) refuse("a shift", options.shift, "1.05 to 10");
  if (!(options.least_run_length >= 2 && options.least_run_length <= 1e6))
    refuse("a run length", options.least_run_length, "2 to 1e6");
  if (options.least_baseline < 2)
    refuse("a baseline", static_cast<double>(options.least_baseline), "2 periods or more");
  if (options.weeks_ahead < 0 || options.weeks_ahead > 104) refuse("weeks ahead", options.weeks_ahead, "0 to 104");
  if (options.usual_days < 1 || options.usual_days > 3660) refuse("usual days", options.usual_days, "1 to 3660");
  if (!(options.dry_share >= 0 && options.dry_share <= 1)) refuse("a dry share", options.dry_share, "0 to 1");
  if (!(options.clog_share >= 1 && std::isfinite(options.clog_share)))
    refuse("a clog share", options.clog_share, "1 or more");
}

bool PeriodCounts::is_full(std::size_t period) const {
  if (period >= periods.size())
    throw InvalidArgument(fmt::format("balance: period {}; there are {}", period, periods.size()));
  return periods[period].period.begin >= known_from && periods[period].period.end <= known_before;
}

std::vector<std::uint64_t> PeriodCounts::open_at_ends() const {
  std::vector<std::uint64_t> open;
  std::uint64_t now = 0;
  for (const PeriodCount& count : periods) {
    now = now + count.inflow() - count.closings();
    open.push_back(now);
  }
  return open;
}

void PeriodCounts::merge(const PeriodCounts& other) {
  if (other.periods.empty()) return;
  if (periods.empty()) {
    *this = other;
    return;
  }
  if (unit != other.unit || fiscal_start_month != other.fiscal_start_month || as_of != other.as_of ||
      known_before != other.known_before)
    throw InvalidArgument(fmt::format("counts by {} as of {} and by {} as of {}, or of other first unknown days or "
                                      "fiscal years, cannot be merged",
                                      to_string(unit), to_string(as_of), to_string(other.unit), to_string(other.as_of)),
                          ErrorCode::incompatible);
  PeriodCounts both = *this;
  both.known_from = std::min(known_from, other.known_from);
  both.periods.clear();
  add_periods(both, std::min(periods.front().period.begin, other.periods.front().period.begin),
              std::max(periods.back().period.begin, other.periods.back().period.begin));
  for (const PeriodCounts* part : {static_cast<const PeriodCounts*>(this), &other})
    for (const PeriodCount& count : part->periods) add_counts(period_of(both.periods, count.period.begin), count);
  *this = std::move(both);
}

PeriodCounts period_counts(const AsOf& view, PeriodUnit unit, unsigned fiscal_start_month) {
  const EventLog& log = view.log();
  period_containing(Day{}, unit, fiscal_start_month);  // refuses a wrong month
  if (!log.first_time() || *log.first_time() > view.instant()) return {};
  PeriodCounts counts{.unit = unit,
                      .fiscal_start_month = fiscal_start_month,
                      .as_of = view.instant(),
                      .known_from = log.time_zone().day_of(*log.first_time()),
                      .known_before = to_day(view.first_unknown_day()),
                      .periods = {}};
  add_periods(counts, counts.known_from, std::max(view.day(), counts.known_before - Days{1}));
  const auto days = log.days();
  const auto at = [&](std::uint32_t event) -> PeriodCount& { return period_of(counts.periods, to_day(days[event])); };
  view.for_each_visit([&](const Visit& visit) {
    if (visit.number == 0) ++at(visit.entry).created;
    const StageKind kind = view.graph().kind(visit.stage);
    if (kind == StageKind::won) ++at(visit.entry).won;
    if (kind == StageKind::lost) ++at(visit.entry).lost;
    if (is_terminal(kind) && visit.next != kNoStage) ++at(visit.exit).reopened;
  });
  return counts;
}

Balance balance(const AsOf& view, Timestamp since, const BalanceOptions& options) {
  check_balance(view, since, options);
  const Day begin = view.at(since).day();
  Balance result{.graph = view.graph(),
                 .since = begin,
                 .as_of = view.day(),
                 .options = options,
                 .counts = period_counts(view, options.unit, options.fiscal_start_month),
                 .full_periods = {},
                 .recent = {},
                 .earlier = {},
                 .in_against_out = {},
                 .inflow = {},
                 .closings = {},
                 .usual_days = days_of_usual(view, options),
                 .stages = project_stages(view, since, options)};
  const PeriodCounts& counts = result.counts;
  for (std::size_t i = 0; i < counts.periods.size(); ++i)
    if (counts.is_full(i)) result.full_periods.push_back(counts.periods[i].period);
  result.recent = span_within(counts, begin, counts.known_before);
  result.earlier = span_within(counts, counts.known_from, begin);
  if (result.recent)
    result.in_against_out = compare_poisson_rates(result.recent->inflow, days_of(*result.recent),
                                                  result.recent->closings, days_of(*result.recent));
  result.inflow = rhythm_of(result, &PeriodCount::inflow, &BalanceSpan::inflow);
  result.closings = rhythm_of(result, &PeriodCount::closings, &BalanceSpan::closings);
  return result;
}

}  // namespace putki
