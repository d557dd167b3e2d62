#include <putki/core/error.hpp>
#include <putki/core/time_zone.hpp>

#include "core/in_quotes.hpp"
#include "core/posix_time_zone_rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace putki {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::chrono::year kFirstYear{1970};
constexpr std::chrono::year kLastYear{2100};
constexpr unsigned kBucketBits = 42;  // 2^42 us = 51 days: at most one change in a bucket of any zone on Earth

[[noreturn]] void refuse(std::string_view text) {
  throw DefinitionError(
      fmt::format("time zone {} is none of: UTC, Z, a fixed offset such as +02:00 (hours to 23, minutes to 59), or a "
                  "POSIX rule such as CET-1CEST,M3.5.0,M10.5.0/3",
                  detail::in_quotes(text)));
}

// +hh, +hhmm, +hh:mm
std::optional<seconds> parse_fixed_offset(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::string digits(text.substr(1));
  if (digits.size() == 5 && digits[2] == ':') digits.erase(2, 1);
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4 || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  const int hours = 10 * (digits[0] - '0') + (digits[1] - '0');
  const int minutes = 10 * (digits[2] - '0') + (digits[3] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  const seconds offset{3600 * hours + 60 * minutes};
  return text[0] == '-' ? -offset : offset;
}

std::string fixed_offset_text(seconds offset) {
  const auto minutes = std::abs(offset.count()) / 60;
  return fmt::format("{}{:02}:{:02}", offset < seconds{0} ? '-' : '+', minutes / 60, minutes % 60);
}

struct Change {
  Timestamp at;
  seconds offset;  // from then on
};

std::vector<Change> changes_of(const PosixRule& rule) {
  std::vector<Change> changes;
  if (!rule.summer) return changes;
  const auto& summer = *rule.summer;
  for (std::chrono::year year = kFirstYear - std::chrono::years{1}; year <= kLastYear; ++year) {
    // The end goes first: where it meets the next begin, summer time lasts all year (RFC 8536, section 3.3.1).
    changes.push_back({summer.end.day_in(year) + summer.end.time - summer.offset, rule.standard_offset});
    changes.push_back({summer.begin.day_in(year) + summer.begin.time - rule.standard_offset, summer.offset});
  }
  std::ranges::stable_sort(changes, {}, &Change::at);
  return changes;
}

}  // namespace

// The years 1970..2100 as stretches of one offset, and a coarse index into them: bucket b holds the first stretch that
// ends after the bucket begins, so finding an offset is one shift and, nearly always, one comparison.
struct TimeZone::Rule {
  struct Stretch {
    Timestamp end;
    seconds offset;
  };

  Rule(std::string name, seconds standard, seconds latest, const std::vector<Change>& changes)
      : text(std::move(name)), standard_offset(standard), largest_offset(latest) {
    if (changes.empty()) return;
    begin = Day{kFirstYear / 1 / 1} - standard;
    end = Day{(kLastYear + std::chrono::years{1}) / 1 / 1} - standard;
    seconds offset = standard;
    for (const Change& change : changes) {
      if (change.at > begin && change.at < end) stretches.push_back({change.at, offset});
      if (change.at < end) offset = change.offset;
    }
    stretches.push_back({end, offset});
    const auto bucket_count = static_cast<std::size_t>((end - begin).count() >> kBucketBits) + 1;
    std::uint16_t stretch = 0;
    for (std::size_t b = 0; b < bucket_count; ++b) {
      const Timestamp bucket_begin = begin + microseconds{static_cast<std::int64_t>(b) << kBucketBits};
      while (stretches[stretch].end <= bucket_begin) ++stretch;
      buckets.push_back(stretch);
    }
  }

  seconds offset_at(Timestamp instant) const {
    if (instant < begin || instant >= end) return standard_offset;
    const Stretch* stretch = &stretches[buckets[static_cast<std::size_t>((instant - begin).count()) >> kBucketBits]];
    while (instant >= stretch->end) ++stretch;
    return stretch->offset;
  }

  std::string text;
  seconds standard_offset;
  seconds largest_offset;
  Timestamp begin{};  // begin == end: no summer time
  Timestamp end{};
  std::vector<Stretch> stretches;
  std::vector<std::uint16_t> buckets;
};

TimeZone::TimeZone() = default;

TimeZone::TimeZone(std::shared_ptr<const Rule> rule) : rule_(std::move(rule)) {}

TimeZone TimeZone::parse(std::string_view text) {
  if (text == "UTC" || text == "Z") return {};
  if (const auto offset = parse_fixed_offset(text)) {
    if (*offset == seconds{0}) return {};
    return TimeZone(std::make_shared<const Rule>(fixed_offset_text(*offset), *offset, *offset, std::vector<Change>{}));
  }
  const auto rule = parse_posix_rule(text);
  if (!rule) refuse(text);
  const bool names_utc = rule->standard_name == "UTC" || rule->standard_name == "GMT";
  if (names_utc && rule->standard_offset != seconds{0}) {
    throw DefinitionError(
        fmt::format("time zone {0} is {1} by POSIX and {2} to most readers; write {1} or {2}", detail::in_quotes(text),
                    fixed_offset_text(rule->standard_offset), fixed_offset_text(-rule->standard_offset)),
        ErrorCode::ambiguous);
  }
  const seconds latest = rule->summer ? std::max(rule->standard_offset, rule->summer->offset) : rule->standard_offset;
  return TimeZone(std::make_shared<const Rule>(std::string(text), rule->standard_offset, latest, changes_of(*rule)));
}

seconds TimeZone::offset_at(Timestamp instant) const {
  return rule_ ? rule_->offset_at(instant) : seconds{0};
}

Day TimeZone::day_of(Timestamp instant) const {
  return std::chrono::floor<Days>(instant + offset_at(instant));
}

Timestamp TimeZone::start_of(Day day) const {
  return to_instant(day, microseconds{0});
}

Timestamp TimeZone::to_instant(Day day, microseconds since_midnight) const {
  const Timestamp local = day + since_midnight;
  if (!rule_) return local;
  // The earliest instant that can have this local time lies before the change wherever a change makes it doubtful: so
  // its offset is the one before a gap and the first of an overlap.
  return local - rule_->offset_at(local - rule_->largest_offset);
}

const std::string& TimeZone::text() const {
  static const std::string utc = "UTC";
  return rule_ ? rule_->text : utc;
}

}  // namespace putki
