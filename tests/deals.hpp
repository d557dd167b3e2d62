#pragma once
// Logs written down deal by deal, with times in days from 2024-01-01 (a Monday).

#include <putki/events/event_log_builder.hpp>

#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace putki::test {

inline const Day kMonday{std::chrono::year{2024} / 1 / 1};

struct Change {
  double day;  // 0.5 is noon of the first Monday
  StageId stage;
  double amount = -1;  // below 0: not stated
};

inline Timestamp instant_of(double day) {
  return Timestamp{kMonday} + std::chrono::seconds{std::llround(day * 86'400)};
}

class LogOfDeals {
 public:
  explicit LogOfDeals(StageGraph graph, EventLogOptions options = {}) : builder_(std::move(graph), options) {}

  LogOfDeals& deal(const std::vector<Change>& changes) {
    const DealId deal = builder_.deal("deal " + std::to_string(deals_++));
    for (const Change& change : changes)
      builder_.add({.deal = deal,
                    .time = instant_of(change.day),
                    .stage = change.stage,
                    .amount = change.amount < 0 ? kNoAmount : Money::from_units(change.amount)});
    return *this;
  }
  EventLog build() { return builder_.build(); }

 private:
  EventLogBuilder builder_;
  int deals_ = 0;
};

// Lead and Offer are open; Won and Active are won; Lost is lost.
inline constexpr StageId kLead{0}, kOffer{1}, kWon{2}, kActive{3}, kLost{4};

inline StageGraph small_graph() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Offer")
      .stage("Won", StageKind::won)
      .stage("Active", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}

}  // namespace putki::test
