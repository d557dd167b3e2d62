#include <putki/value/gamma_gamma.hpp>

#include <putki/core/error.hpp>

#include "value/fitting.hpp"
#include "value/log_gamma.hpp"

#include <fmt/format.h>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace putki {
namespace {

// Means beyond are drawn as this: a finite number that amounts can be drawn around.
constexpr double kLargestMean = 1e300;

std::vector<std::string> gamma_gamma_names() {
  return {"p", "q", "gamma"};
}

// Customers of as many purchases, with their totals x z.
struct SpendGroup {
  double purchases;
  double customers = 0;
  double log_totals = 0;
  double constant = 0;  // of the density: sum of ln x - ln total
  std::vector<double> totals, counts;
};
std::vector<SpendGroup> spend_groups(const CellCounts<SpendCell>& customers) {
  std::vector<SpendGroup> groups;
  for (const auto& [cell, count] : customers.cells()) {
    if (cell.total.minor <= 0) continue;
    if (groups.empty() || groups.back().purchases != cell.purchases)
      groups.push_back({.purchases = static_cast<double>(cell.purchases), .totals = {}, .counts = {}});
    SpendGroup& group = groups.back();
    const double total = cell.total.units(), n = static_cast<double>(count), log_total = std::log(total);
    group.customers += n;
    group.log_totals += n * log_total;
    group.constant += n * (std::log(group.purchases) - log_total);
    group.totals.push_back(total);
    group.counts.push_back(n);
  }
  return groups;
}

// With y = x z the likelihood is Gamma(px + q) / (Gamma(px) Gamma(q)) gamma^q y^(px) / (gamma + y)^(px + q) x / y.
double gamma_gamma_log_likelihood(const std::vector<SpendGroup>& groups, std::span<const double> at,
                                  std::span<double> gradient, Matrix& hessian) {
  const double p = at[0], q = at[1], gamma = at[2], log_gamma = std::log(gamma);
  const double digamma_q = boost::math::digamma(q), trigamma_q = boost::math::trigamma(q);
  const double log_gamma_q = boost::math::lgamma(q);
  double value = 0;
  for (const SpendGroup& group : groups) {
    double logs = 0, inverses = 0, squares = 0;
    for (std::size_t i = 0; i < group.totals.size(); ++i) {
      const double sum = gamma + group.totals[i], inverse = group.counts[i] / sum;
      logs += group.counts[i] * std::log(sum);
      inverses += inverse;
      squares += inverse / sum;
    }
    const double x = group.purchases, n = group.customers, px = p * x, shape = px + q;
    const double digamma = boost::math::digamma(shape), trigamma = boost::math::trigamma(shape);
    value += n * (log_gamma_ratio(px, q) - log_gamma_q + q * log_gamma) + px * group.log_totals - shape * logs +
             group.constant;
    gradient[0] += x * (n * (digamma - boost::math::digamma(px)) + group.log_totals - logs);
    gradient[1] += n * (digamma - digamma_q + log_gamma) - logs;
    gradient[2] += n * q / gamma - shape * inverses;
    hessian(0, 0) += n * x * x * (trigamma - boost::math::trigamma(px));
    hessian(1, 0) += n * x * trigamma;
    hessian(2, 0) -= x * inverses;
    hessian(1, 1) += n * (trigamma - trigamma_q);
    hessian(2, 1) += n / gamma - inverses;
    hessian(2, 2) += shape * squares - n * q / (gamma * gamma);
  }
  mirror_lower_triangle(hessian);
  return value;
}

double above_one(double numerator, double shape) {
  return shape > 1 ? numerator / (shape - 1) : std::numeric_limits<double>::infinity();
}

}  // namespace

GammaGamma::GammaGamma(double p, double q, double gamma)
    : fit_(given_parameters(gamma_gamma_names(), std::array{p, q, gamma}, "Gamma-Gamma")) {}

GammaGamma::GammaGamma(ParameterFit fit, std::uint64_t left_out) : fit_(std::move(fit)), left_out_(left_out) {
  check_values(fit_, gamma_gamma_names(), "Gamma-Gamma");
}

GammaGamma GammaGamma::with_parameters(std::span<const double> values) const {
  return GammaGamma(given_parameters(gamma_gamma_names(), values, "Gamma-Gamma"));
}

double GammaGamma::log_likelihood(const CellCounts<SpendCell>& customers) const {
  std::array<double, 3> gradient{};
  Matrix hessian(3, 3);
  return gamma_gamma_log_likelihood(spend_groups(customers), fit_.values, gradient, hessian);
}

double GammaGamma::expected_spend() const {
  return above_one(p() * gamma(), q());
}

double GammaGamma::expected_spend(const SpendCell& customer) const {
  check_cell(customer);
  const double total = std::max(0.0, customer.total.units());
  return above_one(p() * (gamma() + total), p() * customer.purchases + q());
}

double GammaGamma::simulate_mean(RandomStream& stream) const {
  return std::min(kLargestMean, p() * gamma() / stream.gamma(q()));
}

double GammaGamma::simulate_mean(const SpendCell& customer, RandomStream& stream) const {
  check_cell(customer);
  const double total = std::max(0.0, customer.total.units());
  return std::min(kLargestMean, p() * (gamma() + total) / stream.gamma(p() * customer.purchases + q()));
}

double GammaGamma::simulate_total(double mean, std::uint64_t purchases, RandomStream& stream) const {
  if (!(mean >= 0) || !std::isfinite(mean))
    throw InvalidArgument(fmt::format("mean amount {}; 0 or more is allowed", mean));
  return purchases == 0 ? 0 : mean / p() * stream.gamma(p() * static_cast<double>(purchases));
}

GammaGamma fit_gamma_gamma(const CellCounts<SpendCell>& customers, const GammaGammaOptions& options) {
  const ValueFitOptions of_fit{.most_iterations = options.most_iterations};
  check_options(of_fit);
  const std::vector<SpendGroup> groups = spend_groups(customers);
  double used = 0, totals = 0, purchases = 0;
  for (const SpendGroup& group : groups) {
    used += group.customers;
    purchases += group.customers * group.purchases;
    for (std::size_t i = 0; i < group.totals.size(); ++i) totals += group.counts[i] * group.totals[i];
  }
  if (groups.empty())
    throw NotEnoughData(
        fmt::format("Gamma-Gamma: {} customers with priced repeat purchases, none of a total above 0; one is needed",
                    customers.total()));
  ParameterFit fit = fit_positive(
      gamma_gamma_names(), {2, 2, totals / purchases / 2},
      [&](std::span<const double> at, std::span<double> gradient, Matrix& hessian) {
        return gamma_gamma_log_likelihood(groups, at, gradient, hessian);
      },
      of_fit);
  fit.customers = static_cast<std::uint64_t>(used);
  return GammaGamma(std::move(fit), customers.total() - static_cast<std::uint64_t>(used));
}

}  // namespace putki
