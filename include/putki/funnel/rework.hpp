#pragma once
/// \file
/// Rework: deals that go back, how often, and what goes with it in days and in the chance to win.
///
/// A move back is one from an open stage to an open stage of lower rank, as stage_flow.hpp tells `back` from
/// `sideways`; parking a deal on hold is none. Deals reopened out of a won or lost stage are counted apart.
///
/// **The price** compares each deal at the moment it first goes back with comparable deals at that moment: visits to
/// the same stage, at the same age in that stage, of deals that had not gone back before either. Whether those go on,
/// wait or go back later does not matter: who is compared is fixed by what was known at that moment, so no deal is
/// credited with time it had to survive to be in its group. Both are followed from that moment to the deal's next won
/// or lost stage, open deals censored at the view:
///
///     win_difference   P(won within the horizon | goes back now) - P(.. | there at the same age)   (Aalen-Johansen)
///     extra_days       the same for the mean of min(days to any end, horizon)                    (Kaplan-Meier)
///
/// Each deal that goes back brings comparables of total weight 1, at most `most_comparables` of them, spread evenly
/// over those there are by the length of their visit. Deals for whom there are none are left out and counted
/// (`unmatched`). Limits are normal ones from the infinitesimal jackknife, summed by deal, as one deal may be on both
/// sides and often; the weights are taken as given.
///
/// This is association, not effect: it is matched for stage, age and not having gone back, not for what made the deal
/// go back, its size, its owner or the calendar day. A deal that goes back may already have been in trouble.
///
/// How this differs from what CRMs show. They hide loops (the last entry to a stage wins), or compare deals that went
/// back at any time with deals that never did: the latter include all those lost too early to go back, so that rework
/// looks healthy.
///
/// Cost: one pass over the events, then O(visits log visits + c log c), c = moves back x (1 + most_comparables). Nobody
/// went back: counts 0, no price.

#include <putki/core/interval.hpp>
#include <putki/events/as_of.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

/// All moves from one stage back to another.
struct ReworkLoop {
  StageId from;
  StageId to;
  std::uint64_t count = 0;  ///< moves
  std::uint64_t deals = 0;  ///< that made it at least once
  friend bool operator==(const ReworkLoop&, const ReworkLoop&) = default;
};

/// Counts of shards of deals, merged, are those of the whole; the default value is the identity.
struct ReworkCounts {
  std::size_t stage_count = 0;
  std::uint64_t deals = 0;
  std::uint64_t went_back = 0;    ///< deals, at least once
  std::uint64_t moves_back = 0;   ///< moves
  std::uint64_t reopened = 0;     ///< deals that left a won or lost stage for one that is neither
  std::vector<ReworkLoop> loops;  ///< by from, then to
  /// InvalidArgument (ErrorCode::incompatible) when both have stages and not the same number.
  void merge(const ReworkCounts& other);
  friend bool operator==(const ReworkCounts&, const ReworkCounts&) = default;
};

ReworkCounts count_rework(const AsOf& view);

struct ReworkPriceOptions {
  double horizon_days = 90;           ///< above 0
  std::size_t most_comparables = 20;  ///< per deal that goes back, 1 or more
};

/// A figure with its standard error and 95 % limits.
struct PricedFigure {
  double value = 0;
  double std_error = 0;
  Interval limits{0, 0};
};

struct ReworkPrice {
  double horizon_days = 0;
  std::uint64_t matched = 0;                ///< deals that went back and have comparables
  std::uint64_t unmatched = 0;              ///< that have none
  std::uint64_t comparables = 0;            ///< moments of other visits, of all together
  PricedFigure won_back, won_comparable;    ///< chance to win within the horizon
  PricedFigure win_difference;              ///< back - comparable
  PricedFigure days_back, days_comparable;  ///< mean days to any end, those beyond the horizon counted as the horizon
  PricedFigure extra_days;                  ///< back - comparable
};

/// Nothing when no deal that went back has comparables. InvalidArgument for options other than allowed.
std::optional<ReworkPrice> rework_price(const AsOf& view, const ReworkPriceOptions& options = {});

}  // namespace putki
