#include <putki/events/event_log_builder.hpp>
#include <putki/report/funnel_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <sstream>
#include <string>

using namespace putki;

namespace {

/// Four deals enter on 2024-01-01: one won after 2 days, one lost after 4 through the second stage, one lost after 10,
/// one open.
FunnelSummary four_deals(const std::string& first_stage = "Lead", std::vector<double> days = {1, 5, 20}) {
  const StageGraph graph = StageGraph::Builder()
                               .stage(first_stage)
                               .stage("Offer")
                               .stage("Won", StageKind::won)
                               .stage("Lost", StageKind::lost)
                               .build();
  EventLogBuilder builder(graph);
  const Timestamp begin(*parse_day("2024-01-01"));
  const auto add = [&](const char* deal, int day, int stage) {
    builder.add({builder.deal(deal), begin + Days{day}, static_cast<StageId>(stage)});
  };
  add("won", 0, 0), add("won", 2, 2);
  add("lost late", 0, 0), add("lost late", 10, 3);
  add("through", 0, 0), add("through", 3, 1), add("through", 4, 3);
  add("open", 0, 0);
  return summarize_funnel(AsOf(builder.build(), begin + Days{30}), {std::move(days)});
}

}  // namespace

TEST_CASE("funnel JSON holds hand-counted numbers under the documented names") {
  const InputSummary input{.rows_read = 9, .rows_used = 8, .findings = {{"duplicate_row", 1}}, .notes = {}};
  const auto json = nlohmann::json::parse(to_json(four_deals(), input));
  CHECK(json["as_of"] == "2024-01-31");
  CHECK(json["deals"] == 4);
  CHECK(json["rows_read"] == 9);
  CHECK(json["rows_used"] == 8);
  CHECK(json["findings"] == nlohmann::json::parse(R"([{"rule": "duplicate_row", "count": 1}])"));
  const auto& lead = json["stages"][0];
  CHECK(lead["stage"] == "Lead");
  CHECK(lead["kind"] == "open");
  CHECK(lead["entered"] == 4);
  CHECK(lead["advanced"] == 2);
  CHECK(lead["lost"] == 1);
  CHECK(lead["still_there"] == 1);
  CHECK(lead["reached"] == 4);
  CHECK(json["stages"][1]["reached"] == 2);  // one was there, one was won past it
  // Kaplan-Meier of the stay: left at days 2, 3, 10 of 4: 3/4, 2/4, 1/4; half on a flat stretch from 3 to 10.
  CHECK(lead["median_days"].get<double>() == Approx(6.5));
  CHECK(lead["p90_days"].is_null());
  REQUIRE(lead["transitions"].size() == 3);
  CHECK(lead["transitions"][1]["to"] == "Won");
  CHECK(lead["transitions"][1]["curve"][1]["days"] == 5);
  CHECK(lead["transitions"][1]["curve"][1]["probability"].get<double>() == Approx(0.25));
  CHECK(json["outcomes"][0]["stage"] == "Won");
  CHECK(json["outcomes"][0]["count"] == 1);
  CHECK(json["outcomes"][1]["count"] == 2);
  CHECK(json["outcomes"][1]["curve"][1]["probability"].get<double>() == Approx(0.25));
  CHECK(json["outcomes"][1]["curve"][2]["probability"].get<double>() == Approx(0.5));
  CHECK(json["outcomes"][1]["curve"][0]["std_error"].get<double>() == 0);
  // None of four deals lost in a day: at most 1 - 0.025^(1/4).
  CHECK(json["outcomes"][1]["curve"][0]["interval"][1].get<double>() == Approx(1 - std::pow(0.025, 0.25)));
  CHECK(json["lifetime"]["q25"].get<double>() == Approx(3));  // flat at 3/4 from day 2 to 4
  CHECK(json["lifetime"]["q90"].is_null());
}

TEST_CASE("an empty funnel is zeros and nulls") {
  const FunnelSummary summary = summarize_funnel(AsOf(EventLog(StageGraph::b2b_template()), *parse_day("2024-01-01")));
  const auto json = nlohmann::json::parse(to_json(summary));
  CHECK(json["deals"] == 0);
  CHECK(json["stages"][0]["median_days"].is_null());
  CHECK(json["outcomes"][0]["curve"][0]["probability"].is_null());
  std::ostringstream out;
  write_tables(out, summary);
  CHECK(out.str() == "0 deals known on 2024-01-01, 0 of them open\n");
}

TEST_CASE("tables leave out quantiles not reached and moves not made") {
  const StageGraph graph = StageGraph::b2b_template();
  EventLogBuilder builder(graph);
  const Timestamp begin(*parse_day("2024-01-01"));
  builder.add({builder.deal("only"), begin, StageId{0}});
  std::ostringstream out;
  write_tables(out, summarize_funnel(AsOf(builder.build(), begin + Days{30})));
  CHECK_THAT(out.str(), Catch::Matchers::StartsWith("1 deal known on 2024-01-31, 1 of them open\n"));
  CHECK_THAT(out.str(), Catch::Matchers::Contains("From creation to any end: less than a quarter have ended.\n"));
  CHECK_THAT(out.str(), !Catch::Matchers::Contains("moved on within"));

  // Ends at days 2, 4 and 10 of four deals, the fourth seen to day 30: flat at 3/4, 1/2 and 1/4 between.
  out.str("");
  write_tables(out, four_deals());
  CHECK_THAT(out.str(),
             Catch::Matchers::Contains("a quarter within 3.0 d, half within 7.0 d,\nthree quarters within 20.0 d."));
  CHECK_THAT(out.str(), !Catch::Matchers::Contains("90 % within"));
}

TEST_CASE("long and hostile stage names keep the tables in shape and the JSON whole") {
  const std::string hostile = "</script>\" " + std::string(900, 'x');
  const FunnelSummary summary = four_deals(hostile);
  CHECK(nlohmann::json::parse(to_json(summary))["stages"][0]["stage"] == hostile);
  std::ostringstream out;
  write_tables(out, summary);
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) CHECK(line.size() < 120);
}

TEST_CASE("ages that do not ascend are refused") {
  CHECK_THROWS_AS(four_deals("Lead", {7, 7}), InvalidArgument);
  CHECK_THROWS_AS(four_deals("Lead", {0}), InvalidArgument);
  CHECK_THROWS_AS(four_deals("Lead", {std::nan("")}), InvalidArgument);
}

TEST_CASE("a curve beyond what was watched is not shown, and all ways of leaving fit the terminal") {
  std::ostringstream out;
  write_tables(out, four_deals("Lead", {5, 40}));
  bool said = false;
  std::istringstream all(out.str());
  for (std::string line; std::getline(all, line);)
    said = said || (line.starts_with("Won ") && line.find("25.0 ") != std::string::npos && line.ends_with(" -"));
  CHECK(said);
  const auto json = nlohmann::json::parse(to_json(four_deals("Lead", {5, 40})));
  CHECK(json["outcomes"][0]["curve"][1]["probability"].is_null());
  CHECK(json["outcomes"][0]["curve"][1]["interval"].is_null());

  const StageGraph graph = StageGraph::Builder()
                               .stage("Fifteen letters")
                               .stage("Fifteen signs !")
                               .stage("On hold", StageKind::on_hold)
                               .stage("Won", StageKind::won)
                               .build();
  EventLogBuilder builder(graph);
  const Timestamp begin(*parse_day("2024-01-01"));
  for (int d = 0; d < 12'000; ++d) {
    const DealId deal = builder.deal(std::to_string(d));
    builder.add({deal, begin, StageId{1}}), builder.add({deal, begin + Days{3}, StageId{0}});
    builder.add({deal, begin + Days{4 + d % 9}, StageId{2}});
  }
  out.str("");
  write_tables(out, summarize_funnel(AsOf(builder.build(), begin + Days{30})));
  CHECK_THAT(out.str(), Catch::Matchers::Contains("+Back") && Catch::Matchers::Contains("+Aside"));
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
  }
}
