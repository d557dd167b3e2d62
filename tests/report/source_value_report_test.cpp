#include <putki/report/source_value_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <limits>
#include <sstream>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

SourceValue source(const std::string& name, double lead_value, double half_width, double all) {
  SourceValue one;
  one.source = name;
  one.leads = 1200;
  one.won_by_age = 0.25;
  one.won_by_age_limits = {0.2, 0.3};
  one.win_rate = 0.3;
  one.win_rate_error = 0.01;
  one.sale = 0.5 * lead_value / 0.3;
  one.customers = 300;
  one.repeat_buyers = 150;
  one.alive = 60;
  one.later = one.sale;
  one.later_limits = {0.9 * one.later, 1.1 * one.later};
  one.lead_value = lead_value;
  one.lead_value_limits = {lead_value - half_width, lead_value + half_width};
  one.difference = lead_value - all;
  return one;
}

SourceValues sources(double scale = 1) {
  SourceValues values;
  values.by = "source";
  values.as_of = Day{std::chrono::year{2024} / 6 / 28};
  values.annual_discount = 0.15;
  values.by_days = 90;
  values.pooled_customers = 100;
  values.all = source("", 1000 * scale, 10 * scale, 1000 * scale);
  values.sources = {source("friends of the house", 2000 * scale, 100 * scale, 1000 * scale),
                    source("", 600 * scale, 100 * scale, 1000 * scale)};
  values.sources[1].later_of_everybody = true;
  return values;
}

std::string flat(const SourceValues& values) {
  std::ostringstream out;
  write_tables(out, values);
  std::string text = out.str();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

TEST_CASE("the value of sources begins with which is best, and says when none surely is") {
  CHECK_THAT(flat(sources()), Catch::Matchers::StartsWith(
                                  "Leads of friends of th… are worth most, 2,000 each, those of unknown least, 600; on "
                                  "average 1,000. Revenue on the day of winning, discounted at 15 % a year; as known "
                                  "on 2024-06-28. "));
  SourceValues unsure = sources();
  unsure.sources[0].lead_value_limits.lower = 650;
  unsure.pooled_customers = std::numeric_limits<double>::infinity();
  CHECK_THAT(flat(unsure),
             Catch::Matchers::StartsWith(
                 "No source has leads that are surely worth more than another's: from 600 (unknown) to 2,000 (friends "
                 "of th…), on average 1,000. How long customers stay shows no difference between them that would "
                 "last."));
  SourceValues one = sources();
  one.sources.pop_back();
  CHECK_THAT(flat(one), Contains("There is one source, friends of th…; a lead of it is worth 2,000."));
  SourceValues none = sources();
  none.sources.clear();
  CHECK_THAT(flat(none), Contains("No source is known."));
}

TEST_CASE("tables of sources show what a lead is made of and who stays, within 80 columns") {
  std::ostringstream plain;
  write_tables(plain, sources());
  CHECK_THAT(plain.str(), Contains("1,200   30.0  3,333   3,333  2,000  1,900-2,100    +1,000\n") &&
                              Contains("25 (20-30)        300     50    20\n") &&
                              Contains("*: no customers of its own"));
  for (const double scale : {1e-4, 1.0, 1e6, 1e13})
    for (const bool contracts : {false, true}) {
      SourceValues values = sources(scale);
      if (contracts) {
        values.all.year = YearRetention{.periods = 12, .expected = 0.8, .limits = {0.75, 0.85}};
        for (SourceValue& one : values.sources) one.year = values.all.year;
        values.sources[0].year->observed = 0.5;
        values.sources[0].year->observed_limits = {0.4, 0.6};
      }
      std::ostringstream out;
      write_tables(out, values);
      if (contracts)
        CHECK_THAT(out.str(), Contains("80 (75-85)  50 (40-60)\n") && Contains("80 (75-85)           -\n"));
      std::istringstream lines(out.str());
      for (std::string line; std::getline(lines, line);) {
        INFO(line);
        CHECK(line.size() <= 82);
      }
    }
}

TEST_CASE("the JSON of sources has the documented keys") {
  SourceValues values = sources();
  values.sources[0].year = YearRetention{.periods = 12, .expected = 0.8, .limits = {0.75, 0.85}};
  const auto json = nlohmann::json::parse(to_json(values));
  CHECK(json["by"] == "source");
  CHECK(json["by_days"] == 90.0);
  CHECK(json["pooled_customers"] == 100.0);
  CHECK(json["all"]["lead_value"]["value"] == 1000.0);
  const auto& best = json["sources"][0];
  CHECK(best["source"] == "friends of the house");
  CHECK(best["won_by_age"]["upper"] == 0.3);
  CHECK(best["repeat_share"] == 0.5);
  CHECK(best["alive_share"] == 0.2);
  CHECK(best["year"]["expected"] == 0.8);
  CHECK(best["year"]["observed"].is_null());
  CHECK(best["difference"] == 1000.0);
  CHECK(json["sources"][1]["year"].is_null());
  CHECK(json["sources"][1]["later_of_everybody"] == true);
  values.pooled_customers = std::numeric_limits<double>::infinity();
  values.sources[0].won_by_age.reset();
  const auto alike = nlohmann::json::parse(to_json(values));
  CHECK(alike["pooled_customers"].is_null());
  CHECK(alike["sources"][0]["won_by_age"].is_null());
}
