#pragma once
/// \file
/// Step funnels: of the deals that entered one, how many came to each step within a window, and how fast.
///
/// A step is a visit to one of its stages. An **attempt** starts at an entry and has reached step k when visits can be
/// found for it that keep every rule below, the first of them the entry. What counts is that such visits exist: with
/// gaps or exclusions the first visit to a step may be the wrong one to take, so none is taken for good.
///
///   ordered    visits e = i_0 < i_1 < .. < i_k, one for each step 0 .. k (an optional one may be left out, k itself
///              not); other stages may lie between.
///   strict     the same, each visit directly after the one before it.
///   unordered  an attempt has reached row k when k + 1 different steps have been done, in any order, each by a visit
///              of its own (the largest matching of visits to steps).
///   window     the visit that reaches a step begins at most this long after the entry. At the limit counts.
///   gaps       from the visit of the step before (the last one not left out) to the visit of this step: at least
///              min_gap, at most max_gap. Limits count.
///   exclusion  no visit to its stages may lie strictly between two visits taken, from the one of step `after` to the
///              one of step `before`. In a strict funnel nothing lies between. Unordered: a visit to such a stage that
///              does not raise the number of steps done ends the attempt.
///   entries    ordered and strict: visits to the first step. First or latest: that one visit of the deal is its
///              attempt; every: each is one, so that a deal counts as often as it entered. Unordered: attempts do not
///              overlap. One begins at the first visit to any step after the one before it ended (by having done all
///              steps, by an exclusion, or by the window); first or latest: that one alone.
///
/// The time of a step is the earliest begin of a visit that can reach it. Rows that repeat a stage are no visits;
/// visits at one instant have an order, that of the log.
///
/// **Mature** are the attempts whose whole window has been seen, entry + window <= instant, whatever became of them;
/// the others are too young to tell and are counted apart, never as failures. (To count the young ones that already
/// converted would favour the fast.) Their part is in `by_window`: the Kaplan-Meier estimate of having reached the
/// step, each attempt seen for min(window, instant - entry). That limit is known for every attempt, also for deals lost
/// in the meantime, so those stay in the count until it: lost is no failure before the window is over, as a deal may be
/// reopened. When all attempts are mature it is exactly reached / attempts. Without a window no attempt is mature.
///
/// How this differs from what CRMs and product analytics show. They divide the deals in one stage by those in another,
/// whoever they are; they let the youngest entries fail; they match steps greedily, so that a minimum gap loses deals
/// which kept it; and a funnel by owner counts each deal at today's owner.
///
/// Attributes have one value a deal, as first known (as_of.hpp), so a breakdown by attribute is AsOf::split_by with
/// this funnel on each part; which entry of the deal is counted there is `entries`. What does change on the way is the
/// stage that a deal came from: step_funnel_by_origin.
///
/// Time is real: a day has 24 hours. Cost: one pass over the events. Counts of ordered funnels of first entries without
/// gaps, exclusions, optional steps or value read only stages (2 bytes an event) and, with a window, times (8 bytes):
/// 10 million events in about 10 ms on two cores, 20 ms on one. Otherwise O(visits x steps) a deal, but for every entry
/// of a funnel that is strict or has gaps, exclusions or optional steps as much an attempt. The figures sort the times
/// of each step. No deals: zeros, intervals [0, 1], no medians.
///
/// Sources: Wilson 1927 (intervals of shares); Kaplan & Meier 1958.

#include <putki/funnel/stage_reach.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace putki {

enum class StepOrder { ordered, strict, unordered };
enum class StepEntries { first, latest, every };
/// Which amount of the deal an attempt is worth.
enum class StepValue {
  none,      ///< attempts are only counted
  at_entry,  ///< last known at the entry: what one could know then
  latest,    ///< last known at the view; a zero in a row of a lost stage is no amount
};
/// `ordered|strict|unordered`, `first|latest|every`; InvalidArgument names the text and the allowed words.
StepOrder parse_step_order(std::string_view text);
StepEntries parse_step_entries(std::string_view text);
std::string to_string(StepOrder order);
std::string to_string(StepEntries entries);
std::string to_string(StepValue value);

struct FunnelStep {
  std::vector<StageId> stages;                            ///< a visit to any of them
  bool optional = false;                                  ///< may be left out; not the first step, not unordered
  std::optional<std::chrono::microseconds> min_gap = {};  ///< >= 0; not the first step, not unordered
  std::optional<std::chrono::microseconds> max_gap = {};  ///< >= min_gap; likewise
};

inline constexpr std::size_t kLastStep = static_cast<std::size_t>(-1);

struct FunnelExclusion {
  std::vector<StageId> stages;
  std::size_t after = 0;           ///< counts once this step is taken, ..
  std::size_t before = kLastStep;  ///< .. until this one is; neither may be optional. Unordered: as they are here
};

struct StepFunnelQuestion {
  std::vector<FunnelStep> steps;  ///< 1 to 64
  StepOrder order = StepOrder::ordered;
  std::optional<std::chrono::microseconds> window = Days{90};  ///< above 0; nothing: no limit
  std::vector<FunnelExclusion> exclusions = {};                ///< at most 64
  StepEntries entries = StepEntries::first;
  StepValue value = StepValue::none;
  unsigned threads = 0;  ///< 0: one per core; the result does not depend on it
};

/// The main way through a graph as steps: its gates (StageGraph::gates) and any won stage, when there are two gates or
/// more; else the open stages by rank, those of one rank as one step, and any won stage. Of more than 62 steps before
/// winning only the first 62.
std::vector<FunnelStep> main_steps(const StageGraph& graph);

struct StepTally {
  std::uint64_t attempts = 0;
  std::uint64_t amounts_known = 0;  ///< of the attempts; 0 with StepValue::none
  Money amount;                     ///< of those
  StepTally& operator+=(const StepTally& other);
  friend bool operator==(const StepTally&, const StepTally&) = default;
};

/// Counts of shards of deals, merged, are those of the whole; the default value is the identity.
struct StepFunnelCounts {
  std::uint64_t deals = 0;          ///< known in the view, with an attempt or without
  std::vector<StepTally> mature;    ///< one per step: reached it; the first are all entries
  std::vector<StepTally> immature;  ///< likewise, so far
  /// InvalidArgument (ErrorCode::incompatible) when both have steps and not the same number.
  void merge(const StepFunnelCounts& other);
  friend bool operator==(const StepFunnelCounts&, const StepFunnelCounts&) = default;
};

/// InvalidArgument for what the question does not allow: see its fields.
StepFunnelCounts count_step_funnel(const AsOf& view, const StepFunnelQuestion& question);

struct StepFigures {
  std::string label;  ///< its stages, joined by " / "; unordered: "any 2 steps"
  bool optional;
  StepTally mature;    ///< reached, of attempts seen for the whole window
  StepTally immature;  ///< reached so far, of those too young
  /// Of mature attempts (without a window: of all, so far). `from_previous` and `dropped` look back to the step before
  /// that is not optional; Wilson limits. Attempts of one deal count as if independent.
  ShareWithLimits from_first;
  ShareWithLimits from_previous;
  std::uint64_t dropped;
  /// By value, of the same attempts with a known amount: money that reached the step / money that entered. Nothing
  /// without value or without money.
  std::optional<double> value_from_first;
  /// Of all attempts, the young ones for as long as they were seen: reached within `seen_days`; log-log limits.
  ShareWithLimits by_window;
  /// Real days between the earliest visits to the step before and to this one, among the same attempts that reached
  /// both: the median, lower one of two. Nothing when none did.
  std::optional<double> median_days;
  std::optional<double> median_days_from_first;
};

struct StepFunnel {
  StepFunnelQuestion question;
  Day as_of;
  StepFunnelCounts counts;
  double seen_days = 0;  ///< the window, or as long as the oldest attempt was seen when that is shorter
  std::vector<StepFigures> steps;
};

StepFunnel step_funnel(const AsOf& view, const StepFunnelQuestion& question);

/// Which visit of the deal before its entry an attempt is credited to.
enum class StepOrigin { first, last };

struct StepFunnelPart {
  StageId stage;  ///< kNoStage: nothing lay before the entry
  StepFunnel funnel;
};

/// The funnel cut by where the attempt came from: the first stage of the deal (what brought it in) or the stage
/// directly before the entry. Each attempt is in one part; parts in stage order, kNoStage last; counts.deals of a part
/// are the deals with an attempt in it.
std::vector<StepFunnelPart> step_funnel_by_origin(const AsOf& view, const StepFunnelQuestion& question,
                                                  StepOrigin origin);

}  // namespace putki
