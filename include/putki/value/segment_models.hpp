#pragma once
/// \file
/// One model for each segment of customers (by source, region, sales rep), each learning from all.
///
/// A segment of thirty customers cannot tell its own parameters; the pool of all can, but says the same of everybody.
/// Between lies the power prior (Ibrahim & Chen 2000): a segment's parameters maximise
///
///     own log-likelihood + n0 / N  log-likelihood of the N customers of the other segments,
///
/// as if n0 customers of the pool belonged to the segment. Large segments speak for themselves, small ones mostly
/// repeat the pool. How alike the segments are decides n0, one for all of them: it is the one of kPooledCustomers under
/// which customers left out of the fits were foretold best (log score, cross-validation in five parts). A
/// segment of fewer than 30 customers has an n0 of 30 at least: the large ones may do best with none, and three
/// customers alone fit a model without any spread. CRMs show a segment's own averages, whose best and worst are mostly
/// the smallest ones.
///
/// Standard errors are those of the sum above; they take n0 for known. A segment without enough customers for a fit of
/// its own under the n0 chosen has the pool's model. One segment: the pool's model. Nobody at all: as the fit itself
/// says. Cost: some 30 fits a segment.

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/stats/cell_counts.hpp>
#include <putki/value/parameter_fit.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace putki {

/// What n0 is chosen from; infinite: every segment has the pool's model.
inline constexpr std::array<double, 7> kPooledCustomers = {
    std::numeric_limits<double>::infinity(), 3000, 1000, 300, 100, 30, 0};

/// A segment of fewer customers leans on as many of the others, whatever n0 is.
inline constexpr std::uint64_t kLeastAlone = 30;

template <class Model>
struct SegmentModels {
  Model pool;
  std::vector<Model> models;          ///< by segment
  double pooled_customers = 0;        ///< the n0 chosen, for segments of kLeastAlone or more
  std::array<double, 7> scores = {};  ///< log score a customer left out, for each of kPooledCustomers
};

namespace detail {

// The counts of `cells` times `factor`.
template <class Cell>
void add_times(CellCounts<Cell>& sum, const CellCounts<Cell>& cells, std::uint64_t factor) {
  for (const Counted<Cell>& counted : cells.cells()) sum.add(counted.cell, counted.count * factor);
}

// The same model as if each customer had been counted once, where `times` was.
template <class Model>
Model counted_once(const Model& model, double times) {
  ParameterFit fit = model.fit();
  for (double& error : fit.std_errors) error *= std::sqrt(times);
  for (double& value : fit.covariance.values()) value *= times;
  for (double& value : fit.log_covariance.values()) value *= times;
  fit.info.log_likelihood /= times;
  if constexpr (requires { model.days_per_unit(); }) {
    return Model(std::move(fit), model.days_per_unit());
  } else {
    return Model(std::move(fit));
  }
}

// Own customers and n0 of the others, in whole numbers; nothing when that cannot be fitted.
template <class Cell, class Fit>
auto fit_with_pool(const CellCounts<Cell>& own, const CellCounts<Cell>& others, double pooled, const Fit& fit)
    -> std::optional<decltype(fit(own))> {
  const bool alone = pooled == 0 || others.empty();
  const std::uint64_t times = alone ? 1 : others.total();
  CellCounts<Cell> joined;
  add_times(joined, own, times);
  if (!alone) add_times(joined, others, static_cast<std::uint64_t>(pooled));
  try {
    auto model = fit(joined);
    if (!model.fit().info.converged) return std::nullopt;
    return counted_once(model, static_cast<double>(times));
  } catch (const NotEnoughData&) {
    return std::nullopt;
  }
}

// Cut by chance into parts, each customer into one.
template <class Cell>
std::vector<CellCounts<Cell>> cut_by_chance(const CellCounts<Cell>& cells, std::size_t parts, RandomStream& random) {
  std::vector<CellCounts<Cell>> cut(parts);
  for (const Counted<Cell>& counted : cells.cells()) {
    std::uint64_t left = counted.count;
    for (std::size_t p = 0; p + 1 < parts; ++p) {
      const std::uint64_t taken = random.binomial(left, 1.0 / static_cast<double>(parts - p));
      cut[p].add(counted.cell, taken);
      left -= taken;
    }
    cut.back().add(counted.cell, left);
  }
  return cut;
}

}  // namespace detail

/// `fit`: from CellCounts<Cell> to a model with `fit()` and `log_likelihood(cells)`, as the fit functions of the value
/// models are. NotEnoughData when the pool cannot be fitted. `seed` cuts the parts left out.
template <class Cell, class Fit>
auto fit_segments(const std::vector<CellCounts<Cell>>& segments, const Fit& fit, std::uint64_t seed = 1)
    -> SegmentModels<decltype(fit(segments.front()))> {
  constexpr std::size_t parts = 5;
  CellCounts<Cell> all;
  for (const auto& segment : segments) all.merge(segment);
  SegmentModels<decltype(fit(all))> result{fit(all), {}};

  const auto rest_of = [](const std::vector<CellCounts<Cell>>& pieces, std::size_t without) {
    CellCounts<Cell> rest;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (i != without) rest.merge(pieces[i]);
    }
    return rest;
  };
  const auto pooled_for = [&](std::size_t s, double pooled) {
    return segments[s].total() < kLeastAlone ? std::max(pooled, static_cast<double>(kLeastAlone)) : pooled;
  };
  std::vector<std::vector<CellCounts<Cell>>> cut;
  for (std::size_t s = 0; s < segments.size(); ++s) {
    RandomStream random(seed, s);
    cut.push_back(detail::cut_by_chance(segments[s], parts, random));
  }
  for (std::size_t part = 0; part < parts; ++part) {
    std::vector<CellCounts<Cell>> kept;
    for (const auto& pieces : cut) kept.push_back(rest_of(pieces, part));
    const auto pool = detail::fit_with_pool(rest_of(kept, kept.size()), CellCounts<Cell>{}, 0, fit);
    if (!pool) continue;
    for (std::size_t s = 0; s < segments.size(); ++s) {
      if (cut[s][part].empty()) continue;
      const CellCounts<Cell> others = rest_of(kept, s);
      for (std::size_t w = 0; w < kPooledCustomers.size(); ++w) {
        const bool apart = std::isfinite(kPooledCustomers[w]) && segments.size() > 1;
        const auto own =
            apart ? detail::fit_with_pool(kept[s], others, pooled_for(s, kPooledCustomers[w]), fit) : std::nullopt;
        result.scores[w] += (own ? *own : *pool).log_likelihood(cut[s][part]);
      }
    }
  }
  const auto best = std::max_element(result.scores.begin(), result.scores.end()) - result.scores.begin();
  result.pooled_customers = kPooledCustomers[static_cast<std::size_t>(best)];
  for (double& score : result.scores) score /= static_cast<double>(all.total());
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const bool apart = std::isfinite(result.pooled_customers) && segments.size() > 1;
    const auto own =
        apart ? detail::fit_with_pool(segments[s], rest_of(segments, s), pooled_for(s, result.pooled_customers), fit)
              : std::nullopt;
    result.models.push_back(own ? *own : result.pool);
  }
  return result;
}

}  // namespace putki
