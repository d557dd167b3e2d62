#include <putki/events/as_of.hpp>

#include <catch2/catch.hpp>

#include "ingest/csv_support.hpp"

using namespace putki;
using namespace putki_test;
using namespace std::chrono;
using namespace std::string_literals;

namespace {

PipelineDefinition deals_definition(const std::string& more_columns = R"(, "amount": "amount")",
                                    const std::string& more = "") {
  return definition_of(
      R"("shape": "deals", "columns": {"deal": "id", "stage": "stage", "created": "created", "closed": "closed")" +
      more_columns + "}" + more);
}

PipelineDefinition dates_definition(const std::string& more = "") {
  return definition_of(
      R"("shape": "stage_dates", "columns": {"deal": "id", "amount": "amount", "expected_close": "close",
      "stage_dates": {"Lead": "lead", "Offer": "offer", "Won": "won", "Lost": "lost"}})" +
      more);
}

// One deal's events as "stage@time", times shortened to what matters.
std::string story(const ReadLog& read, const std::string& name) {
  const auto deal = read.log.find_deal(name);
  if (!deal) return "none";
  std::string text;
  for (auto i = read.log.offsets()[index(*deal)]; i < read.log.offsets()[index(*deal) + 1]; ++i) {
    const std::string time = to_string(read.log.times()[i]);
    text += (text.empty() ? "" : " ") + read.log.graph().stage(read.log.stages()[i]).name + "@" + time.substr(5, 11);
    if (read.log.amounts()[i] != kNoAmount) text += "=" + std::to_string(read.log.amounts()[i].minor / 100);
  }
  return text;
}

using Rows = std::vector<std::uint64_t>;
Rows rows(const ReadLog& read, DataRule rule) {
  const auto found = read.report.findings().find(rule);
  return found == read.report.findings().end() ? Rows{} : found->second.first_rows;
}

}  // namespace

TEST_CASE("deals: a closed deal is created and closed, its amount is known from the close") {
  const ReadLog read = parse_csv(
      "id,stage,created,closed,amount\n"
      "a,Won,2012-01-13T10:00:00Z,2012-02-13T11:00:00Z,500\n"
      "b,Lost,2012-01-14T10:00:00Z,2012-02-14T11:00:00Z,0\n",
      deals_definition());
  CHECK(story(read, "a") == "Lead@01-13T10:00 Won@02-13T11:00=500");
  CHECK(story(read, "b") == "Lead@01-14T10:00 Lost@02-14T11:00=0");
  CHECK(rows(read, DataRule::zero_amount_at_loss) == Rows{3});
  CHECK(rows(read, DataRule::empty_amount_while_open).empty());
  CHECK(read.report.rows_used() == 2);
  const AsOf before(read.log, Day{2012y / 2 / 1});
  before.for_each_deal([&](DealId deal, std::uint32_t begin, std::uint32_t end) {
    CHECK(before.state_of(deal, begin, end).amount == kNoAmount);
  });
}

TEST_CASE("deals: an open deal stays in the entry stage, and its close date is an expectation") {
  const ReadLog read = parse_csv(
      "id,stage,created,closed,amount\n"
      "a,Offer,2012-01-13,2012-09-01,500\n"
      "b,Lead,2012-01-13,,\n"
      "c,Offer,2012-01-13,someday,7\n",
      deals_definition());
  CHECK(story(read, "a") == "Lead@01-13T00:00=500");
  CHECK(to_day(read.log.expected_closes()[0]) == Day{2012y / 9 / 1});
  CHECK(rows(read, DataRule::undated_stage) == Rows{2, 4});
  CHECK(rows(read, DataRule::empty_amount_while_open) == Rows{3});
  CHECK(rows(read, DataRule::unreadable_close_date) == Rows{4});
  CHECK(read.report.rows_used() == 3);
}

TEST_CASE("deals: with a column for the expected close, that one counts, and only for open deals") {
  const ReadLog read = parse_csv(
      "id,stage,created,closed,due\n"
      "a,Lead,2012-01-13,2012-09-01,2012-08-01\n"
      "b,Won,2012-01-13,2012-09-01,2012-08-01\n",
      deals_definition(R"(, "expected_close": "due")"));
  CHECK(to_day(read.log.expected_closes()[0]) == Day{2012y / 8 / 1});
  CHECK(read.log.expected_closes()[1] == kNoDay);
  CHECK(read.log.expected_closes()[2] == kNoDay);
}

TEST_CASE("deals: each defect sets the row aside under one rule") {
  const ReadLog read = parse_csv(
      "id,stage,created,closed,amount\n"
      ",Won,2012-01-13,2012-02-13,1\n"
      "a,,2012-01-13,2012-02-13,1\n"
      "a,Maybe,2012-01-13,2012-02-13,1\n"
      "a,Note,2012-01-13,2012-02-13,1\n"
      "a,Won,,2012-02-13,1\n"
      "a,Won,2012-01-13,,1\n"
      "a,Won,soon,2012-02-13,1\n"
      "a,Won,2012-01-13,later,1\n"
      "a,Won,2012-01-13,2112-02-13,1\n"
      "a,Won,2012-01-13,2012-01-12,1\n"
      "a,Won,2012-01-13,2012-02-13,1\n"
      "a,Lead,2012-01-13,,1\n",
      deals_definition());
  CHECK(rows(read, DataRule::missing_id) == Rows{2});
  CHECK(rows(read, DataRule::missing_stage) == Rows{3});
  CHECK(rows(read, DataRule::unknown_stage) == Rows{4});
  CHECK(rows(read, DataRule::ignored_stage) == Rows{5});
  CHECK(rows(read, DataRule::missing_time) == Rows{6, 7});
  CHECK(rows(read, DataRule::unreadable_time) == Rows{8, 9});
  CHECK(rows(read, DataRule::time_out_of_range) == Rows{10});
  CHECK(rows(read, DataRule::closed_before_created) == Rows{11});
  CHECK(rows(read, DataRule::duplicate_row) == Rows{13});
  CHECK(read.report.rows_used() == 1);
  CHECK(read.report.adds_up());
}

TEST_CASE("deals: closed on the day of creation, given without a time of day, is no contradiction") {
  const ReadLog read = parse_csv(
      "id,stage,created,closed,amount\n"
      "a,Won,2012-01-13T10:00:00Z,2012-01-13,1\n"
      "b,Won,2012-01-13T10:00:00Z,2012-01-12,1\n",
      deals_definition());
  CHECK(story(read, "a") == "Lead@01-13T10:00 Won@01-13T10:00=1");
  CHECK(rows(read, DataRule::closed_before_created) == Rows{3});
}

TEST_CASE("deals: without a closed column a closed deal has no end to be dated") {
  PipelineDefinition definition = deals_definition();
  definition.columns.closed.clear();
  const ReadLog read = parse_csv("id,stage,created,amount\na,Won,2012-01-13,1\nb,Offer,2012-01-13,1\n", definition);
  CHECK(rows(read, DataRule::missing_time) == Rows{2});
  CHECK(read.report.rows_used() == 1);
}

TEST_CASE("deals: each date column has a format of its own") {
  const ReadLog read = parse_csv("id,stage,created,closed,amount\na,Won,1/13/2012,13.2.2012,1\n", deals_definition());
  CHECK(story(read, "a") == "Lead@01-13T00:00 Won@02-13T00:00=1");
}

TEST_CASE("stage dates: every date is an entry, the amount belongs to the last") {
  const ReadLog read = parse_csv(
      "id,lead,offer,won,lost,amount,close\n"
      "a,2012-01-13,2012-01-20,2012-02-13,,500,2012-03-01\n"
      "b,2012-01-13,2012-01-20,,,300,2012-03-01\n"
      "c,2012-01-13,,,2012-01-14,0,\n"
      "d,,2012-01-15,,,,\n",
      dates_definition());
  CHECK(story(read, "a") == "Lead@01-13T00:00 Offer@01-20T00:00 Won@02-13T00:00=500");
  CHECK(story(read, "b") == "Lead@01-13T00:00 Offer@01-20T00:00=300");
  CHECK(story(read, "c") == "Lead@01-13T00:00 Lost@01-14T00:00=0");
  CHECK(story(read, "d") == "Offer@01-15T00:00");
  CHECK(to_day(read.log.expected_closes()[4]) == Day{2012y / 3 / 1});
  CHECK(read.log.expected_closes()[2] == kNoDay);
  CHECK(rows(read, DataRule::zero_amount_at_loss) == Rows{4});
  CHECK(rows(read, DataRule::empty_amount_while_open) == Rows{5});
  CHECK(read.log.date_only());
}

TEST_CASE("stage dates: steps back are put in order of time, ties in order of stages, ends last") {
  const ReadLog read = parse_csv(
      "id,lead,offer,won,lost,amount,close\n"
      "a,2012-01-20,2012-01-13,,,,\n"
      "b,2012-01-13,2012-01-13,2012-01-13,,,\n",
      dates_definition());
  CHECK(story(read, "a") == "Offer@01-13T00:00 Lead@01-20T00:00");
  CHECK(story(read, "b") == "Lead@01-13T00:00 Offer@01-13T00:00 Won@01-13T00:00");
}

TEST_CASE("stage dates: a date without time of day is not before an earlier stage's time of that day") {
  const ReadLog read = parse_csv(
      "id,lead,offer,won,lost,amount,close\n"
      "a,2012-01-13T10:00:00Z,2012-01-13T12:00:00Z,2012-01-13,,1,\n"
      "b,2012-01-13,2012-01-13T12:00:00Z,,,,\n",
      dates_definition());
  CHECK(story(read, "a") == "Lead@01-13T10:00 Offer@01-13T12:00 Won@01-13T12:00=1");
  CHECK(story(read, "b") == "Lead@01-13T00:00 Offer@01-13T12:00");
}

TEST_CASE("stage dates: what comes after an end contradicts it, or opens the deal again under that policy") {
  const std::string text =
      "id,lead,offer,won,lost,amount,close\n"
      "a,2012-01-13,,2012-01-12,,,\n"
      "b,2012-01-13,2012-01-20,2012-01-15,,,\n"
      "c,2012-01-13,,2012-01-15,2012-01-16,,\n"
      "d,,,,,,\n"
      "e,2012-01-13,soon,,,,\n"
      "f,2012-01-13,,,,,\n"
      "f,2012-01-14,,,,,\n";
  const ReadLog read = parse_csv(text, dates_definition());
  CHECK(rows(read, DataRule::closed_before_created) == Rows{2});
  CHECK(rows(read, DataRule::stage_dates_out_of_order) == Rows{3, 4});
  CHECK(rows(read, DataRule::missing_time) == Rows{5});
  CHECK(rows(read, DataRule::unreadable_time) == Rows{6});
  CHECK(rows(read, DataRule::duplicate_row) == Rows{8});
  CHECK(read.report.rows_used() == 1);
  CHECK(read.report.adds_up());

  const ReadLog kept = parse_csv(text, dates_definition(R"(, "reopened": "keep")"));
  CHECK(rows(kept, DataRule::closed_before_created) == Rows{2});
  CHECK(rows(kept, DataRule::reopened) == Rows{3, 4});
  CHECK(story(kept, "b") == "Lead@01-13T00:00 Won@01-15T00:00 Offer@01-20T00:00");
}

TEST_CASE("stage dates: moves that are not declared are noted, once a row") {
  const ReadLog read = parse_csv(
      "id,lead,offer,won,lost,amount,close\n"
      "a,2012-01-13,2012-01-14,2012-01-15,,1,\n"
      "b,2012-01-13,,2012-01-15,,1,\n",
      dates_definition(R"(, "moves": [["Lead", "Offer"], ["Offer", "Won"], ["Lead", "Lost"]])"));
  CHECK(rows(read, DataRule::undeclared_move) == Rows{3});
}
