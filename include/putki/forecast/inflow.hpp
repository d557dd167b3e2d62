#pragma once
/// \file
/// New deals still to come: how many on each day of the horizon, with their uncertainty.
///
/// A regression of the deals created per day. Counts n_t are negative binomial with variance m + alpha m^2 around
///
///     m_t = exp(intercept + day type + growth (t - T) / year + season_t + u_t - sigma^2 / 2),
///
/// T the last day seen. Day types are those of day_type.hpp, public holidays among them. *Growth* goes on as it was but
/// fades: on day d ahead it has worked for tau (1 - exp(-d / tau)) days, half of its pace gone after
/// `growth_half_life`. *Season*, two harmonics of the year, only when two years were seen: in one, season and growth
/// cannot be told apart. u is a *level* that strays and returns, an AR(1) process in its steady state: a surge is
/// carried on for as long as surges last here, and a jump that nothing takes back looks like one of long memory.
///
/// Priors, all centred on "nothing special", so that a short history is not read as a trend: day type deviation 1,
/// growth 0.5 a year, harmonic k 0.3 / k, sigma half-Cauchy with the scale of `usual_deviation`, alpha log-normal
/// around 0.05. Penalised likelihood; alpha by its profile; half-life (4 to 324 days) and sigma on a grid of 35 points,
/// weighted by their evidence. At each point the posterior of coefficients and level is normal around the joint mode
/// (Laplace), see Zeger 1988 for the model and Rue, Martino & Chopin 2009 for this way of fitting it.
///
/// A history's first day is there because a deal was created on it, and may be part of a day: it only tells when the
/// history began. When nothing came after it, half a deal in that time is taken as the rate (Jeffreys), or, with no day
/// after it, the day itself. No deals at all: rate 0 for certain.
///
/// A small value, some 100 numbers a grid point kept, of which 10 to 35 are. Cost of a fit: 3 to 4 ms a year of days.
///
/// How good it is, on 200 invented histories of each kind (tests/forecast/inflow_simulations.hpp): percent of outcomes
/// in the 50, 80 and 95 % intervals (chance alone: within 7, 6 and 3), bias and CRPS of the deals of the next 28 days
/// and 91 days, in percent of their mean. A season within a single year is not seen (season_years).
///
/// | kind | 28 days: in | bias | CRPS | 91 days: in | bias | CRPS |
/// |---|---|---|---|---|---|---|
/// | flat | 52, 84, 98 | -0.0 | 3.64 | 52, 86, 98 | -0.0 | 2.75 |
/// | weekly rhythm | 54, 86, 96 | +0.2 | 4.16 | 54, 88, 97 | +0.0 | 3.15 |
/// | growth 30 % a year | 63, 87, 98 | +0.9 | 3.63 | 63, 91, 98 | -0.1 | 2.71 |
/// | growth 200 % a year | 60, 86, 98 | +0.1 | 3.87 | 56, 88, 98 | -2.2 | 3.42 |
/// | a break | 62, 90, 96 | -0.7 | 5.89 | 64, 90, 97 | -0.3 | 6.43 |
/// | season, two years | 59, 86, 96 | +1.0 | 3.61 | 65, 88, 98 | +0.4 | 2.61 |
/// | season, one year | 34, 66, 93 | +0.8 | 8.13 | 21, 44, 80 | +1.8 | 14.32 |
/// | season, four years | 55, 86, 100 | +0.4 | 3.16 | 56, 89, 97 | -0.1 | 2.14 |
/// | overdispersed | 52, 84, 98 | +2.1 | 8.81 | 58, 90, 98 | +1.8 | 6.26 |
/// | a level that strays | 41, 74, 90 | +0.5 | 12.80 | 50, 76, 94 | +3.1 | 12.87 |
/// | one deal a month | 43, 91, 100 | +5.8 | 55.31 | 53, 88, 97 | +6.9 | 34.30 |
/// | two weeks of history | 62, 90, 100 | +1.4 | 6.00 | 66, 93, 100 | +1.6 | 5.51 |
/// | one day of history | 49, 81, 94 | +2.7 | 16.57 | 51, 81, 95 | +2.7 | 16.12 |

#include <putki/core/calendar.hpp>
#include <putki/core/matrix.hpp>
#include <putki/core/random.hpp>
#include <putki/stats/dated_statistics.hpp>

#include <vector>

namespace putki {

struct InflowOptions {
  /// Prior scale of sigma, on the log scale: how far the level usually strays. 0: no level, only regression.
  double usual_deviation = 0.2;
  /// Prior deviation of growth, log a year; 0: no growth.
  double usual_growth = 0.5;
  /// Days after which half of the growth's pace is gone.
  double growth_half_life = 180;
  /// Prior deviation of the first harmonic of the year, on the log scale; 0: no season.
  double usual_season = 0.3;
  /// Years of history with which a season is looked for. With 1, what a single year shows is taken for its season as
  /// readily as for growth: right for a business known to be seasonal, wider and worse by half where there is none.
  double season_years = 2;
  /// Only the last so many days are looked at.
  int most_days = 1'461;
};

struct InflowModel {
  /// Deals created per calendar day, over the days looked at. All rates scale with it.
  double per_day = 0;
  /// Without courses rates are the same on all days and known as w days tell them: with n deals in them n / w, of which
  /// over H days ahead Var = rate (dispersion / w + (dispersion - 1) / H), gamma.
  double dispersion = 1;
  double window_days = 0;  ///< w
  BusinessCalendar calendar = {};
  /// One point of the grid that still carries weight: posterior of the log rate over per_day.
  struct Course {
    double weight;
    double persistence;                ///< phi
    double deviation;                  ///< sigma
    std::vector<double> coefficients;  ///< intercept, seven day types, growth, then cosine and sine of each harmonic
    Matrix spread;                     ///< lower Cholesky factor of their covariance
    double level;                      ///< posterior mode of u on the last day
    std::vector<double> level_slopes;  ///< how its mean moves with the coefficients
    double level_deviation;            ///< its deviation given them
  };
  std::vector<Course> courses = {};  ///< weights sum to 1
  double day_dispersion = 0;         ///< alpha
  double growth_half_life = 180;

  /// Expected creations on each of `days` days from `begin`, which follows the last day seen.
  std::vector<double> expected_rates(Day begin, int days) const;
  /// The same, drawn with its uncertainty, the scatter of single days included: given it, creations are Poisson.
  /// `where` in (0, 1) picks the course, so that callers can spread draws evenly; `mirrored` turns every normal around
  /// (antithetic draws).
  std::vector<double> draw_rates(RandomStream& random, Day begin, int days, double where, bool mirrored) const;
};

/// InvalidArgument: identity statistics, options below 0 or not finite, a half-life or years
/// of 0, no days to look at.
InflowModel fit_inflow(const DatedStatistics& statistics, const BusinessCalendar& calendar = {},
                       const InflowOptions& options = {});

}  // namespace putki
