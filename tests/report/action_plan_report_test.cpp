#include <putki/events/event_log_builder.hpp>
#include <putki/report/action_plan_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

using namespace putki;

namespace {

std::string written(const ActionPlan& plan) {
  std::ostringstream out;
  write_tables(out, plan);
  return out.str();
}

// 35 leads talk on day 2 and are won on day 6; 25 are lost on day 10; one still leads.
AsOf sixty_one_deals() {
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead", "Talk"});
  EventLogBuilder builder(graph);
  const Timestamp begin(*parse_day("2024-01-01"));
  for (int i = 0; i < 61; ++i) {
    const DealId deal = builder.deal(std::to_string(i));
    const auto add = [&](int day, int stage) {
      builder.add({.deal = deal, .time = begin + Days{day}, .stage = static_cast<StageId>(stage)});
    };
    add(0, 0);
    if (i < 35) add(2, 1), add(6, 2);
    if (i >= 35 && i < 60) add(10, 3);
  }
  return AsOf(builder.build(), begin + Days{20});
}

}  // namespace

TEST_CASE("The action plan in JSON says what was counted by hand") {
  const auto json = nlohmann::json::parse(to_json(action_plan(sixty_one_deals())));
  CHECK(json["as_of"] == "2024-01-21");
  const auto& lead = json["stages"][0];
  CHECK(lead["visits"] == 61);
  REQUIRE(lead["next"].size() == 2);
  CHECK(lead["next"][0]["to"] == "Talk");
  CHECK(lead["next"][0]["probability"].get<double>() == Approx(35.0 / 61));
  CHECK(lead["next"][0]["q50"] == 2.0);
  CHECK(lead["still_here"].get<double>() == Approx(1.0 / 61));
  CHECK(lead["latest_useful_day"] == 2);
  CHECK(lead["advance_then"] == 0.0);
  CHECK(lead["lost_then"].get<double>() == Approx(25.0 / 26));
  CHECK(lead["continuations"][0]["stages"] == nlohmann::json::array({"Talk"}));
  CHECK(lead["continuations"][0]["won"] == 35);
  CHECK(lead["continuations"][1]["open"] == 1);
  CHECK(lead["win_ever"].get<double>() == Approx(35.0 / 60));
  // 35 x 2 + 25 x 10 + 20 days of 61 in Lead, then 4 more for 35 of the 60 seen to leave
  CHECK(lead["expected_days"].get<double>() == Approx(340.0 / 61 + 4 * 35.0 / 60));
  CHECK(json["stages"][1]["latest_useful_day"].is_null());
  CHECK(json["stages"][1]["advance_then"].is_null());
}

TEST_CASE("The action plan in tables is 80 columns wide and says where to act soonest") {
  const std::string text = written(action_plan(sixty_one_deals()));
  CHECK(text.find("Waiting more often ends in a loss from this day in the stage on: Lead 2.") == 0);
  CHECK(text.find("(still there)") != std::string::npos);
  CHECK(text.find("(straight to the end)") != std::string::npos);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  CHECK(written(action_plan(sixty_one_deals(), {.at_age_days = 5})).find("still there after 5 days") !=
        std::string::npos);
  const std::string too_old = written(action_plan(sixty_one_deals(), {.at_age_days = 50}));
  CHECK(too_old.find("(nobody seen so long)") != std::string::npos);
  CHECK(too_old.find("100.0") == too_old.find("100.0", too_old.find("How long waiting")));
  CHECK(written(action_plan(sixty_one_deals().at(Timestamp{}))) == "No deal has been in any stage by 1970-01-01.\n");
}
