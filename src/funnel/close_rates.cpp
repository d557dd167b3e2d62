#include <putki/funnel/close_rates.hpp>

#include <putki/core/error.hpp>
#include <putki/funnel/metrics.hpp>

#include "funnel/close_rate_estimates.hpp"
#include "funnel/deal_lives.hpp"
#include "funnel/limits_of.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace putki {
namespace {

bool any_life(const DealLife&) {
  return true;
}

// Mean place in [0, 1] of a stream growing by e^k over it, minus 1/2, and the place's variance.
double mean_place(double k) {
  if (std::abs(k) < 1e-3) return k / 12 - k * k * k / 720;
  return 1 / -std::expm1(-k) - 1 / k - 0.5;
}
double place_variance(double k) {
  if (std::abs(k) < 1e-2) return 1.0 / 12 - k * k / 240;
  const double half = 2 * std::sinh(0.5 * k);  // e^-k / (1 - e^-k)^2 = 1 / (2 sinh(k / 2))^2
  return 1 / (k * k) - 1 / (half * half);
}

// Won over won and lost where an end t days after creation counts e^(-g t).
struct DiscountedShare {
  double value;
  std::vector<double> influence;
  double slope;  // by g
};

std::optional<DiscountedShare> discounted_share(const WeightedIncidence& ends, double growth) {
  const auto pay = [growth](double t) { return std::exp(-growth * t); };
  const auto fade = [growth](double t) { return -t * std::exp(-growth * t); };
  const InfluenceEstimate won = ends.expected(kWonCause, pay), lost = ends.expected(kLostCause, pay);
  const double all = won.value + lost.value;
  if (!(all > 0) || !std::isfinite(all)) return std::nullopt;
  DiscountedShare share{won.value / all, std::vector<double>(won.influence.size()), 0};
  for (std::size_t i = 0; i < share.influence.size(); ++i)
    share.influence[i] = ((1 - share.value) * won.influence[i] - share.value * lost.influence[i]) / all;
  share.slope =
      ((1 - share.value) * ends.expected(kWonCause, fade).value - share.value * ends.expected(kLostCause, fade).value) /
      all;
  return share;
}

ClosedShareBias closed_share_bias(const std::vector<DealLife>& lives, double feeding_days) {
  ClosedShareBias bias;
  if (lives.empty()) return bias;
  double oldest = 0;
  for (const DealLife& life : lives) oldest = std::max(oldest, life.followed);
  bias.days = std::min(oldest, feeding_days);
  // A stream that begins with its first deal has that one fixed at 0.
  std::vector<double> places;
  bool first_skipped = oldest > feeding_days;
  for (const DealLife& life : lives) {
    if (life.followed > bias.days) continue;
    if (!first_skipped && life.followed == oldest) {
      first_skipped = true;
      continue;
    }
    places.push_back(bias.days - life.followed);
  }
  bias.deals = places.size();
  bias.growth_per_day = stream_growth(places, bias.days);
  const WeightedIncidence ends(life_durations(lives, any_life));
  const auto level = discounted_share(ends, 0);
  if (level) bias.without_growth = level->value;
  if (!bias.growth_per_day) return bias;
  const double growth = bias.growth_per_day->value;
  bias.growth_per_month = std::expm1(30 * growth);
  const auto grown = discounted_share(ends, growth);
  if (!grown || !level) return bias;
  const double of_growth = grown->slope * *bias.growth_per_day->std_error;
  const double of_ends = combined_std_error({{1.0, &grown->influence}});
  const std::size_t ended = static_cast<std::size_t>(
      std::count_if(lives.begin(), lives.end(), [](const DealLife& life) { return life.outcome != 0; }));
  bias.predicted = share_estimate(grown->value, std::hypot(of_growth, of_ends), ended);
  bias.off_by =
      plain_estimate(grown->value - level->value,
                     std::hypot(of_growth, combined_std_error({{1.0, &grown->influence}, {-1.0, &level->influence}})));
  return bias;
}

CloseRateLine counted_line(CloseRateDefinition definition, const std::vector<DealLife>& deals, std::string why) {
  CloseRateLine line{.definition = definition, .deals = deals.size(), .why = std::move(why)};
  for (const DealLife& life : deals) {
    if (life.outcome == kWonCause) ++line.won;
    if (life.outcome == 0) ++line.open;
  }
  line.rate = counted_share(line.won, line.deals);
  return line;
}

}  // namespace

std::string to_string(CloseRateDefinition definition) {
  switch (definition) {
    case CloseRateDefinition::by_age:
      return "by_age";
    case CloseRateDefinition::by_age_value:
      return "by_age_value";
    case CloseRateDefinition::matured_cohort:
      return "matured_cohort";
    case CloseRateDefinition::closed_in_window:
      return "closed_in_window";
    case CloseRateDefinition::closed_ever:
      return "closed_ever";
    case CloseRateDefinition::value_weighted:
      return "value_weighted";
    case CloseRateDefinition::created_naive:
      return "created_naive";
    case CloseRateDefinition::won_of_all:
      return "won_of_all";
    case CloseRateDefinition::snapshot:
      return "snapshot";
  }
  return "?";
}

std::optional<MetricEstimate> stream_growth(const std::vector<double>& ages, double length) {
  if (ages.size() < 2 || !(length > 0)) return std::nullopt;
  const auto n = static_cast<double>(ages.size());
  const double place = std::accumulate(ages.begin(), ages.end(), 0.0) / (n * length) - 0.5;
  // mean_place rises from -1/2 to 1/2; beyond k = 500 all deals lie within a day of one end of a year and a half.
  double low = -500, high = 500;
  if (!(place > mean_place(low) && place < mean_place(high))) return std::nullopt;
  for (int step = 0; step < 200 && high - low > 1e-13 * std::max(1.0, std::abs(low)); ++step) {
    const double middle = 0.5 * (low + high);
    (mean_place(middle) < place ? low : high) = middle;
  }
  const double k = 0.5 * (low + high);
  return plain_estimate(k / length, 1 / (length * std::sqrt(n * place_variance(k))));
}

CloseRates close_rates(const AsOf& view, const CloseRatesOptions& options) {
  const Day since = options.since.value_or(to_day(view.first_unknown_day()) - Days{90});
  if (day_number(since) >= view.first_unknown_day())
    throw InvalidArgument(fmt::format("close rates since {}, but the view ends on {}; allowed are days before it",
                                      to_string(since), to_string(view.day())));
  if (options.horizon_days && !(std::isfinite(*options.horizon_days) && *options.horizon_days > 0))
    throw InvalidArgument(
        fmt::format("a close rate at the age of {} days; allowed are numbers above 0", *options.horizon_days));
  const double horizon = options.horizon_days ? *options.horizon_days : usual_close_days(view);
  const Timestamp begin = view.log().time_zone().start_of(since);
  const std::vector<DealLife> lives = deal_lives(view);

  std::vector<DealLife> closed, ended, created, matured, then_open;
  std::uint64_t priced = 0, priced_won = 0, priced_open = 0, won = 0, open = 0;
  for (const DealLife& life : lives) {
    const bool is_won = life.outcome == kWonCause;
    won += is_won && life.days <= horizon;
    open += life.outcome == 0;
    if (has_amount(life)) {
      ++priced;
      priced_won += is_won && life.days <= horizon;
      priced_open += life.outcome == 0;
    }
    if (life.outcome != 0) ended.push_back(life);
    if (life.outcome != 0 && life.ended > begin) closed.push_back(life);
    if (life.created > begin) created.push_back(life);
    if (life.created <= begin && (life.outcome == 0 || life.ended > begin)) then_open.push_back(life);
    if (life.followed >= horizon) matured.push_back(life);
  }
  // A matured deal is judged at the age of the horizon, whatever became of it later.
  for (DealLife& life : matured)
    if (life.days > horizon) life.outcome = 0;

  const CloseRateByAge won_by_age = close_rate_by_age(lives, horizon);
  const ClosedShare in_window = closed_share(closed);
  using enum CloseRateDefinition;
  CloseRates rates{.as_of = view.day(), .since = since, .horizon_days = horizon, .deals = lives.size()};
  rates.lines = {
      {by_age, won, lives.size(), open, won_by_age.by_count,
       "Every deal counts for as long as it was watched; open is not lost"},
      {by_age_value, priced_won, priced, priced_open, won_by_age.by_value,
       "The same in money: differs where size and winning go together"},
      counted_line(matured_cohort, matured, "Only deals old enough to tell: right, but knows nothing of the young"),
      counted_line(closed_in_window, closed, "Deals of many ages: quick ends are over-counted while inflow grows"),
      counted_line(closed_ever, ended, "Leaves out the open deals, which close slower than the closed"),
      {value_weighted, in_window.won.deals - in_window.won.unknown_amounts,
       in_window.won.deals + in_window.lost.deals - in_window.won.unknown_amounts - in_window.lost.unknown_amounts, 0,
       in_window.by_value, "Won/(Won+Lost) in money: a few large deals decide it"},
      counted_line(created_naive, created, "Counts every open deal as a failure: too low for young deals"),
      counted_line(won_of_all, lives, "Counts open deals as failures: rises by itself as they close"),
      counted_line(snapshot, then_open, "Of what was open then, not of new deals; still open counts as no"),
  };
  rates.bias = closed_share_bias(lives, elapsed_days(begin, view.instant()) + horizon);
  return rates;
}

}  // namespace putki
