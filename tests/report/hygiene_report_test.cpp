#include <putki/events/event_log_builder.hpp>
#include <putki/report/hygiene_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

using namespace putki;

namespace {

/// 24 deals won or lost within 24 days, and four open on 2024-06-01: one in order, one past its close date and silent
/// since January, one without amount or date, one worth nothing.
Hygiene four_open(const std::string& first_stage = "Lead", const HygieneOptions& options = {}) {
  const StageGraph graph =
      StageGraph::Builder().stage(first_stage).stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  EventLogBuilder builder(graph);
  const Timestamp begin = Timestamp(*parse_day("2024-01-01")) + std::chrono::hours{9};
  const Money amount = Money::from_units(1000);
  const auto close = [](const char* day) { return day_number(*parse_day(day)); };
  for (int i = 1; i <= 24; ++i) {
    const DealId deal = builder.deal("closed " + std::to_string(i));
    builder.add({deal, begin, StageId{0}, amount, close("2024-02-01")});
    builder.add({deal, begin + Days{i}, i % 4 == 0 ? StageId{1} : StageId{2}, amount});
  }
  const Timestamp may = Timestamp(*parse_day("2024-05-25")) + std::chrono::hours{9};
  builder.add({builder.deal("in order"), may, StageId{0}, amount, close("2024-07-01")});
  builder.add({builder.deal("forgotten"), begin, StageId{0}, Money::from_units(2000), close("2024-02-01")});
  builder.add({builder.deal("blank"), may, StageId{0}});
  builder.add({builder.deal("worthless"), may, StageId{0}, Money{}, close("2024-07-01")});
  return hygiene(AsOf(builder.build(), *parse_day("2024-06-01")), options);
}

std::string hygiene_text(const Hygiene& hygiene) {
  std::ostringstream out;
  write_tables(out, hygiene);
  return out.str();
}

}  // namespace

TEST_CASE("hygiene JSON holds hand-counted numbers under the documented names") {
  const auto json = nlohmann::json::parse(to_json(four_open()));
  CHECK(json["as_of"] == "2024-06-01");
  CHECK(json["dates_known"] == true);
  CHECK(json["all"]["open_deals"] == 4);
  CHECK(json["all"]["open_value"] == 3000.0);
  CHECK(json["all"]["without_amount"] == 1);
  CHECK(json["findings"]["past_close"]["deals"] == 1);
  CHECK(json["findings"]["past_close"]["value"] == 2000.0);
  CHECK(json["findings"]["no_close"]["deals"] == 1);
  CHECK(json["findings"]["no_amount"]["removed"]["open_deals"] == 3);
  CHECK(json["findings"]["zero_amount"]["deals"] == 1);
  CHECK(json["findings"]["any"]["deals"] == 3);
  CHECK(json["findings"]["any"]["removed"]["open_value"] == 1000.0);
  CHECK(json["silence_limits"].size() == 1);
  CHECK(json["silence_limits"][0]["days"].get<double>() > 20);
  REQUIRE(json["deals"].size() == 3);
  CHECK(json["deals"][0]["deal"] == "forgotten");
  CHECK(json["deals"][0]["findings"] == nlohmann::json::parse(R"(["past_close", "silent", "zombie"])"));
  CHECK(json["deals"][1]["amount"].is_null());
  CHECK(json["deals"][1]["findings"] == nlohmann::json::parse(R"(["no_close", "no_amount"])"));
  // 6 of 24 that ended were won, and 25 were there from the start; the three of May were not at risk on those days
  CHECK(json["findings"]["any"]["removed"]["close_rate"].get<double>() > json["all"]["close_rate"].get<double>());
}

TEST_CASE("hygiene tables say first how many deals are in doubt, and name the worst") {
  const std::string text = hygiene_text(four_open());
  CHECK_THAT(text, Catch::StartsWith("3 of 4 open deals (75 %), worth 2,000 of 3,000, are in doubt.\n"));
  CHECK_THAT(text, Catch::Contains("Past close date"));
  CHECK_THAT(text, Catch::Contains("late silent old"));
  CHECK_THAT(text, Catch::Contains("undated blank"));
  CHECK_THAT(hygiene_text(four_open("Lead", {.least_silences = 100})),
             Catch::Contains("Too few deals have ended to say what is open too long."));
}

TEST_CASE("hygiene says what the history does not have") {
  const StageGraph graph = StageGraph::b2b_template();
  EventLogBuilder builder(graph);
  builder.add({builder.deal("bare"), Timestamp(*parse_day("2024-01-01")), StageId{0}});
  const Hygiene bare = hygiene(AsOf(builder.build(), *parse_day("2024-06-01")));
  const std::string text = hygiene_text(bare);
  CHECK_THAT(text, Catch::StartsWith("The one open deal is not in doubt.\n"));
  CHECK_THAT(text, Catch::Contains("no expected closes"));
  CHECK_THAT(text, Catch::Contains("no amounts"));
  CHECK_THAT(text, Catch::Contains("dates only"));
  const Hygiene empty = hygiene(AsOf(EventLog(graph), *parse_day("2024-06-01")));
  CHECK_THAT(hygiene_text(empty), Catch::StartsWith("No deal is open on 2024-06-01: nothing to clean.\n"));
  CHECK(nlohmann::json::parse(to_json(empty))["zombie_limit_days"].is_null());
}

TEST_CASE("hygiene with a long stage name keeps to the width of a terminal") {
  const std::string long_name = "</script>\" " + std::string(900, 'x');
  const Hygiene result = four_open(long_name);
  CHECK(nlohmann::json::parse(to_json(result))["deals"][0]["stage"] == long_name);
  std::istringstream lines(hygiene_text(result));
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 84);  // bytes: an ellipsis has three
}
