#pragma once
/// \file
/// Figures of why a forecast is what it is: where the open deals stand, the largest of them, the levers. See
/// figure.hpp.
///
/// Money is in currency units, over the whole horizon. A hundred thousand deals make no more rows than there are
/// stages, at most 41. Names are cut to 60 characters in titles only. Nothing to show: no picture, a title that says
/// so. Pure functions. InvalidArgument: a locale that is not known.

#include <putki/forecast/explanation.hpp>
#include <putki/report/figure.hpp>

#include <span>

namespace putki {

/// By stage, in the graph's order: how many deals are open, their known amounts, and what they are expected to bring
/// within the horizon. `deals` are all of the open pipeline (deal_parts()). The stages that expect least share a row
/// where there are more than 40.
Figure open_stages_figure(std::span<const DealPart> deals, const StageGraph& graph, const FigureOptions& options = {});

/// The deals with the largest part of the expected revenue, at most 15: amount, chance, and parts of mean and variance.
Figure largest_deals_figure(const Forecast& forecast, const ForecastExplanation& explanation,
                            const FigureOptions& options = {});

/// What a small step of each lever changes about expected revenue, gain or loss, worth most first, at most 15.
Figure levers_figure(const Forecast& forecast, const ForecastExplanation& explanation,
                     const FigureOptions& options = {});

/// All three. `deals` as for open_stages_figure().
PageSection explanation_section(const Forecast& forecast, const ForecastExplanation& explanation,
                                std::span<const DealPart> deals, const FigureOptions& options = {});

}  // namespace putki
