#include <putki/stats/dated_statistics.hpp>
#include <putki/stats/stage_statistics.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace putki;

TEST_CASE("summed over dates, dated visits are the visit counts by age") {
  std::mt19937 random(3);
  const StageGraph graph = StageGraph::b2b_template();
  for (int round = 0; round < 40; ++round) {
    const AsOf view(test::build_log(graph, test::random_histories(random, graph)),
                    test::kFirstInstant + std::chrono::hours{24 * 40});
    DatedStatistics dated(graph);
    dated.update(view);
    StageStatistics by_age(graph, {.cap_days = 100});
    by_age.update(view);
    std::map<std::tuple<StageId, StageId, int>, std::uint64_t> counts;
    for (const auto& visits : dated.visits())
      counts[{visits.from, visits.to, visits.left - visits.entered}] += visits.count;
    std::uint64_t total = 0;
    for (const auto& [place, count] : counts) {
      const auto& [from, to, age] = place;
      REQUIRE(by_age.counts(from, to)[static_cast<std::size_t>(age)] == count);
      total += count;
    }
    REQUIRE(total == by_age.visit_count());
    std::vector<std::uint64_t> created(graph.stage_count());
    for (const auto& creation : dated.creations()) created[index(creation.stage)] += creation.count;
    REQUIRE(created == by_age.first_entries());
  }
}

TEST_CASE("counts as of two days cannot be added") {
  const StageGraph graph = StageGraph::b2b_template();
  const EventLog log(graph);
  DatedStatistics statistics(graph);
  statistics.update(AsOf(log, *parse_day("2024-01-01")));
  CHECK_THROWS_AS(statistics.update(AsOf(log, *parse_day("2024-01-02"))), InvalidArgument);
  DatedStatistics later(graph);
  later.update(AsOf(log, *parse_day("2024-01-02")));
  CHECK_THROWS_AS(statistics.merge(later), InvalidArgument);
  CHECK_THROWS_AS(DatedStatistics().update(AsOf(log, *parse_day("2024-01-02"))), InvalidArgument);
}
