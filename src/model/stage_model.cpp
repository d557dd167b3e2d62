#include <putki/core/error.hpp>
#include <putki/model/level.hpp>
#include <putki/model/stage_model.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace putki {
namespace {

/// Moves by target and days at risk, by age 0 .. cap.
struct Exposure {
  std::vector<StageId> targets;
  std::vector<std::vector<double>> moves;  // [target][age]
  std::vector<double> at_risk;             // [age]
};

Exposure exposure_of(const StageStatistics& statistics, StageId from) {
  const std::size_t ages = statistics.bin_count() - 1;  // the overflow bin has no age of its own
  Exposure exposure;
  std::vector<double> left(ages + 1), censored(ages + 1);
  const auto add = [&](const std::vector<std::uint64_t>& counts, std::vector<double>& sum) {
    for (std::size_t age = 0; age <= ages; ++age) sum[age] += static_cast<double>(counts[age]);
  };
  for (std::size_t k = 0; k < statistics.graph().stage_count(); ++k) {
    const auto to = static_cast<StageId>(k);
    const auto counts = statistics.counts(from, to);
    if (std::all_of(counts.begin(), counts.end(), [](auto n) { return n == 0; })) continue;
    add(counts, left);
    exposure.targets.push_back(to);
    exposure.moves.emplace_back(counts.begin(), counts.end() - 1);
  }
  add(statistics.counts(from, kNoStage), censored);
  exposure.at_risk.resize(ages);
  double beyond = left[ages] + censored[ages];
  for (std::size_t age = ages; age-- > 0;) {
    exposure.at_risk[age] = beyond + left[age];
    beyond += left[age] + censored[age];
  }
  return exposure;
}

struct Posterior {
  StageHazard mean;
  Matrix alpha;  // bins x (targets + stay)
  double log_likelihood = 0;
};

struct Tally {
  std::vector<double> moves;
  double days = 0;
  explicit Tally(std::size_t targets) : moves(targets) {}
  double total() const {
    double sum = 0;
    for (const double m : moves) sum += m;
    return sum;
  }
  void add(const Exposure& exposure, std::size_t age) {
    for (std::size_t k = 0; k < moves.size(); ++k) moves[k] += exposure.moves[k][age];
    days += exposure.at_risk[age];
  }
};

Posterior fit_stage(const Exposure& exposure, const StageModelOptions& options) {
  const std::size_t targets = exposure.targets.size();
  std::size_t ages = exposure.at_risk.size();
  while (ages > 0 && exposure.at_risk[ages - 1] == 0) --ages;

  Tally all(targets), later(targets);
  for (std::size_t age = 0; age < ages; ++age) {
    all.add(exposure, age);
    if (age > 0) later.add(exposure, age);
  }
  if (later.total() == 0) later = all;

  std::vector<int> begins;
  std::vector<Tally> bins;
  bool open_bin = false;
  const double usual = later.total() / later.days;
  for (std::size_t age = 0; age < ages; ++age) {
    if (!open_bin) {
      begins.push_back(static_cast<int>(age));
      bins.emplace_back(targets);
      open_bin = true;
    }
    bins.back().add(exposure, age);
    if (age == 0 || bins.back().total() >= options.moves_per_bin || bins.back().days * usual >= options.moves_per_bin)
      open_bin = false;
  }

  Posterior posterior;
  posterior.mean.targets = exposure.targets;
  posterior.mean.begins = begins;
  posterior.mean.hazard = Matrix(bins.size(), targets);
  posterior.alpha = Matrix(bins.size(), targets + 1);
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    const Tally& reference = bin == 0 ? all : later;
    const double prior_days = options.prior_moves * reference.days / reference.total();
    const double total_days = bins[bin].days + prior_days;
    double stay = total_days, left = 0;
    for (std::size_t k = 0; k < targets; ++k) {
      const double alpha = bins[bin].moves[k] + prior_days * reference.moves[k] / reference.days;
      posterior.alpha(bin, k) = alpha;
      posterior.mean.hazard(bin, k) = alpha / total_days;
      stay -= alpha;
      if (bins[bin].moves[k] > 0) posterior.log_likelihood += bins[bin].moves[k] * std::log(alpha / total_days);
      left += bins[bin].moves[k];
    }
    posterior.alpha(bin, targets) = std::max(stay, 0.0);
    if (bins[bin].days > left && stay > 0)
      posterior.log_likelihood += (bins[bin].days - left) * std::log(stay / total_days);
  }
  return posterior;
}

void check(const StageModelOptions& options) {
  if (!(options.moves_per_bin > 0) || !std::isfinite(options.moves_per_bin))
    throw InvalidArgument(fmt::format("moves_per_bin is {}; it must be above 0", options.moves_per_bin));
  if (!(options.prior_moves >= 0) || !std::isfinite(options.prior_moves))
    throw InvalidArgument(fmt::format("prior_moves is {}; it must be 0 or more", options.prior_moves));
}

}  // namespace

StageModel::StageModel(HazardTable hazards, std::vector<Matrix> posterior, std::vector<double> entry_shares,
                       FitInfo info)
    : mean_(std::move(hazards)),
      posterior_(std::move(posterior)),
      entry_shares_(std::move(entry_shares)),
      info_(std::move(info)) {
  const std::size_t stages = graph().stage_count();
  if (posterior_.size() != stages || entry_shares_.size() != stages)
    throw InvalidArgument(fmt::format("stage model: {} posteriors and {} entry shares for {} stages", posterior_.size(),
                                      entry_shares_.size(), stages));
  for (std::size_t j = 0; j < stages; ++j) {
    const StageHazard& exits = mean_.stage(static_cast<StageId>(j));
    const Matrix& alpha = posterior_[j];
    if (alpha.rows() > 0 && (alpha.rows() != exits.begins.size() || alpha.columns() != exits.targets.size() + 1))
      throw InvalidArgument(fmt::format("stage model: posterior of '{}' is {} x {}, its hazards {} bins x {} targets",
                                        graph().stage(static_cast<StageId>(j)).name, alpha.rows(), alpha.columns(),
                                        exits.begins.size(), exits.targets.size()));
    for (const double a : alpha.values())
      if (!(a >= 0) || !std::isfinite(a))
        throw InvalidArgument(fmt::format("stage model: posterior parameter {} is below 0", a));
    if (!(entry_shares_[j] >= 0 && entry_shares_[j] <= 1))
      throw InvalidArgument(fmt::format("stage model: entry share {} is outside [0, 1]", entry_shares_[j]));
  }
}

StageModel fit_stage_model(const StageStatistics& statistics, const StageModelOptions& options) {
  check(options);
  const StageGraph& graph = statistics.graph();
  std::vector<StageHazard> means(graph.stage_count());
  std::vector<Matrix> posteriors(graph.stage_count());
  FitInfo info;
  if (statistics.visit_count() == 0) info.warnings.push_back("no visits: nothing moves in this model");
  for (std::size_t j = 0; j < graph.stage_count(); ++j) {
    const auto id = static_cast<StageId>(j);
    if (graph.is_terminal(id)) continue;
    const Exposure exposure = exposure_of(statistics, id);
    if (exposure.targets.empty()) {
      if (statistics.visit_count() > 0)
        info.warnings.push_back(
            fmt::format("nobody was seen leaving '{}': the model keeps deals there for ever", graph.stage(id).name));
      continue;
    }
    Posterior posterior = fit_stage(exposure, options);
    info.log_likelihood += posterior.log_likelihood;
    means[j] = std::move(posterior.mean);
    posteriors[j] = std::move(posterior.alpha);
  }

  std::vector<double> shares(graph.stage_count());
  const auto entries = statistics.first_entries();
  double total = 0;
  for (const auto n : entries) total += static_cast<double>(n);
  for (std::size_t j = 0; j < shares.size() && total > 0; ++j) shares[j] = static_cast<double>(entries[j]) / total;
  return StageModel(HazardTable(graph, std::move(means)), std::move(posteriors), std::move(shares), std::move(info));
}

HazardTable StageModel::draw(RandomStream& random, bool mirrored) const {
  std::vector<StageHazard> drawn(posterior_.size());
  for (std::size_t j = 0; j < posterior_.size(); ++j) {
    drawn[j] = mean_.stage(static_cast<StageId>(j));
    const Matrix& alpha = posterior_[j];
    for (std::size_t bin = 0; bin < alpha.rows(); ++bin) {
      double sum = 0;
      for (std::size_t k = 0; k < alpha.columns(); ++k) {
        const double g = mirrored_gamma(alpha(bin, k), random, mirrored);
        sum += g;
        if (k + 1 < alpha.columns()) drawn[j].hazard(bin, k) = g;
      }
      for (double& h : drawn[j].hazard.row(bin)) h = sum > 0 ? h / sum : 0;
    }
  }
  return HazardTable(mean_.graph(), std::move(drawn));
}

}  // namespace putki
