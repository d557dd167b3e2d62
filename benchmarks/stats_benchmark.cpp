// Building a log and counting it, beside what the memory allows.
//
// Each Count reads days (4 bytes) and stages (2) of every event and offsets (4) of every deal; Sum adds up the same
// bytes and nothing else, Copy says what the memory can do. Compare Count with Sum of the same run.

#include <putki/core/holidays.hpp>
#include <putki/stats/stage_statistics.hpp>

#include "synthetic_log.hpp"

#include <benchmark/benchmark.h>

#include <cstring>
#include <numeric>

using namespace putki;

namespace {

const EventLog& built_log(std::size_t events) {
  static std::map<std::size_t, EventLog> built;
  const auto found = built.find(events);
  if (found != built.end()) return found->second;
  return built.emplace(events, benchmarks::build(benchmarks::synthetic_log(events))).first->second;
}

std::size_t events_of(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

// Rates: events and the bytes counting has to touch.
void report_rates(benchmark::State& state, const EventLog& log) {
  const auto rounds = static_cast<std::int64_t>(state.iterations());
  const std::size_t bytes = 6 * log.event_count() + 4 * log.offsets().size();
  state.SetItemsProcessed(rounds * static_cast<std::int64_t>(log.event_count()));
  state.SetBytesProcessed(rounds * static_cast<std::int64_t>(bytes));
}

void Build(benchmark::State& state) {
  const benchmarks::SyntheticLog& synthetic = benchmarks::synthetic_log(events_of(state));
  for (auto _ : state) {
    const EventLog log = benchmarks::build(synthetic);
    if (log.event_count() != synthetic.rows.size() || log.deal_count() != synthetic.deals)
      state.SkipWithError("the log does not hold what was added");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

void count(benchmark::State& state, const AsOf& view, const StageStatisticsOptions& options, std::uint64_t visits) {
  for (auto _ : state) {
    StageStatistics statistics(view.graph(), options);
    statistics.update(view);
    if (statistics.visit_count() != visits) state.SkipWithError("visits were lost or made up");
  }
  report_rates(state, view.log());
}

void Count(benchmark::State& state) {
  const AsOf view = AsOf::end_of(built_log(events_of(state)));
  count(state, view, {}, benchmarks::synthetic_log(events_of(state)).visits);
}

// As of the middle of the history: half of the events are not known yet.
void CountPast(benchmark::State& state) {
  const auto& rows = benchmarks::synthetic_log(events_of(state)).rows;
  const Timestamp middle = rows[rows.size() / 2].time;
  std::uint64_t visits = 0;
  for (const auto& row : rows) visits += row.time <= middle && index(row.stage) < 4;
  count(state, AsOf(built_log(events_of(state)), middle), {}, visits);
}

void CountSplit(benchmark::State& state) {
  const AsOf view = AsOf::end_of(built_log(events_of(state)));
  count(state, view, {.entry_period = PeriodUnit::quarter}, benchmarks::synthetic_log(events_of(state)).visits);
}

void CountBusinessDays(benchmark::State& state) {
  const AsOf view = AsOf::end_of(built_log(events_of(state)));
  const std::uint64_t visits = benchmarks::synthetic_log(events_of(state)).visits;
  count(state, view, {.clock = business_calendar("NL")}, visits);
}

void Sum(benchmark::State& state) {
  const EventLog& log = built_log(events_of(state));
  const auto& synthetic = benchmarks::synthetic_log(events_of(state));
  const auto add_stage = [](std::uint64_t sum, const auto& stage) { return sum + index(stage); };
  std::uint64_t expected = 0;
  for (const auto& row : synthetic.rows) expected += index(row.stage);
  for (auto _ : state) {
    const auto stages = log.stages();
    const auto days = log.days();
    const auto offsets = log.offsets();
    const std::uint64_t stage_sum = std::accumulate(stages.begin(), stages.end(), std::uint64_t{0}, add_stage);
    benchmark::DoNotOptimize(std::accumulate(days.begin(), days.end(), std::int64_t{0}));
    benchmark::DoNotOptimize(std::accumulate(offsets.begin(), offsets.end(), std::uint64_t{0}));
    if (stage_sum != expected) state.SkipWithError("the stages do not add up");
  }
  report_rates(state, log);
}

void Copy(benchmark::State& state) {
  const std::vector<char> from(256 << 20, 1);
  std::vector<char> to(from.size());
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
  if (to.back() != 1) state.SkipWithError("nothing was copied");
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * from.size()));
}

BENCHMARK(Copy)->Unit(benchmark::kMillisecond);
#define PUTKI_AT_BOTH_SIZES(function) \
  BENCHMARK(function)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond)
PUTKI_AT_BOTH_SIZES(Build);
PUTKI_AT_BOTH_SIZES(Sum);
PUTKI_AT_BOTH_SIZES(Count);
PUTKI_AT_BOTH_SIZES(CountPast);
PUTKI_AT_BOTH_SIZES(CountSplit);
PUTKI_AT_BOTH_SIZES(CountBusinessDays);

}  // namespace

BENCHMARK_MAIN();
