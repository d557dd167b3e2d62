#pragma once
// A made-up pipeline for the benchmarks: the same rows for the same seed, everywhere.
//
// Six stages: four open ones, Won, Lost. Deals arrive evenly over three years; each stay is log-normal (median 6 days),
// then the deal goes on, falls back a stage or is lost, so that a deal makes four events on average. Every row is a
// move (no stage is repeated) and carries the deal's amount.

#include <putki/events/as_of.hpp>
#include <putki/events/event_log_builder.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace putki::benchmarks {

struct SyntheticLog {
  StageGraph graph;
  std::vector<EventLogBuilder::Row> rows;  ///< in time order; deals numbered by first appearance
  std::size_t deals = 0;
  std::uint64_t visits = 0;  ///< rows in open stages: what StageStatistics must count
};

/// `events` rows, the first of a longer history: some deals are still open at the last row.
SyntheticLog make_synthetic_log(std::size_t events, std::uint64_t seed = 1);
/// The same, made once per size and kept.
const SyntheticLog& synthetic_log(std::size_t events);

std::string deal_name(std::size_t deal);
/// Feeds the rows to a builder, naming each deal at its first row.
EventLog build(const SyntheticLog& synthetic);

}  // namespace putki::benchmarks
