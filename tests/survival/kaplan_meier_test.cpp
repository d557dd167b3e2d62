// Reference numbers: by hand where the fractions are written out, else from R (survival_reference.R).
#include <putki/survival/kaplan_meier.hpp>

#include <putki/core/error.hpp>

#include "survival/near.hpp"
#include "survival/random_durations.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <set>

using namespace putki;
using Catch::Matchers::Contains;
using putki::test::near;

namespace {

// Weeks of remission under 6-MP (Freireich et al. 1963; Gehan 1965; Klein & Moeschberger 2003, example 1.2).
Durations six_mp() {
  return {.time = {6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35},
          .cause = {1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0},
          .entry = {}};
}

Durations placebo() {
  return {.time = {1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23},
          .cause = std::vector<int>(21, 1),
          .entry = {}};
}

Durations truncated_with_ties() {
  return {.time = {2, 3, 6, 4, 5, 6, 5, 7, 9, 8, 6, 9},
          .cause = {1, 0, 2, 1, 1, 1, 0, 2, 2, 1, 1, 0},
          .entry = {0, 0, 0, 1, 2, 2, 3, 3, 4, 4.5, 5, 6},
          .cause_count = 2};
}

void require_limits(const SurvivalCurve& curve, IntervalKind kind, std::vector<double> lower,
                    std::vector<double> upper) {
  const std::vector<double> times{6, 13, 23};
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Interval limits = curve.interval(times[i], 0.95, kind);
    CHECK(limits.lower == near(lower[i]));
    CHECK(limits.upper == near(upper[i]));
  }
}

}  // namespace

TEST_CASE("Kaplan-Meier of the 6-MP data equals the fractions worked by hand") {
  const SurvivalCurve curve = kaplan_meier(six_mp());
  const double s6 = 18.0 / 21, s7 = s6 * 16 / 17, s10 = s7 * 14 / 15, s13 = s10 * 11 / 12, s16 = s13 * 10 / 11,
               s22 = s16 * 6 / 7, s23 = s22 * 5 / 6;
  CHECK(curve.survival(5.999) == 1.0);
  CHECK(curve.survival(6) == near(s6));
  CHECK(curve.survival(9.5) == near(s7));
  CHECK(curve.survival(10) == near(s10));
  CHECK(curve.survival(13) == near(s13));
  CHECK(curve.survival(16) == near(s16));
  CHECK(curve.survival(22) == near(s22));
  CHECK(curve.survival(23) == near(s23));
  CHECK(curve.survival(1e9) == near(s23));
  // Greenwood at 10 weeks: 3/(21 18) + 1/(17 16) + 1/(15 14)
  CHECK(curve.std_error(10) == near(s10 * std::sqrt(3.0 / (21 * 18) + 1.0 / (17 * 16) + 1.0 / (15 * 14))));
  // Nelson-Aalen
  CHECK(curve.cumulative_hazard(10) == near(3.0 / 21 + 1.0 / 17 + 1.0 / 15));
  CHECK(curve.cumulative_hazard_std_error(10) == near(std::sqrt(3.0 / (21 * 21) + 1.0 / (17 * 17) + 1.0 / (15 * 15))));
  // the printed table of Klein & Moeschberger 2003 (4.1B), three decimals
  CHECK(curve.std_error(6) == Approx(0.0764).margin(5e-5));
  CHECK(curve.std_error(23) == Approx(0.1346).margin(5e-5));
}

TEST_CASE("Pointwise limits agree with R on all three scales") {
  const SurvivalCurve curve = kaplan_meier(six_mp());
  require_limits(curve, IntervalKind::plain, {0.707479311825, 0.480843098173, 0.184384863841},
                 {1, 0.89954905869, 0.711973679577});
  require_limits(curve, IntervalKind::log, {0.719817083916, 0.509613099102, 0.248788226818},
                 {1, 0.934769195536, 0.807372045529});
  require_limits(curve, IntervalKind::log_log, {0.619717955266, 0.431610222486, 0.188052005959},
                 {0.951551747647, 0.849065963349, 0.680142628495});
}

TEST_CASE("Quantiles and their limits agree with R on all three scales") {
  const SurvivalCurve curve = kaplan_meier(six_mp());
  CHECK(curve.quantile(0.25) == 13.0);
  CHECK(curve.quantile(0.5) == 23.0);
  CHECK(curve.quantile(0.75) == std::nullopt);
  const auto lower = [&](double p, IntervalKind kind) { return curve.quantile_limits(p, 0.95, kind).lower; };
  const auto upper = [&](double p, IntervalKind kind) { return curve.quantile_limits(p, 0.95, kind).upper; };
  CHECK(lower(0.25, IntervalKind::plain) == 6.0);
  CHECK(lower(0.5, IntervalKind::plain) == 13.0);
  CHECK(lower(0.75, IntervalKind::plain) == 23.0);
  CHECK(upper(0.25, IntervalKind::plain) == 23.0);
  CHECK(upper(0.5, IntervalKind::plain) == std::nullopt);
  CHECK(lower(0.5, IntervalKind::log) == 16.0);
  CHECK(lower(0.75, IntervalKind::log) == 23.0);
  CHECK(upper(0.25, IntervalKind::log) == std::nullopt);
  CHECK(lower(0.5, IntervalKind::log_log) == 13.0);
  CHECK(upper(0.25, IntervalKind::log_log) == 22.0);
}

TEST_CASE("A quantile on a flat stretch is its midpoint") {
  // 21 relapses: a third are gone from week 4 (7 of 21) to week 5, the next relapse.
  const SurvivalCurve curve = kaplan_meier(placebo());
  CHECK(curve.quantile(1.0 / 3) == 4.5);
  CHECK(curve.quantile(0.5) == 8.0);
  CHECK(curve.quantile(0.9) == 17.0);
  CHECK(curve.quantile(1.0) == 23.0);
  CHECK(curve.quantile_limits(1.0 / 3, 0.95, IntervalKind::log).lower == 2.0);
  CHECK(curve.quantile_limits(1.0 / 3, 0.95, IntervalKind::log).upper == 8.0);
  CHECK(curve.quantile_limits(0.9, 0.95, IntervalKind::log).lower == 12.0);
  CHECK(curve.quantile_limits(0.9, 0.95, IntervalKind::log).upper == std::nullopt);
  // the last stretch ends where the last was seen: 1 of 2 ended at 3, the other seen until 7
  CHECK(kaplan_meier({.time = {3, 7}, .cause = {1, 0}, .entry = {}}).quantile(0.5) == 5.0);
}

TEST_CASE("Restricted mean and its standard error agree with R") {
  const SurvivalCurve curve = kaplan_meier(six_mp());
  CHECK(curve.restricted_mean(5) == near(5));
  CHECK(curve.restricted_mean_std_error(5) == 0.0);
  CHECK(curve.restricted_mean(20) == near(16.1165266106));
  CHECK(curve.restricted_mean_std_error(20) == near(1.25156019601));
  CHECK(curve.restricted_mean(35) == near(23.287394958));
  CHECK(curve.restricted_mean_std_error(35) == near(2.82746762337));
  // everyone ended: past the last end it is the plain mean, 182 / 21
  CHECK(kaplan_meier(placebo()).restricted_mean(100) == near(182.0 / 21));
}

TEST_CASE("Left truncation agrees with R's Surv(start, stop, event)") {
  const SurvivalCurve curve = kaplan_meier(truncated_with_ties());
  CHECK(curve.times == std::vector<double>{2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(curve.at_risk == std::vector<double>{4, 5, 6, 7, 6, 4, 3, 2});
  const std::vector<double> survival{0.75,           0.75,           0.625,          0.535714285714,
                                     0.267857142857, 0.200892857143, 0.133928571429, 0.0669642857143};
  const std::vector<double> error{0.216506350946, 0.216506350946, 0.213478140957,  0.200786536491,
                                  0.148447689346, 0.12553411762,  0.0999669679409, 0.0688509727632};
  const std::vector<double> hazard{0.25,          0.25,          0.416666666667, 0.559523809524,
                                   1.05952380952, 1.30952380952, 1.64285714286,  2.14285714286};
  const std::vector<double> hazard_error{0.25,           0.25,           0.300462606289, 0.332694966964,
                                         0.440476190476, 0.506477318719, 0.60632531325,  0.785894640195};
  for (std::size_t i = 0; i < curve.times.size(); ++i) {
    CHECK(curve.survival(curve.times[i]) == near(survival[i]));
    CHECK(curve.std_error(curve.times[i]) == near(error[i]));
    CHECK(curve.cumulative_hazard(curve.times[i]) == near(hazard[i]));
    CHECK(curve.cumulative_hazard_std_error(curve.times[i]) == near(hazard_error[i]));
  }
  CHECK(curve.quantile(0.25) == 3.0);  // survival is .75 from 2 to 4
  CHECK(curve.quantile(0.5) == 6.0);
  CHECK(curve.quantile_limits(0.25, 0.95, IntervalKind::log).lower == 2.0);
  CHECK(curve.quantile_limits(0.25, 0.95, IntervalKind::log).upper == 7.0);
  CHECK(curve.quantile_limits(0.75, 0.95, IntervalKind::log).lower == 6.0);
  CHECK(curve.restricted_mean(8) == near(5.12946428571));
  CHECK(curve.restricted_mean_std_error(8) == near(0.984195539698));
}

TEST_CASE("Random samples with ties agree with a product over counted risk sets") {
  std::mt19937 random(20120315);
  for (int round = 0; round < 300; ++round) {
    const bool truncated = round % 2 == 1;
    const Durations sample = test::random_durations(random, {.size = 1 + round % 14, .truncated = truncated});
    const SurvivalCurve curve = kaplan_meier(sample);
    for (double at = 0; at <= 7; at += 0.5) {
      double survival = 1, greenwood = 0, hazard = 0;
      for (const double t : std::set<double>(sample.time.begin(), sample.time.end())) {
        if (t > at) break;
        double at_risk = 0, ends = 0;
        for (std::size_t i = 0; i < sample.size(); ++i) {
          const bool entered = sample.entry.empty() || sample.entry[i] < t;
          at_risk += entered && sample.time[i] >= t;
          ends += sample.time[i] == t && sample.cause[i] > 0;
        }
        survival *= 1 - ends / at_risk;
        hazard += ends / at_risk;
        if (at_risk > ends) greenwood += ends / at_risk / (at_risk - ends);
      }
      REQUIRE(curve.survival(at) == near(survival));
      REQUIRE(curve.cumulative_hazard(at) == near(hazard));
      REQUIRE(curve.std_error(at) == near(survival * std::sqrt(greenwood)));
    }
  }
}

TEST_CASE("An entry below zero means seen from the start") {
  Durations sample = six_mp();
  sample.time.push_back(0);
  sample.cause.push_back(1);
  const SurvivalCurve plain = kaplan_meier(sample);
  sample.entry.assign(sample.size(), -1.0);
  const SurvivalCurve entered = kaplan_meier(sample);
  CHECK(plain.at_risk == entered.at_risk);
  CHECK(plain.values == entered.values);
  CHECK(plain.survival(0) == near(21.0 / 22));
}

TEST_CASE("Whole-day counts give the curve of the durations they count") {
  // ages 0 .. 3; ends 2, 0, 1, 1; one censored at age 1 (at risk on day 0 only), one at age 3 (days 0 .. 2)
  const CountedDurations counted{
      .time = {0, 1, 2, 3, 4, 5}, .ends = {{1, 0, 1, 1, 0, 0}, {1, 0, 0, 0, 0, 0}}, .at_risk = {6, 3, 3, 1, 0, 0}};
  const SurvivalCurve curve = kaplan_meier(counted);
  CHECK(curve.times == std::vector<double>{0, 1, 2, 3});
  CHECK(curve.survival(0) == near(4.0 / 6));
  CHECK(curve.survival(2) == near(4.0 / 6 * 2 / 3));
  CHECK(curve.survival(3) == 0.0);
  CHECK(curve.quantile(1.0) == 3.0);
}

TEST_CASE("Where survival has come to zero the limits are those of the last time before") {
  const SurvivalCurve curve = kaplan_meier({.time = {1, 2, 4}, .cause = {1, 1, 1}, .entry = {}});
  CHECK(curve.std_error(4) == 0.0);
  CHECK(curve.interval(4).lower == 0.0);
  CHECK(curve.interval(4).upper == curve.interval(3).upper);
  CHECK(curve.interval(0.5) == Interval{1, 1});
  CHECK(kaplan_meier({.time = {2}, .cause = {1}, .entry = {}}).interval(2) == Interval{0, 1});
}

TEST_CASE("Without data survival is one and no quantile is known") {
  for (const SurvivalCurve& curve : {kaplan_meier(Durations{}), kaplan_meier(CountedDurations{}), SurvivalCurve{}}) {
    CHECK(curve.survival(3) == 1.0);
    CHECK(curve.std_error(3) == 0.0);
    CHECK(curve.cumulative_hazard(3) == 0.0);
    CHECK(curve.cumulative_hazard_std_error(3) == 0.0);
    CHECK(curve.interval(3) == Interval{1, 1});
    CHECK(curve.quantile(0.5) == std::nullopt);
    CHECK(curve.quantile_limits(0.5).lower == std::nullopt);
    CHECK(curve.restricted_mean(12) == 12.0);
    CHECK(curve.restricted_mean_std_error(12) == 0.0);
  }
}

TEST_CASE("With many distinct times and no censoring survival is the share left") {
  Durations sample;
  const int n = 200'000;
  for (int i = 0; i < n; ++i) sample.time.push_back(std::fmod(i * 7919.0, n) + 0.5);  // 7919 and n share no factor
  sample.cause.assign(sample.time.size(), 1);
  const SurvivalCurve curve = kaplan_meier(sample);
  for (const double t : {0.0, 0.5, 1000.0, 100'000.0, 199'999.0}) {
    const double left = 1 - std::min<double>(n, std::floor(t + 0.5)) / n;
    CHECK(curve.survival(t) == Approx(left).margin(1e-9));
    CHECK(curve.std_error(t) == Approx(std::sqrt(left * (1 - left) / n)).margin(1e-9));
  }
}

TEST_CASE("Bad observations are refused by index and value") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  const auto of = [](std::vector<double> time, std::vector<int> cause, std::vector<double> entry = {}) {
    return kaplan_meier(Durations{std::move(time), std::move(cause), std::move(entry), 1});
  };
  CHECK_THROWS_WITH(of({1, nan}, {1, 1}), Contains("time[1] is nan"));
  CHECK_THROWS_WITH(of({infinity}, {1}), Contains("time[0] is inf"));
  CHECK_THROWS_WITH(of({1, 2, -0.5}, {1, 1, 0}), Contains("time[2] is -0.5"));
  CHECK_THROWS_WITH(of({1, 2}, {1, 2}), Contains("cause[1] is 2"));
  CHECK_THROWS_WITH(of({1, 2}, {1, -1}), Contains("cause[1] is -1"));
  CHECK_THROWS_WITH(of({1, 2}, {1}), Contains("2 times but 1 causes"));
  CHECK_THROWS_WITH(of({1, 2}, {1, 1}, {0}), Contains("2 times but 1 entries"));
  CHECK_THROWS_WITH(of({1, 2}, {1, 1}, {0, 2}), Contains("entry[1] is 2"));
  CHECK_THROWS_WITH(of({1, 2}, {1, 1}, {0, nan}), Contains("entry[1] is nan"));
  CHECK_THROWS_AS(of({1, 2}, {1, 1}, {-infinity, 0}), InvalidArgument);
  CHECK_THROWS_WITH(kaplan_meier(Durations{.time = {}, .cause = {}, .entry = {}, .cause_count = 0}),
                    Contains("cause_count is 0"));
  CHECK_THROWS_WITH(kaplan_meier(CountedDurations{.time = {0}, .ends = {{2}}, .at_risk = {1}}),
                    Contains("2 ends") && Contains("only 1 at risk"));
  CHECK_THROWS_WITH(kaplan_meier(CountedDurations{.time = {0, 1}, .ends = {{0, nan}}, .at_risk = {1, 1}}),
                    Contains("ends[0][1] is nan"));
  CHECK_THROWS_AS(kaplan_meier(CountedDurations{.time = {0, 0}, .ends = {}, .at_risk = {1, 1}}), InvalidArgument);
}

TEST_CASE("Bad questions are refused") {
  const SurvivalCurve curve = kaplan_meier(six_mp());
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(curve.survival(nan), InvalidArgument);
  CHECK_THROWS_AS(curve.interval(3, 1.0), InvalidArgument);
  CHECK_THROWS_AS(curve.interval(3, nan), InvalidArgument);
  CHECK_THROWS_AS(curve.quantile(0.0), InvalidArgument);
  CHECK_THROWS_AS(curve.quantile(1.5), InvalidArgument);
  CHECK_THROWS_AS(curve.quantile_limits(nan), InvalidArgument);
  CHECK_THROWS_AS(curve.restricted_mean(-1), InvalidArgument);
  CHECK_THROWS_AS(curve.restricted_mean_std_error(std::numeric_limits<double>::infinity()), InvalidArgument);
}
