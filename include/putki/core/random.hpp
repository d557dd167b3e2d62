#pragma once
/// \file
/// Counter-based random streams: the same bits at any thread count, on every platform.
///
/// A stream is (seed, stream number); its n-th number is a pure function of those three, so parallel work gives each
/// item its own stream number and the result does not depend on who computed it. Generator: Philox 4x32-10
/// (Salmon, Moraes, Dror & Shaw 2011). The samplers are our own, since those of <random> differ between libraries.
/// A stream is a small value; not for use by two threads at once.

#include <array>
#include <cstdint>

namespace putki {

/// One block: 4 x 32 random bits from a 4 x 32 counter under a 2 x 32 key.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  std::uint64_t bits();
  /// Uniform on the open interval (0, 1), 53 bits.
  double uniform();
  double normal();
  double exponential();
  /// Shape > 0, scale 1.
  double gamma(double shape);
  double beta(double a, double b);
  /// Mean >= 0.
  std::uint64_t poisson(double mean);
  std::uint64_t binomial(std::uint64_t trials, double probability);
  /// Uniform on 0 .. n-1; n > 0.
  std::uint64_t below(std::uint64_t n);

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t block_ = 0;
  std::array<std::uint64_t, 2> buffer_{};
  unsigned left_ = 0;
};

}  // namespace putki
