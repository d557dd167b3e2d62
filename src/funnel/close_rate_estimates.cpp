#include "funnel/close_rate_estimates.hpp"

#include <putki/core/interval.hpp>
#include <putki/survival/weighted_incidence.hpp>

#include "funnel/limits_of.hpp"

#include <cmath>

namespace putki {

CloseRateByAge close_rate_by_age(const std::vector<DealLife>& lives, double horizon) {
  CloseRateByAge result{.deals = lives.size()};
  std::vector<double> values;
  std::size_t followed_with_amount = 0;
  double total = 0;
  for (const DealLife& life : lives) {
    const bool followed = life.followed >= horizon;
    if (followed) ++result.followed;
    if (!has_amount(life)) {
      ++result.unknown_amounts;
      continue;
    }
    if (followed) ++followed_with_amount;
    values.push_back(life.amount.units());
    total += values.back();
  }
  const auto of = [&](const WeightedIncidence& ends, std::size_t followed) -> std::optional<MetricEstimate> {
    if (!ends.known_at(horizon)) return std::nullopt;
    const InfluenceEstimate won = ends.ended_by(kWonCause, horizon);
    return share_estimate(won.value, won.std_error(), followed);
  };
  if (lives.empty()) return result;
  result.by_count = of(WeightedIncidence(life_durations(lives, [](const DealLife&) { return true; })), result.followed);
  if (total > 0)
    result.by_value = of(WeightedIncidence(life_durations(lives, has_amount), values), followed_with_amount);
  return result;
}

std::optional<MetricEstimate> counted_share(std::uint64_t successes, std::uint64_t trials) {
  if (trials == 0) return std::nullopt;
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  return MetricEstimate{share, std::sqrt(share * (1 - share) / n), wilson_interval(static_cast<double>(successes), n)};
}

std::optional<MetricEstimate> value_share(const std::vector<DealLife>& lives) {
  double won = 0, all = 0;
  std::size_t deals = 0;
  for (const DealLife& life : lives) {
    if (!has_amount(life)) continue;
    ++deals;
    all += life.amount.units();
    if (life.outcome == kWonCause) won += life.amount.units();
  }
  if (all <= 0) return std::nullopt;
  const double share = won / all;
  double squares = 0;
  for (const DealLife& life : lives) {
    if (!has_amount(life)) continue;
    const double moved = life.amount.units() * ((life.outcome == kWonCause ? 1 : 0) - share) / all;
    squares += moved * moved;
  }
  return share_estimate(share, std::sqrt(squares), deals);
}

ClosedShare closed_share(const std::vector<DealLife>& ended) {
  ClosedShare result;
  for (const DealLife& life : ended) (life.outcome == kWonCause ? result.won : result.lost).add(life.amount);
  result.by_count = counted_share(result.won.deals, result.won.deals + result.lost.deals);
  result.by_value = value_share(ended);
  return result;
}

}  // namespace putki
