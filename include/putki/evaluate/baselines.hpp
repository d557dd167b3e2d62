#pragma once
/// \file
/// What a forecast has to beat: the simple methods that a sales team would use instead.
///
/// Each takes an as-of view and the days ahead and gives the distribution of the revenue won in the `horizon_days`
/// local days from 00:00 of the view's day, in currency units, as `forecast` does; what the view does not know cannot
/// matter. Wins are those of `wins.hpp`. History is read in whole local days: it begins with the first day that is
/// known as a whole and ends with the day before the view's. No history, or nothing won in it: 0 for certain.
///
/// `horizon_days` 1 to 3,660, else InvalidArgument. Cost: a scan of the known events, milliseconds beside it.

#include <putki/events/as_of.hpp>
#include <putki/forecast/revenue_distribution.hpp>

#include <array>
#include <string_view>

namespace putki {

enum class Baseline { run_rate, stage_weighted, past_windows, chain_ladder };

inline constexpr std::array kBaselines{Baseline::run_rate, Baseline::stage_weighted, Baseline::past_windows,
                                       Baseline::chain_ladder};

/// The word in code and JSON: `run_rate`.
std::string_view name(Baseline baseline);

/// Any of the four below.
RevenueDistribution baseline_forecast(Baseline baseline, const AsOf& view, int horizon_days);

/// Revenue goes on as in the last four weeks: mean revenue per day of the last 28 days (fewer when the history is
/// shorter) times the days ahead. Spread: that of `past_windows` relative to its mean; none when there is no window.
RevenueDistribution run_rate(const AsOf& view, int horizon_days);

/// The textbook weighted pipeline: the amount of each open deal times the win share of its stage, Won / (Won + Lost)
/// of the closed deals that ever were in it. Its known faults are kept: it counts everything that may ever be won and
/// nothing not yet created, whatever the horizon, and shares of closed deals are biased while deals take longer to win
/// than to lose. Deals win or lose independently of each other; sums on a lattice of 1/4096 of the pipeline, with the
/// exact mean. A stage that no closed deal has been in takes the share of all closed deals; an open deal without an
/// amount takes the mean amount of won ones.
RevenueDistribution stage_weighted(const AsOf& view, int horizon_days);

/// What windows of this length brought: every window of `horizon_days` days in the history that begins a whole number
/// of weeks before the view's day, so on the same weekday; each equally likely. When the history is shorter than the
/// horizon: its mean revenue per day times the days ahead, for certain.
RevenueDistribution past_windows(const AsOf& view, int horizon_days);

/// Bookings by the period in which the deal was created, carried forward by the chain ladder (`chain_ladder.hpp`), the
/// part due within the horizon. Periods are counted back from the view's day, so that the last is whole: four weeks
/// ("months") when the history has twelve of them, else weeks; at most the last 60.
///
/// Factors carry a cohort from the first column by which a quarter of the whole is booked; those of earlier columns
/// rest on too little. Up to that column, younger cohorts, and those still to be created, book what the last eight
/// cohorts did on average, with the error that their scatter gives. (A classical triangle knows no future cohorts;
/// without them a month's forecast would be hopeless.) Parts of a period are prorated. The distribution is log-normal
/// with this mean and Mack's standard error, in 400 steps.
RevenueDistribution chain_ladder(const AsOf& view, int horizon_days);

}  // namespace putki
