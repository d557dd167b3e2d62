#include <putki/funnel/stage_stock.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace putki {
namespace {

std::vector<Period> stock_periods(Day first, Day last, PeriodUnit unit) {
  return split_into_periods(period_containing(first, unit).begin, period_containing(last, unit).end, unit);
}

std::size_t period_index(const std::vector<Period>& periods, Day day) {
  const auto after =
      std::upper_bound(periods.begin(), periods.end(), day, [](Day d, const Period& p) { return d < p.begin; });
  return static_cast<std::size_t>(after - periods.begin()) - 1;
}

// Adds `part`, the counts of some of `periods`, to `sum`. What stood in the part at its last end stands on after it.
void add_stock(const StageStocks& part, StageStocks& sum) {
  const std::size_t offset = period_index(sum.periods, part.periods.front().begin);
  for (std::size_t s = 0; s < sum.stages.size(); ++s) {
    const StageStock& of_part = part.stages[s];
    StageStock& of_sum = sum.stages[s];
    for (std::size_t i = 0; i < part.periods.size(); ++i) {
      of_sum.entered[offset + i] += of_part.entered[i];
      of_sum.at_end[offset + i] += of_part.at_end[i];
    }
    for (std::size_t i = offset + part.periods.size(); i < sum.periods.size(); ++i)
      of_sum.at_end[i] += of_part.at_end.back();
  }
}

}  // namespace

void StageStocks::merge(const StageStocks& other) {
  if (other.periods.empty()) return;
  if (periods.empty()) {
    *this = other;
    return;
  }
  if (unit != other.unit || as_of != other.as_of || known_before != other.known_before ||
      stages.size() != other.stages.size())
    throw InvalidArgument(fmt::format("stocks of {} stages by {} as of {} and of {} by {} as of {} cannot be merged",
                                      stages.size(), to_string(unit), to_string(as_of), other.stages.size(),
                                      to_string(other.unit), to_string(other.as_of)),
                          ErrorCode::incompatible);
  StageStocks both{.unit = unit, .as_of = as_of, .known_before = known_before, .periods = {}, .stages = {}};
  both.periods = stock_periods(std::min(periods.front().begin, other.periods.front().begin),
                               std::max(periods.back().begin, other.periods.back().begin), unit);
  const std::vector<std::uint64_t> zeros(both.periods.size());
  both.stages.assign(stages.size(), {zeros, zeros});
  add_stock(*this, both);
  add_stock(other, both);
  *this = std::move(both);
}

StageStocks stage_stocks(const AsOf& view, PeriodUnit unit) {
  const EventLog& log = view.log();
  if (!log.first_time() || *log.first_time() > view.instant()) return {};
  StageStocks stocks{.unit = unit,
                     .as_of = view.instant(),
                     .known_before = to_day(view.first_unknown_day()),
                     .periods = {},
                     .stages = {}};
  stocks.periods = stock_periods(log.time_zone().day_of(*log.first_time()),
                                 std::max(view.day(), stocks.known_before - Days{1}), unit);
  const std::size_t count = stocks.periods.size();
  // Comings less goings by period first; at_end is their running sum.
  std::vector<std::vector<std::int64_t>> net(view.graph().stage_count(), std::vector<std::int64_t>(count));
  stocks.stages.assign(net.size(), {std::vector<std::uint64_t>(count), std::vector<std::uint64_t>(count)});
  const auto days = log.days();
  view.for_each_visit([&](const Visit& visit) {
    const std::size_t stage = index(visit.stage), begun = period_index(stocks.periods, to_day(days[visit.entry]));
    ++stocks.stages[stage].entered[begun];
    ++net[stage][begun];
    if (visit.next != kNoStage) --net[stage][period_index(stocks.periods, to_day(days[visit.exit]))];
  });
  for (std::size_t s = 0; s < net.size(); ++s) {
    std::int64_t there = 0;
    for (std::size_t i = 0; i < count; ++i) {
      there += net[s][i];
      stocks.stages[s].at_end[i] = static_cast<std::uint64_t>(there);
    }
  }
  return stocks;
}

}  // namespace putki
