#include <putki/funnel/hygiene.hpp>

#include <putki/core/error.hpp>
#include <putki/survival/aalen_johansen.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr double kLifetimeShare = 0.9;
constexpr int kWonEnd = 1;
constexpr int kLostEnd = 2;

/// Time from a beginning to an end, if it has come: 0, kWonEnd or kLostEnd.
struct HygieneSpell {
  double days;
  int end;
};

/// What hygiene knows of a deal, open or not.
struct HygieneRecord {
  DealId deal;
  bool open;
  StageId stage;
  Money amount;
  DayNumber expected_close;
  double open_days, silent_days;
  HygieneSpell life;                                         // from creation to the first end
  std::vector<std::pair<StageId, HygieneSpell>> from_stage;  // from the first entry into each stage before that end
  std::array<bool, kHygieneFindings> findings{};
};

void check_hygiene(const HygieneOptions& options) {
  const auto refuse = [](const char* what, double given, const char* allowed) {
    throw InvalidArgument(fmt::format("hygiene: {} of {}; allowed is {}", what, given, allowed));
  };
  const auto positive = [](double number) { return std::isfinite(number) && number > 0; };
  if (!(options.silent_share > 0 && options.silent_share < 1))
    refuse("a silent share", options.silent_share, "above 0 and below 1");
  if (options.least_silences < 1) refuse("a least number of silences", 0, "1 or more");
  if (!positive(options.zombie_lifetimes)) refuse("zombie lifetimes", options.zombie_lifetimes, "above 0");
  if (options.zombie_days && !positive(*options.zombie_days)) refuse("zombie days", *options.zombie_days, "above 0");
  if (!positive(options.close_rate_days)) refuse("close rate days", options.close_rate_days, "above 0");
}

/// The time by which `share` of all that ever ends has ended; absent when too few ends were seen.
std::optional<double> limit_of_ended(const Durations& durations, double share, std::size_t least) {
  const auto ended = std::count_if(durations.cause.begin(), durations.cause.end(), [](int cause) { return cause > 0; });
  if (static_cast<std::size_t>(ended) < least) return std::nullopt;
  const SurvivalCurve curve = kaplan_meier(durations);
  const double wanted = share * (1 - curve.values.back());
  for (std::size_t i = 0; i < curve.times.size(); ++i)
    if (1 - curve.values[i] >= wanted - 1e-12) return curve.times[i];
  return curve.times.back();
}

class HygieneReader {
 public:
  explicit HygieneReader(const AsOf& view)
      : view_(view), silences_(view.graph().stage_count()), stages_(view.graph().stage_count()) {}

  std::vector<HygieneRecord> read() {
    std::vector<HygieneRecord> records;
    view_.for_each_deal(
        [&](DealId deal, std::uint32_t first, std::uint32_t last) { records.push_back(record(deal, first, last)); });
    return records;
  }
  /// By stage, of the deals read.
  const std::vector<Durations>& silences() const { return silences_; }

 private:
  HygieneRecord record(DealId deal, std::uint32_t first, std::uint32_t last);
  bool terminal(std::uint32_t event) const { return view_.graph().is_terminal(view_.log().stages()[event]); }

  const AsOf& view_;
  std::vector<Durations> silences_;
  std::vector<std::uint64_t> stages_;  // the last deal that entered each, by number from 1
  std::uint64_t number_ = 0;
};

HygieneRecord HygieneReader::record(DealId deal, std::uint32_t first, std::uint32_t last) {
  const auto times = view_.log().times();
  const auto stages = view_.log().stages();
  const DealState state = view_.state_of(deal, first, last);
  std::uint32_t end = first;
  while (end < last && !terminal(end)) ++end;
  const Timestamp until = end < last ? times[end] : view_.instant();
  const int cause = end == last ? 0 : view_.graph().kind(stages[end]) == StageKind::won ? kWonEnd : kLostEnd;
  HygieneRecord record{.deal = deal,
                       .open = !terminal(last - 1),
                       .stage = state.stage,
                       .amount = state.amount,
                       .expected_close = state.expected_close,
                       .open_days = 0,
                       .silent_days = elapsed_days(times[last - 1], view_.instant()),
                       .life = {elapsed_days(times[first], until), cause},
                       .from_stage = {}};
  ++number_;
  for (std::uint32_t i = first; i < end; ++i) {
    if (stages_[index(stages[i])] == number_) continue;
    stages_[index(stages[i])] = number_;
    record.from_stage.push_back({stages[i], {elapsed_days(times[i], until), cause}});
  }
  for (std::uint32_t i = first; i < last; ++i) {
    if (terminal(i)) continue;
    Durations& silences = silences_[index(stages[i])];
    silences.time.push_back(elapsed_days(times[i], i + 1 < last ? times[i + 1] : view_.instant()));
    silences.cause.push_back(i + 1 < last ? 1 : 0);
  }
  std::uint32_t opened = last - 1;
  while (opened > first && !terminal(opened - 1)) --opened;
  record.open_days = elapsed_days(times[opened], view_.instant());
  return record;
}

/// Spells of all deals in order of their length, so that no headline needs to sort them again.
struct HygieneSpells {
  struct Entry {
    HygieneSpell spell;
    std::size_t record;
  };
  std::vector<Entry> lives;
  std::vector<std::vector<Entry>> from_stage;

  HygieneSpells(const std::vector<HygieneRecord>& records, std::size_t stages) : from_stage(stages) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      lives.push_back({records[i].life, i});
      for (const auto& [stage, spell] : records[i].from_stage) from_stage[index(stage)].push_back({spell, i});
    }
    const auto shorter = [](const Entry& a, const Entry& b) { return a.spell.days < b.spell.days; };
    std::sort(lives.begin(), lives.end(), shorter);
    for (auto& stage : from_stage) std::sort(stage.begin(), stage.end(), shorter);
  }
};

/// What becomes of the flagged deals in a headline.
enum class Flagged { kept, removed, lost };

HygieneHeadline headline(const std::vector<HygieneRecord>& records, const HygieneSpells& spells, double days,
                         Flagged fate, const std::vector<bool>& flagged) {
  const std::size_t stages = spells.from_stage.size();
  HygieneHeadline result;
  std::vector<Money> value(stages);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const HygieneRecord& record = records[i];
    if (!record.open || (fate != Flagged::kept && flagged[i])) continue;
    ++result.open_deals;
    if (record.amount == kNoAmount) {
      ++result.without_amount;
    } else {
      result.open_value += record.amount;
      value[index(record.stage)] += record.amount;
    }
  }
  const auto durations_of = [&](const std::vector<HygieneSpells::Entry>& entries) {
    Durations durations;
    durations.cause_count = 2;
    for (const auto& [spell, record] : entries) {
      const bool hit = fate != Flagged::kept && flagged[record];
      if (hit && fate == Flagged::removed) continue;
      durations.time.push_back(spell.days);
      durations.cause.push_back(hit && spell.end == 0 ? kLostEnd : spell.end);
    }
    return durations;
  };
  const Durations lives = durations_of(spells.lives);
  const CumulativeIncidence ends = aalen_johansen(lives);
  result.close_rate = ends.probability(kWonEnd, days);
  result.close_rate_limits = ends.interval(kWonEnd, days);
  result.median_lifetime = kaplan_meier(lives).quantile(0.5);
  result.weighted_by_stage.resize(stages);
  for (std::size_t s = 0; s < stages; ++s) {
    if (value[s] == Money{}) continue;
    const double chance = aalen_johansen(durations_of(spells.from_stage[s])).probability(kWonEnd, days);
    result.weighted_by_stage[s] = value[s].units() * chance;
    result.weighted += result.weighted_by_stage[s];
  }
  return result;
}

HygieneEffect effect_of(const std::vector<HygieneRecord>& records, const HygieneSpells& spells, double days,
                        const HygieneHeadline& all, const std::vector<bool>& flagged) {
  HygieneEffect effect;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!flagged[i]) continue;
    ++effect.deals;
    if (records[i].amount != kNoAmount) effect.value += records[i].amount;
  }
  effect.removed = effect.deals == 0 ? all : headline(records, spells, days, Flagged::removed, flagged);
  effect.as_lost = effect.deals == 0 ? all : headline(records, spells, days, Flagged::lost, flagged);
  return effect;
}

bool any_finding(const HygieneRecord& record) {
  return std::find(record.findings.begin(), record.findings.end(), true) != record.findings.end();
}

}  // namespace

std::string to_string(HygieneFinding finding) {
  static constexpr const char* kNames[kHygieneFindings] = {"past_close", "no_close",    "silent",
                                                           "no_amount",  "zero_amount", "zombie"};
  return kNames[static_cast<std::size_t>(finding)];
}

std::size_t HygieneDeal::finding_count() const {
  return static_cast<std::size_t>(std::count(findings.begin(), findings.end(), true));
}

Hygiene hygiene(const AsOf& view, const HygieneOptions& options) {
  check_hygiene(options);
  const StageGraph& graph = view.graph();
  const auto amounts = view.log().amounts();
  HygieneReader reader(view);
  std::vector<HygieneRecord> records = reader.read();
  Hygiene result{.graph = graph,
                 .as_of = view.day(),
                 .options = options,
                 .amounts_known = std::any_of(amounts.begin(), amounts.end(), [](Money m) { return m != kNoAmount; }),
                 .dates_known = !view.log().expected_closes().empty(),
                 .date_only = view.log().date_only(),
                 .silence_limits = std::vector<std::optional<double>>(graph.stage_count()),
                 .zombie_limit = options.zombie_days,
                 .all = {},
                 .effects = {},
                 .any = {},
                 .deals = {}};
  for (std::size_t s = 0; s < graph.stage_count(); ++s)
    if (graph.kind(static_cast<StageId>(s)) == StageKind::open)
      result.silence_limits[s] = limit_of_ended(reader.silences()[s], options.silent_share, options.least_silences);
  if (!result.zombie_limit) {
    Durations lives;
    for (const HygieneRecord& record : records) {
      lives.time.push_back(record.life.days);
      lives.cause.push_back(record.life.end > 0 ? 1 : 0);
    }
    const auto limit = limit_of_ended(lives, kLifetimeShare, options.least_silences);
    if (limit) result.zombie_limit = options.zombie_lifetimes * *limit;
  }

  for (HygieneRecord& record : records) {
    if (!record.open) continue;
    const auto flag = [&](HygieneFinding finding, bool found) {
      record.findings[static_cast<std::size_t>(finding)] = found;
    };
    using enum HygieneFinding;
    const bool dated = record.expected_close != kNoDay;
    const bool on_hold = graph.kind(record.stage) == StageKind::on_hold;
    const auto& silence_limit = result.silence_limits[index(record.stage)];
    flag(past_close, dated && record.expected_close < view.first_unknown_day());
    flag(no_close, !dated && result.dates_known);
    flag(silent, !on_hold && silence_limit && record.silent_days > *silence_limit);
    flag(no_amount, record.amount == kNoAmount && result.amounts_known);
    flag(zero_amount, record.amount == Money{});
    flag(zombie, !on_hold && result.zombie_limit && record.open_days > *result.zombie_limit);
  }

  const double days = options.close_rate_days;
  const HygieneSpells spells(records, graph.stage_count());
  result.all = headline(records, spells, days, Flagged::kept, {});
  std::vector<bool> flagged(records.size()), any(records.size());
  for (std::size_t f = 0; f < kHygieneFindings; ++f) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      flagged[i] = records[i].findings[f];
      any[i] = any[i] || flagged[i];
    }
    result.effects[f] = effect_of(records, spells, days, result.all, flagged);
  }
  result.any = effect_of(records, spells, days, result.all, any);

  for (const HygieneRecord& record : records) {
    if (!any_finding(record)) continue;
    result.deals.push_back({.name = std::string(view.log().deal_name(record.deal)),
                            .stage = record.stage,
                            .amount = record.amount,
                            .expected_close = {},
                            .open_days = record.open_days,
                            .silent_days = record.silent_days,
                            .findings = record.findings});
    if (record.expected_close != kNoDay) result.deals.back().expected_close = to_day(record.expected_close);
  }
  std::stable_sort(result.deals.begin(), result.deals.end(), [](const HygieneDeal& a, const HygieneDeal& b) {
    const auto a_count = a.finding_count(), b_count = b.finding_count();
    return a_count != b_count ? a_count > b_count : a.amount > b.amount;  // kNoAmount is the smallest
  });
  const std::size_t kept = std::min(result.deals.size(), options.list_limit.value_or(result.deals.size()));
  result.deals.erase(result.deals.begin() + static_cast<std::ptrdiff_t>(kept), result.deals.end());
  return result;
}

}  // namespace putki
