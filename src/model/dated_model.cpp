#include <putki/model/dated_model.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {

DatedModel::DatedModel(StageModel stages) : stages_(std::move(stages)), rhythm_(stages_.graph().stage_count()) {}

DatedModel::DatedModel(StageModel stages, BusinessCalendar calendar, std::vector<StageRhythm> rhythm)
    : stages_(std::move(stages)), calendar_(std::move(calendar)), rhythm_(std::move(rhythm)) {
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
  DatedModel checked(std::move(stages), calendar_, rhythm_);
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
  return DatedHazards(graph(), days, std::move(exits));
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
