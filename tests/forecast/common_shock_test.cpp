#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/forecast.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>
#include <string>

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

}  // namespace

TEST_CASE("the prior's weights sum to one around a tenth") {
  const CommonShock prior = CommonShock::prior();
  CHECK(std::accumulate(prior.weights.begin(), prior.weights.end(), 0.0) == Approx(1));
  CHECK(prior.mean_size() == Approx(0.1).margin(0.02));
  CHECK(CommonShock::of_size(0.2).mean_size() == 0.2);
  CHECK_THROWS_AS(CommonShock::of_size(-0.1), InvalidArgument);
  CHECK_THROWS_AS(CommonShock::of_size(std::nan("")), InvalidArgument);
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
  const std::size_t weeks = record.weeks().size();
  CHECK(weeks == 14);  // origins on days 133, 126, .. down to 42
  const ForecastModel kept = fit_forecast_model(AsOf(log, kBegin + Days{154}), {}, &record);
  CHECK(record.weeks().size() == weeks + 2);
  CHECK(kept.shock.weights == fit_forecast_model(AsOf(log, kBegin + Days{154})).shock.weights);
}

TEST_CASE("a short history leaves the prior") {
  const EventLog log = simulated(30, 10, 0.2, 7);
  CHECK(fit_forecast_model(AsOf(log, kBegin + Days{30})).shock.weights == CommonShock::prior().weights);
  CHECK(fit_forecast_model(AsOf(EventLog(kGraph), kBegin)).shock.weights == CommonShock::prior().weights);
}
