#include <putki/core/error.hpp>
#include <putki/ingest/icalendar.hpp>

#include <algorithm>
#include <bitset>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/in_quotes.hpp"
#include "ingest/text_file.hpp"
#include "ingest/yearly_rule.hpp"

namespace putki {
namespace {

using detail::in_quotes;

constexpr std::size_t kLargestCalendar = 16'000'000;
constexpr std::size_t kMostWork = 10'000'000;
constexpr std::size_t kDeepest = 16;
constexpr Day kEndDay = std::chrono::year{2100} / 1 / 1;
constexpr std::size_t kDaysKept = 47'482;  // of 1970 to 2099
constexpr int kLastYear = 2099;

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& letter : result)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return result;
}

struct Reader {
  std::string_view where;
  [[noreturn]] void refuse(std::size_t line, const std::string& problem) const {
    throw InputError(std::string(where) + ": line " + std::to_string(line) + ": " + problem);
  }
};

/// One content line, unfolded: NAME;PARAMETER=value:value.
struct Property {
  std::size_t line;
  std::string name;
  std::map<std::string, std::string> parameters;
  std::string value;
};

/// A day, or the midnight on which it begins.
struct Start {
  Day day;
  bool timed;
  bool local_midnight;  ///< of `timed`
};

/// Joins folded lines and hands out properties.
class Lines {
 public:
  Lines(std::string_view text, const Reader& reader) : rest_(text), reader_(reader) {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
  }

  std::optional<Property> next() {
    std::string text;
    std::size_t first = 0;
    while (!rest_.empty()) {
      const bool folded = rest_.front() == ' ' || rest_.front() == '\t';
      if (!text.empty() && !folded) break;
      const std::size_t end = rest_.find('\n');
      std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      ++line_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (text.empty()) first = line_;
      text += folded && !text.empty() ? line.substr(1) : line;
    }
    if (text.empty()) return std::nullopt;
    return property(first, text);
  }

  std::size_t line() const { return line_; }

 private:
  Property property(std::size_t line, std::string_view text) const {
    const auto odd = [&](const std::string& problem) { reader_.refuse(line, in_quotes(text) + " " + problem); };
    const std::size_t name_end = text.find_first_of(";:");
    if (name_end == 0 || name_end == std::string_view::npos) odd("is no property; NAME:value is needed");
    Property property{line, upper(text.substr(0, name_end)), {}, {}};
    std::size_t at = name_end;
    while (at < text.size() && text[at] == ';') {
      const std::size_t equals = text.find_first_of("=;:", at + 1);
      if (equals == std::string_view::npos || text[equals] != '=') odd("has a parameter without a value");
      std::size_t end = equals + 1;
      // Marks inside quotes are text.
      for (bool quoted = false; end < text.size() && (quoted || (text[end] != ';' && text[end] != ':')); ++end)
        if (text[end] == '"') quoted = !quoted;
      std::string value = upper(text.substr(equals + 1, end - equals - 1));
      std::erase(value, '"');
      property.parameters.insert_or_assign(upper(text.substr(at + 1, equals - at - 1)), std::move(value));
      at = end;
    }
    if (at >= text.size()) odd("has no value; NAME:value is needed");
    property.value = text.substr(at + 1);
    return property;
  }

  std::string_view rest_;
  const Reader& reader_;
  std::size_t line_ = 0;
};

/// What one VEVENT says; properties that matter here, by name.
struct Event {
  std::size_t line = 0;
  std::map<std::string, Property> single;
  std::vector<Property> added, left_out;  // RDATE, EXDATE
};

/// Collects the days off of all events.
class DaysOff {
 public:
  explicit DaysOff(const Reader& reader) : reader_(reader) {}

  void add(Event event) { (event.single.contains("RECURRENCE-ID") ? moved_ : events_).push_back(std::move(event)); }

  std::vector<Day> days() {
    std::map<std::string, std::set<Day>> replaced;
    for (const Event& event : moved_) {
      const Property& recurrence = event.single.at("RECURRENCE-ID");
      const auto uid = event.single.find("UID");
      if (uid == event.single.end()) reader_.refuse(recurrence.line, "RECURRENCE-ID in an event without UID");
      if (recurrence.parameters.contains("RANGE"))
        reader_.refuse(recurrence.line, "RECURRENCE-ID with RANGE is not read; one time is");
      replaced[uid->second.value].insert(start(recurrence, recurrence.value).day);
    }
    for (const Event& event : events_) {
      const auto uid = event.single.find("UID");
      const auto found = uid == event.single.end() ? replaced.end() : replaced.find(uid->second.value);
      take(event, found == replaced.end() ? nullptr : &found->second);
    }
    for (const Event& event : moved_) {
      if (const auto rule = event.single.find("RRULE"); rule != event.single.end())
        reader_.refuse(rule->second.line, "RRULE in an event with RECURRENCE-ID, which is one time");
      take(event, nullptr);
    }
    std::vector<Day> days;
    for (std::size_t day = 0; day < kDaysKept; ++day)
      if (off_[day]) days.push_back(Day{} + Days{day});
    return days;
  }

 private:
  Start start(const Property& property, std::string_view text) const {
    const auto type = property.parameters.find("VALUE");
    const bool is_date = type != property.parameters.end() && type->second == "DATE";
    if (type != property.parameters.end() && !is_date && type->second != "DATE-TIME")
      reader_.refuse(property.line,
                     property.name + " of VALUE " + in_quotes(type->second) + " is not read; DATE and DATE-TIME are");
    const std::optional<Day> day = detail::parse_basic_day(text.substr(0, 8));
    const std::string_view time = text.size() > 8 ? text.substr(8) : std::string_view();
    const bool utc = time.ends_with('Z');
    const bool well_timed = (time.size() == 7 || (time.size() == 8 && utc)) && time[0] == 'T' &&
                            time.substr(1, 6).find_first_not_of("0123456789") == std::string_view::npos;
    if (!day || (is_date && !time.empty()) || (!time.empty() && !well_timed))
      reader_.refuse(property.line, property.name + " is " + in_quotes(text) + "; a day as YYYYMMDD" +
                                        (is_date ? "" : ", or with a time as YYYYMMDDTHHMMSS,") + " is needed");
    return {*day, !time.empty(), !utc && time.substr(0, 7) == "T000000"};
  }

  /// Days of the event; 0 when it is none of whole days.
  int length(const Event& event, const Start& begin) const {
    const auto end = event.single.find("DTEND"), duration = event.single.find("DURATION");
    if (end != event.single.end() && duration != event.single.end())
      reader_.refuse(duration->second.line, "DURATION in an event with DTEND; one of them is allowed");
    if (end != event.single.end()) {
      const Start last = start(end->second, end->second.value);
      if (last.day < begin.day) reader_.refuse(end->second.line, "DTEND is before DTSTART");
      if (last.timed != begin.timed)
        reader_.refuse(end->second.line, "DTEND and DTSTART are not both days, or both with a time");
      if (begin.timed && !(begin.local_midnight && last.local_midnight)) return 0;
      const int days = static_cast<int>((last.day - begin.day).count());
      return begin.timed ? days : std::max(days, 1);
    }
    if (duration != event.single.end()) {
      std::string_view text = duration->second.value;
      if (text.starts_with('+')) text.remove_prefix(1);
      const auto refuse = [&] {
        reader_.refuse(duration->second.line, "DURATION is " + in_quotes(duration->second.value) +
                                                  "; whole days or weeks are needed, such as P1D or P2W");
      };
      int number = 0;
      const char* const first = text.data() + std::min<std::size_t>(text.size(), 1);
      const auto read = std::from_chars(first, text.data() + text.size(), number);
      if (begin.timed && text.starts_with('P') && text.find('T') != std::string_view::npos) return 0;
      const std::string_view unit(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
      if (!text.starts_with('P') || read.ec != std::errc{} || number < 1 || number > 100'000 ||
          (unit != "D" && unit != "W"))
        refuse();
      if (begin.timed && !begin.local_midnight) return 0;
      return unit == "W" ? 7 * number : number;
    }
    return begin.timed ? 0 : 1;
  }

  /// Marks the event's days, but for the times that other events replace.
  void take(const Event& event, const std::set<Day>* replaced) {
    const auto property = [&](const char* name) {
      const auto found = event.single.find(name);
      return found == event.single.end() ? nullptr : &found->second;
    };
    if (const Property* const status = property("STATUS"); status && upper(status->value) == "CANCELLED") return;
    const Property* const dtstart = property("DTSTART");
    if (dtstart == nullptr) reader_.refuse(event.line, "VEVENT without DTSTART");
    const Start begin = start(*dtstart, dtstart->value);
    const int days = length(event, begin);
    if (days == 0) return;  // by the hour: no day off

    std::set<Day> left_out;
    for (const Property& given : event.left_out)
      for (const Day day : list(given)) left_out.insert(day);
    const auto mark = [&](Day day) {
      if (left_out.contains(day) || (replaced != nullptr && replaced->contains(day))) return;
      mark_days(event.line, day, days);
    };
    for (const Property& given : event.added)
      for (const Day day : list(given)) mark(day);
    const Property* const rrule = property("RRULE");
    if (rrule == nullptr) return mark(begin.day);

    const detail::YearlyRule rule = detail::parse_yearly_rule(
        rrule->value, [&](const std::string& problem) { reader_.refuse(rrule->line, problem); });
    const int first_year = static_cast<int>(std::chrono::year_month_day{begin.day}.year());
    int count = 1;
    mark(begin.day);
    for (int year = first_year; year <= kLastYear; year += rule.interval) {
      work(rrule->line, rule.work_a_year());
      for (const Day day : rule.days_of(year, begin.day)) {
        if (day <= begin.day) continue;
        if ((rule.count && count == *rule.count) || (rule.until && day > *rule.until)) return;
        ++count;
        mark(day);
      }
    }
  }

  std::vector<Day> list(const Property& property) const {
    std::vector<Day> days;
    std::string_view rest = property.value;
    for (;;) {
      const std::size_t end = rest.find(',');
      days.push_back(start(property, rest.substr(0, end)).day);
      if (end == std::string_view::npos) return days;
      rest.remove_prefix(end + 1);
    }
  }

  void mark_days(std::size_t line, Day begin, int days) {
    const Day first = std::max(begin, Day{}), end = std::min(begin + Days{days}, kEndDay);
    if (first >= end) return work(line, 1);
    work(line, static_cast<std::size_t>((end - first).count()));
    for (Day day = first; day < end; day += Days{1}) off_.set(static_cast<std::size_t>((day - Day{}).count()));
  }

  void work(std::size_t line, std::size_t steps) {
    work_ += steps;
    if (work_ > kMostWork) reader_.refuse(line, "the calendar's rules ask for more than 10000000 days");
  }

  const Reader& reader_;
  std::vector<Event> events_, moved_;
  std::bitset<kDaysKept> off_;
  std::size_t work_ = 0;
};

bool is_single(std::string_view name) {
  constexpr std::string_view kSingle[] = {"DTSTART", "DTEND", "DURATION", "RRULE", "UID", "RECURRENCE-ID", "STATUS"};
  return std::find(std::begin(kSingle), std::end(kSingle), name) != std::end(kSingle);
}

}  // namespace

std::vector<Day> parse_icalendar_days_off(std::string_view text, std::string_view where) {
  const Reader reader{where};
  if (text.size() > kLargestCalendar)
    throw InputError(std::string(where) + ": the calendar has more than " + std::to_string(kLargestCalendar) +
                     " bytes");
  DaysOff days(reader);
  Lines lines(text, reader);
  struct Open {
    std::string name;
    std::size_t line;
  };
  std::vector<Open> open;
  Event event;
  bool any = false;
  while (const std::optional<Property> property = lines.next()) {
    const std::string component = upper(property->value);
    if (property->name == "BEGIN") {
      if (open.empty() && component != "VCALENDAR")
        reader.refuse(property->line, "BEGIN:" + in_quotes(property->value) + " outside a VCALENDAR");
      if (open.size() == kDeepest) reader.refuse(property->line, "components are nested more than 16 deep");
      open.push_back({component, property->line});
      any = true;
      if (component == "VEVENT") event = Event{.line = property->line, .single = {}, .added = {}, .left_out = {}};
      continue;
    }
    if (open.empty()) reader.refuse(property->line, "a calendar begins with BEGIN:VCALENDAR");
    if (property->name == "END") {
      if (component != open.back().name)
        reader.refuse(property->line, "END:" + in_quotes(property->value) + ", but " + in_quotes(open.back().name) +
                                          " of line " + std::to_string(open.back().line) + " is open");
      open.pop_back();
      if (component == "VEVENT") days.add(std::move(event));
      continue;
    }
    if (open.back().name != "VEVENT") continue;
    if (property->name == "RDATE") event.added.push_back(*property);
    if (property->name == "EXDATE") event.left_out.push_back(*property);
    if (is_single(property->name) && !event.single.try_emplace(property->name, *property).second)
      reader.refuse(property->line, property->name + " twice in one event");
  }
  if (!open.empty())
    reader.refuse(std::max<std::size_t>(lines.line(), 1), "the text ends, but " + in_quotes(open.back().name) +
                                                              " of line " + std::to_string(open.back().line) +
                                                              " is open");
  if (!any) reader.refuse(1, "a calendar begins with BEGIN:VCALENDAR; the text is empty");
  return days.days();
}

std::vector<Day> read_icalendar_days_off(const std::filesystem::path& file) {
  return parse_icalendar_days_off(detail::read_text_file(file, "a calendar file", kLargestCalendar), file.string());
}

}  // namespace putki
