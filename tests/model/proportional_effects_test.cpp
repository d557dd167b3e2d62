#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/model/proportional_effects.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numeric>

using namespace putki;

namespace {

constexpr double kNoPrior = std::numeric_limits<double>::infinity();

Factor one_level_a_row(std::size_t rows) {
  Factor factor{.name = "rep", .levels = {}, .level_of_row = {}};
  for (std::size_t r = 0; r < rows; ++r) {
    factor.levels.push_back("rep " + std::to_string(r));
    factor.level_of_row.push_back(static_cast<std::uint32_t>(r));
  }
  return factor;
}

// One move's log posterior, written down anew: parameters are the intercept, one slope per covariate, one effect per
// level of the only factor.
struct Written {
  MoveCounts counts;
  std::vector<Covariate> covariates;
  Factor factor;
  std::vector<double> deviations;  // by covariate, then the factor
  std::size_t size() const { return 1 + covariates.size() + factor.levels.size(); }
  double operator()(const std::vector<double>& at) const {
    double sum = 0;
    for (std::size_t r = 0; r < counts.moves.size(); ++r) {
      double log_mean = std::log(counts.expected[r]) + at[0];
      for (std::size_t c = 0; c < covariates.size(); ++c) log_mean += at[1 + c] * covariates[c].values[r];
      if (!factor.levels.empty()) log_mean += at[1 + covariates.size() + factor.level_of_row[r]];
      sum += counts.moves[r] * log_mean - std::exp(log_mean) - std::lgamma(counts.moves[r] + 1);
    }
    for (std::size_t i = 1; i < at.size(); ++i) {
      const double s = deviations[std::min(i - 1, covariates.size())];
      if (std::isfinite(s)) sum -= 0.5 * (at[i] / s) * (at[i] / s);
    }
    return sum;
  }
  // By trying ever smaller steps along each axis and along the last move: needs no derivative.
  std::vector<double> brute_force_maximum() const {
    std::vector<double> at(size());
    double value = (*this)(at);
    for (double step = 1; step > 1e-9; step /= 2)
      for (bool better = true; better;) {
        better = false;
        const std::vector<double> before = at;
        for (std::size_t i = 0; i < at.size(); ++i)
          for (const double way : {step, -step}) {
            std::vector<double> trial = at;
            trial[i] += way;
            if (const double there = (*this)(trial); there > value) {
              at = trial;
              value = there;
              better = true;
            }
          }
        std::vector<double> further = at;
        for (std::size_t i = 0; i < at.size(); ++i) further[i] += at[i] - before[i];
        if (const double there = (*this)(further); there > value) {
          at = further;
          value = there;
        }
      }
    return at;
  }
};

Written random_problem(RandomStream& random) {
  Written problem;
  const std::size_t levels = 2 + random.below(3), rows = 3 * levels;
  problem.factor.name = "region";
  Covariate size{"size", {}};
  for (std::size_t l = 0; l < levels; ++l) problem.factor.levels.push_back("r" + std::to_string(l));
  for (std::size_t r = 0; r < rows; ++r) {
    problem.factor.level_of_row.push_back(static_cast<std::uint32_t>(r % levels));
    size.values.push_back(random.normal());
    problem.counts.expected.push_back(1 + 20 * random.uniform());
    problem.counts.moves.push_back(static_cast<double>(random.poisson(problem.counts.expected.back())));
  }
  problem.counts.moves[0] += 1;
  problem.covariates.push_back(std::move(size));
  problem.deviations = {0.1 + random.uniform(), 0.1 + random.uniform()};
  return problem;
}

ProportionalEffects fit(const Written& problem) {
  return fit_proportional_effects({problem.counts}, problem.covariates, {problem.factor},
                                  {.deviations = {problem.deviations.begin(), problem.deviations.end()}});
}

}  // namespace

TEST_CASE("Effects maximise the penalised likelihood, and their covariance is its curvature") {
  RandomStream random(1, 0);
  for (int round = 0; round < 20; ++round) {
    const Written problem = random_problem(random);
    const ProportionalEffects found = fit(problem);
    REQUIRE(found.info.converged);
    const MoveEffects& move = found.moves.at(0);
    const std::vector<double> best = problem.brute_force_maximum();
    std::vector<double> at{move.intercept};
    at.insert(at.end(), move.effects.begin(), move.effects.end());
    for (std::size_t i = 0; i < at.size(); ++i) CHECK(at[i] == Approx(best[i]).margin(2e-5));

    // Its gradient by differences is 0, and the covariance times minus the Hessian by differences is the identity.
    const double h = 1e-4;
    const auto moved = [&](std::size_t i, double by, std::size_t j, double also) {
      std::vector<double> there = at;
      there[i] += by;
      there[j] += also;
      return problem(there);
    };
    const std::size_t n = at.size();
    Matrix information(n, n);
    for (std::size_t i = 0; i < n; ++i) {
      CHECK((moved(i, h, i, 0) - moved(i, -h, i, 0)) / (2 * h) == Approx(0).margin(1e-4));
      for (std::size_t j = 0; j < n; ++j)
        information(i, j) =
            -(moved(i, h, j, h) - moved(i, h, j, -h) - moved(i, -h, j, h) + moved(i, -h, j, -h)) / (4 * h * h);
    }
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        double product = 0;
        for (std::size_t k = 0; k < n; ++k) product += move.covariance(i, k) * information(k, j);
        CHECK(product == Approx(i == j ? 1.0 : 0.0).margin(2e-4));
      }
  }
}

TEST_CASE("Two groups and no prior: the log of the ratio of rates, with the textbook's standard error") {
  // Var log(rate ratio) = 1/O1 + 1/O2.
  const auto found =
      fit_proportional_effects({{"win", {30, 80}, {50, 60}}}, {{"treated", {0, 1}}}, {}, {.deviations = {kNoPrior}});
  REQUIRE(found.info.converged);
  CHECK(found.names == std::vector<std::string>{"treated"});
  CHECK(found.deviations == std::vector<double>{kNoPrior});
  CHECK(found.moves[0].intercept == Approx(std::log(30.0 / 50)));
  CHECK(found.moves[0].effects[0] == Approx(std::log((80.0 / 60) / (30.0 / 50))));
  CHECK(found.moves[0].standard_error(0) == Approx(std::sqrt(1 / 30.0 + 1 / 80.0)));
  CHECK(std::sqrt(found.moves[0].covariance(0, 0)) == Approx(1 / std::sqrt(30.0)));
}

TEST_CASE("Balanced and many moves: the classical shrinkage of normal means") {
  // log(O_i / E_i) is normal with variance 1/n; restricted likelihood puts s^2 at the variance of the means less 1/n,
  // and each mean is drawn to the overall one by s^2 / (s^2 + 1/n).
  const std::vector<double> means{-0.13, 0.02, 0.11, -0.04, 0.19, -0.15, 0.07, -0.07};
  const double n = 4000;
  MoveCounts counts{"win", {}, {}};
  double center = 0, squares = 0;
  for (const double mean : means) {
    counts.moves.push_back(n);
    counts.expected.push_back(n * std::exp(-mean));
    center += mean / static_cast<double>(means.size());
  }
  for (const double mean : means) squares += (mean - center) * (mean - center);
  const double variance = squares / static_cast<double>(means.size() - 1) - 1 / n;

  const auto found = fit_proportional_effects({counts}, {}, {one_level_a_row(means.size())});
  REQUIRE(found.info.converged);
  CHECK(found.deviations[0] == Approx(std::sqrt(variance)).epsilon(0.01));
  const double weight = variance / (variance + 1 / n);
  for (std::size_t i = 0; i < means.size(); ++i)
    CHECK(found.moves[0].effects[i] == Approx(weight * (means[i] - center)).margin(0.001));
}

TEST_CASE("Rows that differ by no more than chance are pooled wholly") {
  // Spread of log rates below 1 / sqrt(20).
  const auto found = fit_proportional_effects({{"win", {20, 21, 19, 20}, {10, 10, 10, 10}}}, {}, {one_level_a_row(4)});
  CHECK(found.info.converged);
  CHECK(found.deviations[0] == 0);
  CHECK(found.moves[0].intercept == Approx(std::log(2.0)));
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(found.moves[0].effects[i] == 0);
    CHECK(found.moves[0].standard_error(i) == 0);
  }
}

TEST_CASE("The marginal likelihood is that of numerical integration") {
  // Two levels, the intercept under a flat prior: a sum over a fine grid of (intercept, u1, u2).
  Written problem{
      .counts = {"win", {14, 31}, {20, 22}}, .covariates = {}, .factor = one_level_a_row(2), .deviations = {}};
  const auto integrated = [&](double s) {
    problem.deviations = {s};
    const int steps = 60;
    double sum = 0;
    for (int i = -steps; i <= steps; ++i)
      for (int j = -steps; j <= steps; ++j)
        for (int k = -steps; k <= steps; ++k) {
          const double z = 5.0 / steps;
          sum += std::exp(problem({2.0 * i / steps, s * z * j, s * z * k}) + 100);
        }
    return std::log(sum);
  };
  const auto laplace = [&](double s) {
    problem.deviations = {s};
    return fit(problem).info.log_likelihood;
  };
  const double reference = laplace(0.3) - integrated(0.3);
  for (const double s : {0.05, 0.15, 0.6}) CHECK(laplace(s) - integrated(s) == Approx(reference).margin(0.03));
}

TEST_CASE("Simulated effects are recovered, and their intervals cover as often as they say") {
  RandomStream random(7, 0);
  const std::size_t reps = 40, bands = 3;
  const double slope = 0.4, strength = 0.3;
  int slope_covered = 0, rep_covered = 0, replications = 200;
  double slope_sum = 0, strength_sum = 0;
  for (int replication = 0; replication < replications; ++replication) {
    Covariate size{"size", {}};
    Factor factor{"rep", {}, {}};
    std::vector<double> truth;
    for (std::size_t r = 0; r < reps; ++r) {
      factor.levels.push_back(std::to_string(r));
      truth.push_back(strength * random.normal());
    }
    MoveCounts counts{"win", {}, {}};
    for (std::size_t r = 0; r < reps; ++r)
      for (std::size_t b = 0; b < bands; ++b) {
        size.values.push_back(static_cast<double>(b) - 1);
        factor.level_of_row.push_back(static_cast<std::uint32_t>(r));
        counts.expected.push_back(4 + 10 * random.uniform());
        counts.moves.push_back(static_cast<double>(
            random.poisson(counts.expected.back() * std::exp(-0.2 + slope * size.values.back() + truth[r]))));
      }
    const auto found = fit_proportional_effects({counts}, {size}, {factor}, {.deviations = {kNoPrior, std::nullopt}});
    REQUIRE(found.info.converged);
    const MoveEffects& move = found.moves[0];
    slope_sum += move.effects[0];
    strength_sum += found.deviations[1];
    slope_covered += std::abs(move.effects[0] - slope) <= 1.96 * move.standard_error(0);
    for (std::size_t r = 0; r < reps; ++r)
      rep_covered += std::abs(move.effects[1 + r] - truth[r]) <= 1.96 * move.standard_error(1 + r);
  }
  const double all = replications;
  INFO("slope " << slope_sum / all << " covered " << slope_covered / all << ", strength " << strength_sum / all
                << ", reps covered " << rep_covered / (all * reps));
  CHECK(slope_sum / all == Approx(slope).margin(0.02));
  CHECK(strength_sum / all == Approx(strength).margin(0.03));
  CHECK(slope_covered / all == Approx(0.95).margin(0.04));
  // Given an estimated strength intervals are a little short: Laird & Louis 1987.
  CHECK(rep_covered / (all * reps) == Approx(0.945).margin(0.02));
}

TEST_CASE("A strength is shared by all moves of its term") {
  // Each move alone has too few rows to tell; four hundred of them show that reps differ.
  RandomStream random(11, 0);
  std::vector<MoveCounts> moves;
  for (int m = 0; m < 400; ++m) {
    MoveCounts counts{"move " + std::to_string(m), {}, {}};
    for (int r = 0; r < 3; ++r) {
      counts.expected.push_back(30);
      counts.moves.push_back(static_cast<double>(random.poisson(30 * std::exp(0.25 * random.normal()))));
    }
    moves.push_back(std::move(counts));
  }
  const auto found = fit_proportional_effects(moves, {}, {one_level_a_row(3)});
  CHECK(found.info.converged);
  CHECK(found.deviations.size() == 1);
  CHECK(found.deviations[0] == Approx(0.25).margin(0.025));
}

TEST_CASE("A move never made has no effects and tells nothing") {
  const auto found = fit_proportional_effects({{"win", {30, 80}, {50, 60}}, {"lost", {0, 0}, {1, 2}}},
                                              {{"size", {-1, 1}}}, {}, {.deviations = {0.5}});
  CHECK(found.info.converged);
  CHECK(found.moves[1].effects == std::vector<double>{0});
  CHECK(found.moves[1].standard_error(0) == 0);
  CHECK(found.moves[0].effects[0] > 0);
  const auto nothing = fit_proportional_effects({}, {}, {});
  CHECK(nothing.moves.empty());
  CHECK(nothing.info.converged);
}

TEST_CASE("Input that cannot be is refused") {
  const Factor reps = one_level_a_row(2);
  CHECK_THROWS_AS(fit_proportional_effects({{"win", {1, 2}, {1}}}, {}, {}), InvalidArgument);
  CHECK_THROWS_AS(fit_proportional_effects({{"win", {1, -2}, {1, 1}}}, {}, {}), InvalidArgument);
  CHECK_THROWS_AS(fit_proportional_effects({{"win", {1, 2}, {1, NAN}}}, {}, {}), InvalidArgument);
  CHECK_THROWS_AS(fit_proportional_effects({{"win", {1, 2}, {1, 0}}}, {}, {}), InvalidArgument);
  CHECK_THROWS_AS(fit_proportional_effects({{"win", {1, 2}, {1, 1}}}, {{"x", {1}}}, {}), InvalidArgument);
  CHECK_THROWS_AS(fit_proportional_effects({{"win", {1, 2}, {1, 1}}}, {{"x", {1, NAN}}}, {}), InvalidArgument);
  CHECK_THROWS_AS(fit_proportional_effects({{"win", {1, 2}, {1, 1}}}, {}, {{"f", {"a"}, {0, 1}}}), InvalidArgument);
  CHECK_THROWS_AS(fit_proportional_effects({{"win", {1, 2}, {1, 1}}}, {}, {reps}, {.deviations = {-1.0}}),
                  InvalidArgument);
  CHECK_THROWS_AS(fit_proportional_effects({{"win", {1, 2}, {1, 1}}}, {}, {reps}, {.deviations = {kNoPrior}}),
                  InvalidArgument);
}
