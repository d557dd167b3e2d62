// The shapes with a row per deal: deals (created, closed, present stage) and stage_dates (a date per stage).

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include <fmt/format.h>

#include "core/in_quotes.hpp"
#include "ingest/csv_rows.hpp"
#include "ingest/earliest_attributes.hpp"
#include "ingest/stage_names.hpp"

namespace putki {
namespace {

// A date column, and the stage that a deal entered then.
struct DateColumn {
  std::size_t slot;
  StageId stage;
  TimeColumn times;
  TimeColumn::Outcome outcome = TimeColumn::Outcome::missing;
  TimeValue value{};
};

struct Entry {
  StageId stage;
  Timestamp time;
  DayNumber day;
  bool has_time_of_day;
};

class DealRowReader {
 public:
  explicit DealRowReader(const CsvInput& input)
      : input_(input),
        definition_(input.definition),
        graph_(definition_.graph),
        zone_(definition_.time_zone),
        names_(definition_),
        expected_(definition_.columns.expected_close, zone_, definition_.formats.time),
        amount_(definition_.formats) {
    const ColumnNames& named = definition_.columns;
    Columns columns;
    deal_slot_ = columns.require(named.deal, "deal");
    if (definition_.shape == ExportShape::deals) {
      entry_stage_ = entry_stage();
      stage_slot_ = columns.require(named.stage, "stage");
      add_date(columns, named.created, "created", entry_stage_);
      if (!named.closed.empty()) add_date(columns, named.closed, "closed", kNoStage);
    } else {
      if (named.stage_dates.empty()) throw DefinitionError("the definition names no column in columns.stage_dates");
      for (const auto& [name, column] : named.stage_dates) {
        const StageId stage = names_.meaning_of(name);
        if (index(stage) >= graph_.stage_count()) {
          throw DefinitionError("columns.stage_dates: " + detail::in_quotes(name) + " is no stage of the definition");
        }
        add_date(columns, column, "stage_dates." + name, stage);
      }
    }
    amount_slot_ = columns.allow(named.amount, "amount");
    expected_slot_ = columns.allow(named.expected_close, "expected_close");
    for (const std::string& attribute : named.attributes) {
      attribute_slots_.push_back(columns.require(attribute, "attributes"));
    }
    layout_ = find_layout(input.source, columns.wanted(), definition_.formats.separator);
  }

  ReadLog read() {
    go(kSampleRows);
    for (DateColumn& date : dates_) date.times.guess();
    expected_.guess();
    amount_.guess();
    for (int repeats = 0;; ++repeats) {
      if (std::optional<ReadLog> done = go(kAllRows)) return std::move(*done);
      if (repeats == 2) throw std::logic_error("putki: the formats of a file do not settle");
    }
  }

 private:
  // Where a deal begins in a deals export.
  StageId entry_stage() const {
    std::vector<StageId> candidates = graph_.entries();
    for (const StageKind kind : {StageKind::open, StageKind::on_hold}) {
      const std::vector<StageId> stages = graph_.stages_of(kind);
      candidates.insert(candidates.end(), stages.begin(), stages.end());
    }
    for (const StageId stage : candidates) {
      if (!graph_.is_terminal(stage)) return stage;
    }
    throw DefinitionError("a deals export needs a stage of kind open, in which deals begin; the definition has none");
  }

  void add_date(Columns& columns, const std::string& column, const std::string& role, StageId stage) {
    dates_.push_back(
        {columns.require(column, role), stage, TimeColumn(column, zone_, definition_.formats.time), {}, {}});
  }

  std::optional<ReadLog> go(std::uint64_t row_limit) {
    RowWalk walk(input_.source, input_.options, layout_);
    // What cleaning there is concerns whole rows and is done here.
    EventLogBuilder builder(definition_.graph,
                            {.time_zone = zone_, .reopened = ReopenPolicy::keep, .drop_duplicates = false});
    DealAttributes attributes(definition_.columns.attributes);
    deals_used_ = 0;
    while (walk.rows() < row_limit && walk.next()) take(walk, builder, attributes);
    if (row_limit != kAllRows) return std::nullopt;
    bool settled = expected_.settle(input_.source.where());
    settled &= amount_.settle();
    for (DateColumn& date : dates_) settled &= date.times.settle(input_.source.where());
    if (!settled) return std::nullopt;

    attributes.give_to(builder);
    DataQualityReport report = std::move(walk.report());
    walk.refuse_defects(report);
    if (!report.adds_up() || report.rows_read() != walk.rows() || report.rows_used() != deals_used_) {
      throw std::logic_error("putki: a row was neither used nor set aside");
    }
    return ReadLog{builder.build(), std::move(report)};
  }

  void take(RowWalk& walk, EventLogBuilder& builder, DealAttributes& attributes) {
    const bool is_deals = definition_.shape == ExportShape::deals;
    StageId present = kNoStage;
    if (is_deals) {
      present = names_.meaning_of(walk.raw(stage_slot_));
      if (present == StageNames::kIgnored) return walk.set_aside(DataRule::ignored_stage, walk.text(stage_slot_));
    }
    const std::string_view id = walk.text(deal_slot_);
    if (id.empty()) return walk.set_aside(DataRule::missing_id);
    if (is_deals && present == StageNames::kUnknown) {
      const std::string_view name = walk.text(stage_slot_);
      return name.empty() ? walk.set_aside(DataRule::missing_stage) : walk.set_aside(DataRule::unknown_stage, name);
    }
    // Every format is asked before the row may be set aside, so that what a column votes for does not depend on how
    // another one is read.
    for (DateColumn& date : dates_) date.outcome = date.times.read(walk.raw(date.slot), date.value);
    Money amount = kNoAmount;
    auto read_amount = AmountColumn::Outcome::missing;
    if (amount_slot_ != Columns::kNone) read_amount = amount_.read(walk.raw(amount_slot_), amount);
    TimeValue close{};
    auto read_close = TimeColumn::Outcome::missing;
    if (expected_slot_ != Columns::kNone) read_close = expected_.read(walk.raw(expected_slot_), close);

    entries_.clear();
    if (is_deals) {
      if (!enter(walk, dates_[0], entry_stage_, true)) return;
      if (graph_.is_terminal(present)) {
        if (dates_.size() < 2) return walk.set_aside(DataRule::missing_time);
        if (!enter(walk, dates_[1], present, true)) return;
      } else if (dates_.size() == 2 && expected_slot_ == Columns::kNone) {
        read_close = dates_[1].outcome;  // the close date of a deal that is not closed
        close = dates_[1].value;
      }
    } else {
      for (DateColumn& date : dates_) {
        if (!enter(walk, date, date.stage, false)) return;
      }
      if (entries_.empty()) return walk.set_aside(DataRule::missing_time);
    }
    put_in_order();
    const bool reopened = leaves_an_end();
    if (reopened && ends_before_all()) return walk.set_aside(DataRule::closed_before_created);
    if (reopened && definition_.reopened == ReopenPolicy::ignore) {
      return walk.set_aside(DataRule::stage_dates_out_of_order);
    }
    const DealId deal = builder.deal(id);
    if (index(deal) < deals_used_) return walk.set_aside(DataRule::duplicate_row, id);

    walk.report().row_read();
    walk.report().row_used();
    ++deals_used_;
    if (reopened) walk.note(DataRule::reopened, id);
    note_amount(walk, amount_slot_, read_amount);
    const StageId last = entries_.back().stage;
    const bool is_open = !graph_.is_terminal(last);
    if (is_open && amount_slot_ != Columns::kNone && read_amount == AmountColumn::Outcome::missing) {
      walk.note(DataRule::empty_amount_while_open, id);
    }
    if (graph_.kind(last) == StageKind::lost && amount == Money{0}) walk.note(DataRule::zero_amount_at_loss, id);
    if (is_deals) {
      if (is_open && present != entry_stage_) walk.note(DataRule::undated_stage, graph_.stage(present).name);
    } else {
      note_undeclared_move(walk);
    }
    DayNumber expected_close = kNoDay;
    if (is_open) {
      const std::size_t slot = expected_slot_ != Columns::kNone ? expected_slot_ : dates_.back().slot;
      expected_close = close_day(walk, slot, read_close, close, zone_);
    }
    for (std::size_t e = 0; e < entries_.size(); ++e) {
      const bool is_last = e + 1 == entries_.size();
      builder.add({.deal = deal,
                   .time = entries_[e].time,
                   .stage = entries_[e].stage,
                   .amount = is_last ? amount : kNoAmount,
                   .expected_close = is_last ? expected_close : kNoDay});
    }
    for (std::size_t a = 0; a < attribute_slots_.size(); ++a) {
      attributes.see(a, deal, entries_.front().time, walk.text(attribute_slots_[a]));
    }
  }

  // False: the row was set aside for this date.
  bool enter(RowWalk& walk, const DateColumn& date, StageId stage, bool required) {
    if (date.outcome == TimeColumn::Outcome::missing) {
      if (required) walk.set_aside(DataRule::missing_time);
      return !required;
    }
    if (date.outcome == TimeColumn::Outcome::unreadable) {
      walk.set_aside(DataRule::unreadable_time, walk.text(date.slot));
      return false;
    }
    const DayNumber day = log_day(zone_, date.value.time);
    if (day == kNoDay) {
      walk.set_aside(DataRule::time_out_of_range, walk.text(date.slot));
      return false;
    }
    entries_.push_back({stage, date.value.time, day, date.value.has_time_of_day});
    return true;
  }

  std::size_t rank(StageId stage) const {
    return index(stage) + (graph_.is_terminal(stage) ? graph_.stage_count() : 0);
  }

  // By time; a date without time of day is not before an earlier stage's time on that day, and equal times are in stage
  // order, ends last.
  void put_in_order() {
    for (Entry& date : entries_) {
      if (date.has_time_of_day) continue;
      for (const Entry& timed : entries_) {
        if (timed.has_time_of_day && timed.day == date.day && rank(timed.stage) < rank(date.stage)) {
          date.time = std::max(date.time, timed.time);
        }
      }
    }
    std::stable_sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
      return a.time != b.time ? a.time < b.time : rank(a.stage) < rank(b.stage);
    });
  }

  bool leaves_an_end() const {
    return std::any_of(entries_.begin(), entries_.end() - 1,
                       [this](const Entry& entry) { return graph_.is_terminal(entry.stage); });
  }
  // An end comes first, and an open stage only after it.
  bool ends_before_all() const {
    return graph_.is_terminal(entries_.front().stage) &&
           std::any_of(entries_.begin(), entries_.end(),
                       [this](const Entry& entry) { return !graph_.is_terminal(entry.stage); });
  }

  void note_undeclared_move(RowWalk& walk) {
    for (std::size_t e = 1; e < entries_.size(); ++e) {
      const StageId from = entries_[e - 1].stage;
      const StageId to = entries_[e].stage;
      if (!graph_.declares_moves() || graph_.is_terminal(from) || graph_.allows(from, to)) continue;
      return walk.note(DataRule::undeclared_move, graph_.stage(from).name + " > " + graph_.stage(to).name);
    }
  }

  const CsvInput& input_;
  const PipelineDefinition& definition_;
  const StageGraph& graph_;
  const TimeZone& zone_;
  StageNames names_;
  std::vector<DateColumn> dates_;  // shape deals: created, closed
  TimeColumn expected_;
  AmountColumn amount_;
  StageId entry_stage_ = kNoStage;
  std::size_t deal_slot_ = 0, stage_slot_ = 0, amount_slot_ = 0, expected_slot_ = 0;
  std::vector<std::size_t> attribute_slots_;
  CsvLayout layout_;
  std::vector<Entry> entries_;
  std::size_t deals_used_ = 0;
};

}  // namespace

ReadLog read_deal_rows(const CsvInput& input) {
  return DealRowReader(input).read();
}

}  // namespace putki
