#include <putki/value/contract.hpp>

#include <putki/core/error.hpp>

#include "value/expectation.hpp"
#include "value/fitting.hpp"
#include "value/log_gamma.hpp"
#include "value/purchase_model.hpp"

#include <fmt/format.h>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace putki {
namespace {

// Renewals added one by one; those beyond by an integral.
constexpr double kSummedRenewals = 4000;
// n^c stops here: far beyond what any S can tell apart.
constexpr double kLatest = 1e200;

template <RenewalChance chance>
constexpr std::size_t kContractParameters = chance == RenewalChance::by_age ? 3 : 2;

template <RenewalChance chance>
const char* contract_name() {
  return chance == RenewalChance::by_age ? "beta-discrete-Weibull" : "sBG";
}
template <RenewalChance chance>
std::vector<std::string> contract_parameters() {
  if constexpr (chance == RenewalChance::by_age) return {"gamma", "delta", "c"};
  return {"alpha", "beta"};
}

struct ContractShape {
  double a, b, c;
  double clock(double n) const { return c == 1 ? n : std::min(std::pow(n, c), kLatest); }
  // ln S at clock time v
  double log_survival(double v) const { return log_gamma_ratio(b, a) - log_gamma_ratio(b + v, a); }
  // ln S(n) - ln S(n + 1)
  double log_fall(double n) const {
    if (c == 1) return std::log1p(a / (b + n));
    return log_gamma_ratio(b + clock(n + 1), a) - log_gamma_ratio(b + clock(n), a);
  }
};

// ln S(n) with its derivatives by a, b, c.
struct LogSurvival {
  double value = 0;
  std::array<double, 3> g{};
  std::array<std::array<double, 3>, 3> h{};
};
LogSurvival log_survival(const ContractShape& shape, double n) {
  LogSurvival s;
  if (n == 0) return s;
  const double a = shape.a, b = shape.b, v = shape.clock(n), log_n = std::log(n);
  using boost::math::digamma, boost::math::trigamma;
  const double sum = digamma(a + b) - digamma(a + b + v), sum2 = trigamma(a + b) - trigamma(a + b + v);
  const double part = digamma(b + v) - digamma(b), part2 = trigamma(b + v) - trigamma(b);
  const double slope = digamma(b + v) - digamma(a + b + v), slope2 = trigamma(b + v) - trigamma(a + b + v);
  const double v1 = v * log_n, v2 = v1 * log_n;
  s.value = shape.log_survival(v);
  s.g = {sum, sum + part, slope * v1};
  s.h[0][0] = s.h[1][0] = sum2;
  s.h[1][1] = sum2 + part2;
  s.h[2][0] = -trigamma(a + b + v) * v1;
  s.h[2][1] = slope2 * v1;
  s.h[2][2] = slope2 * v1 * v1 + slope * v2;
  return s;
}

double contract_log_likelihood(const std::vector<Counted<TenureCell>>& cells, const ContractShape& shape,
                               std::span<double> gradient, Matrix& hessian) {
  double value = 0;
  const std::size_t parameters = gradient.size();
  const auto add = [&](double n, const LogSurvival& s) {
    value += n * s.value;
    for (std::size_t i = 0; i < parameters; ++i) {
      gradient[i] += n * s.g[i];
      for (std::size_t j = 0; j <= i; ++j) hessian(i, j) += n * s.h[i][j];
    }
  };
  for (const auto& [cell, count] : cells) {
    const auto n = static_cast<double>(count);
    const LogSurvival here = log_survival(shape, cell.survived);
    add(n, here);
    if (cell.entered > 0) add(-n, log_survival(shape, cell.entered));
    if (!cell.ended) continue;
    // ln(1 - e^-d), d = ln S(n) - ln S(n + 1)
    const LogSurvival next = log_survival(shape, cell.survived + 1.0);
    const double d = shape.log_fall(cell.survived), k = 1 / std::expm1(d);
    LogSurvival fall;
    fall.value = std::log(-std::expm1(-d));
    for (std::size_t i = 0; i < 3; ++i) fall.g[i] = k * (here.g[i] - next.g[i]);
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j <= i; ++j)
        fall.h[i][j] =
            k * (here.h[i][j] - next.h[i][j]) - k * (1 + k) * (here.g[i] - next.g[i]) * (here.g[j] - next.g[j]);
    add(n, fall);
  }
  mirror_lower_triangle(hessian);
  return value;
}

ContractShape contract_shape(std::span<const double> values) {
  return {values[0], values[1], values.size() > 2 ? values[2] : 1};
}

void check_renewals(double renewals) {
  if (!(renewals >= 0) || !std::isfinite(renewals))
    throw InvalidArgument(fmt::format("{} renewals; 0 or more are allowed", renewals));
}

template <RenewalChance chance>
ParameterFit fit_contract(const TenureStatistics& customers, const ValueFitOptions& options) {
  check_options(options);
  const std::vector<Counted<TenureCell>> cells = customers.cells();
  bool ended = false;
  for (const auto& [cell, count] : cells) ended = ended || cell.ended;
  if (!ended)
    throw NotEnoughData(fmt::format("{}: {} customers, none of whom has left; one is needed", contract_name<chance>(),
                                    customers.total()));
  ParameterFit fit = fit_positive(
      contract_parameters<chance>(), std::vector<double>(kContractParameters<chance>, 1.0),
      [&](std::span<const double> at, std::span<double> gradient, Matrix& hessian) {
        return contract_log_likelihood(cells, contract_shape(at), gradient, hessian);
      },
      options);
  fit.customers = customers.total();
  return fit;
}

}  // namespace

template <RenewalChance chance>
ContractModel<chance>::ContractModel(std::span<const double> values)
    : ContractModel(given_parameters(contract_parameters<chance>(), values, contract_name<chance>())) {}

template <RenewalChance chance>
ContractModel<chance>::ContractModel(ParameterFit fit) : fit_(std::move(fit)) {
  check_values(fit_, contract_parameters<chance>(), contract_name<chance>());
}

template <RenewalChance chance>
double ContractModel<chance>::log_likelihood(const TenureStatistics& customers) const {
  std::array<double, kContractParameters<chance>> gradient{};
  Matrix hessian(gradient.size(), gradient.size());
  return contract_log_likelihood(customers.cells(), contract_shape(fit_.values), gradient, hessian);
}

template <RenewalChance chance>
double ContractModel<chance>::survival(double renewals) const {
  return survival_after(0, renewals);
}

template <RenewalChance chance>
double ContractModel<chance>::survival_after(double survived, double further) const {
  check_renewals(survived);
  check_renewals(further);
  const ContractShape shape = contract_shape(fit_.values);
  // Those who survived are a population of their own: theta ~ Beta(a, b + survived^c).
  const double before = shape.clock(survived), after = shape.clock(survived + further);
  return std::exp(log_gamma_ratio(shape.b + before, shape.a) - log_gamma_ratio(shape.b + after, shape.a));
}

template <RenewalChance chance>
double ContractModel<chance>::retention(double renewal) const {
  if (!(renewal >= 1)) throw InvalidArgument(fmt::format("renewal number {}; 1 or more is allowed", renewal));
  return survival_after(renewal - 1, 1);
}

template <RenewalChance chance>
double ContractModel<chance>::expected_renewals(double survived, double periods) const {
  check_renewals(periods);
  double sum = 0;
  for (double t = 1; t <= std::min(periods, kSummedRenewals); ++t) sum += survival_after(survived, t);
  if (periods <= kSummedRenewals) return sum;
  // Euler-Maclaurin: the sum from N + 1 to M is the integral from N + 1/2 to M + 1/2, here over ln t.
  const double low = std::log(kSummedRenewals + .5), high = std::log(std::floor(periods) + .5);
  const int pieces = 2 * static_cast<int>(std::ceil((high - low) * 50) + 1);
  const double step = (high - low) / pieces;
  double integral = 0;
  for (int i = 0; i <= pieces; ++i) {  // Simpson
    const double t = std::exp(low + i * step), weight = i == 0 || i == pieces ? 1 : i % 2 == 1 ? 4 : 2;
    integral += weight * t * survival_after(survived, t);
  }
  return sum + integral * step / 3;
}

template <RenewalChance chance>
double ContractModel<chance>::discounted_renewals(double survived, double rate) const {
  check_renewals(survived);
  check_rate(rate);
  const ContractShape shape = contract_shape(fit_.values);
  if constexpr (chance == RenewalChance::constant)
    // sum_t E q^(t+1) (1 + rate)^-t = (1 + rate) E[q / (rate + theta)]
    return (1 + rate) * beta_expectation(shape.a, shape.b + survived, rate, 1,
                                         [&](double theta, double q) { return q / (rate + theta); });
  const double fall = std::log1p(rate), last = std::ceil(42 / fall);
  double sum = 0;
  for (double t = 0; t < std::min(last, kSummedRenewals); ++t)
    sum += survival_after(survived, t + 1) * std::exp(-fall * t);
  if (last <= kSummedRenewals) return sum;
  const double low = std::log(kSummedRenewals - .5), high = std::log(last);
  const int pieces = 2 * static_cast<int>(std::ceil((high - low) * 100) + 1);
  const double step = (high - low) / pieces;
  double integral = 0;
  for (int i = 0; i <= pieces; ++i) {
    const double t = std::exp(low + i * step), weight = i == 0 || i == pieces ? 1 : i % 2 == 1 ? 4 : 2;
    integral += weight * t * survival_after(survived, t + 1) * std::exp(-fall * t);
  }
  return sum + integral * step / 3;
}

template <RenewalChance chance>
double ContractModel<chance>::discounted_periods(double rate) const {
  return 1 + discounted_renewals(0, rate) / (1 + rate);
}

template <RenewalChance chance>
std::uint64_t ContractModel<chance>::simulate(double survived, std::uint64_t most, RandomStream& stream) const {
  check_renewals(survived);
  const ContractShape shape = contract_shape(fit_.values);
  const double before = shape.clock(survived);
  const double theta = stream.beta(shape.a, shape.b + before), hazard = -std::log1p(-theta);
  // On the clock n^c, life is exponential of rate -ln(1 - theta).
  const double end = before + (hazard > 0 ? stream.exponential() / hazard : INFINITY);
  const double further = std::floor((shape.c == 1 ? end : std::pow(end, 1 / shape.c)) - survived);
  return further >= static_cast<double>(most) ? most : static_cast<std::uint64_t>(std::max(0.0, further));
}

template class ContractModel<RenewalChance::constant>;
template class ContractModel<RenewalChance::by_age>;

Sbg fit_sbg(const TenureStatistics& customers, const ValueFitOptions& options) {
  return Sbg(fit_contract<RenewalChance::constant>(customers, options));
}

BetaDiscreteWeibull fit_beta_discrete_weibull(const TenureStatistics& customers, const ValueFitOptions& options) {
  return BetaDiscreteWeibull(fit_contract<RenewalChance::by_age>(customers, options));
}

}  // namespace putki
