#pragma once
/// \file
/// Groups of deals whose hazards are proportional to the common ones: segments, and sizes.
///
/// A group is a segment (rep, source, region) and a size band. It multiplies the hazard of each move j -> k, in
/// continuous time, by
///
///     exp(b_jk size + c_jk unknown + u_jk[segment]),
///
/// size the band's mean log amount, standardised, unknown 1 where no amount is known. The chances of a day follow from
/// cumulative hazards -log(stay), each target's share multiplied; sure moves stay sure. Effects are those of
/// fit_proportional_effects, pooled as strongly as the data say; a strength must gain 1 in log-likelihood, or effects
/// that are chance would cost more than those found bring. Where groups do not differ, the model comes back as it was,
/// bit for bit.
///
/// Fit: expected moves of a group are the common cumulative hazard (age bin, day type) times its days at risk, where a
/// day on which a deal left counts for its part before the move, tau(L) = 1/L - exp(-L) / (1 - exp(-L)) at hazard L:
/// with the multipliers found so far that is an EM step for data by the day (Dempster, Laird & Rubin 1977). In turn the
/// common hazards are fitted anew to what the groups explain, for groups that leave early thin out at high ages and a
/// common hazard by age falls more than any group's. Each stage's speed is common to all and cancels.
///
/// Uncertainty: effects are drawn with their posterior covariance; a move's overall number is known from the common
/// hazards, so draws keep the groups' sum and shift only what lies between them.
///
/// Values of an attribute with few deals, and all but the most frequent, are one segment "other", and so are values
/// never seen before.

#include <putki/model/dated_model.hpp>
#include <putki/model/proportional_effects.hpp>
#include <putki/stats/grouped_statistics.hpp>

#include <string_view>

namespace putki {

struct GroupEffectsOptions {
  /// Segments with fewer deals join "other".
  int least_deals = 20;
  /// At most so many segments, the ones with most deals; the rest joins "other". The cost of a forecast grows with it.
  int most_segments = 12;
  /// Prior deviation of the effects of size and of an unknown amount, and of those of segments, on the log-hazard;
  /// nothing: estimated. 0: no effect.
  std::optional<double> size_deviation = std::nullopt;
  std::optional<double> segment_deviation = std::nullopt;
};

/// Factors of the hazards of one group: [stage][target as in StageHazard]; a stage's empty list: 1.
using MoveFactors = std::vector<std::vector<double>>;

class GroupEffects {
 public:
  struct Segment {
    std::string name;                 ///< "other" when joined; "" where the attribute is empty or there is none
    std::vector<std::string> values;  ///< of the attribute; empty for "other"
    std::uint64_t deals;              ///< created
  };
  /// What the effects do to one move.
  struct Move {
    StageId from;
    StageId to;
    MoveEffects effects;
  };

  /// What a fit finds, for those who bring numbers of their own.
  struct Parts {
    std::vector<Segment> segments = {{"", {}, 0}};
    std::vector<Money> size_limits = {};            ///< bands as in GroupedStatistics
    std::vector<double> shares = {1.0};             ///< of deals created, by group
    std::vector<std::size_t> targets = {};          ///< [stage]: number of its targets
    std::vector<std::string> names = {};            ///< of the effects
    std::vector<double> deviations = {};            ///< of the terms
    Matrix design = {};                             ///< groups x effects
    std::vector<Move> moves = {};                   ///< those of a stage in the order of its targets; empty: no effects
    std::vector<std::vector<double>> weights = {};  ///< [move][group]: share of the expected moves
    FitInfo info = {};
  };

  /// No groups: one segment, no sizes, no effects.
  GroupEffects() : GroupEffects(Parts{}) {}
  /// InvalidArgument when shapes do not match.
  explicit GroupEffects(Parts parts);

  const std::vector<Segment>& segments() const { return parts_.segments; }
  /// Groups, numbered segment by segment: group = segment x bands + band.
  std::size_t group_count() const { return segments().size() * bands_; }
  std::size_t segment_of_group(std::size_t group) const { return group / bands_; }
  /// The segment of an attribute's value: "other" for those not known, the first when there is no "other".
  std::size_t segment_of(std::string_view value) const;
  /// The group of a deal, its amount in currency units as known now.
  std::size_t group_of(std::string_view value, std::optional<double> amount) const;
  /// Of all deals created, the share in each group; sums to 1, or is all 0.
  const std::vector<double>& shares() const { return parts_.shares; }
  double share_of_segment(std::size_t segment) const;

  /// No effect was found, or none looked for: all factors are 1.
  bool is_pooled() const { return parts_.moves.empty(); }
  const std::vector<Move>& moves() const { return parts_.moves; }
  /// Names and deviations of the effects, and how the fit went.
  const std::vector<std::string>& names() const { return parts_.names; }
  const std::vector<double>& deviations() const { return parts_.deviations; }
  const FitInfo& info() const { return parts_.info; }

  /// Posterior modes, by group.
  std::vector<MoveFactors> expected() const;
  /// A draw; `mirrored` gives the antithetic one of the same stream.
  std::vector<MoveFactors> draw(RandomStream& random, bool mirrored) const;

 private:
  std::vector<MoveFactors> factors(const std::vector<std::vector<double>>& strays) const;

  Parts parts_;
  std::size_t bands_;
  std::vector<Matrix> roots_;  // [move]: root of the effects' covariance
};

struct GroupFit {
  DatedModel model;  ///< its hazards those of a group without effects
  GroupEffects effects;
};

/// Takes the model fitted to the same deals with `options`. InvalidArgument: identity statistics, another graph, limits
/// below 1.
GroupFit fit_group_effects(const GroupedStatistics& statistics, const DatedModel& model,
                           const DatedModelOptions& model_options = {}, const GroupEffectsOptions& options = {});

}  // namespace putki
