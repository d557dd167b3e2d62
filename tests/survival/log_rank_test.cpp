// References: group_tests_reference.R.
#include <putki/survival/log_rank.hpp>

#include <putki/core/error.hpp>

#include "drawn_sample.hpp"
#include "near.hpp"
#include "random_durations.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace putki;
using putki::test::near;

namespace {

std::vector<Durations> six_mercaptopurine() {
  Durations treated, placebo;
  treated.time = {6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35};
  treated.cause = {1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0};
  placebo.time = {1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23};
  placebo.cause.assign(21, 1);
  return {treated, placebo};
}

void check_test(const LogRankTest& test, std::vector<double> observed, std::vector<double> expected, double chi_square,
                double p_value) {
  REQUIRE(test.groups.size() == observed.size());
  for (std::size_t g = 0; g < observed.size(); ++g) {
    CHECK(test.groups[g].observed == near(observed[g]));
    CHECK(test.groups[g].expected == near(expected[g]));
  }
  CHECK(test.chi_square == near(chi_square));
  CHECK(test.p_value == near(p_value));
  CHECK(test.degrees_of_freedom == static_cast<int>(observed.size()) - 1);
}

}  // namespace

TEST_CASE("Log-rank test of 6-mercaptopurine is that of the literature and of R") {
  const LogRankTest test = log_rank_test(six_mercaptopurine());
  CHECK(test.chi_square == Approx(16.793).margin(5e-4));  // Kleinbaum & Klein 2012, chapter 2
  CHECK(test.groups[0].expected == Approx(19.25).margin(5e-3));
  CHECK(test.groups[1].observations == 21);
  check_test(test, {9, 21}, {19.250500948, 10.749499052}, 16.7929409892, 4.16880910933e-05);
  check_test(log_rank_test(six_mercaptopurine(), {.cause = 1, .rho = 1}), {5.12151463951, 14.5528516921},
             {11.9985596771, 7.6758066545}, 14.4571508187, 0.000143384444819);
}

TEST_CASE("Log-rank test of the ovarian data, plain and in strata, as R's survdiff") {
  const double time[] = {59,  115, 156, 421,  431,  448,  464,  475,  477, 563, 638, 744, 769,
                         770, 803, 855, 1040, 1106, 1129, 1206, 1227, 268, 329, 353, 365, 377};
  const int status[] = {1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0};
  const std::size_t arm[] = {1, 1, 1, 2, 1, 1, 2, 2, 1, 2, 1, 2, 2, 2, 1, 1, 1, 1, 2, 2, 2, 1, 1, 2, 2, 2};
  const std::size_t residual[] = {2, 2, 2, 2, 2, 1, 2, 2, 2, 1, 1, 1, 2, 2, 1, 1, 2, 1, 1, 2, 1, 2, 2, 1, 2, 1};
  std::vector<Durations> groups(2);
  std::vector<std::vector<Durations>> strata(2, std::vector<Durations>(2));
  for (std::size_t i = 0; i < 26; ++i)
    for (Durations* sample : {&groups[arm[i] - 1], &strata[residual[i] - 1][arm[i] - 1]}) {
      sample->time.push_back(time[i]);
      sample->cause.push_back(status[i]);
    }
  check_test(log_rank_test(groups), {7, 5}, {5.23353101715, 6.76646898285}, 1.06273986129, 0.302591116989);
  check_test(stratified_log_rank_test(strata), {7, 5}, {5.0951964702, 6.9048035298}, 1.2796434512, 0.257965340028);
}

TEST_CASE("Log-rank tests of three and four groups with ties, causes, strata and weights, as R's survdiff") {
  const auto three = test::drawn_sample(120, 3, 12);
  check_test(log_rank_test(test::without_strata(three)), {31, 25, 29}, {31.7480906944, 19.10371383, 34.1481954756},
             3.24733461165, 0.19717427319);
  check_test(log_rank_test(test::without_strata(three), {.cause = 1}), {16, 13, 14},
             {14.9811308286, 9.27541073316, 18.7434584383}, 3.42974277127, 0.179986868122);
  check_test(stratified_log_rank_test(three), {31, 25, 29}, {32.1863105916, 18.1521435126, 34.6615458959},
             4.38408481286, 0.111688402398);
  check_test(log_rank_test(test::without_strata(three), {.rho = 1}), {18.7326632755, 17.6757075554, 15.9916767599},
             {20.9672567728, 12.3611314826, 19.0716593355}, 4.47205268351, 0.106882375695);
  const auto four = test::drawn_sample(300, 4, 100);
  check_test(log_rank_test(test::without_strata(four)), {46, 58, 49, 45},
             {48.7335454638, 51.5463993771, 49.8341985295, 47.8858566295}, 1.20578340565, 0.751617548911);
  check_test(stratified_log_rank_test(four), {46, 58, 49, 45},
             {48.3897665132, 51.6932304858, 50.0641316139, 47.8528713871}, 1.14541075288, 0.766124575702);
}

TEST_CASE("With left truncation the log-rank test is the score test of Cox's model, as R's coxph") {
  const double entry[] = {0, 0, 1.5, 2.2, 0.3, 3.1, 4.4, 1.1, 0, 2.9};
  const double time[] = {2, 3.3, 6.1, 4.5, 5.2, 7.7, 8.3, 9.9, 1.2, 6.6};
  const int end[] = {1, 1, 0, 1, 1, 1, 1, 0, 1, 1};
  const std::size_t group[] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0};
  std::vector<Durations> groups(3);
  for (std::size_t i = 0; i < 10; ++i) {
    groups[group[i]].time.push_back(time[i]);
    groups[group[i]].cause.push_back(end[i]);
    groups[group[i]].entry.push_back(entry[i]);
  }
  CHECK(log_rank_test(groups).chi_square == near(1.14650179777));
}

TEST_CASE("Observed and expected ends are those counted naively, and agree in sum") {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    std::vector<Durations> groups;
    for (int g = 0; g < 1 + round % 4; ++g)
      groups.push_back(test::random_durations(
          random, {.size = static_cast<int>(random() % 12), .causes = 2, .truncated = round % 2 == 1}));
    const int cause = round % 3;
    const LogRankTest test = log_rank_test(groups, {.cause = cause});
    double sum_observed = 0, sum_expected = 0;
    for (std::size_t j = 0; j < groups.size(); ++j) {
      double observed = 0, expected = 0;
      for (double t = 0; t <= 6; ++t) {
        double ends = 0, at_risk = 0, own = 0;
        for (std::size_t g = 0; g < groups.size(); ++g)
          for (std::size_t i = 0; i < groups[g].size(); ++i) {
            const bool ended = groups[g].time[i] == t && groups[g].cause[i] > 0;
            const bool counts = ended && (cause == 0 || groups[g].cause[i] == cause);
            const bool seen = groups[g].time[i] >= t && (groups[g].entry.empty() || groups[g].entry[i] < t);
            ends += counts;
            at_risk += seen;
            own += seen && g == j;
            observed += counts && g == j;
          }
        if (at_risk > 0) expected += ends * own / at_risk;
      }
      CHECK(test.groups[j].observed == near(observed));
      CHECK(test.groups[j].expected == near(expected));
      sum_observed += observed;
      sum_expected += test.groups[j].expected;
    }
    CHECK(sum_observed == near(sum_expected));
    CHECK(test.p_value >= 0);
    CHECK(test.p_value <= 1);
  }
}

TEST_CASE("One stratum alone is the plain test, and the order of groups does not matter") {
  std::vector<Durations> groups = test::without_strata(test::drawn_sample(120, 3, 12));
  const LogRankTest plain = log_rank_test(groups);
  const std::vector<std::vector<Durations>> with_an_empty_one{groups,
                                                              std::vector<Durations>(3, Durations{{}, {}, {}, 2})};
  CHECK(stratified_log_rank_test(with_an_empty_one).chi_square == near(plain.chi_square));
  std::swap(groups[0], groups[2]);
  CHECK(log_rank_test(groups).chi_square == near(plain.chi_square));
}

TEST_CASE("Where nothing can be compared the log-rank test says so") {
  const std::vector<Durations> one{six_mercaptopurine()[0]};
  for (const LogRankTest& test : {log_rank_test({}), log_rank_test(one), log_rank_test(std::vector<Durations>(3))}) {
    CHECK(test.chi_square == 0);
    CHECK(test.degrees_of_freedom == 0);
    CHECK(test.p_value == 1);
  }
  // A group that nobody is in costs no degree of freedom.
  auto three = six_mercaptopurine();
  three.emplace_back();
  CHECK(log_rank_test(three).degrees_of_freedom == 1);
  CHECK(log_rank_test(three).chi_square == near(16.7929409892));
}

TEST_CASE("The log-rank test refuses what it cannot compare") {
  auto groups = six_mercaptopurine();
  CHECK_THROWS_AS(log_rank_test(groups, {.cause = 2}), InvalidArgument);
  CHECK_THROWS_AS(log_rank_test(groups, {.cause = -1}), InvalidArgument);
  CHECK_THROWS_AS(log_rank_test(groups, {.rho = -1}), InvalidArgument);
  CHECK_THROWS_AS(log_rank_test(groups, {.rho = std::nan("")}), InvalidArgument);
  groups[1].cause_count = 2;
  CHECK_THROWS_AS(log_rank_test(groups), InvalidArgument);
  groups[1].cause_count = 1;
  groups[1].time[0] = -1;
  CHECK_THROWS_AS(log_rank_test(groups), InvalidArgument);
  const std::vector<std::vector<Durations>> uneven{std::vector<Durations>(2), std::vector<Durations>(3)};
  CHECK_THROWS_AS(stratified_log_rank_test(uneven), InvalidArgument);
}
