#include "forecast/revenue_inversion.hpp"

#include "forecast/characteristic_function.hpp"
#include "forecast/total_variance.hpp"

#include <unsupported/Eigen/FFT>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace putki {
namespace {

using Complex = std::complex<double>;

/// Points of the largest lattice, and frequencies scanned for a cosine series.
constexpr std::size_t kMaxPoints = 16'384;
/// A lattice finer than the deviation over this leaves steps of less than 0.4 / 200 of probability, half of it above
/// the smooth curve.
constexpr double kFinestStep = 200;
/// Deals whose 2^n sums are kept as atoms.
constexpr std::size_t kMaxAtomDeals = 12;
/// Work allowed for a lattice on which nothing can be left out, in products of one deal, scenario and frequency.
constexpr double kMaxProducts = 4e8;

/// Where few wins have less than this chance altogether, no step of theirs is worth an atom of its own.
constexpr double kFewWins = 1e-3;
/// Deals of which any two may be the only ones won, each pair an atom.
constexpr std::size_t kMostPaired = 400;
/// Atoms into which a lattice point's probability is spread over its cell.
constexpr double kLargestSpreadAtom = 5e-5;

/// Sums of won amounts and their probabilities over scenarios: exact.
struct Atoms {
  std::vector<double> values;
  std::vector<double> probabilities;
  void add(double value, double probability) {
    if (probability <= 0) return;
    values.push_back(value);
    probabilities.push_back(probability);
  }
};

/// Chance, by scenario, that no deal without an amount is won and no new one.
std::vector<double> no_other_win(const RevenueProblem& problem) {
  std::vector<double> chance;
  for (const double new_wins : problem.new_wins) chance.push_back(std::exp(-new_wins));
  for (const auto& deal : problem.deals)
    if (!deal.amount)
      for (std::size_t s = 0; s < chance.size(); ++s) chance[s] *= 1 - problem.win(deal.cell, s);
  return chance;
}

/// A sum of at most two amounts, each split between its neighbours on a lattice.
struct FewWins {
  double first = 0;
  double second = 0;
  double probability = 0;
};

/// No win, exactly one of whatever kind, and exactly two of deals with an amount when these are not too many to pair;
/// with `only_other` just the one win of a deal without an amount or of a new one.
std::vector<FewWins> few_wins(const RevenueProblem& problem, bool only_other) {
  std::vector<FewWins> wins;
  const auto add = [&](double first, double second, double probability) {
    if (probability > 0) wins.push_back({first, second, probability});
  };
  const std::size_t cells = problem.win.rows(), scenarios = problem.new_wins.size();
  std::vector<double> known(cells), missing(cells);
  for (const auto& deal : problem.deals) (deal.amount ? known : missing)[deal.cell] += !deal.amount || *deal.amount > 0;
  double none = 0, other = 0;
  std::vector<double> one(cells), odds(cells);
  Matrix two(cells, cells);
  for (std::size_t s = 0; s < scenarios; ++s) {
    double nobody = problem.weights[s] * std::exp(-problem.new_wins[s]);
    for (std::size_t c = 0; c < cells; ++c) nobody *= std::pow(1 - problem.win(c, s), known[c] + missing[c]);
    if (nobody <= 0) continue;
    none += nobody;
    other += nobody * problem.new_wins[s];
    for (std::size_t c = 0; c < cells; ++c) {
      odds[c] = problem.win(c, s) / (1 - problem.win(c, s));
      one[c] += nobody * odds[c];
      other += nobody * odds[c] * missing[c];
      for (std::size_t d = 0; d <= c; ++d) two(c, d) += nobody * odds[c] * odds[d];
    }
  }
  for (std::size_t i = 0; i < problem.amounts.values().size(); ++i)
    add(problem.amounts.values()[i], 0, other * problem.amounts.probability(i));
  if (only_other) return wins;
  add(0, 0, none);
  std::vector<RevenueProblem::Deal> deals;
  for (const auto& deal : problem.deals)
    if (deal.amount && *deal.amount > 0) deals.push_back(deal);
  for (const auto& deal : deals) {
    if (problem.revision.is_none()) add(*deal.amount, 0, one[deal.cell]);
    for (std::size_t r = 0; r < problem.revision.ratios.size(); ++r)
      add(*deal.amount * problem.revision.ratios[r], 0, one[deal.cell] * problem.revision.weights[r]);
  }
  for (std::size_t i = 0; i < deals.size() && deals.size() <= kMostPaired && problem.revision.is_none(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      add(*deals[i].amount, *deals[j].amount,
          two(std::max(deals[i].cell, deals[j].cell), std::min(deals[i].cell, deals[j].cell)));
  return wins;
}

Atoms enumerate_atoms(const RevenueProblem& problem) {
  std::vector<RevenueProblem::Deal> deals;
  for (const auto& deal : problem.deals)
    if (deal.amount && *deal.amount > 0) deals.push_back(deal);
  Atoms atoms;
  const std::size_t subsets = std::size_t{1} << deals.size(), scenarios = problem.new_wins.size();
  atoms.values.assign(subsets, 0.0);
  atoms.probabilities.assign(subsets, 0.0);
  for (std::size_t subset = 0; subset < subsets; ++subset)
    for (std::size_t i = 0; i < deals.size(); ++i)
      if (subset >> i & 1) atoms.values[subset] += *deals[i].amount;
  std::vector<double> probability(subsets);
  const std::vector<double> no_other = no_other_win(problem);
  for (std::size_t s = 0; s < scenarios; ++s) {
    probability[0] = problem.weights[s] * no_other[s];
    for (std::size_t i = 0; i < deals.size(); ++i) {
      const double p = problem.win(deals[i].cell, s);
      for (std::size_t subset = 0; subset < std::size_t{1} << i; ++subset) {
        probability[subset | std::size_t{1} << i] = probability[subset] * p;
        probability[subset] *= 1 - p;
      }
    }
    for (std::size_t subset = 0; subset < subsets; ++subset) atoms.probabilities[subset] += probability[subset];
  }
  return atoms;
}

/// The largest step that divides every amount, in currency units; 0 when amounts are no whole minor units.
double common_step(const RevenueProblem& problem) {
  std::int64_t step = 0;
  const auto add = [&](double amount) {
    const double minor = amount * 100;
    if (minor > 9e15 || std::abs(minor - std::round(minor)) > 1e-4) return false;
    step = std::gcd(step, static_cast<std::int64_t>(std::llround(minor)));
    return true;
  };
  if (!problem.revision.is_none()) return 0;
  bool draws_amounts = *std::max_element(problem.new_wins.begin(), problem.new_wins.end()) > 0;
  for (const auto& deal : problem.deals) {
    if (!deal.amount) draws_amounts = true;
    if (deal.amount && !add(*deal.amount)) return 0;
  }
  for (std::size_t i = 0; draws_amounts && i < problem.amounts.values().size(); ++i)
    if (!add(problem.amounts.values()[i])) return 0;
  return static_cast<double>(step) / 100;
}

/// Smallest of 1, 2, 5, 10, 20, .. minor units of which `points` cover `width`: round amounts fall on its points.
double round_step(double width, std::size_t points) {
  for (double unit = 0.01;; unit *= 10)
    for (const double step : {unit, 2 * unit, 5 * unit})
      if (step * static_cast<double>(points) >= width) return step;
}

/// What is taken out of a lattice and put back exactly: the sums of few deals and single wins of all kinds.
struct Exact {
  Atoms sums;                 ///< of deals with an amount, nothing else won
  std::vector<FewWins> wins;  ///< not among the sums
};

/// Discrete Fourier inversion on points lower + n step, n = 0 .. points - 1. With `exact`, amounts need not lie on the
/// lattice: what is not taken out is spread evenly over the cells of its points.
RevenueDistribution invert_on_lattice(const CharacteristicFunction& phi, double lower, double step, std::size_t points,
                                      const Exact* exact) {
  const std::size_t half = points / 2;
  const double spacing = 2 * std::numbers::pi / (static_cast<double>(points) * step);
  const Lattice lattice{step};
  std::vector<std::size_t> places(half + 1);
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (phi.dies_out()) places = phi.frequencies_that_matter(spacing, half + 1, 0);
  std::vector<double> frequencies;
  for (const std::size_t k : places) frequencies.push_back(static_cast<double>(k) * spacing);
  std::vector<Complex> spectrum(half + 1);
  auto values = phi(frequencies, lattice);
  if (exact != nullptr && !exact->sums.values.empty()) {
    const auto sums = phi(frequencies, lattice, true);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= sums[i];
  }
  for (std::size_t i = 0; i < places.size(); ++i)
    spectrum[places[i]] = std::conj(values[i] * std::polar(1.0, -frequencies[i] * lower));

  Eigen::FFT<double> transform;
  transform.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  std::vector<double> probabilities;
  transform.inv(probabilities, spectrum, static_cast<Eigen::Index>(points));
  Atoms atoms;
  if (exact != nullptr)
    for (const FewWins& wins : exact->wins) {
      const double first = std::floor(wins.first / step + 1e-9), second = std::floor(wins.second / step + 1e-9),
                   share = std::max(wins.first / step - first, 0.0), other = std::max(wins.second / step - second, 0.0),
                   place = first + second - std::round(lower / step);
      if (place < 0 || place + 2 >= static_cast<double>(points)) continue;
      double* const at = probabilities.data() + static_cast<std::size_t>(place);
      at[0] -= wins.probability * (1 - share) * (1 - other);
      at[1] -= wins.probability * (share * (1 - other) + other * (1 - share));
      at[2] -= wins.probability * share * other;
      atoms.add(wins.first + wins.second, wins.probability);
    }
  for (std::size_t n = 0; n < points; ++n) {
    if (probabilities[n] < 1e-15) continue;
    const double value = lower + static_cast<double>(n) * step;
    const double parts = exact != nullptr ? std::ceil(probabilities[n] / kLargestSpreadAtom) : 1;
    for (double part = 0; part < parts; ++part)
      atoms.add(std::max(value + ((part + 0.5) / parts - 0.5) * step, 0.0), probabilities[n] / parts);
  }
  for (std::size_t a = 0; exact != nullptr && a < exact->sums.values.size(); ++a)
    atoms.add(exact->sums.values[a], exact->sums.probabilities[a]);
  return RevenueDistribution::from_atoms(std::move(atoms.values), std::move(atoms.probabilities));
}

}  // namespace

RevenueMoments moments_of(const RevenueProblem& problem) {
  const std::size_t cells = problem.win.rows(), scenarios = problem.new_wins.size();
  std::vector<double> sum(cells), squares(cells), missing(cells), count(cells);
  for (const auto& deal : problem.deals) {
    count[deal.cell] += 1;
    sum[deal.cell] += deal.amount.value_or(0);
    squares[deal.cell] += deal.amount.value_or(0) * deal.amount.value_or(0);
    missing[deal.cell] += deal.amount ? 0 : 1;
  }
  const double first = problem.amounts.moment(1), second = problem.amounts.moment(2);
  const bool is_revised = !problem.revision.is_none();
  const double ratio = problem.revision.moment(1), ratio_square = problem.revision.moment(2);

  // Law of total variance over scenarios, with running means so that large means do not swallow small variances.
  struct Running {
    double weight = 0, mean = 0, scatter = 0, within = 0;
    void add(double value, double variance, double share) {
      weight += share;
      const double change = value - mean;
      mean += change * share / weight;
      scatter += share * change * (value - mean);
      within += share * variance;
    }
    double variance() const { return scatter + within; }
  } open, created, total;
  RevenueMoments moments;
  MeansByDraw means;
  const double scatter = std::max(second - first * first, 0.0),
               ratio_scatter = std::max(ratio_square - ratio * ratio, 0.0);
  for (std::size_t s = 0; s < scenarios; ++s) {
    double mean = 0, variance = 0;
    for (std::size_t c = 0; c < cells; ++c) {
      const double p = problem.win(c, s);
      mean += p * (ratio * sum[c] + missing[c] * first);
      variance += (is_revised ? p * ratio_square - p * p * ratio * ratio : p * (1 - p)) * squares[c] +
                  missing[c] * (p * second - p * p * first * first);
      moments.open_wins += p * count[c] * problem.weights[s];
      moments.parts.amounts += problem.weights[s] * p * (missing[c] * scatter + squares[c] * ratio_scatter);
      moments.parts.wins +=
          problem.weights[s] * p * (1 - p) * (squares[c] * ratio * ratio + missing[c] * first * first);
    }
    const double new_wins = problem.new_wins[s];
    moments.parts.amounts += problem.weights[s] * new_wins * scatter;
    moments.parts.wins += problem.weights[s] * new_wins * first * first;
    means.add(mean + new_wins * first, problem.weights[s], problem.draws[s]);
    moments.new_wins += new_wins * problem.weights[s];
    open.add(mean, variance, problem.weights[s]);
    created.add(new_wins * first, new_wins * second, problem.weights[s]);
    total.add(mean + new_wins * first, variance + new_wins * second, problem.weights[s]);
  }
  moments.open_mean = open.mean;
  moments.open_variance = open.variance();
  moments.new_mean = created.mean;
  moments.new_variance = created.variance();
  moments.mean = total.mean;
  moments.variance = total.variance();
  moments.parts.common_shock = means.within();
  moments.parts.parameters = means.between();
  return moments;
}

RevenueDistribution invert(const RevenueProblem& problem) {
  const CharacteristicFunction phi(problem);
  const bool any_missing =
      std::any_of(problem.deals.begin(), problem.deals.end(), [](const auto& deal) { return !deal.amount; });
  const bool few = phi.known_deals() <= kMaxAtomDeals && problem.revision.is_none();
  if (few && !any_missing && phi.largest_new_wins() == 0) {
    Atoms atoms = enumerate_atoms(problem);
    return RevenueDistribution::from_atoms(std::move(atoms.values), std::move(atoms.probabilities));
  }

  const auto [lower, upper] = phi.window();
  const double width = upper - lower;
  if (const double step = common_step(problem); step > 0 && width / step < kMaxPoints - 2) {
    std::size_t points = 2;
    while (static_cast<double>(points) < width / step + 2) points *= 2;
    return invert_on_lattice(phi, std::floor(lower / step) * step, step, points, nullptr);
  }

  if (phi.dies_out()) {
    const double spacing = std::numbers::pi / width;
    // Steps smaller than this share of the spread move the cdf by less than 1e-3: no need to look for them.
    const double finest = 2 * std::numbers::pi * kFinestStep / phi.narrowest_sd();
    const std::size_t scanned = std::min(kMaxPoints, static_cast<std::size_t>(finest / spacing) + 2);
    const std::vector<std::size_t> terms = phi.frequencies_that_matter(spacing, scanned, 5 / phi.narrowest_sd());
    std::vector<double> frequencies;
    for (const std::size_t k : terms) frequencies.push_back(static_cast<double>(k) * spacing);
    const std::size_t last = terms.back();
    if (last < scanned / 2) {
      const auto values = phi(frequencies);
      std::vector<double> coefficients(last + 1);
      for (std::size_t i = 0; i < terms.size(); ++i)
        coefficients[terms[i]] = 2 * (values[i] * std::polar(1.0, -frequencies[i] * lower)).real();
      const RevenueMoments moments = moments_of(problem);
      return RevenueDistribution::from_cosine(lower, upper, std::move(coefficients), moments.mean,
                                              std::sqrt(moments.variance));
    }
  }

  std::size_t points = kMaxPoints;
  while (points > 1024 &&
         static_cast<double>(phi.known_deals() * problem.new_wins.size()) * static_cast<double>(points) / 2 >
             kMaxProducts)
    points /= 2;
  const double step = round_step(width, points - 4);
  Exact exact;
  if (few) exact.sums = enumerate_atoms(problem);
  exact.wins = few_wins(problem, few);
  double taken = 0;
  for (const FewWins& wins : exact.wins) taken += wins.probability;
  if (taken < kFewWins) exact.wins.clear();
  return invert_on_lattice(phi, std::floor(lower / step) * step, step, points, &exact);
}

}  // namespace putki
