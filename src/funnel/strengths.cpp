#include <putki/core/error.hpp>
#include <putki/funnel/strengths.hpp>
#include <putki/survival/aalen_johansen.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "funnel/deal_amount.hpp"
#include "funnel/limits_of.hpp"
#include "funnel/stage_course.hpp"
#include "funnel/strength_groups.hpp"
#include "funnel/ways.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace putki {
namespace {

constexpr std::uint64_t kLeastEnds = 10;  // advances or wins for a horizon
constexpr double kDaysPerMonth = 365.25 / 12;

void check_recent_days(double recent_days) {
  if (!(recent_days > 0 && recent_days <= 36'600))
    throw InvalidArgument(
        fmt::format("visits of the last {} days; allowed are more than 0, at most 36,600", recent_days));
}

void check_strengths(const StrengthsOptions& options) {
  for (const auto& [what, share] : {std::pair{"false discovery rate", options.false_discovery_rate},
                                    std::pair{"share for the horizon", options.horizon_share}})
    if (!(share > 0 && share < 1)) throw InvalidArgument(fmt::format("{} is {}; it lies between 0 and 1", what, share));
  if (options.least_visits < 5 || options.least_visits > 1'000'000)
    throw InvalidArgument(fmt::format("comparisons from {} visits; allowed are 5 to 1,000,000", options.least_visits));
  check_recent_days(options.recent_days);
}

// Of the last recent_days, as far as the history reaches back.
double months_seen(const AsOf& view, double recent_days) {
  const double span = elapsed_days(*view.log().first_time(), view.instant());
  return std::clamp(span, 1.0, std::max(1.0, recent_days)) / kDaysPerMonth;
}

// Visits to a stage, or deals, with what became of them. Cause 1 is good, 2 anything else.
struct StrengthObservations {
  StrengthMeasure measure = StrengthMeasure::advance;
  StageId stage = kNoStage;
  std::vector<double> time;
  std::vector<int> cause;
  std::vector<DealId> deal;
  std::vector<bool> recent;
  std::vector<double> after;  // of those that advanced: days to the first end, cause in after_cause (1 won)
  std::vector<int> after_cause;
  double won_amount = 0;  // units, of wins with a known amount
  std::uint64_t won_with_amount = 0;
};

// So that no part of them has to be sorted again.
void sort_by_time(StrengthObservations& observed) {
  std::vector<std::size_t> order(observed.time.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return observed.time[a] != observed.time[b] ? observed.time[a] < observed.time[b]
                                                : observed.cause[a] < observed.cause[b];
  });
  const auto reorder = [&](auto& column) {
    auto sorted = column;
    for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = column[order[i]];
    column = std::move(sorted);
  };
  reorder(observed.time);
  reorder(observed.cause);
  reorder(observed.deal);
  reorder(observed.recent);
}

// One per open or on-hold stage, then the deals.
std::vector<StrengthObservations> observe_strengths(const AsOf& view, double recent_days) {
  const StageGraph& graph = view.graph();
  const Ways ways(graph);
  const auto times = view.log().times();
  const auto stages = view.log().stages();
  const auto amounts = view.log().amounts();
  const auto recent = [&](std::uint32_t event) { return elapsed_days(times[event], view.instant()) < recent_days; };
  std::vector<StrengthObservations> observed(graph.stage_count() + 1);
  for (std::size_t s = 0; s < graph.stage_count(); ++s) observed[s].stage = static_cast<StageId>(s);
  StrengthObservations& deals = observed.back();
  deals.measure = StrengthMeasure::close_rate;
  view.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
    std::uint32_t end = first;
    while (end < last && !graph.is_terminal(stages[end])) ++end;
    const bool ended = end < last, won = ended && graph.kind(stages[end]) == StageKind::won;
    const Timestamp end_time = ended ? times[end] : view.instant();
    const Money amount = last_amount_of(amounts, first, ended ? end + 1 : last);
    const auto add_win = [&](StrengthObservations& to) {
      if (!won || amount == kNoAmount) return;
      to.won_amount += amount.units();
      ++to.won_with_amount;
    };
    deals.time.push_back(elapsed_days(times[first], end_time));
    deals.cause.push_back(!ended ? 0 : won ? 1 : 2);
    deals.deal.push_back(deal);
    deals.recent.push_back(recent(first));
    add_win(deals);
    for (std::uint32_t entry = first; entry < last;) {
      std::uint32_t exit = entry + 1;
      while (exit < last && stages[exit] == stages[entry]) ++exit;
      if (!graph.is_terminal(stages[entry])) {
        StrengthObservations& visits = observed[index(stages[entry])];
        const bool advanced = exit < last && ways.way(stages[entry], stages[exit]) == Way::advanced;
        visits.time.push_back(elapsed_days(times[entry], exit < last ? times[exit] : view.instant()));
        visits.cause.push_back(exit == last ? 0 : advanced ? 1 : 2);
        visits.deal.push_back(deal);
        visits.recent.push_back(recent(entry));
        if (advanced && exit <= end) {  // a reopened deal's first end counts
          visits.after.push_back(elapsed_days(times[exit], end_time));
          visits.after_cause.push_back(deals.cause.back());
          add_win(visits);
        }
      }
      entry = exit;
    }
  });
  for (StrengthObservations& of_stage : observed) sort_by_time(of_stage);
  return observed;
}

Durations strength_durations(const StrengthObservations& observed, const std::vector<std::uint32_t>& codes,
                             std::uint32_t code, bool of_code) {
  Durations durations;
  durations.cause_count = 2;
  for (std::size_t i = 0; i < observed.time.size(); ++i) {
    if ((codes[index(observed.deal[i])] == code) != of_code) continue;
    durations.time.push_back(observed.time[i]);
    durations.cause.push_back(observed.cause[i]);
  }
  return durations;
}

Durations all_durations(const std::vector<double>& time, const std::vector<int>& cause) {
  Durations durations;
  durations.cause_count = 2;
  durations.time = time;
  durations.cause = cause;
  return durations;
}

const std::vector<double> kGood{0, 1, 0}, kAny{0, 1, 1};

// The first whole day by which this share of what is good has come.
std::optional<double> strength_horizon(const StrengthObservations& observed, double share) {
  if (static_cast<std::uint64_t>(std::count(observed.cause.begin(), observed.cause.end(), 1)) < kLeastEnds)
    return std::nullopt;
  const auto age =
      StageCourse(all_durations(observed.time, observed.cause), 0).quantile(StageCourse::kFresh, kGood, share);
  if (!age) return std::nullopt;
  return std::max(1.0, std::ceil(*age));
}

// What a good end is worth, currency units.
std::optional<double> worth_of_good_end(const StrengthObservations& observed) {
  if (observed.won_with_amount == 0) return std::nullopt;
  const double mean = observed.won_amount / static_cast<double>(observed.won_with_amount);
  if (observed.measure == StrengthMeasure::close_rate) return mean;
  const StageCourse after(all_durations(observed.after, observed.after_cause), 0);
  return mean * after.share(StageCourse::kFresh, after.longest_stay(), kGood).probability;
}

struct StrengthSide {
  StageCourse course;
  StageCourse::Share good;
  double effective;  // visits
  double mean_stay, mean_stay_error;

  StrengthSide(const Durations& durations, double by_days)
      : course(durations, 0),
        good(course.share(StageCourse::kFresh, by_days, kGood)),
        effective(effective_visits(good, static_cast<double>(durations.size()))),
        mean_stay(0),
        mean_stay_error(0) {
    const SurvivalCurve stay = kaplan_meier(durations);
    mean_stay = stay.restricted_mean(by_days);
    mean_stay_error = stay.restricted_mean_std_error(by_days);
  }
  bool reaches(double by_days) const {
    return course.longest_stay() >= by_days ||
           course.share(StageCourse::kFresh, by_days, kAny).probability >= 1 - 1e-12;
  }
};

double two_sided(double z) {
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

void compare_shares(Strength& strength, StrengthVariances& variances, const StrengthSide& here,
                    const StrengthSide& others) {
  strength.here = here.good.probability;
  strength.others = others.good.probability;
  strength.difference = strength.here - strength.others;
  strength.better = strength.difference > 0;
  const double n1 = here.effective, n2 = others.effective;
  const double pooled = (n1 * strength.here + n2 * strength.others) / (n1 + n2), spread = pooled * (1 - pooled);
  variances = {strength.here, spread / n1, spread / n2, n1};
  strength.z = spread > 0 ? strength.difference / std::sqrt(spread * (1 / n1 + 1 / n2)) : 0;
  const Interval a = effective_limits(here.good, n1), b = effective_limits(others.good, n2);
  strength.limits = {strength.difference - std::hypot(strength.here - a.lower, b.upper - strength.others),
                     strength.difference + std::hypot(a.upper - strength.here, strength.others - b.lower)};
}

// `spread`: variance of one stay, all values together.
void compare_stays(Strength& strength, StrengthVariances& variances, const StrengthSide& here,
                   const StrengthSide& others, double spread) {
  strength.here = here.mean_stay;
  strength.others = others.mean_stay;
  strength.difference = strength.here - strength.others;
  strength.better = strength.difference < 0;
  const double n1 = static_cast<double>(strength.visits), n2 = static_cast<double>(strength.other_visits);
  variances = {strength.here, spread / n1, spread / n2, n1};
  strength.z = spread > 0 ? strength.difference / std::sqrt(spread * (1 / n1 + 1 / n2)) : 0;
  const double error = std::hypot(here.mean_stay_error, others.mean_stay_error);
  strength.limits = {strength.difference - kNormal95 * error, strength.difference + kNormal95 * error};
}

// Every value of one attribute at one stage.
void compare_values(Strengths& result, const StrengthObservations& observed, const Attribute& attribute, double by_days,
                    std::optional<double> worth, double months, const StrengthsOptions& options) {
  std::vector<std::size_t> visits(attribute.values.size()), recent(visits.size());
  for (std::size_t i = 0; i < observed.time.size(); ++i) {
    const std::uint32_t code = attribute.codes[index(observed.deal[i])];
    ++visits[code];
    recent[code] += observed.recent[i] ? 1 : 0;
  }
  std::vector<std::uint32_t> compared;
  for (std::uint32_t code = 0; code < visits.size(); ++code) {
    if (visits[code] == 0 || visits[code] == observed.time.size()) continue;
    if (std::min(visits[code], observed.time.size() - visits[code]) >= options.least_visits)
      compared.push_back(code);
    else
      ++result.too_few;
  }
  if (compared.size() > kMostValuesCompared) {
    std::stable_sort(compared.begin(), compared.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return visits[a] > visits[b]; });
    compared.resize(kMostValuesCompared);
  }
  const double error = kaplan_meier(all_durations(observed.time, observed.cause)).restricted_mean_std_error(by_days);
  const double spread = error * error * static_cast<double>(observed.time.size());
  std::vector<Strength> shares, stays;
  std::vector<StrengthVariances> share_variances, stay_variances;
  for (const std::uint32_t code : compared) {
    const StrengthSide here(strength_durations(observed, attribute.codes, code, true), by_days),
        others(strength_durations(observed, attribute.codes, code, false), by_days);
    if (!here.reaches(by_days) || !others.reaches(by_days)) {
      ++result.too_young;
      continue;
    }
    Strength strength{.attribute = attribute.name,
                      .value = attribute.values[code],
                      .measure = observed.measure,
                      .stage = observed.stage,
                      .by_days = by_days,
                      .visits = visits[code],
                      .other_visits = observed.time.size() - visits[code]};
    strength.visits_per_month = static_cast<double>(recent[code]) / months;
    Strength stay = strength;
    strength.worth = worth;
    compare_shares(strength, share_variances.emplace_back(), here, others);
    shares.push_back(strength);
    if (observed.measure == StrengthMeasure::close_rate) continue;
    stay.measure = StrengthMeasure::stay;
    compare_stays(stay, stay_variances.emplace_back(), here, others, spread);
    stays.push_back(stay);
  }
  const auto take = [&](std::vector<Strength>& strengths, const std::vector<StrengthVariances>& variances) {
    for (std::size_t i = 0; i < strengths.size(); ++i) {
      Strength& strength = strengths[i];
      strength.p_value = two_sided(strength.z);
      strength.shrunk = strength.difference * kept_of_difference(variances, i, strength.others) + 0.0;
      if (strength.worth)
        strength.money_per_month = strength.visits_per_month * strength.shrunk * *strength.worth + 0.0;  // no -0
      result.comparisons.push_back(std::move(strength));
    }
  };
  take(shares, share_variances);
  take(stays, stay_variances);
}

bool ranked_first(const Strength& a, const Strength& b) {
  if (a.discovery != b.discovery) return a.discovery;
  if (a.discovery && a.money_per_month.has_value() != b.money_per_month.has_value())
    return a.money_per_month.has_value();
  if (a.discovery && a.money_per_month && std::abs(*a.money_per_month) != std::abs(*b.money_per_month))
    return std::abs(*a.money_per_month) > std::abs(*b.money_per_month);
  return a.p_value < b.p_value;
}

}  // namespace

std::string to_string(StrengthMeasure measure) {
  switch (measure) {
    case StrengthMeasure::advance:
      return "advance";
    case StrengthMeasure::stay:
      return "stay";
    case StrengthMeasure::close_rate:
      break;
  }
  return "close_rate";
}

Strengths strengths(const AsOf& view, const StrengthsOptions& options) {
  check_strengths(options);
  const EventLog& log = view.log();
  Strengths result{.as_of = view.day(),
                   .graph = view.graph(),
                   .false_discovery_rate = options.false_discovery_rate,
                   .attributes = options.attributes,
                   .comparisons = {}};
  if (result.attributes.empty())
    for (const Attribute& attribute : log.attributes()) result.attributes.push_back(attribute.name);
  for (const std::string& name : result.attributes) log.attribute(name);  // refuses unknown ones
  if (!log.first_time() || *log.first_time() > view.instant()) return result;

  const double months = months_seen(view, options.recent_days);
  for (const StrengthObservations& observed : observe_strengths(view, options.recent_days)) {
    const std::optional<double> by_days = strength_horizon(observed, options.horizon_share);
    if (!by_days) continue;
    const std::optional<double> worth = worth_of_good_end(observed);
    for (const std::string& name : result.attributes)
      compare_values(result, observed, log.attribute(name), *by_days, worth, months, options);
  }
  std::vector<double> p_values;
  for (const Strength& strength : result.comparisons) p_values.push_back(strength.p_value);
  const std::vector<double> adjusted = false_discovery_adjusted(p_values);
  for (std::size_t i = 0; i < adjusted.size(); ++i) {
    result.comparisons[i].q_value = adjusted[i];
    result.comparisons[i].discovery = adjusted[i] <= options.false_discovery_rate;
    result.discoveries += result.comparisons[i].discovery ? 1 : 0;
  }
  std::stable_sort(result.comparisons.begin(), result.comparisons.end(), ranked_first);
  return result;
}

std::vector<StageWorth> stage_worths(const AsOf& view, double recent_days) {
  check_recent_days(recent_days);
  const StageGraph& graph = view.graph();
  std::vector<StageWorth> worths;
  for (const StrengthObservations& observed : observe_strengths(view, recent_days)) {
    if (observed.stage == kNoStage || observed.time.empty()) continue;
    StageWorth stage{.stage = observed.stage, .worth = worth_of_good_end(observed)};
    stage.visits_per_month = static_cast<double>(std::count(observed.recent.begin(), observed.recent.end(), true)) /
                             months_seen(view, recent_days);
    const Ways ways(graph);
    const CumulativeIncidence ends = aalen_johansen(visit_durations(view, observed.stage));
    for (std::size_t next = 0; next < graph.stage_count() && !ends.times.empty(); ++next) {
      const auto to = static_cast<StageId>(next);
      if (to == observed.stage) continue;
      const double share = ends.incidence[next + 1].back();
      switch (ways.way(observed.stage, to)) {
        case Way::advanced:
          stage.advance += share;
          break;
        case Way::lost:
          stage.lost += share;
          break;
        case Way::back:
        case Way::sideways:
          break;
      }
    }
    worths.push_back(stage);
  }
  return worths;
}

std::vector<double> false_discovery_adjusted(std::span<const double> p_values) {
  for (std::size_t i = 0; i < p_values.size(); ++i)
    if (!(p_values[i] >= 0 && p_values[i] <= 1))
      throw InvalidArgument(fmt::format("p-value {} is {}; it lies in [0, 1]", i, p_values[i]));
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double least = 1;
  for (std::size_t rank = order.size(); rank-- > 0;) {
    least = std::min(least, p_values[order[rank]] * static_cast<double>(order.size()) / static_cast<double>(rank + 1));
    adjusted[order[rank]] = least;
  }
  return adjusted;
}

}  // namespace putki
