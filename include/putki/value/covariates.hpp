#pragma once
/// \file
/// Purchase models whose customers differ by what is known of them: the source that brought them, the region, the
/// first basket.
///
/// BG/NBD, MBG/NBD and Pareto/NBD with covariates z that do not change with time, on both processes (Fader & Hardie
/// 2007, Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models). Customers still differ
/// beyond their covariates, by the same distributions; z moves these:
///
///     purchases   alpha_i = alpha e^(-g'z)                                      all three
///     leaving     beta_i = beta e^(-g'z)                                        Pareto/NBD
///                 a_i = a e^(g'z),  b_i = b e^(h'z)                             BG/NBD and MBG/NBD
///
/// Why so: a customer's rate lambda_i = lambda_0 e^(g'z) with lambda_0 ~ Gamma(r, rate alpha), proportional rates as
/// in a Cox regression; a gamma variable times c is gamma with its rate over c, so that lambda_i ~ Gamma(r, rate alpha
/// e^(-g'z)), and likewise mu_i. The likelihood of a customer is then that of the plain model at his own parameters.
/// e^g is the ratio of mean rates that one unit of the covariate makes: of purchases for alpha, of leaving for beta.
/// For the beta distribution there is no such family, and each of its parameters gets effects of its own, as in the
/// paper: a_i / b_i, the mean chance of leaving after a purchase over that of staying, changes by e^(g - h). Some
/// packages (CLVTools) hold g = h; a covariate then leaves the mean a / (a + b) as it is and can only say how much
/// customers differ.
///
/// Everything is fitted together by maximum likelihood, Newton's method with exact derivatives: of a customer,
/// d l / d g_k = z_k (d l / d ln a_i), minus that for alpha and beta, and so on for the second ones. Covariates are
/// shifted and scaled to mean 0 and deviation 1 for the search; what is reported is on their own scale. The base
/// parameters are those of a customer whose covariates are all 0.
///
/// Text becomes numbers as one 0/1 column for each value but the commonest. More columns than the data can bear make
/// everything uncertain: mind the limits and the likelihood ratio, not the values.
///
/// Values, safe to read from several threads. Cost: a plain fit's for each distinct vector of covariates and step: two
/// columns for 23,570 customers take 8 ms where they make 8 groups and 60 ms where everybody differs (Pareto/NBD 50 and
/// 120 ms).

#include <putki/value/bg_nbd.hpp>
#include <putki/value/pareto_nbd.hpp>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace putki {

/// Customers' records, grouped by their covariates: default = identity of `merge`, shards add up to the whole.
class CovariateStatistics {
 public:
  CovariateStatistics() = default;
  /// InvalidArgument: a name that is empty or comes twice.
  explicit CovariateStatistics(std::vector<std::string> names);

  /// `count` more customers of this record; `values` in the order of the names. InvalidArgument: another number of
  /// values, one that is not finite, or a record that cannot be; nothing is added then.
  void add(const PurchaseCell& cell, std::span<const double> values, std::uint64_t count = 1);
  /// InvalidArgument where both have customers and the names are not the same.
  void merge(const CovariateStatistics& other);
  friend bool operator==(const CovariateStatistics&, const CovariateStatistics&) = default;

  const std::vector<std::string>& names() const { return names_; }
  bool empty() const { return groups_.empty(); }
  std::uint64_t customers() const;
  /// By values, ascending.
  const std::map<std::vector<double>, CellCounts<PurchaseCell>>& groups() const { return groups_; }
  /// All records, whatever the covariates.
  CellCounts<PurchaseCell> purchases() const;

 private:
  std::vector<std::string> names_;
  std::map<std::vector<double>, CellCounts<PurchaseCell>> groups_;
};

/// What one unit of a covariate does to one parameter.
struct CovariateEffect {
  std::string covariate;
  std::string parameter;  ///< "alpha", "beta", "a" or "b"
  double value = 0;       ///< g: above 0 buys more often (alpha), leaves sooner (beta, a), stays longer (b)
  /// Nothing when it was given or the data do not decide it.
  std::optional<double> std_error = std::nullopt;

  /// value -+ z std_error; infinite without one. InvalidArgument: level not inside (0, 1).
  Interval interval(double level = 0.95) const;
  /// Wald test of value = 0, two-sided; 1 without a standard error.
  double p_value() const;
};

/// A statistic that is about chi-square with so many degrees of freedom if there is no effect.
struct EffectTest {
  double chi_square = 0;
  std::size_t degrees_of_freedom = 0;
  double p_value = 1;
};

template <class Model>
class CovariateModel {
 public:
  /// Known parameters. `effects` of the covariates on the first parameter that has any (see effect_parameters), then
  /// on the next. InvalidArgument: names that are empty or come twice, effects that are not finite or another number
  /// than parameters times covariates.
  CovariateModel(const Model& base, const std::vector<std::string>& covariates, std::span<const double> effects);
  /// "alpha", "beta"; "alpha", "a", "b"
  static std::vector<std::string> effect_parameters();

  const std::vector<std::string>& covariates() const { return covariates_; }
  /// The parameters where all covariates are 0, and how the fit of everything went.
  const ParameterFit& base() const { return base_; }
  /// By parameter, then covariate.
  const std::vector<CovariateEffect>& effects() const { return effects_; }
  /// Of ln of the base parameters, then of the effects. 0 x 0 when they were given.
  const Matrix& covariance() const { return covariance_; }
  /// Twice the log-likelihood gained over the plain model; nothing when the parameters were given.
  const std::optional<EffectTest>& likelihood_ratio() const { return likelihood_ratio_; }
  /// Wald's test that this covariate has no effect on anything: fair where its effects on a and b, which go together,
  /// are each uncertain. InvalidArgument: no such covariate.
  EffectTest test(std::size_t covariate) const;

  /// The plain model of customers with these covariates, with the standard errors and the covariance that follow.
  /// InvalidArgument: another number of values, one that is not finite, or so far out that a parameter overflows.
  Model model_for(std::span<const double> values) const;
  double log_likelihood(const CovariateStatistics& customers) const;
  /// A draw of all parameters and effects together from the normal law of the estimates; the same where they were
  /// given. Models of several groups must come from one draw: what is not known is common to them.
  CovariateModel draw(RandomStream& stream) const;

 private:
  template <class Any>
  friend CovariateModel<Any> fit_with_covariates(const CovariateStatistics& customers, const ValueFitOptions& options);

  ParameterFit base_;
  double days_per_unit_;
  std::vector<std::string> covariates_;
  std::vector<CovariateEffect> effects_;
  Matrix covariance_;
  std::optional<EffectTest> likelihood_ratio_;
};

/// Maximum likelihood: fit_with_covariates<BgNbd>(customers). Without a covariate it is the plain fit. NotEnoughData
/// as the plain fits, and with fewer customers than parameters. InvalidArgument: a covariate that is the same for
/// everybody, or a combination of those before it (both could have any effect; the message says which). One that is
/// nearly a combination is a warning. Where the likelihood has no maximum (nobody of a group ever came back) there are
/// no standard errors and a warning says why.
template <class Model>
CovariateModel<Model> fit_with_covariates(const CovariateStatistics& customers, const ValueFitOptions& options = {});

}  // namespace putki
