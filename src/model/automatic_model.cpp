#include "model/automatic_model.hpp"

#include <putki/model/transition_score.hpp>

#include <fmt/format.h>

#include <string>

namespace putki {
namespace {

std::string words(const DatedModelChoice::Candidate& candidate, bool of_half_life) {
  if (!of_half_life) return candidate.clock == Clock::business ? "business days" : "calendar days";
  return candidate.half_life_days > 0 ? fmt::format("a half-life of {:g} days", candidate.half_life_days)
                                      : "all history alike";
}

}  // namespace

DatedModel fit_best_dated_model(const DatedStatistics& statistics, const BusinessCalendar& calendar,
                                const DatedModelOptions& options) {
  DatedModelOptions chosen = options;
  chosen.choose_half_life = false;
  DatedModelChoice choice;
  auto& tried = choice.candidates;
  auto& notes = choice.notes;
  // Tries these options and takes the best, the first when alike.
  const auto choose = [&](const std::vector<DatedModelOptions>& candidates, bool of_half_life) {
    if (candidates.size() == 1) {
      chosen = candidates[0];
      return;
    }
    const std::size_t begin = tried.size();
    std::size_t best = 0;
    double best_score = 0;
    std::uint64_t moves = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const TransitionScore score = rolling_score(
          statistics, [&](const DatedStatistics& known) { return fit_dated_model(known, calendar, candidates[i]); });
      tried.push_back({candidates[i].clock, candidates[i].half_life_days, score.per_move()});
      moves = score.moves;
      if (i == 0 || score.log_likelihood > best_score) {
        best = i;
        best_score = score.log_likelihood;
      }
    }
    chosen = candidates[best];
    if (moves == 0) {
      notes.push_back(
          fmt::format("{} taken: the past is too short to choose by score", words(tried[begin + best], of_half_life)));
      return;
    }
    std::string others;
    for (std::size_t i = 0; i < candidates.size(); ++i)
      if (i != best)
        others += fmt::format("{}{:.4f} against {}", others.empty() ? "" : ", ",
                              tried[begin + best].log_score - tried[begin + i].log_score,
                              words(tried[begin + i], of_half_life));
    notes.push_back(fmt::format("{} taken: log score per move, over {} moves not fitted, better by {}",
                                words(tried[begin + best], of_half_life), moves, others));
  };
  if (options.clock == Clock::automatic) {
    std::vector<DatedModelOptions> clocks{chosen, chosen};
    clocks[0].clock = Clock::calendar;
    clocks[1].clock = Clock::business;
    // Where every day is worked, the clocks are one.
    if (calendar == BusinessCalendar()) clocks.pop_back();
    choose(clocks, false);
  }
  if (options.choose_half_life) {
    std::vector<DatedModelOptions> half_lives;
    for (const double half_life : kHalfLifeChoices) {
      half_lives.push_back(chosen);
      half_lives.back().half_life_days = half_life;
    }
    choose(half_lives, true);
  }
  DatedModel model = fit_dated_model(statistics, calendar, chosen);
  model.set_choice(std::move(choice));
  return model;
}

}  // namespace putki
