#pragma once
/// \file
/// The level of a stream of daily counts: does it run above or below what is expected, and for how long will it?
///
/// Counts n_t with known expectations mu_t vary more than Poisson counts and in runs. The model:
///
///     E n_t = mu_t exp(u_t - sigma^2 / 2),  Var n_t = psi E n_t,
///     u_t = phi u_{t-1} + noise, stationary with standard deviation sigma, phi = 2^(-1 / half-life in days),
///
/// so the level returns to 1 and its memory fades with the horizon. Half-life, sigma and psi are not picked but
/// averaged over a grid by their likelihood (Gaussian in the innovations, update of u by Newton's method on its
/// Poisson-like log posterior: an iterated extended Kalman filter, Durbin & Koopman 2012, ch. 10) times the prior
/// below, which without evidence says: no drift.
///
/// Used for new deals per day and for each stage's speed. A small value; cost of a fit: days x grid points (1,080)
/// updates.
///
/// Prior: sigma half-normal with scale 0.2; log psi normal around 0 with scale 1; half-life flat on 2, 4, .. 64 days.

#include <putki/core/random.hpp>

#include <span>
#include <vector>

namespace putki {

struct LevelOptions {
  /// Prior scale of sigma, on the log scale: how far levels usually stray. 0: no level at all.
  double usual_deviation = 0.2;
  /// Days that expect less than this carry no news about the level and are passed over.
  double least_expected = 0.5;
  /// Only the last so many days are looked at: half-lives end at 64 days, and the cost grows with the days.
  int most_days = 400;
};

class Level {
 public:
  /// One point of the grid that still carries weight.
  struct Point {
    double weight;
    double persistence;  ///< phi
    double deviation;    ///< sigma
    double dispersion;   ///< psi
    double level;        ///< posterior mean of u on the last day
    double variance;     ///< and its variance
  };

  /// Always 1.
  Level() = default;
  explicit Level(std::vector<Point> points, double typical_count);

  bool is_constant() const { return points_.empty(); }
  const std::vector<Point>& points() const { return points_; }
  /// Expected factor exp(u - sigma^2/2) `days` after the last day seen, averaged over the grid.
  double expected_factor(int days) const;
  double expected_dispersion() const;
  /// A path of daily factors for the days after the last one seen: the level, and the extra scatter psi - 1 of single
  /// days around it. `where` in (0, 1) picks the grid point, so that callers can spread draws evenly; `mirrored` turns
  /// every normal around (antithetic draws).
  std::vector<double> draw(RandomStream& random, int days, double where, bool mirrored) const;

 private:
  std::vector<Point> points_;  // weights sum to 1
  double typical_count_ = 1;   // a day's expectation, for the scatter of single days
};

/// InvalidArgument: sizes differ, a count or expectation is below 0 or not finite. No days, or none that expects
/// enough: the prior.
Level fit_level(std::span<const double> counts, std::span<const double> expected, const LevelOptions& options = {});

/// A gamma draw of this shape by the Wilson-Hilferty cube of one normal, so that draws can be mirrored; exact draws
/// below shape 1.
double mirrored_gamma(double shape, RandomStream& random, bool mirrored);

}  // namespace putki
