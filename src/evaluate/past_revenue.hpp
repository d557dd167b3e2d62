#pragma once
/// \file
/// The revenue of each whole local day of the history, up to the view's day.

#include <putki/stats/wins.hpp>

#include <vector>

namespace putki {

class PastRevenue {
 public:
  explicit PastRevenue(const AsOf& view);

  /// Whole days known before the view's day; day 0 is the first.
  int days() const { return static_cast<int>(until_.size()) - 1; }
  /// Revenue of days [begin, end), 0 <= begin <= end <= days(), in currency units.
  double between(int begin, int end) const;

  /// Wins with their place in time; only those of deals created and won on whole days before the view's.
  struct DatedWin {
    int created;  ///< day
    int won;      ///< day
    Money amount;
  };
  const std::vector<DatedWin>& wins() const { return wins_; }

 private:
  std::vector<Money> until_;  // revenue before each day, and before the view's
  std::vector<DatedWin> wins_;
};

}  // namespace putki
