#pragma once
/// \file
/// Who wins in a draw, when, and what it brings: the common ground of simulated forecasts.
///
/// simulation.hpp says what is joint and how the common shock enters. Draw r has the random stream (seed, r) and
/// scenario r modulo their number, so the same options and periods give the same wins whoever asks for them, at any
/// thread count.
///
/// Safe to use from several threads, each with a workspace of its own. The model must outlive it.

#include "forecast/scenarios.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace putki {

/// Of a new deal where the model's segments are alike.
inline constexpr std::uint32_t kNoSegment = ~std::uint32_t{0};

struct DrawnWin {
  std::uint32_t period;
  bool is_open;  ///< a deal open today; false: one not yet created
  double amount;
  std::uint32_t of;  ///< the deal's place in the pipeline; of a new one the model's segment, or kNoSegment
};

/// Where the chances of winning in each period come from. Both give the same, but for rounding.
enum class WinChanceSource {
  pushed_forward,  ///< mass pushed day by day: shares nothing with the exact forecast, which it checks
  first_passage,   ///< as the exact forecast: several times faster, most so with many deals
};

class WinDraws {
 public:
  /// `periods` cover the horizon's days without gaps. The input has been checked.
  WinDraws(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options,
           std::vector<HorizonPeriod> periods, WinChanceSource chances, unsigned threads);

  struct Workspace {
    std::vector<double> weekly, levels, factors, chances;
  };
  Workspace workspace() const;

  /// Adds what the wins of a draw bring to revenue[period]. One period: sums of deals together, without telling them
  /// apart, from the same law as `wins` but not the same draw.
  void add_revenue(std::uint64_t draw, Workspace& work, std::span<double> revenue) const;
  /// Appends the wins of a draw, those of open deals first. Wins must be uncertain (Uncertainties::wins).
  void wins(std::uint64_t draw, Workspace& work, std::vector<DrawnWin>& wins) const;
  /// What is expected of each period, open deals and new ones together: of the law drawn from, but for the draws in
  /// which a deal's shifted chances come to more than 1.
  struct Expected {
    double wins = 0;
    double amount = 0;  ///< that they bring
  };
  std::vector<Expected> expected() const;

  struct Prepared;  ///< of the implementation

 private:
  std::shared_ptr<const Prepared> prepared_;
};

}  // namespace putki
