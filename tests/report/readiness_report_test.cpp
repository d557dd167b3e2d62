#include <putki/events/event_log_builder.hpp>
#include <putki/report/readiness_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

using namespace putki;

namespace {

std::string written(const ReadinessReport& report) {
  std::ostringstream out;
  write_tables(out, report);
  return out.str();
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::size_t width = 0;
    for (const char c : line) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    widest = std::max(widest, width);
  }
  return widest;
}

// Ten leads a day: of each ten, four advance after 4 days and are won after 3 more, three are lost after 6 days, three
// stay.
AsOf steady_pipeline() {
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead", "A stage of some length"});
  EventLogBuilder builder(graph);
  const Timestamp begin(*parse_day("2024-01-01"));
  for (int day = 0; day < 60; ++day)
    for (int i = 0; i < 10; ++i) {
      const DealId deal = builder.deal("deal number " + std::to_string(10 * day + i));
      const auto add = [&](int after, int stage) {
        builder.add({.deal = deal,
                     .time = begin + Days{day + after},
                     .stage = static_cast<StageId>(stage),
                     .amount = i == 9 ? kNoAmount : Money::from_units(9'000'000)});
      };
      add(0, 0);
      if (i < 4) add(4, 1), add(7, 2);
      if (i >= 4 && i < 7) add(6, 3);
    }
  return AsOf(builder.build(), *parse_day("2024-02-20"));
}

}  // namespace

TEST_CASE("Readiness in JSON says what was counted by hand") {
  const AsOf view = steady_pipeline();
  const auto json =
      nlohmann::json::parse(to_json({readiness(view, {.within_days = 2}), readiness_record(view, {.within_days = 2})}));
  CHECK(json["as_of"] == "2024-02-20");
  CHECK(json["within_days"] == 2.0);
  bool seen = false;
  for (const auto& deal : json["deals"]) {
    if (deal["stage"] != "Lead" || deal["age_days"] != 3.0) continue;
    seen = true;  // day 4: four of ten advance, whoever is there on day 3
    CHECK(deal["advance"]["probability"].get<double>() == Approx(0.4));
    CHECK(deal["lost"]["probability"] == 0.0);
    CHECK(deal["still_here"].get<double>() == Approx(0.6));
    CHECK(deal["win"].get<double>() == Approx(0.0).margin(1e-12));
    if (deal["amount"].is_null()) {
      CHECK(deal["at_stake"].is_null());
    } else {
      CHECK(deal["at_stake"].get<double>() == Approx(3.6e6));
    }
  }
  CHECK(seen);
  const auto& record = json["record"];
  CHECK(record["origins"].size() == 12);
  // every chance is 0.4 or 0 of what is surely so: said and came differ by next to nothing
  CHECK(record["advance"]["said"].get<double>() == Approx(record["advance"]["came"].get<double>()).epsilon(0.02));
  CHECK(record["advance"]["brier"].get<double>() < record["advance"]["brier_stage_share"].get<double>());
  CHECK(record["win"]["brier_stage_share"].is_null());
}

TEST_CASE("Readiness in tables is 80 columns wide and names the first to contact") {
  const AsOf view = steady_pipeline();
  const std::string text = written({readiness(view), readiness_record(view)});
  CHECK(widest_line(text) <= 80);
  CHECK(text.find("Contact first") != std::string::npos);
  CHECK(text.find("Money in units of 1,000.") != std::string::npos);
  CHECK(text.find("How such chances did at ") != std::string::npos);
  CHECK(text.find("without an amount, listed last") != std::string::npos);
  const std::string nothing = written({readiness(view.at(Timestamp{}))});
  CHECK(nothing == "No deal is open on 1970-01-01.\n");
  CHECK(nlohmann::json::parse(to_json({readiness(view.at(Timestamp{}))}))["record"].is_null());
}
