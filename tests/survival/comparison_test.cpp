// References: comparison_reference.R, and the papers named.
#include <putki/survival/comparison.hpp>

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/survival/aalen_johansen.hpp>

#include "near.hpp"
#include "random_durations.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;
using putki::test::near;

namespace {

IncidenceShare share(double successes, double trials) {
  return {trials > 0 ? successes / trials : 0, 0, trials};
}

}  // namespace

TEST_CASE("Limits of a difference of proportions are Newcombe's (1998, table II, method 10)") {
  // Its eight rows (a) to (h); the first also in the documentation of the R package DescTools, BinomDiffCI(56, 70, 48,
  // 80, method = "score").
  struct Row {
    double a, m, b, n, lower, upper;
  };
  for (const Row& row :
       {Row{56, 70, 48, 80, .0524, .3339}, Row{9, 10, 3, 10, .1705, .8090}, Row{6, 7, 2, 7, .0582, .8062},
        Row{5, 56, 0, 29, -.0381, .1926}, Row{0, 10, 0, 20, -.1611, .2775}, Row{0, 10, 0, 10, -.2775, .2775},
        Row{10, 10, 0, 20, .6791, 1}, Row{10, 10, 0, 10, .6075, 1}}) {
    const Difference difference = share_difference(share(row.b, row.n), share(row.a, row.m));
    CHECK(difference.value == near(row.a / row.m - row.b / row.n));
    CHECK(difference.interval.lower == Approx(row.lower).margin(5.1e-5).epsilon(0));
    CHECK(difference.interval.upper == Approx(row.upper).margin(5.1e-5).epsilon(0));
  }
}

TEST_CASE("A share without censoring has as many trials as observations, with censoring fewer") {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    const bool censored = round % 2 == 0;
    const Durations sample = test::random_durations(random, {.size = 1 + round % 30, .censored = censored});
    const CumulativeIncidence curve = aalen_johansen(sample);
    for (int cause = 1; cause <= 3; ++cause)
      for (double h = 0; h < 8; h += 1.5) {
        const IncidenceShare found = incidence_share(sample, cause, h);
        CHECK(found.probability == curve.probability(cause, h));
        CHECK(found.std_error == curve.std_error(cause, h));
        CHECK(found.trials <= static_cast<double>(sample.size()) + 1e-9);
        CHECK(found.trials >= 0);
        if (!censored) CHECK(found.trials == near(static_cast<double>(sample.size())));
        const Interval limits = share_interval(found);
        CHECK(limits.lower <= found.probability + 1e-12);
        CHECK(limits.upper >= found.probability - 1e-12);
      }
  }
  // Nobody is known to have come far: nothing is known.
  const Durations lost{.time = {1, 1, 1, 1}, .cause = {2, 0, 0, 0}, .entry = {}, .cause_count = 2};
  CHECK(incidence_share(lost, 1, 5).trials == 0);
  CHECK(share_interval(incidence_share(lost, 1, 5)) == Interval{0, 1});
  CHECK(incidence_share({{}, {}, {}, 2}, 1, 5).trials == 0);
}

TEST_CASE("Limits of a difference hold their level when half is censored") {
  // Shares 0.2 and 0.3 by day 10 of a race between two ends, censored at random on the way.
  const int rounds = 1500;
  int held = 0;
  for (int round = 0; round < rounds; ++round) {
    RandomStream random(5, static_cast<std::uint64_t>(round));
    const auto group = [&](double won) {
      Durations sample{{}, {}, {}, 2};
      for (int i = 0; i < 80; ++i) {
        const double end = 10 * random.uniform(), seen = 20 * random.uniform();
        const int cause = random.uniform() < won ? 1 : 2;
        sample.time.push_back(std::min(end, seen));
        sample.cause.push_back(end <= seen ? cause : 0);
      }
      return sample;
    };
    const Durations first = group(0.2), second = group(0.3);
    const Interval limits = share_difference(incidence_share(first, 1, 10), incidence_share(second, 1, 10)).interval;
    held += limits.lower <= 0.1 && limits.upper >= 0.1;
  }
  CHECK(held >= 0.93 * rounds);
  CHECK(held <= 0.97 * rounds);
}

TEST_CASE("A difference of means has the error of independent groups") {
  const Difference difference = mean_difference(10, 3, 12, 4);
  CHECK(difference.value == 2);
  CHECK(difference.std_error == 5);
  CHECK(difference.interval.lower == near(2 - 5 * 1.959963984540054));
  CHECK(difference.interval.upper == near(2 + 5 * 1.959963984540054));
  CHECK_THROWS_AS(mean_difference(10, -1, 12, 4), InvalidArgument);
  CHECK_THROWS_AS(mean_difference(std::nan(""), 1, 12, 4), InvalidArgument);
}

TEST_CASE("Probability of improvement is the integral that R finds") {
  const auto close = [](double value) { return Approx(value).epsilon(1e-6).margin(1e-7); };
  CHECK(probability_of_improvement(share(20, 100), share(30, 100)) == close(0.9490397012));
  CHECK(probability_of_improvement(share(0, 10), share(3, 10)) == close(0.9762504912));
  CHECK(probability_of_improvement(share(200, 2000), share(215, 2000)) == close(0.7816336667));
  CHECK(probability_of_improvement(share(2, 3), share(0, 5)) == close(0.0169177513));
  CHECK(probability_of_improvement(share(0, 0), share(0, 0)) == close(0.5));
  CHECK(probability_of_improvement(share(30, 100), share(20, 100)) == close(1 - 0.9490397012));
  // Beta(1, 3) against Beta(1.2, 2), as a prior of Beta(1, 2) and trials of 0 of 1 and 0.2 of 0.2
  CHECK(probability_of_improvement(share(0, 1), share(0.2, 0.2), {1, 2}) == close(0.6565934066));
  CHECK(probability_of_improvement(share(0, 1e6), share(1e6, 1e6)) == close(1));
  CHECK_THROWS_AS(probability_of_improvement({2, 0, 1}, share(1, 2)), InvalidArgument);
  CHECK_THROWS_AS(probability_of_improvement(share(1, 2), share(1, 2), {0, 1}), InvalidArgument);
}

TEST_CASE("Of changes given a probability of improvement of q, a share q improved") {
  // Shares drawn from the prior, ends censored; bins of the stated probability.
  const BetaPrior prior{2, 8};
  double stated[5] = {}, improved[5] = {}, in_bin[5] = {};
  for (int round = 0; round < 2000; ++round) {
    RandomStream random(8, static_cast<std::uint64_t>(round));
    const double p1 = random.beta(2, 8), p2 = random.beta(2, 8);
    const auto group = [&](double won) {
      Durations sample{{}, {}, {}, 2};
      for (int i = 0; i < 40; ++i) {
        const double end = 10 * random.uniform(), seen = 30 * random.uniform();
        const int cause = random.uniform() < won ? 1 : 2;
        sample.time.push_back(std::min(end, seen));
        sample.cause.push_back(end <= seen ? cause : 0);
      }
      return sample;
    };
    const Durations first = group(p1), second = group(p2);
    const double q = probability_of_improvement(incidence_share(first, 1, 10), incidence_share(second, 1, 10), prior);
    const auto bin = static_cast<std::size_t>(std::min(4.0, 5 * q));
    stated[bin] += q;
    improved[bin] += p2 > p1;
    ++in_bin[bin];
  }
  for (int bin = 0; bin < 5; ++bin) {
    REQUIRE(in_bin[bin] > 100);
    const double q = stated[bin] / in_bin[bin];
    CHECK(improved[bin] / in_bin[bin] == Approx(q).margin(3 * std::sqrt(q * (1 - q) / in_bin[bin]) + 0.01));
  }
}

TEST_CASE("Sample sizes are those of R's power.prop.test") {
  const auto close = [](double value) { return Approx(value).epsilon(1e-7); };
  CHECK(sample_needed(.5, .75, {.power = .9}) == Approx(76.7).margin(0.05));  // as its help page shows
  CHECK(sample_needed(.5, .75, {.power = .9}) == close(76.70692845));
  CHECK(sample_needed(.1, .15) == close(685.5968583));
  CHECK(sample_needed(.17, .2) == close(2628.631515));
  CHECK(sample_needed(.02, .01, {.power = .95}) == close(3836.971427));
  CHECK(larger_share_detectable(.2, 50, 50).value() == close(0.4604157084));
  CHECK(larger_share_detectable(.2, 500, 500).value() == close(0.275331707));
  CHECK(larger_share_detectable(.2, 5000, 5000).value() == close(0.2228766442));
}

TEST_CASE("What is detectable needs just the sample at hand, in unequal groups too") {
  for (const double first : {0.01, 0.2, 0.6, 0.97})
    for (const double size : {30.0, 400.0, 9000.0})
      for (const double ratio : {0.3, 1.0, 2.5})
        for (const bool larger : {true, false}) {
          const auto found = larger ? larger_share_detectable(first, size, ratio * size)
                                    : smaller_share_detectable(first, size, ratio * size);
          const double end = larger ? 1 : 0;
          if (found)
            CHECK(sample_needed(first, *found, {}, ratio) == Approx(size).epsilon(1e-6));
          else
            CHECK(sample_needed(first, end, {}, ratio) > size);
        }
  CHECK(!larger_share_detectable(0.2, 0, 100));
  CHECK(!larger_share_detectable(1, 100, 100));
  // Changing places: n2 = ratio n1.
  CHECK(sample_needed(0.3, 0.2, {}, 1 / 2.5) == Approx(2.5 * sample_needed(0.2, 0.3, {}, 2.5)).epsilon(1e-9));
}

TEST_CASE("Ends needed by a log-rank test are Schoenfeld's") {
  // (1.959964 + 0.841621)^2 / (log 2)^2 x 4 = 65.34: the 66 ends of the textbooks for halving the hazard
  CHECK(std::ceil(ends_needed(0.5)) == 66);
  CHECK(ends_needed(2) == near(ends_needed(0.5)));
  CHECK(ends_needed(1.5, {.power = .9}, 0.25) ==
        near(std::pow(1.959963984540054 + 1.2815515655446004, 2) / (0.1875 * std::pow(std::log(1.5), 2))));
}

TEST_CASE("Plans without sense are refused") {
  CHECK_THROWS_AS(sample_needed(.2, .2), InvalidArgument);
  CHECK_THROWS_AS(sample_needed(-.2, .2), InvalidArgument);
  CHECK_THROWS_AS(sample_needed(.1, .2, {.level = 1}), InvalidArgument);
  CHECK_THROWS_AS(sample_needed(.1, .2, {.power = .5}), InvalidArgument);
  CHECK_THROWS_AS(sample_needed(.1, .2, {}, 0), InvalidArgument);
  CHECK_THROWS_AS(larger_share_detectable(.1, -1, 2), InvalidArgument);
  CHECK_THROWS_AS(ends_needed(1), InvalidArgument);
  CHECK_THROWS_AS(ends_needed(2, {}, 1), InvalidArgument);
  CHECK_THROWS_AS(incidence_share({{1}, {1}, {}, 1}, 0, 1), InvalidArgument);
  CHECK_THROWS_AS(incidence_share({{1}, {1}, {}, 1}, 2, 1), InvalidArgument);
}
