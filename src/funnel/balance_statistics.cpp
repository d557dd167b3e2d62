#include <putki/funnel/balance_statistics.hpp>

#include <putki/core/error.hpp>

#include "core/log_mass.hpp"

#include <fmt/format.h>
#include <Eigen/LU>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace putki {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMostThresholdSteps = 4000;
constexpr double kLongestRun = 1e12;

void check_level(const char* what, double level) {
  if (!(level > 0 && level < 1))
    throw InvalidArgument(fmt::format("{}: a level of {}; allowed is above 0 and below 1", what, level));
}

double binomial_mass(double k, double n, double p) {
  return std::exp(log_binomial_mass(k, n, p));
}

double exact_binomial_p(std::uint64_t count, std::uint64_t trials, double probability) {
  const auto n = static_cast<double>(trials);
  const double seen = binomial_mass(static_cast<double>(count), n, probability) * (1 + 1e-7);
  double p = 0;
  for (std::uint64_t k = 0; k <= trials; ++k)
    if (const double mass = binomial_mass(static_cast<double>(k), n, probability); mass <= seen) p += mass;
  return std::min(p, 1.0);
}

double chi_square_quantile(double degrees, double p) {
  return 2 * boost::math::gamma_p_inv(degrees / 2, p);
}

/// The lattice on which k is a whole number of steps, to 2 %.
struct CusumLattice {
  int steps, reference_steps;
};

CusumLattice lattice_for(double reference) {
  for (int steps = 1;; ++steps) {
    const double whole = std::round(reference * steps);
    if (whole >= 1 && std::abs(whole / steps - reference) <= 0.02 * reference) return {steps, static_cast<int>(whole)};
  }
}

}  // namespace

RateComparison compare_poisson_rates(std::uint64_t first_count, double first_exposure, std::uint64_t second_count,
                                     double second_exposure, double level) {
  check_level("compare_poisson_rates", level);
  for (const double exposure : {first_exposure, second_exposure})
    if (!(std::isfinite(exposure) && exposure > 0))
      throw InvalidArgument(fmt::format("compare_poisson_rates: an exposure of {}; allowed is above 0", exposure));
  const std::uint64_t trials = first_count + second_count;
  const auto x = static_cast<double>(first_count), y = static_cast<double>(second_count);
  RateComparison result{first_count, second_count, first_exposure, second_exposure, std::nullopt, {0, kInfinity}, 1};
  if (second_count > 0) result.ratio = (x / first_exposure) / (y / second_exposure);
  if (trials == 0) return result;
  result.p_value = exact_binomial_p(first_count, trials, first_exposure / (first_exposure + second_exposure));
  const double tail = (1 - level) / 2;
  const auto odds = [&](double share) { return share / (1 - share) * second_exposure / first_exposure; };
  if (first_count > 0) result.ratio_limits.lower = odds(boost::math::ibeta_inv(x, y + 1, tail));
  if (second_count > 0) result.ratio_limits.upper = odds(boost::math::ibetac_inv(x + 1, y, tail));
  return result;
}

std::optional<Steadiness> steadiness(std::span<const std::uint64_t> counts, double level) {
  check_level("steadiness", level);
  if (counts.size() < 2) return std::nullopt;
  double sum = 0;
  for (const std::uint64_t count : counts) sum += static_cast<double>(count);
  if (sum == 0) return std::nullopt;
  const auto n = static_cast<double>(counts.size());
  const double mean = sum / n;
  double squares = 0;
  for (const std::uint64_t count : counts)
    squares += (static_cast<double>(count) - mean) * (static_cast<double>(count) - mean);
  const double degrees = n - 1, statistic = squares / mean, tail = (1 - level) / 2;
  const double below = boost::math::gamma_p(degrees / 2, statistic / 2);
  const double above = boost::math::gamma_q(degrees / 2, statistic / 2);
  return Steadiness{.periods = counts.size(),
                    .mean = mean,
                    .fano = statistic / degrees,
                    .fano_limits = {statistic / chi_square_quantile(degrees, 1 - tail),
                                    statistic / chi_square_quantile(degrees, tail)},
                    .p_value = std::min(1.0, 2 * std::min(below, above))};
}

double poisson_cusum_run_length(ShiftDirection direction, double mean, int steps, int reference_steps,
                                int threshold_steps) {
  if (!(std::isfinite(mean) && mean > 0) || steps < 1 || reference_steps < 1 || threshold_steps < 0 ||
      threshold_steps > kMostThresholdSteps)
    throw InvalidArgument(
        fmt::format("a CUSUM on a mean of {} with k = {}/{} and h = {}/{}; allowed are a mean above 0, steps and k of "
                    "1 or more, h of 0 to {} steps",
                    mean, reference_steps, steps, threshold_steps, steps, kMostThresholdSteps));
  const int states = threshold_steps + 1;
  // Chance that the count is `x`, and that it is x or more.
  const auto mass = [&](int x) { return x < 0 ? 0.0 : std::exp(log_poisson_mass(x, mean)); };
  const auto at_most = [&](int x) { return x < 0 ? 0.0 : boost::math::gamma_q(x + 1.0, mean); };
  const auto at_least = [&](int x) { return x <= 0 ? 1.0 : boost::math::gamma_p(static_cast<double>(x), mean); };
  const auto floor_of = [&](int numerator) { return numerator >= 0 ? numerator / steps : -1; };
  Eigen::MatrixXd equations = Eigen::MatrixXd::Identity(states, states);
  for (int from = 0; from < states; ++from) {
    if (direction == ShiftDirection::up) {
      const int to_zero = floor_of(reference_steps - from);  // counts up to here bring S to 0
      equations(from, 0) -= at_most(to_zero);
      for (int x = to_zero + 1; from + steps * x - reference_steps < states; ++x)
        equations(from, from + steps * x - reference_steps) -= mass(x);
    } else {
      const int from_zero = (from + reference_steps + steps - 1) / steps;  // counts from here on bring S to 0
      equations(from, 0) -= at_least(from_zero);
      for (int x = from_zero - 1; x >= 0 && from + reference_steps - steps * x < states; --x)
        equations(from, from + reference_steps - steps * x) -= mass(x);
    }
  }
  const double length = equations.partialPivLu().solve(Eigen::VectorXd::Ones(states))(0);
  // Beyond that the equations are singular to rounding, and the answer may have any sign.
  return length > 0 && length < kLongestRun ? length : kInfinity;
}

std::optional<PoissonCusum> design_poisson_cusum(ShiftDirection direction, double mean,
                                                 const PoissonCusumOptions& options) {
  if (!(std::isfinite(mean) && mean >= 0))
    throw InvalidArgument(fmt::format("a CUSUM on a mean of {}; allowed is 0 or more", mean));
  if (!(options.shift >= 1.05 && options.shift <= 10))
    throw InvalidArgument(fmt::format("a CUSUM for a shift by {}; allowed are 1.05 to 10", options.shift));
  if (!(options.least_run_length >= 2 && options.least_run_length <= 1e6))
    throw InvalidArgument(
        fmt::format("a CUSUM with a run length of {}; allowed are 2 to 1e6", options.least_run_length));
  if (!std::isfinite(options.dispersion))
    throw InvalidArgument(
        fmt::format("a CUSUM with a dispersion of {}; a finite number is allowed", options.dispersion));
  const double dispersion = std::max(1.0, options.dispersion);
  const double scaled = mean / dispersion;
  if (scaled < 0.1) return std::nullopt;
  const double shifted = direction == ShiftDirection::up ? scaled * options.shift : scaled / options.shift;
  const CusumLattice lattice = lattice_for((shifted - scaled) / (std::log(shifted) - std::log(scaled)));
  const auto run_length = [&](int threshold) {
    return poisson_cusum_run_length(direction, scaled, lattice.steps, lattice.reference_steps, threshold);
  };
  int enough = 8;
  while (run_length(enough) < options.least_run_length) {
    if (enough == kMostThresholdSteps) return std::nullopt;
    enough = std::min(2 * enough, kMostThresholdSteps);
  }
  for (int low = -1; enough - low > 1;) {
    const int middle = low + (enough - low) / 2;
    (run_length(middle) < options.least_run_length ? low : enough) = middle;
  }
  return PoissonCusum{.direction = direction,
                      .mean = mean,
                      .dispersion = dispersion,
                      .shift = options.shift,
                      .reference = dispersion * lattice.reference_steps / lattice.steps,
                      .threshold = dispersion * enough / lattice.steps,
                      .run_length = run_length(enough)};
}

std::vector<CusumAlarm> cusum_alarms(std::span<const std::uint64_t> counts, std::span<const PoissonCusum> charts) {
  std::vector<CusumAlarm> alarms;
  for (const PoissonCusum& chart : charts) {
    double sum = 0;
    std::size_t began = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const double excess = static_cast<double>(counts[i]) - chart.reference;
      sum += chart.direction == ShiftDirection::up ? excess : -excess;
      // what rounding leaves of a whole number of steps is no step
      if (sum > chart.threshold + 1e-9 * (1 + chart.threshold)) {
        alarms.push_back({chart.direction, began, i});
        sum = 0;
      }
      if (sum <= 1e-9) {
        sum = 0;
        began = i + 1;
      }
    }
  }
  std::stable_sort(alarms.begin(), alarms.end(),
                   [](const CusumAlarm& a, const CusumAlarm& b) { return a.alarmed < b.alarmed; });
  return alarms;
}

}  // namespace putki
