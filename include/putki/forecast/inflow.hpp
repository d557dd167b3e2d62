#pragma once
/// \file
/// New deals still to come: a rate with its uncertainty.
///
/// With n deals created in the last w days the rate is n / w a day. Weekly counts scatter more than a Poisson law
/// allows: phi, their variance over mean (at least 1), says by how much. For the mean rate over the next H days both
/// the unknown level and that scatter matter,
///
///     Var(rate) = rate (phi / w + (phi - 1) / H),
///
/// which a gamma law with this mean and variance carries; given the rate, creations are Poisson. No deals in the
/// window: rate 0 for certain.

#include <putki/core/random.hpp>
#include <putki/events/as_of.hpp>

namespace putki {

struct InflowOptions {
  /// Whole weeks looked back on; fewer when the history is shorter.
  int weeks = 8;
};

struct InflowModel {
  double per_day = 0;      ///< deals created per calendar day
  double dispersion = 1;   ///< phi
  double window_days = 0;  ///< w

  /// A rate for a horizon of this many days, drawn with its uncertainty.
  double draw_rate(RandomStream& random, int horizon_days) const;
};

/// From the deals created before the view's first unknown day. InvalidArgument: weeks below 1.
InflowModel fit_inflow(const AsOf& view, const InflowOptions& options = {});

}  // namespace putki
