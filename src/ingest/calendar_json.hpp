#pragma once
// The "calendar" of a pipeline definition.

#include <putki/core/calendar.hpp>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "ingest/strict_json.hpp"

namespace putki::detail {

/// `folder` is where the file of its "ics" is looked for; null: there is none, and "ics" is refused.
BusinessCalendar read_calendar(const JsonValue& object, const std::filesystem::path* folder);

/// The shortest statement of the same days: with the country whose holidays explain most of them, if any.
nlohmann::ordered_json calendar_json(const BusinessCalendar& calendar);

}  // namespace putki::detail
