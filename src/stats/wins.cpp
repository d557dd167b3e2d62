#include <putki/stats/wins.hpp>

namespace putki {

std::vector<Win> wins(const AsOf& view) {
  const auto times = view.log().times();
  const auto stages = view.log().stages();
  const auto amounts = view.log().amounts();
  const auto is_won = [&](std::uint32_t event) { return view.graph().kind(stages[event]) == StageKind::won; };
  std::vector<Win> result;
  view.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
    if (!is_won(last - 1)) return;
    std::uint32_t win = last - 1;
    while (win > first && is_won(win - 1)) --win;
    std::uint32_t known = win;  // the last event at the instant of the win
    while (known + 1 < last && times[known + 1] == times[win]) ++known;
    Money amount = kNoAmount;
    for (std::uint32_t event = known + 1; event-- > first && amount == kNoAmount;) amount = amounts[event];
    result.push_back({deal, times[first], times[win], amount});
  });
  return result;
}

Money revenue_won(const AsOf& view, Timestamp after) {
  Money sum;
  for (const Win& win : wins(view))
    if (win.time > after && win.amount != kNoAmount) sum += win.amount;
  return sum;
}

}  // namespace putki
