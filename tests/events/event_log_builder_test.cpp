#include <putki/events/event_log_builder.hpp>

#include <catch2/catch.hpp>

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
constexpr StageId kLead{0}, kProposal{1}, kWon{2}, kLost{3};

Timestamp at(int hours) {
  return Timestamp{} + years{40} + hours * 1h;
}

struct Line {
  const char* deal;
  int hour;
  StageId stage;
  Money amount = kNoAmount;
};

struct Built {
  EventLog log;
  DataQualityReport report;
};

Built build(const std::vector<Line>& lines, EventLogOptions options = {}, StageGraph graph = sales_graph()) {
  EventLogBuilder builder(std::move(graph), std::move(options));
  for (const Line& line : lines) {
    builder.add({.deal = builder.deal(line.deal), .time = at(line.hour), .stage = line.stage, .amount = line.amount});
  }
  DataQualityReport report;
  EventLog log = builder.build(&report);
  CHECK(report.adds_up());
  CHECK(report.rows_read() == lines.size());
  CHECK(report.rows_used() == log.event_count());
  return {std::move(log), std::move(report)};
}

std::vector<StageId> stages_of(const EventLog& log, std::string_view deal) {
  const auto d = index(log.find_deal(deal).value());
  const auto stages = log.stages();
  return {stages.begin() + log.offsets()[d], stages.begin() + log.offsets()[d + 1]};
}

}  // namespace

TEST_CASE("no rows build an empty log") {
  const auto [log, report] = build({});
  CHECK(log.deal_count() == 0);
  CHECK(log.event_count() == 0);
  CHECK(log.offsets().size() == 1);
  CHECK_FALSE(log.first_time());
  CHECK_FALSE(log.last_time());
  CHECK_FALSE(log.date_only());
  CHECK_FALSE(log.find_deal("a"));
  CHECK(EventLog(sales_graph()).offsets().size() == 1);
}

TEST_CASE("rows in any order come out by deal in order of first sight, then by time") {
  const auto [log, report] =
      build({{"b", 5, kProposal}, {"a", 9, kWon}, {"b", 1, kLead}, {"a", 2, kLead}, {"b", 7, kLost}});
  CHECK(log.deal_name(DealId{0}) == "b");
  CHECK(log.deal_name(DealId{1}) == "a");
  CHECK(stages_of(log, "b") == std::vector{kLead, kProposal, kLost});
  CHECK(stages_of(log, "a") == std::vector{kLead, kWon});
  CHECK(log.first_time() == at(1));
  CHECK(log.last_time() == at(9));
}

TEST_CASE("equal times keep the order in which rows were added") {
  const auto [log, report] =
      build({{"a", 8, kWon}, {"a", 3, kProposal}, {"a", 3, kLead}, {"a", 3, kProposal, Money{5}}});
  CHECK(stages_of(log, "a") == std::vector{kProposal, kLead, kProposal, kWon});
}

TEST_CASE("a row equal to an earlier one in time, stage, amount and close date is a duplicate") {
  const std::vector<Line> lines = {{"a", 1, kLead, Money{100}}, {"a", 1, kProposal},
                                   {"a", 1, kLead, Money{100}}, {"a", 1, kLead, Money{200}},
                                   {"a", 2, kLead, Money{100}}, {"b", 1, kLead, Money{100}}};
  const auto [log, report] = build(lines);
  CHECK(report.count(DataRule::duplicate_row) == 1);
  CHECK(report.findings().at(DataRule::duplicate_row).first_rows == std::vector<std::uint64_t>{3});
  CHECK(build(lines, {.drop_duplicates = false}).report.count(DataRule::duplicate_row) == 0);
}

TEST_CASE("a hundred thousand rows of one deal at one time are compared in no time") {
  EventLogBuilder builder(sales_graph());
  const DealId deal = builder.deal("a");
  for (int i = 0; i < 100'000; ++i)
    builder.add({.deal = deal, .time = at(1), .stage = kLead, .amount = Money{i % 70'000}});
  DataQualityReport report;
  CHECK(builder.build(&report).event_count() == 70'000);
  CHECK(report.count(DataRule::duplicate_row) == 30'000);
}

TEST_CASE("rows in another stage after a terminal one are set aside, repeats of it are used") {
  const auto [log, report] = build(
      {{"a", 1, kLead}, {"a", 2, kWon, Money{500}}, {"a", 3, kProposal}, {"a", 4, kWon, Money{450}}, {"a", 5, kLost}});
  CHECK(stages_of(log, "a") == std::vector{kLead, kWon, kWon});
  CHECK(report.count(DataRule::after_terminal) == 2);
  CHECK(report.findings().at(DataRule::after_terminal).first_rows == std::vector<std::uint64_t>{3, 5});
  CHECK(report.findings().at(DataRule::after_terminal).examples ==
        std::vector<std::string>{"Won > Lost", "Won > Proposal"});
}

TEST_CASE("under the keeping policy a deal that leaves a terminal stage is open again and noted") {
  const auto [log, report] =
      build({{"a", 1, kLead}, {"a", 2, kLost}, {"a", 3, kProposal}, {"a", 4, kWon}}, {.reopened = ReopenPolicy::keep});
  CHECK(stages_of(log, "a") == std::vector{kLead, kLost, kProposal, kWon});
  CHECK(report.count(DataRule::reopened) == 1);
  CHECK(report.rows_used() == 4);
}

TEST_CASE("times outside 1970 to 2099 are set aside by the local day") {
  const auto zone = TimeZone::parse("+02:00");
  EventLogBuilder builder(sales_graph(), {.time_zone = zone});
  const DealId deal = builder.deal("a");
  const Timestamp begin = zone.start_of(sys_days{1970y / 1 / 1});
  const Timestamp end = zone.start_of(sys_days{2100y / 1 / 1});
  for (const Timestamp time : {begin - 1us, begin, end - 1us, end, Timestamp::min(), Timestamp::max()}) {
    builder.add({.deal = deal, .time = time, .stage = kLead});
  }
  DataQualityReport report;
  const EventLog log = builder.build(&report);
  CHECK(report.count(DataRule::time_out_of_range) == 4);
  REQUIRE(log.event_count() == 2);
  CHECK(to_day(log.days()[0]) == Day{1970y / 1 / 1});
  CHECK(to_day(log.days()[1]) == Day{2099y / 12 / 31});
  CHECK(report.adds_up());
}

TEST_CASE("days are local days, on both sides of a clock change and on the day itself") {
  const auto zone = TimeZone::parse("CET-1CEST,M3.5.0,M10.5.0/3");
  EventLogBuilder builder(sales_graph(), {.time_zone = zone});
  std::vector<Timestamp> times;
  // 2012-03-25 02:00 CET -> 03:00 CEST: every 20 minutes over three days.
  for (Timestamp t = sys_days{2012y / 3 / 24}; t < sys_days{2012y / 3 / 27}; t += 20min) times.push_back(t);
  for (std::size_t i = 0; i < times.size(); ++i) {
    builder.add({.deal = builder.deal("a"), .time = times[i], .stage = i % 2 ? kLead : kProposal});
  }
  const EventLog log = builder.build();
  REQUIRE(log.event_count() == times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto offset = times[i] < sys_days{2012y / 3 / 25} + 1h ? 1h : 2h;
    CHECK(to_day(log.days()[i]) == floor<days>(times[i] + offset));
  }
}

TEST_CASE("amounts that cannot be are noted and dropped, the row is used") {
  const auto [log, report] = build({{"a", 1, kLead, Money{-1}},
                                    {"a", 2, kLead, kLargestAmount + Money{1}},
                                    {"a", 3, kLead, kLargestAmount},
                                    {"a", 4, kLead, Money{0}}});
  CHECK(report.count(DataRule::impossible_amount) == 2);
  CHECK(log.amounts()[0] == kNoAmount);
  CHECK(log.amounts()[1] == kNoAmount);
  CHECK(log.amounts()[2] == kLargestAmount);
  CHECK(log.amounts()[3] == Money{0});
}

TEST_CASE("a deal never given an amount while open is noted once, at its first row") {
  const std::vector<Line> lines = {{"a", 1, kLead}, {"a", 2, kProposal},       {"a", 3, kWon, Money{100}},
                                   {"b", 1, kLead}, {"b", 2, kLead, Money{7}}, {"c", 1, kWon, Money{100}}};
  CHECK(build(lines).report.findings().at(DataRule::empty_amount_while_open).first_rows ==
        std::vector<std::uint64_t>{1});
  const std::vector<Line> without = {{"a", 1, kLead}, {"a", 2, kWon}};
  CHECK(build(without).report.count(DataRule::empty_amount_while_open) == 0);
  CHECK(build(without, {.amounts_expected = true}).report.count(DataRule::empty_amount_while_open) == 1);
}

TEST_CASE("an amount of zero in a lost stage is noted once a deal; zero at a win is not") {
  const auto [log, report] = build({{"a", 1, kLead, Money{100}},
                                    {"a", 2, kLost, Money{0}},
                                    {"a", 3, kLost, Money{0}},
                                    {"b", 1, kLead, Money{0}},
                                    {"b", 2, kWon, Money{0}}});
  CHECK(report.count(DataRule::zero_amount_at_loss) == 1);
  CHECK(report.findings().at(DataRule::zero_amount_at_loss).first_rows == std::vector<std::uint64_t>{2});
}

TEST_CASE("moves that the graph does not declare are noted with their names") {
  const auto graph = StageGraph::linear(std::vector<std::string>{"Lead", "Proposal"});
  const auto report =
      build({{"a", 1, kLead}, {"a", 2, kWon}, {"b", 1, kLead}, {"b", 2, kProposal}, {"b", 3, kLead}}, {}, graph).report;
  CHECK(report.count(DataRule::undeclared_move) == 2);
  CHECK(report.findings().at(DataRule::undeclared_move).examples ==
        std::vector<std::string>{"Lead > Won", "Proposal > Lead"});
}

TEST_CASE("the report names the rows of the source") {
  EventLogBuilder builder(sales_graph());
  const DealId deal = builder.deal("a");
  // Given, continued by 1, given again, continued.
  for (const std::uint64_t source : {10, 0, 0, 50, 0}) {
    builder.add({.deal = deal, .time = at(1), .stage = kLead, .source_row = source});
  }
  DataQualityReport report;
  builder.build(&report);
  CHECK(report.findings().at(DataRule::duplicate_row).first_rows == std::vector<std::uint64_t>{11, 12, 50, 51});
}

TEST_CASE("expected close dates are a column of their own, absent when no row has one") {
  EventLogBuilder builder(sales_graph());
  const DealId deal = builder.deal("a");
  builder.add({.deal = deal, .time = at(1), .stage = kLead});
  CHECK(builder.build().expected_closes().empty());
  const DealId again = builder.deal("a");
  builder.add({.deal = again, .time = at(2), .stage = kLead, .expected_close = 15'000});
  builder.add({.deal = again, .time = at(1), .stage = kLead});
  builder.add({.deal = again, .time = at(3), .stage = kLead, .expected_close = -5});
  DataQualityReport report;
  const EventLog log = builder.build(&report);
  const auto closes = log.expected_closes();
  CHECK(std::vector<DayNumber>(closes.begin(), closes.end()) == std::vector<DayNumber>{kNoDay, 15'000, kNoDay});
  CHECK(report.count(DataRule::unreadable_close_date) == 1);
}

TEST_CASE("the first value of an attribute wins, empty texts are no value") {
  EventLogBuilder builder(sales_graph());
  const DealId a = builder.deal("a"), b = builder.deal("b");
  builder.set_attribute(a, "owner", "");
  builder.set_attribute(a, "owner", "Ann");
  builder.set_attribute(a, "owner", "Bob");
  builder.set_attribute(b, "region", "North");
  const EventLog log = builder.build();
  const Attribute& owner = log.attribute("owner");
  CHECK(owner.values == std::vector<std::string>{"", "Ann"});
  CHECK(owner.codes == std::vector<std::uint32_t>{1, 0});
  CHECK(log.attribute("region").codes == std::vector<std::uint32_t>{0, 1});
  CHECK_THROWS_WITH(log.attribute("source"), "no attribute \"source\"; the log has: owner, region");
}

TEST_CASE("deals and stages of another builder are refused by name of what there is") {
  EventLogBuilder builder(sales_graph());
  CHECK_THROWS_AS(builder.add({.deal = DealId{0}, .time = at(1), .stage = kLead}), InvalidArgument);
  CHECK_THROWS_AS(builder.set_attribute(DealId{0}, "owner", "Ann"), InvalidArgument);
  const DealId deal = builder.deal("a");
  CHECK_THROWS_WITH(builder.add({.deal = deal, .time = at(1), .stage = kNoStage}),
                    "stage 65535 is not of this builder, which has 4 stages");
  CHECK(builder.build().event_count() == 0);
}

TEST_CASE("a builder is empty after building and builds the next log from nothing") {
  EventLogBuilder builder(sales_graph());
  builder.add({.deal = builder.deal("a"), .time = at(1), .stage = kLead, .amount = Money{1}});
  const EventLog first = builder.build();
  CHECK(builder.build().deal_count() == 0);
  builder.add({.deal = builder.deal("b"), .time = at(2), .stage = kWon});
  const EventLog second = builder.build();
  CHECK(first.deal_name(DealId{0}) == "a");
  CHECK(second.deal_name(DealId{0}) == "b");
  CHECK(second.graph() == first.graph());
}

TEST_CASE("a log is date-only when every event stands at its local midnight") {
  const auto zone = TimeZone::parse("CET-1CEST,M3.5.0,M10.5.0/3");
  EventLogBuilder builder(sales_graph(), {.time_zone = zone});
  for (const Day day : {Day{2012y / 1 / 5}, Day{2012y / 7 / 5}}) {
    builder.add({.deal = builder.deal("a"), .time = zone.start_of(day), .stage = kLead, .amount = Money{1}});
  }
  CHECK(builder.build().date_only());
  builder.add({.deal = builder.deal("a"), .time = Day{2012y / 1 / 5}, .stage = kLead});
  CHECK_FALSE(builder.build().date_only());
}

TEST_CASE("what is declared of dates outweighs what the events show") {
  const auto build_on = [](std::optional<bool> declared, std::vector<Timestamp> times) {
    EventLogBuilder builder(sales_graph(), {.dates_only = declared});
    for (const Timestamp time : times) builder.add({.deal = builder.deal("a"), .time = time, .stage = kLead});
    return builder.build().date_only();
  };
  const Timestamp midnight = Day{2012y / 1 / 5};
  CHECK(build_on({}, {midnight}));
  CHECK(build_on(true, {midnight}));
  CHECK_FALSE(build_on(false, {midnight}));
  CHECK_FALSE(build_on(false, {midnight + 1us}));
  CHECK(build_on(true, {}));
  CHECK_FALSE(build_on(false, {}));
  CHECK_THROWS_WITH(build_on(true, {midnight, midnight + 1h}),
                    "dates_only is declared, but an event of deal \"a\" on 2012-01-05 does not fall on midnight in the "
                    "log's time zone, UTC");
}

TEST_CASE("an event set aside does not speak against declared dates") {
  EventLogBuilder builder(sales_graph(), {.dates_only = true});
  const DealId deal = builder.deal("a");
  builder.add({.deal = deal, .time = Day{2012y / 1 / 5}, .stage = kWon});
  builder.add({.deal = deal, .time = Day{2012y / 1 / 6} + 1h, .stage = kLead});
  DataQualityReport report;
  const EventLog log = builder.build(&report);
  CHECK(log.date_only());
  CHECK(report.count(DataRule::after_terminal) == 1);
}
