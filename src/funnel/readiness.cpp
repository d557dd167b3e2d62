#include <putki/core/error.hpp>
#include <putki/funnel/readiness.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "funnel/stage_course.hpp"
#include "funnel/ways.hpp"
#include "funnel/win_within.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr std::uint64_t kLeastAdvances = 10;

void check_readiness(const ReadinessOptions& options) {
  if (!(options.within_days > 0 && options.within_days <= 366))
    throw InvalidArgument(
        fmt::format("readiness within {} days; allowed are more than 0, at most 366", options.within_days));
  if (options.least_at_risk < 2 || options.least_at_risk > 1'000'000)
    throw InvalidArgument(
        fmt::format("readiness from {} visits at risk; allowed are 2 to 1,000,000", options.least_at_risk));
  for (const auto& [what, share] :
       {std::pair{"overdue", options.overdue_share}, std::pair{"stalled", options.stalled_share}})
    if (!(share > 0 && share < 1))
      throw InvalidArgument(fmt::format("share for {} is {}; it lies between 0 and 1", what, share));
}

// Causes of visit_durations, by the way they go.
struct ReadinessWeights {
  std::vector<double> advance, won, lost, elsewhere, any;
};

ReadinessWeights weights_of(const StageGraph& graph, const Ways& ways, StageId stage) {
  const std::size_t n = graph.stage_count();
  ReadinessWeights weights{std::vector<double>(n + 1), std::vector<double>(n + 1), std::vector<double>(n + 1),
                           std::vector<double>(n + 1), std::vector<double>(n + 1, 1.0)};
  for (std::size_t j = 0; j < n; ++j) {
    const auto next = static_cast<StageId>(j);
    if (next == stage) continue;
    const Way way = ways.way(stage, next);
    (way == Way::advanced ? weights.advance : way == Way::lost ? weights.lost : weights.elsewhere)[j + 1] = 1;
    if (graph.kind(next) == StageKind::won) weights.won[j + 1] = 1;
  }
  return weights;
}

// Everything known about every stage in which a deal can be open.
struct ReadinessHistory {
  std::vector<Durations> stays;  // by stage; terminal ones stay empty
  std::vector<Durations> silences;
};

ReadinessHistory history_of(const AsOf& view) {
  const StageGraph& graph = view.graph();
  ReadinessHistory history;
  history.stays.resize(graph.stage_count());
  history.silences.resize(graph.stage_count());
  for (Durations& stays : history.stays) stays.cause_count = static_cast<int>(graph.stage_count());
  const auto times = view.log().times();
  view.for_each_visit([&](const Visit& visit) {
    if (graph.is_terminal(visit.stage)) return;
    const bool moved = visit.next != kNoStage;
    const Timestamp end = moved ? times[visit.exit] : view.instant();
    Durations& stays = history.stays[index(visit.stage)];
    stays.time.push_back(elapsed_days(times[visit.entry], end));
    stays.cause.push_back(moved ? static_cast<int>(index(visit.next)) + 1 : 0);
    Durations& silences = history.silences[index(visit.stage)];
    for (std::uint32_t event = visit.entry; event < visit.exit; ++event) {
      const bool last = event + 1 == visit.exit;
      silences.time.push_back(elapsed_days(times[event], last ? end : times[event + 1]));
      silences.cause.push_back(last && !moved ? 0 : 1);
    }
  });
  return history;
}

Chance chance_of(const StageCourse& course, double age, double within, const StageCourse::Prepared& weights) {
  const StageCourse::Share share = course.share(age, age + within, weights);
  return {std::clamp(share.probability, 0.0, 1.0), std::sqrt(share.variance),
          effective_limits(share, static_cast<double>(course.rests_on(age)))};
}

bool contacted_first(const ReadyDeal& a, const ReadyDeal& b) {
  if (a.at_stake.has_value() != b.at_stake.has_value()) return a.at_stake.has_value();
  if (a.at_stake && *a.at_stake != *b.at_stake) return *a.at_stake > *b.at_stake;
  const double decided_a = a.advance.probability + a.lost.probability,
               decided_b = b.advance.probability + b.lost.probability;
  if (decided_a != decided_b) return decided_a > decided_b;
  return a.deal < b.deal;
}

}  // namespace

Readiness readiness(const AsOf& view, const ReadinessOptions& options) {
  check_readiness(options);
  const StageGraph& graph = view.graph();
  const Ways ways(graph);
  const double within = options.within_days;
  Readiness result{.as_of = view.day(),
                   .within_days = within,
                   .overdue_share = options.overdue_share,
                   .stalled_share = options.stalled_share,
                   .graph = graph,
                   .stages = {},
                   .deals = {}};

  const ReadinessHistory history = history_of(view);
  std::vector<StageCourse> courses;
  std::vector<ReadinessWeights> weights;
  std::vector<StageClock> clocks;
  for (std::size_t s = 0; s < graph.stage_count(); ++s) {
    const auto stage = static_cast<StageId>(s);
    courses.emplace_back(history.stays[s], options.least_at_risk);
    weights.push_back(weights_of(graph, ways, stage));
    StageClock clock{.stage = stage, .visits = history.stays[s].size()};
    for (const int cause : history.stays[s].cause)
      if (cause > 0 && weights[s].advance[static_cast<std::size_t>(cause)] > 0) ++clock.advances;
    if (courses[s].curve_until() >= 0) clock.curve_until = courses[s].curve_until();
    clock.tail_hazard = courses[s].tail_hazard();
    if (clock.advances >= kLeastAdvances)
      clock.overdue_days =
          StageCourse(history.stays[s], 0).quantile(StageCourse::kFresh, weights[s].advance, options.overdue_share);
    clock.stalled_days = kaplan_meier(history.stays[s]).quantile(options.stalled_share);
    clock.silent_days = kaplan_meier(history.silences[s]).quantile(options.stalled_share);
    clocks.push_back(clock);
    if (!graph.is_terminal(stage)) result.stages.push_back(clock);
  }

  struct PreparedWeights {
    StageCourse::Prepared advance, won, lost, elsewhere, any;
  };
  std::vector<PreparedWeights> prepared;
  for (std::size_t s = 0; s < courses.size(); ++s)
    prepared.push_back({courses[s].prepare(weights[s].advance), courses[s].prepare(weights[s].won),
                        courses[s].prepare(weights[s].lost), courses[s].prepare(weights[s].elsewhere),
                        courses[s].prepare(weights[s].any)});
  const WinWithin win(graph, courses, within);
  const auto times = view.log().times();
  view.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
    const DealState state = view.state_of(deal, first, last);
    if (graph.is_terminal(state.stage)) return;
    const std::size_t s = index(state.stage);
    const StageCourse& course = courses[s];
    const double age = elapsed_days(state.entered, view.instant());
    ReadyDeal ready{.deal = std::string(view.log().deal_name(deal)),
                    .stage = state.stage,
                    .age_days = age,
                    .silent_days = elapsed_days(times[last - 1], view.instant()),
                    .amount = state.amount,
                    .advance = chance_of(course, age, within, prepared[s].advance),
                    .won_next = chance_of(course, age, within, prepared[s].won),
                    .lost = chance_of(course, age, within, prepared[s].lost),
                    .elsewhere = chance_of(course, age, within, prepared[s].elsewhere),
                    .still_here = 1 - chance_of(course, age, within, prepared[s].any).probability,
                    .win = win.of(course, age),
                    .rests_on = course.rests_on(age),
                    .from_tail = age >= course.curve_until()};
    const StageClock& clock = clocks[s];
    ready.overdue = clock.overdue_days && age > *clock.overdue_days;
    ready.stalled = clock.stalled_days && age > *clock.stalled_days;
    ready.silent = clock.silent_days && ready.silent_days > *clock.silent_days;
    if (state.amount == kNoAmount) {
      ++result.without_amount;
    } else {
      const double amount = state.amount.units();
      ready.expected_value = amount * ready.win;
      ready.at_stake = amount * (ready.advance.probability + ready.lost.probability);
      ready.at_risk = amount * ready.lost.probability;
      result.expected_value += *ready.expected_value;
    }
    result.deals.push_back(std::move(ready));
  });
  std::sort(result.deals.begin(), result.deals.end(), contacted_first);
  return result;
}

ReadinessRecord readiness_record(const AsOf& view, const ReadinessOptions& options, int origins) {
  check_readiness(options);
  if (origins < 1 || origins > 1'000)
    throw InvalidArgument(fmt::format("a readiness record of {} instants; allowed are 1 to 1000", origins));
  const StageGraph& graph = view.graph();
  const Ways ways(graph);
  const auto times = view.log().times();
  const auto stages = view.log().stages();
  const std::chrono::microseconds within(std::llround(options.within_days * 86'400e6));
  ReadinessRecord record{.within_days = options.within_days, .origins = {}, .outcomes = {}};
  struct StageCounts {
    double deals = 0, advanced = 0, lost = 0;
  };
  std::vector<StageCounts> counts(graph.stage_count());
  for (int back = origins; back > 0; --back) {
    const Timestamp origin = view.instant() - back * within;
    if (!view.log().first_time() || origin < *view.log().first_time()) continue;
    const AsOf then = view.at(origin);
    record.origins.push_back(then.day());
    const std::vector<StageCounts> before = counts;
    // By name: the ranking has put them in another order.
    std::vector<std::pair<std::string_view, std::pair<std::uint32_t, std::uint32_t>>> events;
    then.for_each_deal([&](DealId deal, std::uint32_t, std::uint32_t last) {
      events.push_back({view.log().deal_name(deal), {last, view.known_end(deal)}});
    });
    std::sort(events.begin(), events.end());
    const Readiness foretold = readiness(then, options);
    for (const ReadyDeal& deal : foretold.deals) {
      ReadinessOutcome outcome{
          .stage = deal.stage, .advance = deal.advance.probability, .lost = deal.lost.probability, .win = deal.win};
      const auto known = std::lower_bound(events.begin(), events.end(), std::string_view(deal.deal),
                                          [](const auto& entry, std::string_view text) { return entry.first < text; });
      bool moved = false, ended = false;
      for (std::uint32_t event = known->second.first; event < known->second.second && !ended; ++event) {
        if (times[event] > origin + within) break;
        if (!moved && stages[event] != deal.stage) {
          moved = true;
          const Way way = ways.way(deal.stage, stages[event]);
          outcome.advanced = way == Way::advanced;
          outcome.was_lost = way == Way::lost;
        }
        ended = graph.is_terminal(stages[event]);
        outcome.won = graph.kind(stages[event]) == StageKind::won;
      }
      StageCounts& count = counts[index(deal.stage)];
      const StageCounts& past = before[index(deal.stage)];
      if (past.deals > 0) {
        outcome.stage_advance = past.advanced / past.deals;
        outcome.stage_lost = past.lost / past.deals;
      }
      ++count.deals;
      count.advanced += outcome.advanced ? 1 : 0;
      count.lost += outcome.was_lost ? 1 : 0;
      record.outcomes.push_back(outcome);
    }
  }
  return record;
}

}  // namespace putki
