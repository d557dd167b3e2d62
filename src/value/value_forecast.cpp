#include <putki/value/value_forecast.hpp>

#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>

#include "value/purchase_model.hpp"

#include <fmt/format.h>
#include <boost/math/quadrature/gauss.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace putki {
namespace {

// Purchases beyond weigh less than e^-16 together.
constexpr double kDiscountedAway = 16;

void check_forecast_options(const ValueForecastOptions& options) {
  if (options.draws < 1) throw InvalidArgument("a forecast of 0 draws; 1 or more are allowed");
}

template <class Draw>
std::vector<double> drawn(const ValueForecastOptions& options, Draw&& draw) {
  std::vector<double> sample(options.draws);
  parallel_for(
      options.draws,
      [&](std::size_t i) {
        RandomStream stream(options.seed, i);
        sample[i] = draw(stream);
      },
      options.threads);
  return sample;
}

PurchaseCell customer_of(const PurchaseHistory& history) {
  return {history.repeats, history.recency_days, history.age_days};
}

// Expected discounted purchases in (0, horizon]: e^(-rate h) E(h) + rate int_0^h e^(-rate t) E(t) dt.
template <class Model>
double discounted_within(const Model& model, const PurchaseCell& customer, double rate, double horizon) {
  if (horizon == std::numeric_limits<double>::infinity()) return model.discounted_purchases(customer, rate);
  const auto discounted = [&](double t) { return std::exp(-rate * t) * model.expected_purchases(customer, t); };
  double integral = 0;
  if (rate > 0) integral = boost::math::quadrature::gauss<double, 20>::integrate(discounted, 0.0, horizon);
  return discounted(horizon) + rate * integral;
}

}  // namespace

double ForecastTotal::quantile(double p) const {
  if (!(p >= 0 && p <= 1)) throw InvalidArgument(fmt::format("quantile {}; 0 to 1 is allowed", p));
  if (sample.empty()) throw InvalidArgument("quantile of a forecast without a draw");
  const double rank = std::ceil(p * static_cast<double>(sample.size()));
  return sample[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

Interval ForecastTotal::interval(double level) const {
  if (!(level > 0 && level < 1)) throw InvalidArgument(fmt::format("level {}; between 0 and 1 is allowed", level));
  return {quantile(0.5 - 0.5 * level), quantile(0.5 + 0.5 * level)};
}

ForecastTotal summarised(double expected, std::vector<double> sample) {
  ForecastTotal total{.expected = expected, .sample = std::move(sample)};
  std::sort(total.sample.begin(), total.sample.end());
  const auto n = static_cast<double>(total.sample.size());
  for (const double value : total.sample) total.mean += value / n;
  for (const double value : total.sample) total.sd += (value - total.mean) * (value - total.mean);
  total.sd = n > 1 ? std::sqrt(total.sd / (n - 1)) : 0;
  return total;
}

template <PurchaseModel Model>
ForecastTotal forecast_purchases(const Model& model, const CellCounts<typename Model::Customer>& customers,
                                 double horizon, const ValueForecastOptions& options) {
  check_forecast_options(options);
  check_horizon(horizon);
  const auto cells = customers.cells();
  double expected = 0;
  for (const auto& [cell, count] : cells)
    expected += static_cast<double>(count) * model.expected_purchases(cell, horizon);
  return summarised(expected, drawn(options, [&](RandomStream& stream) {
                      const Model here = model.with_parameters(model.fit().draw(stream));
                      std::vector<double> times;
                      double purchases = 0;
                      for (const auto& [cell, count] : cells)
                        for (std::uint64_t i = 0; i < count; ++i) {
                          times.clear();
                          here.simulate(cell, horizon, stream, times);
                          purchases += static_cast<double>(times.size());
                        }
                      return purchases;
                    }));
}

template <PurchaseModel Model>
ForecastTotal forecast_residual_value(const Model& model, const GammaGamma& spend,
                                      std::span<const PurchaseHistory> customers, double rate,
                                      const ValueForecastOptions& options, double horizon) {
  check_forecast_options(options);
  const bool endless = horizon == std::numeric_limits<double>::infinity();
  if (!endless) check_horizon(horizon);
  if (endless || rate != 0) check_rate(rate);
  double expected = 0;
  for (const PurchaseHistory& history : customers) {
    const double mean = history.priced_repeats > 0
                            ? spend.expected_spend({history.priced_repeats, history.repeat_spend})
                            : spend.expected_spend();
    expected += mean * discounted_within(model, customer_of(history), rate, horizon);
  }
  const double last = std::min(horizon, rate > 0 ? kDiscountedAway / rate : horizon);
  return summarised(expected, drawn(options, [&](RandomStream& stream) {
                      const Model here = model.with_parameters(model.fit().draw(stream));
                      const GammaGamma amounts = spend.with_parameters(spend.fit().draw(stream));
                      std::vector<double> times;
                      double value = 0;
                      for (const PurchaseHistory& history : customers) {
                        times.clear();
                        here.simulate(customer_of(history), last, stream, times);
                        if (times.empty()) continue;
                        const double mean =
                            history.priced_repeats > 0
                                ? amounts.simulate_mean({history.priced_repeats, history.repeat_spend}, stream)
                                : amounts.simulate_mean(stream);
                        for (const double time : times)
                          value += std::exp(-rate * time) * amounts.simulate_total(mean, 1, stream);
                      }
                      return value;
                    }));
}

template <RenewalChance chance>
ForecastTotal forecast_renewals(const ContractModel<chance>& model, const TenureStatistics& customers,
                                std::uint64_t periods, const ValueForecastOptions& options) {
  check_forecast_options(options);
  // Of a contract only its age matters from here on.
  std::map<std::int32_t, std::uint64_t> by_age;
  customers.for_each([&](const TenureCell& cell, std::uint64_t count) {
    if (!cell.ended) by_age[cell.survived] += count;
  });
  double expected = 0;
  for (const auto& [age, count] : by_age)
    expected += static_cast<double>(count) * model.expected_renewals(age, static_cast<double>(periods));
  return summarised(expected, drawn(options, [&](RandomStream& stream) {
                      const auto here = model.with_parameters(model.fit().draw(stream));
                      double renewals = 0;
                      for (const auto& [age, count] : by_age)
                        for (std::uint64_t i = 0; i < count; ++i)
                          renewals += static_cast<double>(here.simulate(age, periods, stream));
                      return renewals;
                    }));
}
template ForecastTotal forecast_renewals(const Sbg&, const TenureStatistics&, std::uint64_t,
                                         const ValueForecastOptions&);
template ForecastTotal forecast_renewals(const BetaDiscreteWeibull&, const TenureStatistics&, std::uint64_t,
                                         const ValueForecastOptions&);

#define PUTKI_FORECASTS_OF(Model)                                                                     \
  template ForecastTotal forecast_purchases(const Model&, const CellCounts<Model::Customer>&, double, \
                                            const ValueForecastOptions&)
#define PUTKI_VALUES_OF(Model)                                                                                      \
  template ForecastTotal forecast_residual_value(const Model&, const GammaGamma&, std::span<const PurchaseHistory>, \
                                                 double, const ValueForecastOptions&, double)
PUTKI_FORECASTS_OF(BgNbd);
PUTKI_FORECASTS_OF(MbgNbd);
PUTKI_FORECASTS_OF(ParetoNbd);
PUTKI_FORECASTS_OF(BgBb);
PUTKI_VALUES_OF(BgNbd);
PUTKI_VALUES_OF(MbgNbd);
PUTKI_VALUES_OF(ParetoNbd);
#undef PUTKI_FORECASTS_OF
#undef PUTKI_VALUES_OF

}  // namespace putki
