#pragma once
/// \file
/// The open deals that share their chance of winning, and drawing what those of them bring that win.

#include <putki/forecast/amount_distribution.hpp>
#include <putki/forecast/amount_revision.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace putki {

inline constexpr std::size_t kLanes = 64;
/// Deals whose sums over all subsets are kept: 2^4 sums.
inline constexpr std::size_t kNibble = 4;
/// Below this chance of winning it pays to jump from win to win.
inline constexpr double kRareWin = 1.0 / 40;

/// The lanes below `lanes` of a word, each set with probability p: p's binary digits are compared with random ones, all
/// lanes at once, until every lane has met a digit that differs. About 2 + log2(lanes) words of random bits.
inline std::uint64_t set_lanes(double p, std::size_t lanes, RandomStream& random) {
  std::uint64_t undecided = lanes == kLanes ? ~std::uint64_t{0} : (std::uint64_t{1} << lanes) - 1;
  if (p >= 1) return undecided;
  std::uint64_t set = 0;
  auto digits = static_cast<std::uint64_t>(std::ldexp(p, 64));
  for (; undecided != 0 && digits != 0; digits <<= 1) {
    const std::uint64_t word = random.bits();
    if (digits >> 63 != 0) {
      set |= undecided & ~word;
      undecided &= word;
    } else {
      undecided &= ~word;
    }
  }
  return set;
}

/// Draws amounts of won deals in constant time on average: a guide table (Chen & Asau 1974) says where to begin.
class AmountSampler {
 public:
  explicit AmountSampler(const AmountDistribution& amounts)
      : values_(amounts.values()), cumulative_(amounts.cumulative()) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      while (at + 1 < values_.size() && cumulative_[at] * static_cast<double>(values_.size()) < static_cast<double>(i))
        ++at;
      guide_.push_back(at);
    }
  }
  double operator()(RandomStream& random) const {
    const double u = random.uniform();
    std::size_t at = guide_[static_cast<std::size_t>(u * static_cast<double>(guide_.size()))];
    while (at + 1 < values_.size() && cumulative_[at] < u) ++at;
    return values_[at];
  }

 private:
  std::span<const double> values_, cumulative_;
  std::vector<std::size_t> guide_;
};

/// The deals of one cell: the amounts known, and how many are not.
class DealPool {
 public:
  /// `deal` is told of its wins, `usable` as AmountRevision::usable. The revision must outlive the pool.
  void add(std::uint32_t deal, std::optional<double> usable, const AmountRevision& revision) {
    (usable ? known_ : unknown_).push_back(deal);
    if (!usable)
      ++missing_;
    else if (revision.ratios.size() > 1)
      amounts_.push_back(*usable);
    else
      amounts_.push_back(*usable * revision.moment(1));
    revision_ = revision.ratios.size() > 1 ? &revision : nullptr;
  }
  std::size_t size() const { return amounts_.size() + missing_; }
  /// Once all are added: the sums of every subset of each four deals.
  void close() {
    for (std::size_t begin = 0; begin < amounts_.size(); begin += kNibble)
      for (std::size_t subset = 0; subset < std::size_t{1} << kNibble; ++subset) {
        double sum = 0;
        for (std::size_t i = 0; i < kNibble && begin + i < amounts_.size(); ++i)
          if ((subset >> i & 1) != 0) sum += amounts_[begin + i];
        sums_.push_back(sum);
      }
  }

  /// What those bring that win, each with this chance.
  double draw(double chance, RandomStream& random, const AmountSampler& amount) const {
    double revenue = 0;
    if (chance < kRareWin) {
      jump(chance, amounts_.size() + missing_, random, [&](std::size_t i) { revenue += brings(i, random, amount); });
      return revenue;
    }
    if (revision_ != nullptr) {
      each_winner(chance, amounts_.size() + missing_, random,
                  [&](std::size_t i) { revenue += brings(i, random, amount); });
      return revenue;
    }
    const double* sums = sums_.data();
    for (std::size_t begin = 0; begin < amounts_.size(); begin += kLanes) {
      const std::size_t lanes = std::min(kLanes, amounts_.size() - begin);
      std::uint64_t won = set_lanes(chance, lanes, random);
      for (std::size_t i = 0; i < lanes; i += kNibble, won >>= kNibble, sums += std::size_t{1} << kNibble)
        revenue += sums[won & ((std::size_t{1} << kNibble) - 1)];
    }
    if (missing_ > 0)
      for (std::uint64_t i = random.binomial(missing_, chance); i > 0; --i) revenue += amount(random);
    return revenue;
  }

  /// What all of them bring when won, on average, where one of unknown amount brings `mean`.
  double expected_worth(double mean) const {
    double worth = 0;
    for (const double known : amounts_) worth += known;
    return (revision_ != nullptr ? revision_->moment(1) : 1) * worth + static_cast<double>(missing_) * mean;
  }

  /// What all of them are worth.
  double worth(RandomStream& random, const AmountSampler& amount) const {
    double worth = 0;
    for (const double known : amounts_) worth += known;
    for (std::size_t i = 0; i < missing_; ++i) worth += amount(random);
    return worth;
  }

  /// The same over several periods, win by win: `chances` of winning in each, their sum `any` at most 1. Calls
  /// book(period, amount, deal) for each win.
  template <class Book>
  void draw_wins(std::span<const double> chances, double any, RandomStream& random, const AmountSampler& amount,
                 Book&& book) const {
    const auto won = [&](std::size_t i) {
      double pick = random.uniform() * any;
      std::size_t p = 0;
      while (p + 1 < chances.size() && pick >= chances[p]) pick -= chances[p++];
      book(p, brings(i, random, amount), deal(i));
    };
    const std::size_t deals = amounts_.size() + missing_;
    if (any < kRareWin) {
      jump(any, deals, random, won);
      return;
    }
    each_winner(any, deals, random, won);
  }

 private:
  std::uint32_t deal(std::size_t i) const { return i < known_.size() ? known_[i] : unknown_[i - known_.size()]; }
  double brings(std::size_t i, RandomStream& random, const AmountSampler& amount) const {
    if (i >= amounts_.size()) return amount(random);
    return revision_ != nullptr ? revision_->sample(amounts_[i], random) : amounts_[i];
  }
  template <class F>
  static void each_winner(double chance, std::size_t count, RandomStream& random, F&& f) {
    for (std::size_t begin = 0; begin < count; begin += kLanes)
      for (std::uint64_t won = set_lanes(chance, std::min(kLanes, count - begin), random); won != 0; won &= won - 1)
        f(begin + static_cast<std::size_t>(std::countr_zero(won)));
  }
  /// Calls f(i) for each of 0 .. count - 1 with this chance: the gap to the next one is geometric.
  template <class F>
  static void jump(double chance, std::size_t count, RandomStream& random, F&& f) {
    if (!(chance > 0)) return;
    const double rate = -std::log1p(-chance);
    double place = random.exponential() / rate;
    for (; place < static_cast<double>(count); place = std::floor(place) + 1 + random.exponential() / rate)
      f(static_cast<std::size_t>(place));
  }

  std::vector<double> amounts_;
  std::vector<std::uint32_t> known_, unknown_;  // which deals they are
  std::size_t missing_ = 0;
  const AmountRevision* revision_ = nullptr;  // null when what a deal brings is known
  std::vector<double> sums_;                  // [four deals][subset]
};

}  // namespace putki
