#include <putki/funnel/movement.hpp>

#include <putki/core/error.hpp>

#include "funnel/deal_amount.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace putki {
namespace {

/// One deal of the view, with what the two instants know of it.
struct MovedDeal {
  DealId deal;
  StageId from = kNoStage;
  StageId to = kNoStage;
  Money before = kNoAmount;
  Money after = kNoAmount;
  DayNumber expected_before = kNoDay;
  DayNumber expected_after = kNoDay;
};

constexpr std::size_t line_place(MovementLine line) {
  return static_cast<std::size_t>(line);
}

void tally_amount(MovementTally& tally, Money amount) {
  ++tally.deals;
  if (amount == kNoAmount)
    ++tally.without_amount;
  else
    tally.value += amount;
}

void tally_more(MovementTally& tally, const MovementTally& more) {
  tally.deals += more.deals;
  tally.value += more.value;
  tally.without_amount += more.without_amount;
}

/// What a lost deal was worth: movement.hpp says why not what its last row says.
Money lost_amount(const EventLog& log, std::uint32_t first, std::uint32_t last) {
  const auto amounts = log.amounts();
  std::uint32_t end = last;
  while (end > first && log.graph().is_terminal(log.stages()[end - 1])) --end;
  if (const Money open = last_amount_of(amounts, first, end); open != kNoAmount) return open;
  for (std::uint32_t i = last; i > end; --i)
    if (amounts[i - 1] != kNoAmount && amounts[i - 1] > Money{}) return amounts[i - 1];
  return kNoAmount;
}

class MovementJudge {
 public:
  MovementJudge(const AsOf& view, Timestamp since, const std::optional<Period>& period)
      : view_(view), before_(view.at(since)), period_(period) {}

  /// Counts every deal, and calls keep(line, deal, money put in), on_close(change, deal), past_due(deal).
  template <class Keep, class Close, class PastDue>
  MovementTable judge(Keep&& keep, Close&& on_close, PastDue&& past_due) const;

 private:
  bool of_period(DayNumber expected) const {
    if (!period_) return true;
    return expected != kNoDay && expected >= day_number(period_->begin) && expected < day_number(period_->end);
  }
  bool is_open(StageId stage) const { return stage != kNoStage && !view_.graph().is_terminal(stage); }
  bool on_hold(StageId stage) const { return view_.graph().kind(stage) == StageKind::on_hold; }
  CloseGroup group_of(DayNumber expected) const {
    if (expected < before_.first_unknown_day()) return CloseGroup::overdue;
    return expected < view_.first_unknown_day() ? CloseGroup::due : CloseGroup::later;
  }
  CloseFate fate_of(const MovedDeal& deal) const {
    const StageKind kind = view_.graph().kind(deal.to);
    if (kind == StageKind::won) return CloseFate::won;
    if (kind == StageKind::lost) return CloseFate::lost;
    if (deal.expected_after < view_.first_unknown_day()) return CloseFate::past_due;
    return deal.expected_after > deal.expected_before ? CloseFate::moved_later : CloseFate::not_due;
  }
  static CloseChange change_of(const MovedDeal& deal) {
    if (deal.expected_after == kNoDay) return CloseChange::missing;
    if (deal.expected_before == kNoDay) return CloseChange::given;
    if (deal.expected_after == deal.expected_before) return CloseChange::same;
    return deal.expected_after > deal.expected_before ? CloseChange::later : CloseChange::earlier;
  }

  const AsOf& view_;
  AsOf before_;
  std::optional<Period> period_;
};

template <class Keep, class Close, class PastDue>
MovementTable MovementJudge::judge(Keep&& keep, Close&& on_close, PastDue&& past_due) const {
  using enum MovementLine;
  const StageGraph& graph = view_.graph();
  const Timestamp since = before_.instant();
  MovementTable table;
  table.stages = graph.stage_count();
  table.since = since;
  table.as_of = view_.instant();
  table.period = period_;
  table.flows.resize((table.stages + 1) * table.stages);
  const auto put = [&](MovementLine line, const MovedDeal& deal, Money amount) {
    tally_amount(table.lines[line_place(line)], amount);
    keep(line, deal, amount);
  };

  view_.for_each_deal([&](DealId id, std::uint32_t first, std::uint32_t last) {
    MovedDeal deal{.deal = id};
    const DealState now = view_.state_of(id, first, last);
    deal.to = now.stage;
    deal.expected_after = now.expected_close;
    deal.after = graph.kind(now.stage) == StageKind::lost ? lost_amount(view_.log(), first, last) : now.amount;
    if (const std::uint32_t then_last = before_.known_end(id); then_last > first) {
      const DealState then = before_.state_of(id, first, then_last);
      deal.from = then.stage;
      deal.before = then.amount;
      deal.expected_before = then.expected_close;
    }
    const bool was_open = is_open(deal.from);
    const bool open = is_open(deal.to);

    if (was_open) {
      if (deal.expected_before == kNoDay) {
        tally_amount(table.undated, deal.before);
      } else {
        const CloseFate fate = fate_of(deal);
        tally_amount(
            table.due[static_cast<std::size_t>(group_of(deal.expected_before))][static_cast<std::size_t>(fate)],
            deal.before);
        if (fate == CloseFate::past_due) past_due(deal);
      }
      if (open) {
        const CloseChange change = change_of(deal);
        tally_amount(table.close_changes[static_cast<std::size_t>(change)], deal.after);
        on_close(change, deal);
      }
    }

    const bool of_end = of_period(deal.expected_after);
    const bool closed = !open && now.entered > since;
    const bool at_start = was_open && of_period(deal.expected_before);
    if (!at_start && !((open || closed) && of_end)) return;
    const std::size_t row = deal.from == kNoStage ? table.stages : index(deal.from);
    tally_amount(table.flows[row * table.stages + index(deal.to)], deal.after);
    if (at_start) {
      put(start, deal, deal.before);
      if (on_hold(deal.from)) tally_amount(table.on_hold_at_start, deal.before);
      if (deal.before == kNoAmount && deal.after != kNoAmount)
        put(valued, deal, deal.after);
      else if (deal.before < deal.after)
        put(grown, deal, deal.after - deal.before);
      else if (deal.after < deal.before)
        put(shrunk, deal, deal.before - deal.after);
    } else if (deal.from == kNoStage) {
      put(created, deal, deal.after);
    } else {
      put(was_open ? pulled_in : reopened, deal, deal.after);
    }
    if (open && of_end) {
      put(end, deal, deal.after);
      if (on_hold(deal.to)) tally_amount(table.on_hold_at_end, deal.after);
    } else if (open) {
      put(pushed_out, deal, deal.after);
    } else {
      put(graph.kind(deal.to) == StageKind::won ? won : lost, deal, deal.after);
    }
  });
  return table;
}

void check_movement(const AsOf& view, Timestamp since, const std::optional<Period>& period) {
  if (since > view.instant())
    throw InvalidArgument(fmt::format("movement: from {} to {}; the first instant must not be after the second",
                                      to_string(since), to_string(view.instant())));
  if (period && period->begin >= period->end)
    throw InvalidArgument(fmt::format("movement: a period from {} to {}; it must begin before it ends",
                                      to_string(period->begin), to_string(period->end)));
}

struct MovedListed {
  MovedDeal deal;
  Money money;  // what it is sorted by
};

std::vector<MovementDeal> listed_deals(const EventLog& log, std::vector<MovedListed> deals,
                                       const std::optional<std::size_t>& limit) {
  const auto larger = [](const MovedListed& a, const MovedListed& b) {
    return a.money != b.money ? a.money > b.money : a.deal.deal < b.deal.deal;  // kNoAmount is the smallest
  };
  const std::size_t kept = std::min(deals.size(), limit.value_or(deals.size()));
  std::partial_sort(deals.begin(), deals.begin() + static_cast<std::ptrdiff_t>(kept), deals.end(), larger);
  deals.erase(deals.begin() + static_cast<std::ptrdiff_t>(kept), deals.end());
  const auto day = [](DayNumber number) {
    return number == kNoDay ? std::optional<Day>() : std::optional<Day>(to_day(number));
  };
  std::vector<MovementDeal> list;
  for (const auto& [deal, money] : deals)
    list.push_back({std::string(log.deal_name(deal.deal)), deal.from, deal.to, deal.before, deal.after,
                    day(deal.expected_before), day(deal.expected_after)});
  return list;
}

}  // namespace

std::string to_string(MovementLine line) {
  static constexpr const char* kNames[kMovementLines] = {
      "start", "created", "reopened", "pulled_in", "valued", "grown", "shrunk", "pushed_out", "won", "lost", "end"};
  return kNames[line_place(line)];
}

const MovementTally& MovementTable::flow(StageId from, StageId to) const {
  const std::size_t row = from == kNoStage ? stages : index(from);
  if (row > stages || index(to) >= stages || (from != kNoStage && row == stages))
    throw InvalidArgument(
        fmt::format("movement: from stage {} to stage {}; the graph has {}", index(from), index(to), stages));
  return flows[row * stages + index(to)];
}

void MovementTable::merge(const MovementTable& other) {
  if (other.stages == 0) return;
  if (stages == 0) {
    *this = other;
    return;
  }
  if (stages != other.stages)
    throw InvalidArgument(fmt::format("movements of {} and of {} stages cannot be merged", stages, other.stages),
                          ErrorCode::incompatible);
  if (since != other.since || as_of != other.as_of || period != other.period)
    throw InvalidArgument(
        fmt::format("movements from {} to {} and from {} to {}, or of different periods, cannot be merged",
                    to_string(since), to_string(as_of), to_string(other.since), to_string(other.as_of)),
        ErrorCode::incompatible);
  for (std::size_t i = 0; i < lines.size(); ++i) tally_more(lines[i], other.lines[i]);
  for (std::size_t i = 0; i < flows.size(); ++i) tally_more(flows[i], other.flows[i]);
  for (std::size_t group = 0; group < due.size(); ++group)
    for (std::size_t fate = 0; fate < due[group].size(); ++fate) tally_more(due[group][fate], other.due[group][fate]);
  tally_more(undated, other.undated);
  for (std::size_t i = 0; i < close_changes.size(); ++i) tally_more(close_changes[i], other.close_changes[i]);
  tally_more(on_hold_at_start, other.on_hold_at_start);
  tally_more(on_hold_at_end, other.on_hold_at_end);
}

MovementTable movement_table(const AsOf& view, Timestamp since, const std::optional<Period>& period) {
  check_movement(view, since, period);
  return MovementJudge(view, since, period).judge([](auto&&...) {}, [](auto&&...) {}, [](auto&&...) {});
}

Movement movement(const AsOf& view, Timestamp since, const MovementOptions& options) {
  check_movement(view, since, options.period);
  std::array<std::vector<MovedListed>, kMovementLines> by_line;
  std::vector<MovedListed> later, earlier, past_due;
  Movement result{.graph = view.graph(),
                  .since = view.at(since).day(),
                  .as_of = view.day(),
                  .dates_known = !view.log().expected_closes().empty(),
                  .table = MovementJudge(view, since, options.period)
                               .judge(
                                   [&](MovementLine line, const MovedDeal& deal, Money money) {
                                     by_line[line_place(line)].push_back({deal, money});
                                   },
                                   [&](CloseChange change, const MovedDeal& deal) {
                                     if (change == CloseChange::later) later.push_back({deal, deal.after});
                                     if (change == CloseChange::earlier) earlier.push_back({deal, deal.after});
                                   },
                                   [&](const MovedDeal& deal) {
                                     past_due.push_back({deal, deal.after});
                                   }),
                  .deals = {},
                  .moved_later = {},
                  .moved_earlier = {},
                  .past_due = {}};
  for (std::size_t line = 0; line < kMovementLines; ++line)
    result.deals[line] = listed_deals(view.log(), std::move(by_line[line]), options.list_limit);
  result.moved_later = listed_deals(view.log(), std::move(later), options.list_limit);
  result.moved_earlier = listed_deals(view.log(), std::move(earlier), options.list_limit);
  result.past_due = listed_deals(view.log(), std::move(past_due), options.list_limit);
  return result;
}

}  // namespace putki
