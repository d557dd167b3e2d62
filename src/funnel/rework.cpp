#include <putki/funnel/rework.hpp>

#include <fmt/format.h>
#include <putki/core/error.hpp>

#include "funnel/limits_of.hpp"
#include "funnel/ways.hpp"
#include "funnel/weighted_spells.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

namespace putki {
namespace {

constexpr double kGoldenSection = 0.6180339887498949;

bool goes_back(const StageGraph& graph, const Ways& ways, StageId from, StageId to) {
  return !graph.is_terminal(from) && ways.way(from, to) == Way::back;
}

// A visit of a deal that had not gone back before it.
struct FirstTimeVisit {
  double stay;  // days, so far when it is open
  std::uint32_t deal;
  Timestamp entered;
  Timestamp end;  // of the deal: its next won or lost stage, or the view
  SpellEnd how;
  bool back;  // it ends by going back
};

// By stage.
std::vector<std::vector<FirstTimeVisit>> first_time_visits(const AsOf& view) {
  const StageGraph& graph = view.graph();
  const Ways ways(graph);
  const auto times = view.log().times();
  std::vector<std::vector<FirstTimeVisit>> by_stage(graph.stage_count());
  std::vector<Visit> visits;
  const auto add_deal = [&] {
    std::size_t first_time = 0;  // visits up to the first that ends by going back
    while (first_time < visits.size()) {
      const Visit& visit = visits[first_time++];
      if (visit.next != kNoStage && goes_back(graph, ways, visit.stage, visit.next)) break;
    }
    Timestamp end = view.instant();
    SpellEnd how = SpellEnd::censored;
    for (std::size_t v = visits.size(); v-- > 0;) {
      const Visit& visit = visits[v];
      if (graph.is_terminal(visit.stage)) {
        end = times[visit.entry];
        how = graph.kind(visit.stage) == StageKind::won ? SpellEnd::won : SpellEnd::lost;
        continue;
      }
      if (v >= first_time) continue;
      const bool moved = visit.next != kNoStage;
      by_stage[index(visit.stage)].push_back(
          {.stay = elapsed_days(times[visit.entry], moved ? times[visit.exit] : view.instant()),
           .deal = static_cast<std::uint32_t>(visit.deal),
           .entered = times[visit.entry],
           .end = end,
           .how = how,
           .back = moved && goes_back(graph, ways, visit.stage, visit.next)});
    }
    visits.clear();
  };
  view.for_each_visit([&](const Visit& visit) {
    if (visit.number == 0) add_deal();
    visits.push_back(visit);
  });
  add_deal();
  return by_stage;
}

PricedFigure priced(double value, double variance) {
  const double error = std::sqrt(std::max(0.0, variance));
  return {value, error, {value - kNormal95 * error, value + kNormal95 * error}};
}

// Sum of squares over clusters of what their spells add.
double clustered(const std::unordered_map<std::uint32_t, double>& by_cluster) {
  double sum = 0;
  for (const auto& [cluster, influence] : by_cluster) sum += influence * influence;
  return sum;
}

struct FigurePair {
  PricedFigure back, comparable, difference;
};

FigurePair compared(const std::vector<WeightedSpell>& back, const std::vector<WeightedSpell>& comparable,
                    const SpellOutcome& a, const SpellOutcome& b, double SpellOutcome::*value,
                    std::vector<double> SpellOutcome::*influence) {
  std::unordered_map<std::uint32_t, double> of_back, of_comparable, of_difference;
  for (std::size_t i = 0; i < back.size(); ++i) {
    of_back[back[i].cluster] += (a.*influence)[i];
    of_difference[back[i].cluster] += (a.*influence)[i];
  }
  for (std::size_t i = 0; i < comparable.size(); ++i) {
    of_comparable[comparable[i].cluster] += (b.*influence)[i];
    of_difference[comparable[i].cluster] -= (b.*influence)[i];
  }
  return {priced(a.*value, clustered(of_back)), priced(b.*value, clustered(of_comparable)),
          priced(a.*value - b.*value, clustered(of_difference))};
}

}  // namespace

ReworkCounts count_rework(const AsOf& view) {
  const StageGraph& graph = view.graph();
  const Ways ways(graph);
  ReworkCounts counts{.stage_count = graph.stage_count(), .loops = {}};
  struct Loop {
    std::uint64_t count = 0, deals = 0, last_deal = 0;
  };
  std::map<std::pair<StageId, StageId>, Loop> loops;
  std::uint64_t last_back = 0, last_reopened = 0;  // deals, by number from 1
  view.for_each_visit([&](const Visit& visit) {
    if (visit.number == 0) ++counts.deals;
    if (visit.next == kNoStage) return;
    if (graph.is_terminal(visit.stage) && !graph.is_terminal(visit.next) && last_reopened != counts.deals) {
      last_reopened = counts.deals;
      ++counts.reopened;
    }
    if (!goes_back(graph, ways, visit.stage, visit.next)) return;
    ++counts.moves_back;
    if (last_back != counts.deals) ++counts.went_back;
    last_back = counts.deals;
    Loop& loop = loops[{visit.stage, visit.next}];
    ++loop.count;
    if (loop.last_deal != counts.deals) ++loop.deals;
    loop.last_deal = counts.deals;
  });
  for (const auto& [pair, loop] : loops)
    counts.loops.push_back({.from = pair.first, .to = pair.second, .count = loop.count, .deals = loop.deals});
  return counts;
}

void ReworkCounts::merge(const ReworkCounts& other) {
  if (other.stage_count == 0) return;
  if (stage_count == 0) {
    *this = other;
    return;
  }
  if (stage_count != other.stage_count)
    throw InvalidArgument(fmt::format("rework in {} and in {} stages cannot be merged", stage_count, other.stage_count),
                          ErrorCode::incompatible);
  std::map<std::pair<StageId, StageId>, ReworkLoop> sum;
  for (const ReworkCounts* part : {static_cast<const ReworkCounts*>(this), &other})
    for (const ReworkLoop& loop : part->loops) {
      ReworkLoop& to = sum[{loop.from, loop.to}];
      to = {.from = loop.from, .to = loop.to, .count = to.count + loop.count, .deals = to.deals + loop.deals};
    }
  deals += other.deals;
  went_back += other.went_back;
  moves_back += other.moves_back;
  reopened += other.reopened;
  loops.clear();
  for (const auto& [pair, loop] : sum) loops.push_back(loop);
}

std::optional<ReworkPrice> rework_price(const AsOf& view, const ReworkPriceOptions& options) {
  if (!(options.horizon_days > 0) || std::isinf(options.horizon_days))
    throw InvalidArgument(
        fmt::format("rework: a horizon of {} days; allowed: a finite number above 0", options.horizon_days));
  if (options.most_comparables == 0) throw InvalidArgument("rework: 0 comparable visits a deal; allowed: 1 or more");
  ReworkPrice price;
  price.horizon_days = options.horizon_days;
  std::vector<WeightedSpell> back, comparable;
  for (auto& visits : first_time_visits(view)) {
    std::stable_sort(visits.begin(), visits.end(), [](const auto& a, const auto& b) { return a.stay < b.stay; });
    for (const FirstTimeVisit& visit : visits) {
      if (!visit.back) continue;
      const auto longer = std::partition_point(visits.begin(), visits.end(),
                                               [&](const auto& other) { return other.stay <= visit.stay; });
      const auto there = static_cast<std::size_t>(visits.end() - longer);
      if (there == 0) {
        ++price.unmatched;
        continue;
      }
      const auto spell = [&](const FirstTimeVisit& of, double weight) {
        return WeightedSpell{std::max(0.0, elapsed_days(of.entered, of.end) - visit.stay), of.how, weight, of.deal};
      };
      ++price.matched;
      back.push_back(spell(visit, 1.0));
      // Evenly spread, each time from another start, so that in the end all are taken about equally often.
      const std::size_t taken = std::min(there, options.most_comparables);
      const double start = std::fmod(kGoldenSection * static_cast<double>(price.matched), 1.0);
      const double stride = static_cast<double>(there) / static_cast<double>(taken);
      for (std::size_t k = 0; k < taken; ++k) {
        const auto place = static_cast<std::ptrdiff_t>((static_cast<double>(k) + start) * stride);
        comparable.push_back(spell(longer[place], 1.0 / static_cast<double>(taken)));
      }
    }
  }
  if (back.empty()) return std::nullopt;
  price.comparables = comparable.size();
  const SpellOutcome a = spell_outcome(back, options.horizon_days);
  const SpellOutcome b = spell_outcome(comparable, options.horizon_days);
  const FigurePair won = compared(back, comparable, a, b, &SpellOutcome::won, &SpellOutcome::won_influence);
  const FigurePair days = compared(back, comparable, a, b, &SpellOutcome::mean_days, &SpellOutcome::days_influence);
  price.won_back = won.back;
  price.won_comparable = won.comparable;
  price.win_difference = won.difference;
  price.days_back = days.back;
  price.days_comparable = days.comparable;
  price.extra_days = days.difference;
  return price;
}

}  // namespace putki
