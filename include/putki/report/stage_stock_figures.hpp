#pragma once
/// \file
/// The cumulative flow diagram. See figure.hpp.

#include <putki/funnel/stage_stock.hpp>
#include <putki/report/figure.hpp>

namespace putki {

/// Deals in each open and on-hold stage at the end of every period, one stage above the other, the first on top. At
/// most the last 160 periods; the seven stages that held the most deals over them are told apart, the others added up.
///
/// The title compares the deals open now with those 13 periods before (or at the end of the first).
///
/// InvalidArgument: stocks with stages, and not as many as the graph.
Figure stock_figure(const StageGraph& graph, const StageStocks& stocks, const FigureOptions& options = {});

}  // namespace putki
