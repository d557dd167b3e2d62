#pragma once
// Rows as they came, in chunks: growing copies nothing and asks for no room twice. Orders are staged like events: the
// customer as the deal, the contract's end as the expected close.

#include <putki/events/event_log_builder.hpp>

#include <algorithm>
#include <memory>
#include <vector>

#include "events/event_log_columns.hpp"

namespace putki {

struct StagedRow {
  std::int64_t time;  // microseconds since the epoch
  std::int64_t amount;
  std::uint32_t deal;
  std::uint16_t stage;
  std::uint16_t flags;  // what `add` noticed, to be reported by `build`
};
inline constexpr std::uint16_t kImpossibleAmount = 1;
inline constexpr std::uint16_t kUnreadableClose = 2;
inline constexpr std::uint16_t kUnreadAmount = 4;

class StagedRows {
 public:
  static constexpr std::size_t kLargest = 0xfffffffeU;

  std::size_t size() const { return size_; }
  bool has_expected_closes() const { return !expected_closes_.empty(); }

  const StagedRow& operator[](std::size_t i) const { return chunks_[i >> kShift].data()[i & kMask]; }

  DayNumber expected_close(std::size_t i) const {
    const std::size_t chunk = i >> kShift;
    if (chunk >= expected_closes_.size() || expected_closes_[chunk].empty()) return kNoDay;
    return expected_closes_[chunk][i & kMask];
  }

  std::uint64_t source_row(std::size_t i) const {
    const auto after = std::upper_bound(jumps_.begin(), jumps_.end(), i,
                                        [](std::size_t row, const Jump& jump) { return row < jump.row; });
    if (after == jumps_.begin()) return i + 1;
    const Jump& jump = *(after - 1);
    return jump.source_row + (i - jump.row);
  }

  // Rows by deal, those of one in the order they came: a counting sort. Deal d has the places [offsets[d], offsets[d +
  // 1]) of what is returned.
  Column<std::uint32_t> order_by_deal(std::size_t deal_count, std::vector<std::uint32_t>& offsets) const {
    // Counts go two places up, so that after the scatter offsets[d] is where deal d begins.
    offsets.assign(deal_count + 2, 0);
    for (std::size_t i = 0; i < size_; ++i) ++offsets[(*this)[i].deal + std::size_t{2}];
    for (std::size_t d = 2; d < offsets.size(); ++d) offsets[d] += offsets[d - 1];
    Column<std::uint32_t> order(size_);
    for (std::size_t i = 0; i < size_; ++i)
      order[offsets[(*this)[i].deal + std::size_t{1}]++] = static_cast<std::uint32_t>(i);
    offsets.pop_back();
    return order;
  }

  void add(const StagedRow& row, DayNumber expected_close, std::uint64_t source_row) {
    const std::size_t chunk = size_ >> kShift;
    if (chunk == chunks_.size()) [[unlikely]]
      chunks_.emplace_back(kChunk);
    chunks_[chunk][size_ & kMask] = row;
    if (expected_close != kNoDay) {
      if (expected_closes_.size() <= chunk) expected_closes_.resize(chunk + 1);
      if (expected_closes_[chunk].empty()) expected_closes_[chunk].assign(kChunk, kNoDay);
      expected_closes_[chunk][size_ & kMask] = expected_close;
    }
    if (source_row != 0 && source_row != next_source_row_) {
      jumps_.push_back({size_, source_row});
      next_source_row_ = source_row;
    }
    ++next_source_row_;
    ++size_;
  }

 private:
  static constexpr std::size_t kShift = 16;
  static constexpr std::size_t kChunk = std::size_t{1} << kShift;
  static constexpr std::size_t kMask = kChunk - 1;
  // Source rows mostly follow each other: only where they do not is anything kept.
  struct Jump {
    std::size_t row;
    std::uint64_t source_row;
  };

  std::vector<Column<StagedRow>> chunks_;
  std::vector<std::vector<DayNumber>> expected_closes_;
  std::vector<Jump> jumps_;
  std::uint64_t next_source_row_ = 1;
  std::size_t size_ = 0;
};

}  // namespace putki
