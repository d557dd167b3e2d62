// The mergeable summaries of this layer and those above it, under the laws. To add one: give it a `Trial` and put that
// into `Summaries`.
#include <putki/events/data_quality.hpp>
#include <putki/stats/dated_statistics.hpp>
#include <putki/stats/grouped_statistics.hpp>
#include <putki/stats/purchase_statistics.hpp>
#include <putki/stats/stage_statistics.hpp>

#include "random_log.hpp"
#include "summary_laws.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <tuple>

using namespace putki;

namespace {

class DataQualityTrial {
 public:
  using Summary = DataQualityReport;
  explicit DataQualityTrial(std::mt19937& random) {
    for (int i = 0; i < 60; ++i)
      rules_.push_back(static_cast<DataRule>(random() % (1 + static_cast<unsigned>(DataRule::undeclared_move))));
  }
  std::size_t size() const { return rules_.size(); }
  Summary summarise(std::size_t first, std::size_t last) const {
    Summary report;
    for (std::size_t i = first; i < last; ++i) {
      report.row_read();
      report.found(rules_[i], i + 2, "text " + std::to_string(i * 7919 % 23));
      if (!sets_aside(rules_[i])) report.row_used();
    }
    return report;
  }

 private:
  std::vector<DataRule> rules_;
};

template <class Split>
class StageStatisticsTrial {
 public:
  using Summary = StageStatistics;
  explicit StageStatisticsTrial(std::mt19937& random)
      : graph_(StageGraph::b2b_template()), histories_(test::random_histories(random, graph_)) {}
  std::size_t size() const { return histories_.size(); }
  Summary summarise(std::size_t first, std::size_t last) const {
    Summary statistics(graph_, Split::options());
    const auto shard = std::span(histories_).subspan(first, last - first);
    statistics.update(AsOf(test::build_log(graph_, shard), test::kFirstInstant + std::chrono::hours{24 * 45}));
    return statistics;
  }

 private:
  StageGraph graph_;
  std::vector<test::DealHistory> histories_;
};
struct Whole {
  static StageStatisticsOptions options() { return {.cap_days = 20}; }
};
struct ByWeekAndRegion {
  static StageStatisticsOptions options() {
    return {.cap_days = 20, .entry_period = PeriodUnit::week, .segment_by = "region"};
  }
};
struct OnBusinessDays {
  static StageStatisticsOptions options() {
    return {.cap_days = 20, .clock = BusinessCalendar::weekdays({std::chrono::year{2012} / 1 / 9})};
  }
};

class DatedStatisticsTrial {
 public:
  using Summary = DatedStatistics;
  explicit DatedStatisticsTrial(std::mt19937& random)
      : graph_(StageGraph::b2b_template()), histories_(test::random_histories(random, graph_)) {}
  std::size_t size() const { return histories_.size(); }
  Summary summarise(std::size_t first, std::size_t last) const {
    Summary statistics(graph_);
    const auto shard = std::span(histories_).subspan(first, last - first);
    statistics.update(AsOf(test::build_log(graph_, shard), test::kFirstInstant + std::chrono::hours{24 * 45}));
    return statistics;
  }

 private:
  StageGraph graph_;
  std::vector<test::DealHistory> histories_;
};

// The amounts of these deals come from their names, so that every shard draws the same.
class GroupedStatisticsTrial {
 public:
  using Summary = GroupedStatistics;
  explicit GroupedStatisticsTrial(std::mt19937& random)
      : graph_(StageGraph::b2b_template()), histories_(test::random_histories(random, graph_)) {}
  std::size_t size() const { return histories_.size(); }
  Summary summarise(std::size_t first, std::size_t last) const {
    Summary statistics(graph_, {.segment_by = "region", .size_limits = {Money::from_units(10), Money::from_units(50)}});
    EventLogBuilder builder(graph_, {.reopened = ReopenPolicy::keep, .drop_duplicates = false});
    for (std::size_t i = first; i < last; ++i) {
      const test::DealHistory& history = histories_[i];
      const DealId deal = builder.deal(history.name);
      builder.set_attribute(deal, "region", history.region);
      std::size_t amount = history.name.size() + history.name.back() % 7;
      for (const auto& change : history.changes)
        builder.add({.deal = deal,
                     .time = change.time,
                     .stage = change.stage,
                     .amount = (amount = amount * 31 % 97) % 4 == 0 ? kNoAmount
                                                                    : Money::from_units(static_cast<double>(amount))});
    }
    statistics.update(AsOf(builder.build(), test::kFirstInstant + std::chrono::hours{24 * 45}));
    return statistics;
  }

 private:
  StageGraph graph_;
  std::vector<test::DealHistory> histories_;
};

class PurchaseStatisticsTrial {
 public:
  using Summary = PurchaseStatistics;
  explicit PurchaseStatisticsTrial(std::mt19937& random) {
    for (int i = 0; i < 60; ++i) {
      PurchaseHistory history{.repeats = static_cast<int>(random() % 3), .age_days = static_cast<int>(random() % 4)};
      if (history.repeats > 0) {
        history.recency_days = static_cast<int>(random() % static_cast<unsigned>(history.age_days + 1));
        history.priced_repeats = static_cast<int>(random() % static_cast<unsigned>(history.repeats + 1));
        if (history.priced_repeats > 0) history.repeat_spend = Money{static_cast<int>(random() % 5) - 1};
      }
      histories_.push_back(history);
    }
  }
  std::size_t size() const { return histories_.size(); }
  Summary summarise(std::size_t first, std::size_t last) const {
    Summary statistics;
    for (std::size_t i = first; i < last; ++i) statistics.add(histories_[i], 1 + i % 2);
    return statistics;
  }

 private:
  std::vector<PurchaseHistory> histories_;
};

class OpportunityStatisticsTrial {
 public:
  using Summary = OpportunityStatistics;
  explicit OpportunityStatisticsTrial(std::mt19937& random) {
    for (int i = 0; i < 60; ++i) {
      const int n = static_cast<int>(random() % 4), last = static_cast<int>(random() % static_cast<unsigned>(n + 1));
      cells_.push_back({last == 0 ? 0 : 1 + static_cast<int>(random() % static_cast<unsigned>(last)), last, n});
    }
  }
  std::size_t size() const { return cells_.size(); }
  Summary summarise(std::size_t first, std::size_t last) const {
    Summary statistics;
    for (std::size_t i = first; i < last; ++i) statistics.add(cells_[i]);
    return statistics;
  }

 private:
  std::vector<OpportunityCell> cells_;
};

class TenureStatisticsTrial {
 public:
  using Summary = TenureStatistics;
  explicit TenureStatisticsTrial(std::mt19937& random) {
    for (int i = 0; i < 60; ++i) {
      const int survived = static_cast<int>(random() % 4);
      cells_.push_back({survived, random() % 2 == 0, static_cast<int>(random() % static_cast<unsigned>(survived + 1))});
    }
  }
  std::size_t size() const { return cells_.size(); }
  Summary summarise(std::size_t first, std::size_t last) const {
    Summary statistics;
    for (std::size_t i = first; i < last; ++i) statistics.add(cells_[i]);
    return statistics;
  }

 private:
  std::vector<TenureCell> cells_;
};

using Summaries =
    std::tuple<DataQualityTrial, DatedStatisticsTrial, GroupedStatisticsTrial, OpportunityStatisticsTrial,
               PurchaseStatisticsTrial, StageStatisticsTrial<Whole>, StageStatisticsTrial<ByWeekAndRegion>,
               StageStatisticsTrial<OnBusinessDays>, TenureStatisticsTrial>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("A default value is the identity of merge", "", Summaries) {
  test::check_identity<TestType>();
}
TEMPLATE_LIST_TEST_CASE("Merge is commutative and associative", "", Summaries) {
  test::check_commutative_and_associative<TestType>();
}
TEMPLATE_LIST_TEST_CASE("Split anywhere and merged, it is the summary of the whole", "", Summaries) {
  test::check_split_anywhere<TestType>();
}
TEMPLATE_LIST_TEST_CASE("Merging a value into itself doubles it as a copy would", "", Summaries) {
  test::check_merge_into_itself<TestType>();
}
