#include <putki/core/day_type.hpp>
#include <putki/core/error.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace putki;
using namespace std::chrono_literals;

TEST_CASE("holidays count as Sundays, Saturdays stay Saturdays: Christmas 2010 and 2012 by hand") {
  const BusinessCalendar calendar =
      BusinessCalendar::weekdays({2010y / 12 / 25, 2010y / 12 / 27, 2012y / 12 / 25, 2012y / 12 / 26});
  CHECK(day_type(2010y / 12 / 24, calendar) == 4);  // Friday
  CHECK(day_type(2010y / 12 / 25, calendar) == 5);  // Saturday, and a holiday
  CHECK(day_type(2010y / 12 / 26, calendar) == 6);  // Sunday
  CHECK(day_type(2010y / 12 / 27, calendar) == 6);  // Monday, off
  CHECK(day_type(2010y / 12 / 28, calendar) == 1);
  CHECK(day_type(2012y / 12 / 24, calendar) == 0);
  CHECK(day_type(2012y / 12 / 25, calendar) == 6);  // Tuesday, off
  CHECK(day_type(2012y / 12 / 26, calendar) == 6);  // Wednesday, off
  CHECK(day_type(2012y / 12 / 27, calendar) == 3);
}

TEST_CASE("without holidays types are weekdays, whatever the weekend") {
  for (unsigned bits = 0; bits < 128; ++bits) {
    const BusinessCalendar calendar(std::bitset<7>(bits), {});
    for (int i = 0; i < 7; ++i) CHECK(day_type(Day{2024y / 1 / 1} + Days{i}, calendar) == i);  // a Monday
  }
}

TEST_CASE("a holiday counts as the last day of the calendar's own weekend") {
  const Day tuesday = 2024y / 1 / 2;
  CHECK(day_type(tuesday, BusinessCalendar({}, {tuesday})) == 6);                         // every weekday worked
  CHECK(day_type(tuesday, BusinessCalendar(std::bitset<7>{0b1000000}, {tuesday})) == 6);  // Sunday off
  CHECK(day_type(tuesday, BusinessCalendar(std::bitset<7>{0b0110000}, {tuesday})) == 5);  // Friday and Saturday off
  CHECK(day_type(tuesday, BusinessCalendar(std::bitset<7>{0b0011000}, {tuesday})) == 4);  // Thursday and Friday off
}

TEST_CASE("a table of day types says what each day says") {
  std::mt19937_64 bits(4);
  const Day begin = 2011y / 6 / 1;
  for (int round = 0; round < 20; ++round) {
    std::vector<Day> holidays;
    for (int n = 0; n < 30; ++n) holidays.push_back(begin + Days{bits() % 400});
    const BusinessCalendar calendar(std::bitset<7>(bits() % 128), holidays);
    const Day from = begin + Days{bits() % 100};
    const DayTypes types(from, from + Days{bits() % 300}, calendar);
    CHECK(types.begin() == from);
    CHECK(types.types().size() == static_cast<std::size_t>((types.end() - from).count()));
    for (Day day = types.begin(); day < types.end(); day += Days{1}) {
      REQUIRE(types.at(day) == day_type(day, calendar));
      REQUIRE(types.types()[static_cast<std::size_t>((day - from).count())] == types.at(day));
    }
  }
}

TEST_CASE("day types of no days, of days not laid out and not covered") {
  const BusinessCalendar calendar = BusinessCalendar::weekdays();
  const Day day = 2012y / 1 / 2;
  CHECK(DayTypes().types().empty());
  CHECK(DayTypes(day, day, calendar).types().empty());
  CHECK_THROWS_AS(DayTypes().at(day), InvalidArgument);
  const DayTypes one(day, day + Days{1}, calendar);
  CHECK(one.at(day) == 0);
  CHECK_THROWS_WITH(one.at(day + Days{1}), Catch::Contains("2012-01-03") && Catch::Contains("2012-01-02"));
  CHECK_THROWS_AS(one.at(day - Days{1}), InvalidArgument);
  CHECK_THROWS_WITH(DayTypes(day, day - Days{1}, calendar), Catch::Contains("before the beginning"));
  CHECK_THROWS_WITH(DayTypes(2099y / 12 / 31, 2100y / 1 / 2, calendar), Catch::Contains("2100-01-01"));
  CHECK_THROWS_AS(day_type(1969y / 12 / 31, BusinessCalendar()), InvalidArgument);
}
