// Why not boost::local_time::posix_time_zone: it reads the sign of offsets opposite to POSIX (CET-1 is one hour *west*
// there), knows no quoted names and no changes at or after 24:00, miscounts J days that end a month, and takes trailing
// text in silence. It serves as an oracle for month rules in the tests.

#include "core/posix_time_zone_rule.hpp"

namespace putki {
namespace {

using std::chrono::seconds;

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads parts off the front of a text; each returns false or nothing, once, when the part is not there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    if (peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Three or more letters, or anything of letters, digits and signs in <>.
  std::optional<std::string_view> name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    while (length < rest_.size() && (is_letter(rest_[length]) || (quoted && is_quotable(rest_[length])))) ++length;
    if (length < 3) return std::nullopt;
    const std::string_view name = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (quoted && !take('>')) return std::nullopt;
    return name;
  }

  std::optional<int> number(int lowest, int highest, std::size_t max_digits = 3) {
    std::size_t length = 0;
    int value = 0;
    while (length < rest_.size() && length <= max_digits && is_digit(rest_[length])) {
      value = 10 * value + (rest_[length++] - '0');
    }
    if (length == 0 || length > max_digits || value < lowest || value > highest) return std::nullopt;
    rest_.remove_prefix(length);
    return value;
  }

  // [+|-]hh[:mm[:ss]]
  std::optional<seconds> time(int highest_hour) {
    const bool negative = take('-');
    if (!negative) take('+');
    const auto hour = number(0, highest_hour, highest_hour < 100 ? 2 : 3);
    if (!hour) return std::nullopt;
    int minute = 0;
    int second = 0;
    if (take(':')) {
      const auto minutes = number(0, 59, 2);
      if (!minutes) return std::nullopt;
      minute = *minutes;
      if (take(':')) {
        const auto rest_seconds = number(0, 59, 2);
        if (!rest_seconds) return std::nullopt;
        second = *rest_seconds;
      }
    }
    const seconds value{3600 * *hour + 60 * minute + second};
    return negative ? -value : value;
  }

  std::optional<PosixChange> change() {
    PosixChange change;
    bool read = false;
    if (take('M')) {
      read = weekday_of_month(change);
    } else {
      const bool without_leap = take('J');
      change.kind = without_leap ? PosixChange::Kind::day_without_leap : PosixChange::Kind::day_with_leap;
      const auto day = without_leap ? number(1, 365) : number(0, 365);
      read = day.has_value();
      change.day_of_year = day.value_or(0);
    }
    change.time = std::chrono::hours{2};
    if (read && take('/')) {
      const auto at = time(167);
      read = at.has_value();
      change.time = at.value_or(seconds{});
    }
    if (!read) return std::nullopt;
    return change;
  }

 private:
  static bool is_quotable(char c) { return is_digit(c) || c == '+' || c == '-'; }

  bool weekday_of_month(PosixChange& change) {
    const auto month = number(1, 12, 2);
    if (!month || !take('.')) return false;
    const auto week = number(1, 5, 1);
    if (!week || !take('.')) return false;
    const auto weekday = number(0, 6, 1);
    if (!weekday) return false;
    change.kind = PosixChange::Kind::weekday_of_month;
    change.month = static_cast<unsigned>(*month);
    change.week = static_cast<unsigned>(*week);
    change.weekday = static_cast<unsigned>(*weekday);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

Day PosixChange::day_in(std::chrono::year year) const {
  const Day new_year{year / 1 / 1};
  switch (kind) {
    case Kind::weekday_of_month: {
      const std::chrono::weekday wanted{weekday};
      if (week == 5) return Day{year / month / wanted[std::chrono::last]};
      return Day{year / month / wanted[week]};
    }
    case Kind::day_without_leap:
      return new_year + Days{day_of_year - 1 + (year.is_leap() && day_of_year >= 60 ? 1 : 0)};
    case Kind::day_with_leap:
      break;
  }
  return new_year + Days{day_of_year};
}

std::optional<PosixRule> parse_posix_rule(std::string_view text) {
  Scanner scan(text);
  PosixRule rule;
  const auto standard_name = scan.name();
  if (!standard_name) return std::nullopt;
  const auto west = scan.time(24);
  if (!west) return std::nullopt;
  rule.standard_name = *standard_name;
  rule.standard_offset = -*west;
  if (scan.done()) return rule;

  PosixRule::Summer summer;
  if (!scan.name()) return std::nullopt;
  summer.offset = rule.standard_offset + std::chrono::hours{1};
  if (scan.peek() != ',') {
    const auto summer_west = scan.time(24);
    if (!summer_west) return std::nullopt;
    summer.offset = -*summer_west;
  }
  if (std::chrono::abs(summer.offset - rule.standard_offset) >= std::chrono::hours{24}) return std::nullopt;
  if (!scan.take(',')) return std::nullopt;
  const auto begin = scan.change();
  if (!begin || !scan.take(',')) return std::nullopt;
  const auto end = scan.change();
  if (!end || !scan.done()) return std::nullopt;
  summer.begin = *begin;
  summer.end = *end;
  rule.summer = summer;
  return rule;
}

}  // namespace putki
