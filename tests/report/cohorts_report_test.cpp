#include <putki/report/cohorts_report.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace putki;
using std::chrono::hours;

namespace {

StageGraph leads() {
  return StageGraph::linear(std::vector<std::string>{"Lead"}, "Won", {"Lost"});
}

// Every third of January's 31 days a deal is won after 10 days and one lost after 5; February's are still open.
AsOf leads_view() {
  std::vector<test::DealHistory> histories;
  for (int day = 0; day < 50; ++day) {
    test::DealHistory deal{.name = "deal " + std::to_string(day), .region = "", .changes = {}};
    deal.changes.push_back({test::kFirstInstant + Days{day} + hours{9}, StageId{0}, Money::from_units(1e6)});
    if (day < 31 && day % 3 == 0) deal.changes.push_back({test::kFirstInstant + Days{day + 10} + hours{9}, StageId{1}});
    if (day < 31 && day % 3 == 1) deal.changes.push_back({test::kFirstInstant + Days{day + 5} + hours{9}, StageId{2}});
    histories.push_back(deal);
  }
  return AsOf(test::build_log(leads(), histories), test::kFirstInstant + Days{95});
}

std::string table(const Cohorts& cohorts) {
  std::ostringstream out;
  write_tables(out, cohorts);
  return out.str();
}

std::size_t widest(const std::string& text) {
  std::size_t width = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) width = std::max(width, line.size());
  return width;
}

}  // namespace

TEST_CASE("Tables of cohorts show what was seen, and leave blank what was not") {
  const std::string text = table(cohorts(leads_view(), {.unit = PeriodUnit::month}));
  CHECK(text.find("Percent of deals won by age") != std::string::npos);
  // 11 of the 31 deals of January were won, all within 30 days
  CHECK(text.find("2012-01     31  35.5   35.5") != std::string::npos);
  CHECK(text.find("2012-02     19   0.0    0.0+") != std::string::npos);
  CHECK(text.find("by value, of 50 deals with a known amount (not known: 0)") != std::string::npos);
  CHECK(widest(text) <= 80);
  for (const PeriodUnit unit : {PeriodUnit::week, PeriodUnit::quarter})
    CHECK(widest(table(cohorts(leads_view(), {.unit = unit}))) <= 80);
}

TEST_CASE("Cohorts as JSON have every figure, null where nothing is known") {
  const auto json = nlohmann::json::parse(to_json(cohorts(leads_view(), {.unit = PeriodUnit::month})));
  CHECK(json["unit"] == "month");
  CHECK(json["ages"] == nlohmann::json({30, 60}));
  CHECK(json["horizon"] == 60);
  REQUIRE(json["cohorts"].size() == 4);
  const auto& january = json["cohorts"][0];
  CHECK(january["begin"] == "2012-01-01");
  CHECK(january["deals"] == 31);
  CHECK(january["cells"][0]["won"] == 11);
  CHECK(january["cells"][0]["ended"] == 21);
  CHECK(january["cells"][0]["won_share"]["share"].get<double>() == Approx(11.0 / 31));
  CHECK(january["cells"][0]["won_value"] == 11e6);
  CHECK(january["mature"] == true);
  CHECK(january["count"]["expected"] == 11.0);
  const auto& february = json["cohorts"][1];
  CHECK(february["cells"][1]["seen"] == "part");
  CHECK(february["cells"][1]["won_share"].is_null());
}

TEST_CASE("Too little history, or none, is said in one line") {
  CHECK(table(cohorts(AsOf::end_of(EventLog(leads())))) == "No deals, no cohorts.\n");
  const Cohorts young = cohorts(leads_view().at(test::kFirstInstant + Days{3}));
  CHECK(table(young) == "No week of deals has been followed long enough to be compared yet.\n");
  CHECK(nlohmann::json::parse(to_json(young))["cohorts"][0]["count"].is_null());
}
