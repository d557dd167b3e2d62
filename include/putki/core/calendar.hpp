#pragma once
/// \file
/// Business calendar: which days are worked.
///
/// A copy is cheap; counting business days between two days is O(1) by a prefix table over the covered span
/// (1970..2099; days outside throw InvalidArgument).

#include <putki/core/time.hpp>

#include <bitset>
#include <memory>
#include <vector>

namespace putki {

class BusinessCalendar {
 public:
  /// Every day is worked.
  BusinessCalendar();
  /// `weekend` indexed by ISO weekday - 1 (Monday = bit 0).
  BusinessCalendar(std::bitset<7> weekend, std::vector<Day> holidays);
  /// Saturday and Sunday off.
  static BusinessCalendar weekdays(std::vector<Day> holidays = {});

  bool is_business_day(Day day) const;
  /// Business days in `[from, to)`; negative when to < from.
  int business_days_between(Day from, Day to) const;
  /// The day on which `n` further business days have passed: smallest d >= from with business_days_between(from, d) ==
  /// n.
  Day add_business_days(Day from, int n) const;

  friend bool operator==(const BusinessCalendar& a, const BusinessCalendar& b);

 private:
  struct Table;
  std::shared_ptr<const Table> table_;
};

}  // namespace putki
