#include <putki/forecast/source_value.hpp>

#include "forecast/newcomer_worth.hpp"
#include "forecast/segment_amounts.hpp"
#include "forecast/segment_win_rates.hpp"
#include "forecast/won_pieces.hpp"

#include <putki/core/error.hpp>
#include <putki/survival/aalen_johansen.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace putki {
namespace {

constexpr double kSourceLevel = 0.8;
constexpr double kShareOfWins = 0.9;
/// Draws where the later value has none, for the error of the win rate.
constexpr std::size_t kRateDraws = 200;

/// To a first end: 1 won, 2 lost.
Durations lives_to_win(const AsOf& view) {
  Durations lives = deal_durations(view);
  for (int& cause : lives.cause)
    if (cause > 0) cause = view.graph().kind(static_cast<StageId>(cause - 1)) == StageKind::won ? 1 : 2;
  lives.cause_count = 2;
  return lives;
}

std::optional<double> age_of_most_wins(const CumulativeIncidence& ends) {
  if (ends.times.empty() || !(ends.incidence[1].back() > 0)) return std::nullopt;
  const auto& won = ends.incidence[1];
  const auto reached = std::lower_bound(won.begin(), won.end(), kShareOfWins * won.back());
  return std::max(1.0, std::ceil(ends.times[static_cast<std::size_t>(reached - won.begin())]));
}

void set_won_by_age(SourceValue& source, const Durations& lives, std::optional<double> by_days) {
  if (!by_days || lives.time.empty()) return;
  const CumulativeIncidence ends = aalen_johansen(lives);
  const double longest = *std::max_element(lives.time.begin(), lives.time.end());
  if (longest < *by_days && ends.probability(0, *by_days) > 0) return;
  source.won_by_age = ends.probability(1, *by_days);
  // Where all ended alike the estimate has no spread of its own; so few deals have.
  source.won_by_age_limits = ends.std_error(1, *by_days) > 0
                                 ? ends.interval(1, *by_days, kSourceLevel)
                                 : wilson_interval(*source.won_by_age * static_cast<double>(lives.size()),
                                                   static_cast<double>(lives.size()), kSourceLevel);
}

/// Customers, what they bring later, and what a lead is worth; sale and win rate are known.
void set_worth(SourceValue& source, const CustomerSegment& customers, bool own, const SourceValueOptions& options,
               std::uint64_t stream_number) {
  if (own) {
    source.customers = customers.customers;
    source.repeat_buyers = customers.repeat_buyers;
    source.alive = customers.alive;
    source.year = customers.year;
  }
  source.later_of_everybody = !own;
  const double scale = NewcomerWorth::scale(customers, source.sale) * options.margin.later;
  source.sale *= options.margin.sales;
  source.later = scale * customers.later_value.expected;
  source.lead_value = source.win_rate * (source.sale + source.later);
  RandomStream random(options.seed, stream_number);
  std::vector<double> later = customers.later_value.sample, worth;
  if (later.empty()) later.assign(kRateDraws, customers.later_value.expected);
  for (double& value : later) {
    value *= scale;
    const double rate = std::clamp(source.win_rate + source.win_rate_error * random.normal(), 0.0, 1.0);
    worth.push_back(rate * (source.sale + value));
  }
  source.later_limits = summarised(source.later, std::move(later)).interval(kSourceLevel);
  source.lead_value_limits = summarised(source.lead_value, std::move(worth)).interval(kSourceLevel);
}

}  // namespace

SourceValues source_values(const ForecastModel& model, const AsOf& deals, std::string_view by,
                           const CustomerSegments& customers, const SourceValueOptions& options) {
  check_worth_input(customers.annual_discount, options.margin);
  if (options.by_days && (!(*options.by_days > 0) || !std::isfinite(*options.by_days)))
    throw InvalidArgument(fmt::format("won by {} days; must be above 0 and finite", *options.by_days));
  SourceValues result{.by = std::string(by),
                      .as_of = deals.day(),
                      .annual_discount = customers.annual_discount,
                      .margin = options.margin,
                      .by_days = options.by_days,
                      .pooled_customers = customers.pooled_customers,
                      .sources = {}};
  const Durations lives = lives_to_win(deals);
  if (!result.by_days) result.by_days = age_of_most_wins(aalen_johansen(lives));

  // The model's win rates by segment; that of all is what the segments' leads are counted from.
  const std::vector<SegmentWinRate> rates = segment_win_rates(model);
  const double rate_of_all = rates.front().rate - rates.front().lead;
  double sale_of_all = 0, shares = 0;
  for (std::size_t s = 0; s < rates.size(); ++s) {
    const double share = model.groups.share_of_segment(s) * rates[s].rate;
    sale_of_all += share * amounts_of(model, s).mean();
    shares += share;
  }
  sale_of_all = shares > 0 ? sale_of_all / shares : model.amounts.mean();

  result.all.leads = lives.size();
  result.all.win_rate = rate_of_all;
  result.all.sale = sale_of_all;
  set_won_by_age(result.all, lives, result.by_days);
  set_worth(result.all, customers.everybody, true, options, 0);

  std::map<std::string, const CustomerSegment*> names;
  for (const CustomerSegment& segment : customers.segments) names[segment.name] = &segment;
  std::map<std::string, Durations> lives_of;
  if (deals.log().deal_count() > 0)
    for (const AsOfPart& part : deals.split_by(by)) {
      names.try_emplace(part.value, nullptr);
      lives_of[part.value] = lives_to_win(part.view);
    }
  std::uint64_t stream_number = 0;
  for (const auto& [name, own] : names) {
    SourceValue& source = result.sources.emplace_back();
    source.source = name;
    source.win_rate = rate_of_all;
    source.sale = sale_of_all;
    if (const auto found = lives_of.find(name); found != lives_of.end()) {
      const std::size_t segment = model.groups.segment_of(name);
      source.leads = found->second.size();
      source.win_rate = rates[segment].rate;
      source.win_rate_error = rates[segment].error;
      source.sale = amounts_of(model, segment).mean();
      set_won_by_age(source, found->second, result.by_days);
    }
    set_worth(source, own != nullptr ? *own : customers.everybody, own != nullptr, options, ++stream_number);
    source.difference = source.lead_value - result.all.lead_value;
  }
  std::stable_sort(result.sources.begin(), result.sources.end(),
                   [](const SourceValue& a, const SourceValue& b) { return a.lead_value > b.lead_value; });
  return result;
}

}  // namespace putki
