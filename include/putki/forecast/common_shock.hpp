#pragma once
/// \file
/// What moves all deals together, learnt from the pipeline's own past forecasts.
///
/// Deals do not win independently: a campaign, a holiday, a slow back office move them together, and a forecast without
/// that is too narrow. One factor shifts the log-odds of every deal of a forecast; its size is a standard deviation per
/// week, and weeks are independent, so over H days the shift has standard deviation size x sqrt(7 / H).
///
/// The size is learnt: the model is fitted as it would have been 7, 14, .. days ago, forecasts one week, and what that
/// week really brought is likely under some sizes and not under others. Their likelihood times a prior (log-normal
/// around 0.1 with log-deviation 0.35) gives weights to a grid of sizes. Without a past the weights are the prior's.

#include <putki/core/progress.hpp>
#include <putki/core/time.hpp>

#include <map>
#include <vector>

namespace putki {

class AsOf;
struct ForecastModelOptions;

struct CommonShock {
  std::vector<double> sizes;    ///< on the log-odds, per week; empty: no shock
  std::vector<double> weights;  ///< sum to 1

  double mean_size() const;
  /// The prior: what is believed before any forecast has met its week.
  static CommonShock prior();
  /// One size for certain; 0 is none. InvalidArgument: below 0 or not finite.
  static CommonShock of_size(double size);
};

/// One-week forecasts made as of past days, and what the weeks brought. A value that can be kept and extended: a week's
/// entry uses nothing known after that week, so all later days may share it.
class TrackRecord {
 public:
  struct Week {
    double actual;                    ///< revenue of the seven days from the origin
    std::vector<double> log_density;  ///< by size of the prior's grid
  };

  /// Adds the weeks that begin 7, 14, .. days before the view's day and are not there yet: at most `kMostWeeks`, none
  /// in the first six weeks of the history. A week's model is fitted from the view of its first day.
  void extend(const AsOf& view, const ForecastModelOptions& options);
  /// The posterior from weeks that ended by `day` and begin a whole number of weeks before it.
  CommonShock shock(Day day) const;

  const std::map<Day, Week>& weeks() const { return weeks_; }

  static constexpr int kMostWeeks = 26;

 private:
  std::map<Day, Week> weeks_;
};

}  // namespace putki
