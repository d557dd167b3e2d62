#pragma once
/// \file
/// The cohort triangle as a figure. See figure.hpp.

#include <putki/funnel/cohorts.hpp>
#include <putki/report/figure.hpp>

namespace putki {

/// A row per cohort: the share won by age as a heat map, cells that may yet grow hatched; beside it what the cohort has
/// come to by the horizon, or is expected to, with limits; the last row is all deals together. By deals, not money.
///
/// The title names the cohort that was won most or least often among those whose outcome by the horizon is known, if
/// all deals' share lies outside its Wilson limits at 95 % for as many comparisons as there are cohorts (Bonferroni),
/// cohorts too small for that left aside (fewer than 5 wins or losses to be expected); else that none stands out.
/// Cohorts of fewer than 10 deals are shown but do not set the scales. No deals, or none followed long enough: a table
/// without rows and no picture.
Figure cohorts_figure(const Cohorts& cohorts, const FigureOptions& options = {});

}  // namespace putki
