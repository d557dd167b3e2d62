// References: group_tests_reference.R (cmprsk's cuminc).
#include <putki/survival/gray_test.hpp>

#include <putki/core/error.hpp>

#include "drawn_sample.hpp"
#include "near.hpp"
#include "random_durations.hpp"

#include <putki/survival/aalen_johansen.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>

using namespace putki;
using putki::test::near;

namespace {

void check_test(const GrayTest& test, double chi_square, double p_value, int degrees_of_freedom) {
  CHECK(test.chi_square == near(chi_square));
  CHECK(test.p_value == near(p_value));
  CHECK(test.degrees_of_freedom == degrees_of_freedom);
  CHECK(std::accumulate(test.scores.begin(), test.scores.end(), 0.0) == Approx(0).margin(1e-9));
}

// Relapse (1) and death in remission (2) after bone marrow transplants for three diseases, days: Klein & Moeschberger
// 2003, section 1.3.
std::vector<Durations> transplants() {
  std::vector<Durations> groups(3);
  groups[0].time = {2081, 1602, 1496, 1462, 1433, 1377, 1330, 996, 226, 1199, 1111, 530, 1182,
                    1167, 418,  383,  276,  104,  609,  172,  487, 662, 194,  230,  526, 122,
                    129,  74,   122,  86,   466,  192,  109,  55,  1,   107,  110,  332};
  groups[0].cause = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 1,
                     2, 2, 1, 2, 1, 2, 2, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 2};
  groups[1].time = {2569, 2506, 2409, 2218, 1857, 1829, 1562, 1470, 1363, 1030, 860,  1258, 2246, 1870,
                    1799, 1709, 1674, 1568, 1527, 1324, 957,  932,  847,  848,  1850, 1843, 1535, 1447,
                    1384, 414,  2204, 1063, 481,  105,  641,  390,  288,  421,  79,   748,  486,  48,
                    272,  1074, 381,  10,   53,   80,   35,   248,  704,  211,  219,  606};
  groups[1].cause = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                     0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 1, 2, 1, 1, 2, 1, 2, 1, 2, 2, 2, 2, 1, 2, 1, 1, 1};
  groups[2].time = {2640, 2430, 2252, 2140, 2133, 1238, 1631, 2024, 1345, 1136, 845, 422, 162, 84,  100,
                    2,    47,   242,  456,  268,  318,  32,   467,  47,   390,  183, 105, 115, 164, 93,
                    120,  80,   677,  64,   168,  74,   16,   157,  625,  48,   273, 63,  76,  113, 363};
  groups[2].cause = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1, 1, 2, 1, 1, 1, 1, 2, 1, 1,
                     1, 1, 2, 2, 1, 2, 1, 1, 2, 2, 1, 2, 2, 2, 1, 1, 1, 1, 2, 1, 1, 2};
  for (Durations& group : groups) group.cause_count = 2;
  return groups;
}

// Relapse (1) and death without it (2) after stem cell transplants for two leukaemias, months: Scrucca, Santucci &
// Aversa 2010, "Regression modeling of competing risk using R", Bone Marrow Transplantation 45.
std::vector<Durations> stem_cells() {
  std::vector<Durations> groups(2);
  groups[0].time = {0.67,  131.77, 24.03, 1.47, 2.23,  124.83, 10.53, 123.9, 2,    1.7,   3.57,   0.4,   0.87,
                    121.1, 7.5,    6.13,  2.8,  5.37,  2.87,   3.07,  1.7,   1.8,  3.63,  112.23, 1.67,  7.53,
                    6.03,  2.53,   8,     82.6, 6,     4.23,   7.47,  13.07, 1.43, 72.93, 71.83,  8.17,  7.57,
                    2.4,   1.1,    3.3,   1.23, 56.6,  8.63,   1.1,   5.43,  45.3, 43.67, 4.17,   20.83, 0.37,
                    0.27,  35.5,   4.07,  7.93, 17.23, 3.43,   12.17, 29.2,  3.63, 24.77, 6.6,    9.43,  1.87,
                    19.9,  7.63,   2.23,  3.23, 16.83, 16.13,  2.7,   10.3};
  groups[0].cause = {2, 0, 2, 2, 2, 0, 2, 0, 1, 2, 1, 2, 2, 0, 2, 1, 2, 1, 1, 1, 1, 1, 2, 0, 1,
                     1, 2, 1, 2, 0, 2, 1, 2, 1, 2, 0, 0, 2, 1, 1, 2, 2, 1, 0, 1, 1, 2, 0, 0, 2,
                     1, 2, 2, 0, 1, 1, 1, 2, 2, 0, 1, 0, 2, 1, 1, 0, 1, 1, 2, 0, 0, 2, 1};
  groups[1].time = {9.5,   6.33,  2.3,   5.27,  6.3,  10.9,   114.7, 114.1, 35,   112.93, 7.63,  110.37, 20.93,
                    2.83,  9.63,  3.17,  9.97,  5.7,  106.13, 4.2,   9.17,  8.73, 85.1,   4.8,   3.57,   81.67,
                    6.2,   3.47,  1,     6.1,   77,   76.03,  28.53, 1.97,  67.8, 70.2,   3.03,  5.87,   68.83,
                    9.13,  6.07,  59.17, 58.23, 58,   3.6,    1.6,   5.63,  4.4,  13.8,   49.27, 9.2,    6.7,
                    12.57, 11.8,  43.2,  6.63,  42.5, 1.87,   1.23,  41.3,  3.9,  4.57,   4.4,   3.7,    3.4,
                    8.6,   1.3,   35.5,  2,     8.8,  32.63,  7.2,   9,     6,    29.9,   28.7,  42.17,  0.13,
                    12.27, 26.13, 4.73,  3.93,  2.03, 5,      5.6,   1.2,   5.23, 3.5,    2.8,   1.47,   0.87,
                    7.2,   3.57,  4.57,  1.77,  16.6, 15.17,  7,     2.53,  14.5, 2.3,    10.2,  9.97,   7.63};
  groups[1].cause = {1, 2, 2, 2, 2, 2, 0, 0, 1, 0, 2, 0, 2, 2, 2, 2, 2, 1, 0, 1, 2, 2, 0, 2, 2, 0,
                     1, 2, 2, 2, 0, 0, 1, 2, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 2, 1, 1, 2, 2, 0, 2, 2,
                     1, 2, 0, 1, 0, 1, 2, 0, 2, 2, 2, 2, 2, 2, 1, 0, 2, 2, 0, 2, 2, 1, 0, 0, 1, 2,
                     1, 0, 1, 2, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 1, 1, 0, 1, 0, 0, 1};
  for (Durations& group : groups) group.cause_count = 2;
  return groups;
}

}  // namespace

TEST_CASE("Gray's test of stem cell transplants is the published one") {
  const GrayTest relapse = gray_test(stem_cells(), 1), death = gray_test(stem_cells(), 2);
  CHECK(relapse.chi_square == Approx(2.8623325).epsilon(0).margin(5e-8));
  CHECK(relapse.p_value == Approx(0.09067592).epsilon(0).margin(5e-9));
  CHECK(relapse.degrees_of_freedom == 1);
  CHECK(death.chi_square == Approx(0.4481279).epsilon(0).margin(5e-8));
  CHECK(death.p_value == Approx(0.50322531).epsilon(0).margin(5e-9));
}

TEST_CASE("Gray's test of three groups of bone marrow transplants, as R's cuminc") {
  check_test(gray_test(transplants(), 1), 11.9228820486, 0.00257619693357, 2);
  check_test(gray_test(transplants(), 2), 0.13741078327, 0.933601686433, 2);
}

TEST_CASE("Gray's test of drawn samples with ties, two to four groups and strata, as R's cuminc") {
  const auto two = test::drawn_sample(40, 2, 10);
  check_test(gray_test(test::without_strata(two), 1), 0.38284536256, 0.536084366636, 1);
  check_test(stratified_gray_test(two, 1), 0.312629365204, 0.576071166049, 1);
  check_test(gray_test(test::without_strata(two), 2), 0.114362449184, 0.735231182199, 1);
  check_test(stratified_gray_test(two, 2), 0.151433102672, 0.697169578853, 1);
  const auto three = test::drawn_sample(120, 3, 12);
  check_test(gray_test(test::without_strata(three), 1), 2.46121002503, 0.292115790499, 2);
  check_test(stratified_gray_test(three, 1), 2.74624141135, 0.253315202585, 2);
  check_test(gray_test(test::without_strata(three), 2), 0.336944740255, 0.844954609085, 2);
  check_test(stratified_gray_test(three, 2), 0.667400817953, 0.716268337651, 2);
  const auto four = test::drawn_sample(300, 4, 100);
  check_test(gray_test(test::without_strata(four), 1), 0.406001171097, 0.939000022299, 3);
  check_test(stratified_gray_test(four, 1), 0.296469505899, 0.960691097761, 3);
  check_test(gray_test(test::without_strata(four), 2), 0.564454929278, 0.904519158765, 3);
  check_test(stratified_gray_test(four, 2), 0.652281388861, 0.884366195293, 3);
}

TEST_CASE("Without censoring and other ends Gray's score is the log-rank score") {
  // Nobody is lost, so S = G and a group's subdistribution risk set is its risk set.
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<Durations> groups;
    for (int g = 0; g < 3; ++g)
      groups.push_back(test::random_durations(
          random, {.size = 1 + static_cast<int>(random() % 12), .causes = 1, .censored = false}));
    const GrayTest test = gray_test(groups, 1);
    for (std::size_t j = 0; j < 3; ++j) {
      double score = 0;
      for (double t = 0; t <= 6; ++t) {
        double ends = 0, at_risk = 0, own_ends = 0, own = 0;
        for (std::size_t g = 0; g < 3; ++g)
          for (const double time : groups[g].time) {
            ends += time == t;
            at_risk += time >= t;
            own_ends += time == t && g == j;
            own += time >= t && g == j;
          }
        if (at_risk > 0) score += own_ends - ends * own / at_risk;
      }
      CHECK(test.scores[j] == Approx(score).epsilon(1e-9).margin(1e-9));
    }
  }
}

TEST_CASE("Without censoring a deal lost stays at risk of never being won") {
  // The score with lost deals kept in the risk set for good, counted naively.
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Durations> groups;
    for (int g = 0; g < 2; ++g)
      groups.push_back(test::random_durations(
          random, {.size = 2 + static_cast<int>(random() % 12), .causes = 2, .censored = false}));
    const GrayTest test = gray_test(groups, 1);
    // A group drops out when nobody of it is left in the pipeline.
    const auto last = [](const Durations& group) { return *std::max_element(group.time.begin(), group.time.end()); };
    double score = 0;
    for (double t = 0; t <= 6; ++t) {
      double ends = 0, at_risk = 0, own_ends = 0, own = 0;
      for (std::size_t g = 0; g < 2; ++g) {
        if (t > last(groups[g])) continue;
        for (std::size_t i = 0; i < groups[g].size(); ++i) {
          const bool won = groups[g].cause[i] == 1;
          ends += won && groups[g].time[i] == t;
          at_risk += !(won && groups[g].time[i] < t);
          own_ends += won && groups[g].time[i] == t && g == 0;
          own += !(won && groups[g].time[i] < t) && g == 0;
        }
      }
      if (at_risk > 0) score += own_ends - ends * own / at_risk;
    }
    CHECK(test.scores[0] == Approx(score).epsilon(1e-9).margin(1e-9));
  }
}

TEST_CASE("Gray's test of equal groups rejects as often as it says") {
  std::mt19937 random(11);
  const int rounds = 2000;
  int rejected = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Durations> groups;
    for (const int size : {40, 60})
      groups.push_back(test::random_durations(random, {.size = size, .causes = 2, .last_time = 30}));
    rejected += gray_test(groups, 1).p_value < 0.05;
  }
  // 100 expected; 4 standard errors of chance are 39.
  CHECK(rejected > 61);
  CHECK(rejected < 139);
}

TEST_CASE("Where nothing can be compared Gray's test says so") {
  const std::vector<Durations> one{transplants()[0]};
  Durations open{.time = {1, 2, 3}, .cause = {0, 0, 2}, .entry = {}, .cause_count = 2};
  for (const GrayTest& test : {gray_test({}, 1), gray_test(one, 1), gray_test(std::vector<Durations>{open, open}, 1)}) {
    CHECK(test.chi_square == 0);
    CHECK(test.degrees_of_freedom == 0);
    CHECK(test.p_value == 1);
  }
  auto four = transplants();
  four.push_back({.time = {}, .cause = {}, .entry = {}, .cause_count = 2});
  CHECK(gray_test(four, 1).degrees_of_freedom == 2);
  CHECK(gray_test(four, 1).chi_square == near(gray_test(transplants(), 1).chi_square));
}

TEST_CASE("Gray's test refuses what it cannot compare") {
  auto groups = transplants();
  CHECK_THROWS_AS(gray_test(groups, 0), InvalidArgument);
  CHECK_THROWS_AS(gray_test(groups, 3), InvalidArgument);
  groups[0].cause_count = 3;
  CHECK_THROWS_AS(gray_test(groups, 1), InvalidArgument);
  groups[0].cause_count = 2;
  groups[0].entry.assign(groups[0].size(), 0.5);
  CHECK_THROWS_AS(gray_test(groups, 1), InvalidArgument);
}
