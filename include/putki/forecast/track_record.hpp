#pragma once
/// \file
/// The pipeline's own past forecasts against what came, and what they say about the next one.
///
/// The model is fitted as it would have been 7, 14, .. days ago, and forecasts one and four weeks. Each point of the
/// common shock's grid (common_shock.hpp) says how likely the outcomes were; likelihood times prior gives its weight.
/// The weeks are taken in order of time: a point's level is predicted, meets the week, and is updated by the moments of
/// its posterior (an assumed-density filter); so the level is learnt from short windows. Four weeks from the same
/// origin, at the level known there, count with the power 1/4, as four of them share every week: they say whether the
/// shocks of weeks add up to those of months. Given the shift a forecast is a normal law per parameter draw, mean and
/// variance scaled by its exponential.

#include <putki/core/progress.hpp>
#include <putki/core/time.hpp>
#include <putki/forecast/common_shock.hpp>

#include <map>
#include <vector>

namespace putki {

class AsOf;
struct ForecastModelOptions;

/// A value that can be kept and extended: an entry uses nothing known after its windows, so all later days may share
/// it. Empty: the prior.
class TrackRecord {
 public:
  /// What one window brought, and how likely that was under each common shift of the forecast.
  struct Window {
    double actual;                    ///< revenue of the window
    std::vector<double> log_density;  ///< at the shifts kLeastShift, kLeastShift + kShiftStep, ..
  };
  struct Origin {
    Window week;
    std::vector<Window> four_weeks;  ///< none when they have not passed yet
  };

  TrackRecord() = default;
  /// From windows that were kept. InvalidArgument: a window without its kShifts finite log-densities, more than one of
  /// four weeks.
  explicit TrackRecord(std::map<Day, Origin> origins);

  /// Adds the origins 7, 14, .. days before the view's day and what is not there yet of them: at most `kMostWeeks`,
  /// none in the first six weeks of the history. An origin's model is fitted from the view of its day.
  void extend(const AsOf& view, const ForecastModelOptions& options);
  /// The posterior from windows that ended by `day` and begin a whole number of weeks before it.
  CommonShock shock(Day day) const;

  const std::map<Day, Origin>& origins() const { return origins_; }

  static constexpr int kMostWeeks = 26;
  static constexpr double kLeastShift = -1.5;
  static constexpr double kShiftStep = 0.025;
  static constexpr int kShifts = 121;

 private:
  std::map<Day, Origin> origins_;
};

}  // namespace putki
