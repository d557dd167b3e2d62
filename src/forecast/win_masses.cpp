#include "forecast/win_masses.hpp"

#include <algorithm>
#include <numeric>

namespace putki {
namespace {

constexpr double kNextToNothing = 1e-16;
constexpr int kMostSameDayMoves = 10'000;
/// Cells pushed together.
constexpr std::size_t kCellsTogether = 64;

using Masses = std::vector<double>;  // one number a source

void add(double share, const double* from, Masses& to) {
  for (std::size_t c = 0; c < to.size(); ++c) to[c] += share * from[c];
}

/// Mass of several sources, by stage and age.
class Forward {
 public:
  Forward(const DatedHazards& hazards, std::size_t sources)
      : hazards_(&hazards), sources_(sources), won_(sources), by_age_(hazards.graph().stage_count()) {
    for (std::size_t j = 0; j < by_age_.size(); ++j)
      if (!exits(j).targets.empty()) by_age_[j].assign((last_age(j) + 1) * sources, 0.0);
    entering_.assign(by_age_.size(), Masses(sources));
    settled_ = passing_ = entering_;
  }

  /// Puts a unit of mass where a deal is when the horizon begins.
  void start(std::size_t source, StageId stage, int age) {
    const std::size_t j = index(stage);
    if (by_age_[j].empty()) return;
    at(j, std::min(static_cast<std::size_t>(std::max(age, 0)), last_age(j)))[source] += 1;
  }
  /// Mass that enters a stage on the day to be passed next.
  void enter(std::size_t source, StageId stage, double mass) {
    if (!by_age_[index(stage)].empty()) entering_[index(stage)][source] += mass;
  }

  /// Moves everything through one day and returns what was won on it.
  const Masses& pass(int day) {
    std::fill(won_.begin(), won_.end(), 0.0);
    for (std::size_t j = 0; j < by_age_.size(); ++j)
      if (!by_age_[j].empty()) move_and_age(j, day);
    settle(day);
    return won_;
  }

 private:
  const DatedHazards::Exits& exits(std::size_t j) const { return hazards_->exits(static_cast<StageId>(j)); }
  /// Ages from here on are alike; the day of entry is not.
  std::size_t last_age(std::size_t j) const { return static_cast<std::size_t>(std::max(exits(j).begins.back(), 1)); }
  double* at(std::size_t j, std::size_t age) { return by_age_[j].data() + age * sources_; }

  void deliver(StageId target, double chance, const double* mass, std::vector<Masses>& arrivals) {
    if (chance == 0) return;
    if (hazards_->graph().kind(target) == StageKind::won)
      add(chance, mass, won_);
    else if (!by_age_[index(target)].empty())
      add(chance, mass, arrivals[index(target)]);
  }

  void move_and_age(std::size_t j, int day) {
    const DatedHazards::Exits& here = exits(j);
    const std::size_t last = last_age(j), bins = here.begins.size();
    Masses together(sources_);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const auto begin = static_cast<std::size_t>(here.begins[bin]);
      const std::size_t end = bin + 1 < bins ? static_cast<std::size_t>(here.begins[bin + 1]) : last + 1;
      std::fill(together.begin(), together.end(), 0.0);
      for (std::size_t age = begin; age < end; ++age) add(1.0, at(j, age), together);
      for (std::size_t k = 0; k < here.targets.size(); ++k)
        deliver(here.targets[k], here.chances_of(day, bin)[k], together.data(), entering_);
    }
    if (!hazards_->age_advances(day)) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        const std::size_t end = bin + 1 < bins ? static_cast<std::size_t>(here.begins[bin + 1]) : last + 1;
        for (double* mass = at(j, static_cast<std::size_t>(here.begins[bin])); mass != at(j, end); ++mass)
          *mass *= here.stay_of(day, bin);
      }
      return;
    }
    // From the oldest down, since each age takes the place of the next.
    std::size_t bin = bins - 1;
    for (std::size_t age = last + 1; age-- > 0;) {
      while (static_cast<std::size_t>(here.begins[bin]) > age) --bin;
      const double stay = here.stay_of(day, bin);
      double* const mass = at(j, age);
      if (age == last) {
        for (std::size_t c = 0; c < sources_; ++c) mass[c] *= stay;
      } else {
        double* const next = at(j, age + 1);
        if (age + 1 == last)
          for (std::size_t c = 0; c < sources_; ++c) next[c] += stay * mass[c];
        else
          for (std::size_t c = 0; c < sources_; ++c) next[c] = stay * mass[c];
      }
    }
    std::fill_n(at(j, 0), sources_, 0.0);
  }

  void settle(int day) {
    for (Masses& masses : settled_) std::fill(masses.begin(), masses.end(), 0.0);
    for (int round = 0; round < kMostSameDayMoves; ++round) {
      double most = 0;
      for (std::size_t j = 0; j < by_age_.size(); ++j) {
        for (const double mass : entering_[j]) most = std::max(most, mass);
        std::fill(passing_[j].begin(), passing_[j].end(), 0.0);
      }
      if (most < kNextToNothing) break;
      for (std::size_t j = 0; j < by_age_.size(); ++j) {
        if (by_age_[j].empty()) continue;
        const DatedHazards::Exits& here = exits(j);
        add(here.stay_of(day, 0), entering_[j].data(), settled_[j]);
        for (std::size_t k = 0; k < here.targets.size(); ++k)
          deliver(here.targets[k], here.chances_of(day, 0)[k], entering_[j].data(), passing_);
      }
      std::swap(entering_, passing_);
    }
    for (std::size_t j = 0; j < by_age_.size(); ++j) {
      std::fill(entering_[j].begin(), entering_[j].end(), 0.0);
      if (by_age_[j].empty()) continue;
      double* const aged = at(j, hazards_->age_advances(day) ? 1 : 0);
      for (std::size_t c = 0; c < sources_; ++c) aged[c] += settled_[j][c];
    }
  }

  const DatedHazards* hazards_;
  std::size_t sources_;
  Masses won_;
  std::vector<Masses> by_age_;                        // [stage][age x source]; empty: nothing leaves it
  std::vector<Masses> entering_, settled_, passing_;  // [stage]
};

}  // namespace

WinMasses push_wins(const Scenario& scenario, std::span<const DealCells::Cell> cells,
                    std::span<const double> entry_shares, std::span<const HorizonPeriod> periods,
                    const GroupEffects& groups) {
  const bool differ = !scenario.groups.empty();
  const std::size_t segments = differ ? groups.segments().size() : 1, group_count = differ ? groups.group_count() : 1;
  const double created = std::accumulate(scenario.created_per_day.begin(), scenario.created_per_day.end(), 0.0);
  WinMasses wins{.cell = Matrix(periods.size(), cells.size()),
                 .new_wins = Matrix(periods.size(), segments),
                 .created = std::vector<double>(segments)};
  for (std::size_t g = 0; g < group_count; ++g) {
    const std::size_t segment = differ ? groups.segment_of_group(g) : 0;
    const double share = differ ? groups.shares()[g] : 1.0;
    wins.created[segment] += share * created;
    std::vector<std::size_t> own;
    for (std::size_t c = 0; c < cells.size(); ++c)
      if (!differ || cells[c].group == g) own.push_back(c);
    const bool enters = share * created > 0;
    if (own.empty() && !enters) continue;
    const DatedHazards hazards = scenario.hazards_of(g);
    for (std::size_t begin = 0; begin == 0 || begin < own.size(); begin += kCellsTogether) {
      const auto block = std::span(own).subspan(begin, std::min(kCellsTogether, own.size() - begin));
      const bool with_new = begin == 0 && enters;  // the last source
      Forward forward(hazards, block.size() + (with_new ? 1 : 0));
      for (std::size_t c = 0; c < block.size(); ++c) forward.start(c, cells[block[c]].stage, cells[block[c]].age);
      for (std::size_t p = 0; p < periods.size(); ++p)
        for (int day = periods[p].begin; day < periods[p].end; ++day) {
          for (std::size_t j = 0; j < entry_shares.size() && with_new; ++j)
            forward.enter(block.size(), static_cast<StageId>(j),
                          share * entry_shares[j] * scenario.created_per_day[static_cast<std::size_t>(day)]);
          const Masses& won = forward.pass(day);
          for (std::size_t c = 0; c < block.size(); ++c) wins.cell(p, block[c]) += won[c];
          if (with_new) wins.new_wins(p, segment) += won.back();
        }
    }
  }
  for (std::size_t p = 0; p < periods.size(); ++p)
    for (double& chance : wins.cell.row(p)) chance = std::min(chance, 1.0);
  return wins;
}

}  // namespace putki
