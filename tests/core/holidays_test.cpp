// The lists are the published ones: gov.uk, opm.gov, rijksoverheid.nl, the almanacs of Helsinki, Stockholm, Oslo and
// Copenhagen, service-public.fr, and the ministries of the interior of the Laender. The federal holidays of 1991 to
// 2099 and the Easters of these years were also compared with pandas 1.5 and dateutil 2.8: no difference.
#include <putki/core/error.hpp>
#include <putki/core/holidays.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>

using namespace putki;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

// "01-01 04-22 ..": the days of a year's holidays, each once.
std::string days_of(std::string_view country, int year) {
  std::string days;
  std::string last;
  for (const Holiday& holiday : public_holidays(country, year)) {
    const std::string day = to_string(holiday.day).substr(5);
    if (day != last) days += (days.empty() ? "" : " ") + day;
    last = day;
  }
  return days;
}

std::vector<std::string> names_on(std::string_view country, Day day) {
  std::vector<std::string> names;
  const auto year = static_cast<int>(std::chrono::year_month_day{day}.year());
  for (const Holiday& holiday : public_holidays(country, year)) {
    if (holiday.day == day) names.push_back(holiday.name);
  }
  return names;
}

std::string name_on(std::string_view country, Day day) {
  const std::vector<std::string> names = names_on(country, day);
  return names.size() == 1 ? names[0] : std::to_string(names.size()) + " holidays";
}

}  // namespace

TEST_CASE("the holidays of 2011, 2012, 2024 and 2025 are the published ones") {
  CHECK(days_of("DE", 2011) == "01-01 04-22 04-25 05-01 06-02 06-13 10-03 12-25 12-26");
  CHECK(days_of("DE", 2012) == "01-01 04-06 04-09 05-01 05-17 05-28 10-03 12-25 12-26");
  CHECK(days_of("DE", 2024) == "01-01 03-29 04-01 05-01 05-09 05-20 10-03 12-25 12-26");
  CHECK(days_of("DE", 2025) == "01-01 04-18 04-21 05-01 05-29 06-09 10-03 12-25 12-26");

  CHECK(days_of("DK", 2011) == "01-01 04-21 04-22 04-24 04-25 05-20 06-02 06-12 06-13 12-25 12-26");
  CHECK(days_of("DK", 2012) == "01-01 04-05 04-06 04-08 04-09 05-04 05-17 05-27 05-28 12-25 12-26");
  CHECK(days_of("DK", 2024) == "01-01 03-28 03-29 03-31 04-01 05-09 05-19 05-20 12-25 12-26");
  CHECK(days_of("DK", 2025) == "01-01 04-17 04-18 04-20 04-21 05-29 06-08 06-09 12-25 12-26");

  CHECK(days_of("FI", 2011) ==
        "01-01 01-06 04-22 04-24 04-25 05-01 06-02 06-12 06-24 06-25 11-05 12-06 12-24 12-25 12-26");
  CHECK(days_of("FI", 2012) ==
        "01-01 01-06 04-06 04-08 04-09 05-01 05-17 05-27 06-22 06-23 11-03 12-06 12-24 12-25 12-26");
  CHECK(days_of("FI", 2024) ==
        "01-01 01-06 03-29 03-31 04-01 05-01 05-09 05-19 06-21 06-22 11-02 12-06 12-24 12-25 12-26");
  CHECK(days_of("FI", 2025) ==
        "01-01 01-06 04-18 04-20 04-21 05-01 05-29 06-08 06-20 06-21 11-01 12-06 12-24 12-25 12-26");

  CHECK(days_of("FR", 2011) == "01-01 04-25 05-01 05-08 06-02 06-13 07-14 08-15 11-01 11-11 12-25");
  CHECK(days_of("FR", 2012) == "01-01 04-09 05-01 05-08 05-17 05-28 07-14 08-15 11-01 11-11 12-25");
  CHECK(days_of("FR", 2024) == "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25");
  CHECK(days_of("FR", 2025) == "01-01 04-21 05-01 05-08 05-29 06-09 07-14 08-15 11-01 11-11 12-25");

  CHECK(days_of("GB", 2011) == "01-01 01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-25 12-26 12-27");
  CHECK(days_of("GB", 2012) == "01-01 01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26");
  CHECK(days_of("GB", 2024) == "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26");
  CHECK(days_of("GB", 2025) == "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26");

  CHECK(days_of("NL", 2011) == "01-01 04-24 04-25 04-30 06-02 06-12 06-13 12-25 12-26");
  CHECK(days_of("NL", 2012) == "01-01 04-08 04-09 04-30 05-17 05-27 05-28 12-25 12-26");
  CHECK(days_of("NL", 2024) == "01-01 03-31 04-01 04-27 05-09 05-19 05-20 12-25 12-26");
  CHECK(days_of("NL", 2025) == "01-01 04-20 04-21 04-26 05-05 05-29 06-08 06-09 12-25 12-26");

  CHECK(days_of("NO", 2011) == "01-01 04-21 04-22 04-24 04-25 05-01 05-17 06-02 06-12 06-13 12-25 12-26");
  CHECK(days_of("NO", 2012) == "01-01 04-05 04-06 04-08 04-09 05-01 05-17 05-27 05-28 12-25 12-26");
  CHECK(days_of("NO", 2024) == "01-01 03-28 03-29 03-31 04-01 05-01 05-09 05-17 05-19 05-20 12-25 12-26");
  CHECK(days_of("NO", 2025) == "01-01 04-17 04-18 04-20 04-21 05-01 05-17 05-29 06-08 06-09 12-25 12-26");

  CHECK(days_of("SE", 2011) ==
        "01-01 01-06 04-22 04-24 04-25 05-01 06-02 06-06 06-12 06-24 06-25 11-05 12-24 12-25 12-26 12-31");
  CHECK(days_of("SE", 2012) ==
        "01-01 01-06 04-06 04-08 04-09 05-01 05-17 05-27 06-06 06-22 06-23 11-03 12-24 12-25 12-26 12-31");
  CHECK(days_of("SE", 2024) ==
        "01-01 01-06 03-29 03-31 04-01 05-01 05-09 05-19 06-06 06-21 06-22 11-02 12-24 12-25 12-26 12-31");
  CHECK(days_of("SE", 2025) ==
        "01-01 01-06 04-18 04-20 04-21 05-01 05-29 06-06 06-08 06-20 06-21 11-01 12-24 12-25 12-26 12-31");

  CHECK(days_of("US", 2011) == "01-01 01-17 02-21 05-30 07-04 09-05 10-10 11-11 11-24 12-25 12-26");
  CHECK(days_of("US", 2012) == "01-01 01-02 01-16 02-20 05-28 07-04 09-03 10-08 11-11 11-12 11-22 12-25");
  CHECK(days_of("US", 2024) == "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25");
  CHECK(days_of("US", 2025) == "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25");
}

TEST_CASE("holidays that began, ended or were given once are there in their years only") {
  CHECK(name_on("DE", 1994y / 11 / 16) == "Day of Repentance and Prayer");
  CHECK(names_on("DE", 1995y / 11 / 22).empty());
  CHECK(name_on("DE", 2017y / 10 / 31) == "Reformation Day");
  CHECK(names_on("DE", 2018y / 10 / 31).empty());
  CHECK(name_on("DK", 2023y / 5 / 5) == "Great Prayer Day");
  CHECK(names_on("DK", 2024y / 4 / 26).empty());
  CHECK(name_on("SE", 2004y / 5 / 31) == "Whit Monday");
  CHECK(names_on("SE", 2004y / 6 / 6).empty());
  CHECK(names_on("SE", 2005y / 5 / 16).empty());
  CHECK(name_on("SE", 2005y / 6 / 6) == "National Day");
  CHECK(names_on("US", 2020y / 6 / 19).empty());
  CHECK(names_on("NL", 2011y / 5 / 5).empty());
  CHECK(name_on("NL", 2010y / 5 / 5) == "Liberation Day");
  CHECK(name_on("NL", 2020y / 5 / 5) == "Liberation Day");
  // England: 8 May instead of the first Monday in 1995 and 2020, and beside it in 2023; the jubilees.
  CHECK(days_of("GB", 1995) == "01-01 01-02 04-14 04-17 05-08 05-29 08-28 12-25 12-26");
  CHECK(days_of("GB", 1999) == "01-01 04-02 04-05 05-03 05-31 08-30 12-25 12-26 12-27 12-28 12-31");
  CHECK(days_of("GB", 2002) == "01-01 03-29 04-01 05-06 06-03 06-04 08-26 12-25 12-26");
  CHECK(days_of("GB", 2020) == "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-26 12-28");
  CHECK(days_of("GB", 2022) == "01-01 01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-25 12-26 12-27");
  CHECK(days_of("GB", 2023) == "01-01 01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26");
}

TEST_CASE("a holiday on a weekend has its weekday where the law gives one") {
  CHECK(name_on("GB", 2010y / 12 / 27) == "Christmas Day (substitute day)");
  CHECK(name_on("GB", 2010y / 12 / 28) == "Boxing Day (substitute day)");
  CHECK(name_on("GB", 2011y / 12 / 26) == "Boxing Day");  // Christmas was a Sunday
  CHECK(name_on("GB", 2011y / 12 / 27) == "Christmas Day (substitute day)");
  CHECK(name_on("GB", 2020y / 12 / 28) == "Boxing Day (substitute day)");
  CHECK(name_on("US", 2010y / 12 / 31) == "New Year's Day (observed)");  // of Saturday, 1 January 2011
  CHECK(name_on("US", 2010y / 12 / 24) == "Christmas Day (observed)");
  CHECK(name_on("US", 2021y / 6 / 18) == "Juneteenth (observed)");
  CHECK(name_on("US", 2012y / 11 / 12) == "Veterans Day (observed)");
  CHECK(name_on("NL", 2006y / 4 / 29) == "Queen's Day");  // 30 April was a Sunday
  CHECK(names_on("NL", 2006y / 4 / 30).empty());
  CHECK(name_on("NL", 2014y / 4 / 26) == "King's Day");
  CHECK(names_on("NL", 2014y / 4 / 27).empty());
  CHECK(name_on("NL", 2013y / 4 / 30) == "Queen's Day");
  CHECK(names_on("DE", 2012y / 1 / 2).empty());  // no substitutes there
}

TEST_CASE("a day can be two holidays") {
  CHECK(names_on("NO", 2012y / 5 / 17) == std::vector<std::string>{"Constitution Day", "Ascension Day"});
  CHECK(names_on("FR", 2008y / 5 / 1) == std::vector<std::string>{"Labour Day", "Ascension Day"});
}

TEST_CASE("Easter is the Sunday after the full moon of the Prayer Book's table") {
  // Of the Book of Common Prayer, 1900 to 2199, by golden number: April counts on from March.
  constexpr std::array<int, 19> kFullMoon = {45, 34, 23, 42, 31, 49, 39, 28, 47, 36,
                                             25, 44, 33, 22, 41, 30, 48, 38, 27};
  for (int year = 1900; year <= 2199; ++year) {
    Day day = Day{std::chrono::year{year} / 3 / 1} + Days{kFullMoon[static_cast<std::size_t>(year % 19)]};
    while (std::chrono::weekday{day} != std::chrono::Sunday) day += Days{1};
    CAPTURE(year);
    REQUIRE(easter_sunday(year) == day);
  }
  CHECK(easter_sunday(1818) == Day{1818y / 3 / 22});  // the earliest and the latest there can be
  CHECK(easter_sunday(1943) == Day{1943y / 4 / 25});
  CHECK_THROWS_WITH(easter_sunday(1582), Contains("1582") && Contains("1583 to 9999"));
  CHECK_NOTHROW(easter_sunday(9999));
  CHECK_THROWS_AS(easter_sunday(10'000), InvalidArgument);
}

TEST_CASE("every country has its holidays in every year, in order and within it") {
  CHECK(holiday_countries().size() == 9);
  CHECK(std::ranges::is_sorted(holiday_countries()));
  for (const std::string_view country : holiday_countries()) {
    for (int year = kFirstHolidayYear; year <= kLastHolidayYear; ++year) {
      const std::vector<Holiday> holidays = public_holidays(country, year);
      CAPTURE(country, year);
      REQUIRE(holidays.size() >= 8);
      REQUIRE(holidays.size() <= 17);
      REQUIRE(holidays.front().day >= Day{std::chrono::year{year} / 1 / 1});
      REQUIRE(holidays.back().day <= Day{std::chrono::year{year} / 12 / 31});
      REQUIRE(std::ranges::is_sorted(holidays, {}, &Holiday::day));
    }
  }
}

TEST_CASE("a country's calendar has weekends and holidays off, outside its years the weekends only") {
  const BusinessCalendar calendar = business_calendar("NL", 2011, 2012);
  for (const int year : {2010, 2011, 2012, 2013}) {
    for (Day day = std::chrono::year{year} / 1 / 1; day < Day{std::chrono::year{year + 1} / 1 / 1}; day += Days{1}) {
      const bool weekend = std::chrono::weekday{day}.iso_encoding() >= 6;
      const bool holiday = (year == 2011 || year == 2012) && !names_on("NL", day).empty();
      REQUIRE(calendar.is_business_day(day) == !(weekend || holiday));
    }
  }
  const BusinessCalendar all = business_calendar("NL");
  CHECK_FALSE(all.is_business_day(1991y / 1 / 1));
  CHECK_FALSE(all.is_business_day(2099y / 1 / 1));
  CHECK(all.is_business_day(1990y / 1 / 1));
  CHECK(all.weekend() == std::bitset<7>{0b1100000});
  CHECK(business_calendar("NL", 1991, 2099) == all);
}

TEST_CASE("unknown countries and years are refused with what is known") {
  CHECK_THROWS_WITH(public_holidays("XX", 2012), Contains("\"XX\"") && Contains("DE, DK, FI, FR, GB, NL, NO, SE, US"));
  CHECK_THROWS_WITH(public_holidays("nl", 2012), Contains("\"nl\""));
  CHECK_THROWS_AS(public_holidays("", 2012), InvalidArgument);
  CHECK_THROWS_WITH(public_holidays("NL", 1990), Contains("1990") && Contains("1991 to 2099"));
  CHECK_THROWS_AS(public_holidays("NL", 2100), InvalidArgument);
  CHECK_THROWS_AS(public_holidays("NL", std::numeric_limits<int>::min()), InvalidArgument);
  CHECK_THROWS_AS(business_calendar("XX"), InvalidArgument);
  CHECK_THROWS_WITH(business_calendar("NL", 2012, 2011), Contains("2012") && Contains("before the first"));
  CHECK_THROWS_AS(business_calendar("NL", 1900), InvalidArgument);
  CHECK_THROWS_AS(business_calendar("NL", 2000, 2100), InvalidArgument);
}
