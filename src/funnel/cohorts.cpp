#include <fmt/format.h>
#include <putki/core/error.hpp>
#include <putki/funnel/cohorts.hpp>

#include "funnel/deal_amount.hpp"

#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

struct CohortDeal {
  DayNumber created;
  int age;  // of the first end, or the first age not yet seen
  bool ended;
  bool won;
  Money amount;
};

void check_cohort_unit(PeriodUnit unit) {
  if (unit != PeriodUnit::week && unit != PeriodUnit::month && unit != PeriodUnit::quarter)
    throw InvalidArgument("cohorts by " + to_string(unit) + "; allowed are week, month, quarter");
}

std::vector<CohortDeal> cohort_deals(const AsOf& view) {
  const auto stages = view.log().stages();
  const auto days = view.log().days();
  std::vector<CohortDeal> deals;
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    std::uint32_t end = first;
    while (end < last && !view.graph().is_terminal(stages[end])) ++end;
    CohortDeal deal{.created = days[first], .age = 0, .ended = end < last, .won = false, .amount = kNoAmount};
    deal.age = (deal.ended ? days[end] : std::max(view.first_unknown_day(), deal.created)) - deal.created;
    deal.won = deal.ended && view.graph().kind(stages[end]) == StageKind::won;
    deal.amount = last_amount_unless_emptied(view.log(), first, deal.ended ? end + 1 : last);
    deals.push_back(deal);
  });
  return deals;
}

CohortCounts counts_of(const std::vector<CohortDeal>& deals, DayNumber first_unknown_day, PeriodUnit unit) {
  CohortCounts counts;
  counts.unit = unit;
  counts.first_unknown_day = first_unknown_day;
  for (const CohortDeal& deal : deals) {
    CohortTally& cohort = counts.cohorts[day_number(period_containing(to_day(deal.created), unit).begin)];
    ++cohort.deals;
    const auto age = static_cast<std::size_t>(deal.age);
    if (cohort.days.size() <= age) cohort.days.resize(age + 1);
    CohortDay& day = cohort.days[age];
    ++(deal.won ? day.won : deal.ended ? day.lost : day.open);
    if (deal.amount == kNoAmount) continue;
    ++cohort.amounts_known;
    cohort.amount += deal.amount;
    if (deal.won) day.won_value += deal.amount;
  }
  return counts;
}

// Sums over deals by age, weighted: 1 each, or the amount.
struct Development {
  std::vector<double> won, lost, open;  // open: this the first age not seen
  std::vector<double> ended_squares, open_squares;
  explicit Development(std::size_t days) : won(days), lost(days), open(days), ended_squares(days), open_squares(days) {}
  void add(const CohortDeal& deal, double weight) {
    const auto age = static_cast<std::size_t>(deal.age);
    (deal.won ? won : deal.ended ? lost : open)[age] += weight;
    (deal.ended ? ended_squares : open_squares)[age] += weight * weight;
  }
};

// Shares of those at risk that end on each day of age, and how many deals stand behind them.
struct DailyHazards {
  std::vector<double> won, lost, deals;
};

DailyHazards daily_hazards(const Development& development, std::size_t days) {
  DailyHazards hazards{std::vector<double>(days), std::vector<double>(days), std::vector<double>(days)};
  double at_risk = 0, squares = 0;
  for (std::size_t d = development.won.size(); d-- > 0;) {
    // who ended on day d was at risk on it; who was last seen the day before was not
    at_risk += development.won[d] + development.lost[d];
    squares += development.ended_squares[d];
    if (d < days && at_risk > 0) {
      hazards.won[d] = development.won[d] / at_risk;
      hazards.lost[d] = development.lost[d] / at_risk;
      hazards.deals[d] = at_risk * at_risk / squares;
    }
    at_risk += development.open[d];
    squares += development.open_squares[d];
  }
  return hazards;
}

// What is to come of open deals: their weight by the first age not yet seen.
struct ToCome {
  double mean = 0, process = 0, estimate = 0;  // the latter two are variances
  double seen = 0;                             // deals of the history at the least known of their ages
  double open = 0;                             // deals that would spread as much as the weights do
};

ToCome to_come(const DailyHazards& hazards, const std::vector<double>& open, const std::vector<double>& open_squares) {
  const std::size_t days = hazards.won.size();
  std::vector<double> chance(days + 1);
  for (std::size_t d = days; d-- > 0;)
    chance[d] = hazards.won[d] + (1 - hazards.won[d] - hazards.lost[d]) * chance[d + 1];
  ToCome result;
  double at_risk = 0, weight = 0, squares = 0;
  for (std::size_t d = 0; d < days; ++d) {
    if (d < open.size()) {
      if (open[d] > 0) result.seen = weight > 0 ? std::min(result.seen, hazards.deals[d]) : hazards.deals[d];
      weight += open[d];
      squares += open_squares[d];
      at_risk += open[d];
      result.mean += open[d] * chance[d];
      result.process += open_squares[d] * chance[d] * (1 - chance[d]);
    }
    const double won = hazards.won[d], lost = hazards.lost[d];
    if (hazards.deals[d] > 0) {
      const double u = 1 - chance[d + 1], v = -chance[d + 1];
      const double mean = won * u + lost * v;
      result.estimate += at_risk * at_risk / hazards.deals[d] * (won * u * u + lost * v * v - mean * mean);
    }
    at_risk *= 1 - won - lost;
  }
  if (squares > 0) result.open = weight * weight / squares;
  return result;
}

// Quantiles of the beta distribution on [0, most] with this mean and variance.
Interval beta_limits(double mean, double variance, double most, double level) {
  if (most <= 0) return {0, 0};
  const double share = mean / most, spread = variance / (most * most);
  const double concentration = share * (1 - share) / spread - 1;
  if (!(concentration > 0) || share <= 0 || share >= 1) return {0, most};
  const double a = share * concentration, b = (1 - share) * concentration, tail = (1 - level) / 2;
  return {most * boost::math::ibeta_inv(a, b, tail), most * boost::math::ibetac_inv(a, b, tail)};
}

// Where all deals so old went the same way, none shows a spread: that of Jeffreys' posterior for so many deals stands
// in.
Interval limits_to_come(const ToCome& coming, double dispersion, double most, double level) {
  const double variance = dispersion * (coming.process + coming.estimate);
  if (variance > 0 || most <= 0) return beta_limits(coming.mean, variance, most, level);
  const double n = coming.seen, share = (coming.mean / most * n + 0.5) / (n + 1);
  const double whole = share * (1 - share), spread = whole * (1 / (n + 2) + 1 / std::max(1.0, coming.open));
  const double tail = (1 - level) / 2;
  const Interval limits = spread < whole ? beta_limits(share * most, spread * most * most, most, level)
                                         : Interval{share > 1 - tail ? most : 0, share > tail ? most : 0};
  return {std::min(limits.lower, coming.mean), std::max(limits.upper, coming.mean)};
}

CohortProjection projection(double so_far, const ToCome& coming, double dispersion, double most, double level,
                            bool whole_numbers) {
  const Interval more = limits_to_come(coming, dispersion, most, level);
  CohortProjection result{.so_far = so_far,
                          .expected = so_far + coming.mean,
                          .process_error = std::sqrt(dispersion * coming.process),
                          .estimate_error = std::sqrt(dispersion * std::max(0.0, coming.estimate)),
                          .limits = {so_far + more.lower, so_far + more.upper}};
  if (whole_numbers && most > 0)
    result.limits = {so_far + std::max(0.0, std::ceil(more.lower - 0.5)),
                     so_far + std::min(most, std::floor(more.upper + 0.5))};
  return result;
}

// Pearson's chi-square of wins per cohort against the pooled hazards, over its degrees of freedom.
double cohort_dispersion(const std::map<DayNumber, CohortTally>& cohorts, const DailyHazards& hazards) {
  double chi_square = 0;
  int terms = 0;
  for (const auto& [begin, cohort] : cohorts) {
    double expected = 0, variance = 0, observed = 0;
    double at_risk = static_cast<double>(cohort.deals);
    for (std::size_t d = 0; d < cohort.days.size() && d < hazards.won.size(); ++d) {
      const CohortDay& day = cohort.days[d];
      at_risk -= static_cast<double>(day.open);  // not seen on this day
      expected += at_risk * hazards.won[d];
      if (hazards.deals[d] > 0)
        variance += at_risk * hazards.won[d] * (1 - hazards.won[d]) * (1 - at_risk / hazards.deals[d]);
      observed += static_cast<double>(day.won);
      at_risk -= static_cast<double>(day.won + day.lost);
    }
    if (expected < 1 || variance <= 0) continue;  // too few to tell
    chi_square += (observed - expected) * (observed - expected) / variance;
    ++terms;
  }
  return terms < 3 ? 1 : std::max(1.0, chi_square / (terms - 1));
}

int age_step(PeriodUnit unit) {
  return unit == PeriodUnit::week ? 7 : unit == PeriodUnit::month ? 30 : 91;
}

PeriodUnit unit_for(int days) {
  return days <= 12 * 7 ? PeriodUnit::week : days <= 14 * 31 ? PeriodUnit::month : PeriodUnit::quarter;
}

ShareWithLimits cohort_share(std::uint64_t part, std::uint64_t whole, double level) {
  const auto successes = static_cast<double>(part), trials = static_cast<double>(whole);
  return {whole == 0 ? 0 : successes / trials, wilson_interval(successes, trials, level)};
}

CohortCell cohort_cell(const CohortTally& cohort, const Period& period, int age, DayNumber first_unknown_day,
                       double level) {
  CohortCell cell{.seen = CohortSeen::none,
                  .won = 0,
                  .ended = 0,
                  .won_value = {},
                  .won_share = {},
                  .ended_share = {},
                  .value_share = {}};
  if (day_number(period.begin) + age < first_unknown_day) cell.seen = CohortSeen::part;
  if (day_number(period.end) + age <= first_unknown_day) cell.seen = CohortSeen::whole;
  for (std::size_t d = 0; d < cohort.days.size() && d <= static_cast<std::size_t>(age); ++d) {
    cell.won += cohort.days[d].won;
    cell.ended += cohort.days[d].won + cohort.days[d].lost;
    cell.won_value += cohort.days[d].won_value;
  }
  if (cell.seen != CohortSeen::whole) return cell;
  cell.won_share = cohort_share(cell.won, cohort.deals, level);
  cell.ended_share = cohort_share(cell.ended, cohort.deals, level);
  if (cohort.amount.minor > 0) cell.value_share = cell.won_value.units() / cohort.amount.units();
  return cell;
}

}  // namespace

void CohortCounts::merge(const CohortCounts& other) {
  if (!other.unit) return;
  if (!unit) {
    *this = other;
    return;
  }
  if (unit != other.unit || first_unknown_day != other.first_unknown_day)
    throw InvalidArgument(fmt::format("cohorts by {} before {} and by {} before {} cannot be merged", to_string(*unit),
                                      to_string(to_day(first_unknown_day)), to_string(*other.unit),
                                      to_string(to_day(other.first_unknown_day))),
                          ErrorCode::incompatible);
  for (const auto& [begin, more] : other.cohorts) {
    CohortTally& cohort = cohorts[begin];
    cohort.deals += more.deals;
    cohort.amounts_known += more.amounts_known;
    cohort.amount += more.amount;
    cohort.days.resize(std::max(cohort.days.size(), more.days.size()));
    for (std::size_t d = 0; d < more.days.size(); ++d) {
      cohort.days[d].won += more.days[d].won;
      cohort.days[d].lost += more.days[d].lost;
      cohort.days[d].open += more.days[d].open;
      cohort.days[d].won_value += more.days[d].won_value;
    }
  }
}

CohortCounts count_cohorts(const AsOf& view, PeriodUnit unit) {
  check_cohort_unit(unit);
  return counts_of(cohort_deals(view), view.first_unknown_day(), unit);
}

Cohorts cohorts(const AsOf& view, const CohortOptions& options) {
  if (options.unit) check_cohort_unit(*options.unit);
  if (options.most_cohorts == 0 || options.most_ages == 0)
    throw InvalidArgument("cohorts: a table without rows or columns; most_cohorts and most_ages are at least 1");
  wilson_interval(0, 0, options.level);  // refuses a level that is none

  const DayNumber unknown = view.first_unknown_day();
  const std::vector<CohortDeal> deals = cohort_deals(view);
  DayNumber earliest = unknown;
  for (const CohortDeal& deal : deals) earliest = std::min(earliest, deal.created);
  const PeriodUnit unit = options.unit.value_or(unit_for(unknown - earliest));
  Cohorts result{.as_of = view.day(),
                 .unit = unit,
                 .earlier_deals = 0,
                 .ages = {},
                 .horizon = {},
                 .level = options.level,
                 .dispersion = 1,
                 .cohorts = {},
                 .pooled_won = {}};
  if (deals.empty()) return result;
  const CohortCounts counts = counts_of(deals, unknown, unit);

  const Day first_day = to_day(counts.cohorts.begin()->first);
  const int longest = unknown - day_number(period_containing(first_day, unit).end);  // age seen whole by the oldest
  const int columns = std::max(0, longest) / age_step(unit);
  const int most_ages = static_cast<int>(std::min<std::size_t>(options.most_ages, 10'000));
  const int stride = age_step(unit) * std::max(1, (columns + most_ages - 1) / most_ages);
  for (int age = stride; age <= longest; age += stride) result.ages.push_back(age);

  DailyHazards hazards, value_hazards;
  if (!result.ages.empty()) {
    result.horizon = result.ages.back();
    std::size_t days = 0;
    for (const CohortDeal& deal : deals) days = std::max(days, static_cast<std::size_t>(deal.age) + 1);
    Development by_count(days), by_value(days);
    for (const CohortDeal& deal : deals) {
      by_count.add(deal, 1);
      if (deal.amount != kNoAmount && deal.amount.minor > 0) by_value.add(deal, deal.amount.units());
    }
    const std::size_t horizon_days = static_cast<std::size_t>(*result.horizon) + 1;
    hazards = daily_hazards(by_count, horizon_days);
    value_hazards = daily_hazards(by_value, horizon_days);
    result.dispersion = cohort_dispersion(counts.cohorts, hazards);
    Durations durations;
    durations.cause_count = 2;
    for (const CohortDeal& deal : deals) {
      // an end on day a of age comes before a censoring that saw the days up to it: half a day tells them apart
      durations.time.push_back(deal.ended ? deal.age + 0.5 : deal.age);
      durations.cause.push_back(deal.won ? 1 : deal.ended ? 2 : 0);
    }
    const CumulativeIncidence pooled = aalen_johansen(durations);
    for (const int age : result.ages)
      result.pooled_won.push_back({pooled.probability(1, age + 0.5), pooled.interval(1, age + 0.5, options.level)});
  }

  std::map<DayNumber, std::pair<std::vector<double>, std::vector<double>>> open_values;  // sums and squares by age
  if (result.horizon)
    for (const CohortDeal& deal : deals) {
      if (deal.ended || deal.amount == kNoAmount || deal.age > *result.horizon) continue;
      auto& [sums, squares] = open_values[day_number(period_containing(to_day(deal.created), unit).begin)];
      sums.resize(static_cast<std::size_t>(*result.horizon) + 1);
      squares.resize(sums.size());
      const double units = std::max(0.0, deal.amount.units());
      sums[static_cast<std::size_t>(deal.age)] += units;
      squares[static_cast<std::size_t>(deal.age)] += units * units;
    }

  const Day end = std::max(to_day(unknown), to_day(counts.cohorts.rbegin()->first) + Days{1});
  std::vector<Period> periods = split_into_periods(first_day, end, unit);
  periods.back() = period_containing(periods.back().begin, unit);
  const std::size_t hidden = periods.size() - std::min(periods.size(), options.most_cohorts);
  for (std::size_t p = 0; p < periods.size(); ++p) {
    const auto found = counts.cohorts.find(day_number(periods[p].begin));
    const CohortTally cohort = found == counts.cohorts.end() ? CohortTally{} : found->second;
    if (p < hidden) {
      result.earlier_deals += cohort.deals;
      continue;
    }
    CohortFigures figures{.period = periods[p],
                          .deals = cohort.deals,
                          .open = 0,
                          .amounts_known = cohort.amounts_known,
                          .amount = cohort.amount,
                          .cells = {},
                          .mature = true,
                          .count = {},
                          .value = {}};
    for (const int age : result.ages)
      figures.cells.push_back(cohort_cell(cohort, periods[p], age, unknown, options.level));
    for (const CohortDay& day : cohort.days) figures.open += day.open;
    if (result.horizon) {
      const auto most = static_cast<std::size_t>(*result.horizon);
      std::vector<double> open(most + 1);
      double still = 0;
      for (std::size_t d = 0; d < cohort.days.size() && d <= most; ++d)
        still += open[d] = static_cast<double>(cohort.days[d].open);
      figures.mature = still == 0;
      const CohortCell& latest = figures.cells.back();
      figures.count = projection(static_cast<double>(latest.won), to_come(hazards, open, open), result.dispersion,
                                 still, options.level, true);
      const auto& [sums, squares] = open_values[day_number(periods[p].begin)];
      double value = 0;
      for (const double sum : sums) value += sum;
      figures.value = projection(latest.won_value.units(), to_come(value_hazards, sums, squares), result.dispersion,
                                 value, options.level, false);
    }
    result.cohorts.push_back(std::move(figures));
  }
  return result;
}

}  // namespace putki
