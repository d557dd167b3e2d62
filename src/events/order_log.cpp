#include <putki/events/order_log.hpp>

#include "events/attribute_table.hpp"
#include "events/order_log_columns.hpp"

namespace putki {

OrderLog::OrderLog() : columns_(std::make_shared<OrderLogColumns>()) {}
OrderLog::OrderLog(std::shared_ptr<const OrderLogColumns> columns) : columns_(std::move(columns)) {}

const TimeZone& OrderLog::time_zone() const {
  return columns_->time_zone;
}
std::size_t OrderLog::customer_count() const {
  return columns_->customer_names.size();
}
std::size_t OrderLog::order_count() const {
  return columns_->orders;
}

std::span<const std::uint32_t> OrderLog::offsets() const {
  return columns_->offsets;
}
std::span<const Timestamp> OrderLog::times() const {
  return {columns_->times.data(), columns_->orders};
}
std::span<const DayNumber> OrderLog::days() const {
  return {columns_->days.data(), columns_->orders};
}
std::span<const Money> OrderLog::amounts() const {
  return {columns_->amounts.data(), columns_->orders};
}
std::span<const DayNumber> OrderLog::contract_ends() const {
  return {columns_->contract_ends.data(), columns_->has_contract_ends ? columns_->orders : 0};
}

std::string_view OrderLog::customer_name(CustomerId customer) const {
  return columns_->customer_names[index(customer)];
}

std::optional<CustomerId> OrderLog::find_customer(std::string_view name) const {
  for (std::size_t c = 0; c < customer_count(); ++c) {
    if (columns_->customer_names[c] == name) return static_cast<CustomerId>(c);
  }
  return std::nullopt;
}

std::span<const Attribute> OrderLog::attributes() const {
  return columns_->attributes;
}
const Attribute& OrderLog::attribute(std::string_view name) const {
  return find_attribute(columns_->attributes, name);
}

bool OrderLog::date_only() const {
  return columns_->date_only;
}

std::optional<Timestamp> OrderLog::first_time() const {
  if (columns_->orders == 0) return std::nullopt;
  return columns_->first_time;
}
std::optional<Timestamp> OrderLog::last_time() const {
  if (columns_->orders == 0) return std::nullopt;
  return columns_->last_time;
}

}  // namespace putki
