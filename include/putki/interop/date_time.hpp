#pragma once
/// \file
/// Days and instants for users of Boost.Date_Time, both ways.
///
///     boost::gregorian::date date = putki::to_gregorian_date(day);
///     putki::Day day = putki::to_day(date);
///     boost::posix_time::ptime utc = putki::to_ptime(instant);
///     putki::Timestamp instant = putki::to_timestamp(utc);
///
/// A ptime has no zone: here it is UTC on both sides. Local times go through `TimeZone`, or through
/// `boost::local_time::local_date_time::utc_time()`.
///
/// Conversions are exact, except that a Boost built with nanoseconds (BOOST_DATE_TIME_POSIX_TIME_STD_CONFIG) loses what
/// is below the microsecond, towards the past. Special values (not_a_date_time, infinities) and days outside the years
/// 1400 to 9999, which Boost does not know, throw InvalidArgument. A conversion costs some 10 ns.
///
/// Opt-in: this header needs Boost 1.74 or later, which putki itself does not ask for. It is header-only.

#include <putki/core/error.hpp>
#include <putki/core/time.hpp>

#include <boost/date_time/gregorian/gregorian_types.hpp>
#include <boost/date_time/posix_time/posix_time_types.hpp>

#include <cstdint>

namespace putki {

/// The same calendar date. InvalidArgument outside the years 1400 to 9999.
inline boost::gregorian::date to_gregorian_date(Day day) {
  using namespace std::chrono;
  if (day < Day{year{1400} / 1 / 1} || day > Day{year{9999} / 12 / 31}) {
    throw InvalidArgument("no boost::gregorian::date for " + to_string(day) + ": years 1400 to 9999 are allowed");
  }
  const year_month_day date{day};
  return {static_cast<unsigned short>(static_cast<int>(date.year())),
          static_cast<unsigned short>(static_cast<unsigned>(date.month())),
          static_cast<unsigned short>(static_cast<unsigned>(date.day()))};
}

/// The same calendar date. InvalidArgument for not_a_date_time and the infinities.
inline Day to_day(const boost::gregorian::date& date) {
  if (date.is_special()) throw InvalidArgument("no day for a special boost::gregorian::date: a date is allowed");
  const boost::gregorian::date epoch(1970, 1, 1);
  return Day{Days{(date - epoch).days()}};
}

/// The same instant, as UTC. InvalidArgument outside the years 1400 to 9999.
inline boost::posix_time::ptime to_ptime(Timestamp instant) {
  const Day day = std::chrono::floor<Days>(instant);
  return {to_gregorian_date(day), boost::posix_time::microseconds((instant - day).count())};
}

/// The same instant, reading `utc` as UTC. InvalidArgument for not_a_date_time and the infinities.
inline Timestamp to_timestamp(const boost::posix_time::ptime& utc) {
  if (utc.is_special()) throw InvalidArgument("no instant for a special boost::posix_time::ptime: a time is allowed");
  return to_day(utc.date()) + std::chrono::microseconds{utc.time_of_day().total_microseconds()};
}

}  // namespace putki
