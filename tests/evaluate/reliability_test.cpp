#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/evaluate/reliability.hpp>

#include <catch2/catch.hpp>

using namespace putki;

TEST_CASE("reliability bins of equal width, worked by hand") {
  const std::vector<double> probabilities{0.05, 0.9, 0.15, 0.2, 1.0, 0.0, 0.19};
  const std::vector<bool> happened{false, true, true, false, true, false, false};
  const auto bins = reliability(probabilities, happened, {.bins = 5});
  REQUIRE(bins.size() == 3);  // [0, 0.2), [0.2, 0.4) and [0.8, 1]
  CHECK(bins[0].lower == 0);
  CHECK(bins[0].upper == Approx(0.2));
  CHECK(bins[0].count == 4);
  CHECK(bins[0].mean_probability == Approx(0.39 / 4));
  CHECK(bins[0].happened == 1);
  CHECK(bins[0].share == Approx(0.25));
  CHECK(bins[0].limits == wilson_interval(1, 4));
  CHECK(bins[1].lower == Approx(0.2));
  CHECK(bins[1].count == 1);
  CHECK(bins[2].count == 2);
  CHECK(bins[2].upper == 1);
  CHECK(bins[2].mean_probability == Approx(0.95));
}

TEST_CASE("reliability bins of equal count keep equal probabilities together") {
  const std::vector<double> probabilities{0.5, 0.1, 0.5, 0.5, 0.2, 0.9, 0.5, 0.3};
  const auto bins = reliability(probabilities, std::vector<bool>(8, true),
                                {.bins = 4, .binning = Binning::equal_count, .confidence = 0.9});
  // ascending: .1 .2 | .3 .5 .5 .5 .5 | .9
  REQUIRE(bins.size() == 3);
  CHECK(bins[0].count == 2);
  CHECK(bins[1].count == 5);
  CHECK(bins[1].lower == 0.3);
  CHECK(bins[1].upper == 0.5);
  CHECK(bins[2].count == 1);
  CHECK(bins[2].limits == wilson_interval(1, 1, 0.9));
}

TEST_CASE("every case lies in exactly one bin, whatever the binning") {
  RandomStream random(5, 1);
  for (int round = 0; round < 100; ++round) {
    std::vector<double> probabilities;
    std::vector<bool> happened;
    std::size_t wins = 0;
    for (std::size_t i = 0; i < random.below(60); ++i) {
      probabilities.push_back(static_cast<double>(random.below(11)) / 10);
      happened.push_back(random.uniform() < probabilities.back());
      wins += happened.back() ? 1 : 0;
    }
    for (const Binning binning : {Binning::equal_width, Binning::equal_count}) {
      const int most = 1 + static_cast<int>(random.below(15));
      const auto bins = reliability(probabilities, happened, {.bins = most, .binning = binning});
      std::size_t count = 0, won = 0;
      double last = -1;
      for (const auto& bin : bins) {
        count += bin.count;
        won += bin.happened;
        CHECK(bin.count > 0);
        CHECK(bin.mean_probability > last);
        CHECK((bin.lower <= bin.mean_probability + 1e-12 && bin.mean_probability <= bin.upper + 1e-12));
        last = bin.mean_probability;
      }
      CHECK(count == probabilities.size());
      CHECK(won == wins);
      CHECK(bins.size() <= static_cast<std::size_t>(most));
    }
  }
}

TEST_CASE("reliability refuses unequal sizes, bad probabilities and bad options") {
  const std::vector<double> one{0.5};
  CHECK(reliability({}, {}).empty());
  CHECK_THROWS_WITH(reliability(one, {}), "1 probabilities and 0 outcomes; there must be as many");
  CHECK_THROWS_WITH(reliability(one, {true}, {.bins = 0}), "0 bins; allowed are 1 to 1000");
  CHECK_THROWS_AS(reliability(one, {true}, {.confidence = 1}), InvalidArgument);
  CHECK_THROWS_AS(reliability(std::vector<double>{1.5}, {true}), InvalidArgument);
}
