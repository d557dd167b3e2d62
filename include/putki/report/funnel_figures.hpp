#pragma once
/// \file
/// The funnel as a figure. See figure.hpp.

#include <putki/funnel/stage_reach.hpp>
#include <putki/funnel/summary.hpp>
#include <putki/report/figure.hpp>

namespace putki {

/// For every open, on-hold and won stage: the share of deals that came as far (bars), and what became of the visits to
/// it within `reach.days` (a bar of shares that fill it): advanced, lost to each end, went back or aside, still there.
/// Open visits are censored. Losses to an end are read from `summary` at the age of `reach`, so that they add up to its
/// `lost`.
///
/// The two largest lost ends are told apart, the others added up; of more than 30 stages the 30 that most deals reached
/// are shown, `computed` says how many are not. The title names the stage with the most losses (20 or more in all).
///
/// InvalidArgument: `summary` is not read at the age `reach.days`, or is of another number of stages.
Figure funnel_figure(const FunnelSummary& summary, const ReachAndTransition& reach, const FigureOptions& options = {});

}  // namespace putki
