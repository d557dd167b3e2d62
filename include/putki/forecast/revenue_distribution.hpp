#pragma once
/// \file
/// A distribution of revenue, in currency units.
///
/// Three forms behind one face. *Discrete*: atoms, exact steps, for few or evenly sized deals. *Cosine*: a
/// Fourier-cosine series on a window outside which less than 1e-9 lies, for many deals (Fang & Oosterlee 2008).
/// *Sample*: equally weighted simulated values. Mean and standard deviation are kept from the exact moments, not from
/// the form.
///
/// A value; safe to read from several threads. cdf costs O(log atoms) or O(terms).

#include <span>
#include <vector>

namespace putki {

class RevenueDistribution {
 public:
  enum class Form { discrete, cosine, sample };

  /// No revenue, for certain.
  RevenueDistribution();
  /// Values in any order, equal ones merged; probabilities are scaled to sum to 1. InvalidArgument: sizes differ,
  /// nothing given, a value that is not finite, a probability below 0.
  static RevenueDistribution from_atoms(std::vector<double> values, std::vector<double> probabilities);
  static RevenueDistribution from_sample(std::vector<double> values);
  /// cdf(x) = coefficients[0] u / 2 + sum_k coefficients[k] sin(k pi u) / (k pi), u = (x - lower) / (upper - lower).
  static RevenueDistribution from_cosine(double lower, double upper, std::vector<double> coefficients, double mean,
                                         double sd);

  Form form() const { return form_; }
  double mean() const { return mean_; }
  double sd() const { return sd_; }
  /// P(revenue <= x)
  double cdf(double x) const;
  /// P(revenue >= x): includes an atom at x.
  double probability_at_least(double x) const;
  /// Smallest x with cdf(x) >= p. InvalidArgument: p outside [0, 1].
  double quantile(double p) const;
  /// The same distribution, moved by a certain amount (what is already booked).
  RevenueDistribution shifted(double amount) const;

  /// Discrete and sample forms: ascending values and the cdf at each. Empty for cosine.
  std::span<const double> points() const { return points_; }
  std::span<const double> cumulative() const { return cumulative_; }

  /// Cosine form: the window and the series, as given to `from_cosine`. Empty for the others.
  double lower() const { return lower_; }
  double upper() const { return upper_; }
  std::span<const double> coefficients() const { return coefficients_; }

 private:
  Form form_ = Form::discrete;
  double mean_ = 0;
  double sd_ = 0;
  std::vector<double> points_;
  std::vector<double> cumulative_;
  double lower_ = 0;
  double upper_ = 0;
  std::vector<double> coefficients_;
};

}  // namespace putki
