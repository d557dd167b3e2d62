#include <putki/core/random.hpp>
#include <putki/events/as_of.hpp>
#include <putki/events/event_log_builder.hpp>

#include <catch2/catch.hpp>
#include <tuple>

using namespace putki;
using namespace std::chrono;

namespace {

StageGraph sales_graph() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Proposal")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}
constexpr StageId kLead{0}, kProposal{1}, kWon{2};

// What a view says, in terms that do not depend on where events lie in the log.
using VisitFacts =
    std::tuple<DealId, std::uint32_t, StageId, StageId, Timestamp, std::uint32_t, std::optional<Timestamp>>;
using StateFacts = std::tuple<DealId, StageId, Timestamp, Timestamp, DayNumber, Money, DayNumber>;

std::vector<VisitFacts> visits_of(const AsOf& view) {
  std::vector<VisitFacts> facts;
  view.for_each_visit([&](const Visit& visit) {
    const auto times = view.log().times();
    facts.emplace_back(visit.deal, visit.number, visit.stage, visit.next, times[visit.entry], visit.exit - visit.entry,
                       visit.next == kNoStage ? std::nullopt : std::optional(times[visit.exit]));
  });
  return facts;
}

std::vector<StateFacts> states_of(const AsOf& view) {
  std::vector<StateFacts> facts;
  view.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
    const DealState s = view.state_of(deal, first, last);
    facts.emplace_back(s.deal, s.stage, s.created, s.entered, s.entered_day, s.amount, s.expected_close);
  });
  return facts;
}

}  // namespace

TEST_CASE("a view equals the log cut off at its instant and built anew") {
  for (std::uint64_t round = 0; round < 200; ++round) {
    RandomStream random(21, round);
    EventLogOptions options;
    options.time_zone = TimeZone::parse(round % 2 ? "UTC" : "CET-1CEST,M3.5.0,M10.5.0/3");
    options.reopened = random.below(2) ? ReopenPolicy::keep : ReopenPolicy::ignore;
    const std::size_t deals = 1 + random.below(5);
    std::vector<EventLogBuilder::Row> rows;
    for (std::size_t i = random.below(60); i > 0; --i) {
      rows.push_back({.deal = static_cast<DealId>(random.below(deals)),
                      .time = Day{2012y / 10 / 26} + hours(random.below(100)),
                      .stage = static_cast<StageId>(random.below(4)),
                      .amount = random.below(2) ? Money{static_cast<std::int64_t>(random.below(3))} : kNoAmount,
                      .expected_close = random.below(3) ? kNoDay : static_cast<DayNumber>(15'000 + random.below(9))});
    }
    const auto build_until = [&](Timestamp instant) {
      EventLogBuilder builder(sales_graph(), options);
      for (std::size_t d = 0; d < deals; ++d) builder.deal(std::to_string(d));
      for (const auto& row : rows) {
        if (row.time <= instant) builder.add(row);
      }
      return builder.build();
    };
    const EventLog whole = build_until(Timestamp::max());
    const AsOf start(whole, Timestamp{});
    for (int hour = -1; hour <= 101; hour += 3) {
      const Timestamp instant = Day{2012y / 10 / 26} + hours(hour);
      const EventLog cut = build_until(instant);
      const AsOf view(whole, instant);
      const AsOf all = AsOf::end_of(cut);
      REQUIRE(visits_of(view) == visits_of(all));
      REQUIRE(states_of(view) == states_of(all));
      REQUIRE(visits_of(start.at(instant)) == visits_of(view));
      REQUIRE(view.day() == options.time_zone.day_of(instant));
      for (std::size_t d = 0; d < deals; ++d) {
        REQUIRE(view.known_end(static_cast<DealId>(d)) - whole.offsets()[d] == cut.offsets()[d + 1] - cut.offsets()[d]);
      }
    }
  }
}

TEST_CASE("rows that repeat the stage belong to one visit, zero-length visits count") {
  EventLogBuilder builder(sales_graph());
  const DealId deal = builder.deal("a");
  const Timestamp t = Day{2012y / 1 / 1};
  builder.add({.deal = deal, .time = t, .stage = kLead});
  builder.add({.deal = deal, .time = t + 1h, .stage = kLead, .amount = Money{9}});
  builder.add({.deal = deal, .time = t + 2h, .stage = kProposal});
  builder.add({.deal = deal, .time = t + 2h, .stage = kLead, .expected_close = 15'500});
  builder.add({.deal = deal, .time = t + 5h, .stage = kWon});
  const AsOf view = AsOf::end_of(builder.build());
  std::vector<Visit> visits;
  view.for_each_visit([&](const Visit& visit) { visits.push_back(visit); });
  REQUIRE(visits.size() == 4);
  CHECK((visits[0].entry == 0 && visits[0].exit == 2 && visits[0].next == kProposal));
  CHECK((visits[1].entry == 2 && visits[1].exit == 3 && visits[1].next == kLead && visits[1].number == 1));
  CHECK((visits[3].stage == kWon && visits[3].next == kNoStage && visits[3].exit == 5));

  const DealState state = view.state_of(deal, 0, 4);
  CHECK(state.stage == kLead);
  CHECK(state.created == t);
  CHECK(state.entered == t + 2h);
  CHECK(state.amount == Money{9});
  CHECK(state.expected_close == 15'500);
}

TEST_CASE("an event at exactly the instant is known, one microsecond later it is not") {
  EventLogBuilder builder(sales_graph());
  const Timestamp t = Day{2012y / 1 / 1};
  builder.add({.deal = builder.deal("a"), .time = t + 1us, .stage = kLead});
  builder.add({.deal = builder.deal("a"), .time = t + 9h, .stage = kWon});
  const EventLog log = builder.build();
  CHECK(AsOf(log, t).known_end(DealId{0}) == 0);
  CHECK(AsOf(log, t + 1us).known_end(DealId{0}) == 1);
  CHECK(visits_of(AsOf(log, t)).empty());
}

TEST_CASE("a view by day is at 00:00 of the log's zone") {
  EventLogBuilder builder(sales_graph(), {.time_zone = TimeZone::parse("CET-1CEST,M3.5.0,M10.5.0/3")});
  const EventLog log = builder.build();
  CHECK(AsOf(log, Day{2012y / 1 / 13}).instant() == Day{2012y / 1 / 12} + 23h);
  CHECK(AsOf(log, Day{2012y / 7 / 13}).instant() == Day{2012y / 7 / 12} + 22h);
  CHECK(AsOf(log, Day{2012y / 7 / 13}).day() == Day{2012y / 7 / 13});
}

TEST_CASE("with times of day the day of the view is unknown; with dates it is known and the next is not") {
  EventLogBuilder builder(sales_graph());
  const Day day{2012y / 1 / 13};
  builder.add({.deal = builder.deal("a"), .time = day, .stage = kLead});
  const EventLog dates = builder.build();
  builder.add({.deal = builder.deal("a"), .time = day, .stage = kLead});
  builder.add({.deal = builder.deal("b"), .time = day + 1min, .stage = kLead});
  const EventLog times = builder.build();
  CHECK(AsOf(dates, day).first_unknown_day() == day_number(day) + 1);
  CHECK(AsOf(dates, day + 11h).first_unknown_day() == day_number(day) + 1);
  CHECK(AsOf(times, day).first_unknown_day() == day_number(day));
  CHECK(visits_of(AsOf(dates, day)).size() == 1);
}

TEST_CASE("an empty log is as of 1970-01-01 and has no deals") {
  const AsOf view = AsOf::end_of(EventLog(sales_graph()));
  CHECK(view.instant() == Timestamp{});
  CHECK(view.day() == Day{});
  CHECK(visits_of(view).empty());
}

TEST_CASE("filters select by attribute, narrow when repeated, and move with the instant") {
  EventLogBuilder builder(sales_graph());
  const Timestamp t = Day{2012y / 1 / 1};
  for (int i = 0; i < 60; ++i) {
    const DealId deal = builder.deal(std::to_string(i));
    builder.add({.deal = deal, .time = t + hours(i), .stage = kLead});
    if (i % 3 != 2) builder.set_attribute(deal, "owner", i % 3 == 0 ? "Ann" : "Bob");
    builder.set_attribute(deal, "region", i % 2 == 0 ? "North" : "South");
  }
  const AsOf all(builder.build(), t + 29h);
  const auto deals = [](const AsOf& view) {
    std::vector<int> numbers;
    view.for_each_deal(
        [&](DealId deal, std::uint32_t, std::uint32_t) { numbers.push_back(static_cast<int>(index(deal))); });
    return numbers;
  };
  CHECK(all.selects_all());
  CHECK(deals(all).size() == 30);
  const AsOf ann = all.where("owner", "Ann");
  CHECK_FALSE(ann.selects_all());
  CHECK(deals(ann) == std::vector{0, 3, 6, 9, 12, 15, 18, 21, 24, 27});
  CHECK(ann.selection().size() == 20);
  CHECK(deals(ann.where("region", "North")) == std::vector{0, 6, 12, 18, 24});
  CHECK(deals(all.where("owner", "")) == std::vector{2, 5, 8, 11, 14, 17, 20, 23, 26, 29});
  CHECK(deals(all.where("owner", "Zoe")).empty());
  CHECK(deals(ann.at(t + 3h)) == std::vector{0, 3});
  CHECK_THROWS_AS(all.where("colour", "blue"), InvalidArgument);
  CHECK(visits_of(ann).size() == 10);

  const auto parts = all.split_by("owner");
  REQUIRE(parts.size() == 3);
  for (const AsOfPart& part : parts) {
    const AsOf one = all.where("owner", part.value);
    CHECK(std::ranges::equal(part.view.selection(), one.selection()));
    CHECK(part.view.instant() == all.instant());
  }
  CHECK(parts[0].value == "");
  CHECK(parts[2].value == "Bob");
  CHECK(deals(ann.split_by("region")[1].view) == std::vector{3, 9, 15, 21, 27});  // South
  CHECK(all.at(t + 1h).split_by("owner").size() == 2);  // nobody without an owner is known yet
  CHECK_THROWS_AS(all.split_by("colour"), InvalidArgument);
}
