#include <putki/model/dated_model.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {

namespace {

void apply(const ExitChange& change, DatedHazards::Exits& exits) {
  const std::size_t targets = exits.targets.size();
  const auto place = [&](StageId stage) {
    return static_cast<std::size_t>(std::find(exits.targets.begin(), exits.targets.end(), stage) -
                                    exits.targets.begin());
  };
  const std::size_t k = place(change.target), payer = place(change.payer);
  for (std::size_t i = 0; i < exits.stay.size(); ++i) {
    double* const chances = exits.chances.data() + i * targets;
    if (k < targets && change.odds != 1) {
      double rest = 0;
      for (std::size_t m = 0; m < targets; ++m)
        if (m != k && (payer == targets || m == payer)) rest += chances[m];
      if (const double weight = change.odds * chances[k] + rest; weight > 0 && rest > 0) {
        const double scale = (chances[k] + rest) / weight;
        chances[k] *= change.odds * scale;
        for (std::size_t m = 0; m < targets; ++m)
          if (m != k && (payer == targets || m == payer)) chances[m] *= scale;
      }
    }
    double& stay = exits.stay[i];
    if (const double leaving = 1 - stay; change.pace != 1 && leaving > 0) {
      stay = std::pow(stay, change.pace);
      for (std::size_t m = 0; m < targets; ++m) chances[m] *= (1 - stay) / leaving;
    }
  }
}

}  // namespace

DatedModel::DatedModel(StageModel stages) : stages_(std::move(stages)), rhythm_(stages_.graph().stage_count()) {}

DatedModel::DatedModel(StageModel stages, BusinessCalendar calendar, std::vector<StageRhythm> rhythm, Clock clock)
    : stages_(std::move(stages)), calendar_(std::move(calendar)), rhythm_(std::move(rhythm)), clock_(clock) {
  if (clock_ == Clock::automatic) throw InvalidArgument("dated model: its clock is calendar or business");
  if (rhythm_.size() != graph().stage_count())
    throw InvalidArgument(fmt::format("dated model: {} rhythms for {} stages", rhythm_.size(), graph().stage_count()));
  for (std::size_t j = 0; j < rhythm_.size(); ++j) {
    const std::size_t targets = stages_.hazards().stage(static_cast<StageId>(j)).targets.size();
    for (const Matrix* factors : {&rhythm_[j].entry_day, &rhythm_[j].later}) {
      if (factors->rows() > 0 && (factors->rows() != targets || factors->columns() != kDayTypes))
        throw InvalidArgument(fmt::format("dated model: {} x {} factors for {} targets of '{}' x {} day types",
                                          factors->rows(), factors->columns(), targets,
                                          graph().stage(static_cast<StageId>(j)).name, kDayTypes));
      for (const double factor : factors->values())
        if (!(factor >= 0) || !std::isfinite(factor))
          throw InvalidArgument(fmt::format("dated model: factor {} is not 0 or more", factor));
    }
  }
}

DatedModel DatedModel::with(const ExitChange& change) const {
  const auto fail = [](const std::string& what) { throw InvalidArgument("change of exits: " + what); };
  if (index(change.stage) >= graph().stage_count())
    fail(fmt::format("stage {} of {} stages", index(change.stage), graph().stage_count()));
  const auto& targets = stages_.hazards().stage(change.stage).targets;
  const std::string& name = graph().stage(change.stage).name;
  for (const StageId target : {change.target, change.payer})
    if (target != kNoStage && std::find(targets.begin(), targets.end(), target) == targets.end())
      fail(fmt::format("stage {} is not among the {} targets of '{}'", index(target), targets.size(), name));
  if (targets.empty()) fail(fmt::format("nobody leaves '{}'", name));
  if (change.target == change.payer && change.target != kNoStage) fail("a target cannot pay for itself");
  for (const double factor : {change.pace, change.odds})
    if (!(factor >= 0) || !std::isfinite(factor)) fail(fmt::format("factor {} is not 0 or more", factor));
  DatedModel changed = *this;
  changed.changes_.push_back(change);
  return changed;
}

DatedHazards DatedModel::plain_week() const {
  DatedModel plain = *this;
  // The weekend stays: it stops the business clock.
  plain.calendar_ = clock_ == Clock::business ? BusinessCalendar(calendar_.weekend(), {}) : BusinessCalendar();
  return plain.on_days(stages_.hazards(), Day{std::chrono::year{2024} / 1 / 1}, 7,
                       std::vector<std::vector<double>>(rhythm_.size()));
}

int DatedModel::age(Day entered, Day day) const {
  if (entered >= day) return 0;
  if (clock_ == Clock::calendar) return static_cast<int>((day - entered).count());
  return calendar_.business_days_between(std::max(entered, Day{}), day);
}

DatedHazards DatedHazards::multiplied(const std::vector<std::vector<double>>& factors) const {
  DatedHazards result = *this;
  for (std::size_t j = 0; j < exits_.size() && j < factors.size(); ++j) {
    if (factors[j].empty()) continue;
    Exits& exits = result.exits_[j];
    const std::size_t targets = exits.targets.size();
    for (std::size_t i = 0; i < exits.stay.size(); ++i) {
      double* const chances = exits.chances.data() + i * targets;
      const double leaving = 1 - exits.stay[i];
      double sum = 0, weighted = 0;
      for (std::size_t k = 0; k < targets; ++k) {
        sum += chances[k];
        weighted += chances[k] *= factors[j][k];
      }
      if (!(weighted > 0)) {
        exits.stay[i] = sum > 0 ? 1.0 : exits.stay[i];
        continue;
      }
      exits.stay[i] = leaving < 1 ? std::pow(exits.stay[i], weighted / sum) : 0.0;
      for (std::size_t k = 0; k < targets; ++k) chances[k] *= (1 - exits.stay[i]) / weighted;
    }
  }
  return result;
}

DatedModel DatedModel::with_stages(StageModel stages) const {
  DatedModel checked(std::move(stages), calendar_, rhythm_, clock_);
  DatedModel result = *this;
  result.stages_ = std::move(checked.stages_);
  return result;
}

DatedHazards DatedModel::on_days(const HazardTable& base, Day begin, int days,
                                 const std::vector<std::vector<double>>& speeds) const {
  const DayTypes laid_out(begin, begin + Days{days}, calendar_);
  const auto types = laid_out.types();
  std::vector<DatedHazards::Exits> exits(graph().stage_count());
  for (std::size_t j = 0; j < exits.size(); ++j) {
    const StageHazard& hazard = base.stage(static_cast<StageId>(j));
    DatedHazards::Exits& stage = exits[j];
    stage.targets = hazard.targets;
    stage.begins = hazard.begins;
    if (stage.targets.empty()) continue;
    const std::size_t bins = stage.begins.size(), targets = stage.targets.size();
    stage.chances.reserve(static_cast<std::size_t>(days) * bins * targets);
    stage.stay.reserve(static_cast<std::size_t>(days) * bins);
    const bool even = rhythm_[j].later.rows() == 0;
    for (std::size_t day = 0; day < static_cast<std::size_t>(days); ++day) {
      const double speed = speeds[j].empty() ? 1.0 : speeds[j][day];
      for (std::size_t bin = 0; bin < bins; ++bin) {
        const Matrix& factors = bin == 0 ? rhythm_[j].entry_day : rhythm_[j].later;
        double leaving = 0;
        for (std::size_t k = 0; k < targets; ++k) {
          stage.chances.push_back(hazard.hazard(bin, k) * (even ? 1.0 : factors(k, types[day])));
          leaving += stage.chances.back();
        }
        double stay = std::max(1 - leaving, 0.0);
        if (speed != 1) stay = std::pow(stay, speed);
        if (leaving > 0 && (speed != 1 || leaving > 1))
          for (std::size_t k = 1; k <= targets; ++k) stage.chances[stage.chances.size() - k] *= (1 - stay) / leaving;
        stage.stay.push_back(stay);
      }
    }
  }
  for (const ExitChange& change : changes_) apply(change, exits[index(change.stage)]);
  std::vector<bool> age_advances;
  for (int day = 0; day < days && clock_ == Clock::business; ++day)
    age_advances.push_back(calendar_.is_business_day(begin + Days{day}));
  return DatedHazards(graph(), days, std::move(exits), std::move(age_advances));
}

DatedHazards DatedModel::expected(Day begin, int days) const {
  std::vector<std::vector<double>> speeds(rhythm_.size());
  for (std::size_t j = 0; j < rhythm_.size(); ++j)
    for (int d = 1; d <= days && !rhythm_[j].speed.is_constant(); ++d)
      speeds[j].push_back(rhythm_[j].speed.expected_factor(d));
  return on_days(stages_.hazards(), begin, days, speeds);
}

DatedHazards DatedModel::draw(RandomStream& random, Day begin, int days, std::span<const double> where,
                              bool mirrored) const {
  const HazardTable base = stages_.draw(random, mirrored);
  std::vector<std::vector<double>> speeds(rhythm_.size());
  for (std::size_t j = 0; j < rhythm_.size(); ++j)
    if (!rhythm_[j].speed.is_constant()) speeds[j] = rhythm_[j].speed.draw(random, days, where[j], mirrored);
  return on_days(base, begin, days, speeds);
}

}  // namespace putki
