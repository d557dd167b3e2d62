#include <putki/events/event_log_builder.hpp>
#include <putki/report/movement_figures.hpp>
#include <putki/report/movement_report.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace putki;
using nlohmann::json;

namespace {

const Day kFlowDay = *parse_day("2024-01-31");

struct FlowRow {
  std::string deal;
  int day;
  int stage;
  double amount;  // below zero: none
};

StageGraph two_steps(const std::string& first = "Lead") {
  return StageGraph::Builder()
      .stage(first)
      .stage("Offer")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}

// Of the ten days before the 31st.
Movement moved_rows(const StageGraph& graph, const std::vector<FlowRow>& rows) {
  EventLogBuilder builder(graph);
  for (const FlowRow& row : rows)
    builder.add({builder.deal(row.deal),
                 Timestamp(*parse_day("2024-01-01") + Days{row.day - 1}) + std::chrono::hours{9},
                 static_cast<StageId>(row.stage), row.amount < 0 ? kNoAmount : Money::from_units(row.amount)});
  return movement(AsOf(builder.build(), kFlowDay), Timestamp(kFlowDay - Days{10}));
}

// Start 3,000: one deal grows by 500.5 and is won, one is lost; one of 4,000 is created.
Movement grown_pipeline() {
  return moved_rows(two_steps(), {{"a", 1, 0, 1000},
                                  {"a", 25, 2, 1500.5},
                                  {"b", 1, 0, 700},
                                  {"b", 26, 3, 0},
                                  {"c", 2, 0, 1300},
                                  {"c", 27, 1, 1300},
                                  {"d", 24, 0, 4000}});
}

json values_of(const Figure& figure, const char* set) {
  const json chart = json::parse(figure.specification);
  for (const json& data : chart["data"])
    if (data["name"] == set) return data["values"];
  FAIL("no data set " << set);
  return {};
}

// Vertical extent of a ribbon's two ends: M0,y ... 1000,y L1000,y ... 0,y Z
struct RibbonEnds {
  double left, right, right_end, left_end;
};
RibbonEnds ends_of(const std::string& path) {
  RibbonEnds ends{};
  double ignored[4];
  REQUIRE(std::sscanf(path.c_str(), "M0,%lfC500,%lf 500,%lf 1000,%lfL1000,%lfC500,%lf 500,%lf 0,%lfZ", &ends.left,
                      &ignored[0], &ignored[1], &ends.right, &ends.right_end, &ignored[2], &ignored[3],
                      &ends.left_end) == 8);
  return ends;
}

}  // namespace

TEST_CASE("the waterfall's bars join, and end where the pipeline ends, to the cent") {
  std::mt19937 random(3);
  const StageGraph graph = two_steps();
  for (int round = 0; round < 50; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 30, .amounts = true});
    const AsOf view(test::build_log(graph, histories), test::kFirstInstant + Days{50});
    const Movement result = movement(view, test::kFirstInstant + Days{25});
    const Figure figure = movement_figure(result);
    if (figure.specification.empty()) continue;
    const json lines = values_of(figure, "lines");
    CHECK(lines.front()["begin"] == 0);
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) CHECK(lines[i]["begin"] == lines[i - 1]["end"]);
    CHECK(lines.back()["end"] == lines[lines.size() - 2]["end"]);
    CHECK(lines.back()["end"].get<double>() == result.table.line(MovementLine::end).value.units());

    const json expected = json::parse(to_json(result));
    REQUIRE(figure.table.rows.size() == kMovementLines);
    for (std::size_t i = 0; i < kMovementLines; ++i) {
      const json& line = expected["lines"][to_string(static_cast<MovementLine>(i))];
      CHECK(figure.table.rows[i][1].number == line["deals"].get<double>());
      CHECK(figure.table.rows[i][2].number == line["value"].get<double>());
      CHECK(figure.table.rows[i][3].number == line["without_amount"].get<double>());
    }
  }
}

TEST_CASE("the waterfall's title follows the change and names what did most for it") {
  const Figure grew = movement_figure(grown_pipeline(), {.locale = {}, .currency = "EUR"});
  CHECK(grew.title ==
        "The pipeline grew by EUR\u00A02,300 to EUR\u00A05,300; new deals did most for it: +EUR\u00A04,000");
  const json lines = values_of(grew, "lines");
  REQUIRE(lines.size() == 6);
  CHECK(lines[1]["text"] == "+EUR\u00A04,000.00");
  CHECK(lines[2]["text"] == "+EUR\u00A0500.50");
  CHECK(lines[3]["text"] == "-EUR\u00A01,500.50");
  CHECK(lines[3]["kind"] == "won");

  const Figure shrank =
      movement_figure(moved_rows(two_steps(), {{"a", 1, 0, 1000}, {"b", 1, 0, 700}, {"b", 26, 3, 0}}));
  CHECK(shrank.title == "The pipeline shrank by 700 to 1,000; deals lost did most to it: -700");
  const Figure kept = movement_figure(moved_rows(two_steps(), {{"a", 1, 0, 1000}}));
  CHECK(kept.title == "The pipeline kept its worth of 1,000");
}

TEST_CASE("without amounts the waterfall counts deals") {
  const Figure figure = movement_figure(moved_rows(
      two_steps(), {{"a", 1, 0, -1}, {"b", 1, 0, -1}, {"b", 26, 3, -1}, {"c", 25, 0, -1}, {"d", 25, 0, -1}}));
  CHECK(figure.title == "The pipeline grew by 1 deal to 3 deals; new deals did most for it: +2");
  const json lines = values_of(figure, "lines");
  CHECK(lines.front()["end"] == 2);
  CHECK(lines.back()["end"] == 3);
}

TEST_CASE("a waterfall that moves little beside what stays cuts its axis and says so") {
  const json cut =
      json::parse(movement_figure(moved_rows(two_steps(), {{"a", 1, 0, 100000}, {"b", 25, 0, 2000}})).specification);
  const json whole = json::parse(movement_figure(grown_pipeline()).specification);
  const auto from = [](const json& chart) {
    for (const json& signal : chart["signals"])
      if (signal["name"] == "from") return signal["value"].get<double>();
    return -1.0;
  };
  CHECK(from(cut) > 90000);
  CHECK(from(cut) < 100000);
  CHECK(from(whole) == 0);
}

TEST_CASE("the flow figure's ribbons are as wide as their deals, and fill both ends") {
  std::mt19937 random(5);
  const StageGraph graph = two_steps();
  for (int round = 0; round < 30; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 40});
    const AsOf view(test::build_log(graph, histories), test::kFirstInstant + Days{50});
    const Movement result = movement(view, test::kFirstInstant + Days{25});
    const Figure figure = movement_flow_figure(result);
    double deals = 0;
    for (const auto& row : figure.table.rows) deals += *row[3].number;
    std::uint64_t expected = 0;
    for (const MovementTally& flow : result.table.flows) expected += flow.deals;
    CHECK(deals == static_cast<double>(expected));

    std::map<std::string, double> filled;
    double per_deal = 0;
    for (const json& ribbon : values_of(figure, "ribbons")) {
      const RibbonEnds ends = ends_of(ribbon["path"]);
      const double width = ends.left_end - ends.left;
      CHECK(ends.right_end - ends.right == Approx(width).margin(0.03));
      per_deal = 280 / static_cast<double>(expected);
      CHECK(width == Approx(per_deal * ribbon["deals"].get<double>()).margin(0.03));
      filled["start " + ribbon["from"].get<std::string>()] += width;
      filled["end " + ribbon["to"].get<std::string>()] += width;
    }
    double last_bottom = -10;
    std::string side;
    for (const json& node : values_of(figure, "nodes")) {
      const std::string key = node["side"].get<std::string>() + " " + node["label"].get<std::string>();
      CHECK(filled[key] == Approx(std::max(node["height"].get<double>(), 1.0)).margin(0.1));
      if (side != node["side"]) last_bottom = -10;
      side = node["side"];
      CHECK(node["y"].get<double>() >= last_bottom);  // places do not overlap
      last_bottom = node["y"].get<double>() + node["height"].get<double>();
    }
  }
}

TEST_CASE("the flow figure says what became of most deals") {
  const StageGraph graph = two_steps();
  CHECK(movement_flow_figure(grown_pipeline()).title ==
        "Of the deals open on 21 Jan 2024, 33\u00A0% were open in another stage on 31 Jan 2024");
  CHECK(movement_flow_figure(
            moved_rows(graph, {{"a", 1, 0, 1}, {"b", 1, 0, 1}, {"c", 1, 1, 1}, {"b", 25, 3, 0}, {"c", 25, 3, 0}}))
            .title == "Of the deals open on 21 Jan 2024, 67\u00A0% were lost by 31 Jan 2024");
  CHECK(movement_flow_figure(moved_rows(graph, {{"a", 1, 0, 1}, {"a", 24, 2, 1}})).title ==
        "Of the deals open on 21 Jan 2024, 100\u00A0% were won by 31 Jan 2024");
  CHECK(movement_flow_figure(moved_rows(graph, {{"a", 24, 0, 1}})).title ==
        "No deal was open on 21 Jan 2024; by 31 Jan 2024 there were 1 new ones");
}

TEST_CASE("two hundred stages share places, and the table stays short") {
  StageGraph::Builder builder;
  for (int s = 0; s < 200; ++s) builder.stage("Stage " + std::to_string(s));
  builder.stage("Won", StageKind::won);
  for (int s = 0; s < 9; ++s) builder.stage("Lost " + std::to_string(s), StageKind::lost);
  const StageGraph graph = builder.build();
  std::mt19937 random(11);
  const auto histories = test::random_histories(random, graph, {.deals = 3000});
  const AsOf view(test::build_log(graph, histories), test::kFirstInstant + Days{50});
  const Figure figure = movement_flow_figure(movement(view, test::kFirstInstant + Days{25}));
  CHECK(figure.table.rows.size() == 101);
  CHECK(figure.table.rows.back()[0].text.find("smaller flows") != std::string::npos);
  const json nodes = values_of(figure, "nodes");
  CHECK(nodes.size() <= 33);
  std::set<std::string> labels;
  for (const json& node : nodes) labels.insert(node["label"]);
  CHECK(labels.count("Other stages (190)") == 1);
  CHECK(labels.count("Other lost (6)") == 1);
  CHECK(figure.computed.find("196 of them in all") != std::string::npos);
  CHECK(figure.specification.size() < 200'000);
}

TEST_CASE("stage names stay data in the figures of a movement") {
  for (const std::string& name : {std::string("</script><img src=x onerror=alert(1)>"), std::string("'+alert(1)+'"),
                                  std::string("שלב ראשון"), std::string(1000, 'x')}) {
    const Figure figure = movement_flow_figure(moved_rows(two_steps(name), {{"a", 1, 0, 1}, {"b", 1, 0, 1}}));
    CHECK(values_of(figure, "nodes")[0]["label"] == name);
    json chart = json::parse(figure.specification);
    for (json& data : chart["data"]) data.erase("values");
    CHECK(chart.dump().find(name) == std::string::npos);
  }
}

TEST_CASE("figures of a movement speak Finnish") {
  CHECK(movement_figure(grown_pipeline(), {.language = Language::finnish, .locale = {}, .currency = "€"}).title ==
        "Myyntiputki kasvoi 2\u00A0300\u00A0€ ja on nyt 5\u00A0300\u00A0€; eniten vaikuttivat uudet kaupat: "
        "+4\u00A0000\u00A0€");
  CHECK(movement_flow_figure(grown_pipeline(), {.language = Language::finnish, .locale = {}}).table.columns[0] ==
        "Vaihe alussa");
}

TEST_CASE("figures of a movement without deals have titles and no picture") {
  const Movement none = movement(AsOf(EventLog(two_steps()), Timestamp(kFlowDay)), Timestamp(kFlowDay - Days{10}));
  for (const Figure& figure : {movement_figure(none), movement_flow_figure(none)}) {
    CHECK(figure.title == "No deal was in the pipeline from 21 Jan 2024 to 31 Jan 2024");
    CHECK(figure.specification.empty());
    CHECK(!figure.computed.empty());
  }
}
