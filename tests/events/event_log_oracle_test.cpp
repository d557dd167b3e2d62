// The builder against the plainest program that could do its work, on random rubbish.

#include <putki/core/random.hpp>
#include <putki/events/event_log_builder.hpp>

#include <algorithm>
#include <catch2/catch.hpp>

using namespace putki;

namespace {

struct Plain {
  std::vector<std::vector<EventLogBuilder::Row>> deals;
  DataQualityReport report;
};

// One deal after the other, every rule written out in the words of the header.
Plain plain_log(const std::vector<EventLogBuilder::Row>& rows, std::size_t deal_count, const StageGraph& graph,
                const EventLogOptions& options) {
  Plain plain;
  bool any_amount = false;
  for (const auto& row : rows) any_amount |= row.amount != kNoAmount;
  for (std::size_t d = 0; d < deal_count; ++d) {
    std::vector<EventLogBuilder::Row> mine;
    for (const auto& row : rows) {
      if (index(row.deal) == d) mine.push_back(row);
    }
    std::stable_sort(mine.begin(), mine.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    std::vector<EventLogBuilder::Row> used;
    for (auto row : mine) {
      plain.report.row_read();
      const Day day = options.time_zone.day_of(row.time);
      if (day < Day{std::chrono::year{1970} / 1 / 1} || day > Day{std::chrono::year{2099} / 12 / 31}) {
        plain.report.found(DataRule::time_out_of_range, row.source_row);
        continue;
      }
      const bool impossible = row.amount != kNoAmount && (row.amount < Money{0} || row.amount > kLargestAmount);
      if (impossible) row.amount = kNoAmount;
      const bool duplicate = std::any_of(used.begin(), used.end(), [&](const auto& other) {
        return other.time == row.time && other.stage == row.stage && other.amount == row.amount &&
               other.expected_close == row.expected_close;
      });
      if (options.drop_duplicates && duplicate) {
        plain.report.found(DataRule::duplicate_row, row.source_row);
        continue;
      }
      if (!used.empty() && used.back().stage != row.stage) {
        const StageId before = used.back().stage;
        if (graph.is_terminal(before) && options.reopened == ReopenPolicy::ignore) {
          plain.report.found(DataRule::after_terminal, row.source_row);
          continue;
        }
        if (graph.is_terminal(before)) {
          plain.report.found(DataRule::reopened, row.source_row);
        } else if (graph.declares_moves() && !graph.allows(before, row.stage)) {
          plain.report.found(DataRule::undeclared_move, row.source_row);
        }
      }
      if (impossible) plain.report.found(DataRule::impossible_amount, row.source_row);
      plain.report.row_used();
      used.push_back(row);
    }
    const auto open = [&](const auto& row) { return !graph.is_terminal(row.stage); };
    const auto first_open = std::find_if(used.begin(), used.end(), open);
    if (any_amount && first_open != used.end() &&
        std::none_of(used.begin(), used.end(), [&](const auto& row) { return open(row) && row.amount != kNoAmount; })) {
      plain.report.found(DataRule::empty_amount_while_open, first_open->source_row);
    }
    const auto zeroed = std::find_if(used.begin(), used.end(), [&](const auto& row) {
      return graph.kind(row.stage) == StageKind::lost && row.amount == Money{0};
    });
    if (zeroed != used.end()) plain.report.found(DataRule::zero_amount_at_loss, zeroed->source_row);
    plain.deals.push_back(used);
  }
  return plain;
}

}  // namespace

TEST_CASE("the builder does what the plainest program does, on random rubbish of every kind") {
  const std::vector<StageGraph> graphs = {
      StageGraph::linear(std::vector<std::string>{"A", "B"}, "Won", {"Lost", "Cancelled"}),
      StageGraph::Builder().stage("A").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build()};
  for (std::uint64_t round = 0; round < 400; ++round) {
    RandomStream random(11, round);
    const StageGraph& graph = graphs[round % 2];
    EventLogOptions options;
    options.time_zone = TimeZone::parse(round % 3 == 0 ? "UTC" : "CET-1CEST,M3.5.0,M10.5.0/3");
    options.reopened = random.below(2) ? ReopenPolicy::keep : ReopenPolicy::ignore;
    options.drop_duplicates = random.below(4) != 0;
    const std::size_t deal_count = 1 + random.below(6);
    const std::size_t row_count = random.below(round % 10 == 0 ? 400 : 40);
    const bool in_order = random.below(2);
    const std::uint64_t span = 1 + random.below(60);

    EventLogBuilder builder(graph, options);
    for (std::size_t d = 0; d < deal_count; ++d) builder.deal("deal " + std::to_string(d));
    std::vector<EventLogBuilder::Row> rows;
    for (std::size_t i = 0; i < row_count; ++i) {
      EventLogBuilder::Row row{
          .deal = static_cast<DealId>(random.below(deal_count)),
          .time = Day{std::chrono::year{2012} / 3 / 20} + std::chrono::hours(random.below(span) * 7),
          .stage = static_cast<StageId>(random.below(graph.stage_count()))};
      if (random.below(50) == 0) row.time = Timestamp{} - std::chrono::hours(random.below(5));
      if (random.below(2)) row.amount = Money{static_cast<std::int64_t>(random.below(4)) - (random.below(9) == 0)};
      if (round % 4 == 0 && random.below(2)) row.expected_close = 15'000 + static_cast<DayNumber>(random.below(2));
      row.source_row = 2 + i * (1 + round % 2);
      rows.push_back(row);
    }
    if (in_order) {
      std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    }
    for (const auto& row : rows) builder.add(row);
    DataQualityReport report;
    const EventLog log = builder.build(&report);
    const Plain plain = plain_log(rows, deal_count, graph, options);

    REQUIRE(report.adds_up());
    REQUIRE(report.rows_read() == row_count);
    REQUIRE(report.rows_used() == log.event_count());
    REQUIRE(report.rows_used() == plain.report.rows_used());
    REQUIRE(report.findings().size() == plain.report.findings().size());
    for (const auto& [rule, finding] : plain.report.findings()) {
      INFO(name(rule) << " in round " << round);
      REQUIRE(report.count(rule) == finding.count);
      REQUIRE(report.findings().at(rule).first_rows == finding.first_rows);
    }
    REQUIRE(log.deal_count() == deal_count);
    bool date_only = log.event_count() > 0;
    for (std::size_t d = 0; d < deal_count; ++d) {
      REQUIRE(log.offsets()[d + 1] - log.offsets()[d] == plain.deals[d].size());
      for (std::size_t k = 0; k < plain.deals[d].size(); ++k) {
        const auto& row = plain.deals[d][k];
        const std::size_t i = log.offsets()[d] + k;
        REQUIRE(log.times()[i] == row.time);
        REQUIRE(log.stages()[i] == row.stage);
        REQUIRE(log.amounts()[i] == row.amount);
        REQUIRE(to_day(log.days()[i]) == options.time_zone.day_of(row.time));
        if (!log.expected_closes().empty()) REQUIRE(log.expected_closes()[i] == row.expected_close);
        date_only &= options.time_zone.start_of(options.time_zone.day_of(row.time)) == row.time;
      }
    }
    REQUIRE(log.date_only() == date_only);
  }
}
