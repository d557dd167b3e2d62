#pragma once
// What balance.cpp and balance_projection.cpp share.

#include <putki/funnel/balance.hpp>

namespace putki {

// InvalidArgument as balance.hpp says.
void check_balance(const AsOf& view, Timestamp since, const BalanceOptions& options);

// Days before the view over which the usual number is averaged: options.usual_days, fewer in a shorter history, 0
// before its second day.
int days_of_usual(const AsOf& view, const BalanceOptions& options);

}  // namespace putki
