#pragma once
// Wins and time to the end by a horizon, from weighted spells, with what each spell adds to the error.
//
// The estimates are Aalen-Johansen's cumulative incidence F of winning at the horizon h and Kaplan-Meier's restricted
// mean of the time to any end, the area under S to h. With Y the weight at risk, dL and dLw the hazards of any end and
// of a win, their first-order change with the weight of spell i (influence function, infinitesimal jackknife) is
//
//     F:    sum S(t-) dMw / Y - sum dM (F(h) - F(t)) / (Y (1 - dL))
//     mean:                   - sum dM A(t) / (Y (1 - dL)),      A(t) the area under S from t to h,
//
// dM = dN - 1(at risk) dL. The sum of squares over clusters of spells is the variance with weights taken as given; for
// the mean it is what R's survfit reports with `cluster`.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace putki {

enum class SpellEnd : std::uint8_t { censored, won, lost };

struct WeightedSpell {
  double time;  // days, >= 0
  SpellEnd end;
  double weight;          // > 0
  std::uint32_t cluster;  // whose it is
};

struct SpellOutcome {
  double won = 0;                                     // F(h)
  double mean_days = 0;                               // of min(time, h)
  std::vector<double> won_influence, days_influence;  // per spell, in the order given, times its weight
};

// No spells: won 0, mean h.
SpellOutcome spell_outcome(const std::vector<WeightedSpell>& spells, double horizon);

}  // namespace putki
