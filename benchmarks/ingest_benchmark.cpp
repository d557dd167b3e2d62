// Reading a CSV history from memory: 40 MB of rows as a CRM writes them.

#include <putki/ingest/csv_reader.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace putki;

constexpr int kDeals = 200'000;
constexpr const char* kStages[] = {"Qualified", "Demo", "Proposal", "Negotiation"};

PipelineDefinition definition() {
  return parse_pipeline_definition(R"({
    "stages": [{"name": "Qualified"}, {"name": "Demo"}, {"name": "Proposal"}, {"name": "Negotiation"}, {"name": "Won", "kind": "won"}],
    "columns": {"deal": "id", "stage": "stage", "time": "at", "amount": "amount"}
  })");
}

/// Four rows a deal, a minute apart, amounts in cents.
const std::string& history() {
  static const std::string text = [] {
    std::string csv = "id,stage,at,amount\n";
    const Day begin = *parse_day("2015-01-01");
    for (int deal = 0; deal < kDeals; ++deal) {
      const std::string day = to_string(begin + Days{deal % 3000});
      for (int change = 0; change < 4; ++change)
        csv += "deal-" + std::to_string(deal) + ',' + kStages[change] + ',' + day + "T09:1" + std::to_string(change) +
               ":30.250Z," + std::to_string(1000 + deal % 9000) + ".50\n";
    }
    return csv;
  }();
  return text;
}

void read_history(benchmark::State& state) {
  const PipelineDefinition pipeline = definition();
  const std::string& text = history();
  ReadLog result{EventLog(pipeline.graph), {}};
  for (auto _ : state) result = parse_csv(text, pipeline);
  if (result.log.event_count() != 4 * kDeals || result.log.deal_count() != kDeals || !result.report.adds_up())
    state.SkipWithError("not every row was read");
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read_history)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
