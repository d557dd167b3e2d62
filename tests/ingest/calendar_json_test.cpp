#include <putki/core/holidays.hpp>
#include <putki/ingest/pipeline_definition.hpp>

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>
#include <random>

using namespace putki;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using nlohmann::json;

namespace {

PipelineDefinition definition_with(const std::string& calendar) {
  return parse_pipeline_definition(R"({"stages": [{"name": "Lead"}, {"name": "Won", "kind": "won"}],
      "columns": {"deal": "id", "stage": "stage", "time": "at"}, "calendar": )" +
                                       calendar + "}",
                                   "p.json");
}

BusinessCalendar calendar(const std::string& stated) {
  return definition_with(stated).calendar.value();
}

std::string complaint(const std::string& calendar) {
  try {
    definition_with(calendar);
  } catch (const DefinitionError& error) {
    CHECK_THAT(error.what(), StartsWith("p.json: calendar"));
    return error.what();
  }
  return "accepted";
}

// What to_json says of a calendar, which must be read back as the same.
json written(const BusinessCalendar& given) {
  PipelineDefinition definition = definition_with("{}");
  definition.calendar = given;
  const std::string text = to_json(definition);
  CHECK(parse_pipeline_definition(text) == definition);
  CHECK(to_json(parse_pipeline_definition(text)) == text);
  return json::parse(text).at("calendar");
}

}  // namespace

TEST_CASE("a calendar is its weekend, its country's holidays and the days listed") {
  CHECK(calendar("{}") == BusinessCalendar::weekdays());
  CHECK(calendar(R"({"weekend": []})") == BusinessCalendar());
  CHECK(calendar(R"({"weekend": ["Sunday"]})") == BusinessCalendar(std::bitset<7>{0b1000000}, {}));
  CHECK(calendar(R"({"weekend": ["Saturday", "Friday", "Friday"]})") ==
        BusinessCalendar(std::bitset<7>{0b0110000}, {}));
  CHECK(calendar(R"({"holidays": ["2012-01-02", " 2011-12-26 ", "2012-01-02"]})") ==
        BusinessCalendar::weekdays({2012y / 1 / 2, 2011y / 12 / 26}));
  for (const std::string_view country : holiday_countries())
    CHECK(calendar(R"({"country": ")" + std::string(country) + R"("})") == business_calendar(country));

  const BusinessCalendar all =
      calendar(R"({"country": "NL", "weekend": ["Sunday"], "holidays": ["2012-01-02", "2099-12-31"]})");
  CHECK(all.is_business_day(2012y / 1 / 7));          // a Saturday
  CHECK_FALSE(all.is_business_day(2012y / 1 / 2));    // listed
  CHECK_FALSE(all.is_business_day(2099y / 12 / 31));  // listed
  CHECK_FALSE(all.is_business_day(2012y / 4 / 30));   // Queen's Day
  CHECK_FALSE(all.is_business_day(2012y / 4 / 8));    // Easter Sunday
  CHECK(all.is_business_day(2012y / 4 / 10));
}

TEST_CASE("without a calendar none is stated") {
  const std::string text = R"({"stages": [{"name": "Lead"}, {"name": "Won", "kind": "won"}],
      "columns": {"deal": "id", "stage": "stage", "time": "at"}})";
  CHECK_FALSE(parse_pipeline_definition(text).calendar.has_value());
  CHECK_FALSE(json::parse(to_json(parse_pipeline_definition(text))).contains("calendar"));
  CHECK_FALSE(parse_pipeline_definition(text) == definition_with(R"({"weekend": []})"));
}

TEST_CASE("a calendar is written by the country that explains it and read back the same") {
  CHECK(written(BusinessCalendar()) == json::parse(R"({"weekend": []})"));
  CHECK(written(BusinessCalendar::weekdays()) == json::parse(R"({"weekend": ["Saturday", "Sunday"]})"));
  for (const std::string_view country : holiday_countries())
    CHECK(written(business_calendar(country)) == json({{"country", country}, {"weekend", {"Saturday", "Sunday"}}}));
  const std::string both = R"({"country": "NL", "weekend": ["Friday", "Sunday"], "holidays": ["2012-01-02"]})";
  CHECK(written(calendar(both)) == json::parse(both));
  // A few years of a country are stated by their days: the other years are worked.
  CHECK(written(business_calendar("NL", 2012, 2012)) == json::parse(R"({"weekend": ["Saturday", "Sunday"],
                        "holidays": ["2012-04-09", "2012-04-30", "2012-05-17", "2012-05-28", "2012-12-25",
                                     "2012-12-26"]})"));
}

TEST_CASE("random calendars are read back the same") {
  std::mt19937_64 bits(8);
  for (int round = 0; round < 20; ++round) {
    std::vector<Day> holidays;
    for (std::uint64_t n = bits() % 300; n > 0; --n) holidays.push_back(Day{} + Days{bits() % 47'000});
    written(BusinessCalendar(std::bitset<7>(bits() % 127), holidays));
  }
}

TEST_CASE("what is no calendar is refused with its place and what is allowed") {
  CHECK_THAT(complaint("[]"), Contains("calendar is an array; an object is needed"));
  CHECK_THAT(complaint(R"("NL")"), Contains("calendar is \"NL\"; an object is needed"));
  CHECK_THAT(complaint(R"({"land": "NL"})"), Contains("has the key \"land\"; allowed are \"country\""));
  CHECK_THAT(complaint(R"({"country": "XX"})"), Contains("calendar.country is \"XX\"; allowed are \"DE\", \"DK\""));
  CHECK_THAT(complaint(R"({"country": "nl"})"), Contains("did you mean \"NL\"?"));
  CHECK_THAT(complaint(R"({"country": 31})"), Contains("calendar.country is the number 31"));
  CHECK_THAT(complaint(R"({"weekend": "Sunday"})"), Contains("calendar.weekend is \"Sunday\"; an array is needed"));
  CHECK_THAT(complaint(R"({"weekend": ["Saturday", "Sundae"]})"),
             Contains("calendar.weekend[1] is \"Sundae\"") && Contains("did you mean \"Sunday\"?"));
  CHECK_THAT(
      complaint(R"({"weekend": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]})"),
      Contains("calendar.weekend has all seven weekdays; at least one must be worked"));
  CHECK_THAT(complaint(R"({"holidays": ["2012-01-02", "2011-02-29"]})"),
             Contains("calendar.holidays[1] is \"2011-02-29\"; a day as \"YYYY-MM-DD\" is needed"));
  CHECK_THAT(complaint(R"({"holidays": ["25.12.2012"]})"), Contains("YYYY-MM-DD"));
  CHECK_THAT(complaint(R"({"holidays": [20121225]})"), Contains("calendar.holidays[0] is the number 20121225"));
  CHECK_THAT(complaint(R"({"holidays": ["2100-01-01"]})"), Contains("days of 1970 to 2099 are allowed"));
  CHECK_THAT(complaint(R"({"holidays": ["1969-12-31"]})"), Contains("1970 to 2099"));
  CHECK_THAT(complaint("null"), Contains("calendar is null"));
}

TEST_CASE("a calendar without a business day is not written") {
  PipelineDefinition definition = definition_with("{}");
  definition.calendar = BusinessCalendar(std::bitset<7>{}.set(), {});
  CHECK_THROWS_WITH(to_json(definition), Contains("at least one must be worked"));
}

TEST_CASE("the bundled loan pipeline rests on Dutch holidays") {
  for (const char* name : {"bpic2012_offers.json", "bpic2012_applications.json"}) {
    const auto definition = read_pipeline_definition(std::string(PUTKI_SOURCE_DIR "/examples/data/") + name);
    CHECK(definition.calendar == business_calendar("NL"));
  }
}
