#include <putki/core/error.hpp>
#include <putki/report/backtest_figures.hpp>
#include <putki/report/backtest_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <limits>

using namespace putki;
using nlohmann::json;

namespace {

/// Forecasts of 100 to 200 with mean 150, and outcomes at these places of the forecast.
HorizonRecord horizon(int days, const std::vector<double>& pits) {
  HorizonRecord record{};
  record.days = days;
  std::vector<Interval> intervals;
  std::vector<double> actuals;
  for (std::size_t i = 0; i < pits.size(); ++i) {
    record.origins.push_back({.as_of = *parse_day("2012-01-06") + Days{7 * static_cast<int>(i)},
                              .actual = 87.5 + 125 * pits[i],
                              .mean = 150,
                              .q10 = 100,
                              .q90 = 200,
                              .crps = 10,
                              .pit = pits[i],
                              .expected_crps = 10,
                              .baselines = {}});
    intervals.push_back({100, 200});
    actuals.push_back(record.origins.back().actual);
  }
  record.coverage80 = coverage(intervals, actuals);
  record.mae = 12;
  record.crps = 10;
  for (std::size_t b = 0; b < kBaselines.size(); ++b)
    record.baselines[b] = {.mae = 20, .crps = 20, .skill = 0.5, .test = {}};
  return record;
}

std::vector<double> even(int count) {
  std::vector<double> pits;
  for (int i = 0; i < count; ++i) pits.push_back((i + 0.5) / count);
  return pits;
}

const json& data_set(const json& chart, const std::string& name) {
  for (const json& set : chart["data"])
    if (set["name"] == name) return set["values"];
  FAIL("no data set " + name);
  return chart;
}

/// The central 95 % of a binomial distribution, by adding up its terms from Pascal's triangle.
std::pair<int, int> binomial_range(int trials, double p) {
  std::vector<double> row{1};
  for (int n = 0; n < trials; ++n) {
    std::vector<double> next(row.size() + 1);
    for (std::size_t k = 0; k < row.size(); ++k) {
      next[k] += row[k] * (1 - p);
      next[k + 1] += row[k] * p;
    }
    row = next;
  }
  int low = 0, high = 0;
  double sum = 0;
  for (std::size_t k = 0; k < row.size(); ++k) {
    if (sum < 0.025) low = static_cast<int>(k);
    if (sum < 0.975) high = static_cast<int>(k);
    sum += row[k];
  }
  return {low, high};
}

}  // namespace

TEST_CASE("outcomes stand against their intervals with the numbers of the JSON, inside and outside told apart") {
  const Backtest backtest{{horizon(7, even(20)), horizon(28, even(15))}};
  const Figure figure = outcomes_figure(backtest);
  CHECK(figure.title == "The 80 % intervals keep their promise: 29 of 35 outcomes lie inside");
  const json report = json::parse(to_json(backtest)), chart = json::parse(figure.specification);
  const json& origins = data_set(chart, "origins");
  REQUIRE(origins.size() == 35);
  REQUIRE(figure.table.rows.size() == 35);
  int outside = 0;
  for (std::size_t i = 0; i < 35; ++i) {
    const json& expected = i < 20 ? report["horizons"][0]["origins"][i] : report["horizons"][1]["origins"][i - 20];
    const auto& row = figure.table.rows[i];
    CHECK(*row[2].number == expected["actual"]);
    CHECK(*row[3].number == expected["mean"]);
    CHECK(*row[4].number == expected["q10"]);
    CHECK(*row[5].number == expected["q90"]);
    CHECK(origins[i]["actual"] == expected["actual"]);
    CHECK(origins[i]["low"] == expected["q10"]);
    outside += origins[i]["result"] == "outside";
    CHECK((origins[i]["result"] == "outside") == (row[6].text == "outside"));
  }
  CHECK(outside == 6);
  CHECK(data_set(chart, "panels")[1]["title"] == "28 days ahead: 13 of 15 inside");
}

TEST_CASE("the title says which horizon's intervals are too narrow or too wide, or that it cannot tell") {
  std::vector<double> ends, middles;
  for (int i = 0; i < 30; ++i) {
    ends.push_back(i % 2 == 0 ? 0.01 : 0.99);
    middles.push_back(0.45 + 0.1 * (i % 2));
  }
  CHECK(outcomes_figure({{horizon(7, even(20)), horizon(14, ends)}}).title ==
        "Too sure of itself, 14 days ahead: only 0 of 30 outcomes lie within the 80 % interval");
  CHECK(outcomes_figure({{horizon(1, middles)}}).title ==
        "Too cautious, 1 day ahead: 30 of 30 outcomes lie within the 80 % interval");
  CHECK(outcomes_figure({{horizon(7, even(5))}}).title ==
        "5 of 5 outcomes lie within their 80 % intervals: too few to judge by");
  CHECK(outcomes_figure({{horizon(7, even(5))}}, {.language = Language::finnish, .locale = {}, .currency = {}}).title ==
        "5/5 tulemaa on 80 %:n välinsä sisällä: liian vähän päätelmään");

  CHECK(pit_figure({{horizon(7, even(40))}}).title ==
        "The outcomes fall all over their forecasts, as far as 40 of them can tell");
  CHECK(pit_figure({{horizon(14, ends)}}).title ==
        "Outcomes fall to the ends of the forecasts too often: they are too narrow, 14 days ahead");
  CHECK(pit_figure({{horizon(14, middles)}}).title ==
        "Outcomes fall into the middle of the forecasts too often: they are too wide, 14 days ahead");
  CHECK(pit_figure({{horizon(7, std::vector<double>(20, 0.95))}}).title ==
        "Outcomes come higher than forecast, 7 days ahead");
  CHECK(pit_figure({{horizon(7, std::vector<double>(20, 0.05))}}).title ==
        "Outcomes come lower than forecast, 7 days ahead");

  CHECK(coverage_figure({{horizon(7, even(40))}}).title ==
        "At every level the intervals hold as many outcomes as they promise, within chance");
  CHECK(coverage_figure({{horizon(14, ends)}}).title ==
        "Intervals are too narrow, 14 days ahead: those of 80 % hold 0\u00A0% of the outcomes");
  CHECK(coverage_figure({{horizon(14, middles)}}).title ==
        "Intervals are too wide, 14 days ahead: those of 80 % hold 100\u00A0% of the outcomes");
}

TEST_CASE("a bin or level or two beyond its limits is called no more than chance") {
  // Six of twelve in one fifth: P(X >= 6) = 0.019 of a binomial number of 12 and 0.2, once in fifty such bins.
  std::vector<double> uneven{0.1, 0.3, 0.3, 0.5, 0.5, 0.95};
  uneven.insert(uneven.end(), 6, 0.7);
  CHECK(pit_figure({{horizon(28, uneven)}}).title ==
        "The 12 outcomes fall over their forecasts as chance would have it: 1 of 5 bins outside its 95 % limits");
  // Nine of ten within 50 %: P(X >= 9) = 0.011 of a binomial number of 10 and 0.5; the other levels hold what they may.
  const std::vector<double> close{0.5, 0.46, 0.54, 0.42, 0.58, 0.36, 0.31, 0.26, 0.74, 0.05};
  const Figure levels = coverage_figure({{horizon(28, close)}});
  CHECK(levels.title ==
        "The intervals hold about as many outcomes as they promise: 1 of 10 levels outside the 95 % limits of chance");
}

TEST_CASE("limits of chance are the central 95 % of the binomial distribution") {
  for (const int count : {1, 4, 13, 29, 30, 120}) {
    const Backtest backtest{{horizon(7, even(count))}};
    const Figure places = pit_figure(backtest);
    const int bins = count < 30 ? 5 : 10;
    REQUIRE(places.table.rows.size() == static_cast<std::size_t>(bins));
    double sum = 0;
    for (const auto& row : places.table.rows) {
      const auto [low, high] = binomial_range(count, 1.0 / bins);
      CHECK(row[5].number == low);
      CHECK(row[6].number == high);
      sum += *row[3].number;
    }
    CHECK(sum == count);

    const Figure levels = coverage_figure(backtest);
    REQUIRE(levels.table.rows.size() == 10);
    const json shown = json::parse(levels.specification);
    for (std::size_t i = 0; i < 10; ++i) {
      const auto& row = levels.table.rows[i];
      const auto [low, high] = binomial_range(count, *row[1].number);
      CHECK(*row[5].number == Approx(static_cast<double>(low) / count));
      CHECK(*row[6].number == Approx(static_cast<double>(high) / count));
      CHECK(data_set(shown, "levels")[i]["observed"] == *row[4].number);
    }
    CHECK(levels.table.rows[7][4].number == backtest.horizons[0].coverage80.share);
  }
}

TEST_CASE("skill shows each baseline and horizon with its p-value, and bars that may be luck are hollow") {
  Backtest backtest{{horizon(7, even(20)), horizon(28, even(15))}};
  backtest.horizons[0].baselines[1].test =
      DieboldMariano{.mean_difference = -1, .statistic = -3, .p_value = 0.01, .count = 20};
  backtest.horizons[0].baselines[2].test =
      DieboldMariano{.mean_difference = -1, .statistic = -1, .p_value = 0.3, .count = 20};
  backtest.horizons[1].baselines[0].skill = std::numeric_limits<double>::quiet_NaN();
  backtest.horizons[1].baselines[3].skill = -4;
  const Figure figure = skill_figure(backtest);
  CHECK(figure.title == "The forecast errs less than simple methods in 6 of 7 comparisons, beyond luck in 1");
  REQUIRE(figure.table.rows.size() == 8);
  CHECK(figure.table.rows[2][0].text == "Pipeline weighted by stage");
  CHECK(figure.table.rows[2][7].number == 0.01);
  CHECK_FALSE(figure.table.rows[1][6].number.has_value());
  CHECK(figure.table.rows[7][6].number == -4);
  const json shown = json::parse(figure.specification);
  const json& rows = data_set(shown, "rows");
  CHECK(rows[2]["solid"] == true);
  CHECK(rows[4]["solid"] == false);
  CHECK(rows[0]["solid"] == false);
  CHECK(rows[7]["value"] == -1);
  CHECK(rows[7]["text"] == "-400\u00A0%");
  CHECK(rows[1]["text"] == "–");

  backtest.horizons[0].baselines[0] = {
      .mae = 5,
      .crps = 5,
      .skill = -1,
      .test = DieboldMariano{.mean_difference = 5, .statistic = 3, .p_value = 0.001, .count = 20}};
  CHECK(skill_figure(backtest).title ==
        "The forecast errs less than simple methods in 5 of 7 comparisons, beyond luck in 1; in 1 it errs more beyond "
        "luck");
}

TEST_CASE("a backtest without origins draws nothing") {
  HorizonRecord empty{};
  empty.days = 28;
  for (const Backtest& backtest : {Backtest{}, Backtest{{empty}}}) {
    const PageSection section = backtest_section(backtest);
    REQUIRE(section.figures.size() == 4);
    for (const Figure& figure : section.figures) {
      CHECK(figure.title == "No past forecast can be compared yet");
      CHECK(figure.specification.empty());
      CHECK(figure.table.rows.empty());
    }
  }
  CHECK_THROWS_AS(pit_figure({}, {.language = Language::english, .locale = "xx", .currency = {}}), InvalidArgument);
}

TEST_CASE("a long backtest shows its last origins and six horizons, and says so") {
  Backtest backtest;
  for (int days = 1; days <= 9; ++days) backtest.horizons.push_back(horizon(days, even(500)));
  const Figure figure = outcomes_figure(backtest);
  CHECK(figure.table.rows.size() == 6 * 33);
  CHECK(figure.table.rows.back()[1].number ==
        static_cast<double>(backtest.horizons[0].origins.back().as_of.time_since_epoch().count()));
  CHECK(figure.computed.find("Shown are 6 of 9 horizons.") != std::string::npos);
  CHECK(figure.computed.find("Shown are the last 33 forecasts of each horizon; counts are of all.") !=
        std::string::npos);
  for (const Figure& each : backtest_section(backtest).figures) CHECK(each.table.rows.size() <= 200);
}
