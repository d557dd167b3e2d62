#pragma once
// Attributes while a log is being built: a value per owner (deal or customer), the first one that is not empty.

#include <putki/events/event_log.hpp>

#include <algorithm>

#include "core/string_table.hpp"

namespace putki {

class AttributeTable {
 public:
  void declare(std::string_view name) { column(name); }

  void set(std::size_t owner, std::size_t owner_count, std::string_view name, std::string_view value) {
    Column& added = column(name);
    if (value.empty()) return;
    if (added.codes.size() <= owner) added.codes.resize(owner_count, 0);
    std::uint32_t& code = added.codes[owner];
    if (code == 0) code = added.values.intern(value);
  }

  // The finished columns; leaves the table empty.
  std::vector<Attribute> take(std::size_t owner_count) {
    std::vector<Attribute> frozen;
    for (Column& column : std::exchange(columns_, {})) {
      column.codes.resize(owner_count, 0);
      Attribute& attribute = frozen.emplace_back();
      attribute.name = std::move(column.name);
      for (std::size_t v = 0; v < column.values.size(); ++v) attribute.values.emplace_back(column.values[v]);
      attribute.codes = std::move(column.codes);
    }
    return frozen;
  }

 private:
  struct Column {
    std::string name;
    StringTable values;
    std::vector<std::uint32_t> codes;
  };

  Column& column(std::string_view name) {
    const auto known =
        std::find_if(columns_.begin(), columns_.end(), [&](const Column& column) { return column.name == name; });
    if (known != columns_.end()) return *known;
    Column& added = columns_.emplace_back();
    added.name = name;
    added.values.intern("");
    return added;
  }

  std::vector<Column> columns_;
};

// The attribute of this name; InvalidArgument names those there are.
const Attribute& find_attribute(std::span<const Attribute> attributes, std::string_view name);

}  // namespace putki
