#pragma once
/// \file
/// Paths, the whole: what follows what, the ways deals take, rework and its price, gates passed by, conformance.
///
/// The parts have headers of their own: directly_follows.hpp, path_variants.hpp, rework.hpp. Here are the gates.
///
/// A **gate** is an open stage that every declared way to won leads through (StageGraph::gates). A deal gets *beyond*
/// it when it enters an open stage of higher rank that can be reached from the gate, or a won stage. At the first such
/// moment it either has been in the gate (`through`) or has not (`skipped`); coming back to do the gate later does not
/// change that. The close rate of each side is the chance to be won within the horizon from that moment on
/// (Aalen-Johansen, lost competing, open deals censored). Both sides are told apart by what was known when the clock
/// starts, so neither is credited with time it had to survive. Deals lost before they got beyond are on neither side.
/// For the last gate, beyond which there is only won, the rates are 1 by construction and not given; how many wins
/// passed it by is still told.
///
/// The difference of the two rates is association: who may skip a gate is rarely chosen by lot.
///
/// How this differs from what CRMs show. A stage-conversion report counts a skipped stage as passed, or the deal as
/// lost there; validation rules forbid skipping without telling what it costs.
///
/// Cost: gates O(events x gates); the rest as its headers say. No deals, no declared moves: no gates or zeros.

#include <putki/core/interval.hpp>
#include <putki/funnel/directly_follows.hpp>
#include <putki/funnel/path_variants.hpp>
#include <putki/funnel/rework.hpp>
#include <putki/graph/stage_graph.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

/// Deals that got beyond a gate, one way or the other.
struct GateSide {
  std::uint64_t deals = 0;
  std::uint64_t won = 0;   ///< first end after getting beyond, so far
  std::uint64_t lost = 0;  ///< likewise
  std::uint64_t open = 0;  ///< no end yet
  /// Chance to win within the horizon from getting beyond on, with 95 % limits; nothing without deals or when only won
  /// stages lie beyond.
  std::optional<double> close_rate;
  Interval close_rate_limits{0, 1};
};

struct SkippedGate {
  StageId gate;
  GateSide through;
  GateSide skipped;
  std::uint64_t later = 0;         ///< of those that skipped: were in the gate afterwards
  std::uint64_t never_beyond = 0;  ///< deals that have not got beyond it
};

struct PathsOptions {
  double horizon_days = 90;           ///< of close rates and of the price of rework, above 0
  std::size_t most_variants = 20;     ///< listed; 0: all
  std::size_t most_comparables = 20;  ///< as for ReworkPriceOptions
};

struct Paths {
  Day as_of;
  StageGraph graph;
  double horizon_days;
  DirectlyFollows follows;
  PathVariants variants;
  ReworkCounts rework;
  std::optional<ReworkPrice> rework_price;
  std::vector<SkippedGate> gates;
  Conformance conformance;
};

/// Entry side first. InvalidArgument unless the horizon is finite and above 0.
std::vector<SkippedGate> skipped_gates(const AsOf& view, double horizon_days = 90);

/// InvalidArgument as skipped_gates and rework_price.
Paths paths(const AsOf& view, const PathsOptions& options = {});

}  // namespace putki
