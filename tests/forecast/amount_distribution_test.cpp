#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/amount_distribution.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

Timestamp at(const char* day) {
  return Timestamp(*parse_day(day));
}

}  // namespace

TEST_CASE("equal amounts are one atom and moments are those of the list") {
  const auto amounts = AmountDistribution::from_values({5, 1, 5, 2, 5, 2});
  CHECK(amounts.values() == std::vector<double>{1, 2, 5});
  CHECK(amounts.probability(0) == Approx(1.0 / 6));
  CHECK(amounts.probability(1) == Approx(2.0 / 6));
  CHECK(amounts.probability(2) == Approx(3.0 / 6));
  CHECK(amounts.mean() == Approx(20.0 / 6));
  CHECK(amounts.moment(2) == Approx((1 + 8 + 75) / 6.0));
}

TEST_CASE("sampled amounts come in their proportions") {
  const auto amounts = AmountDistribution::from_values({1, 2, 2, 2});
  RandomStream random(3, 0);
  int ones = 0;
  for (int i = 0; i < 10'000; ++i) ones += amounts.sample(random) == 1 ? 1 : 0;
  CHECK(std::abs(ones - 2500) < 4 * std::sqrt(10'000 * 0.25 * 0.75));
}

TEST_CASE("amounts come from won deals as known when they were won") {
  const StageGraph graph =
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  EventLogBuilder builder(graph);
  const auto deal = [&](const char* name, std::initializer_list<EventLogBuilder::Row> rows) {
    const DealId id = builder.deal(name);
    for (EventLogBuilder::Row row : rows) {
      row.deal = id;
      builder.add(row);
    }
  };
  const StageId open{0}, won{1}, lost{2};
  deal("raised, amount only while open", {{{}, at("2024-01-01"), open, Money{10'000}}, {{}, at("2024-01-05"), won}});
  deal("amount learnt at closing", {{{}, at("2024-01-01"), open}, {{}, at("2024-01-05"), won, Money{25'000}}});
  deal("won for nothing", {{{}, at("2024-01-01"), open}, {{}, at("2024-01-05"), won, Money{0}}});
  deal("lost", {{{}, at("2024-01-01"), open, Money{99'900}}, {{}, at("2024-01-05"), lost, Money{0}}});
  deal("won later", {{{}, at("2024-01-01"), open, Money{77'700}}, {{}, at("2024-03-05"), won}});
  const EventLog log = builder.build();
  CHECK(AmountDistribution::of_won_deals(AsOf(log, at("2024-02-01"))).values() == std::vector<double>{100, 250});
  // Nothing won yet: what deals are about.
  CHECK(AmountDistribution::of_won_deals(AsOf(log, at("2024-01-02"))).values() == std::vector<double>{100, 777, 999});
  CHECK(AmountDistribution::of_won_deals(AsOf(EventLog(graph), at("2024-01-02"))).values() == std::vector<double>{0});
}

TEST_CASE("amounts below zero or not finite are refused") {
  CHECK_THROWS_AS(AmountDistribution::from_values({1, -1}), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::from_values({std::nan("")}), InvalidArgument);
}
