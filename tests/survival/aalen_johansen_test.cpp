// Reference numbers from R (survival_reference.R), else from the definitions spelt out naively below.
#include <putki/survival/aalen_johansen.hpp>

#include <putki/core/error.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "random_log.hpp"
#include "survival/near.hpp"
#include "survival/random_durations.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <set>

using namespace putki;
using putki::test::near;

namespace {

// Aalen-Johansen of a weighted sample straight from its definition: {S, F_1, .. F_K} at `at`.
std::vector<double> naive_incidence(const Durations& sample, const std::vector<double>& weight, double at) {
  std::vector<double> state(static_cast<std::size_t>(sample.cause_count) + 1);
  state[0] = 1;
  for (const double t : std::set<double>(sample.time.begin(), sample.time.end())) {
    if (t > at) break;
    double at_risk = 0, leaving = 0;
    std::vector<double> ends(state.size());
    for (std::size_t i = 0; i < sample.size(); ++i) {
      if (sample.time[i] >= t && (sample.entry.empty() || sample.entry[i] < t)) at_risk += weight[i];
      if (sample.time[i] == t) ends[static_cast<std::size_t>(sample.cause[i])] += weight[i];
    }
    for (std::size_t k = 1; k < state.size(); ++k) {
      state[k] += state[0] * ends[k] / at_risk;
      leaving += ends[k] / at_risk;
    }
    state[0] *= 1 - leaving;
  }
  return state;
}

// Infinitesimal jackknife: sum over observations of (d F / d weight)^2, by central differences.
std::vector<double> jackknife_variance(const Durations& sample, double at) {
  const double step = 1e-5;
  std::vector<double> variance(static_cast<std::size_t>(sample.cause_count) + 1);
  for (std::size_t i = 0; i < sample.size(); ++i) {
    std::vector<double> weight(sample.size(), 1.0);
    weight[i] = 1 + step;
    const std::vector<double> more = naive_incidence(sample, weight, at);
    weight[i] = 1 - step;
    const std::vector<double> less = naive_incidence(sample, weight, at);
    for (std::size_t k = 0; k < variance.size(); ++k) variance[k] += std::pow((more[k] - less[k]) / (2 * step), 2);
  }
  return variance;
}

Durations competing_with_ties() {
  return {.time = {0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 5, 5, 6, 6, 7, 8, 8, 9, 10},
          .cause = {1, 1, 2, 0, 3, 1, 0, 1, 2, 2, 0, 3, 3, 1, 0, 2, 1, 0, 3, 0},
          .entry = {},
          .cause_count = 3};
}

}  // namespace

TEST_CASE("Aalen-Johansen and its standard errors agree with R on competing risks with ties") {
  const CumulativeIncidence curve = aalen_johansen(competing_with_ties());
  const std::vector<double> times{0, 1, 2.5, 3, 5, 6, 8, 9, 12};
  const std::vector<std::vector<double>> probability{
      {0.95, 0.85, 0.74375, 0.584375, 0.454513888889, 0.389583333333, 0.23375, 0.116875, 0.116875},
      {0.05, 0.1, 0.153125, 0.20625, 0.20625, 0.271180555556, 0.349097222222, 0.349097222222, 0.349097222222},
      {0, 0.05, 0.05, 0.15625, 0.15625, 0.15625, 0.234166666667, 0.234166666667, 0.234166666667},
      {0, 0, 0.053125, 0.053125, 0.182986111111, 0.182986111111, 0.182986111111, 0.299861111111, 0.299861111111}};
  const std::vector<std::vector<double>> error{
      {0.048733971724, 0.0798435971134, 0.0990950262059, 0.11275957467, 0.119372560796, 0.118671569901, 0.111153350261,
       0.0995924175381, 0.0995924175381},
      {0.048733971724, 0.067082039325, 0.081483288883, 0.0920655973681, 0.0920655973681, 0.104836355991, 0.11830195711,
       0.11830195711, 0.11830195711},
      {0, 0.048733971724, 0.048733971724, 0.0829597747029, 0.0829597747029, 0.0829597747029, 0.104995843355,
       0.104995843355, 0.104995843355},
      {0, 0, 0.0516795546342, 0.0516795546342, 0.0954789831444, 0.0954789831444, 0.0954789831444, 0.126987200008,
       0.126987200008}};
  for (int k = 0; k <= 3; ++k)
    for (std::size_t i = 0; i < times.size(); ++i) {
      CHECK(curve.probability(k, times[i]) == near(probability[static_cast<std::size_t>(k)][i]));
      CHECK(curve.std_error(k, times[i]) == near(error[static_cast<std::size_t>(k)][i]));
    }
}

TEST_CASE("Left-truncated incidence agrees with R") {
  const CumulativeIncidence curve = aalen_johansen({.time = {2, 3, 6, 4, 5, 6, 5, 7, 9, 8, 6, 9},
                                                    .cause = {1, 0, 2, 1, 1, 1, 0, 2, 2, 1, 1, 0},
                                                    .entry = {0, 0, 0, 1, 2, 2, 3, 3, 4, 4.5, 5, 6},
                                                    .cause_count = 2});
  const std::vector<double> first{0.25,           0.25,           0.375,          0.464285714286,
                                  0.642857142857, 0.642857142857, 0.709821428571, 0.709821428571};
  const std::vector<double> second{0, 0, 0, 0, 0.0892857142857, 0.15625, 0.15625, 0.223214285714};
  for (int i = 0; i < 8; ++i) {
    CHECK(curve.probability(1, 2 + i) == near(first[static_cast<std::size_t>(i)]));
    CHECK(curve.probability(2, 2 + i) == near(second[static_cast<std::size_t>(i)]));
  }
}

TEST_CASE("Aalen-Johansen sums to one with ties, and cause 0 is Kaplan-Meier with Greenwood's variance") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const Durations sample =
        test::random_durations(random, {.size = 1 + round % 40, .causes = 1 + round % 4, .truncated = round % 3 == 0});
    const CumulativeIncidence curve = aalen_johansen(sample);
    const SurvivalCurve survival = kaplan_meier(sample);
    for (double t = -1; t < 8; t += 0.5) {
      double total = 0;
      for (int k = 0; k <= curve.cause_count(); ++k) total += curve.probability(k, t);
      REQUIRE(total == near(1));
      REQUIRE(curve.probability(0, t) == near(survival.survival(t)));
      REQUIRE(curve.std_error(0, t) == Approx(survival.std_error(t)).margin(1e-8));
    }
  }
}

TEST_CASE("Without censoring incidence is the share seen, with its multinomial error") {
  std::mt19937 random(11);
  for (int round = 0; round < 100; ++round) {
    const Durations sample = test::random_durations(random, {.size = 1 + round % 30, .censored = false});
    const CumulativeIncidence curve = aalen_johansen(sample);
    const double n = static_cast<double>(sample.size());
    for (int k = 1; k <= 3; ++k)
      for (double t = 0; t < 8; ++t) {
        double seen = 0;
        for (std::size_t i = 0; i < sample.size(); ++i) seen += sample.cause[i] == k && sample.time[i] <= t;
        REQUIRE(curve.probability(k, t) == near(seen / n));
        REQUIRE(curve.std_error(k, t) == Approx(std::sqrt(seen / n * (1 - seen / n) / n)).margin(1e-8));
      }
  }
}

TEST_CASE("Variances equal the infinitesimal jackknife computed naively") {
  std::mt19937 random(13);
  for (int round = 0; round < 60; ++round) {
    const Durations sample = test::random_durations(random, {.size = 2 + round % 20, .causes = 1 + round % 3});
    const CumulativeIncidence curve = aalen_johansen(sample);
    for (double t = 0; t < 8; ++t) {
      const std::vector<double> naive = naive_incidence(sample, std::vector<double>(sample.size(), 1.0), t);
      const std::vector<double> variance = jackknife_variance(sample, t);
      for (int k = 0; k <= curve.cause_count(); ++k) {
        REQUIRE(curve.probability(k, t) == near(naive[static_cast<std::size_t>(k)]));
        REQUIRE(std::pow(curve.std_error(k, t), 2) == Approx(variance[static_cast<std::size_t>(k)]).margin(1e-8));
      }
    }
  }
}

TEST_CASE("Whole-day counts give the incidence of the durations they count") {
  const CountedDurations counted{.time = {0, 1, 2, 3}, .ends = {{1, 0, 1, 0}, {1, 0, 0, 0}}, .at_risk = {6, 3, 3, 0}};
  const CumulativeIncidence curve = aalen_johansen(counted);
  CHECK(curve.cause_count() == 2);
  CHECK(curve.probability(1, 0) == near(1.0 / 6));
  CHECK(curve.probability(1, 2) == near(1.0 / 6 + 4.0 / 6 * 1 / 3));
  CHECK(curve.probability(2, 50) == near(1.0 / 6));
  CHECK(curve.probability(0, 2) == near(4.0 / 6 * 2 / 3));
}

TEST_CASE("Counted visits give the curves of their durations in whole days") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(17);
  for (int round = 0; round < 40; ++round) {
    const auto histories = test::random_histories(random, graph);
    const Timestamp instant = test::kFirstInstant + std::chrono::hours{6 * (100 + random() % 160)};
    StageStatistics statistics(graph, {.cap_days = 100});
    statistics.update(AsOf(test::build_log(graph, histories), instant));
    for (const StageId stage : graph.stages_of(StageKind::open)) {
      // Censored at age a means a whole days without a move: seen to the end of day a - 1, not at all when a is 0.
      Durations durations;
      durations.cause_count = static_cast<int>(graph.stage_count());
      for (const auto& history : histories)
        for (const auto& visit : test::naive_visits(history, instant)) {
          if (visit.stage != stage) continue;
          const bool open = visit.next == kNoStage;
          const auto age =
              std::chrono::floor<Days>(open ? instant : visit.left) - std::chrono::floor<Days>(visit.entered);
          const double seen = static_cast<double>(age.count()) - (open ? 1 : 0);
          if (seen < 0) continue;
          durations.time.push_back(seen);
          durations.cause.push_back(open ? 0 : static_cast<int>(index(visit.next)) + 1);
        }
      const CountedDurations counted = counted_durations(statistics, stage);
      const CumulativeIncidence from_counts = aalen_johansen(counted), exact = aalen_johansen(durations);
      const SurvivalCurve survival = kaplan_meier(counted);
      for (double t = 0; t < 70; ++t)
        for (int k = 0; k <= exact.cause_count(); ++k) {
          REQUIRE(from_counts.probability(k, t) == near(exact.probability(k, t)));
          REQUIRE(from_counts.std_error(k, t) == near(exact.std_error(k, t)));
          if (k == 0) REQUIRE(survival.survival(t) == near(exact.probability(0, t)));
        }
      REQUIRE(survival.quantile(0.5) == kaplan_meier(durations).quantile(0.5));
    }
  }
}

TEST_CASE("Limits lie in [0, 1] around the estimate and have no width without spread") {
  const CumulativeIncidence curve = aalen_johansen(competing_with_ties());
  CHECK(curve.interval(2, 0.5) == Interval{0, 0});
  const double f = curve.probability(1, 3), s = curve.std_error(1, 3);
  const Interval limits = curve.interval(1, 3);
  // log(-log F) +- 1.96 s / (F log F), spelt out
  CHECK(std::log(-std::log(limits.lower)) == near(std::log(-std::log(f)) + 1.959963984540054 * s / (f * -std::log(f))));
  CHECK(std::log(-std::log(limits.upper)) == near(std::log(-std::log(f)) - 1.959963984540054 * s / (f * -std::log(f))));
  CHECK(limits.lower > 0);
  CHECK(limits.upper < 1);
}

TEST_CASE("Without data nothing has ended and there is no error") {
  const CumulativeIncidence curve = aalen_johansen({.time = {}, .cause = {}, .entry = {}, .cause_count = 2});
  CHECK(curve.cause_count() == 2);
  CHECK(curve.probability(0, 5) == 1.0);
  CHECK(curve.probability(2, 5) == 0.0);
  CHECK(curve.std_error(0, 5) == 0.0);
  CHECK(curve.interval(1, 5) == Interval{0, 0});
  CHECK(CumulativeIncidence{}.probability(0, 1) == 1.0);
}

TEST_CASE("Causes and times that cannot be asked for are refused") {
  const CumulativeIncidence curve = aalen_johansen(competing_with_ties());
  CHECK_THROWS_AS(curve.probability(4, 1), InvalidArgument);
  CHECK_THROWS_AS(curve.std_error(-1, 1), InvalidArgument);
  CHECK_THROWS_AS(curve.interval(1, 1, 0.0), InvalidArgument);
  CHECK_THROWS_AS(curve.probability(1, std::numeric_limits<double>::quiet_NaN()), InvalidArgument);
  CHECK_THROWS_AS(aalen_johansen({.time = {1}, .cause = {3}, .entry = {}, .cause_count = 2}), InvalidArgument);
  CHECK_THROWS_AS(aalen_johansen({.time = {}, .cause = {}, .entry = {}, .cause_count = -1}), InvalidArgument);
}
