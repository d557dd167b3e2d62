#include <putki/report/lead_value_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

const StageGraph kStages = StageGraph::Builder()
                               .stage("Proposal sent to all")
                               .stage("Won", StageKind::won)
                               .stage("Lost", StageKind::lost)
                               .build();

LeadValues three_leads(double scale = 1) {
  LeadValues values{.as_of = Day{std::chrono::year{2024} / 6 / 28},
                    .horizon_days = 90,
                    .annual_discount = 0.1,
                    .margin = {},
                    .leads = {}};
  const auto lead = [&](const char* name, const char* segment, double sale, double later, std::size_t by_size) {
    LeadValue one{.name = name, .stage = StageId{0}};
    one.segment = segment;
    one.valued_as = segment;
    one.amount = sale * scale;
    one.chance_within = 0.25;
    one.chance_ever = 0.5;
    one.days_to_win = 40;
    one.size = one.sale = sale * scale;
    one.later = later * scale;
    one.value_of_sale = 0.5 * one.sale;
    one.value_of_later = 0.5 * one.later;
    one.rank_by_size = by_size;
    one.rank_by_value = values.leads.size() + 1;
    values.leads.push_back(one);
  };
  lead("a small deal of \"friends\"", "friends of the house", 1000, 9000, 3);
  lead("large", "fair", 5000, 1000, 1);
  lead("b", "", 2000, 0, 2);
  values.leads.back().days_to_win.reset();
  values.leads.back().amount.reset();
  return values;
}

}  // namespace

TEST_CASE("ranked leads begin with the finding and show both ranks") {
  std::ostringstream out;
  write_tables(out, three_leads(), kStages, 1);
  std::string flat = out.str();
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  // (1000 + 9000 + 5000 + 1000 + 2000) / 2, of which 5000 later.
  CHECK_THAT(flat, Catch::Matchers::StartsWith(
                       "Won sooner or later, the 3 open deals are worth 9,000, of which 56 % is bought after the sale; "
                       "1 of the 1 most valuable is not among the 1 largest. Revenue worth on 2024-06-28, discounted "
                       "at 10 % a year from the day of winning. "));
  CHECK_THAT(out.str(), Contains("1     3  a small deal …  friends o…  50 %    40  1,000  9,000  5,000\n"));
  CHECK(out.str().find("large ") == std::string::npos);

  LeadValues none = three_leads();
  none.leads.clear();
  std::ostringstream empty;
  write_tables(empty, none, kStages);
  CHECK(empty.str() == "No deal is open on 2024-06-28.\n");

  LeadValues without = three_leads();
  for (LeadValue& lead : without.leads) lead.segment.clear();
  std::ostringstream stages;
  write_tables(stages, without, kStages);
  CHECK_THAT(stages.str(), Contains("Stage") && Contains("Proposal …") && Contains("  -  2,000"));
}

TEST_CASE("ranked leads fit 80 columns at any scale") {
  for (const double scale : {1e-6, 1.0, 1e7, 1e15}) {
    std::ostringstream out;
    write_tables(out, three_leads(scale), kStages);
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(line.size() <= 84);  // some characters have three bytes
    }
  }
}

TEST_CASE("the JSON of ranked leads has the documented keys") {
  const auto json = nlohmann::json::parse(to_json(three_leads(), kStages));
  CHECK(json["value"] == 9000.0);
  CHECK(json["value_of_later"] == 5000.0);
  CHECK(json["value_is"] == "revenue");
  REQUIRE(json["leads"].size() == 3);
  const auto& lead = json["leads"][0];
  CHECK(lead["deal"] == "a small deal of \"friends\"");
  CHECK(lead["stage"] == "Proposal sent to all");
  CHECK(lead["chance_within"] == 0.25);
  CHECK(lead["value"] == 5000.0);
  CHECK(lead["rank_by_size"] == 3);
  CHECK(lead["rank_by_value"] == 1);
  CHECK(lead["valued_as"] == "friends of the house");
  CHECK(json["leads"][2]["valued_as"].is_null());
  CHECK(json["leads"][2]["amount"].is_null());
  CHECK(json["leads"][2]["days_to_win"].is_null());
}
