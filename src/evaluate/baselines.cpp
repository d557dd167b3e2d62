#include <putki/core/error.hpp>
#include <putki/evaluate/baselines.hpp>
#include <putki/forecast/amount_distribution.hpp>
#include <putki/forecast/open_pipeline.hpp>

#include "evaluate/past_revenue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr int kMaxHorizon = 3'660;
constexpr int kRunRateDays = 28;
/// Points of the lattice on which deals are added up.
constexpr std::size_t kLattice = 4'096;

void check_horizon(int horizon_days) {
  if (horizon_days < 1 || horizon_days > kMaxHorizon)
    throw InvalidArgument(fmt::format("horizon is {} days; allowed are 1 to {}", horizon_days, kMaxHorizon));
}

RevenueDistribution certain(double revenue) {
  return RevenueDistribution::from_atoms({revenue}, {1});
}

std::vector<double> window_revenues(const PastRevenue& past, int horizon_days) {
  std::vector<double> revenues;
  for (int begin = past.days() - 7; begin >= 0; begin -= 7)
    if (begin + horizon_days <= past.days()) revenues.push_back(past.between(begin, begin + horizon_days));
  return revenues;
}

/// Distribution of a sum of independent deals, each won with its probability.
class SumOfDeals {
 public:
  explicit SumOfDeals(double largest) : step_(largest / static_cast<double>(kLattice)), probabilities_{1} {}

  void add(double amount, double win) {
    // between two points of the lattice, such that the mean is kept
    const double place = amount / step_;
    const auto below = static_cast<std::size_t>(place);
    const double above_share = place - static_cast<double>(below);
    std::vector<double> sum(probabilities_.size() + below + 1);
    for (std::size_t i = 0; i < probabilities_.size(); ++i) {
      sum[i] += (1 - win) * probabilities_[i];
      sum[i + below] += win * (1 - above_share) * probabilities_[i];
      sum[i + below + 1] += win * above_share * probabilities_[i];
    }
    while (sum.size() > 1 && sum.back() < 1e-18) sum.pop_back();
    probabilities_ = std::move(sum);
  }

  RevenueDistribution distribution() const {
    std::vector<double> values(probabilities_.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = step_ * static_cast<double>(i);
    return RevenueDistribution::from_atoms(std::move(values), probabilities_);
  }

 private:
  double step_;
  std::vector<double> probabilities_;
};

/// Won / (Won + Lost) of closed deals by stage they were ever in.
std::vector<double> win_shares(const AsOf& view) {
  const auto stages = view.log().stages();
  const StageGraph& graph = view.graph();
  std::vector<double> won(graph.stage_count()), closed(graph.stage_count());
  double all_won = 0, all_closed = 0;
  std::vector<char> visited(graph.stage_count());
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    const StageId end = stages[last - 1];
    if (!graph.is_terminal(end)) return;
    const double is_won = graph.kind(end) == StageKind::won ? 1 : 0;
    all_won += is_won;
    all_closed += 1;
    std::fill(visited.begin(), visited.end(), char{0});
    for (std::uint32_t event = first; event < last; ++event) {
      const std::size_t stage = index(stages[event]);
      if (visited[stage]) continue;
      visited[stage] = 1;
      won[stage] += is_won;
      closed[stage] += 1;
    }
  });
  std::vector<double> shares(graph.stage_count());
  for (std::size_t stage = 0; stage < shares.size(); ++stage)
    shares[stage] = closed[stage] > 0 ? won[stage] / closed[stage] : all_closed > 0 ? all_won / all_closed : 0;
  return shares;
}

}  // namespace

std::string_view name(Baseline baseline) {
  switch (baseline) {
    case Baseline::run_rate:
      return "run_rate";
    case Baseline::stage_weighted:
      return "stage_weighted";
    case Baseline::past_windows:
      return "past_windows";
    case Baseline::chain_ladder:
      return "chain_ladder";
  }
  throw InvalidArgument(fmt::format("baseline {} does not exist", static_cast<int>(baseline)));
}

RevenueDistribution baseline_forecast(Baseline baseline, const AsOf& view, int horizon_days) {
  switch (baseline) {
    case Baseline::run_rate:
      return run_rate(view, horizon_days);
    case Baseline::stage_weighted:
      return stage_weighted(view, horizon_days);
    case Baseline::past_windows:
      return past_windows(view, horizon_days);
    case Baseline::chain_ladder:
      return chain_ladder(view, horizon_days);
  }
  throw InvalidArgument(fmt::format("baseline {} does not exist", static_cast<int>(baseline)));
}

RevenueDistribution run_rate(const AsOf& view, int horizon_days) {
  check_horizon(horizon_days);
  const PastRevenue past(view);
  const int days = std::min(past.days(), kRunRateDays);
  if (days == 0) return {};
  const double mean = past.between(past.days() - days, past.days()) / days * horizon_days;
  std::vector<double> revenues = window_revenues(past, horizon_days);
  double sum = 0;
  for (const double revenue : revenues) sum += revenue;
  if (!(sum > 0)) return certain(mean);
  for (double& revenue : revenues) revenue *= mean * static_cast<double>(revenues.size()) / sum;
  return RevenueDistribution::from_sample(std::move(revenues));
}

RevenueDistribution stage_weighted(const AsOf& view, int horizon_days) {
  check_horizon(horizon_days);
  const std::vector<double> shares = win_shares(view);
  const double mean_amount = AmountDistribution::of_won_deals(view).mean();
  std::vector<std::pair<double, double>> deals;  // amount, probability
  for (const OpenDeal& deal : OpenPipeline::as_of_view(view).deals) {
    const double amount = deal.amount.value_or(mean_amount), win = shares[index(deal.stage)];
    if (!(amount > 0 && win > 0)) continue;
    deals.push_back({amount, win});
  }
  if (deals.empty()) return {};
  std::sort(deals.begin(), deals.end());  // sums do not depend on the order of deals
  double largest = 0;
  for (const auto& [amount, win] : deals) largest += amount;
  SumOfDeals sum(largest);
  for (const auto& [amount, win] : deals) sum.add(amount, win);
  return sum.distribution();
}

RevenueDistribution past_windows(const AsOf& view, int horizon_days) {
  check_horizon(horizon_days);
  const PastRevenue past(view);
  if (past.days() == 0) return {};
  std::vector<double> revenues = window_revenues(past, horizon_days);
  if (revenues.empty()) return certain(past.between(0, past.days()) / past.days() * horizon_days);
  return RevenueDistribution::from_sample(std::move(revenues));
}

}  // namespace putki
