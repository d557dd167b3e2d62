#pragma once
/// \file
/// New deals still to come: how many on each day of the horizon, with their uncertainty.
///
/// Two models behind one face. *A rate*: with n deals created in the last w days the rate is n / w a day. Weekly counts
/// scatter more than a Poisson law allows: phi, their variance over mean (at least 1), says by how much. For the mean
/// rate over the next H days both the unknown level and that scatter matter,
///
///     Var(rate) = rate (phi / w + (phi - 1) / H),
///
/// which a gamma law with this mean and variance carries. *A rhythm*: a mean for each day type over the whole history,
/// times a Level that runs above or below it and returns (level.hpp): a surge is carried on for as long as surges last
/// here. Given the rates, creations are Poisson. No deals: rate 0 for certain.

#include <putki/core/day_type.hpp>
#include <putki/core/random.hpp>
#include <putki/events/as_of.hpp>
#include <putki/model/level.hpp>
#include <putki/stats/dated_statistics.hpp>

#include <array>
#include <vector>

namespace putki {

struct InflowOptions {
  /// Whole weeks looked back on; fewer when the history is shorter.
  int weeks = 8;
};

struct InflowModel {
  double per_day = 0;      ///< deals created per calendar day
  double dispersion = 1;   ///< phi; of the rate model
  double window_days = 0;  ///< w; of the rate model
  /// Mean of each day type over per_day.
  std::array<double, kDayTypes> day_factors = {1, 1, 1, 1, 1, 1, 1};
  BusinessCalendar calendar = {};
  /// Constant for the rate model.
  Level level = {};

  /// Expected creations on each of `days` days from `begin`, which follows the last day seen.
  std::vector<double> expected_rates(Day begin, int days) const;
  /// The same, drawn with its uncertainty; `where` and `mirrored` as Level::draw.
  std::vector<double> draw_rates(RandomStream& random, Day begin, int days, double where, bool mirrored) const;
};

/// The rate model, from the deals created before the view's first unknown day. InvalidArgument: weeks below 1.
InflowModel fit_inflow(const AsOf& view, const InflowOptions& options = {});

/// The rhythm model. The first day of the history may be part of a day and is left out; day types are shrunk to the
/// overall mean by one day's worth. InvalidArgument: identity statistics.
InflowModel fit_inflow_rhythm(const DatedStatistics& statistics, const BusinessCalendar& calendar = {},
                              const LevelOptions& level = {});

}  // namespace putki
