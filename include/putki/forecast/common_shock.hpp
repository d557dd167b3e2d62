#pragma once
/// \file
/// What moves all deals together: the law of the common shift of their log-odds.
///
/// Deals do not win independently: a campaign, a holiday, a slow back office move them together, and a forecast without
/// that is too narrow. And what ran above or below its forecasts for some weeks (larger deals, a better team) will not
/// stop tomorrow. The shift of the log-odds of every deal in week i is
///
///     x_i = u_i + s z_i - s^2 / 2,     u_i = -d^2 / 2 + phi (u_{i-1} + d^2 / 2) + d sqrt(1 - phi^2) e_i,
///
/// s the size of a shock that lasts a week, u a level that strays by d and returns, phi = 2^(-1 / half-life), z and e
/// standard normal; E exp(x) = 1 when nothing is known. Over the days [begin, end) of a horizon of n = end - begin days
/// the shock has the deviation s sqrt(7 / n) (of at most a week), and the level, last seen as N(m, v), enters with its
/// mean over those days: with r = phi^(1/7), and day k of the horizon k + 4 days after the middle of the last week,
///
///     Var(mean of u) = (v - d^2) (mean r^(k+4))^2 + d^2 (n + 2 sum_{k<n} (n - k) r^k) / n^2,
///
/// so that it fades with the horizon.
///
/// What is not known about s, d, the half-life and u is kept as a weighted grid. A small value.

#include <vector>

namespace putki {

struct CommonShock {
  /// One point of the grid.
  struct Point {
    double weight = 1;
    double size = 0;             ///< s, on the log-odds, per week
    double drift = 0;            ///< d, standard deviation of the level
    double half_life_weeks = 1;  ///< of the level
    double level = 0;            ///< m, of the last week seen
    double variance = 0;         ///< v

    /// The shift over days [begin, end) of a horizon that follows the last week seen is normal with this mean and
    /// standard deviation.
    struct Shift {
      double mean;
      double sd;
    };
    Shift over(int begin, int end) const;
    bool is_none() const { return size == 0 && drift == 0; }
    friend bool operator==(const Point&, const Point&) = default;
  };
  std::vector<Point> points;  ///< weights sum to 1; empty: no shock

  double mean_size() const;
  /// Expected factor on the odds in the next week, E exp(x): what recent weeks say about the next one.
  double expected_factor() const;
  /// Moments of the whole grid as one point, for who wants no draws.
  Point typical() const;

  /// What is believed before any forecast has met its week: sizes log-normal around 0.1 with log-deviation 0.35; no
  /// drift with 9/10, else half-normal with scale 0.1; half-lives of 2, 4, 8 and 16 weeks alike.
  static CommonShock prior();
  /// One size for certain, no drift; 0 is none. InvalidArgument: below 0 or not finite.
  static CommonShock of_size(double size);
};

}  // namespace putki
