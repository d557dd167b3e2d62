// The mergeable results of this layer under the laws of summary_laws.hpp. To add one: give it a `Trial` and put that
// into `Summaries`.
#include <putki/funnel/balance.hpp>
#include <putki/funnel/cohorts.hpp>
#include <putki/funnel/movement.hpp>
#include <putki/funnel/paths.hpp>
#include <putki/funnel/stage_card.hpp>
#include <putki/funnel/stage_flow.hpp>
#include <putki/funnel/stage_stock.hpp>
#include <putki/funnel/step_funnel.hpp>

#include "random_log.hpp"
#include "summary_laws.hpp"

#include <catch2/catch.hpp>

#include <tuple>

using namespace putki;

namespace {

// Histories with amounts and expected closes; a result is of the shard's deals as of day 45.
template <class Result>
class FunnelTrial {
 public:
  using Summary = typename Result::Summary;
  explicit FunnelTrial(std::mt19937& random)
      : graph_(StageGraph::b2b_template()), histories_(test::random_histories(random, graph_, {.amounts = true})) {}
  std::size_t size() const { return histories_.size(); }
  Summary summarise(std::size_t first, std::size_t last) const {
    const auto shard = std::span(histories_).subspan(first, last - first);
    return Result::of(AsOf(test::build_log(graph_, shard), test::kFirstInstant + std::chrono::hours{24 * 45}));
  }

 private:
  StageGraph graph_;
  std::vector<test::DealHistory> histories_;
};

struct Flows {
  using Summary = StageFlows;
  static Summary of(const AsOf& view) { return stage_flows(view); }
};

struct CohortsByWeek {
  using Summary = CohortCounts;
  static Summary of(const AsOf& view) { return count_cohorts(view, PeriodUnit::week); }
};

struct Steps {
  using Summary = StepFunnelCounts;
  static Summary of(const AsOf& view) {
    return count_step_funnel(view, {.steps = main_steps(view.graph()),
                                    .window = Days{20},
                                    .entries = StepEntries::every,
                                    .value = StepValue::latest});
  }
};

struct Moved {
  using Summary = MovementTable;
  static Summary of(const AsOf& view) {
    return movement_table(view, test::kFirstInstant + std::chrono::hours{24 * 20});
  }
};

struct Moves {
  using Summary = DirectlyFollows;
  static Summary of(const AsOf& view) { return directly_follows(view); }
};

struct Weeks {
  using Summary = PeriodCounts;
  static Summary of(const AsOf& view) { return period_counts(view); }
};

struct Presences {
  using Summary = StagePresences;
  static Summary of(const AsOf& view) {
    return stage_presences(view, test::kFirstInstant + std::chrono::hours{24 * 20});
  }
};

struct Variants {
  using Summary = PathCounts;
  static Summary of(const AsOf& view) { return count_paths(view); }
};

struct Conforming {
  using Summary = Conformance;
  static Summary of(const AsOf& view) { return conformance(view); }
};

struct Rework {
  using Summary = ReworkCounts;
  static Summary of(const AsOf& view) { return count_rework(view); }
};

struct Stocks {
  using Summary = StageStocks;
  static Summary of(const AsOf& view) { return stage_stocks(view); }
};

using Summaries = std::tuple<FunnelTrial<CohortsByWeek>, FunnelTrial<Conforming>, FunnelTrial<Flows>,
                             FunnelTrial<Moved>, FunnelTrial<Moves>, FunnelTrial<Presences>, FunnelTrial<Rework>,
                             FunnelTrial<Steps>, FunnelTrial<Stocks>, FunnelTrial<Variants>, FunnelTrial<Weeks>>;

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
