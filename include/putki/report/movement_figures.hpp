#pragma once
/// \file
/// What moved the pipeline, as figures. See figure.hpp.

#include <putki/funnel/movement.hpp>
#include <putki/report/figure.hpp>

namespace putki {

/// The waterfall from the pipeline at the start to that at the end, in money; in deals when no amount is known. Lines
/// without deals are left out, but for start, created, won, lost and end. Bars and labels are those of
/// MovementTable::lines, which add up to the cent; where all movement is small beside the pipeline the axis is cut, and
/// says so. The title is the change and the line that did most for it. No deal in any line: a table of zeros and no
/// picture.
Figure movement_figure(const Movement& movement, const FigureOptions& options = {});

/// Where deals stood at the start and where they stand at the end: a Sankey diagram of MovementTable::flows, ribbons as
/// wide as their number of deals. The ten stages of most deals have a place of their own among the open ones, and the
/// three among the won and among the lost; the others share one each, which says how many they are. The table lists the
/// hundred largest flows, the smaller ones as one row. The title says what became of most deals open at the start.
Figure movement_flow_figure(const Movement& movement, const FigureOptions& options = {});

}  // namespace putki
