#include <putki/value/bg_nbd.hpp>

#include "value/expectation.hpp"
#include "value/fitting.hpp"
#include "value/likelihoods.hpp"
#include "value/log_gamma.hpp"
#include "value/purchase_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>

namespace putki {
namespace {

constexpr double kLongestSeries = 400, kLeastLogMass = -600;

// A customer sure to be alive at time 0, where no coin is tossed.
struct BgProcess {
  double r, alpha, a, b;
};

std::vector<std::string> bg_names() {
  return {"r", "alpha", "a", "b"};
}

// 1 / k: keeps divisions out of the chain from term to term.
constexpr std::size_t kReciprocals = 512;
constexpr std::array<double, kReciprocals> kOneOver = [] {
  std::array<double, kReciprocals> table{};
  for (std::size_t k = 1; k < kReciprocals; ++k) table[k] = 1.0 / static_cast<double>(k);
  return table;
}();

double expected_by_series(const BgProcess& process, double z, double log_mass) {
  // w_k and S_k as in the header
  double w = std::exp(log_mass), survival = 1, bought = 0, sum = 0;
  const double both = process.a + process.b;
  for (std::size_t i = 1;; ++i) {
    const double k = static_cast<double>(i);
    const bool known = i + 1 < kReciprocals;
    const double here = known ? kOneOver[i] : 1 / k, next = known ? kOneOver[i + 1] : 1 / (k + 1);
    w *= z * (process.r + k - 1) * here;
    bought += survival;
    survival *= (process.b + k - 1) / (both + k - 1);
    const double term = w * bought;
    sum += term;
    // Later terms fall at least by this ratio.
    const double ratio = z * std::max(1.0, (process.r + k) * next) * (1 + here);
    if (ratio < 1 && term * ratio <= 1e-16 * (1 - ratio) * sum) return sum;
  }
}

double bg_expected(const BgProcess& process, double t) {
  if (t == 0) return 0;
  const double z = t / (process.alpha + t), log_mass = -process.r * std::log1p(t / process.alpha);
  if ((process.r + 40) / (1 - z) < kLongestSeries && log_mass > kLeastLogMass)
    return expected_by_series(process, z, log_mass);
  const double share = t / process.alpha;
  return beta_expectation(process.a, process.b, 1 / (share * std::max(1.0, process.r)), process.r,
                          [&](double p, double) { return -std::expm1(-process.r * std::log1p(p * share)) / p; });
}

// The same series for many customers of one x: sum_k z^k d_k, d_k = (r)_k / k! S_k, which do not know z. The d_k are
// made once, as far as anybody needs them, and the sum is taken in blocks of eight that do not wait for each other.
class BgSeries {
 public:
  explicit BgSeries(const BgProcess& process) : process_(process) {}

  // false where the series is not the way, or its terms leave the range of doubles
  bool expected(double alpha, double t, double& value) {
    const double z = t / (alpha + t), log_mass = -process_.r * std::log1p(t / alpha);
    if (!((process_.r + 40) / (1 - z) < kLongestSeries && log_mass > kLeastLogMass)) return false;
    const double z2 = z * z, z4 = z2 * z2, z8 = z4 * z4;
    double power = z, sum = 0;
    for (std::size_t block = 0;; block += kBlock, power *= z8) {
      if (block == coefficients_.size()) extend();
      const double* d = &coefficients_[block];
      const double low = (d[0] + d[1] * z) + (d[2] + d[3] * z) * z2, high = (d[4] + d[5] * z) + (d[6] + d[7] * z) * z2;
      sum += power * (low + high * z4);
      if (!(sum < kLargestSum)) return false;
      const double last = power * d[7] * (z4 * z2 * z);
      // Later terms fall at least by this ratio.
      const double ratio = z * ratios_[block / kBlock];
      if (ratio < 1 && last * ratio <= 1e-16 * (1 - ratio) * sum) break;
    }
    value = sum * std::exp(log_mass);
    return true;
  }

 private:
  static constexpr std::size_t kBlock = 8;
  static constexpr double kLargestSum = 1e280;

  void extend() {
    for (std::size_t j = 0; j < kBlock; ++j) {
      const auto k = static_cast<double>(coefficients_.size() + 1);
      mass_ *= (process_.r + k - 1) / k;
      bought_ += survival_;
      survival_ *= (process_.b + k - 1) / (process_.a + process_.b + k - 1);
      coefficients_.push_back(mass_ * bought_);
    }
    const auto k = static_cast<double>(coefficients_.size());
    ratios_.push_back(std::max(1.0, (process_.r + k) / (k + 1)) * (1 + 1 / k));
  }

  BgProcess process_;
  double mass_ = 1, survival_ = 1, bought_ = 0;
  std::vector<double> coefficients_, ratios_;  // d_1 ..; after each block
};

std::vector<double> bg_masses(const BgProcess& process, double t, std::size_t most) {
  const NegativeBinomialMasses undying = negative_binomial_masses(process.r, process.alpha, t, most);
  std::vector<double> masses(most + 1);
  double survival = 1, left = 0;  // E q^k, E p q^(k-1)
  for (std::size_t k = 0; k <= most; ++k) {
    masses[k] = undying.mass[k] * survival + (k > 0 ? left * undying.at_least[k] : 0);
    const double sum = process.a + process.b + static_cast<double>(k);
    left = survival * process.a / sum;
    survival *= (process.b + static_cast<double>(k)) / sum;
  }
  return masses;
}

double bg_discounted(const BgProcess& process, double rate) {
  return at_exponential_time(rate, process.alpha / std::max(1.0, process.r),
                             [&](double t) { return bg_expected(process, t); });
}

void bg_simulate(const BgProcess& process, double horizon, RandomStream& stream, std::vector<double>& times) {
  const double lambda = stream.gamma(process.r) / process.alpha, p = stream.beta(process.a, process.b);
  if (lambda == 0) return;
  for (double t = stream.exponential() / lambda; t <= horizon && times.size() < kMostSimulated;
       t += stream.exponential() / lambda) {
    times.push_back(t);
    if (stream.uniform() < p) return;
  }
}

// What of the likelihood depends on x alone.
struct BgFactor {
  double value = 0;
  double r = 0, rr = 0, a = 0, aa = 0, b = 0, bb = 0, ab = 0;
};
BgFactor bg_factor(const BgProcess& process, double x, double survived) {
  const LogGammaStep r = log_gamma_step(process.r, x), b = log_gamma_step(process.b, survived),
                     sum = log_gamma_step(process.a + process.b, survived);
  return {.value = r.value + b.value - sum.value,
          .r = r.first,
          .rr = r.second,
          .a = -sum.first,
          .aa = -sum.second,
          .b = b.first - sum.first,
          .bb = b.second - sum.second,
          .ab = -sum.second};
}

// Odds of having left before `age`, as a logarithm.
double log_odds_left(const BgProcess& process, FirstToss toss, const UnitCustomer& customer) {
  const double m = toss == FirstToss::yes ? 1 : 0;
  if (m == 0 && customer.x == 0) return -INFINITY;
  return std::log(process.a / (process.b + customer.x + m - 1)) +
         (process.r + customer.x) * std::log1p((customer.age - customer.t) / (process.alpha + customer.t));
}

}  // namespace

double beta_geometric_log_likelihood(const std::vector<UnitCustomer>& customers, FirstToss toss,
                                     std::span<const double> at, std::span<double> gradient, Matrix& hessian) {
  const BgProcess process{at[0], at[1], at[2], at[3]};
  const double m = toss == FirstToss::yes ? 1 : 0;
  double value = 0, r = 0, alpha = 0, a = 0, b = 0;
  double rr = 0, ra = 0, raa = 0, rb = 0, al_al = 0, al_a = 0, al_b = 0, aa = 0, ab = 0, bb = 0;
  double last_x = -1;
  BgFactor factor;
  for (const UnitCustomer& customer : customers) {
    const double n = customer.count, x = customer.x, shape = process.r + x;
    if (x != last_x) {
      factor = bg_factor(process, x, x + m);
      last_x = x;
    }
    const double at_end = process.alpha + customer.age, inverse = 1 / at_end, log_end = std::log(at_end);
    value += n * (factor.value - shape * log_end);
    r += n * (factor.r - log_end);
    alpha -= n * shape * inverse;
    a += n * factor.a;
    b += n * factor.b;
    rr += n * factor.rr;
    ra -= n * inverse;
    al_al += n * shape * inverse * inverse;
    aa += n * factor.aa;
    ab += n * factor.ab;
    bb += n * factor.bb;
    if (m == 0 && x == 0) continue;
    // ln(e^l1 + e^l2) = l1 + ln(1 + e^d), d = l2 - l1
    const double at_last = process.alpha + customer.t, last_inverse = 1 / at_last, divisor = process.b + x + m - 1;
    const double apart = log_end - std::log(at_last), d = std::log(process.a / divisor) + shape * apart;
    const double e = std::exp(-std::abs(d)), left = d > 0 ? 1 / (1 + e) : e / (1 + e), both = e / ((1 + e) * (1 + e));
    const double d_alpha = shape * (inverse - last_inverse), d_a = 1 / process.a, d_b = -1 / divisor;
    value += n * (std::max(d, 0.0) + std::log1p(e));
    const double pull = n * left, spread = n * both;
    r += pull * apart;
    alpha += pull * d_alpha;
    a += pull * d_a;
    b += pull * d_b;
    rr += spread * apart * apart;
    ra += pull * (inverse - last_inverse) + spread * apart * d_alpha;
    raa += spread * apart * d_a;
    rb += spread * apart * d_b;
    al_al += pull * shape * (last_inverse * last_inverse - inverse * inverse) + spread * d_alpha * d_alpha;
    al_a += spread * d_alpha * d_a;
    al_b += spread * d_alpha * d_b;
    aa += (spread - pull) * d_a * d_a;
    ab += spread * d_a * d_b;
    bb += (spread + pull) * d_b * d_b;
  }
  // alpha^r of every customer
  double all = 0;
  for (const UnitCustomer& customer : customers) all += customer.count;
  const double log_alpha = std::log(process.alpha);
  value += all * process.r * log_alpha;
  gradient[0] += r + all * log_alpha;
  gradient[1] += alpha + all * process.r / process.alpha;
  gradient[2] += a;
  gradient[3] += b;
  const double lower[4][4] = {
      {rr, 0, 0, 0},
      {ra + all / process.alpha, al_al - all * process.r / (process.alpha * process.alpha), 0, 0},
      {raa, al_a, aa, 0},
      {rb, al_b, ab, bb}};
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j <= i; ++j) hessian(i, j) += lower[i][j];
  mirror_lower_triangle(hessian);
  return value;
}

namespace {

ParameterFit fit_beta_geometric(const CellCounts<PurchaseCell>& customers, FirstToss toss, const char* model,
                                const ValueFitOptions& options) {
  check_options(options);
  const std::vector<UnitCustomer> rows = in_units(customers, options.days_per_unit, model);
  ParameterFit fit = fit_positive(
      bg_names(), {1, mean_age(rows), 1, 2},
      [&](std::span<const double> at, std::span<double> gradient, Matrix& hessian) {
        return beta_geometric_log_likelihood(rows, toss, at, gradient, hessian);
      },
      options);
  fit.customers = customers.total();
  return fit;
}

// The process of a customer who is alive.
template <FirstToss toss>
BgProcess bg_survivor(const BetaGeometricNbd<toss>& model, const UnitCustomer& customer) {
  return {model.r() + customer.x, model.alpha() + customer.age, model.a(),
          model.b() + customer.x + (toss == FirstToss::yes ? 1 : 0)};
}
constexpr PurchaseCell kBgNewcomer{};

}  // namespace

template <FirstToss toss>
BetaGeometricNbd<toss>::BetaGeometricNbd(double r, double alpha, double a, double b, double days_per_unit)
    : fit_(given_parameters(bg_names(), std::array{r, alpha, a, b}, toss == FirstToss::yes ? "MBG/NBD" : "BG/NBD")),
      days_per_unit_(days_per_unit) {
  check_days_per_unit(days_per_unit);
}

template <FirstToss toss>
BetaGeometricNbd<toss>::BetaGeometricNbd(ParameterFit fit, double days_per_unit)
    : fit_(std::move(fit)), days_per_unit_(days_per_unit) {
  check_values(fit_, bg_names(), toss == FirstToss::yes ? "MBG/NBD" : "BG/NBD");
  check_days_per_unit(days_per_unit);
}

template <FirstToss toss>
BetaGeometricNbd<toss> BetaGeometricNbd<toss>::with_parameters(std::span<const double> values) const {
  return {given_parameters(bg_names(), values, toss == FirstToss::yes ? "MBG/NBD" : "BG/NBD"), days_per_unit_};
}

template <FirstToss toss>
double BetaGeometricNbd<toss>::log_likelihood(const CellCounts<PurchaseCell>& customers) const {
  std::vector<UnitCustomer> rows;
  for (const auto& [cell, count] : customers.cells())
    rows.push_back(in_units(cell, days_per_unit_, static_cast<double>(count)));
  std::array<double, 4> gradient{};
  Matrix hessian(4, 4);
  return beta_geometric_log_likelihood(rows, toss, fit_.values, gradient, hessian);
}

template <FirstToss toss>
double BetaGeometricNbd<toss>::probability_alive(const PurchaseCell& customer) const {
  const UnitCustomer here = in_units(customer, days_per_unit_);
  return 1 / (1 + std::exp(log_odds_left({r(), alpha(), a(), b()}, toss, here)));
}

template <FirstToss toss>
double BetaGeometricNbd<toss>::expected_purchases(double horizon) const {
  return expected_purchases(kBgNewcomer, horizon);
}

template <FirstToss toss>
double BetaGeometricNbd<toss>::expected_purchases(const PurchaseCell& customer, double horizon) const {
  check_horizon(horizon);
  return probability_alive(customer) * bg_expected(bg_survivor(*this, in_units(customer, days_per_unit_)), horizon);
}

template <FirstToss toss>
std::vector<double> BetaGeometricNbd<toss>::expected_purchases_of_each(std::span<const PurchaseCell> customers,
                                                                       double horizon) const {
  check_horizon(horizon);
  std::unordered_map<std::int32_t, BgSeries> by_repeats;
  BgSeries* series = nullptr;
  std::int32_t repeats = -1;
  const BgProcess process{r(), alpha(), a(), b()};
  std::vector<double> expected;
  expected.reserve(customers.size());
  for (const PurchaseCell& customer : customers) {
    const UnitCustomer here = in_units(customer, days_per_unit_);
    const BgProcess survivor = bg_survivor(*this, here);
    if (customer.repeats != repeats) {
      repeats = customer.repeats;
      series = &by_repeats.try_emplace(repeats, survivor).first->second;
    }
    double value = 0;
    if (horizon > 0 && !series->expected(survivor.alpha, horizon, value)) value = bg_expected(survivor, horizon);
    expected.push_back(value / (1 + std::exp(log_odds_left(process, toss, here))));
  }
  return expected;
}

template <FirstToss toss>
std::vector<double> BetaGeometricNbd<toss>::purchase_probabilities(double horizon, std::size_t most) const {
  return purchase_probabilities(kBgNewcomer, horizon, most);
}

template <FirstToss toss>
std::vector<double> BetaGeometricNbd<toss>::purchase_probabilities(const PurchaseCell& customer, double horizon,
                                                                   std::size_t most) const {
  check_horizon(horizon);
  return if_alive(probability_alive(customer),
                  bg_masses(bg_survivor(*this, in_units(customer, days_per_unit_)), horizon, most));
}

template <FirstToss toss>
double BetaGeometricNbd<toss>::discounted_purchases(double rate) const {
  return discounted_purchases(kBgNewcomer, rate);
}

template <FirstToss toss>
double BetaGeometricNbd<toss>::discounted_purchases(const PurchaseCell& customer, double rate) const {
  check_rate(rate);
  return probability_alive(customer) * bg_discounted(bg_survivor(*this, in_units(customer, days_per_unit_)), rate);
}

template <FirstToss toss>
void BetaGeometricNbd<toss>::simulate(double horizon, RandomStream& stream, std::vector<double>& times) const {
  simulate(kBgNewcomer, horizon, stream, times);
}

template <FirstToss toss>
void BetaGeometricNbd<toss>::simulate(const PurchaseCell& customer, double horizon, RandomStream& stream,
                                      std::vector<double>& times) const {
  check_horizon(horizon);
  if (stream.uniform() > probability_alive(customer)) return;
  bg_simulate(bg_survivor(*this, in_units(customer, days_per_unit_)), horizon, stream, times);
}

template class BetaGeometricNbd<FirstToss::no>;
template class BetaGeometricNbd<FirstToss::yes>;

BgNbd fit_bg_nbd(const CellCounts<PurchaseCell>& customers, const ValueFitOptions& options) {
  return {fit_beta_geometric(customers, FirstToss::no, "BG/NBD", options), options.days_per_unit};
}

MbgNbd fit_mbg_nbd(const CellCounts<PurchaseCell>& customers, const ValueFitOptions& options) {
  return {fit_beta_geometric(customers, FirstToss::yes, "MBG/NBD", options), options.days_per_unit};
}

}  // namespace putki
