#include <putki/report/paths_report.hpp>

#include <putki/events/event_log_builder.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <string>

using namespace putki;

namespace {

// Lead > Talk > Won declared, and Talk > Lead. One deal goes straight, one skips Talk, one goes back once and is lost,
// twelve more of them; one is open.
Paths some_paths(const std::string& lead = "Lead", int going_back = 13) {
  const StageGraph graph = StageGraph::Builder()
                               .stage(lead)
                               .stage("Talk")
                               .stage("Offer")
                               .stage("Won", StageKind::won)
                               .stage("Lost", StageKind::lost)
                               .move(lead, "Talk")
                               .move("Talk", "Offer")
                               .move("Offer", "Won")
                               .move("Talk", lead)
                               .move(lead, "Lost")
                               .move("Talk", "Lost")
                               .move("Offer", "Lost")
                               .entry(lead)
                               .build();
  EventLogBuilder builder(graph);
  const Timestamp begin(*parse_day("2024-01-01"));
  const auto add = [&](const std::string& deal, int day, int stage) {
    builder.add({.deal = builder.deal(deal),
                 .time = begin + Days{day},
                 .stage = static_cast<StageId>(stage),
                 .amount = Money::from_units(100)});
  };
  for (int i = 0; i < 6; ++i) {
    const std::string deal = "straight " + std::to_string(i);
    add(deal, 0, 0), add(deal, 2, 1), add(deal, 10, 2), add(deal, 12, 3);
  }
  add("skips", 0, 0), add("skips", 4, 2), add("skips", 9, 3);
  for (int i = 0; i < going_back; ++i) {
    const std::string deal = "back " + std::to_string(i);
    add(deal, 0, 0), add(deal, 1, 1), add(deal, 5, 0), add(deal, 15 + i, 4);
  }
  add("open", 3, 0);
  return paths(AsOf(builder.build(), begin + Days{40}), {.horizon_days = 30});
}

std::string text_of(const Paths& paths) {
  std::ostringstream out;
  write_tables(out, paths);
  return out.str();
}

}  // namespace

TEST_CASE("paths JSON holds hand-counted numbers under the documented names") {
  const auto json = nlohmann::json::parse(to_json(some_paths()));
  CHECK(json["as_of"] == "2024-02-10");
  CHECK(json["deals"] == 21);
  CHECK(json["moves"] == 6 * 3 + 2 + 13 * 3);
  const auto& first = json["directly_follows"][0];
  CHECK(first["from"] == "Lead");
  CHECK(first["to"] == "Talk");
  CHECK(first["count"] == 19);
  CHECK(first["mean_days"].get<double>() == Approx((6 * 2 + 13 * 1) / 19.0));
  CHECK(first["value"] == 1900);
  CHECK(json["variants"]["finished"] == 20);
  CHECK(json["variants"]["distinct"] == 4);
  const auto& common = json["variants"]["listed"][0];
  CHECK(common["stages"] == nlohmann::json::parse(R"(["Lead", "Talk", "Lead"])"));
  CHECK(common["lost"] == 13);
  CHECK(common["share_won"] == 0);
  CHECK(common["covered_deals"].get<double>() == Approx(13.0 / 21));
  CHECK(common["median_days"].get<double>() == Approx(21));
  CHECK(json["rework"]["went_back"] == 13);
  CHECK(json["rework"]["loops"][0]["to"] == "Lead");
  // Those still in Talk after 4 days are the six straight ones: all won 6 days later. Those gone back are lost 10 to 22
  // days later.
  CHECK(json["rework"]["price"]["matched"] == 13);
  CHECK(json["rework"]["price"]["win_difference"]["value"] == -1);
  CHECK(json["rework"]["price"]["days_back"]["value"].get<double>() == Approx(16));
  CHECK(json["rework"]["price"]["extra_days"]["value"].get<double>() == Approx(10));
  const auto& talk = json["gates"][1];
  CHECK(talk["gate"] == "Talk");
  CHECK(talk["skipped"]["deals"] == 1);
  CHECK(talk["skipped"]["close_rate"] == 1);
  CHECK(talk["through"]["deals"] == 6);
  CHECK(talk["never_beyond"] == 14);
  CHECK(json["gates"][2]["through"]["close_rate"].is_null());  // beyond Offer there is only Won
  CHECK(json["conformance"]["conforming"] == 20);
  CHECK(json["conformance"]["undeclared"][0]["to"] == "Offer");
}

TEST_CASE("paths are told in sentences and tables of at most 80 columns") {
  const std::string text = text_of(some_paths("A first stage with a rather long name of its own"));
  CHECK_THAT(text, Catch::Matchers::StartsWith("21 deals known on 2024-02-10 took 4 different ways;\n"));
  CHECK_THAT(text, Catch::Matchers::Contains("13 deals (61.9 %) went back at least once."));
  CHECK_THAT(text, Catch::Matchers::Contains("won within 30 days  0.0 % instead of 100.0 %"));
  CHECK_THAT(text, Catch::Matchers::Contains("days until any end   16.0 instead of 6.0: +10.0 days"));
  CHECK_THAT(text, Catch::Matchers::Contains("Talk           1   "));
  CHECK_THAT(text, Catch::Matchers::Contains("98.3 % of moves and 95.2 % of deals follow the declared moves."));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    const auto characters = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });
    CHECK(characters <= 80);
  }
}

TEST_CASE("a few deals that went back have no price in words, and nothing at all no tables") {
  CHECK_THAT(text_of(some_paths("Lead", 3)),
             Catch::Matchers::Contains("3 deals are too few to say what goes with it."));
  const Paths nothing = paths(AsOf(EventLog(StageGraph::b2b_template()), *parse_day("2024-01-01")));
  CHECK(text_of(nothing) == "0 deals known on 2024-01-01\n");
  const auto json = nlohmann::json::parse(to_json(nothing));
  CHECK(json["rework"]["price"].is_null());
  CHECK(json["variants"]["listed"].empty());
}
