// The history shape: a row per change.

#include <stdexcept>

#include "ingest/csv_rows.hpp"
#include "ingest/earliest_attributes.hpp"
#include "ingest/stage_names.hpp"

namespace putki {
namespace {

class HistoryReader {
 public:
  explicit HistoryReader(const CsvInput& input)
      : input_(input),
        definition_(input.definition),
        names_(definition_),
        time_(definition_.columns.time, definition_.time_zone, definition_.formats.time),
        expected_(definition_.columns.expected_close, definition_.time_zone, definition_.formats.time),
        amount_(definition_.formats) {
    Columns columns;
    deal_slot_ = columns.require(definition_.columns.deal, "deal");
    stage_slot_ = columns.require(definition_.columns.stage, "stage");
    time_slot_ = columns.require(definition_.columns.time, "time");
    amount_slot_ = columns.allow(definition_.columns.amount, "amount");
    expected_slot_ = columns.allow(definition_.columns.expected_close, "expected_close");
    for (const std::string& attribute : definition_.columns.attributes) {
      attribute_slots_.push_back(columns.require(attribute, "attributes"));
    }
    layout_ = find_layout(input.source, columns.wanted(), definition_.formats.separator);
  }

  ReadLog read() {
    // A look at the first rows, so that the formats assumed at first are mostly right and one go is enough.
    go(kSampleRows);
    time_.guess();
    expected_.guess();
    amount_.guess();
    for (int repeats = 0;; ++repeats) {
      if (std::optional<ReadLog> done = go(kAllRows)) return std::move(*done);
      if (repeats == 2) throw std::logic_error("putki: the formats of a file do not settle");
    }
  }

 private:
  // One go over the rows. Nothing when it was about the first rows only, or the formats were not as assumed.
  std::optional<ReadLog> go(std::uint64_t row_limit) {
    RowWalk walk(input_.source, input_.options, layout_);
    last_id_.clear();
    EventLogBuilder builder(definition_.graph, {.time_zone = definition_.time_zone,
                                                .reopened = definition_.reopened,
                                                .amounts_expected = amount_slot_ != Columns::kNone});
    DealAttributes attributes(definition_.columns.attributes);
    while (walk.rows() < row_limit && walk.next()) take(walk, builder, attributes);
    if (row_limit != kAllRows) return std::nullopt;
    bool settled = time_.settle(input_.source.where());
    settled &= expected_.settle(input_.source.where());
    settled &= amount_.settle();
    if (!settled) return std::nullopt;

    attributes.give_to(builder);
    DataQualityReport report = std::move(walk.report());
    EventLog log = builder.build(&report);
    walk.refuse_defects(report);
    if (!report.adds_up() || report.rows_read() != walk.rows()) {
      throw std::logic_error("putki: a row was neither used nor set aside");
    }
    return ReadLog{std::move(log), std::move(report)};
  }

  void take(RowWalk& walk, EventLogBuilder& builder, DealAttributes& attributes) {
    const std::string_view raw_stage = walk.raw(stage_slot_);
    const StageId stage = names_.meaning_of(raw_stage);
    if (stage == StageNames::kIgnored) return walk.set_aside(DataRule::ignored_stage, trimmed(raw_stage));
    const std::string_view id = walk.text(deal_slot_);
    if (id.empty()) return walk.set_aside(DataRule::missing_id);
    if (stage == StageNames::kUnknown) {
      const std::string_view name = trimmed(raw_stage);
      return name.empty() ? walk.set_aside(DataRule::missing_stage) : walk.set_aside(DataRule::unknown_stage, name);
    }
    // Every format is asked before the row may be set aside, so that what a column votes for does not depend on how
    // another one is read.
    TimeValue time{};
    const auto read_time = time_.read(walk.raw(time_slot_), time);
    Money amount = kNoAmount;
    auto read_amount = AmountColumn::Outcome::missing;
    if (amount_slot_ != Columns::kNone) read_amount = amount_.read(walk.raw(amount_slot_), amount);
    TimeValue close{};
    auto read_close = TimeColumn::Outcome::missing;
    if (expected_slot_ != Columns::kNone) read_close = expected_.read(walk.raw(expected_slot_), close);

    if (read_time == TimeColumn::Outcome::missing) return walk.set_aside(DataRule::missing_time);
    if (read_time == TimeColumn::Outcome::unreadable) {
      return walk.set_aside(DataRule::unreadable_time, walk.text(time_slot_));
    }
    note_amount(walk, amount_slot_, read_amount);
    const DayNumber expected_close = expected_slot_ == Columns::kNone
                                         ? kNoDay
                                         : close_day(walk, expected_slot_, read_close, close, definition_.time_zone);

    const DealId deal = deal_of(id, builder);
    builder.add({.deal = deal,
                 .time = time.time,
                 .stage = stage,
                 .amount = amount,
                 .expected_close = expected_close,
                 .source_row = walk.row()});
    for (std::size_t a = 0; a < attribute_slots_.size(); ++a) {
      attributes.see(a, deal, time.time, walk.text(attribute_slots_[a]));
    }
  }

  // Neighbouring rows are often of one deal. Ids are never empty.
  DealId deal_of(std::string_view id, EventLogBuilder& builder) {
    if (id != last_id_) {
      last_deal_ = builder.deal(id);
      last_id_ = id;
    }
    return last_deal_;
  }

  const CsvInput& input_;
  const PipelineDefinition& definition_;
  StageNames names_;
  TimeColumn time_;
  TimeColumn expected_;
  AmountColumn amount_;
  std::size_t deal_slot_, stage_slot_, time_slot_, amount_slot_, expected_slot_;
  std::vector<std::size_t> attribute_slots_;
  CsvLayout layout_;
  std::string last_id_;
  DealId last_deal_{};
};

}  // namespace

ReadLog read_history(const CsvInput& input) {
  return HistoryReader(input).read();
}

}  // namespace putki
