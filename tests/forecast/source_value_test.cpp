// Sources of leads by what their customers bring, by hand and on populations of known truth.

#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/source_value.hpp>

#include "forecast/known_worth.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

const Day kStart{std::chrono::year{2024} / 1 / 1};

struct Source {
  std::string name;
  int deals;
  double win, lose;  // a day
  double amount;
};

/// Deals created evenly over `days`, seen at the end of them.
AsOf seen_deals(std::uint64_t seed, const std::vector<Source>& sources, double days = 400) {
  RandomStream random(seed, 0);
  EventLogBuilder builder(
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build());
  const auto at = [](double day) {
    return Timestamp{kStart} + std::chrono::seconds{static_cast<std::int64_t>(day * 86'400)};
  };
  for (const Source& source : sources)
    for (int i = 0; i < source.deals; ++i) {
      const DealId deal = builder.deal(source.name + std::to_string(i));
      builder.set_attribute(deal, "source", source.name);
      const double created = days * (i + 0.5) / source.deals, all = source.win + source.lose,
                   ended = created + random.exponential() / all;
      builder.add({.deal = deal, .time = at(created), .stage = StageId{0}, .amount = Money::from_units(source.amount)});
      builder.add(
          {.deal = deal, .time = at(ended), .stage = random.uniform() * all < source.win ? StageId{1} : StageId{2}});
    }
  return AsOf(builder.build(), kStart + Days{static_cast<int>(days)});
}

ForecastModel fitted(const AsOf& view) {
  ForecastModelOptions options{.by = "source", .learn_shock = false, .threads = 1};
  options.stages.weekday_factors = false;
  options.stages.levels = false;
  return fit_forecast_model(view, options);
}

/// Contracts of known parameters without uncertainty.
CustomerSegment contracts(const std::string& name, double alpha, double beta, double fee, double annual) {
  CustomerSegment segment = yearly_contracts(alpha, beta, fee);
  segment.name = name;
  segment.customers = 40;
  segment.repeat_buyers = 30;
  segment.alive = 20;
  segment.later_value = summarised(segment.revenue.residual_value_of_newcomer(annual),
                                   std::vector<double>(20, segment.revenue.residual_value_of_newcomer(annual)));
  return segment;
}

const SourceValue& source_of(const SourceValues& values, const std::string& name) {
  const auto found = std::find_if(values.sources.begin(), values.sources.end(),
                                  [&](const SourceValue& source) { return source.source == name; });
  REQUIRE(found != values.sources.end());
  return *found;
}

}  // namespace

TEST_CASE("a lead is worth its chance times the sale and what comes later, and sources are ordered by that") {
  const AsOf view = seen_deals(1, {{"fair", 1500, 0.03, 0.03, 1000}, {"web", 1500, 0.01, 0.03, 1000}});
  const ForecastModel model = fitted(view);
  CustomerSegments customers;
  customers.annual_discount = 0.25;
  customers.everybody = contracts("", 1, 2, 500, 0.25);
  customers.segments = {contracts("fair", 8, 1, 500, 0.25), contracts("web", 0.5, 12, 500, 0.25)};
  const SourceValues values = source_values(model, view, "source", customers, {.margin = {.sales = 0.5, .later = 0.8}});
  REQUIRE(values.sources.size() == 2);
  for (const auto& [name, truth, alpha, beta] :
       {std::tuple{"fair", 0.5, 8.0, 1.0}, std::tuple{"web", 0.25, 0.5, 12.0}}) {
    const SourceValue& source = source_of(values, name);
    CHECK(source.leads == 1500);
    CHECK(source.win_rate == Approx(truth).margin(0.05));
    CHECK(source.sale == Approx(0.5 * 1000));
    // A deal of 1,000 is a contract of 1,000, twice the usual fee.
    CHECK(source.later == Approx(0.8 * 1000 * sbg_worth(alpha, beta, 0.25, kDaysOfYear)));
    CHECK(source.later_limits.lower == Approx(source.later));
    CHECK(source.lead_value == Approx(source.win_rate * (source.sale + source.later)));
    CHECK(source.lead_value_limits.lower < source.lead_value);
    CHECK(source.lead_value_limits.upper > source.lead_value);
    CHECK(source.difference == Approx(source.lead_value - values.all.lead_value));
    CHECK(source.repeat_share().value() == Approx(0.75));
    CHECK(source.alive_share().value() == Approx(0.5));
    CHECK_FALSE(source.later_of_everybody);
    // Won by the day by which most wins have come: the truth is truth (1 - e^-(win + lose) days).
    const double all = name == std::string("fair") ? 0.06 : 0.04,
                 by_age = truth * (1 - std::exp(-all * values.by_days.value()));
    CHECK(source.won_by_age.value() == Approx(by_age).margin(0.05));
    CHECK(source.won_by_age_limits.lower < *source.won_by_age);
    CHECK(source.won_by_age_limits.upper > *source.won_by_age);
    // 80 % of a normal law: 1.28 deviations of the binomial, with 1,400 or so fully seen.
    CHECK(source.won_by_age_limits.upper - source.won_by_age_limits.lower ==
          Approx(2 * 1.28 * std::sqrt(by_age * (1 - by_age) / 1450)).epsilon(0.1));
  }
  // The web wins half as often, and its customers stay.
  CHECK(values.sources.front().source == "web");
  CHECK(values.all.leads == 3000);
  CHECK(values.all.win_rate == Approx(0.375).margin(0.03));
  CHECK(values.all.sale == Approx(500));
  CHECK(values.all.lead_value < values.sources.front().lead_value);
}

TEST_CASE("small sources are not first by chance") {
  // Twenty alike sources of eight leads beside two large ones, all of the same truth; three lucky customers of one.
  std::vector<Source> sources{{"fair", 800, 0.02, 0.03, 1000}, {"web", 800, 0.02, 0.03, 1000}};
  for (int i = 0; i < 20; ++i) sources.push_back({"small " + std::to_string(i), 8, 0.02, 0.03, 1000});
  int spread_wide = 0;
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const AsOf view = seen_deals(20 + seed, sources);
    RandomStream random(seed, 5);
    std::vector<ContractRecord> records;
    std::vector<std::string> names;
    for (const Source& source : sources)
      for (int c = 0; c < (source.deals > 100 ? 300 : 3); ++c) {
        const double leaves = random.beta(1, 3);
        ContractRecord record{.customer = {}, .cell = {}, .fee = 1000.0, .spent = {}};
        while (!record.cell.ended && record.cell.survived < 6) {
          record.cell.ended = random.uniform() < leaves;
          record.cell.survived += record.cell.ended ? 0 : 1;
        }
        records.push_back(record);
        names.push_back(source.name);
      }
    const CustomerSegments customers = segment_contracts(&fit_sbg, records, names, 0, {.days_per_unit = 365.25});
    const SourceValues values = source_values(fitted(view), view, "source", customers);
    REQUIRE(values.sources.size() == 22);
    double lowest_seen = 1, highest_seen = 0;
    for (const SourceValue& source : values.sources) {
      INFO(source.source << " of " << seed);
      CHECK(source.lead_value == Approx(values.all.lead_value).epsilon(0.35));
      CHECK(source.year.has_value());
      if (source.leads > 100 || !source.year->observed) continue;
      lowest_seen = std::min(lowest_seen, *source.year->observed);
      highest_seen = std::max(highest_seen, *source.year->observed);
    }
    // What each saw of its own goes from nobody to everybody staying.
    spread_wide += highest_seen - lowest_seen > 0.6 ? 1 : 0;
  }
  CHECK(spread_wide >= 2);
}

TEST_CASE("won by age and limits by hand, where all is seen") {
  // Ten deals, all ended within 50 days and seen for 100: won by 40 days are those won by then, no censoring.
  EventLogBuilder builder(
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build());
  for (int i = 0; i < 10; ++i) {
    const DealId deal = builder.deal("d" + std::to_string(i));
    builder.set_attribute(deal, "source", i < 6 ? "a" : "b");
    builder.add({.deal = deal, .time = Timestamp{kStart}, .stage = StageId{0}});
    // a: won after 5, 15, 45, lost after 10, 20, 30. b: all lost.
    const std::vector<int> days{5, 15, 45, 10, 20, 30, 10, 10, 10, 10};
    builder.add({.deal = deal,
                 .time = Timestamp{kStart} + std::chrono::hours{24 * days[static_cast<std::size_t>(i)]},
                 .stage = i < 3 ? StageId{1} : StageId{2}});
  }
  const AsOf view(builder.build(), kStart + Days{100});
  const SourceValues values = source_values(fitted(view), view, "source", CustomerSegments{}, {.by_days = 40});
  CHECK(source_of(values, "a").won_by_age.value() == Approx(2.0 / 6));
  CHECK(source_of(values, "b").won_by_age.value() == 0);
  CHECK(source_of(values, "b").won_by_age_limits.upper > 0.1);  // four of four lost is not never
  CHECK(values.all.won_by_age.value() == Approx(0.2));
  CHECK(source_of(values, "a").customers == 0);
  CHECK_FALSE(source_of(values, "a").repeat_share().has_value());
  CHECK(source_of(values, "a").later_of_everybody);
  CHECK(source_of(values, "a").later == 0);
  // Nine tenths of three wins: the last, after 45 days.
  CHECK(source_values(fitted(view), view, "source", CustomerSegments{}).by_days.value() == 45);
}

TEST_CASE("sources of customers only, no deals at all, and what is refused") {
  const AsOf view = seen_deals(3, {{"fair", 60, 0.03, 0.03, 1000}});
  const ForecastModel model = fitted(view);
  CustomerSegments customers;
  customers.everybody = contracts("", 1, 2, 500, 0.15);
  customers.segments = {contracts("shop", 1, 4, 500, 0.15)};
  const SourceValues values = source_values(model, view, "source", customers);
  REQUIRE(values.sources.size() == 2);
  const SourceValue& shop = source_of(values, "shop");
  CHECK(shop.leads == 0);
  CHECK_FALSE(shop.won_by_age.has_value());
  CHECK(shop.win_rate == Approx(values.all.win_rate));
  CHECK(shop.customers == 40);
  CHECK(source_of(values, "fair").later_of_everybody);

  const AsOf none = AsOf::end_of(EventLogBuilder(view.graph()).build());
  const SourceValues empty = source_values(fit_forecast_model(none, {.learn_shock = false}), none, "source", {});
  CHECK(empty.sources.empty());
  CHECK(empty.all.leads == 0);
  CHECK_FALSE(empty.by_days.has_value());
  CHECK(empty.all.lead_value == 0);

  CHECK_THROWS_AS(source_values(model, view, "region", customers), InvalidArgument);
  CHECK_THROWS_WITH(source_values(model, view, "source", customers, {.by_days = 0}), Contains("won by 0 days"));
  CHECK_THROWS_WITH(source_values(model, view, "source", customers, {.margin = {.later = 7}}),
                    Contains("margin of later purchases is 7"));
}
