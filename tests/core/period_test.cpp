#include <putki/core/error.hpp>
#include <putki/core/period.hpp>

#include <catch2/catch.hpp>

using namespace putki;
using namespace std::chrono_literals;

namespace {

Period period(Day begin, Day end) {
  return {begin, end};
}

constexpr PeriodUnit kUnits[] = {PeriodUnit::day, PeriodUnit::week, PeriodUnit::month, PeriodUnit::quarter,
                                 PeriodUnit::year};

}  // namespace

TEST_CASE("known days lie in known periods") {
  const Day friday = 2012y / 1 / 13;
  CHECK(period_containing(friday, PeriodUnit::day) == period(friday, 2012y / 1 / 14));
  CHECK(period_containing(friday, PeriodUnit::week) == period(2012y / 1 / 9, 2012y / 1 / 16));
  CHECK(period_containing(friday, PeriodUnit::month) == period(2012y / 1 / 1, 2012y / 2 / 1));
  CHECK(period_containing(friday, PeriodUnit::quarter) == period(2012y / 1 / 1, 2012y / 4 / 1));
  CHECK(period_containing(friday, PeriodUnit::year) == period(2012y / 1 / 1, 2013y / 1 / 1));
}

TEST_CASE("a fiscal start month moves years and quarters only") {
  const Day day = 2012y / 1 / 13;
  CHECK(period_containing(day, PeriodUnit::year, 4) == period(2011y / 4 / 1, 2012y / 4 / 1));
  CHECK(period_containing(day, PeriodUnit::year, 10) == period(2011y / 10 / 1, 2012y / 10 / 1));
  CHECK(period_containing(2012y / 10 / 1, PeriodUnit::year, 10) == period(2012y / 10 / 1, 2013y / 10 / 1));
  CHECK(period_containing(day, PeriodUnit::quarter, 2) == period(2011y / 11 / 1, 2012y / 2 / 1));
  CHECK(period_containing(day, PeriodUnit::quarter, 4) == period_containing(day, PeriodUnit::quarter));
  CHECK(period_containing(day, PeriodUnit::month, 4) == period_containing(day, PeriodUnit::month));
  CHECK(period_containing(day, PeriodUnit::week, 4) == period_containing(day, PeriodUnit::week));
}

TEST_CASE("periods of a unit tile the calendar and begin where they should") {
  for (const PeriodUnit unit : kUnits) {
    for (unsigned start = 1; start <= 12; ++start) {
      for (Day day = 1999y / 11 / 20; day < Day{2005y / 2 / 10}; day += Days{1}) {
        CAPTURE(to_string(unit), start, to_string(day));
        const Period p = period_containing(day, unit, start);
        REQUIRE(p.begin <= day);
        REQUIRE(day < p.end);
        REQUIRE(period_containing(p.begin, unit, start) == p);
        REQUIRE(period_containing(p.end, unit, start).begin == p.end);
        const std::chrono::year_month_day first{p.begin};
        const unsigned month = static_cast<unsigned>(first.month());
        if (unit == PeriodUnit::week) {
          REQUIRE(std::chrono::weekday{p.begin} == std::chrono::Monday);
          REQUIRE(p.end - p.begin == Days{7});
        }
        if (unit >= PeriodUnit::month) REQUIRE(first.day() == std::chrono::day{1});
        if (unit == PeriodUnit::quarter) REQUIRE((month + 12 - start) % 3 == 0);
        if (unit == PeriodUnit::year) REQUIRE(month == start);
      }
    }
  }
}

TEST_CASE("a span is cut at period borders, without gap or overlap") {
  const auto months = split_into_periods(2012y / 1 / 13, 2012y / 3 / 10, PeriodUnit::month);
  CHECK(months == std::vector<Period>{period(2012y / 1 / 13, 2012y / 2 / 1), period(2012y / 2 / 1, 2012y / 3 / 1),
                                      period(2012y / 3 / 1, 2012y / 3 / 10)});
  CHECK(split_into_periods(2012y / 1 / 13, 2012y / 1 / 14, PeriodUnit::year).size() == 1);
  CHECK(split_into_periods(2012y / 1 / 13, 2012y / 1 / 13, PeriodUnit::day).empty());
  CHECK(split_into_periods(2012y / 1 / 13, 2012y / 1 / 12, PeriodUnit::week).empty());
  for (const PeriodUnit unit : kUnits) {
    const Day begin = 2011y / 10 / 5;
    const Day end = 2014y / 7 / 9;
    Day reached = begin;
    for (const Period& p : split_into_periods(begin, end, unit, 3)) {
      REQUIRE(p.begin == reached);
      REQUIRE(p.begin < p.end);
      REQUIRE(period_containing(p.begin, unit, 3) == period_containing(p.end - Days{1}, unit, 3));
      reached = p.end;
    }
    CHECK(reached == end);
  }
}

TEST_CASE("unit names read back, others are refused with the allowed words") {
  for (const PeriodUnit unit : kUnits) CHECK(parse_period_unit(to_string(unit)) == unit);
  for (const char* text : {"", "Month", "months", "fortnight"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_period_unit(text), InvalidArgument);
    CHECK_THROWS_WITH(parse_period_unit(text), Catch::Contains('"' + std::string(text) + '"') &&
                                                   Catch::Contains("day, week, month, quarter, year"));
  }
}

TEST_CASE("months outside 1..12 and days outside the years 1..9999 are refused") {
  CHECK_THROWS_WITH(period_containing(Day{}, PeriodUnit::year, 0), Catch::Contains("month 0: 1 to 12"));
  CHECK_THROWS_AS(period_containing(Day{}, PeriodUnit::day, 13), InvalidArgument);
  CHECK_THROWS_AS(period_containing(Day{0y / 12 / 31}, PeriodUnit::week), InvalidArgument);
  CHECK_THROWS_AS(period_containing(Day{10000y / 1 / 1}, PeriodUnit::week), InvalidArgument);
  CHECK_THROWS_AS(split_into_periods(Day{9999y / 12 / 1}, Day{10000y / 2 / 1}, PeriodUnit::month), InvalidArgument);
  CHECK(period_containing(Day{9999y / 12 / 31}, PeriodUnit::year).end == Day{10000y / 1 / 1});
}
