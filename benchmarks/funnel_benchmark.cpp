// Questions about ten million events: ours, a plain loop by hand, and the same question put to DuckDB in the same run.
//
//   putki_funnel_benchmark [--duckdb libduckdb.so] [--benchmark_filter=..]
//
// Without --duckdb the comparison is left out. Each question is asked of all ways in turn, round after round, so that
// whatever else the machine does meets all alike; `duckdb_ms` is DuckDB's fastest round and `x_duckdb` that over our
// fastest. The table is loaded before any clock runs: deal INTEGER, stage UTINYINT, time BIGINT, all NOT NULL, in the
// order of the log (by deal and time), two threads on both sides. Where several ways to write a query come to mind all
// are timed and the fastest of them is DuckDB's time. Every answer is compared with ours: counts must be equal, means
// and medians to 1e-9.
//
// Two cores of an EPYC at 2.6 GHz, 1 MB of second-level cache each, busy with other work besides; DuckDB 1.5.6:
//
//     question             DuckDB / ours, fastest of 7 rounds each
//     first-entry funnel    62
//     90-day funnel         40
//     directly-follows      65
//     stage medians         23
//
// Left alone, directly-follows took 9.2 ms and DuckDB 457 ms.

#include <putki/funnel/directly_follows.hpp>
#include <putki/funnel/stage_flow.hpp>
#include <putki/funnel/stage_medians.hpp>
#include <putki/funnel/step_funnel.hpp>

#include "duckdb.hpp"
#include "synthetic_log.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace putki;

namespace {

constexpr std::size_t kEvents = 10'000'000;
constexpr unsigned kThreads = 2;
constexpr int kRounds = 7;

using Answer = std::vector<std::vector<double>>;

const AsOf& view() {
  static const AsOf whole = AsOf::end_of(benchmarks::build(benchmarks::synthetic_log(kEvents)));
  return whole;
}

std::unique_ptr<benchmarks::DuckDb> duckdb;

// Rows sorted, equal in shape, counts and, to 1e-9, everything else. DuckDB's times are microseconds, ours days.
bool same(Answer a, Answer b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const auto near = [](double x, double y) {
    return x == y || (std::floor(x) != x && std::abs(x - y) <= 1e-9 * std::abs(y));
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), near);
  });
}

double seconds_of(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Times `ask` and, between its rounds, every query.
void compare(benchmark::State& state, const auto& ask, const std::vector<std::string>& queries) {
  double ours = std::numeric_limits<double>::infinity();
  std::vector<double> theirs(queries.size(), ours);
  Answer answer;
  for (auto _ : state) {
    const double seconds = seconds_of([&] { answer = ask(); });
    state.SetIterationTime(seconds);
    ours = std::min(ours, seconds);
    if (!duckdb) continue;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      Answer expected;
      theirs[q] = std::min(theirs[q], seconds_of([&] { expected = duckdb->query(queries[q]); }));
      if (!same(answer, expected)) return state.SkipWithError("DuckDB answers otherwise");
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kEvents));
  state.counters["fastest_ms"] = 1e3 * ours;
  if (!duckdb || queries.empty()) return;
  for (std::size_t q = 0; q < queries.size() && queries.size() > 1; ++q)
    state.counters["duckdb_ms_" + std::to_string(q + 1)] = 1e3 * theirs[q];
  const double fastest = *std::min_element(theirs.begin(), theirs.end());
  state.counters["duckdb_ms"] = 1e3 * fastest;
  state.counters["x_duckdb"] = fastest / ours;
}

double stage_number(StageId stage) {
  return static_cast<double>(index(stage));
}

// How many deals came to each of five steps in their order, by the first entry to each. In this log a deal enters a
// stage for the first time from the one before, so that first entries, which is what one would write in SQL, are what
// the funnel matches.
constexpr std::uint16_t kSteps = 5;

std::string funnel_query(const std::string& first_entries, const std::string& last_entry, const std::string& window) {
  std::string sql = "SELECT count(*)";
  for (int k = 1; k < kSteps; ++k) {
    sql += ", count(*) FILTER (";
    for (int j = 1; j <= k; ++j) sql += (j > 1 ? " AND t" : "t") + std::to_string(j) + " >= t" + std::to_string(j - 1);
    if (!window.empty()) sql += " AND t" + std::to_string(k) + " - t0 <= " + window;
    sql += ")";
  }
  return sql + " FROM (" + first_entries + ") WHERE t0 IS NOT NULL" +
         (last_entry.empty() ? "" : " AND t0 <= " + last_entry);
}

std::vector<std::string> funnel_queries(const std::string& last_entry, const std::string& window) {
  std::string filtered = "SELECT deal", cased = filtered;
  for (int k = 0; k < kSteps; ++k) {
    const std::string step = std::to_string(k);
    filtered += ", min(time) FILTER (stage = " + step + ") AS t" + step;
    cased += ", min(CASE WHEN stage = " + step + " THEN time END) AS t" + step;
  }
  return {funnel_query(filtered + " FROM events GROUP BY deal", last_entry, window),
          funnel_query(cased + " FROM events GROUP BY deal", last_entry, window)};
}

StepFunnelQuestion five_steps(std::optional<std::chrono::microseconds> window) {
  StepFunnelQuestion question{.steps = {}, .window = window, .threads = kThreads};
  for (std::uint16_t s = 0; s < kSteps; ++s) question.steps.push_back({.stages = {StageId{s}}});
  return question;
}

Answer answer_of(const std::vector<StepTally>& tallies) {
  Answer answer(1);
  for (const StepTally& tally : tallies) answer[0].push_back(static_cast<double>(tally.attempts));
  return answer;
}

void FirstEntryFunnel(benchmark::State& state) {
  const StepFunnelQuestion question = five_steps(std::nullopt);  // without a window none is mature
  compare(
      state, [&] { return answer_of(count_step_funnel(view(), question).immature); }, funnel_queries("", ""));
}

void FirstEntryFunnelByHand(benchmark::State& state) {
  const auto by_hand = [] {
    const EventLog& log = view().log();
    const auto offsets = log.offsets();
    const auto stages = log.stages();
    std::uint64_t reached[kSteps + 1] = {};
    for (std::size_t d = 0; d + 1 < offsets.size(); ++d) {
      std::size_t next = 0;
      for (std::uint32_t i = offsets[d]; i < offsets[d + 1]; ++i) next += index(stages[i]) == next ? 1 : 0;
      ++reached[std::min<std::size_t>(next, kSteps)];
    }
    for (std::size_t k = kSteps; k-- > 0;) reached[k] += reached[k + 1];
    Answer answer(1);
    for (std::size_t k = 1; k <= kSteps; ++k) answer[0].push_back(static_cast<double>(reached[k]));
    return answer;
  };
  if (!same(by_hand(), answer_of(count_step_funnel(view(), five_steps(std::nullopt)).immature)))
    return state.SkipWithError("the loop answers otherwise");
  compare(state, by_hand, {});
}

// The same within 90 days of the entry, of the deals whose 90 days are over.
void WindowFunnel(benchmark::State& state) {
  const StepFunnelQuestion question = five_steps(Days{90});
  const std::string window = std::to_string(question.window->count());
  compare(
      state, [&] { return answer_of(count_step_funnel(view(), question).mature); },
      funnel_queries(std::to_string((view().instant() - *question.window).time_since_epoch().count()), window));
}

// Which stage follows which, how often and after how long on average. Every row of this log is a move, so the queries
// need not look for rows that repeat the stage, as ours does.
const std::vector<std::string> kDirectlyFollowsQueries = {
    R"(SELECT stage_before, stage, count(*), avg(time - time_before) / 86400e6
       FROM (SELECT stage, time, lag(stage) OVER w AS stage_before, lag(time) OVER w AS time_before
             FROM events WINDOW w AS (PARTITION BY deal ORDER BY time))
       WHERE stage_before IS NOT NULL GROUP BY ALL)",
    // The same with sums of integers in place of an average.
    R"(SELECT stage, stage_after, count(*), sum(time_after - time)::DOUBLE / count(*) / 86400e6
       FROM (SELECT stage, time, lead(stage) OVER w AS stage_after, lead(time) OVER w AS time_after
             FROM events WINDOW w AS (PARTITION BY deal ORDER BY time))
       WHERE stage_after IS NOT NULL GROUP BY ALL)",
    // A list a deal, sorted: time and stage in one number, as times need 52 bits.
    R"(SELECT (moves[1] & 255) AS stage_before, (moves[2] & 255) AS stage, count(*),
              avg((moves[2] >> 8) - (moves[1] >> 8)) / 86400e6
       FROM (SELECT unnest(list_zip(history[:-2], history[2:])) AS moves
             FROM (SELECT list_sort(list(time << 8 | stage)) AS history FROM events GROUP BY deal))
       GROUP BY ALL)",
};

Answer answer_of(const DirectlyFollows& follows) {
  Answer answer;
  for (const DirectMove& move : follows.moves)
    answer.push_back(
        {stage_number(move.from), stage_number(move.to), static_cast<double>(move.count), move.mean_days()});
  return answer;
}

void DirectlyFollowsOf(benchmark::State& state) {
  compare(
      state, [] { return answer_of(directly_follows(view(), {.values = false, .threads = kThreads})); },
      kDirectlyFollowsQueries);
}

void DirectlyFollowsOneThread(benchmark::State& state) {
  compare(state, [] { return answer_of(directly_follows(view(), {.values = false})); }, {});
}

// What one would write for this log alone: one thread, no repeated rows, nothing about what is known when.
void DirectlyFollowsByHand(benchmark::State& state) {
  const auto by_hand = [] {
    const EventLog& log = view().log();
    const auto offsets = log.offsets();
    const auto stages = log.stages();
    const auto times = log.times();
    std::uint64_t count[6][6] = {};
    std::int64_t time[6][6] = {};
    for (std::size_t d = 0; d + 1 < offsets.size(); ++d)
      for (std::uint32_t i = offsets[d] + 1; i < offsets[d + 1]; ++i) {
        ++count[index(stages[i - 1])][index(stages[i])];
        time[index(stages[i - 1])][index(stages[i])] += (times[i] - times[i - 1]).count();
      }
    Answer answer;
    for (std::size_t a = 0; a < 6; ++a)
      for (std::size_t b = 0; b < 6; ++b)
        if (count[a][b] > 0)
          answer.push_back({static_cast<double>(a), static_cast<double>(b), static_cast<double>(count[a][b]),
                            static_cast<double>(time[a][b]) / 86'400e6 / static_cast<double>(count[a][b])});
    return answer;
  };
  if (!same(by_hand(), answer_of(directly_follows(view(), {.values = false}))))
    return state.SkipWithError("the loop answers otherwise");
  compare(state, by_hand, {});
}

// The median time of the visits to each stage that have ended, which is all a query can say in one step; ours works the
// censoring-aware one out in the same call.
const std::vector<std::string> kStageMediansQueries = {
    R"(SELECT stage, median(time_after - time) / 86400e6
       FROM (SELECT stage, time, lead(time) OVER (PARTITION BY deal ORDER BY time) AS time_after FROM events)
       WHERE time_after IS NOT NULL GROUP BY stage)",
    R"(SELECT stage, quantile_cont(time_after - time, 0.5) / 86400e6
       FROM (SELECT stage, time, lead(time) OVER (PARTITION BY deal ORDER BY time) AS time_after FROM events)
       WHERE time_after IS NOT NULL GROUP BY stage)",
    R"(SELECT (moves[1] & 255) AS stage, median((moves[2] >> 8) - (moves[1] >> 8)) / 86400e6
       FROM (SELECT unnest(list_zip(history[:-2], history[2:])) AS moves
             FROM (SELECT list_sort(list(time << 8 | stage)) AS history FROM events GROUP BY deal))
       GROUP BY ALL)",
};

Answer answer_of(const std::vector<StageMedian>& medians) {
  Answer answer;
  for (const StageMedian& median : medians)
    answer.push_back({stage_number(median.stage), median.closed_median_days.value()});
  return answer;
}

void StageMediansOf(benchmark::State& state) {
  for (const StageMedian& median : stage_medians(view())) {  // the curve of every visit says the same
    const double exact = stage_times(view(), median.stage).median_days.value();
    if (!(std::abs(median.median_days.value() - exact) <= 1e-6 * exact))
      return state.SkipWithError("medians and curves differ");
  }
  compare(
      state, [] { return answer_of(stage_medians(view(), {.threads = kThreads})); }, kStageMediansQueries);
}

void StageMediansOneThread(benchmark::State& state) {
  compare(state, [] { return answer_of(stage_medians(view())); }, {});
}

// Collect and select, one thread: the closed visits' medians alone.
void StageMediansByHand(benchmark::State& state) {
  const auto by_hand = [] {
    const EventLog& log = view().log();
    const auto offsets = log.offsets();
    const auto stages = log.stages();
    const auto times = log.times();
    std::vector<std::vector<std::int64_t>> stays(6);
    for (std::size_t d = 0; d + 1 < offsets.size(); ++d)
      for (std::uint32_t i = offsets[d] + 1; i < offsets[d + 1]; ++i)
        stays[index(stages[i - 1])].push_back((times[i] - times[i - 1]).count());
    Answer answer;
    for (std::size_t s = 0; s < 4; ++s) {
      auto& all = stays[s];
      const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
      std::nth_element(all.begin(), middle, all.end());
      const std::int64_t below = all.size() % 2 == 1 ? *middle : *std::max_element(all.begin(), middle);
      answer.push_back({static_cast<double>(s), 0.5 * static_cast<double>(below + *middle) / 86'400e6});
    }
    return answer;
  };
  if (!same(by_hand(), answer_of(stage_medians(view())))) return state.SkipWithError("the loop answers otherwise");
  compare(state, by_hand, {});
}

#define PUTKI_QUESTION(function) \
  BENCHMARK(function)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(kRounds)
PUTKI_QUESTION(FirstEntryFunnel);
PUTKI_QUESTION(FirstEntryFunnelByHand);
PUTKI_QUESTION(WindowFunnel);
PUTKI_QUESTION(DirectlyFollowsOf);
PUTKI_QUESTION(DirectlyFollowsOneThread);
PUTKI_QUESTION(DirectlyFollowsByHand);
PUTKI_QUESTION(StageMediansOf);
PUTKI_QUESTION(StageMediansOneThread);
PUTKI_QUESTION(StageMediansByHand);

}  // namespace

int main(int argc, char** argv) {
  std::string library;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) != "--duckdb" || i + 1 == argc) continue;
    library = argv[i + 1];
    std::copy(argv + i + 2, argv + argc, argv + i);
    argc -= 2;
    break;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    if (library.empty()) {
      std::puts("DuckDB is left out: give its library by --duckdb libduckdb.so (from a release archive of DuckDB, or");
      std::puts("`npm install @duckdb/node-bindings-linux-x64`).");
    } else {
      duckdb = std::make_unique<benchmarks::DuckDb>(library, static_cast<int>(kThreads));
      duckdb->load(view().log());
      std::printf("DuckDB %s\n", duckdb->version().c_str());
    }
    benchmark::RunSpecifiedBenchmarks();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
  duckdb.reset();
  benchmark::Shutdown();
}
