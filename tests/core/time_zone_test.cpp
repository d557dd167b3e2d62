#include <putki/core/error.hpp>
#include <putki/core/time_zone.hpp>

#include <boost/date_time/local_time/local_time.hpp>
#include <catch2/catch.hpp>

#include <random>
#include <vector>

using namespace putki;
using namespace std::chrono_literals;
using std::chrono::seconds;

namespace {

Timestamp at(int year, unsigned month, unsigned day, seconds time = 0s) {
  return Day{std::chrono::year{year} / month / day} + time;
}

// Zones of every kind: both hemispheres, half hours, quoted names, changes before 0:00 and after 24:00, summer as the
// standard time, J and n days.
const std::vector<const char*> kRules = {"CET-1CEST,M3.5.0,M10.5.0/3",
                                         "EST5EDT,M3.2.0,M11.1.0",
                                         "AEST-10AEDT,M10.1.0,M4.1.0/3",
                                         "IST-2IDT,M3.4.4/26,M10.5.0",
                                         "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                                         "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
                                         "IST-1GMT0,M10.5.0,M3.5.0/1",
                                         "<-04>4<-03>,M9.1.6/24,M4.1.6/24",
                                         "NST3:30NDT,J60/4,300/3",
                                         "<+03>-3",
                                         "JST-9"};

}  // namespace

TEST_CASE("offsets change at the instants that Python's zoneinfo gives for 2011, 2012 and 2025") {
  // from zoneinfo import ZoneInfo; for t in every half hour of the year: print where
  // t.astimezone(ZoneInfo(name)).utcoffset() changes. The rules are the last lines of the same zones' files.
  struct Expected {
    const char* rule;
    Timestamp change;
    int before;
    int after;
  };
  const char* amsterdam = "CET-1CEST,M3.5.0,M10.5.0/3";
  const char* new_york = "EST5EDT,M3.2.0,M11.1.0";
  const char* sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";
  const char* jerusalem = "IST-2IDT,M3.4.4/26,M10.5.0";
  const char* nuuk = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
  const char* lord_howe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";
  const char* dublin = "IST-1GMT0,M10.5.0,M3.5.0/1";
  const char* santiago = "<-04>4<-03>,M9.1.6/24,M4.1.6/24";
  const std::vector<Expected> expected = {
      {amsterdam, at(2011, 3, 27, 1h), 3600, 7200},    {amsterdam, at(2011, 10, 30, 1h), 7200, 3600},
      {amsterdam, at(2012, 3, 25, 1h), 3600, 7200},    {amsterdam, at(2012, 10, 28, 1h), 7200, 3600},
      {new_york, at(2011, 3, 13, 7h), -18000, -14400}, {new_york, at(2011, 11, 6, 6h), -14400, -18000},
      {new_york, at(2012, 3, 11, 7h), -18000, -14400}, {new_york, at(2012, 11, 4, 6h), -14400, -18000},
      {sydney, at(2011, 4, 2, 16h), 39600, 36000},     {sydney, at(2011, 10, 1, 16h), 36000, 39600},
      {sydney, at(2012, 3, 31, 16h), 39600, 36000},    {sydney, at(2012, 10, 6, 16h), 36000, 39600},
      {jerusalem, at(2025, 3, 28), 7200, 10800},       {jerusalem, at(2025, 10, 25, 23h), 10800, 7200},
      {nuuk, at(2025, 3, 30, 1h), -7200, -3600},       {nuuk, at(2025, 10, 26, 1h), -3600, -7200},
      {lord_howe, at(2025, 4, 5, 15h), 39600, 37800},  {lord_howe, at(2025, 10, 4, 15h + 30min), 37800, 39600},
      {dublin, at(2025, 3, 30, 1h), 0, 3600},          {dublin, at(2025, 10, 26, 1h), 3600, 0},
      {santiago, at(2025, 4, 6, 3h), -10800, -14400},  {santiago, at(2025, 9, 7, 4h), -14400, -10800},
  };
  for (const Expected& e : expected) {
    CAPTURE(e.rule, to_string(e.change));
    const TimeZone zone = TimeZone::parse(e.rule);
    CHECK(zone.offset_at(e.change - 1us) == seconds{e.before});
    CHECK(zone.offset_at(e.change) == seconds{e.after});
  }
}

TEST_CASE("month rules change when Boost.Date_Time says, every year") {
  // Boost reads offsets east positive, unlike POSIX, and states summer time as a difference.
  struct Pair {
    const char* posix;
    const char* boost;
  };
  for (const Pair& pair : {Pair{"CET-1CEST,M3.5.0,M10.5.0/3", "CET+1CEST+1,M3.5.0/2:00,M10.5.0/3:00"},
                           Pair{"EST5EDT,M3.2.0,M11.1.0", "EST-5EDT+1,M3.2.0/2:00,M11.1.0/2:00"},
                           Pair{"AEST-10AEDT,M10.1.0,M4.1.0/3", "AEST+10AEDT+1,M10.1.0/2:00,M4.1.0/3:00"},
                           Pair{"ABC3:30DEF2,M4.4.6/0:01,M9.3.2/23:59", "ABC-3:30DEF+1:30,M4.4.6/0:01,M9.3.2/23:59"}}) {
    const TimeZone zone = TimeZone::parse(pair.posix);
    const boost::local_time::posix_time_zone oracle(pair.boost);
    const auto instant = [](const boost::posix_time::ptime& local, const boost::posix_time::time_duration& offset) {
      const auto since_epoch = local - offset - boost::posix_time::ptime(boost::gregorian::date(1970, 1, 1));
      return Timestamp{seconds{since_epoch.total_seconds()}};
    };
    const auto standard = oracle.base_utc_offset();
    const auto summer = standard + oracle.dst_offset();
    for (unsigned short year = 1971; year <= 2037; ++year) {
      CAPTURE(pair.posix, year);
      const Timestamp begin = instant(oracle.dst_local_start_time(year), standard);
      const Timestamp end = instant(oracle.dst_local_end_time(year), summer);
      REQUIRE(zone.offset_at(begin - 1us) == seconds{standard.total_seconds()});
      REQUIRE(zone.offset_at(begin) == seconds{summer.total_seconds()});
      REQUIRE(zone.offset_at(end - 1us) == seconds{summer.total_seconds()});
      REQUIRE(zone.offset_at(end) == seconds{standard.total_seconds()});
    }
  }
}

TEST_CASE("J days never count 29 February and n days do") {
  // J60 is 1 March in every year; n = 59 is 29 February in leap years and 1 March in others. Standard time is UTC.
  const TimeZone without_leap = TimeZone::parse("AAA0BBB,J60/0,J365/0");
  const TimeZone with_leap = TimeZone::parse("AAA0BBB,59/0,J365/0");
  for (const int year : {2011, 2012}) {
    CAPTURE(year);
    CHECK(without_leap.offset_at(at(year, 3, 1) - 1us) == 0s);
    CHECK(without_leap.offset_at(at(year, 3, 1)) == 1h);
  }
  CHECK(with_leap.offset_at(at(2012, 2, 29) - 1us) == 0s);
  CHECK(with_leap.offset_at(at(2012, 2, 29)) == 1h);
  CHECK(with_leap.offset_at(at(2011, 3, 1) - 1us) == 0s);
  CHECK(with_leap.offset_at(at(2011, 3, 1)) == 1h);
}

TEST_CASE("a summer that ends where the next begins lasts all year") {
  // RFC 8536, section 3.3.1: "XXX3EDT4,0/0,J365/23" is permanent summer time four hours west.
  const TimeZone zone = TimeZone::parse("XXX3EDT4,0/0,J365/23");
  for (Timestamp t = at(2011, 1, 1); t < at(2014, 1, 1); t += 30min) REQUIRE(zone.offset_at(t) == -4h);
}

TEST_CASE("UTC and fixed offsets") {
  CHECK(TimeZone{}.text() == "UTC");
  CHECK(TimeZone::parse("Z") == TimeZone{});
  CHECK(TimeZone::parse("-00:00") == TimeZone{});
  CHECK(TimeZone::parse("-0530").text() == "-05:30");
  CHECK(TimeZone::parse("+02") == TimeZone::parse("+02:00"));
  CHECK(TimeZone::parse("+14:00").offset_at(Timestamp{}) == 14h);
  CHECK(TimeZone::parse("-05:30").day_of(at(2012, 1, 13, 5h + 30min) - 1us) == Day{2012y / 1 / 12});
  CHECK(TimeZone::parse("-05:30").start_of(2012y / 1 / 13) == at(2012, 1, 13, 5h + 30min));
  CHECK(TimeZone::parse("CET-1CEST,M3.5.0,M10.5.0/3").text() == "CET-1CEST,M3.5.0,M10.5.0/3");
}

TEST_CASE("a skipped local time is read with the offset before, a repeated one is its first occurrence") {
  const TimeZone berlin = TimeZone::parse("CET-1CEST,M3.5.0,M10.5.0/3");
  const Day spring = 2012y / 3 / 25;
  CHECK(berlin.to_instant(spring, 2h - 1us) == at(2012, 3, 25, 1h) - 1us);
  CHECK(berlin.to_instant(spring, 2h + 30min) == at(2012, 3, 25, 1h + 30min));
  CHECK(berlin.to_instant(spring, 3h) == at(2012, 3, 25, 1h));
  const Day autumn = 2012y / 10 / 28;
  CHECK(berlin.to_instant(autumn, 2h + 30min) == at(2012, 10, 28, 0h + 30min));
  CHECK(berlin.to_instant(autumn, 3h) == at(2012, 10, 28, 2h));
  const TimeZone new_york = TimeZone::parse("EST5EDT,M3.2.0,M11.1.0");
  CHECK(new_york.to_instant(2012y / 3 / 11, 2h + 15min) == at(2012, 3, 11, 7h + 15min));
  CHECK(new_york.to_instant(2012y / 11 / 4, 1h + 15min) == at(2012, 11, 4, 5h + 15min));
  // Santiago skips midnight itself: the day begins at 01:00 summer time.
  const TimeZone santiago = TimeZone::parse("<-04>4<-03>,M9.1.6/24,M4.1.6/24");
  CHECK(santiago.start_of(2025y / 9 / 7) == at(2025, 9, 7, 4h));
}

TEST_CASE("instants and local times convert back and forth") {
  std::mt19937_64 bits(1);
  const std::int64_t span = (at(2100, 12, 1) - at(1970, 2, 1)).count();
  for (const char* rule : kRules) {
    const TimeZone zone = TimeZone::parse(rule);
    for (int n = 0; n < 20'000; ++n) {
      const Timestamp instant =
          at(1970, 2, 1) +
          std::chrono::microseconds{static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(span))};
      CAPTURE(rule, to_string(instant));
      const Day day = zone.day_of(instant);
      const Timestamp local = instant + zone.offset_at(instant);
      REQUIRE(day == std::chrono::floor<Days>(local));
      const Timestamp back = zone.to_instant(day, local - day);
      // In an overlap the first occurrence comes back; never a later one, and with the same local time.
      REQUIRE(back <= instant);
      REQUIRE(instant - back <= 2h);
      REQUIRE(back + zone.offset_at(back) == local);
      REQUIRE(zone.day_of(zone.start_of(day)) == day);
      REQUIRE(zone.day_of(zone.start_of(day) - 1us) == day - Days{1});
    }
  }
}

TEST_CASE("outside 1970 to 2100 standard time holds") {
  const TimeZone sydney = TimeZone::parse("AEST-10AEDT,M10.1.0,M4.1.0/3");
  CHECK(sydney.offset_at(at(1970, 1, 1)) == 11h);  // midsummer of the first year
  CHECK(sydney.offset_at(at(1960, 1, 1)) == 10h);
  CHECK(sydney.offset_at(at(2100, 12, 31)) == 11h);
  CHECK(sydney.offset_at(at(2101, 1, 1)) == 10h);
  CHECK(sydney.day_of(at(9999, 12, 31)) == Day{9999y / 12 / 31});
}

TEST_CASE("a text that is no zone is refused with the text and the allowed forms") {
  for (const char* text : {"",
                           " ",
                           "utc",
                           "Europe/Berlin",
                           "CET",
                           "CET-1CEST",
                           "CET-1CEST,",
                           "CET-1CEST,M3.5.0",
                           "CET-1CEST,M3.5.0,",
                           "CET-1CEST,M13.5.0,M10.5.0",
                           "CET-1CEST,M3.6.0,M10.5.0",
                           "CET-1CEST,M3.0.0,M10.5.0",
                           "CET-1CEST,M3.5.7,M10.5.0",
                           "CET-1CEST,M3.5.0,M10.5.0/3x",
                           "CET-1CEST,M3.5.0,M10.5.0/168",
                           "CET-1CEST,J0,J10",
                           "CET-1CEST,J366,J10",
                           "CET-1CEST,366,10",
                           "CE-1",
                           "<CE-1",
                           "<C>-1",
                           "CET-25",
                           "CET-1:60",
                           "CET-1:0:60",
                           "CET-1:",
                           "CET-",
                           "CET--1",
                           "CET-99999999999999999999",
                           "+24:00",
                           "+02:60",
                           "+2",
                           "+020",
                           "+02:0",
                           "+02:00:00",
                           "2:00",
                           "-",
                           "+",
                           "CET24CEST-24,M3.5.0,M10.5.0",
                           "CET-1CEST,M3.5.0,M10.5.0/3,"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(TimeZone::parse(text), DefinitionError);
    CHECK_THROWS_WITH(TimeZone::parse(text),
                      Catch::Contains('"' + std::string(text) + '"') && Catch::Contains("CET-1CEST,M3.5.0,M10.5.0/3"));
  }
}

TEST_CASE("UTC+2 is refused as ambiguous, since POSIX means two hours west by it") {
  for (const char* text : {"UTC+2", "GMT-5:30", "UTC2"}) {
    try {
      TimeZone::parse(text);
      FAIL(text);
    } catch (const DefinitionError& error) {
      CHECK(error.code() == ErrorCode::ambiguous);
    }
  }
  CHECK_THROWS_WITH(TimeZone::parse("UTC+2"), Catch::Contains("write -02:00 or +02:00"));
  CHECK(TimeZone::parse("GMT0BST,M3.5.0/1,M10.5.0").offset_at(at(2012, 7, 1)) == 1h);
}

TEST_CASE("random texts are zones or DefinitionErrors, nothing else") {
  std::mt19937_64 bits(2);
  const std::string alphabet = "CETSUM<>+-0123456789:,./JnZ \t\n\xC3\xFF";
  int zones = 0;
  for (int n = 0; n < 200'000; ++n) {
    std::string text;
    if (n % 2 == 0) {
      const std::size_t length = bits() % 24;
      while (text.size() < length) text += alphabet[bits() % alphabet.size()];
    } else {  // a rule with a few characters replaced, removed or doubled
      text = kRules[bits() % kRules.size()];
      for (std::uint64_t edits = bits() % 4; edits > 0; --edits) {
        const std::size_t place = bits() % text.size();
        switch (bits() % 3) {
          case 0:
            text[place] = alphabet[bits() % alphabet.size()];
            break;
          case 1:
            text.erase(place, 1);
            break;
          default:
            text.insert(place, 1, text[place]);
        }
      }
    }
    try {
      const TimeZone zone = TimeZone::parse(text);
      ++zones;
      const Timestamp instant = at(1960, 1, 1) + std::chrono::minutes{bits() % 80'000'000};
      REQUIRE(std::chrono::abs(zone.offset_at(instant)) <= 25h);
      REQUIRE(TimeZone::parse(zone.text()) == zone);
    } catch (const DefinitionError& error) {
      REQUIRE(std::string(error.what()).find('\n') == std::string::npos);
    }
  }
  CHECK(zones > 10'000);
}
