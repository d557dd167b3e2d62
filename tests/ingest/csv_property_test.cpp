// Random tables, written in any of the ways programs write CSV, and random rubbish.

#include <putki/core/random.hpp>

#include <catch2/catch.hpp>

#include "ingest/csv_support.hpp"

using namespace putki;
using namespace putki_test;
using namespace std::chrono;

namespace {

struct Style {
  char separator;
  std::string line_end;
  std::uint64_t quoting;  // one in that many fields is quoted without need; 1: all
};

std::string written(const std::string& field, const Style& style, RandomStream& random) {
  const std::string special = std::string("\"\r\n") + style.separator;
  bool quote = random.below(style.quoting) == 0 || field.find_first_of(special) != std::string::npos;
  if (!field.empty() && (field.front() == ' ' || field.front() == '"')) quote = true;
  if (!quote) return field;
  std::string text = "\"";
  for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string random_text(RandomStream& random) {
  static const std::vector<std::string> pieces = {
      "a",   "B", "7", " ", ",", ";", "\t", "|", "\"", "\"\"", "\n", "\r", "'", "\\", "ü", "€", "\xf0\x9f\x98\x80",
      "NULL"};
  std::string text;
  for (auto length = random.below(12); length > 0; --length) text += pieces[random.below(pieces.size())];
  return text;
}

// Without blanks around, as the reader hands it over.
std::string stripped(const std::string& text) {
  const std::string blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Counts data rows with the plainest reading of the quoting rules: blank lines are none.
std::uint64_t plain_row_count(const std::string& text, char separator, char line_end) {
  std::uint64_t rows = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    bool blank = true, at_start = true, quoted = false, one_field = true;
    for (; i < text.size(); ++i) {
      const char c = text[i];
      if (quoted) {
        if (c != '"') continue;
        if (i + 1 < text.size() && text[i + 1] == '"') {
          ++i;
          continue;
        }
        quoted = false;
        continue;
      }
      if (c == line_end) break;
      if (c == separator) {
        at_start = true;
        one_field = false;
        continue;
      }
      if (c == '"' && at_start) quoted = true;
      if (static_cast<unsigned char>(c) > ' ') blank = false;
      if (c != ' ') at_start = false;
    }
    ++i;
    rows += !(blank && one_field);
  }
  return rows - 1;
}

}  // namespace

TEST_CASE("random tables come back as they were written, in any style") {
  for (std::uint64_t round = 0; round < 300; ++round) {
    RandomStream random(51, round);
    const Style style{",;\t|" [random.below(4)], std::vector<std::string> { "\n", "\r\n", "\r" }[random.below(3)],
                      std::vector<std::uint64_t>{1, 2, 1000}[random.below(3)]};
    const std::size_t row_count = random.below(round % 20 == 0 ? 3000 : 30);
    std::string text = random.below(2) ? "\xef\xbb\xbf" : "";
    const std::vector<std::string> header = {"id", "stage", "at", "amount", "close", "owner", "more, and; more|"};
    const auto write_row = [&](const std::vector<std::string>& fields) {
      for (std::size_t f = 0; f < fields.size(); ++f) {
        if (f > 0) text += style.separator;
        text += written(fields[f], style, random);
      }
      text += style.line_end;
    };
    write_row(header);
    struct Row {
      std::string id, owner;
      StageId stage;
      Timestamp time;
      Money amount;
    };
    std::vector<Row> rows;
    for (std::size_t r = 0; r < row_count; ++r) {
      if (random.below(10) == 0) text += style.line_end;
      Row row{std::to_string(r) + "_" + random_text(random) + "x", random_text(random),
              static_cast<StageId>(random.below(4)), Day{2012y / 1 / 13} + milliseconds(random.below(100'000'000)),
              random.below(3) ? Money{static_cast<std::int64_t>(random.below(1'000'000))} : kNoAmount};
      const std::string amount = row.amount == kNoAmount ? ""
                                                         : std::to_string(row.amount.minor / 100) + "." +
                                                               std::to_string(row.amount.minor % 100 + 100).substr(1);
      write_row({row.id, std::vector<std::string>{"Lead", "Offer", "Won", "Lost"}[index(row.stage)],
                 to_string(row.time), amount, "", row.owner, random_text(random)});
      rows.push_back(row);
    }
    if (random.below(2)) text.resize(text.size() - style.line_end.size());
    const ReadLog read = parse_csv(text, history_definition());
    REQUIRE(read.report.rows_read() == row_count);
    REQUIRE(read.report.rows_used() == row_count);
    REQUIRE(read.log.deal_count() == row_count);
    const Attribute& owner = read.log.attribute("owner");
    for (std::size_t r = 0; r < row_count; ++r) {
      REQUIRE(read.log.deal_name(static_cast<DealId>(r)) == stripped(rows[r].id));
      REQUIRE(owner.values[owner.codes[r]] == stripped(rows[r].owner));
      REQUIRE(read.log.stages()[r] == rows[r].stage);
      REQUIRE(read.log.times()[r] == rows[r].time);
      REQUIRE(read.log.amounts()[r] == rows[r].amount);
    }
  }
}

TEST_CASE("rubbish of every kind is read or refused; no row is lost") {
  const std::vector<PipelineDefinition> definitions = {
      plain_definition(), history_definition(), history_definition("{}", "CET-1CEST,M3.5.0,M10.5.0/3"),
      definition_of(
          R"("shape": "deals", "columns": {"deal": "id", "stage": "stage", "created": "at", "closed": "close", "amount": "amount"})"),
      definition_of(
          R"("shape": "stage_dates", "columns": {"deal": "id", "stage_dates": {"Lead": "at", "Won": "close"}, "amount": "amount"}, "reopened": "keep")")};
  const std::vector<std::string> pieces = {
      "D1",         "D2",         "Lead",       "Offer",      "Won",
      "Lost",       "Note",       "x",          "2012-01-13", "2012-01-13T08:15:30.123Z",
      "13/01/2012", "1/13/2012",  "13.1.2012",  "1326442530", "1326442530123",
      "9999-12-31", "0000-01-01", "1969-12-31", "5",          "5.5",
      "1.234",      "-3",         "inf",        "1e99",       "NULL",
      "",           "",           " ",          "\"",         "\"\"",
      "\xff",       "\xc3",       "ü",          "\r",         "\n",
      ",",          ";",          "(5)",        "$"};
  std::uint64_t read_well = 0;
  for (std::uint64_t round = 0; round < 3000; ++round) {
    RandomStream random(61, round);
    const PipelineDefinition& definition = definitions[random.below(definitions.size())];
    std::string text = kHistoryHeader;
    for (auto n = random.below(40); n > 0; --n) {
      if (random.below(3) == 0) {
        for (int f = 0; f < 6; ++f) text += (f ? "," : "") + pieces[random.below(27)];
      } else {
        for (auto k = random.below(12); k > 0; --k)
          text += pieces[random.below(pieces.size())] + (random.below(2) ? "," : "");
      }
      text += random.below(9) == 0 ? "" : "\n";
    }
    for (auto n = random.below(4); n > 0 && random.below(3) == 0; --n) {
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    }
    try {
      const ReadLog read = parse_csv(text, definition);
      REQUIRE(read.report.adds_up());
      if (text.substr(0, 31) == kHistoryHeader) REQUIRE(read.report.rows_read() == plain_row_count(text, ',', '\n'));
      ++read_well;
    } catch (const Error& error) {
      REQUIRE(std::string(error.what()).find('\n') == std::string::npos);
    }
  }
  CHECK(read_well > 1000);
}

TEST_CASE("random bytes never crash the reader") {
  for (std::uint64_t round = 0; round < 2000; ++round) {
    RandomStream random(71, round);
    std::string text = random.below(2) ? "id,stage,at\n" : "";
    const std::uint64_t low = random.below(3) == 0 ? 0 : 1;
    for (auto n = random.below(300); n > 0; --n) text += static_cast<char>(low + random.below(256 - low));
    try {
      const ReadLog read = parse_csv(text, plain_definition());
      REQUIRE(read.report.adds_up());
    } catch (const Error&) {
    }
  }
}
