#include <putki/funnel/movement.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <string>

using namespace putki;
using std::chrono::hours;

namespace {

StageGraph moving_graph() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Offer")
      .stage("Parked", StageKind::on_hold)
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .stage("Declined", StageKind::lost)
      .build();
}

// A deal at an instant, read off its history; the amounts as plain numbers of cents.
struct MovedState {
  std::string stage = "none";
  std::optional<std::int64_t> amount;
  std::optional<int> expected;
  Timestamp entered;
};

MovedState moved_state(const StageGraph& graph, const test::DealHistory& history, Timestamp instant) {
  MovedState state;
  for (const auto& change : history.changes) {
    if (change.time > instant) break;
    const std::string stage = graph.stage(change.stage).name;
    if (stage != state.stage) state.entered = change.time;
    state.stage = stage;
    if (change.amount != kNoAmount) state.amount = change.amount.minor;
    if (change.expected_close != kNoDay) state.expected = change.expected_close;
  }
  return state;
}

bool movement_ended(const std::string& stage) {
  return stage == "Won" || stage == "Lost" || stage == "Declined";
}

bool movement_open(const std::string& stage) {
  return stage != "none" && !movement_ended(stage);
}

// The last amount up to the last row at which the deal was open; else the last positive one after it.
std::optional<std::int64_t> moved_lost_amount(const StageGraph& graph, const test::DealHistory& history,
                                              Timestamp instant) {
  std::vector<test::DealHistory::Change> known;
  for (const auto& change : history.changes)
    if (change.time <= instant) known.push_back(change);
  std::size_t open_rows = 0;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (movement_open(graph.stage(known[i].stage).name)) open_rows = i + 1;
  std::optional<std::int64_t> amount, after;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i].amount == kNoAmount) continue;
    if (i < open_rows) amount = known[i].amount.minor;
    if (i >= open_rows && known[i].amount.minor > 0) after = known[i].amount.minor;
  }
  return amount ? amount : after;
}

struct MovedTally {
  std::uint64_t deals = 0, without = 0;
  std::int64_t cents = 0;
  void add(std::optional<std::int64_t> amount) {
    ++deals;
    without += amount ? 0 : 1;
    cents += amount.value_or(0);
  }
};

bool same_movement_tally(const MovementTally& tally, const std::map<std::string, MovedTally>& tallies,
                         const std::string& key) {
  const auto found = tallies.find(key);
  const MovedTally naive = found == tallies.end() ? MovedTally{} : found->second;
  return tally.deals == naive.deals && tally.without_amount == naive.without && tally.value.minor == naive.cents;
}

struct NaiveMovement {
  std::map<std::string, MovedTally> lines, flows, fates, changes;
};

NaiveMovement naive_movement(const StageGraph& graph, const std::vector<test::DealHistory>& histories, Timestamp since,
                             Timestamp as_of, int since_day, int as_of_day, std::optional<std::pair<int, int>> period) {
  NaiveMovement result;
  const auto within = [&](std::optional<int> day) {
    return !period || (day && *day >= period->first && *day < period->second);
  };
  for (const auto& history : histories) {
    const MovedState a = moved_state(graph, history, since), b = moved_state(graph, history, as_of);
    if (b.stage == "none") continue;
    const bool lost = b.stage == "Lost" || b.stage == "Declined";
    const auto after = lost ? moved_lost_amount(graph, history, as_of) : b.amount;

    if (movement_open(a.stage) && a.expected) {
      const std::string group = *a.expected < since_day ? "overdue" : *a.expected < as_of_day ? "due" : "later";
      std::string fate = "past due";
      if (b.stage == "Won")
        fate = "won";
      else if (lost)
        fate = "lost";
      else if (*b.expected >= as_of_day)
        fate = *b.expected > *a.expected ? "moved later" : "not due";
      result.fates[group + fate].add(a.amount);
    } else if (movement_open(a.stage)) {
      result.fates["undated"].add(a.amount);
    }
    if (movement_open(a.stage) && movement_open(b.stage)) {
      const std::string change = !b.expected                 ? "missing"
                                 : !a.expected               ? "given"
                                 : a.expected == b.expected  ? "same"
                                 : *a.expected < *b.expected ? "later"
                                                             : "earlier";
      result.changes[change].add(after);
    }

    const bool in_before = movement_open(a.stage) && within(a.expected);
    const bool in_after = movement_open(b.stage) && within(b.expected);
    const bool passes = movement_ended(b.stage) && b.entered > since && within(b.expected);
    std::string in, out;
    if (in_before)
      in = "start";
    else if (in_after || passes)
      in = a.stage == "none" ? "created" : movement_open(a.stage) ? "pulled_in" : "reopened";
    else
      continue;
    if (movement_ended(b.stage))
      out = b.stage == "Won" ? "won" : "lost";
    else
      out = in_after ? "end" : "pushed_out";
    result.lines[in].add(in == "start" ? a.amount : after);
    result.lines[out].add(after);
    result.flows[a.stage + " > " + b.stage].add(after);
    if (in == "start" && after != a.amount) {
      if (!a.amount)
        result.lines["valued"].add(after);
      else if (*after > *a.amount)
        result.lines["grown"].add(*after - *a.amount);
      else
        result.lines["shrunk"].add(*a.amount - *after);
    }
    if (in == "start" && a.stage == "Parked") result.lines["on hold at start"].add(a.amount);
    if (out == "end" && b.stage == "Parked") result.lines["on hold at end"].add(after);
  }
  return result;
}

std::int64_t moved_cents(const MovementTable& table, MovementLine line) {
  return table.line(line).value.minor;
}
std::int64_t moved_deals(const MovementTable& table, MovementLine line) {
  return static_cast<std::int64_t>(table.line(line).deals);
}
std::int64_t moved_unvalued(const MovementTable& table, MovementLine line) {
  return static_cast<std::int64_t>(table.line(line).without_amount);
}

void require_adds_up(const MovementTable& table) {
  using enum MovementLine;
  REQUIRE(moved_cents(table, start) + moved_cents(table, created) + moved_cents(table, reopened) +
              moved_cents(table, pulled_in) + moved_cents(table, valued) + moved_cents(table, grown) -
              moved_cents(table, shrunk) - moved_cents(table, pushed_out) - moved_cents(table, won) -
              moved_cents(table, lost) ==
          moved_cents(table, end));
  REQUIRE(moved_deals(table, start) + moved_deals(table, created) + moved_deals(table, reopened) +
              moved_deals(table, pulled_in) - moved_deals(table, pushed_out) - moved_deals(table, won) -
              moved_deals(table, lost) ==
          moved_deals(table, end));
  REQUIRE(moved_unvalued(table, start) + moved_unvalued(table, created) + moved_unvalued(table, reopened) +
              moved_unvalued(table, pulled_in) - moved_deals(table, valued) - moved_unvalued(table, pushed_out) -
              moved_unvalued(table, won) - moved_unvalued(table, lost) ==
          moved_unvalued(table, end));
  MovementTally flown, out;
  for (const MovementTally& cell : table.flows) {
    flown.deals += cell.deals;
    flown.value += cell.value;
  }
  for (const MovementLine line : {pushed_out, won, lost, end}) {
    out.deals += table.line(line).deals;
    out.value += table.line(line).value;
  }
  REQUIRE(flown == out);
  if (table.period) return;
  // every deal open at the start stands in one group of expected closes or in none, at its amount of then
  MovementTally grouped = table.undated;
  for (const auto& group : table.due)
    for (const MovementTally& fate : group) {
      grouped.deals += fate.deals;
      grouped.value += fate.value;
      grouped.without_amount += fate.without_amount;
    }
  REQUIRE(grouped == table.line(start));
}

// A history written down by hand: days since 2012-01-01, stage, amount in units, expected close.
struct MovedStep {
  int day;
  std::size_t stage;
  std::optional<double> amount = std::nullopt;
  std::optional<int> expected = std::nullopt;
};

test::DealHistory moved_history(std::string name, const std::vector<MovedStep>& given) {
  test::DealHistory history{.name = std::move(name), .region = "", .changes = {}};
  const DayNumber first = day_number(Day{std::chrono::year{2012} / 1 / 1});
  for (const MovedStep& step : given)
    history.changes.push_back({test::kFirstInstant + hours{24 * step.day + 6}, static_cast<StageId>(step.stage),
                               step.amount ? Money::from_units(*step.amount) : kNoAmount,
                               step.expected ? first + *step.expected : kNoDay});
  return history;
}

const Timestamp kMovedSince = test::kFirstInstant + hours{24 * 10};
const Timestamp kMovedUntil = test::kFirstInstant + hours{24 * 20};

}  // namespace

TEST_CASE("Movement is that of a naive reading of the histories, and adds up to the cent") {
  const StageGraph graph = moving_graph();
  const int first_day = day_number(Day{std::chrono::year{2012} / 1 / 1});
  std::mt19937 random(41);
  for (int round = 0; round < 3000; ++round) {
    const auto policy = ReopenPolicy::keep;
    test::HistoryShape shape{.deals = 12, .most_changes = 7, .amounts = true};
    shape.date_only = round % 5 == 0;
    const auto histories = test::random_histories(random, graph, shape);
    const EventLog log = test::build_log(graph, histories, policy);
    int from = static_cast<int>(random() % 70), to = static_cast<int>(random() % 70);
    if (from > to) std::swap(from, to);
    const Timestamp since = test::kFirstInstant + hours{24 * from}, as_of = test::kFirstInstant + hours{24 * to};
    std::optional<std::pair<int, int>> days;
    std::optional<Period> period;
    if (round % 3 != 0) {
      const int begin = first_day + static_cast<int>(random() % 80);
      days = std::pair{begin, begin + 1 + static_cast<int>(random() % 40)};
      period = Period{to_day(days->first), to_day(days->second)};
    }
    const int whole_day = log.date_only() ? 1 : 0;
    const NaiveMovement naive =
        naive_movement(graph, histories, since, as_of, first_day + from + whole_day, first_day + to + whole_day, days);
    const MovementTable table = movement_table(AsOf(log, as_of), since, period);
    require_adds_up(table);
    for (std::size_t line = 0; line < kMovementLines; ++line)
      REQUIRE(same_movement_tally(table.lines[line], naive.lines, to_string(static_cast<MovementLine>(line))));
    REQUIRE(same_movement_tally(table.on_hold_at_start, naive.lines, "on hold at start"));
    REQUIRE(same_movement_tally(table.on_hold_at_end, naive.lines, "on hold at end"));
    for (std::size_t to_stage = 0; to_stage < 6; ++to_stage) {
      const std::string target = " > " + graph.stage(static_cast<StageId>(to_stage)).name;
      REQUIRE(same_movement_tally(table.flow(kNoStage, static_cast<StageId>(to_stage)), naive.flows, "none" + target));
      for (std::size_t from_stage = 0; from_stage < 6; ++from_stage)
        REQUIRE(same_movement_tally(table.flow(static_cast<StageId>(from_stage), static_cast<StageId>(to_stage)),
                                    naive.flows, graph.stage(static_cast<StageId>(from_stage)).name + target));
    }
    const std::string groups[] = {"overdue", "due", "later"};
    const std::string fates[] = {"won", "lost", "moved later", "not due", "past due"};
    for (std::size_t group = 0; group < kCloseGroups; ++group)
      for (std::size_t fate = 0; fate < kCloseFates; ++fate)
        REQUIRE(same_movement_tally(table.due[group][fate], naive.fates, groups[group] + fates[fate]));
    REQUIRE(same_movement_tally(table.undated, naive.fates, "undated"));
    const std::string changes[] = {"later", "earlier", "same", "given", "missing"};
    for (std::size_t change = 0; change < kCloseChanges; ++change)
      REQUIRE(same_movement_tally(table.close_changes[change], naive.changes, changes[change]));
  }
}

TEST_CASE("Lists hold the deals behind every figure, largest first") {
  const StageGraph graph = moving_graph();
  std::mt19937 random(42);
  for (int round = 0; round < 300; ++round) {
    const EventLog log = test::build_log(graph, test::random_histories(random, graph, {.deals = 30, .amounts = true}),
                                         ReopenPolicy::keep);
    const AsOf view(log, test::kFirstInstant + hours{24 * 45});
    const Movement moved = movement(view, test::kFirstInstant + hours{24 * 25});
    REQUIRE(moved.table == movement_table(view, test::kFirstInstant + hours{24 * 25}));
    std::uint64_t past_due = 0;
    for (std::size_t group = 0; group < kCloseGroups; ++group)
      past_due += moved.table.fate(static_cast<CloseGroup>(group), CloseFate::past_due).deals;
    REQUIRE(moved.past_due.size() == past_due);
    REQUIRE(moved.moved_later.size() == moved.table.close_change(CloseChange::later).deals);
    REQUIRE(moved.moved_earlier.size() == moved.table.close_change(CloseChange::earlier).deals);
    for (std::size_t i = 0; i < kMovementLines; ++i) {
      const auto line = static_cast<MovementLine>(i);
      Money sum, last = Money::from_units(1e9);
      REQUIRE(moved.deals[i].size() == moved.table.lines[i].deals);
      for (const MovementDeal& deal : moved.deals[i]) {
        Money money = line == MovementLine::start ? deal.amount_before : deal.amount_after;
        if (line == MovementLine::grown) money = deal.amount_after - deal.amount_before;
        if (line == MovementLine::shrunk) money = deal.amount_before - deal.amount_after;
        REQUIRE(money <= last);
        last = money;
        if (money != kNoAmount) sum += money;
      }
      REQUIRE(sum == moved.table.lines[i].value);
    }
    const Movement few = movement(view, test::kFirstInstant + hours{24 * 25}, {.list_limit = 2});
    REQUIRE(few.table == moved.table);
    for (std::size_t i = 0; i < kMovementLines; ++i) {
      REQUIRE(few.deals[i].size() == std::min<std::size_t>(2, moved.deals[i].size()));
      if (!few.deals[i].empty()) REQUIRE(few.deals[i].front().name == moved.deals[i].front().name);
    }
  }
}

TEST_CASE("Movements follow on each other: the end of one is the start of the next, and the counts add up") {
  const StageGraph graph = moving_graph();
  std::mt19937 random(43);
  for (int round = 0; round < 1500; ++round) {
    const EventLog log = test::build_log(graph, test::random_histories(random, graph, {.deals = 15, .amounts = true}),
                                         round % 2 == 0 ? ReopenPolicy::keep : ReopenPolicy::ignore);
    int days[] = {static_cast<int>(random() % 65), static_cast<int>(random() % 65), static_cast<int>(random() % 65)};
    std::sort(std::begin(days), std::end(days));
    const auto at = [&](int i) { return test::kFirstInstant + hours{24 * days[i] + 12}; };
    for (const auto& period :
         {std::optional<Period>(),
          std::optional<Period>({Day{std::chrono::year{2012} / 2 / 1}, Day{std::chrono::year{2012} / 3 / 1}})}) {
      const MovementTable one = movement_table(AsOf(log, at(1)), at(0), period);
      const MovementTable two = movement_table(AsOf(log, at(2)), at(1), period);
      const MovementTable whole = movement_table(AsOf(log, at(2)), at(0), period);
      using enum MovementLine;
      REQUIRE(one.line(end) == two.line(start));
      REQUIRE(whole.line(start) == one.line(start));
      REQUIRE(whole.line(end) == two.line(end));
      if (period) continue;
      REQUIRE(one.line(pulled_in).deals + one.line(pushed_out).deals == 0);
      REQUIRE(moved_deals(one, created) + moved_deals(two, created) == moved_deals(whole, created));
      const auto net = [&](const MovementTable& table) {
        return moved_deals(table, won) + moved_deals(table, lost) - moved_deals(table, reopened);
      };
      REQUIRE(net(one) + net(two) == net(whole));
    }
  }
}

TEST_CASE("Movements of segments sum to that of the whole") {
  const StageGraph graph = moving_graph();
  std::mt19937 random(44);
  for (int round = 0; round < 300; ++round) {
    const EventLog log = test::build_log(graph, test::random_histories(random, graph, {.amounts = true}));
    const AsOf view(log, test::kFirstInstant + hours{24 * 50});
    MovementTable sum;
    for (const AsOfPart& part : view.split_by("region")) sum.merge(movement_table(part.view, kMovedSince));
    REQUIRE(sum == movement_table(view, kMovedSince));
  }
}

TEST_CASE("A deal won above its amount has grown, one zeroed at loss has not shrunk") {
  const StageGraph graph = moving_graph();
  const EventLog log = test::build_log(
      graph,
      std::vector{moved_history("won dear", {{1, 0, 100.10}, {12, 3, 120.15}}),
                  moved_history("zeroed", {{1, 0, 50}, {12, 4, 0}}), moved_history("never known", {{1, 0}, {12, 4, 0}}),
                  moved_history("in and out", {{11, 0, 10}, {13, 1, 15}, {14, 3, 14}}),
                  moved_history("became known", {{1, 0}, {12, 0, 30}}),
                  moved_history("corrected after the win", {{1, 1, 200}, {12, 3, 210}, {15, 3, 190}}),
                  moved_history("won and back", {{1, 1, 7}, {12, 3, 8}, {13, 1}})});
  const MovementTable table = movement_table(AsOf(log, kMovedUntil), kMovedSince);
  using enum MovementLine;
  CHECK(table.line(start) == MovementTally{6, Money::from_units(100.10 + 50 + 200 + 7), 2});
  CHECK(table.line(created) == MovementTally{1, Money::from_units(14), 0});
  CHECK(table.line(valued) == MovementTally{1, Money::from_units(30), 0});
  CHECK(table.line(grown) == MovementTally{2, Money::from_units(20.05 + 1), 0});
  CHECK(table.line(shrunk) == MovementTally{1, Money::from_units(10), 0});
  CHECK(table.line(won) == MovementTally{3, Money::from_units(120.15 + 14 + 190), 0});
  CHECK(table.line(lost) == MovementTally{2, Money::from_units(50), 1});
  CHECK(table.line(end) == MovementTally{2, Money::from_units(30 + 8), 0});
  CHECK(table.flow(StageId{0}, StageId{4}) == MovementTally{2, Money::from_units(50), 1});
  CHECK(table.flow(kNoStage, StageId{3}) == MovementTally{1, Money::from_units(14), 0});
}

TEST_CASE("With a period, expected closes that cross its borders are pulled in and pushed out") {
  // the period is days 20 to 29, the window days 10 to 19
  const StageGraph graph = moving_graph();
  const EventLog log = test::build_log(
      graph,
      std::vector{moved_history("stays", {{1, 0, 1, 25}}), moved_history("slips", {{1, 0, 2, 25}, {12, 0, 3, 40}}),
                  moved_history("sooner", {{1, 0, 4, 25}, {12, 0, 4, 18}}),
                  moved_history("pulled", {{1, 0, 5, 40}, {12, 0, 6, 22}}),
                  moved_history("dated at last", {{1, 0, 7}, {12, 0, 7, 22}}), moved_history("other", {{1, 0, 8, 40}}),
                  moved_history("slips and is lost", {{1, 0, 9, 25}, {12, 0, 9, 40}, {14, 4}}),
                  moved_history("comes and is won", {{12, 0, 10, 22}, {13, 3}}),
                  moved_history("won from another", {{1, 0, 11, 40}, {13, 3, 12, 21}}),
                  moved_history("undated and won", {{1, 0, 13}, {13, 3}})});
  const Day first{std::chrono::year{2012} / 1 / 1};
  const MovementTable table =
      movement_table(AsOf(log, kMovedUntil), kMovedSince, Period{first + Days{20}, first + Days{30}});
  using enum MovementLine;
  const auto tally = [](std::uint64_t deals, double units) {
    return MovementTally{deals, Money::from_units(units), 0};
  };
  CHECK(table.line(start) == tally(4, 1 + 2 + 4 + 9));
  CHECK(table.line(created) == tally(1, 10));
  CHECK(table.line(pulled_in) == tally(3, 6 + 7 + 12));
  CHECK(table.line(grown) == tally(1, 1));
  CHECK(table.line(pushed_out) == tally(2, 3 + 4));
  CHECK(table.line(won) == tally(2, 10 + 12));
  CHECK(table.line(lost) == tally(1, 9));
  CHECK(table.line(end) == tally(3, 1 + 6 + 7));
}

TEST_CASE("Deals due in the window keep their denominator when their date is moved") {
  const StageGraph graph = moving_graph();
  const EventLog log = test::build_log(
      graph,
      std::vector{moved_history("won", {{1, 0, 1, 15}, {12, 3}}), moved_history("lost", {{1, 0, 2, 15}, {12, 4, 0}}),
                  moved_history("moved", {{1, 0, 4, 15}, {12, 0, 99, 28}}),
                  moved_history("moved in vain", {{1, 0, 8, 12}, {13, 0, 8, 19}}),
                  moved_history("left", {{1, 0, 16, 19}}), moved_history("due today", {{1, 0, 32, 20}}),
                  moved_history("overdue", {{1, 0, 64, 9}}), moved_history("due on the first day", {{1, 0, 128, 10}})});
  const Movement moved = movement(AsOf(log, kMovedUntil), kMovedSince);
  const auto fate = [&](CloseGroup group, CloseFate outcome) { return moved.table.fate(group, outcome); };
  const auto tally = [](std::uint64_t deals, double units) {
    return MovementTally{deals, Money::from_units(units), 0};
  };
  CHECK(fate(CloseGroup::due, CloseFate::won) == tally(1, 1));
  CHECK(fate(CloseGroup::due, CloseFate::lost) == tally(1, 2));
  CHECK(fate(CloseGroup::due, CloseFate::moved_later) == tally(1, 4));
  CHECK(fate(CloseGroup::due, CloseFate::not_due) == tally(0, 0));
  CHECK(fate(CloseGroup::due, CloseFate::past_due) == tally(3, 8 + 16 + 128));
  CHECK(fate(CloseGroup::overdue, CloseFate::past_due) == tally(1, 64));
  CHECK(fate(CloseGroup::later, CloseFate::not_due) == tally(1, 32));
  REQUIRE(moved.past_due.size() == 4);
  CHECK(moved.past_due.front().name == "due on the first day");
  REQUIRE(moved.moved_later.size() == 2);
  CHECK(moved.moved_later.front().name == "moved");
  CHECK(moved.moved_later.front().expected_after == Day{std::chrono::year{2012} / 1 / 29});
}

TEST_CASE("An empty log moves nothing; instants in the wrong order and empty periods are refused") {
  const AsOf view(EventLog(moving_graph()), kMovedUntil);
  const Movement moved = movement(view, kMovedSince);
  for (const MovementTally& line : moved.table.lines) CHECK(line == MovementTally{});
  CHECK_FALSE(moved.dates_known);
  CHECK(movement_table(view, kMovedUntil).line(MovementLine::end) == MovementTally{});
  CHECK_THROWS_WITH(movement(view, kMovedUntil + hours{1}), Catch::Contains("must not be after the second"));
  const Day day{std::chrono::year{2012} / 1 / 1};
  CHECK_THROWS_WITH(movement_table(view, kMovedSince, Period{day, day}), Catch::Contains("must begin before it ends"));
  CHECK_THROWS_AS(moved.table.flow(StageId{6}, StageId{0}), InvalidArgument);
}

TEST_CASE("Movements of other windows, periods or graphs are not merged") {
  const AsOf view(EventLog(moving_graph()), kMovedUntil);
  MovementTable table = movement_table(view, kMovedSince);
  const auto refused = [&](const MovementTable& other) {
    try {
      table.merge(other);
    } catch (const InvalidArgument& error) {
      return error.code() == ErrorCode::incompatible;
    }
    return false;
  };
  const Day day{std::chrono::year{2012} / 1 / 1};
  CHECK(refused(movement_table(view, kMovedSince + hours{1})));
  CHECK(refused(movement_table(view.at(kMovedUntil + hours{1}), kMovedSince)));
  CHECK(refused(movement_table(view, kMovedSince, Period{day, day + Days{7}})));
  CHECK(refused(movement_table(AsOf(EventLog(StageGraph::b2b_template()), kMovedUntil), kMovedSince)));
}
