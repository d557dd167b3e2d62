#include <putki/funnel/stage_stock.hpp>

#include <putki/core/error.hpp>
#include <putki/funnel/balance.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

using namespace putki;
using std::chrono::hours;

TEST_CASE("stocks and arrivals of three deals over three weeks are those counted by hand") {
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead", "Offer"});
  EventLogBuilder builder(graph);
  const Timestamp monday(*parse_day("2024-01-01"));
  const auto deal = [&](const char* name, std::vector<std::pair<int, int>> moves) {
    const DealId id = builder.deal(name);
    for (const auto& [day, stage] : moves)
      builder.add({.deal = id, .time = monday + hours{24 * day + 10}, .stage = StageId(stage)});
  };
  deal("a", {{0, 0}, {6, 1}, {7, 2}});  // offer on Sunday, won on the Monday after
  deal("b", {{1, 0}, {8, 1}, {9, 0}});  // into the offer and back within the second week
  deal("c", {{15, 0}, {16, 3}});
  const StageStocks stocks = stage_stocks(AsOf(builder.build(), monday + hours{24 * 17}));
  REQUIRE(stocks.periods.size() == 3);
  CHECK(stocks.periods[1] == Period{*parse_day("2024-01-08"), *parse_day("2024-01-15")});
  using Counts = std::vector<std::uint64_t>;
  CHECK(stocks.stages[0].at_end == Counts{1, 1, 1});
  CHECK(stocks.stages[0].entered == Counts{2, 1, 1});
  CHECK(stocks.stages[1].at_end == Counts{1, 0, 0});
  CHECK(stocks.stages[1].entered == Counts{1, 1, 0});
  CHECK(stocks.stages[2].at_end == Counts{0, 1, 1});
  CHECK(stocks.stages[3].at_end == Counts{0, 0, 1});
}

TEST_CASE("at the end of each period every deal stands where its last event of those days put it") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const auto histories = test::random_histories(
        random, graph, {.deals = static_cast<int>(random() % 12), .most_changes = 9, .date_only = round % 3 == 0});
    const AsOf view(test::build_log(graph, histories), test::kFirstInstant + hours{6 * (random() % 240)});
    const PeriodUnit unit = round % 2 == 0 ? PeriodUnit::week : PeriodUnit::month;
    const StageStocks stocks = stage_stocks(view, unit);
    for (std::size_t p = 0; p < stocks.periods.size(); ++p) {
      std::vector<std::uint64_t> there(graph.stage_count());
      for (const test::DealHistory& history : histories) {
        std::optional<StageId> stage;
        for (const auto& change : history.changes)
          if (change.time <= view.instant() && change.time < Timestamp(stocks.periods[p].end)) stage = change.stage;
        if (stage) ++there[index(*stage)];
      }
      for (std::size_t s = 0; s < there.size(); ++s) CHECK(stocks.stages[s].at_end[p] == there[s]);
    }
    const PeriodCounts counts = period_counts(view, unit);
    REQUIRE(counts.periods.size() == stocks.periods.size());
    const auto open = counts.open_at_ends();
    for (std::size_t p = 0; p < open.size(); ++p) {
      std::uint64_t sum = 0;
      for (std::size_t s = 0; s < graph.stage_count(); ++s)
        if (!graph.is_terminal(static_cast<StageId>(s))) sum += stocks.stages[s].at_end[p];
      CHECK(sum == open[p]);
    }
  }
}

TEST_CASE("a view before all events has no stocks, and stocks of other weeks, instants or graphs do not merge") {
  std::mt19937 random(3);
  const StageGraph graph = StageGraph::b2b_template();
  const EventLog log = test::build_log(graph, test::random_histories(random, graph, {.deals = 5, .most_changes = 4}));
  CHECK(stage_stocks(AsOf(log, test::kFirstInstant - hours{48})) == StageStocks{});
  StageStocks weeks = stage_stocks(AsOf::end_of(log));
  CHECK_THROWS_AS(weeks.merge(stage_stocks(AsOf::end_of(log), PeriodUnit::month)), InvalidArgument);
  CHECK_THROWS_AS(weeks.merge(stage_stocks(AsOf(log, test::kFirstInstant + hours{24 * 300}))), InvalidArgument);
  StageStocks fewer = weeks;
  fewer.stages.pop_back();
  CHECK_THROWS_WITH(weeks.merge(fewer), Catch::Contains("7 stages by week") && Catch::Contains("of 6"));
}
