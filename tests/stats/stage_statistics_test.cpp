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

TEST_CASE("On business days weekends and holidays add no age, as worked by hand") {
  const StageGraph graph = four_stages();
  // Day 0 is Sunday, 1 January 2012; the 2nd is off. Business days: 3 4 5 6, 9 10 11 12 13, 16 ..
  const auto january = [](int day, int hour) { return test::kFirstInstant + hours{24 * (day - 1) + hour}; };
  const BusinessCalendar clock = BusinessCalendar::weekdays({Day{std::chrono::year{2012} / 1 / 2}});
  const std::vector<test::DealHistory> histories{
      // Entered on Sunday: begins with Tuesday the 3rd. Left on Friday the 6th: after 3 business days.
      {.name = "a", .region = "", .changes = {{january(1, 12), kLead}, {january(6, 9), kTalk}, {january(9, 9), kWon}}},
      // Friday to Saturday, and Friday to Monday: 1 business day either way.
      {.name = "b",
       .region = "",
       .changes = {{january(6, 12), kLead}, {january(7, 12), kTalk}, {january(8, 1), kLost}}},
      // Wednesday to Wednesday: 5. Then open since the 11th: the 11th, 12th and 13th have gone by on the 15th.
      {.name = "c", .region = "", .changes = {{january(4, 12), kLead}, {january(11, 12), kTalk}}},
      // Open since a Saturday, on Sunday: nothing of a business day has gone by.
      {.name = "d", .region = "", .changes = {{january(14, 12), kLead}}}};
  StageStatistics statistics(graph, {.cap_days = 4, .clock = clock});
  statistics.update(AsOf(test::build_log(graph, histories), january(15, 12)));
  using Counts = std::vector<std::uint64_t>;  // ages 0, 1, 2, 3, 4, older
  CHECK(statistics.counts(kLead, kTalk) == Counts{0, 1, 0, 1, 0, 1});
  CHECK(statistics.counts(kTalk, kWon) == Counts{0, 1, 0, 0, 0, 0});
  CHECK(statistics.counts(kTalk, kLost) == Counts{1, 0, 0, 0, 0, 0});  // both on one weekend
  CHECK(statistics.counts(kTalk, kNoStage) == Counts{0, 0, 0, 1, 0, 0});
  CHECK(statistics.counts(kLead, kNoStage) == Counts{1, 0, 0, 0, 0, 0});
}

TEST_CASE("On business days ages are those counted by a loop over the days") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    const bool date_only = round % 3 == 2;
    const auto histories = test::random_histories(random, graph, {.date_only = date_only});
    std::vector<Day> holidays;
    for (std::size_t n = random() % 10; n > 0; --n)
      holidays.push_back(std::chrono::floor<Days>(test::kFirstInstant) + Days{random() % 70});
    const BusinessCalendar clock(std::bitset<7>(random() % 128), holidays);
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 260)};
    const int cap = round % 2 == 0 ? 60 : 5;
    StageStatistics whole(graph, {.cap_days = cap, .clock = clock});
    StageStatistics split(graph, {.cap_days = cap, .entry_period = PeriodUnit::week, .clock = clock});
    const AsOf view(test::build_log(graph, histories), instant);
    whole.update(view);
    split.update(view);

    std::map<std::tuple<StageId, StageId>, std::vector<std::uint64_t>> expected;
    for (const auto& history : histories)
      for (const auto& visit : test::naive_visits(history, instant)) {
        if (graph.is_terminal(visit.stage)) continue;
        const DayNumber left = visit.next == kNoStage ? day_of(instant) + (date_only ? 1 : 0) : day_of(visit.left);
        std::size_t age = 0;
        for (DayNumber day = day_of(visit.entered); day < left; ++day) age += clock.is_business_day(to_day(day));
        auto& counts = expected[{visit.stage, visit.next}];
        counts.resize(whole.bin_count());
        ++counts[std::min(age, static_cast<std::size_t>(cap) + 1)];
      }
    std::uint64_t visits = 0;
    for (const auto& [move, counts] : expected) {
      REQUIRE(whole.counts(std::get<0>(move), std::get<1>(move)) == counts);
      REQUIRE(split.counts(std::get<0>(move), std::get<1>(move)) == counts);
      visits += total(counts);
    }
    REQUIRE(whole.visit_count() == visits);
    REQUIRE(split.visit_count() == visits);
  }
}

TEST_CASE("A clock on which every day is worked is the calendar clock") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(12);
  const AsOf view = AsOf::end_of(test::build_log(graph, test::random_histories(random, graph)));
  // Not the same table, for the days of the log the same clock.
  const BusinessCalendar all_but_one({}, {Day{std::chrono::year{2050} / 1 / 1}});
  StageStatistics calendar(graph), worked(graph, {.clock = all_but_one}), stated(graph, {.clock = BusinessCalendar()});
  calendar.update(view);
  worked.update(view);
  stated.update(view);
  CHECK(stated == calendar);
  CHECK_FALSE(worked == calendar);  // counted on another clock
  for (std::size_t from = 0; from < graph.stage_count(); ++from)
    for (std::size_t to = 0; to <= graph.stage_count(); ++to) {
      const StageId next = to == graph.stage_count() ? kNoStage : static_cast<StageId>(to);
      CHECK(worked.counts(static_cast<StageId>(from), next) == calendar.counts(static_cast<StageId>(from), next));
    }
}

TEST_CASE("Counts on different clocks do not merge, on equal ones they do") {
  const StageGraph graph = four_stages();
  StageStatistics calendar(graph), weekdays(graph, {.clock = BusinessCalendar::weekdays()});
  const StageStatistics same(graph, {.clock = BusinessCalendar::weekdays()});
  const StageStatistics off(graph, {.clock = BusinessCalendar::weekdays({Day{std::chrono::year{2012} / 1 / 2}})});
  CHECK_NOTHROW(weekdays.merge(same));
  for (const StageStatistics& other : {weekdays, off}) {
    try {
      calendar.merge(other);
      FAIL("merged counts on different clocks");
    } catch (const InvalidArgument& error) {
      CHECK(error.code() == ErrorCode::incompatible);
    }
  }
  CHECK_THROWS_AS(weekdays.merge(off), InvalidArgument);
}

TEST_CASE("A view after the days a calendar covers is refused on business days only") {
  const StageGraph graph = four_stages();
  std::mt19937 random(13);
  const EventLog log = test::build_log(graph, test::random_histories(random, graph));
  const AsOf view(log, Day{std::chrono::year{2101} / 1 / 1});
  StageStatistics calendar(graph), weekdays(graph, {.clock = BusinessCalendar::weekdays()});
  CHECK_NOTHROW(calendar.update(view));
  CHECK_THROWS_WITH(weekdays.update(view), Contains("2101-01-01") && Contains("2099-12-31"));
  CHECK(weekdays.empty());
  CHECK_NOTHROW(weekdays.update(AsOf(log, Day{std::chrono::year{2100} / 1 / 1})));
  StageStatistics early(graph, {.clock = BusinessCalendar::weekdays()});
  CHECK_NOTHROW(early.update(AsOf(log, Day{std::chrono::year{1960} / 1 / 1})));  // nothing was known
  CHECK(early.empty());
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

TEST_CASE("a shard whose events all fall on midnight adds up with the others when the logs declare their dates") {
  const StageGraph graph = StageGraph::b2b_template();
  const auto counts_of = [&](std::vector<int> deals, std::optional<bool> dates_only) {
    EventLogBuilder builder(graph, {.dates_only = dates_only});
    // Even deals came in at midnight, odd ones at nine.
    for (const int deal : deals)
      builder.add({.deal = builder.deal(std::to_string(deal)),
                   .time = Timestamp(test::kFirstInstant) + Days{deal} + hours{deal % 2 == 0 ? 0 : 9},
                   .stage = StageId{0}});
    StageStatistics statistics(graph);
    statistics.update(AsOf(builder.build(), test::kFirstInstant + Days{30}));
    return statistics;
  };
  const auto merged = [&](std::optional<bool> dates_only) {
    StageStatistics sum = counts_of({0, 2, 4}, dates_only);
    sum.merge(counts_of({1, 3, 5}, dates_only));
    return sum;
  };
  CHECK(merged(false) == counts_of({0, 1, 2, 3, 4, 5}, false));
  CHECK(merged(false) == counts_of({0, 1, 2, 3, 4, 5}, {}));     // the union shows it by itself ..
  CHECK_FALSE(merged({}) == counts_of({0, 1, 2, 3, 4, 5}, {}));  // .. a shard of midnights cannot
}
