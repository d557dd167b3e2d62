#include <putki/interop/date_time.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace putki;
using namespace std::chrono_literals;
namespace gregorian = boost::gregorian;
namespace posix_time = boost::posix_time;

TEST_CASE("a Boost date has the same year, month and day, and comes back") {
  CHECK(to_gregorian_date(2012y / 2 / 29) == gregorian::date(2012, 2, 29));
  CHECK(to_day(gregorian::date(2012, 2, 29)) == Day{2012y / 2 / 29});
  for (Day day = 1400y / 1 / 1; day <= Day{9999y / 12 / 31}; day += Days{97}) {
    const gregorian::date date = to_gregorian_date(day);
    const std::chrono::year_month_day expected{day};
    REQUIRE(static_cast<int>(date.year()) == static_cast<int>(expected.year()));
    REQUIRE(date.month().as_number() == static_cast<unsigned>(expected.month()));
    REQUIRE(date.day().as_number() == static_cast<unsigned>(expected.day()));
    REQUIRE(to_day(date) == day);
  }
}

TEST_CASE("a Boost time is the same instant in UTC, and comes back to the microsecond") {
  const Timestamp instant = Day{2012y / 1 / 13} + 8h + 15min + 30s + 123456us;
  const posix_time::ptime expected(gregorian::date(2012, 1, 13),
                                   posix_time::time_duration(8, 15, 30) + posix_time::microseconds(123456));
  CHECK(to_ptime(instant) == expected);
  CHECK(to_timestamp(expected) == instant);
  std::mt19937_64 bits(1);
  const Timestamp first = Day{1400y / 1 / 1};
  const auto span = static_cast<std::uint64_t>((Day{10000y / 1 / 1} - first).count());
  for (int n = 0; n < 10'000; ++n) {
    const Timestamp random = first + std::chrono::microseconds{bits() % span};
    REQUIRE(to_timestamp(to_ptime(random)) == random);
  }
  CHECK(to_timestamp(to_ptime(Timestamp{-1us})) == Timestamp{-1us});
}

TEST_CASE("special values and years that Boost does not know are refused") {
  CHECK_THROWS_AS(to_day(gregorian::date(gregorian::not_a_date_time)), InvalidArgument);
  CHECK_THROWS_AS(to_day(gregorian::date(gregorian::pos_infin)), InvalidArgument);
  CHECK_THROWS_AS(to_timestamp(posix_time::ptime(posix_time::neg_infin)), InvalidArgument);
  CHECK_THROWS_AS(to_timestamp(posix_time::ptime()), InvalidArgument);
  CHECK_THROWS_WITH(to_gregorian_date(1399y / 12 / 31), Catch::Contains("1399-12-31"));
  CHECK_THROWS_AS(to_gregorian_date(10000y / 1 / 1), InvalidArgument);
  CHECK_THROWS_AS(to_ptime(Day{10000y / 1 / 1}), InvalidArgument);
}
