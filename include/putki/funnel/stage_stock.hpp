#pragma once
/// \file
/// Stock and arrivals of every stage, period by period: how many deals stood there at the end of each, how many came.
///
/// `at_end` of a period counts the deals whose stage it is after the last event of the period's last local day; of the
/// last period, which the view cuts, at the view. `entered` counts visits begun on the period's days: a deal that comes
/// back counts again. A visit that begins and ends within one period is in `entered` alone. So for every stage and
/// period, always,
///
///     at_end = at_end of the period before + entered - visits left
///
/// and the deals at the end of a period, over all stages, are those created by then: stacked, they are the cumulative
/// flow diagram. In won and lost stages deals pile up unless they are reopened.
///
/// How this differs from what CRMs show. Snapshots taken nightly lose what came and went on one day and cannot be drawn
/// for the time before they were switched on; "deals created by month, by stage" shows where old deals are today.
///
/// The periods run without gaps from the first event of the log to the view. Cost: one pass over stages and days, O(log
/// periods) a visit; memory stages x periods. No deals: no periods, no stages.

#include <putki/core/period.hpp>
#include <putki/events/as_of.hpp>

#include <cstdint>
#include <vector>

namespace putki {

struct StageStock {
  std::vector<std::uint64_t> at_end;   ///< by period: deals there
  std::vector<std::uint64_t> entered;  ///< by period: visits begun
  friend bool operator==(const StageStock&, const StageStock&) = default;
};

/// Stocks of shards of deals, merged, are those of the whole; the default value is the identity.
struct StageStocks {
  PeriodUnit unit = PeriodUnit::week;
  Timestamp as_of{};
  Day known_before{};              ///< first day of which not all is known
  std::vector<Period> periods;     ///< without gaps; the first may begin before the log, the last end after the view
  std::vector<StageStock> stages;  ///< one per stage of the graph, in its order
  /// InvalidArgument (ErrorCode::incompatible) when units, instants, first unknown days or numbers of stages differ and
  /// neither side is the identity.
  void merge(const StageStocks& other);
  friend bool operator==(const StageStocks&, const StageStocks&) = default;
};

/// A view of a log without known events gives the identity.
StageStocks stage_stocks(const AsOf& view, PeriodUnit unit = PeriodUnit::week);

}  // namespace putki
