#pragma once
/// \file
/// Figures of a backtest: what came against what was forecast, whether the forecasts are calibrated, and what they are
/// worth against simple methods. See figure.hpp.
///
/// Money is in currency units. Numbers are those of the backtest's JSON (backtest_report.hpp); limits of chance are the
/// central 95 % of the binomial distribution for as many independent outcomes. Horizons that overlap make outcomes move
/// together, so that these limits are too narrow: `computed` says so. Horizons without an origin are left out; at most
/// six are shown, and 200 origins in all, the last ones. No origin at all: no picture. Pure functions.
/// InvalidArgument: a locale that is not known.

#include <putki/evaluate/backtest.hpp>
#include <putki/report/figure.hpp>

namespace putki {

/// By horizon and origin: the 80 % interval and the mean that were forecast, and what then came; inside and outside
/// differ in shape and colour. The title judges the coverage by its limits.
Figure outcomes_figure(const Backtest& backtest, const FigureOptions& options = {});

/// By horizon, how often outcomes fell into each fifth (with 30 origins and more: each tenth) of their forecast, and
/// how often they would by chance if the forecasts were right.
Figure pit_figure(const Backtest& backtest, const FigureOptions& options = {});

/// By horizon and level, the share of outcomes inside the central interval of that level. That of 80 % counts an
/// outcome on the border as inside, as the backtest does; others are read off the mid PIT.
Figure coverage_figure(const Backtest& backtest, const FigureOptions& options = {});

/// Skill against each baseline, with the errors and the p-value of the difference; hollow bars may be luck (p of 5 % or
/// more, or too few origins to tell). Bars end at -100 %.
Figure skill_figure(const Backtest& backtest, const FigureOptions& options = {});

/// All four.
PageSection backtest_section(const Backtest& backtest, const FigureOptions& options = {});

}  // namespace putki
