#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

namespace putki {

// E f(P), P ~ Beta(a, b), by the trapezoid rule on the logit of P, which converges geometrically: the weight is
// analytic and falls off like e^(a y) and e^(-b y). `f(p, q)` takes p and q = 1 - p, each with its full relative
// precision; it should be constant below p = `scale` * 1e-17 and above q = 1e-17, and no sharper in the logit than
// (1 + p / scale)^(-power) is. That is bounded up to a quarter turn in the imaginary direction whatever its power, so
// the steps need not become smaller for ever. The far tails are summed as the geometric series they are. Relative error
// about 1e-13.
template <class Function>
double beta_expectation(double a, double b, double scale, double power, Function&& f) {
  constexpr double kNegligible = 1e-18, kSteepest = 64;
  const double frequency = 26 + std::sqrt(80 * (a * b / (a + b) + 0.25 * std::min(power, kSteepest)));
  const double step = 2 * std::numbers::pi / frequency;
  const double centre = std::log(a) - std::log(b);
  const auto log_weight = [&](double y) {
    return y < 0 ? a * y - (a + b) * std::log1p(std::exp(y)) : -b * y - (a + b) * std::log1p(std::exp(-y));
  };
  const double peak = log_weight(centre);
  const double lowest = std::min(centre, std::log(std::min(1.0, scale)) - 40), highest = std::max(centre, 40.0);
  double weights = 0, sum = 0;
  const auto visit = [&](double y, double extra) {
    const double w = std::exp(log_weight(y) - peak) * extra;
    const double e = std::exp(-std::abs(y)), small = e / (1 + e), large = 1 / (1 + e);
    const double part = w * (y < 0 ? f(small, large) : f(large, small));
    weights += w;
    sum += part;
    return w < kNegligible * weights && std::abs(part) <= kNegligible * std::abs(sum);
  };
  visit(centre, 1);
  for (double y = centre - step;; y -= step) {
    if (y < lowest) {
      visit(y, 1 / -std::expm1(-a * step));
      break;
    }
    if (visit(y, 1)) break;
  }
  for (double y = centre + step;; y += step) {
    if (y > highest) {
      visit(y, 1 / -std::expm1(-b * step));
      break;
    }
    if (visit(y, 1)) break;
  }
  return sum / weights;
}

// The integral of e^-u f(u / rate) over u > 0, that is E f(time) at an exponential time: the trapezoid rule on ln u.
// f(0) = 0, analytic for Re > 0, about linear below `scale`.
template <class Function>
double at_exponential_time(double rate, double scale, Function&& f) {
  constexpr double kStep = 0.2, kHighest = 3.8;  // e^3.8 = 45
  const double lowest = std::log(std::min(1.0, rate * scale)) - 18;
  double sum = 0;
  for (double s = kHighest; s > lowest; s -= kStep) {
    const double u = std::exp(s);
    sum += u * std::exp(-u) * f(u / rate);
  }
  return kStep * sum;
}

}  // namespace putki
