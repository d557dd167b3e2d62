#pragma once
/// \file
/// What was known at an instant.
///
/// `AsOf` is a view: later events, later amounts and deals that appear later do not exist in it. Every estimator takes
/// one, so a backtest cannot peek. Holds a shared log (no copy of columns) and, when filtered, the list of deals kept.
/// A small immutable value: copy it, read it from several threads. An empty log gives a view without deals.
///
/// An event at exactly the instant is known. Ages are whole local days: an event's age in its stage is its local day
/// minus the day of entry, and a visit still open at the view has age `first_unknown_day() - entry day`: that many
/// whole days have gone by without a move.
///
/// Which day is the first not fully known depends on what the times are. With times of day, a view at 00:00 of a day
/// knows what came before it, so that day is unknown. In a log of dates (EventLog::date_only) every record of a day
/// stands at its 00:00, so a view at any time of that day knows all of it, and the first unknown day is the next.
///
/// Attributes carry no time: they are what was known when the deal first appeared, so a filter does not peek either.

#include <putki/events/event_log.hpp>

#include <algorithm>

namespace putki {

/// One stay of a deal in a stage.
struct Visit {
  DealId deal;
  std::uint32_t number;  ///< 0 for the deal's first visit to any stage, 1 for the next, ...
  StageId stage;
  StageId next;         ///< kNoStage: still there at the view (censored, or in a terminal stage)
  std::uint32_t entry;  ///< event index of the entry
  std::uint32_t exit;   ///< event index of the move out; the deal's end of known events when there is none
};

/// A deal as it stood at the instant.
struct DealState {
  DealId deal;
  StageId stage;
  Timestamp created;  ///< first event
  Timestamp entered;  ///< entry into the present stage
  DayNumber entered_day;
  Money amount;              ///< last known amount at the instant, kNoAmount when none was ever given
  DayNumber expected_close;  ///< last known
};

struct AsOfPart;

class AsOf {
 public:
  /// Any instant is allowed, also before the first event (no deals) or after the last.
  AsOf(EventLog log, Timestamp instant);
  /// 00:00 of `day` in the log's time zone.
  AsOf(EventLog log, Day day);
  /// Everything in the log is known; censoring at its last event. An empty log is as of 1970-01-01.
  static AsOf end_of(EventLog log);

  const EventLog& log() const { return log_; }
  const StageGraph& graph() const { return log_.graph(); }
  Timestamp instant() const { return instant_; }
  /// Local day of the instant.
  Day day() const { return day_; }
  /// First local day of which not everything is known: day(), but the day after for date-only logs, whose rows of day()
  /// are all known at its 00:00.
  DayNumber first_unknown_day() const { return first_unknown_day_; }

  /// The deals of this selection whose `attribute` equals `value`; the empty text selects those without a value.
  /// Unknown attribute: InvalidArgument; a value nobody has: no deals. O(deals).
  AsOf where(std::string_view attribute, std::string_view value) const;
  /// The same deals at an earlier or later instant.
  AsOf at(Timestamp instant) const;
  /// This selection cut by the values of `attribute`: the same as `where` for each value that a deal known at the
  /// instant has, by value in byte order (the empty text, unknown, comes first). Every known deal is in exactly one
  /// part, so counting over one part after the other is one pass over the events. Unknown attribute: InvalidArgument.
  /// O(deals).
  std::vector<AsOfPart> split_by(std::string_view attribute) const;

  /// No filter was applied.
  bool selects_all() const { return selection_ == nullptr; }
  /// Deals of the selection (whether or not they exist yet at the instant), ascending; empty when selects_all().
  std::span<const DealId> selection() const;

  /// End of the known events of a deal: an index in [offsets[d], offsets[d + 1]]. O(log events of the deal); O(1),
  /// without touching the times, when the whole log is known.
  std::uint32_t known_end(DealId deal) const {
    const std::uint32_t first = offsets_[index(deal)];
    const std::uint32_t last = offsets_[index(deal) + 1];
    return knows_all_ ? last : search_known_end(first, last);
  }

  /// Calls f(DealId, first, last) for every selected deal with at least one known event, [first, last) its known
  /// events.
  template <class F>
  void for_each_deal(F&& f) const {
    const auto one = [&](DealId deal) {
      const std::uint32_t first = offsets_[index(deal)];
      const std::uint32_t last = known_end(deal);
      if (last > first) f(deal, first, last);
    };
    if (selects_all()) {
      for (std::size_t d = 0; d + 1 < offsets_.size(); ++d) one(static_cast<DealId>(d));
    } else {
      for (const DealId deal : selection()) one(deal);
    }
  }
  /// Calls f(const Visit&) for every visit of every such deal, terminal stays included, in order.
  template <class F>
  void for_each_visit(F&& f) const {
    const auto stages = log_.stages();
    for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
      std::uint32_t number = 0;
      for (std::uint32_t entry = first; entry < last;) {
        std::uint32_t exit = entry + 1;
        while (exit < last && stages[exit] == stages[entry]) ++exit;
        f(Visit{deal, number++, stages[entry], exit < last ? stages[exit] : kNoStage, entry, exit});
        entry = exit;
      }
    });
  }
  /// The state of a deal with at least one known event [first, last), as for_each_deal hands them out.
  DealState state_of(DealId deal, std::uint32_t first, std::uint32_t last) const;

 private:
  std::uint32_t search_known_end(std::uint32_t first, std::uint32_t last) const;

  EventLog log_;
  std::span<const std::uint32_t> offsets_;  // of log_, which keeps them alive
  std::span<const Timestamp> times_;
  Timestamp instant_;
  Day day_;
  DayNumber first_unknown_day_;
  bool knows_all_;
  std::shared_ptr<const std::vector<DealId>> selection_;
};

/// The deals that share one value of an attribute.
struct AsOfPart {
  std::string value;
  AsOf view;
};

}  // namespace putki
