#include <putki/core/calendar.hpp>
#include <putki/core/error.hpp>

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace putki;
using namespace std::chrono_literals;

TEST_CASE("a week of weekdays by hand") {
  const BusinessCalendar calendar = BusinessCalendar::weekdays({2012y / 1 / 2});
  const Day friday = 2012y / 1 / 13;
  CHECK(calendar.is_business_day(friday));
  CHECK_FALSE(calendar.is_business_day(friday + Days{1}));
  CHECK_FALSE(calendar.is_business_day(friday + Days{2}));
  CHECK(calendar.is_business_day(friday + Days{3}));
  CHECK_FALSE(calendar.is_business_day(2012y / 1 / 2));  // a Monday
  CHECK(calendar.business_days_between(friday, friday + Days{3}) == 1);
  CHECK(calendar.business_days_between(friday + Days{3}, friday) == -1);
  // January 2012: 22 weekdays, one of them off.
  CHECK(calendar.business_days_between(2012y / 1 / 1, 2012y / 2 / 1) == 21);
  CHECK(calendar.add_business_days(friday, 0) == friday);
  CHECK(calendar.add_business_days(friday + Days{1}, 0) == friday + Days{1});
  CHECK(calendar.add_business_days(friday, 1) == friday + Days{1});
  CHECK(calendar.add_business_days(friday, 2) == friday + Days{4});
  CHECK(calendar.add_business_days(friday + Days{3}, -1) == friday);
}

TEST_CASE("random calendars count what a loop over the days counts") {
  std::mt19937_64 bits(3);
  const Day begin = 2010y / 1 / 1;
  for (int round = 0; round < 40; ++round) {
    const std::bitset<7> weekend(bits() % 128);
    std::vector<Day> holidays;
    std::set<Day> off;
    for (std::uint64_t n = bits() % 60; n > 0; --n) {
      holidays.push_back(begin + Days{bits() % 700});
      off.insert(holidays.back());
    }
    const BusinessCalendar calendar(weekend, holidays);
    const auto worked = [&](Day day) {
      return !weekend[std::chrono::weekday{day}.iso_encoding() - 1] && !off.contains(day);
    };
    for (int pair = 0; pair < 200; ++pair) {
      const Day from = begin + Days{bits() % 700};
      const Day to = begin + Days{bits() % 700};
      int expected = 0;
      for (Day day = std::min(from, to); day < std::max(from, to); day += Days{1}) expected += worked(day) ? 1 : 0;
      if (to < from) expected = -expected;
      CAPTURE(weekend, to_string(from), to_string(to));
      REQUIRE(calendar.is_business_day(from) == worked(from));
      REQUIRE(calendar.business_days_between(from, to) == expected);
      if (weekend.all()) continue;
      const int n = static_cast<int>(bits() % 100) - 50;
      const Day reached = calendar.add_business_days(from, n);
      REQUIRE(calendar.business_days_between(from, reached) == n);
      if (n > 0) REQUIRE(calendar.business_days_between(from, reached - Days{1}) == n - 1);
      if (n < 0) REQUIRE(calendar.business_days_between(from, reached + Days{1}) == n + 1);
      if (n == 0) REQUIRE(reached == from);
    }
  }
}

TEST_CASE("without a weekend or holidays every day is worked") {
  const BusinessCalendar calendar;
  CHECK(calendar.is_business_day(2012y / 1 / 14));
  CHECK(calendar.business_days_between(2012y / 1 / 1, 2013y / 1 / 1) == 366);
  CHECK(calendar.add_business_days(2012y / 1 / 1, 366) == Day{2013y / 1 / 1});
  CHECK(calendar.add_business_days(2013y / 1 / 1, -366) == Day{2012y / 1 / 1});
  CHECK(calendar == BusinessCalendar({}, {}));
}

TEST_CASE("the weekend is the weekdays never worked, however the calendar was stated") {
  for (unsigned bits = 0; bits < 128; ++bits) {
    const std::bitset<7> weekend(bits);
    CHECK(BusinessCalendar(weekend, {2012y / 1 / 2}).weekend() == weekend);
  }
  std::vector<Day> fridays;
  for (Day day = 1970y / 1 / 2; day < 2100y / 1 / 1; day += Days{7}) fridays.push_back(day);
  CHECK(BusinessCalendar::weekdays(fridays).weekend() == std::bitset<7>{0b1110000});
  CHECK(BusinessCalendar().weekend().none());
}

TEST_CASE("a clock of business days: days off take no time, and a horizon has its business days") {
  const BusinessCalendar clock = BusinessCalendar::weekdays({2012y / 1 / 2});
  const Day friday = 2011y / 12 / 30;
  CHECK(clock.business_days_between(friday, friday + Days{1}) == 1);  // Saturday counts as Tuesday, the next worked
  CHECK(clock.business_days_between(friday, 2012y / 1 / 3) == 1);
  CHECK(clock.business_days_between(friday + Days{1}, 2012y / 1 / 3) == 0);  // begun on a day off
  CHECK(clock.business_days_between(friday, 2012y / 1 / 4) == 2);
  CHECK(clock.business_days_between(friday, friday + Days{7}) == 4);  // a horizon of 7 days
  std::mt19937_64 bits(5);
  for (int round = 0; round < 200; ++round) {
    const Day begin = Day{2010y / 1 / 1} + Days{bits() % 1000};
    const auto horizon = static_cast<int>(bits() % 40);
    int k = 0;
    for (Day day = begin; day < begin + Days{horizon}; day += Days{1}) {
      if (!clock.is_business_day(day)) continue;
      CHECK(clock.add_business_days(begin, k + 1) - Days{1} == day);
      ++k;
    }
    CHECK(clock.business_days_between(begin, begin + Days{horizon}) == k);
  }
}

TEST_CASE("the running count has every covered day and the end") {
  CHECK(BusinessCalendar().running_count().empty());
  const BusinessCalendar calendar = BusinessCalendar::weekdays({2012y / 1 / 2});
  const auto count = calendar.running_count();
  REQUIRE(count.size() == 47'483);
  for (std::size_t i = 0; i < count.size(); ++i)
    REQUIRE(count[i] == calendar.business_days_between(Day{}, Day{} + Days{i}));
}

TEST_CASE("calendars are equal when the same days are worked") {
  const Day saturday = 2012y / 1 / 14;
  const Day christmas = 2012y / 12 / 25;
  CHECK(BusinessCalendar::weekdays() == BusinessCalendar::weekdays({saturday}));
  CHECK(BusinessCalendar::weekdays({christmas, saturday}) == BusinessCalendar::weekdays({christmas, christmas}));
  CHECK_FALSE(BusinessCalendar::weekdays({christmas}) == BusinessCalendar::weekdays());
  CHECK_FALSE(BusinessCalendar::weekdays() == BusinessCalendar());
  CHECK_FALSE(BusinessCalendar() == BusinessCalendar({}, {christmas}));
}

TEST_CASE("a calendar without business days counts none and reaches none") {
  const BusinessCalendar calendar(std::bitset<7>{}.set(), {});
  const Day day = 2012y / 1 / 1;
  CHECK(calendar.business_days_between(1970y / 1 / 1, 2100y / 1 / 1) == 0);
  CHECK(calendar.add_business_days(day, 0) == day);
  CHECK_THROWS_AS(calendar.add_business_days(day, 1), InvalidArgument);
  CHECK_THROWS_AS(calendar.add_business_days(day, -1), InvalidArgument);
}

TEST_CASE("days outside 1970 to 2099 are refused with the covered span") {
  for (const BusinessCalendar& calendar : {BusinessCalendar(), BusinessCalendar::weekdays()}) {
    CHECK(calendar.business_days_between(1970y / 1 / 1, 2100y / 1 / 1) > 0);
    CHECK_NOTHROW(calendar.is_business_day(2099y / 12 / 31));
    CHECK_THROWS_AS(calendar.is_business_day(2100y / 1 / 1), InvalidArgument);
    CHECK_THROWS_AS(calendar.business_days_between(2012y / 1 / 1, 2100y / 1 / 2), InvalidArgument);
    CHECK_THROWS_AS(calendar.add_business_days(2099y / 12 / 1, 1000), InvalidArgument);
    CHECK_THROWS_AS(calendar.add_business_days(2012y / 1 / 1, std::numeric_limits<int>::max()), InvalidArgument);
    CHECK_THROWS_AS(calendar.add_business_days(2012y / 1 / 1, std::numeric_limits<int>::min()), InvalidArgument);
    CHECK_THROWS_WITH(calendar.is_business_day(1969y / 12 / 31),
                      Catch::Contains("1969-12-31") && Catch::Contains("1970-01-01 to 2099-12-31"));
  }
  CHECK_THROWS_WITH(BusinessCalendar::weekdays({2012y / 1 / 1, 9999y / 12 / 31}), Catch::Contains("9999-12-31"));
}
