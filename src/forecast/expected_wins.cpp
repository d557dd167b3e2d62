#include "forecast/revenue_inversion.hpp"
#include "forecast/total_variance.hpp"

#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

namespace putki {
namespace {

using Complex = std::complex<double>;

constexpr std::size_t kPoints = 8192;
/// Points kept free at either end: amounts split between neighbours stray by half a point each.
constexpr std::size_t kMargin = 128;
/// -log of the probability that a sum leaves the lattice on either side.
constexpr double kEscapeExponent = 25.4;

/// What the deals of each cell bring: known amounts, and how many have none.
struct CellSums {
  std::vector<double> known, missing;
  explicit CellSums(const RevenueProblem& problem) : known(problem.win.rows()), missing(problem.win.rows()) {
    const double ratio = problem.revision.moment(1);
    for (const auto& deal : problem.deals)
      (deal.amount ? known : missing)[deal.cell] += deal.amount ? *deal.amount * ratio : 1;
  }
};

Complex to_the_power(Complex base, std::uint64_t exponent) {
  Complex result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

/// Lays a probability on the two lattice points beside a value, keeping the mean; the lattice is a ring.
void lay(std::vector<double>& ring, double place, double probability) {
  const double below = std::floor(place), share = place - below;
  const std::size_t point = static_cast<std::size_t>(std::fmod(below, static_cast<double>(ring.size())));
  ring[point] += probability * (1 - share);
  ring[(point + 1) % ring.size()] += probability * share;
}

}  // namespace

RevenueMoments moments_of_expected_wins(const RevenueProblem& problem) {
  const CellSums cells(problem);
  const double first = problem.amounts.moment(1), variance = std::max(problem.amounts.moment(2) - first * first, 0.0);
  std::vector<double> count(cells.known.size());
  for (const auto& deal : problem.deals) count[deal.cell] += 1;
  RevenueMoments moments;
  MeansByDraw total;
  RunningVariance open, created;
  for (std::size_t s = 0; s < problem.new_wins.size(); ++s) {
    const double weight = problem.weights[s];
    double mean = 0;
    for (std::size_t c = 0; c < count.size(); ++c) {
      const double p = problem.win(c, s);
      mean += p * (cells.known[c] + cells.missing[c] * first);
      moments.parts.amounts += weight * cells.missing[c] * p * p * variance;
      moments.open_wins += weight * p * count[c];
    }
    const double new_mean = problem.new_wins[s] * first;
    moments.new_wins += weight * problem.new_wins[s];
    open.add(mean, weight);
    created.add(new_mean, weight);
    total.add(mean + new_mean, weight, problem.draws[s]);
  }
  moments.parts.common_shock = total.within();
  moments.parts.parameters = total.between();
  moments.open_mean = open.mean();
  moments.open_variance = open.scatter() + moments.parts.amounts;
  moments.new_mean = created.mean();
  moments.new_variance = created.scatter();
  moments.mean = open.mean() + created.mean();
  moments.variance = moments.parts.total();
  return moments;
}

RevenueDistribution distribution_of_expected_wins(const RevenueProblem& problem) {
  const CellSums cells(problem);
  const auto& values = problem.amounts.values();
  const double first = problem.amounts.moment(1), variance = std::max(problem.amounts.moment(2) - first * first, 0.0);
  const std::size_t scenarios = problem.new_wins.size();
  double unknown = 0;
  for (const double missing : cells.missing) unknown += missing;

  // Bernstein's inequality, and the sum's own ends.
  std::vector<double> certain(scenarios);
  double lower = std::numeric_limits<double>::infinity(), upper = -lower;
  for (std::size_t s = 0; s < scenarios; ++s) {
    double mean = 0, spread = 0, chances = 0, largest = 0;
    certain[s] = problem.new_wins[s] * first;
    for (std::size_t c = 0; c < cells.known.size(); ++c) {
      const double p = problem.win(c, s);
      certain[s] += p * cells.known[c];
      mean += p * cells.missing[c] * first;
      spread += p * p * cells.missing[c] * variance;
      chances += p * cells.missing[c];
      if (cells.missing[c] > 0) largest = std::max(largest, p * (values.back() - values.front()));
    }
    const double slack = largest * kEscapeExponent / 3,
                 reach = slack + std::sqrt(slack * slack + 2 * kEscapeExponent * spread);
    lower = std::min(lower, certain[s] + std::max(chances * values.front(), mean - reach));
    upper = std::max(upper, certain[s] + std::min(chances * values.back(), mean + reach));
  }
  if (unknown == 0 || values.size() == 1) {
    for (std::size_t s = 0; s < scenarios; ++s)
      for (std::size_t c = 0; c < cells.missing.size(); ++c) certain[s] += problem.win(c, s) * cells.missing[c] * first;
    return RevenueDistribution::from_atoms(std::move(certain), problem.weights);
  }
  if (!(upper > lower)) return RevenueDistribution::from_atoms({lower}, {1.0});

  const double step = (upper - lower) / static_cast<double>(kPoints - 2 * kMargin);
  lower = std::max(std::floor(lower / step) - static_cast<double>(kMargin), 0.0) * step;
  Eigen::FFT<double> transform;
  transform.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  const std::size_t half = kPoints / 2 + 1;
  std::vector<Complex> sum(half), product(half), factor;
  std::vector<double> ring;
  for (std::size_t s = 0; s < scenarios; ++s) {
    ring.assign(kPoints, 0.0);
    lay(ring, std::max((certain[s] - std::floor(certain[s] / (step * kPoints)) * step * kPoints) / step, 0.0), 1.0);
    transform.fwd(product, ring);
    for (std::size_t c = 0; c < cells.missing.size(); ++c) {
      if (cells.missing[c] == 0 || problem.win(c, s) == 0) continue;
      ring.assign(kPoints, 0.0);
      for (std::size_t i = 0; i < values.size(); ++i)
        lay(ring, problem.win(c, s) * values[i] / step, problem.amounts.probability(i));
      transform.fwd(factor, ring);
      for (std::size_t k = 0; k < half; ++k)
        product[k] *= to_the_power(factor[k], static_cast<std::uint64_t>(cells.missing[c]));
    }
    for (std::size_t k = 0; k < half; ++k) sum[k] += problem.weights[s] * product[k];
  }
  transform.inv(ring, sum, static_cast<Eigen::Index>(kPoints));

  // Point n of the ring is the value lower + step x (n - lower / step), counted round the ring.
  const double begin = std::fmod(std::round(lower / step), static_cast<double>(kPoints));
  std::vector<double> points, probabilities;
  for (std::size_t n = 0; n < kPoints; ++n) {
    const double probability = ring[(n + static_cast<std::size_t>(begin)) % kPoints];
    if (probability < 1e-15) continue;
    points.push_back(lower + static_cast<double>(n) * step);
    probabilities.push_back(probability);
  }
  return RevenueDistribution::from_atoms(std::move(points), std::move(probabilities));
}

}  // namespace putki
