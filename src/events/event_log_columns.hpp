#pragma once
// The columns behind an EventLog, shared by its copies and filled by the builder.

#include <putki/events/event_log.hpp>

#include <memory>

#include "core/string_table.hpp"

namespace putki {

// An array whose elements start without a value: zeroing hundreds of megabytes that are written next is a pass wasted.
template <class T>
class Column {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Column() = default;
  explicit Column(std::size_t capacity)
      : values_(capacity == 0 ? nullptr : static_cast<T*>(::operator new(capacity * sizeof(T)))) {}
  T* data() { return values_.get(); }
  const T* data() const { return values_.get(); }
  T& operator[](std::size_t i) { return values_.get()[i]; }

 private:
  struct Free {
    void operator()(T* values) const { ::operator delete(values); }
  };
  std::unique_ptr<T, Free> values_;
};

struct EventLogColumns {
  explicit EventLogColumns(StageGraph stage_graph) : graph(std::move(stage_graph)) {}

  StageGraph graph;
  TimeZone time_zone;
  StringArena deal_names;
  std::vector<std::uint32_t> offsets = {0};
  std::size_t events = 0;
  Column<Timestamp> times;
  Column<DayNumber> days;
  Column<StageId> stages;
  Column<Money> amounts;
  Column<DayNumber> expected_closes;
  bool has_expected_closes = false;
  std::vector<Attribute> attributes;
  bool date_only = false;
  Timestamp first_time{};
  Timestamp last_time{};
};

}  // namespace putki
