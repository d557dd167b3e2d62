#include <putki/report/step_funnel_report.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace putki;

namespace {

StageGraph sales() {
  return StageGraph::linear(std::vector<std::string>{"Lead", "A stage with a name of great length"}, "Won", {"Lost"});
}

// Two won of four that were seen for the window, amounts 100 and 300 of 1000 known; one too young.
AsOf sales_view() {
  std::vector<test::DealHistory> histories;
  const auto deal = [&](int day, double amount, std::vector<std::pair<int, std::size_t>> later) {
    test::DealHistory history{.name = "deal " + std::to_string(histories.size()), .region = "", .changes = {}};
    history.changes.push_back({test::kFirstInstant + Days{day}, StageId{0}, Money::from_units(amount)});
    for (const auto& [after, stage] : later)
      history.changes.push_back({test::kFirstInstant + Days{day + after}, static_cast<StageId>(stage)});
    histories.push_back(history);
  };
  deal(0, 100, {{2, 1}, {5, 2}});
  deal(1, 300, {{4, 1}, {9, 2}});
  deal(2, 600, {{1, 3}});
  deal(3, 0, {});
  deal(27, 50, {{1, 1}});
  return AsOf(test::build_log(sales(), histories), test::kFirstInstant + Days{30});
}

StepFunnelQuestion sales_question() {
  return {.steps = main_steps(sales()), .window = Days{20}, .value = StepValue::at_entry};
}

std::size_t widest(const std::string& text) {
  std::size_t width = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::size_t characters = 0;
    for (const char c : line) characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    width = std::max(width, characters);
  }
  return width;
}

template <class... Results>
std::string tables(const Results&... results) {
  std::ostringstream out;
  write_tables(out, results...);
  return out.str();
}

}  // namespace

TEST_CASE("A step funnel says first what it found, and keeps the young apart") {
  const std::string text = tables(step_funnel(sales_view(), sales_question()));
  CHECK(text.rfind("Of 4 deals that began with Lead, 50.0 % came to\nWon within 20 days", 0) == 0);
  CHECK(text.find("1 deal younger than the window is not in the table above") != std::string::npos);
  CHECK(text.find("Value: of the amounts known at the entry, known for 4 of 4.") != std::string::npos);
  CHECK(widest(text) <= 80);
}

TEST_CASE("A step funnel as JSON has every figure") {
  const auto json = nlohmann::json::parse(to_json(step_funnel(sales_view(), sales_question())));
  CHECK(json["window_days"] == 20.0);
  CHECK(json["deals"] == 5);
  REQUIRE(json["steps"].size() == 3);
  const auto& won = json["steps"][2];
  CHECK(won["step"] == "Won");
  CHECK(won["mature"]["attempts"] == 2);
  CHECK(won["immature"]["attempts"] == 0);
  CHECK(won["mature"]["amount"] == 400.0);
  CHECK(won["value_from_first"] == 0.4);
  CHECK(won["from_first"]["share"] == 0.5);
  CHECK(won["from_previous"]["share"] == 1.0);
  // 3 and 5 days from the step before: the lower of the two
  CHECK(won["median_days"] == 3.0);
  // young: reached by day 1
  CHECK(json["steps"][1]["immature"]["attempts"] == 1);
  StepFunnelQuestion endless = sales_question();
  endless.window.reset();
  CHECK(nlohmann::json::parse(to_json(step_funnel(sales_view(), endless)))["window_days"].is_null());
}

TEST_CASE("Funnels of nobody, or of the young alone, say so") {
  const AsOf none = AsOf::end_of(EventLog(sales()));
  CHECK(tables(step_funnel(none, sales_question())) == "No deal entered this funnel at Lead.\n");
  StepFunnelQuestion long_window = sales_question();
  long_window.window = Days{500};
  CHECK(tables(step_funnel(sales_view(), long_window)).rfind("None of 5 deals has been seen for the whole window", 0) ==
        0);
}

TEST_CASE("Reach and transition are two numbers, with their own headings") {
  const ReachAndTransition result = reach_and_transition(sales_view(), {.days = 20});
  const std::string text = tables(result);
  CHECK(text.find("Reach: of 5 deals") == 0);
  CHECK(widest(text) <= 80);
  const auto json = nlohmann::json::parse(to_json(result));
  CHECK(json["stages"][1]["reach"]["share"] == 0.6);
  // of five visits to Lead three moved on and one was lost, the youngest after a day; one stays
  CHECK(json["stages"][0]["advanced"]["share"].get<double>() == Approx(0.6));
  CHECK(json["stages"][0]["lost"]["share"].get<double>() == Approx(0.2));
  CHECK(json["stages"][2]["advanced"].is_null());
}

TEST_CASE("Origins of entries are rows of their own") {
  StepFunnelQuestion question{.steps = {{.stages = {StageId{1}}}, {.stages = {StageId{2}}}}, .window = Days{20}};
  const auto parts = step_funnel_by_origin(sales_view(), question, StepOrigin::last);
  const std::string text = tables(parts, sales());
  CHECK(text.find("Lead") != std::string::npos);
  CHECK(widest(text) <= 80);
  CHECK(nlohmann::json::parse(to_json(parts, sales()))[0]["origin"] == "Lead");
}
