#include "synthetic_log.hpp"

#include <putki/core/random.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace putki::benchmarks {
namespace {

constexpr std::uint16_t kOpenStages = 4;
constexpr StageId kLost{5};
constexpr double kDay = 86'400e6;  // in microseconds

StageGraph six_stages() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Qualified")
      .stage("Proposal")
      .stage("Negotiation")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}

StageId next_stage(StageId stage, double dice) {
  if (dice < 0.22) return kLost;
  if (dice < 0.30 && index(stage) > 0) return static_cast<StageId>(index(stage) - 1);
  return static_cast<StageId>(index(stage) + 1);
}

void add_deal(std::uint64_t seed, std::uint32_t number, std::vector<EventLogBuilder::Row>& rows) {
  RandomStream random(seed, number);
  const Timestamp start = Day{std::chrono::year{2012} / 1 / 1};
  double time = random.uniform() * 3 * 365 * kDay;
  const Money amount = Money::from_units(10'000 * std::exp(random.normal()));
  for (StageId stage{0};; stage = next_stage(stage, random.uniform())) {
    const std::chrono::microseconds since_start{static_cast<std::int64_t>(time)};
    rows.push_back({.deal = DealId{number}, .time = start + since_start, .stage = stage, .amount = amount});
    if (index(stage) >= kOpenStages) return;
    time += 6 * std::exp(1.2 * random.normal()) * kDay;
  }
}

}  // namespace

SyntheticLog make_synthetic_log(std::size_t events, std::uint64_t seed) {
  SyntheticLog log{.graph = six_stages(), .rows = {}};
  log.rows.reserve(events + events / 8 + 64);
  for (std::uint32_t deal = 0; log.rows.size() < events + events / 10; ++deal) add_deal(seed, deal, log.rows);
  std::sort(log.rows.begin(), log.rows.end(),
            [](const auto& a, const auto& b) { return a.time != b.time ? a.time < b.time : a.deal < b.deal; });
  log.rows.resize(events);
  constexpr std::uint32_t kUnseen = ~0u;
  std::vector<std::uint32_t> renumbered;
  for (auto& row : log.rows) {
    if (renumbered.size() <= index(row.deal)) renumbered.resize(index(row.deal) + 1, kUnseen);
    std::uint32_t& number = renumbered[index(row.deal)];
    if (number == kUnseen) number = static_cast<std::uint32_t>(log.deals++);
    row.deal = DealId{number};
    log.visits += index(row.stage) < kOpenStages;
  }
  return log;
}

const SyntheticLog& synthetic_log(std::size_t events) {
  static std::map<std::size_t, SyntheticLog> made;
  const auto found = made.find(events);
  if (found != made.end()) return found->second;
  return made.emplace(events, make_synthetic_log(events)).first->second;
}

std::string deal_name(std::size_t deal) {
  char text[24] = "D-";
  return {text, std::to_chars(text + 2, text + sizeof text, 1'000'000 + deal).ptr};
}

EventLog build(const SyntheticLog& synthetic) {
  EventLogBuilder builder(synthetic.graph);
  builder.reserve(synthetic.rows.size(), synthetic.deals);
  std::size_t seen = 0;
  for (const EventLogBuilder::Row& row : synthetic.rows) {
    if (index(row.deal) == seen) builder.deal(deal_name(seen++));
    builder.add(row);
  }
  return builder.build();
}

}  // namespace putki::benchmarks
