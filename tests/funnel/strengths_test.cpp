#include <putki/funnel/strengths.hpp>

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

struct StrengthStay {
  double days;
  int cause;  // 0 open, 1 good, 2 else
};

// Share that has come to a good end by `day`, and the area under the share still without one: by the definition.
std::pair<double, double> naive_share(const std::vector<StrengthStay>& stays, double day) {
  std::set<double> times;
  for (const StrengthStay& stay : stays)
    if (stay.cause > 0) times.insert(stay.days);
  double still = 1, good = 0, area = 0, from = 0;
  for (const double time : times) {
    if (time > day) break;
    double at_risk = 0, ends = 0, good_ends = 0;
    for (const StrengthStay& stay : stays) {
      at_risk += stay.days >= time;
      ends += stay.days == time && stay.cause > 0;
      good_ends += stay.days == time && stay.cause == 1;
    }
    area += still * (time - from);
    from = time;
    good += still * good_ends / at_risk;
    still -= still * ends / at_risk;
  }
  return {good, area + still * (day - from)};
}

// A pipeline of one open stage: deals of owners, each with a chance to be won and a mean time, entering over `days`.
struct SimulatedOwner {
  std::string name;
  int deals;
  double win;
  double mean_days = 10;
};

EventLog simulated_owners(std::uint64_t seed, const std::vector<SimulatedOwner>& owners, double days = 300) {
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead", "Offer"});
  EventLogBuilder builder(graph);
  const auto at = [](double day) {
    return test::kFirstInstant + std::chrono::microseconds(std::llround(day * 86'400e6));
  };
  std::uint64_t stream = 0;
  for (const SimulatedOwner& owner : owners)
    for (int i = 0; i < owner.deals; ++i) {
      RandomStream random(seed, stream++);
      const DealId deal = builder.deal(owner.name + std::to_string(i));
      builder.set_attribute(deal, "owner", owner.name);
      builder.set_attribute(deal, "region", random.uniform() < 0.4 ? "north" : "south");
      double time = days * random.uniform();
      const auto add = [&](StageId stage) {
        builder.add({.deal = deal, .time = at(time), .stage = stage, .amount = Money::from_units(1'000)});
      };
      add(StageId{0});
      time += owner.mean_days * random.exponential();
      if (random.uniform() < owner.win) {
        add(StageId{1});
        time += 5 * random.exponential();
        add(random.uniform() < 0.5 ? StageId{2} : StageId{3});
      } else {
        add(StageId{3});
      }
    }
  return builder.build();
}

AsOf after_300_days(const EventLog& log) {
  return AsOf(log, test::kFirstInstant + hours{24 * 300});
}

const Strength* find_strength(const Strengths& strengths, const std::string& value, StrengthMeasure measure,
                              StageId stage) {
  for (const Strength& strength : strengths.comparisons)
    if (strength.value == value && strength.measure == measure && strength.stage == stage) return &strength;
  return nullptr;
}

}  // namespace

TEST_CASE("p-values adjusted for false discoveries are R's") {
  const std::vector<double> p{0.041, 0.0002, 0.9, 0.03, 0.03, 0.5, 0.0011, 1, 0};
  const std::vector<double> expected{0.0615, 0.0009, 1, 0.054, 0.054, 0.6428571429, 0.0033, 1, 0};
  const std::vector<double> adjusted = false_discovery_adjusted(p);
  REQUIRE(adjusted.size() == p.size());
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(adjusted[i] == Approx(expected[i]).epsilon(1e-9));
  CHECK(false_discovery_adjusted({}).empty());
  for (const double bad : {-0.1, 1.1, std::nan("")})
    CHECK_THROWS_AS(false_discovery_adjusted(std::vector<double>{0.5, bad}), InvalidArgument);
  // a discovery at level q by the step-up rule itself
  std::mt19937 random(91);
  for (int round = 0; round < 500; ++round) {
    std::vector<double> values(1 + random() % 12);
    for (double& value : values) value = static_cast<double>(random() % 60) / 59;
    const std::vector<double> q = false_discovery_adjusted(values);
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (const double level : {0.05, 0.1, 0.3}) {
      double cut = -1;
      for (std::size_t i = 0; i < sorted.size(); ++i)
        if (sorted[i] <= level * static_cast<double>(i + 1) / static_cast<double>(sorted.size()) * (1 + 1e-12))
          cut = sorted[i];
      for (std::size_t i = 0; i < values.size(); ++i) REQUIRE((q[i] <= level * (1 + 1e-12)) == (values[i] <= cut));
    }
  }
}

TEST_CASE("Two owners by hand: the score test is R's, the rest follows") {
  // 60 of 120 of Ann's deals are won on day 5, 40 of 200 of Bob's; the others are lost on day 9.
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead"});
  EventLogBuilder builder(graph);
  const auto add = [&](const std::string& owner, int i, bool won) {
    const DealId deal = builder.deal(owner + std::to_string(i));
    builder.set_attribute(deal, "owner", owner);
    const Timestamp begin = test::kFirstInstant + hours{24 * (i % 10)};
    builder.add({.deal = deal, .time = begin, .stage = StageId{0}, .amount = Money::from_units(won ? 500 : 900)});
    builder.add({.deal = deal,
                 .time = begin + hours{24 * (won ? 5 : 9)},
                 .stage = StageId{won ? std::uint16_t{1} : std::uint16_t{2}}});
  };
  for (int i = 0; i < 120; ++i) add("Ann", i, i < 60);
  for (int i = 0; i < 200; ++i) add("Bob", i, i < 40);
  const Strengths found = strengths(AsOf(builder.build(), test::kFirstInstant + hours{24 * 60}));
  const Strength* ann = find_strength(found, "Ann", StrengthMeasure::close_rate, kNoStage);
  REQUIRE(ann != nullptr);
  CHECK(ann->by_days == 5);
  CHECK(ann->here == Approx(0.5));
  CHECK(ann->others == Approx(0.2));
  CHECK(ann->z == Approx(5.605192398).epsilon(1e-8));
  CHECK(ann->p_value == Approx(2.080237561e-08).epsilon(1e-7));
  CHECK(ann->better);
  CHECK(ann->discovery);
  CHECK(ann->shrunk == Approx(0.3 * (1 - 1 / (5.605192398 * 5.605192398))).epsilon(1e-8));
  // Newcombe's limits from Wilson's
  const Interval a = wilson_interval(60, 120), b = wilson_interval(40, 200);
  CHECK(ann->limits.lower == Approx(0.3 - std::hypot(0.5 - a.lower, b.upper - 0.2)));
  CHECK(ann->limits.upper == Approx(0.3 + std::hypot(a.upper - 0.5, 0.2 - b.lower)));
  // 120 deals in 60 days; a win is worth 500
  CHECK(ann->visits_per_month == Approx(120 / 60.0 * 365.25 / 12));
  REQUIRE(ann->money_per_month.has_value());
  CHECK(*ann->money_per_month == Approx(ann->visits_per_month * ann->shrunk * 500));
  const Strength* bob = find_strength(found, "Bob", StrengthMeasure::close_rate, kNoStage);
  REQUIRE(bob != nullptr);
  CHECK(bob->difference == Approx(-0.3));
  CHECK(bob->shrunk == Approx(-ann->shrunk));
  CHECK_FALSE(bob->better);
  // Bob's visits are more: his gap is worth more
  CHECK(*found.comparisons[0].money_per_month < 0);
}

TEST_CASE("Rates, stays, horizons and worth equal a walk through the histories") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(92);
  std::size_t compared = 0, money = 0;
  for (int round = 0; round < 1'000; ++round) {
    const auto histories = test::random_histories(
        random, graph, {.deals = 60, .most_changes = 5, .date_only = round % 2 == 0, .amounts = true});
    const Timestamp instant = test::kFirstInstant + hours{24 * (40 + random() % 30)};
    const Strengths found =
        strengths(AsOf(test::build_log(graph, histories), instant), {.least_visits = 5, .horizon_share = 0.5});
    struct Seen {
      std::map<std::string, std::vector<StrengthStay>> by_region;
      std::map<std::string, std::size_t> recent;
      std::vector<StrengthStay> after;
      double won_amount = 0;
      std::size_t won = 0;
    };
    std::map<std::size_t, Seen> seen;  // by stage; 99: deals
    Timestamp first = instant;
    for (const auto& history : histories) {
      const auto visits = test::naive_visits(history, instant);
      for (const auto& change : history.changes) first = std::min(first, change.time);
      if (visits.empty()) continue;
      std::size_t end = 0;
      while (end < visits.size() && !graph.is_terminal(visits[end].stage)) ++end;
      const bool won = end < visits.size() && graph.kind(visits[end].stage) == StageKind::won;
      const Timestamp end_time = end < visits.size() ? visits[end].entered : instant;
      // the amount known at the first record of the end (later rows of the same stage do not count), or at the view
      Money amount = kNoAmount;
      bool ended = false;
      for (const auto& change : history.changes) {
        if (change.time > instant || ended) break;
        if (change.amount != kNoAmount) amount = change.amount;
        ended = graph.is_terminal(change.stage);
      }
      const int how = end == visits.size() ? 0 : won ? 1 : 2;
      Seen& deals = seen[99];
      deals.by_region[history.region].push_back({elapsed_days(visits[0].entered, end_time), how});
      ++deals.recent[history.region];
      if (won && amount != kNoAmount) deals.won_amount += amount.units(), ++deals.won;
      for (std::size_t i = 0; i < visits.size(); ++i) {
        const auto& visit = visits[i];
        if (graph.is_terminal(visit.stage)) continue;
        Seen& stage = seen[index(visit.stage)];
        const bool advanced = visit.next != kNoStage && graph.kind(visit.next) != StageKind::lost &&
                              (graph.kind(visit.next) == StageKind::won || index(visit.next) > index(visit.stage));
        stage.by_region[history.region].push_back(
            {elapsed_days(visit.entered, visit.next == kNoStage ? instant : visit.left), visit.next == kNoStage ? 0
                                                                                         : advanced             ? 1
                                                                                                                : 2});
        ++stage.recent[history.region];
        if (!advanced || i + 1 > end) continue;
        stage.after.push_back({elapsed_days(visit.left, end_time), how});
        if (won && amount != kNoAmount) stage.won_amount += amount.units(), ++stage.won;
      }
    }
    std::set<std::tuple<std::string, StrengthMeasure, StageId>> twice;
    for (const Strength& strength : found.comparisons) {
      REQUIRE(twice.insert({strength.value, strength.measure, strength.stage}).second);
      Seen& stage = seen[strength.measure == StrengthMeasure::close_rate ? 99 : index(strength.stage)];
      std::vector<StrengthStay> others, all;
      for (const auto& [region, stays] : stage.by_region) {
        all.insert(all.end(), stays.begin(), stays.end());
        if (region != strength.value) others.insert(others.end(), stays.begin(), stays.end());
      }
      const auto& here = stage.by_region[strength.value];
      REQUIRE(strength.visits == here.size());
      REQUIRE(strength.other_visits == others.size());
      // the horizon: whole days, half of the good ends by then and not a day before
      const double good = naive_share(all, 1e9).first;
      REQUIRE(naive_share(all, strength.by_days).first >= 0.5 * good - 1e-9);
      if (strength.by_days > 1) REQUIRE(naive_share(all, strength.by_days - 1).first < 0.5 * good + 1e-9);
      const auto [share, stay] = naive_share(here, strength.by_days);
      const auto [other_share, other_stay] = naive_share(others, strength.by_days);
      const bool days = strength.measure == StrengthMeasure::stay;
      REQUIRE(strength.here == Approx(days ? stay : share).margin(1e-9));
      REQUIRE(strength.others == Approx(days ? other_stay : other_share).margin(1e-9));
      REQUIRE(strength.better == (days ? strength.difference < 0 : strength.difference > 0));
      REQUIRE(std::abs(strength.shrunk) <= std::abs(strength.difference) + 1e-12);
      REQUIRE(strength.shrunk * strength.difference >= 0);
      REQUIRE(strength.p_value == Approx(std::erfc(std::abs(strength.z) / std::sqrt(2.0))));
      REQUIRE(strength.discovery == (strength.q_value <= 0.1));
      REQUIRE(strength.limits.lower <= strength.difference);
      REQUIRE(strength.limits.upper >= strength.difference);
      const double months = elapsed_days(first, instant) / (365.25 / 12);  // shorter than 91 days
      REQUIRE(strength.visits_per_month == Approx(static_cast<double>(stage.recent[strength.value]) / months));
      if (days || stage.won == 0) {
        REQUIRE_FALSE(strength.money_per_month.has_value());
      } else {
        double worth = stage.won_amount / static_cast<double>(stage.won);
        if (strength.measure == StrengthMeasure::advance) worth *= naive_share(stage.after, 1e9).first;
        REQUIRE(strength.money_per_month.has_value());
        REQUIRE(*strength.money_per_month == Approx(strength.visits_per_month * strength.shrunk * worth).margin(1e-6));
        ++money;
      }
      ++compared;
    }
  }
  CHECK(compared > 3'000);
  CHECK(money > 1'000);
}

TEST_CASE("Where nothing differs a discovery is rare; a true difference is found and its money is right") {
  int any = 0, found = 0;
  double money = 0, false_share = 0;
  const int rounds = 300;
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    // unequal teams, none better than another
    any += strengths(after_300_days(simulated_owners(
                         seed, {{"Ann", 60, 0.4}, {"Bob", 120, 0.4}, {"Cleo", 200, 0.4}, {"Dan", 40, 0.4}})))
               .discoveries > 0;
    const Strengths truth = strengths(
        after_300_days(simulated_owners(10'000 + seed, {{"Ann", 150, 0.65}, {"Bob", 150, 0.4}, {"Cleo", 150, 0.4}})));
    const Strength* ann = find_strength(truth, "Ann", StrengthMeasure::advance, StageId{0});
    REQUIRE(ann != nullptr);
    found += ann->discovery && ann->better;
    REQUIRE(ann->money_per_month.has_value());
    money += *ann->money_per_month;
    // false: a region anywhere, an owner at the second stage, anybody's days
    double wrong = 0;
    for (const Strength& strength : truth.comparisons)
      wrong += strength.discovery && (strength.attribute == "region" || strength.stage == StageId{1} ||
                                      strength.measure == StrengthMeasure::stay);
    if (truth.discoveries > 0) false_share += wrong / static_cast<double>(truth.discoveries);
  }
  CHECK(any <= 0.10 * rounds + 3 * std::sqrt(0.09 * rounds));
  CHECK(found >= 0.95 * rounds);
  CHECK(false_share / rounds <= 0.1);  // the false discovery rate itself
  // 15 of Ann's leads a month x 0.25 x (half of the offers won x 1,000), 0.9 of it by the horizon; shrinkage keeps
  // 1 - 1 / z^2, 0.9 at a z of 3 or so
  const double expected = 0.9 * 150 / 300.0 * (365.25 / 12) * 0.25 * 500;
  CHECK(money / rounds < expected);
  CHECK(money / rounds > 0.8 * expected);
}

TEST_CASE("Shrunk differences are nearer the truth than raw ones") {
  double raw = 0, shrunk = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::vector<SimulatedOwner> owners;
    RandomStream random(93, seed);
    for (int i = 0; i < 10; ++i)
      owners.push_back({std::string(1, static_cast<char>('A' + i)), 40, 0.4 + 0.04 * random.normal()});
    const Strengths found = strengths(after_300_days(simulated_owners(20'000 + seed, owners)));
    double all = 0;
    for (const SimulatedOwner& owner : owners) all += owner.win;
    for (const SimulatedOwner& owner : owners) {
      const Strength* strength = find_strength(found, owner.name, StrengthMeasure::advance, StageId{0});
      if (strength == nullptr) continue;
      const double truth = 0.9 * (owner.win - (all - owner.win) / 9);  // by the age at which 90 % have come
      raw += std::pow(strength->difference - truth, 2);
      shrunk += std::pow(strength->shrunk - truth, 2);
    }
  }
  CHECK(shrunk < 0.6 * raw);
}

TEST_CASE("Of nothing there are no strengths; too few and too young are counted; bad options are refused") {
  const AsOf empty = AsOf::end_of(EventLog(StageGraph::b2b_template()));
  CHECK(strengths(empty).comparisons.empty());
  CHECK_THROWS_AS(strengths(empty, {.attributes = {"owner"}}), InvalidArgument);
  CHECK_THROWS_AS(strengths(empty, {.false_discovery_rate = 0}), InvalidArgument);
  CHECK_THROWS_AS(strengths(empty, {.horizon_share = 1}), InvalidArgument);
  CHECK_THROWS_AS(strengths(empty, {.least_visits = 4}), InvalidArgument);
  CHECK_THROWS_AS(strengths(empty, {.recent_days = 0}), InvalidArgument);

  const EventLog log = simulated_owners(1, {{"Ann", 100, 0.4}, {"Bob", 19, 0.4}});
  const Strengths few = strengths(after_300_days(log), {.attributes = {"owner"}});
  CHECK(few.comparisons.empty());  // Bob has too few, and so have all others than Ann
  CHECK(few.too_few > 0);
  CHECK(strengths(AsOf(log, Timestamp{})).comparisons.empty());

  // Cleo began when the others were done
  EventLogBuilder builder(StageGraph::linear(std::vector<std::string>{"Lead"}));
  for (int i = 0; i < 100; ++i) {
    const DealId deal = builder.deal(std::to_string(i));
    builder.set_attribute(deal, "owner", i < 60 ? "Ann" : "Cleo");
    const Timestamp begin = test::kFirstInstant + hours{24 * (i < 60 ? 0 : 95)};
    builder.add({.deal = deal, .time = begin, .stage = StageId{0}});
    if (i < 60) builder.add({.deal = deal, .time = begin + hours{24 * (10 + i % 20)}, .stage = StageId{1}});
  }
  const Strengths young = strengths(AsOf(builder.build(), test::kFirstInstant + hours{24 * 100}));
  CHECK(young.comparisons.empty());
  CHECK(young.too_young > 0);
}
