#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/inflow.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace putki;

namespace {

const StageGraph kGraph = StageGraph::Builder().stage("Open").stage("Won", StageKind::won).build();

/// `per_week[i]` deals created in week i from 2024-01-01, at noon of its days in turn.
EventLog created(const std::vector<int>& per_week) {
  EventLogBuilder builder(kGraph);
  int number = 0;
  for (std::size_t week = 0; week < per_week.size(); ++week)
    for (int i = 0; i < per_week[week]; ++i)
      builder.add(
          {builder.deal(std::to_string(number++)),
           Timestamp(*parse_day("2024-01-01") + Days{7 * static_cast<int>(week) + i % 7}) + std::chrono::hours{12},
           StageId{0}});
  return builder.build();
}

}  // namespace

TEST_CASE("the rate is deals over days of the window and the dispersion variance over mean of its weeks") {
  const EventLog log = created({50, 6, 8, 10, 16});
  const InflowModel inflow = fit_inflow(AsOf(log, *parse_day("2024-02-05")), {.weeks = 4});
  CHECK(inflow.per_day == Approx(40 / 28.0));
  CHECK(inflow.window_days == 28);
  CHECK(inflow.dispersion == Approx((16 + 4 + 0 + 36) / 3.0 / 10));
}

TEST_CASE("creations after the view do not count and a short history is taken as short") {
  const EventLog log = created({7, 7, 70});
  const InflowModel inflow = fit_inflow(AsOf(log, *parse_day("2024-01-15")), {.weeks = 8});
  CHECK(inflow.per_day == Approx(1));
  CHECK(inflow.window_days == 14);
  CHECK(inflow.dispersion == 1);
  CHECK(fit_inflow(AsOf(log, *parse_day("2024-01-04"))).per_day == Approx(1));
  CHECK(fit_inflow(AsOf(log, *parse_day("2023-01-04"))).per_day == 0);
  CHECK(fit_inflow(AsOf(EventLog(kGraph), *parse_day("2023-01-04"))).per_day == 0);
}

TEST_CASE("drawn rates have the stated mean and variance") {
  const InflowModel inflow{.per_day = 5, .dispersion = 2, .window_days = 28};
  const Day begin = *parse_day("2024-01-01");
  double sum = 0, squares = 0;
  constexpr int kDraws = 40'000;
  for (int i = 0; i < kDraws; ++i) {
    RandomStream random(1, static_cast<std::uint64_t>(i));
    const auto rates = inflow.draw_rates(random, begin, 14, 0.5, false);
    REQUIRE(rates.size() == 14);
    REQUIRE(rates.front() == rates.back());
    sum += rates.front();
    squares += rates.front() * rates.front();
  }
  const double variance = 5 * (2.0 / 28 + 1.0 / 14);
  CHECK(std::abs(sum / kDraws - 5) < 4 * std::sqrt(variance / kDraws));
  CHECK(squares / kDraws - std::pow(sum / kDraws, 2) == Approx(variance).epsilon(0.05));
  RandomStream other(1, 0);
  CHECK(InflowModel{}.draw_rates(other, begin, 3, 0.5, false) == std::vector<double>{0, 0, 0});
}

TEST_CASE("the rhythm gives each day type its mean and follows a surge for a while") {
  EventLogBuilder builder(kGraph);
  RandomStream random(2, 0);
  int number = 0;
  const Day begin = *parse_day("2024-01-01");
  for (int day = 0; day < 175; ++day) {
    const double mean = (day % 7 >= 5 ? 4.0 : 20.0) * (day >= 161 ? 1.8 : 1.0);
    for (std::uint64_t i = random.poisson(mean); i > 0; --i)
      builder.add(
          {builder.deal(std::to_string(number++)), Timestamp(begin + Days{day}) + std::chrono::hours{12}, StageId{0}});
  }
  DatedStatistics statistics(kGraph);
  statistics.update(AsOf(builder.build(), begin + Days{175}));
  const InflowModel inflow = fit_inflow_rhythm(statistics);
  const auto rates = inflow.expected_rates(begin + Days{175}, 210);
  CHECK(rates[5] / rates[4] == Approx(0.2).margin(0.06));  // Saturday against Friday
  CHECK(rates[1] > 1.3 * rates[204]);                      // the surge carries on, then fades
  CHECK(rates[204] == Approx(20 * (1 + 0.8 * 14 / 175)).epsilon(0.15));
}

TEST_CASE("a window of no weeks is refused") {
  CHECK_THROWS_AS(fit_inflow(AsOf(created({1}), *parse_day("2024-02-01")), {.weeks = 0}), InvalidArgument);
}
