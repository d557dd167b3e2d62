#include <putki/core/error.hpp>
#include <putki/core/random.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

using namespace putki;

namespace {

using Block = std::array<std::uint32_t, 4>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("Philox 4x32-10 gives the known answers of Random123") {
  // Random123 1.09, tests/kat_vectors, lines "philox4x32 10".
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a stream is the blocks of its counter") {
  const std::uint64_t seed = 0x299f31d0a4093822;
  const std::uint64_t number = 0x0370734413198a2e;
  RandomStream stream(seed, number);
  for (std::uint32_t block = 0; block < 100; ++block) {
    const Block words = philox4x32({block, 0, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0});
    REQUIRE(stream.bits() == (words[0] | std::uint64_t{words[1]} << 32));
    REQUIRE(stream.bits() == (words[2] | std::uint64_t{words[3]} << 32));
  }
}

TEST_CASE("a copy replays, another seed or stream does not") {
  RandomStream stream(7, 3);
  stream.bits();
  RandomStream copy = stream;
  for (int n = 0; n < 10; ++n) REQUIRE(copy.normal() == stream.normal());
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (std::uint64_t number = 0; number < 100; ++number) first.insert(RandomStream(seed, number).bits());
  }
  CHECK(first.size() == 10'000);
}

TEST_CASE("uniforms lie strictly between 0 and 1, on odd multiples of 2^-53") {
  RandomStream stream(1, 1);
  for (int n = 0; n < 100'000; ++n) {
    const double u = stream.uniform();
    REQUIRE(u > 0.0);
    REQUIRE(u < 1.0);
    const double multiple = u * 0x1p53;
    REQUIRE(std::floor(multiple) == multiple);
    REQUIRE(std::fmod(multiple, 2.0) == 1.0);
  }
  // The extreme ones of the formula: (bits >> 12) + 1/2 is exact in 53 bits, so it cannot round up to 1.
  CHECK((static_cast<double>(~std::uint64_t{0} >> 12) + 0.5) * 0x1p-52 < 1.0);
}

TEST_CASE("a normal is one uniform and increases with it") {
  RandomStream uniforms(5, 0);
  RandomStream normals(5, 0);
  std::vector<std::pair<double, double>> pairs;
  for (int n = 0; n < 10'000; ++n) {
    const double u = uniforms.uniform();
    pairs.emplace_back(u, normals.normal());
  }
  std::sort(pairs.begin(), pairs.end());
  for (std::size_t n = 1; n < pairs.size(); ++n) REQUIRE(pairs[n].second > pairs[n - 1].second);
}

TEST_CASE("counts of no mean or no trials are 0, of certain success all") {
  RandomStream stream(1, 2);
  for (int n = 0; n < 1000; ++n) {
    REQUIRE(stream.poisson(0.0) == 0);
    REQUIRE(stream.poisson(1e-300) == 0);
    REQUIRE(stream.binomial(0, 0.3) == 0);
    REQUIRE(stream.binomial(1'000'000'000, 0.0) == 0);
    REQUIRE(stream.binomial(1'000'000'000, 1.0) == 1'000'000'000);
    REQUIRE(stream.binomial(~std::uint64_t{0}, 1.0) == ~std::uint64_t{0});
    REQUIRE(stream.binomial(17, 0.9) <= 17);
    REQUIRE(stream.binomial(50, 0.5) <= 50);
    REQUIRE(stream.below(1) == 0);
  }
}

TEST_CASE("below covers all its numbers and no other") {
  RandomStream stream(1, 3);
  std::array<int, 6> seen{};
  for (int n = 0; n < 60'000; ++n) ++seen.at(stream.below(6));
  // 10,000 each, standard deviation sqrt(60,000 * 1/6 * 5/6) = 91.3; five of them.
  for (const int count : seen) CHECK(std::abs(count - 10'000) < 457);
  // With n just above 2^63 a biased reduction favours the low half by 2:1. Half of n lies below n / 2.
  const std::uint64_t n = (std::uint64_t{1} << 63) + (std::uint64_t{1} << 62);
  int low = 0;
  for (int draw = 0; draw < 40'000; ++draw) low += stream.below(n) < n / 2 ? 1 : 0;
  CHECK(std::abs(low - 20'000) < 500);
}

TEST_CASE("draws at the ends of what is allowed are numbers in range") {
  RandomStream stream(1, 4);
  for (int n = 0; n < 1000; ++n) {
    for (const double a : {1e-300, 1e-5, 0.5, 1.0, 1e5, 1e300}) {
      const double g = stream.gamma(a);
      REQUIRE(g >= 0.0);
      REQUIRE(std::isfinite(g));
      for (const double b : {1e-300, 1e-5, 0.5, 1.0, 1e5, 1e300}) {
        const double x = stream.beta(a, b);
        REQUIRE(x >= 0.0);
        REQUIRE(x <= 1.0);
      }
    }
    // Ten standard deviations.
    REQUIRE(std::abs(static_cast<double>(stream.poisson(1e18)) - 1e18) < 1e10);
    REQUIRE(std::abs(static_cast<double>(stream.binomial(~std::uint64_t{0}, 0.5)) - 0x1p63) < 3e10);
    REQUIRE(stream.binomial(~std::uint64_t{0}, 1e-30) == 0);
  }
}

TEST_CASE("arguments outside what is allowed are refused and draw nothing") {
  RandomStream stream(1, 5);
  const RandomStream untouched = stream;
  for (const double shape : {0.0, -1.0, 1e301, kNan, kInfinity}) {
    CAPTURE(shape);
    CHECK_THROWS_AS(stream.gamma(shape), InvalidArgument);
    CHECK_THROWS_AS(stream.beta(shape, 1.0), InvalidArgument);
    CHECK_THROWS_AS(stream.beta(1.0, shape), InvalidArgument);
  }
  for (const double mean : {-1e-9, 1.1e18, kNan, kInfinity}) {
    CAPTURE(mean);
    CHECK_THROWS_AS(stream.poisson(mean), InvalidArgument);
  }
  for (const double probability : {-1e-9, 1.000001, kNan, kInfinity}) {
    CAPTURE(probability);
    CHECK_THROWS_AS(stream.binomial(10, probability), InvalidArgument);
  }
  CHECK_THROWS_AS(stream.below(0), InvalidArgument);
  CHECK_THROWS_WITH(stream.poisson(-2.0), Catch::Contains("Poisson mean -2: 0 to 1e18 is allowed"));
  RandomStream expected = untouched;
  CHECK(stream.bits() == expected.bits());
}
