#include <putki/core/error.hpp>
#include <putki/model/transition_score.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace putki {

double TransitionScore::per_move() const {
  return moves > 0 ? log_likelihood / static_cast<double>(moves) : std::numeric_limits<double>::quiet_NaN();
}

TransitionScore& TransitionScore::operator+=(const TransitionScore& other) {
  log_likelihood += other.log_likelihood;
  visit_days += other.visit_days;
  moves += other.moves;
  return *this;
}

namespace {

double log_of(double chance) {
  return std::log(std::max(chance, kLeastChance));
}

}  // namespace

TransitionScore score_transitions(const DatedModel& model, const DatedHazards& hazards, Day begin,
                                  const DatedStatistics& seen) {
  if (!(seen.graph() == model.graph()))
    throw InvalidArgument("transition score: the statistics are of another stage graph", ErrorCode::incompatible);
  if (!seen.as_of_day()) throw InvalidArgument("transition score: nothing was counted yet");
  const int days = std::min(hazards.days(), static_cast<int>((to_day(*seen.as_of_day()) - begin).count()));
  TransitionScore score;
  for (const DatedStatistics::Visits& visit : seen.visits()) {
    const int entered = static_cast<int>((to_day(visit.entered) - begin).count()),
              left = static_cast<int>((to_day(visit.left) - begin).count()), from = std::max(entered, 0);
    const bool moves = visit.to != kNoStage && left >= 0 && left < days;
    const int stays = std::min(left, days);  // the first day on which it is not seen to stay
    if (from > left || from >= days) continue;
    const DatedHazards::Exits& exits = hazards.exits(visit.from);
    const double count = static_cast<double>(visit.count);
    score.visit_days += visit.count * static_cast<std::uint64_t>(stays - from + (moves ? 1 : 0));
    if (moves) score.moves += visit.count;
    if (exits.targets.empty()) {  // stays for certain
      if (moves) score.log_likelihood += count * log_of(0);
      continue;
    }
    int age = model.age(to_day(visit.entered), begin + Days{from});
    const auto bin = [&] {
      return static_cast<std::size_t>(std::upper_bound(exits.begins.begin(), exits.begins.end(), age) -
                                      exits.begins.begin()) -
             1;
    };
    for (int day = from; day < stays; ++day) {
      score.log_likelihood += count * log_of(exits.stay_of(day, bin()));
      if (hazards.age_advances(day)) ++age;
    }
    if (!moves) continue;
    const auto target = std::find(exits.targets.begin(), exits.targets.end(), visit.to);
    score.log_likelihood +=
        count *
        log_of(target == exits.targets.end() ? 0.0 : exits.chances_of(left, bin())[target - exits.targets.begin()]);
  }
  return score;
}

TransitionScore score_transitions(const DatedModel& model, Day begin, int days, const DatedStatistics& seen) {
  if (days < 0) throw InvalidArgument(fmt::format("transition score of {} days; 0 or more are allowed", days));
  return score_transitions(model, model.expected(begin, days), begin, seen);
}

TransitionScore rolling_score(const DatedStatistics& seen, const std::function<DatedModel(const DatedStatistics&)>& fit,
                              const RollingCuts& cuts) {
  if (cuts.cuts < 1 || cuts.days < 1)
    throw InvalidArgument(
        fmt::format("rolling score at {} cuts of {} days; both are at least 1", cuts.cuts, cuts.days));
  TransitionScore score;
  seen.graph();
  if (!seen.as_of_day() || seen.creations().empty()) return score;
  DayNumber first = *seen.as_of_day();
  for (const auto& creation : seen.creations()) first = std::min(first, creation.day);
  for (int cut = 1; cut <= cuts.cuts; ++cut) {
    const DayNumber day = *seen.as_of_day() - cut * cuts.days;
    if (day - first < std::max(cuts.least_history_days, 1)) break;
    score += score_transitions(fit(seen.known_before(day)), to_day(day), cuts.days, seen);
  }
  return score;
}

}  // namespace putki
