#pragma once
/// \file
/// Figures of a forecast: how much will come, how sure that is, and what it is made of. See figure.hpp.
///
/// Amounts are in currency units, shares and chances in [0, 1], days local. All numbers are those of the forecast, as
/// its JSON has them (forecast_report.hpp), and more quantiles. At most 100 periods are drawn; `computed` says what was
/// left out. A forecast of nothing gives figures without a picture whose title says so. Pure functions.
/// InvalidArgument: a locale that is not known.

#include <putki/forecast/forecast.hpp>
#include <putki/report/figure.hpp>

#include <optional>
#include <span>

namespace putki {

/// Revenue from the first day on, added up, as a fan: the middle and where 50, 80 and 95 % of the outcomes lie, with
/// what is booked and the target. `running` as from running_totals(); empty: the whole horizon alone. With a target the
/// title says the chance of reaching it by the last day.
Figure revenue_figure(const Forecast& forecast, std::span<const PeriodForecast> running,
                      std::optional<double> target = std::nullopt, const FigureOptions& options = {});

/// Each period's revenue by itself: the middle and where 50, 80 and 95 % of the outcomes lie.
Figure periods_figure(const Forecast& forecast, const FigureOptions& options = {});

/// The chance that revenue of the whole horizon is at least so much, for amounts from one that is nearly sure to one
/// that is nearly out of reach, and at the target. Few possible amounts are shown one by one.
Figure chance_figure(const Forecast& forecast, std::optional<double> target = std::nullopt,
                     const FigureOptions& options = {});

/// The parts of each period's expected revenue: booked, of deals open now, of deals not yet created.
Figure parts_figure(const Forecast& forecast, const FigureOptions& options = {});

/// What the variance of each period's revenue, and of the total, is made of: a bar a period, in shares. A period
/// without variance has no bar.
Figure variance_figure(const Forecast& forecast, const FigureOptions& options = {});

/// All of them. The figure of the periods is left out where there is one only.
PageSection forecast_section(const Forecast& forecast, std::span<const PeriodForecast> running,
                             std::optional<double> target = std::nullopt, const FigureOptions& options = {});

}  // namespace putki
