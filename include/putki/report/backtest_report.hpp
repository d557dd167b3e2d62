#pragma once
/// \file
/// A backtest for people (tables) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. In the tables money is in whole currency units with thousands
/// commas, or in thousands, millions and so on, which the legend then says. JSON: numbers as numbers, days as ISO
/// strings; what has no value (means over no origins, skill against a perfect baseline) is null.

#include <putki/evaluate/backtest.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"horizons": [{"days", "origins": [{"as_of", "actual", "mean", "q10", "q90", "crps", "pit"}], "mae", "crps",
///   "coverage80", "bias", "baselines": {"run_rate": {"mae", "crps"}, "stage_weighted": .., "past_windows": ..,
///   "chain_ladder": ..}, "skill": {"run_rate", "stage_weighted", "past_windows", "chain_ladder"}}]}`
///
/// `mae` and `bias` are of the mean, `bias` forecast minus actual, `coverage80` the share of outcomes in [q10, q90].
std::string to_json(const Backtest& backtest);

/// A line per horizon (error, CRPS and its frontier, coverage, bias), then one per horizon and baseline (error, CRPS,
/// skill and the p-value of the difference), with a legend below. At most 80 columns.
void write_table(std::ostream& out, const Backtest& backtest);

}  // namespace putki
