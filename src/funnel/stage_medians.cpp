#include <putki/funnel/stage_medians.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "funnel/deal_ranges.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace putki {
namespace {

using Micros = std::int64_t;

constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();

double stay_days(Micros stay) {
  return elapsed_days(Timestamp{}, Timestamp{std::chrono::microseconds{stay}});
}

// The timed stages: rows[stage], kNoRow for terminal ones.
using StageRows = std::vector<std::uint32_t>;

// Calls closed(row, stay) for every visit to a timed stage that has ended, open(row, age) for the others.
template <class Closed, class Open>
void for_each_stay(const AsOf& view, DealRange range, const StageRows& rows, Closed&& closed, Open&& open) {
  const StageId* stages = view.log().stages().data();
  const Timestamp* times = view.log().times().data();
  for_each_deal_between(view, range.begin, range.end, [&](DealId, std::uint32_t first, std::uint32_t last) {
    StageId here = stages[first];
    Timestamp entered = times[first];
    for (std::uint32_t i = first + 1; i < last; ++i) {
      if (stages[i] == here) continue;
      const std::uint32_t row = rows[index(here)];
      if (row != kNoRow) closed(row, (times[i] - entered).count());
      here = stages[i];
      entered = times[i];
    }
    const std::uint32_t row = rows[index(here)];
    if (row != kNoRow) open(row, (view.instant() - entered).count());
  });
}

struct StaysOfRow {
  std::vector<Micros> closed;
  std::vector<Micros> open;
};
using Stays = std::vector<StaysOfRow>;

void collect(const AsOf& view, DealRange range, const StageRows& rows, Stays& stays) {
  for_each_stay(
      view, range, rows, [&](std::uint32_t row, Micros stay) { stays[row].closed.push_back(stay); },
      [&](std::uint32_t row, Micros age) { stays[row].open.push_back(age); });
}

SurvivalCurve curve_of(const StaysOfRow& stays) {
  Durations durations;
  for (const Micros stay : stays.closed) durations.time.push_back(stay_days(stay));
  for (const Micros age : stays.open) durations.time.push_back(stay_days(age));
  durations.cause.assign(durations.time.size(), 0);
  std::fill_n(durations.cause.begin(), stays.closed.size(), 1);
  return kaplan_meier(durations);
}

Micros nth(std::vector<Micros>& stays, std::uint64_t rank) {
  const auto place = stays.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(stays.begin(), place, stays.end());
  return *place;
}

void sort_out(StageMedian& median, StaysOfRow& stays) {
  median.closed = stays.closed.size();
  median.still_there = stays.open.size();
  if (stays.closed.empty()) return;
  median.median_days = curve_of(stays).quantile(0.5);
  median.closed_median_days = 0.5 * (stay_days(nth(stays.closed, (stays.closed.size() - 1) / 2)) +
                                     stay_days(nth(stays.closed, stays.closed.size() / 2)));
}

// Bins of stays, 2^kBinBits to a doubling: the leading bits of the stay as a float, which never fall as it grows. Stays
// of less than a second share the first.
constexpr int kBinBits = 9;

std::int32_t leading_bits(Micros stay) {
  return std::bit_cast<std::int32_t>(static_cast<float>(stay)) >> (23 - kBinBits);
}
std::uint32_t bin_of(Micros stay) {
  constexpr std::int32_t kFirst = (127 + 20) << kBinBits;  // of 2^20 microseconds
  return static_cast<std::uint32_t>(std::max(leading_bits(stay) - kFirst, 0));
}

// The bins of one row in which its medians must lie: [begin, end). Stays beyond `last` are counted in it. As it stands:
// all stays are in one bin, searched.
struct SearchedBins {
  std::uint32_t begin = 0;
  std::uint32_t end = 1;
  std::uint32_t last = 0;
};

// What a sample of stays says of where the medians lie, four standard errors to each side.
SearchedBins searched_bins(StaysOfRow& sample) {
  constexpr std::size_t kFew = 1000;
  const std::size_t closed = sample.closed.size();
  if (closed < kFew) return {};
  const SurvivalCurve curve = curve_of(sample);
  const double reach = 2.0 / std::sqrt(static_cast<double>(closed));
  const auto low = curve.quantile(0.5 - reach), high = curve.quantile(0.5 + reach);
  if (!low || !high) return {};
  const auto rank = [&](double share) { return static_cast<std::uint64_t>(share * static_cast<double>(closed)); };
  const auto bin = [](double days) { return bin_of(static_cast<Micros>(days * 86'400e6)); };
  const std::uint32_t end = std::max(bin(*high), bin_of(nth(sample.closed, rank(0.5 + reach)))) + 1;
  return {std::min(bin(*low), bin_of(nth(sample.closed, rank(0.5 - reach)))), end, end};
}

// Counts of one stretch of deals: ends by bin, up to the searched bins; the stays in those one by one.
struct BinnedRow {
  SearchedBins bins;
  std::vector<std::uint32_t> ends;  // [bin], the last with all beyond
  std::vector<Micros> near;
  std::vector<Micros> open;
};

std::vector<BinnedRow> binned(const AsOf& view, DealRange range, const StageRows& rows,
                              const std::vector<SearchedBins>& searched) {
  std::vector<BinnedRow> result(searched.size());
  struct Counters {
    std::uint32_t* ends;
    SearchedBins bins;
  };
  std::vector<Counters> counters(searched.size());
  for (std::size_t row = 0; row < searched.size(); ++row) {
    result[row].bins = searched[row];
    result[row].ends.resize(searched[row].last + 1);
    counters[row] = {result[row].ends.data(), searched[row]};
  }
  for_each_stay(
      view, range, rows,
      [&](std::uint32_t row, Micros stay) {
        const Counters& of = counters[row];
        const std::uint32_t bin = std::min(bin_of(stay), of.bins.last);
        ++of.ends[bin];
        if (bin - of.bins.begin < of.bins.end - of.bins.begin) result[row].near.push_back(stay);
      },
      [&](std::uint32_t row, Micros age) { result[row].open.push_back(age); });
  return result;
}

void add_to(BinnedRow& sum, const BinnedRow& more) {
  for (std::size_t bin = 0; bin < sum.ends.size(); ++bin) sum.ends[bin] += more.ends[bin];
  sum.near.insert(sum.near.end(), more.near.begin(), more.near.end());
  sum.open.insert(sum.open.end(), more.open.begin(), more.open.end());
}

// Sorts what is spread about evenly from its least to its largest: into buckets of a few, then each.
void sort_spread(std::vector<Micros>& stays) {
  if (stays.empty()) return;
  const auto [least, largest] = std::minmax_element(stays.begin(), stays.end());
  const Micros low = *least;
  const std::size_t buckets = 1 + stays.size() / 4;
  const double scale = static_cast<double>(buckets) / (static_cast<double>(*largest - low) + 1.0);
  const auto bucket_of = [&](Micros stay) {
    return std::min(static_cast<std::size_t>(static_cast<double>(stay - low) * scale), buckets - 1);
  };
  std::vector<std::uint32_t> begins(buckets + 1);
  for (const Micros stay : stays) ++begins[bucket_of(stay) + 1];
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) begins[bucket + 1] += begins[bucket];
  std::vector<Micros> sorted(stays.size());
  std::vector<std::uint32_t> ends(begins.begin(), begins.end() - 1);
  for (const Micros stay : stays) sorted[ends[bucket_of(stay)]++] = stay;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket)
    if (ends[bucket] - begins[bucket] > 1)
      std::sort(sorted.begin() + begins[bucket], sorted.begin() + begins[bucket + 1]);
  stays = std::move(sorted);
}

// False when the sample was wrong about where the medians lie.
bool search(StageMedian& median, BinnedRow& row) {
  for (const std::uint32_t ends : row.ends) median.closed += ends;
  median.still_there = row.open.size();
  if (median.closed == 0) return true;
  std::vector<std::uint64_t> censored(row.ends.size());
  for (const Micros age : row.open) ++censored[std::min(bin_of(age), row.bins.last)];

  // Up to the searched bins: half of a bin's ends before those censored in it, half after.
  double survival = 1.0;
  auto at_risk = static_cast<double>(median.closed + median.still_there);
  std::uint64_t before = 0;
  const auto end_of = [&](double ends) {
    if (ends <= 0) return;
    survival *= (at_risk - ends) / at_risk;
    at_risk -= ends;
  };
  for (std::uint32_t bin = 0; bin < row.bins.begin; ++bin) {
    const auto ends = static_cast<double>(row.ends[bin]);
    end_of(0.5 * ends);
    at_risk -= static_cast<double>(censored[bin]);
    end_of(0.5 * ends);
    before += row.ends[bin];
  }

  // In them: one by one.
  sort_spread(row.near);
  const auto place = [&](std::uint64_t rank) { return rank - before; };
  const std::uint64_t middles[] = {(median.closed - 1) / 2, median.closed / 2};
  if (middles[0] < before || place(middles[1]) >= row.near.size()) return false;
  median.closed_median_days = 0.5 * (stay_days(row.near[place(middles[0])]) + stay_days(row.near[place(middles[1])]));
  if (survival <= 0.5 + kSameSurvival) return false;
  std::vector<Micros> open;
  for (const Micros age : row.open)
    if (bin_of(age) >= row.bins.begin) open.push_back(age);
  std::sort(open.begin(), open.end());
  auto censoring = open.begin();
  std::optional<Micros> reached;
  for (const Micros stay : row.near) {
    for (; censoring != open.end() && *censoring < stay; ++censoring) --at_risk;
    end_of(1.0);
    if (survival > 0.5 + kSameSurvival) continue;
    if (!reached) reached = stay;
    if (survival > 0.5 - kSameSurvival) continue;
    median.median_days = 0.5 * (stay_days(*reached) + stay_days(stay));
    return true;
  }
  if (row.bins.last == row.bins.end && row.ends.back() > 0) return false;  // further ends beyond the searched bins
  if (!reached) return true;                                               // never reached
  const Micros last = std::max(row.near.back(), open.empty() ? 0 : open.back());
  median.median_days = 0.5 * (stay_days(*reached) + stay_days(last));
  return true;
}

Stays sampled(const AsOf& view, const StageRows& rows, std::size_t row_count) {
  constexpr std::size_t kBlock = 32, kBlocks = 512;
  Stays sample(row_count);
  const std::size_t count = position_count(view);
  const std::size_t stride = std::max(kBlock, count / kBlocks);
  for (std::size_t begin = 0; begin < count; begin += stride)
    collect(view, {begin, std::min(begin + kBlock, count)}, rows, sample);
  return sample;
}

}  // namespace

std::vector<StageMedian> stage_medians(const AsOf& view, const StageMediansOptions& options) {
  const StageGraph& graph = view.graph();
  std::vector<StageMedian> medians;
  StageRows rows(graph.stage_count(), kNoRow);
  for (std::size_t s = 0; s < graph.stage_count(); ++s) {
    const auto stage = static_cast<StageId>(s);
    if (graph.is_terminal(stage)) continue;
    rows[s] = static_cast<std::uint32_t>(medians.size());
    medians.push_back({.stage = stage, .median_days = {}, .closed_median_days = {}});
  }
  const DealRange all{0, position_count(view)};
  if (view.log().event_count() <= options.sort_up_to) {
    Stays stays(medians.size());
    collect(view, all, rows, stays);
    for (std::size_t row = 0; row < medians.size(); ++row) sort_out(medians[row], stays[row]);
    return medians;
  }

  Stays sample = sampled(view, rows, medians.size());
  std::vector<SearchedBins> searched(sample.size());
  parallel_for(
      sample.size(), [&](std::size_t row) { searched[row] = searched_bins(sample[row]); }, options.threads);
  constexpr std::size_t kParts = 8;  // each with counters of its own
  const auto ranges = deal_ranges(view, std::max<std::size_t>(1, (all.end + kParts - 1) / kParts));
  std::vector<std::vector<BinnedRow>> parts(ranges.size());
  parallel_for(
      ranges.size(), [&](std::size_t i) { parts[i] = binned(view, ranges[i], rows, searched); }, options.threads);
  std::vector<char> found(medians.size());
  parallel_for(
      medians.size(),
      [&](std::size_t row) {
        for (std::size_t i = 1; i < parts.size(); ++i) add_to(parts[0][row], parts[i][row]);
        StageMedian median{.stage = medians[row].stage, .median_days = {}, .closed_median_days = {}};
        found[row] = search(median, parts[0][row]) ? 1 : 0;
        if (found[row] != 0) medians[row] = median;
      },
      options.threads);
  for (std::size_t row = 0; row < medians.size(); ++row) {
    if (found[row] != 0) continue;
    StageRows alone(rows.size(), kNoRow);
    alone[index(medians[row].stage)] = 0;
    Stays stays(1);
    collect(view, all, alone, stays);
    sort_out(medians[row], stays[0]);
  }
  return medians;
}

}  // namespace putki
