// Fitting the stage model to eight stages and four years of days, by age alone and on the calendar.

#include <putki/events/event_log_builder.hpp>
#include <putki/model/dated_model.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <string>

namespace {

using namespace putki;

constexpr int kDays = 4 * 365;
constexpr std::size_t kOpen = 8;

StageGraph graph() {
  StageGraph::Builder builder;
  for (std::size_t i = 0; i < kOpen; ++i) builder.stage("S" + std::to_string(i));
  return builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
}

/// Thirty deals a day; a deal moves on with chance 0.75 and leaves on any day with chance 0.1.
const EventLog& history() {
  static const EventLog log = [] {
    EventLogBuilder builder(graph());
    RandomStream random(1, 0);
    const Day begin = *parse_day("2020-01-01");
    for (int number = 0; number < 30 * kDays; ++number) {
      const DealId deal = builder.deal(std::to_string(number));
      int day = number / 30;
      std::size_t stage = 0;
      for (;;) {
        builder.add(
            {deal, Timestamp(begin + Days{day}) + std::chrono::hours{9} + std::chrono::minutes{static_cast<int>(stage)},
             static_cast<StageId>(stage)});
        if (stage >= kOpen) break;
        day += static_cast<int>(std::log(random.uniform()) / std::log(0.9));
        if (day >= kDays) break;
        stage = random.uniform() < 0.75 ? stage + 1 : kOpen + 1;
      }
    }
    return builder.build();
  }();
  return log;
}

AsOf view() {
  return AsOf(history(), *parse_day("2020-01-01") + Days{kDays});
}

void check(benchmark::State& state, const HazardTable& hazards) {
  const double moved = hazards.hazard(StageId{3}, StageId{4}, 10);
  if (std::abs(moved - 0.075) > 0.01) state.SkipWithError("the known hazard is not recovered");
}

void fit_by_age(benchmark::State& state) {
  StageStatistics statistics(graph(), {.cap_days = kDays});
  statistics.update(view());
  for (auto _ : state) benchmark::DoNotOptimize(fit_stage_model(statistics));
  check(state, fit_stage_model(statistics).hazards());
}
BENCHMARK(fit_by_age)->Unit(benchmark::kMillisecond);

void fit_on_calendar(benchmark::State& state) {
  DatedStatistics statistics(graph());
  statistics.update(view());
  const DatedModelOptions options{.levels = state.range(0) != 0};
  for (auto _ : state) benchmark::DoNotOptimize(fit_dated_model(statistics, {}, options));
  const DatedModel model = fit_dated_model(statistics, {}, options);
  const std::size_t target = model.stages().hazards().stage(StageId{3}).targets[0] == StageId{4} ? 0 : 1;
  if (std::abs(model.stages().hazards().hazard(StageId{3}, StageId{4}, 10) * model.rhythm(StageId{3}).later(target, 2) -
               0.075) > 0.01)
    state.SkipWithError("the known hazard is not recovered");
}
BENCHMARK(fit_on_calendar)->ArgName("levels")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
