// A stranger's program: an export read from memory, a forecast of it, and an error thrown by the library and caught
// here by its type.
#include <cstdio>
#include <putki/putki.hpp>
#include <string>

namespace {

// Forty deals a day apart, each worth 100 and decided after twenty days, every other one won.
std::string history() {
  std::string csv = "deal,stage,at,amount\n";
  for (int i = 0; i < 40; ++i) {
    const putki::Day begin = *putki::parse_day("2024-01-01") + putki::Days{i};
    const std::string deal = std::to_string(i);
    csv += deal + ",Lead," + putki::to_string(begin) + ",100\n";
    csv += deal + (i % 2 == 0 ? ",Won," : ",Lost,") + putki::to_string(begin + putki::Days{20}) + ",100\n";
  }
  return csv;
}

}  // namespace

int main() {
  const auto definition = putki::parse_pipeline_definition(R"({
      "stages": [{"name": "Lead"}, {"name": "Won", "kind": "won"}, {"name": "Lost", "kind": "lost"}],
      "columns": {"deal": "deal", "stage": "stage", "time": "at", "amount": "amount"}})");
  const auto read = putki::parse_csv(history(), definition);
  if (read.log.deal_count() != 40 || !read.report.adds_up()) return 1;

  const putki::AsOf today(read.log, *putki::parse_day("2024-02-01"));
  const auto open = putki::OpenPipeline::as_of_view(today);
  const auto forecast = putki::forecast(putki::fit_forecast_model(today), open, {.horizon_days = 28});
  const double expected = forecast.total.revenue.mean();
  if (!(expected > 0 && expected < 100 * 60)) return 2;

  try {
    putki::StageGraph::Builder().build();
    return 3;
  } catch (const putki::DefinitionError& error) {
    std::printf("%.0f expected; %s\n", expected, error.what());
  }
}
