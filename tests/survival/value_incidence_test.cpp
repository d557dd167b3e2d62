#include <putki/survival/value_incidence.hpp>

#include <putki/core/error.hpp>
#include <putki/survival/aalen_johansen.hpp>

#include "near.hpp"
#include "random_durations.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;
using putki::test::near;

namespace {

// Inverse weights by the chance of being seen so long: Kaplan-Meier of the censoring, ends before censorings. Each
// observation counts `weight` times.
double naive_mean(const Durations& sample, const std::vector<double>& values, const std::vector<double>& weight,
                  double horizon) {
  double sum = 0, all = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    all += weight[i];
    if (sample.cause[i] == 0 || sample.time[i] > horizon) continue;
    double seen = 1;
    for (double t = 0; t < sample.time[i]; ++t) {
      double censored = 0, staying = 0;
      for (std::size_t k = 0; k < sample.size(); ++k) {
        const bool at_risk = sample.time[k] > t || (sample.time[k] == t && sample.cause[k] == 0);
        staying += at_risk ? weight[k] : 0;
        censored += sample.time[k] == t && sample.cause[k] == 0 ? weight[k] : 0;
      }
      if (staying > 0) seen *= 1 - censored / staying;
    }
    sum += weight[i] * values[i] / seen;
  }
  return all > 0 ? sum / all : 0;
}

}  // namespace

TEST_CASE("With values of 1 the value incidence is Aalen-Johansen's, errors and all") {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const Durations sample = test::random_durations(random, {.size = 1 + round % 25});
    const CumulativeIncidence curve = aalen_johansen(sample);
    for (int cause = 1; cause <= 3; ++cause) {
      std::vector<double> values;
      for (const int c : sample.cause) values.push_back(c == cause ? 1 : 0);
      for (double h = 0; h < 8; h += 1.5) {
        const ValueIncidence incidence = value_incidence(sample, values, h);
        CHECK(incidence.mean == near(curve.probability(cause, h)));
        CHECK(incidence.std_error == Approx(curve.std_error(cause, h)).epsilon(1e-9).margin(1e-8));
      }
    }
  }
}

TEST_CASE("Value incidence is the inversely weighted mean, its influence the derivative by each weight") {
  std::mt19937 random(4);
  for (int round = 0; round < 60; ++round) {
    const Durations sample = test::random_durations(random, {.size = 2 + round % 15});
    std::vector<double> values;
    for (std::size_t i = 0; i < sample.size(); ++i) values.push_back(static_cast<double>(random() % 1000));
    const double h = 1 + round % 6;
    const ValueIncidence incidence = value_incidence(sample, values, h);
    std::vector<double> weight(sample.size(), 1.0);
    CHECK(incidence.mean == near(naive_mean(sample, values, weight, h)));
    double sum = 0;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      const double step = 1e-5;
      weight[i] = 1 + step;
      const double up = naive_mean(sample, values, weight, h);
      weight[i] = 1 - step;
      const double down = naive_mean(sample, values, weight, h);
      weight[i] = 1;
      CHECK(incidence.influence[i] == Approx((up - down) / (2 * step)).epsilon(1e-6).margin(1e-4));
      sum += incidence.influence[i];
    }
    CHECK(sum == Approx(0).margin(1e-8));
  }
}

TEST_CASE("Without censoring the value incidence is the plain mean with its plain error") {
  const Durations sample{.time = {1, 2, 2, 9}, .cause = {1, 1, 1, 1}, .entry = {}, .cause_count = 1};
  const ValueIncidence incidence = value_incidence(sample, {10, 0, 40, 1000}, 5);
  CHECK(incidence.mean == near(12.5));
  // values 10, 0, 40, 0 about 12.5: squares 6.25 + 156.25 + 756.25 + 156.25, over 4^2
  CHECK(incidence.std_error == near(std::sqrt(1075.0 / 16)));
}

TEST_CASE("Value incidence answers the empty sample and refuses what it cannot take") {
  const ValueIncidence none = value_incidence({}, {}, 5);
  CHECK(none.mean == 0);
  CHECK(none.std_error == 0);
  const Durations one{.time = {1}, .cause = {1}, .entry = {}, .cause_count = 1};
  CHECK_THROWS_AS(value_incidence(one, {}, 5), InvalidArgument);
  CHECK_THROWS_AS(value_incidence(one, {std::nan("")}, 5), InvalidArgument);
  CHECK_THROWS_AS(value_incidence(one, {1}, std::nan("")), InvalidArgument);
  const Durations truncated{.time = {1}, .cause = {1}, .entry = {0.5}, .cause_count = 1};
  CHECK_THROWS_AS(value_incidence(truncated, {1}, 5), InvalidArgument);
}
