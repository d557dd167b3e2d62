#include <putki/stats/stage_statistics.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <tuple>

using namespace putki;
using Catch::Matchers::Contains;
using std::chrono::hours;

namespace {

constexpr StageId kLead{0}, kTalk{1}, kWon{2}, kLost{3};

StageGraph four_stages() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Talk")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}

// Local days since 2012-01-01 in UTC.
DayNumber day_of(Timestamp time) {
  return day_number(std::chrono::floor<Days>(time));
}

std::uint64_t total(std::span<const std::uint64_t> counts) {
  std::uint64_t sum = 0;
  for (const auto count : counts) sum += count;
  return sum;
}

}  // namespace

TEST_CASE("Visits are counted by age in whole days, as worked by hand") {
  const StageGraph graph = four_stages();
  const auto at = [](int day, int hour) { return test::kFirstInstant + hours{24 * day + hour}; };
  const std::vector<test::DealHistory> histories{
      {.name = "a", .region = "", .changes = {{at(0, 23), kLead}, {at(1, 1), kTalk}, {at(4, 0), kWon}}},
      {.name = "b", .region = "", .changes = {{at(1, 9), kLead}, {at(1, 10), kLead}, {at(1, 11), kLost}}},
      {.name = "c", .region = "", .changes = {{at(2, 0), kLead}, {at(8, 0), kTalk}}},
      {.name = "d", .region = "", .changes = {{at(5, 12), kTalk}}},
      {.name = "e", .region = "", .changes = {{at(6, 0), kWon}}}};
  StageStatistics statistics(graph, {.cap_days = 3});
  statistics.update(AsOf(test::build_log(graph, histories), at(7, 12)));  // c's talk is not known yet
  using Counts = std::vector<std::uint64_t>;                              // ages 0, 1, 2, 3, older
  CHECK(statistics.counts(kLead, kTalk) == Counts{0, 1, 0, 0, 0});
  CHECK(statistics.counts(kLead, kLost) == Counts{1, 0, 0, 0, 0});
  CHECK(statistics.counts(kLead, kNoStage) == Counts{0, 0, 0, 0, 1});  // c, since day 2: 5 whole days
  CHECK(statistics.counts(kTalk, kWon) == Counts{0, 0, 0, 1, 0});
  CHECK(statistics.counts(kTalk, kNoStage) == Counts{0, 0, 1, 0, 0});  // d, since day 5
  CHECK(statistics.visit_count() == 5);
  CHECK(statistics.first_entries() == Counts{3, 1, 1, 0});
  CHECK(statistics.segments() == std::vector<std::string>{""});
  CHECK(statistics.periods() == std::vector<Day>{Day{}});
}

TEST_CASE("Counts equal those of a naive walk over the histories, at any instant, split or not") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    const bool date_only = round % 3 == 2;
    const auto histories = test::random_histories(random, graph, {.date_only = date_only});
    const EventLog log = test::build_log(graph, histories);
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 260)};
    const DayNumber today = day_of(instant) + (date_only ? 1 : 0);
    const int cap = round % 2 == 0 ? 730 : 9;
    StageStatistics whole(graph, {.cap_days = cap});
    StageStatistics split(graph, {.cap_days = cap, .entry_period = PeriodUnit::month, .segment_by = "region"});
    const AsOf view(log, instant);
    whole.update(view);
    split.update(view);

    std::map<std::tuple<std::string, Day, StageId, StageId, int>, std::uint64_t> expected;
    std::vector<std::uint64_t> first_entries(graph.stage_count());
    std::uint64_t visits = 0;
    for (const auto& history : histories) {
      bool first = true;
      for (const auto& visit : test::naive_visits(history, instant)) {
        if (first) ++first_entries[index(visit.stage)];
        first = false;
        if (graph.is_terminal(visit.stage)) continue;
        const int left = visit.next == kNoStage ? today : day_of(visit.left);
        const std::chrono::year_month_day entry{std::chrono::floor<Days>(visit.entered)};
        ++expected[{history.region, Day{entry.year() / entry.month() / 1}, visit.stage, visit.next,
                    std::min(left - day_of(visit.entered), cap + 1)}];
        ++visits;
      }
    }
    REQUIRE(whole.visit_count() == visits);
    REQUIRE(split.visit_count() == visits);
    REQUIRE(whole.first_entries() == first_entries);
    REQUIRE(split.first_entries() == first_entries);
    std::map<std::tuple<StageId, StageId, int>, std::uint64_t> expected_whole;
    for (const auto& [key, count] : expected) {
      const auto& [region, month, from, to, age] = key;
      REQUIRE(split.counts(region, month, from, to)[static_cast<std::size_t>(age)] == count);
      expected_whole[{from, to, age}] += count;
    }
    for (const auto& [key, count] : expected_whole) {
      const auto& [from, to, age] = key;
      REQUIRE(whole.counts(from, to)[static_cast<std::size_t>(age)] == count);
      REQUIRE(split.counts(from, to)[static_cast<std::size_t>(age)] == count);
    }
  }
}

TEST_CASE("A view in the past counts what a log cut off then would count") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(6);
  for (int round = 0; round < 30; ++round) {
    const auto histories = test::random_histories(random, graph);
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 250)};
    auto known = histories;
    for (auto& history : known)
      std::erase_if(history.changes, [&](const auto& change) { return change.time > instant; });
    StageStatistics view(graph), cut_off(graph);
    view.update(AsOf(test::build_log(graph, histories), instant));
    cut_off.update(AsOf(test::build_log(graph, known), instant));
    REQUIRE(view == cut_off);
  }
}

TEST_CASE("Filtered views add up to the whole, and fill only their own segment") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(8);
  const AsOf view = AsOf::end_of(test::build_log(graph, test::random_histories(random, graph)));
  StageStatistics whole(graph), parts(graph), north(graph, {.segment_by = "region"});
  whole.update(view);
  for (const char* region : {"", "north", "south"}) parts.update(view.where("region", region));
  CHECK(parts == whole);
  north.update(view.where("region", "north"));
  CHECK(north.segments() == std::vector<std::string>{"north"});
}

TEST_CASE("Local days decide ages and periods") {
  const StageGraph graph = four_stages();
  EventLogBuilder builder(graph, {.time_zone = TimeZone::parse("CET-1CEST,M3.5.0,M10.5.0/3")});
  const DealId deal = builder.deal("a");
  const Timestamp evening = Day{std::chrono::year{2012} / 1 / 31} + hours{23} + std::chrono::minutes{30};
  builder.add({.deal = deal, .time = evening, .stage = kLead});  // 00:30 on 1 February in Amsterdam
  builder.add({.deal = deal, .time = evening + hours{22}, .stage = kTalk});
  StageStatistics statistics(graph, {.entry_period = PeriodUnit::month});
  statistics.update(AsOf::end_of(builder.build()));
  CHECK(statistics.periods() == std::vector<Day>{Day{std::chrono::year{2012} / 2 / 1}});
  CHECK(statistics.counts(kLead, kTalk)[0] == 1);  // the UTC day changed, the local one did not
}

TEST_CASE("Nothing known, nothing counted") {
  const StageGraph graph = four_stages();
  std::mt19937 random(9);
  const EventLog log = test::build_log(graph, test::random_histories(random, graph));
  for (const StageStatisticsOptions& options :
       {StageStatisticsOptions{}, StageStatisticsOptions{.entry_period = PeriodUnit::day}}) {
    StageStatistics statistics(graph, options);
    statistics.update(AsOf(log, test::kFirstInstant - hours{1}));
    statistics.update(AsOf::end_of(EventLog(graph)));
    CHECK(statistics.empty());
    CHECK(statistics == StageStatistics(graph, options));
    CHECK(statistics.visit_count() == 0);
    CHECK(statistics.periods().empty());
    CHECK(total(statistics.counts(kLead, kTalk)) == 0);
    CHECK(total(statistics.counts("no such", Day{}, kLead, kTalk)) == 0);
    CHECK(statistics.counts("no such", Day{}, kLead, kTalk).size() == statistics.bin_count());
  }
}

TEST_CASE("What cannot be counted or asked is refused with the reason") {
  const StageGraph graph = four_stages();
  const AsOf view = AsOf::end_of(EventLog(graph));
  CHECK_THROWS_WITH(StageStatistics(graph, {.cap_days = -1}), Contains("cap_days is -1"));
  CHECK_THROWS_WITH(StageStatistics(graph, {.cap_days = 50'000}), Contains("allowed: 0 to 47482"));
  StageStatistics identity, statistics(graph), by_owner(graph, {.segment_by = "owner"});
  CHECK_THROWS_AS(identity.update(view), InvalidArgument);
  CHECK_THROWS_AS(identity.graph(), InvalidArgument);
  CHECK_THROWS_AS(identity.counts(kLead, kTalk), InvalidArgument);
  std::mt19937 random(10);
  const EventLog log = test::build_log(graph, test::random_histories(random, graph));
  CHECK_THROWS_WITH(by_owner.update(AsOf::end_of(log)), Contains("owner") && Contains("region"));
  CHECK_THROWS_WITH(statistics.counts(StageId{9}, kTalk), Contains("from is stage 9") && Contains("has 4"));
  CHECK_THROWS_WITH(statistics.counts(kLead, StageId{9}), Contains("to is stage 9"));
  const StageGraph other = StageGraph::b2b_template();
  CHECK_THROWS_AS(statistics.update(AsOf::end_of(EventLog(other))), InvalidArgument);
  try {
    statistics.merge(StageStatistics(other));
    FAIL("merged counts on different graphs");
  } catch (const InvalidArgument& error) {
    CHECK(error.code() == ErrorCode::incompatible);
  }
  CHECK_THROWS_AS(statistics.merge(by_owner), InvalidArgument);
}
