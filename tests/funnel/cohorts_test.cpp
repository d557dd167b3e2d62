#include <putki/funnel/cohorts.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>

using namespace putki;
using std::chrono::hours;
using test::DealHistory;

namespace {

StageGraph cohort_graph() {
  StageGraph::Builder builder;
  return builder.stage("Lead").stage("Talk").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
}

// A deal as a person would note it from its history.
struct NaiveDeal {
  int created, age;  // days since 2012-01-01; of the first end or of the first day not seen
  bool won = false, lost = false;
  double amount = std::nan("");
};

std::vector<NaiveDeal> naive_deals(const std::vector<DealHistory>& histories, int unknown_day) {
  std::vector<NaiveDeal> deals;
  const auto day_of = [](Timestamp time) {
    return static_cast<int>((std::chrono::floor<Days>(time) - std::chrono::floor<Days>(test::kFirstInstant)).count());
  };
  for (const auto& history : histories) {
    if (history.changes.front().time > test::kFirstInstant + Days{unknown_day}) continue;
    NaiveDeal deal{.created = day_of(history.changes.front().time), .age = 0};
    deal.age = unknown_day - deal.created;
    for (const auto& change : history.changes) {
      if (change.time > test::kFirstInstant + Days{unknown_day}) break;
      if (change.amount != kNoAmount && !(change.amount == Money{0} && index(change.stage) == 3))
        deal.amount = change.amount.units();
      if (index(change.stage) < 2) continue;
      deal.age = day_of(change.time) - deal.created;
      (index(change.stage) == 2 ? deal.won : deal.lost) = true;
      break;
    }
    deals.push_back(deal);
  }
  return deals;
}

double weight_of(const NaiveDeal& deal, bool by_value) {
  return !by_value ? 1 : std::isnan(deal.amount) ? 0 : deal.amount;
}

// Shares of those at risk won and lost on a day of age; how many deals of one weight they weigh.
struct NaiveHazards {
  std::vector<double> won, lost, deals;
};

NaiveHazards naive_hazards(const std::vector<NaiveDeal>& deals, int horizon, bool by_value) {
  NaiveHazards hazards;
  for (int age = 0; age <= horizon; ++age) {
    double at_risk = 0, squares = 0, won = 0, lost = 0;
    for (const NaiveDeal& deal : deals) {
      const double weight = weight_of(deal, by_value);
      const bool ended = deal.won || deal.lost;
      if (!(deal.age > age || (ended && deal.age == age))) continue;
      at_risk += weight;
      squares += weight * weight;
      if (deal.age == age) (deal.won ? won : lost) += weight;
    }
    hazards.won.push_back(at_risk > 0 ? won / at_risk : 0);
    hazards.lost.push_back(at_risk > 0 ? lost / at_risk : 0);
    hazards.deals.push_back(squares > 0 ? at_risk * at_risk / squares : 0);
  }
  return hazards;
}

double chance_from(const NaiveHazards& hazards, int age) {
  double chance = 0, here = 1;
  for (std::size_t d = static_cast<std::size_t>(age); d < hazards.won.size(); ++d) {
    chance += here * hazards.won[d];
    here *= 1 - hazards.won[d] - hazards.lost[d];
  }
  return chance;
}

// Chi-square of wins by period of creation over its degrees of freedom, periods that expect less than one win left out.
double naive_dispersion(const std::vector<NaiveDeal>& deals, PeriodUnit unit, int horizon) {
  const NaiveHazards hazards = naive_hazards(deals, horizon, false);
  std::map<Day, std::vector<NaiveDeal>> periods;
  for (const NaiveDeal& deal : deals)
    periods[period_containing(std::chrono::floor<Days>(test::kFirstInstant) + Days{deal.created}, unit).begin]
        .push_back(deal);
  double chi_square = 0, terms = 0;
  for (const auto& [begin, own] : periods) {
    double observed = 0, expected = 0, variance = 0;
    for (int age = 0; age <= horizon; ++age) {
      double at_risk = 0;
      for (const NaiveDeal& deal : own) {
        at_risk += deal.age > age || ((deal.won || deal.lost) && deal.age == age) ? 1 : 0;
        observed += deal.won && deal.age == age ? 1 : 0;
      }
      const auto d = static_cast<std::size_t>(age);
      if (hazards.deals[d] == 0) continue;
      expected += at_risk * hazards.won[d];
      variance += at_risk * hazards.won[d] * (1 - hazards.won[d]) * (1 - at_risk / hazards.deals[d]);
    }
    if (expected < 1 || variance <= 0) continue;
    chi_square += (observed - expected) * (observed - expected) / variance;
    ++terms;
  }
  return terms < 3 ? 1 : std::max(1.0, chi_square / (terms - 1));
}

DealHistory history(std::string name, std::vector<std::pair<int, std::size_t>> changes, double amount) {
  DealHistory result{.name = std::move(name), .region = "", .changes = {}};
  for (const auto& [day, at] : changes)
    result.changes.push_back(
        {test::kFirstInstant + Days{day} + hours{9}, static_cast<StageId>(at), Money::from_units(amount)});
  return result;
}

}  // namespace

TEST_CASE("Triangle and projection of cohorts equal those worked out deal by deal") {
  const StageGraph graph = cohort_graph();
  std::mt19937 random(61);
  int projections = 0;
  for (int round = 0; round < 400; ++round) {
    const auto histories =
        test::random_histories(random, graph, {.deals = 60, .most_changes = 4, .last_day = 100, .amounts = true});
    const int unknown = 40 + static_cast<int>(random() % 80);
    const AsOf view(test::build_log(graph, histories), test::kFirstInstant + Days{unknown});
    const PeriodUnit unit = round % 2 == 0 ? PeriodUnit::week : PeriodUnit::month;
    const Cohorts result = cohorts(view, {.unit = unit, .most_cohorts = 100});
    const auto deals = naive_deals(histories, unknown);
    REQUIRE(result.pooled_won.size() == result.ages.size());
    for (std::size_t c = 0; c < result.ages.size(); ++c)
      REQUIRE(result.pooled_won[c].share ==
              Approx(chance_from(naive_hazards(deals, result.ages[c], false), 0)).margin(1e-12));
    if (result.horizon) REQUIRE(result.dispersion == Approx(naive_dispersion(deals, unit, *result.horizon)));
    std::uint64_t counted = 0;
    for (const CohortFigures& cohort : result.cohorts) {
      std::vector<NaiveDeal> own;
      const int begin = day_number(cohort.period.begin) - day_number(std::chrono::floor<Days>(test::kFirstInstant));
      const int end = day_number(cohort.period.end) - day_number(std::chrono::floor<Days>(test::kFirstInstant));
      for (const NaiveDeal& deal : deals)
        if (deal.created >= begin && deal.created < end) own.push_back(deal);
      REQUIRE(cohort.deals == own.size());
      counted += own.size();
      for (std::size_t c = 0; c < result.ages.size(); ++c) {
        const int age = result.ages[c];
        std::uint64_t won = 0, ended = 0;
        double money = 0, all_money = 0;
        int days_seen = 0;
        for (const NaiveDeal& deal : own) {
          won += deal.won && deal.age <= age;
          ended += (deal.won || deal.lost) && deal.age <= age;
          if (!std::isnan(deal.amount)) all_money += deal.amount;
          if (!std::isnan(deal.amount) && deal.won && deal.age <= age) money += deal.amount;
        }
        for (int day = begin; day < end; ++day) days_seen += day + age < unknown;
        const CohortCell& cell = cohort.cells[c];
        REQUIRE(cell.won == won);
        REQUIRE(cell.ended == ended);
        REQUIRE(cell.won_value.units() == Approx(money));
        REQUIRE((cell.seen == CohortSeen::whole) == (days_seen == end - begin));
        REQUIRE((cell.seen == CohortSeen::none) == (days_seen == 0));
        REQUIRE(cell.won_share.has_value() == (cell.seen == CohortSeen::whole));
        if (cell.value_share) REQUIRE(*cell.value_share == Approx(money / all_money));
      }
      if (!result.horizon) continue;
      for (const bool by_value : {false, true}) {
        const NaiveHazards hazards = naive_hazards(deals, *result.horizon, by_value);
        const auto mean = [&](const NaiveHazards& with) {
          double sum = 0;
          for (const NaiveDeal& deal : own)
            if (!deal.won && !deal.lost && deal.age <= *result.horizon)
              sum += weight_of(deal, by_value) * chance_from(with, deal.age);
          return sum;
        };
        double process = 0, so_far = 0;
        for (const NaiveDeal& deal : own) {
          const double weight = weight_of(deal, by_value);
          if (deal.won && deal.age <= *result.horizon) so_far += weight;
          if (deal.won || deal.lost || deal.age > *result.horizon) continue;
          const double chance = chance_from(hazards, deal.age);
          process += weight * weight * chance * (1 - chance);
        }
        const CohortProjection& projected = by_value ? *cohort.value : *cohort.count;
        REQUIRE(projected.so_far == Approx(so_far).margin(1e-9));
        REQUIRE(projected.expected == Approx(so_far + mean(hazards)).margin(1e-9));
        REQUIRE(projected.process_error == Approx(std::sqrt(result.dispersion * process)).margin(1e-6));
        REQUIRE(projected.limits.lower <= projected.limits.upper);
        REQUIRE(projected.limits.lower >= projected.so_far - 1e-9);
        ++projections;
        if (round % 20 != 0) continue;
        // the error of the estimate from slopes by differences and multinomial variances
        double estimate = 0;
        for (std::size_t d = 0; d < hazards.won.size(); ++d) {
          if (hazards.deals[d] <= 0) continue;
          const auto slope = [&](std::vector<double> NaiveHazards::*which) {
            NaiveHazards up = hazards, down = hazards;
            (up.*which)[d] += 1e-5;
            (down.*which)[d] -= 1e-5;
            return (mean(up) - mean(down)) / 2e-5;
          };
          const double won = hazards.won[d], lost = hazards.lost[d];
          const double by_won = slope(&NaiveHazards::won), by_lost = slope(&NaiveHazards::lost);
          estimate += (by_won * by_won * won * (1 - won) + by_lost * by_lost * lost * (1 - lost) -
                       2 * by_won * by_lost * won * lost) /
                      hazards.deals[d];
        }
        REQUIRE(projected.estimate_error == Approx(std::sqrt(result.dispersion * estimate)).epsilon(1e-4).margin(1e-4));
      }
    }
    REQUIRE(counted == deals.size());
  }
  CHECK(projections > 4'000);
}

TEST_CASE("Limits of immature cohorts hold what comes as often as they say, when cohorts develop alike") {
  // 100 deals a month for a year; of those open a day, 0.4 % are won and 0.6 % lost
  std::mt19937 random(62);
  const auto uniform = [&] { return static_cast<double>(random()) / 4294967296.0; };
  int held = 0, all = 0, below = 0, above = 0, value_held = 0;
  double surprise = 0, expected = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<DealHistory> histories;
    for (int d = 0; d < 1'200; ++d) {
      const int created = static_cast<int>(random() % 366);
      const double amount = 100 * std::exp(2 * uniform());
      int day = created;
      bool won = false;
      for (;; ++day) {
        const double draw = uniform();
        won = draw < 0.004;
        if (draw < 0.01) break;
      }
      histories.push_back(history("deal " + std::to_string(d), {{created, 0}, {day, won ? 2u : 3u}}, amount));
    }
    const EventLog log = test::build_log(cohort_graph(), histories);
    const AsOf then(log, test::kFirstInstant + Days{366});
    const Cohorts result = cohorts(then, {.unit = PeriodUnit::month});
    REQUIRE(result.horizon.has_value());
    const auto deals = naive_deals(histories, 3'000);
    for (const CohortFigures& cohort : result.cohorts) {
      if (cohort.open < 10) continue;
      const int begin = day_number(cohort.period.begin) - day_number(std::chrono::floor<Days>(test::kFirstInstant));
      const int end = day_number(cohort.period.end) - day_number(std::chrono::floor<Days>(test::kFirstInstant));
      double won = 0, value = 0;
      for (const NaiveDeal& deal : deals)
        if (deal.created >= begin && deal.created < end && deal.won && deal.age <= *result.horizon) {
          ++won;
          value += deal.amount;
        }
      ++all;
      below += won < cohort.count->limits.lower;
      above += won > cohort.count->limits.upper;
      held += won >= cohort.count->limits.lower && won <= cohort.count->limits.upper;
      value_held += value >= cohort.value->limits.lower && value <= cohort.value->limits.upper;
      surprise += won - cohort.count->expected;
      expected += cohort.count->expected - cohort.count->so_far;
    }
  }
  INFO("held " << held << ", value " << value_held << " of " << all << ", below " << below << ", above " << above);
  CHECK(all > 400);
  // 95 %; whole numbers and the dispersion add a little, and three standard errors of such a share are 0.03
  CHECK(held >= 0.93 * all);
  CHECK(value_held >= 0.92 * all);
  CHECK(held < 0.995 * all);
  CHECK(std::abs(surprise) < 0.05 * expected);
}

TEST_CASE("An open deal is not certain because the few of its age all went one way") {
  // `old` deals of January go from Lead to the same end after 25 days; one of February is open at the age of 20 days.
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead"});
  const StageId lead{0}, won{1}, lost{2};
  const auto february = [&](int old, StageId end) {
    EventLogBuilder builder(graph);
    const Timestamp january = Day{std::chrono::year{2012} / 1 / 2}, noon = january + std::chrono::hours{12};
    for (int i = 0; i < old; ++i) {
      const DealId deal = builder.deal("old " + std::to_string(i));
      builder.add({.deal = deal, .time = noon, .stage = lead, .amount = Money::from_units(10)});
      builder.add({.deal = deal, .time = noon + Days{25}, .stage = end});
    }
    const DealId young = builder.deal("young");
    builder.add({.deal = young, .time = noon + Days{41}, .stage = lead, .amount = Money::from_units(10)});
    const Cohorts found = cohorts(AsOf(builder.build(), january + Days{61}), {.unit = PeriodUnit::month});
    REQUIRE(found.cohorts.size() >= 2);
    REQUIRE(found.cohorts[1].deals == 1);
    REQUIRE(found.cohorts[1].count);
    return *found.cohorts[1].count;
  };
  // Jeffreys: (0 + 1/2) / (n + 1) is below 2.5 % from 20 deals on.
  CHECK(february(5, won).expected == Approx(1));
  CHECK(february(5, won).limits == Interval{0, 1});
  CHECK(february(5, lost).limits == Interval{0, 1});
  CHECK(february(40, won).limits == Interval{1, 1});
  CHECK(february(40, lost).limits == Interval{0, 0});
}

TEST_CASE("Cohorts that differ make the limits wider than chance alone") {
  // every second month wins twice as fast
  std::mt19937 random(63);
  std::vector<DealHistory> histories;
  for (int d = 0; d < 4'000; ++d) {
    const int created = static_cast<int>(random() % 366);
    const double chance = created / 30 % 2 == 0 ? 0.005 : 0.02;
    int day = created;
    bool won = false;
    for (;; ++day) {
      const double draw = static_cast<double>(random()) / 4294967296.0;
      won = draw < chance;
      if (draw < 0.03) break;
    }
    histories.push_back(history("deal " + std::to_string(d), {{created, 0}, {day, won ? 2u : 3u}}, 1));
  }
  const AsOf view(test::build_log(cohort_graph(), histories), test::kFirstInstant + Days{366});
  CHECK(cohorts(view, {.unit = PeriodUnit::month}).dispersion > 5);
}

TEST_CASE("Which cohorts a history is cut into, and how many are shown") {
  const auto view = [](int days) {
    return AsOf(test::build_log(cohort_graph(), std::vector<DealHistory>{history("first", {{0, 0}}, 1),
                                                                         history("last", {{days - 1, 0}}, 1)}),
                test::kFirstInstant + Days{days});
  };
  CHECK(cohorts(view(60)).unit == PeriodUnit::week);
  CHECK(cohorts(view(200)).unit == PeriodUnit::month);
  CHECK(cohorts(view(800)).unit == PeriodUnit::quarter);
  const Cohorts result = cohorts(view(800), {.unit = PeriodUnit::month, .most_cohorts = 6, .most_ages = 4});
  CHECK(result.cohorts.size() == 6);
  CHECK(result.earlier_deals == 1);
  CHECK(result.ages.size() <= 4);
  CHECK(result.cohorts.back().deals == 1);
  CHECK(result.cohorts.front().deals == 0);  // months without deals stand too
  CHECK(cohorts(view(5)).horizon == std::nullopt);
  CHECK(cohorts(view(5)).cohorts.front().count == std::nullopt);
}

TEST_CASE("Without deals there are no cohorts; bad options are refused") {
  const AsOf none = AsOf::end_of(EventLog(cohort_graph()));
  CHECK(cohorts(none).cohorts.empty());
  CHECK(cohorts(none).horizon == std::nullopt);
  CHECK_THROWS_WITH(cohorts(none, {.unit = PeriodUnit::day}), Catch::Contains("allowed are week, month, quarter"));
  CHECK_THROWS_AS(count_cohorts(none, PeriodUnit::year), InvalidArgument);
  CHECK_THROWS_AS(cohorts(none, {.most_cohorts = 0}), InvalidArgument);
  CHECK_THROWS_AS(cohorts(none, {.most_ages = 0}), InvalidArgument);
  CHECK_THROWS_AS(cohorts(none, {.level = 1}), InvalidArgument);
  CohortCounts weeks = count_cohorts(none, PeriodUnit::week);
  CHECK_THROWS_WITH(weeks.merge(count_cohorts(none, PeriodUnit::month)), Catch::Contains("cannot be merged"));
}
