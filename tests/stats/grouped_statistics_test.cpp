#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/stats/grouped_statistics.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

const Day kFirst{std::chrono::year{2024} / 1 / 1};

StageGraph two_stages() {
  return StageGraph::Builder().stage("Lead").stage("Offer").stage("Won", StageKind::won).build();
}

struct Row {
  const char* deal;
  int day;
  StageId stage;
  double amount;  // below 0: not stated
};

EventLog log_of(std::initializer_list<Row> rows) {
  EventLogBuilder builder(two_stages());
  for (const Row& row : rows) {
    const DealId deal = builder.deal(row.deal);
    builder.set_attribute(deal, "rep", std::string(1, row.deal[0]));
    builder.add({.deal = deal,
                 .time = Timestamp{kFirst + Days{row.day}} + std::chrono::hours{12},
                 .stage = row.stage,
                 .amount = row.amount < 0 ? kNoAmount : Money::from_units(row.amount)});
  }
  return builder.build();
}

constexpr StageId kLead{0}, kOffer{1}, kWon{2};

}  // namespace

TEST_CASE("A visit is of the size known when it began") {
  // The amount comes while a1 is a lead, and a true one at closing; b1 begins at zero, which is unknown.
  const EventLog log = log_of({{"a1", 0, kLead, -1},
                               {"a1", 2, kLead, 20},
                               {"a1", 3, kOffer, -1},
                               {"a1", 5, kWon, 900},
                               {"b1", 1, kLead, 0},
                               {"b1", 4, kOffer, 80}});
  GroupedStatistics statistics(two_stages(), {.segment_by = "rep", .size_limits = {Money::from_units(50)}});
  statistics.update(AsOf(log, kFirst + Days{10}));
  const DayNumber first = day_number(kFirst);
  using Visits = DatedStatistics::Visits;
  const auto& groups = statistics.groups();
  REQUIRE(groups.size() == 4);
  CHECK(groups.at({"a", 0}).visits == std::vector<Visits>{{kLead, kOffer, first, first + 3, 1}});
  CHECK(groups.at({"a", 1}).visits == std::vector<Visits>{{kOffer, kWon, first + 3, first + 5, 1}});
  CHECK(groups.at({"b", 0}).visits == std::vector<Visits>{{kLead, kOffer, first + 1, first + 4, 1}});
  CHECK(groups.at({"b", 2}).visits == std::vector<Visits>{{kOffer, kNoStage, first + 4, first + 10, 1}});
  CHECK(groups.at({"a", 0}).creations.size() == 1);
  CHECK(groups.at({"a", 1}).creations.empty());
  CHECK_FALSE(statistics.size_of(0));
  CHECK(*statistics.size_of(1) == Approx(20).epsilon(1e-5));
  CHECK(*statistics.size_of(2) == Approx(80).epsilon(1e-5));
  CHECK(statistics.band_of(kNoAmount) == 0);
  CHECK(statistics.band_of(Money::from_units(50)) == 2);
  CHECK(statistics.band_of(Money::from_units(49.99)) == 1);
}

TEST_CASE("The groups of any log together are its dated statistics") {
  std::mt19937 random(5);
  const StageGraph graph = StageGraph::b2b_template();
  for (int round = 0; round < 20; ++round) {
    const AsOf view(test::build_log(graph, test::random_histories(random, graph)),
                    test::kFirstInstant + std::chrono::hours{24 * 40});
    DatedStatistics whole(graph);
    whole.update(view);
    GroupedStatistics grouped(graph, {.segment_by = "region"});
    grouped.update(view);
    CHECK(grouped.as_of_day() == whole.as_of_day());
    for (const auto& [group, counts] : grouped.groups()) {
      DatedStatistics alone(graph);
      alone.update(view.where("region", group.segment));
      CHECK(std::equal(counts.visits.begin(), counts.visits.end(), alone.visits().begin(), alone.visits().end()));
      CHECK(std::equal(counts.creations.begin(), counts.creations.end(), alone.creations().begin(),
                       alone.creations().end()));
    }
    GroupedStatistics one(graph);
    one.update(view);
    REQUIRE(one.groups().size() == 1);
    const auto& all = one.groups().begin()->second;
    CHECK(std::equal(all.visits.begin(), all.visits.end(), whole.visits().begin(), whole.visits().end()));
  }
}

TEST_CASE("Size limits cut the visits into equal parts") {
  EventLogBuilder builder(two_stages());
  for (int i = 1; i <= 100; ++i)
    builder.add({.deal = builder.deal(std::to_string(i)),
                 .time = Timestamp{kFirst},
                 .stage = kLead,
                 .amount = Money::from_units(i)});
  const AsOf view(builder.build(), kFirst + Days{1});
  CHECK(size_limits(view, 4) ==
        std::vector<Money>{Money::from_units(26), Money::from_units(51), Money::from_units(76)});
  CHECK(size_limits(view, 1).empty());
  // Amounts that repeat leave fewer bands; a single amount none.
  const EventLog same = log_of({{"a", 0, kLead, 5}, {"b", 0, kLead, 5}, {"c", 0, kLead, 5}, {"d", 0, kLead, 9}});
  CHECK(size_limits(AsOf(same, kFirst + Days{1}), 4) == std::vector<Money>{Money::from_units(9)});
  CHECK(size_limits(AsOf(log_of({{"a", 0, kLead, 5}, {"b", 0, kLead, 5}}), kFirst + Days{1}), 4).empty());
}

TEST_CASE("Grouped statistics refuse what does not belong together") {
  const EventLog log = log_of({{"a1", 0, kLead, 5}});
  GroupedStatistics unknown(two_stages(), {.segment_by = "owner"});
  CHECK_THROWS_WITH(unknown.update(AsOf(log, kFirst)), Catch::Contains("owner") && Catch::Contains("rep"));
  CHECK_THROWS_AS(GroupedStatistics(two_stages(), {.size_limits = {Money{5}, Money{5}}}), InvalidArgument);
  CHECK_THROWS_AS(GroupedStatistics(two_stages(), {.size_limits = {Money{0}}}), InvalidArgument);
  GroupedStatistics by_rep(two_stages(), {.segment_by = "rep"}), plain(two_stages());
  CHECK_THROWS_AS(by_rep.merge(plain), InvalidArgument);
  by_rep.update(AsOf(log, kFirst + Days{1}));
  CHECK_THROWS_AS(by_rep.update(AsOf(log, kFirst + Days{2})), InvalidArgument);
  CHECK_THROWS_AS(plain.update(AsOf(test::build_log(StageGraph::b2b_template(), {}), kFirst)), InvalidArgument);
  CHECK_THROWS_AS(GroupedStatistics().graph(), InvalidArgument);
}
