#include <putki/core/error.hpp>
#include <putki/report/stage_graph_figures.hpp>

#include "figure_support.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace putki;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

StageGraph lead_and_offer() {
  return StageGraph::linear(std::vector<std::string>{"Lead", "Offer"});
}

// Hand-made: 60 deals begin as leads, some offers go back.
StageTraffic sixty_deals() {
  StageTraffic traffic;
  traffic.stages = {{.begun = 60, .stands = 9, .median_days = 2.0},
                    {.begun = 0, .stands = 4, .median_days = 12.0},
                    {.begun = 0, .stands = 20, .median_days = {}},
                    {.begun = 0, .stands = 27, .median_days = {}}};
  traffic.moves = {{.from = StageId{0}, .to = StageId{1}, .count = 40, .days = 0.5},
                   {.from = StageId{0}, .to = StageId{3}, .count = 15, .days = 2.0},
                   {.from = StageId{1}, .to = StageId{0}, .count = 4, .days = 4.0},
                   {.from = StageId{1}, .to = StageId{2}, .count = 20, .days = 10.0},
                   {.from = StageId{1}, .to = StageId{3}, .count = 12, .days = 0.1}};
  return traffic;
}

json move_between(const json& moves, const std::string& tip) {
  for (const json& move : moves)
    if (move["tip"].get<std::string>().find(tip) == 0) return move;
  return {};
}

}  // namespace

TEST_CASE("the stage graph's table has every stage and below it its moves, as the traffic counts them") {
  const Figure figure = stage_graph_figure(lead_and_offer(), sixty_deals());
  REQUIRE(test::every_row_is_whole(figure));
  REQUIRE(figure.table.rows.size() == 4 + 5);
  CHECK(figure.table.rows[0][0].text == "Lead");
  CHECK(figure.table.rows[0][2].number == 9.0);
  CHECK(figure.table.rows[0][3].number == 64.0);  // 60 begun, 4 came back
  CHECK(figure.table.rows[0][4].number == 2.0);
  CHECK(figure.table.rows[1][1].text == "Offer");
  CHECK(figure.table.rows[1][5].number == 40.0);
  CHECK(figure.table.rows[1][6].number == 0.5);
  CHECK(figure.computed.find("Not drawn") == std::string::npos);
}

TEST_CASE("widths are shares of the widest move, colours classes of delay, and ends and moves back are told by form") {
  const Figure figure = stage_graph_figure(lead_and_offer(), sixty_deals());
  const json chart = test::chart_of(figure), moves = test::data_of(chart, "moves");
  const json first = move_between(moves, "Lead → Offer"), won = move_between(moves, "Offer → Won"),
             back = move_between(moves, "Offer → Lead");
  CHECK(first["width"] == 1.0);
  CHECK(won["width"] == 0.5);
  // The longest delay is 10 days: classes begin at 6 h, 1 d, 3 d and 7 d.
  CHECK(first["delay"] == 1);
  CHECK(back["delay"] == 3);
  CHECK(won["delay"] == 4);
  CHECK(move_between(moves, "Offer → Lost")["delay"] == 0);
  const json delays = test::data_of(chart, "delays");
  CHECK(delays[0]["label"] == "under 6 h");
  CHECK(delays[4]["label"] == "from 7 d");
  CHECK(back["back"] == true);
  CHECK(first["back"] == false);
  CHECK(back["cy1"] > first["y1"]);  // it hangs below
  std::set<std::string> shapes;
  for (const json& stage : test::data_of(chart, "stages")) {
    shapes.insert(stage["kind"].get<std::string>() + " " + stage["shape"].get<std::string>());
    CHECK(stage["x"] > 0.0);
    CHECK(stage["x"] < 1.0);
  }
  CHECK(shapes == std::set<std::string>{"open circle", "won diamond", "lost square"});
}

TEST_CASE("the stage graph's title names the stage where deals stay longest, or the one that they do not leave") {
  StageTraffic traffic = sixty_deals();
  CHECK(stage_graph_figure(lead_and_offer(), traffic).title ==
        "Deals stay longest in Offer: half are still there after 12.0 d");
  traffic.stages[0].median_days = 30;
  CHECK_THAT(stage_graph_figure(lead_and_offer(), traffic).title, Contains("longest in Lead"));
  traffic.stages[1].median_days.reset();
  CHECK(stage_graph_figure(lead_and_offer(), traffic).title == "More than half of the visits to Offer have not ended");
  CHECK(stage_graph_figure(lead_and_offer(), sixty_deals(), {.language = Language::finnish}).title ==
        "Kaupat viipyvät pisimpään vaiheessa Offer: puolet on siellä yhä, kun on kulunut 12,0 vrk");
  traffic = {};
  traffic.stages.resize(4);
  traffic.stages[0].begun = 3;
  traffic.moves = {{.from = StageId{0}, .to = StageId{1}, .count = 1, .days = 1}};
  CHECK(stage_graph_figure(lead_and_offer(), traffic).title ==
        "1 move between stages so far; too few to name a slow stage");
}

TEST_CASE("without deals there is no stage graph to draw, and traffic of another graph is refused") {
  const Figure figure = stage_graph_figure(lead_and_offer(), {});
  CHECK(figure.specification.empty());
  CHECK(figure.table.rows.empty());
  CHECK(figure.title == "No deal has moved yet");
  CHECK_THROWS_WITH(stage_graph_figure(test::long_graph(5), sixty_deals()),
                    Contains("traffic among 4 stages on a graph of 7"));
}

TEST_CASE("of 200 stages the most visited are drawn and the rest is counted") {
  const StageGraph graph = test::long_graph(200);
  StageTraffic traffic;
  traffic.stages.resize(202);
  traffic.stages[0].begun = 1000;
  std::uint64_t moves = 0;
  for (unsigned i = 0; i < 200; ++i) {
    traffic.stages[i].median_days = 1;
    for (const unsigned to : {i + 1, 201u}) {
      traffic.moves.push_back({.from = StageId(i), .to = StageId(to), .count = 400 - i, .days = 1});
      moves += 400 - i;
    }
  }
  const Figure figure = stage_graph_figure(graph, traffic);
  const json chart = test::chart_of(figure), stages = test::data_of(chart, "stages"),
             drawn = test::data_of(chart, "moves");
  CHECK(stages.size() == 18);
  CHECK(drawn.size() <= 50);
  CHECK(figure.table.rows.size() <= 68);
  std::set<std::string> names;
  for (const json& stage : stages) names.insert(stage["name"].get<std::string>());
  CHECK(names.count("Won") + names.count("Lost") + names.count("S0") == 3);
  std::uint64_t counted = 0;
  for (const auto& row : figure.table.rows)
    if (row[5].number) counted += static_cast<std::uint64_t>(*row[5].number);
  const auto with_commas = [](std::uint64_t n) {
    std::string text = std::to_string(n);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
  };
  CHECK_THAT(figure.computed, Contains("Not drawn for want of room: 184 smaller stages and " +
                                       with_commas(moves - counted) + " of " + with_commas(moves) + " moves."));
}

TEST_CASE("numbers at the moves meet neither each other nor stages, at any width that shows them") {
  // 12 stages, each with moves on, over the next, back and lost.
  const StageGraph graph = test::long_graph(12);
  StageTraffic traffic;
  traffic.stages.resize(14);
  traffic.stages[0].begun = 5000;
  for (unsigned i = 0; i < 12; ++i) {
    traffic.moves.push_back({.from = StageId(i), .to = StageId(i + 1), .count = 3000 - 100 * i, .days = 2});
    traffic.moves.push_back({.from = StageId(i), .to = StageId(13), .count = 900 - 10 * i, .days = 20});
    if (i > 1) traffic.moves.push_back({.from = StageId(i), .to = StageId(i - 2), .count = 50 + i, .days = 5});
  }
  const json chart = test::chart_of(stage_graph_figure(graph, traffic));
  const json stages = test::data_of(chart, "stages"), moves = test::data_of(chart, "moves");
  std::size_t shown = 0;
  for (const double width : {480.0, 720.0, 960.0}) {
    struct Box {
      double x, y, half_width, half_height;
    };
    std::vector<Box> numbers, circles;
    for (const json& stage : stages)
      circles.push_back({stage["x"].get<double>() * width, stage["y"], stage["radius"], stage["radius"]});
    for (const json& move : moves)
      if (move["label"] != "" && width >= move["label_from"].get<double>())
        numbers.push_back({move["label_x"].get<double>() * width, move["label_y"],
                           3.0 * static_cast<double>(move["label"].get<std::string>().size()), 5});
    shown += numbers.size();
    const auto apart = [](const Box& a, const Box& b) {
      return std::abs(a.x - b.x) >= a.half_width + b.half_width || std::abs(a.y - b.y) >= a.half_height + b.half_height;
    };
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) CHECK(apart(numbers[i], numbers[j]));
      for (const Box& circle : circles) CHECK(apart(numbers[i], circle));
    }
  }
  CHECK(shown > 30);
}

TEST_CASE("in the stage graph names stay data") {
  StageTraffic traffic;
  traffic.stages.resize(6);
  traffic.stages[0].begun = 100;
  for (unsigned i = 0; i < 4; ++i)
    traffic.moves.push_back({.from = StageId(i), .to = StageId(i + 1), .count = 50, .days = 1});
  const Figure hostile = stage_graph_figure(test::hostile_graph(), traffic);
  const Figure plain = stage_graph_figure(test::long_graph(4), traffic);
  CHECK(test::skeleton_of(test::chart_of(hostile)) == test::skeleton_of(test::chart_of(plain)));
  CHECK(test::data_of(test::chart_of(hostile), "stages")[0]["name"] == test::hostile_names()[0]);
}
