#include <putki/funnel/metrics.hpp>

#include <putki/core/error.hpp>
#include <putki/ingest/csv_reader.hpp>

#include "random_log.hpp"
#include "simulated_pipeline.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

struct NaiveDeal {
  double created = 0, end = 0, age_at_view = 0;  // days since the first instant
  int outcome = 0;                               // 1 won, 2 lost, by the first terminal stage
  bool open_now = false, won_now = false, lost_now = false;
  double amount = -1;  // below 0: unknown
};

std::vector<NaiveDeal> naive_deals(const StageGraph& graph, const std::vector<test::DealHistory>& histories,
                                   Timestamp instant) {
  std::vector<NaiveDeal> deals;
  const auto day = [](Timestamp time) { return elapsed_days(test::kFirstInstant, time); };
  for (const auto& history : histories) {
    if (history.changes.front().time > instant) continue;
    NaiveDeal deal;
    deal.created = day(history.changes.front().time);
    deal.end = day(instant);
    deal.age_at_view = deal.end - deal.created;
    double last = -1, last_above_zero = -1;
    for (const auto& change : history.changes) {
      if (change.time > instant) break;
      const StageKind kind = graph.kind(change.stage);
      if (deal.outcome == 0 && is_terminal(kind)) {
        deal.outcome = kind == StageKind::won ? 1 : 2;
        deal.end = day(change.time);
      }
      deal.open_now = !is_terminal(kind);
      deal.won_now = kind == StageKind::won;
      deal.lost_now = kind == StageKind::lost;
      if (change.amount != kNoAmount) last = change.amount.units();
      if (change.amount != kNoAmount && change.amount.minor > 0) last_above_zero = change.amount.units();
    }
    deal.amount = deal.lost_now ? last_above_zero : last;
    deals.push_back(deal);
  }
  return deals;
}

// Aalen-Johansen written from its definition, quadratic; nothing: nobody was watched for so long.
std::optional<double> naive_incidence(const std::vector<NaiveDeal>& deals, double age, bool by_value) {
  std::set<double> times;
  double longest = 0;
  for (const auto& deal : deals) {
    const double weight = by_value ? std::max(deal.amount, 0.0) : 1;
    if (weight <= 0) continue;
    times.insert(deal.end - deal.created);
    longest = std::max(longest, deal.end - deal.created);
  }
  double left = 1, won_share = 0;
  for (const double time : times) {
    if (time > age) break;
    double at_risk = 0, won = 0, lost = 0;
    for (const auto& deal : deals) {
      const double weight = by_value ? std::max(deal.amount, 0.0) : 1;
      const double length = deal.end - deal.created;
      if (length >= time) at_risk += weight;
      if (length == time && deal.outcome == 1) won += weight;
      if (length == time && deal.outcome == 2) lost += weight;
    }
    won_share += left * won / at_risk;
    left *= 1 - (won + lost) / at_risk;
  }
  if (age > longest && left > 0.005) return std::nullopt;
  if (times.empty()) return std::nullopt;
  return won_share;
}

void require_same(const std::optional<MetricEstimate>& estimate, const std::optional<double>& expected) {
  REQUIRE(estimate.has_value() == expected.has_value());
  if (!expected) return;
  REQUIRE(estimate->value == Approx(*expected).margin(1e-9));
  if (!estimate->interval) return;
  REQUIRE(estimate->interval->lower <= estimate->value + 1e-9);
  REQUIRE(estimate->interval->upper >= estimate->value - 1e-9);
}

std::optional<double> mean_of(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

test::DealHistory deal(std::string name, std::vector<std::tuple<double, std::size_t, double>> changes) {
  test::DealHistory history{.name = std::move(name), .region = "", .changes = {}};
  for (const auto& [day, stage, amount] : changes)
    history.changes.push_back({test::kFirstInstant + hours{static_cast<int>(24 * day)}, static_cast<StageId>(stage),
                               amount < 0 ? kNoAmount : Money::from_units(amount)});
  return history;
}

const Day kFirstDay{std::chrono::year{2012} / 1 / 1};

}  // namespace

TEST_CASE("The four metrics of six deals, by hand") {
  const StageGraph graph = test::simulated_graph();
  // as of day 40; won on days 4 and 20, lost on day 10 (amount cleared), open since 0, 20 and 38
  const EventLog log = test::build_log(graph, std::vector<test::DealHistory>{
                                                  deal("quick win", {{0, 0, 100}, {4, 2, 200}}),
                                                  deal("lost", {{0, 0, 600}, {10, 3, 0}}),
                                                  deal("slow win", {{0, 0, 100}, {20, 2, -1}}),
                                                  deal("old", {{0, 0, 500}}),
                                                  deal("middle", {{20, 0, -1}}),
                                                  deal("new", {{38, 1, 300}}),
                                              });
  const FunnelMetrics metrics =
      funnel_metrics(AsOf(log, kFirstDay + Days{40}), {.since = kFirstDay + Days{10}, .horizon_days = 30});
  CHECK(metrics.in_funnel == CountAndValue{3, Money::from_units(800), 1});
  // By count: at risk on day 4: 5 (the new one was censored at 2), on day 10: 4, on day 20: 3 (one censored then).
  const double left_4 = 4.0 / 5, left_10 = left_4 * 3 / 4;
  CHECK(metrics.close_rate.by_count->value == Approx(1.0 / 5 + left_10 / 3));
  CHECK(metrics.close_rate.followed == 4);
  CHECK(metrics.close_rate.unknown_amounts == 1);
  // By value: 200, 600, 100, 500 at risk on day 4 (new is gone): 1400; on day 10 1200; on day 20 600.
  CHECK(metrics.close_rate.by_value->value == Approx(200.0 / 1400 + 1200.0 / 1400 * 600 / 1200 * 100 / 600));
  // Closed after day 10: the slow win only.
  CHECK(metrics.closed.won == CountAndValue{1, Money::from_units(100), 0});
  CHECK(metrics.closed.lost.deals == 0);
  CHECK(metrics.won.mean->value == 150);
  CHECK(metrics.won.median->value == 150);
  CHECK_FALSE(metrics.won.median->interval);
  // Student's t with 1 degree of freedom: 12.706 standard errors of 50.
  CHECK(metrics.won.mean->interval->upper == Approx(150 + 12.7062047 * 50));
  CHECK(metrics.lost.deals == CountAndValue{1, Money::from_units(600), 0});  // not zero
  CHECK(metrics.open.deals == CountAndValue{3, Money::from_units(800), 1});
  CHECK(metrics.open.mean->value == 400);
  // Sizes and winning, over the five with amounts: mean 340; their close rate by count: at risk 4, 3, 2.
  const double rate = 1.0 / 4 + 3.0 / 4 * 2 / 3 / 2, value_rate = metrics.close_rate.by_value->value;
  CHECK(metrics.size_and_winning.mean_size->value == 340);
  CHECK(metrics.size_and_winning.value_of_a_deal->value == Approx(340 * value_rate));
  CHECK(*metrics.size_and_winning.size_times_rate == Approx(340 * rate));
  CHECK(metrics.size_and_winning.covariance->value == Approx(340 * (value_rate - rate)));
  CHECK(metrics.size_and_winning.mean_size_of_win->value == Approx(340 * value_rate / rate));
  // To a win: of F_won = 1/5 + 1/5, half came by day 4; mean (4 + 20) / 2.
  CHECK(metrics.lifetime.longest_days == 40);
  CHECK(metrics.lifetime.median_to_win->value == 4);
  CHECK(metrics.lifetime.mean_to_win->value == Approx(12));
  CHECK(metrics.lifetime.mean_age_won->value == 20);
  CHECK(metrics.created_in_window == 2);  // on days 20 and 38, not those of day 0
  // Velocity. Won value x days: cells of Lead. Only "old" (500, age 40) and "new" (in Offer, where nothing is won) are
  // priced and open: hazard of Lead from 30 to 60 days is 0.
  CHECK(metrics.velocity.stock->value == 0);
  // Flow: 2 deals in 30 days, value of a deal at the longest age 340 x value rate.
  CHECK(metrics.velocity.flow->value == Approx(2.0 / 30 * 340 * value_rate));
  CHECK(*metrics.velocity.textbook == Approx(3 * 1.0 * 100 / 20));
  REQUIRE(metrics.periods.size() == 2);  // January and nine days of February
  CHECK(metrics.periods[0].created.deals == 5);
  CHECK(metrics.periods[0].in_funnel == CountAndValue{2, Money::from_units(500), 1});
  CHECK(metrics.periods[0].closed.won.deals == 2);
  CHECK(metrics.periods[1].in_funnel == metrics.in_funnel);
  CHECK_FALSE(metrics.periods[1].close_rate.by_count);  // created two days ago
  CHECK(usual_close_days(AsOf(log, kFirstDay + Days{40})) == 20);
}

TEST_CASE("Trimmed mean and median are those of R") {
  // x <- c(3, 8, 12, 15, 20, 22, 30, 41, 60, 500); mean(x, trim = 0.1) = 26; winsorized squares of the eight kept:
  // w <- c(8, 8, 12, 15, 20, 22, 30, 41, 60, 60); sqrt(sum((w - mean(w))^2) / (8 * 7)) = 7.955681
  // median 21; binom: P(Bin(10, 1/2) < 2) = 0.0107, < 3 = 0.0547: limits the 2nd and 9th
  std::vector<test::DealHistory> histories;
  for (const double amount : {3, 8, 12, 15, 20, 22, 30, 41, 60, 500})
    histories.push_back(deal("deal " + std::to_string(amount), {{0, 0, amount}}));
  const EventLog log = test::build_log(test::simulated_graph(), histories);
  const DealSizes open = funnel_metrics(AsOf(log, kFirstDay + Days{10})).open;
  CHECK(open.trimmed_mean->value == Approx(26));
  CHECK(*open.trimmed_mean->std_error == Approx(7.955681).epsilon(1e-6));
  CHECK(open.median->value == 21);
  CHECK(open.median->interval == Interval{8, 60});
}

TEST_CASE("BPI 2012: the four metrics are those of R") {
  // metrics_reference.R; a third of the deals are too young to have been watched for 30 days.
  const std::string data = std::string(PUTKI_SOURCE_DIR) + "/examples/data/";
  const PipelineDefinition definition = read_pipeline_definition(data + "bpic2012_applications.json");
  const AsOf view(read_csv(data + "bpic2012_history.csv", definition).log, Day{std::chrono::year{2012} / 1 / 15});
  const Day since{std::chrono::year{2011} / 12 / 15};
  const FunnelMetrics at_15 = funnel_metrics(view, {.since = since, .horizon_days = 15});
  const FunnelMetrics at_30 = funnel_metrics(view, {.since = since, .horizon_days = 30});
  CHECK(at_30.deals == 8'766);
  CHECK(at_30.in_funnel == CountAndValue{840, Money::from_units(13'484'282), 0});
  const auto equals = [](const std::optional<MetricEstimate>& estimate, double value, double std_error) {
    CHECK(estimate->value == Approx(value).epsilon(1e-8));
    CHECK(*estimate->std_error == Approx(std_error).epsilon(1e-8));
  };
  equals(at_15.close_rate.by_count, 0.09322377367, 0.003292077462);
  equals(at_30.close_rate.by_count, 0.1620936823, 0.004251071428);
  equals(at_15.close_rate.by_value, 0.1001265024, 0.004261524101);
  equals(at_30.close_rate.by_value, 0.181665929, 0.005795994979);
  CHECK(at_30.lifetime.median_to_win->value == Approx(14.8089891).epsilon(1e-8));
  CHECK(at_30.lifetime.mean_to_win->value == Approx(17.46376926).epsilon(1e-8));
  CHECK(at_30.closed.won.deals == 372);
  CHECK(at_30.closed.lost.deals == 1'821);
  CHECK(at_30.lifetime.mean_age_closed->value == Approx(9.323524045).epsilon(1e-8));
  CHECK(at_30.won.mean->value == Approx(15032.69381).epsilon(1e-9));
  CHECK(at_30.won.mean->interval->lower == Approx(14463.84659).epsilon(1e-9));
  CHECK(at_30.won.median->value == 12'500);
  CHECK(at_30.won.trimmed_mean->value == Approx(13494.75171).epsilon(1e-9));
  CHECK(at_30.lost.deals.unknown_amounts == 1);
  CHECK(at_30.lost.mean->value == Approx(12672.72172).epsilon(1e-9));
  CHECK(at_30.lost.trimmed_mean->value == Approx(10395.2156).epsilon(1e-9));
}

TEST_CASE("Metrics equal a naive walk over the histories, and periods add up to the whole") {
  const StageGraph graph = StageGraph::Builder()
                               .stage("Lead")
                               .stage("Hold", StageKind::on_hold)
                               .stage("Offer")
                               .stage("Won", StageKind::won)
                               .stage("Renewed", StageKind::won)
                               .stage("Lost", StageKind::lost)
                               .build();
  std::mt19937 random(81);
  for (int round = 0; round < 3000; ++round) {
    const auto histories = test::random_histories(random, graph,
                                                  {.deals = 1 + static_cast<int>(random() % 15),
                                                   .most_changes = 5,
                                                   .date_only = round % 4 == 0,
                                                   .amounts = true});
    const EventLog log = test::build_log(graph, histories, ReopenPolicy::keep);
    const Timestamp instant = test::kFirstInstant + hours{24 * (31 + random() % 40)};
    const AsOf view(log, instant);
    const double horizon = 1 + static_cast<double>(random() % 40);
    const Day since = kFirstDay + Days{random() % 30};
    const FunnelMetrics metrics = funnel_metrics(view, {.since = since, .horizon_days = horizon});
    const std::vector<NaiveDeal> deals = naive_deals(graph, histories, instant);

    std::vector<double> open, won, lost, closed_ages, won_ages;
    std::vector<NaiveDeal> priced;
    std::uint64_t open_now = 0, closed_won = 0, closed = 0, created = 0, followed = 0;
    const double since_day = elapsed_days(test::kFirstInstant, since);
    for (const NaiveDeal& d : deals) {
      open_now += d.open_now;
      followed += d.age_at_view >= horizon;
      created += d.created > since_day;
      if (d.amount >= 0) {
        priced.push_back(d);
        (d.open_now ? open : d.won_now ? won : lost).push_back(d.amount);
      }
      if (d.outcome == 0 || d.end <= since_day) continue;
      ++closed;
      closed_won += d.outcome == 1;
      closed_ages.push_back(d.end - d.created);
      if (d.outcome == 1) won_ages.push_back(d.end - d.created);
    }
    REQUIRE(metrics.deals == deals.size());
    REQUIRE(metrics.in_funnel.deals == open_now);
    REQUIRE(metrics.created_in_window == created);
    REQUIRE(metrics.close_rate.followed == followed);
    require_same(metrics.open.mean, mean_of(open));
    require_same(metrics.won.mean, mean_of(won));
    require_same(metrics.lost.mean, mean_of(lost));
    require_same(metrics.lifetime.mean_age_closed, mean_of(closed_ages));
    require_same(metrics.lifetime.mean_age_won, mean_of(won_ages));
    require_same(
        metrics.closed.by_count,
        closed == 0 ? std::nullopt : std::optional(static_cast<double>(closed_won) / static_cast<double>(closed)));
    require_same(metrics.close_rate.by_count, naive_incidence(deals, horizon, false));
    require_same(metrics.close_rate.by_value, naive_incidence(priced, horizon, true));

    CountAndValue sum;
    std::uint64_t ended = 0, still = 0, closed_in_periods = 0;
    for (const MetricPeriod& period : metrics.periods) {
      sum.merge(period.created);
      ended += period.won + period.lost;
      still += period.open;
      closed_in_periods += period.closed.won.deals + period.closed.lost.deals;
      REQUIRE(period.created.deals == period.won + period.lost + period.open);
    }
    REQUIRE(sum.deals == deals.size());
    REQUIRE(ended + still == deals.size());
    REQUIRE(closed_in_periods == ended);
    if (!metrics.periods.empty()) REQUIRE(metrics.periods.back().in_funnel.deals == open_now);
    for (std::size_t p = 0; p + 1 < metrics.periods.size(); ++p) {
      // Known at the end of the period: all that came before the next day began.
      const auto then =
          naive_deals(graph, histories, Timestamp(metrics.periods[p].period.end) - std::chrono::microseconds{1});
      std::uint64_t there = 0;
      for (const NaiveDeal& d : then) there += d.open_now;
      REQUIRE(metrics.periods[p].in_funnel.deals == there);
    }
  }
}

TEST_CASE("Segments of a whole add up to it") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(82);
  for (int round = 0; round < 200; ++round) {
    const EventLog log = test::build_log(graph, test::random_histories(random, graph, {.amounts = true}));
    const AsOf view(log, test::kFirstInstant + hours{24 * 50});
    const FunnelMetrics whole = funnel_metrics(view);
    CountAndValue funnel, won, closed;
    std::uint64_t deals = 0;
    for (const AsOfPart& part : view.split_by("region")) {
      const FunnelMetrics segment = funnel_metrics(part.view, {.horizon_days = whole.horizon_days});
      deals += segment.deals;
      funnel.merge(segment.in_funnel);
      won.merge(segment.won.deals);
      closed.merge(segment.closed.lost);
    }
    REQUIRE(deals == whole.deals);
    REQUIRE(funnel == whole.in_funnel);
    REQUIRE(won == whole.won.deals);
    REQUIRE(closed == whole.closed.lost);
  }
}

TEST_CASE("In a steady state stock velocity is flow velocity, the textbook's is not") {
  // Large deals are won half as often and losses are quick: what the textbook leaves out.
  const test::TruePipeline truth{
      .days = 400, .inflow = 12, .p = 0.4, .p_large = 0.2, .win = {40, 3}, .loss = {12, 1}, .two_stages = true};
  const double brings = truth.inflow * 0.5 * (0.4 * truth.small + 0.2 * truth.large);
  double difference = 0, squares = 0, stock = 0, flow = 0, textbook = 0;
  int covered_flow = 0;
  const int rounds = 120;
  for (int round = 0; round < rounds; ++round) {
    const FunnelMetrics metrics =
        funnel_metrics(test::simulate(truth, RandomStream(83, static_cast<std::uint64_t>(round))),
                       {.since = test::kSimulatedEnd - Days{180}, .horizon_days = 60});
    const double gap = metrics.velocity.stock->value - metrics.velocity.flow->value;
    difference += gap;
    squares += gap * gap;
    stock += metrics.velocity.stock->value;
    flow += metrics.velocity.flow->value;
    textbook += *metrics.velocity.textbook;
    covered_flow +=
        metrics.velocity.flow->interval->lower <= brings && brings <= metrics.velocity.flow->interval->upper;
  }
  const double error = std::sqrt(squares - difference * difference / rounds) / rounds;
  CAPTURE(stock / rounds, flow / rounds, textbook / rounds, brings, error);
  CHECK(error < 0.02 * brings);
  CHECK(std::abs(difference / rounds) < 3.5 * error);
  CHECK(stock / rounds == Approx(brings).epsilon(0.04));
  CHECK(flow / rounds == Approx(brings).epsilon(0.04));
  CHECK(covered_flow >= 105);  // 120 x 0.95 = 114, standard deviation 2.4
  CHECK(std::abs(textbook / rounds - brings) > 0.25 * brings);
}

TEST_CASE("Limits by value hold the truth, and the covariance of size and winning is found") {
  const test::TruePipeline truth{.days = 120, .inflow = 3, .p = 0.5, .p_large = 0.25, .win = {20, 2}, .loss = {15, 1}};
  // All but 1 % of the wins come by day 60; gamma of shape 2 and scale 10: 1 - exp(-6) (1 + 6).
  const double by_60 = 1 - std::exp(-6.0) * 7;
  const double rate = 0.375 * by_60, brings = 0.5 * (0.5 * 100 + 0.25 * 1000) * by_60;
  const double covariance = brings - 550 * rate;
  int by_count = 0, by_value = 0, of_covariance = 0, of_win = 0;
  const int rounds = 300;
  const auto holds = [](const std::optional<MetricEstimate>& estimate, double value) {
    return estimate->interval->lower <= value && value <= estimate->interval->upper ? 1 : 0;
  };
  for (int round = 0; round < rounds; ++round) {
    const FunnelMetrics metrics = funnel_metrics(
        test::simulate(truth, RandomStream(84, static_cast<std::uint64_t>(round))), {.horizon_days = 60});
    by_count += holds(metrics.close_rate.by_count, rate);
    by_value += holds(metrics.close_rate.by_value, brings / 550);
    of_covariance += holds(metrics.size_and_winning.covariance, covariance);
    of_win += holds(metrics.size_and_winning.mean_size_of_win, brings / rate);
  }
  // 300 x 0.95 = 285, standard deviation 3.8
  for (const int held : {by_count, by_value, of_covariance, of_win}) {
    CHECK(held >= 270);
    CHECK(held <= 298);
  }
}

TEST_CASE("Time to a win is right while the inflow grows, the mean age of the won is too short") {
  const test::TruePipeline truth{.days = 400, .inflow = 60, .growth = 0.02, .p = 0.3, .win = {40, 4}, .loss = {10, 1}};
  const FunnelMetrics metrics = funnel_metrics(test::simulate(truth, RandomStream(85, 0)));
  const LeadLifetime& lifetime = metrics.lifetime;
  // Median of a gamma of shape 4 and mean 40: qgamma(0.5, 4, 0.1) = 36.7206.
  CHECK(lifetime.mean_to_win->interval->lower < 40);
  CHECK(lifetime.mean_to_win->interval->upper > 40);
  CHECK(lifetime.median_to_win->interval->lower < 36.7206);
  CHECK(lifetime.median_to_win->interval->upper > 36.7206);
  // Weighted by exp(-g T) a gamma stays one, of mean 40 / (1 + 0.02 x 10).
  CHECK(lifetime.mean_age_won->value == Approx(40 / 1.2).epsilon(0.05));
  CHECK(lifetime.mean_age_won->interval->upper < 38);
}

TEST_CASE("No deals, one deal, no won stage, many stages") {
  const AsOf nothing = AsOf(EventLog(StageGraph::b2b_template()), kFirstDay);
  const FunnelMetrics empty = funnel_metrics(nothing);
  CHECK(empty.deals == 0);
  CHECK(empty.periods.empty());
  CHECK_FALSE(empty.close_rate.by_count);
  CHECK_FALSE(empty.velocity.stock);
  CHECK_FALSE(empty.velocity.flow);
  CHECK_FALSE(empty.lifetime.median_to_end);
  CHECK(usual_close_days(nothing) == 90);

  StageGraph::Builder builder;
  for (int s = 0; s < 200; ++s) builder.stage("stage " + std::to_string(s));
  const StageGraph many = builder.build();
  const FunnelMetrics one = funnel_metrics(
      AsOf(test::build_log(many, std::vector<test::DealHistory>{deal("only", {{0, 7, 50}, {2, 199, -1}})}),
           kFirstDay + Days{9}),
      {.horizon_days = 5});
  CHECK(one.in_funnel == CountAndValue{1, Money::from_units(50), 0});
  // One deal watched for five days, not won: at most 1 - 0.025^(1/1).
  CHECK(one.close_rate.by_count->value == 0);
  CHECK(one.close_rate.by_count->interval->upper == Approx(0.975));
  CHECK_FALSE(one.open.mean->interval);
  CHECK_FALSE(one.lifetime.median_to_win);
}

TEST_CASE("Questions without sense are refused") {
  const AsOf view(EventLog(StageGraph::b2b_template()), kFirstDay);
  CHECK_THROWS_AS(funnel_metrics(view, {.since = kFirstDay}), InvalidArgument);
  CHECK_THROWS_AS(funnel_metrics(view, {.horizon_days = 0}), InvalidArgument);
  CHECK_THROWS_AS(funnel_metrics(view, {.horizon_days = std::nan("")}), InvalidArgument);
  CHECK_THROWS_AS(funnel_metrics(view, {.trimmed_share = 0.5}), InvalidArgument);
}
