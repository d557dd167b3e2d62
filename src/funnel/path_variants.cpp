#include <putki/funnel/path_variants.hpp>

#include <fmt/format.h>
#include <putki/core/error.hpp>

#include "funnel/deal_amount.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace putki {
namespace {

using StageText = std::u16string;  // a path as a text of stage numbers: hashed as it is

std::vector<StageId> stages_of(const StageText& text) {
  std::vector<StageId> stages;
  for (const char16_t stage : text) stages.push_back(static_cast<StageId>(stage));
  return stages;
}

void add_path(PathTally& to, const PathTally& from) {
  to.won += from.won;
  to.lost += from.lost;
  to.open += from.open;
  to.won_value += from.won_value;
  to.won_without_amount += from.won_without_amount;
  const auto middle = static_cast<std::ptrdiff_t>(to.times.size());
  to.times.insert(to.times.end(), from.times.begin(), from.times.end());
  std::inplace_merge(to.times.begin(), to.times.begin() + middle, to.times.end());
}

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

void check_mergeable_paths(std::size_t a, std::size_t b) {
  if (a != b)
    throw InvalidArgument(fmt::format("paths through {} and through {} stages cannot be merged", a, b),
                          ErrorCode::incompatible);
}

}  // namespace

PathCounts count_paths(const AsOf& view) {
  const StageGraph& graph = view.graph();
  const auto stages = view.log().stages();
  const auto times = view.log().times();
  const auto amounts = view.log().amounts();
  std::unordered_map<StageText, PathTally> tallies;
  StageText path;
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    path.clear();
    std::uint32_t entry = first;
    for (std::uint32_t i = first; i < last; ++i) {
      if (i > first && stages[i] == stages[i - 1]) continue;
      path.push_back(static_cast<char16_t>(stages[i]));
      entry = i;
    }
    const StageKind stands = graph.kind(stages[last - 1]);
    if (is_terminal(stands)) path.pop_back();
    PathTally& tally = tallies[path];
    if (!is_terminal(stands)) {
      ++tally.open;
      return;
    }
    tally.times.push_back(times[entry] - times[first]);
    ++(stands == StageKind::won ? tally.won : tally.lost);
    if (stands != StageKind::won) return;
    const Money amount = last_amount_of(amounts, first, last);
    if (amount != kNoAmount)
      tally.won_value += amount;
    else
      ++tally.won_without_amount;
  });
  PathCounts counts{.stage_count = graph.stage_count(), .paths = {}};
  for (auto& [text, tally] : tallies) {
    std::sort(tally.times.begin(), tally.times.end());
    counts.paths.emplace(stages_of(text), std::move(tally));
  }
  return counts;
}

void PathCounts::merge(const PathCounts& other) {
  if (other.stage_count == 0) return;
  if (stage_count == 0) {
    *this = other;
    return;
  }
  check_mergeable_paths(stage_count, other.stage_count);
  const PathCounts more = other;  // also when it is this very value
  for (const auto& [path, tally] : more.paths) add_path(paths[path], tally);
}

PathVariants path_variants(const PathCounts& counts, std::size_t most) {
  PathVariants result;
  std::vector<const std::pair<const std::vector<StageId>, PathTally>*> order;
  for (const auto& path : counts.paths) {
    order.push_back(&path);
    result.deals += path.second.deals();
    result.finished += path.second.won + path.second.lost;
  }
  result.distinct = order.size();
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->second.deals() > b->second.deals(); });
  if (most > 0 && order.size() > most) order.resize(most);
  std::uint64_t covered = 0, covered_finished = 0;
  for (const auto* path : order) {
    const PathTally& tally = path->second;
    const std::uint64_t finished = tally.won + tally.lost;
    covered += tally.deals();
    covered_finished += finished;
    PathVariant variant{
        .stages = path->first,
        .won = tally.won,
        .lost = tally.lost,
        .open = tally.open,
        .share_of_deals = share_of(tally.deals(), result.deals),
        .covered_deals = share_of(covered, result.deals),
        .share_of_finished = share_of(finished, result.finished),
        .covered_finished = share_of(covered_finished, result.finished),
        .share_won = {},
        .share_won_limits = wilson_interval(static_cast<double>(tally.won), static_cast<double>(finished)),
        .won_value = tally.won_value,
        .won_without_amount = tally.won_without_amount,
        .median_days = {}};
    if (finished > 0) {
      variant.share_won = share_of(tally.won, finished);
      const auto days = [&](std::size_t i) { return static_cast<double>(tally.times[i].count()) / 86'400e6; };
      variant.median_days = 0.5 * (days((tally.times.size() - 1) / 2) + days(tally.times.size() / 2));
    }
    result.variants.push_back(std::move(variant));
  }
  return result;
}

Conformance conformance(const AsOf& view) {
  const StageGraph& graph = view.graph();
  Conformance result{.stage_count = graph.stage_count(), .declares_moves = graph.declares_moves(), .undeclared = {}};
  std::vector<bool> entry(graph.stage_count(), !graph.declares_moves());
  for (const StageId stage : graph.entries()) entry[index(stage)] = true;
  struct Moves {
    std::uint64_t count = 0, deals = 0, last_deal = 0;
  };
  std::map<std::pair<StageId, StageId>, Moves> undeclared;
  const auto stages = view.log().stages();
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    ++result.deals;
    bool conforms = entry[index(stages[first])];
    if (!conforms) ++result.began_elsewhere;
    for (std::uint32_t i = first + 1; i < last; ++i) {
      if (stages[i] == stages[i - 1]) continue;
      ++result.moves;
      if (graph.allows(stages[i - 1], stages[i]) || !graph.declares_moves()) {
        ++result.declared;
        continue;
      }
      conforms = false;
      Moves& moves = undeclared[{stages[i - 1], stages[i]}];
      ++moves.count;
      if (moves.last_deal != result.deals) ++moves.deals;
      moves.last_deal = result.deals;
    }
    if (conforms) ++result.conforming;
  });
  for (const auto& [pair, moves] : undeclared)
    result.undeclared.push_back({.from = pair.first, .to = pair.second, .count = moves.count, .deals = moves.deals});
  return result;
}

void Conformance::merge(const Conformance& other) {
  if (other.stage_count == 0) return;
  if (stage_count == 0) {
    *this = other;
    return;
  }
  check_mergeable_paths(stage_count, other.stage_count);
  if (declares_moves != other.declares_moves)
    throw InvalidArgument("conformance to declared moves and to none cannot be merged", ErrorCode::incompatible);
  std::map<std::pair<StageId, StageId>, UndeclaredMove> sum;
  for (const Conformance* part : {static_cast<const Conformance*>(this), &other})
    for (const UndeclaredMove& move : part->undeclared) {
      UndeclaredMove& to = sum[{move.from, move.to}];
      to = {.from = move.from, .to = move.to, .count = to.count + move.count, .deals = to.deals + move.deals};
    }
  deals += other.deals;
  conforming += other.conforming;
  began_elsewhere += other.began_elsewhere;
  moves += other.moves;
  declared += other.declared;
  undeclared.clear();
  for (const auto& [pair, move] : sum) undeclared.push_back(move);
}

}  // namespace putki
