#include <putki/stats/purchase_statistics.hpp>

#include <putki/core/error.hpp>

#include <catch2/catch.hpp>

using namespace putki;

TEST_CASE("Equal customers share a cell, cells come sorted") {
  PurchaseStatistics statistics;
  CHECK(statistics.empty());
  statistics.add({.repeats = 2, .recency_days = 213, .age_days = 272, .priced_repeats = 2, .repeat_spend = {4469}});
  statistics.add({.age_days = 272}, 3);
  statistics.add({.age_days = 100}, 0);
  statistics.add({.repeats = 2, .recency_days = 213, .age_days = 272, .priced_repeats = 1, .repeat_spend = {2973}});
  CHECK(statistics.customers() == 5);
  CHECK(statistics.purchases().cells() == std::vector<Counted<PurchaseCell>>{{{0, 0, 272}, 3}, {{2, 213, 272}, 2}});
  CHECK(statistics.spend().cells() == std::vector<Counted<SpendCell>>{{{1, {2973}}, 1}, {{2, {4469}}, 1}});
  CHECK(statistics.spend().total() == 2);
  CHECK(statistics.purchases().distinct() == 2);
}

TEST_CASE("A history that cannot be is refused and leaves the statistics as they were") {
  PurchaseStatistics statistics;
  statistics.add({.repeats = 1, .recency_days = 5, .age_days = 9});
  const PurchaseStatistics before = statistics;
  for (const PurchaseHistory& wrong : std::vector<PurchaseHistory>{
           {.repeats = -1, .age_days = 3},
           {.repeats = 1, .recency_days = 4, .age_days = 3},
           {.repeats = 1, .recency_days = -1, .age_days = 3},
           {.repeats = 0, .recency_days = 2, .age_days = 3},
           {.age_days = -1},
           {.repeats = 1, .recency_days = 1, .age_days = 3, .priced_repeats = 2},
           {.repeats = 1, .recency_days = 1, .age_days = 3, .priced_repeats = -1},
           {.repeats = 1, .recency_days = 1, .age_days = 3, .priced_repeats = 0, .repeat_spend = {5}},
           {.repeats = 1, .recency_days = 1, .age_days = 3, .priced_repeats = 1, .repeat_spend = kNoAmount}}) {
    CHECK_THROWS_AS(statistics.add(wrong), InvalidArgument);
    CHECK(statistics == before);
  }
  CHECK_THROWS_WITH(statistics.add({.repeats = 1, .recency_days = 4, .age_days = 3}),
                    "customer with recency 4 and age 3 days; 0 <= recency <= age is allowed");
}

TEST_CASE("Opportunities and tenures that cannot be are refused") {
  OpportunityStatistics opportunities;
  opportunities.add({2, 5, 6}, 7);
  opportunities.add({0, 0, 6});
  CHECK(opportunities.total() == 8);
  for (const OpportunityCell& wrong :
       std::vector<OpportunityCell>{{-1, 0, 6}, {3, 2, 6}, {1, 7, 6}, {0, 1, 6}, {1, 0, 6}, {0, 0, -1}})
    CHECK_THROWS_AS(opportunities.add(wrong), InvalidArgument);
  CHECK(opportunities.total() == 8);

  TenureStatistics tenures;
  tenures.add({.survived = 3, .ended = true}, 131);
  tenures.add({.survived = 3});
  tenures.add({.survived = 3, .entered = 3});
  CHECK(tenures.distinct() == 3);
  for (const TenureCell& wrong :
       std::vector<TenureCell>{{.survived = -1}, {.survived = 2, .entered = 3}, {.survived = 2, .entered = -1}})
    CHECK_THROWS_AS(tenures.add(wrong), InvalidArgument);
  CHECK(tenures.total() == 133);
}
