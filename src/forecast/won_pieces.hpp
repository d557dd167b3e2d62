#pragma once
/// \file
/// Expected wins by piece of a horizon: what values that depend on the day of winning are summed over.

#include "forecast/scenarios.hpp"

#include <putki/forecast/margin.hpp>

#include <string_view>
#include <vector>

namespace putki {

/// Throws InvalidArgument on what the public headers of values refuse.
void check_worth_input(double annual_discount, const Margin& margin);

/// The same pieces for exact values and for draws: weeks of the calendar, months past two years.
std::vector<HorizonPeriod> cut_into_won_pieces(const OpenPipeline& pipeline, int horizon_days);

/// From the day of the forecast.
double days_to_middle(const HorizonPeriod& piece, const OpenPipeline& pipeline);
/// What a sum paid in the middle of the piece is worth on the day of the forecast, of 1.
double discounted_to_view(const HorizonPeriod& piece, const OpenPipeline& pipeline, double annual_discount);

struct WonPieces {
  std::vector<HorizonPeriod> pieces;
  Matrix chances;   ///< pieces x cells: of a deal of the cell being won in the piece
  Matrix new_wins;  ///< pieces x segments of the model's groups: expected number of new deals won
};

/// Averaged over the scenarios and, within each, the common shock of the piece: as `simulate` has it of periods.
WonPieces expected_pieces(const ForecastModel& model, const OpenPipeline& pipeline, const DealCells& cells,
                          const ForecastOptions& options);

/// Of open deals only, from the end of the horizon to `days` days after the first day to come: at the posterior means,
/// without shock.
WonPieces pieces_after(const ForecastModel& model, const OpenPipeline& pipeline, const DealCells& cells,
                       int horizon_days, int days);

/// Name of a segment of the model's groups, by which customers are looked up; "" where there are no segments.
std::string_view segment_name(const ForecastModel& model, std::size_t segment);

}  // namespace putki
