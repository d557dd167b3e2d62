#include <putki/core/error.hpp>
#include <putki/model/absorbing_chain.hpp>

#include <fmt/format.h>
#include <Eigen/LU>

#include <cmath>
#include <limits>

namespace putki {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// Stages from which a terminal stage can be reached with probability above 0.
std::vector<bool> can_end(const StageGraph& graph, const Matrix& transitions) {
  const std::size_t n = graph.stage_count();
  std::vector<bool> ends(n);
  for (std::size_t j = 0; j < n; ++j) ends[j] = graph.is_terminal(static_cast<StageId>(j));
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t j = 0; j < n; ++j) {
      if (ends[j]) continue;
      for (std::size_t k = 0; k < n && !ends[j]; ++k)
        if (transitions(j, k) > 0 && ends[k]) ends[j] = changed = true;
    }
  }
  return ends;
}

}  // namespace

AbsorbingChain absorbing_chain(const HazardTable& hazards) {
  const StageGraph& graph = hazards.graph();
  Matrix transitions(graph.stage_count(), graph.stage_count());
  std::vector<double> mean_stay(graph.stage_count());
  for (std::size_t j = 0; j < graph.stage_count(); ++j) {
    const auto id = static_cast<StageId>(j);
    if (graph.is_terminal(id)) continue;
    const StageHazard& exits = hazards.stage(id);
    // Within a bin of constant leaving probability q the stay is geometric: sums over its days have closed forms.
    double here = 1, stay = exits.targets.empty() ? kInfinite : 0;
    for (std::size_t bin = 0; bin < exits.begins.size() && !exits.targets.empty(); ++bin) {
      const double q = exits.leaving(bin);
      const bool last = bin + 1 == exits.begins.size();
      const double after =
          last ? (q > 0 ? 0 : here) : here * std::pow(1 - q, exits.begins[bin + 1] - exits.begins[bin]);
      // Expected days at risk in the bin, sum of S(a).
      const double at_risk =
          q > 0 ? (here - after) / q
                : (last ? (here > 0 ? kInfinite : 0) : here * (exits.begins[bin + 1] - exits.begins[bin]));
      if (q > 0)
        for (std::size_t k = 0; k < exits.targets.size(); ++k)
          transitions(j, index(exits.targets[k])) += at_risk * exits.hazard(bin, k);
      stay += at_risk;
      here = after;
    }
    mean_stay[j] = exits.targets.empty() ? kInfinite : stay - 1;  // leaving at age d is a stay of d days
  }
  return absorbing_chain(graph, transitions, mean_stay);
}

AbsorbingChain absorbing_chain(const StageGraph& graph, const Matrix& transitions,
                               const std::vector<double>& mean_stay) {
  const std::size_t n = graph.stage_count();
  if (transitions.rows() != n || transitions.columns() != n || mean_stay.size() != n)
    throw InvalidArgument(fmt::format("absorbing chain: {} x {} transitions and {} mean stays for {} stages",
                                      transitions.rows(), transitions.columns(), mean_stay.size(), n));
  for (std::size_t j = 0; j < n; ++j) {
    double sum = 0;
    for (const double p : transitions.row(j)) {
      if (!(p >= 0 && p <= 1 + 1e-9))
        throw InvalidArgument(fmt::format("absorbing chain: probability {} in the row of '{}'", p,
                                          graph.stage(static_cast<StageId>(j)).name));
      sum += p;
    }
    if (sum > 1 + 1e-9)
      throw InvalidArgument(
          fmt::format("absorbing chain: the row of '{}' sums to {}", graph.stage(static_cast<StageId>(j)).name, sum));
  }

  const std::vector<bool> ends = can_end(graph, transitions);
  std::vector<Eigen::Index> place(n, -1);  // among the stages that are solved for
  Eigen::Index count = 0;
  for (std::size_t j = 0; j < n; ++j)
    if (!graph.is_terminal(static_cast<StageId>(j)) && ends[j]) place[j] = count++;

  Eigen::MatrixXd system = Eigen::MatrixXd::Identity(count, count);
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t k = 0; k < n; ++k)
      if (place[j] >= 0 && place[k] >= 0) system(place[j], place[k]) -= transitions(j, k);
  const Eigen::MatrixXd visits = system.partialPivLu().inverse();

  AbsorbingChain chain{transitions,           mean_stay, Matrix(n, n), Matrix(n, n), std::vector<double>(n),
                       std::vector<double>(n)};
  for (std::size_t j = 0; j < n; ++j) {
    const auto id = static_cast<StageId>(j);
    if (graph.is_terminal(id)) {
      chain.ends(j, j) = 1;
      chain.win_probability[j] = graph.kind(id) == StageKind::won ? 1 : 0;
      continue;
    }
    double ended = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (place[j] < 0 || place[i] < 0) continue;
      const double times = visits(place[j], place[i]);
      chain.visits(j, i) = times;
      if (times > 0) chain.days_to_end[j] += times * mean_stay[i];
      for (std::size_t k = 0; k < n; ++k)
        if (graph.is_terminal(static_cast<StageId>(k))) chain.ends(j, k) += times * transitions(i, k);
    }
    for (std::size_t k = 0; k < n; ++k) {
      ended += chain.ends(j, k);
      if (graph.kind(static_cast<StageId>(k)) == StageKind::won) chain.win_probability[j] += chain.ends(j, k);
    }
    if (ended < 1 - 1e-9) chain.days_to_end[j] = kInfinite;
  }
  return chain;
}

}  // namespace putki
