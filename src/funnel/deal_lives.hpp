#pragma once
// Deals as observations: when each was created, how and when it first ended, what it is worth.

#include <putki/events/as_of.hpp>
#include <putki/stats/durations.hpp>

#include "funnel/deal_amount.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace putki {

inline constexpr int kWonCause = 1;
inline constexpr int kLostCause = 2;

struct DealLife {
  DealId deal;
  Timestamp created;
  DayNumber created_day;
  int outcome = 0;  // of the first end: kWonCause, kLostCause; 0: none known
  Timestamp ended;  // meaningless while outcome is 0
  DayNumber ended_day = kNoDay;
  double days = 0;                  // from creation to the first end or the instant
  double followed = 0;              // from creation to the instant
  StageKind now = StageKind::open;  // of the stage at the instant: of a deal reopened, where it is now
  Money amount = kNoAmount;         // worth_of
};

// One per deal known in the view, in its order. O(events).
inline std::vector<DealLife> deal_lives(const AsOf& view) {
  const EventLog& log = view.log();
  const StageGraph& graph = view.graph();
  const auto times = log.times();
  const auto stages = log.stages();
  std::vector<DealLife> lives;
  view.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
    DealLife life{.deal = deal, .created = times[first], .created_day = log.days()[first], .ended = {}};
    std::uint32_t end = first;
    while (end < last && !graph.is_terminal(stages[end])) ++end;
    life.followed = elapsed_days(times[first], view.instant());
    life.days = life.followed;
    if (end < last) {
      life.outcome = graph.kind(stages[end]) == StageKind::won ? kWonCause : kLostCause;
      life.ended = times[end];
      life.ended_day = log.days()[end];
      life.days = elapsed_days(times[first], times[end]);
    }
    life.now = graph.kind(stages[last - 1]);
    life.amount = worth_of(log, first, last, life.now == StageKind::lost);
    lives.push_back(life);
  });
  return lives;
}

// To a first end, won and lost apart, of the lives that `keep` keeps.
template <class Keep>
Durations life_durations(const std::vector<DealLife>& lives, Keep&& keep) {
  Durations durations;
  durations.cause_count = 2;
  for (const DealLife& life : lives) {
    if (!keep(life)) continue;
    durations.time.push_back(life.days);
    durations.cause.push_back(life.outcome);
  }
  return durations;
}

inline bool has_amount(const DealLife& life) {
  return life.amount != kNoAmount;
}

}  // namespace putki
