#pragma once
/// \file
/// Public holidays by country, worked out from the rules of law.
///
/// Countries are ISO 3166 codes in capitals. The holidays are those of the whole country on which offices are closed;
/// what one region has alone, and what only banks, schools or civil servants have, is left out. Rules are those in
/// force in each year from 1991 to 2026, with the days that were given once; later years follow the rules of 2026.
///
/// | code | in                                                                 | left out                             |
/// |------|--------------------------------------------------------------------|--------------------------------------|
/// | DE   | the nine all Laender share; Repentance Day to 1994, 31 October 2017 | holidays of some Laender             |
/// | DK   | Maundy Thursday too; Great Prayer Day to 2023                      | 5 June, 24 and 31 December           |
/// | FI   | and the eves of Midsummer and Christmas, equated by law (a)        | 31 December                          |
/// | FR   | the eleven of the Labour Code, Whit Monday among them              | what only Alsace and Moselle have    |
/// | GB   | England and Wales, with the days given once (1999 .. 2023)         | Scotland, Northern Ireland           |
/// | NL   | Queen's, from 2014 King's Day; 5 May every fifth year (b)          | Good Friday, 5 May of other years    |
/// | NO   | Maundy Thursday, 1 and 17 May too                                  | 24 and 31 December                   |
/// | SE   | and the eves of Midsummer, Christmas and New Year (a); Whit Monday | other eves                           |
/// |      | to 2004, National Day from 2005                                    |                                      |
/// | US   | the federal ones; Juneteenth from 2021                             | Inauguration Day, days of mourning   |
///
/// (a) No public holidays by name, but days on which no term of law ends and offices are closed. (b) Liberation Day is
/// a public holiday every year, but a day off by most contracts only in 1995, 2000, 2005 ..
///
/// A holiday on a weekend is on the list, and where the law gives a weekday for it, that day is, too: GB the next
/// weekday that is none itself, "Christmas Day (substitute day)"; US the Friday before a Saturday and the Monday after
/// a Sunday, "Independence Day (observed)", which may be 31 December of the year before. When 30 (27) April is a
/// Sunday, the Dutch King's Day is the Saturday before, instead.
///
/// Easter is computed by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8). Nothing here
/// reads a clock; safe to call from several threads. Cost: 3 us a year, a calendar 0.5 ms.

#include <putki/core/calendar.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

struct Holiday {
  Day day;
  std::string name;  ///< in English
  friend bool operator==(const Holiday&, const Holiday&) = default;
};

inline constexpr int kFirstHolidayYear = 1991;
inline constexpr int kLastHolidayYear = 2099;

/// The codes there are rules for, in alphabetical order.
std::span<const std::string_view> holiday_countries();

/// The holidays that fall into `year`, ascending; a day that is two holidays (Ascension on 1 May 2008) is there twice.
/// InvalidArgument for an unknown country (the message lists the known ones) and for years outside 1991 .. 2099.
std::vector<Holiday> public_holidays(std::string_view country, int year);

/// Easter Sunday of the western churches. InvalidArgument for years outside 1583 .. 9999.
Day easter_sunday(int year);

/// Saturdays, Sundays and the holidays of the country from `first_year` to `last_year` off; before and after those
/// years only the weekends. InvalidArgument as for public_holidays, and when last_year < first_year.
BusinessCalendar business_calendar(std::string_view country, int first_year = kFirstHolidayYear,
                                   int last_year = kLastHolidayYear);

}  // namespace putki
