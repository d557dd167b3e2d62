#pragma once
/// \file
/// Stage cards as a figure. See figure.hpp.

#include <putki/funnel/readiness.hpp>
#include <putki/funnel/stage_card.hpp>
#include <putki/funnel/stage_stock.hpp>
#include <putki/report/figure.hpp>

namespace putki {

/// A card for every open and on-hold stage: deals there now and how many are overdue; how many its arrivals and pace
/// explain, with limits; the median stay; where most go next; and as a line how many were there at the end of each of
/// the last 26 periods of `stocks` (weeks, say), over a band of the number expected.
///
/// Overdue are the deals that `readiness` marks so; pass nothing and cards do not speak of it. At most 24 cards, those
/// of the stages with the most deals now or come in the window; `computed` says how many are left out.
///
/// The title names the stage that is fullest (z above 2), else the emptiest (z below -2), else says that none stands
/// out; as the text report does. InvalidArgument: stocks with stages, and not as many as the graph.
Figure stage_cards_figure(const StageCards& cards, const StageStocks& stocks, const Readiness* readiness = nullptr,
                          const FigureOptions& options = {});

}  // namespace putki
