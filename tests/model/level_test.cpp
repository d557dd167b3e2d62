#include <putki/core/error.hpp>
#include <putki/model/level.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace putki;

namespace {

/// Counts around `mean` whose log-level walks with this deviation and half-life; `last` receives where it ended.
std::vector<double> walk(RandomStream& random, int days, double mean, double deviation, double half_life,
                         double* last = nullptr) {
  const double phi = std::exp2(-1 / half_life);
  double u = deviation * random.normal();
  std::vector<double> counts;
  for (int t = 0; t < days; ++t) {
    u = phi * u + deviation * std::sqrt(1 - phi * phi) * random.normal();
    counts.push_back(static_cast<double>(random.poisson(mean * std::exp(u - deviation * deviation / 2))));
  }
  if (last != nullptr) *last = u - deviation * deviation / 2;
  return counts;
}

}  // namespace

TEST_CASE("without days the level is its prior: expected to be 1 for ever") {
  const Level level = fit_level({}, {});
  REQUIRE_FALSE(level.is_constant());
  for (const int days : {1, 10, 100}) CHECK(level.expected_factor(days) == Approx(1).epsilon(1e-9));
  CHECK(Level().expected_factor(5) == 1);
}

TEST_CASE("plain Poisson counts show no level") {
  RandomStream random(1, 0);
  std::vector<double> counts, expected(200, 30.0);
  for (int t = 0; t < 200; ++t) counts.push_back(static_cast<double>(random.poisson(30)));
  const Level level = fit_level(counts, expected);
  CHECK(level.expected_factor(1) == Approx(1).margin(0.06));
  CHECK(level.expected_dispersion() < 1.3);
}

TEST_CASE("a level that strays is followed and fades as its memory does") {
  RandomStream random(2, 0);
  double error = 0, plain = 0, far = 0;
  for (int repeat = 0; repeat < 60; ++repeat) {
    double last = 0;
    const auto counts = walk(random, 150, 40, 0.4, 16, &last);
    const Level level = fit_level(counts, std::vector<double>(150, 40.0));
    error += std::pow(std::log(level.expected_factor(1)) - last, 2);
    plain += last * last;
    far += std::abs(std::log(level.expected_factor(400)));
  }
  CHECK(error < 0.25 * plain);  // far nearer to the truth than "no level"
  CHECK(far / 60 < 0.05);       // and back at 1 in the long run
}

TEST_CASE("drawn paths scatter around the expected factor") {
  RandomStream random(3, 0);
  const auto counts = walk(random, 150, 40, 0.3, 8);
  const Level level = fit_level(counts, std::vector<double>(150, 40.0));
  std::vector<double> sum(20);
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    RandomStream draw(9, static_cast<std::uint64_t>(i / 2));
    const auto path = level.draw(draw, 20, (i / 2 + 0.5) / (kDraws / 2), i % 2 == 1);
    for (std::size_t d = 0; d < path.size(); ++d) sum[d] += path[d] / kDraws;
  }
  for (std::size_t d = 0; d < sum.size(); ++d)
    CHECK(sum[d] == Approx(level.expected_factor(static_cast<int>(d) + 1)).margin(0.03));
}

TEST_CASE("mirrored draws go the other way") {
  double product = 0;
  for (std::uint64_t pair = 0; pair < 500; ++pair) {
    RandomStream one(4, pair), other(4, pair);
    product += (mirrored_gamma(50, one, false) - 50) * (mirrored_gamma(50, other, true) - 50) / 500;
  }
  CHECK(product == Approx(-50).epsilon(0.3));  // correlation -1, but for the cube
  RandomStream random(5, 0);
  double mean = 0, square = 0;
  for (int i = 0; i < 20'000; ++i) {
    const double g = mirrored_gamma(20, random, false);
    mean += g / 20'000;
    square += g * g / 20'000;
  }
  CHECK(mean == Approx(20).margin(0.13));  // 4 standard errors
  CHECK(square - mean * mean == Approx(20).epsilon(0.05));
}

TEST_CASE("days that expect next to nothing carry no news") {
  const Level quiet = fit_level(std::vector<double>(50, 3.0), std::vector<double>(50, 0.1));
  CHECK(quiet.expected_factor(1) == Approx(1).epsilon(1e-9));
}

TEST_CASE("counts and expectations that cannot be are refused") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(fit_level(std::vector<double>{1}, std::vector<double>{}), InvalidArgument);
  CHECK_THROWS_AS(fit_level(std::vector<double>{-1}, std::vector<double>{1}), InvalidArgument);
  CHECK_THROWS_AS(fit_level(std::vector<double>{1}, std::vector<double>{nan}), InvalidArgument);
  CHECK_THROWS_AS(fit_level({}, {}, {.usual_deviation = -1}), InvalidArgument);
  CHECK_THROWS_AS(fit_level({}, {}, {.most_days = 0}), InvalidArgument);
  CHECK(fit_level(std::vector<double>{5}, std::vector<double>{1}, {.usual_deviation = 0}).is_constant());
}
