#pragma once
/// \file
/// The characteristic function of revenue, averaged over scenarios, on many frequencies at once.

#include "forecast/revenue_inversion.hpp"

#include <complex>
#include <span>
#include <vector>

namespace putki {

/// Splits an amount between two neighbours on a lattice, keeping the mean; step 0 leaves amounts as they are.
struct Lattice {
  double step = 0;
  /// exp(iw amount), or its mean over the two neighbours
  std::complex<double> phase(double frequency, double amount) const;
};

class CharacteristicFunction {
 public:
  explicit CharacteristicFunction(const RevenueProblem& problem);

  /// Window that revenue leaves with probability below 1e-11 on either side in every scenario, by Chernoff's bound on
  /// the scenarios' extremes.
  struct Window {
    double lower;
    double upper;
  };
  Window window() const;

  /// Smallest standard deviation of revenue in any scenario, the few deals that make up most of it taken as known.
  double narrowest_sd() const { return narrowest_sd_; }
  /// Those of k = 0 .. count - 1 at whose frequency k x step |phi| may be above 1e-11 in some scenario; none of the
  /// others is. Frequencies up to `surely` are taken unseen.
  std::vector<std::size_t> frequencies_that_matter(double step, std::size_t count, double surely) const;
  /// Some frequency can be ruled out at all: there are enough deals or new wins.
  bool dies_out() const;

  /// phi at the given frequencies, ascending and not below 0; of the case that only deals with an amount win, and no
  /// new ones, when `without_new` is set.
  std::vector<std::complex<double>> operator()(const std::vector<double>& frequencies, Lattice lattice = {},
                                               bool without_new = false) const;

  std::size_t known_deals() const { return known_.size(); }
  double largest_new_wins() const { return largest_new_wins_; }

 private:
  bool may_matter(double frequency) const;
  /// Cumulants of a cell's revised deals, by order from 1 and scenario; `powers` are sums of amount^order.
  void add_revised_cumulants(std::uint32_t cell, std::span<const double> powers,
                             std::span<std::vector<double>> cumulants) const;
  double variance_without_giants(double variance, std::size_t scenario) const;

  struct Known {
    double amount;
    std::uint32_t cell;
  };
  /// A term of the decay bound: factor 1 - 2 weight (1 - cos(w amount)) of |phi|^2.
  struct Decay {
    double amount;
    double weight;
  };
  const RevenueProblem& problem_;
  std::size_t scenarios_;
  std::vector<Known> known_;                    // ascending by amount
  std::vector<double> missing_;                 // deals without amount, by cell
  std::vector<double> least_, most_;            // win probability over scenarios, by cell
  std::vector<Decay> deal_decay_, new_decay_;   // strongest first
  std::vector<double> ratios_, ratio_weights_;  // of the revision; one ratio of 1 when there is none
  double smallest_new_wins_ = 0, largest_new_wins_ = 0;
  double narrowest_sd_ = 0, widest_sd_ = 0;
};

}  // namespace putki
