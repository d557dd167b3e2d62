#include <putki/core/time.hpp>

#include <catch2/catch.hpp>

using namespace putki;
using namespace std::chrono_literals;

TEST_CASE("a day prints as ISO 8601 and reads back") {
  CHECK(to_string(Day{2012y / 1 / 13}) == "2012-01-13");
  CHECK(to_string(Day{}) == "1970-01-01");
  // Four-year, century and 400-year leap rules all occur in this span.
  for (Day day = 1599y / 12 / 25; day < Day{2101y / 1 / 5}; day += Days{1}) {
    const std::chrono::year_month_day date{day};
    const std::string text = to_string(day);
    REQUIRE(parse_day(text) == day);
    REQUIRE(std::stoi(text.substr(0, 4)) == static_cast<int>(date.year()));
    REQUIRE(std::stoul(text.substr(5, 2)) == static_cast<unsigned>(date.month()));
    REQUIRE(std::stoul(text.substr(8, 2)) == static_cast<unsigned>(date.day()));
  }
}

TEST_CASE("years outside 0000..9999 print with a sign") {
  CHECK(to_string(Day{9999y / 12 / 31} + Days{1}) == "+10000-01-01");
  CHECK(to_string(Day{0y / 1 / 1}) == "0000-01-01");
  CHECK(to_string(Day{0y / 1 / 1} - Days{1}) == "-0001-12-31");
  // 2^63 - 1 us after 1970 (the widest instant PostgreSQL's own format names: 294247-01-10 04:00:54.775807).
  CHECK(to_string(Timestamp::max()) == "+294247-01-10T04:00:54.775807Z");
  CHECK(to_string(Timestamp::min()) == "-290308-12-21T19:59:05.224192Z");
}

TEST_CASE("an instant prints in UTC with a fraction only when there is one") {
  const Timestamp noon = Day{2012y / 2 / 29} + 12h;
  CHECK(to_string(noon) == "2012-02-29T12:00:00Z");
  CHECK(to_string(noon + 5min + 7s) == "2012-02-29T12:05:07Z");
  CHECK(to_string(noon + 42us) == "2012-02-29T12:00:00.000042Z");
  CHECK(to_string(Timestamp{-1us}) == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("only YYYY-MM-DD of a day that exists is a day") {
  CHECK(parse_day("2012-02-29") == Day{2012y / 2 / 29});
  for (const char* text : {"", "2011-02-29", "1900-02-29", "2012-00-10", "2012-13-01", "2012-01-00", "2012-01-32",
                           "2012-04-31", "2012-1-13", "2012/01/13", "2012-01-13 ", " 2012-01-13", "2012-01-13T00:00:00",
                           "+012-01-13", "2012-01--1", "12-01-2012", "20120113", "2012-01-1x", "2012-0a-13"}) {
    CAPTURE(text);
    CHECK(parse_day(text) == std::nullopt);
  }
}

TEST_CASE("elapsed days keep fractions and sign") {
  const Timestamp begin = Day{2012y / 1 / 1};
  CHECK(elapsed_days(begin, begin + 36h) == 1.5);
  CHECK(elapsed_days(begin + 6h, begin) == -0.25);
}
