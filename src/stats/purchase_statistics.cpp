#include <putki/stats/purchase_statistics.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

namespace putki {

void check_cell(const PurchaseCell& cell) {
  if (cell.repeats < 0)
    throw InvalidArgument(fmt::format("customer with {} repeat purchases; 0 or more are allowed", cell.repeats));
  if (cell.recency_days < 0 || cell.recency_days > cell.age_days)
    throw InvalidArgument(fmt::format("customer with recency {} and age {} days; 0 <= recency <= age is allowed",
                                      cell.recency_days, cell.age_days));
  if (cell.repeats == 0 && cell.recency_days != 0)
    throw InvalidArgument(
        fmt::format("customer without repeat purchase but with recency {} days; 0 is allowed", cell.recency_days));
}

void check_cell(const SpendCell& cell) {
  if (cell.purchases < 1)
    throw InvalidArgument(fmt::format("spend of {} purchases; 1 or more are allowed", cell.purchases));
  if (cell.total == kNoAmount)
    throw InvalidArgument("spend of unknown total; leave the purchases without an amount out");
}

void check_cell(const OpportunityCell& cell) {
  if (cell.purchases < 0 || cell.purchases > cell.recency || cell.recency > cell.opportunities ||
      (cell.purchases == 0 && cell.recency != 0))
    throw InvalidArgument(fmt::format(
        "customer with {} purchases, the last at {} of {} opportunities; purchases <= last <= opportunities "
        "is allowed, and last 0 without a purchase",
        cell.purchases, cell.recency, cell.opportunities));
}

void check_cell(const TenureCell& cell) {
  if (cell.entered < 0 || cell.entered > cell.survived)
    throw InvalidArgument(fmt::format("contract seen from period {} on that lasted {}; 0 <= from <= lasted is allowed",
                                      cell.entered, cell.survived));
}

void PurchaseStatistics::add(const PurchaseHistory& history, std::uint64_t count) {
  const PurchaseCell cell{history.repeats, history.recency_days, history.age_days};
  check_cell(cell);
  if (history.priced_repeats < 0 || history.priced_repeats > history.repeats)
    throw InvalidArgument(fmt::format("customer with {} priced of {} repeat purchases; 0 to all are allowed",
                                      history.priced_repeats, history.repeats));
  if (history.priced_repeats == 0 && history.repeat_spend != Money{})
    throw InvalidArgument(fmt::format("customer with a spend of {} but no priced repeat purchase; 0 is allowed",
                                      history.repeat_spend.units()));
  if (history.priced_repeats > 0) spend_.add({history.priced_repeats, history.repeat_spend}, count);
  purchases_.add(cell, count);
}

void PurchaseStatistics::merge(const PurchaseStatistics& other) {
  purchases_.merge(other.purchases_);
  spend_.merge(other.spend_);
}

}  // namespace putki
