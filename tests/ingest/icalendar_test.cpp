#include <putki/core/error.hpp>
#include <putki/core/holidays.hpp>
#include <putki/ingest/icalendar.hpp>
#include <putki/ingest/pipeline_definition.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

std::string calendar_of(const std::string& events) {
  return "BEGIN:VCALENDAR\nVERSION:2.0\n" + events + "END:VCALENDAR\n";
}

std::string event_of(const std::string& lines) {
  return "BEGIN:VEVENT\n" + lines + "END:VEVENT\n";
}

std::vector<std::string> days_of(const std::string& events) {
  std::vector<std::string> days;
  for (const Day day : parse_icalendar_days_off(calendar_of(events))) days.push_back(to_string(day));
  return days;
}

/// The days of an event with this first day and rule, up to the end of `last_year`.
std::vector<std::string> ruled(const std::string& begin, const std::string& rule, const std::string& last_year) {
  auto days = days_of(event_of("DTSTART;VALUE=DATE:" + begin + "\nRRULE:" + rule + "\n"));
  std::erase_if(days, [&](const std::string& day) { return day.substr(0, 4) > last_year; });
  return days;
}

std::string complaint(const std::string& text) {
  try {
    parse_icalendar_days_off(text, "h.ics");
  } catch (const InputError& error) {
    const std::string message = error.what();
    CHECK(message.find('\n') == std::string::npos);
    CHECK(message.substr(0, 7) == "h.ics: ");
    return message.substr(7);
  }
  return "none";
}

std::string complaint_of_event(const std::string& lines) {
  return complaint(calendar_of(event_of(lines)));
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the Dutch public holidays as .ics are the calendar of the country") {
  const std::string file = PUTKI_SOURCE_DIR "/examples/data/holidays_nl.ics";
  const BusinessCalendar read = BusinessCalendar::weekdays(read_icalendar_days_off(file));
  const BusinessCalendar country = business_calendar("NL");
  for (Day day = *parse_day("2011-01-01"); day < *parse_day("2014-01-01"); day += Days{1}) {
    INFO(to_string(day));
    CHECK(read.is_business_day(day) == country.is_business_day(day));
  }
}

TEST_CASE("a definition's calendar takes its days off from the .ics beside it") {
  const auto folder = std::filesystem::temp_directory_path() / "putki_icalendar_test";
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
  };
  const auto definition = [](const std::string& calendar) {
    return R"({"stages": [{"name": "Lead"}, {"name": "Won", "kind": "won"}],
      "columns": {"deal": "id", "stage": "stage", "time": "at"}, "calendar": )" +
           calendar + "}";
  };
  write("days.ics", calendar_of(event_of("DTSTART;VALUE=DATE:20240108\n")));
  write("p.json", definition(R"({"ics": "days.ics", "holidays": ["2024-01-10"]})"));
  const PipelineDefinition read = read_pipeline_definition(folder / "p.json");
  CHECK(read.calendar == BusinessCalendar::weekdays({*parse_day("2024-01-08"), *parse_day("2024-01-10")}));
  CHECK(parse_pipeline_definition(to_json(read)) == read);  // the days are written out

  CHECK_THROWS_WITH(parse_pipeline_definition(definition(R"({"ics": "days.ics"})"), "p.json"),
                    Contains("p.json: calendar.ics names a file beside the definition's own"));
  write("p.json", definition(R"({"ics": "none.ics"})"));
  CHECK_THROWS_WITH(read_pipeline_definition(folder / "p.json"), Contains("none.ics: no such file"));
  write("p.json", definition(R"({"ics": " "})"));
  CHECK_THROWS_WITH(read_pipeline_definition(folder / "p.json"), Contains("calendar.ics is empty"));
  write("p.json", definition(R"({"ics": "."})"));
  CHECK_THROWS_WITH(read_pipeline_definition(folder / "p.json"), Contains("is a directory, not a calendar file"));
  write("days.ics", "BEGIN:VCALENDAR\n");
  write("p.json", definition(R"({"ics": "days.ics"})"));
  CHECK_THROWS_WITH(read_pipeline_definition(folder / "p.json"), Contains("days.ics: line 1: the text ends"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("whole days: one, several, by duration, and from midnight to midnight") {
  const auto days = [](const std::string& lines) { return days_of(event_of(lines)); };
  CHECK(days("DTSTART;VALUE=DATE:20240501\n") == Texts{"2024-05-01"});
  CHECK(days("DTSTART:20240501\n") == Texts{"2024-05-01"});
  CHECK(days("DTSTART;VALUE=DATE:20240501\nDTEND;VALUE=DATE:20240501\n") == Texts{"2024-05-01"});
  CHECK(days("DTSTART;VALUE=DATE:20240228\nDTEND;VALUE=DATE:20240302\n") ==
        Texts{"2024-02-28", "2024-02-29", "2024-03-01"});
  CHECK(days("dtstart;value=date:20240501\nduration:P2D\n") == Texts{"2024-05-01", "2024-05-02"});
  CHECK(days("DTSTART:20240501\nDURATION:P1W\n").size() == 7);
  CHECK(days("DTSTART;TZID=Europe/Amsterdam:20240501T000000\nDTEND;TZID=Europe/Amsterdam:20240502T000000\n") ==
        Texts{"2024-05-01"});
  CHECK(days("DTSTART:20240501T000000\nDURATION:P1D\n") == Texts{"2024-05-01"});
  // By the hour, without length, or another place's midnight: no day off.
  CHECK(days("DTSTART:20240501T090000\nDTEND:20240501T170000\n").empty());
  CHECK(days("DTSTART:20240501T090000\nDURATION:PT8H\n").empty());
  CHECK(days("DTSTART:20240501T090000\nDURATION:P1D\n").empty());
  CHECK(days("DTSTART:20240501T000000\n").empty());
  CHECK(days("DTSTART:20240501T000000Z\nDTEND:20240502T000000Z\n").empty());
  // The covered years.
  CHECK(days("DTSTART:19691230\nDTEND:19700103\n") == Texts{"1970-01-01", "1970-01-02"});
  CHECK(days("DTSTART:20991230\nDTEND:21000103\n") == Texts{"2099-12-30", "2099-12-31"});
  CHECK(days("DTSTART:25000101\n").empty());
  CHECK(days("DTSTART:25000101\nRRULE:FREQ=YEARLY\n").empty());
}

TEST_CASE("the yearly examples of RFC 5545") {
  CHECK(ruled("19970610", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "2099") ==
        Texts{"1997-06-10", "1997-07-10", "1998-06-10", "1998-07-10", "1999-06-10", "1999-07-10", "2000-06-10",
              "2000-07-10", "2001-06-10", "2001-07-10"});
  CHECK(ruled("19970310", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3", "2099") ==
        Texts{"1997-03-10", "1999-01-10", "1999-02-10", "1999-03-10", "2001-01-10", "2001-02-10", "2001-03-10",
              "2003-01-10", "2003-02-10", "2003-03-10"});
  CHECK(ruled("19970519", "FREQ=YEARLY;BYDAY=20MO", "1999") == Texts{"1997-05-19", "1998-05-18", "1999-05-17"});
  CHECK(ruled("19970313", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1998") ==
        Texts{"1997-03-13", "1997-03-20", "1997-03-27", "1998-03-05", "1998-03-12", "1998-03-19", "1998-03-26"});
  CHECK(ruled("19961105", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "2004") ==
        Texts{"1996-11-05", "2000-11-07", "2004-11-02"});
  // Of its time zones: the last Sunday of April from 1967 to 1973, the first of April from 1987.
  CHECK(ruled("19700426", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=4;UNTIL=19730429T070000Z", "2099") ==
        Texts{"1970-04-26", "1971-04-25", "1972-04-30", "1973-04-29"});
}

TEST_CASE("rules of American holidays give the holidays of the law") {
  const std::vector<std::pair<std::string, std::string>> rules{
      {"Martin Luther King Day", "FREQ=YEARLY;BYMONTH=1;BYDAY=3MO"},
      {"Washington's Birthday", "FREQ=YEARLY;BYMONTH=2;BYDAY=+3MO;WKST=SU"},
      {"Memorial Day", "FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO"},
      {"Labor Day", "FREQ=YEARLY;BYMONTH=9;BYDAY=1MO"},
      {"Columbus Day", "FREQ=YEARLY;BYDAY=2MO;BYMONTH=10"},
      {"Thanksgiving", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"},
  };
  std::string events;
  for (const auto& [name, rule] : rules) {
    const auto first = ruled("20000101", rule, "2000");  // its first day is not of the rule, but the first all the same
    std::string begin = first.at(1);
    std::erase(begin, '-');
    events += event_of("SUMMARY:" + name + "\nDTSTART;VALUE=DATE:" + begin + "\nRRULE:" + rule + "\n");
  }
  std::set<std::string> law;
  for (int year = 2000; year <= 2099; ++year)
    for (const Holiday& holiday : public_holidays("US", year)) law.insert(to_string(holiday.day));
  const auto read = days_of(events);
  CHECK(read.size() == 600);
  for (const std::string& day : read) {
    INFO(day);
    CHECK(law.contains(day));
  }
}

TEST_CASE("a yearly rule is the days that its parts allow, one by one") {
  std::mt19937 random(5);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const Texts names{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
  for (int round = 0; round < 300; ++round) {
    std::set<int> months, month_days, weekdays;
    int nth = 0;
    for (int i = below(4); i > 0; --i) months.insert(1 + below(12));
    if (below(2) == 0)
      for (int i = below(4); i > 0; --i) month_days.insert(below(2) == 0 ? 1 + below(31) : -1 - below(31));
    for (int i = below(3); i > 0; --i) weekdays.insert(below(7));
    if (month_days.empty() && !weekdays.empty() && below(2) == 0) nth = below(2) == 0 ? 1 + below(5) : -1 - below(5);
    const int interval = 1 + below(3);
    const Day start = *parse_day("1999-01-01") + Days{below(1000)};
    const auto list = [](const auto& values, auto&& text) {
      std::string result;
      for (const int value : values) result += (result.empty() ? "" : ",") + text(value);
      return result;
    };
    std::string rule = "FREQ=YEARLY;INTERVAL=" + std::to_string(interval);
    const auto plain = [](int value) { return std::to_string(value); };
    if (!months.empty()) rule += ";BYMONTH=" + list(months, plain);
    if (!month_days.empty()) rule += ";BYMONTHDAY=" + list(month_days, plain);
    if (!weekdays.empty())
      rule += ";BYDAY=" + list(weekdays, [&](int weekday) {
                return (nth == 0 ? "" : std::to_string(nth)) + names[static_cast<std::size_t>(weekday)];
              });

    const std::chrono::year_month_day first{start};
    Texts expected;
    for (Day day = start; day < *parse_day("2010-01-01"); day += Days{1}) {
      const std::chrono::year_month_day date{day};
      const int month = static_cast<int>(static_cast<unsigned>(date.month())),
                of_month = static_cast<int>(static_cast<unsigned>(date.day()));
      const int weekday = static_cast<int>(std::chrono::weekday{day}.iso_encoding()) - 1;
      const auto same_month = [&](Day other) { return std::chrono::year_month_day{other}.month() == date.month(); };
      const auto same_year = [&](Day other) { return std::chrono::year_month_day{other}.year() == date.year(); };
      int length = of_month;
      while (same_month(day + Days{length - of_month + 1})) ++length;
      // Number of this weekday from the front and from the back, within the month or the year.
      const auto within = [&](Day other) { return months.empty() ? same_year(other) : same_month(other); };
      int front = 1, back = 1;
      for (Day other = day - Days{7}; within(other); other -= Days{7}) ++front;
      for (Day other = day + Days{7}; within(other); other += Days{7}) ++back;
      bool is = (static_cast<int>(date.year()) - static_cast<int>(first.year())) % interval == 0;
      if (!months.empty()) is = is && months.contains(month);
      if (!month_days.empty()) is = is && (month_days.contains(of_month) || month_days.contains(of_month - length - 1));
      if (!weekdays.empty()) is = is && weekdays.contains(weekday) && (nth == 0 || nth == front || nth == -back);
      if (month_days.empty() && weekdays.empty())
        is = is && date.day() == first.day() && (!months.empty() || date.month() == first.month());
      if (is || day == start) expected.push_back(to_string(day));
    }
    INFO(to_string(start) << " " << rule);
    std::string begin = to_string(start);
    std::erase(begin, '-');
    CHECK(ruled(begin, rule, "2009") == expected);
    // COUNT and UNTIL cut the same days off at an end.
    if (expected.size() < 3) continue;
    const Texts three(expected.begin(), expected.begin() + 3);
    CHECK(ruled(begin, rule + ";COUNT=3", "2099") == three);
    std::string until = three.back();
    std::erase(until, '-');
    CHECK(ruled(begin, rule + ";UNTIL=" + until, "2099") == three);
  }
}

TEST_CASE("days left out, added, moved and cancelled") {
  const std::string series = "UID:a\nDTSTART;VALUE=DATE:20200105\nRRULE:FREQ=YEARLY;COUNT=4\n";
  CHECK(days_of(event_of(series + "EXDATE;VALUE=DATE:20210105,20230105\nEXDATE:20220105\n")) == Texts{"2020-01-05"});
  CHECK(days_of(event_of(series + "RDATE;VALUE=DATE:20200601\n")).size() == 5);
  const std::string moved = event_of("UID:a\nRECURRENCE-ID;VALUE=DATE:20210105\nDTSTART;VALUE=DATE:20210106\n");
  const Texts with_moved{"2020-01-05", "2021-01-06", "2022-01-05", "2023-01-05"};
  CHECK(days_of(event_of(series) + moved) == with_moved);
  CHECK(days_of(moved + event_of(series)) == with_moved);
  CHECK(days_of(event_of(series) + event_of("UID:a\nRECURRENCE-ID:20210105\nDTSTART:20210105\nSTATUS:cancelled\n")) ==
        Texts{"2020-01-05", "2022-01-05", "2023-01-05"});
  CHECK(days_of(event_of(series) + event_of("UID:b\nRECURRENCE-ID:20210105\nDTSTART:20210109\n")).size() == 5);
  CHECK(days_of(event_of(series + "STATUS:CANCELLED\n")).empty());
  CHECK(days_of(event_of(series + "STATUS:CONFIRMED\n")).size() == 4);
  CHECK(days_of("").empty());
}

TEST_CASE("line ends, folds, a byte order mark, escapes and other components change nothing") {
  const std::string text = calendar_of(
      "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19701025T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n"
      "END:STANDARD\nEND:VTIMEZONE\nBEGIN:VTODO\nDTSTART;VALUE=DATE:20240101\nRRULE:FREQ=DAILY\nEND:VTODO\n" +
      event_of("SUMMARY:A\\, b\\; c\\nDTSTART:20240909\nDESCRIPTION;ALTREP=\"x:y;z\":BEGIN:VEVENT\n"
               "DTSTART;X-ODD=\"a;b:c\";VALUE=DATE:20240501\nDTEND;VALUE=DATE:20240503\n"
               "BEGIN:VALARM\nTRIGGER:-PT10M\nDURATION:PT15M\nRRULE:FREQ=HOURLY\nEND:VALARM\nTRANSP:TRANSPARENT\n"));
  const auto days = parse_icalendar_days_off(text);
  REQUIRE(days.size() == 2);
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    const std::string end = round % 2 == 0 ? "\r\n" : "\n";
    std::string written = round % 3 == 0 ? "\xef\xbb\xbf" : "";
    char last = '\n';
    for (const char byte : text) {
      if (byte != '\n' && last != '\n' && random() % 5 == 0) written += end + (random() % 2 == 0 ? " " : "\t");
      written += byte == '\n' ? end : std::string(1, byte);
      if (byte == '\n' && random() % 7 == 0) written += end;  // an empty line
      last = byte;
    }
    CHECK(parse_icalendar_days_off(written) == days);
  }
  std::string unended = text;
  unended.pop_back();
  CHECK(parse_icalendar_days_off(unended) == days);
}

TEST_CASE("what is broken is refused with its line") {
  CHECK(complaint("") == "line 1: a calendar begins with BEGIN:VCALENDAR; the text is empty");
  CHECK(complaint("hello\n") == "line 1: \"hello\" is no property; NAME:value is needed");
  CHECK(complaint("\n\nX:1\n") == "line 3: a calendar begins with BEGIN:VCALENDAR");
  CHECK(complaint("BEGIN:VEVENT\n") == "line 1: BEGIN:\"VEVENT\" outside a VCALENDAR");
  CHECK(complaint("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n") ==
        "line 3: END:\"VCALENDAR\", but \"VEVENT\" of line 2 is open");
  CHECK(complaint("BEGIN:VCALENDAR\nBEGIN:VEVENT\n") == "line 2: the text ends, but \"VEVENT\" of line 2 is open");
  CHECK(complaint(calendar_of("X;Y:1\n")) == "line 3: \"X;Y:1\" has a parameter without a value");
  CHECK(complaint(calendar_of("X;Y=\"1:2\n")) == "line 3: \"X;Y=\\\"1:2\" has no value; NAME:value is needed");
  CHECK(complaint_of_event("SUMMARY:x\n") == "line 3: VEVENT without DTSTART");
  CHECK(complaint_of_event("DTSTART:20230229\n") ==
        "line 4: DTSTART is \"20230229\"; a day as YYYYMMDD, or with a time as YYYYMMDDTHHMMSS, is needed");
  CHECK(complaint_of_event("DTSTART;VALUE=DATE:2023010\n 1T000000\n") ==
        "line 4: DTSTART is \"20230101T000000\"; a day as YYYYMMDD is needed");
  CHECK(complaint_of_event("DTSTART;VALUE=PERIOD:20230101\n") ==
        "line 4: DTSTART of VALUE \"PERIOD\" is not read; DATE and DATE-TIME are");
  CHECK(complaint_of_event("DTSTART:20230102\nDTEND:20230101\n") == "line 5: DTEND is before DTSTART");
  CHECK_THAT(complaint_of_event("DTSTART:20230102\nDTEND:20230103T000000\n"), Contains("line 5: DTEND and DTSTART"));
  CHECK_THAT(complaint_of_event("DTSTART:20230102\nDTEND:20230103\nDURATION:P1D\n"), Contains("line 6: DURATION"));
  CHECK(complaint_of_event("DTSTART:20230102\nDTSTART:20230102\n") == "line 5: DTSTART twice in one event");
  for (const char* duration : {"", "P", "P0D", "-P1D", "PT1H", "P1DT1H", "P1M", "P999999999D", "1D", "P1"}) {
    INFO(duration);
    CHECK_THAT(complaint_of_event("DTSTART:20230102\nDURATION:" + std::string(duration) + "\n"),
               Contains("line 5: DURATION is "));
  }
  for (const char* rule : {"FREQ=WEEKLY;BYDAY=MO",
                           "FREQ=MONTHLY",
                           "FREQ=YEARLY;BYSETPOS=1",
                           "FREQ=YEARLY;BYYEARDAY=100",
                           "FREQ=YEARLY;BYWEEKNO=20",
                           "FREQ=YEARLY;BYEASTER=1",
                           "",
                           "INTERVAL=1",
                           "FREQ",
                           "FREQ=YEARLY;INTERVAL=0",
                           "FREQ=YEARLY;COUNT=-1",
                           "FREQ=YEARLY;COUNT=x",
                           "FREQ=YEARLY;UNTIL=2012",
                           "FREQ=YEARLY;BYMONTH=13",
                           "FREQ=YEARLY;BYMONTHDAY=0",
                           "FREQ=YEARLY;BYDAY=XX",
                           "FREQ=YEARLY;BYDAY=0MO",
                           "FREQ=YEARLY;BYDAY=M",
                           "FREQ=YEARLY;COUNT=1;UNTIL=20200101",
                           "FREQ=YEARLY;FREQ=YEARLY",
                           "FREQ=YEARLY;BYMONTHDAY=1;BYDAY=1MO"}) {
    INFO(rule);
    CHECK_THAT(complaint_of_event("DTSTART:20230102\nRRULE:" + std::string(rule) + "\n"),
               Contains("line 5: RRULE \"" + std::string(rule)));
  }
  CHECK_THAT(complaint_of_event("DTSTART:20230102\nRECURRENCE-ID:20230102\n"), Contains("line 5: RECURRENCE-ID"));
  CHECK_THAT(complaint_of_event("UID:a\nDTSTART:20230102\nRECURRENCE-ID;RANGE=THISANDFUTURE:20230102\n"),
             Contains("line 6: RECURRENCE-ID with RANGE"));
  CHECK_THAT(complaint_of_event("DTSTART:20230102\nRDATE;VALUE=PERIOD:20230102/P1D\n"), Contains("line 5: RDATE"));
  CHECK_THAT(complaint_of_event("DTSTART:20230102\nEXDATE:20230102,\n"), Contains("line 5: EXDATE is \"\""));
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "BEGIN:VCALENDAR\n";
  CHECK(complaint(deep) == "line 17: components are nested more than 16 deep");
  std::string greedy;
  for (int i = 0; i < 300; ++i) greedy += event_of("DTSTART:19700101\nRRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU\n");
  CHECK_THAT(complaint(calendar_of(greedy)), Contains("ask for more than 10000000 days"));
  CHECK_THAT(complaint(std::string(16'000'001, ' ')), Contains("more than 16000000 bytes"));
  CHECK_THROWS_AS(read_icalendar_days_off("/nowhere/days.ics"), InputError);
}

TEST_CASE("any cut and any changed byte of a calendar is read or refused") {
  std::ifstream in(PUTKI_SOURCE_DIR "/examples/data/holidays_nl.ics", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  REQUIRE(text.size() > 1'000);
  std::mt19937 random(11);
  int refused = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string changed = text;
    for (unsigned i = 0; i <= random() % 3; ++i) changed[random() % changed.size()] = static_cast<char>(random());
    if (round % 3 == 0) changed.resize(random() % changed.size());
    try {
      const auto days = parse_icalendar_days_off(changed);
      REQUIRE(std::is_sorted(days.begin(), days.end()));
    } catch (const InputError&) {
      ++refused;
    }
  }
  CHECK(refused > 1'000);
}
