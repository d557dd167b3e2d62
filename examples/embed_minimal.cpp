// The lines to copy into a CRM: deals from memory in, a revenue forecast out.

#include <putki/putki.hpp>

#include <cstdio>

int main() {
  using namespace putki;
  const StageGraph graph = StageGraph::b2b_template();
  EventLogBuilder builder(graph);
  const auto record = [&](const char* deal, const char* day, const char* stage, double amount) {
    builder.add({.deal = builder.deal(deal),
                 .time = Timestamp(*parse_day(day)),
                 .stage = *graph.find(stage),
                 .amount = Money::from_units(amount)});
  };
  for (int i = 0; i < 60; ++i) {  // in your program: a row per change, from your database
    const std::string name = "deal " + std::to_string(i);
    const Day begin = *parse_day("2024-01-01") + Days{i};
    record(name.c_str(), to_string(begin).c_str(), "Prospecting", 1000 + 10 * i);
    record(name.c_str(), to_string(begin + Days{5}).c_str(), "Proposal", 1000 + 10 * i);
    record(name.c_str(), to_string(begin + Days{20}).c_str(), i % 3 == 0 ? "Won" : "Lost", 1000 + 10 * i);
  }
  const AsOf today(builder.build(), *parse_day("2024-03-01"));
  const Forecast result = forecast(fit_forecast_model(today), OpenPipeline::as_of_view(today), {.horizon_days = 30});
  std::printf("next 30 days: %.0f expected, %.0f with 90 %% confidence\n", result.total.revenue.mean(),
              result.total.revenue.quantile(0.1));
}
