// Building a log and counting it, beside what the memory allows.
//
// Each Count reads days (4 bytes) and stages (2) of every event and offsets (4) of every deal; Sum adds up the same
// bytes and nothing else, Copy says what the memory can do. Every Count sums, untimed, between its rounds: `x_sum` is
// the shortest count over the shortest sum of the same minutes. Answers are checked against a walk over the rows.

#include <putki/core/holidays.hpp>
#include <putki/stats/stage_statistics.hpp>

#include "synthetic_log.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

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

// Of this process, not of the wall: others may be at work.
double cpu_seconds_of(const auto& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

struct Sums {
  std::int64_t stages = 0;
  std::int64_t days = 0;
  std::int64_t offsets = 0;
  friend bool operator==(const Sums&, const Sums&) = default;
};

Sums sums_of(const EventLog& log) {
  const auto total = [](const auto& column, const auto& number) {
    return std::transform_reduce(column.begin(), column.end(), std::int64_t{0}, std::plus<>(),
                                 [&](auto value) { return static_cast<std::int64_t>(number(value)); });
  };
  const auto same = [](auto value) { return value; };
  return {.stages = total(log.stages(), [](StageId stage) { return index(stage); }),
          .days = total(log.days(), same),
          .offsets = total(log.offsets(), same)};
}

// The same from the rows: one of deal d stands before the ends of d and of every later deal.
Sums expected_sums(const benchmarks::SyntheticLog& synthetic) {
  Sums sums;
  for (const auto& row : synthetic.rows) {
    sums.stages += static_cast<std::int64_t>(index(row.stage));
    sums.days += day_number(std::chrono::floor<Days>(row.time));
    sums.offsets += static_cast<std::int64_t>(synthetic.deals - index(row.deal));
  }
  return sums;
}

struct Visits {
  std::uint64_t count = 0;
  std::uint64_t bins = 0;  // the sum of their age bins
  friend bool operator==(const Visits&, const Visits&) = default;
};

Visits visits_in(const StageStatistics& statistics) {
  Visits visits;
  for (std::size_t from = 0; from < statistics.graph().stage_count(); ++from) {
    for (std::size_t to = 0; to <= statistics.graph().stage_count(); ++to) {
      const auto counts = statistics.counts(
          static_cast<StageId>(from), to < statistics.graph().stage_count() ? static_cast<StageId>(to) : kNoStage);
      for (std::size_t bin = 0; bin < counts.size(); ++bin) {
        visits.count += counts[bin];
        visits.bins += bin * counts[bin];
      }
    }
  }
  return visits;
}

// The same from the rows, deal after deal as they come; every row is a move.
Visits expected_visits(const benchmarks::SyntheticLog& synthetic, Timestamp instant,
                       const StageStatisticsOptions& options) {
  struct Stay {
    StageId stage = kNoStage;
    Day entered{};
  };
  Visits visits;
  const auto leave = [&](const Stay& stay, Day left) {
    if (stay.stage == kNoStage || is_terminal(synthetic.graph.kind(stay.stage))) return;
    const auto age = options.clock.running_count().empty() ? (left - stay.entered).count()
                                                           : options.clock.business_days_between(stay.entered, left);
    ++visits.count;
    visits.bins += static_cast<std::uint64_t>(std::min<std::int64_t>(age, options.cap_days + 1));
  };
  std::vector<Stay> stays(synthetic.deals);
  for (const auto& row : synthetic.rows) {
    if (row.time > instant) break;
    const Day day = std::chrono::floor<Days>(row.time);
    leave(stays[index(row.deal)], day);
    stays[index(row.deal)] = {row.stage, day};
  }
  for (const Stay& stay : stays) leave(stay, std::chrono::floor<Days>(instant));
  return visits;
}

void count(benchmark::State& state, const AsOf& view, const StageStatisticsOptions& options = {}) {
  const benchmarks::SyntheticLog& synthetic = benchmarks::synthetic_log(events_of(state));
  const Sums sums = expected_sums(synthetic);
  const Visits visits = expected_visits(synthetic, view.instant(), options);
  double counting = std::numeric_limits<double>::infinity(), summing = counting;
  StageStatistics statistics;
  for (auto _ : state) {
    counting = std::min(counting, cpu_seconds_of([&] {
                          statistics = StageStatistics(view.graph(), options);
                          statistics.update(view);
                        }));
    state.PauseTiming();
    Sums summed;
    summing = std::min(summing, cpu_seconds_of([&] { summed = sums_of(view.log()); }));
    if (!(summed == sums)) state.SkipWithError("the columns do not add up");
    state.ResumeTiming();
  }
  if (!(visits_in(statistics) == visits)) state.SkipWithError("visits were lost or made up, or their ages are wrong");
  report_rates(state, view.log());
  state.counters["x_sum"] = counting / summing;
}

void Count(benchmark::State& state) {
  count(state, AsOf::end_of(built_log(events_of(state))));
}

// As of the middle of the history: half of the events are not known yet.
void CountPast(benchmark::State& state) {
  const auto& rows = benchmarks::synthetic_log(events_of(state)).rows;
  count(state, AsOf(built_log(events_of(state)), rows[rows.size() / 2].time));
}

void CountSplit(benchmark::State& state) {
  count(state, AsOf::end_of(built_log(events_of(state))), {.entry_period = PeriodUnit::quarter});
}

void CountBusinessDays(benchmark::State& state) {
  count(state, AsOf::end_of(built_log(events_of(state))), {.clock = business_calendar("NL")});
}

void Sum(benchmark::State& state) {
  const EventLog& log = built_log(events_of(state));
  const Sums expected = expected_sums(benchmarks::synthetic_log(events_of(state)));
  for (auto _ : state) {
    if (!(sums_of(log) == expected)) state.SkipWithError("the columns do not add up");
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
