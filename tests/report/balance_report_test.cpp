#include <putki/events/event_log_builder.hpp>
#include <putki/report/balance_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

using namespace putki;

namespace {

/// From Monday 2024-01-01 on a deal a day for ten weeks, each won after two days or, every fifth, lost; then silence
/// until Wednesday, 2024-03-27, but for one deal parked.
Balance ten_weeks(const std::string& first_stage = "Lead", const BalanceOptions& options = {}) {
  const StageGraph graph = StageGraph::Builder()
                               .stage(first_stage)
                               .stage("Parked", StageKind::on_hold)
                               .stage("Won", StageKind::won)
                               .stage("Lost", StageKind::lost)
                               .build();
  EventLogBuilder builder(graph);
  const Timestamp begin = Timestamp(*parse_day("2024-01-01")) + std::chrono::hours{9};
  for (int day = 0; day < 70; ++day) {
    const DealId deal = builder.deal("deal " + std::to_string(day));
    builder.add({deal, begin + Days{day}, StageId{0}});
    builder.add({deal, begin + Days{day + 2}, day % 5 == 4 ? StageId{3} : StageId{2}});
  }
  builder.add({builder.deal("parked"), begin + Days{85}, StageId{1}});
  return balance(AsOf(builder.build(), *parse_day("2024-03-27")), Timestamp(*parse_day("2024-03-04")), options);
}

std::string balance_text(const Balance& balance) {
  std::ostringstream out;
  write_tables(out, balance);
  return out.str();
}

}  // namespace

TEST_CASE("balance JSON holds hand-counted numbers under the documented names") {
  const auto json = nlohmann::json::parse(to_json(ten_weeks()));
  CHECK(json["since"] == "2024-03-04");
  CHECK(json["unit"] == "week");
  REQUIRE(json["periods"].size() == 13);
  const auto& first = json["periods"][0];
  CHECK(first["begin"] == "2024-01-01");
  CHECK(first["full"] == true);
  CHECK(first["created"] == 7);
  CHECK(first["won"] == 4);  // days 0, 1, 2, 3; the fifth deal is lost
  CHECK(first["lost"] == 1);
  CHECK(first["net"] == 2);
  CHECK(json["periods"][1]["open_at_end"] == 2);
  CHECK(json["periods"][12]["full"] == false);
  CHECK(json["earlier"]["periods"] == 9);
  CHECK(json["recent"]["inflow"] == 7);
  CHECK(json["recent"]["closings"] == 9);
  CHECK(json["in_against_out"]["ratio"].get<double>() == Approx(7.0 / 9));
  CHECK(json["inflow"]["trend"]["first_days"] == 21);
  CHECK(json["inflow"]["steadiness"]["periods"] == 12);
  CHECK(json["inflow"]["charts"][0]["run_length"].get<double>() >= 500);
  REQUIRE(json["inflow"]["alarms"].size() == 1);
  CHECK(json["inflow"]["alarms"][0]["direction"] == "down");
  CHECK(json["inflow"]["alarms"][0]["began"] == "2024-03-11");
  REQUIRE(json["stages"].size() == 2);
  CHECK(json["stages"][0]["expected"].size() == 12);
  CHECK(json["stages"][1]["present"] == 1);
}

TEST_CASE("balance tables say first whether the funnel fills, and mark what is partial") {
  const std::string text = balance_text(ten_weeks());
  CHECK_THAT(text, Catch::StartsWith("In the 3 full weeks from 2024-03-04 to before 2024-03-25\n7 deals came in and 9 "
                                     "closed: no more of a difference than chance makes.\n"));
  CHECK_THAT(text, Catch::Contains("2024-03-25         1     0      0     1     1  (partial)"));
  CHECK_THAT(text, Catch::Contains("Inflow fell from the week of 2024-03-11 on; noticed in that of 2024-03-18."));
  CHECK_THAT(text, Catch::Contains("each kind once in 500 weeks or more"));
}

TEST_CASE("balance says what it cannot say") {
  const std::string text = balance_text(ten_weeks("Lead", {.unit = PeriodUnit::month}));
  CHECK_THAT(text, Catch::StartsWith("No full month lies between 2024-03-04 and 2024-03-27: nothing to compare.\n"));
  CHECK_THAT(text, Catch::Contains("Inflow: no alarm; it takes 6 full months before 2024-03-04"));
  const Balance empty = balance(AsOf(EventLog(StageGraph::b2b_template()), *parse_day("2024-03-27")),
                                Timestamp(*parse_day("2024-03-04")));
  CHECK(balance_text(empty) == "No full week lies between 2024-03-04 and 2024-03-27: nothing to compare.\n");
  const auto json = nlohmann::json::parse(to_json(empty));
  CHECK(json["recent"].is_null());
  CHECK(json["inflow"]["steadiness"].is_null());
}

TEST_CASE("balance with a long stage name keeps to the width of a terminal") {
  const std::string long_name = "</script>\" " + std::string(900, 'x');
  const Balance result = ten_weeks(long_name);
  CHECK(nlohmann::json::parse(to_json(result))["stages"][0]["stage"] == long_name);
  std::istringstream lines(balance_text(result));
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 82);  // bytes: an ellipsis has three
}
