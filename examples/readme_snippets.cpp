// The snippets of README.md, run as they stand there: a test holds the two together (cmake/check_readme.cmake). Run it
// in the source folder.

#include <putki/putki.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace putki;

namespace {

AsOf forecast_an_export() {
  // [forecast]
  const PipelineDefinition definition = read_pipeline_definition("examples/data/crm_export.json");
  const ReadLog history = read_csv("examples/data/crm_export.csv", definition);
  const AsOf today(history.log, *parse_day("2024-06-28"));  // what came later does not exist here

  const ForecastModel model = fit_forecast_model(today);
  const Forecast quarter = forecast(model, OpenPipeline::as_of_view(today), {.horizon_days = 92});
  const RevenueDistribution& revenue = quarter.total.revenue;
  std::printf("next 92 days: %.0f expected, %.0f or more with 90 %% confidence\n", revenue.mean(),
              revenue.quantile(0.1));
  std::printf("chance of 100,000: %.0f %%\n", 100 * revenue.probability_at_least(100'000));
  // [/forecast]
  return today;
}

void report_a_funnel(const AsOf& today) {
  // [funnel]
  for (const char* owner : {"Aino", "Ben"}) {
    const FunnelSummary funnel = summarize_funnel(today.where("Owner", owner), {.days = {30, 90}});
    for (const OutcomeSummary& outcome : funnel.outcomes)
      for (const CurvePoint& point : outcome.curve.points)
        std::printf("%-4s  %-4s within %.0f days: %2.0f %% (%2.0f to %2.0f)\n", owner,
                    funnel.graph.stage(outcome.curve.stage).name.c_str(), point.days, 100 * point.probability,
                    100 * point.interval.lower, 100 * point.interval.upper);
  }
  // [/funnel]
}

// What a database query might give, in any order.
struct Row {
  std::string deal, stage;
  Timestamp changed_at;
  double amount;
};
std::vector<Row> rows_of_your_database() {
  std::vector<Row> rows;
  const Timestamp begin(*parse_day("2024-01-01"));
  for (int i = 0; i < 120; ++i) {
    const std::string deal = "deal " + std::to_string(i);
    const Timestamp created = begin + Days{i};
    rows.push_back({deal, "Prospecting", created, 1000});
    rows.push_back({deal, "Proposal", created + Days{5 + i % 4}, 1200});
    if (i < 95) rows.push_back({deal, i % 3 == 0 ? "Won" : "Lost", created + Days{15 + i % 15}, 1200});
  }
  return rows;
}

void ask_about_one_deal() {
  // [one_deal]
  const StageGraph graph = StageGraph::b2b_template();  // or StageGraph::Builder with stages of your own
  EventLogBuilder builder(graph, {.time_zone = TimeZone::parse("EST5EDT,M3.2.0,M11.1.0")});
  for (const Row& row : rows_of_your_database())
    builder.add({.deal = builder.deal(row.deal),
                 .time = row.changed_at,
                 .stage = *graph.find(row.stage),
                 .amount = Money::from_units(row.amount)});
  DataQualityReport report;  // what was wrong with the rows, and how many were used
  const AsOf today(builder.build(&report), *parse_day("2024-05-01"));

  StageStatistics statistics(graph);
  statistics.update(today);
  const FirstPassage passage(fit_stage_model(statistics).hazards(), 30);
  for (const OpenDeal& deal : OpenPipeline::as_of_view(today).deals)
    if (deal.name == "deal 110")
      std::printf("%s, %d days in %s: won within 30 days with a chance of %.0f %%\n", deal.name.c_str(), deal.age_days,
                  graph.stage(deal.stage).name.c_str(), 100 * passage.from_age(deal.stage, deal.age_days, 30));
  // [/one_deal]
}

}  // namespace

int main() {
  report_a_funnel(forecast_an_export());
  ask_about_one_deal();
}
