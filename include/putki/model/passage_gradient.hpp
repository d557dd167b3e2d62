#pragma once
/// \file
/// How the value of deals answers to every chance of moving: the adjoint of DatedPassage.
///
/// Let R = sum_i w_i V_{j_i}(a_i, 0) + sum_j sum_t e_j(t) X_j(t), with V and X the chances of winning of
/// dated_passage.hpp and w, e what a win of these deals is worth. The derivatives of R by V_j(a, t) and X_j(t) are the
/// value-weighted mass of deals at age a in j when day t begins, M_j(a, t), and that entering j on day t, E_j(t). They
/// run forward in time where the chances ran backward:
///
///     M_j(a, 0)         = sum of w_i over deals in j of age a
///     E_k(t)            = e_k(t) + sum_j sum_a M_j(a, t) q_jk(a, t) + sum_j E_j(t) q_jk(0, t)
///     M_j(a + d(t), t + 1) = sum of M_j(a, t) stay_j(a, t) + [a = 0] E_j(t) stay_j(0, t)
///
/// (the second line is the same system within a day, transposed), and then, q and stay as independent variables,
///
///     dR / dq_jk(a, t)  = (M_j(a, t) + [a = 0] E_j(t)) X_k(t)
///     dR / dstay_j(a, t) = (M_j(a, t) + [a = 0] E_j(t)) V_j(a + d(t), t + 1).
///
/// One backward and one forward pass give all of them; days and ages of one bin are summed. Cost of each: that of
/// DatedPassage. Memory: 8 stages x ages x days bytes.

#include <putki/model/dated_passage.hpp>

#include <vector>

namespace putki {

class PassageGradient {
 public:
  /// Deals in a stage at an age when day 0 begins, and what their win is worth together.
  struct Start {
    StageId stage;
    int age;
    double value;
  };

  /// `entries`: value of a win of those entering each stage on each day, days 0 .. deadline - 1 x stages. `hazards` is
  /// used during construction only. InvalidArgument: a matrix of another shape, a stage outside the graph, or a
  /// deadline that DatedPassage refuses.
  PassageGradient(const DatedHazards& hazards, const DatedPassage& passage, int deadline, std::span<const Start> starts,
                  const Matrix& entries);

  /// dR / dq, laid out as DatedHazards::Exits::chances over the days to the deadline.
  const std::vector<double>& by_chance(StageId stage) const { return by_chance_[index(stage)]; }
  /// dR / dstay, laid out as DatedHazards::Exits::stay.
  const std::vector<double>& by_stay(StageId stage) const { return by_stay_[index(stage)]; }

 private:
  std::vector<std::vector<double>> by_chance_, by_stay_;
};

}  // namespace putki
