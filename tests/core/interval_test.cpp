#include <putki/core/error.hpp>
#include <putki/core/interval.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace putki;

TEST_CASE("Wilson and Jeffreys limits are those of R") {
  // for (x, n, l): prop.test(x, n, conf.level = l, correct = FALSE)$conf.int;
  //                qbeta(c((1 - l) / 2, (1 + l) / 2), x + .5, n - x + .5), with 0 at x = 0 and 1 at x = n
  struct Expected {
    double successes;
    double trials;
    double level;
    Interval wilson;
    Interval jeffreys;
  };
  const Expected expected[] = {
      {0, 10, 0.8, {0, 0.141068682090541}, {0, 0.12357420632868}},
      {0, 10, 0.95, {0, 0.277532799862889}, {0, 0.217196267509211}},
      {0, 10, 0.99, {0, 0.398854093304908}, {0, 0.318834635594171}},
      {3, 10, 0.8, {0.153799178075967, 0.502628294760249}, {0.150591225876201, 0.501781118100088}},
      {3, 10, 0.95, {0.107791267406301, 0.603221852538855}, {0.0926945939381532, 0.605818318148671}},
      {3, 10, 0.99, {0.0795663165230658, 0.679975320798897}, {0.0553287497310325, 0.69344482721394}},
      {10, 10, 0.8, {0.858931317909459, 1}, {0.87642579367132, 1}},
      {10, 10, 0.95, {0.722467200137111, 1}, {0.782803732490789, 1}},
      {10, 10, 0.99, {0.601145906695092, 1}, {0.681165364405829, 1}},
      {1, 1, 0.95, {0.206549314377238, 1}, {0.146746316309575, 1}},
      {2246, 13087, 0.8, {0.167438043628249, 0.175885751603489}, {0.167432723646623, 0.175880331423159}},
      {2246, 13087, 0.95, {0.165257357952471, 0.178176750004842}, {0.165233735782849, 0.178152877258877}},
      {2246, 13087, 0.99, {0.163297830488583, 0.180276351327714}, {0.163251005202384, 0.180229034658284}},
      {7, 1e6, 0.8, {4.33249998920004e-06, 1.13098487353564e-05}, {4.27338287846445e-06, 1.11535388388753e-05}},
      {7, 1e6, 0.95, {3.39086783490086e-06, 1.44505224488272e-05}, {3.13107417171551e-06, 1.37441466489389e-05}},
      {7, 1e6, 0.99, {2.73789094547901e-06, 1.78968687460453e-05}, {2.30046261631432e-06, 1.64005791343574e-05}},
  };
  for (const Expected& e : expected) {
    CAPTURE(e.successes, e.trials, e.level);
    const Interval wilson = wilson_interval(e.successes, e.trials, e.level);
    CHECK(wilson.lower == Approx(e.wilson.lower).epsilon(1e-10));
    CHECK(wilson.upper == Approx(e.wilson.upper).epsilon(1e-10));
    const Interval jeffreys = jeffreys_interval(e.successes, e.trials, e.level);
    CHECK(jeffreys.lower == Approx(e.jeffreys.lower).epsilon(1e-10));
    CHECK(jeffreys.upper == Approx(e.jeffreys.upper).epsilon(1e-10));
  }
}

TEST_CASE("no trials say nothing about a proportion") {
  CHECK(wilson_interval(0, 0) == Interval{0, 1});
  CHECK(jeffreys_interval(0, 0) == Interval{0, 1});
}

TEST_CASE("intervals hold the proportion, mirror, stay in [0, 1] and widen with the level") {
  for (const auto& interval : {wilson_interval, jeffreys_interval}) {
    for (const double trials : {0.5, 1.0, 7.0, 40.0, 1234.5}) {
      for (int part = 0; part <= 10; ++part) {
        const double successes = trials * part / 10.0;
        CAPTURE(successes, trials);
        const Interval at95 = interval(successes, trials, 0.95);
        const Interval at50 = interval(successes, trials, 0.50);
        const Interval mirrored = interval(trials - successes, trials, 0.95);
        REQUIRE(at95.lower >= 0.0);
        REQUIRE(at95.upper <= 1.0);
        REQUIRE(at95.lower <= successes / trials);
        REQUIRE(at95.upper >= successes / trials);
        REQUIRE(at95.lower <= at50.lower);
        REQUIRE(at95.upper >= at50.upper);
        REQUIRE(mirrored.lower == Approx(1.0 - at95.upper).margin(1e-12));
        REQUIRE(mirrored.upper == Approx(1.0 - at95.lower).margin(1e-12));
      }
    }
  }
}

TEST_CASE("counts and levels that cannot be are refused") {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const auto& interval : {wilson_interval, jeffreys_interval}) {
    CHECK_THROWS_WITH(interval(3, 2, 0.95), Catch::Contains("3 successes of 2 trials"));
    CHECK_THROWS_AS(interval(-1, 2, 0.95), InvalidArgument);
    CHECK_THROWS_AS(interval(kNan, 2, 0.95), InvalidArgument);
    CHECK_THROWS_AS(interval(1, kNan, 0.95), InvalidArgument);
    CHECK_THROWS_AS(interval(1, kInfinity, 0.95), InvalidArgument);
    for (const double level : {0.0, 1.0, -0.5, 95.0, kNan}) {
      CAPTURE(level);
      CHECK_THROWS_AS(interval(1, 2, level), InvalidArgument);
    }
  }
}
