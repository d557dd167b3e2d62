#pragma once
/// \file
/// Who is won in which period, by pushing mass forward: what the simulation draws from.
///
/// Shares nothing with DatedPassage, which looks backward from a deadline: here a cell's unit of mass starts in its
/// stage at its age and is moved day by day along the chances of DatedHazards; what arrives in won stages is noted
/// under the period of that day. Mass that enters a stage is offered its chances of age 0 on the same day, again and
/// again until next to nothing moves on.
///
/// Cost: O(days x stages x ages x cells); linear in the horizon.

#include "forecast/scenarios.hpp"

namespace putki {

struct WinMasses {
  Matrix cell;                  ///< periods x cells: chance that a deal of the cell is won in the period
  Matrix new_wins;              ///< periods x segments: expected number of new deals won
  std::vector<double> created;  ///< [segment]: expected number of deals created in the whole horizon
};

/// Groups that do not differ are one, of one segment. `periods` cover the days of the horizon without gaps.
WinMasses push_wins(const Scenario& scenario, std::span<const DealCells::Cell> cells,
                    std::span<const double> entry_shares, std::span<const HorizonPeriod> periods,
                    const GroupEffects& groups);

}  // namespace putki
