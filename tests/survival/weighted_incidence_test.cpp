// References from R: weighted_incidence_reference.R.
#include <putki/survival/weighted_incidence.hpp>

#include <putki/core/error.hpp>
#include <putki/survival/aalen_johansen.hpp>

#include "near.hpp"
#include "random_durations.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>

using namespace putki;
using test::near;

namespace {

std::vector<double> random_weights(std::mt19937& random, std::size_t size) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < size; ++i) weights.push_back(static_cast<double>(random() % 7) / 2);  // some are 0
  return weights;
}

}  // namespace

TEST_CASE("Weighted incidence and its standard error are those of R") {
  const Durations durations{.time = {2, 3, 3, 5, 5, 6, 8, 8, 9, 11, 12, 12},
                            .cause = {1, 2, 0, 1, 2, 0, 1, 1, 2, 0, 1, 0},
                            .entry = {},
                            .cause_count = 2};
  const std::vector<double> weights{10, 2, 5, 1, 7.5, 3, 20, 0.5, 4, 6, 2, 9};
  const WeightedIncidence curve(durations, weights);
  const double times[] = {2, 5, 8, 12};
  const double left[] = {0.857142857143, 0.695687331536, 0.352034553308, 0.2331657431};
  const double probability[2][4] = {{0.142857142857, 0.158490566038, 0.502143344267, 0.553957953844},
                                    {0, 0.145822102426, 0.145822102426, 0.212876303056}};
  const double std_error[2][4] = {{0.132770748423, 0.133821648528, 0.216267577932, 0.210968317822},
                                  {0, 0.117892308089, 0.117892308089, 0.137883279866}};
  for (std::size_t t = 0; t < 4; ++t) {
    CHECK(curve.probability(0, times[t]) == near(left[t]));
    for (int cause : {1, 2}) {
      const InfluenceEstimate estimate = curve.ended_by(cause, times[t]);
      CHECK(estimate.value == near(probability[cause - 1][t]));
      CHECK(curve.probability(cause, times[t]) == near(probability[cause - 1][t]));
      CHECK(estimate.std_error() == near(std_error[cause - 1][t]));
    }
  }
  CHECK(curve.last_time() == 12);
  CHECK(curve.known_at(12));
  CHECK_FALSE(curve.known_at(12.5));
}

TEST_CASE("With equal weights it is Aalen-Johansen, standard errors too") {
  std::mt19937 random(71);
  for (int round = 0; round < 300; ++round) {
    const Durations sample = test::random_durations(random, {.size = 1 + static_cast<int>(random() % 15)});
    const CumulativeIncidence counts = aalen_johansen(sample);
    const double weight = 0.5 + static_cast<double>(random() % 4);
    const WeightedIncidence weighted(sample, std::vector<double>(sample.size(), weight));
    for (int cause = 1; cause <= 3; ++cause)
      for (int time = 0; time <= 6; ++time) {
        REQUIRE(weighted.ended_by(cause, time).value == near(counts.probability(cause, time)));
        REQUIRE(weighted.ended_by(cause, time).std_error() ==
                Approx(counts.std_error(cause, time)).epsilon(1e-9).margin(1e-9));
      }
  }
}

TEST_CASE("A whole weight counts as that many observations") {
  std::mt19937 random(72);
  for (int round = 0; round < 300; ++round) {
    const Durations sample = test::random_durations(random, {.size = 10});
    std::vector<double> weights;
    Durations repeated;
    repeated.cause_count = 3;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      weights.push_back(static_cast<double>(random() % 4));
      for (double copy = 0; copy < weights[i]; ++copy) {
        repeated.time.push_back(sample.time[i]);
        repeated.cause.push_back(sample.cause[i]);
      }
    }
    const WeightedIncidence weighted(sample, weights);
    const CumulativeIncidence counts = aalen_johansen(repeated);
    for (int cause = 0; cause <= 3; ++cause)
      for (int time = 0; time <= 6; ++time)
        REQUIRE(weighted.probability(cause, time) == near(counts.probability(cause, time)));
  }
}

TEST_CASE("An influence is the derivative by the observation's share, and influences sum to 0") {
  std::mt19937 random(73);
  const auto payoff = [](double time) { return std::exp(-0.2 * time) + time; };
  for (int round = 0; round < 200; ++round) {
    const Durations sample = test::random_durations(random, {.size = 9});
    std::vector<double> weights = random_weights(random, sample.size());
    for (int cause = 1; cause <= 3; ++cause) {
      const InfluenceEstimate estimate = WeightedIncidence(sample, weights).expected(cause, payoff);
      REQUIRE(std::accumulate(estimate.influence.begin(), estimate.influence.end(), 0.0) == Approx(0).margin(1e-9));
      for (std::size_t i = 0; i < sample.size(); ++i) {
        const double kept = weights[i], step = 1e-6;
        weights[i] = kept * (1 + step);
        const double more = WeightedIncidence(sample, weights).expected(cause, payoff).value;
        weights[i] = kept * (1 - step);
        const double less = WeightedIncidence(sample, weights).expected(cause, payoff).value;
        weights[i] = kept;
        REQUIRE(estimate.influence[i] == Approx((more - less) / (2 * step)).epsilon(1e-5).margin(1e-7));
      }
    }
  }
}

TEST_CASE("Nothing observed, nothing weighed, all ended") {
  const WeightedIncidence nothing(Durations{});
  CHECK(nothing.probability(0, 3) == 1);
  CHECK(nothing.ended_by(1, 3).value == 0);
  CHECK(nothing.ended_by(1, 3).std_error() == 0);
  CHECK_FALSE(nothing.known_at(1));
  const Durations ended{.time = {1, 2}, .cause = {1, 1}, .entry = {}, .cause_count = 1};
  CHECK(WeightedIncidence(ended, std::vector<double>{0, 0}).ended_by(1, 5).value == 0);
  const WeightedIncidence all(ended, std::vector<double>{0.1, 0.7});
  CHECK(all.ended_by(1, 1).value == near(0.125));
  CHECK(all.probability(0, 2) == 0);
  CHECK(all.known_at(1000));
  // 1 of 300 was last seen at age 3, the others had ended: too little to move a curve.
  Durations many{
      .time = std::vector<double>(300, 2.0), .cause = std::vector<int>(300, 1), .entry = {}, .cause_count = 1};
  many.time.back() = 3;
  many.cause.back() = 0;
  CHECK(WeightedIncidence(many).known_at(1000));
  many.time.resize(100), many.cause.resize(100);  // 1 of 100 is not
  many.time.back() = 3, many.cause.back() = 0;
  CHECK(WeightedIncidence(many).known_at(3));
  CHECK_FALSE(WeightedIncidence(many).known_at(3.1));
}

TEST_CASE("Weights and durations out of order are refused") {
  const Durations two{.time = {1, 2}, .cause = {1, 0}, .entry = {}, .cause_count = 1};
  CHECK_THROWS_WITH(WeightedIncidence(two, std::vector<double>{1}),
                    "1 weights for 2 durations; give one for each, or none");
  CHECK_THROWS_AS(WeightedIncidence(two, std::vector<double>{1, -1}), InvalidArgument);
  CHECK_THROWS_AS(WeightedIncidence(two, std::vector<double>{1, std::nan("")}), InvalidArgument);
  Durations truncated = two;
  truncated.entry = {0, 1};
  CHECK_THROWS_AS(WeightedIncidence(truncated), InvalidArgument);
  const WeightedIncidence curve(two);
  CHECK_THROWS_AS(curve.ended_by(2, 1), InvalidArgument);
  CHECK_THROWS_AS(curve.ended_by(0, 1), InvalidArgument);
  CHECK_THROWS_AS(curve.probability(1, std::nan("")), InvalidArgument);
}
