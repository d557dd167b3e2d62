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
  RandomStream random(1, 0);
  double sum = 0, squares = 0;
  constexpr int kDraws = 40'000;
  for (int i = 0; i < kDraws; ++i) {
    const double rate = inflow.draw_rate(random, 14);
    sum += rate;
    squares += rate * rate;
  }
  const double variance = 5 * (2.0 / 28 + 1.0 / 14);
  CHECK(std::abs(sum / kDraws - 5) < 4 * std::sqrt(variance / kDraws));
  CHECK(squares / kDraws - std::pow(sum / kDraws, 2) == Approx(variance).epsilon(0.05));
  RandomStream other(1, 0);
  CHECK(InflowModel{}.draw_rate(other, 14) == 0);
}

TEST_CASE("a window of no weeks is refused") {
  CHECK_THROWS_AS(fit_inflow(AsOf(created({1}), *parse_day("2024-02-01")), {.weeks = 0}), InvalidArgument);
}
