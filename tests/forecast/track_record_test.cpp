#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/forecast.hpp>
#include <putki/forecast/track_record.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

using namespace putki;

namespace {

const StageGraph kGraph =
    StageGraph::Builder().stage("Lead").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
const Day kBegin = *parse_day("2023-01-02");

/// Deals of 1,000 created daily; on the eighth day after creation a deal is won or lost. With `shock` the odds of a win
/// move together, week by week.
EventLog simulated(int days, int per_day, double shock, std::uint64_t seed, int until = 1'000'000) {
  EventLogBuilder builder(kGraph);
  RandomStream random(seed, 0);
  std::vector<double> odds;
  for (int week = 0; week <= days / 7 + 2; ++week) odds.push_back(0.6 * std::exp(shock * random.normal()));
  for (int created = 0; created < days; ++created)
    for (int i = 0; i < per_day; ++i) {
      const DealId deal = builder.deal(std::to_string(created) + "." + std::to_string(i));
      const bool won = random.uniform() < odds[static_cast<std::size_t>((created + 8) / 7)] /
                                              (1 + odds[static_cast<std::size_t>((created + 8) / 7)]);
      if (created < until)
        builder.add({deal, Timestamp(kBegin + Days{created}) + std::chrono::hours{9}, StageId{0}, Money{100'000}});
      if (created + 8 < std::min(days, until))
        builder.add(
            {deal, Timestamp(kBegin + Days{created + 8}) + std::chrono::hours{9}, won ? StageId{1} : StageId{2}});
    }
  return builder.build();
}

/// A week that says: the shift was about `shift`, give or take `error`.
TrackRecord::Window said(double shift, double error) {
  TrackRecord::Window window{.actual = 0, .log_density = {}};
  for (int i = 0; i < TrackRecord::kShifts; ++i) {
    const double z = (TrackRecord::kLeastShift + i * TrackRecord::kShiftStep - shift) / error;
    window.log_density.push_back(-0.5 * z * z);
  }
  return window;
}

}  // namespace

TEST_CASE("the filter is Kalman's where weeks speak normally") {
  RandomStream random(3, 0);
  for (int round = 0; round < 20; ++round) {
    std::map<Day, TrackRecord::Origin> origins;
    std::vector<double> shifts, errors;
    for (int week = 0; week < 20; ++week) {
      shifts.push_back(0.2 * random.normal());
      errors.push_back(0.1 + 0.2 * random.uniform());
      origins[kBegin + Days{7 * week}] = {said(shifts.back(), errors.back()), {}};
    }
    const CommonShock learnt = TrackRecord(origins).shock(kBegin + Days{140});

    std::vector<double> log_weights;
    CommonShock expected = CommonShock::prior();
    for (auto& point : expected.points) {
      const double d2 = point.drift * point.drift, s2 = point.size * point.size,
                   phi = point.drift > 0 ? std::pow(0.5, 1 / point.half_life_weeks) : 0;
      double mean = 0, variance = d2, log_weight = std::log(point.weight);  // of u + d^2 / 2
      for (std::size_t week = 0; week < shifts.size(); ++week) {
        mean *= phi;
        variance = phi * phi * variance + d2 * (1 - phi * phi);
        const double seen = variance + s2 + errors[week] * errors[week], miss = shifts[week] + s2 / 2 + d2 / 2 - mean;
        log_weight += -0.5 * std::log(seen / (errors[week] * errors[week])) - 0.5 * miss * miss / seen;
        const double gain = variance / seen;
        mean += gain * miss;
        variance *= 1 - gain;
      }
      point.level = mean - d2 / 2;
      point.variance = variance;
      log_weights.push_back(log_weight);
    }
    double sum = 0;
    for (std::size_t i = 0; i < log_weights.size(); ++i) sum += expected.points[i].weight = std::exp(log_weights[i]);
    std::size_t kept = 0;
    for (const auto& point : expected.points) {
      const double weight = point.weight / sum;
      if (weight < 1e-4) continue;
      const auto found =
          std::find_if(learnt.points.begin(), learnt.points.end(), [&](const CommonShock::Point& candidate) {
            return candidate.size == point.size && candidate.drift == point.drift &&
                   candidate.half_life_weeks == point.half_life_weeks;
          });
      REQUIRE(found != learnt.points.end());
      CHECK(found->weight == Approx(weight).epsilon(0.05));
      CHECK(found->level == Approx(point.level).margin(2e-3));
      CHECK(found->variance == Approx(point.variance).epsilon(0.02).margin(1e-6));
      ++kept;
    }
    CHECK(kept > 10);
  }
}

TEST_CASE("weeks that run high raise the next one, and months of them more than one alone") {
  std::map<Day, TrackRecord::Origin> origins;
  std::vector<double> factors;
  for (int week = 0; week < 26; ++week) {
    origins[kBegin + Days{7 * week}] = {said(0.25, 0.1), {}};
    factors.push_back(TrackRecord(origins).shock(kBegin + Days{7 * week + 7}).expected_factor());
  }
  CHECK(factors[0] < 1.1);
  CHECK(factors[3] > factors[0]);
  CHECK(factors[25] > 1.2);
  CHECK(factors[25] < std::exp(0.3));
}

TEST_CASE("four weeks worse than their weeks allow speak against small shocks") {
  std::map<Day, TrackRecord::Origin> calm, stormy;
  for (int week = 0; week < 20; ++week) {
    const Day day = kBegin + Days{7 * week};
    calm[day] = {said(0, 0.2), {said(0, 0.1)}};
    stormy[day] = {said(0, 0.2), {said(week % 8 < 4 ? 0.3 : -0.3, 0.1)}};
  }
  const auto typical = [](const std::map<Day, TrackRecord::Origin>& origins) {
    return TrackRecord(origins).shock(kBegin + Days{140}).typical().over(0, 28).sd;
  };
  CHECK(typical(stormy) > 1.5 * typical(calm));
}

TEST_CASE("a kept record that is none is refused") {
  TrackRecord::Origin bad{said(0, 0.1), {}};
  bad.week.log_density.pop_back();
  CHECK_THROWS_AS(TrackRecord({{kBegin, bad}}), InvalidArgument);
  bad = {said(0, 0.1), {said(0, 1), said(0, 1)}};
  CHECK_THROWS_AS(TrackRecord({{kBegin, bad}}), InvalidArgument);
  bad = {said(std::nan(""), 0.1), {}};
  CHECK_THROWS_AS(TrackRecord({{kBegin, bad}}), InvalidArgument);
}

TEST_CASE("a pipeline that is shaken week by week is told from one that is not") {
  const auto learnt = [](double shock, std::uint64_t seed) {
    const EventLog log = simulated(280, 40, shock, seed);
    return fit_forecast_model(AsOf(log, kBegin + Days{280}), {.threads = 0}).shock.mean_size();
  };
  CHECK(learnt(0.4, 1) > 0.15);
  CHECK(learnt(0.0, 2) < 0.08);
}

TEST_CASE("nothing after the view's instant changes the forecast, bit for bit") {
  const Day origin = kBegin + Days{120};
  const EventLog whole = simulated(200, 10, 0.2, 5), cut = simulated(200, 10, 0.2, 5, 120);
  REQUIRE(whole.event_count() > cut.event_count());
  const auto quantiles = [&](const EventLog& log) {
    const AsOf view(log, origin);
    const Forecast result = forecast(fit_forecast_model(view), OpenPipeline::as_of_view(view), {.horizon_days = 28});
    return std::vector<double>{result.total.revenue.mean(), result.total.revenue.quantile(0.1),
                               result.total.revenue.quantile(0.9)};
  };
  CHECK(quantiles(whole) == quantiles(cut));
}

TEST_CASE("a kept record gives what forecasting the past anew gives") {
  const EventLog log = simulated(160, 10, 0.2, 6);
  TrackRecord record;
  fit_forecast_model(AsOf(log, kBegin + Days{140}), {}, &record);
  const std::size_t weeks = record.origins().size();
  CHECK(weeks == 14);  // origins on days 133, 126, .. down to 42
  const ForecastModel kept = fit_forecast_model(AsOf(log, kBegin + Days{154}), {}, &record);
  CHECK(record.origins().size() == weeks + 2);
  CHECK(kept.shock.points == fit_forecast_model(AsOf(log, kBegin + Days{154})).shock.points);
}

TEST_CASE("a short history leaves the prior") {
  const EventLog log = simulated(30, 10, 0.2, 7);
  CHECK(fit_forecast_model(AsOf(log, kBegin + Days{30})).shock.points == CommonShock::prior().points);
  CHECK(fit_forecast_model(AsOf(EventLog(kGraph), kBegin)).shock.points == CommonShock::prior().points);
}
