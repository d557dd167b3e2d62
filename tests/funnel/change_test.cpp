#include <putki/funnel/change.hpp>

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/survival/aalen_johansen.hpp>
#include <putki/survival/confidence_sequence.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <optional>
#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

const Day kFirstDay{std::chrono::year{2012} / 1 / 1};

StageGraph plain_graph() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Offer")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .stage("Declined", StageKind::lost)
      .build();
}

// Stages that count as "Offer or beyond", by hand.
const std::set<std::string> kOfferOrBeyond{"Offer", "Won"};

struct NaiveCohort {
  std::uint64_t deals = 0, succeeded = 0, ended = 0, complete = 0, complete_succeeded = 0, won = 0, nameless = 0;
  std::int64_t cents = 0;
  Durations outcome{{}, {}, {}, 2}, life{{}, {}, {}, 1};
};

// From the histories alone: deals created in [from, from + window), each looked at up to min(created + h, known).
NaiveCohort naive_cohort(const StageGraph& graph, const std::vector<test::DealHistory>& histories, Day from, int window,
                         int h, Day known, bool to_offer, std::optional<std::string> region) {
  NaiveCohort cohort;
  for (const auto& history : histories) {
    if (region && history.region != *region) continue;
    const Timestamp created = history.changes.front().time;
    if (created < from || created >= from + Days{window}) continue;
    const Timestamp cut = std::min<Timestamp>(created + Days{h}, known);
    const auto age = [&](Timestamp t) { return static_cast<double>((t - created).count()) / 86400e6; };
    std::optional<Timestamp> success, end;
    bool win = false;
    std::optional<std::int64_t> amount;
    for (const auto& change : history.changes) {
      if (change.time > cut) continue;
      const std::string name = graph.stage(change.stage).name;
      if (change.amount != kNoAmount) amount = change.amount.minor;
      if (end) continue;
      if (!success && (to_offer ? kOfferOrBeyond.count(name) > 0 : name == "Won")) success = change.time;
      if (name == "Won" || name == "Lost" || name == "Declined") {
        end = change.time;
        win = name == "Won";
      }
    }
    ++cohort.deals;
    cohort.succeeded += success.has_value();
    cohort.ended += end && !success;
    cohort.complete += created + Days{h} <= Timestamp(known);
    cohort.complete_succeeded += created + Days{h} <= Timestamp(known) && success;
    cohort.won += win;
    if (win && amount) cohort.cents += *amount;
    cohort.nameless += win && !amount;
    cohort.outcome.time.push_back(success ? age(*success) : end ? age(*end) : age(cut));
    cohort.outcome.cause.push_back(success ? 1 : end ? 2 : 0);
    cohort.life.time.push_back(end ? age(*end) : age(cut));
    cohort.life.cause.push_back(end ? 1 : 0);
  }
  return cohort;
}

void check_cohort(const ChangeCohort& found, const NaiveCohort& naive, int h) {
  CHECK(found.deals == naive.deals);
  CHECK(found.succeeded == naive.succeeded);
  CHECK(found.ended == naive.ended);
  CHECK(found.complete == naive.complete);
  CHECK(found.complete_succeeded == naive.complete_succeeded);
  CHECK(found.won == naive.won);
  CHECK(found.won_without_amount == naive.nameless);
  CHECK(found.won_amount.minor == naive.cents);
  const CumulativeIncidence curve = aalen_johansen(naive.outcome);
  CHECK(found.share.probability == Approx(curve.probability(1, h)).epsilon(1e-12));
  CHECK(found.share.std_error == Approx(curve.std_error(1, h)).epsilon(1e-9).margin(1e-12));
  if (naive.deals == 0) return;
  const SurvivalCurve open = kaplan_meier(naive.life);
  CHECK(found.days_open == Approx(open.restricted_mean(h)).epsilon(1e-12));
  CHECK(found.days_open_std_error == Approx(open.restricted_mean_std_error(h)).epsilon(1e-9).margin(1e-12));
}

// `deals` a day from day 0 on; each is won with the share of its day after 3 days, else lost after 6.
EventLog steady_log(int days, int deals, const std::function<double(int)>& share, std::uint64_t seed) {
  const StageGraph graph = plain_graph();
  EventLogBuilder builder(graph);
  RandomStream random(seed, 0);
  for (int day = 0; day < days; ++day)
    for (int i = 0; i < deals; ++i) {
      const DealId deal = builder.deal(std::to_string(day) + "/" + std::to_string(i));
      const Timestamp created = Timestamp(kFirstDay) + Days{day} + hours{9};
      const bool won = random.uniform() < share(day);
      builder.set_attribute(deal, "desk", i % 2 == 0 ? "even" : "odd");
      builder.add({.deal = deal, .time = created, .stage = StageId{0}, .amount = Money{100'000}});
      builder.add({.deal = deal, .time = created + Days{won ? 3 : 6}, .stage = won ? StageId{2} : StageId{3}});
    }
  return builder.build();
}

}  // namespace

TEST_CASE("Cohorts before and after are those picked and cut naively, on thousands of random logs") {
  const StageGraph graph = plain_graph();
  std::mt19937 random(41);
  for (int round = 0; round < 2000; ++round) {
    const auto histories = test::random_histories(
        random, graph, {.deals = 20, .last_day = 50, .date_only = round % 5 == 0, .amounts = true});
    const AsOf view(test::build_log(graph, histories), kFirstDay + Days{20 + static_cast<int>(random() % 40)});
    ChangeOptions options;
    options.change_on = kFirstDay + Days{5 + static_cast<int>(random() % 14)};
    const int span = static_cast<int>((view.day() - options.change_on).count());
    options.window_days = static_cast<int>(random() % static_cast<unsigned>(span + 1));
    options.follow_up_days = static_cast<int>(random() % static_cast<unsigned>(span + 1));
    const bool to_offer = round % 2 == 1, by_region = round % 3 == 2;
    if (to_offer) options.reach = StageId{1};
    if (by_region) {
      bool north = false, south = false;
      for (const auto& history : histories) {
        north = north || history.region == "north";
        south = south || history.region == "south";
      }
      if (!north || !south) continue;
      options.attribute = "region";
      options.first_value = "north";
      options.second_value = "south";
    }
    const ChangeComparison change = compare_change(view, options);
    const int w = options.window_days == 0 ? span : options.window_days;
    const int h = options.follow_up_days == 0 ? std::min(90, std::max(1, span / 2)) : options.follow_up_days;
    CHECK(change.window_days == w);
    CHECK(change.follow_up_days == h);
    const auto cohort = [&](Day from, std::optional<std::string> region) {
      return naive_cohort(graph, histories, from, w, h, from + Days{span}, to_offer, region);
    };
    const Day on = options.change_on;
    if (by_region) {
      check_cohort(change.cohorts.first, cohort(on, "north"), h);
      check_cohort(change.cohorts.second, cohort(on, "south"), h);
    } else {
      check_cohort(change.cohorts.first, cohort(on - Days{w}, std::nullopt), h);
      check_cohort(change.cohorts.second, cohort(on, std::nullopt), h);
    }
    const NaiveCohort earlier = by_region ? cohort(on - Days{w}, "north") : cohort(on - Days{2 * w}, std::nullopt);
    const NaiveCohort later = by_region ? cohort(on - Days{w}, "south") : cohort(on - Days{w}, std::nullopt);
    REQUIRE(change.placebo.has_value() == (earlier.deals > 0 && later.deals > 0));
    if (change.placebo) {
      check_cohort(change.placebo->first, earlier, h);
      check_cohort(change.placebo->second, later, h);
    }
    const CohortComparison& both = change.cohorts;
    CHECK(both.share.value == Approx(both.second.share.probability - both.first.share.probability).margin(1e-12));
    CHECK(both.share.interval.lower <= both.share.value + 1e-12);
    CHECK(both.share.interval.upper >= both.share.value - 1e-12);
    CHECK(both.probability_of_improvement >= 0);
    CHECK(both.probability_of_improvement <= 1);
  }
}

TEST_CASE("With the mix held equal the difference is that within each value, averaged naively") {
  const StageGraph graph = plain_graph();
  std::mt19937 random(47);
  for (int round = 0; round < 500; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 30, .last_day = 50});
    const AsOf view(test::build_log(graph, histories), kFirstDay + Days{45});
    const Day on = kFirstDay + Days{20};
    const auto change = compare_change(view, {.change_on = on, .follow_up_days = 12, .adjust_for = "region"});
    double deals = 0, sum = 0, variance = 0;
    std::uint64_t values = 0, left_out = 0;
    for (const char* region : {"", "north", "south"}) {
      const NaiveCohort before = naive_cohort(graph, histories, on - Days{25}, 25, 12, on, false, region);
      const NaiveCohort after = naive_cohort(graph, histories, on, 25, 12, on + Days{25}, false, region);
      const auto size = before.deals + after.deals;
      if (before.deals == 0 || after.deals == 0) {
        left_out += size;
        continue;
      }
      ++values;
      const auto weight = static_cast<double>(size);
      const CumulativeIncidence a = aalen_johansen(before.outcome), b = aalen_johansen(after.outcome);
      deals += weight;
      sum += weight * (b.probability(1, 12) - a.probability(1, 12));
      variance += weight * weight * (std::pow(a.std_error(1, 12), 2) + std::pow(b.std_error(1, 12), 2));
    }
    REQUIRE(change.adjusted.has_value() == (values > 0));
    if (!change.adjusted) continue;
    CHECK(change.adjusted->values == values);
    CHECK(change.adjusted->deals_left_out == left_out);
    CHECK(change.adjusted->share.value == Approx(sum / deals).epsilon(1e-9).margin(1e-12));
    CHECK(change.adjusted->share.std_error == Approx(std::sqrt(variance) / deals).epsilon(1e-9).margin(1e-9));
    CHECK(change.adjusted->share.interval.lower <= change.adjusted->share.value);
    CHECK(change.adjusted->share.interval.upper >= change.adjusted->share.value);
  }
}

TEST_CASE("A mere shift of the mix is seen through when adjusted for") {
  // Desk A wins half, desk B a tenth; before, most deals are B's, after, most are A's. Nothing else changes.
  const StageGraph graph = plain_graph();
  EventLogBuilder builder(graph);
  RandomStream random(3, 0);
  for (int i = 0; i < 2000; ++i) {
    const DealId deal = builder.deal(std::to_string(i));
    const bool after = i >= 1000, at_a = random.uniform() < (after ? 0.8 : 0.2);
    const Timestamp created = Timestamp(kFirstDay) + Days{(after ? 40 : 0) + i % 40} + hours{9};
    const bool won = random.uniform() < (at_a ? 0.5 : 0.1);
    builder.set_attribute(deal, "desk", at_a ? "A" : "B");
    builder.add({.deal = deal, .time = created, .stage = StageId{0}});
    builder.add({.deal = deal, .time = created + Days{won ? 3 : 6}, .stage = won ? StageId{2} : StageId{3}});
  }
  const AsOf view(builder.build(), kFirstDay + Days{80});
  const auto change =
      compare_change(view, {.change_on = kFirstDay + Days{40}, .follow_up_days = 10, .adjust_for = "desk"});
  CHECK(change.verdict == ChangeVerdict::better);
  CHECK(change.cohorts.share.value == Approx(0.24).margin(0.06));
  REQUIRE(change.adjusted);
  CHECK(change.adjusted->share.interval.lower < 0);
  CHECK(change.adjusted->share.interval.upper > 0);
  CHECK(change.adjusted->outcome.p_value > 0.01);
  CHECK(change.cohorts.outcome.p_value < 1e-6);
  ChangeOptions options{.change_on = kFirstDay + Days{40}, .adjust_for = "floor"};
  CHECK_THROWS_AS(compare_change(view, options), InvalidArgument);
  options = {.change_on = kFirstDay + Days{40},
             .attribute = "desk",
             .first_value = "A",
             .second_value = "B",
             .adjust_for = "desk"};
  CHECK_THROWS_AS(compare_change(view, options), InvalidArgument);
}

TEST_CASE("What came after a cohort's follow-up does not exist for it") {
  const StageGraph graph = plain_graph();
  std::mt19937 random(43);
  for (int round = 0; round < 300; ++round) {
    auto histories = test::random_histories(random, graph, {.deals = 25, .last_day = 50, .amounts = true});
    const Day on = kFirstDay + Days{15}, as_of = kFirstDay + Days{30};
    const auto before = [&] {
      return compare_change(AsOf(test::build_log(graph, histories), as_of), {.change_on = on}).cohorts.first;
    };
    const ChangeCohort whole = before();
    for (auto& history : histories)
      while (history.changes.size() > 1 && history.changes.back().time > Timestamp(on)) history.changes.pop_back();
    const ChangeCohort cut = before();
    CHECK(whole.deals == cut.deals);
    CHECK(whole.share.probability == cut.share.probability);
    CHECK(whole.days_open == cut.days_open);
    CHECK(whole.won_amount == cut.won_amount);
  }
}

TEST_CASE("Money per deal is the plain mean when nothing is censored, and stretches over unknown amounts") {
  const StageGraph graph = plain_graph();
  const auto log_of = [&](std::vector<Money> amounts) {
    EventLogBuilder builder(graph);
    // 4 deals before and 4 after day 20, all won after a day but the last of each, lost after 2
    for (std::size_t i = 0; i < 8; ++i) {
      const DealId deal = builder.deal(std::to_string(i));
      const Timestamp created = Timestamp(kFirstDay) + Days{i < 4 ? 12 : 22} + hours{8};
      builder.add({.deal = deal, .time = created, .stage = StageId{0}});
      const bool won = i % 4 != 3;
      builder.add({.deal = deal,
                   .time = created + Days{won ? 1 : 2},
                   .stage = won ? StageId{2} : StageId{3},
                   .amount = amounts[i % 4]});
    }
    return builder.build();
  };
  const ChangeOptions options{.change_on = kFirstDay + Days{20}, .follow_up_days = 5};
  const auto known =
      compare_change(AsOf(log_of({Money{1000}, Money{2000}, Money{6000}, Money{9900}}), kFirstDay + Days{40}), options);
  // 10, 20, 60 and nothing for the lost one
  CHECK(known.cohorts.first.money_per_deal.value() == Approx(22.5).epsilon(1e-12));
  CHECK(known.cohorts.first.money_std_error ==
        Approx(std::sqrt((156.25 + 6.25 + 1406.25 + 506.25) / 16)).epsilon(1e-9));
  CHECK(known.cohorts.money->value == Approx(0).margin(1e-9));
  CHECK(known.cohorts.money->std_error == Approx(known.cohorts.first.money_std_error * std::sqrt(2)).epsilon(1e-9));
  const auto partly =
      compare_change(AsOf(log_of({Money{1000}, Money{2000}, kNoAmount, Money{9900}}), kFirstDay + Days{40}), options);
  // three of four won, 15 each on average
  CHECK(partly.cohorts.first.money_per_deal.value() == Approx(0.75 * 15).epsilon(1e-12));
  CHECK(partly.cohorts.first.won_without_amount == 1);
  const auto unknown =
      compare_change(AsOf(log_of({kNoAmount, kNoAmount, kNoAmount, kNoAmount}), kFirstDay + Days{40}), options);
  CHECK(!unknown.cohorts.first.money_per_deal);
  CHECK(!unknown.cohorts.money);
}

TEST_CASE("A change that works is found, one that does nothing is not, and a trend is no change") {
  const auto verdict = [](const std::function<double(int)>& share, int deals, std::uint64_t seed) {
    const AsOf view(steady_log(120, deals, share, seed), kFirstDay + Days{120});
    return compare_change(view, {.change_on = kFirstDay + Days{80}, .follow_up_days = 14});
  };
  const auto worked = verdict([](int day) { return day < 80 ? 0.2 : 0.4; }, 20, 1);
  CHECK(worked.verdict == ChangeVerdict::better);
  CHECK(worked.sure_at_every_look);
  CHECK(!worked.placebo_differs);
  CHECK(worked.cohorts.probability_of_improvement > 0.999);
  CHECK(worked.cohorts.outcome.p_value < 1e-6);
  CHECK(worked.cohorts.share.interval.lower < 0.2);
  CHECK(worked.cohorts.share.interval.upper > 0.2);
  CHECK(verdict([](int day) { return day < 80 ? 0.4 : 0.2; }, 20, 2).verdict == ChangeVerdict::worse);
  CHECK(verdict([](int) { return 0.2; }, 3, 3).verdict == ChangeVerdict::too_early);
  CHECK(verdict([](int) { return 0.02; }, 60, 4).verdict == ChangeVerdict::no_difference);
  // It went on as it always had: up. The placebo sees it.
  const auto trend = verdict([](int day) { return 0.1 + 0.005 * day; }, 20, 5);
  CHECK(trend.verdict == ChangeVerdict::better);
  CHECK(trend.placebo_differs);
}

TEST_CASE("Without a change limits of the difference miss zero as often as they say") {
  int missed = 0, missed_always = 0;
  const int rounds = 400;
  for (int round = 0; round < rounds; ++round) {
    const AsOf view(steady_log(
                        60, 6, [](int) { return 0.25; }, 100 + static_cast<std::uint64_t>(round)),
                    kFirstDay + Days{60});
    const auto change = compare_change(view, {.change_on = kFirstDay + Days{30}});
    missed += change.verdict == ChangeVerdict::better || change.verdict == ChangeVerdict::worse;
    missed_always += change.sure_at_every_look;
  }
  CHECK(missed >= 6);  // 20 expected, 4.4 the standard error of chance
  CHECK(missed <= 36);
  CHECK(missed_always <= 8);
}

TEST_CASE("Nothing to compare is said, not thrown") {
  const StageGraph graph = plain_graph();
  const auto empty = compare_change(AsOf(EventLog(graph), kFirstDay), {.change_on = kFirstDay - Days{10}});
  CHECK(empty.verdict == ChangeVerdict::nothing_to_compare);
  CHECK(empty.cohorts.first.deals == 0);
  CHECK(empty.cohorts.first.share_limits == Interval{0, 1});
  CHECK(empty.cohorts.probability_of_improvement == Approx(0.5));
  CHECK(!empty.placebo);
  CHECK(!empty.cohorts.money);
  CHECK(!empty.sure_at_every_look);
  EventLogBuilder builder(graph);
  builder.add({.deal = builder.deal("only"), .time = Timestamp(kFirstDay), .stage = StageId{0}});
  const auto one = compare_change(AsOf(builder.build(), kFirstDay + Days{1}), {.change_on = kFirstDay});
  CHECK(one.cohorts.second.deals == 1);
  CHECK(one.verdict == ChangeVerdict::nothing_to_compare);
  const StageGraph no_win = StageGraph::Builder().stage("Lead").stage("Lost", StageKind::lost).build();
  CHECK(compare_change(AsOf(EventLog(no_win), kFirstDay), {.change_on = kFirstDay - Days{3}}).cohorts.second.deals ==
        0);
}

TEST_CASE("Comparisons without sense are refused") {
  const AsOf view(steady_log(
                      20, 2, [](int) { return 0.5; }, 1),
                  kFirstDay + Days{20});
  const Day on = kFirstDay + Days{10};
  CHECK_NOTHROW(compare_change(view, {.change_on = on}));
  CHECK_THROWS_AS(compare_change(view, {.change_on = kFirstDay + Days{20}}), InvalidArgument);
  CHECK_THROWS_AS(compare_change(view, {.change_on = on, .window_days = 11}), InvalidArgument);
  CHECK_THROWS_AS(compare_change(view, {.change_on = on, .window_days = -1}), InvalidArgument);
  CHECK_THROWS_AS(compare_change(view, {.change_on = on, .follow_up_days = 11}), InvalidArgument);
  CHECK_THROWS_AS(compare_change(view, {.change_on = on, .reach = StageId{3}}), InvalidArgument);
  CHECK_THROWS_AS(compare_change(view, {.change_on = on, .reach = StageId{99}}), InvalidArgument);
  CHECK_THROWS_AS(compare_change(view, {.change_on = on, .level = 1}), InvalidArgument);
  CHECK_THROWS_AS(compare_change(view, {.change_on = on, .power = 0.2}), InvalidArgument);
  CHECK_THROWS_AS(compare_change(view, {.change_on = on, .worthwhile = -1}), InvalidArgument);
  ChangeOptions options{.change_on = on, .attribute = "desk", .first_value = "even", .second_value = "odd"};
  CHECK(compare_change(view, options).cohorts.first.deals == 10);
  options.second_value = "even";
  CHECK_THROWS_AS(compare_change(view, options), InvalidArgument);
  options.second_value = "none";
  CHECK_THROWS_AS(compare_change(view, options), InvalidArgument);
  options.attribute = "floor";
  CHECK_THROWS_AS(compare_change(view, options), InvalidArgument);
}
