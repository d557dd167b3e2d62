#pragma once
// Times as exports write them, and which way a column writes them.
//
// Every value of a column is tried in every way it could be meant, and votes for those in which it can be read. The
// way with most votes is the column's. A tie between ways is ambiguous: days up to the 12th alone do not tell
// month/day/year from day/month/year.

#include <putki/core/time_zone.hpp>
#include <putki/events/event_log.hpp>
#include <putki/ingest/pipeline_definition.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace putki {

enum class TimeReading {
  year_month_day,  // ISO 8601, also with slashes or points between
  month_day_year,  // with slashes or hyphens
  day_month_year,  // with slashes or hyphens
  dotted_day_month_year,
  epoch_seconds,
  epoch_milliseconds,
};
inline constexpr std::size_t kTimeReadings = 6;

struct TimeValue {
  Timestamp time;
  bool has_time_of_day;
};

// A date and time as written, before anybody says where.
struct WrittenTime {
  DayNumber day = 0;
  std::int64_t since_midnight = 0;  // microseconds
  std::int32_t offset = 0;          // seconds east, when has_offset
  bool has_offset = false;
  bool has_time_of_day = false;
};

// The ways in which a text without blanks around it can be read, as bits; `time` is set when `wanted` is one of them.
// Epochs are only believed from 1973 on, when their digits can be told from days, years and serial numbers, unless
// `believe_any_epoch`.
unsigned read_written_time(std::string_view written, TimeReading wanted, bool believe_any_epoch, WrittenTime& time);

class TimeColumn {
 public:
  enum class Outcome { read, missing, unreadable };

  TimeColumn(std::string column, const TimeZone& zone, TimeFormat stated);

  // Votes, and reads in the way assumed so far.
  Outcome read(std::string_view text, TimeValue& value) {
    if (assumed_ == TimeReading::year_month_day && read_iso(text, value)) [[likely]] {
      ++votes_[0];
      return Outcome::read;
    }
    return read_any(text, value);
  }

  // To be called after all rows were read: true when they were read in the way the votes say, else assumes that way
  // and forgets the votes, for another go. InputError (ErrorCode::ambiguous) when they do not say; `has_definition` is
  // where the way could have been stated, else in a reader's options.
  bool settle(std::string_view where, bool has_definition = true);
  // The same after some of the rows: the best guess.
  void guess();

 private:
  bool read_iso(std::string_view text, TimeValue& value);
  Outcome read_any(std::string_view text, TimeValue& value);
  TimeValue located(const WrittenTime& time) const;
  bool is_stated(std::size_t reading) const;
  std::size_t best() const;

  std::string column_;
  const TimeZone* zone_;
  TimeFormat stated_;
  bool believes_any_epoch_;
  unsigned allowed_;  // readings, as bits
  TimeReading assumed_;
  std::array<std::uint64_t, kTimeReadings> votes_{};
  std::string example_;  // of a value with more than one reading
  std::array<char, 10> last_date_{};
  Day last_day_{};
};

// The commonest form, `2011-10-01T00:38:44.546Z` with any fraction and `Z` or nothing after it, eight bytes at a time.
// Dates of neighbouring rows are mostly the same: the last is remembered.
inline bool TimeColumn::read_iso(std::string_view text, TimeValue& value) {
  if constexpr (std::endian::native != std::endian::little) return false;
  if (text.size() < 19) return false;
  const char* p = text.data();
  if (p[10] != 'T' && p[10] != ' ') return false;
  std::uint64_t clock = 0;
  std::memcpy(&clock, p + 11, 8);
  const std::uint64_t digits = clock ^ 0x30303a30303a3030ULL;  // "00:00:00"
  if (((digits | (digits + 0x0606060606060606ULL)) & 0xf0f0fff0f0fff0f0ULL) != 0x0000060000060000ULL) return false;
  const std::uint64_t tens = digits * 10 + (digits >> 8);
  const std::uint64_t hour = tens & 0xff;
  const std::uint64_t minute = tens >> 24 & 0xff;
  const std::uint64_t second = tens >> 48 & 0xff;
  if (hour > 23 || minute > 59 || second > 59) return false;

  std::size_t at = 19;
  std::int64_t micros = 0;
  if (at < text.size() && p[at] == '.') {
    std::int64_t unit = 100'000;
    const std::size_t first = ++at;
    for (; at < text.size() && static_cast<unsigned char>(p[at] - '0') < 10; ++at) {
      micros += unit * (p[at] - '0');
      unit /= 10;
    }
    if (at == first || at > first + 9) return false;
  }
  const bool utc = at < text.size() && p[at] == 'Z';
  if (at + (utc ? 1 : 0) != text.size()) return false;

  if (std::memcmp(p, last_date_.data(), 10) != 0) {
    WrittenTime date;
    if (read_written_time(text.substr(0, 10), TimeReading::year_month_day, false, date) != 1) return false;
    std::memcpy(last_date_.data(), p, 10);
    last_day_ = to_day(date.day);
  }
  const auto seconds = static_cast<std::int64_t>(hour * 3600 + minute * 60 + second);
  const std::chrono::microseconds since_midnight{seconds * 1'000'000 + micros};
  value.time = utc ? last_day_ + since_midnight : zone_->to_instant(last_day_, since_midnight);
  value.has_time_of_day = true;
  return true;
}

}  // namespace putki
