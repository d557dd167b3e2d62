#include <putki/events/event_log_builder.hpp>
#include <putki/report/stage_card_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace putki;

namespace {

// 20 deals enter a day apart; the first ten leave the first stage after 2 days, one of them lost.
StageCards twenty_deals(double size) {
  EventLogBuilder builder(StageGraph::b2b_template());
  const Timestamp begin(*parse_day("2024-01-01"));
  for (int d = 0; d < 20; ++d) {
    const DealId deal = builder.deal("deal " + std::to_string(d));
    builder.add({.deal = deal, .time = begin + Days{d}, .stage = StageId{0}, .amount = Money::from_units(size)});
    if (d < 10) builder.add({.deal = deal, .time = begin + Days{d + 2}, .stage = StageId(d == 9 ? 6 : 1)});
  }
  return stage_cards(AsOf(builder.build(), begin + Days{21}), {.since = *parse_day("2024-01-08"), .age_days = 2});
}

std::string tables(const StageCards& cards) {
  std::ostringstream out;
  write_tables(out, cards);
  return out.str();
}

}  // namespace

TEST_CASE("card JSON holds hand-counted numbers under the documented names") {
  const auto json = nlohmann::json::parse(to_json(twenty_deals(1000)));
  CHECK(json["as_of"] == "2024-01-22");
  CHECK(json["window_days"] == 14);
  REQUIRE(json["cards"].size() == 5);
  const auto& first = json["cards"][0];
  CHECK(first["stage"] == "Prospecting");
  CHECK(first["active"]["deals"] == 10);
  CHECK(first["active"]["value"] == 10'000);
  CHECK(first["window"]["opening"]["deals"] == 2);   // deals 6 and 7, there on day 7
  CHECK(first["window"]["entered"]["deals"] == 12);  // deals 8 to 19
  CHECK(first["window"]["lost"]["deals"] == 1);
  CHECK(first["window"]["advanced"]["deals"] == 3);
  CHECK(first["median_age"] == 6.5);
  CHECK(first["transitions"][1]["to"] == "Lost");
  CHECK(first["transitions"][1]["share"]["value"].get<double>() == Approx(1.0 / 20));
  CHECK(first["lost_per_30_days"]["value"].get<double>() == Approx(1000.0 / 14 * 30));
  CHECK(json["cards"][3]["expected"].is_null());
}

TEST_CASE("card tables fit the terminal and begin with what is found") {
  for (const double size : {1000.0, 2e8}) {
    const std::string text = tables(twenty_deals(size));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.size() <= 80);
    }
    CHECK_THAT(text, Catch::Matchers::Contains("Value leaving"));
  }
  const AsOf nothing(EventLog(StageGraph::b2b_template()), *parse_day("2024-01-01"));
  CHECK(tables(stage_cards(nothing)) == "No deal was in any stage by 2024-01-01.\n");
}
