// Open deals with their customers' later purchases, by hand and against deals walked one by one.

#include <putki/core/error.hpp>
#include <putki/forecast/lead_value.hpp>

#include "forecast/known_worth.hpp"
#include "forecast/walking.hpp"
#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

CustomerSegments by_segment(CustomerSegment everybody, std::vector<std::pair<std::string, CustomerSegment>> segments) {
  CustomerSegments customers{.everybody = std::move(everybody)};
  for (auto& [name, segment] : segments) {
    segment.name = name;
    customers.segments.push_back(std::move(segment));
  }
  return customers;
}

const LeadValue& lead_of(const LeadValues& values, const std::string& name) {
  const auto found =
      std::find_if(values.leads.begin(), values.leads.end(), [&](const LeadValue& lead) { return lead.name == name; });
  REQUIRE(found != values.leads.end());
  return *found;
}

}  // namespace

TEST_CASE("a deal certain to win on a known day is worth its sale and its customer's renewals, by hand") {
  const ForecastModel model = certain_model(10, 1.0, AmountDistribution::from_values({500}));
  OpenPipeline pipeline = known_pipeline();  // Wednesday 2024-05-01
  pipeline.deals = {{"young", StageId{0}, 0, 1200.0}, {"older", StageId{0}, 7, std::nullopt}};
  const CustomerSegments customers = by_segment(yearly_contracts(1.5, 4, 300), {});
  const LeadValues values =
      lead_values(model, pipeline, customers,
                  {.horizon_days = 30, .annual_discount = 0.2, .margin = {.sales = 0.5, .later = 0.25}});
  REQUIRE(values.leads.size() == 2);
  const double renewals = sbg_worth(1.5, 4, 0.2, kDaysOfYear);
  const auto check = [&](const char* name, double sale, double middle) {
    const LeadValue& lead = lead_of(values, name);
    CHECK(lead.chance_within == Approx(1));
    CHECK(lead.chance_ever == Approx(1));
    CHECK(lead.days_to_win.value() == Approx(middle));
    CHECK(lead.size == Approx(sale));
    CHECK(lead.sale == Approx(0.5 * sale));
    // A contract of the deal's own size, each renewal of which brings as much as the sale.
    CHECK(lead.later == Approx(0.25 * sale * renewals));
    CHECK(lead.value_of_sale == Approx(0.5 * sale * discounted(0.2, middle)));
    CHECK(lead.value_of_later == Approx(0.25 * sale * renewals * discounted(0.2, middle)));
    CHECK(lead.value_within == Approx(lead.value()));
  };
  // Ten days old on Saturday 11 May: the week of 6 May to 12 May, days 5 to 11 of the horizon, its middle at 8.5.
  check("young", 1200, 8.5);
  // Three days from now, on Saturday 4 May: the five days to Sunday. The amount is that of won deals.
  check("older", 500, 2.5);
  CHECK(values.leads.front().name == "young");
  CHECK_FALSE(lead_of(values, "older").amount.has_value());
}

TEST_CASE("a day later for logs of dates, and a win after the horizon is ever but not within") {
  const ForecastModel model = certain_model(100, 0.5, AmountDistribution::from_values({500}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.first_day += Days{1};  // Thursday
  pipeline.deals = {{"d", StageId{0}, 0, 1000.0}};
  const LeadValues values =
      lead_values(model, pipeline, CustomerSegments{}, {.horizon_days = 90, .annual_discount = 0.1});
  const LeadValue& lead = values.leads.front();
  CHECK(lead.chance_within == 0);
  CHECK(lead.value_within == 0);
  CHECK(lead.chance_ever == Approx(0.5));
  // After the horizon pieces are four weeks: days 90 to 117, middle at 104, counted from the day before the first.
  CHECK(lead.days_to_win.value() == Approx(105));
  CHECK(lead.value() == Approx(500 * discounted(0.1, 105)));
  CHECK(lead.later == 0);
}

TEST_CASE("chances and values are those of deals walked day by day") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    RandomStream random(4'000 + seed, 0);
    const HazardTable hazards = random_hazards(random, 3);
    const ForecastModel model{DatedModel(StageModel(hazards, std::vector<Matrix>(5), {1, 0, 0, 0, 0})), InflowModel{},
                              AmountDistribution::from_values({100, 300})};
    OpenPipeline pipeline = known_pipeline();
    for (int i = 0; i < 5; ++i)
      pipeline.deals.push_back({"d" + std::to_string(i), static_cast<StageId>(random.below(3)),
                                static_cast<int>(random.below(8)), i == 0 ? std::optional<double>() : 100.0 * i});
    const CustomerSegments customers = by_segment(yearly_contracts(2, 3, 250), {});
    constexpr int kHorizon = 20, kWalked = 600;
    const LeadValues values =
        lead_values(model, pipeline, customers, {.horizon_days = kHorizon, .annual_discount = 0.5});
    const DatedHazards dated = model.stages.expected(pipeline.first_day, kWalked);
    for (const OpenDeal& deal : pipeline.deals) {
      const LeadValue& lead = lead_of(values, deal.name);
      std::vector<double> won_by;
      const Whereabouts end = push_mass(dated, deal.stage, deal.age_days, 0, kWalked, &won_by);
      double before = 0, discounts = 0;
      for (int day = 0; day < kWalked; ++day) {
        const double won = won_by[static_cast<std::size_t>(day)];
        discounts += (won - before) * discounted(0.5, day + 0.5);
        before = won;
      }
      const double within = won_by[kHorizon - 1], ever = end.won;
      INFO(deal.name << " of " << seed);
      CHECK(lead.chance_within == Approx(within).margin(1e-9));
      CHECK(lead.chance_ever == Approx(ever).margin(1e-6 + end.open()));
      const double sale = deal.amount.value_or(200), later = sale * sbg_worth(2, 3, 0.5, kDaysOfYear);
      // Days are those of the week's or four weeks' middle: within 14 days' discount, most within 3.
      CHECK(lead.value() == Approx(discounts * (sale + later)).epsilon(0.01).margin(1e-9));
    }
  }
}

TEST_CASE("a small deal from a loyal source comes before a large one") {
  const ForecastModel model = certain_model(10, 0.4, AmountDistribution::from_values({500}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"large", StageId{0}, 0, 5'000.0, "fair"},
                    {"middle", StageId{0}, 0, 1'000.0, "elsewhere"},
                    {"small", StageId{0}, 0, 800.0, "friends"},
                    {"twin", StageId{0}, 0, 800.0, "friends"}};
  // Purchases: what comes later does not follow the sale. BG/NBD of known parameters, Gamma-Gamma mean 100.
  const auto shoppers = [](double r, double b) {
    CustomerSegment segment;
    segment.revenue = CustomerRevenue::of_purchases(BgNbd(r, 10, 1, b), GammaGamma(4, 5, 100), {});
    return segment;
  };
  const CustomerSegments customers =
      by_segment(shoppers(0.5, 2), {{"fair", shoppers(0.1, 1)}, {"friends", shoppers(8, 120)}});
  const LeadValues values = lead_values(model, pipeline, customers, {.horizon_days = 60});
  const LeadValue &large = lead_of(values, "large"), &small = lead_of(values, "small"),
                  &middle = lead_of(values, "middle"), &twin = lead_of(values, "twin");
  CHECK(large.rank_by_size == 1);
  CHECK(middle.rank_by_size == 2);
  CHECK(small.rank_by_size == 3);
  CHECK(twin.rank_by_size == 3);
  CHECK(small.rank_by_value == 1);
  CHECK(twin.rank_by_value == 1);
  CHECK(large.rank_by_value == 3);
  CHECK(middle.rank_by_value == 4);
  CHECK(values.leads[0].name == "small");
  CHECK(values.leads[2].name == "large");
  CHECK(small.later == Approx(customers.of("friends").revenue.residual_value_of_newcomer(0.15)));
  CHECK(small.valued_as == "friends");
  // A source that no customer came by is taken for everybody's.
  CHECK(middle.valued_as.empty());
  CHECK(middle.later == Approx(customers.everybody.revenue.residual_value_of_newcomer(0.15)));
  // Without segments the order is that of size again.
  CustomerSegments pooled;
  pooled.everybody = shoppers(0.5, 2);
  const LeadValues alike = lead_values(model, pipeline, pooled, {.horizon_days = 60});
  for (const LeadValue& lead : alike.leads) CHECK(lead.rank_by_value == lead.rank_by_size);
}

TEST_CASE("value is linear in the margins, falls with the rate, and is undiscounted as the rate goes to nothing") {
  const ForecastModel model = certain_model(30, 0.3, AmountDistribution::from_values({500}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"d", StageId{0}, 3, 1000.0}};
  const CustomerSegments customers = by_segment(yearly_contracts(3, 2, 1000), {});
  const auto value = [&](double discount, Margin margin) {
    return lead_values(model, pipeline, customers, {.horizon_days = 60, .annual_discount = discount, .margin = margin})
        .leads.front()
        .value();
  };
  const double sales = value(0.15, {1, 0}), later = value(0.15, {0, 1});
  CHECK(value(0.15, {0.3, 0.7}) == Approx(0.3 * sales + 0.7 * later));
  CHECK(value(0.15, {0, 0}) == 0);
  double last = std::numeric_limits<double>::infinity();
  for (const double discount : {0.01, 0.1, 0.5, 5.0}) {
    CHECK(value(discount, {}) < last);
    last = value(discount, {});
  }
  // Sum of S(t), t >= 1, alpha 3, beta 2: beta / (alpha - 1) = 1 renewal expected in all.
  CHECK(value(1e-7, {}) == Approx(0.3 * (1000 + 1000 * 1.0)).epsilon(1e-4));
}

TEST_CASE("what cannot be valued is refused, and no open deal is no lead") {
  const ForecastModel model = certain_model(10, 1, AmountDistribution::from_values({500}));
  OpenPipeline pipeline = known_pipeline();
  CHECK(lead_values(model, pipeline, CustomerSegments{}, {.horizon_days = 10}).leads.empty());
  pipeline.deals = {{"d", StageId{0}, 3, 1000.0}};
  const auto value = [&](const LeadValueOptions& options) {
    return lead_values(model, pipeline, CustomerSegments{}, options);
  };
  CHECK_THROWS_WITH(value({.horizon_days = 0}), Contains("horizon is 0 days; allowed are 1 to 3660"));
  CHECK_THROWS_WITH(value({.horizon_days = 9, .annual_discount = 0}),
                    Contains("annual discount is 0; it must be above 0"));
  CHECK_THROWS_WITH(value({.horizon_days = 9, .margin = {.sales = 1.5}}), Contains("margin of sales is 1.5; 0 to 1"));
  CHECK_THROWS_WITH(value({.horizon_days = 9, .margin = {.later = -0.1}}),
                    Contains("margin of later purchases is -0.1; 0 to 1"));
  CHECK_THROWS_WITH(value({.horizon_days = 9, .parameter_draws = -1}), Contains("-1 parameter draws"));
  CHECK_THROWS_AS(value({.horizon_days = 9, .progress = [](double) { return false; }}), Cancelled);
  pipeline.deals.front().stage = StageId{1};
  CHECK_THROWS_WITH(value({.horizon_days = 9}), Contains("deal 'd' is in stage 1"));
}
