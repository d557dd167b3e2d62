#pragma once
// Brute force over the mixing distributions: what the models integrate in closed form, summed on a fine grid of the
// customers' own parameters. The trapezoid rule on ln(lambda) and on logit(p) converges geometrically.

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <cmath>
#include <vector>

namespace putki::test {

struct Node {
  double value;
  double weight;
};

/// Gamma(shape, rate)
inline std::vector<Node> gamma_nodes(double shape, double rate, double step = 0.15) {
  std::vector<Node> nodes;
  const double low = std::log(shape / rate) - 45 / std::min(shape, 5.0);
  for (double y = low; y < std::log((shape + 60) / rate); y += step) {
    const double log_weight = shape * (y + std::log(rate)) - rate * std::exp(y) - boost::math::lgamma(shape);
    if (log_weight > -28) nodes.push_back({std::exp(y), step * std::exp(log_weight)});
  }
  return nodes;
}

/// Beta(a, b)
inline std::vector<Node> beta_nodes(double a, double b, double step = 0.2) {
  std::vector<Node> nodes;
  const double constant = boost::math::lgamma(a + b) - boost::math::lgamma(a) - boost::math::lgamma(b);
  for (double y = -38 / std::min(a, 1.0); y < 38 / std::min(b, 1.0); y += step) {
    const double p = 1 / (1 + std::exp(-y));
    const double log_weight = constant - a * std::log1p(std::exp(-y)) - b * std::log1p(std::exp(y));
    if (log_weight > -28) nodes.push_back({p, step * std::exp(log_weight)});
  }
  return nodes;
}

template <class Function>
double mixed(const std::vector<Node>& first, const std::vector<Node>& second, Function&& f) {
  double sum = 0;
  for (const Node& one : first)
    for (const Node& other : second)
      if (const double weight = one.weight * other.weight; weight > 1e-14) sum += weight * f(one.value, other.value);
  return sum;
}

}  // namespace putki::test
