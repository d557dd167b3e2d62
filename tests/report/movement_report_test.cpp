#include <putki/events/event_log_builder.hpp>
#include <putki/report/movement_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

using namespace putki;

namespace {

const Day kMovementDay = *parse_day("2024-01-31");

struct MovementRow {
  const char* deal;
  int day;
  int stage;
  double amount;  // below zero: none
  int close = -1;
};

/// In the ten days before the 31st: one grows and is won, one slips, one is created, one has no amount.
EventLog moved_log(const std::string& first_stage) {
  const StageGraph graph =
      StageGraph::Builder().stage(first_stage).stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  EventLogBuilder builder(graph);
  const auto rows = {MovementRow{"grows", 1, 0, 1000, 25}, MovementRow{"grows", 25, 1, 1500.5},
                     MovementRow{"slips", 1, 0, 2000, 28}, MovementRow{"slips", 26, 0, 2000, 60},
                     MovementRow{"new", 24, 0, 3000, 58},  MovementRow{"unknown", 2, 0, -1},
                     MovementRow{"stuck", 2, 0, 4000, 22}};
  for (const MovementRow& row : rows)
    builder.add({builder.deal(row.deal),
                 Timestamp(*parse_day("2024-01-01") + Days{row.day - 1}) + std::chrono::hours{9},
                 static_cast<StageId>(row.stage), row.amount < 0 ? kNoAmount : Money::from_units(row.amount),
                 row.close < 0 ? kNoDay : day_number(*parse_day("2024-01-01") + Days{row.close - 1})});
  return builder.build();
}

Movement moved(const std::string& first_stage = "Lead", const MovementOptions& options = {}) {
  return movement(AsOf(moved_log(first_stage), kMovementDay), Timestamp(kMovementDay - Days{10}), options);
}

std::string movement_text(const Movement& movement) {
  std::ostringstream out;
  write_tables(out, movement);
  return out.str();
}

}  // namespace

TEST_CASE("movement JSON holds hand-counted numbers under the documented names") {
  const auto json = nlohmann::json::parse(to_json(moved()));
  CHECK(json["since"] == "2024-01-21");
  CHECK(json["as_of"] == "2024-01-31");
  CHECK(json["period"].is_null());
  CHECK(json["lines"]["start"] == nlohmann::json::parse(R"({"deals": 4, "value": 7000.0, "without_amount": 1})"));
  CHECK(json["lines"]["grown"]["value"] == 500.5);
  CHECK(json["lines"]["won"]["value"] == 1500.5);
  CHECK(json["lines"]["end"] == nlohmann::json::parse(R"({"deals": 4, "value": 9000.0, "without_amount": 1})"));
  CHECK(json["flows"].size() == 3);
  CHECK(json["flows"][2]["from"].is_null());
  CHECK(json["expected_close"]["due"]["deals"] == 3);
  CHECK(json["expected_close"]["due"]["won"]["value"] == 1000.0);
  CHECK(json["expected_close"]["due"]["moved_later"]["deals"] == 1);
  CHECK(json["expected_close"]["due"]["past_due"]["deals"] == 1);
  CHECK(json["expected_close"]["undated"]["deals"] == 1);
  CHECK(json["expected_close"]["changes"]["later"]["deals"] == 1);
  CHECK(json["deals"]["past_due"][0]["deal"] == "stuck");
  CHECK(json["deals"]["moved_later"][0]["expected_after"] == "2024-02-29");
  CHECK(json["deals"]["created"][0]["amount_before"].is_null());
  CHECK(json["deals"]["end"].size() == 4);
  CHECK(json["deals"]["end"][3]["amount_after"].is_null());  // unknown amounts last
}

TEST_CASE("movement tables name the change first and add up below it") {
  const std::string text = movement_text(moved());
  CHECK_THAT(text, Catch::StartsWith("From 2024-01-21 to 2024-01-31 the open pipeline\n"
                                     "grew by 2,000 to 9,000, from 4 deals to 4.\n"));
  CHECK_THAT(text, Catch::Contains("= End, 2024-01-31        4  9,000          1"));
  CHECK_THAT(text, Catch::Contains("in this time               3      1      0       1         0          1"));
  CHECK_THAT(text, Catch::Contains("1 deal open at the start had no expected close"));
  CHECK_THAT(text, Catch::Contains("Of 3 deals open at both ends: 1 moved later, 0 earlier, 1 left as they"));
}

TEST_CASE("movement of a period shows what is pulled in and pushed out") {
  const Movement february = moved("Lead", {.period = Period{*parse_day("2024-02-01"), *parse_day("2024-03-01")}});
  const auto json = nlohmann::json::parse(to_json(february));
  CHECK(json["period"]["begin"] == "2024-02-01");
  CHECK(json["lines"]["pulled_in"]["value"] == 2000.0);
  CHECK(json["lines"]["end"]["deals"] == 2);
  CHECK_THAT(movement_text(february), Catch::Contains("expected to close from 2024-02-01 to before 2024-03-01"));
  CHECK_THAT(movement_text(february), Catch::Contains("+ Pulled in              1  2,000"));
}

TEST_CASE("movement with hostile names, and without deals, keeps its shape") {
  const std::string hostile = "</script>\" \xff" + std::string(900, 'x');
  const std::string long_name = "</script>\" " + std::string(900, 'x');
  const Movement with_long_name = moved(long_name);
  CHECK(nlohmann::json::parse(to_json(with_long_name))["flows"][0]["from"] == long_name);
  std::istringstream lines(movement_text(with_long_name));
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 84);  // bytes: an ellipsis has three

  EventLogBuilder builder(StageGraph::b2b_template());
  builder.add({builder.deal(hostile), Timestamp(kMovementDay - Days{2}), StageId{0}});
  const Movement odd = movement(AsOf(builder.build(), kMovementDay), Timestamp(kMovementDay - Days{10}));
  CHECK(nlohmann::json::parse(to_json(odd))["deals"]["created"].size() == 1);  // bytes that are no UTF-8 are replaced

  const Movement empty =
      movement(AsOf(EventLog(StageGraph::b2b_template()), kMovementDay), Timestamp(kMovementDay - Days{10}));
  CHECK_THAT(movement_text(empty), Catch::Contains("kept its worth of 0, from 0 deals to 0."));
  CHECK(nlohmann::json::parse(to_json(empty))["lines"]["end"]["deals"] == 0);
}
