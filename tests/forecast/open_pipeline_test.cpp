#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/open_pipeline.hpp>

#include <catch2/catch.hpp>

using namespace putki;

namespace {

const StageGraph kGraph = StageGraph::Builder()
                              .stage("Lead")
                              .stage("Parked", StageKind::on_hold)
                              .stage("Won", StageKind::won)
                              .stage("Lost", StageKind::lost)
                              .build();
constexpr StageId kLead{0}, kParked{1}, kWon{2}, kLost{3};

Timestamp noon(const char* day) {
  return Timestamp(*parse_day(day)) + std::chrono::hours{12};
}

EventLog sample() {
  EventLogBuilder builder(kGraph);
  const auto add = [&](const char* deal, const char* day, StageId stage, Money amount = kNoAmount) {
    builder.add({builder.deal(deal), noon(day), stage, amount});
  };
  add("lead", "2024-03-01", kLead, Money{100'000});
  add("lead", "2024-03-05", kLead, Money{150'000});
  add("lead", "2024-03-20", kLead, Money{999'900});
  add("parked", "2024-03-01", kLead, Money{20'000});
  add("parked", "2024-03-08", kParked, Money{0});
  add("unknown", "2024-03-09", kLead);
  add("won early", "2024-01-01", kLead, Money{7'000});
  add("won early", "2024-02-01", kWon);
  add("won", "2024-01-01", kLead, Money{7'000});
  add("won", "2024-03-02", kWon, Money{8'000});
  add("lost", "2024-01-01", kLead, Money{7'000});
  add("lost", "2024-03-02", kLost);
  add("later", "2024-03-11", kLead);
  return builder.build();
}

}  // namespace

TEST_CASE("open and parked deals are taken with stage, age and amount as known") {
  const OpenPipeline pipeline = OpenPipeline::as_of_view(AsOf(sample(), *parse_day("2024-03-10")));
  REQUIRE(pipeline.deals.size() == 3);
  CHECK(pipeline.deals[0].name == "lead");
  CHECK(pipeline.deals[0].stage == kLead);
  CHECK(pipeline.deals[0].age_days == 9);  // amount changes do not restart the stay
  CHECK(pipeline.deals[0].amount == 1500.0);
  CHECK(pipeline.deals[1].name == "parked");
  CHECK(pipeline.deals[1].stage == kParked);
  CHECK(pipeline.deals[1].age_days == 2);
  CHECK_FALSE(pipeline.deals[1].amount.has_value());  // zero while open is unknown
  CHECK(pipeline.deals[2].name == "unknown");
  CHECK_FALSE(pipeline.deals[2].amount.has_value());
  CHECK(pipeline.bookings.empty());
  CHECK(pipeline.as_of == *parse_day("2024-03-10"));
}

TEST_CASE("bookings are the deals won since the day asked for") {
  const AsOf view(sample(), *parse_day("2024-03-10"));
  const OpenPipeline pipeline = OpenPipeline::as_of_view(view, *parse_day("2024-03-01"));
  REQUIRE(pipeline.bookings.size() == 1);
  CHECK(pipeline.bookings[0].day == *parse_day("2024-03-02"));
  CHECK(pipeline.bookings[0].amount == 80.0);
  CHECK(OpenPipeline::as_of_view(view, *parse_day("2024-01-01")).bookings.size() == 2);
  CHECK_THROWS_AS(OpenPipeline::as_of_view(view, *parse_day("2024-03-11")), InvalidArgument);
}

TEST_CASE("bookings count the whole first day, also when it stands at 00:00") {
  EventLogBuilder builder(kGraph);
  const auto won = [&](const char* deal, const char* day, Money amount) {
    builder.add({builder.deal(deal), Timestamp(*parse_day(day)), kWon, amount});
  };
  won("the day before", "2024-03-31", Money{100});
  won("on the day", "2024-04-01", Money{2'000});
  won("today", "2024-04-10", Money{30'000});
  won("tomorrow", "2024-04-11", Money{400'000});
  const AsOf view(builder.build(), *parse_day("2024-04-10"));
  const OpenPipeline pipeline = OpenPipeline::as_of_view(view, *parse_day("2024-04-01"));
  REQUIRE(pipeline.bookings.size() == 2);
  CHECK(pipeline.bookings[0].amount == 20.0);
  CHECK(pipeline.bookings[1].amount == 300.0);
  // A log of dates knows all of its day, so that the horizon begins on the next.
  CHECK(pipeline.first_day == *parse_day("2024-04-11"));
  CHECK(OpenPipeline::as_of_view(view).booked_since == pipeline.first_day);
}

TEST_CASE("an empty log has an empty pipeline") {
  CHECK(OpenPipeline::as_of_view(AsOf(EventLog(kGraph), *parse_day("2024-03-10"))).deals.empty());
}
