#pragma once
/// \file
/// Figures of the forecast with what customers bring again: how much will come, how sure that is, and how much of it is
/// the pipeline's and how much the customers'. See figure.hpp.
///
/// Amounts are in currency units, shares and chances in [0, 1], days local. All numbers are those of the forecast, as
/// its JSON has them (recurring_report.hpp), and more quantiles; sums over several periods are those of its draws. At
/// most 100 periods are drawn; `computed` says what was left out. A forecast of nothing gives figures without a picture
/// whose title says so. Pure functions. Cost: that of sorting the draws once a period. InvalidArgument: a locale that
/// is not known.

#include <putki/forecast/recurring_revenue.hpp>
#include <putki/report/figure.hpp>

#include <optional>

namespace putki {

/// Revenue from the first day on, all parts in it, added up, as a fan: the middle and where 50, 80 and 95 % of the
/// outcomes lie, with what is booked and the target. With a target the title says the chance of reaching it by the last
/// day.
Figure revenue_figure(const RecurringForecast& forecast, std::optional<double> target = std::nullopt,
                      const FigureOptions& options = {});

/// The chance that revenue of the whole horizon is at least so much, as of a forecast without customers.
Figure chance_figure(const RecurringForecast& forecast, std::optional<double> target = std::nullopt,
                     const FigureOptions& options = {});

/// Each period's revenue by itself: the middle and where 50, 80 and 95 % of the outcomes lie.
Figure periods_figure(const RecurringForecast& forecast, const FigureOptions& options = {});

/// The parts of each period's expected revenue: booked, of deals open now, of deals not yet created, and recurring. The
/// title names the largest.
Figure parts_figure(const RecurringForecast& forecast, const FigureOptions& options = {});

/// Recurring revenue of each period: from today's customers and from those still to be won, and in the table below
/// what it stays with a chance of 10, 50 and 90 %.
Figure recurring_figure(const RecurringForecast& forecast, const FigureOptions& options = {});

/// What the variance of each period's revenue, and of the total, is made of: a bar a period, in shares that add up
/// to 1. A share below 0 (a part that makes up for others) lies left of the zero line. A period without variance has no
/// bar.
Figure variance_figure(const RecurringForecast& forecast, const FigureOptions& options = {});

/// All of them. The figure of the periods is left out where there is one only.
PageSection recurring_section(const RecurringForecast& forecast, std::optional<double> target = std::nullopt,
                              const FigureOptions& options = {});

}  // namespace putki
