#pragma once
/// \file
/// How many of each kind: a mergeable histogram over small records.
///
/// What the statistics of customers are made of: customers whose record is the same cost one cell, however many there
/// are. A value: default = the identity of `merge`; the counts of two shards, merged, equal those of the union bit for
/// bit, whatever the order. Safe to read from several threads.
///
/// A `Cell` is an ordered value with `void check_cell(const Cell&)` beside it, which throws InvalidArgument on a record
/// that cannot be. Cost: O(log cells) per add, one tree node of some 80 bytes a distinct cell.

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace putki {

/// A record and how many have it.
template <class Cell>
struct Counted {
  Cell cell;
  std::uint64_t count;
  friend bool operator==(const Counted&, const Counted&) = default;
};

template <class Cell>
class CellCounts {
 public:
  /// `count` more with this record; 0 adds nothing. InvalidArgument when the record cannot be; nothing is added then.
  void add(const Cell& cell, std::uint64_t count = 1) {
    check_cell(cell);
    if (count == 0) return;
    counts_[cell] += count;
    total_ += count;
  }
  void merge(const CellCounts& other) {
    if (&other == this) {
      for (auto& [cell, count] : counts_) count *= 2;
    } else {
      for (const auto& [cell, count] : other.counts_) counts_[cell] += count;
    }
    total_ += other.total_;
  }
  friend bool operator==(const CellCounts&, const CellCounts&) = default;

  /// Nothing was added yet.
  bool empty() const { return counts_.empty(); }
  /// Records added: the sum of all counts.
  std::uint64_t total() const { return total_; }
  std::size_t distinct() const { return counts_.size(); }
  /// The distinct records, ascending, each with its count (above 0).
  std::vector<Counted<Cell>> cells() const {
    std::vector<Counted<Cell>> cells;
    cells.reserve(counts_.size());
    for_each([&](const Cell& cell, std::uint64_t count) { cells.push_back({cell, count}); });
    return cells;
  }
  /// Calls visit(cell, count) for the same, in the same order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [cell, count] : counts_) visit(cell, count);
  }

 private:
  std::map<Cell, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace putki
