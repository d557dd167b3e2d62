#include "funnel/velocity.hpp"

#include "funnel/limits_of.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace putki {
namespace {

// Ages in a stage over which the win hazard is taken to be level: from each to the next, days.
constexpr std::array<double, 10> kBandBegins{0, 1, 2, 4, 7, 14, 30, 60, 120, 240};

std::size_t band_of(double age) {
  return static_cast<std::size_t>(std::upper_bound(kBandBegins.begin(), kBandBegins.end(), age) - kBandBegins.begin()) -
         1;
}

double band_end(std::size_t band) {
  return band + 1 < kBandBegins.size() ? kBandBegins[band + 1] : std::numeric_limits<double>::infinity();
}

struct HazardCell {
  double open_value = 0;  // there now
  double won_value = 0;
  double exposure = 0;  // value x days
  // Money per day that the value there now wins, for one of won value more.
  double leverage() const { return exposure > 0 ? open_value / exposure : 0; }
};

// Calls f(deal's number, cell, value, days at risk in it, won there) for every stay in an open or on-hold stage of a
// deal with a known amount, band by band, and now(cell, value) for each of those still there.
template <class F, class Now>
void for_each_stay(const AsOf& view, const std::vector<DealLife>& lives, F&& f, Now&& now) {
  const StageGraph& graph = view.graph();
  const auto times = view.log().times();
  std::size_t number = 0;  // into lives, which are in the view's order
  bool begun = false;
  view.for_each_visit([&](const Visit& visit) {
    if (visit.number == 0) {
      if (begun) ++number;
      begun = true;
    }
    const DealLife& life = lives[number];
    if (graph.is_terminal(visit.stage) || !has_amount(life)) return;
    const bool there = visit.next == kNoStage;
    const double age = elapsed_days(times[visit.entry], there ? view.instant() : times[visit.exit]);
    const bool won = !there && graph.kind(visit.next) == StageKind::won;
    const std::size_t first = index(visit.stage) * kBandBegins.size();
    const std::size_t last_band = band_of(age);
    for (std::size_t band = 0; band <= last_band; ++band)
      f(number, first + band, life.amount.units(), std::min(age, band_end(band)) - kBandBegins[band],
        won && band == last_band);
    if (there) now(first + last_band, life.amount.units());
  });
}

std::optional<MetricEstimate> stock_velocity(const AsOf& view, const std::vector<DealLife>& lives) {
  std::vector<HazardCell> cells(view.graph().stage_count() * kBandBegins.size());
  bool any = false;
  for_each_stay(
      view, lives,
      [&](std::size_t, std::size_t cell, double value, double days, bool won) {
        any = true;
        cells[cell].exposure += value * days;
        if (won) cells[cell].won_value += value;
      },
      [&](std::size_t cell, double value) { cells[cell].open_value += value; });
  if (!any) return std::nullopt;
  double stock = 0;
  for (const HazardCell& cell : cells) stock += cell.leverage() * cell.won_value;
  // A deal moves cell c's hazard W / E by (its won value - W / E x its exposure) / E.
  std::vector<double> influence(lives.size());
  for_each_stay(
      view, lives,
      [&](std::size_t number, std::size_t c, double value, double days, bool won) {
        const HazardCell& cell = cells[c];
        if (cell.exposure <= 0) return;
        influence[number] += cell.leverage() * ((won ? value : 0.0) - cell.won_value / cell.exposure * value * days);
      },
      [](std::size_t, double) {});
  return positive_estimate(stock, combined_std_error({{1.0, &influence}}));
}

std::optional<MetricEstimate> flow_velocity(const std::vector<DealLife>& lives, std::uint64_t created,
                                            double window_days) {
  std::vector<double> values;
  double total = 0;
  for (const DealLife& life : lives)
    if (has_amount(life)) total += values.emplace_back(life.amount.units());
  if (total <= 0 || window_days <= 0) return std::nullopt;
  const WeightedIncidence by_value(life_durations(lives, has_amount), values);
  const InfluenceEstimate won = by_value.ended_by(kWonCause, by_value.last_time());
  const double mean = total / static_cast<double>(values.size());
  std::vector<double> of_mean;
  for (const double value : values) of_mean.push_back((value - mean) / static_cast<double>(values.size()));
  const double brings = mean * won.value;
  const double error = combined_std_error({{won.value, &of_mean}, {mean, &won.influence}});
  const double inflow = static_cast<double>(created) / window_days;
  if (created == 0)  // the exact upper limit of a Poisson mean of which none was seen
    return MetricEstimate{0.0, 0.0, Interval{0, -std::log(0.025) / window_days * brings}};
  return positive_estimate(inflow * brings,
                           inflow * std::sqrt(error * error + brings * brings / static_cast<double>(created)));
}

}  // namespace

Velocity velocity(const AsOf& view, const std::vector<DealLife>& lives, const FunnelMetrics& metrics,
                  double window_days) {
  Velocity result;
  result.stock = stock_velocity(view, lives);
  result.flow = flow_velocity(lives, metrics.created_in_window, window_days);
  const CountAndValue& won = metrics.closed.won;
  const std::uint64_t priced = won.deals - won.unknown_amounts;
  const auto& cycle = metrics.lifetime.mean_age_won;
  if (priced > 0 && cycle && cycle->value > 0)
    result.textbook = static_cast<double>(metrics.in_funnel.deals) * metrics.closed.by_count->value *
                      (won.value.units() / static_cast<double>(priced)) / cycle->value;
  return result;
}

}  // namespace putki
