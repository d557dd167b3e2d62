#include "ingest/csv_time.hpp"

#include <putki/core/error.hpp>

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
  std::int64_t digits;
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
  std::int64_t hours, minutes = 0;
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
  std::int64_t hour, minute, second = 0, micros = 0;
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

bool read_date(std::string_view written, TimeReading reading, WrittenTime& time) {
  Cursor text(written);
  std::int64_t part[3];
  std::size_t digits[3];
  digits[0] = text.take_digits(part[0]);
  const char mark = text.peek();
  if (mark != '-' && mark != '/' && mark != '.') return false;
  for (int i = 1; i < 3; ++i) {
    if (!text.take(mark)) return false;
    digits[i] = text.take_digits(part[i]);
  }
  // Years have four digits: two would leave the century, and mostly the order, to guesswork.
  const bool year_first = reading == TimeReading::year_month_day;
  const std::size_t wanted[3] = {year_first ? 4U : 2U, 2U, year_first ? 2U : 4U};
  for (int i = 0; i < 3; ++i) {
    if (digits[i] == 0 || digits[i] > wanted[i] || (wanted[i] == 4 && digits[i] != 4)) return false;
  }
  if ((mark == '.') != (reading == TimeReading::dotted_day_month_year) && !year_first) return false;
  const bool month_first = reading == TimeReading::month_day_year;
  const bool exists = year_first    ? set_day(part[0], part[1], part[2], time)
                      : month_first ? set_day(part[2], part[0], part[1], time)
                                    : set_day(part[2], part[1], part[0], time);
  return exists && take_time_of_day(text, time);
}

bool read_epoch(std::string_view written, TimeReading reading, bool stated, WrittenTime& time) {
  Cursor text(written);
  const bool negative = stated && text.take('-');
  std::int64_t value, micros = 0;
  const std::size_t digits = text.take_digits(value);
  const bool seconds = reading == TimeReading::epoch_seconds;
  if (digits == 0 || digits > (seconds ? 11U : 14U)) return false;
  if (!stated && digits != (seconds ? 9U : 12U) && digits != (seconds ? 10U : 13U)) return false;
  if (seconds && text.take('.') && !take_fraction(text, micros)) return false;
  if (!text.done()) return false;
  std::int64_t instant = seconds ? value * kSecond + micros : value * 1'000;
  if (negative) instant = -instant;
  constexpr std::int64_t kDay = 86'400 * kSecond;
  const std::int64_t day = (instant >= 0 ? instant : instant - (kDay - 1)) / kDay;
  time.day = static_cast<DayNumber>(day);
  time.since_midnight = instant - day * kDay;
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

// Words for the reading, and the setting that would state it.
std::string_view describe(std::size_t reading) {
  switch (static_cast<TimeReading>(reading)) {
    case TimeReading::year_month_day:
      return "ISO 8601 (\"iso8601\")";
    case TimeReading::month_day_year:
      return "month/day/year (\"mdy\")";
    case TimeReading::day_month_year:
      return "day/month/year (\"dmy\")";
    case TimeReading::dotted_day_month_year:
      return "day.month.year (\"dmy\")";
    case TimeReading::epoch_seconds:
      return "epoch seconds (\"epoch_s\")";
    case TimeReading::epoch_milliseconds:
      return "epoch milliseconds (\"epoch_ms\")";
  }
  return "";
}

}  // namespace

bool read_written_time(std::string_view text, TimeReading reading, bool stated, WrittenTime& time) {
  time = {};
  if (reading == TimeReading::epoch_seconds || reading == TimeReading::epoch_milliseconds) {
    return read_epoch(text, reading, stated, time);
  }
  return read_date(text, reading, time);
}

unsigned possible_readings(std::string_view text, bool stated) {
  unsigned possible = 0;
  WrittenTime time;
  for (std::size_t r = 0; r < kTimeReadings; ++r) {
    if (read_written_time(text, static_cast<TimeReading>(r), stated, time)) possible |= 1U << r;
  }
  return possible;
}

TimeColumn::TimeColumn(std::string column, const TimeZone& zone, TimeFormat stated)
    : column_(std::move(column)),
      zone_(&zone),
      is_utc_(zone == TimeZone()),
      stated_(stated == TimeFormat::epoch_seconds || stated == TimeFormat::epoch_milliseconds),
      allowed_(allowed_readings(stated)),
      assumed_(static_cast<TimeReading>(std::countr_zero(allowed_))) {}

TimeColumn::Outcome TimeColumn::read_any(std::string_view text, TimeValue& value) {
  text = trimmed(text);
  if (is_null(text)) return Outcome::missing;
  const unsigned possible = possible_readings(text, stated_) & allowed_;
  for (std::size_t r = 0; r < kTimeReadings; ++r) votes_[r] += possible >> r & 1U;
  if (std::popcount(possible) > 1 && example_.empty()) example_ = text.substr(0, 40);
  WrittenTime time;
  if ((possible & bit(assumed_)) == 0 || !read_written_time(text, assumed_, stated_, time)) return Outcome::unreadable;
  value = located(time);
  return Outcome::read;
}

TimeValue TimeColumn::located(const WrittenTime& time) const {
  const std::chrono::microseconds since_midnight{time.since_midnight};
  const Timestamp instant = time.has_offset ? to_day(time.day) + since_midnight - std::chrono::seconds{time.offset}
                                            : zone_->to_instant(to_day(time.day), since_midnight);
  return {instant, time.has_time_of_day};
}

std::size_t TimeColumn::best() const {
  return static_cast<std::size_t>(std::max_element(votes_.begin(), votes_.end()) - votes_.begin());
}

void TimeColumn::guess() {
  if (votes_[best()] > 0) assumed_ = static_cast<TimeReading>(best());
  votes_ = {};
}

bool TimeColumn::settle(std::string_view where) {
  const std::size_t winner = best();
  if (votes_[winner] == 0) return true;
  const auto rival = std::find(votes_.begin() + static_cast<std::ptrdiff_t>(winner) + 1, votes_.end(), votes_[winner]);
  if (rival != votes_.end()) {
    const auto other = static_cast<std::size_t>(rival - votes_.begin());
    std::string message = std::string(where) + ": column " + detail::in_quotes(column_) + " reads as well as " +
                          std::string(describe(winner)) + " as it does as " + std::string(describe(other));
    if (!example_.empty()) message += ", for example " + detail::in_quotes(example_);
    throw InputError(message + "; state \"formats\": {\"time\": ...} in the definition", ErrorCode::ambiguous);
  }
  if (static_cast<TimeReading>(winner) == assumed_) return true;
  assumed_ = static_cast<TimeReading>(winner);
  votes_ = {};
  return false;
}

}  // namespace putki
