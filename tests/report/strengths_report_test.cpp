#include <putki/events/event_log_builder.hpp>
#include <putki/report/strengths_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

using namespace putki;

namespace {

std::string written(const Strengths& strengths) {
  std::ostringstream out;
  write_tables(out, strengths);
  return out.str();
}

// A hundred deals each: `won` of Ann's and 30 of Bob's are won on day 5, the others lost on day 9; a million each.
AsOf two_owners(int won, bool attribute = true) {
  EventLogBuilder builder(StageGraph::linear(std::vector<std::string>{"A stage of some length"}));
  for (int i = 0; i < 200; ++i) {
    const DealId deal = builder.deal(std::to_string(i));
    if (attribute) builder.set_attribute(deal, "Owner", i < 100 ? "Ann of a long name" : "");
    const bool wins = i < 100 ? i < won : i < 130;
    const Timestamp begin = Timestamp(*parse_day("2024-01-01")) + Days{i % 10};
    builder.add({.deal = deal, .time = begin, .stage = StageId{0}, .amount = Money::from_units(1'000'000)});
    builder.add({.deal = deal, .time = begin + Days{wins ? 5 : 9}, .stage = wins ? StageId{1} : StageId{2}});
  }
  return AsOf(builder.build(), *parse_day("2024-03-01"));
}

}  // namespace

TEST_CASE("Strengths in JSON say what was counted by hand") {
  const auto json = nlohmann::json::parse(to_json(strengths(two_owners(60))));
  CHECK(json["as_of"] == "2024-03-01");
  CHECK(json["attributes"] == nlohmann::json::array({"Owner"}));
  bool seen = false;
  for (const auto& strength : json["comparisons"]) {
    if (strength["measure"] != "close_rate" || strength["value"] != "Ann of a long name") continue;
    seen = true;
    CHECK(strength["stage"].is_null());
    CHECK(strength["here"].get<double>() == Approx(0.6));
    CHECK(strength["others"].get<double>() == Approx(0.3));
    CHECK(strength["discovery"] == true);
    CHECK(strength["better"] == true);
    CHECK(strength["worth"] == 1e6);
    CHECK(strength["money_per_month"].get<double>() > 0);
  }
  CHECK(seen);
  for (const auto& strength : json["comparisons"])
    if (strength["measure"] == "stay") CHECK(strength["money_per_month"].is_null());
  // What is shrunk to nothing, or differs by nothing, is 0 and not -0.
  for (const int won : {20, 30, 33, 60})
    CHECK(to_json(strengths(two_owners(won))).find(": -0.0,") == std::string::npos);
}

TEST_CASE("Strengths in tables are 80 columns wide and say when nothing stands out") {
  const std::string text = written(strengths(two_owners(60)));
  CHECK(text.find("By Owner: ") == 0);
  CHECK(text.find("Weaknesses, and what the gap to the others costs a month:") != std::string::npos);
  CHECK(text.find("Strengths, and what they bring a month:") != std::string::npos);
  CHECK(text.find("(unknown)") != std::string::npos);
  CHECK(text.find("Money in units of 1,000.") != std::string::npos);
  const std::string none = written(strengths(two_owners(33)));
  CHECK(none.find("0 weaknesses and 0 strengths stand out") != std::string::npos);
  CHECK(none.find("Nothing differs more than chance would make it.") != std::string::npos);
  for (const std::string& table : {text, none}) {
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
      std::size_t width = 0;
      for (const char c : line) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
      CHECK(width <= 80);
    }
  }
  CHECK(written(strengths(two_owners(60, false))).find("Deals have no attributes") == 0);
  CHECK(written(strengths(two_owners(60).at(Timestamp{}))).find("Nothing could be compared by Owner") == 0);
}
