#include <putki/core/money.hpp>

#include <catch2/catch.hpp>

#include <limits>

using namespace putki;

TEST_CASE("units round to the nearest minor unit, halves away from zero") {
  CHECK(Money::from_units(12.34).minor == 1234);
  CHECK(Money::from_units(-12.34).minor == -1234);
  CHECK(Money::from_units(0.125).minor == 13);  // 12.5 exactly
  CHECK(Money::from_units(-0.125).minor == -13);
  CHECK(Money::from_units(0.004).minor == 0);
  CHECK(Money::from_units(0.0).minor == 0);
  // The double just below 0.005: adding one half to 100 times it would give 1.
  CHECK(Money::from_units(0.0049999999999999994).minor == 0);
  // 2^52 + 1 minor units: adding one half would round to the next even number.
  CHECK(Money::from_units(45035996273704.97).minor == 4503599627370497);
}

TEST_CASE("every amount in cents comes back from its units") {
  for (std::int64_t minor = -2'000'000; minor <= 2'000'000; minor += 7) {
    REQUIRE(Money::from_units(Money{minor}.units()).minor == minor);
  }
  for (std::int64_t minor = 1; minor < 4'500'000'000'000'000; minor = minor * 3 + 1) {
    REQUIRE(Money::from_units(Money{minor}.units()).minor == minor);
  }
}

TEST_CASE("sums are exact and independent of order") {
  const Money tenth = Money::from_units(0.1);
  Money sum;
  for (int n = 0; n < 1'000'000; ++n) sum += tenth;
  CHECK(sum == Money::from_units(100'000));
  const Money large{9'000'000'000'000'000'000};
  CHECK(large + Money{1} - large == Money{1});
  CHECK(Money{1} - large + large == Money{1});
}

TEST_CASE("no double outside the range becomes an amount") {
  CHECK_NOTHROW(Money::from_units(9.2e16));
  for (const double units :
       {9.3e16, -9.3e16, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    CAPTURE(units);
    CHECK_THROWS_AS(Money::from_units(units), InvalidArgument);
  }
}

TEST_CASE("an unknown amount is less than any other") {
  CHECK(kNoAmount < Money::from_units(-9.2e16));
}
