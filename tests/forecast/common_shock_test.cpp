#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/forecast/common_shock.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace putki;

namespace {

double sum_of_weights(const CommonShock& shock) {
  double sum = 0;
  for (const auto& point : shock.points) sum += point.weight;
  return sum;
}

}  // namespace

TEST_CASE("the prior's weights sum to one around a tenth, without news about the next week") {
  const CommonShock prior = CommonShock::prior();
  CHECK(sum_of_weights(prior) == Approx(1));
  CHECK(prior.mean_size() == Approx(0.1).margin(0.02));
  CHECK(prior.expected_factor() == Approx(1));
}

TEST_CASE("a size for certain") {
  CHECK(CommonShock::of_size(0.2).mean_size() == 0.2);
  CHECK(CommonShock::of_size(0.2).points.size() == 1);
  CHECK(CommonShock::of_size(0).points.front().is_none());
  CHECK(CommonShock{}.expected_factor() == 1);
  CHECK_THROWS_AS(CommonShock::of_size(-0.1), InvalidArgument);
  CHECK_THROWS_AS(CommonShock::of_size(std::nan("")), InvalidArgument);
  CHECK_THROWS_AS(CommonShock::of_size(std::numeric_limits<double>::infinity()), InvalidArgument);
}

TEST_CASE("independent weeks average out") {
  const CommonShock::Point point{.size = 0.3};
  for (const int weeks : {1, 2, 4, 13}) {
    const auto [mean, sd] = point.over(0, 7 * weeks);
    CHECK(sd == Approx(0.3 / std::sqrt(weeks)));
    CHECK(mean == Approx(-0.5 * sd * sd));
    CHECK(point.over(70, 70 + 7 * weeks).sd == sd);
  }
  CHECK(point.over(0, 1).sd == 0.3);
}

TEST_CASE("the shift over some days is that of the mean of their levels") {
  RandomStream random(11, 0);
  for (int round = 0; round < 200; ++round) {
    const CommonShock::Point point{.size = 0.3 * random.uniform(),
                                   .drift = 0.02 + 0.4 * random.uniform(),
                                   .half_life_weeks = 1 + 20 * random.uniform(),
                                   .level = random.normal() * 0.3,
                                   .variance = 0.05 * random.uniform()};
    const int begin = static_cast<int>(random.below(40)), days = 1 + static_cast<int>(random.below(60));
    // Day k of the horizon is k + 4 days after the level's; covariances of an AR(1) that starts with its own variance.
    const double stationary = point.drift * point.drift, r = std::pow(0.5, 1 / (7 * point.half_life_weeks));
    double covariances = 0, factors = 0;
    for (int a = begin; a < begin + days; ++a) {
      for (int b = begin; b < begin + days; ++b)
        covariances += point.variance * std::pow(r, a + b + 8) +
                       stationary * (std::pow(r, std::abs(a - b)) - std::pow(r, a + b + 8));
      const double fade = std::pow(r, a + 4), own = stationary + fade * fade * (point.variance - stationary);
      factors += std::exp(-stationary / 2 + fade * (point.level + stationary / 2) + own / 2);
    }
    const double shock = point.size * std::sqrt(days < 7 ? 1.0 : 7.0 / days);
    const auto [mean, sd] = point.over(begin, begin + days);
    CHECK(sd * sd == Approx(covariances / days / days + shock * shock));
    CHECK(std::exp(mean + sd * sd / 2) == Approx(factors / days));
  }
}

TEST_CASE("a level fades: what is known of it matters now and not in a year") {
  const CommonShock::Point high{.drift = 0.2, .half_life_weeks = 4, .level = 0.3, .variance = 0.001};
  const auto factor = [&](int begin) {
    const auto [mean, sd] = high.over(begin, begin + 7);
    return std::exp(mean + sd * sd / 2);
  };
  CHECK(factor(0) > 1.25);
  CHECK(factor(28) < factor(0));
  CHECK(factor(364) == Approx(1).margin(1e-3));
  CHECK(high.over(364, 371).sd == Approx(0.2).epsilon(0.1));
}

TEST_CASE("the typical point has the grid's mean size and level") {
  const CommonShock two{
      {{.weight = 0.25, .size = 0.1, .drift = 0.2, .half_life_weeks = 4, .level = 0.4, .variance = 0.01},
       {.weight = 0.75, .size = 0.3}}};
  const CommonShock::Point typical = two.typical();
  CHECK(typical.size == Approx(0.25));
  CHECK(typical.level == Approx(0.1));
  CHECK(typical.variance == Approx(0.25 * (0.01 + 0.16) - 0.01));
  CHECK(typical.half_life_weeks == Approx(4));
  CHECK(CommonShock{}.typical().is_none());
}
