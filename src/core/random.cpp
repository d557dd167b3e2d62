#include <putki/core/error.hpp>
#include <putki/core/random.hpp>

#include "core/log_mass.hpp"
#include "core/normal_quantile.hpp"

#include <fmt/format.h>

#include <cmath>

namespace putki {
namespace {

__extension__ typedef unsigned __int128 UInt128;

constexpr double kLeastShape = 1e-300;
constexpr double kGreatestShape = 1e300;
constexpr double kGreatestMean = 1e18;
constexpr double kInversionBelow = 20.0;   // mean up to which counts are found by walking up the distribution
constexpr std::uint64_t kWalkLimit = 150;  // of such a mean; beyond lies less than 1e-100

std::uint32_t low(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

using Block = std::array<std::uint32_t, 4>;

// Apart from the public function so that it is inlined in position-independent code too.
inline Block philox(Block counter, std::array<std::uint32_t, 2> key) {
  auto [c0, c1, c2, c3] = counter;
  auto [k0, k1] = key;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * c0;
    const std::uint64_t product2 = std::uint64_t{0xCD9E8D57} * c2;
    c0 = high(product2) ^ c1 ^ k0;
    c1 = low(product2);
    c2 = high(product0) ^ c3 ^ k1;
    c3 = low(product0);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {c0, c1, c2, c3};
}

[[noreturn]] void refuse(const char* what, double given, const char* allowed) {
  throw InvalidArgument(fmt::format("{} {}: {} is allowed", what, given, allowed));
}

void check_shape(const char* what, double shape) {
  if (!(shape >= kLeastShape && shape <= kGreatestShape)) refuse(what, shape, "1e-300 to 1e300");
}

// log of a gamma draw, which for a small shape lies far below the smallest double.
double log_gamma_draw(RandomStream& stream, double shape) {
  if (shape >= 1.0) return std::log(stream.gamma(shape));
  return std::log(stream.gamma(shape + 1.0)) + std::log(stream.uniform()) / shape;
}

std::uint64_t poisson_by_inversion(RandomStream& stream, double mean) {
  for (;;) {
    double rest = stream.uniform();
    double mass = std::exp(-mean);
    for (std::uint64_t k = 0; k < kWalkLimit; mass *= mean / static_cast<double>(++k)) {
      if (rest <= mass) return k;
      rest -= mass;
    }
  }
}

// Hoermann 1993, "The transformed rejection method for generating Poisson random variables", algorithm PTRS.
double poisson_by_rejection(RandomStream& stream, double mean) {
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double squeeze = 0.9277 - 3.6224 / (b - 2.0);
  for (;;) {
    const double u = stream.uniform() - 0.5;
    const double v = stream.uniform();
    const double to_edge = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / to_edge + b) * u + mean + 0.43);
    if (to_edge >= 0.07 && v <= squeeze) return k;
    if (k < 0.0 || (to_edge < 0.013 && v > to_edge)) continue;
    if (std::log(v * inverse_alpha / (a / (to_edge * to_edge) + b)) <= log_poisson_mass(k, mean)) return k;
  }
}

std::uint64_t binomial_by_inversion(RandomStream& stream, double trials, double probability) {
  const double odds = probability / (1.0 - probability);
  for (;;) {
    double rest = stream.uniform();
    double mass = std::exp(trials * std::log1p(-probability));
    for (std::uint64_t k = 0; k < kWalkLimit; ++k) {
      if (rest <= mass) return k;
      rest -= mass;
      mass *= odds * (trials - static_cast<double>(k)) / static_cast<double>(k + 1);
    }
  }
}

// Hoermann 1993, "The generation of binomial random variates", algorithm BTRS. trials * probability >= 10,
// probability <= 1/2.
double binomial_by_rejection(RandomStream& stream, double trials, double probability) {
  const double deviation = std::sqrt(trials * probability * (1.0 - probability));
  const double b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * probability;
  const double centre = trials * probability + 0.5;
  const double alpha = (2.83 + 5.1 / b) * deviation;
  const double squeeze = 0.92 - 4.2 / b;
  const double mode = std::floor((trials + 1.0) * probability);
  for (;;) {
    const double u = stream.uniform() - 0.5;
    const double v = stream.uniform();
    const double to_edge = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / to_edge + b) * u + centre);
    if (to_edge >= 0.07 && v <= squeeze) return k;
    if (k < 0.0 || k > trials) continue;
    const double height = std::log(v * alpha / (a / (to_edge * to_edge) + b));
    if (height <= log_binomial_mass(k, trials, probability) - log_binomial_mass(mode, trials, probability)) return k;
  }
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  return philox(counter, key);
}

void RandomStream::refill() {
  const Block words = philox({low(block_), high(block_), low(stream_), high(stream_)}, {low(seed_), high(seed_)});
  buffer_ = {words[0] | std::uint64_t{words[1]} << 32, words[2] | std::uint64_t{words[3]} << 32};
  ++block_;
  used_ = 0;
}

// Lemire 2019, "Fast random integer generation in an interval".
std::uint64_t RandomStream::below(std::uint64_t n) {
  if (n == 0) refuse("a number below", 0.0, "1 or more");
  UInt128 product = UInt128{bits()} * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t biased = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < biased) product = UInt128{bits()} * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double RandomStream::normal() {
  return normal_quantile_from_centre(uniform() - 0.5);
}

double RandomStream::exponential() {
  return -std::log(uniform());
}

double RandomStream::gamma(double shape) {
  check_shape("gamma shape", shape);
  if (shape < 1.0) return gamma(shape + 1.0) * std::pow(uniform(), 1.0 / shape);
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / (3.0 * std::sqrt(d));
  for (;;) {
    const double x = normal();
    const double root = 1.0 + c * x;
    if (root <= 0.0) continue;
    const double v = root * root * root;
    const double u = uniform();
    if (u < 1.0 - 0.0331 * (x * x) * (x * x)) return d * v;
    if (std::log(u) < 0.5 * x * x + d * (1.0 - v + std::log(v))) return d * v;
  }
}

double RandomStream::beta(double a, double b) {
  check_shape("beta parameter a", a);
  check_shape("beta parameter b", b);
  if (a < 1.0 || b < 1.0) {
    const double log_x = log_gamma_draw(*this, a);
    const double log_y = log_gamma_draw(*this, b);
    return 1.0 / (1.0 + std::exp(log_y - log_x));
  }
  const double x = gamma(a);
  return x / (x + gamma(b));
}

std::uint64_t RandomStream::poisson(double mean) {
  if (!(mean >= 0.0 && mean <= kGreatestMean)) refuse("Poisson mean", mean, "0 to 1e18");
  if (mean < kInversionBelow) return poisson_by_inversion(*this, mean);
  return static_cast<std::uint64_t>(poisson_by_rejection(*this, mean));
}

std::uint64_t RandomStream::binomial(std::uint64_t trials, double probability) {
  if (!(probability >= 0.0 && probability <= 1.0)) refuse("binomial probability", probability, "0 to 1");
  if (probability > 0.5) return trials - binomial(trials, 1.0 - probability);
  const auto n = static_cast<double>(trials);
  if (n * probability < kInversionBelow) return binomial_by_inversion(*this, n, probability);
  const double k = binomial_by_rejection(*this, n, probability);
  return k >= n ? trials : static_cast<std::uint64_t>(k);
}

}  // namespace putki
