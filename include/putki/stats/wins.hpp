#pragma once
/// \file
/// What was won and when: the outcome that a revenue forecast is held against.
///
/// A deal is won from the first event of the unbroken run of won stages in which it stands at the view; moving on from
/// one won stage to another is no second win, and a deal that was reopened counts when, and if, it is won again. Its
/// amount is the last one known at the instant of the win: later corrections are another matter. Pure functions,
/// O(events known). No wins: nothing, and a revenue of 0.

#include <putki/events/as_of.hpp>

#include <vector>

namespace putki {

struct Win {
  DealId deal;
  Timestamp created;  ///< first event of the deal
  Timestamp time;
  Money amount;  ///< kNoAmount when none was known by then
};

/// Of the deals that are won at the view, in order of deals.
std::vector<Win> wins(const AsOf& view);

/// Sum of the amounts of wins after `after`, up to and including the view's instant; unknown amounts are 0.
Money revenue_won(const AsOf& view, Timestamp after);

}  // namespace putki
