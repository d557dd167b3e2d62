#include <putki/value/bg_bb.hpp>

#include <putki/core/error.hpp>

#include "value/expectation.hpp"
#include "value/fitting.hpp"
#include "value/log_gamma.hpp"
#include "value/purchase_model.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace putki {
namespace {

constexpr double kSummedPeriods = 1000;

// Somebody alive now, who tosses before the next period.
struct BgBbProcess {
  double alpha, beta, gamma, delta;
  double buys() const { return alpha / (alpha + beta); }
};

std::vector<std::string> bg_bb_names() {
  return {"alpha", "beta", "gamma", "delta"};
}

void check_periods(double horizon) {
  if (!(horizon >= 0) || !std::isfinite(horizon) || horizon != std::floor(horizon))
    throw InvalidArgument(fmt::format("horizon {}; a whole number of periods, 0 or more, is allowed", horizon));
}

// The likelihood's terms: alive at the end, and left after period i for i = t_x .. n - 1.
LogSum<4> bg_bb_terms(const BgBbProcess& process, const OpportunityCell& cell, double& alive) {
  const double x = cell.purchases, last = cell.recency, n = cell.opportunities;
  const LogGammaStep bought = log_gamma_step(process.alpha, x);
  LogGammaStep passed = log_gamma_step(process.beta, last - x),
               both = log_gamma_step(process.alpha + process.beta, last), stayed = log_gamma_step(process.delta, last),
               tossed = log_gamma_step(process.gamma + process.delta, last);
  LogSum<4> terms;
  const auto term = [&](double l, double g_gamma, double g_all, double h_gamma, double h_all) {
    const double off = -both.second, off2 = -tossed.second - h_all;
    terms.add(l,
              {bought.first - both.first, passed.first - both.first, g_gamma - tossed.first - g_all,
               stayed.first - tossed.first - g_all},
              {{{bought.second + off, 0, 0, 0},
                {off, passed.second + off, 0, 0},
                {0, 0, h_gamma + off2, 0},
                {0, 0, off2, stayed.second + off2}}});
  };
  const auto advance = [](LogGammaStep& step, double by) {
    step.value += std::log(by);
    step.first += 1 / by;
    step.second -= 1 / (by * by);
  };
  for (double i = last;; ++i) {
    const double here = bought.value + passed.value - both.value + stayed.value - tossed.value;
    if (i == n) {
      term(here, 0, 0, 0, 0);
      alive = here;
      return terms;
    }
    const double all = process.gamma + process.delta + i;
    term(here + std::log(process.gamma / all), 1 / process.gamma, 1 / all, -1 / (process.gamma * process.gamma),
         -1 / (all * all));
    advance(passed, process.beta + i - x);
    advance(both, process.alpha + process.beta + i);
    advance(stayed, process.delta + i);
    advance(tossed, all);
  }
}

double bg_bb_log_likelihood(const std::vector<Counted<OpportunityCell>>& cells, std::span<const double> at,
                            std::span<double> gradient, Matrix& hessian) {
  double value = 0, alive = 0;
  for (const auto& [cell, count] : cells) {
    const LogSum<4> terms = bg_bb_terms({at[0], at[1], at[2], at[3]}, cell, alive);
    value += static_cast<double>(count) * terms.value();
    terms.add_to(static_cast<double>(count), gradient, hessian);
  }
  mirror_lower_triangle(hessian);
  return value;
}

// P(alive at n | history): before the toss that opens period n + 1.
double bg_bb_alive(const BgBbProcess& process, const OpportunityCell& cell) {
  check_cell(cell);
  double alive = 0;
  const LogSum<4> terms = bg_bb_terms(process, cell, alive);
  return std::exp(std::min(0.0, alive - terms.value()));
}

BgBbProcess bg_bb_survivor(const BgBbProcess& process, const OpportunityCell& cell) {
  const double x = cell.purchases, n = cell.opportunities;
  return {process.alpha + x, process.beta + n - x, process.gamma, process.delta + n};
}

double bg_bb_expected(const BgBbProcess& process, double periods) {
  if (periods > kSummedPeriods)
    // sum_{i <= h} q^i = q (1 - q^h) / theta; q^h falls faster than any power: nodes as for one of 10.
    return process.buys() *
           beta_expectation(process.gamma, process.delta, 1 / periods, 10, [&](double theta, double q) {
             return q * -std::expm1(periods * (theta < .5 ? std::log1p(-theta) : std::log(q))) / theta;
           });
  double sum = 0, alive = 1;
  for (double i = 0; i < periods; ++i) sum += alive *= (process.delta + i) / (process.gamma + process.delta + i);
  return process.buys() * sum;
}

std::vector<double> bg_bb_masses(const BgBbProcess& process, double periods, std::size_t most) {
  std::vector<double> masses(most + 1);
  const double both = process.alpha + process.beta;
  for (std::size_t k = 0; k <= most && static_cast<double>(k) <= periods; ++k) {
    // Beta-binomial mass of k in i periods, from i = k on, weighted with leaving after i or staying to the end.
    const auto number = static_cast<double>(k);
    double mass = std::exp(log_gamma_ratio(process.alpha, number) - log_gamma_ratio(both, number));
    double stays =
        std::exp(log_gamma_ratio(process.delta, number) - log_gamma_ratio(process.gamma + process.delta, number));
    for (double i = number; i < periods; ++i) {
      const double all = process.gamma + process.delta + i;
      masses[k] += mass * stays * process.gamma / all;
      stays *= (process.delta + i) / all;
      mass *= (i + 1) / (i + 1 - number) * (process.beta + i - number) / (both + i);
    }
    masses[k] += mass * stays;
  }
  return masses;
}

double bg_bb_discounted(const BgBbProcess& process, double rate) {
  return process.buys() * beta_expectation(process.gamma, process.delta, rate, 1,
                                           [&](double theta, double q) { return q / (rate + theta); });
}

BgBbProcess bg_bb_process(const BgBb& model) {
  return {model.alpha(), model.beta(), model.gamma(), model.delta()};
}

}  // namespace

BgBb::BgBb(double alpha, double beta, double gamma, double delta)
    : fit_(given_parameters(bg_bb_names(), std::array{alpha, beta, gamma, delta}, "BG/BB")) {}

BgBb::BgBb(ParameterFit fit) : fit_(std::move(fit)) {
  check_values(fit_, bg_bb_names(), "BG/BB");
}

BgBb BgBb::with_parameters(std::span<const double> values) const {
  return BgBb(given_parameters(bg_bb_names(), values, "BG/BB"));
}

double BgBb::log_likelihood(const OpportunityStatistics& customers) const {
  std::array<double, 4> gradient{};
  Matrix hessian(4, 4);
  return bg_bb_log_likelihood(customers.cells(), fit_.values, gradient, hessian);
}

double BgBb::probability_alive(const OpportunityCell& customer) const {
  const double stayed = delta() + customer.opportunities;
  return bg_bb_alive(bg_bb_process(*this), customer) * stayed / (gamma() + stayed);
}

double BgBb::expected_purchases(double horizon) const {
  return expected_purchases(OpportunityCell{}, horizon);
}

double BgBb::expected_purchases(const OpportunityCell& customer, double horizon) const {
  check_periods(horizon);
  const BgBbProcess process = bg_bb_process(*this);
  return bg_bb_alive(process, customer) * bg_bb_expected(bg_bb_survivor(process, customer), horizon);
}

std::vector<double> BgBb::purchase_probabilities(double horizon, std::size_t most) const {
  return purchase_probabilities(OpportunityCell{}, horizon, most);
}

std::vector<double> BgBb::purchase_probabilities(const OpportunityCell& customer, double horizon,
                                                 std::size_t most) const {
  check_periods(horizon);
  const BgBbProcess process = bg_bb_process(*this);
  return if_alive(bg_bb_alive(process, customer), bg_bb_masses(bg_bb_survivor(process, customer), horizon, most));
}

double BgBb::discounted_purchases(double rate) const {
  return discounted_purchases(OpportunityCell{}, rate);
}

double BgBb::discounted_purchases(const OpportunityCell& customer, double rate) const {
  check_rate(rate);
  const BgBbProcess process = bg_bb_process(*this);
  return bg_bb_alive(process, customer) * bg_bb_discounted(bg_bb_survivor(process, customer), rate);
}

void BgBb::simulate(double horizon, RandomStream& stream, std::vector<double>& times) const {
  simulate(OpportunityCell{}, horizon, stream, times);
}

void BgBb::simulate(const OpportunityCell& customer, double horizon, RandomStream& stream,
                    std::vector<double>& times) const {
  check_periods(horizon);
  const BgBbProcess process = bg_bb_process(*this);
  if (stream.uniform() > bg_bb_alive(process, customer)) return;
  const BgBbProcess now = bg_bb_survivor(process, customer);
  const double p = stream.beta(now.alpha, now.beta), theta = stream.beta(now.gamma, now.delta);
  for (double i = 1; i <= std::min(horizon, static_cast<double>(kMostSimulated)); ++i) {
    if (stream.uniform() < theta) return;
    if (stream.uniform() < p) times.push_back(i);
  }
}

BgBb fit_bg_bb(const OpportunityStatistics& customers, const ValueFitOptions& options) {
  check_options(options);
  const std::vector<Counted<OpportunityCell>> cells = customers.cells();
  bool bought = false;
  for (const auto& [cell, count] : cells) bought = bought || cell.purchases > 0;
  if (!bought)
    throw NotEnoughData(
        fmt::format("BG/BB: {} customers without a repeat purchase; one with some is needed", customers.total()));
  ParameterFit fit = fit_positive(
      bg_bb_names(), {1, 1, 1, 2},
      [&](std::span<const double> at, std::span<double> gradient, Matrix& hessian) {
        return bg_bb_log_likelihood(cells, at, gradient, hessian);
      },
      options);
  fit.customers = customers.total();
  return BgBb(std::move(fit));
}

}  // namespace putki
