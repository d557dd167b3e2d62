#include <fmt/format.h>
#include <putki/core/error.hpp>
#include <putki/funnel/stage_card.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "funnel/deal_lives.hpp"
#include "funnel/followed_incidence.hpp"
#include "funnel/ways.hpp"

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

struct WindowStay {
  const Visit& visit;
  bool opening;  // else it began in the window
  bool there;    // at the view
  Money worth;
};

// Calls f for every stay of (since, view].
template <class F>
void for_each_window_stay(const AsOf& view, Timestamp since, F&& f) {
  const EventLog& log = view.log();
  const auto times = log.times();
  std::uint32_t first = 0;
  view.for_each_visit([&](const Visit& visit) {
    if (visit.number == 0) first = visit.entry;
    const bool there = visit.next == kNoStage;
    if (!there && times[visit.exit] <= since) return;
    const bool to_lost = !there && view.graph().kind(visit.next) == StageKind::lost;
    const bool in_lost = view.graph().kind(visit.stage) == StageKind::lost;
    // The row of the move itself may bring the last amount.
    const std::uint32_t known = there ? visit.exit : visit.exit + 1;
    f(WindowStay{visit, times[visit.entry] <= since, there, worth_of(log, first, known, to_lost || in_lost)});
  });
}

CountAndValue& presence_of(StagePresence& presence, Way way) {
  switch (way) {
    case Way::advanced:
      return presence.advanced;
    case Way::lost:
      return presence.lost;
    case Way::back:
      return presence.back;
    case Way::sideways:
      break;
  }
  return presence.sideways;
}

struct StageStays {
  Durations durations;
  std::vector<double> followed;
  std::vector<double> ages;  // of those there now
  double lost_squares = 0, won_squares = 0;
};

std::vector<StageStays> stays_by_stage(const AsOf& view) {
  std::vector<StageStays> stays(view.graph().stage_count());
  for (StageStays& stage : stays) stage.durations.cause_count = static_cast<int>(stays.size());
  const auto times = view.log().times();
  view.for_each_visit([&](const Visit& visit) {
    StageStays& stage = stays[index(visit.stage)];
    const bool there = visit.next == kNoStage;
    stage.followed.push_back(elapsed_days(times[visit.entry], view.instant()));
    stage.durations.time.push_back(there ? stage.followed.back() : elapsed_days(times[visit.entry], times[visit.exit]));
    stage.durations.cause.push_back(there ? 0 : static_cast<int>(index(visit.next)) + 1);
    if (there) stage.ages.push_back(stage.followed.back());
  });
  return stays;
}

MetricEstimate leaving(const CountAndValue& deals, double squares, double months) {
  MetricEstimate estimate{.value = deals.value.units() / months};
  if (estimate.value > 0) estimate = positive_estimate(estimate.value, std::sqrt(squares) / months);
  return estimate;
}

void fill_times(StageCard& card, StageStays& stays, double age_days, double window_days) {
  std::sort(stays.ages.begin(), stays.ages.end());
  if (!stays.ages.empty()) {
    card.median_age = median_of(stays.ages);
    card.p90_age = stays.ages[(9 * stays.ages.size() + 9) / 10 - 1];
  }
  card.arrivals_per_day = static_cast<double>(card.presence.entered.deals) / window_days;
  if (stays.durations.time.empty()) return;

  const SurvivalCurve curve = kaplan_meier(stays.durations);
  const double longest = curve.times.back();
  card.stay_complete = curve.values.back() <= kNegligibleShare;
  card.mean_stay = plain_estimate(curve.restricted_mean(longest), curve.restricted_mean_std_error(longest));
  const double expected = card.arrivals_per_day * card.mean_stay->value;
  const double of_arrivals =
      card.mean_stay->value * std::sqrt(static_cast<double>(card.presence.entered.deals)) / window_days;
  card.expected =
      positive_estimate(expected, std::hypot(of_arrivals, card.arrivals_per_day * *card.mean_stay->std_error));
  if (expected > 0)
    card.z_score = (static_cast<double>(card.presence.still_there.deals) - expected) / std::sqrt(expected);
  if (const auto median = curve.quantile(0.5)) {
    const auto limits = curve.quantile_limits(0.5);
    card.median_stay = MetricEstimate{.value = *median};
    if (limits.lower && limits.upper) card.median_stay->interval = Interval{*limits.lower, *limits.upper};
  }
  card.p90_stay = curve.quantile(0.9);

  const FollowedIncidence ways(stays.durations, stays.followed);
  card.still_there_by_age = ways.at(0, age_days);
  for (std::size_t to = 0; to < static_cast<std::size_t>(stays.durations.cause_count); ++to) {
    const auto& incidence = ways.curve().incidence[to + 1];
    if (!incidence.empty() && incidence.back() > 0)
      card.transitions.push_back({static_cast<StageId>(to), ways.at(static_cast<int>(to) + 1, age_days)});
  }
}

}  // namespace

void StagePresences::merge(const StagePresences& other) {
  if (other.stages.empty()) return;
  if (stages.empty()) {
    *this = other;
    return;
  }
  if (stages.size() != other.stages.size())
    throw InvalidArgument(
        fmt::format("presences of {} and of {} stages cannot be merged", stages.size(), other.stages.size()),
        ErrorCode::incompatible);
  for (std::size_t s = 0; s < stages.size(); ++s)
    for (CountAndValue StagePresence::*part :
         {&StagePresence::opening, &StagePresence::entered, &StagePresence::advanced, &StagePresence::won,
          &StagePresence::lost, &StagePresence::back, &StagePresence::sideways, &StagePresence::still_there})
      (stages[s].*part).merge(other.stages[s].*part);
}

StagePresences stage_presences(const AsOf& view, Timestamp since) {
  if (since > view.instant())
    throw InvalidArgument(
        fmt::format("presences since {}, after the view's {}", to_string(since), to_string(view.instant())));
  const Ways ways(view.graph());
  StagePresences presences;
  for (std::size_t s = 0; s < view.graph().stage_count(); ++s)
    presences.stages.push_back({.stage = static_cast<StageId>(s)});
  for_each_window_stay(view, since, [&](const WindowStay& stay) {
    StagePresence& presence = presences.stages[index(stay.visit.stage)];
    (stay.opening ? presence.opening : presence.entered).add(stay.worth);
    if (stay.there) {
      presence.still_there.add(stay.worth);
      return;
    }
    presence_of(presence, ways.way(stay.visit.stage, stay.visit.next)).add(stay.worth);
    if (view.graph().kind(stay.visit.next) == StageKind::won) presence.won.add(stay.worth);
  });
  return presences;
}

StageCards stage_cards(const AsOf& view, const StageCardOptions& options) {
  const Day since = options.since.value_or(to_day(view.first_unknown_day()) - Days{28});
  if (day_number(since) >= view.first_unknown_day())
    throw InvalidArgument(fmt::format("stage cards since {}, but the view ends on {}; allowed are days before it",
                                      to_string(since), to_string(view.day())));
  if (!(std::isfinite(options.age_days) && options.age_days > 0))
    throw InvalidArgument(
        fmt::format("transitions at the age of {} days; allowed are numbers above 0", options.age_days));
  const Timestamp begin = std::min(view.log().time_zone().start_of(since), view.instant());
  StageCards cards{.as_of = view.day(),
                   .since = since,
                   .window_days = std::max(elapsed_days(begin, view.instant()), 1e-6),
                   .age_days = options.age_days,
                   .graph = view.graph()};
  std::vector<StageStays> stays = stays_by_stage(view);
  for_each_window_stay(view, begin, [&](const WindowStay& stay) {
    if (stay.there || stay.worth == kNoAmount) return;
    const StageKind to = view.graph().kind(stay.visit.next);
    const double square = stay.worth.units() * stay.worth.units();
    if (to == StageKind::lost) stays[index(stay.visit.stage)].lost_squares += square;
    if (to == StageKind::won) stays[index(stay.visit.stage)].won_squares += square;
  });
  for (const StagePresence& presence : stage_presences(view, begin).stages) {
    if (view.graph().is_terminal(presence.stage)) continue;
    StageStays& of_stage = stays[index(presence.stage)];
    StageCard card{.presence = presence};
    fill_times(card, of_stage, options.age_days, cards.window_days);
    const double months = cards.window_days / 30;
    card.lost_per_30_days = leaving(presence.lost, of_stage.lost_squares, months);
    card.won_per_30_days = leaving(presence.won, of_stage.won_squares, months);
    cards.cards.push_back(std::move(card));
  }
  return cards;
}

}  // namespace putki
