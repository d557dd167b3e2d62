#pragma once
/// \file
/// Path variants: the ways deals took through the stages, how common each is and how it ended. And conformance: how far
/// deals keep to the declared moves.
///
/// The path of a deal is the series of stages it visited up to the view; rows that repeat the stage are no new visit.
/// When the deal stands in a won or lost stage, that last stage is not part of the path but its outcome, so that deals
/// that took one way and ended differently are one variant. A deal reopened has the stage it came back from inside its
/// path. A deal whose only stage is a won or lost one has the empty path.
///
/// Open deals are counted in the variant of the path so far, as open: a path is known to be whole only at the end.
/// `share_won` is won / (won + lost) of the *finished* deals of the variant and an association, not a promise: which
/// path a deal takes depends on what it is, and in a growing pipeline the fast ones have finished first. The
/// censoring-aware close rate is a question put at an entry (see the close rate of summary.hpp).
///
/// How this differs from what CRMs show. They show the one ideal line. Process-mining tools list variants with the open
/// cases among them as if finished; here the coverage is given twice, over all deals and over finished ones.
///
/// Cost: one pass over stages and times and a hash look-up a deal. Memory: the distinct paths and 8 bytes a finished
/// deal. No deals: nothing, shares 0.

#include <putki/core/interval.hpp>
#include <putki/events/as_of.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace putki {

/// The deals of one path.
struct PathTally {
  std::uint64_t won = 0;
  std::uint64_t lost = 0;
  std::uint64_t open = 0;
  Money won_value;                               ///< last known amounts of those won
  std::uint64_t won_without_amount = 0;          ///< of those won, not in won_value
  std::vector<std::chrono::microseconds> times;  ///< of won and lost, first event to present stage, ascending
  std::uint64_t deals() const { return won + lost + open; }
  friend bool operator==(const PathTally&, const PathTally&) = default;
};

/// Counts of shards of deals, merged, are those of the whole; the default value is the identity.
struct PathCounts {
  std::size_t stage_count = 0;
  std::map<std::vector<StageId>, PathTally> paths;
  /// InvalidArgument (ErrorCode::incompatible) when both have stages and not the same number.
  void merge(const PathCounts& other);
  friend bool operator==(const PathCounts&, const PathCounts&) = default;
};

PathCounts count_paths(const AsOf& view);

struct PathVariant {
  std::vector<StageId> stages;
  std::uint64_t won, lost, open;
  double share_of_deals;            ///< of all deals
  double covered_deals;             ///< of all deals, by this variant and those before it in the list
  double share_of_finished;         ///< of deals won or lost
  double covered_finished;          ///< likewise by this and those before it
  std::optional<double> share_won;  ///< of its finished deals; nothing without any
  Interval share_won_limits;        ///< 95 %, Wilson; [0, 1] without any
  Money won_value;
  std::uint64_t won_without_amount;
  std::optional<double> median_days;  ///< of its finished deals, first event to end; the mean of the middle two
};

struct PathVariants {
  std::uint64_t deals = 0;
  std::uint64_t finished = 0;         ///< standing in a won or lost stage
  std::uint64_t distinct = 0;         ///< variants, listed or not
  std::vector<PathVariant> variants;  ///< most deals first; equals by their stages
};

/// At most `most` variants; 0: all.
PathVariants path_variants(const PathCounts& counts, std::size_t most = 20);

/// A move that the graph does not declare.
struct UndeclaredMove {
  StageId from;
  StageId to;
  std::uint64_t count = 0;  ///< moves
  std::uint64_t deals = 0;  ///< that made it at least once
  friend bool operator==(const UndeclaredMove&, const UndeclaredMove&) = default;
};

/// How far deals kept to the declared moves. A deal conforms when it began in an entry stage and every move of it is
/// declared. A graph without declared moves allows everything: all deals conform and `declares_moves` is false.
/// Counts of shards of deals, merged, are those of the whole; the default value is the identity.
struct Conformance {
  std::size_t stage_count = 0;
  bool declares_moves = false;
  std::uint64_t deals = 0;
  std::uint64_t conforming = 0;       ///< deals
  std::uint64_t began_elsewhere = 0;  ///< deals whose first stage is no entry
  std::uint64_t moves = 0;
  std::uint64_t declared = 0;              ///< of the moves
  std::vector<UndeclaredMove> undeclared;  ///< by from, then to
  /// InvalidArgument (ErrorCode::incompatible) when both have stages and not the same number or declaration.
  void merge(const Conformance& other);
  friend bool operator==(const Conformance&, const Conformance&) = default;
};

Conformance conformance(const AsOf& view);

}  // namespace putki
