#include <putki/core/error.hpp>
#include <putki/model/group_effects.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace putki {
namespace {

constexpr std::size_t kDayKinds = kDayTypes;
/// Rounds of effects and common hazards in turn; strengths are estimated in the first two.
constexpr int kRounds = 4, kRoundsOfStrength = 2;
/// Of a strength above 0: chance alone reaches it with 8 % (half of chi-squared above 2), any gain at all with 50 %.
constexpr double kLeastGain = 1;
/// What a bin's own ratio of moves to expectation is held against, in moves.
constexpr double kPriorMoves = 2;
/// Cumulative hazard of a day on which leaving is all but sure.
constexpr double kMostHazard = 25;

/// Mean part of the day before an event that falls in it, at hazard L a day.
double part_before(double hazard) {
  if (hazard < 1e-4) return 0.5 - hazard / 12;
  return 1 / hazard - std::exp(-hazard) / -std::expm1(-hazard);
}

/// Days at risk, deals that left and moves of one group, on one age bin and day type; weighted by recency.
struct Cell {
  double present = 0;
  double left = 0;
  std::vector<double> moves;  // [target]
};

struct Stage {
  StageId id;
  const StageHazard* hazard;
  std::vector<std::vector<Cell>> cells;  // [group][bin x kDayKinds + type]
  std::vector<double> common;            // [bin x kDayKinds + type][target]: cumulative hazard
  Matrix ratio;                          // bins x targets: of the common hazard now to that of the model
  double* common_of(std::size_t cell) { return common.data() + cell * hazard->targets.size(); }
};

class DayCounter {
 public:
  DayCounter(const GroupedStatistics& statistics, const DatedModel& model, double half_life) {
    end_ = statistics.as_of_day().value_or(0);
    begin_ = end_;
    for (const auto& [group, counts] : statistics.groups()) {
      for (const auto& creation : counts.creations) begin_ = std::min(begin_, creation.day);
      for (const auto& visit : counts.visits) begin_ = std::min(begin_, visit.entered);
    }
    for (DayNumber day = begin_; day < end_; ++day) {
      types_.push_back(static_cast<std::size_t>(day_type(to_day(day), model.calendar())));
      ages_.push_back(model.clock() == Clock::calendar || model.calendar().is_business_day(to_day(day)) ? 1 : 0);
      weights_.push_back(half_life > 0 ? std::exp2(-static_cast<double>(end_ - 1 - day) / half_life) : 1.0);
    }
  }
  void add(Stage& stage, std::size_t group, const DatedStatistics::Visits& visit) const {
    const auto& begins = stage.hazard->begins;
    const auto& targets = stage.hazard->targets;
    const bool moved = visit.to != kNoStage && visit.left < end_;
    const DayNumber last = moved ? visit.left : std::min(visit.left, end_) - 1;
    const double count = static_cast<double>(visit.count);
    std::size_t bin = 0;
    int age = 0;
    for (DayNumber day = visit.entered; day <= last; ++day) {
      while (bin + 1 < begins.size() && begins[bin + 1] <= age) ++bin;
      const auto place = static_cast<std::size_t>(day - begin_);
      age += ages_[place];
      Cell& cell = stage.cells[group][bin * kDayKinds + types_[place]];
      cell.present += weights_[place] * count;
      if (!moved || day < last) continue;
      cell.left += weights_[place] * count;
      const auto k = std::find(targets.begin(), targets.end(), visit.to) - targets.begin();
      if (static_cast<std::size_t>(k) < targets.size())
        cell.moves[static_cast<std::size_t>(k)] += weights_[place] * count;
    }
  }

 private:
  DayNumber begin_, end_;
  std::vector<std::size_t> types_;
  std::vector<int> ages_;  // by how much the day makes a visit older, on the model's clock
  std::vector<double> weights_;
};

/// Common cumulative hazards of a stage by bin and day type.
std::vector<double> common_hazards(const DatedModel& model, StageId id) {
  const StageHazard& hazard = model.stages().hazards().stage(id);
  const StageRhythm& rhythm = model.rhythm(id);
  std::vector<double> common;
  for (std::size_t bin = 0; bin < hazard.begins.size(); ++bin)
    for (std::size_t type = 0; type < kDayKinds; ++type) {
      const Matrix& factors = bin == 0 ? rhythm.entry_day : rhythm.later;
      double leaving = 0;
      for (std::size_t k = 0; k < hazard.targets.size(); ++k) {
        common.push_back(hazard.hazard(bin, k) * (factors.rows() == 0 ? 1.0 : factors(k, type)));
        leaving += common.back();
      }
      const double all = leaving < 1 ? std::min(-std::log1p(-leaving), kMostHazard) : kMostHazard;
      for (std::size_t k = 1; k <= hazard.targets.size() && leaving > 0; ++k)
        common[common.size() - k] *= all / leaving;
    }
  return common;
}

/// The model with its daily hazards changed by `ratio` in continuous time, the posterior's weight unchanged.
DatedModel rescaled(const DatedModel& model, const std::vector<Stage>& stages) {
  const StageModel& old = model.stages();
  const std::size_t count = model.graph().stage_count();
  std::vector<StageHazard> hazards;
  std::vector<Matrix> posteriors;
  for (std::size_t j = 0; j < count; ++j) {
    hazards.push_back(old.hazards().stage(static_cast<StageId>(j)));
    posteriors.push_back(old.posterior(static_cast<StageId>(j)));
  }
  for (const Stage& stage : stages) {
    StageHazard& hazard = hazards[index(stage.id)];
    Matrix& posterior = posteriors[index(stage.id)];
    for (std::size_t bin = 0; bin < hazard.begins.size(); ++bin) {
      const auto row = hazard.hazard.row(bin);
      const double leaving = hazard.leaving(bin);
      if (leaving <= 0) continue;
      double weighted = 0;
      for (std::size_t k = 0; k < row.size(); ++k) weighted += row[k] * stage.ratio(bin, k);
      const double all = leaving < 1 ? std::min(-std::log1p(-leaving), kMostHazard) : kMostHazard,
                   now = leaving < 1 ? -std::expm1(-all * weighted / leaving) : 1.0;
      for (std::size_t k = 0; k < row.size(); ++k) row[k] *= stage.ratio(bin, k) * now / weighted;
      if (posterior.rows() == 0) continue;
      double weight = 0, left = 0;
      for (const double alpha : posterior.row(bin)) weight += alpha;
      for (std::size_t k = 0; k < row.size(); ++k) left += posterior(bin, k) = weight * row[k];
      posterior(bin, row.size()) = std::max(weight - left, 0.0);
    }
  }
  return model.with_stages(StageModel(HazardTable(model.graph(), std::move(hazards)), std::move(posteriors),
                                      old.entry_shares(), old.info()));
}

class Fitter {
 public:
  Fitter(const GroupedStatistics& statistics, const DatedModel& model, const DatedModelOptions& model_options,
         const GroupEffectsOptions& options)
      : statistics_(statistics), model_(model), model_options_(model_options), options_(options) {}
  GroupFit fit();

 private:
  void name_segments() {
    std::map<std::string, std::uint64_t> deals;
    for (const auto& [group, counts] : statistics_.groups()) {
      auto& sum = deals[group.segment];
      for (const auto& creation : counts.creations) sum += creation.count;
    }
    std::vector<std::pair<std::string, std::uint64_t>> by_number(deals.begin(), deals.end());
    std::stable_sort(by_number.begin(), by_number.end(), [](auto& a, auto& b) { return a.second > b.second; });
    std::vector<GroupEffects::Segment> kept;
    GroupEffects::Segment other{"other", {}, 0};
    bool joined = false;
    for (const auto& [value, count] : by_number) {
      const bool big = count >= static_cast<std::uint64_t>(options_.least_deals) &&
                       kept.size() < static_cast<std::size_t>(options_.most_segments);
      if (statistics_.options().segment_by.empty() || big) {
        kept.push_back({value, {value}, count});
      } else {
        other.deals += count;
        joined = true;
      }
    }
    std::sort(kept.begin(), kept.end(), [](auto& a, auto& b) { return a.name < b.name; });
    if (joined || kept.empty()) kept.push_back(std::move(other));
    parts_.segments = std::move(kept);
  }

  void lay_out() {
    const auto& limits = statistics_.options().size_limits;
    parts_.size_limits = limits;
    bands_ = limits.empty() ? 1 : limits.size() + 2;
    groups_ = parts_.segments.size() * bands_;
    for (std::size_t s = 0; s < parts_.segments.size(); ++s)
      for (const std::string& value : parts_.segments[s].values) segment_of_.emplace(value, s);
    parts_.shares.assign(groups_, 0.0);
    double created = 0;
    for (const auto& [group, counts] : statistics_.groups())
      for (const auto& creation : counts.creations) {
        if (model_.graph().is_terminal(creation.stage)) continue;
        parts_.shares[group_of(group)] += static_cast<double>(creation.count);
        created += static_cast<double>(creation.count);
      }
    for (double& share : parts_.shares) share = created > 0 ? share / created : 0;

    if (!limits.empty()) {
      // Standardised over the visits of known amount.
      std::map<std::uint32_t, double> visits;
      for (const auto& [group, counts] : statistics_.groups())
        if (counts.sized > 0) visits[group.band] += static_cast<double>(counts.sized);
      double all = 0, mean = 0, square = 0;
      for (const auto& [band, number] : visits) {
        const double size = std::log(*statistics_.size_of(band));
        all += number;
        mean += number * size;
        square += number * size * size;
      }
      mean /= std::max(all, 1.0);
      const double deviation = std::sqrt(std::max(square / std::max(all, 1.0) - mean * mean, 0.0));
      Covariate size{"size", std::vector<double>(groups_)}, unknown{"amount unknown", std::vector<double>(groups_)};
      for (std::size_t g = 0; g < groups_; ++g) {
        const auto band = static_cast<std::uint32_t>(g % bands_);
        if (const auto typical = statistics_.size_of(band); typical && deviation > 0)
          size.values[g] = (std::log(*typical) - mean) / deviation;
        unknown.values[g] = band == 0 ? 1.0 : 0.0;
      }
      covariates_ = {std::move(size), std::move(unknown)};
    }
    if (parts_.segments.size() > 1) {
      Factor segment{statistics_.options().segment_by, {}, {}};
      for (const auto& one : parts_.segments) segment.levels.push_back(one.name);
      for (std::size_t g = 0; g < groups_; ++g) segment.level_of_row.push_back(static_cast<std::uint32_t>(g / bands_));
      factors_ = {std::move(segment)};
    }
    parts_.design = Matrix(groups_, covariates_.size() + (factors_.empty() ? 0 : factors_[0].levels.size()));
    for (std::size_t g = 0; g < groups_; ++g) {
      for (std::size_t c = 0; c < covariates_.size(); ++c) parts_.design(g, c) = covariates_[c].values[g];
      if (!factors_.empty()) parts_.design(g, covariates_.size() + factors_[0].level_of_row[g]) = 1;
    }
  }

  std::size_t group_of(const GroupedStatistics::Group& group) const {
    const auto known = segment_of_.find(group.segment);
    return (known != segment_of_.end() ? known->second : parts_.segments.size() - 1) * bands_ + group.band;
  }

  void count() {
    const DayCounter counter(statistics_, model_, model_options_.half_life_days);
    std::vector<std::size_t> place(model_.graph().stage_count());
    for (std::size_t j = 0; j < model_.graph().stage_count(); ++j) {
      const auto id = static_cast<StageId>(j);
      const StageHazard& hazard = model_.stages().hazards().stage(id);
      parts_.targets.push_back(hazard.targets.size());
      place[j] = stages_.size();
      if (hazard.targets.empty() || model_.graph().is_terminal(id)) continue;
      Stage stage{
          id, &hazard, {}, common_hazards(model_, id), Matrix(hazard.begins.size(), hazard.targets.size(), 1.0)};
      stage.cells.assign(
          groups_, std::vector<Cell>(hazard.begins.size() * kDayKinds,
                                     {.present = 0, .left = 0, .moves = std::vector<double>(hazard.targets.size())}));
      stages_.push_back(std::move(stage));
    }
    for (const auto& [group, counts] : statistics_.groups())
      for (const auto& visit : counts.visits) {
        const std::size_t at = place[index(visit.from)];
        if (at < stages_.size() && stages_[at].id == visit.from) counter.add(stages_[at], group_of(group), visit);
      }
    for (const Stage& stage : stages_)
      for (std::size_t k = 0; k < stage.hazard->targets.size(); ++k) {
        parts_.moves.push_back({stage.id, stage.hazard->targets[k], {}});
        MoveCounts move{fmt::format("{} > {}", model_.graph().stage(stage.id).name,
                                    model_.graph().stage(stage.hazard->targets[k]).name),
                        std::vector<double>(groups_), std::vector<double>(groups_)};
        for (std::size_t g = 0; g < groups_; ++g)
          for (const Cell& cell : stage.cells[g]) move.moves[g] += cell.moves[k];
        moves_.push_back(std::move(move));
      }
  }

  /// Expected moves of every group at the factors_ so far, and those of every bin.
  std::vector<Matrix> expect(const std::vector<MoveFactors>& factor) {
    std::vector<Matrix> by_bin;
    std::size_t first = 0;
    for (Stage& stage : stages_) {
      const std::size_t targets = stage.hazard->targets.size(), bins = stage.hazard->begins.size();
      Matrix expected(bins, targets);
      for (std::size_t k = 0; k < targets; ++k)
        std::fill(moves_[first + k].expected.begin(), moves_[first + k].expected.end(), 0.0);
      for (std::size_t g = 0; g < groups_; ++g) {
        const std::vector<double>& own = factor[g][index(stage.id)];
        for (std::size_t c = 0; c < bins * kDayKinds; ++c) {
          const Cell& cell = stage.cells[g][c];
          if (cell.present == 0) continue;
          const double* const common = stage.common_of(c);
          double hazard = 0;
          for (std::size_t k = 0; k < targets; ++k) hazard += common[k] * (own.empty() ? 1.0 : own[k]);
          const double days = cell.present - cell.left * (1 - part_before(hazard));
          for (std::size_t k = 0; k < targets; ++k) {
            moves_[first + k].expected[g] += common[k] * days;
            expected(c / kDayKinds, k) += common[k] * days * (own.empty() ? 1.0 : own[k]);
          }
        }
      }
      // A move seen where the common hazard had rounded to nothing.
      for (std::size_t k = 0; k < targets; ++k)
        for (std::size_t g = 0; g < groups_; ++g)
          if (moves_[first + k].moves[g] > 0)
            moves_[first + k].expected[g] = std::max(moves_[first + k].expected[g], 1e-9);
      by_bin.push_back(std::move(expected));
      first += targets;
    }
    return by_bin;
  }

  void rescale_common(const ProportionalEffects& found, const std::vector<Matrix>& expected) {
    std::size_t first = 0;
    for (std::size_t j = 0; j < stages_.size(); ++j) {
      Stage& stage = stages_[j];
      const std::size_t targets = stage.hazard->targets.size();
      for (std::size_t bin = 0; bin < stage.hazard->begins.size(); ++bin)
        for (std::size_t k = 0; k < targets; ++k) {
          double seen = 0;
          for (std::size_t g = 0; g < groups_; ++g)
            for (std::size_t type = 0; type < kDayKinds; ++type)
              seen += stage.cells[g][bin * kDayKinds + type].moves[k];
          const double level = std::exp(found.moves[first + k].intercept),
                       ratio = (seen + kPriorMoves * level) / (expected[j](bin, k) + kPriorMoves);
          stage.ratio(bin, k) *= ratio;
          for (std::size_t type = 0; type < kDayKinds; ++type) stage.common_of(bin * kDayKinds + type)[k] *= ratio;
        }
      first += targets;
    }
  }

  void keep(const ProportionalEffects& found) {
    for (std::size_t m = 0; m < parts_.moves.size(); ++m) parts_.moves[m].effects = found.moves[m];
    parts_.names = found.names;
    parts_.deviations = found.deviations;
    parts_.info = found.info;
    parts_.weights.clear();
    for (std::size_t m = 0; m < parts_.moves.size(); ++m) {
      std::vector<double> weights(groups_);
      double sum = 0;
      for (std::size_t g = 0; g < groups_; ++g) {
        double log_factor = 0;
        for (std::size_t e = 0; e < parts_.names.size(); ++e)
          log_factor += parts_.design(g, e) * parts_.moves[m].effects.effects[e];
        sum += weights[g] = moves_[m].expected[g] * std::exp(log_factor);
      }
      for (double& weight : weights) weight = sum > 0 ? weight / sum : 1 / static_cast<double>(groups_);
      parts_.weights.push_back(std::move(weights));
    }
  }

  const GroupedStatistics& statistics_;
  const DatedModel& model_;
  const DatedModelOptions& model_options_;
  const GroupEffectsOptions& options_;
  GroupEffects::Parts parts_;
  std::size_t bands_ = 1, groups_ = 1;
  std::vector<Stage> stages_;
  std::vector<MoveCounts> moves_;  // of all stages' targets in turn
  std::vector<Covariate> covariates_;
  std::vector<Factor> factors_;
  std::map<std::string, std::size_t> segment_of_;
};

GroupFit Fitter::fit() {
  name_segments();
  lay_out();
  if (parts_.design.columns() == 0) return {model_, GroupEffects(std::move(parts_))};
  count();
  EffectsOptions strengths{.deviations = {}, .least_gain = kLeastGain};
  strengths.deviations.assign(covariates_.size(), options_.size_deviation);
  strengths.deviations.insert(strengths.deviations.end(), factors_.size(), options_.segment_deviation);
  std::vector<MoveFactors> now(groups_, MoveFactors(parts_.targets.size()));
  for (int round = 0; round < kRounds; ++round) {
    expect(now);
    const ProportionalEffects found = fit_proportional_effects(moves_, covariates_, factors_, strengths);
    if (round + 1 == kRoundsOfStrength) strengths.deviations.assign(found.deviations.begin(), found.deviations.end());
    const bool none = std::all_of(found.deviations.begin(), found.deviations.end(), [](double s) { return s == 0; });
    keep(found);
    if (none) {
      parts_.moves.clear();
      parts_.weights.clear();
      return {model_, GroupEffects(std::move(parts_))};
    }
    now = GroupEffects(parts_).expected();
    rescale_common(found, expect(now));
  }
  return {rescaled(model_, stages_), GroupEffects(std::move(parts_))};
}

}  // namespace

GroupFit fit_group_effects(const GroupedStatistics& statistics, const DatedModel& model,
                           const DatedModelOptions& model_options, const GroupEffectsOptions& options) {
  if (!(statistics.graph() == model.graph()))
    throw InvalidArgument("group effects: the model is of another stage graph", ErrorCode::incompatible);
  if (options.least_deals < 1 || options.most_segments < 1)
    throw InvalidArgument(
        fmt::format("group effects: segments of {} deals and at most {} of them; each must be 1 or more",
                    options.least_deals, options.most_segments));
  return Fitter(statistics, model, model_options, options).fit();
}

}  // namespace putki
