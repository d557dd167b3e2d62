#pragma once
// What the figures of a movement say.

#include <putki/funnel/movement.hpp>

#include "report/number_format.hpp"
#include "report/texts.hpp"

#include <string>

namespace putki {

struct MovementWords {
  const Movement& movement;
  Language language;
  NumberFormat format;

  std::string say(std::string_view key, std::initializer_list<std::string_view> values = {}) const {
    return text(language, "movement." + std::string(key), values);
  }
  std::string deals(double number) const { return say(number == 1 ? "deal" : "deals", {format.number(number)}); }
  // The pipeline, or that part of it which is expected to close in the period.
  std::string subject() const {
    const auto& period = movement.table.period;
    if (!period) return say("subject");
    return say("subject.period", {format.day(period->begin), format.day(period->end - Days(1))});
  }
  std::string line(MovementLine line) const {
    const Day day = line == MovementLine::start ? movement.since : movement.as_of;
    return say("line." + to_string(line), {format.day(day)});
  }
};

}  // namespace putki
