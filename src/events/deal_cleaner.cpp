#include "events/deal_cleaner.hpp"

#include <limits>
#include <stdexcept>

namespace putki {
namespace {

// Up to this many rows of one time are compared with each other; more go through a set, so that no input costs the
// square of its rows.
constexpr std::uint32_t kSmallGroup = 16;
constexpr std::uint32_t kNoGroup = 0xffffffffU;
constexpr std::size_t kStagesInTable = 256;

}  // namespace

DealCleaner::DealCleaner(const StagedRows& rows, const StringTable& deals, const StageGraph& graph,
                         const EventLogOptions& options, bool note_amounts, DataQualityReport* report,
                         EventLogColumns& columns)
    : rows_(rows),
      deals_(deals),
      graph_(graph),
      options_(options),
      note_amounts_(note_amounts),
      report_(report),
      columns_(columns),
      zone_(options.time_zone),
      stage_count_(graph.stage_count()),
      declares_moves_(graph.declares_moves()),
      first_time_(std::numeric_limits<std::int64_t>::max()),
      last_time_(std::numeric_limits<std::int64_t>::min()),
      crowd_group_(kNoGroup) {
  for (const Stage& stage : graph.stages()) kinds_.push_back(stage.kind);
  if (declares_moves_ && stage_count_ <= kStagesInTable) {
    for (std::size_t from = 0; from < stage_count_; ++from) {
      for (std::size_t to = 0; to < stage_count_; ++to) {
        allowed_.push_back(graph.allows(static_cast<StageId>(from), static_cast<StageId>(to)) ? 1 : 0);
      }
    }
  }
  columns.times = Column<Timestamp>(rows.size());
  columns.days = Column<DayNumber>(rows.size());
  columns.stages = Column<StageId>(rows.size());
  columns.amounts = Column<Money>(rows.size());
  columns.has_expected_closes = rows.has_expected_closes();
  if (columns.has_expected_closes) columns.expected_closes = Column<DayNumber>(rows.size());
}

void DealCleaner::clean(std::span<std::uint32_t> order) {
  bool in_order = true;
  for (std::size_t j = 1; j < order.size(); ++j) in_order &= rows_[order[j - 1]].time <= rows_[order[j]].time;
  if (!in_order) {
    std::stable_sort(order.begin(), order.end(),
                     [this](std::uint32_t a, std::uint32_t b) { return rows_[a].time < rows_[b].time; });
  }

  const std::uint32_t first = written_;
  std::uint32_t group = first;  // the first event written of the present time
  std::uint32_t first_open_row = kNoGroup;
  bool amount_while_open = false;
  bool zero_noted = false;
  for (const std::uint32_t number : order) {
    const StagedRow& row = rows_[number];
    const Timestamp time{std::chrono::microseconds{row.time}};
    const auto stage = static_cast<StageId>(row.stage);
    const DayNumber day = log_day(zone_, time);
    if (day == kNoDay) [[unlikely]] {
      set_aside(DataRule::time_out_of_range, number, deals_[row.deal]);
      continue;
    }
    const DayNumber expected_close = columns_.has_expected_closes ? rows_.expected_close(number) : kNoDay;
    if (written_ > first) {
      if (columns_.times[group] != time) {
        group = written_;
      } else if (options_.drop_duplicates && is_duplicate(group, row, expected_close)) {
        set_aside(DataRule::duplicate_row, number, deals_[row.deal]);
        continue;
      }
      const StageId before = columns_.stages[written_ - 1];
      if (before != stage) {
        if (is_terminal(kinds_[index(before)])) [[unlikely]] {
          if (options_.reopened == ReopenPolicy::ignore) {
            set_aside(DataRule::after_terminal, number, move_text(before, stage));
            continue;
          }
          note(DataRule::reopened, number, move_text(before, stage));
        } else if (declares_moves_ && !is_declared(before, stage)) [[unlikely]] {
          note(DataRule::undeclared_move, number, move_text(before, stage));
        }
      }
    }
    if (row.flags != 0) [[unlikely]] {
      if ((row.flags & kImpossibleAmount) != 0) note(DataRule::impossible_amount, number, deals_[row.deal]);
      if ((row.flags & kUnreadableClose) != 0) note(DataRule::unreadable_close_date, number, deals_[row.deal]);
    }
    if (!is_terminal(kinds_[row.stage])) {
      if (first_open_row == kNoGroup) first_open_row = number;
      amount_while_open |= row.amount != kNoAmount.minor;
    } else if (row.amount == 0 && kinds_[row.stage] == StageKind::lost && !zero_noted) [[unlikely]] {
      zero_noted = true;
      note(DataRule::zero_amount_at_loss, number, deals_[row.deal]);
    }
    if (date_only_ && time != zone_.start_of(to_day(day))) {
      date_only_ = false;
      if (options_.dates_only == true) refuse_time_of_day(row, day);
    }

    columns_.times[written_] = time;
    columns_.days[written_] = day;
    columns_.stages[written_] = stage;
    columns_.amounts[written_] = Money{row.amount};
    if (columns_.has_expected_closes) columns_.expected_closes[written_] = expected_close;
    ++written_;
  }
  if (written_ == first) return;
  first_time_ = std::min(first_time_, columns_.times[first].time_since_epoch().count());
  last_time_ = std::max(last_time_, columns_.times[written_ - 1].time_since_epoch().count());
  if (note_amounts_ && first_open_row != kNoGroup && !amount_while_open) {
    note(DataRule::empty_amount_while_open, first_open_row, deals_[rows_[first_open_row].deal]);
  }
}

bool DealCleaner::is_declared(StageId from, StageId to) const {
  return allowed_.empty() ? graph_.allows(from, to) : allowed_[index(from) * stage_count_ + index(to)] != 0;
}

bool DealCleaner::is_duplicate(std::uint32_t group, const StagedRow& row, DayNumber expected_close) {
  const auto content = [this](std::uint32_t event) {
    return Content{static_cast<std::uint16_t>(columns_.stages[event]), columns_.amounts[event].minor,
                   columns_.has_expected_closes ? columns_.expected_closes[event] : kNoDay};
  };
  const Content wanted{row.stage, row.amount, expected_close};
  if (written_ - group <= kSmallGroup) {
    for (std::uint32_t event = group; event < written_; ++event) {
      if (content(event) == wanted) return true;
    }
    return false;
  }
  if (crowd_group_ != group) {
    crowd_.clear();
    crowd_group_ = group;
    crowd_end_ = group;
  }
  for (; crowd_end_ < written_; ++crowd_end_) crowd_.insert(content(crowd_end_));
  return crowd_.contains(wanted);
}

void DealCleaner::set_aside(DataRule rule, std::uint32_t row, std::string_view example) {
  ++set_aside_;
  note(rule, row, example);
}

void DealCleaner::note(DataRule rule, std::uint32_t row, std::string_view example) {
  if (report_ != nullptr) report_->found(rule, rows_.source_row(row), example);
}

void DealCleaner::refuse_time_of_day(const StagedRow& row, DayNumber day) const {
  throw InvalidArgument("dates_only is declared, but an event of deal \"" + std::string(deals_[row.deal]) + "\" on " +
                        to_string(to_day(day)) + " does not fall on midnight in the log's time zone, " + zone_.text());
}

std::string DealCleaner::move_text(StageId from, StageId to) const {
  if (report_ == nullptr) return {};
  return graph_.stage(from).name + " > " + graph_.stage(to).name;
}

void DealCleaner::finish() {
  columns_.events = written_;
  columns_.date_only = options_.dates_only.value_or(date_only_ && written_ > 0);
  if (written_ > 0) {
    columns_.first_time = Timestamp{std::chrono::microseconds{first_time_}};
    columns_.last_time = Timestamp{std::chrono::microseconds{last_time_}};
  }
  if (written_ + set_aside_ != rows_.size()) throw std::logic_error("putki: a row was neither used nor set aside");
  if (report_ != nullptr) {
    report_->row_read(rows_.size());
    report_->row_used(written_);
  }
}

}  // namespace putki
