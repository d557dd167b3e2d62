#pragma once
// Random deal histories with everything that makes counting hard: ties, repeated stages, skips, loops, deals that begin
// in a terminal stage, deals reopened.

#include <putki/events/event_log_builder.hpp>

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace putki::test {

struct DealHistory {
  std::string name;
  std::string region;  // sometimes empty
  struct Change {
    Timestamp time;
    StageId stage;
    Money amount = kNoAmount;
    DayNumber expected_close = kNoDay;
  };
  std::vector<Change> changes;
};

struct HistoryShape {
  int deals = 25;
  int most_changes = 8;
  int last_day = 60;       // changes fall on the days 2012-01-01 + 0 .. last_day
  bool date_only = false;  // all changes at 00:00
  bool amounts = false;    // some changes carry an amount (sometimes zero) and an expected close (sometimes past)
};

inline const Timestamp kFirstInstant = Day{std::chrono::year{2012} / 1 / 1};

inline std::vector<DealHistory> random_histories(std::mt19937& random, const StageGraph& graph,
                                                 const HistoryShape& shape = {}) {
  const auto below = [&](std::size_t n) { return random() % n; };
  std::vector<DealHistory> histories;
  for (int d = 0; d < shape.deals; ++d) {
    DealHistory history;
    history.name = "deal " + std::to_string(d);
    history.region = std::vector<std::string>{"", "north", "south"}[below(3)];
    const std::size_t changes = 1 + below(static_cast<std::size_t>(shape.most_changes));
    for (std::size_t i = 0; i < changes; ++i) {
      // few hours of the day, so that changes tie; never midnight, so that no stretch of deals looks date-only
      const auto hours = std::chrono::hours{24 * below(static_cast<std::size_t>(shape.last_day) + 1) +
                                            (shape.date_only ? 0 : 6 * (1 + below(3)))};
      history.changes.push_back({kFirstInstant + hours, static_cast<StageId>(below(graph.stage_count()))});
    }
    std::stable_sort(history.changes.begin(), history.changes.end(),
                     [](const auto& a, const auto& b) { return a.time < b.time; });
    for (auto& change : history.changes) {
      if (!shape.amounts) break;
      if (below(3) != 0) change.amount = Money{static_cast<std::int64_t>(below(6) * (1 + below(100'000)))};
      if (below(3) == 0)
        change.expected_close = day_number(Day{std::chrono::year{2012} / 1 / 1}) + static_cast<DayNumber>(below(90));
    }
    histories.push_back(std::move(history));
  }
  return histories;
}

inline EventLog build_log(const StageGraph& graph, std::span<const DealHistory> histories,
                          ReopenPolicy reopened = ReopenPolicy::keep) {
  EventLogBuilder builder(graph, {.reopened = reopened, .drop_duplicates = false});
  for (const DealHistory& history : histories) {
    const DealId deal = builder.deal(history.name);
    builder.set_attribute(deal, "region", history.region);
    for (const auto& change : history.changes)
      builder.add({.deal = deal,
                   .time = change.time,
                   .stage = change.stage,
                   .amount = change.amount,
                   .expected_close = change.expected_close});
  }
  return builder.build();
}

// One stay, worked out from a history and an instant alone.
struct NaiveVisit {
  StageId stage;
  StageId next = kNoStage;
  Timestamp entered;
  Timestamp left;  // meaningless while next is kNoStage
};

inline std::vector<NaiveVisit> naive_visits(const DealHistory& history, Timestamp instant) {
  std::vector<NaiveVisit> visits;
  for (const auto& change : history.changes) {
    if (change.time > instant) break;
    if (!visits.empty() && visits.back().stage == change.stage) continue;
    if (!visits.empty()) {
      visits.back().next = change.stage;
      visits.back().left = change.time;
    }
    visits.push_back({.stage = change.stage, .next = kNoStage, .entered = change.time, .left = {}});
  }
  return visits;
}

}  // namespace putki::test
