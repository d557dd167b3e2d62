#include <putki/funnel/close_rates.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"
#include "simulated_pipeline.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>

using namespace putki;
using std::chrono::hours;
using enum CloseRateDefinition;

namespace {

const CloseRateLine& line(const CloseRates& rates, CloseRateDefinition definition) {
  return rates.lines.at(static_cast<std::size_t>(definition));
}

struct NaiveRate {
  std::uint64_t won = 0, deals = 0;
};

}  // namespace

// What must be seen: the bias of Won/(Won+Lost) is that of the formula, and the censoring-aware rate has none.
TEST_CASE("In a growing pipeline Won/(Won+Lost) is off by the formula, the rate by age is not") {
  struct Case {
    double growth_per_month;
    test::TrueTimes win, loss;
  };
  const test::TrueTimes fast{12, 1}, slow{45, 3};
  std::vector<Case> cases;
  for (const double growth : {-0.2, 0.0, 0.2, 0.4})
    for (const bool quick_wins : {true, false})
      cases.push_back({growth, quick_wins ? fast : slow, quick_wins ? slow : fast});
  std::uint64_t stream = 0;
  for (const Case& c : cases) {
    const double p = 0.3, growth = std::log1p(c.growth_per_month) / 30;
    const AsOf view = test::simulate({.days = 500,
                                      .inflow = c.growth_per_month < 0 ? 20.0 : 60.0,
                                      .growth = growth,
                                      .p = p,
                                      .win = c.win,
                                      .loss = c.loss},
                                     RandomStream(91, ++stream));
    // By 300 days all but e^-25 of the fast and 6e-7 of the slow have ended.
    const CloseRates rates = close_rates(view, {.since = test::kSimulatedEnd - Days{90}, .horizon_days = 300});
    const double wins = p * c.win.discounted(growth), losses = (1 - p) * c.loss.discounted(growth);
    const double formula = wins / (wins + losses);
    const CloseRateLine& closed = line(rates, closed_in_window);
    const CloseRateLine& by_age_line = line(rates, by_age);
    REQUIRE(by_age_line.rate);
    CAPTURE(c.growth_per_month, c.win.mean, formula, closed.rate->value, by_age_line.rate->value, closed.deals);
    // An error of the simulation's own size; 16 comparisons at 3.5 errors: a false alarm in 130.
    CHECK(std::abs(closed.rate->value - formula) <
          3.5 * std::sqrt(formula * (1 - formula) / static_cast<double>(closed.deals)));
    CHECK(std::abs(by_age_line.rate->value - p) < 3.5 * *by_age_line.rate->std_error);
    CHECK(*by_age_line.rate->std_error < 0.02);
    if (growth != 0) {
      CHECK(std::abs(formula - p) > 0.03);
      CHECK(std::abs(closed.rate->value - p) > 4 * *closed.rate->std_error);  // off beyond chance
      CHECK((closed.rate->value > p) == ((c.win.mean < c.loss.mean) == (growth > 0)));
    }
    // And the data themselves say so: growth and formula are found without the truth.
    CHECK(std::abs(rates.bias.growth_per_day->value - growth) < 3.5 * *rates.bias.growth_per_day->std_error);
    CHECK(std::abs(rates.bias.predicted->value - formula) < 3.5 * *rates.bias.predicted->std_error);
    CHECK(std::abs(rates.bias.off_by->value - (formula - p)) < 3.5 * *rates.bias.off_by->std_error);
  }
}

TEST_CASE("Every definition of the close rate, by hand") {
  const StageGraph graph = test::simulated_graph();
  std::vector<test::DealHistory> histories;
  const auto add = [&](double amount, std::vector<std::pair<int, std::size_t>> changes) {
    test::DealHistory history{.name = "deal " + std::to_string(histories.size()), .region = "", .changes = {}};
    for (const auto& [day, stage] : changes)
      history.changes.push_back({test::kFirstInstant + hours{24 * day + 1}, static_cast<StageId>(stage),
                                 amount < 0 ? kNoAmount : Money::from_units(amount)});
    histories.push_back(history);
  };
  add(100, {{0, 0}, {5, 2}});    // won before the window
  add(300, {{0, 0}, {25, 2}});   // won in it, at 25 days
  add(400, {{10, 0}, {22, 3}});  // lost in it
  add(-1, {{21, 0}, {23, 3}});   // created and lost in it
  add(200, {{22, 0}});           // created in it, open
  add(500, {{2, 0}});            // open all along
  const Day begin{std::chrono::year{2012} / 1 / 1};
  const AsOf view(test::build_log(graph, histories), begin + Days{31});
  const CloseRates rates = close_rates(view, {.since = begin + Days{20}, .horizon_days = 10});
  const auto expect = [&](CloseRateDefinition definition, std::uint64_t won, std::uint64_t deals, std::uint64_t open) {
    CAPTURE(to_string(definition));
    CHECK(line(rates, definition).won == won);
    CHECK(line(rates, definition).deals == deals);
    CHECK(line(rates, definition).open == open);
  };
  expect(closed_in_window, 1, 3, 0);
  expect(closed_ever, 2, 4, 0);
  expect(created_naive, 0, 2, 1);
  expect(won_of_all, 2, 6, 2);
  expect(snapshot, 1, 3, 1);        // the second, third and last were open on day 20
  expect(matured_cohort, 1, 4, 3);  // all but the two young ones; three without an end by their tenth day
  expect(value_weighted, 1, 2, 0);
  CHECK(line(rates, value_weighted).rate->value == Approx(300.0 / 700));
  expect(by_age, 1, 6, 2);
  // at 2 days 6 at risk, one lost; at 5 days 5 at risk, one won
  CHECK(line(rates, by_age).rate->value == Approx(5.0 / 6 / 5));
  CHECK(line(rates, by_age_value).rate->value == Approx(100.0 / 1500));
  CHECK(line(rates, created_naive).rate->interval->lower == 0);
}

TEST_CASE("Counts of every definition equal a naive walk") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(92);
  for (int round = 0; round < 2000; ++round) {
    const auto histories = test::random_histories(
        random, graph, {.deals = 1 + static_cast<int>(random() % 20), .most_changes = 6, .amounts = true});
    const double at = 20 + static_cast<double>(random() % 45), from = static_cast<double>(random() % 20);
    const double horizon = 1 + static_cast<double>(random() % 30);
    const Day begin{std::chrono::year{2012} / 1 / 1};
    const CloseRates rates = close_rates(AsOf(test::build_log(graph, histories), begin + Days{static_cast<int>(at)}),
                                         {.since = begin + Days{static_cast<int>(from)}, .horizon_days = horizon});
    std::map<CloseRateDefinition, NaiveRate> expected;
    const auto add = [&](CloseRateDefinition definition, bool member, bool won) {
      expected[definition].deals += member;
      expected[definition].won += member && won;
    };
    for (const auto& history : histories) {
      const double created = elapsed_days(test::kFirstInstant, history.changes.front().time);
      if (created > at) continue;
      double end = 1e9;
      bool won = false;
      for (const auto& change : history.changes) {
        const double time = elapsed_days(test::kFirstInstant, change.time);
        if (time > at || !graph.is_terminal(change.stage)) continue;
        end = time;
        won = graph.kind(change.stage) == StageKind::won;
        break;
      }
      const bool ended = end < 1e9;
      add(closed_in_window, ended && end > from, won);
      add(closed_ever, ended, won);
      add(created_naive, created > from, won);
      add(won_of_all, true, won);
      add(snapshot, created <= from && end > from, won);
      add(matured_cohort, at - created >= horizon, won && end - created <= horizon);
      add(by_age, true, won && end - created <= horizon);
    }
    for (const auto& [definition, naive] : expected) {
      CAPTURE(to_string(definition), round);
      REQUIRE(line(rates, definition).won == naive.won);
      REQUIRE(line(rates, definition).deals == naive.deals);
      if (definition == by_age || naive.deals == 0) continue;
      REQUIRE(line(rates, definition).rate->value ==
              Approx(static_cast<double>(naive.won) / static_cast<double>(naive.deals)));
    }
    // When every deal is old enough nothing is censored before the horizon, and both honest rates agree.
    if (expected[matured_cohort].deals == rates.deals && rates.deals > 0 && line(rates, by_age).rate)
      REQUIRE(line(rates, by_age).rate->value == Approx(line(rates, matured_cohort).rate->value).margin(1e-12));
  }
}

TEST_CASE("The growth of a stream solves its likelihood equation") {
  // Likelihood by brute force over a grid of g: sum of log(g e^(g x) / (e^(g L) - 1)).
  std::mt19937 random(93);
  for (int round = 0; round < 100; ++round) {
    const double length = 10 + static_cast<double>(random() % 300);
    std::vector<double> ages;
    for (std::size_t i = 0; i < 5 + random() % 30; ++i)
      ages.push_back(length * static_cast<double>(random() % 1000) / 1000);
    const auto estimate = stream_growth(ages, length);
    REQUIRE(estimate);
    const auto log_likelihood = [&](double g) {
      const double norm = std::abs(g) < 1e-9 ? std::log(length) : std::log(std::expm1(g * length) / g);
      double sum = 0;
      for (const double age : ages) sum += g * age - norm;
      return sum;
    };
    const double best = log_likelihood(estimate->value), step = 0.2 / length;
    REQUIRE(best >= log_likelihood(estimate->value + step));
    REQUIRE(best >= log_likelihood(estimate->value - step));
    const double small = 1e-2 / length;
    const double curvature =
        (log_likelihood(estimate->value + small) + log_likelihood(estimate->value - small) - 2 * best) /
        (small * small);
    REQUIRE(*estimate->std_error == Approx(1 / std::sqrt(-curvature)).epsilon(0.01));
  }
  CHECK(stream_growth({2, 8}, 10)->value == Approx(0).margin(1e-9));
  CHECK_FALSE(stream_growth({5}, 10));
  CHECK_FALSE(stream_growth({10, 10}, 10));
  CHECK_FALSE(stream_growth({0, 0}, 0));
}

TEST_CASE("Without deals no definition has a rate, and questions without sense are refused") {
  const AsOf view(EventLog(StageGraph::b2b_template()), Day{std::chrono::year{2012} / 1 / 1});
  const CloseRates rates = close_rates(view);
  REQUIRE(rates.lines.size() == 9);
  for (const CloseRateLine& l : rates.lines) {
    CHECK(l.deals == 0);
    CHECK_FALSE(l.rate);
    CHECK_FALSE(l.why.empty());
  }
  CHECK_FALSE(rates.bias.growth_per_day);
  CHECK_FALSE(rates.bias.predicted);
  CHECK_THROWS_AS(close_rates(view, {.since = Day{std::chrono::year{2012} / 1 / 1}}), InvalidArgument);
  CHECK_THROWS_AS(close_rates(view, {.horizon_days = -1}), InvalidArgument);
}
