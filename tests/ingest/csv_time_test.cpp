#include <putki/core/random.hpp>

#include <catch2/catch.hpp>
#include <cstdio>
#include <optional>

#include "ingest/csv_support.hpp"

using namespace putki;
using namespace putki_test;
using namespace std::chrono;
using Catch::Matchers::Contains;

namespace {

using Times = std::vector<std::optional<Timestamp>>;

// The column read as the times of one deal each; nothing where a time was not readable.
Times read_times(const std::vector<std::string>& column, const std::string& formats = "{}",
                 const std::string& zone = "UTC") {
  std::string text = "id;stage;at\n";
  for (std::size_t i = 0; i < column.size(); ++i) text += std::to_string(i) + ";Lead;\"" + column[i] + "\"\n";
  const ReadLog read = parse_csv(text, plain_definition(formats, zone));
  CHECK(read.report.adds_up());
  CHECK(read.report.rows_read() == column.size());
  Times times(column.size());
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (const auto deal = read.log.find_deal(std::to_string(i)))
      times[i] = read.log.times()[read.log.offsets()[index(*deal)]];
  }
  return times;
}

constexpr Timestamp utc(Day day, microseconds since_midnight = 0us) {
  return day + since_midnight;
}
const Day kDay{2012y / 1 / 13};

std::string complaint_of(const std::string& values, const std::string& formats = "{}") {
  const auto [message, code] = complaint<InputError>("id,stage,at\n" + values, plain_definition(formats));
  CHECK(code == ErrorCode::ambiguous);
  return message;
}

}  // namespace

TEST_CASE("ISO 8601 times are read in all their forms") {
  const std::vector<std::pair<std::string, Timestamp>> forms = {
      {"2012-01-13", utc(kDay)},
      {"2012/01/13", utc(kDay)},
      {"2012-1-3", utc(Day{2012y / 1 / 3})},
      {"2012-01-13T08:15", utc(kDay, 8h + 15min)},
      {"2012-01-13 08:15", utc(kDay, 8h + 15min)},
      {"2012-01-13T08:15:30", utc(kDay, 8h + 15min + 30s)},
      {"2012-01-13 08:15:30Z", utc(kDay, 8h + 15min + 30s)},
      {"2012-01-13t08:15:30z", utc(kDay, 8h + 15min + 30s)},
      {"2012-01-13 08:15:30 UTC", utc(kDay, 8h + 15min + 30s)},
      {"2012-01-13T08:15:30+02", utc(kDay, 6h + 15min + 30s)},
      {"2012-01-13T08:15:30+0200", utc(kDay, 6h + 15min + 30s)},
      {"2012-01-13T08:15:30+02:00", utc(kDay, 6h + 15min + 30s)},
      {"2012-01-13 08:15:30 -05:30", utc(kDay, 13h + 45min + 30s)},
      {"2012-01-13T08:15+02:00", utc(kDay, 6h + 15min)},
      {"2012-01-13T08:15:30.5Z", utc(kDay, 8h + 15min + 30s + 500ms)},
      {"2012-01-13T08:15:30,25Z", utc(kDay, 8h + 15min + 30s + 250ms)},
      {"2012-01-13T08:15:30.123456Z", utc(kDay, 8h + 15min + 30s + 123456us)},
      {"2012-01-13T08:15:30.123456789+01:00", utc(kDay, 7h + 15min + 30s + 123456us)},
      {"2012-01-13T08:15:30.000000999", utc(kDay, 8h + 15min + 30s)},
      {"2012-01-13T23:59:60Z", utc(kDay + Days{1})},
      {"  2012-01-13T08:15:30Z ", utc(kDay, 8h + 15min + 30s)}};
  std::vector<std::string> column;
  Times expected;
  for (const auto& [text, time] : forms) {
    column.push_back(text);
    expected.push_back(time);
  }
  CHECK(read_times(column) == expected);
}

TEST_CASE("what only looks like a time is not read as one") {
  const std::vector<std::string> no_times = {"2012-02-30",
                                             "2012-13-01",
                                             "2012-01-13T24:00:00",
                                             "2012-01-13T08:60:00",
                                             "2012-01-13T08:15:61",
                                             "2012-01-13T08:15:30.",
                                             "2012-01-13T08:15:30.1234567890",
                                             "2012-01-13T08:15:30+2",
                                             "2012-01-13T08",
                                             "2012-01-13T",
                                             "2012-01-13x08:15:30",
                                             "2012-01-13T08:15:30ZZ",
                                             "2012-01-13T08:15:30+19:00",
                                             "20120113",
                                             "40921",
                                             "2012",
                                             "13.1.12",
                                             "1/13/12",
                                             "13/1/2012/",
                                             "yesterday",
                                             "12-01-13",
                                             "2012-01-1308:15:30",
                                             "2012-01-13T8:1:30",
                                             "2012-01/13",
                                             "-2012-01-13",
                                             "2012-01-13T0::15:30",
                                             "2012-01-13T08:15:3:"};
  std::vector<std::string> column = no_times;
  for (int i = 0; i < 20; ++i) column.push_back("2012-01-13T08:15:30Z");
  const Times times = read_times(column);
  for (std::size_t i = 0; i < no_times.size(); ++i) {
    INFO(no_times[i]);
    CHECK_FALSE(times[i]);
  }
  CHECK(times.back() == utc(kDay, 8h + 15min + 30s));
}

TEST_CASE("month/day/year and day/month/year are told apart by days past the 12th") {
  CHECK(read_times({"1/2/2012", "1/13/2012"}) == Times{utc(Day{2012y / 1 / 2}), utc(kDay)});
  CHECK(read_times({"1/2/2012", "13/1/2012"}) == Times{utc(Day{2012y / 2 / 1}), utc(kDay)});
  CHECK(read_times({"01-02-2012", "13-01-2012"}) == Times{utc(Day{2012y / 2 / 1}), utc(kDay)});
  CHECK(read_times({"1/13/2012 8:15", "1/13/2012 08:15:30", "1/13/2012 08:15:30.5"}) ==
        Times{utc(kDay, 8h + 15min), utc(kDay, 8h + 15min + 30s), utc(kDay, 8h + 15min + 30s + 500ms)});
  CHECK(read_times({"1/13/2012 12:15 AM", "1/13/2012 12:15 pm", "1/13/2012, 8:15:30 PM", "1/13/2012 8:15PM"}) ==
        Times{utc(kDay, 15min), utc(kDay, 12h + 15min), utc(kDay, 20h + 15min + 30s), utc(kDay, 20h + 15min)});
  CHECK(read_times({"1/13/2012 13:15 PM", "1/13/2012 0:15 AM", "1/13/2012 1:15 AM"}) ==
        Times{std::nullopt, std::nullopt, utc(kDay, 1h + 15min)});
}

TEST_CASE("points between are day.month.year, whatever the day") {
  CHECK(read_times({"1.2.2012", "02.01.2012 08:15"}) ==
        Times{utc(Day{2012y / 2 / 1}), utc(Day{2012y / 1 / 2}, 8h + 15min)});
}

TEST_CASE("epoch seconds and milliseconds are told apart by their digits") {
  CHECK(read_times({"1326442530", "999999999", "1326442530.25"}) ==
        Times{utc(kDay, 8h + 15min + 30s), Timestamp{} + 999'999'999s, utc(kDay, 8h + 15min + 30s + 250ms)});
  CHECK(read_times({"1326442530123", "999999999999"}) ==
        Times{utc(kDay, 8h + 15min + 30s + 123ms), Timestamp{} + 999'999'999'999ms});
  CHECK(read_times({"5", "1326442530"}, R"({"time": "epoch_s"})") ==
        Times{Timestamp{} + 5s, utc(kDay, 8h + 15min + 30s)});
  CHECK(read_times({"5", "1326442530"}, R"({"time": "epoch_ms"})") ==
        Times{Timestamp{} + 5ms, Timestamp{} + 1'326'442'530ms});
}

TEST_CASE("a column that reads both ways on every row is refused with the way to state it") {
  const std::string both = "a,Lead,01/02/2012\nb,Lead,03/04/2012\n";
  const std::string message = complaint_of(both);
  CHECK_THAT(message, Contains("deals.csv: column \"at\""));
  CHECK_THAT(message, Contains("month/day/year") && Contains("day/month/year") && Contains("\"01/02/2012\""));
  CHECK_THAT(message, Contains("\"formats\": {\"time\": \"mdy\"} or {\"time\": \"dmy\"}"));
  CHECK(message.find('\n') == std::string::npos);

  CHECK(read_times({"01/02/2012"}, R"({"time": "mdy"})") == Times{utc(Day{2012y / 1 / 2})});
  CHECK(read_times({"01/02/2012"}, R"({"time": "dmy"})") == Times{utc(Day{2012y / 2 / 1})});
}

TEST_CASE("the same day and month on every row is ambiguous still: the next row would tell") {
  complaint_of("a,Lead,02/02/2012\n");
}

TEST_CASE("as many rows for one format as for another are refused") {
  complaint_of("a,Lead,13/01/2012\nb,Lead,01/13/2012\nc,Lead,01/02/2012\n");
  complaint_of("a,Lead,13/01/2012\nb,Lead,2012-01-13\n");
  // Stating one of them settles it.
  CHECK(read_times({"13/01/2012", "2012-01-13"}, R"({"time": "dmy"})") == Times{utc(kDay), std::nullopt});
  CHECK(read_times({"13/01/2012", "2012-01-13"}, R"({"time": "iso8601"})") == Times{std::nullopt, utc(kDay)});
}

TEST_CASE("rows that cannot be read in the format of most are reported, not guessed") {
  CHECK(read_times({"13/01/2012", "14/01/2012", "01/02/2012", "01/15/2012", "2012-01-13"}) ==
        Times{utc(kDay), utc(kDay + Days{1}), utc(Day{2012y / 2 / 1}), std::nullopt, std::nullopt});
}

TEST_CASE("the format is that of the whole column, also when the first thousand rows say otherwise") {
  std::vector<std::string> column(1500, "2012-01-13");
  column.resize(5000, "13/01/2012");
  const Times times = read_times(column);
  CHECK_FALSE(times.front());
  CHECK(times.back() == utc(kDay));
  std::vector<std::string> doubtful(3000, "01/02/2012");
  doubtful.push_back("13/01/2012");
  CHECK(read_times(doubtful).front() == utc(Day{2012y / 2 / 1}));
}

TEST_CASE("a stated format is kept to") {
  CHECK(read_times({"2012-01-13", "1/13/2012"}, R"({"time": "iso8601"})") == Times{utc(kDay), std::nullopt});
  CHECK(read_times({"13/1/2012", "13/2/2012", "1/2/2012"}, R"({"time": "mdy"})") ==
        Times{std::nullopt, std::nullopt, utc(Day{2012y / 1 / 2})});
  // It is about slashes: columns written otherwise are detected all the same.
  CHECK(read_times({"2012-01-13"}, R"({"time": "mdy"})") == Times{utc(kDay)});
}

TEST_CASE("times without an offset are local times of the pipeline, with one they are not") {
  const std::string berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
  CHECK(read_times({"2012-01-13T08:15:30", "2012-07-13 08:15", "2012-01-13", "2012-01-13T08:15:30Z"}, "{}", berlin) ==
        Times{utc(kDay, 7h + 15min + 30s), utc(Day{2012y / 7 / 13}, 6h + 15min), utc(kDay) - 1h,
              utc(kDay, 8h + 15min + 30s)});
  // 02:30 does not exist on 2012-03-25: read with the offset before the change. 02:30 on 2012-10-28 is twice: the
  // first.
  CHECK(read_times({"2012-03-25 02:30", "2012-10-28 02:30"}, "{}", berlin) ==
        Times{utc(Day{2012y / 3 / 25}, 1h + 30min), utc(Day{2012y / 10 / 28}, 30min)});
  CHECK(read_times({"1326442530"}, "{}", berlin) == Times{utc(kDay, 8h + 15min + 30s)});
}

TEST_CASE("random instants written in any format come back") {
  RandomStream random(31, 0);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> column;
    Times expected;
    const auto format = random.below(7);
    for (int i = 0; i < 200; ++i) {
      const Day day{Days{static_cast<int>(random.below(47'482))}};
      const year_month_day date{day};
      const auto second = static_cast<std::int64_t>(random.below(86'400));
      const auto micros = static_cast<std::int64_t>(random.below(1'000'000));
      const int h = static_cast<int>(second / 3600), m = static_cast<int>(second / 60 % 60),
                s = static_cast<int>(second % 60);
      const int y = static_cast<int>(date.year());
      const unsigned mon = static_cast<unsigned>(date.month()), d = static_cast<unsigned>(date.day());
      char text[64];
      microseconds since_midnight = seconds{second} + microseconds{micros};
      switch (format) {
        case 0:
          std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", y, mon, d, h, m, s,
                        static_cast<int>(micros));
          break;
        case 1:
          std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d.%03d", y, mon, d, h, m, s,
                        static_cast<int>(micros / 1000));
          since_midnight = seconds{second} + floor<milliseconds>(microseconds{micros});
          break;
        case 2:
          std::snprintf(text, sizeof text, "%u/%u/%04d %d:%02d:%02d %s", mon, d, y, h % 12 == 0 ? 12 : h % 12, m, s,
                        h < 12 ? "AM" : "PM");
          since_midnight = seconds{second};
          break;
        case 3:
          std::snprintf(text, sizeof text, "%02u.%02u.%04d %02d:%02d", d, mon, y, h, m);
          since_midnight = floor<minutes>(seconds{second});
          break;
        case 4:
          std::snprintf(text, sizeof text, "%u/%u/%04d", d, mon, y);
          since_midnight = 0us;
          break;
        case 5:
          std::snprintf(text, sizeof text, "%lld", static_cast<long long>((utc(day).time_since_epoch() / 1s) + second));
          since_midnight = seconds{second};
          break;
        default:
          std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d-03:30", y, mon, d, h, m, s);
          since_midnight = seconds{second} + 3h + 30min;
      }
      const bool too_short = format == 5 && std::string(text).size() < 9;
      const bool too_late = utc(day, since_midnight) >= utc(Day{2100y / 1 / 1});
      column.emplace_back(text);
      expected.push_back(too_short || too_late ? std::nullopt : std::optional(utc(day, since_midnight)));
    }
    CHECK(read_times(column) == expected);
  }
}
