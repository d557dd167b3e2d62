#pragma once
/// \file
/// First passage to Won when every day has hazards of its own.
///
/// One backward recursion for one deadline. With q_jk(a, t) the chance that a deal of age a in j moves to k on day t of
/// the horizon, V_j(a, t) that such a deal is won from day t on and before the deadline, X_j(t) the same for one
/// entering j on day t:
///
///     V_j(a, t) = sum_k q_jk(a, t) X_k(t) + (1 - sum_k q_jk(a, t)) V_j(a + d(t), t + 1)
///     X_j(t)    = sum_k q_jk(0, t) X_k(t) + (1 - sum_k q_jk(0, t)) V_j(d(t), t + 1)
///
/// with d(t) = 1 where the day makes a visit older and 0 where it does not (DatedHazards::age_advances), V = X = 0 at
/// the deadline and X = 1 in won stages. The second line, which ties stages together within a day, is solved by sweeps
/// until it stands still.
///
/// Cost: O(stages x ages x days x targets); with hazards alike on all days it equals FirstPassage.

#include <putki/model/dated_model.hpp>

#include <vector>

namespace putki {

class DatedPassage {
 public:
  /// Days 0 .. deadline - 1 of the horizon of `hazards`. InvalidArgument: deadline below 0 or past that horizon.
  DatedPassage(const DatedHazards& hazards, int deadline);

  /// A deal of this age, on the model's clock, in the stage when day 0 begins.
  double from_age(StageId stage, int age) const;
  /// A deal that enters the stage on this day; 0 from the deadline on.
  double from_entry(StageId stage, int day) const;

 private:
  std::vector<std::vector<double>> by_age_;  // [stage][age]
  Matrix entered_;                           // days x stages
};

}  // namespace putki
