#pragma once
// Attributes of deals or customers while rows come in, in whatever order: of each and every attribute the value of the
// earliest row that has one.

#include <putki/events/event_log_builder.hpp>

#include "core/string_table.hpp"

namespace putki {

template <class Id>
class EarliestAttributes {
 public:
  explicit EarliestAttributes(const std::vector<std::string>& names) {
    for (const std::string& name : names) columns_.push_back({name, {}, {}});
  }

  void see(std::size_t attribute, Id id, Timestamp time, std::string_view value) {
    if (value.empty()) return;
    Column& column = columns_[attribute];
    if (column.earliest.size() <= index(id)) column.earliest.resize(index(id) + 1);
    Seen& seen = column.earliest[index(id)];
    if (time >= seen.time) return;
    seen = {time, column.values.intern(value)};
  }

  // Builder: of an event or order log.
  template <class Builder>
  void give_to(Builder& builder) const {
    for (const Column& column : columns_) {
      builder.declare_attribute(column.name);
      for (std::size_t d = 0; d < column.earliest.size(); ++d) {
        const Seen& seen = column.earliest[d];
        if (seen.value == StringTable::kAbsent) continue;
        builder.set_attribute(static_cast<Id>(d), column.name, column.values[seen.value]);
      }
    }
  }

 private:
  struct Seen {
    Timestamp time = Timestamp::max();
    std::uint32_t value = StringTable::kAbsent;
  };
  struct Column {
    std::string name;
    StringTable values;
    std::vector<Seen> earliest;
  };
  std::vector<Column> columns_;
};

using DealAttributes = EarliestAttributes<DealId>;

}  // namespace putki
