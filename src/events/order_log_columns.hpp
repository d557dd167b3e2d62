#pragma once
// The columns behind an OrderLog, shared by its copies and filled by the builder.

#include <putki/events/order_log.hpp>

#include "events/event_log_columns.hpp"

namespace putki {

struct OrderLogColumns {
  TimeZone time_zone;
  StringArena customer_names;
  std::vector<std::uint32_t> offsets = {0};
  std::size_t orders = 0;
  Column<Timestamp> times;
  Column<DayNumber> days;
  Column<Money> amounts;
  Column<DayNumber> contract_ends;
  bool has_contract_ends = false;
  std::vector<Attribute> attributes;
  bool date_only = false;
  Timestamp first_time{};
  Timestamp last_time{};
};

}  // namespace putki
