#pragma once
// The "calendar" of a pipeline definition.

#include <putki/core/calendar.hpp>

#include <nlohmann/json.hpp>

#include "ingest/strict_json.hpp"

namespace putki::detail {

BusinessCalendar read_calendar(const JsonValue& object);

/// The shortest statement of the same days: with the country whose holidays explain most of them, if any.
nlohmann::ordered_json calendar_json(const BusinessCalendar& calendar);

}  // namespace putki::detail
