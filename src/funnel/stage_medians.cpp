#include <putki/funnel/stage_medians.hpp>

#include "funnel/deal_ranges.hpp"
#include "survival/limits.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace putki {
namespace {

using Micros = std::int64_t;
using survival_detail::kSameStep;

constexpr std::size_t kNoRow = std::numeric_limits<std::size_t>::max();
constexpr int kMostBinBits = 11;
constexpr std::size_t kMostBins = 1 << 19;

double stay_days(Micros stay) {
  return elapsed_days(Timestamp{}, Timestamp{std::chrono::microseconds{stay}});
}

// Bins of stays, 2^bits to a doubling: the leading bits of the stay as a float, which never fall as it grows.
class StayBins {
 public:
  StayBins(int bits, Micros longest)
      : shift_(23 - bits), origin_(leading(kShortest)), longest_(longest), count_(of(longest) + 1) {}
  std::uint32_t of(Micros stay) const {
    const std::int32_t bin = leading(stay) - origin_;
    return static_cast<std::uint32_t>(std::max(bin, 0));
  }
  std::size_t count() const { return count_; }
  // The shortest stay of the bin: the first for which `of` reaches it. One past the longest after the last bin.
  Micros begin(std::size_t bin) const {
    Micros low = 0, high = longest_ + 1;
    while (low < high) {
      const Micros middle = low + (high - low) / 2;
      if (of(middle) >= bin)
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  }

 private:
  static constexpr Micros kShortest = 1 << 20;  // stays of less than a second share the first bin
  std::int32_t leading(Micros stay) const { return std::bit_cast<std::int32_t>(static_cast<float>(stay)) >> shift_; }
  int shift_;
  std::int32_t origin_;
  Micros longest_;
  std::size_t count_;
};

// Not many more than there are visits to count.
StayBins chosen_bins(std::size_t rows, Micros longest, std::size_t events) {
  const std::size_t most = std::min(kMostBins, events);
  int bits = kMostBinBits;
  while (bits > 0 && rows * StayBins(bits, longest).count() > most) --bits;
  return {bits, longest};
}

// Open visits of one stage: distinct ages, ascending, and how many have each.
struct Censored {
  std::vector<Micros> ages;
  std::vector<std::uint64_t> counts;
  std::uint64_t total = 0;
};

Censored censored_of(std::vector<Micros> ages) {
  std::sort(ages.begin(), ages.end());
  Censored censored;
  censored.total = ages.size();
  for (const Micros age : ages) {
    if (censored.ages.empty() || censored.ages.back() != age) {
      censored.ages.push_back(age);
      censored.counts.push_back(0);
    }
    ++censored.counts.back();
  }
  return censored;
}

// Cells: the bins of every row (stage), cut after each censored age in them. An end at a censored age comes before it.
class StayCells {
 public:
  StayCells(const StayBins& bins, const std::vector<Censored>& censored) : bins_(bins) {
    places_.reserve(bins.count() * censored.size());
    for (const Censored& row : censored) {
      std::size_t next = 0;
      for (std::size_t bin = 0; bin < bins.count(); ++bin) {
        Place place{.cut = std::numeric_limits<Micros>::max(), .cell = cell_count(), .cuts = 0};
        if (next < row.ages.size() && bins.of(row.ages[next]) == bin) place.cut = row.ages[next];
        for (; next < row.ages.size() && bins.of(row.ages[next]) == bin; ++next) {
          cuts_.push_back(row.ages[next]);
          ++place.cuts;
        }
        places_.push_back(place);
      }
    }
  }
  std::uint32_t cell_count() const { return static_cast<std::uint32_t>(places_.size() + cuts_.size()); }
  std::uint32_t cell(std::size_t row, Micros stay) const {
    const std::size_t at = row * bins_.count() + bins_.of(stay);
    const Place& place = places_[at];
    if (place.cuts > 1) {
      const auto first = cuts_.begin() + static_cast<std::ptrdiff_t>(place.cell - at);
      return place.cell + static_cast<std::uint32_t>(std::lower_bound(first, first + place.cuts, stay) - first);
    }
    return place.cell + (stay > place.cut ? 1U : 0U);
  }
  // The first cell of a bin, and how many cuts it has: it has one cell more.
  std::uint32_t first_cell(std::size_t row, std::size_t bin) const { return places_[row * bins_.count() + bin].cell; }
  std::uint32_t cuts(std::size_t row, std::size_t bin) const { return places_[row * bins_.count() + bin].cuts; }

 private:
  struct Place {
    Micros cut;  // the first in the bin, or beyond any stay
    std::uint32_t cell;
    std::uint32_t cuts;
  };
  StayBins bins_;
  std::vector<Place> places_;  // [row][bin]
  std::vector<Micros> cuts_;   // by row, then age; those of a place begin at its cell - its number
};

// The rank-th shortest (from 0) of the stays in a bin.
struct Wanted {
  std::size_t bin;
  std::uint64_t rank;
};

// Where the answers of one row lie.
struct Search {
  std::optional<Wanted> half;        // S first at one half, or below
  std::optional<Wanted> below_half;  // S first below one half
  std::optional<Wanted> last;        // the longest stay
  std::optional<Wanted> middle[2];
  Micros low = 0;  // all of them lie in [low, high)
  Micros high = 0;
};

// Ends k = 1, 2, .. of `at_risk` at survival `survival` until it is `target` or less; it is at the last of them.
std::uint64_t ends_until(double target, double survival, double at_risk) {
  const auto after = [&](double ends) { return survival * ((at_risk - ends) / at_risk); };
  double ends = std::max(1.0, std::ceil(at_risk * (1.0 - target / survival)));
  while (ends > 1.0 && after(ends - 1.0) <= target) --ends;
  while (after(ends) > target) ++ends;
  return static_cast<std::uint64_t>(ends);
}

Search searched(std::size_t row, const StayBins& bins, const StayCells& cells, const Censored& censored,
                const std::vector<std::uint32_t>& ends, std::uint64_t closed) {
  Search search;
  double survival = 1.0;
  std::uint64_t at_risk = closed + censored.total;
  std::uint64_t seen = 0;  // ends in earlier bins
  std::size_t next_cut = 0;
  for (std::size_t bin = 0; bin < bins.count(); ++bin) {
    const std::uint32_t first = cells.first_cell(row, bin);
    const std::uint32_t cuts = cells.cuts(row, bin);
    std::uint64_t in_bin = 0;
    for (std::uint32_t cell = 0; cell <= cuts; ++cell) {
      const std::uint64_t here = ends[first + cell];
      if (here > 0) {
        const auto risk = static_cast<double>(at_risk);
        const double after = survival * ((risk - static_cast<double>(here)) / risk);
        const auto find = [&](std::optional<Wanted>& wanted, double target) {
          if (!wanted && after <= target) wanted = {bin, in_bin + ends_until(target, survival, risk) - 1};
        };
        find(search.half, 0.5 + kSameStep);
        find(search.below_half, 0.5 - kSameStep);
        survival = after;
        at_risk -= here;
        in_bin += here;
      }
      if (cell < cuts) at_risk -= censored.counts[next_cut++];
    }
    for (const std::uint64_t i : {0U, 1U}) {
      const std::uint64_t rank = (closed - 1 + i) / 2;  // closed > 0 where anything is in a bin
      if (in_bin > 0 && rank >= seen && rank < seen + in_bin) search.middle[i] = {bin, rank - seen};
    }
    seen += in_bin;
    if (in_bin > 0) search.last = {bin, in_bin - 1};
  }
  if (!search.half || search.below_half) search.last.reset();  // asked for only when the curve rests at one half
  std::size_t begin = bins.count(), end = 0;
  for (const auto& wanted : {search.half, search.below_half, search.last, search.middle[0], search.middle[1]})
    if (wanted) begin = std::min(begin, wanted->bin), end = std::max(end, wanted->bin + 1);
  if (begin < end) search.low = bins.begin(begin), search.high = bins.begin(end);
  return search;
}

// Calls f(row, stay) for every visit to a timed stage that has ended.
template <class F>
void for_each_closed_stay(const AsOf& view, DealRange range, const std::vector<std::size_t>& rows, F&& f) {
  const StageId* stages = view.log().stages().data();
  const Timestamp* times = view.log().times().data();
  for_each_deal_between(view, range.begin, range.end, [&](DealId, std::uint32_t first, std::uint32_t last) {
    StageId here = stages[first];
    Timestamp entered = times[first];
    for (std::uint32_t i = first + 1; i < last; ++i) {
      if (stages[i] == here) continue;
      const std::size_t row = rows[index(here)];
      if (row != kNoRow) f(row, (times[i] - entered).count());
      here = stages[i];
      entered = times[i];
    }
  });
}

std::vector<std::vector<Micros>> open_ages(const AsOf& view, DealRange range, const std::vector<std::size_t>& rows,
                                           std::size_t row_count) {
  const StageId* stages = view.log().stages().data();
  const Timestamp* times = view.log().times().data();
  std::vector<std::vector<Micros>> ages(row_count);
  for_each_deal_between(view, range.begin, range.end, [&](DealId, std::uint32_t first, std::uint32_t last) {
    std::uint32_t entry = last - 1;
    const std::size_t row = rows[index(stages[entry])];
    if (row == kNoRow) return;
    while (entry > first && stages[entry - 1] == stages[entry]) --entry;
    ages[row].push_back((view.instant() - times[entry]).count());
  });
  return ages;
}

// Stays of one row that lie in its searched bins.
class GatheredStays {
 public:
  GatheredStays(const StayBins& bins, std::vector<Micros> stays) : bins_(bins), stays_(std::move(stays)) {}
  double days_of(const Wanted& wanted) {
    std::vector<Micros> in_bin;
    for (const Micros stay : stays_)
      if (bins_.of(stay) == wanted.bin) in_bin.push_back(stay);
    const auto place = in_bin.begin() + static_cast<std::ptrdiff_t>(wanted.rank);
    std::nth_element(in_bin.begin(), place, in_bin.end());
    return stay_days(*place);
  }

 private:
  StayBins bins_;
  std::vector<Micros> stays_;
};

}  // namespace

std::vector<StageMedian> stage_medians(const AsOf& view, const StageMediansOptions& options) {
  const StageGraph& graph = view.graph();
  std::vector<StageMedian> medians;
  std::vector<std::size_t> rows(graph.stage_count(), kNoRow);
  for (std::size_t s = 0; s < graph.stage_count(); ++s) {
    const auto stage = static_cast<StageId>(s);
    if (graph.is_terminal(stage)) continue;
    rows[s] = medians.size();
    medians.push_back({.stage = stage, .median_days = {}, .closed_median_days = {}});
  }
  const std::size_t count = position_count(view);
  if (count == 0 || medians.empty()) return medians;
  constexpr std::size_t kParts = 4;  // each with counters of its own
  constexpr std::size_t kSmallPart = 1 << 14;
  const auto ranges = deal_ranges(view, std::max(kSmallPart, (count + kParts - 1) / kParts));

  std::vector<std::vector<std::vector<Micros>>> ages(ranges.size());
  parallel_for(
      ranges.size(), [&](std::size_t i) { ages[i] = open_ages(view, ranges[i], rows, medians.size()); },
      options.threads);
  std::vector<Censored> censored(medians.size());
  parallel_for(
      medians.size(),
      [&](std::size_t row) {
        std::vector<Micros> all;
        for (const auto& part : ages) all.insert(all.end(), part[row].begin(), part[row].end());
        censored[row] = censored_of(std::move(all));
      },
      options.threads);

  const Micros longest = std::max<Micros>(0, std::max((view.instant() - *view.log().first_time()).count(),
                                                      (*view.log().last_time() - *view.log().first_time()).count()));
  const StayBins bins = chosen_bins(medians.size(), longest, view.log().event_count());
  const StayCells cells(bins, censored);
  std::vector<std::vector<std::uint32_t>> counts(ranges.size());
  parallel_for(
      ranges.size(),
      [&](std::size_t i) {
        counts[i].resize(cells.cell_count());
        for_each_closed_stay(view, ranges[i], rows,
                             [&](std::size_t row, Micros stay) { ++counts[i][cells.cell(row, stay)]; });
      },
      options.threads);
  for (std::size_t i = 1; i < counts.size(); ++i)
    for (std::size_t cell = 0; cell < counts[0].size(); ++cell) counts[0][cell] += counts[i][cell];

  std::vector<Search> searches(medians.size());
  for (std::size_t row = 0; row < medians.size(); ++row) {
    const std::uint32_t first = cells.first_cell(row, 0);
    const std::uint32_t end = row + 1 < medians.size() ? cells.first_cell(row + 1, 0) : cells.cell_count();
    for (std::uint32_t cell = first; cell < end; ++cell) medians[row].closed += counts[0][cell];
    medians[row].still_there = censored[row].total;
    if (medians[row].closed > 0)
      searches[row] = searched(row, bins, cells, censored[row], counts[0], medians[row].closed);
  }

  std::vector<std::vector<std::vector<Micros>>> near(ranges.size());
  parallel_for(
      ranges.size(),
      [&](std::size_t i) {
        near[i].resize(medians.size());
        for_each_closed_stay(view, ranges[i], rows, [&](std::size_t row, Micros stay) {
          if (stay >= searches[row].low && stay < searches[row].high) near[i][row].push_back(stay);
        });
      },
      options.threads);
  for (std::size_t row = 0; row < medians.size(); ++row) {
    const Search& search = searches[row];
    if (!search.middle[0]) continue;
    std::vector<Micros> stays;
    for (const auto& part : near) stays.insert(stays.end(), part[row].begin(), part[row].end());
    GatheredStays gathered(bins, std::move(stays));
    medians[row].closed_median_days = 0.5 * (gathered.days_of(*search.middle[0]) + gathered.days_of(*search.middle[1]));
    if (!search.half) continue;
    const double reached = gathered.days_of(*search.half);
    double left = search.below_half ? gathered.days_of(*search.below_half) : gathered.days_of(*search.last);
    if (!search.below_half && !censored[row].ages.empty()) left = std::max(left, stay_days(censored[row].ages.back()));
    medians[row].median_days = 0.5 * (reached + left);
  }
  return medians;
}

}  // namespace putki
