#include <putki/survival/confidence_sequence.hpp>

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/survival/comparison.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace putki;

namespace {

// log of the mixture likelihood ratio by numerical integration over the share, nothing shared with the library.
double naive_log_martingale(double s, double n, double p) {
  const int points = 4000;  // midpoints in t, share = sin^2 t: Beta(1/2, 1/2) is uniform in t
  double sum = 0;
  for (int i = 0; i < points; ++i) {
    const double t = (i + 0.5) / points * std::acos(-1.0) / 2;
    const double share = std::sin(t) * std::sin(t);
    sum += std::exp(s * std::log(share / p) + (n - s) * std::log((1 - share) / (1 - p)));
  }
  return std::log(sum / points);
}

}  // namespace

TEST_CASE("Always-valid limits are the extremes of the joint region, found naively") {
  struct Case {
    double s1, n1, s2, n2;
  };
  for (const Case& c : {Case{3, 20, 9, 25}, Case{0, 15, 4, 10}, Case{40, 200, 60, 180}, Case{7, 7, 0, 9}}) {
    const double limit = std::log(1 / 0.05);
    double lower = 1, upper = -1;
    const int grid = 250;
    std::vector<double> first(grid), second(grid);
    for (int i = 0; i < grid; ++i) {
      first[i] = naive_log_martingale(c.s1, c.n1, (i + 0.5) / grid);
      second[i] = naive_log_martingale(c.s2, c.n2, (i + 0.5) / grid);
    }
    for (int i = 0; i < grid; ++i)
      for (int j = 0; j < grid; ++j)
        if (first[i] + second[j] < limit) {
          lower = std::min(lower, static_cast<double>(j - i) / grid);
          upper = std::max(upper, static_cast<double>(j - i) / grid);
        }
    const Interval limits = always_valid_difference(c.s1, c.n1, c.s2, c.n2);
    CHECK(limits.lower == Approx(lower).margin(1.5 / grid));
    CHECK(limits.upper == Approx(upper).margin(1.5 / grid));
    CHECK(limits.lower <= lower + 1e-9);  // the grid's pairs are some of the region's
    CHECK(limits.upper >= upper - 1e-9);
  }
}

TEST_CASE("Looking after every deal misses the truth seldom with always-valid limits, mostly with those for one look") {
  // Two shares that are alike, or apart; a look after each pair of deals.
  struct Truth {
    double first, second;
  };
  for (const Truth& truth : {Truth{0.2, 0.2}, Truth{0.05, 0.1}}) {
    const int trials = 300, deals = 600;
    int always_missed = 0, once_missed = 0, end_missed = 0;
    for (int trial = 0; trial < trials; ++trial) {
      RandomStream random(2024, static_cast<std::uint64_t>(trial));
      double s1 = 0, s2 = 0;
      bool always = false, once = false, end = false;
      for (int n = 1; n <= deals; ++n) {
        s1 += random.uniform() < truth.first;
        s2 += random.uniform() < truth.second;
        const double difference = truth.second - truth.first;
        const auto out = [&](const Interval& limits) { return limits.lower > difference || limits.upper < difference; };
        const double size = n;
        const Interval for_one = share_difference({s1 / size, 0, size}, {s2 / size, 0, size}).interval;
        end = out(for_one);
        once = once || end;
        // The always-valid ones are wider; where even the narrow ones hold the truth there is nothing to look up.
        if (end && !always) always = out(always_valid_difference(s1, size, s2, size));
      }
      always_missed += always;
      once_missed += once;
      end_missed += end;
    }
    CHECK(always_missed <= 0.05 * trials);
    CHECK(once_missed > 0.3 * trials);  // several times the promised 5 %
    CHECK(end_missed < 0.08 * trials);  // a single look at the end keeps the promise
  }
}

TEST_CASE("Always-valid limits hold those for one look and mirror when the groups change places") {
  RandomStream random(7, 0);
  for (int round = 0; round < 2000; ++round) {
    const double n1 = static_cast<double>(random.below(300)), n2 = static_cast<double>(random.below(300));
    const double s1 = static_cast<double>(random.below(static_cast<std::uint64_t>(n1) + 1));
    const double s2 = static_cast<double>(random.below(static_cast<std::uint64_t>(n2) + 1));
    const Interval limits = always_valid_difference(s1, n1, s2, n2), back = always_valid_difference(s2, n2, s1, n1);
    CHECK(limits.lower == Approx(-back.upper).margin(1e-9));
    CHECK(limits.lower >= -1 - 1e-12);
    CHECK(limits.upper <= 1 + 1e-12);
    if (n1 == 0 || n2 == 0) continue;
    const Interval narrow = share_difference({s1 / n1, 0, n1}, {s2 / n2, 0, n2}).interval;
    CHECK(limits.lower <= narrow.lower + 1e-9);
    CHECK(limits.upper >= narrow.upper - 1e-9);
  }
}

TEST_CASE("Always-valid limits know nothing without deals and much with many") {
  CHECK(always_valid_difference(0, 0, 0, 0).lower == Approx(-1).margin(1e-6));
  CHECK(always_valid_difference(0, 0, 0, 0).upper == Approx(1).margin(1e-6));
  const Interval many = always_valid_difference(2e8, 1e9, 3e8, 1e9);
  CHECK(many.lower == Approx(0.1).margin(2e-4));
  CHECK(many.upper == Approx(0.1).margin(2e-4));
  CHECK(many.lower < many.upper);
  CHECK_THROWS_AS(always_valid_difference(2, 1, 0, 0), InvalidArgument);
  CHECK_THROWS_AS(always_valid_difference(-1, 1, 0, 0), InvalidArgument);
  CHECK_THROWS_AS(always_valid_difference(0, std::numeric_limits<double>::infinity(), 0, 0), InvalidArgument);
  CHECK_THROWS_AS(always_valid_difference(0, 1, 0, 1, 1.0), InvalidArgument);
  CHECK_THROWS_AS(always_valid_difference(std::nan(""), 1, 0, 1), InvalidArgument);
}
