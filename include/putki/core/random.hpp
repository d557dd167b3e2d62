#pragma once
/// \file
/// Counter-based random streams: the same numbers at any thread count.
///
/// A stream is (seed, stream number); its n-th block of bits is a pure function of those three, so parallel work gives
/// each item its own stream number and the result does not depend on who computed it. Generator: Philox 4x32-10
/// (Salmon, Moraes, Dror & Shaw 2011). Every pair of 64-bit seed and stream number is a different stream of 2^65
/// numbers.
///
/// The samplers are our own, since those of <random> differ between libraries. `bits`, `uniform` and `below` are the
/// same on every platform; the others also call `log`, `exp`, `pow` and `sqrt`, and so are the same wherever the C
/// library rounds those alike (any glibc since 2.28).
///
/// A stream is a small value (48 bytes): copy it to replay it; not for use by two threads at once. Arguments outside
/// what is allowed, NaN included, throw InvalidArgument and draw nothing.
///
/// | draw | ns, one core | method |
/// |---|---|---|
/// | `bits`, `uniform`, `below` | 5 | |
/// | `normal` | 13 | inverse distribution function (Wichura 1988, AS 241): one uniform a draw |
/// | `exponential` | 10 | inverse: one uniform a draw |
/// | `gamma` | 25, 45 below shape 1 | Marsaglia & Tsang 2000 |
/// | `beta` | 50, 100 with a or b below 1 | two gammas, as logarithms where they are small |
/// | `poisson` | 10-40 | inversion below a mean of 20, then PTRS (Hoermann 1993) |
/// | `binomial` | 15-70 | inversion below a mean of 20, then BTRS (Hoermann 1993) |

#include <array>
#include <cstdint>

namespace putki {

/// One block: 4 x 32 random bits from a 4 x 32 counter under a 2 x 32 key.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

class RandomStream {
 public:
  /// At the beginning of the stream. Seed and stream number may be anything, 0 and neighbours included.
  RandomStream(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  /// 64 random bits. Draws 2n and 2n + 1 are the block of counter (n, stream) under key (seed), low words first.
  std::uint64_t bits() {
    if (used_ == buffer_.size()) refill();
    return buffer_[used_++];
  }
  /// Uniform on the open interval (0, 1): one of the 2^52 odd multiples of 2^-53, symmetric about 1/2.
  double uniform() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }
  /// Uniform on 0 .. n - 1, without bias (Lemire 2019). n > 0.
  std::uint64_t below(std::uint64_t n);

  /// Mean 0, standard deviation 1. Increases with the uniform it is made of; |x| < 8.3.
  double normal();
  /// Mean 1.
  double exponential();
  /// Mean and variance `shape`, scale 1; shape from 1e-300 to 1e300. A draw of a shape below 0.05 may round to 0.
  double gamma(double shape);
  /// Mean a / (a + b); a and b from 1e-300 to 1e300. A draw may round to 0 or 1.
  double beta(double a, double b);
  /// Mean 0 (always 0) to 1e18. Above 2^53 draws are multiples of the spacing of doubles there.
  std::uint64_t poisson(double mean);
  /// Successes among `trials` of probability 0 to 1; 0 and 1 give 0 and `trials`. Above 2^53 trials as for `poisson`.
  std::uint64_t binomial(std::uint64_t trials, double probability);

 private:
  void refill();

  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t block_ = 0;
  std::array<std::uint64_t, 2> buffer_{};
  std::uint64_t used_ = 2;
};

}  // namespace putki
