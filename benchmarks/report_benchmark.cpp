// A page on 100,000 open deals: figures and page together, from results that are there. Its size is checked: below 3 MB
// beside the runtime, for figures aggregate. (The results themselves take a minute or two to compute first.)

#include <benchmark/benchmark.h>
#include <putki/putki.hpp>

#include <sstream>

using namespace putki;

namespace {

// Made up: 100,000 deals open, each with an amount of its own and on one of four stages, and half as many closed.
EventLog many_open_deals(std::size_t open, std::size_t closed) {
  StageGraph::Builder stages;
  stages.stage("Lead").stage("Qualified").stage("Proposal").stage("Negotiation");
  const StageGraph graph = stages.stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  const Timestamp begin(*parse_day("2022-01-01"));
  EventLogBuilder builder(graph);
  for (std::size_t i = 0; i < open + closed; ++i) {
    const DealId deal = builder.deal("deal " + std::to_string(i));
    const int first = static_cast<int>(i * 7919 % 720);
    const int last = i < open ? static_cast<int>(i * 31 % 4) : 3;
    for (int stage = 0; stage <= last; ++stage)
      builder.add({.deal = deal,
                   .time = begin + Days(first) + std::chrono::hours(stage * (24 + static_cast<int>(i % 97))),
                   .stage = static_cast<StageId>(stage),
                   .amount = Money::from_units(1000 + static_cast<double>(i * 104729 % 900000) / 7)});
    if (i >= open)
      builder.add({.deal = deal,
                   .time = begin + Days(first) + std::chrono::hours(4 * (24 + static_cast<int>(i % 97))),
                   .stage = static_cast<StageId>(i % 3 == 0 ? 4 : 5),
                   .amount = Money::from_units(1000 + static_cast<double>(i * 104729 % 900000) / 7)});
  }
  return builder.build();
}

void page_on_many_open_deals(benchmark::State& state) {
  const EventLog log = many_open_deals(100000, 50000);
  const AsOf view(log, *parse_day("2024-02-01"));
  const Timestamp since(*parse_day("2024-01-01"));
  const OpenPipeline open = OpenPipeline::as_of_view(view);
  const ForecastModel model = fit_forecast_model(view);
  const ForecastOptions options{.horizon_days = 90};
  const Forecast result = forecast(model, open, options);
  const std::vector<PeriodForecast> running = running_totals(model, open, options);
  const ForecastExplanation explanation = explain_forecast(model, open, options);
  const std::vector<DealPart> parts = deal_parts(model, open, options);
  const FunnelSummary summary = summarize_funnel(view, {.days = {30}});
  const ReachAndTransition reach = reach_and_transition(view, {.days = 30});
  const StageTraffic traffic = stage_traffic(directly_follows(view), stage_medians(view));
  std::vector<StageStay> stays;
  for (int stage = 0; stage < 4; ++stage)
    stays.push_back({static_cast<StageId>(stage), stage_times(view, static_cast<StageId>(stage)).stay});
  const StageCards cards = stage_cards(view, {.since = *parse_day("2024-01-01")});
  const StageStocks stocks = stage_stocks(view);
  const Readiness ready = readiness(view);
  const ThisWeek week = this_week(view, since);
  const std::vector<StageWorth> worths = stage_worths(view);
  const Cohorts by_month = cohorts(view);
  const Movement moved = movement(view, since);

  HtmlOptions page_options;
  page_options.runtime = VegaRuntime::linked;
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::vector<PageSection> sections = {week_section(week, worths),
                                               forecast_section(result, running, 1e8),
                                               explanation_section(result, explanation, parts),
                                               stages_section(summary, reach, traffic, stays),
                                               cards_section(cards, stocks, &ready),
                                               cohorts_section(by_month),
                                               movement_section(moved),
                                               stock_section(log.graph(), stocks)};
    std::ostringstream out;
    write_html(out, sections, page_options);
    bytes = out.str().size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
  if (open.deals.size() != 100000) state.SkipWithError("not the deals it should be");
  if (bytes > 3000000) state.SkipWithError("the page is larger than 3 MB");
}
BENCHMARK(page_on_many_open_deals)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace

BENCHMARK_MAIN();
