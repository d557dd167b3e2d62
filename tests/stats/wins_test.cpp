#include <putki/stats/wins.hpp>

#include "deals.hpp"

#include <catch2/catch.hpp>

using namespace putki;
using namespace putki::test;

TEST_CASE("a win is the entry into the last run of won stages, at the amount known then") {
  const EventLog log = LogOfDeals(small_graph(), {.reopened = ReopenPolicy::keep})
                           .deal({{0, kLead, 100}, {2, kWon}, {3, kActive, 900}})          // corrected later
                           .deal({{1, kLead, 50}, {2, kWon, 70}, {4, kOffer}, {6, kWon}})  // reopened
                           .deal({{1, kLead, 50}, {2, kWon, 70}, {4, kLost}})              // lost after all
                           .deal({{1, kLead}, {5, kWon}})                                  // no amount
                           .deal({{1, kLead, 10}, {5, kWon}, {5, kWon, 11}, {5, kActive, 12}, {6, kActive, 13}})
                           .deal({{3, kWon, 30}})
                           .deal({{3, kLead, 30}})
                           .build();
  const auto all = wins(AsOf::end_of(log));
  REQUIRE(all.size() == 5);
  CHECK(all[0].time == instant_of(2));
  CHECK(all[0].created == instant_of(0));
  CHECK(all[0].amount == Money::from_units(100));
  CHECK(all[1].time == instant_of(6));
  CHECK(all[1].amount == Money::from_units(70));
  CHECK(all[2].amount == kNoAmount);
  CHECK(all[3].amount == Money::from_units(12));  // all that is known at the same instant
  CHECK(all[4].created == all[4].time);

  // As of day 3 the second and third deals are won, and nothing later is known.
  CHECK(wins(AsOf(log, instant_of(3))).size() == 4);
  CHECK(revenue_won(AsOf(log, instant_of(3)), instant_of(0)) == Money::from_units(100 + 70 + 70 + 30));
}

TEST_CASE("revenue of a window takes its end and not its begin") {
  const EventLog log = LogOfDeals(small_graph())
                           .deal({{0, kLead, 1}, {2, kWon}})
                           .deal({{0, kLead, 10}, {2.5, kWon}})
                           .deal({{0, kLead, 100}, {4, kWon}})
                           .deal({{0, kLead, 1000}, {4.5, kWon}})
                           .build();
  CHECK(revenue_won(AsOf(log, instant_of(4)), instant_of(2)) == Money::from_units(110));
  CHECK(revenue_won(AsOf(log, instant_of(1)), instant_of(0)) == Money{});
  CHECK(wins(AsOf::end_of(EventLog(small_graph()))).empty());
}
