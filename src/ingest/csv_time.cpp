#include "ingest/csv_time.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "core/in_quotes.hpp"
#include "ingest/cell_text.hpp"

namespace putki {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

constexpr unsigned bit(TimeReading reading) {
  return 1U << static_cast<unsigned>(reading);
}
constexpr unsigned kEveryReading = (1U << kTimeReadings) - 1;

// Walks over a text that is short and mostly as expected.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  char peek() const { return text_.empty() ? '\0' : text_.front(); }
  bool take(char c) {
    if (peek() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view lower) {
    if (text_.size() < lower.size()) return false;
    for (std::size_t i = 0; i < lower.size(); ++i) {
      if (detail::ascii_lower(text_[i]) != lower[i]) return false;
    }
    text_.remove_prefix(lower.size());
    return true;
  }
  bool take_blanks() {
    const std::size_t before = text_.size();
    while (take(' ')) {
    }
    return text_.size() < before;
  }
  // As many digits as there are; their count. More than 18 are not a number here.
  std::size_t take_digits(std::int64_t& value) {
    std::size_t count = 0;
    value = 0;
    while (peek() >= '0' && peek() <= '9') {
      if (count < 18) value = value * 10 + (peek() - '0');
      text_.remove_prefix(1);
      ++count;
    }
    return count > 18 ? 0 : count;
  }

 private:
  std::string_view text_;
};

// Exactly up to nine digits, as microseconds; what is finer is cut off.
bool take_fraction(Cursor& text, std::int64_t& micros) {
  std::int64_t digits = 0;
  std::size_t count = text.take_digits(digits);
  if (count == 0 || count > 9) return false;
  for (; count < 6; ++count) digits *= 10;
  for (; count > 6; --count) digits /= 10;
  micros = digits;
  return true;
}

bool take_offset(Cursor& text, WrittenTime& time) {
  time.has_offset = true;
  if (text.take_word("z") || text.take_word("utc") || text.take_word("gmt")) return text.done();
  const bool west = text.peek() == '-';
  if (!text.take('+') && !text.take('-')) return false;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  const std::size_t count = text.take_digits(hours);
  if (count == 4) {
    minutes = hours % 100;
    hours /= 100;
  } else if (count != 2 || (text.take(':') && text.take_digits(minutes) != 2)) {
    return false;
  }
  if (hours > 18 || minutes > 59) return false;
  time.offset = static_cast<std::int32_t>((hours * 60 + minutes) * (west ? -60 : 60));
  return text.done();
}

// What follows the date: nothing, or a time of day with or without an offset.
bool take_time_of_day(Cursor& text, WrittenTime& time) {
  if (text.done()) return true;
  const bool comma = text.take(',');
  if (!text.take_blanks() && (comma || !text.take_word("t"))) return false;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t micros = 0;
  const std::size_t hour_digits = text.take_digits(hour);
  if (hour_digits < 1 || hour_digits > 2) return false;
  if (!text.take(':') || text.take_digits(minute) != 2) return false;
  if (text.take(':')) {
    if (text.take_digits(second) != 2) return false;
    if ((text.take('.') || text.take(',')) && !take_fraction(text, micros)) return false;
  }
  text.take_blanks();
  const bool am = text.take_word("am") || text.take_word("a.m.");
  const bool pm = !am && (text.take_word("pm") || text.take_word("p.m."));
  if (am || pm) {
    if (hour < 1 || hour > 12) return false;
    hour = hour % 12 + (pm ? 12 : 0);
    text.take_blanks();
  }
  // A 60th second is a leap second: the first of the next minute.
  if (hour > 23 || minute > 59 || second > 60) return false;
  time.since_midnight = ((hour * 60 + minute) * 60 + second) * kSecond + micros;
  time.has_time_of_day = true;
  return text.done() || take_offset(text, time);
}

bool set_day(std::int64_t year, std::int64_t month, std::int64_t day, WrittenTime& time) {
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return false;
  time.day = day_number(Day{date});
  return true;
}

// The three numbers of a date, in the order they stand there.
struct WrittenDate {
  std::array<std::int64_t, 3> part{};
  std::array<std::size_t, 3> digits{};
  char mark = 0;

  bool year_first() const { return digits[0] == 4; }
  // Years have four digits: two would leave the century, and mostly the order, to guesswork.
  bool has_one_year() const {
    const std::size_t last = year_first() ? digits[2] : digits[0];
    return (year_first() || digits[2] == 4) && last >= 1 && last <= 2 && digits[1] >= 1 && digits[1] <= 2;
  }
};

bool take_date(Cursor& text, WrittenDate& date) {
  date.digits[0] = text.take_digits(date.part[0]);
  date.mark = text.peek();
  if (date.mark != '-' && date.mark != '/' && date.mark != '.') return false;
  for (std::size_t i = 1; i < 3; ++i) {
    if (!text.take(date.mark)) return false;
    date.digits[i] = text.take_digits(date.part[i]);
  }
  return date.has_one_year();
}

// Sets the day when the date can be read so and exists.
bool set_day(const WrittenDate& date, TimeReading reading, WrittenTime& time) {
  const auto& part = date.part;
  if (reading == TimeReading::year_month_day) return date.year_first() && set_day(part[0], part[1], part[2], time);
  if (date.year_first() || (date.mark == '.') != (reading == TimeReading::dotted_day_month_year)) return false;
  if (reading == TimeReading::month_day_year) return set_day(part[2], part[0], part[1], time);
  return set_day(part[2], part[1], part[0], time);
}

bool read_epoch(std::string_view written, TimeReading reading, bool stated, WrittenTime& time) {
  Cursor text(written);
  const bool negative = stated && text.take('-');
  std::int64_t value = 0;
  std::int64_t micros = 0;
  const std::size_t digits = text.take_digits(value);
  const bool seconds = reading == TimeReading::epoch_seconds;
  if (digits == 0 || digits > (seconds ? 11U : 14U)) return false;
  if (!stated && digits != (seconds ? 9U : 12U) && digits != (seconds ? 10U : 13U)) return false;
  if (seconds && text.take('.') && !take_fraction(text, micros)) return false;
  if (!text.done()) return false;
  std::int64_t instant = seconds ? value * kSecond + micros : value * 1'000;
  if (negative) instant = -instant;
  constexpr std::int64_t day_length = 86'400 * kSecond;
  const std::int64_t day = (instant >= 0 ? instant : instant - (day_length - 1)) / day_length;
  time.day = static_cast<DayNumber>(day);
  time.since_midnight = instant - day * day_length;
  time.has_offset = true;
  time.has_time_of_day = true;
  return true;
}

unsigned allowed_readings(TimeFormat stated) {
  switch (stated) {
    case TimeFormat::automatic:
      return kEveryReading;
    case TimeFormat::iso8601:
      return bit(TimeReading::year_month_day);
    case TimeFormat::month_day_year:
      return kEveryReading & ~bit(TimeReading::day_month_year);
    case TimeFormat::day_month_year:
      return kEveryReading & ~bit(TimeReading::month_day_year);
    case TimeFormat::epoch_seconds:
      return bit(TimeReading::epoch_seconds);
    case TimeFormat::epoch_milliseconds:
      return bit(TimeReading::epoch_milliseconds);
  }
  return kEveryReading;
}

// What the definition would say to state the reading.
std::string_view setting(std::size_t reading) {
  switch (static_cast<TimeReading>(reading)) {
    case TimeReading::year_month_day:
      return "iso8601";
    case TimeReading::month_day_year:
      return "mdy";
    case TimeReading::day_month_year:
    case TimeReading::dotted_day_month_year:
      return "dmy";
    case TimeReading::epoch_seconds:
      return "epoch_s";
    case TimeReading::epoch_milliseconds:
      return "epoch_ms";
  }
  return "";
}

std::string_view describe(std::size_t reading) {
  switch (static_cast<TimeReading>(reading)) {
    case TimeReading::year_month_day:
      return "ISO 8601";
    case TimeReading::month_day_year:
      return "month/day/year";
    case TimeReading::day_month_year:
      return "day/month/year";
    case TimeReading::dotted_day_month_year:
      return "day.month.year";
    case TimeReading::epoch_seconds:
      return "epoch seconds";
    case TimeReading::epoch_milliseconds:
      return "epoch milliseconds";
  }
  return "";
}

}  // namespace

unsigned read_written_time(std::string_view written, TimeReading wanted, bool believe_any_epoch, WrittenTime& time) {
  unsigned possible = 0;
  Cursor text(written);
  WrittenDate date;
  WrittenTime clock;
  if (take_date(text, date)) {
    if (!take_time_of_day(text, clock)) return 0;
    for (const TimeReading reading : {TimeReading::year_month_day, TimeReading::month_day_year,
                                      TimeReading::day_month_year, TimeReading::dotted_day_month_year}) {
      if (!set_day(date, reading, clock)) continue;
      possible |= bit(reading);
      if (reading == wanted) time = clock;
    }
    return possible;
  }
  for (const TimeReading reading : {TimeReading::epoch_seconds, TimeReading::epoch_milliseconds}) {
    WrittenTime epoch;
    if (!read_epoch(written, reading, believe_any_epoch, epoch)) continue;
    possible |= bit(reading);
    if (reading == wanted) time = epoch;
  }
  return possible;
}

TimeColumn::TimeColumn(std::string column, const TimeZone& zone, TimeFormat stated)
    : column_(std::move(column)),
      zone_(&zone),
      stated_(stated),
      believes_any_epoch_(stated == TimeFormat::epoch_seconds || stated == TimeFormat::epoch_milliseconds),
      allowed_(allowed_readings(stated)),
      assumed_(static_cast<TimeReading>(std::countr_zero(allowed_))) {}

bool TimeColumn::is_stated(std::size_t reading) const {
  const auto r = static_cast<TimeReading>(reading);
  return (stated_ == TimeFormat::month_day_year && r == TimeReading::month_day_year) ||
         (stated_ == TimeFormat::day_month_year &&
          (r == TimeReading::day_month_year || r == TimeReading::dotted_day_month_year));
}

TimeColumn::Outcome TimeColumn::read_any(std::string_view text, TimeValue& value) {
  text = trimmed(text);
  if (is_null(text)) return Outcome::missing;
  WrittenTime time;
  const unsigned possible = read_written_time(text, assumed_, believes_any_epoch_, time) & allowed_;
  for (std::size_t r = 0; r < kTimeReadings; ++r) votes_[r] += possible >> r & 1U;
  if (std::popcount(possible) > 1 && example_.empty()) example_ = text.substr(0, 40);
  if ((possible & bit(assumed_)) == 0) return Outcome::unreadable;
  value = located(time);
  return Outcome::read;
}

TimeValue TimeColumn::located(const WrittenTime& time) const {
  const std::chrono::microseconds since_midnight{time.since_midnight};
  const Timestamp instant = time.has_offset ? to_day(time.day) + since_midnight - std::chrono::seconds{time.offset}
                                            : zone_->to_instant(to_day(time.day), since_midnight);
  return {instant, time.has_time_of_day};
}

// Of equals, the stated one, else the first.
std::size_t TimeColumn::best() const {
  std::size_t best = 0;
  for (std::size_t r = 1; r < kTimeReadings; ++r) {
    if (votes_[r] > votes_[best] || (votes_[r] == votes_[best] && is_stated(r))) best = r;
  }
  return best;
}

void TimeColumn::guess() {
  if (votes_[best()] > 0) assumed_ = static_cast<TimeReading>(best());
  votes_ = {};
}

bool TimeColumn::settle(std::string_view where, bool has_definition) {
  const std::size_t winner = best();
  if (votes_[winner] == 0) return true;
  for (std::size_t other = winner + 1; other < kTimeReadings; ++other) {
    if (votes_[other] != votes_[winner] || is_stated(winner)) continue;
    const std::string example = example_.empty() ? std::string() : " (for example " + detail::in_quotes(example_) + ")";
    const std::string way =
        has_definition
            ? fmt::format("say which in the definition, as \"formats\": {{\"time\": \"{}\"}} or {{\"time\": \"{}\"}}",
                          setting(winner), setting(other))
            : fmt::format("say which: its format is {} or {}", setting(winner), setting(other));
    throw InputError(fmt::format("{}: column {} reads as {} as well as it does as {}{}; {}", where,
                                 detail::in_quotes(column_), describe(winner), describe(other), example, way),
                     ErrorCode::ambiguous);
  }
  if (static_cast<TimeReading>(winner) == assumed_) return true;
  assumed_ = static_cast<TimeReading>(winner);
  votes_ = {};
  return false;
}

}  // namespace putki
