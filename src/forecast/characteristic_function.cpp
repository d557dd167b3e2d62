#include "forecast/characteristic_function.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace putki {
namespace {

using Complex = std::complex<double>;

/// Below this phase a deal's log characteristic function is summed by its cumulants instead of one by one. The series
/// in z = iwa converges for |z| < pi; with kOrder terms the error at the border is below 1e-7 a deal, and where it can
/// be largest the characteristic function itself has died out.
constexpr double kSmallPhase = 0.75;
constexpr int kOrder = 10;
/// Square of the modulus below which a frequency is taken as 0, and the matching tail exponent.
constexpr double kNegligible = 1e-22;
constexpr double kTailExponent = 25.4;
/// Deals of more than this share of the variance make humps, whose own width is what must be told apart.
constexpr double kGiantShare = 0.1;
constexpr std::size_t kMostGiants = 12;
constexpr double kLeastLeft = 1e-6;
/// Terms of the decay bound looked at together, strongest first.
constexpr std::size_t kBlock = 64;

/// Bernoulli cumulants from kappa_{m+1} = v d kappa_m / dp with v = p (1 - p), d = 1 - 2p: kappa_m is a polynomial in v
/// for even m and d times one for odd m, since dv/dp = d, dd/dp = -2 and d^2 = 1 - 4v. Row m holds the coefficients of
/// v, v^2, ..
constexpr int kDegree = kOrder / 2;
using CumulantPolynomials = std::array<std::array<double, kDegree + 1>, kOrder + 1>;
CumulantPolynomials bernoulli_cumulant_polynomials() {
  CumulantPolynomials polynomials{};
  polynomials[2][1] = 1;
  for (int m = 2; m < kOrder; ++m)
    for (int j = 1; j <= kDegree; ++j) {
      const double slope = j * polynomials[m][j];  // of v^(j-1) in the derivative
      if (m % 2 == 0) {
        polynomials[m + 1][j] += slope;
      } else {
        polynomials[m + 1][j] += slope;
        if (j < kDegree) polynomials[m + 1][j + 1] -= 2 * polynomials[m][j] + 4 * slope;
      }
    }
  return polynomials;
}

Complex power(Complex base, std::uint64_t exponent) {
  Complex result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

}  // namespace

Complex Lattice::phase(double frequency, double amount) const {
  if (step == 0) return std::polar(1.0, frequency * amount);
  const double place = amount / step, below = std::floor(place + 1e-9), share = std::max(place - below, 0.0);
  const Complex low = std::polar(1.0, frequency * below * step);
  return share < 1e-9 ? low : low * ((1 - share) + share * std::polar(1.0, frequency * step));
}

CharacteristicFunction::CharacteristicFunction(const RevenueProblem& problem)
    : problem_(problem),
      scenarios_(problem.new_wins.size()),
      missing_(problem.win.rows()),
      ratios_(problem.revision.is_none() ? std::vector<double>{1.0} : problem.revision.ratios),
      ratio_weights_(problem.revision.is_none() ? std::vector<double>{1.0} : problem.revision.weights) {
  const std::size_t cells = problem.win.rows();
  for (const auto& deal : problem.deals) {
    if (!deal.amount)
      missing_[deal.cell] += 1;
    else if (*deal.amount > 0)
      known_.push_back({*deal.amount, deal.cell});
  }
  std::sort(known_.begin(), known_.end(), [](const Known& a, const Known& b) {
    return a.amount < b.amount || (a.amount == b.amount && a.cell < b.cell);
  });

  least_.resize(cells);
  most_.resize(cells);
  for (std::size_t c = 0; c < cells; ++c) {
    const auto [least, most] = std::minmax_element(problem.win.row(c).begin(), problem.win.row(c).end());
    least_[c] = *least;
    most_[c] = *most;
  }
  const auto [fewest, largest] = std::minmax_element(problem.new_wins.begin(), problem.new_wins.end());
  smallest_new_wins_ = *fewest;
  largest_new_wins_ = *largest;

  const auto most_likely = std::max_element(ratio_weights_.begin(), ratio_weights_.end());
  const double heaviest = *most_likely,
               heaviest_ratio = ratios_[static_cast<std::size_t>(most_likely - ratio_weights_.begin())];
  // p (1 - p) is least at an end of the range of p.
  for (const Known& deal : known_) {
    const double weight =
        std::min(least_[deal.cell] * (1 - least_[deal.cell]), most_[deal.cell] * (1 - most_[deal.cell]));
    // Of the revised amounts the likeliest alone bounds the modulus: any pair of atoms does.
    if (weight * heaviest > 0) deal_decay_.push_back({deal.amount * heaviest_ratio, weight * heaviest});
  }
  for (std::size_t i = 0; i < problem.amounts.values().size() && smallest_new_wins_ > 0; ++i)
    if (problem.amounts.values()[i] > 0)
      new_decay_.push_back({problem.amounts.values()[i], smallest_new_wins_ * problem.amounts.probability(i)});
  const auto stronger = [](const Decay& a, const Decay& b) { return a.weight > b.weight; };
  std::sort(deal_decay_.begin(), deal_decay_.end(), stronger);
  std::sort(new_decay_.begin(), new_decay_.end(), stronger);

  std::vector<double> square(cells);
  for (const Known& deal : known_) square[deal.cell] += deal.amount * deal.amount;
  const double first = problem.amounts.moment(1), second = problem.amounts.moment(2);
  const bool is_revised = !problem.revision.is_none();
  const double ratio_mean = problem.revision.moment(1), ratio_square = problem.revision.moment(2);
  narrowest_sd_ = std::numeric_limits<double>::infinity();
  for (std::size_t s = 0; s < scenarios_; ++s) {
    double variance = problem.new_wins[s] * second;
    for (std::size_t c = 0; c < cells; ++c) {
      const double p = problem.win(c, s);
      variance += (is_revised ? p * ratio_square - p * p * ratio_mean * ratio_mean : p * (1 - p)) * square[c] +
                  missing_[c] * (p * second - p * p * first * first);
    }
    narrowest_sd_ = std::min(narrowest_sd_, std::sqrt(std::max(variance_without_giants(variance, s), 0.0)));
    widest_sd_ = std::max(widest_sd_, std::sqrt(std::max(variance, 0.0)));
  }
}

double CharacteristicFunction::variance_without_giants(double variance, std::size_t scenario) const {
  double left = variance;
  for (std::size_t i = known_.size(); i-- > known_.size() - std::min(known_.size(), kMostGiants);) {
    const double p = problem_.win(known_[i].cell, scenario), own = p * (1 - p) * known_[i].amount * known_[i].amount;
    if (own > kGiantShare * left) left -= own;
  }
  return std::max(left, kLeastLeft * variance);
}

CharacteristicFunction::Window CharacteristicFunction::window() const {
  const auto& values = problem_.amounts.values();
  // log E exp(theta revenue) with every win probability and the inflow at one end of its range
  const auto log_moment = [&](double theta, const std::vector<double>& win, double new_wins) {
    double one = 0;  // E exp(theta amount) - 1
    for (std::size_t i = 0; i < values.size(); ++i)
      one += problem_.amounts.probability(i) * std::expm1(theta * values[i]);
    double sum = new_wins > 0 ? new_wins * one : 0.0;
    for (std::size_t c = 0; c < missing_.size(); ++c)
      if (missing_[c] > 0 && win[c] > 0) sum += missing_[c] * std::log1p(win[c] * one);
    for (const Known& deal : known_)
      if (win[deal.cell] > 0) {
        double revised = 0;
        for (std::size_t r = 0; r < ratios_.size(); ++r)
          revised += ratio_weights_[r] * std::expm1(theta * deal.amount * ratios_[r]);
        sum += std::log1p(win[deal.cell] * revised);
      }
    return sum;
  };
  double most_possible = 0;
  const double largest_ratio = ratios_.back();
  for (const Known& deal : known_) most_possible += deal.amount * largest_ratio;
  for (const double count : missing_) most_possible += count * values.back();

  const double scale = widest_sd_ > 0 ? widest_sd_ : 1;
  Window window{0, largest_new_wins_ > 0 ? std::numeric_limits<double>::infinity() : most_possible};
  // Any theta gives a valid bound; good ones are a few over the deviation or, for rare large wins, over the largest
  // amount.
  const double largest = std::max(known_.empty() ? 0.0 : known_.back().amount * largest_ratio, values.back());
  std::vector<double> thetas;
  for (const double factor : {16.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.125}) thetas.push_back(factor / scale);
  for (const double factor : {40.0, 20.0, 10.0, 5.0, 2.5}) thetas.push_back(factor / std::max(largest, scale));
  for (const double theta : thetas) {
    const double upper = (log_moment(theta, most_, largest_new_wins_) + kTailExponent) / theta;
    if (upper < window.upper) window.upper = upper;
    const double lower = -(log_moment(-theta, least_, smallest_new_wins_) + kTailExponent) / theta;
    if (lower > window.lower) window.lower = lower;
  }
  return window;
}

void CharacteristicFunction::add_revised_cumulants(std::uint32_t cell, std::span<const double> powers,
                                                   std::span<std::vector<double>> cumulants) const {
  // A win of probability p at ratio r has the moments p E r^m; kappa_n = mu_n - sum_k C(n-1, k-1) kappa_k mu_(n-k).
  std::array<double, kOrder + 1> moments{}, kappa{};
  for (int m = 1; m <= kOrder; ++m) moments[m] = problem_.revision.moment(m);
  for (std::size_t s = 0; s < scenarios_; ++s) {
    const double p = problem_.win(cell, s);
    for (int n = 1; n <= kOrder; ++n) {
      double choose = 1;
      kappa[n] = p * moments[n];
      for (int k = 1; k < n; ++k) {
        kappa[n] -= choose * kappa[k] * p * moments[n - k];
        choose *= static_cast<double>(n - k) / k;
      }
      cumulants[static_cast<std::size_t>(n) - 1][s] += powers[static_cast<std::size_t>(n) - 1] * kappa[n];
    }
  }
}

bool CharacteristicFunction::dies_out() const {
  double exponent = 0;
  for (const Decay& term : deal_decay_) exponent -= std::log1p(-std::min(4 * term.weight, 1 - 1e-12));
  for (const Decay& term : new_decay_) exponent += 4 * term.weight;
  return exponent > -std::log(kNegligible);
}

std::vector<std::size_t> CharacteristicFunction::frequencies_that_matter(double step, std::size_t count,
                                                                         double surely) const {
  // The strongest terms rule out nearly all; turning their phases costs a multiplication where a cosine costs ten.
  std::vector<Complex> phase, turn;
  std::vector<double> weight;
  const auto take = [&](const std::vector<Decay>& terms) {
    for (std::size_t i = 0; i < std::min(terms.size(), kBlock); ++i) {
      phase.emplace_back(1.0);
      turn.push_back(std::polar(1.0, step * terms[i].amount));
      weight.push_back(terms[i].weight);
    }
    return phase.size();
  };
  const std::size_t deals = take(deal_decay_), all = take(new_decay_);
  std::vector<std::size_t> matter{0};
  for (std::size_t k = 1; k < count; ++k) {
    double squared = 1, exponent = 0;
    for (std::size_t i = 0; i < all; ++i) {
      phase[i] = {phase[i].real() * turn[i].real() - phase[i].imag() * turn[i].imag(),
                  phase[i].real() * turn[i].imag() + phase[i].imag() * turn[i].real()};
      const double decay = 2 * weight[i] * (1 - phase[i].real());
      if (i < deals)
        squared *= 1 - decay;
      else
        exponent += decay;
    }
    const double frequency = static_cast<double>(k) * step;
    if (frequency <= surely || (squared * std::exp(-exponent) >= kNegligible && may_matter(frequency)))
      matter.push_back(k);
  }
  return matter;
}

bool CharacteristicFunction::may_matter(double frequency) const {
  double squared = 1;
  std::size_t deal = 0, atom = 0;
  while (deal < deal_decay_.size() || atom < new_decay_.size()) {
    for (const std::size_t end = std::min(deal + kBlock, deal_decay_.size()); deal < end; ++deal)
      squared *= 1 - 2 * deal_decay_[deal].weight * (1 - std::cos(frequency * deal_decay_[deal].amount));
    double exponent = 0;
    for (const std::size_t end = std::min(atom + kBlock, new_decay_.size()); atom < end; ++atom)
      exponent += 2 * new_decay_[atom].weight * (1 - std::cos(frequency * new_decay_[atom].amount));
    squared *= std::exp(-exponent);
    if (squared < kNegligible) return false;
  }
  return true;
}

std::vector<Complex> CharacteristicFunction::operator()(const std::vector<double>& frequencies, Lattice lattice,
                                                        bool without_new) const {
  static const auto kPolynomials = bernoulli_cumulant_polynomials();
  const std::size_t scenarios = scenarios_, cells = missing_.size();
  const auto& values = problem_.amounts.values();
  std::vector<std::uint32_t> cells_missing;
  for (std::size_t c = 0; c < cells; ++c)
    if (missing_[c] > 0) cells_missing.push_back(static_cast<std::uint32_t>(c));
  const bool revised = !problem_.revision.is_none();
  const bool needs_amounts = largest_new_wins_ > 0 || !cells_missing.empty();

  std::vector<Complex> result(frequencies.size());
  // From the highest frequency down, deals pass one by one from the product to the cumulants.
  std::array<std::vector<double>, kOrder> cumulants;
  for (auto& row : cumulants) row.assign(scenarios, 0.0);
  std::size_t small = 0;
  std::vector<std::array<double, kOrder>> moved(cells);
  std::vector<std::uint32_t> touched;
  std::vector<double> real(scenarios), imaginary(scenarios), spread(scenarios), skew(scenarios);

  for (std::size_t f = frequencies.size(); f-- > 0;) {
    const double w = frequencies[f];
    if (lattice.step == 0) {
      for (; small < known_.size() && known_[small].amount * w * ratios_.back() <= kSmallPhase; ++small) {
        const auto [amount, cell] = known_[small];
        if (moved[cell][0] == 0) touched.push_back(cell);
        double term = 1;
        for (int m = 0; m < kOrder; ++m) moved[cell][m] += term *= amount;
      }
      for (const std::uint32_t cell : touched) {
        const double* const p = problem_.win.row(cell).data();
        for (std::size_t s = 0; s < scenarios; ++s) {
          if (!revised) cumulants[0][s] += p[s] * moved[cell][0];
          spread[s] = p[s] * (1 - p[s]);
          skew[s] = 1 - 2 * p[s];
        }
        if (revised) {
          add_revised_cumulants(cell, moved[cell], cumulants);
          moved[cell] = {};
          continue;
        }
        for (int m = 2; m <= kOrder; ++m) {
          const auto& polynomial = kPolynomials[static_cast<std::size_t>(m)];
          const double amounts = moved[cell][static_cast<std::size_t>(m) - 1];
          double* const sum = cumulants[static_cast<std::size_t>(m) - 1].data();
          for (std::size_t s = 0; s < scenarios; ++s) {
            double kappa = 0;
            for (int j = m / 2; j >= 1; --j) kappa = (kappa + polynomial[static_cast<std::size_t>(j)]) * spread[s];
            sum[s] += amounts * (m % 2 == 0 ? kappa : kappa * skew[s]);
          }
        }
        moved[cell] = {};
      }
      touched.clear();
    }

    std::fill(real.begin(), real.end(), 1.0);
    std::fill(imaginary.begin(), imaginary.end(), 0.0);
    for (std::size_t i = small; i < known_.size(); ++i) {
      Complex step = 0;
      if (revised)
        for (std::size_t r = 0; r < ratios_.size(); ++r)
          step += ratio_weights_[r] * (lattice.phase(w, known_[i].amount * ratios_[r]) - 1.0);
      else
        step = lattice.phase(w, known_[i].amount) - 1.0;
      const double* const p = problem_.win.row(known_[i].cell).data();
      for (std::size_t s = 0; s < scenarios; ++s) {
        const double a = 1 + p[s] * step.real(), b = p[s] * step.imag(), r = real[s];
        real[s] = r * a - imaginary[s] * b;
        imaginary[s] = r * b + imaginary[s] * a;
      }
    }

    Complex amount_step = 0;  // E exp(iw amount) - 1
    if (needs_amounts)
      for (std::size_t i = 0; i < values.size(); ++i)
        amount_step += problem_.amounts.probability(i) * (lattice.phase(w, values[i]) - 1.0);
    Complex sum = 0;
    for (std::size_t s = 0; s < scenarios; ++s) {
      Complex product(real[s], imaginary[s]);
      for (const std::uint32_t c : cells_missing)
        product *= power(without_new ? 1 - problem_.win(c, s) : 1.0 + problem_.win(c, s) * amount_step,
                         static_cast<std::uint64_t>(missing_[c]));
      // sum_m kappa_m (iw)^m / m!
      Complex exponent = without_new ? Complex(-problem_.new_wins[s]) : problem_.new_wins[s] * amount_step;
      double real_part = 0, imaginary_part = 0, scale = 1;
      for (int m = 1; m <= kOrder; ++m) {
        scale *= w / m;
        const double term = cumulants[m - 1][s] * scale;
        switch (m % 4) {
          case 0:
            real_part += term;
            break;
          case 1:
            imaginary_part += term;
            break;
          case 2:
            real_part -= term;
            break;
          case 3:
            imaginary_part -= term;
            break;
        }
      }
      sum += problem_.weights[s] * product * std::exp(exponent + Complex(std::min(real_part, 0.0), imaginary_part));
    }
    result[f] = sum;
  }
  return result;
}

}  // namespace putki
