#include <putki/events/event_log.hpp>

#include "events/attribute_table.hpp"
#include "events/event_log_columns.hpp"

namespace putki {

EventLog::EventLog(StageGraph graph) : columns_(std::make_shared<EventLogColumns>(std::move(graph))) {}
EventLog::EventLog(std::shared_ptr<const EventLogColumns> columns) : columns_(std::move(columns)) {}

const StageGraph& EventLog::graph() const {
  return columns_->graph;
}
const TimeZone& EventLog::time_zone() const {
  return columns_->time_zone;
}
std::size_t EventLog::deal_count() const {
  return columns_->deal_names.size();
}
std::size_t EventLog::event_count() const {
  return columns_->events;
}

std::span<const std::uint32_t> EventLog::offsets() const {
  return columns_->offsets;
}
std::span<const Timestamp> EventLog::times() const {
  return {columns_->times.data(), columns_->events};
}
std::span<const DayNumber> EventLog::days() const {
  return {columns_->days.data(), columns_->events};
}
std::span<const StageId> EventLog::stages() const {
  return {columns_->stages.data(), columns_->events};
}
std::span<const Money> EventLog::amounts() const {
  return {columns_->amounts.data(), columns_->events};
}
std::span<const DayNumber> EventLog::expected_closes() const {
  return {columns_->expected_closes.data(), columns_->has_expected_closes ? columns_->events : 0};
}

std::string_view EventLog::deal_name(DealId deal) const {
  return columns_->deal_names[index(deal)];
}

std::optional<DealId> EventLog::find_deal(std::string_view name) const {
  for (std::size_t d = 0; d < deal_count(); ++d) {
    if (columns_->deal_names[d] == name) return static_cast<DealId>(d);
  }
  return std::nullopt;
}

std::span<const Attribute> EventLog::attributes() const {
  return columns_->attributes;
}

const Attribute& EventLog::attribute(std::string_view name) const {
  return find_attribute(columns_->attributes, name);
}
const Attribute& find_attribute(std::span<const Attribute> attributes, std::string_view name) {
  std::string known;
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return attribute;
    known += known.empty() ? "" : ", ";
    known += attribute.name;
  }
  throw InvalidArgument("no attribute \"" + std::string(name) + "\"; " +
                        (known.empty() ? "the log has none" : "the log has: " + known));
}

bool EventLog::date_only() const {
  return columns_->date_only;
}

std::optional<Timestamp> EventLog::first_time() const {
  if (columns_->events == 0) return std::nullopt;
  return columns_->first_time;
}

std::optional<Timestamp> EventLog::last_time() const {
  if (columns_->events == 0) return std::nullopt;
  return columns_->last_time;
}

}  // namespace putki
