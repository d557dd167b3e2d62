#include <putki/value/pareto_nbd.hpp>

#include "value/expectation.hpp"
#include "value/fitting.hpp"
#include "value/likelihoods.hpp"
#include "value/log_gamma.hpp"
#include "value/purchase_model.hpp"

#include <boost/math/quadrature/gauss.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <type_traits>
#include <utility>

namespace putki {
namespace {

// A newcomer.
struct ParetoProcess {
  double r, alpha, s, beta;
};

std::vector<std::string> pareto_names() {
  return {"r", "alpha", "s", "beta"};
}

// What a point y adds to the likelihood: e^log_value, with the logarithms and inverses its derivatives are made of.
struct ParetoPoint {
  double log_value, log_alpha, inverse_alpha, log_beta, inverse_beta;
};

constexpr double kLongestPiece = 4, kLargestFall = 8, kNegligibleFall = 42;
constexpr double kShortPiece = 1.6, kSmallFall = 2;

// Calls visit(point, weight) for the nodes of int_{t_x}^T (alpha + y)^-shape (beta + y)^-(s+1) dy; the weight is dy.
// Stops where the integrand has fallen by e^-42.
template <class Visit>
void pareto_nodes(const ParetoProcess& process, double shape, double last, double end, Visit&& visit) {
  const bool alpha_smaller = process.alpha <= process.beta;
  const double origin = std::min(process.alpha, process.beta) + last, apart = std::abs(process.alpha - process.beta);
  const double log_origin = std::log(origin), whole = std::log1p((end - last) / origin);
  if (!(whole > 0)) return;
  // At ln((smaller + y) / (smaller + t_x)) = u, of which `grown` is the exponential.
  const auto at = [&](double u, double grown) {
    const double smaller = origin * grown, larger = smaller + apart;
    const double log_smaller = log_origin + u, log_larger = std::log(larger);
    const double log_alpha = alpha_smaller ? log_smaller : log_larger;
    const double log_beta = alpha_smaller ? log_larger : log_smaller;
    return ParetoPoint{-shape * log_alpha - (process.s + 1) * log_beta, log_alpha,
                       1 / (alpha_smaller ? smaller : larger), log_beta, 1 / (alpha_smaller ? larger : smaller)};
  };
  // of the integrand over u
  const auto log_height = [&](double u) { return at(u, std::exp(u)).log_value + u; };
  const double first = log_height(0);
  double from = 0, from_height = first;
  const auto sum = [&]<unsigned points>(double to, std::integral_constant<unsigned, points>) {
    using Rule = boost::math::quadrature::gauss<double, points>;
    const double middle = 0.5 * (from + to), half = 0.5 * (to - from);
    for (std::size_t i = 0; i < Rule::abscissa().size(); ++i)
      for (const double side : {-1.0, 1.0}) {
        const double u = middle + side * half * Rule::abscissa()[i], grown = std::exp(u);
        visit(at(u, grown), half * Rule::weights()[i] * origin * grown);
      }
  };
  while (from < whole) {
    double to = std::min(whole, from + kLongestPiece), to_height = log_height(to);
    for (int halvings = 0; halvings < 60 && std::abs(to_height - from_height) > kLargestFall; ++halvings) {
      to = 0.5 * (from + to);
      to_height = log_height(to);
    }
    if (!(to > from)) return;  // steeper than the spacing of doubles: what is left is nothing
    if (to - from <= kShortPiece && std::abs(to_height - from_height) <= kSmallFall)
      sum(to, std::integral_constant<unsigned, 8>{});
    else
      sum(to, std::integral_constant<unsigned, 16>{});
    from = to;
    from_height = to_height;
    if (from_height < first - kNegligibleFall) return;
  }
}

// ln of what is in braces, and of its first term alone.
struct ParetoBraces {
  double all, alive;
};
ParetoBraces pareto_braces(const ParetoProcess& process, const UnitCustomer& customer) {
  const double shape = process.r + customer.x;
  const double alive =
      -shape * std::log(process.alpha + customer.age) - process.s * std::log(process.beta + customer.age);
  // The odds of having left: the integral over the first term. They may be large, but not their logarithm.
  const double largest =
      -shape * std::log(process.alpha + customer.t) - process.s * std::log(process.beta + customer.t);
  double left = 0;
  pareto_nodes(process, shape, customer.t, customer.age,
               [&](const ParetoPoint& point, double weight) { left += weight * std::exp(point.log_value - largest); });
  return {largest + std::log(process.s * left + std::exp(alive - largest)), alive};
}

double pareto_alive(const ParetoProcess& process, const UnitCustomer& customer) {
  const ParetoBraces braces = pareto_braces(process, customer);
  return std::exp(std::min(0.0, braces.alive - braces.all));
}

}  // namespace

double pareto_log_likelihood(const std::vector<UnitCustomer>& customers, std::span<const double> at,
                             std::span<double> gradient, Matrix& hessian) {
  const ParetoProcess process{at[0], at[1], at[2], at[3]};
  double value = 0, all = 0, last_x = -1;
  LogGammaStep factor;
  for (const UnitCustomer& customer : customers) {
    const double n = customer.count, x = customer.x, shape = process.r + x, s = process.s;
    if (x != last_x) {
      factor = log_gamma_step(process.r, x);
      last_x = x;
    }
    const double end_alpha = process.alpha + customer.age, end_beta = process.beta + customer.age;
    const double largest = -shape * std::log(process.alpha + customer.t) - s * std::log(process.beta + customer.t);
    // Weighted sums of v = (ln(alpha + y), 1 / (alpha + y), ln(beta + y), 1 / (beta + y)) and of v v'.
    double mass = 0;
    std::array<double, 4> first{};
    std::array<double, 10> second{};
    pareto_nodes(process, shape, customer.t, customer.age, [&](const ParetoPoint& point, double weight) {
      const double w = weight * std::exp(point.log_value - largest);
      const double a = w * point.log_alpha, b = w * point.inverse_alpha, c = w * point.log_beta,
                   d = w * point.inverse_beta;
      mass += w;
      first[0] += a, first[1] += b, first[2] += c, first[3] += d;
      second[0] += a * point.log_alpha, second[1] += b * point.log_alpha, second[2] += b * point.inverse_alpha;
      second[3] += c * point.log_alpha, second[4] += c * point.inverse_alpha, second[5] += c * point.log_beta;
      second[6] += d * point.log_alpha, second[7] += d * point.inverse_alpha, second[8] += d * point.log_beta;
      second[9] += d * point.inverse_beta;
    });
    // Of the terms ln s - shape ln(alpha + y) - (s + 1) ln(beta + y): g = c + M v with c = (0, 0, 1/s, 0) and M the
    // diagonal (-1, -shape, -1, -(s + 1)); the Hessian likewise.
    const std::array<double, 4> scale{-1, -shape, -1, -(s + 1)};
    const double weight = s * mass;
    std::array<double, 4> g{};
    double q[4][4];
    for (std::size_t i = 0; i < 4; ++i) g[i] = s * scale[i] * first[i];
    for (std::size_t i = 0, k = 0; i < 4; ++i)
      for (std::size_t j = 0; j <= i; ++j, ++k) q[i][j] = s * scale[i] * scale[j] * second[k];
    // g g' gains c g' + g c' + c c'; the second derivative by s of ln s takes 1 / s^2 away again.
    q[2][0] += g[0] / s;
    q[2][1] += g[1] / s;
    q[2][2] += 2 * g[2] / s;
    q[3][2] += g[3] / s;
    g[2] += mass;
    q[1][0] -= s * first[1];
    q[1][1] += s * shape * second[2];
    q[3][2] -= s * first[3];
    q[3][3] += s * (s + 1) * second[9];
    // Alive at the end.
    const double log_alpha = std::log(end_alpha), log_beta = std::log(end_beta);
    const double w = std::exp(-shape * log_alpha - s * log_beta - largest);
    const std::array<double, 4> e{-log_alpha, -shape / end_alpha, -log_beta, -s / end_beta};
    for (std::size_t i = 0; i < 4; ++i) {
      g[i] += w * e[i];
      for (std::size_t j = 0; j <= i; ++j) q[i][j] += w * e[i] * e[j];
    }
    q[1][0] -= w / end_alpha;
    q[1][1] += w * shape / (end_alpha * end_alpha);
    q[3][2] -= w / end_beta;
    q[3][3] += w * s / (end_beta * end_beta);

    const double sum = weight + w;
    value += n * (factor.value + largest + std::log(sum));
    for (std::size_t i = 0; i < 4; ++i) {
      const double mean = g[i] / sum;
      gradient[i] += n * mean;
      for (std::size_t j = 0; j <= i; ++j) hessian(i, j) += n * (q[i][j] / sum - mean * (g[j] / sum));
    }
    gradient[0] += n * factor.first;
    hessian(0, 0) += n * factor.second;
    all += n;
  }
  const double log_alpha = std::log(process.alpha), log_beta = std::log(process.beta);
  value += all * (process.r * log_alpha + process.s * log_beta);
  gradient[0] += all * log_alpha;
  gradient[1] += all * process.r / process.alpha;
  gradient[2] += all * log_beta;
  gradient[3] += all * process.s / process.beta;
  hessian(1, 0) += all / process.alpha;
  hessian(1, 1) -= all * process.r / (process.alpha * process.alpha);
  hessian(3, 2) += all / process.beta;
  hessian(3, 3) -= all * process.s / (process.beta * process.beta);
  mirror_lower_triangle(hessian);
  return value;
}

namespace {

double pareto_expected(const ParetoProcess& process, double t) {
  const double rate = process.r / process.alpha, reach = std::log1p(t / process.beta), above = process.s - 1;
  const double exponent = above * reach;
  return rate * process.beta *
         (std::abs(exponent) < 1e-5 ? reach * (1 - 0.5 * exponent) : -std::expm1(-exponent) / above);
}

// w_k if alive at t, and the integral of w_k over the end of life before.
std::vector<double> pareto_masses(const ParetoProcess& process, double t, std::size_t most) {
  const double smaller = std::min(process.alpha, process.beta);
  std::vector<double> masses(most + 1);
  if (t == 0) {
    masses[0] = 1;
    return masses;
  }
  const auto add = [&](double y, double weight) {
    const double log_z = std::log(y / (process.alpha + y));
    double log_mass = -process.r * std::log1p(y / process.alpha);
    for (std::size_t k = 0; k <= most; ++k) {
      masses[k] += weight * std::exp(log_mass);
      log_mass += std::log((process.r + static_cast<double>(k)) / static_cast<double>(k + 1)) + log_z;
    }
  };
  add(t, std::exp(-process.s * std::log1p(t / process.beta)));
  // Pieces of equal length in ln(smaller + y), short enough for any count below `most`.
  const double whole = std::log1p(t / smaller), sharp = std::max(1.0, process.r / 8 + static_cast<double>(most) / 8);
  const double pieces = std::ceil(whole * std::sqrt(sharp) * 2);
  using Rule = boost::math::quadrature::gauss<double, 16>;
  const double half = 0.5 * whole / pieces;
  for (double piece = 0; piece < pieces; ++piece)
    for (std::size_t i = 0; i < Rule::abscissa().size(); ++i)
      for (const double side : {-1.0, 1.0}) {
        const double u = half * (2 * piece + 1 + side * Rule::abscissa()[i]), y = smaller * std::expm1(u);
        const double density = process.s / process.beta * std::exp(-(process.s + 1) * std::log1p(y / process.beta));
        add(y, half * Rule::weights()[i] * smaller * std::exp(u) * density);
      }
  return masses;
}

double pareto_discounted(const ParetoProcess& process, double rate) {
  return at_exponential_time(rate, process.beta / std::max(1.0, process.s),
                             [&](double t) { return pareto_expected(process, t); });
}

void pareto_simulate(const ParetoProcess& process, double horizon, RandomStream& stream, std::vector<double>& times) {
  const double lambda = stream.gamma(process.r) / process.alpha, mu = stream.gamma(process.s) / process.beta;
  if (lambda == 0) return;
  const double end = std::min(horizon, mu > 0 ? stream.exponential() / mu : horizon);
  for (double t = stream.exponential() / lambda; t <= end && times.size() < kMostSimulated;
       t += stream.exponential() / lambda)
    times.push_back(t);
}

// P(alive) of customers of one x, which share int (alpha + y)^-(r+x) (beta + y)^-(s+1) dy: taken once between each two
// of their days, summed from the last day down, so that a customer's part of it is a difference that keeps its digits.
class ParetoTails {
 public:
  // `days`, ascending, in units: of all t_x and T.
  ParetoTails(const ParetoProcess& process, double x, std::vector<double> days)
      : process_(process),
        shape_(process.r + x),
        days_(std::move(days)),
        tail_(days_.size()),
        reference_(at(days_[0])) {
    for (std::size_t i = days_.size() - 1; i-- > 0;) {
      double piece = 0;
      pareto_nodes(process_, shape_, days_[i], days_[i + 1], [&](const ParetoPoint& point, double weight) {
        piece += weight * std::exp(point.log_value - reference_);
      });
      tail_[i] = tail_[i + 1] + piece;
    }
  }
  double alive(const UnitCustomer& customer) const {
    const double last = tail(customer.t), end = tail(customer.age);
    const double here = std::exp(at(customer.age) - reference_);
    // Far below the reference, or digits lost in the difference: by itself.
    if (!(here > 1e-250 && process_.s * end < 1e3 * here)) return pareto_alive(process_, customer);
    return 1 / (1 + process_.s * (last - end) / here);
  }

 private:
  double at(double y) const {
    return -shape_ * std::log(process_.alpha + y) - process_.s * std::log(process_.beta + y);
  }
  double tail(double y) const {
    return tail_[static_cast<std::size_t>(std::lower_bound(days_.begin(), days_.end(), y) - days_.begin())];
  }

  ParetoProcess process_;
  double shape_;
  std::vector<double> days_, tail_;
  double reference_;
};
constexpr std::size_t kFewTails = 4;  // customers of one x for which it is not worth while

ParetoProcess pareto_process(const ParetoNbd& model) {
  return {model.r(), model.alpha(), model.s(), model.beta()};
}
ParetoProcess pareto_survivor(const ParetoNbd& model, const UnitCustomer& customer) {
  return {model.r() + customer.x, model.alpha() + customer.age, model.s(), model.beta() + customer.age};
}

}  // namespace

ParetoNbd::ParetoNbd(double r, double alpha, double s, double beta, double days_per_unit)
    : fit_(given_parameters(pareto_names(), std::array{r, alpha, s, beta}, "Pareto/NBD")),
      days_per_unit_(days_per_unit) {
  check_days_per_unit(days_per_unit);
}

ParetoNbd::ParetoNbd(ParameterFit fit, double days_per_unit) : fit_(std::move(fit)), days_per_unit_(days_per_unit) {
  check_values(fit_, pareto_names(), "Pareto/NBD");
  check_days_per_unit(days_per_unit);
}

ParetoNbd ParetoNbd::with_parameters(std::span<const double> values) const {
  return {given_parameters(pareto_names(), values, "Pareto/NBD"), days_per_unit_};
}

double ParetoNbd::log_likelihood(const CellCounts<PurchaseCell>& customers) const {
  double value = 0;
  for (const auto& [cell, count] : customers.cells()) {
    const UnitCustomer customer = in_units(cell, days_per_unit_);
    value += static_cast<double>(count) * (log_gamma_ratio(r(), customer.x) + r() * std::log(alpha()) +
                                           s() * std::log(beta()) + pareto_braces(pareto_process(*this), customer).all);
  }
  return value;
}

double ParetoNbd::probability_alive(const PurchaseCell& customer) const {
  return pareto_alive(pareto_process(*this), in_units(customer, days_per_unit_));
}

double ParetoNbd::expected_purchases(double horizon) const {
  return expected_purchases(PurchaseCell{}, horizon);
}

double ParetoNbd::expected_purchases(const PurchaseCell& customer, double horizon) const {
  check_horizon(horizon);
  return probability_alive(customer) *
         pareto_expected(pareto_survivor(*this, in_units(customer, days_per_unit_)), horizon);
}

std::vector<double> ParetoNbd::expected_purchases_of_each(std::span<const PurchaseCell> customers,
                                                          double horizon) const {
  check_horizon(horizon);
  const ParetoProcess process = pareto_process(*this);
  std::vector<UnitCustomer> units;
  units.reserve(customers.size());
  for (const PurchaseCell& customer : customers) units.push_back(in_units(customer, days_per_unit_));
  std::vector<std::size_t> order(customers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return units[i].x < units[j].x; });
  std::vector<double> expected(customers.size());
  for (std::size_t first = 0, past = 0; first < order.size(); first = past) {
    const double x = units[order[first]].x;
    while (past < order.size() && units[order[past]].x == x) ++past;
    const auto all = [&](auto&& alive) {
      for (std::size_t i = first; i < past; ++i) {
        const UnitCustomer& customer = units[order[i]];
        expected[order[i]] = alive(customer) * pareto_expected(pareto_survivor(*this, customer), horizon);
      }
    };
    if (past - first < kFewTails) {
      all([&](const UnitCustomer& customer) { return pareto_alive(process, customer); });
      continue;
    }
    std::vector<double> days;
    for (std::size_t i = first; i < past; ++i) days.insert(days.end(), {units[order[i]].t, units[order[i]].age});
    std::sort(days.begin(), days.end());
    days.erase(std::unique(days.begin(), days.end()), days.end());
    const ParetoTails tails(process, x, std::move(days));
    all([&](const UnitCustomer& customer) { return tails.alive(customer); });
  }
  return expected;
}

std::vector<double> ParetoNbd::purchase_probabilities(double horizon, std::size_t most) const {
  return purchase_probabilities(PurchaseCell{}, horizon, most);
}

std::vector<double> ParetoNbd::purchase_probabilities(const PurchaseCell& customer, double horizon,
                                                      std::size_t most) const {
  check_horizon(horizon);
  return if_alive(probability_alive(customer),
                  pareto_masses(pareto_survivor(*this, in_units(customer, days_per_unit_)), horizon, most));
}

double ParetoNbd::discounted_purchases(double rate) const {
  return discounted_purchases(PurchaseCell{}, rate);
}

double ParetoNbd::discounted_purchases(const PurchaseCell& customer, double rate) const {
  check_rate(rate);
  return probability_alive(customer) *
         pareto_discounted(pareto_survivor(*this, in_units(customer, days_per_unit_)), rate);
}

void ParetoNbd::simulate(double horizon, RandomStream& stream, std::vector<double>& times) const {
  simulate(PurchaseCell{}, horizon, stream, times);
}

void ParetoNbd::simulate(const PurchaseCell& customer, double horizon, RandomStream& stream,
                         std::vector<double>& times) const {
  check_horizon(horizon);
  if (stream.uniform() > probability_alive(customer)) return;
  pareto_simulate(pareto_survivor(*this, in_units(customer, days_per_unit_)), horizon, stream, times);
}

ParetoNbd fit_pareto_nbd(const CellCounts<PurchaseCell>& customers, const ValueFitOptions& options) {
  check_options(options);
  const std::vector<UnitCustomer> rows = in_units(customers, options.days_per_unit, "Pareto/NBD");
  const double age = mean_age(rows);
  ParameterFit fit = fit_positive(
      pareto_names(), {1, age, 1, age},
      [&](std::span<const double> at, std::span<double> gradient, Matrix& hessian) {
        return pareto_log_likelihood(rows, at, gradient, hessian);
      },
      options);
  fit.customers = customers.total();
  return {std::move(fit), options.days_per_unit};
}

}  // namespace putki
