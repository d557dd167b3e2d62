#include <putki/report/explanation_figures.hpp>
#include <putki/report/forecast_report.hpp>

#include "forecast/known_pipelines.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace putki;
using nlohmann::json;

namespace {

struct Drawn {
  Forecast forecast;
  ForecastExplanation explanation;
  std::vector<DealPart> deals;
};

/// Two deals of known chance and 4 new ones a day, for one day: 0.3 x 10,000 + 0.2 x 2,000 + 0.3 x 4 x 200.
Drawn drawn(const std::string& name = "large") {
  const ForecastModel model = known_model({0.3, 0.2}, 4, AmountDistribution::from_values({100, 300}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{name, StageId{0}, 1, 10'000.0}, {"small", StageId{1}, 3, 2'000.0}};
  const ForecastOptions options{.horizon_days = 1, .parameter_draws = 0};
  return {forecast(model, pipeline, options), explain_forecast(model, pipeline, options),
          deal_parts(model, pipeline, options)};
}

const json& chart_rows(const json& chart) {
  return chart["data"][0]["values"];
}

StageGraph many_stages(int count) {
  StageGraph::Builder builder;
  for (int i = 0; i < count; ++i) builder.stage("S" + std::to_string(i));
  return builder.stage("Won", StageKind::won).build();
}

}  // namespace

TEST_CASE("the deals figure holds the parts of the largest deals, and names one that weighs") {
  const Drawn known = drawn();
  const Figure figure = largest_deals_figure(known.forecast, known.explanation);
  // 3,000 of 3,640.
  CHECK(figure.title == "One deal weighs heavily: large is 82\u00A0% of the expected revenue");
  REQUIRE(figure.table.rows.size() == 2);
  const auto& row = figure.table.rows[0];
  CHECK(row[0].text == "large");
  CHECK(row[1].text == "S0");
  CHECK(*row[3].number == 10'000);
  CHECK(*row[4].number == Approx(0.3));
  CHECK(*row[5].number == Approx(3000));
  CHECK(*row[6].number == Approx(3000.0 / 3640));
  CHECK(*row[7].number == Approx(21e6 / 21.7e6));  // 0.21 x 10,000^2
  CHECK(figure.computed.find("Without large: 640 expected, four of five outcomes between 0 and 2,200.") !=
        std::string::npos);
  const json chart = json::parse(figure.specification);
  CHECK(chart_rows(chart)[0]["value"] == *row[5].number);
  CHECK(chart_rows(chart)[0]["behind"] == 10'000);
  const json report = json::parse(to_json(known.forecast, {}, &known.explanation));
  CHECK(report["explain"]["deals"][0]["mean"] == *row[5].number);
}

TEST_CASE("where no deal weighs, the deals figure says so") {
  Drawn known = drawn();
  known.explanation.deals[0].mean = 360;
  CHECK(largest_deals_figure(known.forecast, known.explanation).title ==
        "No single deal decides: the largest part, large, is 9.9\u00A0% of the expected revenue");
  CHECK(largest_deals_figure(known.forecast, known.explanation,
                             {.language = Language::finnish, .locale = {}, .currency = {}})
            .title ==
        "Mikään yksittäinen kauppa ei ratkaise: suurin osa, large, on 9,9\u00A0% odotetusta liikevaihdosta");
}

TEST_CASE("levers are signed, largest first, with where they stand") {
  const Drawn known = drawn();
  const Figure figure =
      levers_figure(known.forecast, known.explanation, {.language = Language::english, .locale = {}, .currency = "€"});
  // A point more of the 0.65 who leave S0: 0.0065 x (10,000 + 4 x 200).
  CHECK(figure.title.find("The lever that moves most: One point more S0 → ") == 0);
  REQUIRE(figure.table.rows.size() == known.explanation.levers.size());
  const json chart = json::parse(figure.specification);
  bool gain = false, cost = false;
  for (std::size_t i = 0; i < figure.table.rows.size(); ++i) {
    CHECK(*figure.table.rows[i][2].number == known.explanation.levers[i].money);
    CHECK(chart_rows(chart)[i]["value"] == known.explanation.levers[i].money);
    const std::string label = chart_rows(chart)[i]["label"], text = chart_rows(chart)[i]["text"],
                      detail = chart_rows(chart)[i]["detail"];
    if (label == "One point more S0 → Won") {
      CHECK(text == "+€70");
      CHECK(detail == "now 46.2\u00A0% of visits");
      gain = true;
    }
    if (label == "One point more S0 → Lost") {
      CHECK(text == "-€70");
      cost = true;
    }
  }
  CHECK(gain);
  CHECK(cost);
}

TEST_CASE("open deals are added up by stage, with those of unknown amount told") {
  std::vector<DealPart> deals = drawn().deals;
  deals.push_back({.name = "no amount",
                   .stage = StageId{1},
                   .age_days = 1,
                   .amount = {},
                   .chance = 0.2,
                   .mean = 40,
                   .variance = 1});
  const StageGraph graph = drawn().explanation.graph;
  const Figure figure = open_stages_figure(deals, graph);
  CHECK(figure.title == "The stage expected to bring most is S0: 3,000 of the 3,440 from open deals");
  REQUIRE(figure.table.rows.size() == 2);
  const auto& row = figure.table.rows[1];
  CHECK(row[1].number == 2);
  CHECK(row[2].number == 1);
  CHECK(row[3].number == 2000);
  CHECK(*row[4].number == Approx(440));
  CHECK(*row[5].number == Approx(440.0 / 3440));
  const json chart = json::parse(figure.specification);
  CHECK(chart_rows(chart)[0]["detail"] == "1 deal");
  CHECK(chart_rows(chart)[1]["detail"] == "2 deals, 1 of unknown amount");
}

TEST_CASE("a hundred thousand deals in two hundred stages make forty-one rows that add up") {
  const StageGraph graph = many_stages(200);
  std::vector<DealPart> deals;
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    deals.push_back({.name = "deal " + std::to_string(i),
                     .stage = static_cast<StageId>(i % 200),
                     .age_days = 1,
                     .amount = 10.0,
                     .chance = 0.5,
                     .mean = static_cast<double>(i % 200),
                     .variance = 1});
    sum += i % 200;
  }
  const Figure figure = open_stages_figure(deals, graph);
  REQUIRE(figure.table.rows.size() == 41);
  CHECK(figure.specification.size() < 30'000);
  CHECK(figure.table.rows.back()[0].text == "Other stages");
  CHECK(figure.table.rows.front()[0].text == "S160");
  double shown = 0, count = 0;
  for (const auto& row : figure.table.rows) {
    shown += *row[4].number;
    count += *row[1].number;
  }
  CHECK(shown == Approx(sum));
  CHECK(count == 100'000);
  for (DealPart& deal : deals) deal.mean = 1;  // none stands out
  CHECK(open_stages_figure(deals, graph).table.rows.size() == 41);
}

TEST_CASE("names from the data stay data, however they are written") {
  const std::string name = "</script><img src=x onerror=alert(1)>\"'\\ \u202E" + std::string(900, 'x') + "\xff";
  const Drawn known = drawn(name);
  const Figure figure = largest_deals_figure(known.forecast, known.explanation);
  CHECK(figure.table.rows[0][0].text == name);
  CHECK(figure.title.size() < 250);
  const json chart = json::parse(figure.specification);
  const std::string label = chart_rows(chart)[0]["label"];
  CHECK(label.substr(0, 900) == name.substr(0, 900));
  // Outside of the rows the picture is the same as with another name.
  json other = json::parse(largest_deals_figure(drawn().forecast, drawn().explanation).specification), here = chart;
  for (json* each : {&other, &here}) {
    (*each)["data"][0].erase("values");
    each->erase("description");
  }
  CHECK(other == here);
}

TEST_CASE("without deals and levers there are no pictures, and the titles say so") {
  const ForecastModel model = known_model({0.3}, 0, AmountDistribution());
  const ForecastOptions options{.horizon_days = 5};
  const Forecast nothing = forecast(model, known_pipeline(), options);
  const PageSection section = explanation_section(nothing, explain_forecast(model, known_pipeline(), options), {});
  REQUIRE(section.figures.size() == 3);
  for (const Figure& figure : section.figures) {
    CHECK(figure.specification.empty());
    CHECK(figure.table.rows.empty());
  }
  CHECK(section.figures[0].title == "No deals are open");
  CHECK(section.figures[2].title == "No lever moves the expected revenue");
}
